import { expect, test } from 'vitest';
import { patternOf, reachOf } from '../../src/preflight/pattern.ts';

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

test.each([
  ['restored', 'restored', false, 'none'],
  ['restored-*', 'restored', false, 'some'],
  ['restored*', 'restored-', false, 'all'],
  ['restored-2*', 'restored-', false, 'some'],
  ['other*', 'restored-', false, 'none'],
  ['restored-?', 'restored-', false, 'some'],
  ['*-1', 'restored-', false, 'some'],
  ['*', '', false, 'all'],
  ['x', '', false, 'some'],
  ['role/*', 'role/', true, 'some'],
  ['role/**', 'role/', true, 'all'],
  ['role/team/*', 'role/', true, 'some'],
  ['user/**', 'role/', true, 'none'],
])('the pattern %s takes of what begins with %s: %s, %s', (pattern, beginning, hasSlashes, reach) => {
  expect(reachOf(pattern)(beginning, hasSlashes)).toBe(reach);
});
