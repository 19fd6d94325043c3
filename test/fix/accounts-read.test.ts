import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { questionOf } from '../check-case.ts';

/*
 * Users, roles and policies of an organization may be read again each time they are needed. A fix
 * in one account does not change the users and roles of other accounts, so the search for the fix
 * must not read them.
 */

const own = '111122223333';
const policy = `arn:aws:iam::${own}:policy/restorer`;
const key = `arn:aws:kms:eu-west-1:${own}:key/one`;
const snapshot = `arn:aws:rds:eu-west-1:${own}:cluster-snapshot:orders-1`;
const allow = (Action: readonly string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

/**
 * How often a check with fixes reads the users and roles of accounts that the check is not about.
 */
function readsOfOthers(others: number, isManaged: boolean): { readonly fixes: number; readonly reads: number } {
  const document = allow(['rds:*']);
  let reads = 0;
  const elsewhere = Array.from({ length: others }, (_, index) => [
    String(222222222222 + index),
    {
      organization: null,
      get iam() {
        reads += 1;
        return { UserDetailList: [], GroupDetailList: [], RoleDetailList: [], Policies: [] };
      },
    },
  ]);
  const evidence: Evidence = {
    evidenceVersion: 1,
    accounts: {
      [own]: {
        organization: null,
        iam: {
          UserDetailList: [],
          GroupDetailList: [],
          RoleDetailList: [
            {
              RoleName: 'restorer',
              Arn: `arn:aws:iam::${own}:role/restorer`,
              RolePolicyList: isManaged ? [] : [{ PolicyName: 'own', PolicyDocument: document }],
              AttachedManagedPolicies: isManaged ? [{ PolicyName: 'restorer', PolicyArn: policy }] : [],
              Tags: [],
            },
          ],
          Policies: isManaged
            ? [
                {
                  PolicyName: 'restorer',
                  Arn: policy,
                  PolicyVersionList: [{ IsDefaultVersion: true, Document: document }],
                },
              ]
            : [],
        },
        regions: {
          'eu-west-1': {
            rds: {
              DBClusters: [],
              DBInstances: [],
              DBSnapshots: [],
              DBClusterSnapshots: [
                {
                  DBClusterSnapshotIdentifier: 'orders-1',
                  DBClusterSnapshotArn: snapshot,
                  SnapshotType: 'manual',
                  Engine: 'aurora-postgresql',
                  EngineVersion: '16.6',
                  Status: 'available',
                  StorageEncrypted: true,
                  KmsKeyId: key,
                },
              ],
            },
            kms: {
              keys: [
                {
                  KeyMetadata: { Arn: key, KeyId: 'one', KeyState: 'Enabled', KeyManager: 'CUSTOMER' },
                  Policy: {
                    Version: '2012-10-17',
                    Statement: [
                      {
                        Effect: 'Allow',
                        Principal: { AWS: `arn:aws:iam::${own}:root` },
                        Action: 'kms:*',
                        Resource: '*',
                      },
                    ],
                  },
                  Grants: [],
                },
              ],
            },
          },
        },
      },
      ...Object.fromEntries(elsewhere),
    },
  };
  const question = questionOf({ operation: 'restore', principal: `arn:aws:iam::${own}:role/restorer`, snapshot });
  reads = 0;
  const { fixes } = check(evidence, { ...question, region: 'eu-west-1', fix: true }, 'test');
  return { fixes: fixes.length, reads };
}

test.each([
  ['an inline policy', false],
  ['a managed policy', true],
])('a fix of %s reads no users and roles of other accounts', (_, isManaged) => {
  const { fixes, reads } = readsOfOthers(5, isManaged);
  expect(fixes).toBeGreaterThan(0);
  expect(reads).toBe(0);
});
