import { expect, test } from 'vitest';
import { estateOf } from '../../src/audit/estate.ts';
import { encryptionOpen, mayNameKey } from '../../src/audit/sharing.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';

/*
 * What remains unknown about a backup that names no key. Either its key was not read, or AWS owns
 * the key. AWS publishes nothing about keys that it owns. A backup under such a key has
 * StorageEncrypted false (rds-kms-operations 10), and is not older than 2026-02-18
 * (rds-kms-operations 0.7).
 */

const encryptions = [
  { StorageEncrypted: true, StorageEncryptionType: 'sse-kms', open: 'backup-encryption-unread' },
  { StorageEncrypted: true, StorageEncryptionType: 'SSE-KMS', open: 'backup-encryption-unread' },
  { StorageEncrypted: true, open: 'backup-encryption-unread' },
  { StorageEncryptionType: 'sse-kms', open: 'backup-encryption-unread' },
  { StorageEncrypted: true, StorageEncryptionType: 'unheard-of', open: 'backup-encryption-unread' },
  { open: 'backup-encryption-unread' },
  { StorageEncrypted: false, StorageEncryptionType: 'sse-rds', open: 'aws-owned-key-unpublished' },
  { StorageEncryptionType: 'sse-rds', open: 'aws-owned-key-unpublished' },
  { StorageEncrypted: false, open: 'aws-owned-key-unpublished' },
];

test.each(encryptions)('%o', ({ open, ...encryption }) => {
  const arn = 'arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:monthly';
  const snapshot = {
    DBClusterSnapshotIdentifier: 'monthly',
    DBClusterSnapshotArn: arn,
    Engine: 'aurora-postgresql',
    ...encryption,
  };
  const rds = { DBClusterSnapshots: [snapshot] };
  const evidence = { evidenceVersion: 1, accounts: { '111122223333': { regions: { 'eu-west-1': { rds } } } } };
  const directory = directoryOf(parseEvidence('test', JSON.stringify(evidence)));
  const settings = {
    evaluatedAt: '2026-11-23T12:00:00.000Z',
    strict: false,
    context: {},
    allowAccounts: [],
    allowOrgs: [],
  };
  const [backup] = estateOf(directory, settings).backups;
  if (backup === undefined) throw new Error('no backup was found');
  expect(encryptionOpen(backup)).toEqual({ is: 'unread', unread: { code: open, of: arn } });
  expect(mayNameKey(backup)).toBe(open === 'backup-encryption-unread');
});
