import { nameOf } from '../base/arn.ts';
import type { Evidence, KeyGrant } from './schema.ts';

/*
 * `--demo=estate`: an organization that has every finding of an audit. The production account backs
 * up to a backup account, and the analytics account has a cluster of its own.
 */

type Account = Evidence['accounts'][string];
type Key = NonNullable<NonNullable<NonNullable<Account['regions']>[string]['kms']>['keys']>[number];
type Role = NonNullable<NonNullable<Account['iam']>['RoleDetailList']>[number];
type Rds = NonNullable<NonNullable<Account['regions']>[string]['rds']>;
type Snapshot = NonNullable<Rds['DBClusterSnapshots']>[number];
type Statement = Readonly<Record<string, unknown>>;

const production = '111122223333';
const backup = '222233334444';
const analytics = '333344445555';
const management = '444455556666';
/** This account is outside the organization. */
const vendor = '555566667777';
const region = 'eu-west-1';

function policy(...statements: readonly Statement[]): { Version: string; Statement: Statement[] } {
  return { Version: '2012-10-17', Statement: [...statements] };
}

const rootOf = (account: string): string => `arn:aws:iam::${account}:root`;
const roleArn = (account: string, name: string): string => `arn:aws:iam::${account}:role/${name}`;
/** `number`: four digits that identify the key in its account. */
const keyArn = (account: string, number: string): string =>
  `arn:aws:kms:${region}:${account}:key/${number}aaaa-0000-4000-8000-${account}`;

function delegates(account: string): Statement {
  return {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: rootOf(account) },
    Action: 'kms:*',
    Resource: '*',
  };
}

const useOfKey = ['kms:DescribeKey', 'kms:CreateGrant', 'kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext'];

function usedBy(sid: string, principal: string): Statement {
  return { Sid: sid, Effect: 'Allow', Principal: { AWS: principal }, Action: useOfKey, Resource: '*' };
}

/**
 * The grant that RDS created for a cluster. AWS does not publish its form (rds-kms-operations 3.1).
 */
function grantOfRds(account: string, cluster: string): KeyGrant {
  return {
    GrantId: `grant-of-${cluster}`,
    GranteePrincipal: 'rds.amazonaws.com',
    RetiringPrincipal: 'rds.amazonaws.com',
    IssuingAccount: rootOf(account),
    Operations: ['Decrypt', 'Encrypt', 'GenerateDataKey', 'CreateGrant', 'RetireGrant', 'DescribeKey'],
    Constraints: { EncryptionContextSubset: { 'aws:rds:dbc-id': resourceIdOf(cluster) } },
  };
}

interface KeyFacts {
  readonly number: string;
  readonly alias: string;
  readonly statements: readonly Statement[];
  readonly cluster?: string;
  readonly metadata?: Partial<Key['KeyMetadata']>;
  readonly tags?: Readonly<Record<string, string>>;
}

function keyOf(account: string, { number, alias, statements, cluster, metadata, tags = {} }: KeyFacts): Key {
  const arn = keyArn(account, number);
  return {
    KeyMetadata: {
      KeyId: nameOf(arn),
      Arn: arn,
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: 'AWS_KMS',
      MultiRegion: false,
      ...metadata,
    },
    Policy: policy(...statements),
    RamPolicy: null,
    Grants: cluster === undefined ? [] : [grantOfRds(account, cluster)],
    Aliases: [
      {
        AliasName: `alias/${alias}`,
        AliasArn: `arn:aws:kms:${region}:${account}:alias/${alias}`,
        TargetKeyId: nameOf(arn),
      },
    ],
    Tags: tagsOf(tags).map(({ Key: TagKey, Value: TagValue }) => ({ TagKey, TagValue })),
  };
}

function tagsOf(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

const resourceIdOf = (cluster: string): string => `cluster-${cluster.toUpperCase()}EXAMPLE`;

function clusterOf(account: string, name: string, key: string, tags: Readonly<Record<string, string>> = {}) {
  return {
    DBClusterIdentifier: name,
    DBClusterArn: `arn:aws:rds:${region}:${account}:cluster:${name}`,
    Status: 'available',
    Engine: 'aurora-postgresql',
    EngineVersion: '16.6',
    StorageEncrypted: true,
    StorageEncryptionType: 'sse-kms',
    KmsKeyId: key,
    DbClusterResourceId: resourceIdOf(name),
    DBClusterMembers: [],
    DeletionProtection: true,
    ReadReplicaIdentifiers: [],
    BackupRetentionPeriod: 7,
    TagList: tagsOf(tags),
  };
}

function snapshotOf(account: string, name: string, cluster: string, key: string): Snapshot {
  return {
    DBClusterSnapshotIdentifier: name,
    DBClusterSnapshotArn: `arn:aws:rds:${region}:${account}:cluster-snapshot:${name}`,
    DBClusterIdentifier: cluster,
    DbClusterResourceId: resourceIdOf(cluster),
    SnapshotType: 'manual',
    Status: 'available',
    SnapshotCreateTime: '2026-10-31T02:00:00Z',
    Engine: 'aurora-postgresql',
    EngineVersion: '16.6',
    StorageEncrypted: true,
    StorageEncryptionType: 'sse-kms',
    KmsKeyId: key,
    TagList: [],
  };
}

/** `sharedWith`: accounts. */
function sharing(name: string, sharedWith: readonly string[] = []) {
  return {
    DBClusterSnapshotIdentifier: name,
    DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [...sharedWith] }],
  };
}

function roleOf(account: string, name: string, statements: readonly Statement[], trust: Statement): Role {
  return {
    Path: '/',
    RoleName: name,
    RoleId: `AROA${name.toUpperCase().replaceAll('-', '').padEnd(17, 'X').slice(0, 17)}`,
    Arn: roleArn(account, name),
    AssumeRolePolicyDocument: policy(trust),
    RolePolicyList: [{ PolicyName: `${name}-access`, PolicyDocument: policy(...statements) }],
    AttachedManagedPolicies: [],
    Tags: [],
  };
}

/** The identity provider of the company. */
const federated: Statement = {
  Effect: 'Allow',
  Principal: { Federated: `arn:aws:iam::${production}:saml-provider/company` },
  Action: 'sts:AssumeRoleWithSAML',
  Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
};
const ofService = (service: string): Statement => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sts:AssumeRole',
});

function allow(sid: string, action: string | readonly string[], resource: string | readonly string[] = '*'): Statement {
  return { Sid: sid, Effect: 'Allow', Action: action, Resource: resource };
}

const restores = [
  'rds:Describe*',
  'rds:RestoreDBClusterFromSnapshot',
  'rds:RestoreDBClusterToPointInTime',
  'rds:CreateDBInstance',
  'rds:AddTagsToResource',
];

const noBackup = { BackupVaults: [], RecoveryPoints: [], BackupPlans: [] };

const stack = `arn:aws:cloudformation:${region}:${production}:stack/web/00000000-0000-4000-8000-000000000000`;

const keys = {
  orders: keyArn(production, '0001'),
  billing: keyArn(production, '0002'),
  archive: keyArn(production, '0003'),
  ledger: keyArn(production, '0004'),
  reporting: keyArn(production, '0005'),
  partner: keyArn(production, '0006'),
  events: keyArn(production, '0007'),
  web: keyArn(production, '0008'),
  awsRds: keyArn(production, '0009'),
} as const;

function productionAccount(): Account {
  return {
    iam: {
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: [
        roleOf(
          production,
          'nightly-backup',
          [allow('TakeBackups', ['rds:Describe*', 'rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'])],
          ofService('lambda.amazonaws.com'),
        ),
        roleOf(
          production,
          'dr-restore',
          [
            allow('Restore', restores),
            allow(
              'UseKeys',
              ['kms:DescribeKey', 'kms:CreateGrant'],
              [keys.orders, keys.ledger, keys.reporting, keys.partner, keys.web],
            ),
          ],
          federated,
        ),
        roleOf(production, 'billing-restore', [allow('Restore', restores)], federated),
        roleOf(
          production,
          'deployer',
          [
            allow('Deploy', [
              'rds:*',
              'kms:DescribeKey',
              'kms:CreateGrant',
              'kms:ScheduleKeyDeletion',
              'kms:DisableKey',
            ]),
          ],
          federated,
        ),
        roleOf(production, 'administrator', [allow('Administer', '*')], federated),
        ...Array.from({ length: 24 }, (_, at) =>
          roleOf(
            production,
            `app-${at + 1}`,
            [allow('Databases', restores), allow('Keys', 'kms:*', keys.events)],
            ofService('ecs-tasks.amazonaws.com'),
          ),
        ),
      ],
      Policies: [],
    },
    organization: organizationOf(production),
    regions: { [region]: { rds: productionRds(), kms: { keys: productionKeys() }, backup: noBackup } },
  };
}

function productionKeys(): Key[] {
  const own = delegates(production);
  return [
    keyOf(production, { number: '0001', alias: 'orders', statements: [own], cluster: 'orders' }),
    keyOf(production, {
      number: '0002',
      alias: 'billing',
      statements: [
        {
          Sid: 'OnlyTheRestoreRole',
          Effect: 'Allow',
          Principal: { AWS: roleArn(production, 'billing-restore') },
          Action: [...useOfKey, 'kms:PutKeyPolicy'],
          Resource: '*',
        },
      ],
      cluster: 'billing',
    }),
    // The role that the policy named was deleted, so KMS shows its unique ID.
    keyOf(production, {
      number: '0003',
      alias: 'archive',
      statements: [usedBy('OnlyTheArchiveRole', 'AROADELETEDARCHIVER00')],
    }),
    keyOf(production, {
      number: '0004',
      alias: 'ledger',
      statements: [own],
      cluster: 'ledger',
      metadata: { KeyState: 'PendingDeletion', DeletionDate: '2026-11-20T09:00:00Z' },
    }),
    keyOf(production, {
      number: '0005',
      alias: 'reporting',
      statements: [own, usedBy('Vendor', rootOf(vendor))],
      cluster: 'reporting',
    }),
    keyOf(production, { number: '0006', alias: 'partner', statements: [own], cluster: 'partner' }),
    keyOf(production, {
      number: '0007',
      alias: 'events',
      statements: [own, usedBy('FormerVendor', rootOf('666677778888'))],
      cluster: 'events',
    }),
    keyOf(production, {
      number: '0008',
      alias: 'web',
      statements: [own],
      cluster: 'web',
      tags: { 'aws:cloudformation:stack-id': stack },
    }),
    awsManagedKey(),
  ];
}

/** The key that AWS manages for RDS, with the policy that AWS publishes. */
function awsManagedKey(): Key {
  return keyOf(production, {
    number: '0009',
    alias: 'aws/rds',
    metadata: { KeyManager: 'AWS' },
    statements: [
      {
        Sid: 'Allow access through RDS for all principals in the account that are authorized to use RDS',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:CreateGrant',
          'kms:ListGrants',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': production, 'kms:ViaService': 'rds.eu-west-1.amazonaws.com' },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: rootOf(production) },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
    cluster: 'crm',
  });
}

function productionRds(): Rds {
  const cluster = (name: string, key: string, tags?: Readonly<Record<string, string>>) =>
    clusterOf(production, name, key, tags);
  const snapshot = (name: string, of: string, key: string): Snapshot => snapshotOf(production, name, of, key);
  return {
    DBClusters: [
      cluster('orders', keys.orders),
      cluster('billing', keys.billing),
      cluster('ledger', keys.ledger),
      cluster('reporting', keys.reporting),
      cluster('partner', keys.partner),
      cluster('events', keys.events),
      cluster('web', keys.web, { 'aws:cloudformation:stack-id': stack }),
      cluster('crm', keys.awsRds),
    ],
    DBInstances: [],
    DBSnapshots: [],
    DBClusterAutomatedBackups: [],
    DBInstanceAutomatedBackups: [],
    DBClusterSnapshots: [
      snapshot('orders-monthly', 'orders', keys.orders),
      snapshot('billing-monthly', 'billing', keys.billing),
      snapshot('archive-2019', 'archive', keys.archive),
      snapshot('archive-2020', 'archive', keys.archive),
      snapshot('ledger-monthly', 'ledger', keys.ledger),
      snapshot('reporting-for-vendor', 'reporting', keys.reporting),
      snapshot('partner-for-backup', 'partner', keys.partner),
      snapshot('events-monthly', 'events', keys.events),
      snapshot('web-monthly', 'web', keys.web),
      snapshot('crm-monthly', 'crm', keys.awsRds),
    ],
    DBClusterSnapshotAttributes: [
      sharing('orders-monthly'),
      sharing('billing-monthly'),
      sharing('archive-2019'),
      sharing('archive-2020'),
      sharing('ledger-monthly'),
      sharing('reporting-for-vendor', [vendor]),
      sharing('partner-for-backup', [backup]),
      sharing('events-monthly'),
      sharing('web-monthly'),
      sharing('crm-monthly'),
    ],
    DBSnapshotAttributes: [],
  };
}

/** The account that restores if the production account is lost. */
function backupAccount(): Account {
  return {
    iam: {
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: [
        roleOf(
          backup,
          'recovery',
          [allow('Restore', [...restores, 'rds:CopyDBClusterSnapshot']), allow('UseKeys', useOfKey)],
          {
            Effect: 'Allow',
            Principal: { AWS: rootOf(management) },
            Action: 'sts:AssumeRole',
          },
        ),
      ],
      Policies: [],
    },
    organization: organizationOf(backup),
    regions: {
      [region]: {
        rds: {
          DBClusters: [],
          DBInstances: [],
          DBSnapshots: [],
          DBClusterAutomatedBackups: [],
          DBInstanceAutomatedBackups: [],
          DBClusterSnapshots: [snapshotOf(backup, 'orders-copy', 'orders', keys.orders)],
          DBClusterSnapshotAttributes: [sharing('orders-copy')],
          DBSnapshotAttributes: [],
        },
        kms: { keys: [] },
        backup: noBackup,
      },
    },
  };
}

function analyticsAccount(): Account {
  const key = keyArn(analytics, '0001');
  return {
    iam: {
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: [
        roleOf(analytics, 'analyst', [allow('Restore', restores), allow('UseKeys', useOfKey, key)], federated),
      ],
      Policies: [],
    },
    organization: organizationOf(analytics),
    regions: {
      [region]: {
        rds: {
          DBClusters: [clusterOf(analytics, 'warehouse', key)],
          DBInstances: [],
          DBSnapshots: [],
          DBClusterAutomatedBackups: [],
          DBInstanceAutomatedBackups: [],
          DBClusterSnapshots: [snapshotOf(analytics, 'warehouse-weekly', 'warehouse', key)],
          DBClusterSnapshotAttributes: [sharing('warehouse-weekly')],
          DBSnapshotAttributes: [],
        },
        kms: {
          keys: [
            keyOf(analytics, {
              number: '0001',
              alias: 'warehouse',
              statements: [delegates(analytics)],
              cluster: 'warehouse',
              // The key material was imported. Deleting it makes the key useless at once.
              metadata: { Origin: 'EXTERNAL', ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' },
            }),
          ],
        },
        backup: noBackup,
      },
    },
  };
}

function organizationOf(account: string): NonNullable<Account['organization']> {
  const everything = (name: string) => ({ name, document: policy({ Effect: 'Allow', Action: '*', Resource: '*' }) });
  const everyone = (name: string) => ({
    name,
    document: policy({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }),
  });
  const level = (id: string, type: 'ROOT' | 'ORGANIZATIONAL_UNIT' | 'ACCOUNT') => ({
    id,
    type,
    scps: [everything('FullAWSAccess')],
    rcps: [everyone('RCPFullAWSAccess')],
  });
  return {
    id: 'o-demoestate',
    managementAccountId: management,
    path: [level('r-demo', 'ROOT'), level('ou-demo-databases', 'ORGANIZATIONAL_UNIT'), level(account, 'ACCOUNT')],
  };
}

export const estateEvidence: Evidence = {
  evidenceVersion: 1,
  caller: { Arn: roleArn(production, 'dr-restore') },
  collectedAt: '2026-11-01T09:00:00Z',
  accounts: {
    [production]: productionAccount(),
    [backup]: backupAccount(),
    [analytics]: analyticsAccount(),
  },
  gaps: [
    {
      what: 'rds:DescribeDBClusterSnapshots',
      account: analytics,
      region: 'eu-central-1',
      reason: 'AccessDenied: no identity-based policy allows the rds:DescribeDBClusterSnapshots action',
    },
  ],
};
