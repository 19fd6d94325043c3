import { isArn, nameOf, placeOf } from '../base/arn.ts';
import { isLaterName, plannedOther } from '../base/planned-name.ts';
import type { Cluster, Evidence, Instance, Region } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { isGone, isMade, type OverlayContext, type OverlayRow, textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/* The replicas that a plan creates, promotes and deletes. */

/** The attribute that names the source of a replica, by the type of the replica. */
const sourceAttributes: Readonly<Record<string, string>> = {
  aws_db_instance: 'replicate_source_db',
  aws_rds_cluster: 'replication_source_identifier',
};

function sourceAttribute({ type }: PlannedChange): string | undefined {
  return Object.hasOwn(sourceAttributes, type) ? sourceAttributes[type] : undefined;
}

/** Whether an update makes a replica independent of its source. */
export function isPromoted(change: PlannedChange): boolean {
  const attribute = sourceAttribute(change);
  if (attribute === undefined || change.kind !== 'update') return false;
  return textIn(change.before, attribute) !== undefined && textIn(change.after, attribute) === undefined;
}

/**
 * The source of a replica, as RDS shows it. Undefined: the change says nothing about a source. An
 * empty text: the database is no replica any more. A placeholder: the database may be a replica, and
 * nothing shows of what.
 */
function sourceOf(change: PlannedChange, { planned, places }: OverlayContext): string | undefined {
  const attribute = sourceAttribute(change);
  if (attribute === undefined) return undefined;
  const value = planned.valueAt(change, [attribute]);
  if (value.is === 'not given') return isPromoted(change) ? '' : undefined;
  // RDS shows the name of a source in the Region of the replica, and the ARN of any other.
  const text = places.textOf(value);
  if (text === undefined) return plannedOther(change.address, '');
  return isArn(text) && placeOf(text)?.region !== places.placeOf(change)?.region ? text : databaseName(text);
}

/** The name of a database, as RDS stores it: in lower case. */
function databaseName(nameOrArn: string): string {
  return (isArn(nameOrArn) ? nameOf(nameOrArn) : nameOrArn).toLowerCase();
}

export function replicaOfInstance(
  change: PlannedChange,
  context: OverlayContext,
): Pick<Instance, 'ReadReplicaSourceDBInstanceIdentifier'> {
  const source = sourceOf(change, context);
  return source === undefined ? {} : { ReadReplicaSourceDBInstanceIdentifier: source };
}

/** A member of a global database names no source in its request. */
export function replicaOfCluster(
  change: PlannedChange,
  context: OverlayContext,
): Pick<Cluster, 'ReplicationSourceIdentifier'> {
  const isGlobal = isMade(change) && context.planned.valueAt(change, ['global_cluster_identifier']).is !== 'not given';
  const source = isGlobal ? undefined : sourceOf(change, context);
  return source === undefined ? {} : { ReplicationSourceIdentifier: source };
}

type Rds = NonNullable<Region['rds']>;

/** Lists a replica at its source, or removes it there. `arn`: that of the replica. */
export function withReplica(rds: Rds, arn: string, change: PlannedChange, context: OverlayContext): Rds {
  const attribute = change.type === 'aws_db_instance' ? sourceAttribute(change) : undefined;
  const { DBInstances: all } = rds;
  if (attribute === undefined || all === undefined) return rds;
  const name = nameOf(arn);
  const now = isGone(change) ? '' : (sourceOf(change, context) ?? '');
  const old = propertyOf(change.before, attribute);
  const isOld = (of: string): boolean => typeof old === 'string' && databaseName(old) === of;
  return {
    ...rds,
    DBInstances: all.map((one) => {
      const { DBInstanceIdentifier: of, ReadReplicaDBInstanceIdentifiers: held } = one;
      if (of !== now && !(held !== undefined && isOld(of))) return one;
      const others = held?.filter((replica) => replica !== name) ?? [];
      return { ...one, ReadReplicaDBInstanceIdentifiers: of === now ? [...others, name] : others };
    }),
  };
}

/**
 * Lists a replica at every DB instance of its account, also at those that the plan creates later, if
 * nothing shows of which it is a replica.
 */
export const withOpenSource =
  (row: OverlayRow): OverlayRow =>
  (evidence, change, context) => {
    const made = row(evidence, change, context);
    const account = context.places.accountOf(change);
    if ('why' in made || account === undefined || isGone(change)) return made;
    const isOpen = isMade(change) || isLaterName(sourceOf(change, context) ?? '');
    const replicas = isOpen ? openReplicasIn(made.evidence, account) : [];
    return replicas.length > 0 ? { evidence: withPossibleReplicas(made.evidence, account, replicas) } : made;
  };

/** The replicas of which nothing shows the source. */
function openReplicasIn({ accounts }: Evidence, account: string): readonly Instance[] {
  return Object.values(accounts[account]?.regions ?? {}).flatMap(({ rds }) =>
    (rds?.DBInstances ?? []).filter(({ ReadReplicaSourceDBInstanceIdentifier: of = '' }) => isLaterName(of)),
  );
}

function withPossibleReplicas(
  { accounts, ...evidence }: Evidence,
  account: string,
  all: readonly Instance[],
): Evidence {
  const { regions = {}, ...held } = accounts[account] ?? {};
  const withThem = (one: Instance): Instance => {
    const names = all.flatMap(({ DBInstanceArn: arn, ReadReplicaSourceDBInstanceIdentifier: name = '' }) =>
      arn === one.DBInstanceArn ? [] : [name],
    );
    const known = one.ReadReplicaDBInstanceIdentifiers ?? [];
    return names.length === 0 ? one : { ...one, ReadReplicaDBInstanceIdentifiers: [...new Set([...known, ...names])] };
  };
  const after = Object.entries(regions).map(([name, region]): readonly [string, Region] => {
    const { rds } = region;
    return [
      name,
      rds === undefined ? region : { ...region, rds: { ...rds, DBInstances: rds.DBInstances?.map(withThem) } },
    ];
  });
  return { ...evidence, accounts: { ...accounts, [account]: { ...held, regions: Object.fromEntries(after) } } };
}
