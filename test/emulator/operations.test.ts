import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CopyDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReportJson, reportSchema } from '../../src/contract/report.ts';
import { administrator, operator, run, through } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import type { Fault } from './proxy.ts';

const elsewhere = 'eu-west-1';
const partner = '444455556666';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  const { endpoint } = moto;
  await fillFoundingCase(endpoint);
  await fillFoundingCase(endpoint, elsewhere);
  const rds = new RDSClient({ endpoint, region, credentials });
  const iam = new IAMClient({ endpoint, region, credentials });
  const DBInstanceIdentifier = 'wiki';
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      BackupRetentionPeriod: 7,
      StorageEncrypted: true,
      KmsKeyId: 'alias/ledger',
      MasterUsername: 'root',
      MasterUserPassword: 'not-a-secret',
    }),
  );
  await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier: 'wiki-1' }));
  await rds.send(
    new CopyDBClusterSnapshotCommand({
      SourceDBClusterSnapshotIdentifier: 'ledger-monthly',
      TargetDBClusterSnapshotIdentifier: 'ledger-copy',
    }),
  );
  await rds.send(
    new ModifyDBClusterSnapshotAttributeCommand({
      DBClusterSnapshotIdentifier: 'ledger-monthly',
      AttributeName: 'restore',
      ValuesToAdd: [partner],
    }),
  );
  const trust = (service: string): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    });
  for (const [RoleName, service] of [
    ['exporter', 'export.rds.amazonaws.com'],
    ['backup', 'backup.amazonaws.com'],
  ] as const) {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(service) }));
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['rds:*', 's3:*', 'kms:*'], Resource: '*' }],
    });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  }
});
afterAll(() => moto.stop());

async function asked(...args: readonly string[]): Promise<ReportJson> {
  const where = args.includes('--region') ? [] : ['--region', region];
  const { stdout, stderr } = await run([...args, ...where, '--endpoint-url', moto.endpoint, '--output', 'json']);
  expect(stderr).toBe('');
  return v.parse(reportSchema, JSON.parse(stdout));
}

const verdicts = ({ results }: ReportJson): readonly string[] => results.map(({ api, verdict }) => `${api} ${verdict}`);
const as = (principal: string): readonly string[] => ['--principal', principal];

describe('an administrator, on what the emulator holds', () => {
  test.each([
    ['create-snapshot --cluster ledger', 'CreateDBClusterSnapshot succeeds'],
    ['create-snapshot --instance wiki', 'CreateDBSnapshot succeeds'],
    ['restore --snapshot ledger-monthly --to fresh --tag team=dba', 'RestoreDBClusterFromSnapshot succeeds'],
    ['restore --instance-snapshot wiki-1', 'RestoreDBInstanceFromDBSnapshot succeeds'],
    ['restore-to-point-in-time --cluster ledger', 'RestoreDBClusterToPointInTime succeeds'],
    ['restore-to-point-in-time --instance wiki', 'RestoreDBInstanceToPointInTime succeeds'],
    // The cluster has no DB instance.
    ['clone --cluster ledger --with-instance', 'RestoreDBClusterToPointInTime fails'],
    ['copy-snapshot --snapshot ledger-copy --kms-key-id alias/orders', 'CopyDBClusterSnapshot succeeds'],
    ['copy-snapshot --instance-snapshot wiki-1', 'CopyDBSnapshot succeeds'],
    ['create-cluster --kms-key-id alias/ledger', 'CreateDBCluster succeeds'],
    ['create-instance --in-cluster ledger', 'CreateDBInstance succeeds'],
    ['create-replica --instance wiki', 'CreateDBInstanceReadReplica succeeds'],
    ['stop-instance --instance wiki', 'StopDBInstance succeeds'],
    ['start-instance --instance wiki', 'StartDBInstance fails'],
    ['delete-instance --instance wiki', 'DeleteDBInstance succeeds'],
  ])('%s', async (line, expected) => {
    expect(verdicts(await asked(...line.split(' '), ...as(administrator)))).toEqual([expected]);
  });
});

describe('the quotas of the account', () => {
  const quotas = 'rds:DescribeAccountAttributes';
  const quota = 'quota of manual snapshots is not exhausted';
  const answered = (line: string, faults: Readonly<Record<string, Fault>> = {}) =>
    through(moto.endpoint, faults, [...line.split(' '), ...as(administrator), '--output', 'json'], {
      AWS_MAX_ATTEMPTS: '1',
    });
  const readReport = (text: string): ReportJson => v.parse(reportSchema, JSON.parse(text));
  const quotaIn = ({ results }: ReportJson): string | undefined =>
    results[0]?.preconditions.find(({ name }) => name === quota)?.why.text;

  test('are read for an operation that has one', async () => {
    const { stdout, asked: reads } = await answered('create-snapshot --cluster ledger');
    expect(reads.filter((one) => one === quotas)).toHaveLength(1);
    expect(quotaIn(readReport(stdout))).toMatch(/^the account has [1-9]\d* of 100 manual snapshots$/);
  });

  test('are not read for another', async () => {
    const { asked: reads } = await answered('share-snapshot --snapshot ledger-monthly');
    expect(reads).not.toContain(quotas);
  });

  test.each([
    ['may not be read', { code: 'AccessDenied', status: 403 }],
    ['cannot be read', { code: 'InternalFailure', status: 500 }],
  ])('are a gap on which no verdict depends where they %s', async (_, fault) => {
    const { code, stdout } = await answered('create-snapshot --cluster ledger', { [quotas]: fault });
    const report = readReport(stdout);
    expect({ code, verdict: report.verdict }).toEqual({ code: 0, verdict: 'succeeds' });
    expect(report.gaps.map(({ what }) => what)).toEqual([quotas]);
    expect(report.results[0]?.gaps).toBeUndefined();
    expect(quotaIn(report)).toBeUndefined();
  });
});

describe('two Regions', () => {
  test('a copy reads the keys of both Regions', async () => {
    const report = await asked(
      ...['copy-snapshot', '--snapshot', `arn:aws:rds:${region}:${account}:cluster-snapshot:ledger-monthly`],
      ...['--source-region', region, '--region', elsewhere, '--kms-key-id', 'alias/ledger', ...as(administrator)],
    );
    expect(verdicts(report)).toEqual(['CopyDBClusterSnapshot succeeds']);
    const keys = report.results[0]?.calls
      .filter(({ kind }) => kind === 'forwarded')
      .map((call) => `${call.on} ${call.region}`);
    expect(new Set(keys)).toEqual(new Set([`target key ${elsewhere}`, `storage key ${region}`]));
  });

  test('without a key for it there is no copy', async () => {
    const report = await asked(
      ...['copy-snapshot', '--snapshot', `arn:aws:rds:${region}:${account}:cluster-snapshot:ledger-monthly`],
      ...['--source-region', region, '--region', elsewhere, ...as(administrator)],
    );
    expect(report.results[0]?.expectedError).toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('others', () => {
  test('a share names what the other account still lacks', async () => {
    const report = await asked(
      'share-snapshot',
      '--snapshot',
      'ledger-monthly',
      '--with',
      partner,
      ...as(administrator),
    );
    expect(verdicts(report)).toEqual([
      'ModifyDBClusterSnapshotAttribute succeeds',
      'CopyDBClusterSnapshot fails',
      'RestoreDBClusterFromSnapshot fails',
    ]);
    const sides = report.results[2]?.calls.find(({ action }) => action === 'kms:CreateGrant')?.sides;
    expect(sides).toMatchObject([
      { of: 'caller', account: partner },
      { of: 'key owner', account, decision: 'denied' },
    ]);
  });

  test('an export reads the role and whom it trusts', async () => {
    const exporter = `arn:aws:iam::${account}:role/exporter`;
    const line = [
      'export-snapshot',
      '--snapshot',
      'ledger-monthly',
      '--s3-bucket',
      'exports',
      '--kms-key-id',
      'alias/orders',
    ];
    const report = await asked(...line, '--iam-role', exporter, ...as(administrator));
    const met = report.results[0]?.preconditions.filter(({ status }) => status === 'met').map(({ name }) => name);
    expect(met).toEqual(expect.arrayContaining(['role exists', 'role trusts the service']));
    expect(report.results[0]?.calls.filter(({ kind }) => kind === 'role').map(({ decision }) => decision)).toContain(
      'allowed',
    );
  });

  test('a backup job runs as its role, which the key policy of the founding case stops', async () => {
    const backup = `arn:aws:iam::${account}:role/backup`;
    expect(verdicts(await asked('backup-job', '--cluster', 'ledger', ...as(backup)))).toEqual([
      'CreateDBClusterSnapshot succeeds',
    ]);
    expect(verdicts(await asked('restore-job', '--snapshot', 'orders-before-upgrade', ...as(backup)))).toEqual([
      'RestoreDBClusterFromSnapshot fails',
    ]);
    expect(verdicts(await asked('restore-job', '--snapshot', 'orders-before-upgrade', ...as(operator)))).toEqual([
      'RestoreDBClusterFromSnapshot fails',
    ]);
  });
});
