import type { Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { lazily } from '../../src/base/lazily.ts';
import { remembered, rememberedOf } from '../../src/base/remembered.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { powersOf } from '../../src/report/gains.ts';
import { questionOf } from '../check-case.ts';
import {
  askedAfter,
  differences,
  everyPower,
  everyVerdict,
  evidenceAfter,
  gainsOf,
  morePowers,
} from '../remedy-case.ts';
import { fc, isDeep, runs, shared } from './seed.ts';

/*
 * Laws of fixes over random accounts: the steps of a fix turn the verdict, nobody gains anything
 * that the fix does not list, and nobody loses anything.
 */

type Statement = Readonly<Record<string, unknown>>;

const own = '111122223333';
const other = '444455556666';
const admin = `arn:aws:iam::${own}:role/admin`;
const keyArn = (id: string): string => `arn:aws:kms:us-east-1:${own}:key/${id}`;
const grants = ['kms:DescribeKey', 'kms:CreateGrant'];
const through = (region: string) => ({ StringEquals: { 'kms:ViaService': `rds.${region}.amazonaws.com` } });
const allow = (Action: unknown, Resource: unknown = '*', Condition?: unknown): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: unknown, Condition?: unknown): Statement => ({
  Effect: 'Deny',
  Action,
  Resource: '*',
  ...(Condition === undefined ? {} : { Condition }),
});

const identityStatements: readonly Statement[] = [
  allow('*'),
  allow('rds:*'),
  allow('rds:*'),
  allow(['rds:RestoreDBClusterFromSnapshot', 'rds:CreateDBClusterSnapshot']),
  allow('rds:RestoreDBClusterFromSnapshot', `arn:aws:rds:us-east-1:${own}:cluster:app-*`),
  allow(grants),
  allow(grants, keyArn('one')),
  allow(grants, keyArn('two'), through('us-east-1')),
  allow(grants, '*', through('eu-west-1')),
  allow(grants, '*', { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
  allow(grants, '*', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }),
  deny('kms:CreateGrant'),
  deny('kms:*', { StringNotEquals: { 'kms:ViaService': 'rds.eu-west-1.amazonaws.com' } }),
  deny('rds:CopyDBClusterSnapshot'),
];

const keyStatements: readonly Statement[] = [
  { ...allow('kms:*'), Principal: { AWS: `arn:aws:iam::${own}:root` } },
  { ...allow('kms:*'), Principal: { AWS: `arn:aws:iam::${own}:root` } },
  { ...allow('kms:*'), Principal: { AWS: admin } },
  { ...allow(grants), Principal: { AWS: `arn:aws:iam::${other}:root` } },
  { ...allow(grants, '*', through('us-east-1')), Principal: { AWS: '*' } },
  { ...allow('kms:DescribeKey'), Principal: { AWS: `arn:aws:iam::${own}:role/restorer` } },
  {
    ...deny('kms:*', {
      ArnNotLike: { 'aws:PrincipalArn': admin },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    }),
    Principal: '*',
  },
  { ...deny('kms:*', { StringNotEquals: { 'aws:PrincipalArn': [admin] } }), Principal: '*' },
  {
    ...deny(['kms:CreateGrant', 'kms:Decrypt'], {
      StringNotEquals: { 'kms:ViaService': 'rds.eu-west-1.amazonaws.com' },
    }),
    Principal: '*',
  },
  { ...deny('kms:CreateGrant'), NotPrincipal: { AWS: [admin, `arn:aws:iam::${own}:root`] } },
];

const controlStatements: readonly Statement[] = [
  allow('*'),
  allow('*'),
  allow(['rds:*', 'kms:DescribeKey']),
  deny('kms:CreateGrant', { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } }),
  deny(['kms:*', 'iam:*', 'organizations:*'], { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } }),
  {
    Effect: 'Deny',
    NotAction: ['rds:*', 's3:*'],
    Resource: '*',
    Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } },
  },
];

/** Statements of RCPs, next to AWS's own statement that allows everything. */
const perimeterStatements: readonly Statement[] = [
  { ...deny('kms:*', { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-other' } }), Principal: '*' },
  { ...deny('kms:CreateGrant', { ArnNotLike: { 'aws:PrincipalArn': admin } }), Principal: '*' },
  {
    ...deny(['kms:*', 'sts:*', 's3:*'], {
      ArnNotLike: { 'aws:PrincipalArn': admin },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    }),
    Principal: '*',
  },
];

const documents = (statements: readonly Statement[]): Arbitrary<Record<string, unknown>> =>
  fc
    .uniqueArray(fc.nat(statements.length - 1), { minLength: 1, maxLength: 3 })
    .map((numbers) => ({ Version: '2012-10-17', Statement: numbers.map((number) => statements[number]) }));

const everything = {
  name: 'RCPFullAWSAccess',
  document: { Version: '2012-10-17', Statement: [{ ...allow('*'), Principal: '*' }] },
};

const role = (account: string, name: string, bounded: boolean, PolicyDocument: Record<string, unknown>) => ({
  Path: '/',
  RoleName: name,
  Arn: `arn:aws:iam::${account}:role/${name}`,
  RolePolicyList: [{ PolicyName: 'own', PolicyDocument }],
  AttachedManagedPolicies: [],
  Tags: [],
  ...(bounded ? { PermissionsBoundary: { PermissionsBoundaryArn: `arn:aws:iam::${account}:policy/boundary` } } : {}),
});

const key = (id: string, KeyState: string, Policy: Record<string, unknown>) => ({
  KeyMetadata: {
    Arn: keyArn(id),
    KeyState,
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
    MultiRegion: false,
  },
  Policy,
  Grants: [],
  Aliases: [{ AliasName: `alias/${id}` }],
  Tags: [],
});

const rdsOf = (id: string) => ({
  Engine: 'aurora-postgresql',
  EngineVersion: '16.6',
  Status: 'available',
  StorageEncrypted: true,
  StorageEncryptionType: 'sse-kms',
  KmsKeyId: keyArn(id),
  TagList: [],
});

const accounts: Arbitrary<Evidence> = fc
  .record({
    restorer: documents(identityStatements),
    bystander: documents(identityStatements),
    partner: documents(identityStatements),
    boundary: fc.option(documents(identityStatements), { freq: 4, nil: undefined }),
    one: documents(keyStatements),
    two: documents(keyStatements),
    scp: fc.option(documents(controlStatements), { freq: 3, nil: undefined }),
    rcp: fc.option(documents(perimeterStatements), { freq: 2, nil: undefined }),
    state: fc.constantFrom('Enabled', 'Enabled', 'Enabled', 'Disabled'),
    isShared: fc.boolean(),
  })
  .map(({ restorer, bystander, partner, boundary, one, two, scp, rcp, state, isShared }) => ({
    evidenceVersion: 1,
    accounts: {
      [own]: {
        iam: {
          UserDetailList: [],
          GroupDetailList: [],
          RoleDetailList: [
            role(own, 'restorer', boundary !== undefined, restorer),
            role(own, 'bystander', false, bystander),
            role(own, 'admin', false, { Version: '2012-10-17', Statement: [allow('*')] }),
          ],
          Policies: [
            {
              Arn: `arn:aws:iam::${own}:policy/boundary`,
              DefaultVersionId: 'v1',
              PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: boundary ?? {} }],
            },
          ].filter(() => boundary !== undefined),
        },
        organization:
          scp === undefined && rcp === undefined
            ? null
            : {
                id: 'o-example',
                path: [
                  {
                    id: 'r-1',
                    type: 'ROOT',
                    scps: scp === undefined ? [] : [{ name: 'Control', document: scp }],
                    rcps: rcp === undefined ? [] : [everything, { name: 'Perimeter', document: rcp }],
                  },
                ],
              },
        regions: {
          'us-east-1': {
            rds: {
              DBClusters: [
                {
                  DBClusterIdentifier: 'one',
                  DBClusterArn: `arn:aws:rds:us-east-1:${own}:cluster:one`,
                  DbClusterResourceId: 'cluster-ONE',
                  DBClusterMembers: [],
                  DeletionProtection: false,
                  ...rdsOf('one'),
                },
              ],
              DBInstances: [],
              DBClusterSnapshots: ['one', 'two'].map((id) => ({
                DBClusterSnapshotIdentifier: `${id}-1`,
                DBClusterSnapshotArn: `arn:aws:rds:us-east-1:${own}:cluster-snapshot:${id}-1`,
                SnapshotType: 'manual',
                ...rdsOf(id),
              })),
              DBSnapshots: [],
              DBClusterSnapshotAttributes: ['one-1', 'two-1'].map((DBClusterSnapshotIdentifier) => ({
                DBClusterSnapshotIdentifier,
                DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: isShared ? [other] : [] }],
              })),
            },
            kms: { keys: [key('one', state, one), key('two', 'Enabled', two)] },
          },
        },
      },
      [other]: {
        iam: {
          UserDetailList: [],
          GroupDetailList: [],
          RoleDetailList: [role(other, 'partner', false, partner)],
          Policies: [],
        },
        organization: null,
        regions: {
          'us-east-1': {
            rds: { DBClusters: [], DBInstances: [], DBClusterSnapshots: [], DBSnapshots: [] },
            kms: { keys: [] },
          },
        },
      },
    },
  }));

const snapshot = `arn:aws:rds:us-east-1:${own}:cluster-snapshot:one-1`;
const questions = fc.constantFrom(
  { operation: 'restore', principal: `arn:aws:iam::${own}:role/restorer`, snapshot },
  { operation: 'restore', principal: `arn:aws:iam::${own}:role/restorer`, snapshot, kmsKeyId: 'alias/two' },
  { operation: 'restore', principal: `arn:aws:iam::${other}:role/partner`, snapshot },
  { operation: 'copy-snapshot', principal: `arn:aws:iam::${own}:role/restorer`, snapshot },
  { operation: 'create-snapshot', principal: `arn:aws:iam::${own}:role/restorer`, cluster: 'one' },
  { operation: 'restore-to-point-in-time', principal: `arn:aws:iam::${own}:role/restorer`, cluster: 'one' },
);

const people = ['restorer', 'bystander', 'admin']
  .map((name) => `arn:aws:iam::${own}:role/${name}`)
  .concat(`arn:aws:iam::${other}:role/partner`, `arn:aws:iam::${own}:root`, `arn:aws:iam::${other}:root`);

/** The fixes of a question about an account, with what each principal may do before and after. */
const fixesOf = rememberedOf(
  ([evidence, asked]: readonly [Evidence, typeof questions extends Arbitrary<infer One> ? One : never]) => {
    const question = { ...questionOf(asked), region: 'us-east-1' };
    const { results, fixes } = check(evidence, { ...question, fix: true }, 'test');
    const state = (held: Evidence) => ({
      verdicts: remembered((who) => everyVerdict(held, question, who)),
      powers: remembered((who) => everyPower(held, who)),
    });
    const before = state(evidence);
    return fixes.map((fix) => {
      const after = evidenceAfter(evidence, fix);
      const verdictAfter = lazily(() => check(after, askedAfter(question, fix), 'test').results[0]?.verdict);
      return { fix, asked, verdict: results[0]?.verdict, verdictAfter, before, after: state(after) };
    });
  },
);

/** Checks what a fix changes for one principal. Returns how much the principal gains. */
function confirm({ fix, asked, before, after }: ReturnType<typeof fixesOf>[number], who: string): number {
  const verdicts = before.verdicts(who);
  const { better, worse } = differences(verdicts, after.verdicts(who));
  const listed = gainsOf(fix)
    .filter(({ principal }) => principal === who)
    .map((gain) => `${who} ${gain.operation} ${gain.api} ${gain.target}`);
  const itself = `${asked.principal} ${asked.operation} `;
  // A report says how many questions the search for gains left out.
  if (fix.notAsked === 0) expect(better.filter((one) => !listed.includes(one) && !one.startsWith(itself))).toEqual([]);
  // With a key in the question, a principal may gain more than without.
  if (!('kmsKeyId' in asked)) expect(listed.filter((one) => verdicts.has(one) && !better.includes(one))).toEqual([]);
  expect(worse).toEqual([]);
  const given = powersOf(fix)
    .filter(({ principal }) => principal === who)
    .map(({ action, key: of }) => `${who} ${action} ${of ?? ''}`);
  const more = morePowers(before.powers(who), after.powers(who));
  if (fix.powersNotAsked === 0) expect(more.filter((one) => !given.includes(one))).toEqual([]);
  expect(given.filter((one) => !more.includes(one))).toEqual([]);
  return better.length + more.length;
}

describe('fixes', () => {
  test('turn the verdict, and give nobody anything that they do not list', () => {
    let [found, gained, whole] = [0, 0, 0];
    // To search for fixes takes most of the time. So in `npm test`, each run confirms one fix of one
    // of some searches, for one principal.
    const some = <T>(all: readonly T[], at: number): readonly T[] =>
      isDeep || all.length === 0 ? all : all.slice(at % all.length).slice(0, 1);
    fc.assert(
      fc.property(shared(fc.tuple(accounts, questions), 12), fc.nat(), fc.nat(), (pair, which, whom) => {
        for (const one of some(fixesOf(pair), which)) {
          found += 1;
          if (one.fix.notAsked === 0 && one.fix.powersNotAsked === 0) whole += 1;
          expect(one.verdictAfter()).toBe(one.fix.verdict);
          expect(one.fix.verdict).not.toBe(one.verdict);
          for (const who of some(people, whom)) gained += confirm(one, who);
        }
      }),
      runs(300),
    );
    // Shows that the laws are not empty.
    expect(found).toBeGreaterThan(100);
    expect(whole).toBeGreaterThan(found / 2);
    expect(gained).toBeGreaterThan(100);
  });
});
