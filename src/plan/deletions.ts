import { placeOf } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { lazily } from '../base/lazily.ts';
import type { Evidence } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { gone } from './conflicts.ts';
import { withoutKeys } from './dependencies.ts';
import { withRegion } from './edits.ts';
import { leavingGlobal } from './global-clusters.ts';
import { textIn } from './overlay-row.ts';
import type { StateModule } from './plan-file.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';
import { isPromoted } from './replicas.ts';

/* The order of the deletions of a plan, and the evidence in which each of them is checked. */

export function goes({ kind }: PlannedChange): boolean {
  return kind === 'delete' || kind === 'replace';
}

/** What is known about the time at which an old resource is deleted. */
interface Deletion {
  /** The changes that may come before. */
  readonly there: readonly PlannedChange[];
  /** The changes to databases that certainly come before. */
  readonly first: readonly PlannedChange[];
  /** The changes that come after. */
  readonly later: ReadonlySet<PlannedChange> | undefined;
  readonly whenAll: () => Evidence;
  /** The evidence without what comes after. Undefined: nothing does. */
  readonly whenSooner: (() => Evidence) | undefined;
}

/**
 * The deletions of a plan. `policies`: the changes other than those of databases. `members`: the
 * instances of clusters that go, which happens before the clusters go.
 */
export function deletionsIn(
  planned: PlannedChanges,
  changes: readonly PlannedChange[],
  policies: readonly PlannedChange[],
  laid: (changes: readonly PlannedChange[]) => Evidence,
): {
  readonly members: readonly PlannedChange[];
  readonly deletionOf: (change: PlannedChange, isOfCluster: boolean) => Deletion;
} {
  const goLater = deletionsAfter(planned, policies);
  const replicasOf = replicasThatEnd(planned, changes);
  const instances = changes.filter(isMemberThatGoes).map(gone);
  const members = [...instances, ...changes.filter(goes).flatMap(leavingGlobal)];
  const isFirst = comesFirst(planned, changes);
  const plain = lazily(() => laid(policies));
  const ofClusters = lazily(() => laid([...policies, ...members]));
  return {
    members,
    deletionOf(change, isOfCluster) {
      const later = goLater(change);
      const replicas = isOfCluster ? replicasOf(change) : noReplicas;
      const last = isOfCluster ? instances.filter((one) => mayBeIn(one, change) && !isFirst(one, change)) : [];
      const unordered = [...last, ...replicas.all.filter((one) => !replicas.first.includes(one))];
      const sooner = isOfCluster ? [...members, ...replicas.all] : [];
      return {
        there: unordered.length === 0 ? policies : [...policies, ...unordered],
        first: isOfCluster ? [...members.filter((one) => !last.includes(one)), ...replicas.first] : [],
        later,
        whenAll: () =>
          replicas.all.length > 0 ? laid([...policies, ...sooner]) : isOfCluster ? ofClusters() : plain(),
        whenSooner:
          later === undefined || later.size === 0
            ? undefined
            : () => laid([...policies.filter((one) => !later.has(one)), ...sooner]),
      };
    },
  };
}

/**
 * Finds the deletions and replacements that come after the deletion of a resource: those of the
 * resources that it depended on, according to the state. Undefined: none.
 */
function deletionsAfter(
  { plan }: PlannedChanges,
  changes: readonly PlannedChange[],
): (change: PlannedChange) => ReadonlySet<PlannedChange> | undefined {
  const byNode = groupBy(
    changes.filter((one) => goes(one) && !one.makesFirst),
    ({ address }) => withoutKeys(address),
  );
  const needed = new Map<string, readonly string[]>();
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    for (const { address, depends_on: needs } of resources) if (needs.length > 0) needed.set(address, needs);
    modules.forEach(visit);
  };
  const root = plan.prior_state?.values?.root_module;
  if (root !== undefined && byNode.size > 0) visit(root);
  return ({ address }) => {
    const needs = needed.get(address);
    return needs && new Set(needs.flatMap((one) => byNode.get(one) ?? []));
  };
}

/**
 * The evidence with a database unprotected, if the provider turns its deletion protection off before it
 * deletes the database: the state says that the protection is off already, and that changes apply at
 * once. Undefined: the provider does not turn the protection off.
 */
export function withoutProtection(evidence: Evidence, change: PlannedChange): Evidence | undefined {
  const { type, before } = change;
  const arn = textIn(before, 'arn');
  const lifts = propertyOf(before, 'apply_immediately') === true && propertyOf(before, 'deletion_protection') !== true;
  if (!goes(change) || !/^aws_(?:rds_cluster|db_instance)$/.test(type) || !lifts) return undefined;
  return unprotected(evidence, arn);
}

/** The evidence without the deletion protection of a database. `isSure`: false if it may be on. */
export function unprotected(evidence: Evidence, arn: string | undefined, isSure = true): Evidence | undefined {
  const place = arn === undefined ? undefined : placeOf(arn);
  const free = <T extends { DeletionProtection?: boolean | undefined }>(one: T, is: string): T =>
    is === arn ? { ...one, DeletionProtection: isSure ? false : undefined } : one;
  return (
    place &&
    withRegion(evidence, place, ({ rds = {}, ...region }) => ({
      ...region,
      rds: {
        ...rds,
        DBClusters: rds.DBClusters?.map((one) => free(one, one.DBClusterArn)),
        DBInstances: rds.DBInstances?.map((one) => free(one, one.DBInstanceArn)),
      },
    }))
  );
}

/** Whether the change deletes an instance of a cluster. */
function isMemberThatGoes(change: PlannedChange): boolean {
  return change.type === 'aws_rds_cluster_instance' && goes(change);
}

/** Whether an instance may belong to a cluster, by the names before the apply. */
function mayBeIn({ before: instance }: PlannedChange, { before: cluster }: PlannedChange): boolean {
  const [of, name] = [instance, cluster].map((one) => textIn(one, 'cluster_identifier')?.toLowerCase());
  return of === undefined || name === undefined || of === name;
}

/**
 * Finds out whether a resource is certainly deleted before another one, because it depends on that
 * one. A plan without a state does not show the dependencies of deleted resources, so all are taken
 * to have them.
 */
function comesFirst(
  planned: PlannedChanges,
  changes: readonly PlannedChange[],
): (one: PlannedChange, other: PlannedChange) => boolean {
  if (planned.plan.prior_state?.values?.root_module === undefined) return () => true;
  const goLater = lazily(() => deletionsAfter(planned, changes));
  return (one, other) =>
    one.dependsOn.includes(other.identity) ||
    [...(goLater()(one) ?? [])].some(({ identity }) => identity === other.identity);
}

/** Changes that end the replication of clusters before another cluster is deleted. */
interface EndingReplicas {
  readonly all: readonly PlannedChange[];
  /** Those that certainly come first. */
  readonly first: readonly PlannedChange[];
}

const noReplicas: EndingReplicas = { all: [], first: [] };

/**
 * Finds the replica clusters that a plan deletes or promotes, apart from a change itself. The deletion
 * of a replica comes before that of the cluster on which it depends.
 */
function replicasThatEnd(
  planned: PlannedChanges,
  changes: readonly PlannedChange[],
): (change: PlannedChange) => EndingReplicas {
  const replicas = changes.filter(
    (change) =>
      change.type === 'aws_rds_cluster' &&
      (textIn(change.before, 'replication_source_identifier') ?? '') !== '' &&
      (goes(change) || isPromoted(change)),
  );
  if (replicas.length === 0) return () => noReplicas;
  const goLater = deletionsAfter(planned, changes);
  return (change) => {
    const others = replicas.filter((one) => one !== change);
    const isFirst = (one: PlannedChange): boolean =>
      goes(one) && (one.dependsOn.includes(change.identity) || goLater(one)?.has(change) === true);
    const ended = (one: PlannedChange): PlannedChange => (goes(one) ? gone(one) : one);
    return { all: others.map(ended), first: others.filter(isFirst).map(ended) };
  };
}
