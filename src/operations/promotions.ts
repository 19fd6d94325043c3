import type { Operation, PreconditionRow } from './operation.ts';
import { must, required, withoutKmsFault } from './rows.ts';

/*
 * Operations that turn replicas into standalone databases. AWS documents no KMS call, and the APIs
 * declare no KMS fault (rds-kms-operations-2 14.3).
 */

/** AWS does not publish what happens if the key is lost while the replica still runs. */
const keyOfStorage: PreconditionRow = { code: 'key-is-enabled', basis: 'unknown', source: 'rds-kms-operations-2 14.3' };

const promoteCluster: Operation = {
  command: 'promote-replica',
  aliases: [],
  api: 'PromoteReadReplicaDBCluster',
  does: 'promote a replica cluster to a standalone cluster',
  phrase: 'promote SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  request: { source: ['DBClusterIdentifier'] },
  parameters: [],
  calls: required('rds:PromoteReadReplicaDBCluster', ['cluster']),
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    must('source-is-a-replica', 'rds-kms-operations-2 14.3'),
    // AWS does not say which states are refused.
    { code: 'cluster-is-available', basis: 'inferred', source: 'rds-kms-operations-2 14.3' },
    keyOfStorage,
  ],
  faults: withoutKmsFault,
};

const promoteInstance: Operation = {
  command: 'promote-replica',
  aliases: [],
  api: 'PromoteReadReplica',
  does: 'promote a read replica to a standalone DB instance',
  phrase: 'promote SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  request: { source: ['DBInstanceIdentifier'] },
  parameters: [],
  calls: required('rds:PromoteReadReplica', ['db']),
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBInstanceNotFound'),
    must('instance-is-no-member-of-a-cluster', 'rds-kms-operations-2 14.3'),
    must('source-is-not-of-rds-custom', 'rds-kms-operations-2 14.3'),
    must('source-is-a-replica', 'rds-kms-operations-2 14.3'),
    {
      ...must('instance-is-available', 'rds-kms-operations-2 14.3', 'InvalidDBInstanceState'),
      when: ['source is being backed up'],
    },
    // AWS says nothing about other states.
    {
      code: 'instance-is-available',
      when: ['source is not being backed up'],
      basis: 'inferred',
      source: 'rds-kms-operations-2 14.3',
    },
    keyOfStorage,
  ],
  faults: withoutKmsFault,
};

/** In the order in which help shows them. */
export const promotions: readonly Operation[] = [promoteCluster, promoteInstance];
