import { expect, test } from 'vitest';
import { nearestFirst } from '../../src/base/nearest.ts';

test.each([
  ['names that are as near in the order of letters', 'abc', ['abe', 'abd', 'abf'], ['abd', 'abe', 'abf']],
  ['another case before another letter', 'abc', ['abd', 'ABC'], ['ABC', 'abd']],
  ['fewer other cases first', 'abc', ['ABC', 'abC'], ['abC', 'ABC']],
])('%s', (_, wanted, names, sorted) => {
  expect(nearestFirst(wanted, names)).toEqual(sorted);
});
