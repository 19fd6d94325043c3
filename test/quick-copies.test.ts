import { expect, test } from 'vitest';
import { withQuickCopies } from '../scripts/quick-copies.mjs';

test.each([
  ['x = { ...a, b }', 'x = { ...null,...a, b }'],
  ['x = { ...a, ...b }', 'x = { ...null,...a, ...b }'],
  ['f({ c: { ...a, b }, ...d })', 'f({ c: { ...null,...a, b }, ...d })'],
  ['x = { ...{ ...a, b }, c }', 'x = { ...null,...{ ...null,...a, b }, c }'],
  ['x = { ...a }', 'x = { ...a }'],
  ['x = { b, ...a }', 'x = { b, ...a }'],
  ['const { ...rest } = a', 'const { ...rest } = a'],
  ['f([...a, b], ...c)', 'f([...a, b], ...c)'],
  ['x = "{ ...a, b }"', 'x = "{ ...a, b }"'],
])('%s', (code, expected) => {
  expect(withQuickCopies(code)).toBe(expected);
});

test('code that cannot be parsed is refused', () => {
  expect(() => withQuickCopies('x = {')).toThrow('the bundle cannot be parsed');
});
