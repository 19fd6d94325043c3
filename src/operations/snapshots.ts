import type { Operation } from './operation.ts';
import {
  must,
  opens,
  required,
  snapshotNotFound,
  snapshotQuota,
  snapshotState,
  tagging,
  taggingInherited,
  tagKeys,
  withoutKmsFault,
} from './rows.ts';

/* Taking and sharing snapshots: no forwarded call is documented, and no KMS fault is declared. */

export const createClusterSnapshot: Operation = {
  command: 'create-snapshot',
  aliases: ['create-cluster-snapshot'],
  api: 'CreateDBClusterSnapshot',
  does: 'take a snapshot of a cluster',
  reads: { flag: 'cluster', types: ['cluster'] },
  makes: 'cluster-snapshot',
  parameters: ['to', 'tag'],
  calls: [
    ...required('rds:CreateDBClusterSnapshot', ['cluster', 'new cluster-snapshot'], tagKeys),
    tagging('new cluster-snapshot'),
    ...taggingInherited('new cluster-snapshot'),
    // Callers without any KMS right were seen to succeed.
    opens('storage key', 'rds-kms-operations 4.1'),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('cluster-is-available', 'rds-kms-operations 4.1', 'InvalidDBClusterStateFault'),
    // What happens when the key is lost while the cluster still runs is not published.
    { code: 'key-is-enabled', basis: 'unknown', source: 'rds-kms-operations 4.1' },
    must('name-is-free', 'rds-kms-operations 4.1', 'DBClusterSnapshotAlreadyExistsFault'),
    snapshotQuota,
  ],
  faults: withoutKmsFault,
};

export const createInstanceSnapshot: Operation = {
  command: 'create-snapshot',
  aliases: [],
  api: 'CreateDBSnapshot',
  does: 'take a snapshot of a DB instance',
  reads: { flag: 'instance', types: ['db'] },
  makes: 'snapshot',
  parameters: ['to', 'tag'],
  calls: [
    ...required('rds:CreateDBSnapshot', ['db', 'new snapshot'], [...tagKeys, 'rds:BackupTarget']),
    tagging('new snapshot'),
    ...taggingInherited('new snapshot'),
    opens('storage key', 'rds-kms-operations 4.1'),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    {
      code: 'instance-is-no-member-of-a-cluster',
      basis: 'observed',
      source: 'rds-kms-operations 2.2',
      fault: 'InvalidParameterValue',
    },
    must('instance-is-available', 'rds-kms-operations 2.1', 'InvalidDBInstanceState'),
    { code: 'key-is-enabled', basis: 'unknown', source: 'rds-kms-operations 4.1' },
    must('name-is-free', 'rds-kms-operations 4.1', 'DBSnapshotAlreadyExists'),
    snapshotQuota,
  ],
  faults: withoutKmsFault,
};

const shared = [
  must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', snapshotNotFound),
  must('snapshot-is-available', 'rds-kms-operations 2.1', snapshotState),
  must('snapshot-is-manual', 'rds-kms-operations 4.6', snapshotState),
  // The sentence that AWS shows is known, its code is not published.
  must('snapshot-can-be-shared', 'rds-kms-operations 4.6'),
  must('accounts-are-below-the-quota', 'rds-kms-operations 4.6', 'SharedSnapshotQuotaExceeded'),
] as const;

export const shareClusterSnapshot: Operation = {
  command: 'share-snapshot',
  aliases: ['share-cluster-snapshot'],
  api: 'ModifyDBClusterSnapshotAttribute',
  does: 'share a cluster snapshot with other accounts, and can they use it then',
  reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
  parameters: ['with'],
  calls: required('rds:ModifyDBClusterSnapshotAttribute', ['cluster-snapshot']),
  preconditions: shared,
  faults: withoutKmsFault,
  followedBy: ['CopyDBClusterSnapshot', 'RestoreDBClusterFromSnapshot'],
};

export const shareInstanceSnapshot: Operation = {
  command: 'share-snapshot',
  aliases: [],
  api: 'ModifyDBSnapshotAttribute',
  does: 'share a DB snapshot with other accounts, and can they use it then',
  reads: { flag: 'instance-snapshot', types: ['snapshot'] },
  parameters: ['with'],
  calls: required('rds:ModifyDBSnapshotAttribute', ['snapshot']),
  preconditions: shared,
  faults: withoutKmsFault,
  // An RDS instance cannot be restored from a shared encrypted snapshot (rds-kms-operations 4.2).
  followedBy: ['CopyDBSnapshot'],
};
