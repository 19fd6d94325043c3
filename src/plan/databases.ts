import {
  accountOf,
  isAliasArn,
  isArn,
  isKeyArn,
  nameOf,
  type Place,
  placeOf,
  rdsArn,
  resourceTypeOf,
} from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import type { Cluster, ClusterSnapshot, Evidence, Instance, Region, Snapshot } from '../evidence/schema.ts';
import { holdsTrue, propertyOf } from './configuration.ts';
import { edited, keyAt, withRegion } from './edits.ts';
import { joining } from './global-clusters.ts';
import { secretOfPassword } from './managed-passwords.ts';
import { isGone, isMade, laid, type OverlayContext, type OverlayRow, textIn, thingNotKnown } from './overlay-row.ts';
import { isOfAnotherPlace, isPartOfText } from './places.ts';
import { isRenamed, type PlannedChange } from './planned-change.ts';
import { isQueued, isRetentionQueued, queuedIf } from './queued.ts';
import { listedAtSource, replicaOfCluster, replicaOfInstance, withOpenSource } from './replicas.ts';
import { tagged, tagsAfter } from './tags.ts';

/*
 * Databases and snapshots that a plan creates, changes and deletes. A new one has only the fields
 * that the plan gives; the other fields are absent, which means unknown.
 */

type Rds = NonNullable<Region['rds']>;
type Tagged = Pick<Cluster, 'TagList'>;

/** What the evidence has before a change. `rds`: the lists of the Region. */
interface Held {
  readonly rds: Rds;
  readonly evidence: Evidence;
}

/** A database that a change deletes. */
interface Deletion {
  readonly change: PlannedChange;
  readonly context: OverlayContext;
  readonly held: Held;
}

/** An RDS list, and how a Terraform resource describes an item. */
interface RdsItems<T extends Tagged> {
  readonly noun: string;
  /** The attribute that holds the ARN. */
  readonly attribute: string;
  readonly held: (rds: Rds) => readonly T[] | undefined;
  readonly put: (rds: Rds, list: T[]) => Rds;
  readonly arn: (one: T) => string;
  /** An item with only its ARN. */
  readonly bare: (arn: string) => T;
  /** The item after RDS has finished creating it. */
  readonly available: (one: T) => T;
  /**
   * The item with the values of the resource. Its only tags are those that RDS gives a new item, if
   * the resource has none.
   */
  readonly filled: (one: T, change: PlannedChange, context: OverlayContext, held: Held) => T;
  /** The item with the new name of a change. Absent: the name never changes. */
  readonly renamed?: (one: T, change: PlannedChange, place: Place) => T;
  /** The item if it may have another name at the time of a request. Absent: the name never changes. */
  readonly inDoubt?: (one: T) => T;
  /** Other lists that the change affects. Absent: the change affects no other list. */
  readonly also?: (rds: Rds, arn: string, change: PlannedChange, context: OverlayContext) => Rds;
  /** The backups of an item that is deleted. Absent: it has none. */
  readonly backupsLeft?: (rds: Rds, one: T, gone: Deletion) => Rds;
  /**
   * The accounts with which the item is shared. Undefined: not known. Absent: such an item cannot
   * be shared. The list has one entry for each snapshot that was read, so an entry says nothing
   * about other snapshots.
   */
  readonly shared?: (rds: Rds, arn: string, accounts: string[] | undefined) => Rds;
}

const rowOf =
  <T extends Tagged>(items: RdsItems<T>): OverlayRow =>
  (evidence, change, context) => {
    const { places } = context;
    const place = places.placeOf(change);
    const arn = isGone(change) ? textIn(change.before, items.attribute) : places.arnOf(change);
    if (place === undefined || arn === undefined || nameOf(arn) === '')
      return thingNotKnown('the account, Region or name');
    return laid(
      withRegion(evidence, place, (region) => {
        const { rds = {} } = region;
        const held = items.held(rds);
        if (held === undefined) {
          // The cluster of an instance shows the instance, too.
          const also = items.also?.(rds, arn, change, context) ?? rds;
          return also === rds ? undefined : { ...region, rds: also };
        }
        const list = edited(
          held,
          (one) => items.arn(one) === arn,
          (one) => {
            if (isGone(change)) return undefined;
            const filled = items.filled(baseOf(items, one, arn, change), change, context, { rds, evidence });
            const tags = tagsAfter(context.planned, change, filled.TagList);
            const inherits = isMade(change) && Object.hasOwn(filled, 'TagList') && isNone(tags);
            const after = inherits ? filled : tagged(filled, tags, withTags);
            if (!isRenamed(change)) return after;
            if (!isQueued(change, context)) return items.renamed?.(after, change, place) ?? after;
            return queuedIf(change, context) === undefined ? after : (items.inDoubt?.(after) ?? after);
          },
        );
        // Until the maintenance window, the old name is in use, and the new one leads to nothing.
        const isLater = isRenamed(change) && isQueued(change, context);
        const withLater = (one: T): T[] => {
          const later = items.arn(one) === arn ? items.renamed?.(one, change, place) : undefined;
          return later === undefined ? [one] : [one, items.inDoubt?.(later) ?? later];
        };
        const put = items.put(rds, isLater ? list.flatMap(withLater) : list);
        const left = isGone(change) ? held.find((one) => items.arn(one) === arn) : undefined;
        const backups =
          left === undefined
            ? put
            : (items.backupsLeft?.(put, left, { change, context, held: { rds, evidence } }) ?? put);
        const after = items.also?.(backups, arn, change, context) ?? backups;
        if (!showsShares(change)) return { ...region, rds: after };
        const accounts = isGone(change) ? undefined : sharedWith(change, context);
        return { ...region, rds: items.shared?.(after, arn, accounts) ?? after };
      }),
      { code: 'list-missing', what: items.noun },
    );
  };

function isNone(tags: ReturnType<typeof tagsAfter>): boolean {
  return tags === undefined || (tags !== 'unknown' && Object.keys(tags).length === 0);
}

/** Replaces the tags of an item. `tags` undefined: the tags are not known. */
function withTags<T extends Tagged>(one: T, tags: Tagged['TagList']): T {
  return { ...one, TagList: tags };
}

/**
 * The item before a change. A new item does not keep anything from an earlier one of the same name.
 */
function baseOf<T extends Tagged>(
  { bare, available }: RdsItems<T>,
  held: T | undefined,
  arn: string,
  change: PlannedChange,
): T {
  return isMade(change) ? available(bare(arn)) : (held ?? bare(arn));
}

/**
 * Whether a change shows with whom an item is shared. Older versions of the provider, and other
 * resources, do not have the attribute.
 */
function showsShares(change: PlannedChange): boolean {
  const isShown = [change.after, change.unknown].some((one) => isJson(one) && Object.hasOwn(one, 'shared_accounts'));
  return isShown || isGone(change) || isMade(change);
}

/** The accounts with which a change shares an item. Undefined: not known. */
function sharedWith(change: PlannedChange, { planned }: OverlayContext): string[] | undefined {
  const value = planned.valueAt(change, ['shared_accounts']);
  if (value.is === 'not given') return [];
  return value.is === 'known' && isList(value.value) ? value.value.filter((one) => typeof one === 'string') : undefined;
}

/**
 * The value of an attribute as a field of the item. Undefined: the value is known only after apply,
 * whatever the item had before.
 */
function field(
  name: string,
  change: PlannedChange,
  attribute: string,
  { planned, places }: Pick<OverlayContext, 'planned' | 'places'>,
): Readonly<Record<string, string | undefined>> {
  const value = planned.valueAt(change, [attribute]);
  if (value.is === 'not given') return {};
  const text = places.textOf(value);
  const isPart = text !== undefined && isPartOfText([attribute], value, text);
  return { [name]: isPart || isOfAnotherPlace(value, text, change, places) ? undefined : text };
}

/** The key of a database. RDS shows the ARN of the key, even if the request names an alias. */
function keyField(evidence: Evidence, change: PlannedChange, attribute: string, context: OverlayContext) {
  const found = field('KmsKeyId', change, attribute, context);
  const name = found['KmsKeyId'];
  return name === undefined ? found : { KmsKeyId: keyBehind(evidence, change, name, context) };
}

/** The ARN of the key that an alias names. Undefined: the evidence does not have the alias. */
function keyBehind(
  evidence: Evidence,
  change: PlannedChange,
  name: string,
  { places }: OverlayContext,
): string | undefined {
  const place = places.placeOf(change);
  if (place === undefined || !isAlias(name) || /(?:^|:)alias\/aws\//.test(name)) return name;
  return keyAt(evidence, place, name)?.KeyMetadata.Arn;
}

/**
 * Whether an update removes an attribute from the configuration. The provider may then send its zero
 * value, such as false.
 */
function isRemoved({ before, after, unknown }: PlannedChange, attribute: string): boolean {
  const [old, now] = [before, after].map((one) => propertyOf(one, attribute) ?? null);
  const isComputed = isJson(unknown) && propertyOf(unknown, attribute) === true;
  return old !== null && now === null && !isComputed;
}

/** The same for a Boolean. A reference in its expression is never the value itself. */
function switchField(
  name: string,
  change: PlannedChange,
  attribute: string,
  { planned }: Pick<OverlayContext, 'planned'>,
) {
  const value = planned.valueAt(change, [attribute]);
  if (value.is === 'not given') return isRemoved(change, attribute) ? { [name]: undefined } : {};
  return { [name]: value.is === 'known' && typeof value.value === 'boolean' ? value.value : undefined };
}

/** The same for a number. */
function numberField(name: string, change: PlannedChange, attribute: string, { planned }: OverlayContext) {
  const value = planned.valueAt(change, [attribute]);
  if (value.is === 'not given') return isRemoved(change, attribute) ? { [name]: undefined } : {};
  return { [name]: value.is === 'known' && typeof value.value === 'number' ? value.value : undefined };
}

/** A field that is left out if the value is not known. */
function known(name: string, value: string | boolean | undefined): Readonly<Record<string, string | boolean>> {
  return value === undefined ? {} : { [name]: value };
}

function isAlias(key: string): boolean {
  return key.startsWith('alias/') || isAliasArn(key);
}

type Source = Pick<Cluster & Snapshot, 'KmsKeyId' | 'StorageEncrypted' | 'Encrypted'> | undefined;

/** An item of a list by its name or ARN, as an attribute of a change gives it. */
function named<T>(list: readonly T[] | undefined, arnOf: (one: T) => string, name: string | undefined): T | undefined {
  return name === undefined ? undefined : list?.find((one) => isNamed(name, arnOf(one)));
}

/** The name of a cluster or DB instance. An attribute may have the ARN. */
function nameAt(change: PlannedChange, attribute: string, { places }: OverlayContext): string | undefined {
  const text = isGone(change) ? textIn(change.before, attribute) : places.textAt(change, attribute);
  if (text === undefined) return undefined;
  // RDS stores names in lower case.
  return isArn(text) ? nameOf(text) : text.toLowerCase();
}

/** The source of a new cluster's key. Undefined: none, or not known. */
function sourceOfCluster(change: PlannedChange, { places: { textAt } }: OverlayContext, rds: Rds): Source {
  const at = (...path: readonly (string | number)[]): string | undefined => textAt(change, ...path);
  return (
    named(rds.DBClusterSnapshots, (one) => one.DBClusterSnapshotArn, at('snapshot_identifier')) ??
    named(rds.DBClusters, (one) => one.DBClusterArn, at('restore_to_point_in_time', 0, 'source_cluster_identifier'))
  );
}

function sourceOfInstance(change: PlannedChange, { places: { textAt } }: OverlayContext, rds: Rds): Source {
  const at = (...path: readonly (string | number)[]): string | undefined => textAt(change, ...path);
  const instances = (name: string | undefined) => named(rds.DBInstances, (one) => one.DBInstanceArn, name);
  return (
    instances(at('replicate_source_db')) ??
    named(rds.DBSnapshots, (one) => one.DBSnapshotArn, at('snapshot_identifier')) ??
    instances(at('restore_to_point_in_time', 0, 'source_db_instance_identifier')) ??
    named(rds.DBClusters, (one) => one.DBClusterArn, at('cluster_identifier'))
  );
}

/** The encryption that a new resource takes from its source, unless the request names a key. */
function inherited(change: PlannedChange, source: Source): Pick<Cluster, 'KmsKeyId' | 'StorageEncrypted'> {
  if (!isMade(change) || source === undefined) return {};
  const { KmsKeyId: key, StorageEncrypted: isStorage, Encrypted: isSnapshot } = source;
  const isEncrypted = key === undefined ? (isStorage ?? isSnapshot) : true;
  return {
    ...(key === undefined ? {} : { KmsKeyId: key }),
    ...(isEncrypted === undefined ? {} : { StorageEncrypted: isEncrypted }),
  };
}

/** Whether the resource is restored from a backup, which decides the parameters of the request. */
function isRestored(change: PlannedChange, { planned }: OverlayContext): boolean {
  const isGiven = (name: string): boolean => planned.valueAt(change, [name]).is !== 'not given';
  return (
    isMade(change) &&
    !isGiven('replicate_source_db') &&
    !isGiven('s3_import') &&
    (isGiven('snapshot_identifier') || isGiven('restore_to_point_in_time'))
  );
}

function encrypted(change: PlannedChange, context: OverlayContext) {
  return switchField('StorageEncrypted', change, 'storage_encrypted', context);
}

/** Whether RDS creates a database without a source, and chooses its key. */
function isNewData(change: PlannedChange, { planned }: OverlayContext): boolean {
  const isGiven = (name: string): boolean => planned.valueAt(change, [name]).is !== 'not given';
  return /^aws_(?:rds_cluster|db_instance)$/.test(change.type) && !sourcesOfKeys.some(isGiven);
}

const sourcesOfKeys: readonly string[] = [
  'global_cluster_identifier',
  'kms_key_id',
  'replicate_source_db',
  'replication_source_identifier',
  'restore_to_point_in_time',
  's3_import',
  'snapshot_identifier',
];

/**
 * The key of a new database if the request names none: that of the account, if the request asks for
 * encryption, and for Aurora a key that AWS owns, if it does not (rds-kms-operations 4.8). For all else
 * the plan does not show what RDS does.
 */
function keyByDefault(
  change: PlannedChange,
  { planned, places }: OverlayContext,
  evidence: Evidence,
): Pick<Cluster, 'KmsKeyId' | 'StorageEncrypted' | 'StorageEncryptionType'> {
  const asked = planned.valueAt(change, ['storage_encrypted']);
  const place = places.placeOf(change);
  if (asked.is === 'known' && asked.value === true && place !== undefined)
    return { KmsKeyId: keyAt(evidence, place, defaultKey)?.KeyMetadata.Arn ?? defaultKey };
  const isAurora = change.type === 'aws_rds_cluster' && places.textAt(change, 'engine')?.startsWith('aurora-') === true;
  return asked.is === 'not given' && isAurora ? { StorageEncrypted: false, StorageEncryptionType: 'sse-rds' } : {};
}

const defaultKey = 'alias/aws/rds';

/** Fields that clusters and DB instances have in common. */
function databaseFields(change: PlannedChange, context: OverlayContext, source: Source, evidence: Evidence) {
  // Neptune has another name for the attribute.
  const attribute = change.type === 'aws_neptune_cluster' ? 'kms_key_arn' : 'kms_key_id';
  const keyName = context.places.textAt(change, attribute);
  const given = context.planned.valueAt(change, [attribute]);
  // A data source gives the ARN of the key that its alias leads to.
  const isOfData = given.is === 'later' && given.of.isData;
  if (isMade(change) && keyName !== undefined && isAlias(keyName) && !isOfData)
    context.note({ code: 'key-by-alias', alias: keyName });
  // The restore of a DB instance takes no key, and no restore takes a flag for encryption. The
  // backup decides, whatever the configuration says.
  const isFromBackup = isRestored(change, context);
  const isKeySent = !(isFromBackup && change.type === 'aws_db_instance');
  const ofBackup = source?.KmsKeyId;
  if (!isKeySent && keyName !== undefined && isKeyArn(keyName) && ofBackup !== undefined && ofBackup !== keyName)
    context.note({ code: 'key-not-sent', key: ofBackup });
  const key = isKeySent ? keyField(evidence, change, attribute, context) : {};
  const hasKey = Object.hasOwn(key, 'KmsKeyId');
  return {
    ...field('Engine', change, 'engine', context),
    ...field('EngineVersion', change, 'engine_version', context),
    ...inherited(change, source),
    ...key,
    ...(hasKey ? { StorageEncrypted: true } : isFromBackup ? {} : encrypted(change, context)),
    ...(isMade(change) && isNewData(change, context) ? keyByDefault(change, context, evidence) : {}),
    ...(isMade(change) ? { DeletionProtection: false } : {}),
    ...switchField('DeletionProtection', change, 'deletion_protection', context),
    ...switchField('CopyTagsToSnapshot', change, 'copy_tags_to_snapshot', context),
    ...(isRetentionQueued(change, context)
      ? { BackupRetentionPeriod: undefined }
      : numberField('BackupRetentionPeriod', change, 'backup_retention_period', context)),
    ...insights(change, context),
    ...secretOfPassword(change, context),
  };
}

const insightsAttributes = ['performance_insights_enabled', 'performance_insights_kms_key_id'] as const;

type Shown = Pick<OverlayContext, 'planned' | 'places'>;

/**
 * Whether the evidence shows, once a change is applied, the key that an attribute of a database names beside
 * the key of the storage.
 */
export function showsOtherKey(change: PlannedChange, attribute: string, context: Shown): boolean {
  return attribute === 'master_user_secret_kms_key_id'
    ? secretOfPassword(change, context).MasterUserSecret?.KmsKeyId !== undefined
    : insights(change, context)['PerformanceInsightsKMSKeyId'] !== undefined;
}

/** Performance Insights and its key, where the plan changes them, or has read them and leaves them as they are. */
function insights(
  change: PlannedChange,
  context: Shown,
): Pick<Cluster, 'PerformanceInsightsEnabled' | 'PerformanceInsightsKMSKeyId'> {
  if (changesInsights(change)) return insightsAfter(change, context);
  const [enabled, key] = insightsAttributes.map((name) =>
    isChanged(change, name) ? undefined : propertyOf(change.before, name),
  );
  if (typeof enabled !== 'boolean') return {};
  if (!enabled) return { PerformanceInsightsEnabled: false };
  return typeof key === 'string' && key !== ''
    ? { PerformanceInsightsEnabled: true, PerformanceInsightsKMSKeyId: key }
    : {};
}

/** Whether an update changes Performance Insights or their key. */
export function changesInsights(change: PlannedChange): boolean {
  return (
    change.kind === 'update' &&
    change.before !== undefined &&
    insightsAttributes.some((name) => isChanged(change, name))
  );
}

function isChanged({ before, after, unknown }: PlannedChange, name: string): boolean {
  return (
    propertyOf(before, name) !== propertyOf(after, name) || (isJson(unknown) && propertyOf(unknown, name) === true)
  );
}

/** Performance Insights after an update that changes them. A queued update leaves open whether they are on. */
function insightsAfter(change: PlannedChange, context: Shown) {
  const isOn = isQueued(change, context)
    ? undefined
    : switchField('isOn', change, 'performance_insights_enabled', context)['isOn'];
  if (isOn !== true) return { PerformanceInsightsEnabled: isOn };
  return {
    PerformanceInsightsEnabled: true,
    ...field('PerformanceInsightsKMSKeyId', change, 'performance_insights_kms_key_id', context),
  };
}

/**
 * The name of the final snapshot of a deleted database. Undefined: none. RDS stores names in lower
 * case.
 */
export function finalSnapshot({ before }: PlannedChange): string | undefined {
  return propertyOf(before, 'skip_final_snapshot') === true
    ? undefined
    : textIn(before, 'final_snapshot_identifier')?.toLowerCase();
}

/**
 * Whether a delete keeps the automated backups. RDS deletes them with the database, unless the
 * request says otherwise.
 */
function keepsBackups({ before }: PlannedChange): boolean {
  return propertyOf(before, 'delete_automated_backups') === false;
}

/** Whether a backup belongs to an earlier database, which RDS has deleted. */
function isRetained({ Status: status }: { readonly Status?: string | undefined }): boolean {
  return status?.toLowerCase() === 'retained';
}

/** The snapshots without the automated ones of a database that is deleted. */
function withoutAutomated<T extends AnySnapshot>(list: T[] | undefined, isOf: (one: T) => boolean): T[] | undefined {
  return list?.filter((one) => !isAutomated(one) || !isOf(one));
}

/**
 * The ARNs of the snapshots that RDS deletes with a database, and of those that may be among them.
 * `arn`: the ARN of the database.
 */
export function backupsThatGo({ accounts }: Evidence, arn: string, change: PlannedChange): readonly string[] {
  const place = placeOf(arn);
  if (place === undefined || keepsBackups(change)) return [];
  const { DBClusterSnapshots = [], DBSnapshots = [] } = accounts[place.account]?.regions?.[place.region]?.rds ?? {};
  const [type, name] = [resourceTypeOf(arn), nameOf(arn)];
  const ofCluster = DBClusterSnapshots.filter((one) => isAutomated(one) && (one.DBClusterIdentifier ?? name) === name);
  const ofInstance = DBSnapshots.filter((one) => isAutomated(one) && (one.DBInstanceIdentifier ?? name) === name);
  if (type === 'cluster') return ofCluster.map((one) => one.DBClusterSnapshotArn);
  return type === 'db' ? ofInstance.map((one) => one.DBSnapshotArn) : [];
}

/** A snapshot of a cluster or of a DB instance. */
interface AnySnapshot {
  readonly SnapshotType?: string | undefined;
  readonly DBClusterSnapshotIdentifier?: string | undefined;
  readonly DBSnapshotIdentifier?: string | undefined;
}

/** Whether RDS has taken a snapshot by itself. Only such snapshots have names that begin with `rds:`. */
function isAutomated(snapshot: AnySnapshot): boolean {
  const { DBClusterSnapshotIdentifier: name = snapshot.DBSnapshotIdentifier } = snapshot;
  return snapshot.SnapshotType?.toLowerCase() === 'automated' || name?.startsWith('rds:') === true;
}

const clusters: RdsItems<Cluster> = {
  noun: 'cluster',
  backupsLeft(rds, cluster, { change, context, held }) {
    const { DBClusterIdentifier: name, ClusterCreateTime } = cluster;
    const isOf = ({ DBClusterIdentifier: of }: { readonly DBClusterIdentifier?: string | undefined }): boolean =>
      of === name;
    const left = keepsBackups(change)
      ? rds
      : {
          ...rds,
          DBClusterSnapshots: withoutAutomated(rds.DBClusterSnapshots, isOf),
          DBClusterAutomatedBackups: rds.DBClusterAutomatedBackups?.filter((one) => isRetained(one) || !isOf(one)),
        };
    const final = finalSnapshot(change);
    const place = context.places.placeOf(change);
    if (final === undefined || place === undefined || left.DBClusterSnapshots === undefined) return left;
    const arn = rdsArn(place, `cluster-snapshot:${final}`);
    const { key, isEncrypted, engine, tags, at } = ofDatabase(cluster, context, held);
    const made: ClusterSnapshot = {
      ...clusterSnapshots.available(clusterSnapshots.bare(arn)),
      ...tags,
      DBClusterIdentifier: name,
      Engine: engine,
      StorageEncrypted: isEncrypted,
      KmsKeyId: key,
      ClusterCreateTime,
      SnapshotCreateTime: at,
    };
    const list = edited(
      left.DBClusterSnapshots,
      (one) => one.DBClusterSnapshotArn === arn,
      () => made,
    );
    return clusterSnapshots.shared?.({ ...left, DBClusterSnapshots: list }, arn, []) ?? left;
  },
  attribute: 'arn',
  held: ({ DBClusters }) => DBClusters,
  put: (rds, list) => ({ ...rds, DBClusters: list }),
  arn: ({ DBClusterArn }) => DBClusterArn,
  bare: (arn) => ({ DBClusterIdentifier: nameOf(arn), DBClusterArn: arn }),
  available: (one) => ({ ...one, Status: 'available', DBClusterMembers: [] }),
  filled: (one, change, context, { rds, evidence }) => ({
    ...one,
    ...databaseFields(change, context, sourceOfCluster(change, context, rds), evidence),
    ...membersOf(change),
    ...replicaOfCluster(change, context),
    ...field('DBSubnetGroup', change, 'db_subnet_group_name', context),
    ...field('DBClusterParameterGroup', change, 'db_cluster_parameter_group_name', context),
  }),
};

/** The instances of a cluster that the provider has read. */
function membersOf({ after, unknown }: PlannedChange): Pick<Cluster, 'DBClusterMembers'> {
  const names = propertyOf(after, 'cluster_members');
  if (!isList(names) || holdsTrue(isJson(unknown) ? propertyOf(unknown, 'cluster_members') : unknown)) return {};
  const texts = names.filter((one) => typeof one === 'string');
  return { DBClusterMembers: texts.map((name) => ({ DBInstanceIdentifier: name })) };
}

/** Adds an instance to its cluster, or removes the instance from the cluster. */
function withMember(rds: Rds, arn: string, change: PlannedChange, context: OverlayContext): Rds {
  const name = nameOf(arn);
  const of = nameAt(change, 'cluster_identifier', context);
  const { DBClusters: all } = rds;
  if (all === undefined || of === undefined) return rds;
  return {
    ...rds,
    DBClusters: all.map((cluster) => {
      const { DBClusterIdentifier: id, DBClusterMembers: members } = cluster;
      if (id !== of || members === undefined) return cluster;
      // A member without a name may be any instance.
      if (members.some(({ DBInstanceIdentifier: one }) => one === undefined))
        return { ...cluster, DBClusterMembers: undefined };
      const others = members.filter(({ DBInstanceIdentifier: one }) => one !== name);
      return { ...cluster, DBClusterMembers: isGone(change) ? others : [...others, { DBInstanceIdentifier: name }] };
    }),
  };
}

const instances: RdsItems<Instance> = {
  noun: 'DB instance',
  backupsLeft(rds, instance, { change, context, held }) {
    const { DBInstanceIdentifier: name, EngineVersion } = instance;
    const isOf = ({ DBInstanceIdentifier: of }: { readonly DBInstanceIdentifier?: string | undefined }): boolean =>
      of === name;
    const left = keepsBackups(change)
      ? rds
      : {
          ...rds,
          DBSnapshots: withoutAutomated(rds.DBSnapshots, isOf),
          DBInstanceAutomatedBackups: rds.DBInstanceAutomatedBackups?.filter(
            (one) =>
              isRetained(one) || !isOf(one) || (one.DBInstanceArn ?? instance.DBInstanceArn) !== instance.DBInstanceArn,
          ),
        };
    const final = finalSnapshot(change);
    const place = context.places.placeOf(change);
    if (final === undefined || place === undefined || left.DBSnapshots === undefined) return left;
    const arn = rdsArn(place, `snapshot:${final}`);
    const { key, isEncrypted, engine, tags, at } = ofDatabase(instance, context, held);
    const made: Snapshot = {
      ...snapshots.available(snapshots.bare(arn)),
      ...tags,
      DBInstanceIdentifier: name,
      Engine: engine,
      EngineVersion,
      Encrypted: isEncrypted,
      KmsKeyId: key,
      SnapshotCreateTime: at,
    };
    const list = edited(
      left.DBSnapshots,
      (one) => one.DBSnapshotArn === arn,
      () => made,
    );
    return snapshots.shared?.({ ...left, DBSnapshots: list }, arn, []) ?? left;
  },
  also: withMember,
  attribute: 'arn',
  held: ({ DBInstances }) => DBInstances,
  put: (rds, list) => ({ ...rds, DBInstances: list }),
  arn: ({ DBInstanceArn }) => DBInstanceArn,
  bare: (arn) => ({ DBInstanceIdentifier: nameOf(arn), DBInstanceArn: arn }),
  available: (one) => ({ ...one, DBInstanceStatus: 'available' }),
  renamed: withNewName,
  inDoubt: (one) => ({ ...one, DBInstanceStatus: undefined }),
  filled: (one, change, context, { rds, evidence }) => ({
    ...one,
    ...databaseFields(change, context, sourceOfInstance(change, context, rds), evidence),
    ...tagsOfRestored(change, context, rds),
    ...field('DBInstanceStatus', change, 'status', context),
    ...clusterOf(change, context),
    ...replicaOfInstance(change, context),
  }),
};

/** The evidence without a database or snapshot. */
export function withoutNamed(evidence: Evidence, arn: string): Evidence {
  const place = placeOf(arn);
  const without = ({ rds, ...region }: Region): Region => ({
    ...region,
    rds: {
      ...rds,
      DBClusters: rds?.DBClusters?.filter(({ DBClusterArn: one }) => one !== arn),
      DBInstances: rds?.DBInstances?.filter(({ DBInstanceArn: one }) => one !== arn),
      DBClusterSnapshots: rds?.DBClusterSnapshots?.filter(({ DBClusterSnapshotArn: one }) => one !== arn),
      DBSnapshots: rds?.DBSnapshots?.filter(({ DBSnapshotArn: one }) => one !== arn),
    },
  });
  return (place && withRegion(evidence, place, without)) ?? evidence;
}

/** The evidence with another name of a DB instance. */
export function withInstanceNamed(evidence: Evidence, arn: string, name: string): Evidence {
  const place = placeOf(arn);
  const withName = (one: Instance): Instance =>
    one.DBInstanceArn === arn && place !== undefined
      ? { ...one, DBInstanceIdentifier: name, DBInstanceArn: rdsArn(place, `db:${name}`) }
      : one;
  const after =
    place &&
    withRegion(evidence, place, ({ rds, ...region }) => ({
      ...region,
      rds: { ...rds, DBInstances: rds?.DBInstances?.map(withName) },
    }));
  return after ?? evidence;
}

function withNewName(one: Instance, { after }: PlannedChange, place: Place): Instance {
  // RDS stores names in lower case.
  const name = textIn(after, 'identifier')?.toLowerCase();
  return name === undefined ? one : { ...one, DBInstanceIdentifier: name, DBInstanceArn: rdsArn(place, `db:${name}`) };
}

/**
 * If a DB instance is restored from a snapshot without tags of its own, RDS gives it the tags of
 * the source instance, in the same account (rds-kms-operations-2 12.7). If the source instance has
 * none, the tags of the snapshot count.
 */
function tagsOfRestored(change: PlannedChange, { planned, places }: OverlayContext, rds: Rds): Tagged {
  if (!isMade(change) || planned.valueAt(change, ['snapshot_identifier']).is === 'not given') return {};
  const snapshot = named(rds.DBSnapshots, (one) => one.DBSnapshotArn, places.textAt(change, 'snapshot_identifier'));
  if (snapshot === undefined) return { TagList: undefined };
  if (accountOf(snapshot.DBSnapshotArn) !== places.accountOf(change)) return {};
  const { DBInstanceIdentifier: name, TagList: copied } = snapshot;
  const source = rds.DBInstances?.find((one) => one.DBInstanceIdentifier === name);
  const own = source?.TagList;
  // An instance without a list may have other tags.
  const isEmpty = source === undefined || own?.length === 0;
  return { TagList: isEmpty && copied !== undefined && copied.length > 0 ? copied : own };
}

/** The cluster of an instance. Undefined: known only after apply. */
function clusterOf(change: PlannedChange, context: OverlayContext): Pick<Instance, 'DBClusterIdentifier'> {
  const value = context.planned.valueAt(change, ['cluster_identifier']);
  return value.is === 'not given' ? {} : { DBClusterIdentifier: nameAt(change, 'cluster_identifier', context) };
}

/**
 * The values that a snapshot takes from its source. Undefined: the value is not known, or there is
 * none.
 */
interface Origin {
  readonly key: string | undefined;
  readonly isEncrypted: boolean | undefined;
  readonly engine: string | undefined;
  /**
   * The tags that RDS copies. An empty object: none. `TagList` undefined: the tags are not known.
   */
  readonly tags: Tagged;
  /** The time at which the snapshot is taken. */
  readonly at: string | undefined;
}

/** The values of a snapshot of a database. */
function ofDatabase(
  database: Cluster | Instance | undefined,
  { planned: { plan } }: OverlayContext,
  { evidence }: Held,
): Origin {
  const { KmsKeyId: key, StorageEncrypted: isEncrypted, Engine: engine, TagList } = database ?? {};
  const copies = database?.CopyTagsToSnapshot;
  // A database in a list that was not read may have tags, and copy them.
  const isOpen = copies === undefined && TagList?.length !== 0;
  // The apply comes after the data was read, so no other snapshot is newer.
  const at = [evidence.collectedAt, plan.timestamp]
    .flatMap((one) => one ?? [])
    .toSorted()
    .at(-1);
  return { key, isEncrypted, engine, at, tags: copies === true ? { TagList } : isOpen ? { TagList: undefined } : {} };
}

/** The values of a copy of a snapshot. `isEncrypted`: whether the source is encrypted. */
function ofSnapshot(
  source: Snapshot | ClusterSnapshot | undefined,
  isEncrypted: boolean | undefined,
  change: PlannedChange,
  { places, planned }: OverlayContext,
): Origin {
  const { KmsKeyId, Engine: engine, TagList } = source ?? {};
  // The provider sends no key of another Region, and RDS does not choose a key in the Region of the
  // copy.
  const isHere = KmsKeyId !== undefined && placeOf(KmsKeyId)?.region === places.placeOf(change)?.region;
  const copies = planned.valueAt(change, ['copy_tags']);
  const isCopied = copies.is === 'known' ? copies.value === true : copies.is === 'not given' ? false : undefined;
  const tags = isCopied === false ? {} : { TagList: isCopied === true ? TagList : undefined };
  return { key: isHere ? KmsKeyId : undefined, isEncrypted, engine, at: undefined, tags };
}

function isCopy({ type }: PlannedChange): boolean {
  return type.endsWith('_snapshot_copy');
}

/** The lists of the Region of an ARN. A name means the Region of the change. */
function listFor(name: string | undefined, { evidence: { accounts }, rds }: Held): Rds {
  const place = name === undefined ? undefined : placeOf(name);
  return place === undefined ? rds : (accounts[place.account]?.regions?.[place.region]?.rds ?? {});
}

/** Fields that both kinds of snapshots have in common. */
function snapshotFields(
  { KmsKeyId: own }: Snapshot | ClusterSnapshot,
  change: PlannedChange,
  context: OverlayContext & Pick<Held, 'evidence'>,
  { key: ofOrigin, isEncrypted, engine, tags, at }: Origin,
) {
  const { places, evidence } = context;
  // A key that the plan does not show is not the key of the origin.
  const asked = keyField(evidence, change, 'kms_key_id', context);
  const isAsked = Object.hasOwn(asked, 'KmsKeyId');
  const given = isAsked ? asked['KmsKeyId'] : ofOrigin;
  // The key of a snapshot never changes.
  const key = own ?? given;
  return {
    isEncrypted: key === undefined && !isAsked ? isEncrypted : true,
    ...known('Status', places.textAt(change, 'status')),
    ...known('Engine', engine),
    ...known('KmsKeyId', key),
    ...(isMade(change) ? { ...tags, ...known('SnapshotCreateTime', at) } : {}),
  };
}

/** Whether a name or ARN means an item. RDS stores names in lower case. */
function isNamed(name: string, arn: string): boolean {
  const own = name.toLowerCase();
  // An ARN is parsed only if it ends in the name, because there are many.
  return name === arn || (arn.endsWith(own) && own === nameOf(arn));
}

function restorableBy(accounts: string[]): { AttributeName: string; AttributeValues: string[] }[] {
  return [{ AttributeName: 'restore', AttributeValues: accounts }];
}

/**
 * Cluster snapshots. Terraform creates only manual snapshots. A new snapshot has the key of its
 * database, and a copy has the key of the request.
 */
const clusterSnapshots: RdsItems<ClusterSnapshot> = {
  noun: 'cluster snapshot',
  attribute: 'db_cluster_snapshot_arn',
  held: ({ DBClusterSnapshots }) => DBClusterSnapshots,
  put: (rds, list) => ({ ...rds, DBClusterSnapshots: list }),
  arn: ({ DBClusterSnapshotArn }) => DBClusterSnapshotArn,
  bare: (arn) => ({ DBClusterSnapshotIdentifier: nameOf(arn), DBClusterSnapshotArn: arn, SnapshotType: 'manual' }),
  available: (one) => ({ ...one, Status: 'available' }),
  filled(one, change, context, held) {
    const copied = context.places.textAt(change, 'source_db_cluster_snapshot_identifier');
    const source = named(listFor(copied, held).DBClusterSnapshots, (it) => it.DBClusterSnapshotArn, copied);
    const of = isCopy(change) ? source?.DBClusterIdentifier : nameAt(change, 'db_cluster_identifier', context);
    const cluster = held.rds.DBClusters?.find(({ DBClusterIdentifier: id }) => id === of);
    const origin = isCopy(change)
      ? ofSnapshot(source, source?.StorageEncrypted, change, context)
      : ofDatabase(cluster, context, held);
    const { isEncrypted, ...fields } = snapshotFields(one, change, { ...context, evidence: held.evidence }, origin);
    return {
      ...one,
      ...known('DBClusterIdentifier', of),
      ...known('ClusterCreateTime', isMade(change) ? (source ?? cluster)?.ClusterCreateTime : undefined),
      ...known('StorageEncrypted', isEncrypted),
      ...fields,
    };
  },
  shared(rds, arn, accounts) {
    const { DBClusterSnapshotAttributes: held = [] } = rds;
    const attributes =
      accounts === undefined
        ? undefined
        : { DBClusterSnapshotIdentifier: nameOf(arn), DBClusterSnapshotAttributes: restorableBy(accounts) };
    const list = edited(
      held,
      ({ DBClusterSnapshotIdentifier: name }) => isNamed(name, arn),
      () => attributes,
    );
    return { ...rds, DBClusterSnapshotAttributes: list };
  },
};

const snapshots: RdsItems<Snapshot> = {
  noun: 'DB snapshot',
  attribute: 'db_snapshot_arn',
  held: ({ DBSnapshots }) => DBSnapshots,
  put: (rds, list) => ({ ...rds, DBSnapshots: list }),
  arn: ({ DBSnapshotArn }) => DBSnapshotArn,
  bare: (arn) => ({ DBSnapshotIdentifier: nameOf(arn), DBSnapshotArn: arn, SnapshotType: 'manual' }),
  available: (one) => ({ ...one, Status: 'available' }),
  filled(one, change, context, held) {
    const copied = context.places.textAt(change, 'source_db_snapshot_identifier');
    const source = named(listFor(copied, held).DBSnapshots, (it) => it.DBSnapshotArn, copied);
    const of = isCopy(change) ? source?.DBInstanceIdentifier : nameAt(change, 'db_instance_identifier', context);
    const instance = held.rds.DBInstances?.find(({ DBInstanceIdentifier: id }) => id === of);
    const origin = isCopy(change)
      ? ofSnapshot(source, source?.Encrypted, change, context)
      : ofDatabase(instance, context, held);
    const { isEncrypted, ...fields } = snapshotFields(one, change, { ...context, evidence: held.evidence }, origin);
    return {
      ...one,
      ...known('DBInstanceIdentifier', of),
      ...known('Encrypted', isEncrypted),
      ...fields,
    };
  },
  shared(rds, arn, accounts) {
    const { DBSnapshotAttributes: held = [] } = rds;
    const attributes =
      accounts === undefined
        ? undefined
        : { DBSnapshotIdentifier: nameOf(arn), DBSnapshotAttributes: restorableBy(accounts) };
    const list = edited(
      held,
      ({ DBSnapshotIdentifier: name }) => isNamed(name, arn),
      () => attributes,
    );
    return { ...rds, DBSnapshotAttributes: list };
  },
};

/** Rows of the overlay for databases and snapshots, by type. */
export const databaseRows: Readonly<Record<string, OverlayRow>> = {
  aws_rds_cluster: withOpenSource(listedAtSource(joining(rowOf(clusters)))),
  aws_docdb_cluster: joining(rowOf(clusters)),
  aws_neptune_cluster: joining(rowOf(clusters)),
  aws_db_instance: withOpenSource(listedAtSource(rowOf(instances))),
  aws_rds_cluster_instance: rowOf(instances),
  aws_docdb_cluster_instance: rowOf(instances),
  aws_neptune_cluster_instance: rowOf(instances),
  aws_db_cluster_snapshot: rowOf(clusterSnapshots),
  aws_docdb_cluster_snapshot: rowOf(clusterSnapshots),
  aws_neptune_cluster_snapshot: rowOf(clusterSnapshots),
  aws_db_snapshot: rowOf(snapshots),
  aws_rds_cluster_snapshot_copy: rowOf(clusterSnapshots),
  aws_db_snapshot_copy: rowOf(snapshots),
};
