import { isSamePlace, type Place, parseArn } from '../base/arn.ts';
import { propertyOf } from './configuration.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';
import { tagsAt, tagsOf } from './planned-tags.ts';

/*
 * Finds the resources of the plan that data sources will find, if they are read only during the
 * apply.
 */

/** The alias of the plan that has an ARN. Undefined: there is none, or there are several. */
export function aliasWith(
  arn: string | undefined,
  { changes }: PlannedChanges,
  arnOf: (change: PlannedChange) => string | undefined,
): PlannedChange | undefined {
  if (parseArn(arn ?? '')?.type !== 'alias') return undefined;
  const [alias, ...others] = changes.filter(
    (one) => one.type === 'aws_kms_alias' && !one.isData && one.kind !== 'delete' && arnOf(one) === arn,
  );
  return others.length === 0 ? alias : undefined;
}

/**
 * By data source of snapshots: the attribute that names a snapshot, the attribute that names the
 * database, the types of databases, and the attribute in which they have their names.
 */
const snapshotsOf: ReadonlyMap<string, SnapshotNames> = new Map([
  [
    'aws_db_cluster_snapshot',
    {
      named: 'db_cluster_snapshot_identifier',
      database: 'db_cluster_identifier',
      databases: ['aws_rds_cluster', 'aws_docdb_cluster', 'aws_neptune_cluster'],
      own: 'cluster_identifier',
    },
  ],
  [
    'aws_db_snapshot',
    {
      named: 'db_snapshot_identifier',
      database: 'db_instance_identifier',
      databases: ['aws_db_instance'],
      own: 'identifier',
    },
  ],
]);

interface SnapshotNames {
  readonly named: string;
  readonly database: string;
  readonly databases: readonly string[];
  readonly own: string;
}

/** How to read the texts and the places of the changes of a plan. */
interface Reading {
  readonly textAt: (change: PlannedChange, attribute: string) => string | undefined;
  readonly placeOf: (change: PlannedChange) => Place | undefined;
}

/**
 * The snapshot that a data source finds as the newest one of a database. It is the only snapshot of
 * the database that the plan makes, if the data source is read after that. Undefined: not known.
 */
export function newestFor(data: PlannedChange, planned: PlannedChanges, reading: Reading): PlannedChange | undefined {
  const { textAt, placeOf } = reading;
  const of = snapshotsOf.get(data.type);
  const isSet = (name: string): boolean => planned.valueAt(data, [name]).is !== 'not given';
  if (of === undefined || !data.isData || propertyOf(data.after, 'most_recent') !== true) return undefined;
  if (isSet(of.named) || (isSet('snapshot_type') && textAt(data, 'snapshot_type') !== 'manual')) return undefined;
  // RDS stores names in lower case.
  const nameOf = (one: PlannedChange): string | undefined => textAt(one, of.database)?.toLowerCase();
  const database = nameOf(data);
  const isPerhaps = (name: unknown): boolean => typeof name !== 'string' || name.toLowerCase() === database;
  const [only, ...others] = planned.changes.filter((one) => {
    const isCreated = one.kind === 'create' || one.kind === 'replace';
    const isDeleted = one.kind === 'delete' || one.kind === 'replace';
    // The deletion of a database can create a final snapshot.
    if (of.databases.includes(one.type)) return isDeleted && isPerhaps(propertyOf(one.before, of.own));
    if (one.type === `${data.type}_copy`) return isCreated;
    return one.type === data.type && !one.isData && isCreated && isPerhaps(nameOf(one));
  });
  if (database === undefined || only === undefined || others.length > 0) return undefined;
  const isOfDatabase = only.type === data.type && nameOf(only) === database;
  const isThere = isSamePlace(placeOf(data), placeOf(only));
  return isOfDatabase && isThere && data.dependsOn.includes(only.identity) && hasTags(planned, only, data)
    ? only
    : undefined;
}

/** Whether a resource will have the tags that a data source looks for. */
function hasTags(planned: PlannedChanges, change: PlannedChange, data: PlannedChange): boolean {
  if (planned.valueAt(data, ['tags']).is === 'not given') return true;
  const [wanted, all] = [tagsAt(data, 'tags'), tagsOf(planned, change)];
  if (wanted === undefined || wanted === 'unknown' || all === undefined || all === 'unknown') return false;
  return Object.entries(wanted).every(([key, value]) => propertyOf(all, key) === value);
}
