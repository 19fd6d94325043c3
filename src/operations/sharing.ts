import type { Operation, PreconditionRow } from './operation.ts';
import { must, required, snapshotNotFound, snapshotState, withoutKmsFault } from './rows.ts';

/*
 * Operations that share snapshots. AWS documents no forwarded call and declares no KMS error for
 * them.
 */

const shared: readonly PreconditionRow[] = [
  must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', snapshotNotFound),
  must('source-is-in-the-region', 'rds-kms-operations-2 13.10', snapshotNotFound),
  must('snapshot-is-available', 'rds-kms-operations 2.1', snapshotState),
  {
    ...must('snapshot-is-manual', 'rds-kms-operations 4.6', snapshotState),
    when: ['snapshot is not named by a service'],
  },
  // For a DB snapshot, AWS was observed to refuse the name itself, which contains a colon.
  {
    ...must('snapshot-is-manual', 'rds-kms-operations-2 13.3', {
      'cluster-snapshot': 'InvalidDBClusterSnapshotStateFault',
      snapshot: 'InvalidParameterValue',
    }),
    when: ['snapshot is named by a service'],
  },
  // The text of AWS's error is known, but its code is not published.
  { ...must('snapshot-can-be-shared', 'rds-kms-operations 4.6'), when: ['accounts are added'] },
  must('accounts-are-below-the-quota', 'rds-kms-operations 4.6', 'SharedSnapshotQuotaExceeded'),
];

const shareClusterSnapshot: Operation = {
  command: 'share-snapshot',
  aliases: ['share-cluster-snapshot'],
  api: 'ModifyDBClusterSnapshotAttribute',
  does: 'share a cluster snapshot with other accounts',
  phrase: 'share SOURCE',
  reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
  request: { source: ['DBClusterSnapshotIdentifier'] },
  parameters: ['with', 'values-to-remove'],
  calls: required('rds:ModifyDBClusterSnapshotAttribute', ['cluster-snapshot']),
  preconditions: shared,
  faults: withoutKmsFault,
  followedBy: ['CopyDBClusterSnapshot', 'RestoreDBClusterFromSnapshot'],
};

const shareInstanceSnapshot: Operation = {
  command: 'share-snapshot',
  aliases: [],
  api: 'ModifyDBSnapshotAttribute',
  does: 'share a DB snapshot with other accounts',
  phrase: 'share SOURCE',
  reads: { flag: 'instance-snapshot', types: ['snapshot'] },
  request: { source: ['DBSnapshotIdentifier'] },
  parameters: ['with', 'values-to-remove'],
  calls: required('rds:ModifyDBSnapshotAttribute', ['snapshot']),
  preconditions: shared,
  faults: withoutKmsFault,
  // An RDS instance cannot be restored from a shared encrypted snapshot (rds-kms-operations 4.2).
  followedBy: ['CopyDBSnapshot'],
};

/** In the order in which help shows them. */
export const sharing: readonly Operation[] = [shareClusterSnapshot, shareInstanceSnapshot];
