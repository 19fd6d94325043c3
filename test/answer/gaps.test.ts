import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { Result } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import type { Account, Evidence, Gap, Key } from '../../src/evidence/schema.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';

const account = '111122223333';
const region = 'us-east-1';
const restorer = `arn:aws:iam::${account}:role/dr-restore`;
const known = demoEvidence.accounts[account] ?? {};
const there = known.regions?.[region] ?? {};
const ledger = there.kms?.keys?.find((one) => one.Aliases?.[0]?.AliasName === 'alias/ledger');
const ledgerArn = ledger?.KeyMetadata.Arn ?? '';

/** The evidence after a failed read, with the gap that reports the failure. */
function without(gap: { readonly what: string; readonly resource?: string }, change: Partial<Account>): Evidence {
  const all: Account = { ...known, ...change };
  return { ...demoEvidence, accounts: { [account]: all }, gaps: [{ ...gap, account, reason: 'AccessDenied: no' }] };
}

function key(change: (key: Key) => Key): Partial<Account> {
  const keys = (there.kms?.keys ?? []).map((one) => (one.KeyMetadata.Arn === ledgerArn ? change(one) : one));
  return { regions: { [region]: { ...there, kms: { keys } } } };
}

/** The key policy allows only principals with a tag. */
const tagged = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: restorer },
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'dba' } },
    },
  ],
};

function restore(evidence: Evidence, strict = false): Result {
  const [operation] = operationsNamed('restore');
  if (operation === undefined) throw new Error('no restore');
  const question = {
    operation,
    principal: restorer,
    target: 'ledger-monthly',
    context: {},
    explain: false,
    fix: false,
  } as const;
  const [result] = check(evidence, { ...question, strict, evaluatedAt: '2026-11-02T09:00:00Z' }, '0').results;
  if (result === undefined) throw new Error('no result');
  return result;
}

/** The gaps in the form of a report. */
function coded({ gaps }: Evidence, code: string) {
  return gaps?.map((gap) => ({ ...gap, code }));
}

const roles = known.iam?.RoleDetailList ?? [];
const roleWithout = (field: 'RolePolicyList' | 'Tags'): Partial<Account> => ({
  iam: { ...known.iam, RoleDetailList: roles.map((role) => ({ ...role, [field]: undefined })) },
});

/** Each read without which the verdict is undetermined. */
const decisiveReads: readonly (readonly [string, Evidence])[] = [
  [
    'kms:GetKeyPolicy',
    without(
      { what: 'kms:GetKeyPolicy', resource: ledgerArn },
      key((one) => ({ ...one, Policy: undefined })),
    ),
  ],
  [
    'kms:DescribeKey',
    without(
      { what: 'kms:DescribeKey', resource: ledgerArn },
      key((one) => ({ ...one, KeyMetadata: { Arn: one.KeyMetadata.Arn } })),
    ),
  ],
  [
    'kms:ListGrants',
    without(
      { what: 'kms:ListGrants', resource: ledgerArn },
      key((one) => ({ ...one, Grants: undefined, Policy: { Version: '2012-10-17', Statement: [] } })),
    ),
  ],
  [
    'iam:ListRolePolicies',
    without({ what: 'iam:ListRolePolicies', resource: restorer }, roleWithout('RolePolicyList')),
  ],
  ['iam:GetRole, all of it', without({ what: 'iam:GetRole', resource: restorer }, { iam: {} })],
  ['iam:GetRole, the boundary', without({ what: 'iam:GetRole', resource: restorer }, {})],
  [
    'iam:GetRole, the tags',
    without(
      { what: 'iam:GetRole', resource: restorer },
      { ...roleWithout('Tags'), ...key((one) => ({ ...one, Policy: tagged })) },
    ),
  ],
  ['iam:GetAccountAuthorizationDetails', without({ what: 'iam:GetAccountAuthorizationDetails' }, { iam: undefined })],
  ['something unheard of', without({ what: 'sso:GetPolicy' }, { iam: undefined })],
];

describe('a verdict names the reads that it depends on', () => {
  test.each(decisiveReads)('%s', (_, evidence) => {
    const { verdict, gaps } = restore(evidence);
    expect({ verdict, gaps }).toEqual({ verdict: 'undetermined', gaps: coded(evidence, 'read-decides') });
  });

  test('organizations:ListParents, where an assumption leaves it open, or it rests on one', () => {
    const evidence = without({ what: 'organizations:ListParents', resource: account }, { organization: undefined });
    expect(restore(evidence)).toMatchObject({
      verdict: 'succeeds',
      gaps: coded(evidence, 'read-assumed'),
    });
    expect(restore(evidence, true)).toMatchObject({
      verdict: 'undetermined',
      gaps: coded(evidence, 'read-decides'),
    });
  });
});

describe('a verdict names no other reads', () => {
  const unrelated: readonly Gap[] = [
    { what: 'kms:GetKeyPolicy', account, resource: `arn:aws:kms:${region}:${account}:key/other`, reason: 'no' },
    { what: 'kms:ListGrants', account, resource: `arn:aws:kms:${region}:${account}:key/other`, reason: 'no' },
    { what: 'kms:ListResourceTags', account, resource: ledgerArn, reason: 'no' },
    { what: 'kms:ListAliases', account, resource: ledgerArn, reason: 'no' },
    { what: 'iam:GetRolePolicy', account, resource: `arn:aws:iam::${account}:role/other x`, reason: 'no' },
    { what: 'iam:GetPolicyVersion', account, resource: `arn:aws:iam::${account}:policy/other`, reason: 'no' },
    { what: 'sts:GetCallerIdentity', reason: 'no' },
    { what: 'ec2:DescribeVpcEndpoints', account, region, reason: 'no' },
    { what: 'rds:DescribeDBSnapshotAttributes', account, resource: 'x', reason: 'no' },
  ];

  test.each(decisiveReads)('if it depends on %s', (_, evidence) => {
    const more = { ...evidence, gaps: [...(evidence.gaps ?? []), ...unrelated] };
    expect(restore(more).gaps).toEqual(coded(evidence, 'read-decides'));
  });

  test('if it depends on no read', () => {
    expect(restore({ ...demoEvidence, gaps: [...unrelated] })).toMatchObject({ verdict: 'succeeds' });
    expect(restore({ ...demoEvidence, gaps: [...unrelated] })).not.toHaveProperty('gaps');
  });
});
