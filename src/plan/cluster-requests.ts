import { parseArn, placeOf } from '../base/arn.ts';
import { propertyOf } from './configuration.ts';
import {
  changedIn,
  everyDatabase,
  newDatabase,
  notOfDatabase,
  onlyChanged,
  sentDomain,
  sentFinalSnapshot,
  sentInsights,
  sentMonitoring,
  sentPassword,
} from './database-requests.ts';
import { refusedGlobal } from './global-clusters.ts';
import { isMade, textIn } from './overlay-row.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';
import {
  type Derive,
  type DerivedRequest,
  type Deriving,
  isGiven,
  isOn,
  isSet,
  request,
  type Sending,
  textsIn,
  unlessKnown,
} from './request-of-change.ts';

/* The requests that changes of clusters send. */

const clusterGroup: Sending = { 'db-cluster-parameter-group-name': ['db_cluster_parameter_group_name'] };

const newCluster: Sending = { ...newDatabase, ...clusterGroup, to: ['cluster_identifier'] };

/** A restore sends no password and no settings for Performance Insights. */
const restoredCluster: Sending = {
  ...everyDatabase,
  ...sentMonitoring,
  ...clusterGroup,
  'engine-version': ['engine_version'],
  'kms-key-id': ['kms_key_id'],
  to: ['cluster_identifier'],
};

/** The parameters of a change of a cluster. Only values that differ are sent. */
const changedCluster: Sending = {
  ...sentPassword,
  ...sentInsights,
  ...sentMonitoring,
  ...sentDomain,
  ...clusterGroup,
};

/** Attributes that a restore cannot send, so a modification of the new cluster follows. */
const changedAfterRestore = [
  'backup_retention_period',
  'manage_master_user_password',
  'master_password',
  'master_password_wo',
  'master_user_secret_kms_key_id',
  'preferred_backup_window',
  'preferred_maintenance_window',
  'serverlessv2_scaling_configuration',
] as const;

/** Only a restore from a snapshot sends the scaling of Aurora Serverless v1. */
const changedAfterPointInTime = [...changedAfterRestore, 'scaling_configuration'] as const;

const changedAfter: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['RestoreDBClusterFromSnapshot', changedAfterRestore],
  ['RestoreDBClusterToPointInTime', changedAfterPointInTime],
]);

/** Attributes that are set after a cluster has joined its global cluster. */
const changedAfterJoined = [
  'database_insights_mode',
  'performance_insights_enabled',
  'performance_insights_kms_key_id',
  'performance_insights_retention_period',
] as const;

/**
 * The first attribute that is set decides which request creates the cluster. Requests for roles,
 * and for values that the first request cannot send, follow.
 */
export const createCluster: Derive = (deriving) => {
  const roles = rolesOf(deriving).map(() => request(deriving, { api: 'AddRoleToDBCluster' }));
  const first = madeCluster(deriving);
  const isJoined = first.api === 'CreateDBCluster' && isGiven(deriving, 'global_cluster_identifier');
  // A restore from S3 sends all attributes at once.
  const later = changedAfter.get(first.api) ?? (isJoined ? changedAfterJoined : []);
  const send = isJoined ? sentInsights : sentPassword;
  const changed = later.some((name) => isSet(deriving, name))
    ? [request(deriving, { api: 'ModifyDBCluster', source: ['cluster', 'cluster_identifier'], send })]
    : [];
  return [first, ...roles, ...changed];
};

function madeCluster(deriving: Deriving): DerivedRequest {
  if (isGiven(deriving, 'snapshot_identifier'))
    return request(deriving, {
      api: 'RestoreDBClusterFromSnapshot',
      source: ['snapshot', 'snapshot_identifier'],
      send: restoredCluster,
    });
  if (isGiven(deriving, 's3_import')) return request(deriving, { api: 'RestoreDBClusterFromS3' });
  if (isGiven(deriving, 'restore_to_point_in_time')) {
    const type = deriving.places.textAt(deriving.change, 'restore_to_point_in_time', 0, 'restore_type');
    const command = type === 'copy-on-write' ? 'clone' : 'restore-to-point-in-time';
    const byId = isGiven(deriving, 'restore_to_point_in_time', 0, 'source_cluster_resource_id');
    const source = byId ? 'source_cluster_resource_id' : 'source_cluster_identifier';
    const made = request(deriving, {
      api: 'RestoreDBClusterToPointInTime',
      command,
      source: ['cluster', 'restore_to_point_in_time', 0, source],
      send: restoredCluster,
    });
    // Only the type distinguishes a clone from a restore.
    return unlessKnown(deriving, made, 'restore_to_point_in_time', 0, 'restore_type');
  }
  const {
    'database-insights-mode': _mode,
    'enable-performance-insights': _enable,
    'performance-insights-kms-key-id': _key,
    ...joining
  } = newCluster;
  const send = isGiven(deriving, 'global_cluster_identifier') ? joining : newCluster;
  // The provider leaves the source out where the cluster joins a global cluster.
  if (isGiven(deriving, 'replication_source_identifier') && !isGiven(deriving, 'global_cluster_identifier')) {
    const replicated = deriving.places.textAt(deriving.change, 'replication_source_identifier');
    const isInstance = parseArn(replicated ?? '')?.type === 'db';
    const made = request(deriving, {
      api: 'CreateDBCluster',
      command: isInstance ? 'create-cluster-replica' : 'create-replica',
      source: [isInstance ? 'instance' : 'cluster', 'replication_source_identifier'],
      send,
    });
    const [of, own] = [placeOf(replicated ?? '')?.region, made.region];
    const isAbroad = !isInstance && of !== undefined && own !== undefined && of !== own;
    return isAbroad ? withoutManagedPassword(deriving, made) : made;
  }
  const made = request(deriving, { api: 'CreateDBCluster', command: 'create-cluster', send });
  const joined = isGiven(deriving, 'global_cluster_identifier') ? withoutManagedPassword(deriving, made) : made;
  return { ...joined, lacksKey: !isGiven(deriving, 'kms_key_id') && isSecondary(deriving) };
}

/**
 * RDS manages no password of a member of a global cluster, or of a replica in another Region
 * (rds-kms-operations-2 2).
 */
function withoutManagedPassword(deriving: Deriving, made: DerivedRequest): DerivedRequest {
  const attribute = 'manage_master_user_password';
  const value = deriving.planned.valueAt(deriving.change, [attribute]);
  return value.is === 'known'
    ? { ...made, isPasswordRefused: value.value === true }
    : unlessKnown(deriving, made, attribute);
}

/**
 * Whether a new cluster may join a global cluster that has a cluster already. The clusters that
 * certainly come later do not count.
 */
function isSecondary({ planned, places, change }: Deriving): boolean {
  const [own, region] = [globalOf(planned, change), places.placeOf(change)?.region];
  // An unknown global cluster may have a cluster already.
  if (own === undefined) return isGiven({ planned, places, change }, 'global_cluster_identifier');
  const global = planned.changes.find(({ identity }) => identity === own);
  if (global === undefined || !isMade(global)) return true;
  if (planned.valueAt(global, ['source_db_cluster_identifier']).is !== 'not given') return true;
  return planned.changes.some(
    (one) =>
      one.type === change.type &&
      one.identity !== change.identity &&
      globalOf(planned, one) === own &&
      places.placeOf(one)?.region !== region &&
      !one.dependsOn.includes(change.identity),
  );
}

/** The identity of the global cluster of a cluster, or its name if the plan does not create it. */
function globalOf(planned: PlannedChanges, change: PlannedChange): string | undefined {
  const value = planned.valueAt(change, ['global_cluster_identifier']);
  if (value.is === 'later') return value.of.identity;
  if (value.is !== 'known' || typeof value.value !== 'string') return undefined;
  const name = value.value;
  const global = planned.changes.find(
    ({ type, after }) => type === 'aws_rds_global_cluster' && textIn(after, 'global_cluster_identifier') === name,
  );
  return global?.identity ?? name;
}

/** The roles of a cluster. One unknown role represents all that are not known. */
function rolesOf({ planned, change }: Deriving): readonly (string | undefined)[] {
  const value = planned.valueAt(change, ['iam_roles']);
  if (value.is === 'not given') return [];
  return value.is === 'known' ? textsIn(value.value) : [undefined];
}

/** Whether an update adds a role to a cluster, and whether it removes one. */
function changedRoles(deriving: Deriving): { readonly adds: boolean; readonly removes: boolean } {
  const [old, now] = [textsIn(propertyOf(deriving.change.before, 'iam_roles')), rolesOf(deriving)];
  const isOpen = now.includes(undefined);
  return {
    adds: now.some((one) => one === undefined || !old.includes(one)),
    removes: old.some((one) => isOpen || !now.includes(one)),
  };
}

/** Attributes that change without ModifyDBCluster. */
const notOfCluster: ReadonlySet<string> = new Set([
  ...notOfDatabase,
  'global_cluster_identifier',
  'iam_roles',
  'replication_source_identifier',
]);

export const updateCluster: Derive = (deriving) => {
  const { before } = deriving.change;
  const changed = changedIn(deriving);
  const isPromoted =
    textIn(before, 'replication_source_identifier') !== undefined &&
    !isGiven(deriving, 'replication_source_identifier');
  const source = ['cluster', 'cluster_identifier'] as const;
  return [
    ...(changed.includes('enable_http_endpoint')
      ? [
          request(deriving, {
            api: isOn(deriving, 'enable_http_endpoint') ? 'EnableHttpEndpoint' : 'DisableHttpEndpoint',
            source,
          }),
        ]
      : []),
    ...(isPromoted ? [request(deriving, { api: 'PromoteReadReplicaDBCluster', source })] : []),
    ...(changed.some((name) => !notOfCluster.has(name))
      ? [request(deriving, { api: 'ModifyDBCluster', source, send: onlyChanged(changedCluster, changed) })]
      : []),
    // The provider does not move a cluster into an existing global cluster.
    ...(changed.includes('global_cluster_identifier') &&
    textIn(before, 'global_cluster_identifier') !== undefined &&
    refusedGlobal(deriving.change, deriving) === undefined
      ? [request(deriving, { api: 'RemoveFromGlobalCluster', source })]
      : []),
    ...(changed.includes('iam_roles') ? rolesChanged(deriving) : []),
  ];
};

function rolesChanged(deriving: Deriving): readonly DerivedRequest[] {
  const { adds, removes } = changedRoles(deriving);
  return [
    ...(adds ? [request(deriving, { api: 'AddRoleToDBCluster' })] : []),
    ...(removes ? [request(deriving, { api: 'RemoveRoleFromDBCluster' })] : []),
  ];
}

export const deleteCluster: Derive = (deriving) => [
  ...(textIn(deriving.change.before, 'global_cluster_identifier') === undefined
    ? []
    : [request(deriving, { api: 'RemoveFromGlobalCluster', source: ['cluster', 'cluster_identifier'], before: true })]),
  request(deriving, {
    api: 'DeleteDBCluster',
    source: ['cluster', 'cluster_identifier'],
    before: true,
    fixed: sentFinalSnapshot(deriving.change),
  }),
];
