import { nameOf } from '../base/arn.ts';
import { isList } from '../base/json.ts';
import type { Cluster, ClusterSnapshot, Instance, Snapshot } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { edited, withRegion } from './edits.ts';
import { isMade, laid, type NotOverlaid, type OverlayContext, type OverlayRow } from './laid.ts';
import type { PlannedChange } from './planned-change.ts';
import { tagsOf } from './tags.ts';

/*
 * Databases and snapshots that a plan makes, changes and deletes. Of what is new, only what the
 * plan says is known; the rest is absent, which is unknown.
 */

const unplaced: { readonly why: NotOverlaid } = {
  why: { code: 'thing-not-known', what: 'the account, Region or name' },
};

function textOf(change: PlannedChange, name: string): string | undefined {
  const value = propertyOf(change.before, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tagList(change: PlannedChange, { planned }: OverlayContext): { TagList?: { Key: string; Value: string }[] } {
  const tags = tagsOf(planned, change);
  return tags === undefined ? {} : { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

/** What is given of an attribute, as a field. */
function given(name: string, value: string | boolean | undefined): Readonly<Record<string, string | boolean>> {
  return value === undefined ? {} : { [name]: value };
}

function switched(change: PlannedChange, name: string, { planned }: OverlayContext): boolean | undefined {
  const value = planned.valueAt(change, [name]);
  return value.is === 'known' && typeof value.value === 'boolean' ? value.value : undefined;
}

const clusterRow: OverlayRow = (evidence, change, context) => {
  const { places } = context;
  const place = places.placeOf(change);
  const arn = change.kind === 'delete' ? textOf(change, 'arn') : places.arnOf(change);
  if (place === undefined || arn === undefined || nameOf(arn) === '') return unplaced;
  const isNew = isMade(change);
  return laid(
    withRegion(evidence, place, (region) => {
      const clusters = region.rds?.DBClusters;
      if (clusters === undefined) return undefined;
      const made = (held: Cluster | undefined): Cluster | undefined => {
        if (change.kind === 'delete') return undefined;
        const base: Cluster =
          isNew || held === undefined
            ? { DBClusterIdentifier: nameOf(arn), DBClusterArn: arn, ...(isNew ? { Status: 'available' } : {}) }
            : held;
        return { ...base, ...clusterFields(change, context), ...tagList(change, context) };
      };
      return {
        ...region,
        rds: { ...region.rds, DBClusters: edited(clusters, ({ DBClusterArn }) => DBClusterArn === arn, made) },
      };
    }),
    { code: 'list-missing', what: 'cluster' },
  );
};

function clusterFields(change: PlannedChange, context: OverlayContext) {
  const { places } = context;
  const encrypted = switched(change, 'storage_encrypted', context);
  return {
    ...given('Engine', places.textAt(change, 'engine')),
    ...given('EngineVersion', places.textAt(change, 'engine_version')),
    ...given('KmsKeyId', keyArnAt(change, context)),
    ...given('StorageEncrypted', keyArnAt(change, context) === undefined ? encrypted : true),
    ...given('DeletionProtection', switched(change, 'deletion_protection', context)),
    ...given('DBSubnetGroup', places.textAt(change, 'db_subnet_group_name')),
    ...given('DBClusterParameterGroup', places.textAt(change, 'db_cluster_parameter_group_name')),
  };
}

function keyArnAt(change: PlannedChange, { places }: OverlayContext): string | undefined {
  return places.textAt(change, 'kms_key_id');
}

const instanceRow: OverlayRow = (evidence, change, context) => {
  const { places } = context;
  const place = places.placeOf(change);
  const arn = change.kind === 'delete' ? textOf(change, 'arn') : places.arnOf(change);
  if (place === undefined || arn === undefined || nameOf(arn) === '') return unplaced;
  const isNew = isMade(change);
  return laid(
    withRegion(evidence, place, (region) => {
      const instances = region.rds?.DBInstances;
      if (instances === undefined) return undefined;
      const cluster = places.textAt(change, 'cluster_identifier');
      const made = (held: Instance | undefined): Instance | undefined => {
        if (change.kind === 'delete') return undefined;
        const base: Instance =
          isNew || held === undefined
            ? {
                DBInstanceIdentifier: nameOf(arn),
                DBInstanceArn: arn,
                ...(isNew ? { DBInstanceStatus: 'available' } : {}),
              }
            : held;
        const key = keyArnAt(change, context);
        const encrypted = key === undefined ? switched(change, 'storage_encrypted', context) : true;
        return {
          ...base,
          ...given('Engine', places.textAt(change, 'engine')),
          ...given('KmsKeyId', key),
          ...given('StorageEncrypted', encrypted),
          ...given('DBClusterIdentifier', cluster),
          ...given('DeletionProtection', switched(change, 'deletion_protection', context)),
          ...tagList(change, context),
        };
      };
      return {
        ...region,
        rds: { ...region.rds, DBInstances: edited(instances, ({ DBInstanceArn }) => DBInstanceArn === arn, made) },
      };
    }),
    { code: 'list-missing', what: 'DB instance' },
  );
};

/** `source`: the attribute that names what the snapshot is of. */
const clusterSnapshotRow =
  (source: string | undefined, partners: string): OverlayRow =>
  (evidence, change, context) => {
    const { places } = context;
    const place = places.placeOf(change);
    const arn = change.kind === 'delete' ? textOf(change, 'db_cluster_snapshot_arn') : places.arnOf(change);
    if (place === undefined || arn === undefined || nameOf(arn) === '') return unplaced;
    return laid(
      withRegion(evidence, place, (region) => {
        const snapshots = region.rds?.DBClusterSnapshots;
        if (snapshots === undefined) return undefined;
        const of = source === undefined ? undefined : places.textAt(change, source);
        const cluster = region.rds?.DBClusters?.find(({ DBClusterIdentifier: id }) => id === of);
        const isNew = isMade(change);
        const made = (held: ClusterSnapshot | undefined): ClusterSnapshot | undefined => {
          if (change.kind === 'delete') return undefined;
          if (!isNew && held !== undefined) return { ...held, ...tagList(change, context) };
          return {
            DBClusterSnapshotIdentifier: nameOf(arn),
            DBClusterSnapshotArn: arn,
            SnapshotType: 'manual',
            Status: 'available',
            ...given('DBClusterIdentifier', of),
            ...given('Engine', cluster?.Engine),
            ...given('StorageEncrypted', cluster?.StorageEncrypted),
            ...given('KmsKeyId', source === undefined ? keyArnAt(change, context) : cluster?.KmsKeyId),
            ...tagList(change, context),
          };
        };
        const shared = valuesShared(change, partners, context);
        const { DBClusterSnapshotAttributes: attributes } = region.rds ?? {};
        return {
          ...region,
          rds: {
            ...region.rds,
            DBClusterSnapshots: edited(snapshots, ({ DBClusterSnapshotArn: one }) => one === arn, made),
            ...(attributes === undefined || shared === undefined
              ? {}
              : {
                  DBClusterSnapshotAttributes: edited(
                    attributes,
                    ({ DBClusterSnapshotIdentifier: one }) => one === arn || one === nameOf(arn),
                    () => ({
                      DBClusterSnapshotIdentifier: nameOf(arn),
                      DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: shared }],
                    }),
                  ),
                }),
          },
        };
      }),
      { code: 'list-missing', what: 'cluster snapshot' },
    );
  };

const snapshotRow =
  (source: string | undefined, partners: string): OverlayRow =>
  (evidence, change, context) => {
    const { places } = context;
    const place = places.placeOf(change);
    const arn = change.kind === 'delete' ? textOf(change, 'db_snapshot_arn') : places.arnOf(change);
    if (place === undefined || arn === undefined || nameOf(arn) === '') return unplaced;
    return laid(
      withRegion(evidence, place, (region) => {
        const snapshots = region.rds?.DBSnapshots;
        if (snapshots === undefined) return undefined;
        const of = source === undefined ? undefined : places.textAt(change, source);
        const instance = region.rds?.DBInstances?.find(({ DBInstanceIdentifier: id }) => id === of);
        const isNew = isMade(change);
        const made = (held: Snapshot | undefined): Snapshot | undefined => {
          if (change.kind === 'delete') return undefined;
          if (!isNew && held !== undefined) return { ...held, ...tagList(change, context) };
          return {
            DBSnapshotIdentifier: nameOf(arn),
            DBSnapshotArn: arn,
            SnapshotType: 'manual',
            Status: 'available',
            ...given('DBInstanceIdentifier', of),
            ...given('Engine', instance?.Engine),
            ...given('Encrypted', instance?.StorageEncrypted),
            ...given('KmsKeyId', source === undefined ? keyArnAt(change, context) : instance?.KmsKeyId),
            ...tagList(change, context),
          };
        };
        const shared = valuesShared(change, partners, context);
        const { DBSnapshotAttributes: attributes } = region.rds ?? {};
        return {
          ...region,
          rds: {
            ...region.rds,
            DBSnapshots: edited(snapshots, ({ DBSnapshotArn: one }) => one === arn, made),
            ...(attributes === undefined || shared === undefined
              ? {}
              : {
                  DBSnapshotAttributes: edited(
                    attributes,
                    ({ DBSnapshotIdentifier: one }) => one === arn || one === nameOf(arn),
                    () => ({
                      DBSnapshotIdentifier: nameOf(arn),
                      DBSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: shared }],
                    }),
                  ),
                }),
          },
        };
      }),
      { code: 'list-missing', what: 'DB snapshot' },
    );
  };

function valuesShared(change: PlannedChange, attribute: string, { planned }: OverlayContext): string[] | undefined {
  const value = planned.valueAt(change, [attribute]);
  if (value.is === 'not given') return [];
  return value.is === 'known' && isList(value.value) ? value.value.filter((one) => typeof one === 'string') : undefined;
}

/** Rows of the overlay for databases and snapshots, by type. */
export const databaseRows: Readonly<Record<string, OverlayRow>> = {
  aws_rds_cluster: clusterRow,
  aws_docdb_cluster: clusterRow,
  aws_neptune_cluster: clusterRow,
  aws_db_instance: instanceRow,
  aws_rds_cluster_instance: instanceRow,
  aws_db_cluster_snapshot: clusterSnapshotRow('db_cluster_identifier', 'shared_accounts'),
  aws_db_snapshot: snapshotRow('db_instance_identifier', 'shared_accounts'),
  aws_rds_cluster_snapshot_copy: clusterSnapshotRow(undefined, 'shared_accounts'),
  aws_db_snapshot_copy: snapshotRow(undefined, 'shared_accounts'),
};
