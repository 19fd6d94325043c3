import { isSamePlace, type KnownPlace, nameOf, placeOf, rdsArn, resourceTypeOf } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { SourceFlag } from '../operations/source-flags.ts';
import { backupsThatGo, databaseRows, finalSnapshot } from './databases.ts';
import { isMade, type OverlayContext, textIn } from './overlay-row.ts';
import { isRenamed, type PlannedChange, type PlannedChanges } from './planned-change.ts';
import { isQueued, queuedIf } from './queued.ts';
import type { DerivedRequest } from './request-of-change.ts';

/*
 * Finds what else a plan does to the resources that a request reads or creates. Terraform may apply
 * these changes before or after the request.
 */

export interface Conflicts {
  /** A delete with a final snapshot: the ARN of the snapshot's key, which the same plan deletes. */
  readonly keyGoes: string | undefined;
  /**
   * The change of the same plan that deletes the source of the request. `isReplaced`: the change then
   * creates another source with the same name, and nothing puts the new source first.
   */
  readonly sourceGoes: { readonly change: PlannedChange; readonly isReplaced: boolean } | undefined;
  /**
   * The change of the same plan that deletes a database with a final snapshot, if the request reads
   * that snapshot.
   */
  readonly sourceComes: PlannedChange | undefined;
  /** Another change that takes the same name, if nothing orders the two changes. */
  readonly sameName: PlannedChange | undefined;
  /**
   * The change that frees the name that a request takes, if nothing orders the two changes. `arn`: what
   * the change deletes.
   */
  readonly nameGoes: { readonly change: PlannedChange; readonly arn: string } | undefined;
  /**
   * A DB instance that has the name that the request takes, unless RDS has renamed it, or has not yet
   * renamed it. `because`: the value that decides when RDS renames the instance.
   */
  readonly nameInDoubt: { readonly arn: string; readonly because: string } | undefined;
  /**
   * Whether the request is a delete whose state neither skips nor names the final snapshot. The
   * provider refuses such a delete.
   */
  readonly isFinalSnapshotUnnamed: boolean;
}

type Context = Pick<OverlayContext, 'places'>;

/**
 * Finds the conflicts of a request. `changes`: the changes of the plan, without those that change
 * nothing.
 */
export function conflictsIn(
  planned: PlannedChanges,
  changes: readonly PlannedChange[],
  before: Evidence,
  context: Context,
): (request: DerivedRequest) => Conflicts {
  const [going, keys] = [databasesThatGo(before, changes, context), keysThatGo(planned)];
  const sourceComes = finalSnapshots(changes, context);
  const sameName = sameNames(changes, context);
  const nameGoes = namesThatGo(going, context);
  const nameInDoubt = namesInDoubt(planned, changes, context);
  return (request) => {
    const { change, isOfOld, source } = request;
    return {
      keyGoes: source !== undefined && isOfOld ? keyThatGoes(change, keys) : undefined,
      sourceGoes: sourceThatGoes(request, going),
      sourceComes: sourceComes(request),
      sameName: sameName(request),
      nameGoes: nameGoes(request),
      nameInDoubt: nameInDoubt(request),
      isFinalSnapshotUnnamed: isOfOld && isFinalSnapshotUnnamed(change),
    };
  };
}

/**
 * The key of a final snapshot, if the plan schedules the key for deletion. KMS deletes the key 7 to
 * 30 days later, and then nobody can restore the snapshot.
 */
function keyThatGoes({ kind, before }: PlannedChange, going: ReadonlySet<string>): string | undefined {
  if (kind !== 'delete' && kind !== 'replace') return undefined;
  const key = textIn(before, 'kms_key_id') ?? '';
  const takesSnapshot =
    textIn(before, 'final_snapshot_identifier') !== undefined && before?.['skip_final_snapshot'] !== true;
  return takesSnapshot && going.has(key) ? key : undefined;
}

/**
 * The ARNs of keys that a plan schedules for deletion. A key that is replaced is deleted as well.
 */
function keysThatGo({ changes }: PlannedChanges): ReadonlySet<string> {
  return new Set(
    changes.flatMap(({ type, kind, before }) =>
      type.startsWith('aws_kms_') && (kind === 'delete' || kind === 'replace') ? (textIn(before, 'arn') ?? []) : [],
    ),
  );
}

function isFinalSnapshotUnnamed({ type, before }: PlannedChange): boolean {
  return (
    (type === 'aws_rds_cluster' || type === 'aws_db_instance') &&
    before?.['skip_final_snapshot'] !== true &&
    textIn(before, 'final_snapshot_identifier') === undefined
  );
}

type Going = NonNullable<Conflicts['sourceGoes']>;

/**
 * Databases and snapshots that the plan deletes, and the automated snapshots that RDS deletes with
 * them. By ARN in lower case, and also by type, account, Region and name.
 */
function databasesThatGo(
  evidence: Evidence,
  changes: readonly PlannedChange[],
  { places: { arnOf } }: Context,
): ReadonlyMap<string, Going> {
  const arns = changes.flatMap((change): readonly (readonly [string, Going])[] => {
    const goes = change.kind === 'delete' || change.kind === 'replace';
    const arn = goes && Object.hasOwn(databaseRows, change.type) ? arnOf(gone(change)) : undefined;
    if (arn === undefined) return [];
    const isReplaced = change.kind === 'replace' && arnOf(change) === arn;
    const going = [
      [arn, { change, isReplaced }] as const,
      ...backupsThatGo(evidence, arn, change).map((one) => [one, { change, isReplaced: false }] as const),
    ];
    return going.flatMap(([one, of]) => [
      [one.toLowerCase(), of] as const,
      [namedAt(resourceTypeOf(one), placeOf(one), nameOf(one)), of] as const,
    ]);
  });
  return new Map(arns);
}

/** The ARN type of a request's source, by the flag that names the source. */
const sourceTypes: Readonly<Partial<Record<SourceFlag, string>>> = {
  cluster: 'cluster',
  'in-cluster': 'cluster',
  instance: 'db',
  snapshot: 'cluster-snapshot',
  'instance-snapshot': 'snapshot',
};

function sourceThatGoes(
  { change, source, operation, account, region, isOfOld }: DerivedRequest,
  going: ReadonlyMap<string, Going>,
): Conflicts['sourceGoes'] {
  const flag = operation?.reads?.flag;
  if (source === undefined || flag === undefined || isOfOld) return undefined;
  const found = going.get(source.toLowerCase()) ?? going.get(namedAt(sourceTypes[flag], { account, region }, source));
  // A request about the new source, or of a resource that waits for the new source, comes later.
  const isLater = found !== undefined && [change.identity, ...change.dependsOn].includes(found.change.identity);
  return found?.isReplaced === true && isLater ? undefined : found;
}

/** Finds the change that deletes a database with the final snapshot that a request reads. */
function finalSnapshots(
  changes: readonly PlannedChange[],
  { places: { placeOf: placeFor } }: Context,
): (request: DerivedRequest) => PlannedChange | undefined {
  const leaving = changes.filter(
    (change) => (change.kind === 'delete' || change.kind === 'replace') && finalSnapshot(change) !== undefined,
  );
  return ({ change, source = '', operation, account, region, isOfOld }) => {
    const flag = operation?.reads?.flag;
    const type = flag === 'snapshot' ? 'aws_rds_cluster' : flag === 'instance-snapshot' ? 'aws_db_instance' : undefined;
    const name = (nameOf(source) || source).toLowerCase();
    const at = placeOf(source) ?? { account, region };
    return leaving.find(
      (one) =>
        !isOfOld &&
        one !== change &&
        one.type === type &&
        finalSnapshot(one) === name &&
        isSamePlace(placeFor(gone(one)), at),
    );
  };
}

/**
 * The ARN of the database or snapshot that one half of a change creates. `isOfOld`: the half that
 * deletes the old resource, which creates a final snapshot.
 */
function madeBy(change: PlannedChange, isOfOld: boolean, places: Context['places']): string | undefined {
  if (!Object.hasOwn(databaseRows, change.type)) return undefined;
  if (!isOfOld) return isMade(change) ? places.arnOf(change)?.toLowerCase() : undefined;
  const [name, place] = [finalSnapshot(change), places.placeOf(gone(change))];
  const type = change.type === 'aws_db_instance' ? 'snapshot' : 'cluster-snapshot';
  return name === undefined || place === undefined ? undefined : rdsArn(place, `${type}:${name}`);
}

/**
 * Finds the change that deletes the database or snapshot with the name that a request takes. A
 * replacement under the same name takes the name again.
 */
function namesThatGo(
  going: ReadonlyMap<string, Going>,
  { places }: Context,
): (request: DerivedRequest) => Conflicts['nameGoes'] {
  return ({ change, makes, isOfOld }) => {
    const arn = makes || isOfOld ? madeBy(change, isOfOld, places) : undefined;
    const found = arn === undefined ? undefined : going.get(arn);
    if (arn === undefined || found === undefined || found.isReplaced) return undefined;
    const isOrdered = [change.identity, ...change.dependsOn].includes(found.change.identity);
    return isOrdered ? undefined : { change: found.change, arn };
  };
}

/**
 * Finds another change of the plan that takes the name that a request takes, if nothing orders the
 * two.
 */
function sameNames(
  changes: readonly PlannedChange[],
  { places }: Context,
): (request: DerivedRequest) => PlannedChange | undefined {
  const goes = ({ kind }: PlannedChange): boolean => kind === 'delete' || kind === 'replace';
  const byArn = groupBy(
    changes.flatMap((change) =>
      [madeBy(change, false, places), goes(change) ? madeBy(change, true, places) : undefined].flatMap((arn) =>
        arn === undefined ? [] : [{ change, arn }],
      ),
    ),
    ({ arn }) => arn,
  );
  return ({ change, makes, isOfOld }) => {
    const arn = makes || (isOfOld && goes(change)) ? madeBy(change, isOfOld, places) : undefined;
    const isOrdered = (one: PlannedChange): boolean =>
      one.dependsOn.includes(change.identity) || change.dependsOn.includes(one.identity);
    return (arn === undefined ? [] : (byArn.get(arn) ?? []))
      .map((one) => one.change)
      .find((one) => one.identity !== change.identity && !isOrdered(one));
  };
}

/** Finds the DB instance that has the name of a request only before, or only after, RDS renames it. */
function namesInDoubt(
  planned: PlannedChanges,
  changes: readonly PlannedChange[],
  { places }: Context,
): (request: DerivedRequest) => Conflicts['nameInDoubt'] {
  const byArn = new Map(
    changes.filter(isRenamed).flatMap((change): readonly (readonly [string, string])[] => {
      const [old, name] = [textIn(change.before, 'arn'), textIn(change.after, 'identifier')];
      const place = old === undefined ? undefined : placeOf(old);
      if (old === undefined || place === undefined || name === undefined) return [];
      const made = rdsArn(place, `db:${name.toLowerCase()}`);
      const because = queuedIf(change, { planned });
      if (because !== undefined) return [old, made].map((one) => [one, because] as const);
      return isQueued(change, { planned }) ? [[made, `identifier of ${change.address}`] as const] : [];
    }),
  );
  return ({ change, makes }) => {
    const arn = makes && byArn.size > 0 ? places.arnOf(change)?.toLowerCase() : undefined;
    const because = arn === undefined ? undefined : byArn.get(arn);
    return arn === undefined || because === undefined ? undefined : { arn, because };
  };
}

/** RDS stores names in lower case. */
function namedAt(type: string | undefined, place: KnownPlace | undefined, name: string): string {
  return `${type} ${place?.account} ${place?.region} ${name.toLowerCase()}`;
}

/** The half of a change that deletes the old resource. */
export function gone(change: PlannedChange): PlannedChange {
  return { ...change, kind: 'delete', after: undefined };
}
