import { describe, expect, test } from 'vitest';
import { globOf, globOfParts, hasWildcards, isUniversal, literal, matches } from '../../src/base/glob.ts';
import { fc, runs } from '../properties/seed.ts';

/** A slow glob for comparison: tries every position for every star. */
function naive(pattern: string, text: string): boolean {
  const [sign, rest] = [pattern.charAt(0), pattern.slice(1)];
  if (sign === '') return text === '';
  if (sign === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)));
  return text !== '' && (sign === '?' || sign === text.charAt(0)) && naive(rest, text.slice(1));
}

describe('a glob', () => {
  test.each([
    ['rds:Create*', 'rds:CreateDBCluster', true],
    ['rds:*Snapshot', 'rds:CreateDBClusterSnapshot', true],
    ['a*a', 'a', false],
    ['a??', 'ab', false],
    ['*', '', true],
    ['?', '', false],
    ['', '', true],
    ['.*', 'ab', false],
  ])('%s matches %s: %s', (pattern, text, expected) => {
    expect(matches(globOf(pattern), text)).toBe(expected);
  });

  test('matches what trying every place of every star finds', () => {
    const of = (signs: readonly string[], most: number): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom(...signs), { maxLength: most }).map((found) => found.join(''));
    fc.assert(
      fc.property(
        of(['a', 'b', '*', '?'], 7),
        of(['a', 'b'], 9),
        (pattern, text) => matches(globOf(pattern), text) === naive(pattern, text),
      ),
      runs(2000),
    );
  });

  test('matches long pieces with question marks as short ones', () => {
    const piece = `${'ab'.repeat(20)}?${'c'.repeat(10)}`;
    expect(matches(globOf(`*${piece}*`), `xx${piece.replace('?', 'z')}yy`)).toBe(true);
    expect(matches(globOf(`*${piece}*`), `xx${piece.replace('?', '')}yy`)).toBe(false);
  });

  test('is quick if backtracking would take forever', () => {
    const started = performance.now();
    expect(matches(globOf(`${'*a'.repeat(50)}*b`), 'a'.repeat(10_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });

  test('literal text has no wildcards', () => {
    expect(matches(literal('a*'), 'ab')).toBe(false);
    expect(
      matches(
        globOfParts([
          { text: '*', wildcards: false },
          { text: '*', wildcards: true },
        ]),
        '*b',
      ),
    ).toBe(true);
    expect([globOf('**'), globOf('a*'), literal('*')].map(isUniversal)).toEqual([true, false, false]);
    expect([globOf('a?'), globOf('a*'), globOf('a')].map(hasWildcards)).toEqual([true, true, false]);
  });
});
