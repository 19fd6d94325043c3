import {
  associatedParameters,
  associatedRoles,
  insightsKey,
  insightsParameters,
  managedPassword,
  passedRoles,
  passwordParameters,
  roleParameters,
  usableInsightsKey,
  usableRoles,
} from './attachments.ts';
import type { CallRow, Operation, PreconditionCode, PreconditionRow } from './operation.ts';
import {
  askedByOthers,
  clusterGroups,
  clusterQuota,
  encrypts,
  instanceGroups,
  instanceQuota,
  makesRole,
  must,
  named,
  opens,
  optionalGroups,
  optionGroupOfCluster,
  perhapsNotMultiAz,
  required,
  tagging,
  tagKeys,
  takesGrant,
  underKeys,
  usableNamedKey,
  usableSourceKey,
  withKmsFault,
} from './rows.ts';

/* Operations that create databases. */

const clusterKeys = [
  ...tagKeys,
  'rds:DatabaseClass',
  'rds:DatabaseEngine',
  'rds:DatabaseName',
  'rds:ManageMasterUserPassword',
  'rds:Piops',
  'rds:StorageEncrypted',
  'rds:StorageSize',
] as const;
const instanceKeys = [
  ...tagKeys,
  'rds:BackupTarget',
  'rds:ManageMasterUserPassword',
  'rds:PubliclyAccessible',
] as const;
const replicaKeys = [...tagKeys, 'rds:PubliclyAccessible'] as const;

const forNew: readonly CallRow[] = [
  ...takesGrant('target key', { basis: 'documented', source: 'rds-kms-operations 4.8' }),
  ...encrypts('target key'),
  ...managedPassword,
  ...insightsKey,
];

const newUnderKey: readonly PreconditionRow[] = [
  ...usableNamedKey,
  must('secret-key-is-enabled', 'rds-kms-operations 5', 'KMSKeyNotAccessibleFault'),
  ...usableInsightsKey,
  ...usableRoles,
];

/** AWS says that a new cluster needs both for CloudFormation only. */
const keyPerhapsWithEncryption: PreconditionRow = {
  code: 'key-comes-with-encryption',
  basis: 'inferred',
  source: 'rds-kms-operations 4.8',
};

/** The further calls of every request that creates a cluster. */
const furtherClusterCalls: readonly CallRow[] = [
  tagging('new cluster'),
  ...makesRole,
  ...passedRoles,
  ...associatedRoles,
];

/** The further calls of every request that creates a DB instance. */
const furtherInstanceCalls: readonly CallRow[] = [tagging('new db'), ...makesRole, ...passedRoles];

const roomForCluster: readonly PreconditionRow[] = [
  must('name-is-free', 'rds-kms-operations 2.1', 'DBClusterAlreadyExistsFault'),
  clusterQuota,
];

const roomForInstance: readonly PreconditionRow[] = [
  must('name-is-free', 'rds-kms-operations 2.1', 'DBInstanceAlreadyExists'),
  instanceQuota,
];

const createCluster: Operation = {
  command: 'create-cluster',
  aliases: [],
  api: 'CreateDBCluster',
  does: 'create an Aurora cluster',
  phrase: 'create a cluster',
  makes: 'cluster',
  targetKey: 'named, else default',
  request: { to: 'DBClusterIdentifier' },
  parameters: [
    'kms-key-id',
    'storage-encrypted',
    ...passwordParameters,
    ...insightsParameters,
    ...roleParameters,
    ...associatedParameters,
    'engine',
    'engine-version',
    'global-cluster-identifier',
    'to',
    'tag',
    ...clusterGroups,
  ],
  example: '--storage-encrypted --kms-key-id alias/orders',
  calls: [
    ...required('rds:CreateDBCluster', ['new cluster', 'subgrp', 'cluster-pg'], clusterKeys),
    ...optionGroupOfCluster('rds:CreateDBCluster', clusterKeys),
    ...furtherClusterCalls,
    ...forNew,
    ...askedByOthers,
  ],
  preconditions: [
    keyPerhapsWithEncryption,
    must('global-cluster-takes-the-cluster', 'rds-kms-operations-2 4'),
    { ...must('password-can-be-managed', 'rds-kms-operations-2 2'), when: ['password is managed'] },
    ...newUnderKey,
    ...roomForCluster,
  ],
  faults: withKmsFault,
};

const createInstance: Operation = {
  command: 'create-instance',
  aliases: [],
  api: 'CreateDBInstance',
  does: 'create a DB instance',
  phrase: 'create a DB instance',
  makes: 'db',
  targetKey: 'named, else default',
  request: { to: 'DBInstanceIdentifier' },
  parameters: [
    'kms-key-id',
    'storage-encrypted',
    ...passwordParameters,
    ...insightsParameters,
    ...roleParameters,
    'engine',
    'engine-version',
    'publicly-accessible',
    'to',
    'tag',
    ...instanceGroups,
  ],
  example: '--storage-encrypted --kms-key-id alias/orders',
  calls: [
    ...required('rds:CreateDBInstance', ['new db'], instanceKeys),
    ...optionalGroups('rds:CreateDBInstance', ['og', 'pg', 'subgrp'], instanceKeys),
    ...furtherInstanceCalls,
    ...forNew,
  ],
  preconditions: [
    {
      code: 'key-comes-with-encryption',
      basis: 'observed',
      source: 'rds-kms-operations 4.8',
      fault: 'InvalidParameterCombination',
    },
    { ...must('password-can-be-managed', 'rds-kms-operations-2 2'), when: ['password is managed'] },
    must('instance-profile-is-suitable', 'rds-kms-operations-2 14.7'),
    ...newUnderKey,
    ...roomForInstance,
  ],
  faults: withKmsFault,
};

const createInstanceInCluster: Operation = {
  command: 'create-instance',
  aliases: [],
  api: 'CreateDBInstance',
  does: 'create a DB instance in a cluster',
  phrase: 'create a DB instance in SOURCE',
  reads: { flag: 'in-cluster', types: ['cluster'] },
  makes: 'db',
  // The instance shares the key of the cluster (rds-kms-operations 4.8).
  targetKey: 'source',
  request: {
    when: { parameter: 'DBClusterIdentifier', holds: '' },
    source: ['DBClusterIdentifier'],
    to: 'DBInstanceIdentifier',
  },
  // Aurora has no option groups of its own.
  parameters: [
    'storage-encrypted',
    ...insightsParameters,
    ...roleParameters,
    'publicly-accessible',
    'to',
    'tag',
    'engine',
    'db-subnet-group-name',
    'db-parameter-group-name',
  ],
  // All instances of a cluster are in its subnet group.
  inherits: ['subgrp'],
  calls: [
    ...required('rds:CreateDBInstance', ['new db'], instanceKeys),
    ...named('rds:CreateDBInstance', ['cluster'], instanceKeys),
    ...optionalGroups('rds:CreateDBInstance', ['pg', 'subgrp'], instanceKeys),
    ...furtherInstanceCalls,
    // AWS does not publish whether the request makes calls on the key.
    ...takesGrant('target key', { basis: 'unknown', source: 'rds-kms-operations 4.8' }),
    opens('target key', 'rds-kms-operations 3.2'),
    ...insightsKey,
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
    perhapsNotMultiAz,
    must('cluster-is-available', 'rds-kms-operations 2.1', 'InvalidDBClusterStateFault'),
    must('key-is-enabled', 'rds-kms-operations 5', 'KMSKeyNotAccessibleFault'),
    ...usableInsightsKey,
    ...usableRoles,
    ...roomForInstance,
  ],
  faults: withKmsFault,
};

/**
 * The example is a replica of the embedded cluster in another Region, under a key of that Region.
 */
export const replicaExample =
  '--source-region us-east-1 --region us-west-2 --kms-key-id arn:aws:kms:us-west-2:111122223333:key/2f6b8d1c-55c1-4d0e-8f14-6a0f6a5a0d51';

const clusterReplicaParameters = [
  ...insightsParameters,
  ...roleParameters,
  ...associatedParameters,
  'to',
  'tag',
  'engine',
  'engine-version',
  ...clusterGroups,
] as const;

const usableForReplica: readonly PreconditionRow[] = [
  ...usableNamedKey,
  ...usableSourceKey,
  ...usableInsightsKey,
  ...usableRoles,
];

const createReplicaCluster: Operation = {
  command: 'create-replica',
  aliases: [],
  api: 'CreateDBCluster',
  does: 'create a replica cluster of a cluster in another Region',
  phrase: 'create a replica cluster of SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  makes: 'cluster',
  targetKey: 'named',
  request: {
    when: { parameter: 'ReplicationSourceIdentifier', holds: '' },
    source: ['ReplicationSourceIdentifier'],
    to: 'DBClusterIdentifier',
  },
  parameters: ['kms-key-id', 'source-region', ...clusterReplicaParameters],
  example: replicaExample,
  calls: [
    ...required('rds:CreateDBCluster', ['new cluster', 'subgrp', 'cluster-pg'], clusterKeys),
    ...optionGroupOfCluster('rds:CreateDBCluster', clusterKeys),
    ...furtherClusterCalls,
    ...underKeys('rds-kms-operations 4.9', { basis: 'inferred', source: 'rds-kms-operations 4.9' }),
    ...insightsKey,
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-another-region', 'rds-kms-operations 4.9'),
    must('source-engine-has-replicas', 'rds-kms-operations 4.9'),
    must('source-password-is-not-managed', 'rds-kms-operations-2 12.3'),
    perhapsNotMultiAz,
    must('cluster-is-available', 'rds-kms-operations 2.1', 'InvalidDBClusterStateFault'),
    must('key-is-named', 'rds-kms-operations 4.9'),
    must('source-can-be-replicated-under-the-key', 'rds-kms-operations 4.9'),
    ...usableForReplica,
    ...roomForCluster,
  ],
  faults: withKmsFault,
};

/** Preconditions of a DB instance that is replicated. A cluster has others. */
const ofInstance: ReadonlySet<PreconditionCode> = new Set([
  'source-is-in-the-callers-account',
  'instance-is-no-member-of-a-cluster',
  'instance-is-available',
  'instance-has-automated-backups',
  'source-engine-has-replicas',
  'source-password-is-not-managed',
  'key-is-named',
]);

const createReplicaInstance: Operation = {
  command: 'create-replica',
  aliases: [],
  api: 'CreateDBInstanceReadReplica',
  does: 'create a read replica of a DB instance',
  phrase: 'create a read replica of SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  makes: 'db',
  targetKey: 'named, else source',
  request: { source: ['SourceDBInstanceIdentifier'], to: 'DBInstanceIdentifier' },
  parameters: [
    'kms-key-id',
    'source-region',
    ...insightsParameters,
    ...roleParameters,
    'publicly-accessible',
    'to',
    'tag',
    ...instanceGroups,
  ],
  example: replicaExample,
  inherits: ['og', 'pg'],
  calls: [
    // The Service Authorization Reference also requires a cluster, which a replica of an instance
    // does not have.
    ...required('rds:CreateDBInstanceReadReplica', ['new db', 'og', 'pg', 'subgrp'], replicaKeys),
    ...named('rds:CreateDBInstanceReadReplica', ['db'], replicaKeys),
    ...furtherInstanceCalls,
    ...underKeys('rds-kms-operations 4.9', { basis: 'inferred', source: 'rds-kms-operations 4.9' }),
    ...insightsKey,
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('instance-is-no-member-of-a-cluster', 'rds-kms-operations 4.9'),
    must('instance-is-available', 'rds-kms-operations 2.1', 'InvalidDBInstanceState'),
    must('instance-has-automated-backups', 'rds-kms-operations-2 12.3', 'InvalidDBInstanceState'),
    must('source-engine-has-replicas', 'rds-kms-operations-2 12.3'),
    must('source-password-is-not-managed', 'rds-kms-operations-2 12.3', 'InvalidParameterValue'),
    must('key-is-named', 'rds-kms-operations 4.9', 'InvalidParameterCombination'),
    must('source-can-be-replicated-under-the-key', 'rds-kms-operations-2 12.3'),
    ...usableForReplica,
    ...roomForInstance,
  ],
  faults: withKmsFault,
};

/** A DB instance that replicates a Multi-AZ DB cluster, only in its own Region. */
const createReplicaOfCluster: Operation = {
  ...createReplicaInstance,
  command: 'create-instance-replica',
  does: 'create a read replica of a Multi-AZ DB cluster',
  phrase: 'create a read replica of SOURCE',
  reads: { flag: 'cluster', types: ['cluster'] },
  request: {
    when: { parameter: 'SourceDBClusterIdentifier', holds: '' },
    source: ['SourceDBClusterIdentifier'],
    to: 'DBInstanceIdentifier',
  },
  parameters: createReplicaInstance.parameters.filter((flag) => flag !== 'source-region'),
  example: '--to orders-replica',
  inherits: [],
  calls: [...required('rds:CreateDBInstanceReadReplica', ['cluster'], replicaKeys), ...createReplicaInstance.calls],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
    must('source-is-in-the-region', 'rds-kms-operations-2 14.6', 'DBClusterNotFoundFault'),
    must('source-is-of-a-multi-az-cluster', 'rds-kms-operations-2 14.6'),
    must('cluster-is-available', 'rds-kms-operations 2.1', 'InvalidDBClusterStateFault'),
    must('instance-has-automated-backups', 'rds-kms-operations-2 14.6'),
    must('source-password-is-not-managed', 'rds-kms-operations-2 12.3'),
    ...createReplicaInstance.preconditions.filter(({ code }) => !ofInstance.has(code)),
  ],
  isByNameOnly: true,
};

/** An Aurora cluster that replicates a DB instance, usually to migrate it. */
const createReplicaOfInstance: Operation = {
  command: 'create-cluster-replica',
  aliases: [],
  api: 'CreateDBCluster',
  does: 'create an Aurora replica cluster of a DB instance',
  phrase: 'create an Aurora replica of SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  makes: 'cluster',
  targetKey: 'named, else source',
  request: {
    when: { parameter: 'ReplicationSourceIdentifier', holds: ':db:' },
    source: ['ReplicationSourceIdentifier'],
    to: 'DBClusterIdentifier',
  },
  parameters: ['kms-key-id', 'storage-encrypted', ...clusterReplicaParameters],
  example: '--storage-encrypted',
  calls: [
    ...required('rds:CreateDBCluster', ['new cluster', 'subgrp', 'cluster-pg'], clusterKeys),
    // The Service Authorization Reference lists this resource type as optional.
    ...named('rds:CreateDBCluster', ['db'], clusterKeys),
    ...optionGroupOfCluster('rds:CreateDBCluster', clusterKeys),
    ...furtherClusterCalls,
    ...underKeys('rds-kms-operations 4.9', { basis: 'inferred', source: 'rds-kms-operations-2 14.6' }),
    ...insightsKey,
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations-2 14.6', 'DBInstanceNotFound'),
    must('source-is-in-the-region', 'rds-kms-operations-2 14.6'),
    must('instance-is-no-member-of-a-cluster', 'rds-kms-operations-2 14.6'),
    must('source-can-have-an-aurora-replica', 'rds-kms-operations-2 14.6'),
    { code: 'instance-is-available', basis: 'inferred', source: 'rds-kms-operations-2 14.6' },
    { code: 'instance-has-automated-backups', basis: 'inferred', source: 'rds-kms-operations-2 14.6' },
    { code: 'source-password-is-not-managed', basis: 'inferred', source: 'rds-kms-operations-2 14.6' },
    must('replica-asks-for-encryption', 'rds-kms-operations-2 14.6'),
    keyPerhapsWithEncryption,
    ...usableForReplica,
    ...roomForCluster,
  ],
  faults: withKmsFault,
  isByNameOnly: true,
};

/** In the order in which help shows them. */
export const databases: readonly Operation[] = [
  createCluster,
  createInstance,
  createInstanceInCluster,
  createReplicaOfInstance,
  createReplicaCluster,
  createReplicaInstance,
  createReplicaOfCluster,
];
