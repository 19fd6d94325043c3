import { expect, test } from 'vitest';
import { parameterTable } from '../../src/operations/parameters.ts';

/*
 * The limits of the data type Tag:
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Tag.html
 */

test.each([
  { key: 128, value: 256, taken: true },
  { key: 129, value: 1, taken: false },
  { key: 1, value: 257, taken: false },
  { key: 0, value: 1, taken: false },
])('a tag with a key of $key characters and a value of $value: $taken', ({ key, value, taken }) => {
  const complaint = parameterTable.tag.complaint(`${'k'.repeat(key)}=${'v'.repeat(value)}`);
  expect(complaint === undefined).toBe(taken);
});
