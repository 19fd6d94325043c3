import { accountOf, placeOf } from '../base/arn.ts';
import { sameJson } from '../base/json.ts';
import { isRoleArn } from '../base/principal-arn.ts';
import type { Evidence, InlinePolicy, PolicyDocument, Role } from '../evidence/schema.ts';
import { isSamePolicy } from './same-policy.ts';

/**
 * Whether the policies of a key or role differ in two states of the evidence that both have them.
 * `arn`: that of any resource. Undefined: they do not differ.
 */
export function differingIn(one: Evidence, other: Evidence, arn: string): 'key' | 'role' | undefined {
  if (isRoleArn(arn)) return policiesDiffer(roleIn(one, arn), roleIn(other, arn)) ? 'role' : undefined;
  return differs(keyPolicyIn(one, arn), keyPolicyIn(other, arn)) ? 'key' : undefined;
}

function keyPolicyIn({ accounts }: Evidence, arn: string): PolicyDocument | undefined {
  const place = placeOf(arn);
  const keys = place === undefined ? undefined : accounts[place.account]?.regions?.[place.region]?.kms?.keys;
  return keys?.find(({ KeyMetadata: { Arn } }) => Arn === arn)?.Policy;
}

function roleIn({ accounts }: Evidence, arn: string): Role | undefined {
  return isRoleArn(arn) ? accounts[accountOf(arn)]?.iam?.RoleDetailList?.find((one) => one.Arn === arn) : undefined;
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
