import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuoted, shellQuotedLines } from '../../src/base/shell.ts';

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
    '$(touch pwned)',
    ';id>x;',
    '-x',
    "a'::error file=a::'##[group]##vso[x]",
    'line\nbreaks\n\n',
    '\n::error::',
    '\u001b[31m \\033 \u009b\u202e\u2028 %s ä🦊 \'"',
  ];
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(shellQuoted).join(' ')}`], {
    encoding: 'utf8',
  });
  expect(printed.split('\0').slice(0, -1)).toEqual(texts);
  for (const text of texts) expect(shellQuoted(text)).not.toMatch(/(?!\n)\p{C}|\u2028|(?<!arn:aws:iam)::|##\[|##vso/u);
});

test('a text with line breaks of its own keeps them', () => {
  expect(shellQuotedLines('{\n "a": "it\'s"\n}')).toBe(`'{\n "a": "it'\\''s"\n}'`);
});

test('quotes only what needs quotes', () => {
  expect(['role/operator', 'a b'].map(shellQuoted)).toEqual(['role/operator', "'a b'"]);
});
