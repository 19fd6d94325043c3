import type { CallRow, Operation, PreconditionRow, ResourceRole } from './operation.ts';
import {
  must,
  named,
  notMultiAz,
  only,
  opens,
  perhapsNotMultiAz,
  required,
  snapshotQuota,
  taggingInherited,
  withKmsFault,
  withoutKmsFault,
} from './rows.ts';

/* Operations that delete, stop, start and restart databases. */

/** The APIs declare errors for states, but AWS does not publish which states these are. */
const idle: PreconditionRow = {
  code: 'status-allows-a-deletion',
  basis: 'inferred',
  source: 'rds-kms-operations 4.10',
};

const deleteCluster: Operation = {
  command: 'delete-cluster',
  aliases: [],
  api: 'DeleteDBCluster',
  does: 'delete a cluster, with a final snapshot',
  phrase: 'delete SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  makes: 'cluster-snapshot',
  request: { source: ['DBClusterIdentifier'], to: 'FinalDBSnapshotIdentifier' },
  parameters: ['skip-final-snapshot', 'to'],
  calls: [
    ...required('rds:DeleteDBCluster', ['cluster']),
    // It is inferred that a deletion without a final snapshot does not need this permission.
    ...only(['final snapshot is taken'], required('rds:DeleteDBCluster', ['new cluster-snapshot'])),
    ...only(['final snapshot is taken'], required('rds:CreateDBClusterSnapshot', ['cluster', 'new cluster-snapshot'])),
    // The instances of a Multi-AZ DB cluster are deleted with it.
    ...only(
      ['source is a Multi-AZ DB cluster'],
      [
        {
          kind: 'caller',
          action: 'rds:DeleteDBInstance',
          on: 'db',
          each: 'member',
          basis: 'documented',
          source: 'rds-kms-operations-2 12.6',
        },
      ],
    ),
    ...taggingInherited('new cluster-snapshot', ['final snapshot is taken'], {
      basis: 'documented',
      source: 'rds-kms-operations-2 12.6',
      unless: 'tags-are-not-copied',
    }),
    opens('storage key', 'rds-kms-operations 4.10', ['final snapshot is taken']),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    must('cluster-holds-no-instances', 'rds-kms-operations 4.10', 'InvalidDBClusterStateFault'),
    {
      ...must('cluster-stands-alone', 'rds-kms-operations 4.10', 'InvalidDBClusterStateFault'),
      when: ['cluster is in a global cluster'],
    },
    // AWS does not publish the error for a cluster with replicas.
    { ...must('cluster-stands-alone', 'rds-kms-operations 4.10'), when: ['cluster is in no global cluster'] },
    must('deletion-protection-is-off', 'rds-kms-operations 4.10', 'InvalidParameterCombination'),
    idle,
    {
      code: 'cluster-is-available',
      when: ['final snapshot is taken'],
      basis: 'inferred',
      source: 'rds-kms-operations 4.10',
    },
    // The API declares KMSKeyNotAccessibleFault, but AWS does not document when it occurs.
    { code: 'key-is-enabled', basis: 'unknown', source: 'rds-kms-operations 4.10', fault: 'KMSKeyNotAccessibleFault' },
    {
      ...must('name-is-free', 'rds-kms-operations 2.1', 'DBClusterSnapshotAlreadyExistsFault'),
      when: ['final snapshot is taken'],
    },
    { ...snapshotQuota, when: ['final snapshot is taken'] },
  ],
  faults: withoutKmsFault,
};

const deleteInstance: Operation = {
  command: 'delete-instance',
  aliases: [],
  api: 'DeleteDBInstance',
  does: 'delete a DB instance, with a final snapshot',
  phrase: 'delete SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  makes: 'snapshot',
  request: { source: ['DBInstanceIdentifier'], to: 'FinalDBSnapshotIdentifier' },
  parameters: ['skip-final-snapshot', 'to'],
  calls: [
    ...required('rds:DeleteDBInstance', ['db']),
    ...only(['final snapshot is taken'], required('rds:CreateDBSnapshot', ['db', 'new snapshot'])),
    ...taggingInherited('new snapshot', ['final snapshot is taken'], {
      basis: 'documented',
      source: 'rds-kms-operations-2 12.6',
      unless: 'tags-are-not-copied',
    }),
    opens('storage key', 'rds-kms-operations 4.10', ['final snapshot is taken']),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBInstanceNotFound'),
    must('deletion-protection-is-off', 'rds-kms-operations 4.10', 'InvalidParameterCombination'),
    { ...idle, when: ['instance is not in a cluster that lost its key'] },
    {
      ...must('instance-is-available', 'rds-kms-operations-2 12.5', 'InvalidDBInstanceState'),
      when: ['final snapshot is taken'],
    },
    perhapsNotMultiAz,
    must('cluster-keeps-an-instance', 'rds-kms-operations-2 12.5', 'InvalidDBClusterStateFault'),
    // The texts of AWS's errors are known, but their codes are not published.
    must('final-snapshot-can-be-named', 'rds-kms-operations-2 12.5'),
    {
      code: 'key-is-enabled',
      // Instances were observed to be deleted while their cluster waited for its key
      // (rds-kms-operations-2 13.7).
      when: ['instance is not in a cluster that lost its key'],
      basis: 'unknown',
      source: 'rds-kms-operations 4.10',
      fault: 'KMSKeyNotAccessibleFault',
    },
    { ...must('name-is-free', 'rds-kms-operations 2.1', 'DBSnapshotAlreadyExists'), when: ['final snapshot is taken'] },
    { ...snapshotQuota, when: ['final snapshot is taken'] },
  ],
  faults: withoutKmsFault,
};

/**
 * AWS's own runbook needs no permission on the key. So it is assumed that RDS opens the volume with
 * its grant alone (rds-kms-operations-2 12.1).
 */
function starts(action: CallRow['action'], on: ResourceRole): readonly CallRow[] {
  return required(action, [on]).map((row) => ({ ...row, assumes: 'start-uses-no-key-permission' }));
}

const startCluster: Operation = {
  command: 'start-cluster',
  aliases: [],
  api: 'StartDBCluster',
  does: 'start a stopped cluster',
  phrase: 'start SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  request: { source: ['DBClusterIdentifier'] },
  parameters: [],
  calls: [...starts('rds:StartDBCluster', 'cluster'), opens('storage key', 'rds-kms-operations 4.11')],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    notMultiAz,
    must('cluster-is-stopped', 'rds-kms-operations 4.11', 'InvalidDBClusterStateFault'),
    must('key-is-enabled', 'rds-kms-operations 4.11', 'KMSKeyNotAccessibleFault'),
  ],
  faults: withKmsFault,
};

const startInstance: Operation = {
  command: 'start-instance',
  aliases: [],
  api: 'StartDBInstance',
  does: 'start a stopped DB instance',
  phrase: 'start SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  request: { source: ['DBInstanceIdentifier'] },
  parameters: [],
  calls: [...starts('rds:StartDBInstance', 'db'), opens('storage key', 'rds-kms-operations 4.11')],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBInstanceNotFound'),
    must('instance-is-no-member-of-a-cluster', 'rds-kms-operations 4.11'),
    must('source-is-not-of-rds-custom', 'rds-kms-operations-2 12.4'),
    must('instance-is-stopped', 'rds-kms-operations 4.11', 'InvalidDBInstanceState'),
    must('key-is-enabled', 'rds-kms-operations 4.11', 'KMSKeyNotAccessibleFault'),
  ],
  faults: withKmsFault,
};

const stopCluster: Operation = {
  command: 'stop-cluster',
  aliases: [],
  api: 'StopDBCluster',
  does: 'stop a cluster',
  phrase: 'stop SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  request: { source: ['DBClusterIdentifier'] },
  parameters: [],
  calls: required('rds:StopDBCluster', ['cluster']),
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    notMultiAz,
    must('cluster-is-available', 'rds-kms-operations 2.1', 'InvalidDBClusterStateFault'),
    must('cluster-can-be-stopped', 'rds-kms-operations 4.11', 'InvalidDBClusterStateFault'),
  ],
  faults: withoutKmsFault,
};

const stopInstance: Operation = {
  command: 'stop-instance',
  aliases: [],
  api: 'StopDBInstance',
  does: 'stop a DB instance',
  phrase: 'stop SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  makes: 'snapshot',
  request: { source: ['DBInstanceIdentifier'], to: 'DBSnapshotIdentifier' },
  parameters: ['to'],
  calls: [
    ...required('rds:StopDBInstance', ['db']),
    ...only(['snapshot is taken first'], named('rds:StopDBInstance', ['new snapshot'])),
    ...only(
      ['snapshot is taken first'],
      named('rds:CreateDBSnapshot', ['db', 'new snapshot'], [], {
        basis: 'documented',
        source: 'rds-kms-operations-2 11',
      }),
    ),
    ...taggingInherited('new snapshot', ['snapshot is taken first'], {
      basis: 'documented',
      source: 'rds-kms-operations-2 11',
      unless: 'tags-are-not-copied',
    }),
    opens('storage key', 'rds-kms-operations 4.1', ['snapshot is taken first']),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBInstanceNotFound'),
    must('instance-is-no-member-of-a-cluster', 'rds-kms-operations 4.11'),
    must('instance-is-available', 'rds-kms-operations 2.1', 'InvalidDBInstanceState'),
    must('instance-can-be-stopped', 'rds-kms-operations-2 12.4'),
    {
      code: 'key-is-enabled',
      when: ['snapshot is taken first'],
      basis: 'unknown',
      source: 'rds-kms-operations 4.1',
    },
    { ...must('name-is-free', 'rds-kms-operations 4.1', 'DBSnapshotAlreadyExists'), when: ['snapshot is taken first'] },
    { ...snapshotQuota, when: ['snapshot is taken first'] },
  ],
  faults: withoutKmsFault,
};

/**
 * AWS's managed policy for Fault Injection Service allows rds:RebootDBInstance and no KMS action.
 * Still, the API declares the KMS fault, and AWS does not publish when it occurs
 * (rds-kms-operations-2 14.2).
 */
const rebootInstance: Operation = {
  command: 'reboot-instance',
  aliases: [],
  api: 'RebootDBInstance',
  does: 'reboot a DB instance',
  phrase: 'reboot SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  request: { source: ['DBInstanceIdentifier'] },
  parameters: ['force-failover'],
  calls: [
    ...required('rds:RebootDBInstance', ['db']).map((row) => ({
      ...row,
      assumes: 'reboot-uses-no-key-permission' as const,
    })),
    { ...opens('storage key', 'rds-kms-operations-2 14.2'), basis: 'unknown' },
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBInstanceNotFound'),
    must('source-is-not-of-rds-custom', 'rds-kms-operations-2 14.2'),
    perhapsNotMultiAz,
    must('instance-is-available', 'rds-kms-operations-2 14.2', 'InvalidDBInstanceState'),
    { ...must('instance-can-fail-over', 'rds-kms-operations-2 14.2'), when: ['failover is forced'] },
    {
      code: 'key-is-enabled',
      basis: 'unknown',
      source: 'rds-kms-operations-2 14.2',
      fault: 'KMSKeyNotAccessibleFault',
    },
  ],
  faults: withKmsFault,
};

/** In the order in which help shows them. */
export const lifecycle: readonly Operation[] = [
  deleteCluster,
  deleteInstance,
  startCluster,
  startInstance,
  stopCluster,
  stopInstance,
  rebootInstance,
];
