import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/*
 * `npm run test:deep` reaches every property only if each property takes its seed and its number of
 * runs from seed.ts. `npm test` reaches every property only if none is slow.
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

/** The parts of a file that `npm test` leaves out. */
function slowIn(text: string): readonly string[] {
  if (/^\/\/ @module-tag slow$/m.test(text)) return ['the whole file'];
  // A part ends before the next line with the same indent.
  return [...text.matchAll(/^( *)\w.*tags: 'slow'.*$(?:\n(?:\1 .*)?$)*/gm)].map(([block]) => block);
}

test('every property runs in npm test', () => {
  const properties = files.filter(({ text }) => text.includes('fc.assert('));
  expect(properties.length).toBeGreaterThan(10);
  const slow = properties.flatMap(({ name, text }) =>
    slowIn(text)
      .filter((part) => part === 'the whole file' || part.includes('fc.assert('))
      .map((part) => `${name}: ${part.split('\n')[0]}`),
  );
  expect(slow).toEqual([]);
});

test('every property takes the number of its runs from seed.ts', () => {
  const without = files.flatMap(({ name, text }) => {
    const asserted = text.split('fc.assert(').length - 1;
    return asserted > (text.match(/ runs(?:OfEach)?\(\d/g) ?? []).length ? [name] : [];
  });
  expect(without).toEqual([]);
  expect(files.filter(({ text }) => /\bnumRuns\b|\bseed: \d/.test(text)).map(({ name }) => name)).toEqual([]);
});
