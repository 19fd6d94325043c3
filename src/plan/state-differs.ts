import { isKeyArn } from '../base/arn.ts';
import { sameJson } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import { isRoleArn } from '../base/principal-arn.ts';
import type { Evidence, InlinePolicy, PolicyDocument, Role } from '../evidence/schema.ts';
import { isSamePolicy } from './same-policy.ts';

/**
 * Finds out whether the policies of a key or role differ in two states of the evidence that both
 * have them. Takes the ARN of any resource. Undefined: they do not differ.
 */
export function differing(one: Evidence, other: Evidence): (arn: string) => 'key' | 'role' | undefined {
  const [then, now] = [indexed(one), indexed(other)];
  return (arn) => {
    if (isRoleArn(arn)) return policiesDiffer(then.roles().get(arn), now.roles().get(arn)) ? 'role' : undefined;
    return isKeyArn(arn) && differs(then.keys().get(arn), now.keys().get(arn)) ? 'key' : undefined;
  };
}

/** The roles and the policies of keys by ARN, because a state may have many of them. */
function indexed({ accounts }: Evidence) {
  const all = Object.values(accounts);
  return {
    roles: lazily(() => firsts(all.flatMap(({ iam }) => (iam?.RoleDetailList ?? []).map((one) => [one.Arn, one])))),
    keys: lazily(() =>
      firsts(
        all
          .flatMap(({ regions }) => Object.values(regions ?? {}))
          .flatMap(({ kms }) => (kms?.keys ?? []).map(({ KeyMetadata: { Arn }, Policy: policy }) => [Arn, policy])),
      ),
    ),
  };
}

/** If several entries have the same name, the first counts. */
function firsts<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map(entries.toReversed());
}

/** Whether the plan has other policies of a role than the evidence. */
function policiesDiffer(then: Role | undefined, now: Role | undefined): boolean {
  if (then === now || then === undefined || now === undefined) return false;
  const attached = ({ AttachedManagedPolicies: all }: Role) => all?.map(({ PolicyArn: arn }) => arn).toSorted();
  const [old, read] = [then, now].map(({ RolePolicyList: all = [] }) => new Map(all.map(byName)));
  const isSame = ([name, document]: ReturnType<typeof byName>): boolean => {
    const before = old?.get(name);
    return before === document || (before !== undefined && document !== undefined && isSamePolicy(before, document));
  };
  return !sameJson(attached(then), attached(now)) || old?.size !== read?.size || ![...(read ?? [])].every(isSame);
}

function byName({ PolicyName: name, PolicyDocument: document }: InlinePolicy) {
  return [name, document] as const;
}

function differs(one: PolicyDocument | undefined, other: PolicyDocument | undefined): boolean {
  return one !== undefined && other !== undefined && !isSamePolicy(one, other);
}
