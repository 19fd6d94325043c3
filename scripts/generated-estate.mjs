// Writes an organization of any size, one evidence file for each account, in the form that
// `aurora-kms-check collect` writes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { delegates, encoded, keyMetadata, numbered, onRds, others } from './generated-account.mjs';

export const perAccount = { principals: 1_000, keys: 1, snapshots: 10 };
const region = 'us-east-1';
const organizationId = 'o-example01';
const units = 40;

/** How common things are in the estate, in percent. */
export const shares = {
  'principals that are users': 5,
  'principals with an inline policy': 40,
  'principals with a permissions boundary': 20,
  'principals with tags': 70,
  'inline policies about RDS or KMS': 10,
  'customer managed policies about RDS or KMS': 10,
  'keys that restrict by tag': 15,
  'keys with a Deny that exempts some roles': 10,
  'keys with grants to principals': 30,
  'keys open to the organization': 5,
  'snapshots shared with another account': 2,
  'organizational units with an SCP about RDS or KMS': 30,
  'accounts with an SCP of their own': 5,
};

/** A repeatable source of whole numbers below a bound (mulberry32). */
function diceOf(seed) {
  let state = seed | 0;
  const chance = (items) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * items);
  };
  return { chance, one: (items) => items[chance(items.length)], is: (share) => chance(100) < shares[share] };
}

export function accountId(index) {
  return String(100_000_000_001 + index * 7);
}

/** Writes the files. Returns their total size in bytes. */
export function writeEstate(folder, accounts) {
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (let index = 0; index < accounts; index++) {
    const id = accountId(index);
    const text = JSON.stringify({ evidenceVersion: 1, accounts: { [id]: accountOf(index, accounts) } });
    bytes += text.length;
    writeFileSync(join(folder, `${id}.json`), text);
  }
  return bytes;
}

const teams = ['red', 'blue', 'green', 'data', 'web', 'ops'];
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const tagged = (tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Policies about RDS or KMS. Some principals have them. */
function aboutDatabases(dice, id) {
  const ofTeam = { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } };
  return dice.one([
    onRds(region),
    onRds(region),
    [{ Effect: 'Allow', Action: 'rds:*', Resource: '*' }],
    [{ Effect: 'Allow', Action: ['rds:Describe*', 'rds:ListTagsForResource'], Resource: '*' }],
    [{ Effect: 'Allow', Action: 'rds:*', Resource: '*', Condition: ofTeam }, ...onRds(region).slice(1)],
    [
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: `arn:aws:kms:${region}:${id}:key/*`,
      },
    ],
    [{ Effect: 'Allow', Action: 'rds:Restore*', Resource: `arn:aws:rds:${region}:${id}:*` }, ...onRds(region).slice(1)],
    [{ Effect: 'Deny', Action: ['rds:Delete*', 'kms:ScheduleKeyDeletion'], Resource: '*' }, ...onRds(region)],
  ]);
}

const service = (name) => encoded({ Effect: 'Allow', Principal: { Service: name }, Action: 'sts:AssumeRole' });
const trusts = [service('ec2.amazonaws.com'), service('lambda.amazonaws.com'), service('ecs-tasks.amazonaws.com')];

const awsPolicies = {
  'arn:aws:iam::aws:policy/AdministratorAccess': [everything],
  'arn:aws:iam::aws:policy/ReadOnlyAccess': [
    { Effect: 'Allow', Action: ['rds:Describe*', 'kms:Describe*', 'kms:List*', 's3:Get*'], Resource: '*' },
  ],
  'arn:aws:iam::aws:policy/AmazonRDSFullAccess': [
    { Effect: 'Allow', Action: ['rds:*', 'ec2:Describe*'], Resource: '*' },
  ],
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': others.slice(0, 1),
};

function managed(arn, document) {
  return {
    Arn: arn,
    PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
    DefaultVersionId: 'v1',
    PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document }],
  };
}

function accountOf(index, accounts) {
  const dice = diceOf(index + 1);
  const id = accountId(index);
  return {
    organization: organizationOf(index),
    iam: iamOf(dice, id, index),
    regions: {
      [region]: {
        rds: rdsOf(dice, id, index, accounts),
        kms: { keys: [keyOf(dice, id)] },
        backup: { BackupVaults: [], RecoveryPoints: [], BackupPlans: [] },
      },
    },
  };
}

function iamOf(dice, id, index) {
  const arn = (name) => `arn:aws:iam::${id}:policy/${name}`;
  const policies = numbered(30, (number) => {
    const about = dice.is('customer managed policies about RDS or KMS') ? aboutDatabases(dice, id) : [];
    return managed(arn(`app-${number}`), encoded(...others.slice(number % 5), ...about));
  });
  const boundary = managed(
    arn('boundary'),
    encoded(everything, { Effect: 'Deny', Action: ['iam:*', 'kms:Put*'], Resource: '*' }),
  );
  const narrow = managed(
    arn('narrow'),
    encoded({ Effect: 'Allow', Action: ['s3:*', 'logs:*', 'rds:Describe*'], Resource: '*' }),
  );
  const inline = numbered(12, () =>
    encoded(...others.slice(0, 4), ...(dice.is('inline policies about RDS or KMS') ? aboutDatabases(dice, id) : [])),
  );
  const groups = numbered(4, (number) => ({
    Path: '/',
    GroupName: `group-${number}`,
    GroupId: `AGPA${id}${String(number).padStart(4, '0')}`,
    Arn: `arn:aws:iam::${id}:group/group-${number}`,
    GroupPolicyList: number === 0 ? [{ PolicyName: 'own', PolicyDocument: encoded(...onRds(region)) }] : [],
    AttachedManagedPolicies: [{ PolicyName: `app-${number}`, PolicyArn: arn(`app-${number}`) }],
  }));
  const held = (kind, number) => ({
    [`${kind}PolicyList`]: dice.is('principals with an inline policy')
      ? [{ PolicyName: `own-${number}`, PolicyDocument: dice.one(inline) }]
      : [],
    AttachedManagedPolicies: [
      ...new Set(numbered(1 + dice.chance(2), () => arn(`app-${dice.chance(30)}`))),
      ...(number % 100 === 0 ? [dice.one(Object.keys(awsPolicies))] : []),
    ].map((PolicyArn) => ({ PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1), PolicyArn })),
    ...(dice.is('principals with a permissions boundary')
      ? {
          PermissionsBoundary: {
            PermissionsBoundaryType: 'Policy',
            PermissionsBoundaryArn: arn(dice.one(['boundary', 'boundary', 'narrow'])),
          },
        }
      : {}),
    Tags: dice.is('principals with tags')
      ? tagged({ Name: `p-${index}-${number}`, team: dice.one(teams), env: dice.one(['prod', 'test']) })
      : [],
  });
  const users = Math.round((perAccount.principals * shares['principals that are users']) / 100);
  return {
    UserDetailList: numbered(users, (number) => ({
      Path: '/',
      UserName: `user-${number}`,
      UserId: `AIDA${id}${String(number).padStart(5, '0')}`,
      Arn: `arn:aws:iam::${id}:user/user-${number}`,
      CreateDate: '2024-03-01T00:00:00Z',
      GroupList: numbered(dice.chance(3), (one) => `group-${one}`),
      ...held('User', number),
    })),
    RoleDetailList: numbered(perAccount.principals - users, (number) => ({
      Path: number % 10 === 0 ? '/team/' : '/',
      RoleName: `role-${number}`,
      RoleId: `AROA${id}${String(number).padStart(5, '0')}`,
      Arn: `arn:aws:iam::${id}:role/${number % 10 === 0 ? 'team/' : ''}role-${number}`,
      CreateDate: '2024-03-01T00:00:00Z',
      AssumeRolePolicyDocument: dice.one(trusts),
      ...held('Role', number),
    })),
    GroupDetailList: groups,
    Policies: [
      ...policies,
      boundary,
      narrow,
      ...Object.entries(awsPolicies).map(([one, statements]) => managed(one, encoded(...statements))),
    ],
  };
}

function keyArnOf(id) {
  return `arn:aws:kms:${region}:${id}:key/00000000-0000-4000-8000-${id}`;
}

function keyOf(dice, id) {
  const admins = { AWS: [`arn:aws:iam::${id}:role/team/role-0`, `arn:aws:iam::${id}:role/role-1`] };
  const anybody = {
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: ['kms:DescribeKey', 'kms:CreateGrant'],
    Resource: '*',
  };
  const statements = [
    delegates(id),
    { Sid: 'Admins', Effect: 'Allow', Principal: admins, Action: 'kms:*', Resource: '*' },
    ...(dice.is('keys that restrict by tag')
      ? [{ ...anybody, Effect: 'Deny', Condition: { StringNotEquals: { 'aws:PrincipalTag/team': ['data', 'ops'] } } }]
      : []),
    ...(dice.is('keys with a Deny that exempts some roles')
      ? [
          {
            Sid: 'OnlySome',
            Effect: 'Deny',
            NotPrincipal: { AWS: [...admins.AWS, `arn:aws:iam::${id}:root`] },
            Action: 'kms:CreateGrant',
            Resource: '*',
          },
        ]
      : []),
    ...(dice.is('keys open to the organization')
      ? [{ ...anybody, Condition: { StringEquals: { 'aws:PrincipalOrgID': organizationId } } }]
      : []),
  ];
  return {
    KeyMetadata: { ...keyMetadata(keyArnOf(id)), Origin: 'AWS_KMS', MultiRegion: false },
    Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    RamPolicy: null,
    Grants: dice.is('keys with grants to principals')
      ? numbered(20, (number) => ({
          GrantId: `${number}${id}`.padEnd(64, '0'),
          GranteePrincipal: `arn:aws:iam::${id}:role/role-${dice.chance(90) * 10 + 1}`,
          IssuingAccount: `arn:aws:iam::${id}:root`,
          Operations: ['Decrypt', 'CreateGrant', 'DescribeKey'],
        }))
      : [],
    Aliases: [{ AliasName: 'alias/databases' }],
    Tags: [{ TagKey: 'team', TagValue: dice.one(teams) }],
  };
}

function rdsOf(dice, id, index, accounts) {
  const storage = {
    Engine: 'aurora-postgresql',
    EngineVersion: '16.6',
    StorageEncrypted: true,
    StorageEncryptionType: 'sse-kms',
    KmsKeyId: keyArnOf(id),
    DbClusterResourceId: `cluster-${id}`,
    TagList: tagged({ team: dice.one(teams) }),
  };
  const arn = (type, name) => `arn:aws:rds:${region}:${id}:${type}:${name}`;
  const snapshots = numbered(perAccount.snapshots, (number) => ({
    DBClusterSnapshotIdentifier: `nightly-${number}`,
    DBClusterSnapshotArn: arn('cluster-snapshot', `nightly-${number}`),
    DBClusterIdentifier: 'orders',
    SnapshotType: 'manual',
    Status: 'available',
    ClusterCreateTime: '2024-01-01T00:00:00Z',
    SnapshotCreateTime: `2026-11-${String(number + 10).padStart(2, '0')}T00:00:00Z`,
    ...storage,
  }));
  return {
    DBClusters: [
      {
        DBClusterIdentifier: 'orders',
        DBClusterArn: arn('cluster', 'orders'),
        Status: 'available',
        DBClusterMembers: [],
        ...storage,
      },
    ],
    DBClusterSnapshots: snapshots,
    DBClusterSnapshotAttributes: snapshots.map(({ DBClusterSnapshotIdentifier }) => ({
      DBClusterSnapshotIdentifier,
      DBClusterSnapshotAttributes: [
        {
          AttributeName: 'restore',
          AttributeValues: dice.is('snapshots shared with another account') ? [accountId((index + 1) % accounts)] : [],
        },
      ],
    })),
    DBInstances: [],
    DBSnapshots: [],
    DBClusterAutomatedBackups: [],
    DBInstanceAutomatedBackups: [],
  };
}

/** A root, organizational units in two levels, and the account; each level has its SCPs. */
function organizationOf(index) {
  const full = { name: 'FullAWSAccess', document: { Version: '2012-10-17', Statement: [everything] } };
  const open = {
    name: 'RCPFullAWSAccess',
    document: { Version: '2012-10-17', Statement: [{ ...everything, Principal: '*' }] },
  };
  const denies = (name, ...statements) => ({
    name,
    document: {
      Version: '2012-10-17',
      Statement: statements.map((one) => ({ Effect: 'Deny', Resource: '*', ...one })),
    },
  });
  const unit = index % units;
  const level = (id, type, ...scps) => ({ id, type, scps: [full, ...scps], rcps: [open] });
  const ofUnit = diceOf(9_000 + unit);
  const own = diceOf(90_000 + index);
  const noRestore = denies('no-restore', {
    Action: ['rds:RestoreDB*'],
    Condition: { ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::*:role/team/*', 'arn:aws:iam::*:role/role-1'] } },
  });
  const noSharing = denies('no-sharing', { Action: ['rds:ModifyDBClusterSnapshotAttribute', 'kms:PutKeyPolicy'] });
  return {
    id: organizationId,
    managementAccountId: '999999999999',
    path: [
      level(
        'r-root',
        'ROOT',
        denies('regions', {
          NotAction: ['iam:*', 'sts:*'],
          Condition: { StringNotEquals: { 'aws:RequestedRegion': [region, 'us-west-2'] } },
        }),
      ),
      level(`ou-root-${unit % 8}`, 'ORGANIZATIONAL_UNIT'),
      level(
        `ou-leaf-${unit}`,
        'ORGANIZATIONAL_UNIT',
        ...(ofUnit.is('organizational units with an SCP about RDS or KMS') ? [ofUnit.one([noRestore, noSharing])] : []),
      ),
      level(accountId(index), 'ACCOUNT', ...(own.is('accounts with an SCP of their own') ? [noSharing] : [])),
    ],
  };
}
