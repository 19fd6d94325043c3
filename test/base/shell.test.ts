import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuoted } from '../../src/base/shell.ts';

test('a shell reads an argument back as it was', () => {
  const texts = [
    'plain',
    '',
    "it's",
    '$HOME `id` \\ "x"',
    'a b\nc',
    '*',
    'tag=dba',
    '~',
    '#x',
    '!x',
    'arn:aws:iam::1:role/a',
  ];
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(shellQuoted).join(' ')}`], {
    encoding: 'utf8',
  });
  expect(printed.split('\0').slice(0, -1)).toEqual(texts);
});

test('quotes only what needs quotes', () => {
  expect(['role/operator', 'a b'].map(shellQuoted)).toEqual(['role/operator', "'a b'"]);
});
