import { expect, test } from 'vitest';
import { edgesOf, readRange, writeAddress } from '../../src/policy/address.ts';

test.each([
  ['10.0.0.1', ['10.0.0.1', '10.0.0.1', '10.0.0.0', '10.0.0.2']],
  ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0']],
  ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255']],
  ['255.255.255.255', ['255.255.255.255', '255.255.255.255', '255.255.255.254']],
])('the first and last address of %s, and those just outside', (range, edges) => {
  const read = readRange(range);
  expect(read && edgesOf(read).map(writeAddress)).toEqual(edges);
});
