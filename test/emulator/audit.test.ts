import { DescribeKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { ModifyDBClusterSnapshotAttributeCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run as runHere } from '../../src/cli/run.ts';
import { keys, run, through } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

/* `audit` reads the account of the credentials, in the given Regions. */

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(() => moto.stop());

const vendor = '555566667777';
/** The emulator answers unknown calls with an error that the SDK would retry. */
const once = { AWS_MAX_ATTEMPTS: '1' };
const settings = () => ({ endpoint: moto.endpoint, region, credentials });
const audit = (...args: readonly string[]) =>
  run(['audit', ...args, '--endpoint-url', moto.endpoint, '--region', region], { ...keys, ...once });

describe('audit on AWS', () => {
  test('says who can restore, and what was not read', async () => {
    const { code, stdout, stderr } = await audit();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/1 account, 1 Region, 2 keys, .* principals?, read at 20/);
    expect(stdout).toContain(`  account ${account}, ${region}\n`);
    expect(stdout).toContain('Only user/administrator can restore');
    expect(stdout).toMatch(/one-way-in [0-9a-f]+, account 123456789012/);
  });

  test('a share that is made is found, with the snapshot and the account', async () => {
    await new RDSClient(settings()).send(
      new ModifyDBClusterSnapshotAttributeCommand({
        DBClusterSnapshotIdentifier: 'ledger-monthly',
        AttributeName: 'restore',
        ValuesToAdd: [vendor],
      }),
    );
    const { code, stdout } = await audit('--code', 'share-inert', '--severity', 'medium', '--output', 'json');
    expect(code).toBe(1);
    const { findings }: { findings: readonly { code: string; principal: string; affected: unknown }[] } =
      JSON.parse(stdout);
    expect(findings.find((one) => one.code === 'share-inert')).toMatchObject({
      principal: vendor,
      affected: expect.arrayContaining([expect.objectContaining({ kind: 'backups', count: 1 })]),
    });
  });

  test('a list that AWS refuses is named, and nothing is said to be in order', async () => {
    const { code, stdout } = await through(
      moto.endpoint,
      { 'rds:DescribeDBClusterSnapshots': { code: 'AccessDenied', status: 403 } },
      ['audit', '--code', 'nobody-can-restore'],
      once,
    );
    expect(code).toBe(2);
    expect(stdout).toContain('DBClusterSnapshots');
    expect(stdout).toContain(`Backups of account ${account} may be missing: RDS lists were not read.`);
    expect(stdout).toContain('aurora-kms-check permissions --mode collect');
  });

  test('shows its progress on a terminal, on one line that is gone at the end', async () => {
    let [stdout, stderr] = ['', ''];
    await runHere(['audit', '--endpoint-url', moto.endpoint, '--region', region], {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text), isTTY: true, columns: 60 },
      environment: {},
      now: () => new Date(),
    });
    const lines = stderr.split('\r\u001b[K');
    expect(lines).toContain('reading the caller ...');
    expect(lines.some((line) => /2 keys/.test(line))).toBe(true);
    expect(lines.at(-1)).toBe('');
    expect(stdout).toContain('Numbers');
  });

  test('a key that waits for its deletion is at risk, and nobody can restore its backups', async () => {
    const kms = new KMSClient(settings());
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/ledger' }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key?.KeyId, PendingWindowInDays: 7 }));
    const { code, stdout } = await audit('--severity', 'critical');
    expect(code).toBe(1);
    expect(stdout).toMatch(/Do this first\s+Cancel the deletion of key\s+alias\/ledger before \d{4}-\d\d-\d\d/s);
    expect(stdout).toMatch(/KMS deletes key\s+alias\/ledger on \d{4}-\d\d-\d\d\s+\(state PendingDeletion\)/s);
    expect(stdout).toMatch(/None of \d+ principals can restore .* encrypted\s+with\s+key\s+alias\/ledger/s);
  });
});
