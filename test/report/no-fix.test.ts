import { expect, test } from 'vitest';
import { check, demoEvidence, demoPrincipal, type Evidence, render } from '../../src/index.ts';

/* A failing check says whether it looked in vain for a fix, or did not look. */

const account = '111122223333';

/** The demo while RDS still copies its snapshots: no change of a policy helps. */
function copying(): Evidence {
  const owner = demoEvidence.accounts[account];
  const region = owner?.regions?.['us-east-1'];
  const DBClusterSnapshots = (region?.rds?.DBClusterSnapshots ?? []).map((one) => ({ ...one, Status: 'copying' }));
  const rds = { ...region?.rds, DBClusterSnapshots };
  return {
    ...demoEvidence,
    accounts: { ...demoEvidence.accounts, [account]: { ...owner, regions: { 'us-east-1': { ...region, rds } } } },
  };
}

const administrator = `arn:aws:iam::${account}:user/administrator`;

test.each([
  { what: 'found', evidence: demoEvidence, principal: demoPrincipal, fix: true, says: 'Fix (re-checked' },
  { what: 'searched for in vain', evidence: copying(), principal: administrator, fix: true, says: 'No fix was found.' },
  { what: 'not asked for', evidence: copying(), principal: administrator, fix: false, says: undefined },
])('a fix that is $what', ({ evidence, principal, fix, says }) => {
  const target = 'orders-before-upgrade';
  const report = check(evidence, { operation: 'restore', principal, target, fix, evaluatedAt: '2026-11-02T09:00:00Z' });
  expect(report.verdict).toBe('fails');
  expect(report.results[0]?.noFixFound).toBe(says === 'No fix was found.' ? true : undefined);
  const text = render(report);
  if (says === undefined) expect(text).not.toContain('Fix');
  else expect(text).toContain(says);
});

test('a Deny that no fix changes is named', () => {
  const evidence = exporting();
  const report = check(evidence, {
    operation: 'export-snapshot',
    principal: administrator,
    target: 'ledger-monthly',
    parameters: { s3Bucket: 'exports', iamRole: 'exporter', kmsKeyId: 'alias/ledger' },
    evaluatedAt: '2026-11-02T09:00:00Z',
  });
  expect(report.results[0]?.noFixFound).toBe(true);
  const text = render(report, { color: false, width: 1_000 });
  expect(text).toContain('changes no policies of buckets, backup vaults and VPC endpoints: edit statement "NoWrites"');
  expect(text).toContain('which denies s3:PutObject, and check again.');
});

/** The demo with an export role, and with a bucket whose policy denies what the role writes. */
function exporting(): Evidence {
  const owner = demoEvidence.accounts[account];
  const roles = owner?.iam?.RoleDetailList ?? [];
  const document = (statement: object) => ({ Version: '2012-10-17', Statement: statement });
  const exporter = {
    Arn: `arn:aws:iam::${account}:role/exporter`,
    RoleName: 'exporter',
    RolePolicyList: [
      { PolicyName: 'all', PolicyDocument: document({ Effect: 'Allow', Action: ['s3:*', 'kms:*'], Resource: '*' }) },
    ],
    AttachedManagedPolicies: [],
    AssumeRolePolicyDocument: document({
      Effect: 'Allow',
      Principal: { Service: 'export.rds.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
  };
  const denied = document({
    Sid: 'NoWrites',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::exports/*',
  });
  return {
    ...demoEvidence,
    accounts: {
      ...demoEvidence.accounts,
      [account]: {
        ...owner,
        iam: { ...owner?.iam, RoleDetailList: [...roles, exporter] },
        s3: { Buckets: [{ Name: 'exports', BucketRegion: 'us-east-1', Policy: denied }] },
      },
    },
  };
}
