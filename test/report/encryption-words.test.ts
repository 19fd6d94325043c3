import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { exampleEvidence } from '../preflight-case.ts';
import { runInProcess } from '../run-in-process.ts';

/* The text about the encryption of a source without a key (rds-kms-operations 10). */

const snapshot = '/accounts/111122223333/regions/eu-west-1/rds/DBClusterSnapshots/0';
const administrator = 'arn:aws:iam::111122223333:user/administrator';

async function secondLine(args: readonly string[], entry: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const named = Object.entries(entry).map(([name, value]): [string, unknown] => [`${snapshot}/${name}`, value]);
  const file = `${mkdtempSync(`${tmpdir()}/aurora-kms-check-`)}/evidence.json`;
  writeFileSync(
    file,
    JSON.stringify(exampleEvidence({ [`${snapshot}/KmsKeyId`]: null, ...Object.fromEntries(named) })),
  );
  const { stdout } = await runInProcess([...args, '--principal', administrator, '--evidence', file]);
  return stdout.split('\n')[1] ?? '';
}

const restore = ['restore', '--snapshot', 'orders-2026-11-24', '--region', 'eu-west-1'];

test.each([
  { entry: { StorageEncrypted: true }, says: 'key not read' },
  { entry: { StorageEncrypted: null }, says: 'key not read' },
  { entry: { StorageEncrypted: false, StorageEncryptionType: 'sse-rds' }, says: 'AWS owned key' },
  { entry: { StorageEncrypted: false, StorageEncryptionType: 'none' }, says: 'unencrypted' },
  {
    entry: { StorageEncrypted: false, StorageEncryptionType: null, ClusterCreateTime: '2026-05-01T00:00:00Z' },
    says: 'no KMS key',
  },
  {
    entry: { StorageEncrypted: false, StorageEncryptionType: null, ClusterCreateTime: '2025-05-01T00:00:00Z' },
    says: 'unencrypted',
  },
])('$entry: $says', async ({ entry, says }) => {
  expect(await secondLine(restore, entry)).toBe(`  eu-west-1, account 111122223333, ${says}`);
});

test('a new cluster without a named key may be under a key that AWS owns', async () => {
  expect(await secondLine(['create-cluster', '--region', 'eu-west-1'])).toBe(
    '  eu-west-1, account 111122223333, no KMS key named',
  );
});
