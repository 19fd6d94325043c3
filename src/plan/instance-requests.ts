import { propertyOf } from './configuration.ts';
import {
  changedIn,
  everyDatabase,
  newDatabase,
  notOfDatabase,
  notOfMember,
  onlyChanged,
  sentAccess,
  sentDomain,
  sentFinalSnapshot,
  sentInsights,
  sentMonitoring,
  sentPassword,
} from './database-requests.ts';
import { textIn } from './overlay-row.ts';
import {
  type Derive,
  type DerivedRequest,
  type Deriving,
  isGiven,
  isOn,
  isSet,
  request,
  type Sending,
} from './request-of-change.ts';

/* The requests that changes of DB instances send, in a cluster or alone. */

/** Attributes that change without ModifyDBInstance. */
const notOfInstance: ReadonlySet<string> = new Set([...notOfDatabase, 'blue_green_update', 'replicate_source_db']);

const instanceGroups: Sending = {
  'db-parameter-group-name': ['parameter_group_name'],
  'option-group-name': ['option_group_name'],
};

const newInstance: Sending = { ...newDatabase, ...sentAccess, ...instanceGroups, to: ['identifier'] };

/** The restore of a DB instance sends no key. */
const restoredInstance: Sending = { ...everyDatabase, ...sentAccess, ...instanceGroups, to: ['identifier'] };

export const replica: Sending = {
  ...sentInsights,
  ...sentMonitoring,
  ...sentAccess,
  'kms-key-id': ['kms_key_id'],
  'db-subnet-group-name': ['db_subnet_group_name'],
  'option-group-name': ['option_group_name'],
  to: ['identifier'],
};

const changedInstance: Sending = {
  ...sentPassword,
  ...sentInsights,
  ...sentMonitoring,
  ...sentDomain,
  ...instanceGroups,
};

/** Attributes that are set after a replica is created. */
const changedAfterReplica = [
  'backup_retention_period',
  'manage_master_user_password',
  'master_user_secret_kms_key_id',
  'password',
  'password_wo',
  'replica_mode',
] as const;

/** Attributes that are set if AWS gives a replica another value. */
const comparedWithReplica = ['backup_window', 'ca_cert_identifier', 'maintenance_window', 'max_allocated_storage'];

/**
 * Attributes that are set after a DB instance is restored to a point in time. The restore sends the
 * storage, and versions 4 to 6 of the provider send neither windows nor Performance Insights.
 */
const changedAfterPointInTime = [
  'manage_master_user_password',
  'master_user_secret_kms_key_id',
  'monitoring_interval',
  'monitoring_role_arn',
  'password',
  'password_wo',
] as const;

/** Attributes that are set after a DB instance is restored from a snapshot. */
const changedAfterSnapshot = [
  ...changedAfterPointInTime,
  'allocated_storage',
  'backup_retention_period',
  'backup_window',
  'engine_version',
  'iops',
  'maintenance_window',
  'max_allocated_storage',
  'performance_insights_enabled',
  'storage_throughput',
  'storage_type',
] as const;

export const createInstance: Derive = (deriving) => {
  const first = madeInstance(deriving);
  // A restore from S3 sends all attributes at once.
  if (first.api === 'RestoreDBInstanceFromS3') return [first];
  if (first.api === 'CreateDBInstanceReadReplica') return [first, ...changedReplica(deriving)];
  if (first.api === 'CreateDBInstance') return [first, ...withCertificate(deriving, ['ModifyDBInstance'])];
  const isOfSnapshot = isGiven(deriving, 'snapshot_identifier');
  const later = isOfSnapshot ? changedAfterSnapshot : changedAfterPointInTime;
  if (!later.some((name) => isSet(deriving, name)) && !(isOfSnapshot && isMirrored(deriving))) return [first];
  // The provider sends the key of Performance Insights only if they are on.
  const hasInsights = isOfSnapshot && isSet(deriving, 'performance_insights_enabled');
  const send = { ...sentPassword, ...sentMonitoring, ...(hasInsights ? sentInsights : {}) };
  return [first, request(deriving, { api: 'ModifyDBInstance', source: ['instance', 'identifier'], send })];
};

/**
 * Whether a second request makes a restored instance Multi-AZ: a restore of SQL Server from a snapshot
 * sends no retention of backups, without which there is no mirroring.
 */
function isMirrored(deriving: Deriving): boolean {
  const engine = deriving.places.textAt(deriving.change, 'engine')?.toLowerCase();
  return engine?.startsWith('sqlserver') === true && isOn(deriving, 'multi_az');
}

/** Requests that follow if AWS gives a new instance another certificate. */
function withCertificate(deriving: Deriving, apis: readonly string[]): readonly DerivedRequest[] {
  const unlessChosen = 'ca_cert_identifier';
  if (!isGiven(deriving, unlessChosen)) return [];
  return apis.map((api) => request(deriving, { api, source: ['instance', 'identifier'], unlessChosen }));
}

/**
 * A replica that was created with other values is modified, and rebooted for another parameter
 * group.
 */
const changedReplica: Derive = (deriving) => {
  const isSure = changedAfterReplica.some((name) => isSet(deriving, name));
  const group = 'parameter_group_name';
  const unlessChosen = [group, ...comparedWithReplica].find((name) => isSet(deriving, name));
  const source = ['instance', 'identifier'] as const;
  if (!isSure && unlessChosen === undefined) return [];
  const send: Sending = { ...sentPassword, 'db-parameter-group-name': [group] };
  return [
    request(deriving, { api: 'ModifyDBInstance', source, send, unlessChosen: isSure ? undefined : unlessChosen }),
    ...(isGiven(deriving, group) ? [request(deriving, { api: 'RebootDBInstance', source, unlessChosen: group })] : []),
  ];
};

function madeInstance(deriving: Deriving): DerivedRequest {
  if (isGiven(deriving, 'replicate_source_db'))
    return request(deriving, {
      api: 'CreateDBInstanceReadReplica',
      source: ['instance', 'replicate_source_db'],
      send: replica,
    });
  if (isGiven(deriving, 's3_import')) return request(deriving, { api: 'RestoreDBInstanceFromS3' });
  if (isGiven(deriving, 'snapshot_identifier'))
    return request(deriving, {
      api: 'RestoreDBInstanceFromDBSnapshot',
      source: ['instance-snapshot', 'snapshot_identifier'],
      send: restoredInstance,
    });
  if (isGiven(deriving, 'restore_to_point_in_time')) {
    const others = ['source_dbi_resource_id', 'source_db_instance_automated_backups_arn'];
    const source =
      others.find((name) => isGiven(deriving, 'restore_to_point_in_time', 0, name)) ?? 'source_db_instance_identifier';
    return request(deriving, {
      api: 'RestoreDBInstanceToPointInTime',
      source: ['instance', 'restore_to_point_in_time', 0, source],
      send: restoredInstance,
    });
  }
  return request(deriving, { api: 'CreateDBInstance', send: newInstance });
}

export const updateInstance: Derive = (deriving) => {
  const isPromoted =
    textIn(deriving.change.before, 'replicate_source_db') !== undefined && !isGiven(deriving, 'replicate_source_db');
  const source = ['instance', 'identifier'] as const;
  const modified = modifiedInstance(deriving, notOfInstance);
  const isBlueGreen = modified.length > 0 && mayBeBlueGreen(deriving);
  const otherName = `${textIn(deriving.change.before, 'identifier') ?? ''}-green-abc123`;
  return [
    ...(isPromoted ? [request(deriving, { api: 'PromoteReadReplica', source })] : []),
    ...modified.map((one) => (isBlueGreen ? { ...one, otherName } : one)),
    ...(isBlueGreen ? blueGreen(deriving) : []),
  ];
};

export const updateMember: Derive = (deriving) => modifiedInstance(deriving, notOfMember);

/** `notSent`: attributes that change without a request. */
function modifiedInstance(deriving: Deriving, notSent: ReadonlySet<string>): readonly DerivedRequest[] {
  const changed = changedIn(deriving);
  if (changed.every((name) => notSent.has(name))) return [];
  const source = ['instance', 'identifier'] as const;
  return [request(deriving, { api: 'ModifyDBInstance', source, send: onlyChanged(changedInstance, changed) })];
}

/** Attributes that the provider changes without a second instance. */
const withoutBlueGreen: ReadonlySet<string> = new Set([...notOfInstance, 'deletion_protection', 'password']);

/** Whether the update uses a second instance (blue/green deployment). */
function mayBeBlueGreen(deriving: Deriving): boolean {
  const { planned, change } = deriving;
  if (changedIn(deriving).every((name) => withoutBlueGreen.has(name))) return false;
  const value = planned.valueAt(change, ['blue_green_update', 0, 'enabled']);
  return value.is === 'known' ? value.value === true : value.is !== 'not given';
}

/**
 * The old instance is deleted after the new one has replaced it. Until then it has another name, which
 * RDS chooses.
 */
function blueGreen(deriving: Deriving): readonly DerivedRequest[] {
  const otherName = `${textIn(deriving.change.before, 'identifier') ?? ''}-old1`;
  return [
    request(deriving, { api: 'CreateBlueGreenDeployment' }),
    request(deriving, { api: 'SwitchoverBlueGreenDeployment' }),
    request(deriving, { api: 'DeleteBlueGreenDeployment' }),
    {
      ...request(deriving, {
        api: 'DeleteDBInstance',
        source: ['instance', 'identifier'],
        before: true,
        fixed: { skipFinalSnapshot: true },
      }),
      otherName,
    },
  ];
}

export const deleteInstance: Derive = (deriving) => [
  request(deriving, {
    api: 'DeleteDBInstance',
    source: ['instance', 'identifier'],
    before: true,
    fixed: sentFinalSnapshot(deriving.change),
  }),
];

/** An instance of a cluster has the volume of the cluster: no snapshot is taken of it. */
export const deleteMember: Derive = (deriving) => [
  request(deriving, {
    api: 'DeleteDBInstance',
    source: ['instance', 'identifier'],
    before: true,
    fixed: { skipFinalSnapshot: true },
  }),
  // Sent if RDS refuses to delete the last instance of a replica cluster. No plan shows this, so
  // the request is listed but not checked.
  ...(propertyOf(deriving.change.before, 'force_destroy') === true
    ? [request(deriving, { api: 'PromoteReadReplicaDBCluster', before: true })]
    : []),
];

export const createMember: Derive = (deriving) => [
  request(deriving, {
    api: 'CreateDBInstance',
    source: ['in-cluster', 'cluster_identifier'],
    send: {
      ...sentInsights,
      ...sentMonitoring,
      ...sentAccess,
      to: ['identifier'],
      engine: ['engine'],
      'db-subnet-group-name': ['db_subnet_group_name'],
      'db-parameter-group-name': ['db_parameter_group_name'],
    },
  }),
  ...withCertificate(deriving, ['ModifyDBInstance', 'RebootDBInstance']),
];
