import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { questionOf } from '../check-case.ts';
import { exampleEvidence } from '../preflight-case.ts';

/* The text about the principals that a Deny exempts must be true of the whole statement. */

const account = '111122223333';
const admin = `arn:aws:iam::${account}:user/administrator`;
const onAdmin = { ArnNotEquals: { 'aws:PrincipalArn': admin } };
const onlyAdmin = 'exempts only user/administrator';
const applies = 'The Deny applies because aws:PrincipalArn is';

const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const root = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' };

function whyUnder(deny: object, more: Readonly<Record<string, unknown>> = {}): string {
  const evidence = exampleEvidence({
    ...more,
    [`/accounts/${account}/regions/eu-west-1/kms/keys/0/Policy`]: {
      Version: '2012-10-17',
      Statement: [root, { Effect: 'Deny', Action: 'kms:*', Resource: '*', ...deny }],
    },
    [`/accounts/${account}/iam/RoleDetailList/3/RolePolicyList/0/PolicyDocument/Statement`]: [everything],
  });
  const question = questionOf({
    operation: 'restore',
    principal: `arn:aws:iam::${account}:role/dr-restore`,
    snapshot: 'orders-2026-11-24',
    region: 'eu-west-1',
  });
  const [result] = check(evidence, question, 'test').results;
  return result?.calls.find(({ action }) => action === 'kms:CreateGrant')?.why.text ?? '';
}

const byName = (operator: string, value: string): object => ({
  Principal: '*',
  Condition: { [operator]: { 'aws:PrincipalArn': value } },
});

test.each([
  ['everybody except the named principal', { Principal: '*', Condition: onAdmin }, onlyAdmin],
  ['anybody of any account', { Principal: { AWS: '*' }, Condition: onAdmin }, onlyAdmin],
  [
    'also NotPrincipal',
    { NotPrincipal: { AWS: 'arn:aws:iam::444455556666:root' }, Condition: onAdmin },
    'exempts user/',
  ],
  ['one role', { Principal: { AWS: `arn:aws:iam::${account}:role/dr-restore` }, Condition: onAdmin }, 'exempts user/'],
  [
    'also an organization',
    { Principal: '*', Condition: { ...onAdmin, StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
    'exempts user/',
  ],
  ['a star that is a star', byName('StringNotEquals', `arn:aws:iam::${account}:role/dr-*`), applies],
  [
    'a star that stands for text',
    byName('StringNotLike', `arn:aws:iam::${account}:role/app-*`),
    'exempts only role/app-*',
  ],
  ['a session', byName('ArnNotEquals', `arn:aws:sts::${account}:assumed-role/dr-restore/me`), applies],
  ['a number', byName('StringNotEquals', account), applies],
  [
    'the root user',
    byName('ArnNotEquals', `arn:aws:iam::${account}:root`),
    `exempts only the root user of account ${account}`,
  ],
  [
    'another account',
    byName('ArnNotEquals', 'arn:aws:iam::444455556666:role/dr'),
    'exempts only arn:aws:iam::444455556666:role/dr',
  ],
  ['all of several values', byName('ForAllValues:StringNotEquals', admin), applies],
])('a Deny of %s', (_, deny, words) => {
  expect(whyUnder(deny)).toContain(words);
});

test('a permissions boundary, with which NotPrincipal exempts nobody', () => {
  const listed = { NotPrincipal: { AWS: [`arn:aws:iam::${account}:role/dr-restore`, account] } };
  const inVain = 'Its NotPrincipal exempts nobody who has a permissions boundary';
  const boundary = {
    [`/accounts/${account}/iam/RoleDetailList/3/PermissionsBoundary`]: {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    },
  };
  expect(whyUnder(listed, boundary)).toContain(`denies the call. ${inVain}`);
  expect(whyUnder({ Principal: '*' }, boundary)).not.toContain(inVain);
  expect(whyUnder({ NotPrincipal: { AWS: 'arn:aws:iam::444455556666:root' } }, boundary)).not.toContain(inVain);
});
