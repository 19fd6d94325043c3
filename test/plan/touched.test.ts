import { expect, test } from 'vitest';
import type { Evidence } from '../../src/evidence/schema.ts';
import { touchedNames } from '../../src/plan/touched.ts';

const account = '111122223333';
const roleArn = `arn:aws:iam::${account}:role/app`;
const before: Evidence = {
  evidenceVersion: 1,
  accounts: { [account]: { iam: { RoleDetailList: [] }, regions: { 'eu-west-1': { rds: { DBClusters: [] } } } } },
};

function changed(edit: Evidence['accounts'][string]): readonly string[] {
  return touchedNames(before, { ...before, accounts: { [account]: { ...before.accounts[account], ...edit } } });
}

// A change that touches the whole account counts as near to each request of the account.
test('a change of a bucket or a role touches nothing else in the account', () => {
  expect(changed({ s3: { Buckets: [{ Name: 'exports', BucketRegion: 'eu-west-1' }] } })).toEqual([
    'arn:aws:s3:::exports',
  ]);
  expect(changed({ iam: { RoleDetailList: [{ Arn: roleArn, RoleName: 'app' }] } })).toEqual([roleArn]);
});

test('a change of anything else in an account touches the account', () => {
  expect(changed({ organization: null })).toEqual([account]);
});
