import { expect, test } from 'vitest';
import { check, type Evidence } from '../../src/index.ts';

const account = '111122223333';
const keyArn = `arn:aws:kms:us-east-1:${account}:key/k1`;
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const deny = { Effect: 'Deny', Action: 'kms:CreateGrant', Resource: '*' };

function document(...statements: readonly object[]) {
  return { Version: '2012-10-17', Statement: statements };
}

function controlled(kind: 'scp' | 'rcp', ...denied: readonly string[]) {
  const forAll = kind === 'rcp' ? { Principal: '*' } : {};
  return ['Full', ...denied].map((name) => ({
    name,
    document: document({ ...(name === 'Full' ? allow : deny), ...forAll }),
  }));
}

/** A role that eight policies stop from creating grants. */
const evidence: Evidence = {
  evidenceVersion: 1,
  accounts: {
    [account]: {
      organization: {
        id: 'o-example1234',
        managementAccountId: '999999999999',
        path: [{ id: account, scps: controlled('scp', 'One', 'Two'), rcps: controlled('rcp', 'Three') }],
      },
      iam: {
        RoleDetailList: [
          {
            Arn: `arn:aws:iam::${account}:role/dba`,
            RoleName: 'dba',
            RolePolicyList: [
              { PolicyName: 'all', PolicyDocument: document(allow) },
              ...['a', 'b', 'c'].map((name) => ({ PolicyName: name, PolicyDocument: document(deny) })),
            ],
            AttachedManagedPolicies: [],
            PermissionsBoundary: { PermissionsBoundaryArn: `arn:aws:iam::${account}:policy/boundary` },
          },
        ],
        Policies: [
          {
            Arn: `arn:aws:iam::${account}:policy/boundary`,
            PolicyName: 'boundary',
            PolicyVersionList: [{ IsDefaultVersion: true, Document: document(allow, deny) }],
          },
        ],
      },
      regions: {
        'us-east-1': {
          rds: {
            DBClusterSnapshots: [
              {
                DBClusterSnapshotIdentifier: 's',
                DBClusterSnapshotArn: `arn:aws:rds:us-east-1:${account}:cluster-snapshot:s`,
                SnapshotType: 'manual',
                Status: 'available',
                Engine: 'aurora-mysql',
                EngineVersion: '8.0.mysql_aurora.3.08.0',
                StorageEncrypted: true,
                StorageEncryptionType: 'sse-kms',
                KmsKeyId: keyArn,
              },
            ],
          },
          kms: {
            keys: [
              {
                KeyMetadata: {
                  KeyId: 'k1',
                  Arn: keyArn,
                  KeyState: 'Enabled',
                  KeyManager: 'CUSTOMER',
                  KeySpec: 'SYMMETRIC_DEFAULT',
                  KeyUsage: 'ENCRYPT_DECRYPT',
                },
                Policy: document(
                  { ...allow, Action: 'kms:*', Principal: { AWS: `arn:aws:iam::${account}:root` } },
                  { ...deny, Principal: '*' },
                ),
                Grants: [],
              },
            ],
          },
        },
      },
    },
  },
};

test('a fix has a step for each of the eight policies that stop the principal', () => {
  const { fixes, verdict } = check(evidence, {
    operation: 'restore',
    principal: 'role/dba',
    target: 's',
    region: 'us-east-1',
  });
  expect(verdict).toBe('fails');
  expect(fixes.map((fix) => [fix.verdict, fix.steps.length])).toContainEqual(['succeeds', 8]);
});
