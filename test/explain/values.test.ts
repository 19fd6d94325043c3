import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { ReportedCall } from '../../src/contract/report.ts';
import { evidenceOf, questionOf, readCases } from '../check-case.ts';

/*
 * Values and tag names may contain the text that a sentence puts between two values. The sentence
 * must still show each of them whole.
 */

const file = readCases(new URL('../cases/near-misses/elements.json', import.meta.url));
const role = '/accounts/111122223333/iam/RoleDetailList/0';
const question = {
  operation: 'restore',
  principal: 'arn:aws:iam::111122223333:role/dba',
  snapshot: 'orders-1',
  region: 'us-east-1',
};

/**
 * The kms:CreateGrant call of a role with a tag, under a statement with a condition on this tag.
 */
function callUnder(
  tag: readonly [name: string, value: string],
  statement: Readonly<Record<string, unknown>>,
): ReportedCall {
  const changes = {
    [`${role}/Tags`]: [{ Key: tag[0], Value: tag[1] }],
    [`${role}/RolePolicyList/0/PolicyDocument/Statement/1`]: {
      Sid: 'Keys',
      Action: ['kms:DescribeKey', 'kms:CreateGrant'],
      Resource: '*',
      ...statement,
    },
  };
  const evidence = evidenceOf(file, { with: changes });
  const [result] = check(evidence, { ...questionOf(question), explain: true }, 'test').results;
  const call = result?.calls.find(({ action }) => action === 'kms:CreateGrant');
  if (call === undefined) throw new Error('no call');
  return call;
}

const names = ['team', 'cost = team', 'team of'];
const values = ['dba', 'dba = core', 'x = y = z', 'a | b', 'a, b', 'a or b', ' = ', 'absent'];
const table = names.flatMap((name) => values.map((value) => [name, value] as const));

describe.each(table)('tag `%s`, value `%s`', (name, value) => {
  const key = `aws:PrincipalTag/${name}`;

  test('of a condition that is not met', () => {
    const { nearMisses, why } = callUnder([name, 'other'], {
      Effect: 'Allow',
      Condition: { StringEquals: { [key]: value } },
    });
    const but = `its condition StringEquals ${key} ${value} is not met: the call has other`;
    expect(nearMisses.map((miss) => miss.but.text)).toEqual([but]);
    expect(why.text).toContain(`would allow the call, but ${but}`);
  });

  test('of the request, where a condition is not met', () => {
    const { nearMisses } = callUnder([name, value], {
      Effect: 'Allow',
      Condition: { StringEquals: { [key]: ['other', 'third'] } },
    });
    expect(nearMisses.map(({ but }) => but.text)).toEqual([
      `its condition StringEquals ${key} other or third is not met: the call has ${value}`,
    ]);
  });

  test('of a Deny', () => {
    const { why, trace } = callUnder([name, value], {
      Effect: 'Deny',
      Condition: { StringEquals: { [key]: value } },
    });
    expect(why.text).toContain(`because ${key} is ${value} (policy: StringEquals ${value})`);
    const elements = trace?.flatMap(({ policies }) =>
      policies.flatMap(({ statements }) => statements.flatMap((one) => one.elements)),
    );
    expect(elements).toContainEqual({
      element: 'condition',
      matches: 'yes',
      policy: `StringEquals ${key} = ${value}`,
      document: `"StringEquals": { ${JSON.stringify(key)}: ${JSON.stringify(value)} }`,
      request: value,
    });
  });
});

test('entries of a policy may hold the text that separates entries', () => {
  const { nearMisses } = callUnder(['team', 'dba'], {
    Effect: 'Allow',
    Resource: ['arn:aws:kms:us-east-1:111122223333:key/a, b', 'arn:aws:kms:us-west-2:111122223333:key/c'],
  });
  expect(nearMisses.map(({ but }) => but.text)).toEqual([
    'it covers only other keys: key/a, b and arn:aws:kms:us-west-2:111122223333:key/c',
  ]);
});

test.each([
  [['team', 'core'], 'aws:PrincipalTag/account is absent'],
  [['account', '444455556666'], 'aws:PrincipalTag/account is 444455556666'],
] as const)('of a policy variable in a Deny, with the tag %s', (tag, variable) => {
  const ofTag = ['$', '{aws:PrincipalTag/account}'].join('');
  const { why } = callUnder(tag, {
    Effect: 'Deny',
    Condition: { StringNotEquals: { 'aws:ResourceAccount': ofTag } },
  });
  expect(why.text).toContain(
    `because aws:ResourceAccount is 111122223333 and ${variable} (policy: StringNotEquals ${ofTag})`,
  );
});
