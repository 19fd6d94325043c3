import { describe, expect, test } from 'vitest';
import { jsonPrintable, oneLine, printable } from '../../src/base/escape.ts';
import { fc, runs } from '../properties/seed.ts';

/** Characters that control a terminal, and commands to a CI system. */
const obeyed = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[|##vso\[|##teamcity\[|(?<![\w:])::[a-z]/iu;
const name = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        '\t',
        '::',
        '##[',
        '##vso[',
        '##TeamCity[',
        ':',
        '#',
        '[',
        'arn:',
        '::error::',
        ' ',
      ),
      fc.constantFrom('\u0000', '\u001b[31m', '\u007f', '\u0085', '\u009b', '\u00ad', '\u061c', '\u200b', '\u200f'),
      fc.constantFrom('\u2028', '\u2029', '\u202e', '\u2066', '\ufeff', '\u{e0041}', 'ä', '🦊', '\ud800'),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('names', () => {
  test.each([
    ['a\nb\r\tc\u001b[31m\u0085\u2028"\\ä', 'a\\nb\\r\\tc\\u001b[31m\\u0085\\u2028"\\ä'],
    ['\u202ereversed\u200b', '\\u202ereversed\\u200b'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['::error file=a::pwned', ':\\u003aerror file=a:\\u003apwned'],
    ['x::error::y', 'x:\\u003aerror:\\u003ay'],
    [':::error::', ':\\u003a:error:\\u003a'],
    ['##[group]', '#\\u0023[group]'],
    ['a ##vso[task.complete] ##TeamCity[x]', 'a #\\u0023vso[task.complete] #\\u0023TeamCity[x]'],
    ['### title [x]', '### title [x]'],
    ['arn:aws:iam::add-mask::x', 'arn:aws:iam:\\u003aadd-mask:\\u003ax'],
    ['::add-mask::x', ':\\u003aadd-mask:\\u003ax'],
    ['::dead::', ':\\u003adead:\\u003a'],
  ])('%j is shown as %j', (before, after) => {
    expect(oneLine(before)).toBe(after);
    expect(printable(before.replaceAll('\n', ' '))).toBe(after.replaceAll('\\n', ' '));
  });

  test.each([
    'arn:aws:iam::111122223333:role/x',
    '"arn:aws-us-gov:iam::111122223333:root"',
    'arn:aws:iam::aws:policy/ReadOnlyAccess',
    'arn:aws:s3:::bucket/*',
    'arn:*:iam::*:role/x',
    'arn:aws:iam::${aws:PrincipalAccount}:role/x',
    '2001:db8::/32',
    '::1',
    '::/0',
    'alias/orders, key/1234abcd',
  ])('%s stays readable', (text) => {
    expect([oneLine(text), jsonPrintable(text)]).toEqual([text, text]);
  });

  test('hold nothing that a terminal or a log obeys, and escaping twice changes nothing', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(oneLine(text)).not.toMatch(obeyed);
        expect(oneLine(text)).not.toContain('\n');
        expect(oneLine(oneLine(text))).toBe(oneLine(text));
        expect(printable(text)).not.toMatch(obeyed);
      }),
      runs(3_000),
    );
  });

  test('colors stay where they are wanted', () => {
    expect(printable('\u001b[31mred\u001b[39m\u001b]0;\u0007', true)).toBe('\u001b[31mred\u001b[39m\\u001b]0;\\u0007');
    expect(printable('\u001b[31mred')).toBe('\\u001b[31mred');
  });
});

test('JSON says the same with nothing that a terminal or a log obeys', () => {
  fc.assert(
    fc.property(name, fc.boolean(), (text, pretty) => {
      const value = { [text]: [text, { [text]: text }] };
      const json = jsonPrintable(JSON.stringify(value, undefined, pretty ? 2 : 0));
      expect(json).not.toMatch(obeyed);
      expect(JSON.parse(json)).toEqual(value);
    }),
    runs(3_000),
  );
});
