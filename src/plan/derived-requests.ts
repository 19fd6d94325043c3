import { placeOf, resourceTypeOf } from '../base/arn.ts';
import { isJson, type Json } from '../base/json.ts';
import type { SourceFlag } from '../operations/source-flags.ts';
import { createCluster, deleteCluster, updateCluster } from './cluster-requests.ts';
import { propertyOf } from './configuration.ts';
import { changedIn } from './database-requests.ts';
import {
  createInstance,
  createMember,
  deleteInstance,
  deleteMember,
  updateInstance,
  updateMember,
} from './instance-requests.ts';
import { textIn } from './overlay-row.ts';
import type { PlannedPlaces } from './places.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';
import { tagsOf } from './planned-tags.ts';
import { readOfInstance, readsAfter } from './reads.ts';
import { type Derive, type DerivedRequest, none, type RequestRow, request, unlessKnown } from './request-of-change.ts';
import { snapshotRow } from './snapshot-requests.ts';

/** Derives the requests that the apply of a plan sends, in order for each resource. */
export function derivedRequests(planned: PlannedChanges, places: PlannedPlaces): readonly DerivedRequest[] {
  return planned.changes.flatMap((change) => {
    const derived = derivedOf(planned, places, change);
    // After a delete, the provider repeats a read that the refresh has already made. A replacement
    // reads the new resource.
    const read = change.kind === 'delete' ? undefined : derived.find(({ isOfOld }) => !isOfOld);
    if (read === undefined) return derived;
    const reads = readsAfter(change, places.arnOf(change));
    return derived.map((one) => (one === read ? { ...one, reads } : one));
  });
}

function derivedOf(planned: PlannedChanges, places: PlannedPlaces, change: PlannedChange): readonly DerivedRequest[] {
  const row = change.isAws && Object.hasOwn(rows, change.type) ? rows[change.type] : undefined;
  if (row === undefined || change.isData || !change.isUnderstood) return [];
  const deriving = { planned, places, change };
  const { create, update, destroy } = row;
  switch (change.kind) {
    case 'create':
      return create(deriving);
    case 'update':
      return withTagRequests(update(deriving), tagsChanged(deriving));
    case 'delete':
      return destroy(deriving);
    case 'replace':
      // The order of the two requests makes no difference to the answers.
      return [...destroy(deriving), ...create({ ...deriving, change: { ...change, before: undefined } })];
    default:
      return [];
  }
}

/** No plan shows whether the tags change before the other requests. */
function withTagRequests(
  others: readonly DerivedRequest[],
  ofTags: readonly DerivedRequest[],
): readonly DerivedRequest[] {
  return ofTags.length === 0 ? others : [...others.map((one) => ({ ...one, isRetagged: true })), ...ofTags];
}

/** The provider changes the tags of an existing resource of RDS with requests of their own. */
const tagsChanged: Derive = (deriving) => {
  const { before, type } = deriving.change;
  const changed = changedIn(deriving).some((name) => name === 'tags' || name === 'tags_all');
  if (type.startsWith('aws_backup_') || !changed) return [];
  const [old, now] = [tagsIn(before), tagsOf(deriving.planned, deriving.change) ?? {}];
  const removes = Object.keys(old).some((name) => now === 'unknown' || !Object.hasOwn(now, name));
  const adds = now === 'unknown' || Object.entries(now).some(([name, value]) => propertyOf(old, name) !== value);
  return [
    ...(removes ? [request(deriving, { api: 'RemoveTagsFromResource' })] : []),
    ...(adds ? [request(deriving, { api: 'AddTagsToResource' })] : []),
  ];
};

/** The tags of a resource, with those of the provider if the plan has them. */
function tagsIn(json: Json | undefined): Json {
  const tags = propertyOf(json, 'tags_all') ?? propertyOf(json, 'tags');
  return isJson(tags) ? tags : {};
}

/** Requests that are listed but not checked if they are not in the catalog. */
function plain(create: string, remove: string | undefined, update?: string): RequestRow {
  return {
    create: (deriving) => [request(deriving, { api: create })],
    update: update === undefined ? none : (deriving) => [request(deriving, { api: update })],
    destroy: remove === undefined ? none : (deriving) => [request(deriving, { api: remove })],
  };
}

/** The catalog is about RDS, so the same requests to another service are not in it. */
const unknownTo =
  (derive: Derive): Derive =>
  (deriving) =>
    derive(deriving).map((one) => ({ ...one, operation: undefined }));

const otherServiceCluster: RequestRow = {
  create: unknownTo(createCluster),
  update: unknownTo(updateCluster),
  destroy: unknownTo(deleteCluster),
};

const instanceOfOtherService = plain('CreateDBInstance', 'DeleteDBInstance', 'ModifyDBInstance');

const otherServiceInstance: RequestRow = {
  create: unknownTo(instanceOfOtherService.create),
  update: unknownTo(instanceOfOtherService.update),
  destroy: unknownTo(instanceOfOtherService.destroy),
};

const globalCluster: RequestRow = {
  ...plain('CreateGlobalCluster', 'DeleteGlobalCluster'),
  // The provider upgrades each member if RDS says that the version is a minor one. No plan shows
  // this.
  update: (deriving) => [
    request(deriving, { api: 'ModifyGlobalCluster' }),
    ...(changedIn(deriving).includes('engine_version') ? [request(deriving, { api: 'ModifyDBCluster' })] : []),
  ],
  destroy: (deriving) => [
    ...(propertyOf(deriving.change.before, 'force_destroy') === true
      ? [request(deriving, { api: 'RemoveFromGlobalCluster' })]
      : []),
    request(deriving, { api: 'DeleteGlobalCluster' }),
  ],
};

const exportTask: Derive = (deriving) => {
  const type = resourceTypeOf(deriving.places.textAt(deriving.change, 'source_arn') ?? '');
  const flag: SourceFlag = type === 'cluster' ? 'cluster' : type === 'snapshot' ? 'instance-snapshot' : 'snapshot';
  return [
    request(deriving, {
      api: 'StartExportTask',
      source: [flag, 'source_arn'],
      send: { 's3-bucket': ['s3_bucket_name'], 'iam-role': ['iam_role_arn'], 'kms-key-id': ['kms_key_id'] },
    }),
  ];
};

const instanceState: Derive = (deriving) => {
  const api = deriving.places.textAt(deriving.change, 'state') === 'stopped' ? 'StopDBInstance' : 'StartDBInstance';
  const sent = unlessKnown(deriving, request(deriving, { api, source: ['instance', 'identifier'] }), 'state');
  // The resource is the state of the instance, not the snapshot that can be taken at a stop.
  return [{ ...sent, makes: false }];
};

/** The provider then reads the instance in its own Region, until nothing replicates its backups. */
const stopReplication: Derive = (deriving) => {
  const stop = request(deriving, { api: 'StopDBInstanceAutomatedBackupsReplication' });
  const read = request(deriving, { api: 'DescribeDBInstances', before: true });
  const instance = textIn(deriving.change.before, 'source_db_instance_arn') ?? '';
  const place = placeOf(instance);
  return [stop, place === undefined ? read : { ...read, operation: readOfInstance(instance), region: place.region }];
};

/** By the type of the resource. */
const rows: Readonly<Record<string, RequestRow>> = {
  aws_rds_cluster: { create: createCluster, update: updateCluster, destroy: deleteCluster },
  aws_rds_cluster_instance: { create: createMember, update: updateMember, destroy: deleteMember },
  aws_db_instance: { create: createInstance, update: updateInstance, destroy: deleteInstance },
  aws_db_cluster_snapshot: snapshotRow({
    flag: 'snapshot',
    create: 'CreateDBClusterSnapshot',
    source: ['cluster', 'db_cluster_identifier'],
    name: 'db_cluster_snapshot_identifier',
    attribute: 'ModifyDBClusterSnapshotAttribute',
    remove: 'DeleteDBClusterSnapshot',
  }),
  aws_db_snapshot: snapshotRow({
    flag: 'instance-snapshot',
    create: 'CreateDBSnapshot',
    source: ['instance', 'db_instance_identifier'],
    name: 'db_snapshot_identifier',
    attribute: 'ModifyDBSnapshotAttribute',
    remove: 'DeleteDBSnapshot',
  }),
  aws_rds_cluster_snapshot_copy: snapshotRow({
    flag: 'snapshot',
    create: 'CopyDBClusterSnapshot',
    source: ['snapshot', 'source_db_cluster_snapshot_identifier'],
    name: 'target_db_cluster_snapshot_identifier',
    attribute: 'ModifyDBClusterSnapshotAttribute',
    remove: 'DeleteDBClusterSnapshot',
  }),
  aws_db_snapshot_copy: snapshotRow({
    flag: 'instance-snapshot',
    create: 'CopyDBSnapshot',
    source: ['instance-snapshot', 'source_db_snapshot_identifier'],
    name: 'target_db_snapshot_identifier',
    attribute: 'ModifyDBSnapshotAttribute',
    remove: 'DeleteDBSnapshot',
  }),
  aws_rds_export_task: {
    create: exportTask,
    update: none,
    destroy: (deriving) => [request(deriving, { api: 'CancelExportTask' })],
  },
  aws_rds_instance_state: { create: instanceState, update: instanceState, destroy: none },
  aws_docdb_cluster: otherServiceCluster,
  aws_neptune_cluster: otherServiceCluster,
  aws_docdb_cluster_instance: otherServiceInstance,
  aws_neptune_cluster_instance: otherServiceInstance,
  aws_docdb_cluster_snapshot: plain('CreateDBClusterSnapshot', 'DeleteDBClusterSnapshot'),
  aws_neptune_cluster_snapshot: plain('CreateDBClusterSnapshot', 'DeleteDBClusterSnapshot'),
  aws_docdb_global_cluster: globalCluster,
  aws_neptune_global_cluster: globalCluster,
  aws_rds_global_cluster: globalCluster,
  aws_rds_custom_db_engine_version: plain(
    'CreateCustomDBEngineVersion',
    'DeleteCustomDBEngineVersion',
    'ModifyCustomDBEngineVersion',
  ),
  aws_rds_shard_group: plain('CreateDBShardGroup', 'DeleteDBShardGroup', 'ModifyDBShardGroup'),
  aws_rds_cluster_activity_stream: plain('StartActivityStream', 'StopActivityStream'),
  aws_db_instance_automated_backups_replication: {
    update: none,
    destroy: stopReplication,
    create: (deriving) => [
      request(deriving, {
        api: 'StartDBInstanceAutomatedBackupsReplication',
        source: ['instance', 'source_db_instance_arn'],
        send: { 'kms-key-id': ['kms_key_id'] },
      }),
    ],
  },
  aws_rds_integration: plain('CreateIntegration', 'DeleteIntegration', 'ModifyIntegration'),
  aws_rds_cluster_role_association: plain('AddRoleToDBCluster', 'RemoveRoleFromDBCluster'),
  aws_db_instance_role_association: plain('AddRoleToDBInstance', 'RemoveRoleFromDBInstance'),
  aws_db_proxy: plain('CreateDBProxy', 'DeleteDBProxy', 'ModifyDBProxy'),
  aws_backup_vault: plain('CreateBackupVault', 'DeleteBackupVault'),
  aws_backup_logically_air_gapped_vault: plain('CreateLogicallyAirGappedBackupVault', 'DeleteBackupVault'),
  aws_backup_plan: plain('CreateBackupPlan', 'DeleteBackupPlan', 'UpdateBackupPlan'),
  aws_backup_selection: plain('CreateBackupSelection', 'DeleteBackupSelection'),
};
