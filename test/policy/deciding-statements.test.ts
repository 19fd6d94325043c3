import { expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';

const account = '111122223333';

/**
 * The statements that decide a kms:Decrypt of a user. The user's groups have these policies, all
 * with the same name.
 */
function decidedBy(effect: string, ...sids: readonly string[]): readonly unknown[] {
  const policies = sids.map((sid) => ({
    name: 'of-a-group',
    // A separate object for each policy, because each group has its own copy.
    document: { Version: '2012-10-17', Statement: [{ Sid: sid, Effect: effect, Action: 'kms:*', Resource: '*' }] },
  }));
  const delegates = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
    ],
  };
  return authorize(
    {
      principal: `arn:aws:iam::${account}:user/u`,
      action: 'kms:Decrypt',
      resource: { arn: `arn:aws:kms:us-east-1:${account}:key/K`, account },
    },
    { identity: policies, resource: { name: 'key policy', document: delegates } },
  ).decidedBy.filter((by) => 'policy' in by && by.policy === 'identity');
}

test.each(['Allow', 'Deny'])('a policy that several groups hold is named once: %s', (effect) => {
  expect(decidedBy(effect, 'a', 'a', 'a')).toHaveLength(1);
});

test.each(['Allow', 'Deny'])('policies that differ are all named: %s', (effect) => {
  expect(decidedBy(effect, 'a', 'b', 'a')).toHaveLength(2);
});

interface KeyAnswer {
  readonly identity?: readonly object[];
  readonly named: object;
}

/** The statements that allow a kms:Decrypt of a user, if the key policy also delegates to the account. */
function allowedBy({ identity = [], named }: KeyAnswer): readonly unknown[] {
  const statements = [
    { Sid: 'Delegates', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*' },
    { Sid: 'Names', Effect: 'Allow', Action: 'kms:Decrypt', ...named },
  ];
  return authorize(
    {
      principal: `arn:aws:iam::${account}:user/u`,
      action: 'kms:Decrypt',
      resource: { arn: `arn:aws:kms:us-east-1:${account}:key/K`, account },
    },
    {
      identity: identity.map((one) => ({ name: 'own', document: { Version: '2012-10-17', Statement: one } })),
      resource: {
        name: 'key policy',
        document: { Version: '2012-10-17', Statement: statements.map((one) => ({ Resource: '*', ...one })) },
      },
    },
  ).decidedBy.map((by) => ('policy' in by ? (by.sid ?? by.policy) : by));
}

const allowsDecrypt = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };

test.each([
  ['the user', { AWS: `arn:aws:iam::${account}:user/u` }],
  ['everybody', { AWS: '*' }],
])('a statement that names %s allows without the statement that delegates', (_, Principal) => {
  expect(allowedBy({ named: { Principal } })).toEqual(['Names']);
  expect(allowedBy({ named: { Principal }, identity: [allowsDecrypt] })).toEqual(['Names']);
});

test('a statement that delegates allows together with an identity policy', () => {
  const Principal = { AWS: `arn:aws:iam::${account}:user/other` };
  expect(allowedBy({ named: { Principal }, identity: [allowsDecrypt] })).toEqual(['Delegates', 'identity']);
});

test('a statement that may name the user is left out where others certainly allow', () => {
  const Condition = { StringEquals: { 'aws:PrincipalTag/team': 'db' } };
  const named = { Principal: { AWS: `arn:aws:iam::${account}:user/u` }, Condition };
  expect(allowedBy({ named, identity: [allowsDecrypt] })).toEqual(['Delegates', 'identity']);
});
