import type { Evidence, Key, Role, User } from '../../src/evidence/schema.ts';
import { accountA, accountB } from './vocabulary.ts';

/*
 * Random estates. They are small enough that classes have several members, and large enough that
 * every layer occurs. They have a generator of their own, because the deep test makes a hundred
 * thousand of them.
 */

export type Chance = (items: number) => number;

/** A repeatable source of whole numbers below a bound (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  return (items) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * items);
  };
}

type Doc = Readonly<Record<string, unknown>>;

const region = 'us-east-1';
const accounts = [accountA, accountB] as const;
type Account = (typeof accounts)[number];

export function keyArnOf(account: string, name: string): string {
  return `arn:aws:kms:${region}:${account}:key/${name}`;
}

/** Random choices, as with `Math.random`, but repeatable and named by what they choose. */
export class Dice {
  readonly chance: Chance;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  one<T>(items: readonly T[]): T {
    const item = items[this.chance(items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }

  some<T>(items: readonly T[], most: number): readonly T[] {
    return Array.from({ length: 1 + this.chance(most) }, () => this.one(items));
  }

  /** True in this many of a hundred cases. */
  percent(share: number): boolean {
    return this.chance(100) < share;
  }
}

const identityActions: readonly (readonly string[])[] = [
  ['*'],
  ['kms:*'],
  ['rds:*'],
  ['kms:CreateGrant', 'kms:DescribeKey'],
  ['kms:DescribeKey'],
  ['kms:CreateGrant'],
  ['kms:Decrypt', 's3:GetObject'],
  ['kms:Create*', 'rds:Restore*'],
  ['rds:RestoreDBClusterFromSnapshot', 'rds:CopyDBClusterSnapshot', 'rds:CreateDBClusterSnapshot'],
  ['s3:*', 'sts:AssumeRole'],
];

const conditions: readonly Doc[] = [
  { StringEquals: { 'aws:PrincipalTag/team': 'red' } },
  { StringNotEquals: { 'aws:PrincipalTag/team': ['blue', 'green'] } },
  { StringLike: { 'aws:PrincipalTag/team': 'r*' } },
  { Null: { 'aws:PrincipalTag/team': 'true' } },
  { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/ops*' } },
  { ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::*:role/ops-1', 'arn:aws:iam::*:user/*'] } },
  { StringLike: { 'aws:userid': ['AROAOPS1:*', 'AIDAANN'] } },
  { StringNotLike: { 'aws:userid': ['AROAOPS1:*', 'AROAOPS2:a*'] } },
  { StringEquals: { 'aws:username': 'ann' } },
  { StringEquals: { 'aws:PrincipalType': 'AssumedRole' } },
  { StringEquals: { 'aws:ResourceTag/env': 'prod' } },
  { StringNotEqualsIfExists: { 'aws:ResourceTag/env': 'prod' } },
  { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } },
  { StringEquals: { 'aws:PrincipalTag/team': '${aws:ResourceTag/team}' } },
  { StringEquals: { 'rds:cluster-snapshot-tag/env': 'prod' } },
  { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  { StringEquals: { 'kms:ViaService': `rds.${region}.amazonaws.com` } },
  { StringNotEquals: { 'kms:ViaService': `rds.${region}.amazonaws.com` } },
  { StringEquals: { 'kms:CallerAccount': accountA } },
  { StringEquals: { 'kms:KeyOrigin': 'AWS_KMS' } },
  { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': 'alias/app*' } },
  { StringEquals: { 'kms:EncryptionContext:aws:rds:dbc-id': 'cluster-1' } },
  { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  { StringEquals: { 'aws:PrincipalOrgID': 'o-example01' } },
  { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-example01/r-root/ou-a/*' } },
  { StringEquals: { 'aws:CalledViaFirst': 'rds.amazonaws.com' } },
  { DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } },
];

function resources(account: Account): readonly (string | readonly string[])[] {
  const rds = `arn:aws:rds:${region}:${account}`;
  return [
    '*',
    '*',
    [`${rds}:cluster-snapshot:app-*`, `${rds}:cluster:*`, `${rds}:subgrp:*`, `${rds}:cluster-pg:*`],
    [`${rds}:*`, keyArnOf(account, '*')],
    [keyArnOf(account, 'k1'), `${rds}:cluster*`],
    keyArnOf(account, 'k2'),
    [`${rds}:cluster-snapshot:\${aws:PrincipalTag/team}-*`, `${rds}:cluster:*`, 'arn:aws:kms:*'],
    `${rds}:cluster-snapshot:app-1`,
    [`arn:aws:kms:*:*:key/*`, 'arn:aws:rds:*'],
  ];
}

function condition(dice: Dice, share: number): Doc {
  return dice.percent(share) ? { Condition: dice.one(conditions) } : {};
}

function identityStatement(dice: Dice, account: Account, index: number): Doc {
  const isDeny = dice.percent(14);
  return {
    ...(dice.percent(50) ? { Sid: `S${index}` } : {}),
    Effect: isDeny ? 'Deny' : 'Allow',
    ...(dice.percent(8)
      ? { NotAction: dice.one([['iam:*'], ['kms:Decrypt'], ['s3:*']]) }
      : { Action: dice.one(identityActions) }),
    ...(dice.percent(6)
      ? { NotResource: `arn:aws:rds:${region}:${account}:cluster-snapshot:app-1` }
      : { Resource: dice.one(resources(account)) }),
    ...condition(dice, isDeny ? 80 : 30),
  };
}

/**
 * The given statements are in the middle, so that the statements before and after change their
 * places.
 */
export function document(statements: readonly Doc[]): Record<string, unknown> {
  return { Version: '2012-10-17', Statement: statements };
}

const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const irrelevant = { Sid: 'Elsewhere', Effect: 'Allow', Action: ['s3:GetObject', 'logs:*'], Resource: '*' };

/** A few sets of statements that the principals of an account share. */
function profiles(dice: Dice, account: Account): readonly (readonly Doc[])[] {
  const any = (): readonly Doc[] => [
    ...(dice.percent(88) ? [everything] : []),
    ...Array.from({ length: dice.chance(4) }, (_, index) => identityStatement(dice, account, index)),
  ];
  return [[everything], any(), any(), any()];
}

interface Person {
  readonly kind: 'user' | 'role';
  readonly name: string;
  readonly path: string;
  readonly id: string;
}

const people: readonly Person[] = [
  { kind: 'role', name: 'app-5', path: '/', id: 'AROAAPP5' },
  { kind: 'role', name: 'app-6', path: '/', id: 'AROAAPP6' },
  { kind: 'role', name: 'app-7', path: '/', id: 'AROAAPP7' },
  { kind: 'user', name: 'eve', path: '/', id: 'AIDAEVE' },
  { kind: 'user', name: 'ann', path: '/', id: 'AIDAANN' },
  { kind: 'user', name: 'bob', path: '/', id: 'AIDABOB' },
  { kind: 'user', name: 'ops-1', path: '/', id: 'AIDAOPS' },
  { kind: 'role', name: 'ops-1', path: '/', id: 'AROAOPS1' },
  { kind: 'role', name: 'ops-2', path: '/team/', id: 'AROAOPS2' },
  { kind: 'role', name: 'app-1', path: '/', id: 'AROAAPP1' },
  { kind: 'role', name: 'app-2', path: '/', id: 'AROAAPP2' },
  { kind: 'role', name: 'app-3', path: '/', id: 'AROAAPP3' },
  { kind: 'role', name: 'app-4', path: '/team/', id: 'AROAAPP4' },
  { kind: 'role', name: 'AWSServiceRoleForRDS', path: '/aws-service-role/rds.amazonaws.com/', id: 'AROASLR' },
];

function arnOf(account: string, { kind, path, name }: Person): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}

/**
 * Adds statements that do not concern the calls before the others, so that places in documents
 * differ.
 */
function padded(dice: Dice, statements: readonly Doc[]): readonly Doc[] {
  return [...Array.from({ length: dice.chance(3) }, () => irrelevant), ...statements];
}

interface Inline {
  readonly profile: readonly Doc[];
  readonly isUnread: boolean;
  readonly isTextUnread: boolean;
}

function inlinePolicies(dice: Dice, { name }: Person, { profile, isUnread, isTextUnread }: Inline) {
  if (isUnread) return undefined;
  const documents = [
    ...(profile.length === 0 ? [] : [document(padded(dice, profile))]),
    ...(dice.percent(30) ? [document([irrelevant])] : []),
  ];
  return documents.map((PolicyDocument, index) => ({
    PolicyName: dice.one([`inline-${index}`, `of-${name}-${index}`, 'of-group']),
    ...(isTextUnread ? {} : { PolicyDocument }),
  }));
}

const managed = ['Managed', 'Boundary', 'Unread'] as const;

function policyArn(account: string, name: (typeof managed)[number]): string {
  return `arn:aws:iam::${account}:policy/${name}`;
}

function tagsOf(dice: Dice): { readonly Tags?: { Key: string; Value: string }[] } {
  if (dice.percent(10)) return {};
  const team = dice.one(['red', 'red', 'blue', '', 'none']);
  const own = { Key: 'Name', Value: String(dice.chance(1_000)) };
  return { Tags: team === 'none' ? [own] : [own, { Key: 'team', Value: team }] };
}

interface Weights {
  /** In how many of a hundred estates or principals a layer exists. */
  readonly boundaries: boolean;
  readonly groups: boolean;
}

function attachments(dice: Dice, account: string, { boundaries }: Weights) {
  const attached = [
    ...(dice.percent(25) ? [{ PolicyArn: policyArn(account, 'Managed') }] : []),
    ...(dice.percent(5) ? [{ PolicyArn: policyArn(account, 'Unread') }] : []),
  ];
  const boundary = dice.one(['Boundary', 'Boundary', 'Managed', 'Unread'] as const);
  return {
    ...(dice.percent(4) ? {} : { AttachedManagedPolicies: attached }),
    ...(boundaries && dice.percent(35)
      ? { PermissionsBoundary: { PermissionsBoundaryArn: policyArn(account, boundary) } }
      : {}),
    ...tagsOf(dice),
  };
}

function trustPolicy(dice: Dice, account: string): Record<string, unknown> {
  const service = dice.one(['backup.amazonaws.com', 'backup.amazonaws.com', 'ec2.amazonaws.com']);
  const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  const tagging = { Effect: 'Allow', Principal: { AWS: account }, Action: ['sts:AssumeRole', 'sts:TagSession'] };
  return document(dice.percent(40) ? [statement, tagging] : [statement]);
}

/** The policies of a person, without names. The same seed gives the same policies. */
function holdingsOf(seed: number, account: Account, weights: Weights, sets: readonly (readonly Doc[])[]) {
  const dice = new Dice(chanceOf(seed));
  const profile = dice.one(sets);
  return {
    profile,
    isUnread: dice.percent(8),
    isTextUnread: dice.percent(4),
    groups: weights.groups && dice.percent(60) ? dice.one([['g1'], ['g1', 'g2'], ['g2'], ['gone']]) : [],
    hasId: dice.percent(92),
    trust: dice.percent(90) ? { AssumeRolePolicyDocument: trustPolicy(dice, account) } : {},
    ...{ attached: attachments(dice, account, weights) },
  };
}

function iamOf(dice: Dice, account: Account, weights: Weights) {
  const sets = profiles(dice, account);
  const seeds = Array.from({ length: 3 }, () => dice.chance(1_000_000));
  const all = people.map((person) => {
    const seed = dice.percent(80) ? dice.one(seeds) : dice.chance(1_000_000);
    const { attached, ...own } = holdingsOf(seed, account, weights, sets);
    // The same, except for one thing.
    const others = dice.percent(30) ? attachments(dice, account, weights) : attached;
    const list = inlinePolicies(dice, person, own);
    return { person, Arn: arnOf(account, person), list, own, attached: { ...attached, ...others } };
  });
  const users = all
    .filter(({ person }) => person.kind === 'user')
    .map(
      ({ person, Arn, list, own, attached }): User => ({
        Arn,
        UserName: person.name,
        ...(own.hasId ? { UserId: person.id } : {}),
        ...(list === undefined ? {} : { UserPolicyList: list }),
        GroupList: own.groups,
        ...attached,
      }),
    );
  const roles = all
    .filter(({ person }) => person.kind === 'role')
    .map(
      ({ person, Arn, list, own, attached }): Role => ({
        Arn,
        RoleName: person.name,
        ...(own.hasId ? { RoleId: person.id } : {}),
        ...own.trust,
        ...(list === undefined ? {} : { RolePolicyList: list }),
        ...attached,
      }),
    );
  const version = (statements: readonly Doc[]) => [
    { VersionId: 'v1', IsDefaultVersion: true, Document: document(statements) },
  ];
  const statements = (): readonly Doc[] => [everything, identityStatement(dice, account, 0)];
  return {
    UserDetailList: users,
    RoleDetailList: roles,
    GroupDetailList: ['g1', 'g2'].map((GroupName) => ({
      Arn: `arn:aws:iam::${account}:group/${GroupName}`,
      GroupName,
      GroupPolicyList: [
        { PolicyName: 'of-group', PolicyDocument: document(padded(dice, [identityStatement(dice, account, 0)])) },
      ],
      AttachedManagedPolicies: dice.percent(50) ? [{ PolicyArn: policyArn(account, 'Managed') }] : [],
    })),
    Policies: [
      { Arn: policyArn(account, 'Managed'), PolicyVersionList: version([identityStatement(dice, account, 1)]) },
      { Arn: policyArn(account, 'Boundary'), PolicyVersionList: version(statements()) },
    ],
  };
}

const roots = accounts.map((account) => `arn:aws:iam::${account}:root`);

function principalElement(dice: Dice): Doc {
  const account = dice.one(accounts);
  const some = dice.some([...people.map((person) => arnOf(account, person)), `arn:aws:iam::${account}:role/ops-2`], 4);
  const ids = dice.percent(25) ? [dice.one(['AROAOPS1', 'AROAAPP1', 'AIDAANN', 'AROAGONE'])] : [];
  const sessions = dice.percent(15) ? [`arn:aws:sts::${account}:assumed-role/ops-1/${dice.one(['s1', 's2'])}`] : [];
  return dice.one<Doc>([
    { AWS: roots[0] },
    { AWS: roots },
    { AWS: '*' },
    { AWS: [...some, ...ids, ...sessions] },
    { AWS: [...some, ...ids, ...sessions] },
    { AWS: some, Service: 'rds.amazonaws.com' },
  ]);
}

const keyActions: readonly (string | readonly string[])[] = [
  'kms:*',
  ['kms:CreateGrant', 'kms:DescribeKey'],
  'kms:DescribeKey',
  'kms:CreateGrant',
  'kms:Decrypt',
];

function keyStatement(dice: Dice, index: number): Doc {
  const isDeny = dice.percent(25);
  const who = principalElement(dice);
  return {
    ...(dice.percent(50) ? { Sid: `K${index}` } : {}),
    Effect: isDeny ? 'Deny' : 'Allow',
    ...(isDeny && dice.percent(30)
      ? { NotPrincipal: who }
      : { Principal: isDeny ? dice.one<Doc | string>(['*', who]) : who }),
    Action: dice.one(keyActions),
    Resource: '*',
    ...condition(dice, isDeny ? 80 : 35),
  };
}

function keyOf(dice: Dice, account: Account, name: string, hasGrants: boolean): Key {
  const delegating = {
    Sid: 'Root',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  const others = Array.from({ length: dice.chance(3) }, (_, index) => keyStatement(dice, index));
  const person = dice.one(people);
  const grants = Array.from({ length: hasGrants ? 1 + dice.chance(3) : 0 }, (_, index) => ({
    GrantId: `grant-${name}-${index}`,
    GranteePrincipal: dice.one([arnOf(dice.one(accounts), person), accountB, 'rds.amazonaws.com']),
    IssuingAccount: dice.one(roots),
    Operations: dice.one([['CreateGrant', 'DescribeKey', 'Decrypt'], ['DescribeKey'], ['Decrypt', 'GenerateDataKey']]),
    ...(dice.percent(40) ? { Constraints: { EncryptionContextSubset: { 'aws:rds:dbc-id': 'cluster-1' } } } : {}),
  }));
  return {
    KeyMetadata: {
      Arn: keyArnOf(account, name),
      KeyId: name,
      KeyManager: dice.percent(94) ? 'CUSTOMER' : 'AWS',
      ...(dice.percent(93) ? { KeyState: dice.percent(92) ? 'Enabled' : 'Disabled' } : {}),
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: dice.one(['AWS_KMS', 'AWS_KMS', 'EXTERNAL']),
      MultiRegion: false,
    },
    ...(dice.percent(94)
      ? { Policy: document(dice.percent(85) ? [delegating, ...others] : others.length === 0 ? [delegating] : others) }
      : {}),
    ...(dice.percent(92) ? { Grants: grants } : {}),
    ...(dice.percent(90) ? { Aliases: [{ AliasName: `alias/${dice.one(['app', 'other'])}-${name}` }] } : {}),
    ...(dice.percent(80) ? { Tags: [{ TagKey: 'env', TagValue: dice.one(['prod', 'test']) }] } : {}),
    ...(dice.percent(85) ? { RamPolicy: null } : {}),
  };
}

function storageOf(dice: Dice, account: Account) {
  return {
    Engine: dice.percent(92) ? dice.one(['aurora-mysql', 'aurora-postgresql', 'aurora-mysql']) : 'neptune',
    EngineVersion: '8.0.mysql_aurora.3.05.2',
    ...(dice.percent(92)
      ? { StorageEncrypted: true, KmsKeyId: keyArnOf(dice.percent(88) ? account : accountB, dice.one(['k1', 'k2'])) }
      : { StorageEncrypted: false }),
    ...(dice.percent(90)
      ? {
          TagList: [
            { Key: 'env', Value: dice.one(['prod', 'test']) },
            { Key: 'team', Value: dice.one(['red', 'blue']) },
          ],
        }
      : {}),
  };
}

function rdsOf(dice: Dice, account: Account) {
  const arn = (type: string, name: string): string => `arn:aws:rds:${region}:${account}:${type}:${name}`;
  const seeds = Array.from({ length: 2 }, () => dice.chance(1_000_000));
  const alike = () => new Dice(chanceOf(dice.percent(75) ? dice.one(seeds) : dice.chance(1_000_000)));
  const storage = () => storageOf(alike(), account);
  const names = ['app-1', 'app-2', 'app-3', 'app-4', 'red-1', 'blue-1', 'rds:app-auto'];
  const snapshots = names.map((name) => ({
    DBClusterSnapshotIdentifier: name,
    DBClusterSnapshotArn: arn('cluster-snapshot', name),
    DBClusterIdentifier: 'app',
    DbClusterResourceId: dice.one(['cluster-1', 'cluster-2']),
    SnapshotType: name.startsWith('rds:') ? 'automated' : 'manual',
    Status: dice.percent(90) ? 'available' : 'creating',
    ClusterCreateTime: '2024-01-01T00:00:00Z',
    SnapshotCreateTime: `2026-0${1 + dice.chance(9)}-01T00:00:00Z`,
    ...storage(),
  }));
  return {
    DBClusters: ['app', 'other'].map((name, index) => ({
      DBClusterIdentifier: name,
      DBClusterArn: arn('cluster', name),
      DbClusterResourceId: `cluster-${index + 1}`,
      Status: dice.percent(90) ? 'available' : 'stopped',
      ClusterCreateTime: '2024-01-01T00:00:00Z',
      CopyTagsToSnapshot: dice.percent(50),
      DBSubnetGroup: dice.one(['default', 'private']),
      DBClusterMembers: dice.percent(50) ? [] : [{ DBInstanceIdentifier: `${name}-1` }],
      DeletionProtection: dice.percent(30),
      ...storage(),
    })),
    DBInstances: [],
    DBClusterSnapshots: snapshots,
    ...(dice.percent(85)
      ? {
          DBClusterSnapshotAttributes: snapshots.flatMap(({ DBClusterSnapshotIdentifier: name }) =>
            dice.percent(85)
              ? [
                  {
                    DBClusterSnapshotIdentifier: name,
                    DBClusterSnapshotAttributes: [
                      { AttributeName: 'restore', AttributeValues: dice.percent(60) ? [accountA, accountB] : [] },
                    ],
                  },
                ]
              : [],
          ),
        }
      : {}),
    DBSnapshots: [],
    DBClusterAutomatedBackups: [],
    DBInstanceAutomatedBackups: [],
  };
}

function controlPolicy(dice: Dice, account: Account, kind: 'scp' | 'rcp'): Doc {
  const isDeny = dice.percent(75);
  const statement = {
    Effect: isDeny ? 'Deny' : 'Allow',
    ...(kind === 'rcp' ? { Principal: '*' } : {}),
    Action: kind === 'rcp' ? 'kms:*' : dice.one(isDeny ? identityActions : [['*'], ['kms:*', 'rds:*'], ['*']]),
    Resource: isDeny ? dice.one(resources(account)) : '*',
    ...(isDeny ? condition(dice, 95) : {}),
  };
  return document([kind === 'rcp' && !isDeny ? { ...statement, Action: '*' } : statement]);
}

function organizationOf(dice: Dice, account: Account, has: { readonly scps: boolean; readonly rcps: boolean }) {
  const level = (id: string, type: 'ROOT' | 'ORGANIZATIONAL_UNIT' | 'ACCOUNT') => ({
    id,
    type,
    ...(dice.percent(95)
      ? {
          scps: [
            { name: 'FullAWSAccess', document: document([everything]) },
            ...(has.scps && dice.percent(60)
              ? [{ name: `scp-${id}`, document: controlPolicy(dice, account, 'scp') }]
              : []),
          ],
        }
      : {}),
    ...(dice.percent(95)
      ? {
          rcps: [
            { name: 'RCPFullAWSAccess', document: document([{ ...everything, Principal: '*' }]) },
            ...(has.rcps && dice.percent(60)
              ? [{ name: `rcp-${id}`, document: controlPolicy(dice, account, 'rcp') }]
              : []),
          ],
        }
      : {}),
  });
  if (dice.percent(15)) return {};
  return {
    organization: {
      id: 'o-example01',
      managementAccountId: dice.percent(15) ? account : '999999999999',
      path: [
        level('r-root', 'ROOT'),
        level(dice.one(['ou-a', 'ou-b']), 'ORGANIZATIONAL_UNIT'),
        level(account, 'ACCOUNT'),
      ],
    },
  };
}

export type EstateLayer = 'scps' | 'rcps' | 'boundaries' | 'groups' | 'grants' | 'tags' | 'key policies' | 'unknowns';

export interface Estate {
  readonly evidence: Evidence;
  readonly principals: readonly string[];
  readonly layers: ReadonlySet<EstateLayer>;
}

/** The estate for a seed. */
export function estateOf(seed: number): Estate {
  const dice = new Dice(chanceOf(seed));
  const has = {
    scps: dice.percent(55),
    rcps: dice.percent(50),
    boundaries: dice.percent(50),
    groups: dice.percent(50),
    grants: dice.percent(50),
  };
  const held = accounts.map((account) => ({
    account,
    ...organizationOf(dice, account, has),
    iam: iamOf(dice, account, has),
    regions: {
      [region]: {
        rds: rdsOf(dice, account),
        kms: { keys: ['k1', 'k2'].map((name) => keyOf(dice, account, name, has.grants)) },
      },
    },
  }));
  const evidence: Evidence = {
    evidenceVersion: 1,
    accounts: Object.fromEntries(held.map(({ account, ...rest }) => [account, rest])),
  };
  const text = JSON.stringify(evidence);
  return {
    evidence,
    principals: accounts.flatMap((account) => [
      ...people.map((person) => arnOf(account, person)),
      `arn:aws:iam::${account}:root`,
    ]),
    layers: new Set<EstateLayer>([
      ...(text.includes('"scp-') ? (['scps'] as const) : []),
      ...(text.includes('"rcp-') ? (['rcps'] as const) : []),
      ...(text.includes('PermissionsBoundaryArn') ? (['boundaries'] as const) : []),
      ...(/"GroupList":\["/.test(text) ? (['groups'] as const) : []),
      ...(text.includes('"grant-') ? (['grants'] as const) : []),
      ...(text.includes('PrincipalTag') ? (['tags'] as const) : []),
      ...(/"Sid":"K|NotPrincipal/.test(text) ? (['key policies'] as const) : []),
      ...(text.includes('policy/Unread') ? (['unknowns'] as const) : []),
    ]),
  };
}
