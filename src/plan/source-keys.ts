import { isArn, isSamePlace, nameOf, type Place, placeOf } from '../base/arn.ts';
import type { Evidence } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { isOfOtherKind } from './made.ts';
import type { PlannedChange, PlannedValue } from './planned-change.ts';

/*
 * Finds the key of a database or snapshot if its configuration names none: the key of the source
 * that the resource is made from. The `kms_key_id` of another resource may refer to this key.
 */

type Path = readonly (string | number)[];
type List = 'DBClusters' | 'DBInstances' | 'DBClusterSnapshots' | 'DBSnapshots';

/**
 * By type: the attributes that name the source, and the list in the evidence that has the source.
 */
const sources: Readonly<Record<string, readonly (readonly [path: Path, list: List])[]>> = {
  aws_rds_cluster: [
    [['snapshot_identifier'], 'DBClusterSnapshots'],
    [['restore_to_point_in_time', 0, 'source_cluster_identifier'], 'DBClusters'],
  ],
  aws_db_instance: [
    [['snapshot_identifier'], 'DBSnapshots'],
    [['restore_to_point_in_time', 0, 'source_db_instance_identifier'], 'DBInstances'],
  ],
  aws_rds_cluster_instance: [[['cluster_identifier'], 'DBClusters']],
  aws_db_cluster_snapshot: [[['db_cluster_identifier'], 'DBClusters']],
  aws_db_snapshot: [[['db_instance_identifier'], 'DBInstances']],
};

/** The type that makes an item of a list, and the attribute that names the item. */
const makers: Readonly<Record<List, readonly [type: string, attribute: string]>> = {
  DBClusters: ['aws_rds_cluster', 'cluster_identifier'],
  DBInstances: ['aws_db_instance', 'identifier'],
  DBClusterSnapshots: ['aws_db_cluster_snapshot', 'db_cluster_snapshot_identifier'],
  DBSnapshots: ['aws_db_snapshot', 'db_snapshot_identifier'],
};

interface Looking {
  readonly evidence: Evidence;
  readonly changes: readonly PlannedChange[];
  readonly valueAt: (change: PlannedChange, path: Path) => PlannedValue;
  readonly textOf: (value: PlannedValue) => string | undefined;
  readonly placeOf: (change: PlannedChange) => Place | undefined;
}

/** The ARN of the key that a change will have. Undefined: none, or not known. */
export function keyOfMade(change: PlannedChange, looking: Looking): string | undefined {
  const { valueAt, textOf } = looking;
  const own = valueAt(change, ['kms_key_id']);
  const source = Object.hasOwn(sources, change.type)
    ? sources[change.type]?.find(([path]) => valueAt(change, path).is !== 'not given')
    : undefined;
  // A restored DB instance has the key of its source, whatever key the configuration names.
  if (source === undefined || (own.is !== 'not given' && change.type !== 'aws_db_instance'))
    return own.is === 'later' && own.of === change ? undefined : textOf(own);
  const [path, list] = source;
  const from = valueAt(change, path);
  const named = path.filter((step) => typeof step === 'string').at(-1) ?? '';
  if (from.is === 'later' && isOfOtherKind(named, from.of, from.name)) return undefined;
  if (from.is === 'later' && from.of !== change && Object.hasOwn(sources, from.of.type))
    return keyOfMade(from.of, looking);
  const name = textOf(from);
  if (name === undefined) return undefined;
  const place = isArn(name) ? placeOf(name) : looking.placeOf(change);
  const wanted = (isArn(name) ? nameOf(name) : name).toLowerCase();
  const [type, attribute] = makers[list];
  const maker = looking.changes.find(
    (one) =>
      one !== change &&
      one.type === type &&
      (one.kind === 'create' || one.kind === 'replace') &&
      String(propertyOf(one.after, attribute)).toLowerCase() === wanted &&
      isSamePlace(looking.placeOf(one), place),
  );
  return maker === undefined
    ? keyIn(looking.evidence, { wanted, list, place })
    : keyOfMade(maker, { ...looking, changes: looking.changes.filter((one) => one !== maker) });
}

function keyIn(
  { accounts }: Evidence,
  { wanted, list, place }: { readonly wanted: string; readonly list: List; readonly place: Place | undefined },
): string | undefined {
  if (place === undefined) return undefined;
  const { rds } = accounts[place.account]?.regions?.[place.region] ?? {};
  const found =
    list === 'DBClusters'
      ? rds?.DBClusters?.find((one) => one.DBClusterIdentifier === wanted)
      : list === 'DBInstances'
        ? rds?.DBInstances?.find((one) => one.DBInstanceIdentifier === wanted)
        : list === 'DBSnapshots'
          ? rds?.DBSnapshots?.find((one) => one.DBSnapshotIdentifier === wanted)
          : rds?.DBClusterSnapshots?.find((one) => one.DBClusterSnapshotIdentifier === wanted);
  return found?.KmsKeyId;
}
