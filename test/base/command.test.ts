import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type CommandArgument, commandParts, commandText } from '../../src/base/command.ts';

/** The words that a shell makes of a text, printed by `printf`. */
function wordsOf(text: string): readonly string[] {
  return execFileSync('sh', ['-c', text], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const format = '%s\\0';
const document = { Version: '2012-10-17', Statement: [{ Sid: "it's --here", Effect: 'Deny', Action: 'kms:*' }] };

const cases: readonly (readonly [name: string, args: readonly CommandArgument[], read: readonly string[]])[] = [
  ['options with values', ['--key-id', 'abc', '--dry'], ['--key-id', 'abc', '--dry']],
  ['a name that holds what looks like an option', ['--name', 'a --b', '--c'], ['--name', 'a --b', '--c']],
  ['quotes, an empty text and line breaks', ["it's", '', 'a\nb', '$HOME `x`'], ["it's", '', 'a\nb', '$HOME `x`']],
  ['a document', ['--policy', { document, dense: true }], ['--policy', JSON.stringify(document)]],
  [
    'what another command prints',
    ['--id', { outputOf: { program: 'printf', arguments: ['%s', '--', 'one', 'x --y'] } }, '--more'],
    ['--id', '--onex --y', '--more'],
  ],
];

describe('a command', () => {
  test.each(cases)('is read by a shell as it is meant: %s', (_, args, read) => {
    const command = { program: 'printf', arguments: [format, ...args] };
    expect(wordsOf(commandText(command))).toEqual(read);
    expect(wordsOf(commandParts(command).join(' \\\n  '))).toEqual(read);
  });

  test('holds a document as JSON with or without white space', () => {
    const held = (dense: boolean): unknown =>
      JSON.parse(wordsOf(commandText({ program: 'printf', arguments: [format, { document, dense }] })).join(''));
    expect(held(true)).toEqual(document);
    expect(held(false)).toEqual(document);
  });
});
