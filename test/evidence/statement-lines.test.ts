import { describe, expect, test } from 'vitest';
import { statementLine } from '../../src/evidence/statement-lines.ts';

/* The line of a statement in an evidence file. Reports for CI systems link to this line. */

function key(id: string, statements: readonly object[]): object {
  return {
    KeyMetadata: { KeyId: id, Arn: `arn:aws:kms:us-east-1:111122223333:key/${id}` },
    Policy: { Statement: statements },
  };
}

const deny = { Sid: 'Same', Effect: 'Deny', Action: 'kms:*' };
const odd = { Sid: 'a "b" }, {\n', Effect: 'Allow', Condition: { StringEquals: { 'aws:x': ['{', ']'] } } };
const wanted = { name: 'n', statement: 0, sid: 'Same', effect: 'Deny' };
const inline = { RolePolicyList: [{ PolicyName: 'n', PolicyDocument: { Statement: deny } }] };

/** The first line of the object that contains this text, in the layout of JSON.stringify. */
function lineAbove(json: string, text: string, which: number): number {
  const lines = json.split('\n').flatMap((line, index) => (line.includes(text) ? [index] : []));
  return lines[which] ?? -1;
}

describe('the line of a statement', () => {
  test.each([
    { name: 'the only one', evidence: { keys: [key('one', [deny])] }, wanted, sid: '"Same"', which: 0 },
    {
      name: 'one of two keys with the same Sid',
      evidence: { keys: [key('one', [deny]), key('two', [deny])] },
      wanted: { ...wanted, name: 'arn:aws:kms:us-east-1:111122223333:key/two' },
      sid: '"Same"',
      which: 1,
    },
    {
      name: 'one of two inline policies',
      evidence: { a: { RolePolicyList: [{ PolicyName: 'm', PolicyDocument: { Statement: [deny] } }] }, b: inline },
      wanted,
      sid: '"Same"',
      which: 1,
    },
    {
      name: 'behind a Sid of JSON signs',
      evidence: { keys: [key('one', [odd, deny])] },
      wanted: { ...wanted, statement: 1 },
      sid: '"Same"',
      which: 0,
    },
    {
      name: 'a Sid of JSON signs',
      evidence: { keys: [key('one', [deny, odd])] },
      wanted: { name: 'one', statement: 1, sid: odd.Sid, effect: 'Allow' },
      sid: '"a \\"b',
      which: 0,
    },
  ])('is found of $name', ({ evidence, wanted: one, sid, which }) => {
    const json = JSON.stringify(evidence, undefined, 2);
    expect(statementLine(json, one)).toBe(lineAbove(json, sid, which));
    expect(statementLine(JSON.stringify(evidence), one)).toBe(1);
  });

  test.each([
    { name: 'is nowhere', evidence: { keys: [key('one', [odd])] }, wanted },
    { name: 'is at another index', evidence: { keys: [key('one', [odd, deny])] }, wanted },
    { name: 'has another effect', evidence: inline, wanted: { ...wanted, effect: 'Allow' } },
    { name: 'is one of two alike', evidence: { keys: [key('one', [deny]), key('two', [deny])] }, wanted },
    { name: 'stands in a text', evidence: { Policy: JSON.stringify({ Statement: [deny] }) }, wanted },
  ])('is not known if it $name', ({ evidence, wanted: one }) => {
    expect(statementLine(JSON.stringify(evidence, undefined, 2), one)).toBeUndefined();
  });
});
