import { expect, test } from 'vitest';
import { patternOf } from '../../src/preflight/pattern.ts';

test.each([
  ['role/*', 'role/app', true],
  ['role/*', 'role/path/app', false],
  ['role/**', 'role/path/app', true],
  ['role/app-?', 'role/app-1', true],
  ['role/app?x', 'role/app/x', false],
  ['*', '', true],
  ['*', '/app', false],
  ['**', '/app', true],
])('the pattern %s takes %s: %s', (pattern, text, takes) => {
  expect(patternOf(pattern)(text)).toBe(takes);
});
