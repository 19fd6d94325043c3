import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { disputed } from '../../src/policy/disputed.ts';

const cases = new URL('../cases/', import.meta.url);
const sources = readdirSync(cases, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name) => readFileSync(new URL(name, cases), 'utf8'))
  .join('\n');

test.each(Object.entries(disputed))('disputed point %s has a case: $question', (point) => {
  expect(sources).toMatch(new RegExp(`iam-evaluation ${point.replace('.', '\\.')}(?!\\d)`));
});
