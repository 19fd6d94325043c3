import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../src/evidence/folder.ts';
import { isFolderThere } from '../../src/evidence/readers/files.ts';

const above = mkdtempSync(join(tmpdir(), 'folder-'));

test('makes the folders above, and leaves what is there', () => {
  const folder = join(above, 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

test('a file is in the way', () => {
  const file = join(above, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(file, 'below'))).toThrow(/EEXIST|ENOTDIR/);
});

test.runIf(existsSync('/proc/self'))('a folder that takes no folders is an error at once', () => {
  expect(() => makeFolder('/proc/no-such-folder/below')).toThrow(/ENOENT/);
});

test('a folder is distinguished from a file and from standard input', () => {
  const file = join(above, 'evidence.json');
  writeFileSync(file, '{}');
  expect([above, file, '-'].map(isFolderThere)).toEqual([true, false, false]);
  expect(() => isFolderThere(join(above, 'absent'))).toThrow('no such file');
});
