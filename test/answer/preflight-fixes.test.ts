import { expect, test } from 'vitest';
import type { Evidence } from '../../src/evidence/schema.ts';
import { exampleEvidence, reportOn } from '../preflight-case.ts';

const now = '2026-11-26T12:00:00Z';
const account = '111122223333';
const keyPolicy = `/accounts/${account}/regions/eu-west-1/kms/keys/0/Policy`;
const keyState = `/accounts/${account}/regions/eu-west-1/kms/keys/0/KeyMetadata/KeyState`;

const everything = { Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' };

/** The example with more roles, each with one inline policy. */
function withRoles(
  policies: Readonly<Record<string, readonly object[]>>,
  change: Readonly<Record<string, unknown>> = {},
): Evidence {
  const evidence = exampleEvidence(change);
  const roles = Object.entries(policies).map(([RoleName, Statement]) => ({
    RoleName,
    Path: '/',
    Arn: `arn:aws:iam::${account}:role/${RoleName}`,
    RolePolicyList: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: [...Statement] } }],
    AttachedManagedPolicies: [],
  }));
  evidence.accounts[account]?.iam?.RoleDetailList?.push(...roles);
  return evidence;
}

function reportedOn(evidence: Evidence, expectation: Readonly<Record<string, unknown>>) {
  const [one] = reportOn(evidence, [expectation], { now }).expectations;
  if (one === undefined) throw new Error('there is no expectation');
  return one;
}

const restore = { who: 'role/extra-*', can: 'restore', snapshot: 'orders-2026-11-24' };
const names = (fixes: ReturnType<typeof reportedOn>['fixes'] = []) =>
  fixes.map(({ steps, repairs, after }) => ({ step: steps.join('; '), repairs, after }));

test('the first 20 broken expectations have a search for fixes, and the others say that they have none', () => {
  const broken = { who: 'role/app-orders', can: 'create-snapshot', cluster: 'orders' };
  const { expectations } = reportOn(
    exampleEvidence(),
    Array.from({ length: 23 }, () => broken),
    { now },
  );
  expect(expectations.map(({ outcome }) => outcome)).toEqual(expectations.map(() => 'broken'));
  expect(expectations.map(({ fixes }) => fixes !== undefined)).toEqual(expectations.map((_, index) => index < 20));
  expect(expectations.map(({ causes }) => causes.length)).toEqual(expectations.map((_, index) => (index < 20 ? 1 : 0)));
  expect(expectations.filter(({ fixNotSought }) => fixNotSought === true)).toHaveLength(3);
});

test('principals who fail for different statements have a reason and a fix each', () => {
  const deny = { Effect: 'Deny', Action: 'rds:RestoreDBClusterFromSnapshot', Resource: '*' };
  const evidence = withRoles({
    'extra-a': [{ ...everything, Action: ['rds:*'] }],
    'extra-b': [everything, { Sid: 'NoRestore', ...deny }],
    'extra-c': [everything, { Sid: 'NoRestore', ...deny }],
    'extra-d': [everything],
  });
  const { broken, causes, failing, fixes, withFixes } = reportedOn(evidence, restore);
  expect(broken).toBe(3);
  // The statements of b and c have equal text, but are two statements.
  expect(causes.map(({ combinations, statements }) => [combinations, statements])).toEqual([
    [1, []],
    [1, ['statement "NoRestore" of identity policy own']],
    [1, ['statement "NoRestore" of identity policy own']],
  ]);
  expect(failing.map(({ principal, cause }) => [principal.slice(-1), cause])).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ]);
  expect(names(fixes)).toEqual([
    {
      step: 'allow role/extra-a kms:DescribeKey and kms:CreateGrant in a new inline policy allow-restore of role/extra-a',
      repairs: 1,
      after: 'succeeds',
    },
    {
      step: 'exempt role/extra-b from statement "NoRestore" of inline policy own of role/extra-b',
      repairs: 1,
      after: 'succeeds',
    },
    {
      step: 'exempt role/extra-c from statement "NoRestore" of inline policy own of role/extra-c',
      repairs: 1,
      after: 'succeeds',
    },
  ]);
  expect(withFixes).toEqual({ outcome: 'holds', broken: 0, unproven: 0 });
});

test('principals who fail for the same statement have one reason', () => {
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
    { Sid: 'NoGrants', Effect: 'Deny', Principal: '*', Action: 'kms:CreateGrant', Resource: '*' },
  ];
  const evidence = withRoles(
    { 'extra-a': [everything], 'extra-b': [everything], 'extra-c': [everything] },
    { [keyPolicy]: { Version: '2012-10-17', Statement } },
  );
  const { causes, fixes = [], withFixes } = reportedOn(evidence, restore);
  expect(causes).toHaveLength(1);
  expect(causes[0]).toMatchObject({ combinations: 3, statements: ['statement "NoGrants" of the key policy'] });
  expect(fixes.reduce((sum, { repairs = 0 }) => sum + repairs, 0)).toBe(3);
  expect(withFixes?.outcome).toBe('holds');
});

test('an action that no policy of a principal allows is one reason for all keys', () => {
  const evidence = withRoles({ 'extra-a': [{ ...everything, Action: ['rds:*'] }] });
  const { kms, rds } = evidence.accounts[account]?.regions?.['eu-west-1'] ?? {};
  const [key] = kms?.keys ?? [];
  const [, snapshot] = rds?.DBClusterSnapshots ?? [];
  if (key === undefined || snapshot === undefined) throw new Error('the example has changed');
  const Arn = `arn:aws:kms:eu-west-1:${account}:key/7ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23`;
  kms?.keys?.push({ ...key, KeyMetadata: { ...key.KeyMetadata, Arn, KeyId: Arn.slice(-36) }, Aliases: [] });
  Object.assign(snapshot, { KmsKeyId: Arn });
  const { causes } = reportedOn(evidence, { ...restore, snapshot: ['orders-2026-11-24', 'rds:orders-*'] });
  expect(causes.map(({ combinations }) => combinations)).toEqual([2]);
});

test('one fix may repair all', () => {
  const evidence = withRoles({ 'extra-a': [everything], 'extra-b': [everything] }, { [keyState]: 'Disabled' });
  const { causes, fixes, withFixes } = reportedOn(evidence, restore);
  expect(causes.map(({ combinations }) => combinations)).toEqual([2]);
  expect(names(fixes)).toEqual([{ step: 'enable alias/orders', repairs: 2, after: 'succeeds' }]);
  expect(withFixes).toEqual({ outcome: 'holds', broken: 0, unproven: 0 });
});

test('the report shows a few fixes and counts the rest', () => {
  const roles = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`extra-${index}`, []]));
  const { broken, causes, failing, fixes, withFixes, fixNotSought } = reportedOn(withRoles(roles), restore);
  expect({ broken, causes: causes.map(({ combinations }) => combinations) }).toEqual({ broken: 30, causes: [30] });
  expect(failing).toHaveLength(20);
  expect(fixes).toHaveLength(3);
  expect(withFixes).toEqual({ outcome: 'broken', broken: 27, unproven: 0 });
  expect(fixNotSought).toBe(true);
});

test.each([3, 12])('a fix denies the operation to each of %i roles that can', (count) => {
  const all = Array.from({ length: count }, (_, index) => `extra-${String(index).padStart(2, '0')}`);
  const evidence = withRoles(Object.fromEntries(all.map((name) => [name, [everything]])));
  const { fixes = [], withFixes } = reportedOn(evidence, {
    who: 'role/extra-*',
    cannot: 'restore',
    snapshot: 'orders-2026-11-24',
  });
  const denied = fixes.flatMap(({ steps }) => steps.map((step) => /^deny \S+ to role\/(\S+) \(now/.exec(step)?.[1]));
  expect(denied).toEqual(all);
  // One fix names at most ten principals.
  expect(fixes.map(({ repairs }) => repairs)).toEqual(count === 3 ? [3] : [10, 2]);
  expect(withFixes).toEqual({ outcome: 'holds', broken: 0, unproven: 0 });
});

test('if only some principals may, the fix allows the named principals and denies the others', () => {
  const evidence = withRoles({ 'extra-a': [], 'extra-b': [everything] });
  const only = ['role/extra-a', 'role/dr-restore', 'user/administrator'];
  const {
    fixes = [],
    withFixes,
    broken,
  } = reportedOn(evidence, { only, can: 'restore', snapshot: 'orders-2026-11-24' });
  expect(broken).toBe(3);
  expect(
    fixes.map(({ after, repairs, steps }) => [after, repairs, steps.map((step) => step.split(' (now')[0])]),
  ).toEqual([
    [
      'succeeds',
      1,
      [
        'allow role/extra-a rds:RestoreDBClusterFromSnapshot, kms:DescribeKey and kms:CreateGrant in a new inline policy allow-restore of role/extra-a',
      ],
    ],
    ['denied', 1, ['deny rds:RestoreDBClusterFromSnapshot to role/extra-b']],
    // The control policies of the account were not read.
    [
      'denied',
      undefined,
      [
        `deny rds:RestoreDBClusterFromSnapshot to the root user of account ${account} with a service control policy, or add root to only`,
      ],
    ],
  ]);
  expect(withFixes).toEqual({ outcome: 'broken', broken: 1, unproven: 0 });
});

const organization = (managementAccountId: string) => ({
  id: 'o-example',
  managementAccountId,
  path: [
    { id: 'r-root', scps: [{ name: 'Full', document: allowAll }], rcps: [] },
    { id: account, scps: [{ name: 'Full', document: allowAll }], rcps: [] },
  ],
});
const allowAll = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

test.each([
  {
    where: 'a member account',
    of: '999988887777',
    step: 'deny rds:RestoreDBClusterFromSnapshot to the root user',
    repairs: 1,
  },
  { where: 'the management account', of: account, step: 'add root to only', repairs: undefined },
])('the root user of $where can be denied as far as control policies reach', ({ of, step, repairs }) => {
  const evidence = exampleEvidence({ [`/accounts/${account}/organization`]: organization(of) });
  const only = ['role/dr-restore', 'user/administrator'];
  const { fixes = [] } = reportedOn(evidence, { only, can: 'restore', snapshot: 'orders-2026-11-24' });
  expect(fixes.map((fix) => [fix.repairs, fix.steps.map((one) => one.startsWith(step))])).toEqual([[repairs, [true]]]);
});

test('a root user that no policy denies has no fix if the expectation names no other principal', () => {
  const evidence = exampleEvidence({ [`/accounts/${account}/organization`]: organization(account) });
  const { fixes } = reportedOn(evidence, { who: 'root', cannot: 'restore', snapshot: 'orders-2026-11-24' });
  expect(fixes).toEqual([]);
});

test('one fix denies several operations to a principal', () => {
  const cannot = ['restore', 'share-snapshot'];
  const evidence = withRoles({ 'extra-a': [everything] });
  const { fixes = [] } = reportedOn(evidence, { who: 'role/extra-a', cannot, snapshot: 'orders-2026-11-24' });
  expect(fixes.map(({ steps, repairs }) => [steps.length, repairs])).toEqual([[2, 2]]);
});

test('a fix that takes another request says that the expectation changes', () => {
  const asked = { who: 'user/administrator', can: 'share-snapshot', snapshot: 'rds:orders-2026-11-25-03-10' };
  const { fixes = [], withFixes } = reportedOn(exampleEvidence(), asked);
  expect(fixes.map(({ repairs, changesExpectation }) => [repairs, changesExpectation])).toEqual([[undefined, true]]);
  expect(withFixes).toBeUndefined();
});

test('more than twenty combinations that are not alike are explained as well', () => {
  const can = ['Encrypt', 'Decrypt', 'EnableKey', 'DisableKey', 'TagResource', 'UntagResource', 'PutKeyPolicy'];
  const who = ['role/app-orders', 'role/app-migrator', 'role/dr-restore', 'role/nightly-backup'];
  const { broken, causes } = reportedOn(exampleEvidence(), {
    who,
    can: can.map((name) => `kms:${name}`),
    key: 'alias/orders',
  });
  expect(broken).toBeGreaterThan(20);
  expect(causes.reduce((sum, { combinations }) => sum + combinations, 0)).toBe(broken);
});

test('facts of the session come before an edit of a policy, as in a check', () => {
  const withoutMfa = { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } };
  const evidence = withRoles({
    'extra-a': [everything, { Sid: 'Mfa', Effect: 'Deny', Action: '*', Resource: '*', Condition: withoutMfa }],
    'extra-b': [everything, { Sid: 'NoRestore', Effect: 'Deny', Action: 'rds:Restore*', Resource: '*' }],
  });
  const snapshots = ['orders-2026-11-24', 'rds:orders-2026-11-25-03-10'];
  const { fixes, withFixes, broken } = reportedOn(evidence, {
    ...restore,
    snapshot: snapshots,
    session: { mfa: 'false' },
  });
  expect(broken).toBe(4);
  expect(
    fixes?.map(({ steps, repairs, isForAll, changesExpectation }) => [steps, repairs, isForAll, changesExpectation]),
  ).toEqual([
    [['assume role/extra-a with MFA'], undefined, 2, true],
    [['exempt role/extra-b from statement "NoRestore" of inline policy own of role/extra-b'], 2, undefined, undefined],
  ]);
  expect(withFixes).toEqual({ outcome: 'broken', broken: 2, unproven: 0 });
});
