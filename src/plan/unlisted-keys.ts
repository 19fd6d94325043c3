import { placeOf } from '../base/arn.ts';
import type { Evidence } from '../evidence/schema.ts';
import { showsStream, streamType } from './activity-streams.ts';
import { propertyOf } from './configuration.ts';
import { databaseRows, showsOtherKey } from './databases.ts';
import { isGone, isMade, type OverlayContext, textIn } from './overlay-row.ts';
import { isPartOfText } from './places.ts';
import type { PlannedChange } from './planned-change.ts';
import { replicationRows } from './replicated-backups.ts';

/* Keys that a plan uses, and that the overlay leaves out: no list of the evidence shows them. */

/** `key`: an ARN, ID or alias. Undefined: known only after apply. */
export interface UnlistedKey {
  readonly change: PlannedChange;
  readonly attribute: string;
  readonly key: string | undefined;
}

const ofDatabases = /^aws_(?:rds|db|docdb|neptune)_/;

/** The keys of databases, apart from those of their storage. */
const besideStorage = ['master_user_secret_kms_key_id', 'performance_insights_kms_key_id'];

/** The attributes in which other resources of RDS name their key. */
const ofOthers = ['kms_key_id', 'kms_key_arn'];

/** The keys that changes use from now on. `after`: the evidence with the changes. */
export function unlistedKeys(
  changes: readonly PlannedChange[],
  after: Evidence,
  context: Pick<OverlayContext, 'planned' | 'places'>,
): readonly UnlistedKey[] {
  const { planned, places } = context;
  return changes.flatMap((change) => {
    const { type, isAws, before } = change;
    if (!isAws || !ofDatabases.test(type) || isGone(change)) return [];
    const isDatabase = Object.hasOwn(databaseRows, type);
    const attributes = isDatabase ? besideStorage : ofOthers;
    const replaced = isDatabase && change.kind === 'replace' ? keyOfReplaced(change, after, context) : [];
    const others = attributes.flatMap((attribute): readonly UnlistedKey[] => {
      const value = planned.valueAt(change, [attribute]);
      if (value.is === 'not given') return [];
      // The evidence has what does not change.
      const held = propertyOf(before, attribute);
      const isKept = change.kind === 'update' || (isDatabase && change.kind === 'replace');
      if (isKept && held !== undefined && held === propertyOf(change.after, attribute)) return [];
      const text = places.textOf(value);
      const key = text !== undefined && isPartOfText([attribute], value, text) ? undefined : text;
      // The list of automated backups shows the key of a new one.
      const isReplicated = isMade(change) && Object.hasOwn(replicationRows, type);
      const isListed = isDatabase
        ? change.kind !== 'replace' && showsOtherKey(change, attribute, context)
        : isReplicated || (type === streamType && showsStream(after, change, context));
      return key !== undefined && isListed ? [] : [{ change, attribute, key }];
    });
    return [...replaced, ...others];
  });
}

/**
 * The key of a database or snapshot that replaces another one. Questions about keys keep the old one, so the
 * new one is in no list, unless it has the same key.
 */
function keyOfReplaced(
  change: PlannedChange,
  after: Evidence,
  { places }: Pick<OverlayContext, 'places'>,
): readonly UnlistedKey[] {
  const [arn, attribute] = [places.arnOf(change), 'kms_key_id'];
  const place = arn === undefined ? undefined : placeOf(arn);
  const { rds = {} } = (place && after.accounts[place.account]?.regions?.[place.region]) ?? {};
  const { DBClusters = [], DBInstances = [], DBClusterSnapshots = [], DBSnapshots = [] } = rds;
  const found = [
    ...DBClusters.filter((one) => one.DBClusterArn === arn),
    // An instance of a cluster has the volume of the cluster.
    ...DBInstances.filter((one) => one.DBInstanceArn === arn && one.DBClusterIdentifier === undefined),
    ...DBClusterSnapshots.filter((one) => one.DBClusterSnapshotArn === arn),
    ...DBSnapshots.filter((one) => one.DBSnapshotArn === arn),
  ];
  const old = textIn(change.before, 'kms_key_id') ?? textIn(change.before, 'kms_key_arn');
  return found.flatMap(({ KmsKeyId: key, ...one }) => {
    const isEncrypted =
      'Encrypted' in one ? one.Encrypted : 'StorageEncrypted' in one ? one.StorageEncrypted : undefined;
    return isEncrypted === false || (key !== undefined && key === old) ? [] : [{ change, attribute, key }];
  });
}

/**
 * A change uses a key in a way that no list of the evidence shows. `perhaps`: the plan does not show
 * which key it is.
 */
export interface UnlistedUse {
  readonly code: 'plan-key-used';
  readonly address: string;
  readonly attribute: string;
  readonly perhaps: boolean;
}

/** `names`: the ARN, the ID and the aliases of a key. */
export function usesAs(all: readonly UnlistedKey[], names: ReadonlySet<string>): readonly UnlistedUse[] {
  return all.flatMap(({ change: { address }, attribute, key }): readonly UnlistedUse[] =>
    key === undefined || names.has(key)
      ? [{ code: 'plan-key-used', address, attribute, perhaps: key === undefined }]
      : [],
  );
}
