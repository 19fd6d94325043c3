import { expect, test } from 'vitest';
import { ageText, article, capital, counted, list, someOf, uncapital } from '../../src/base/wording.ts';

test('lists', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((items) => list(items))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect(list(['a', 'b', 'c'], 'or')).toBe('a, b or c');
});

test('a comma ends a clause in a list', () => {
  expect(list(['a, which was not read', 'b'])).toBe('a, which was not read, and b');
  expect(list(['a', 'b, which was not read', 'c'], 'or')).toBe('a, b, which was not read, or c');
  expect(list(['a, which was not read', 'b', 'c'])).toBe('a, which was not read, b and c');
});

test('no list names one thing twice', () => {
  expect(list(['a', 'a'])).toBe('a');
  expect(list(['a', 'b', 'a'])).toBe('a and b');
  expect(someOf(['a', 'a', 'b'], 2)).toBe('a and b');
  expect(someOf(['a', 'b', 'a', 'c', 'd'], 2)).toBe('a, b and 2 more');
});

test('numbers have a noun', () => {
  expect([0, 1, 2].map((count) => counted(count, 'snapshot'))).toEqual(['0 snapshots', '1 snapshot', '2 snapshots']);
});

test('a sentence begins with a capital letter, and a name keeps its case', () => {
  expect(['no policy', 'the key', 'assumed: x', 'RDS calls'].map(capital)).toEqual([
    'No policy',
    'The key',
    'Assumed: x',
    'RDS calls',
  ]);
  const names = [
    'kms:CreateGrant is',
    'role/a cannot',
    'group/a',
    'redshift.amazonaws.com calls',
    'eu-west-1',
    'app_a',
  ];
  expect(names.map(capital)).toEqual(names);
});

test('ages', () => {
  expect([-1, 0.5, 1, 47, 48].map(ageText)).toEqual(['0 minutes', '30 minutes', '1 hour', '47 hours', '2 days']);
});

test('articles', () => {
  expect(['session policy', 'identity policy'].map(article)).toEqual(['a session policy', 'an identity policy']);
});

test('the beginning of a sentence continues another one, and an abbreviation keeps its case', () => {
  expect(['Nobody can', '3 of 4', 'RDS itself', 'AWS Backup'].map(uncapital)).toEqual([
    'nobody can',
    '3 of 4',
    'RDS itself',
    'AWS Backup',
  ]);
});
