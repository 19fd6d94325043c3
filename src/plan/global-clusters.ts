import { accountOf, isArn, rdsArn } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import type { Cluster, Evidence, Region } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import {
  chosenName,
  isGone,
  isMade,
  type OverlayContext,
  type OverlayRow,
  textIn,
  thingNotKnown,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/* The clusters that join and leave global clusters in a plan. */

const attribute = 'global_cluster_identifier';

/**
 * The global cluster of a cluster. An empty text: none. Undefined: the change says nothing about
 * it, so another change may decide.
 */
function globalClusterOf(change: PlannedChange, context: OverlayContext): string | undefined {
  const value = context.planned.valueAt(change, [attribute]);
  const refused = refusedGlobal(change, context);
  if (refused !== undefined) {
    context.note({ code: 'global-cluster-not-joined', global: refused });
    return undefined;
  }
  if (value.is !== 'not given') return nameOfGlobal(change, context);
  const isRead = change.before === undefined && change.kind === 'update';
  // The provider shows an empty name for a cluster that is in no global cluster.
  if (isRead) return propertyOf(change.after, attribute) === '' ? '' : undefined;
  return textIn(change.before, attribute) === undefined ? undefined : '';
}

/**
 * The global cluster into which an update would put a cluster. The provider ends with an error instead,
 * once it has sent the other changes of the cluster. Undefined: none, or the plan does not show which.
 */
export function refusedGlobal(
  change: PlannedChange,
  { planned, places }: Pick<OverlayContext, 'planned' | 'places'>,
): string | undefined {
  if (change.kind !== 'update' || change.before === undefined) return undefined;
  const name = places.textOf(planned.valueAt(change, [attribute]));
  return name === undefined || name === '' || name === textIn(change.before, attribute) ? undefined : name;
}

/** The name of a global cluster, which may be one that the plan creates. */
function nameOfGlobal(change: PlannedChange, { planned, places }: OverlayContext): string {
  const value = planned.valueAt(change, [attribute]);
  const named = value.is === 'later' ? planned.valueAt(value.of, [attribute]) : value;
  return places.textOf(named) ?? chosenName(value.is === 'later' ? value.of : change);
}

/**
 * A row for clusters that also puts a cluster into its global cluster. The list of global clusters
 * has the members, which may be in other Regions.
 */
export function joining(row: OverlayRow): OverlayRow {
  return (evidence, change, context) => {
    const after = row(evidence, change, context);
    return 'why' in after ? after : { evidence: withGlobalCluster(after.evidence, change, context) };
  };
}

/** The evidence with the global cluster that a change of a cluster gives the cluster. */
function withGlobalCluster(evidence: Evidence, change: PlannedChange, context: OverlayContext): Evidence {
  const arn = isGone(change) ? textIn(change.before, 'arn') : context.places.arnOf(change);
  if (arn === undefined) return evidence;
  const name = isGone(change) ? '' : globalClusterOf(change, context);
  return name === undefined ? evidence : withMember(evidence, arn, name);
}

/** Puts a cluster into a global cluster. `name` empty: takes the cluster out of any. */
function withMember(evidence: Evidence, arn: string, name: string): Evidence {
  const held = evidence.accounts[accountOf(arn)];
  if (held?.regions === undefined) return evidence;
  const changed = Object.entries(held.regions).flatMap(([id, region]) => {
    const after = region.rds && withMemberIn(region.rds, arn, name);
    return after === region.rds ? [] : [[id, { ...region, rds: after }] as const];
  });
  if (changed.length === 0) return evidence;
  const regions = { ...held.regions, ...Object.fromEntries(changed) };
  return { ...evidence, accounts: { ...evidence.accounts, [accountOf(arn)]: { ...held, regions } } };
}

type Rds = NonNullable<Region['rds']>;

/** What does not change stays the same object. */
function withMemberIn(rds: Rds, arn: string, name: string): Rds {
  const { DBClusters: clusters, GlobalClusters: globals } = rds;
  const joins = (one: Cluster): boolean => one.DBClusterArn === arn && (one.GlobalClusterIdentifier ?? '') !== name;
  const listed = globals?.map((one) => withListed(one, arn, name));
  const isJoined = clusters?.some(joins) === true;
  const isListed = listed?.some((one, at) => one !== globals?.[at]) === true;
  if (!isJoined && !isListed) return rds;
  return {
    ...rds,
    ...(isJoined
      ? { DBClusters: clusters.map((one) => (joins(one) ? { ...one, GlobalClusterIdentifier: name } : one)) }
      : {}),
    ...(isListed ? { GlobalClusters: listed } : {}),
  };
}

type Global = NonNullable<Rds['GlobalClusters']>[number];

/** A global cluster with a cluster among its members, or without the cluster. */
function withListed(global: Global, arn: string, name: string): Global {
  const { GlobalClusterIdentifier: own, GlobalClusterMembers: members } = global;
  if (members === undefined) return global;
  const isListed = members.some(({ DBClusterArn: one, Readers: readers = [] }) => one === arn || readers.includes(arn));
  if (own === name)
    return isListed
      ? global
      : { ...global, GlobalClusterMembers: [...members, { DBClusterArn: arn, IsWriter: false }] };
  if (!isListed) return global;
  const others = members.filter((one) => one.DBClusterArn !== arn);
  return {
    ...global,
    GlobalClusterMembers: others.map((one) =>
      one.Readers === undefined ? one : { ...one, Readers: one.Readers.filter((reader) => reader !== arn) },
    ),
  };
}

/** The ARNs of the members that the provider has read. */
function membersRead(json: PlannedChange['before']): readonly string[] {
  const members = propertyOf(json, 'global_cluster_members');
  return (isList(members) ? members : []).flatMap((one) => (isJson(one) ? (textIn(one, 'db_cluster_arn') ?? []) : []));
}

/**
 * A new global cluster has the cluster that it is made from. A global cluster can be deleted only
 * without members, so the members leave before.
 */
const globalClusterRow: OverlayRow = (evidence, change, context) => {
  const { planned, places } = context;
  if (isGone(change)) return { evidence: withoutGlobal(evidence, change) };
  const name = places.textAt(change, attribute) ?? chosenName(change);
  if (!isMade(change))
    return { evidence: membersRead(change.after).reduce((held, arn) => withMember(held, arn, name), evidence) };
  if (planned.valueAt(change, ['source_db_cluster_identifier']).is === 'not given') return { evidence };
  const source = places.textAt(change, 'source_db_cluster_identifier');
  const place = places.placeOf(change);
  const arn =
    source === undefined || isArn(source) ? source : place && rdsArn(place, `cluster:${source.toLowerCase()}`);
  if (arn === undefined) return thingNotKnown('the cluster of the global cluster');
  return { evidence: withMember(evidence, arn, name) };
};

function withoutGlobal(evidence: Evidence, { before }: PlannedChange): Evidence {
  const name = textIn(before, attribute);
  const [first] = membersRead(before);
  const accounts = Object.keys(evidence.accounts).filter((id) => first === undefined || id === accountOf(first));
  const members = accounts.flatMap((id) =>
    Object.values(evidence.accounts[id]?.regions ?? {}).flatMap(({ rds }) =>
      (rds?.DBClusters ?? []).flatMap((one) =>
        name !== undefined && one.GlobalClusterIdentifier === name ? [one.DBClusterArn] : [],
      ),
    ),
  );
  return [...new Set([...membersRead(before), ...members])].reduce((held, arn) => withMember(held, arn, ''), evidence);
}

/**
 * For the deletion of a cluster in a global cluster: the step before, in which the provider takes
 * the cluster out of the global cluster. Empty: the cluster is in none.
 */
export function leavingGlobal(change: PlannedChange): readonly PlannedChange[] {
  const [arn, name] = [textIn(change.before, 'arn'), textIn(change.before, attribute)];
  if (!/^aws_(?:rds|docdb|neptune)_cluster$/.test(change.type) || arn === undefined || name === undefined) return [];
  const before = { global_cluster_members: [{ db_cluster_arn: arn }] };
  return [{ ...change, type: 'aws_rds_global_cluster', kind: 'delete', before, after: undefined, dependsOn: [] }];
}

/** Applied after the clusters, which are the members. */
export const globalClusterRows: Readonly<Record<string, OverlayRow>> = {
  aws_rds_global_cluster: globalClusterRow,
  aws_docdb_global_cluster: globalClusterRow,
  aws_neptune_global_cluster: globalClusterRow,
};
