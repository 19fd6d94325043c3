import { accountOf, iamArn, isArn, parseArn, withoutPath } from '../base/arn.ts';
import { isJson, isList, type Json, sameJson } from '../base/json.ts';
import { hiddenPolicy, laterVersion } from '../base/planned-name.ts';
import type { Evidence, Group, InlinePolicy, ManagedPolicy, Role, User } from '../evidence/schema.ts';
import { expressionAt, holdsTrue, propertyOf } from './configuration.ts';
import { documentAt } from './documents.ts';
import {
  type Actors,
  arnNamed,
  arnsHeld,
  groups,
  managedPolicies,
  type Owners,
  roles,
  users,
  withIam,
  withOwnerNamed,
} from './edits.ts';
import {
  chosenName,
  factNotKnown,
  isGone,
  isMade,
  isOfState,
  type Laid,
  laid,
  type NotOverlaid,
  type OverlayContext,
  type OverlayRow,
  policyText,
  textIn,
  textNow,
  textsAt,
  thingNotKnown,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import { withPrincipals } from './replaced-roles.ts';
import { ownerAt } from './rivals.ts';
import { isSamePolicy } from './same-policy.ts';
import { tagged, tagsAfter } from './tags.ts';

/* IAM in a plan: roles, users, groups, their policies, and who has these policies. */

const unreadList = (noun: string): NotOverlaid => ({ code: 'list-missing', what: noun });

/**
 * A role or user with the permissions boundary and the tags that a change gives. An update whose
 * plan prints no boundary at all does not change it.
 */
function bounded<T>(list: Actors<T>, one: T, change: PlannedChange, { planned, places }: OverlayContext): T {
  const name = 'permissions_boundary';
  const isGiven = planned.valueAt(change, [name]).is !== 'not given';
  const { before, after } = change;
  const isPrinted = [before, after].some((state) => state !== undefined && Object.hasOwn(state, name));
  const arn = isGiven ? (places.textAt(change, name) ?? hiddenPolicy) : undefined;
  const withOwn = isGiven || isPrinted || isMade(change) ? list.withBoundary(one, arn) : one;
  return tagged(withOwn, tagsAfter(planned, change, list.tags(one)), list.withTags);
}

const roleRow: OverlayRow = (evidence, change, context) => {
  const arn = isGone(change) ? textIn(change.before, 'arn') : context.places.arnOf(change);
  if (arn === undefined) return ownerNotKnown('role', change, context);
  return laid(
    withIam(evidence, roles, arn, (held) => (isGone(change) ? undefined : roleAfter(held, arn, change, context))),
    unreadList('role'),
  );
};

/** Placeholders for the unique IDs that IAM will choose. No policy can contain the placeholders. */
const newRoleId = 'AROAAFTERAPPLY';
const newUserId = 'AIDAAFTERAPPLY';

function roleAfter(held: Role | undefined, arn: string, change: PlannedChange, context: OverlayContext): Role {
  const { planned, places } = context;
  const trust = documentAt(planned, places, change, 'assume_role_policy');
  const whole = isMade(change) ? { RoleId: newRoleId, RolePolicyList: [], AttachedManagedPolicies: [], Tags: [] } : {};
  const base: Role = isMade(change) || held === undefined ? { Arn: arn, RoleName: withoutPath(arn), ...whole } : held;
  const {
    AssumeRolePolicyDocument: trustBefore,
    RolePolicyList: inlineBefore,
    AttachedManagedPolicies: before,
    ...rest
  } = base;
  const text =
    trust.is === 'not given'
      ? trustBefore
      : policyText(trust, { kind: 'resource', attribute: 'assume_role_policy', writtenBy: change }, context);
  const has = (name: string): boolean => planned.expressionAt(change, [name]) !== undefined;
  // Other resources may set the attributes that this one does not configure.
  const inline =
    has('inline_policy') || hasDynamicInline(change)
      ? inlineBlocks(change, context)
      : isOfState(change)
        ? inlineBefore && withInlineOfState(inlineBefore, change)
        : inlineBefore;
  const arns = has('managed_policy_arns') ? textsAt(change, 'managed_policy_arns', context) : undefined;
  const attached = has('managed_policy_arns')
    ? arns?.map((PolicyArn) => ({ PolicyArn }))
    : isOfState(change)
      ? before && withAttachedOfState(before, change)
      : before;
  const role: Role = {
    ...rest,
    ...(text === undefined ? {} : { AssumeRolePolicyDocument: text }),
    ...(inline === undefined ? {} : { RolePolicyList: inline }),
    ...(attached === undefined ? {} : { AttachedManagedPolicies: attached }),
  };
  return bounded(roles, role, change, context);
}

/**
 * The inline policies of a role, as the state has them. The provider reads all inline policies of a
 * role, whatever the configuration gives. So it is open whether a policy that only the evidence has
 * is still there, and its text counts as not read. An empty list proves nothing: it may be from the
 * creation of the role.
 */
function withInlineOfState(held: readonly InlinePolicy[], { after }: PlannedChange): InlinePolicy[] {
  const given = propertyOf(after, 'inline_policy');
  const read = new Map(
    (isList(given) ? given : []).filter(isJson).flatMap((block) => {
      const name = textIn(block, 'name');
      return name === undefined ? [] : [[name, textIn(block, 'policy')] as const];
    }),
  );
  if (read.size === 0) return [...held];
  const known = new Set(held.map(({ PolicyName: name }) => name));
  return [
    ...held.map((one) => {
      const text = read.get(one.PolicyName);
      return text !== undefined && isUnchanged(one, text) ? one : inlinePolicy(one.PolicyName, text);
    }),
    ...[...read].flatMap(([name, text]) => (known.has(name) ? [] : [inlinePolicy(name, text)])),
  ];
}

function isUnchanged({ PolicyDocument: document }: InlinePolicy, text: string): boolean {
  return document !== undefined && isSamePolicy(document, text);
}

/**
 * The managed policies of a role, as the state has them. As with inline policies, it is open
 * whether a policy that only the evidence has is still attached.
 */
function withAttachedOfState(held: Attached, { after }: PlannedChange): Attached {
  const given = propertyOf(after, 'managed_policy_arns');
  const read = (isList(given) ? given : []).filter((one) => typeof one === 'string');
  if (read.length === 0) return held;
  const known = new Set(held.map(({ PolicyArn: arn }) => arn));
  return [
    ...held.map((one) => (read.includes(one.PolicyArn) ? one : { PolicyArn: openPolicy(one.PolicyArn) })),
    ...read.filter((arn) => !known.has(arn)).map((PolicyArn) => ({ PolicyArn })),
  ];
}

type Attached = NonNullable<Role['AttachedManagedPolicies']>;

/** Stands for a managed policy that may be attached. It counts as a policy that was not read. */
export function openPolicy(arn: string): string {
  return iamArn('aws', '000000000000', `policy/${withoutPath(arn)}`);
}

/**
 * Whether a `dynamic` block gives a role its `inline_policy` blocks. The configuration of a plan
 * leaves out `dynamic` blocks. Other blocks that the configuration does not have are read from AWS,
 * so no update changes them.
 */
function hasDynamicInline(change: PlannedChange): boolean {
  const given = propertyOf(change.after, 'inline_policy');
  if (isMade(change)) return isList(given) && given.length > 0;
  // An update leaves policies that are read from AWS as they are, so only blocks can be unknown.
  if (isJson(change.unknown) && propertyOf(change.unknown, 'inline_policy') === true) return true;
  const before = propertyOf(change.before, 'inline_policy');
  return isList(given) && isList(before) && !sameJson(given, before);
}

/**
 * The blocks `inline_policy`, which are all inline policies of a role. Undefined: not all of them
 * are known.
 */
function inlineBlocks(change: PlannedChange, context: OverlayContext): InlinePolicy[] | undefined {
  const { planned, places } = context;
  const given = propertyOf(change.after, 'inline_policy');
  if (isJson(change.unknown) && propertyOf(change.unknown, 'inline_policy') === true) return undefined;
  const marks = isJson(change.unknown) ? propertyOf(change.unknown, 'inline_policy') : undefined;
  const blocks = (isList(given) ? given : []).filter(isJson);
  // One empty block means that the role has no inline policy.
  const isNone = ({ name, policy }: Json): boolean =>
    [name, policy].every((one) => one === undefined || one === null || one === '');
  if (blocks.length === 1 && blocks.every(isNone) && !holdsTrue(marks)) return [];
  if (blocks.some((block) => textIn(block, 'name') === undefined)) return undefined;
  return blocks.map((block, index) => {
    const name = textIn(block, 'name') ?? '';
    const at = blockNamed(planned.expressionAt(change, ['inline_policy']), name) ?? blocks.length;
    const mark = isList(marks) ? marks[index] : undefined;
    const one = {
      ...change,
      after: { inline_policy: atIndex(at, block) },
      unknown: { inline_policy: atIndex(at, mark) },
    };
    const document = documentAt(planned, places, one, 'inline_policy', at, 'policy');
    return inlinePolicy(name, policyText(document, { kind: 'identity', attribute: 'inline_policy' }, context));
  });
}

/**
 * The position in the configuration of the block with a name, because the configuration may have
 * another order than the plan. Undefined: not known.
 */
function blockNamed(written: unknown, name: string): number | undefined {
  const all = isList(written) ? written : [];
  const found = all.flatMap((one, at) => (expressionAt(one, ['name', 'constant_value']) === name ? [at] : []));
  return found.length === 1 ? found[0] : undefined;
}

function atIndex(index: number, item: unknown): readonly unknown[] {
  return [...Array.from({ length: index }, () => ({})), item ?? {}];
}

function inlinePolicy(name: string, text: InlinePolicy['PolicyDocument']): InlinePolicy {
  return { PolicyName: name, ...(text === undefined ? {} : { PolicyDocument: text }) };
}

/**
 * The new ARN of a user or group that an update renames or moves to another path. IAM changes both
 * in place. Undefined: the ARN stays.
 */
export function renamed({ kind, before, after }: PlannedChange): string | undefined {
  const [old, name] = [textIn(before, 'arn'), textIn(after, 'name')];
  const parsed = kind === 'update' && old !== undefined ? parseArn(old) : undefined;
  if (parsed === undefined || name === undefined) return undefined;
  const path = textIn(after, 'path') ?? '/';
  const made = iamArn(parsed.partition, parsed.account, `${parsed.type}${path}${name}`);
  return made === old ? undefined : made;
}

const userRow: OverlayRow = (evidence, change, context) => {
  const arn = isGone(change) ? textIn(change.before, 'arn') : context.places.arnOf(change);
  if (arn === undefined) return ownerNotKnown('user', change, context);
  const now = renamed(change) ?? arn;
  const known = { Arn: now, UserName: withoutPath(now) };
  const whole = { UserPolicyList: [], GroupList: [], AttachedManagedPolicies: [], Tags: [] };
  const made: User = { ...known, UserId: newUserId, ...whole };
  const after = withIam(evidence, users, arn, (held) =>
    isGone(change) ? undefined : bounded(users, isMade(change) ? made : { ...held, ...known }, change, context),
  );
  // A policy that names a user holds its unique ID, so it also applies to the user under the new
  // name.
  // The policies also have the new name if the list of the users was not read.
  return laid(now === arn ? after : withPrincipals(after ?? evidence, new Map([[arn, now]])), unreadList('user'));
};

const groupRow: OverlayRow = (evidence, change, context) => {
  const arn = isGone(change) ? textIn(change.before, 'arn') : context.places.arnOf(change);
  if (arn === undefined) return ownerNotKnown('group', change, context);
  const now = renamed(change) ?? arn;
  const known = { Arn: now, GroupName: withoutPath(now) };
  const made: Group = { ...known, GroupPolicyList: [], AttachedManagedPolicies: [] };
  const after = withIam(evidence, groups, arn, (held) =>
    // A plan never shows all policies of an existing group.
    isGone(change)
      ? undefined
      : isMade(change)
        ? made
        : now === arn && held !== undefined
          ? held
          : { ...held, ...known },
  );
  return laid(
    after === undefined || now === arn ? after : withMembersOf(after, arn, known.GroupName),
    unreadList('group'),
  );
};

/** Renames the group in its users. `arn`: the old ARN of the group. */
function withMembersOf(evidence: Evidence, arn: string, name: string): Evidence {
  const old = withoutPath(arn);
  return (arnsHeld(evidence, accountOf(arn), users) ?? []).reduce(
    (held, user) =>
      withIam(held, users, user, (one) =>
        one?.GroupList?.includes(old) === true ? inGroup(inGroup(one, old, false), name, true) : one,
      ) ?? held,
    evidence,
  );
}

const policyRow: OverlayRow = (evidence, change, context) => {
  const { planned, places } = context;
  const arn = isGone(change) ? (textIn(change.before, 'arn') ?? textIn(change.before, 'id')) : places.arnOf(change);
  if (arn === undefined || !isArn(arn)) return thingNotKnown('the ARN of the policy');
  const text = isGone(change)
    ? undefined
    : policyText(documentAt(planned, places, change, 'policy'), { kind: 'identity', attribute: 'policy' }, context);
  const made: ManagedPolicy = {
    Arn: arn,
    PolicyName: withoutPath(arn),
    PolicyVersionList: [
      { IsDefaultVersion: true, ...(text === undefined ? { VersionId: laterVersion } : { Document: text }) },
    ],
  };
  return laid(
    withIam(evidence, managedPolicies, arn, () => (isGone(change) ? undefined : made)),
    unreadList('managed policy'),
  );
};

/** Says what is missing. A name in the configuration does not show the account of a provider. */
function ownerNotKnown(
  noun: string,
  change: PlannedChange,
  { places }: OverlayContext,
): ReturnType<typeof factNotKnown> {
  return places.accountOf(change) === undefined
    ? factNotKnown(`the account of the ${noun}`)
    : thingNotKnown(`the name of the ${noun}`);
}

/** Edits the role, user or group that an attribute names. */
function withOwner<T>(
  evidence: Evidence,
  change: PlannedChange,
  { list, name, edit }: { readonly list: Owners<T>; readonly name: string | undefined; readonly edit: (one: T) => T },
  context: OverlayContext,
): Laid {
  const account = context.places.accountOf(change);
  if (name === undefined || account === undefined) return ownerNotKnown(list.noun, change, context);
  if (list.held(evidence.accounts[account]?.iam ?? {}) === undefined) return { why: unreadList(list.noun) };
  return laid(withOwnerNamed(evidence, { account, list, name }, edit), { code: 'thing-unread', what: list.noun, name });
}

/**
 * The name of an inline policy. `isOpen`: the name is a placeholder for one that is known only
 * after apply. A name that the provider chooses is never an existing name.
 */
function nameOfInline(
  change: PlannedChange,
  context: OverlayContext,
): { readonly is: string; readonly isOpen: boolean } | undefined {
  const { is } = context.planned.valueAt(change, ['name']);
  // An expression that contains the name of another resource gives another name.
  const given = isGone(change) || is === 'known' ? textNow(change, 'name', context) : undefined;
  if (given !== undefined) return { is: given, isOpen: false };
  return isMade(change) ? { is: chosenName(change), isOpen: is !== 'not given' } : undefined;
}

const inlineRow =
  <T>(list: Owners<T>): OverlayRow =>
  (evidence, change, context) => {
    const { planned, places } = context;
    const name = nameOfInline(change, context);
    if (name === undefined) return thingNotKnown('the name of the policy');
    const text = isGone(change)
      ? undefined
      : policyText(documentAt(planned, places, change, 'policy'), { kind: 'identity', attribute: 'policy' }, context);
    const edit = (one: T): T => {
      const policies = list.inline(one);
      if (policies === undefined) return one;
      const others = policies.filter(({ PolicyName }) => PolicyName !== name.is);
      // The unknown name may be the name of any other policy, which this policy then replaces.
      const left = name.isOpen ? others.map(({ PolicyName }) => inlinePolicy(PolicyName, undefined)) : others;
      return list.withInline(one, isGone(change) ? left : [...left, inlinePolicy(name.is, text)]);
    };
    return withOwner(evidence, change, { list, name: textNow(change, list.attribute, context), edit }, context);
  };

/** Adds a managed policy to those of an owner, or removes it. */
const attaching =
  <T>(list: Owners<T>, policy: string, isThere: boolean) =>
  (one: T): T => {
    const attached = list.attached(one);
    if (attached === undefined) return one;
    const others = attached.filter((arn) => arn !== policy && arn !== openPolicy(policy));
    return list.withAttached(one, isThere ? [...others, policy] : others);
  };

/** Leaves open whether a managed policy is attached. */
const openly =
  <T>(list: Owners<T>, policy: string) =>
  (one: T): T =>
    attaching(list, hiddenPolicy, true)(attaching(list, policy, false)(one));

const attachmentRow =
  <T>(list: Owners<T>): OverlayRow =>
  (evidence, change, context) => {
    const policy = textNow(change, 'policy_arn', context);
    if (policy === undefined) return thingNotKnown('the policy that is attached');
    const { rivals, note } = context;
    if (rivals.length > 0) note({ code: 'policies-unordered', others: rivals });
    const edit = rivals.length > 0 ? openly(list, policy) : attaching(list, policy, !isGone(change));
    return withOwner(evidence, change, { list, name: textNow(change, list.attribute, context), edit }, context);
  };

/**
 * The provider compares the lists of the change only with those of the state. Others that have the
 * policy keep it until the next plan, which finds them in the state.
 */
const exclusiveAttachmentRow: OverlayRow = (evidence, change, context) => {
  const policy = textNow(change, 'policy_arn', context);
  const account = context.places.accountOf(change);
  if (policy === undefined || account === undefined) return thingNotKnown('the policy that is attached');
  context.note({ code: 'exclusive-attachment' });
  const comparedWith = <T>(list: Owners<T>, name: string): ComparedLists | undefined =>
    comparedLists(change, name, arnsHeld(evidence, account, list) ?? [], context);
  const [ofRoles, ofUsers, ofGroups] = [
    comparedWith(roles, 'roles'),
    comparedWith(users, 'users'),
    comparedWith(groups, 'groups'),
  ];
  if (ofRoles === undefined || ofUsers === undefined || ofGroups === undefined)
    return thingNotKnown('who has the policy');
  const { rivals, contested, note, places } = context;
  if (rivals.length > 0) note({ code: 'policies-unordered', others: rivals });
  const isOpen = (noun: string, name: string): boolean =>
    contested.has(ownerAt(change, `managed ${noun}`, name, places) ?? '');
  const all = [
    attachedAsListed(roles, ofRoles, isOpen),
    attachedAsListed(users, ofUsers, isOpen),
    attachedAsListed(groups, ofGroups, isOpen),
  ];
  return { evidence: all.reduce((held, attach) => attach(held, policy, account), evidence) };
};

/** `listed`: the names in the new list. `left`: the names that only the old list has. */
interface ComparedLists {
  readonly listed: readonly string[];
  readonly left: readonly string[];
}

/**
 * Compares a list of a change with the old list. `held`: the ARNs of all such principals in the
 * evidence. Undefined: not all names are known.
 */
function comparedLists(
  change: PlannedChange,
  name: string,
  held: readonly string[],
  context: OverlayContext,
): ComparedLists | undefined {
  const listed = isGone(change) ? [] : textsAt(change, name, context);
  if (listed === undefined) return undefined;
  // The state of a plan lists everybody, so nobody else has the policy or is in the group.
  const old = isOfState(change) ? held.map(withoutPath) : propertyOf(change.before, name);
  const kept = new Set(listed);
  const left = (isList(old) ? old : []).filter((one) => typeof one === 'string');
  return { listed, left: left.filter((one) => !kept.has(one)) };
}

/** `isOpen`: whether another change, in no order, decides the attachment to a principal, too. */
const attachedAsListed =
  <T>(list: Owners<T>, { listed, left }: ComparedLists, isOpen: (noun: string, name: string) => boolean) =>
  (evidence: Evidence, policy: string, account: string): Evidence =>
    [...left, ...listed].reduce((held, name, at) => {
      const arn = arnNamed(held, account, list, name);
      const edit = isOpen(list.noun, name) ? openly(list, policy) : attaching(list, policy, at >= left.length);
      const edited = arn === undefined ? undefined : withIam(held, list, arn, (one) => one && edit(one));
      return edited ?? held;
    }, evidence);

/**
 * Removes the policies that are not listed, and attaches the managed policies that are listed. A
 * delete removes nothing.
 */
const exclusiveRow =
  <T>(list: Owners<T>, of: 'inline' | 'managed'): OverlayRow =>
  (evidence, change, context) => {
    if (isGone(change)) return { evidence };
    const listed = textsAt(change, of === 'inline' ? 'policy_names' : 'policy_arns', context);
    const kept = listed && new Set(listed);
    const edit = (one: T): T => {
      const [attached, inline] = [list.attached(one), list.inline(one)];
      // If the names in the list are not known, any policy may stay, and any managed policy may come.
      if (of === 'managed')
        return attached === undefined ? one : list.withAttached(one, kept === undefined ? [hiddenPolicy] : [...kept]);
      if (inline === undefined) return one;
      return list.withInline(
        one,
        kept === undefined
          ? inline.map(({ PolicyName }) => inlinePolicy(PolicyName, undefined))
          : inline.filter(({ PolicyName }) => kept.has(PolicyName)),
      );
    };
    return withOwner(
      evidence,
      change,
      { list, name: context.places.textAt(change, `${list.attribute}_name`), edit },
      context,
    );
  };

function inGroup(user: User, group: string, isMember: boolean): User {
  if (user.GroupList === undefined) return user;
  const others = user.GroupList.filter((one) => one !== group);
  return { ...user, GroupList: isMember ? [...others, group] : others };
}

/** Nothing shows in which groups the user is if rivals decide that in no order. */
function unlessRivals(
  edit: (user: User) => User,
  { rivals, note }: Pick<OverlayContext, 'rivals' | 'note'>,
): (user: User) => User {
  if (rivals.length === 0) return edit;
  note({ code: 'policies-unordered', others: rivals });
  return (user) => ({ ...user, GroupList: undefined });
}

/** As with `aws_iam_policy_attachment`, other members stay in the group until the next plan. */
const groupMembershipRow: OverlayRow = (evidence, change, context) => {
  const account = context.places.accountOf(change);
  const group = textNow(change, 'group', context);
  if (group === undefined || account === undefined) return thingNotKnown('the group');
  const all = arnsHeld(evidence, account, users);
  if (all === undefined) return { why: unreadList('user') };
  const members = comparedLists(change, 'users', all, context);
  if (members === undefined) return thingNotKnown('the users of the group');
  const [concerned, joined] = [new Set([...members.listed, ...members.left]), new Set(members.listed)];
  const edit = unlessRivals((user) => inGroup(user, group, joined.has(withoutPath(user.Arn))), context);
  return {
    evidence: all
      .filter((arn) => concerned.has(withoutPath(arn)))
      .reduce((held, arn) => withIam(held, users, arn, (user) => user && edit(user)) ?? held, evidence),
  };
};

const userGroupsRow: OverlayRow = (evidence, change, context) => {
  const left = propertyOf(change.before, 'groups');
  const before = isList(left) ? left.filter((one) => typeof one === 'string') : [];
  const joined = isGone(change) ? [] : textsAt(change, 'groups', context);
  if (joined === undefined) return thingNotKnown('the groups of the user');
  const edit = unlessRivals(
    (user) =>
      [...new Set([...before, ...joined])].reduce((held, group) => inGroup(held, group, joined.includes(group)), user),
    context,
  );
  return withOwner(evidence, change, { list: users, name: textNow(change, 'user', context), edit }, context);
};

/** Applied in this order: owners of policies before attachments, and exclusive lists last. */
export const principalRows: Readonly<Record<string, OverlayRow>> = {
  aws_iam_policy: policyRow,
  aws_iam_role: roleRow,
  aws_iam_user: userRow,
  aws_iam_group: groupRow,
  aws_iam_role_policy: inlineRow(roles),
  aws_iam_user_policy: inlineRow(users),
  aws_iam_group_policy: inlineRow(groups),
  aws_iam_role_policy_attachment: attachmentRow(roles),
  aws_iam_user_policy_attachment: attachmentRow(users),
  aws_iam_group_policy_attachment: attachmentRow(groups),
  aws_iam_policy_attachment: exclusiveAttachmentRow,
  aws_iam_role_policies_exclusive: exclusiveRow(roles, 'inline'),
  aws_iam_user_policies_exclusive: exclusiveRow(users, 'inline'),
  aws_iam_group_policies_exclusive: exclusiveRow(groups, 'inline'),
  aws_iam_role_policy_attachments_exclusive: exclusiveRow(roles, 'managed'),
  aws_iam_user_policy_attachments_exclusive: exclusiveRow(users, 'managed'),
  aws_iam_group_policy_attachments_exclusive: exclusiveRow(groups, 'managed'),
  aws_iam_group_membership: groupMembershipRow,
  aws_iam_user_group_membership: userGroupsRow,
};
