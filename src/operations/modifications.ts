import {
  insightsKey,
  insightsParameters,
  managedKey,
  managedPassword,
  passedRoles,
  passwordParameters,
  roleParameters,
  rotation,
  usableInsightsKey,
  usableRoles,
} from './attachments.ts';
import type { Operation, PreconditionRow } from './operation.ts';
import {
  must,
  named,
  only,
  opens,
  required,
  snapshotNotFound,
  snapshotState,
  takesGrant,
  withKmsFault,
} from './rows.ts';

/* Operations that change databases and snapshots in place. The key of the storage never changes. */

const instanceKeys = ['rds:ManageMasterUserPassword'] as const;
const clusterKeys = ['rds:DatabaseClass', 'rds:ManageMasterUserPassword', 'rds:Piops', 'rds:StorageSize'] as const;

/** Preconditions of managed passwords and of Performance Insights. */
const changes: readonly PreconditionRow[] = [
  { ...must('password-can-be-managed', 'rds-kms-operations-2 2'), when: ['password is managed'] },
  must('secret-key-stays', 'rds-kms-operations-2 2'),
  { ...must('source-password-is-managed', 'rds-kms-operations-2 2'), when: ['password is rotated'] },
  ...managedKey,
  ...usableInsightsKey,
  ...usableRoles,
];

/** The APIs declare the KMS fault, also for requests without a key. AWS does not publish when it occurs. */
const keyOfStorage: PreconditionRow = {
  code: 'key-is-enabled',
  basis: 'unknown',
  source: 'rds-kms-operations-2 2',
  fault: 'KMSKeyNotAccessibleFault',
};

const modifyInstance: Operation = {
  command: 'modify-instance',
  aliases: [],
  api: 'ModifyDBInstance',
  does: 'modify a DB instance',
  phrase: 'modify SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  request: { source: ['DBInstanceIdentifier'] },
  parameters: [
    ...passwordParameters,
    'rotate-master-user-password',
    ...insightsParameters,
    'performance-insights-retention-period',
    ...roleParameters,
    'db-subnet-group-name',
    'db-parameter-group-name',
    'option-group-name',
  ],
  example: '--manage-master-user-password',
  calls: [
    ...required('rds:ModifyDBInstance', ['db'], instanceKeys),
    ...only(['group is named'], named('rds:ModifyDBInstance', ['og', 'pg', 'subgrp'], instanceKeys)),
    ...passedRoles,
    ...managedPassword,
    ...rotation,
    ...insightsKey,
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBInstanceNotFound'),
    must('source-can-be-modified', 'rds-kms-operations-2 2', 'InvalidDBInstanceState'),
    keyOfStorage,
    ...changes,
    {
      code: 'insights-key-stays',
      basis: 'observed',
      source: 'rds-kms-operations-2 2',
      fault: 'InvalidParameterCombination',
    },
  ],
  faults: withKmsFault,
};

const modifyCluster: Operation = {
  command: 'modify-cluster',
  aliases: [],
  api: 'ModifyDBCluster',
  does: 'modify a cluster',
  phrase: 'modify SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  request: { source: ['DBClusterIdentifier'] },
  parameters: [
    ...passwordParameters,
    'rotate-master-user-password',
    'apply-immediately',
    ...insightsParameters,
    'performance-insights-retention-period',
    ...roleParameters,
    'db-cluster-parameter-group-name',
    'option-group-name',
  ],
  example: '--manage-master-user-password',
  calls: [
    ...required('rds:ModifyDBCluster', ['cluster'], clusterKeys),
    ...only(['group is named'], named('rds:ModifyDBCluster', ['cluster-pg', 'og'], clusterKeys)),
    // AWS lists this permission without saying which requests need it.
    ...only(
      ['source is a Multi-AZ DB cluster'],
      [
        {
          kind: 'caller',
          action: 'rds:ModifyDBInstance',
          on: 'db',
          each: 'member',
          basis: 'inferred',
          source: 'rds-kms-operations-2 2',
        },
      ],
    ),
    ...passedRoles,
    ...managedPassword,
    ...rotation,
    ...insightsKey,
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    must('source-can-be-modified', 'rds-kms-operations-2 2', 'InvalidDBClusterStateFault'),
    keyOfStorage,
    ...changes,
    { ...must('rotation-is-immediate', 'rds-kms-operations-2 2'), when: ['password is rotated'] },
    // Observed with DB instances.
    { code: 'insights-key-stays', basis: 'inferred', source: 'rds-kms-operations-2 2' },
  ],
  faults: withKmsFault,
};

const modifySnapshot: Operation = {
  command: 'modify-snapshot',
  aliases: ['upgrade-snapshot'],
  api: 'ModifyDBSnapshot',
  does: 'upgrade the engine version of a DB snapshot',
  phrase: 'upgrade SOURCE',
  reads: { flag: 'instance-snapshot', types: ['snapshot'] },
  request: { source: ['DBSnapshotIdentifier'] },
  parameters: ['engine-version', 'option-group-name'],
  calls: [
    ...required('rds:ModifyDBSnapshot', ['snapshot']),
    ...only(['group is named'], named('rds:ModifyDBSnapshot', ['og'])),
    // The API declares the KMS fault, but AWS does not publish when it occurs.
    ...takesGrant('storage key', { basis: 'unknown', source: 'rds-kms-operations-2 14.4' }),
    { ...opens('storage key', 'rds-kms-operations-2 14.4'), basis: 'unknown' },
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', snapshotNotFound),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', snapshotNotFound),
    must('snapshot-is-available', 'rds-kms-operations 2.1', snapshotState),
    must('snapshot-is-manual', 'rds-kms-operations-2 14.4'),
    must('snapshot-is-not-shared', 'rds-kms-operations-2 14.4'),
    must('snapshot-engine-can-be-upgraded', 'rds-kms-operations-2 14.4'),
    {
      code: 'key-is-enabled',
      basis: 'unknown',
      source: 'rds-kms-operations-2 14.4',
      fault: 'KMSKeyNotAccessibleFault',
    },
  ],
  faults: withKmsFault,
};

/** In the order in which help shows them. */
export const modifications: readonly Operation[] = [modifyCluster, modifyInstance, modifySnapshot];
