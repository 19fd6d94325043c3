import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToRead } from '../../src/collect/reading.ts';
import { administrator, drRestore, operator } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import {
  answering,
  gapsOf,
  iamOf,
  type Reading,
  readFrom,
  refuse,
  regionOf,
  snapshots,
  times,
  type Wire,
} from './reading.ts';
import { fillInstances } from './surroundings.ts';

const elsewhere = 'eu-west-1';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillFoundingCase(moto.endpoint, elsewhere);
  await fillInstances(moto.endpoint);
});
afterAll(() => moto.stop());

const read = (question: ToRead, wire?: Wire): Promise<Reading> => readFrom(moto.endpoint, question, wire);
const asked = { principal: operator, otherPrincipals: [], kmsKeyIds: [], sharing: false, quotas: false, types: [] };

describe('a source that may be of several types', () => {
  test('costs only the read that knows it', async () => {
    const found = await read(snapshots(operator, 'ledger-monthly'), refuse('rds:DescribeDBSnapshots'));
    expect(found.asked).not.toContain('rds:DescribeDBSnapshots');
    expect(gapsOf(found)).toEqual([]);
  });

  test('is looked for as the next type when the first knows no such name', async () => {
    const found = await read(snapshots(operator, 'wiki-1'));
    expect(regionOf(found)?.rds).toMatchObject({
      DBClusterSnapshots: [],
      DBSnapshots: [{ DBSnapshotIdentifier: 'wiki-1', Encrypted: true, Engine: 'postgres' }],
    });
    expect(regionOf(found)?.kms?.keys).toHaveLength(1);
  });

  test('is what its ARN says', async () => {
    const found = await read(snapshots(operator, `arn:aws:rds:${region}:${account}:snapshot:wiki-1`));
    expect(found.asked).not.toContain('rds:DescribeDBClusterSnapshots');
    expect(regionOf(found)?.rds?.DBSnapshots).toHaveLength(1);
  });

  test('is every source if the command names none, and only the first list must be readable', async () => {
    const found = await read(snapshots(operator), refuse('rds:DescribeDBSnapshots'));
    expect(regionOf(found)?.rds?.DBClusterSnapshots?.length).toBeGreaterThan(2);
    expect(gapsOf(found)).toMatchObject([{ what: 'rds:DescribeDBSnapshots', account, region }]);
    await expect(read(snapshots(operator), refuse('rds:DescribeDBClusterSnapshots'))).rejects.toMatchObject({
      kind: 'aws',
    });
  });
});

describe('an instance', () => {
  test('of a cluster comes with it, and with its key', async () => {
    const found = await read({ ...asked, types: ['db'], target: 'orders-writer' });
    expect(regionOf(found)?.rds).toMatchObject({
      DBInstances: [
        { DBInstanceIdentifier: 'orders-writer', DBClusterIdentifier: 'orders', DBInstanceStatus: 'available' },
      ],
      DBClusters: [{ DBClusterIdentifier: 'orders', DBClusterMembers: [{ DBInstanceIdentifier: 'orders-writer' }] }],
    });
    expect(regionOf(found)?.kms?.keys?.length).toBeGreaterThan(0);
  });

  test('of no cluster needs no right to read clusters', async () => {
    const found = await read({ ...asked, types: ['db'], target: 'wiki' }, refuse('rds:DescribeDBClusters'));
    expect(gapsOf(found)).toEqual([]);
  });
});

const backups = `<DescribeDBClusterAutomatedBackupsResponse><DescribeDBClusterAutomatedBackupsResult><DBClusterAutomatedBackups>
  <DBClusterAutomatedBackup><DBClusterAutomatedBackupsArn>arn:aws:rds:${region}:${account}:cluster-auto-backup:ab-x</DBClusterAutomatedBackupsArn>
  <DbClusterResourceId>cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ</DbClusterResourceId><DBClusterIdentifier>gone</DBClusterIdentifier>
  <RestoreWindow><EarliestTime>2026-11-01T00:00:00Z</EarliestTime><LatestTime>2026-11-02T00:00:00Z</LatestTime></RestoreWindow>
  <StorageEncrypted>true</StorageEncrypted></DBClusterAutomatedBackup>
</DBClusterAutomatedBackups></DescribeDBClusterAutomatedBackupsResult></DescribeDBClusterAutomatedBackupsResponse>`;

describe('what the emulator does not know', () => {
  test('an automated backup replaces a cluster that is gone, named by its resource ID', async () => {
    const target = 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    const wire = answering({ 'rds:DescribeDBClusterAutomatedBackups': backups });
    const found = await read({ ...asked, types: ['cluster', 'cluster-auto-backup'], target }, wire);
    expect(regionOf(found)?.rds).toMatchObject({
      DBClusters: [],
      DBClusterAutomatedBackups: [
        {
          DbClusterResourceId: target,
          RestoreWindow: { EarliestTime: '2026-11-01T00:00:00.000Z', LatestTime: '2026-11-02T00:00:00.000Z' },
        },
      ],
    });
  });

  test('quotas', async () => {
    const quotas =
      '<DescribeAccountAttributesResponse><DescribeAccountAttributesResult><AccountQuotas><AccountQuota><AccountQuotaName>DBClusters</AccountQuotaName><Used>3</Used><Max>40</Max></AccountQuota></AccountQuotas></DescribeAccountAttributesResult></DescribeAccountAttributesResponse>';
    const found = await read({ ...asked, quotas: true }, answering({ 'rds:DescribeAccountAttributes': quotas }));
    expect(regionOf(found)?.rds).toEqual({ AccountQuotas: [{ AccountQuotaName: 'DBClusters', Used: 3, Max: 40 }] });
  });
});

describe('what else a question names', () => {
  test('with whom snapshots are shared', async () => {
    const found = await read({ ...snapshots(operator), sharing: true });
    expect(regionOf(found)?.rds?.DBClusterSnapshotAttributes?.length).toBeGreaterThan(1);
    expect(regionOf(found)?.rds?.DBSnapshotAttributes).toMatchObject([{ DBSnapshotIdentifier: 'wiki-1' }]);
  });

  test('other principals, with who may assume a role', async () => {
    const found = await read({ ...asked, otherPrincipals: [drRestore, administrator] });
    expect(iamOf(found)?.RoleDetailList?.map((role) => role.RoleName)).toEqual(['operator', 'dr-restore']);
    expect(iamOf(found)?.UserDetailList).toMatchObject([{ UserName: 'administrator' }]);
    expect(decodeURIComponent(JSON.stringify(iamOf(found)?.RoleDetailList?.[1]?.AssumeRolePolicyDocument))).toContain(
      'sts:AssumeRole',
    );
  });

  test('a source in another Region, with the keys of both', async () => {
    const target = `arn:aws:rds:${elsewhere}:${account}:cluster-snapshot:ledger-monthly`;
    const found = await read({ ...snapshots(operator, target), sourceRegion: elsewhere, kmsKeyIds: ['alias/orders'] });
    expect(found.region).toBe(region);
    expect(regionOf(found, elsewhere)?.rds?.DBClusterSnapshots).toHaveLength(1);
    expect(regionOf(found, elsewhere)?.kms?.keys).toMatchObject([{ Aliases: [{ AliasName: 'alias/ledger' }] }]);
    expect(regionOf(found)?.kms?.keys).toMatchObject([{ Aliases: [{ AliasName: 'alias/orders' }] }]);
  });

  test('nothing of RDS where the operation reads no source', async () => {
    const found = await read(asked);
    expect(found.asked.filter((operation) => operation.startsWith('rds:'))).toEqual([]);
    expect(times(found, 'iam:GetRole')).toBe(1);
  });
});
