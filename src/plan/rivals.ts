import { isArn, placeOf, withoutPath } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { isJson, isList } from '../base/json.ts';
import { holdsTrue, propertyOf } from './configuration.ts';
import { chosenName, isGone, textIn } from './overlay-row.ts';
import type { PlannedPlaces } from './places.ts';
import type { PlannedChange } from './planned-change.ts';

/*
 * Finds changes of a plan that decide the same policy or attachment, such as two resources for the
 * policy of one key, or a resource that is deleted and one that is created at another address.
 * Terraform applies them in the order of the configuration, or in no order at all. In the second
 * case the last one counts, and nobody knows which one is the last.
 */

/** A change, or one half of a replacement. */
export interface Part {
  readonly change: PlannedChange;
  /** The change, or the half of it, that is applied to the evidence in one step. */
  readonly part: PlannedChange;
}

/** The rivals of each part. Most plans have none. */
export interface Rivals {
  /**
   * Parts that are applied to the evidence earlier, because Terraform certainly applies them
   * earlier, or because one order is as good as another.
   */
  readonly first: ReadonlyMap<Part, readonly Part[]>;
  /** Parts that leave something else, and that Terraform may apply before or after. */
  readonly open: ReadonlyMap<Part, readonly Rival[]>;
}

/** A rival of a part. `owner`: the owner of the policy or attachment, as by ownerAt. */
export interface Rival {
  readonly part: Part;
  readonly owner: string;
}

/** A part that decides one policy or attachment. `item`: its name among those of the owner. */
interface Claim {
  readonly part: Part;
  readonly owner: string;
  readonly item: string;
  /** What the part leaves. Parts that leave the same thing make no difference to each other. */
  readonly leaves: string;
}

/** A part that decides several, such as an exclusive list. */
interface Sweep {
  readonly part: Part;
  readonly owner: string;
  /** What the part leaves of an item: gone or attached. Undefined: as it is. */
  readonly leaves: (item: string) => string | undefined;
}

const claimTypes: Readonly<Record<string, readonly [kind: string, owner: string, item?: string]>> = {
  aws_kms_key: ['key policy', 'arn'],
  aws_kms_external_key: ['key policy', 'arn'],
  aws_kms_replica_key: ['key policy', 'arn'],
  aws_kms_replica_external_key: ['key policy', 'arn'],
  aws_kms_key_policy: ['key policy', 'key_id'],
  aws_backup_vault_policy: ['vault policy', 'backup_vault_name'],
  aws_s3_bucket: ['bucket policy', 'bucket'],
  aws_s3_bucket_policy: ['bucket policy', 'bucket'],
  aws_vpc_endpoint: ['endpoint policy', 'id'],
  aws_vpc_endpoint_policy: ['endpoint policy', 'vpc_endpoint_id'],
  aws_iam_role_policy: ['inline role', 'role', 'name'],
  aws_iam_user_policy: ['inline user', 'user', 'name'],
  aws_iam_group_policy: ['inline group', 'group', 'name'],
  aws_iam_role_policy_attachment: ['managed role', 'role', 'policy_arn'],
  aws_iam_user_policy_attachment: ['managed user', 'user', 'policy_arn'],
  aws_iam_group_policy_attachment: ['managed group', 'group', 'policy_arn'],
  aws_ssoadmin_permission_set_inline_policy: ['permission set', 'permission_set_arn'],
  aws_ssoadmin_managed_policy_attachment: ['attached to permission set', 'permission_set_arn', 'managed_policy_arn'],
  aws_organizations_policy_attachment: ['attached to target', 'target_id', 'policy_id'],
};

/** Types of resources that have a policy themselves, beside the type of resource for the policy alone. */
const withOwnPolicy = /^aws_(?:kms_(?:\w+_)?key|s3_bucket|vpc_endpoint)$/;

/** The attributes that name an attached policy. Any other item of a claim is the name of a policy. */
const attachedBy: ReadonlySet<string | undefined> = new Set(['policy_arn', 'managed_policy_arn', 'policy_id']);

/** Kinds of owners that are in no account, and whose names are unique. */
const global = /^(?:permission set|attached to)/;

/**
 * Owners to which a policy cannot be attached again while it is attached. If a replacement attaches
 * first, AWS may refuse that, and the deletion may follow or not.
 */
const attachedOnce = /^attached to/;

/** Types that put users into groups: the attributes for the users and for the groups. */
const memberTypes: Readonly<Record<string, readonly [users: string, groups: string]>> = {
  aws_iam_user_group_membership: ['user', 'groups'],
  aws_iam_group_membership: ['users', 'group'],
};

const sweepTypes: Readonly<Record<string, readonly [kind: string, owner: string, list: string]>> = {
  aws_iam_role_policies_exclusive: ['inline role', 'role_name', 'policy_names'],
  aws_iam_user_policies_exclusive: ['inline user', 'user_name', 'policy_names'],
  aws_iam_group_policies_exclusive: ['inline group', 'group_name', 'policy_names'],
  aws_iam_role_policy_attachments_exclusive: ['managed role', 'role_name', 'policy_arns'],
  aws_iam_user_policy_attachments_exclusive: ['managed user', 'user_name', 'policy_arns'],
  aws_iam_group_policy_attachments_exclusive: ['managed group', 'group_name', 'policy_arns'],
};

const none: Rivals = { first: new Map(), open: new Map() };

/** Finds the rivals among the changes of a plan. `partsOf`: always the same parts of a change. */
export function rivalsIn(
  changes: readonly PlannedChange[],
  places: PlannedPlaces,
  partsOf: (change: PlannedChange) => readonly Part[],
): Rivals {
  const all = changes.filter(
    ({ type, isAws }) =>
      isAws &&
      ([claimTypes, memberTypes, sweepTypes].some((types) => Object.hasOwn(types, type)) ||
        type === shared ||
        type === withLists),
  );
  if (all.length < 2 && !all.some(({ makesFirst }) => makesFirst)) return none;
  const parts = all.flatMap(partsOf);
  const claims = groupBy(
    parts.flatMap((part) => [
      ...membershipsOf(part, places),
      ...sharedBy(part, places),
      ...(claimOf(part, places) ?? []),
    ]),
    ({ owner }) => owner,
  );
  const [first, open] = [new Map<Part, Part[]>(), new Map<Part, Rival[]>()];
  const add = <T>(map: Map<Part, T[]>, of: Part, one: T): void => {
    map.set(of, [...(map.get(of) ?? []), one]);
  };
  const remade = ownersThatGo(changes, places);
  const settle = (one: Part, other: Part, owner: string): boolean => {
    const order = orderOf(one, other, remade.has(owner));
    if (order === 0 || (attachedOnce.test(owner) && one.change === other.change && one.change.makesFirst)) return false;
    add(first, order < 0 ? other : one, order < 0 ? one : other);
    return true;
  };
  for (const ofOwner of claims.values())
    for (const same of groupBy(ofOwner, ({ item }) => item).values())
      for (const [at, one] of same.entries())
        for (const other of same.slice(at + 1)) {
          if (one.leaves === other.leaves || settle(one.part, other.part, one.owner)) continue;
          add(open, one.part, other);
          add(open, other.part, one);
        }
  for (const sweep of parts.flatMap((part) => [...(sweepOf(part, places) ?? []), ...listsOf(part, places)]))
    for (const claim of claims.get(sweep.owner) ?? []) {
      const leaves = sweep.leaves(claim.item);
      if (leaves === undefined || leaves === claim.leaves || settle(sweep.part, claim.part, claim.owner)) continue;
      add(first, claim.part, sweep.part);
      add(open, claim.part, sweep);
    }
  return first.size === 0 && open.size === 0 ? none : { first, open };
}

/** Orders parts, so that each part comes after the parts that are applied before it. */
export function inOrderOf({ first }: Rivals, parts: readonly Part[]): readonly Part[] {
  if (first.size === 0) return parts;
  const left = new Set(parts);
  const isReady = (part: Part): boolean => !(first.get(part) ?? []).some((one) => left.has(one));
  const found: Part[] = [];
  const waiting: Part[] = [];
  for (const part of parts) {
    waiting.push(part);
    for (let at = waiting.findIndex(isReady); at >= 0; at = waiting.findIndex(isReady))
      for (const ready of waiting.splice(at, 1)) {
        left.delete(ready);
        found.push(ready);
      }
  }
  return [...found, ...waiting];
}

/**
 * Roles, users and groups that the plan deletes. IAM deletes none of them while it has policies,
 * and creates none under a name that is taken. So the policies of an old one are gone before a new
 * one gets its policies.
 */
function ownersThatGo(changes: readonly PlannedChange[], places: PlannedPlaces): ReadonlySet<string> {
  const going = changes.filter(
    ({ type, kind }) => /^aws_iam_(?:role|user|group)$/.test(type) && (kind === 'delete' || kind === 'replace'),
  );
  return new Set(
    going
      .flatMap((change) =>
        ['inline', 'managed', 'member'].map((kind) =>
          ownerAt(change, `${kind} ${change.type.slice('aws_iam_'.length)}`, textIn(change.before, 'name'), places),
        ),
      )
      .filter((owner) => owner !== undefined),
  );
}

/** Less than 0: the first part is applied first. 0: nothing orders them. */
function orderOf(one: Part, other: Part, isRemade: boolean): number {
  const [isFirstGone, isOtherGone] = [isGone(one.part), isGone(other.part)];
  // The two halves of a replacement.
  if (one.change === other.change) return isFirstGone === one.change.makesFirst ? 1 : -1;
  if (isRemade && isFirstGone !== isOtherGone) return isFirstGone ? -1 : 1;
  // A change that waits for a resource also waits for instances of it that are deleted. A deletion
  // waits for nothing.
  if (!isOtherGone && other.change.dependsOn.includes(one.change.identity)) return -1;
  return !isFirstGone && one.change.dependsOn.includes(other.change.identity) ? 1 : 0;
}

const [gone, attached] = ['gone', 'attached'];

/** A role may list its policies itself. */
const withLists = 'aws_iam_role';

/** Attaches a policy to each of its lists of roles, users and groups. */
const shared = 'aws_iam_policy_attachment';

function claimOf(part: Part, places: PlannedPlaces): readonly Claim[] | undefined {
  const { type, identity, after } = part.part;
  const [kind, owner, item] = Object.hasOwn(claimTypes, type) ? (claimTypes[type] ?? []) : [];
  if (kind === undefined || owner === undefined || (withOwnPolicy.test(type) && !putsPolicy(part.part)))
    return undefined;
  const named = textOf(part.part, owner, places);
  // An exclusive list never has a name that the provider will choose.
  const chosen = item === 'name' ? chosenName(part.part) : undefined;
  const name = item === undefined ? '' : (textOf(part.part, item, places) ?? chosen);
  const place = ownerAt(part.part, kind, named, places);
  if (place === undefined || name === undefined) return undefined;
  // The same policy is attached, whoever attaches it, and the same text is the same policy.
  const text = textIn(after, 'policy') ?? textIn(after, 'inline_policy');
  const leaves = isGone(part.part) ? gone : attachedBy.has(item) ? attached : (text ?? identity);
  return [{ part, owner: place, item: name, leaves }];
}

/** The memberships in groups that a part leaves and ends. The owner is the user. */
function membershipsOf(part: Part, places: PlannedPlaces): readonly Claim[] {
  const { type, before, after } = part.part;
  const [users, groups] = Object.hasOwn(memberTypes, type) ? (memberTypes[type] ?? []) : [];
  if (users === undefined || groups === undefined) return [];
  const pairs = (json: PlannedChange['after']): readonly (readonly [user: string, group: string])[] =>
    namesIn(propertyOf(json, users)).flatMap((user) =>
      namesIn(propertyOf(json, groups)).map((group) => [user, group] as const),
    );
  const claims = new Map<string, Claim>();
  for (const [all, leaves] of [
    [pairs(before), gone],
    [isGone(part.part) ? [] : pairs(after), attached],
  ] as const)
    for (const [user, group] of all) {
      const owner = ownerAt(part.part, 'member user', user, places);
      if (owner !== undefined) claims.set(`${user} ${group}`, { part, owner, item: group, leaves });
    }
  return [...claims.values()];
}

/** One name or a list of names. */
function namesIn(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : textsIn(value);
}

/** Whether an update of a resource changes its own policy. No other change of the resource has a rival. */
function putsPolicy({ kind, before, after }: PlannedChange): boolean {
  return kind === 'update' && propertyOf(before, 'policy') !== propertyOf(after, 'policy');
}

function sweepOf(part: Part, places: PlannedPlaces): readonly Sweep[] | undefined {
  const { type, after, unknown } = part.part;
  const [kind, owner, list] = Object.hasOwn(sweepTypes, type) ? (sweepTypes[type] ?? []) : [];
  if (kind === undefined || owner === undefined || list === undefined || isGone(part.part)) return undefined;
  const place = ownerAt(part.part, kind, textOf(part.part, owner, places), places);
  const given = propertyOf(after, list);
  // Which policies stay is known only after apply.
  if (place === undefined || holdsTrue(isJson(unknown) ? propertyOf(unknown, list) : unknown)) return undefined;
  const keeps = new Set(textsIn(given));
  // Only managed policies are attached; an inline policy has a text, which the list does not have.
  const kept = kind.startsWith('managed') ? attached : undefined;
  return [{ part, owner: place, leaves: (item) => (keeps.has(item) ? kept : gone) }];
}

/**
 * The policies that the lists in a role have after an update, and those that the update removes. The
 * update does not attach again what was in the list before.
 */
function listsOf(part: Part, places: PlannedPlaces): readonly Sweep[] {
  const { type, kind, before, after, unknown } = part.part;
  const name = textIn(before, 'name');
  if (type !== withLists || kind !== 'update' || name === undefined) return [];
  const isKnown = (list: string): boolean => !holdsTrue(isJson(unknown) ? propertyOf(unknown, list) : unknown);
  const changed = (noun: string, list: string, itemsIn: (json: PlannedChange['after']) => Map<string, string>) => {
    const owner = ownerAt(part.part, `${noun} role`, name, places);
    const [old, now] = [itemsIn(before), itemsIn(after)];
    const isSame = old.size === now.size && [...old].every(([item, one]) => now.get(item) === one);
    const leaves = (item: string): string | undefined => now.get(item) ?? (old.has(item) ? gone : undefined);
    return owner === undefined || isSame || !isKnown(list) ? [] : [{ part, owner, leaves }];
  };
  return [
    ...changed(
      'managed',
      'managed_policy_arns',
      (json) => new Map(textsIn(propertyOf(json, 'managed_policy_arns')).map((arn) => [arn, attached])),
    ),
    ...changed('inline', 'inline_policy', (json) => new Map(inlineIn(json))),
  ];
}

function inlineIn(json: PlannedChange['after']): readonly (readonly [name: string, text: string])[] {
  const blocks = propertyOf(json, 'inline_policy');
  return (isList(blocks) ? blocks : [])
    .filter(isJson)
    .flatMap((block) => [[textIn(block, 'name') ?? '', textIn(block, 'policy') ?? ''] as const]);
}

/** The attachments to each role, user and group that a list has or had. */
function sharedBy(part: Part, places: PlannedPlaces): readonly Claim[] {
  const { type, before, after } = part.part;
  const policy = type === shared ? textOf(part.part, 'policy_arn', places) : undefined;
  if (policy === undefined) return [];
  return ['role', 'user', 'group'].flatMap((noun) => {
    const [old, now] = [before, after].map((one) => textsIn(propertyOf(one, `${noun}s`)));
    const names = new Map([
      ...(old ?? []).map((name) => [name, gone] as const),
      ...(now ?? []).map((name) => [name, attached] as const),
    ]);
    return [...names].flatMap(([name, leaves]) => {
      const owner = ownerAt(part.part, `managed ${noun}`, name, places);
      return owner === undefined ? [] : [{ part, owner, item: policy, leaves }];
    });
  });
}

function textsIn(value: unknown): readonly string[] {
  return isList(value) ? value.filter((one) => typeof one === 'string') : [];
}

function textOf(change: PlannedChange, attribute: string, places: PlannedPlaces): string | undefined {
  return isGone(change) ? textIn(change.before, attribute) : places.textAt(change, attribute);
}

/**
 * A text for the owner of a policy. Keys are named by their IDs or ARNs, and a replica in another
 * Region can have the same ID.
 */
export function ownerAt(
  change: PlannedChange,
  kind: string,
  name: string | undefined,
  places: PlannedPlaces,
): string | undefined {
  if (name === undefined) return undefined;
  if (global.test(kind)) return `${kind} ${name}`;
  if (/^(?:inline|managed|member)\b/.test(kind)) return `${kind} ${places.accountOf(change)} ${name.toLowerCase()}`;
  const place = isArn(name) ? placeOf(name) : places.placeOf(change);
  return place && `${kind} ${place.account} ${place.region} ${withoutPath(name)}`;
}
