import type { Evidence, KeyGrant } from './schema.ts';

/** The principal of `--demo` if none is named. */
export const demoPrincipal = 'arn:aws:iam::111122223333:role/operator';

/**
 * The grant that RDS created for a cluster. AWS does not publish its form (rds-kms-operations 3.1).
 * This one follows the published grants of other services, and no verdict depends on it.
 */
function rdsGrant(resourceId: string): KeyGrant {
  return {
    GrantId: `grant-of-${resourceId}`,
    GranteePrincipal: 'rds.amazonaws.com',
    RetiringPrincipal: 'rds.amazonaws.com',
    IssuingAccount: 'arn:aws:iam::111122223333:root',
    Operations: [
      'Decrypt',
      'Encrypt',
      'GenerateDataKey',
      'ReEncryptFrom',
      'ReEncryptTo',
      'CreateGrant',
      'RetireGrant',
      'DescribeKey',
    ],
    Constraints: { EncryptionContextSubset: { 'aws:rds:dbc-id': resourceId } },
  };
}

/**
 * The founding case. The key of cluster `orders` denies every KMS action to everyone except one
 * administrator and AWS services. The operator can take a snapshot of the cluster, because RDS then
 * makes no KMS call as the caller. The operator cannot restore a snapshot, because RDS then calls
 * kms:DescribeKey and kms:CreateGrant with the caller's identity. Cluster `ledger` has a key that
 * delegates to IAM, so `role/dr-restore` can restore it with a least-privilege policy.
 */
export const demoEvidence: Evidence = {
  evidenceVersion: 1,
  collectedAt: '2026-11-01T09:00:00Z',
  accounts: {
    '111122223333': {
      iam: {
        UserDetailList: [
          {
            Path: '/',
            UserName: 'administrator',
            UserId: 'AIDAEXAMPLEADMINISTR',
            Arn: 'arn:aws:iam::111122223333:user/administrator',
            UserPolicyList: [],
            GroupList: [],
            AttachedManagedPolicies: [
              { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
            ],
            Tags: [],
          },
        ],
        GroupDetailList: [],
        RoleDetailList: [
          {
            Path: '/',
            RoleName: 'operator',
            RoleId: 'AROAEXAMPLEOPERATOR1',
            Arn: 'arn:aws:iam::111122223333:role/operator',
            RolePolicyList: [
              {
                PolicyName: 'operate-databases',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [
                    {
                      Sid: 'OperateDatabases',
                      Effect: 'Allow',
                      Action: [
                        'ec2:Describe*',
                        'rds:Describe*',
                        'rds:List*',
                        'rds:CreateDBSnapshot',
                        'rds:CreateDBClusterSnapshot',
                        'rds:ModifyDBInstance',
                        'rds:ModifyDBCluster',
                        'rds:ModifyDBParameterGroup',
                        'rds:ModifyDBClusterParameterGroup',
                        'rds:ModifyOptionGroup',
                        'rds:RebootDBInstance',
                        'rds:RestoreDBInstanceFromDBSnapshot',
                        'rds:RestoreDBInstanceToPointInTime',
                        'rds:RestoreDBClusterFromSnapshot',
                        'rds:RestoreDBClusterToPointInTime',
                      ],
                      Resource: '*',
                    },
                  ],
                },
              },
            ],
            AttachedManagedPolicies: [],
            Tags: [],
          },
          {
            Path: '/',
            RoleName: 'dr-restore',
            RoleId: 'AROAEXAMPLEDRRESTOR1',
            Arn: 'arn:aws:iam::111122223333:role/dr-restore',
            RolePolicyList: [
              {
                PolicyName: 'restore-ledger',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [
                    {
                      Sid: 'Restore',
                      Effect: 'Allow',
                      Action: ['rds:Describe*', 'rds:RestoreDBClusterFromSnapshot', 'rds:CreateDBInstance'],
                      Resource: '*',
                    },
                    {
                      Sid: 'DescribeKeyThroughRds',
                      Effect: 'Allow',
                      Action: 'kms:DescribeKey',
                      Resource: 'arn:aws:kms:us-east-1:111122223333:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                      Condition: { StringEquals: { 'kms:ViaService': 'rds.us-east-1.amazonaws.com' } },
                    },
                    {
                      Sid: 'CreateGrantForRds',
                      Effect: 'Allow',
                      Action: 'kms:CreateGrant',
                      Resource: 'arn:aws:kms:us-east-1:111122223333:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                      Condition: {
                        StringEquals: { 'kms:ViaService': 'rds.us-east-1.amazonaws.com' },
                        Bool: { 'kms:GrantIsForAWSResource': 'true' },
                      },
                    },
                  ],
                },
              },
            ],
            AttachedManagedPolicies: [],
            Tags: [],
          },
        ],
        Policies: [
          {
            PolicyName: 'AdministratorAccess',
            Arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
            DefaultVersionId: 'v1',
            PolicyVersionList: [
              {
                VersionId: 'v1',
                IsDefaultVersion: true,
                Document: {
                  Version: '2012-10-17',
                  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
                },
              },
            ],
          },
        ],
      },
      organization: null,
      regions: {
        'us-east-1': {
          rds: {
            DBClusters: [
              {
                DBClusterIdentifier: 'orders',
                DBClusterArn: 'arn:aws:rds:us-east-1:111122223333:cluster:orders',
                Status: 'available',
                Engine: 'aurora-postgresql',
                EngineVersion: '16.6',
                StorageEncrypted: true,
                StorageEncryptionType: 'sse-kms',
                KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23',
                DbClusterResourceId: 'cluster-ORDERSEXAMPLE',
                DBClusterMembers: [],
                DeletionProtection: false,
                ReadReplicaIdentifiers: [],
                TagList: [],
              },
              {
                DBClusterIdentifier: 'ledger',
                DBClusterArn: 'arn:aws:rds:us-east-1:111122223333:cluster:ledger',
                Status: 'available',
                Engine: 'aurora-postgresql',
                EngineVersion: '16.6',
                StorageEncrypted: true,
                StorageEncryptionType: 'sse-kms',
                KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                DbClusterResourceId: 'cluster-LEDGEREXAMPLE',
                DBClusterMembers: [],
                DeletionProtection: true,
                ReadReplicaIdentifiers: [],
                TagList: [],
              },
            ],
            DBSnapshots: [],
            DBClusterAutomatedBackups: [],
            DBInstanceAutomatedBackups: [],
            DBClusterSnapshots: [
              {
                DBClusterSnapshotIdentifier: 'orders-before-upgrade',
                DBClusterSnapshotArn: 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:orders-before-upgrade',
                DBClusterIdentifier: 'orders',
                DbClusterResourceId: 'cluster-ORDERSEXAMPLE',
                SnapshotType: 'manual',
                Status: 'available',
                Engine: 'aurora-postgresql',
                EngineVersion: '16.6',
                StorageEncrypted: true,
                StorageEncryptionType: 'sse-kms',
                KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23',
                TagList: [],
              },
              {
                DBClusterSnapshotIdentifier: 'rds:orders-2026-11-01-03-10',
                DBClusterSnapshotArn: 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:rds:orders-2026-11-01-03-10',
                DBClusterIdentifier: 'orders',
                DbClusterResourceId: 'cluster-ORDERSEXAMPLE',
                SnapshotType: 'automated',
                Status: 'available',
                Engine: 'aurora-postgresql',
                EngineVersion: '16.6',
                StorageEncrypted: true,
                StorageEncryptionType: 'sse-kms',
                KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23',
                TagList: [],
              },
              {
                DBClusterSnapshotIdentifier: 'ledger-monthly',
                DBClusterSnapshotArn: 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:ledger-monthly',
                DBClusterIdentifier: 'ledger',
                DbClusterResourceId: 'cluster-LEDGEREXAMPLE',
                SnapshotType: 'manual',
                Status: 'available',
                Engine: 'aurora-postgresql',
                EngineVersion: '16.6',
                StorageEncrypted: true,
                StorageEncryptionType: 'sse-kms',
                KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                TagList: [],
              },
            ],
            DBInstances: [
              {
                DBInstanceIdentifier: 'reports',
                DBInstanceArn: 'arn:aws:rds:us-east-1:111122223333:db:reports',
                DBInstanceStatus: 'available',
                DbiResourceId: 'db-REPORTSEXAMPLE',
                Engine: 'postgres',
                EngineVersion: '16.6',
                BackupRetentionPeriod: 7,
                DeletionProtection: false,
                StorageEncrypted: true,
                StorageEncryptionType: 'sse-kms',
                KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                TagList: [],
              },
            ],
            DBClusterSnapshotAttributes: [
              {
                DBClusterSnapshotIdentifier: 'orders-before-upgrade',
                DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [] }],
              },
              {
                DBClusterSnapshotIdentifier: 'ledger-monthly',
                DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [] }],
              },
            ],
          },
          kms: {
            keys: [
              {
                KeyMetadata: {
                  KeyId: '6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23',
                  Arn: 'arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23',
                  KeyState: 'Enabled',
                  KeyManager: 'CUSTOMER',
                  KeySpec: 'SYMMETRIC_DEFAULT',
                  KeyUsage: 'ENCRYPT_DECRYPT',
                  Origin: 'AWS_KMS',
                  MultiRegion: false,
                },
                Policy: {
                  Version: '2012-10-17',
                  Id: 'key-default-1',
                  Statement: [
                    {
                      Sid: 'Enable IAM User Permissions',
                      Effect: 'Allow',
                      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
                      Action: 'kms:*',
                      Resource: '*',
                    },
                    {
                      Sid: 'Deny actions except AdminRole',
                      Effect: 'Deny',
                      Principal: '*',
                      Action: 'kms:*',
                      Resource: '*',
                      Condition: {
                        StringNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:user/administrator' },
                        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
                      },
                    },
                  ],
                },
                RamPolicy: null,
                Grants: [rdsGrant('cluster-ORDERSEXAMPLE')],
                Aliases: [
                  {
                    AliasName: 'alias/orders',
                    AliasArn: 'arn:aws:kms:us-east-1:111122223333:alias/orders',
                    TargetKeyId: '6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23',
                  },
                ],
                Tags: [],
              },
              {
                KeyMetadata: {
                  KeyId: '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                  Arn: 'arn:aws:kms:us-east-1:111122223333:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                  KeyState: 'Enabled',
                  KeyManager: 'CUSTOMER',
                  KeySpec: 'SYMMETRIC_DEFAULT',
                  KeyUsage: 'ENCRYPT_DECRYPT',
                  Origin: 'AWS_KMS',
                  MultiRegion: false,
                },
                Policy: {
                  Version: '2012-10-17',
                  Id: 'key-default-1',
                  Statement: [
                    {
                      Sid: 'Enable IAM User Permissions',
                      Effect: 'Allow',
                      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
                      Action: 'kms:*',
                      Resource: '*',
                    },
                  ],
                },
                RamPolicy: null,
                Grants: [rdsGrant('cluster-LEDGEREXAMPLE')],
                Aliases: [
                  {
                    AliasName: 'alias/ledger',
                    AliasArn: 'arn:aws:kms:us-east-1:111122223333:alias/ledger',
                    TargetKeyId: '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
                  },
                ],
                Tags: [],
              },
            ],
          },
        },
      },
    },
  },
  gaps: [],
};
