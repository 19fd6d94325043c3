import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/*
 * `npm run test:deep` reaches every property only if each property takes its seed and its number of
 * runs from seed.ts.
 */

const folder = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/(?:^|\/)seed\.ts$|seed\.test\.ts$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

test('every property takes its seed from seed.ts', () => {
  expect(files.filter(({ text }) => text.includes('seed.ts')).length).toBeGreaterThan(10);
  expect(files.filter(({ text }) => /^import (?!type )[^;]*'fast-check'/m.test(text)).map(({ name }) => name)).toEqual(
    [],
  );
});

test('every property takes the number of its runs from seed.ts', () => {
  expect(files.filter(({ text }) => /\bnumRuns\b|\bseed: \d/.test(text)).map(({ name }) => name)).toEqual([]);
});
