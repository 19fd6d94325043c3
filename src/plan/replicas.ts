import { isArn, nameOf, placeOf, resourceTypeOf } from '../base/arn.ts';
import { isJson } from '../base/json.ts';
import { isLaterName, plannedOther } from '../base/planned-name.ts';
import type { Cluster, Evidence, Instance, Region } from '../evidence/schema.ts';
import { isGone, isMade, type OverlayContext, type OverlayRow, textIn } from './overlay-row.ts';
import { isPartOfText } from './places.ts';
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

/** Whether a change gives a database a source to replicate, or may do so. */
export function mayReplicate(change: PlannedChange): boolean {
  const attribute = sourceAttribute(change);
  if (attribute === undefined) return false;
  const isLater = isJson(change.unknown) && change.unknown[attribute] === true;
  return isLater || textIn(change.after, attribute) !== undefined;
}

/** Whether an update makes a replica independent of its source. */
export function isPromoted(change: PlannedChange): boolean {
  const attribute = sourceAttribute(change);
  if (attribute === undefined || change.kind !== 'update') return false;
  return textIn(change.before, attribute) !== undefined && textIn(change.after, attribute) === undefined;
}

/**
 * The source that an update would give an existing database. The provider ends with an error instead.
 * Undefined: none, or the plan does not show which.
 */
function refusedSource(change: PlannedChange, { planned, places }: OverlayContext): string | undefined {
  const attribute = sourceAttribute(change);
  if (attribute === undefined || change.kind !== 'update' || change.before === undefined) return undefined;
  const source = places.textOf(planned.valueAt(change, [attribute]));
  return source === undefined || source === '' || source === textIn(change.before, attribute) ? undefined : source;
}

/**
 * The source of a replica, as RDS shows it. Undefined: the change says nothing about a source. An
 * empty text: the database is no replica any more. A placeholder: the database may be a replica, and
 * nothing shows of what.
 */
function sourceOf(change: PlannedChange, context: OverlayContext): string | undefined {
  const { planned, places } = context;
  const attribute = sourceAttribute(change);
  if (attribute === undefined) return undefined;
  const value = planned.valueAt(change, [attribute]);
  if (value.is === 'not given') return isPromoted(change) ? '' : undefined;
  if (refusedSource(change, context) !== undefined) return undefined;
  // RDS shows the name of a source in the Region of the replica, and the ARN of any other.
  const text = places.textOf(value);
  if (text === undefined || isPartOfText([attribute], value, text)) return plannedOther(change.address, '');
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

function isOfGlobal(change: PlannedChange, { planned }: OverlayContext): boolean {
  return isMade(change) && planned.valueAt(change, ['global_cluster_identifier']).is !== 'not given';
}

/** A member of a global database names no source in its request. */
export function replicaOfCluster(
  change: PlannedChange,
  context: OverlayContext,
): Pick<Cluster, 'ReplicationSourceIdentifier'> {
  const source = isOfGlobal(change, context) ? undefined : sourceOf(change, context);
  return source === undefined ? {} : { ReplicationSourceIdentifier: source };
}

/** A cluster or DB instance that a change names as the source of a replica. */
interface NamedSource {
  readonly region: string | undefined;
  readonly type: string;
  readonly name: string;
}

/** The source with this name or ARN. A name means a source in the Region of the replica, of its type. */
function namedSource(text: string | undefined, { type }: PlannedChange, region: string): NamedSource | undefined {
  if (text === undefined || text === '') return undefined;
  const name = databaseName(text);
  if (isArn(text)) return { region: placeOf(text)?.region, type: resourceTypeOf(text), name };
  return { region, type: type === 'aws_db_instance' ? 'db' : 'cluster', name };
}

/** Lists a replica at its source in any Region, and removes it at its old source. */
export const listedAtSource =
  (row: OverlayRow): OverlayRow =>
  (evidence, change, context) => {
    const made = row(evidence, change, context);
    const attribute = sourceAttribute(change);
    const arn = isGone(change) ? textIn(change.before, 'arn') : context.places.arnOf(change);
    const place = arn === undefined ? undefined : placeOf(arn);
    if (attribute === undefined || arn === undefined || place === undefined) return made;
    // The list of the replica's Region may not have been read, but the source shows the replica, too.
    const isUnread = 'why' in made && made.why.code === 'list-missing';
    if ('why' in made && !isUnread) return made;
    const refused = refusedSource(change, context);
    if (refused !== undefined) {
      context.note({ code: 'replica-source-kept', source: refused });
      return made;
    }
    const value =
      isGone(change) || isOfGlobal(change, context) ? undefined : context.planned.valueAt(change, [attribute]);
    const text = value === undefined ? undefined : context.places.textOf(value);
    const isPart = value !== undefined && text !== undefined && isPartOfText([attribute], value, text);
    const given = isPart ? undefined : text;
    const now = namedSource(given, change, place.region);
    const old = namedSource(textIn(change.before, attribute), change, place.region);
    if (now === undefined && old === undefined) return made;
    const after = listed('why' in made ? evidence : made.evidence, arn, { now, old });
    const { regions = {} } = evidence.accounts[place.account] ?? {};
    const isRead = [now, old].some((source) => regions[source?.region ?? '']?.rds !== undefined);
    return isUnread && !isRead ? made : { evidence: after };
  };

interface Sources {
  readonly now: NamedSource | undefined;
  readonly old: NamedSource | undefined;
}

function listed({ accounts, ...evidence }: Evidence, arn: string, sources: Sources): Evidence {
  const { account = '', region: own = '' } = placeOf(arn) ?? {};
  const { regions = {}, ...held } = accounts[account] ?? {};
  const ofInstance =
    resourceTypeOf(arn) === 'db' ? 'ReadReplicaDBInstanceIdentifiers' : 'ReadReplicaDBClusterIdentifiers';
  const after = Object.entries(regions).map(([name, region]): readonly [string, Region] => {
    const { rds } = region;
    if (rds === undefined || ![sources.now?.region, sources.old?.region].includes(name)) return [name, region];
    // RDS shows the name of a replica in the Region of its source, and the ARN of any other.
    const shown = name === own ? nameOf(arn) : arn;
    const isOf = (source: NamedSource | undefined, type: string, of: string): boolean =>
      source?.region === name && source.type === type && source.name === of;
    const replicas = (of: string, type: string, known: string[] | undefined): string[] | undefined => {
      const isNow = isOf(sources.now, type, of);
      const others = known?.filter((one) => one !== shown && one !== arn);
      return isNow ? [...(others ?? []), shown] : isOf(sources.old, type, of) ? others : known;
    };
    return [
      name,
      {
        ...region,
        rds: {
          ...rds,
          DBInstances: rds.DBInstances?.map((one) =>
            withList(one, ofInstance, replicas(one.DBInstanceIdentifier, 'db', one[ofInstance])),
          ),
          DBClusters: rds.DBClusters?.map((one) =>
            withList(
              one,
              'ReadReplicaIdentifiers',
              replicas(one.DBClusterIdentifier, 'cluster', one.ReadReplicaIdentifiers),
            ),
          ),
        },
      },
    ];
  });
  return { ...evidence, accounts: { ...accounts, [account]: { ...held, regions: Object.fromEntries(after) } } };
}

/** The same object if nothing changes. */
function withList<T extends object, K extends keyof T>(one: T, field: K, list: T[K]): T {
  return one[field] === list ? one : { ...one, [field]: list };
}

/**
 * How many replicas have to be applied before a change, because each is the source of the next one.
 * 0: the change makes no replica of a source that its values show.
 */
export function replicaSteps(changes: readonly PlannedChange[]): (change: PlannedChange) => number {
  const sources = new Map(
    changes.flatMap((change) => {
      const attribute = sourceAttribute(change);
      const source = attribute === undefined ? undefined : textIn(change.after, attribute);
      return source === undefined || source === '' ? [] : [[change, databaseName(source)] as const];
    }),
  );
  const byName = new Map(
    [...sources].map(([change]) => [
      textIn(change.after, 'identifier') ?? textIn(change.after, 'cluster_identifier'),
      change,
    ]),
  );
  const steps = (change: PlannedChange, most: number): number => {
    const source = sources.get(change);
    if (source === undefined || most === 0) return 0;
    const of = byName.get(source);
    return 1 + (of === undefined ? 0 : steps(of, most - 1));
  };
  return (change) => (sources.size === 0 ? 0 : steps(change, sources.size));
}

/**
 * Lists a replica at every database of its account, also at those that the plan creates later, if
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

/** A replica of which nothing shows the source. */
interface OpenReplica {
  readonly arn: string;
  /** A placeholder for the name of the source. */
  readonly source: string;
}

/** This runs for every change that creates a database, so loops take less time than lists of all databases. */
function openReplicasIn({ accounts }: Evidence, account: string): readonly OpenReplica[] {
  const found: OpenReplica[] = [];
  const note = (arn: string, source: string | undefined): void => {
    if (source !== undefined && isLaterName(source)) found.push({ arn, source });
  };
  for (const { rds } of Object.values(accounts[account]?.regions ?? {})) {
    for (const one of rds?.DBInstances ?? []) note(one.DBInstanceArn, one.ReadReplicaSourceDBInstanceIdentifier);
    for (const one of rds?.DBClusters ?? []) note(one.DBClusterArn, one.ReplicationSourceIdentifier);
  }
  return found;
}

function withPossibleReplicas(
  { accounts, ...evidence }: Evidence,
  account: string,
  all: readonly OpenReplica[],
): Evidence {
  const { regions = {}, ...held } = accounts[account] ?? {};
  const more = (arn: string, replicas: readonly OpenReplica[], known: string[] | undefined): string[] | undefined => {
    const names = replicas.flatMap((one) => (one.arn === arn ? [] : [one.source]));
    return names.length === 0 ? known : [...new Set([...(known ?? []), ...names])];
  };
  const [ofInstances, ofClusters] = [all.filter(isInstance), all.filter((one) => !isInstance(one))];
  const after = Object.entries(regions).map(([name, region]): readonly [string, Region] => {
    const { rds } = region;
    if (rds === undefined) return [name, region];
    const DBInstances = rds.DBInstances?.map((one) => ({
      ...one,
      ReadReplicaDBInstanceIdentifiers: more(one.DBInstanceArn, ofInstances, one.ReadReplicaDBInstanceIdentifiers),
      ReadReplicaDBClusterIdentifiers: more(one.DBInstanceArn, ofClusters, one.ReadReplicaDBClusterIdentifiers),
    }));
    const DBClusters = rds.DBClusters?.map((one) => ({
      ...one,
      ReadReplicaIdentifiers: more(one.DBClusterArn, all, one.ReadReplicaIdentifiers),
    }));
    return [name, { ...region, rds: { ...rds, DBInstances, DBClusters } }];
  });
  return { ...evidence, accounts: { ...accounts, [account]: { ...held, regions: Object.fromEntries(after) } } };
}

function isInstance({ arn }: OpenReplica): boolean {
  return resourceTypeOf(arn) === 'db';
}
