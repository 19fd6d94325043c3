import type { Operation, PreconditionRow } from './operation.ts';
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

/*
 * Operations that take and delete snapshots. AWS documents no forwarded call, and the APIs declare
 * no KMS fault (rds-kms-operations 0.3, rds-kms-operations-2 14.1).
 */

export const createClusterSnapshot: Operation = {
  command: 'create-snapshot',
  aliases: ['create-cluster-snapshot'],
  api: 'CreateDBClusterSnapshot',
  does: 'take a snapshot of a cluster',
  phrase: 'take a snapshot of SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  makes: 'cluster-snapshot',
  request: { source: ['DBClusterIdentifier'], to: 'DBClusterSnapshotIdentifier' },
  parameters: ['to', 'tag'],
  calls: [
    ...required('rds:CreateDBClusterSnapshot', ['cluster', 'new cluster-snapshot'], tagKeys),
    tagging('new cluster-snapshot'),
    ...taggingInherited('new cluster-snapshot'),
    // Callers without any KMS permission were observed to succeed.
    opens('storage key', 'rds-kms-operations 4.1'),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    must('cluster-is-available', 'rds-kms-operations 4.1', 'InvalidDBClusterStateFault'),
    // AWS does not publish what happens if the key is lost while the cluster still runs.
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
  phrase: 'take a snapshot of SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  makes: 'snapshot',
  request: { source: ['DBInstanceIdentifier'], to: 'DBSnapshotIdentifier' },
  parameters: ['to', 'tag'],
  calls: [
    ...required('rds:CreateDBSnapshot', ['db', 'new snapshot'], [...tagKeys, 'rds:BackupTarget']),
    tagging('new snapshot'),
    ...taggingInherited('new snapshot'),
    opens('storage key', 'rds-kms-operations 4.1'),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBInstanceNotFound'),
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

/** RDS deletes automated snapshots itself, and AWS Backup its recovery points. */
const deletedByPeople = {
  code: 'snapshot-can-be-deleted',
  basis: 'observed',
  source: 'rds-kms-operations-2 14.1',
} as const;

const deletable: readonly PreconditionRow[] = [
  must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', snapshotNotFound),
  must('source-is-in-the-region', 'rds-kms-operations-2 13.10', snapshotNotFound),
  must('snapshot-is-available', 'rds-kms-operations-2 14.1', snapshotState),
  { ...deletedByPeople, when: ['snapshot is not kept by AWS Backup'], fault: snapshotState },
  // AWS does not publish what RDS shows for a recovery point.
  { ...deletedByPeople, when: ['snapshot is kept by AWS Backup'] },
];

const deleteClusterSnapshot: Operation = {
  command: 'delete-snapshot',
  aliases: ['delete-cluster-snapshot'],
  api: 'DeleteDBClusterSnapshot',
  does: 'delete a cluster snapshot',
  phrase: 'delete SOURCE',
  reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
  request: { source: ['DBClusterSnapshotIdentifier'] },
  parameters: [],
  calls: required('rds:DeleteDBClusterSnapshot', ['cluster-snapshot']),
  preconditions: deletable,
  faults: withoutKmsFault,
};

const deleteInstanceSnapshot: Operation = {
  command: 'delete-snapshot',
  aliases: [],
  api: 'DeleteDBSnapshot',
  does: 'delete a DB snapshot',
  phrase: 'delete SOURCE',
  reads: { flag: 'instance-snapshot', types: ['snapshot'] },
  request: { source: ['DBSnapshotIdentifier'] },
  parameters: [],
  calls: required('rds:DeleteDBSnapshot', ['snapshot']),
  preconditions: deletable,
  faults: withoutKmsFault,
};

/** In the order in which help shows them. */
export const snapshots: readonly Operation[] = [
  createClusterSnapshot,
  createInstanceSnapshot,
  deleteClusterSnapshot,
  deleteInstanceSnapshot,
];
