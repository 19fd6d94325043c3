import {
  associatedParameters,
  associatedRoles,
  insightsKey,
  managedPassword,
  passedRoles,
  passwordParameters,
  restoredInsightsParameters,
  restoredPassword,
  roleParameters,
  usableDomainRole,
  usableInsightsKey,
  usableRoles,
} from './attachments.ts';
import type { CallRow, Operation, PreconditionRow } from './operation.ts';
import {
  clusterGroups,
  clusterQuota,
  firstInstanceQuota,
  instanceGroups,
  instanceQuota,
  makesRole,
  must,
  named,
  notMultiAz,
  only,
  optionGroupOfCluster,
  perhapsNotMultiAz,
  required,
  snapshotNotFound,
  snapshotState,
  tagging,
  taggingInherited,
  tagKeys,
  underKeys,
  usableKey,
  usableNamedKey,
  usableSourceKey,
  withKmsFault,
} from './rows.ts';

/**
 * The keys of the cluster actions whose parameters an Aurora restore does not need
 * (rds-kms-operations 1.2). `rds:StorageEncrypted` is not among them.
 */
const clusterKeys = [...tagKeys, 'rds:DatabaseClass', 'rds:Piops', 'rds:StorageSize'] as const;
const instanceKeys = [
  ...tagKeys,
  'rds:BackupTarget',
  'rds:ManageMasterUserPassword',
  'rds:PubliclyAccessible',
] as const;

/**
 * A restored Aurora cluster has no instance, so another call must create one (rds-kms-operations
 * 1.2, 4.2).
 */
const withInstance: readonly CallRow[] = only(
  ['instance is also created'],
  [
    ...required('rds:CreateDBInstance', ['new db'], instanceKeys),
    ...named('rds:CreateDBInstance', ['new cluster'], instanceKeys),
  ],
);

/**
 * A Multi-AZ DB cluster is restored with its instances. AWS's service reference lists the
 * permission for them, and no page explains it.
 */
const withMembers: readonly CallRow[] = only(
  ['source is a Multi-AZ DB cluster'],
  named('rds:CreateDBInstance', ['new db'], instanceKeys, { basis: 'inferred', source: 'rds-kms-operations 1.2' }),
);

const underKey = underKeys('rds-kms-operations 4.2', { basis: 'inferred', source: 'rds-kms-operations 4.2' });

const snapshotUsable: readonly PreconditionRow[] = [
  must('snapshot-is-shared-with-the-account', 'rds-kms-operations 4.2', snapshotNotFound),
  must('source-is-in-the-region', 'rds-kms-operations-2 13.10', snapshotNotFound),
  must('snapshot-is-available', 'rds-kms-operations 4.2', snapshotState),
];

export const restoreCluster: Operation = {
  command: 'restore',
  aliases: ['restore-cluster'],
  api: 'RestoreDBClusterFromSnapshot',
  does: 'restore a cluster from a snapshot',
  phrase: 'restore SOURCE',
  besides: 'restore-to-point-in-time',
  reads: { flag: 'snapshot', types: ['cluster-snapshot', 'snapshot'] },
  makes: 'cluster',
  targetKey: 'named, else source',
  request: { source: ['SnapshotIdentifier'], to: 'DBClusterIdentifier' },
  parameters: ['kms-key-id', 'to', 'tag', 'with-instance', 'engine', 'engine-version', ...clusterGroups],
  calls: [
    ...required('rds:RestoreDBClusterFromSnapshot', ['new cluster'], clusterKeys),
    // The Service Authorization Reference lists this type as optional, but a restore always names a
    // snapshot. A Deny by tags of the snapshot was observed to stop a restore.
    ...named('rds:RestoreDBClusterFromSnapshot', ['cluster-snapshot', 'snapshot'], clusterKeys, {
      basis: 'observed',
      source: 'rds-kms-operations 11',
    }),
    ...required('rds:RestoreDBClusterFromSnapshot', ['subgrp', 'cluster-pg'], clusterKeys),
    ...optionGroupOfCluster('rds:RestoreDBClusterFromSnapshot', clusterKeys),
    tagging('new cluster'),
    ...makesRole,
    ...withInstance,
    ...withMembers,
    ...underKey,
  ],
  preconditions: [
    ...snapshotUsable,
    must('engine-fits-the-source', 'rds-kms-operations 4.2'),
    { ...must('shared-snapshot-is-copied-first', 'rds-kms-operations-2 11'), when: ['engine is docdb or neptune'] },
    must('snapshot-can-be-restored-under-the-key', 'rds-kms-operations 4.2', 'InvalidRestoreFault'),
    ...usableNamedKey,
    ...usableSourceKey,
    must('name-is-free', 'rds-kms-operations 2.1', 'DBClusterAlreadyExistsFault'),
    clusterQuota,
    firstInstanceQuota,
  ],
  faults: withKmsFault,
};

export const restoreInstance: Operation = {
  command: 'restore',
  aliases: [],
  api: 'RestoreDBInstanceFromDBSnapshot',
  does: 'restore a DB instance from a DB snapshot',
  phrase: 'restore SOURCE',
  besides: 'restore-to-point-in-time',
  reads: { flag: 'instance-snapshot', types: ['snapshot'] },
  makes: 'db',
  // The API has no KmsKeyId: the new resource keeps the key of the snapshot (rds-kms-operations
  // 4.2).
  targetKey: 'source',
  request: { source: ['DBSnapshotIdentifier'], to: 'DBInstanceIdentifier' },
  parameters: ['publicly-accessible', 'to', 'tag', 'engine', ...instanceGroups],
  // According to the API page, the new instance has the configuration of the original instance,
  // except for the parameter group. According to the user guide, it has the default option group in
  // most cases.
  inherits: ['og'],
  inheritsOrDefault: ['og'],
  restoresTags: true,
  calls: [
    ...required('rds:RestoreDBInstanceFromDBSnapshot', ['new db'], instanceKeys),
    ...named('rds:RestoreDBInstanceFromDBSnapshot', ['snapshot'], instanceKeys),
    ...required('rds:RestoreDBInstanceFromDBSnapshot', ['subgrp', 'pg', 'og'], instanceKeys),
    tagging('new db'),
    ...makesRole,
    ...taggingInherited('new db', [], {
      basis: 'documented',
      source: 'rds-kms-operations-2 12.7',
      unless: 'no-tags-to-inherit',
    }),
    ...underKey,
  ],
  preconditions: [
    ...snapshotUsable,
    must('engine-fits-the-source', 'rds-kms-operations 4.2'),
    must('shared-snapshot-is-copied-first', 'rds-kms-operations 4.2'),
    must('instance-profile-is-suitable', 'rds-kms-operations-2 14.7'),
    ...usableKey,
    must('name-is-free', 'rds-kms-operations 2.1', 'DBInstanceAlreadyExists'),
    instanceQuota,
  ],
  faults: withKmsFault,
};

const restoreClusterToPointInTime: Operation = {
  command: 'restore-to-point-in-time',
  aliases: [],
  api: 'RestoreDBClusterToPointInTime',
  does: 'restore a cluster to a point in time',
  phrase: 'restore SOURCE to a point in time',
  besides: 'restore',
  reads: { flag: 'cluster', types: ['cluster', 'cluster-auto-backup'] },
  makes: 'cluster',
  targetKey: 'named, else source',
  request: { source: ['SourceDBClusterIdentifier', 'SourceDbClusterResourceId'], to: 'DBClusterIdentifier' },
  parameters: ['kms-key-id', 'to', 'tag', 'with-instance', ...clusterGroups],
  // According to the API page, the new cluster has the configuration of the source, except for the
  // parameter group.
  inherits: ['subgrp'],
  calls: [
    ...required('rds:RestoreDBClusterToPointInTime', ['new cluster', 'subgrp', 'cluster-pg'], clusterKeys),
    ...optionGroupOfCluster('rds:RestoreDBClusterToPointInTime', clusterKeys),
    ...named('rds:RestoreDBClusterToPointInTime', ['cluster', 'cluster-auto-backup'], clusterKeys),
    tagging('new cluster'),
    ...makesRole,
    ...withInstance,
    ...withMembers,
    ...underKeys('rds-kms-operations 4.3', { basis: 'inferred', source: 'rds-kms-operations 4.3' }),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', {
      cluster: 'DBClusterNotFoundFault',
      'cluster-auto-backup': 'DBClusterAutomatedBackupNotFoundFault',
    }),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', {
      cluster: 'DBClusterNotFoundFault',
      'cluster-auto-backup': 'DBClusterAutomatedBackupNotFoundFault',
    }),
    { ...notMultiAz, when: ['source is a retained backup'] },
    must('source-can-be-restored-to-a-point-in-time', 'rds-kms-operations 4.3', 'InvalidDBClusterStateFault'),
    must('source-can-be-restored-under-the-key', 'rds-kms-operations 4.3'),
    ...usableNamedKey,
    ...usableSourceKey,
    must('name-is-free', 'rds-kms-operations 2.1', 'DBClusterAlreadyExistsFault'),
    clusterQuota,
    firstInstanceQuota,
  ],
  faults: withKmsFault,
};

const restoreInstanceToPointInTime: Operation = {
  command: 'restore-to-point-in-time',
  aliases: [],
  api: 'RestoreDBInstanceToPointInTime',
  does: 'restore a DB instance to a point in time',
  phrase: 'restore SOURCE to a point in time',
  besides: 'restore',
  reads: { flag: 'instance', types: ['db', 'auto-backup'] },
  makes: 'db',
  targetKey: 'source',
  request: {
    source: ['SourceDBInstanceIdentifier', 'SourceDbiResourceId', 'SourceDBInstanceAutomatedBackupsArn'],
    to: 'TargetDBInstanceIdentifier',
  },
  parameters: ['publicly-accessible', 'to', 'tag', 'engine', ...instanceGroups],
  // According to the API page, only the subnet group and the parameter group differ.
  inherits: ['og'],
  calls: [
    ...required('rds:RestoreDBInstanceToPointInTime', ['new db', 'subgrp', 'pg', 'og'], instanceKeys),
    ...named('rds:RestoreDBInstanceToPointInTime', ['db', 'auto-backup'], instanceKeys),
    tagging('new db'),
    ...makesRole,
    ...underKeys('rds-kms-operations 4.3', { basis: 'inferred', source: 'rds-kms-operations 4.3' }),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', {
      db: 'DBInstanceNotFound',
      'auto-backup': 'DBInstanceAutomatedBackupNotFound',
    }),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', {
      db: 'DBInstanceNotFound',
      'auto-backup': 'DBInstanceAutomatedBackupNotFound',
    }),
    must('instance-is-no-member-of-a-cluster', 'rds-kms-operations 10'),
    must('source-can-be-restored-to-a-point-in-time', 'rds-kms-operations 2.1', 'InvalidDBInstanceState'),
    must('instance-has-automated-backups', 'rds-kms-operations 2.1', 'PointInTimeRestoreNotEnabled'),
    must('instance-profile-is-suitable', 'rds-kms-operations-2 14.7'),
    ...usableKey,
    must('name-is-free', 'rds-kms-operations 2.1', 'DBInstanceAlreadyExists'),
    instanceQuota,
  ],
  faults: withKmsFault,
};

const clone: Operation = {
  command: 'clone',
  aliases: ['clone-cluster'],
  api: 'RestoreDBClusterToPointInTime',
  does: 'clone a cluster (copy-on-write), including one that another account shares',
  phrase: 'clone SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  makes: 'cluster',
  targetKey: 'named, else source',
  request: {
    when: { parameter: 'RestoreType', holds: 'copy-on-write' },
    source: ['SourceDBClusterIdentifier', 'SourceDbClusterResourceId'],
    to: 'DBClusterIdentifier',
  },
  parameters: ['kms-key-id', 'to', 'tag', 'with-instance', ...clusterGroups],
  inherits: ['subgrp'],
  calls: [
    ...required('rds:RestoreDBClusterToPointInTime', ['new cluster', 'subgrp', 'cluster-pg'], clusterKeys),
    ...optionGroupOfCluster('rds:RestoreDBClusterToPointInTime', clusterKeys),
    ...named('rds:RestoreDBClusterToPointInTime', ['cluster'], clusterKeys),
    tagging('new cluster'),
    ...makesRole,
    ...withInstance,
    ...underKeys('rds-kms-operations 4.4', { basis: 'inferred', source: 'rds-kms-operations 4.4' }),
  ],
  preconditions: [
    must('cluster-is-shared-with-the-account', 'rds-kms-operations 4.4', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    perhapsNotMultiAz,
    // A shared cluster has to be active. AWS does not say this of an account's own cluster.
    {
      ...must('cluster-is-available', 'rds-kms-operations 4.4', 'InvalidDBClusterStateFault'),
      when: ['source is in another account'],
    },
    {
      code: 'cluster-is-available',
      when: ['source is in the same account'],
      basis: 'inferred',
      source: 'rds-kms-operations 4.4',
    },
    must('cluster-has-an-instance', 'rds-kms-operations 4.4'),
    { ...must('cluster-is-provisioned', 'rds-kms-operations 4.4'), when: ['source is in another account'] },
    must('source-can-be-restored-under-the-key', 'rds-kms-operations 4.4'),
    must('clones-are-below-the-quota', 'rds-kms-operations 4.4'),
    ...usableNamedKey,
    ...usableSourceKey,
    must('name-is-free', 'rds-kms-operations 2.1', 'DBClusterAlreadyExistsFault'),
    clusterQuota,
    firstInstanceQuota,
  ],
  faults: withKmsFault,
};

/** A restore by people. The request of an AWS Backup job names neither roles nor such keys. */
function withInsights(operation: Operation): Operation {
  return {
    ...operation,
    parameters: [...operation.parameters, ...restoredInsightsParameters, ...roleParameters, ...associatedParameters],
    calls: [...operation.calls, ...passedRoles, ...associatedRoles, ...insightsKey],
    preconditions: [...operation.preconditions, ...usableInsightsKey, ...usableRoles],
  };
}

/** A restore of a DB instance from a snapshot of a Multi-AZ DB cluster. */
function ofMultiAzCluster(operation: Operation): Operation {
  return {
    ...operation,
    command: 'restore-instance',
    does: 'restore a DB instance from a snapshot of a Multi-AZ DB cluster',
    phrase: 'restore a DB instance from SOURCE',
    reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
    request: {
      when: { parameter: 'DBClusterSnapshotIdentifier', holds: '' },
      source: ['DBClusterSnapshotIdentifier'],
      to: 'DBInstanceIdentifier',
    },
    calls: [...operation.calls, ...named('rds:RestoreDBInstanceFromDBSnapshot', ['cluster-snapshot'], instanceKeys)],
    preconditions: [
      must('source-is-of-a-multi-az-cluster', 'rds-kms-operations-2 14.6'),
      // The API declares an error only for the state of a DB snapshot. RDS Custom has no clusters.
      ...operation.preconditions
        .filter(({ code }) => code !== 'instance-profile-is-suitable')
        .map((row) =>
          row.code === 'snapshot-is-available' ? must('snapshot-is-available', 'rds-kms-operations 4.2') : row,
        ),
    ],
    isByNameOnly: true,
  };
}

function withPassword(operation: Operation): Operation {
  return {
    ...operation,
    parameters: [...operation.parameters, ...passwordParameters, 'domain-iam-role-name'],
    calls: [...operation.calls, ...passedRoles, ...managedPassword],
    preconditions: [...operation.preconditions, ...restoredPassword, ...usableDomainRole],
  };
}

/** In the order in which help shows them. */
export const restores: readonly Operation[] = [
  withInsights(restoreCluster),
  withPassword(restoreInstance),
  withInsights(restoreClusterToPointInTime),
  withPassword(restoreInstanceToPointInTime),
  withInsights(clone),
  ofMultiAzCluster(withPassword(restoreInstance)),
];
