import { isJson, isList, type Json, sameJson } from '../base/json.ts';
import { rememberedOf } from '../base/remembered.ts';
import { propertyOf } from '../plan/configuration.ts';
import { gone } from '../plan/conflicts.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import { removes } from '../plan/planned-state.ts';

/**
 * The states that an apply may pass through, as lists of changes: for each change, the state with only
 * this change, and the state with all changes but this one; then each combination of few changes, and
 * of many changes the deletions, the updates and the creations, without the others. Of some changes,
 * the apply may so far have done only a part (see stagesOf). What a change depends on is always applied
 * before it. `own`: the changes to take. `near`: the changes on which those may depend.
 */
export function statesBetween(own: Changes, near: Changes): readonly Changes[] {
  const states = [...oneByOne(own, near), ...(combinationsOf(own, near) ?? kindByKind(own, near))];
  const numbers = new Map<PlannedChange, number>();
  const numberOf = (one: PlannedChange): number => {
    const number = numbers.get(one) ?? numbers.size;
    numbers.set(one, number);
    return number;
  };
  const distinct = new Map(states.map((state) => [state.map(numberOf).join(), state]));
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
    const parts = stagesOf(one);
    const alone = [withEarlier([one], near), others, ...parts.map((part) => [part])];
    // Each of these states is only of one request, so among many changes they take long.
    return own.length > mostTaken ? alone : [...alone, ...parts.map((part) => [part, ...others])];
  });
}

/** Each combination of the changes, the smaller ones first. Undefined: there are too many. */
function combinationsOf(own: Changes, near: Changes): readonly Changes[] | undefined {
  const stages = own.map((one) => [undefined, ...stagesOf(one), one]);
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
  const deleted = own.flatMap((one) => (one.kind === 'delete' ? [one] : stagesOf(one).slice(0, 1)));
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
 * The state in which some changes are done, and everything that comes before them. Some of the changes
 * may be only a part of a change.
 */
function stateWith(some: Changes, near: Changes): Changes {
  const whole = withEarlier(some, near);
  const parts = some.filter((one) => whole.every(({ identity }) => identity !== one.identity));
  return [...parts, ...whole];
}

/**
 * What an apply may have done of a change while the rest is not done: the deletion of a policy or a key
 * that is then created again, and the steps of an update.
 */
export const stagesOf: (change: PlannedChange) => Changes = rememberedOf((change) => {
  if (change.kind === 'update') return stepsOf(change);
  return change.kind === 'replace' && !change.makesFirst && removes(change) ? [gone(change)] : [];
});

/**
 * The lists from which an update first removes what is no longer there, and then adds what is new.
 * Lists in one group change together, or in an order that depends on the version of the provider. The
 * AWS provider documents none of this: role.go, user_group_membership.go and policy_attachment.go in
 * internal/service/iam. A policy with another text counts as another policy.
 */
const removedFirst: Readonly<Record<string, readonly (readonly string[])[]>> = {
  aws_iam_role: [['inline_policy'], ['managed_policy_arns']],
  aws_iam_user_group_membership: [['groups']],
  aws_iam_policy_attachment: [['users', 'groups']],
};

/** Types whose tags the provider sets last, after the policies of the resource. */
const taggedLast = /^aws_(?:iam_(?:role|user)|kms_(?:replica_)?key)$/;

/** What an update has done before it is complete. */
function stepsOf(change: PlannedChange): Changes {
  const { type, before, after } = change;
  if (before === undefined || after === undefined) return [];
  // A value that is known only after the apply is absent, and so differs.
  const differs = (name: string): boolean => !sameJson(propertyOf(before, name), propertyOf(after, name));
  const lists = (removedFirst[type] ?? []).filter((some) => some.some(differs));
  const untagged = valuesOf(before, taggedLast.test(type) ? tagNames.filter(differs) : []);
  const steps = lists.flatMap((some, at): readonly Json[] => {
    const later = { ...untagged, ...valuesOf(before, lists.slice(at + 1).flat()) };
    const kept = some.map((name) => [name, keptIn(propertyOf(before, name), propertyOf(after, name))] as const);
    return [{ ...later, ...Object.fromEntries(kept) }, later];
  });
  const values = [...steps, { ...untagged, ...valuesOf(before, lists.flat()) }];
  return values.flatMap((one, at) => {
    const done = { ...after, ...one };
    const isOther = [before, after, ...values.slice(0, at).map((earlier) => ({ ...after, ...earlier }))].every(
      (other) => !sameJson(done, other),
    );
    return isOther ? [withValues(change, one)] : [];
  });
}

const tagNames: readonly string[] = ['tags', 'tags_all'];

function valuesOf(json: Json, names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, propertyOf(json, name)]));
}

/** What is in both lists. */
function keptIn(before: unknown, after: unknown): readonly unknown[] {
  const there = isList(after) ? after : [];
  return (isList(before) ? before : []).filter((one) => there.some((other) => sameJson(one, other)));
}

/** The change, with other values of some attributes. */
function withValues(change: PlannedChange, values: Json): PlannedChange {
  const unknown = isJson(change.unknown)
    ? Object.fromEntries(Object.entries(change.unknown).filter(([name]) => !Object.hasOwn(values, name)))
    : change.unknown;
  return { ...change, after: { ...change.after, ...values }, unknown };
}

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
