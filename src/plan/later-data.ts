import { parseArn } from '../base/arn.ts';
import { propertyOf } from './configuration.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';

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
 * By data source of snapshots: the attribute that names a snapshot, and the attribute that names
 * the database.
 */
const snapshotsOf: ReadonlyMap<string, { readonly named: string; readonly database: string }> = new Map([
  ['aws_db_cluster_snapshot', { named: 'db_cluster_snapshot_identifier', database: 'db_cluster_identifier' }],
  ['aws_db_snapshot', { named: 'db_snapshot_identifier', database: 'db_instance_identifier' }],
]);

/**
 * The snapshot that a data source finds as the newest one of a database. It is the only snapshot of
 * the database that the plan makes, if the data source is read after that. Undefined: not known.
 */
export function newestFor(
  data: PlannedChange,
  { changes, valueAt }: PlannedChanges,
  textAt: (change: PlannedChange, attribute: string) => string | undefined,
): PlannedChange | undefined {
  const of = snapshotsOf.get(data.type);
  const isSet = (name: string): boolean => valueAt(data, [name]).is !== 'not given';
  if (of === undefined || !data.isData || propertyOf(data.after, 'most_recent') !== true) return undefined;
  if (isSet(of.named) || (isSet('snapshot_type') && textAt(data, 'snapshot_type') !== 'manual')) return undefined;
  const database = textAt(data, of.database);
  const [only, ...others] = changes.filter(
    (one) =>
      one.type === data.type &&
      !one.isData &&
      (one.kind === 'create' || one.kind === 'replace') &&
      [database, undefined].includes(textAt(one, of.database)),
  );
  const isSure =
    others.length === 0 && database !== undefined && only !== undefined && textAt(only, of.database) === database;
  return isSure && data.dependsOn.includes(only.identity) ? only : undefined;
}
