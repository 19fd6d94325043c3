import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { changed } from '../check-case.ts';

interface Case {
  readonly at: string;
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
}

const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../cases/evidence/identifiers.json', import.meta.url), 'utf8'),
);
const whole = { ...demoEvidence, caller: { Arn: 'arn:aws:iam::111122223333:role/operator' } };

function read(pointer: string, value: unknown): () => unknown {
  return () => parseEvidence('evidence.json', JSON.stringify(changed(whole, { [pointer]: value })));
}

describe.each(cases)('$at', ({ at, accepted, refused }) => {
  const path = at
    .slice(1)
    .replaceAll(/\/(\d)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.');

  test.each(accepted.map((value) => [value]))('may be %j', (value) => {
    expect(read(at, value)).not.toThrow();
  });

  test.each(refused.map((value) => [value]))('may not be %j', (value) => {
    expect(read(at, value)).toThrow(`evidence.json: \`${path}\` is not `);
    expect(read(at, value)).not.toThrow(/\p{Cc}/u);
  });
});
