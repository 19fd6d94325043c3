import { rememberedOf } from '../base/remembered.ts';
import { gone } from '../plan/conflicts.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import { removes } from '../plan/planned-state.ts';

/**
 * The states that an apply may pass through, as lists of changes: for each change, the state with only
 * this change, and the state with all changes but this one; then each combination of few changes, and
 * of many changes the deletions, the updates and the creations, without the others. Of the
 * replacement of a policy or a key, the apply may so far have done only the deletion. What a change
 * depends on is always applied before it. `own`: the changes to take. `near`: the changes on which
 * those may depend.
 */
export function statesBetween(own: Changes, near: Changes): readonly Changes[] {
  const states = [...oneByOne(own, near), ...(combinationsOf(own, near) ?? kindByKind(own, near))];
  const distinct = new Map(
    states.map((state) => [state.map(({ identity, kind }) => `${identity} ${kind}`).join(), state]),
  );
  return [...distinct.values()].filter((state) => state.length > 0 && !own.every((one) => state.includes(one)));
}

type Changes = readonly PlannedChange[];

/** Some changes, and those that come before them. */
function withEarlier(some: Changes, near: Changes): Changes {
  return near.filter((one) => some.includes(one) || some.some((other) => comesBefore(one, other)));
}

function oneByOne(own: Changes, near: Changes): readonly Changes[] {
  return own.slice(0, mostTaken).flatMap((one) => {
    const others = withEarlier(
      own.filter((other) => other !== one),
      near,
    ).filter((other) => other !== one && !comesBefore(one, other));
    const half = deletionFirst(one);
    const whole = [withEarlier([one], near), others];
    if (half === one) return whole;
    // Each state of the second kind is only of one request, so among many changes they take long.
    return own.length > mostTaken ? [...whole, [half]] : [...whole, [half], [half, ...others]];
  });
}

/** Each combination of the changes, the smaller ones first. Undefined: there are too many. */
function combinationsOf(own: Changes, near: Changes): readonly Changes[] | undefined {
  const stages = own.map((one) => [...new Set([undefined, deletionFirst(one), one])]);
  if (stages.reduce((product, { length }) => product * length, 1) > mostCombined) return undefined;
  return stages
    .reduce<readonly Changes[]>(
      (combined, each) => combined.flatMap((some) => each.map((one) => (one === undefined ? some : [...some, one]))),
      [[]],
    )
    .toSorted((one, other) => one.length - other.length)
    .map((some) => stateWith(some, near));
}

/**
 * The states in which the changes of some kinds are done and the others are not, and those with one
 * more or one less. If several policies allow a request, and the plan deletes them all and creates
 * others, the request fails only between all deletions and all creations.
 */
function kindByKind(own: Changes, near: Changes): readonly Changes[] {
  const deleted = own.map(deletionFirst).filter(({ kind }) => kind === 'delete');
  const updated = own.filter(({ kind }) => kind === 'update');
  const made = own.filter(({ kind }) => kind === 'create' || kind === 'replace');
  const steps = [...new Set([...deleted, ...own])].slice(0, mostTaken);
  return [deleted, [...deleted, ...updated], updated, [...updated, ...made], made].flatMap((some) => {
    const others = steps.map((one) => {
      const rest = some.filter(({ identity }) => identity !== one.identity);
      return some.includes(one) ? rest : [...rest, one];
    });
    return [some, ...others].flatMap((each) => [
      stateWith(each, near),
      stateWith(
        each.filter((one) => near.every((other) => each.includes(other) || !comesBefore(other, one))),
        near,
      ),
    ]);
  });
}

/**
 * The state in which some changes are done, and everything that comes before them. One of the changes
 * may be half of a replacement: the deletion.
 */
function stateWith(some: Changes, near: Changes): Changes {
  const whole = withEarlier(some, near);
  const halves = some.filter((one) => whole.every(({ identity }) => identity !== one.identity));
  return [...halves, ...whole];
}

/**
 * The half of a change that an apply may have done while the other half is not done: the deletion of
 * a policy or a key that is then created again. For other changes, the change itself.
 */
export function deletionFirst(change: PlannedChange): PlannedChange {
  return change.kind === 'replace' && !change.makesFirst && removes(change) ? deletionOf(change) : change;
}

const deletionOf = rememberedOf(gone);

/** The maximum number of changes that are taken one by one for a request. */
const mostTaken = 20;

/** The maximum number of combinations for a request: those of six changes, none of which is a replacement. */
const mostCombined = 64;

/** Types whose new resources take nothing away from anybody. */
const onlyGiving =
  /^aws_(?:kms_(?:external_key|replica_key|replica_external_key|key|alias|grant)|iam_(?:role|user|group|policy)|db_snapshot|db_cluster_snapshot|s3_bucket|backup_vault)$/;

/** Whether a change may make a request fail. */
export function mayTake({ kind, type }: PlannedChange): boolean {
  return kind !== 'create' || !onlyGiving.test(type);
}

/** A deletion comes before the deletion of what the resource depended on. */
function comesBefore(one: PlannedChange, other: PlannedChange): boolean {
  if (one.kind === 'delete') return other.kind === 'delete' && one.dependsOn.includes(other.identity);
  return other.kind !== 'delete' && other.dependsOn.includes(one.identity);
}
