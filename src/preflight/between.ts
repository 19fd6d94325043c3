import { rememberedOf } from '../base/remembered.ts';
import { gone } from '../plan/conflicts.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import { removes } from '../plan/planned-state.ts';

/**
 * The states that an apply may pass through, as lists of changes: for each change, the state with only
 * this change, and the state with all changes but this one. Of the replacement of a policy or a key,
 * the apply may so far have done only the deletion. What a change depends on is always applied
 * before it. `own`: the changes to take. `near`: the changes on which those may depend.
 */
export function statesBetween(
  own: readonly PlannedChange[],
  near: readonly PlannedChange[],
): readonly (readonly PlannedChange[])[] {
  const withEarlier = (some: readonly PlannedChange[]) =>
    near.filter((one) => some.includes(one) || some.some((other) => comesBefore(one, other)));
  const states = own.slice(0, mostTaken).flatMap((one) => {
    const others = withEarlier(own.filter((other) => other !== one)).filter(
      (other) => other !== one && !comesBefore(one, other),
    );
    const half = deletionFirst(one);
    const whole = [withEarlier([one]), others];
    if (half === one) return whole;
    // Each state of the second kind is only of one request, so among many changes they take long.
    return own.length > mostTaken ? [...whole, [half]] : [...whole, [half], [half, ...others]];
  });
  const distinct = new Map(
    states.map((state) => [state.map(({ identity, kind }) => `${identity} ${kind}`).join(), state]),
  );
  return [...distinct.values()].filter((state) => state.length > 0 && !own.every((one) => state.includes(one)));
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
