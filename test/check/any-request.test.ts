import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { OperationParameters, Parameter } from '../../src/operations/parameters.ts';
import { allParameters } from '../../src/operations/request-parameters.ts';
import type { SourceFlag } from '../../src/operations/source-flags.ts';
import { changed } from '../check-case.ts';
import { codesIn, reportOn } from '../preflight-case.ts';

/*
 * `cannot` covers every request and session that the principal could choose. So a policy that
 * denies only requests with a default value proves nothing.
 */

const account = '111122223333';
const place = `/accounts/${account}/regions/us-east-1`;
const now = '2026-11-01T12:00:00Z';
const ordersKey = `arn:aws:kms:us-east-1:${account}:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23`;
const ledgerKey = `arn:aws:kms:us-east-1:${account}:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d`;

const snapshot = {
  DBSnapshotIdentifier: 'reports-monthly',
  DBSnapshotArn: `arn:aws:rds:us-east-1:${account}:snapshot:reports-monthly`,
  DBInstanceIdentifier: 'reports',
  DbiResourceId: 'db-REPORTSEXAMPLE',
  SnapshotType: 'manual',
  Status: 'available',
  Engine: 'postgres',
  EngineVersion: '16.6',
  Encrypted: true,
  StorageEncryptionType: 'sse-kms',
  KmsKeyId: ledgerKey,
  TagList: [],
};

/**
 * One role that is the principal, and that AWS Backup also assumes. The role has all rights except
 * the denied ones.
 */
function evidenceWith(denied: readonly object[]): Evidence {
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const policy = {
    Version: '2012-10-17',
    Statement: [everything, ...denied.map((one) => ({ Effect: 'Deny', ...one }))],
  };
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const role = {
    Path: '/',
    RoleName: 'everything',
    RoleId: 'AROAEXAMPLEEVERYTHING',
    Arn: `arn:aws:iam::${account}:role/everything`,
    AssumeRolePolicyDocument: trust,
    RolePolicyList: [{ PolicyName: 'all', PolicyDocument: policy }],
    AttachedManagedPolicies: [],
    Tags: [],
  };
  const root = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' };
  const change = {
    [`/accounts/${account}/iam/RoleDetailList/2`]: role,
    [`${place}/rds/DBSnapshots`]: [snapshot],
    [`${place}/kms/keys/0/Policy`]: { Version: '2012-10-17', Statement: [root] },
  };
  return parseEvidence('demo', JSON.stringify(changed(demoEvidence, change)));
}

const sources: Readonly<Record<SourceFlag, string>> = {
  cluster: 'orders',
  instance: 'reports',
  snapshot: 'ledger-monthly',
  'instance-snapshot': 'reports-monthly',
  'in-cluster': 'orders',
};

/** For each parameter, the Deny of a request that leaves the parameter at AWS's default. */
const onlyTheDefault: Readonly<Partial<Record<Parameter, readonly object[]>>> = {
  'kms-key-id': [{ Action: 'kms:CreateGrant', Resource: [ordersKey, ledgerKey] }],
  to: [
    {
      NotAction: ['kms:*', 'iam:*', 's3:*'],
      NotResource: [
        `arn:aws:rds:*:${account}:*:mine`,
        ...['db', 'cluster', 'subgrp', 'pg', 'cluster-pg', 'og', 'snapshot', 'cluster-snapshot'].flatMap((type) =>
          [...Object.values(sources), 'default', 'default*'].map((name) => `arn:aws:rds:*:${account}:${type}:${name}`),
        ),
      ],
    },
  ],
  tag: [{ Action: 'rds:*', Resource: '*', Condition: { Null: { 'aws:RequestTag/team': 'true' } } }],
  'copy-tags': [{ Action: 'rds:*', Resource: '*', Condition: { Null: { 'aws:TagKeys': 'true' } } }],
  'skip-final-snapshot': [
    {
      Action: 'rds:*',
      Resource: [`arn:aws:rds:*:${account}:cluster-snapshot:*`, `arn:aws:rds:*:${account}:snapshot:*`],
    },
  ],
  'storage-encrypted': [{ Action: 'rds:*', Resource: '*', Condition: { Bool: { 'rds:StorageEncrypted': 'false' } } }],
  'manage-master-user-password': [
    { Action: 'rds:*', Resource: '*', Condition: { Bool: { 'rds:ManageMasterUserPassword': 'false' } } },
  ],
  'publicly-accessible': [
    { Action: 'rds:*', Resource: '*', Condition: { BoolIfExists: { 'rds:PubliclyAccessible': 'false' } } },
  ],
  'copy-option-group': [
    { Action: 'rds:*', Resource: '*', Condition: { BoolIfExists: { 'rds:CopyOptionGroup': 'false' } } },
  ],
  'db-subnet-group-name': [{ Action: 'rds:*', Resource: `arn:aws:rds:*:${account}:subgrp:default` }],
  'db-cluster-parameter-group-name': [{ Action: 'rds:*', Resource: `arn:aws:rds:*:${account}:cluster-pg:default*` }],
  'db-parameter-group-name': [{ Action: 'rds:*', Resource: `arn:aws:rds:*:${account}:pg:default*` }],
  'option-group-name': [{ Action: 'rds:*', Resource: `arn:aws:rds:*:${account}:og:default*` }],
  engine: [
    { Action: 'rds:*', Resource: '*', Condition: { StringEquals: { 'rds:DatabaseEngine': 'aurora-postgresql' } } },
  ],
  'engine-version': [{ Action: 'rds:*', Resource: `arn:aws:rds:*:${account}:cluster-pg:default.aurora-postgresql16` }],
  'iam-role': [{ Action: 'iam:PassRole', Resource: `arn:aws:iam::${account}:role/exporter` }],
  's3-bucket': [{ Action: 's3:*', Resource: 'arn:aws:s3:::exports*' }],
  'backup-vault-name': [{ Action: 'backup:*', Resource: `arn:aws:backup:*:${account}:backup-vault:nightly` }],
};

/**
 * Parameters whose default no policy can distinguish from other values, or whose default needs no
 * permission.
 */
const indistinct: readonly Parameter[] = [
  'source-region',
  'with',
  'with-instance',
  'master-user-secret-kms-key-id',
  'values-to-remove',
  'force-failover',
  'rotate-master-user-password',
  'apply-immediately',
  'enable-performance-insights',
  'performance-insights-kms-key-id',
  'performance-insights-retention-period',
  'database-insights-mode',
  'monitoring-role-arn',
  'domain-iam-role-name',
  'associated-roles',
  'global-cluster-identifier',
];

/**
 * Parameters for which every value needs the permission of the default, so that a Deny of the
 * default denies every request.
 */
const whole = new Set([
  // A copy needs a grant on the key of its source, whatever key the copy itself has.
  'CopyDBClusterSnapshot kms-key-id',
  'CopyDBSnapshot kms-key-id',
  // An instance of a cluster has the engine of the cluster.
  'CreateDBInstance in-cluster engine',
]);

function isWhole({ api, reads, command }: Operation, flag: Parameter): boolean {
  const isJob = command.endsWith('-job');
  return !isJob && (whole.has(`${api} ${flag}`) || whole.has(`${api} ${reads?.flag ?? ''} ${flag}`));
}

/**
 * For each kind of session or request, a Deny of the usual kind. The principal could choose another
 * kind.
 */
const sessions: Readonly<Record<string, object>> = {
  'without MFA': { Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } },
  'from elsewhere': { Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } },
  'not by an endpoint': { Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-0123456789abcdef0' } } },
  'without a tag of the session': { Condition: { StringNotEquals: { 'aws:SourceIdentity': 'alice' } } },
  'not through another service': { Condition: { Bool: { 'aws:ViaAWSService': 'false' } } },
};

/**
 * A Deny of KMS calls that no other service started. RDS sends such calls when the principal calls
 * RDS directly.
 */
const starts: Readonly<Record<string, object>> = {
  'by its first service': { StringNotEquals: { 'aws:CalledViaFirst': 'cloudformation.amazonaws.com' } },
  'by its services': { 'ForAllValues:StringNotEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } },
};

const operations = catalogue.map((operation) => ({
  operation,
  name: `${operation.command} --${operation.reads?.flag ?? ''}`,
}));

function expectation({ api, command, reads }: Operation, flags: object = {}): Readonly<Record<string, unknown>> {
  const source = reads === undefined ? {} : { [reads.flag]: sources[reads.flag] };
  // If all operations of an API have one command, the expectation may name the API.
  const cannot = catalogue.filter((one) => one.api === api).every((one) => one.command === command) ? api : command;
  return { who: 'role/everything', cannot, ...source, ...(Object.keys(flags).length === 0 ? {} : { flags }) };
}

const usual = { now, defaults: { account, region: 'us-east-1' } };

describe.each(operations)('$name', { tags: 'slow' }, ({ operation }) => {
  test('is denied if a policy denies all', () => {
    const report = reportOn(evidenceWith([{ Action: '*', Resource: '*' }]), [expectation(operation)], usual);
    // Which calls a backup job makes for a copy to another account is only inferred, so the answer
    // is not proven.
    expect(report.expectations[0]?.outcome).toBe(operation.copiesAcrossAccounts === true ? 'unproven' : 'holds');
  });

  test('is not denied if nothing is', () => {
    const report = reportOn(evidenceWith([]), [expectation(operation)], usual);
    expect(report.expectations[0]?.outcome).not.toBe('holds');
  });

  test.each(operation.parameters.filter((flag) => !indistinct.includes(flag)))(
    '%s: a policy that denies the default alone proves nothing',
    (flag) => {
      const report = reportOn(evidenceWith(onlyTheDefault[flag] ?? []), [expectation(operation)], usual);
      expect(report.expectations[0]?.outcome === 'holds').toBe(isWhole(operation, flag));
      expect(codesIn(report).filter((code) => code === 'nothing-matched')).toEqual([]);
    },
  );

  test.each(Object.entries(sessions))('a policy that denies the operation %s proves nothing', (_, condition) => {
    const denied = { Action: ['rds:*', 'backup:*'], Resource: '*', ...condition };
    const report = reportOn(evidenceWith([denied]), [expectation(operation)], usual);
    expect(report.expectations[0]?.outcome).toBe('unproven');
  });

  test.each(Object.entries(starts))('a policy that tests a KMS call %s proves nothing', (_, condition) => {
    const denied = { Action: 'kms:*', Resource: '*', Condition: condition };
    const report = reportOn(evidenceWith([denied]), [expectation(operation)], usual);
    expect(report.expectations[0]?.outcome).not.toBe('holds');
  });
});

test('every parameter has its case', () => {
  expect([...Object.keys(onlyTheDefault), ...indistinct].toSorted()).toEqual([...allParameters()].toSorted());
});

/**
 * Requests that a Deny of the default does stop. Without these, the tests above could pass for a
 * Deny that stops nothing.
 */
const biting: readonly (readonly [api: string, flag: Parameter, parameters: OperationParameters])[] = [
  ['RestoreDBClusterFromSnapshot', 'kms-key-id', {}],
  ['RestoreDBClusterFromSnapshot', 'tag', {}],
  ['RestoreDBClusterFromSnapshot', 'db-subnet-group-name', {}],
  ['RestoreDBClusterFromSnapshot', 'db-cluster-parameter-group-name', {}],
  ['CopyDBClusterSnapshot', 'copy-tags', {}],
  ['DeleteDBCluster', 'skip-final-snapshot', {}],
  ['CreateDBCluster', 'manage-master-user-password', {}],
  ['CopyDBSnapshot', 'copy-option-group', {}],
];

test.each(biting)('%s does not succeed by default where %s is denied', (api, flag, parameters) => {
  const [operation] = catalogue.filter((one) => one.api === api);
  if (operation === undefined) throw new Error(api);
  const { reads } = operation;
  const question = {
    operation,
    principal: `arn:aws:iam::${account}:role/everything`,
    parameters,
    ...(reads === undefined ? {} : { target: sources[reads.flag] }),
    region: 'us-east-1',
    context: {},
    strict: false,
    evaluatedAt: now,
    explain: false,
    fix: false,
  };
  expect(check(evidenceWith(onlyTheDefault[flag] ?? []), question, 'test').verdict).not.toBe('succeeds');
});
