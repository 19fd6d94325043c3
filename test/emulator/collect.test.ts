import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToRead } from '../../src/collect/reading.ts';
import { administrator, drRestore, operator } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { lists, onePerPage } from './pages.ts';
import type { Fault } from './proxy.ts';
import {
  clusters,
  gapsOf,
  type Reading,
  readFrom,
  refuse,
  regionOf,
  snapshots,
  timeless,
  times,
  type Wire,
} from './reading.ts';
import { assistant, deputy, fillKey, fillStaff } from './staff.ts';

const elsewhere = 'eu-west-1';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillFoundingCase(moto.endpoint, elsewhere);
  await fillStaff(moto.endpoint);
  await fillKey(moto.endpoint, 'alias/ledger');
});
afterAll(() => moto.stop());

const read = (question: ToRead, wire?: Wire): Promise<Reading> => readFrom(moto.endpoint, question, wire);
const ledger = snapshots(drRestore, 'ledger-monthly');
const stranger = '999988887777';

describe('a snapshot', () => {
  test('comes with its key: policy, alias, grants, tags', async () => {
    const found = await read(ledger);
    const [snapshot] = regionOf(found)?.rds?.DBClusterSnapshots ?? [];
    expect(regionOf(found)?.rds?.DBClusterSnapshots).toHaveLength(1);
    expect(snapshot).toMatchObject({ DBClusterSnapshotIdentifier: 'ledger-monthly', StorageEncrypted: true });
    expect(regionOf(found)?.kms?.keys).toMatchObject([
      {
        KeyMetadata: { Arn: snapshot?.KmsKeyId, KeyState: 'Enabled', KeyManager: 'CUSTOMER' },
        Policy: expect.stringContaining('Enable IAM User Permissions'),
        Aliases: [{ AliasName: 'alias/ledger' }, {}, {}],
        Grants: [
          {
            GranteePrincipal: 'rds.amazonaws.com',
            Operations: ['Decrypt'],
            Constraints: { EncryptionContextSubset: { 'aws:rds:dbc-id': 'cluster-one' } },
          },
          {},
        ],
        Tags: [
          { TagKey: 'one', TagValue: 'yes' },
          { TagKey: 'two', TagValue: 'yes' },
        ],
      },
    ]);
    expect(gapsOf(found)).toEqual([]);
    expect(found.asked).not.toContain('rds:DescribeDBClusters');
    expect(found.asked).not.toContain('rds:DescribeDBClusterSnapshotAttributes');
  });

  test('that RDS took automatically is read by its type', async () => {
    const all = await read(snapshots(drRestore));
    const target = regionOf(all)?.rds?.DBClusterSnapshots?.find(
      (one) => one.SnapshotType === 'automated',
    )?.DBClusterSnapshotIdentifier;
    const bodies: string[] = [];
    const faultFor = (operation: string, asked: string): undefined => {
      if (operation === 'rds:DescribeDBClusterSnapshots') bodies.push(asked);
    };
    const found = await read({ ...ledger, target: target ?? '' }, { faultFor });
    expect(target).toMatch(/^rds:/);
    expect(regionOf(found)?.rds?.DBClusterSnapshots?.map((one) => one.DBClusterSnapshotIdentifier)).toEqual([target]);
    expect(bodies).toEqual([expect.stringContaining('SnapshotType=automated')]);
  });

  test('of AWS Backup is among the DB snapshots, each once', async () => {
    const member = (type: string): string =>
      `<DBSnapshot><DBSnapshotIdentifier>${type}:1</DBSnapshotIdentifier><DBSnapshotArn>arn:aws:rds:${region}:${account}:snapshot:${type}:1</DBSnapshotArn><SnapshotType>${type}</SnapshotType></DBSnapshot>`;
    const answer = (members: string): Fault => ({
      code: '',
      status: 200,
      body: `<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><DBSnapshots>${members}</DBSnapshots></DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>`,
    });
    const faultFor = (operation: string, asked: string): Fault | undefined =>
      operation === 'rds:DescribeDBSnapshots'
        ? answer(asked.includes('awsbackup') ? member('awsbackup') : `${member('rds')}${member('awsbackup')}`)
        : undefined;
    const found = await read({ ...snapshots(drRestore), types: ['snapshot'] }, { faultFor });
    expect(regionOf(found)?.rds?.DBSnapshots?.map((one) => one.DBSnapshotIdentifier)).toEqual(['rds:1', 'awsbackup:1']);
  });

  test('that does not exist gives an error with all snapshots that exist', async () => {
    const found = await read({ ...ledger, target: 'ledger-mothly' });
    expect(regionOf(found)?.rds?.DBClusterSnapshots?.length).toBeGreaterThan(1);
  });

  test('named by ARN says the Region, and contradicts another', async () => {
    const target = `arn:aws:rds:${elsewhere}:${account}:cluster-snapshot:ledger-monthly`;
    expect((await read({ ...ledger, target }, { at: null })).region).toBe(elsewhere);
    await expect(read({ ...ledger, target })).rejects.toMatchObject({ kind: 'input' });
  });

  test('and many others of few keys ask for each key once', async () => {
    const found = await read(snapshots(operator));
    expect(regionOf(found)?.rds?.DBClusterSnapshots?.length).toBeGreaterThan(2);
    expect(times(found, 'kms:DescribeKey')).toBe(2);
    expect(regionOf(found)?.kms?.keys).toHaveLength(2);
  });

  test('shared by another account is kept where RDS lists it', async () => {
    const owner = (operation: string, _asked: string, answer: string): string =>
      operation === 'rds:DescribeDBClusterSnapshots'
        ? answer.replaceAll(`${account}:cluster-snapshot`, `${stranger}:cluster-snapshot`)
        : answer;
    const arn = `arn:aws:rds:${region}:${stranger}:cluster-snapshot:ledger-monthly`;
    const question = { ...ledger, principal: `arn:aws:iam::${stranger}:root`, target: arn };
    const found = await read(question, { rewrite: owner });
    // The emulator does not filter, so it returns all snapshots.
    expect(regionOf(found)?.rds?.DBClusterSnapshots).toContainEqual(
      expect.objectContaining({ DBClusterSnapshotArn: arn }),
    );
    expect(found.asked).not.toContain('rds:DescribeDBClusterSnapshotAttributes');
  });
});

describe('a key', () => {
  test('named by an alias that the snapshot has already is read once', async () => {
    const found = await read({ ...ledger, kmsKeyIds: ['alias/ledger'] });
    expect(regionOf(found)?.kms?.keys).toHaveLength(1);
    // The key has two policies.
    expect(times(found, 'kms:GetKeyPolicy')).toBe(2);
  });

  test('with imported material has the date until which the material is valid', async () => {
    const imported = (operation: string, _asked: string, answer: string): string =>
      operation === 'kms:DescribeKey'
        ? answer.replace('"KeyMetadata": {', '"KeyMetadata": {"Origin": "EXTERNAL", "ValidTo": 1793491200.5, ')
        : answer;
    const found = await read(ledger, { rewrite: imported });
    expect(regionOf(found)?.kms?.keys).toMatchObject([{ KeyMetadata: { ValidTo: '2026-11-01T00:00:00.500Z' } }]);
  });

  test('of another Region is read and kept there', async () => {
    const kmsKeyId = `arn:aws:kms:${elsewhere}:${account}:alias/orders`;
    const found = await read({ ...ledger, kmsKeyIds: [kmsKeyId] });
    expect(regionOf(found, elsewhere)?.kms?.keys).toMatchObject([
      { Aliases: [{ AliasName: 'alias/orders' }], Policy: expect.stringContaining('Deny actions except AdminRole') },
    ]);
  });

  test('of another account has no policy to read, and the program does not try', async () => {
    const kmsKeyId = `arn:aws:kms:${region}:${stranger}:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d`;
    const found = await read({ ...ledger, kmsKeyIds: [kmsKeyId] }, refuse('kms:DescribeKey', 'kms:ListGrants'));
    const keys = found.evidence.accounts[stranger]?.regions?.[region]?.kms?.keys;
    expect(keys).toEqual([{ KeyMetadata: { Arn: kmsKeyId } }]);
    // The key has two policies.
    expect(times(found, 'kms:GetKeyPolicy')).toBe(2);
    expect(gapsOf(found).filter((gap) => gap.account === stranger)).toMatchObject([
      { what: 'kms:DescribeKey' },
      { what: 'kms:GetKeyPolicy', reason: expect.stringContaining(`the credentials belong to account ${account}`) },
      { what: 'kms:ListGrants' },
    ]);
  });

  test('that KMS does not describe keeps what else can be read', async () => {
    const found = await read(ledger, refuse('kms:DescribeKey'));
    const [key] = regionOf(found)?.kms?.keys ?? [];
    expect(Object.keys(key?.KeyMetadata ?? {})).toEqual(['Arn']);
    expect(key?.Policy).toBeDefined();
    expect(gapsOf(found)).toMatchObject([{ what: 'kms:DescribeKey', account, region, resource: key?.KeyMetadata.Arn }]);
  });

  test('that does not exist is a gap, not a key', async () => {
    const kmsKeyId = 'alias/nowhere';
    const found = await read({ ...ledger, kmsKeyIds: [kmsKeyId] });
    expect(regionOf(found)?.kms?.keys).toHaveLength(1);
    expect(gapsOf(found)).toMatchObject([{ what: 'kms:DescribeKey', resource: kmsKeyId }]);
  });
});

describe('the wire', () => {
  test('throttling that ends costs attempts, not the answer', async () => {
    let left = 2;
    const faultFor = (operation: string): Fault | undefined =>
      operation === 'kms:DescribeKey' && left-- > 0 ? { code: 'ThrottlingException', status: 400 } : undefined;
    const found = await read(ledger, { faultFor });
    expect(times(found, 'kms:DescribeKey')).toBe(3);
    expect(gapsOf(found)).toEqual([]);
  });

  test('a token that expires on the way ends the reading', async () => {
    const faultFor = (operation: string): Fault | undefined =>
      operation === 'kms:GetKeyPolicy' ? { code: 'ExpiredTokenException', status: 400 } : undefined;
    await expect(read(ledger, { faultFor })).rejects.toMatchObject({
      kind: 'setup',
      message: 'kms:GetKeyPolicy: the credentials have expired',
    });
  });

  test.each([
    ['snapshots', snapshots(deputy)],
    ['clusters', clusters(assistant)],
  ] as const)('%s page by page make the same evidence as all at once', async (_, question) => {
    const whole = await read(question);
    const paged = await read(question, { rewrite: onePerPage });
    expect(timeless(paged.evidence)).toEqual(timeless(whole.evidence));
    const [once, more] = [
      new Set(whole.asked),
      Object.keys(lists).filter((operation) => whole.asked.includes(operation)),
    ];
    expect(more.filter((operation) => times(paged, operation) <= times(whole, operation))).toEqual([]);
    expect(new Set(paged.asked)).toEqual(once);
  });

  test('the same reads give the same bytes', async () => {
    const bytes = async (): Promise<string> => {
      const { evidence } = await read(snapshots(administrator), refuse('kms:GetKeyPolicy', 'iam:GetUser'));
      return JSON.stringify(timeless(evidence));
    };
    expect(await bytes()).toBe(await bytes());
  });
});
