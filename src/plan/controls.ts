import { isAccountId } from '../base/arn.ts';
import { isJson } from '../base/json.ts';
import { hiddenPolicy } from '../base/planned-name.ts';
import type { Evidence, PolicyDocument, Role } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { mayHave } from './control-texts.ts';
import { documentAt, openDocument } from './documents.ts';
import { roles, withIam, withRegion } from './edits.ts';
import {
  factNotKnown,
  isGone,
  isMade,
  isOfState,
  type OverlayContext,
  type OverlayRow,
  policyText,
  textIn,
  textNow,
  thingNotKnown,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/* Control policies, permission sets and VPC endpoints in a plan. */

type Level = NonNullable<NonNullable<Evidence['accounts'][string]['organization']>['path']>[number];
type ControlList = 'scps' | 'rcps';
const kindOf = { scps: 'scp', rcps: 'rcp' } as const;

function withLevels(evidence: Evidence, edit: (level: Level) => Level): Evidence {
  const accounts = Object.entries(evidence.accounts).map(([id, account]) => {
    const { organization } = account;
    const path = organization?.path?.map(edit);
    return [
      id,
      organization === undefined || organization === null || path === undefined
        ? account
        : { ...account, organization: { ...organization, path } },
    ] as const;
  });
  return { ...evidence, accounts: Object.fromEntries(accounts) };
}

/**
 * The list of a level that has a control policy. Undefined: a kind of policy that decides nothing
 * here.
 */
function listOf(change: PlannedChange, { planned }: OverlayContext): ControlList | 'unknown' | undefined {
  const value = planned.valueAt(change, ['type']);
  if (!isGone(change) && value.is !== 'known' && value.is !== 'not given') return 'unknown';
  const type = textIn(change.after, 'type') ?? textIn(change.before, 'type') ?? 'SERVICE_CONTROL_POLICY';
  return type === 'SERVICE_CONTROL_POLICY' ? 'scps' : type === 'RESOURCE_CONTROL_POLICY' ? 'rcps' : undefined;
}

interface Control {
  readonly list: ControlList;
  readonly name: string;
}

function without(level: Level, { list, name }: Control): Level {
  const policies = level[list];
  return policies === undefined ? level : { ...level, [list]: policies.filter((one) => one.name !== name) };
}

function hasControl(level: Level, { list, name }: Control): boolean {
  return level[list]?.some((one) => one.name === name) === true;
}

function withText(level: Level, { list, name }: Control, text: PolicyDocument): Level {
  const { [list]: policies } = level;
  if (policies === undefined) return level;
  const made = { name, document: text };
  const isHeld = policies.some((one) => one.name === name);
  return {
    ...level,
    [list]: isHeld ? policies.map((one) => (one.name === name ? { ...one, ...made } : one)) : [...policies, made],
  };
}

function controlText(change: PlannedChange, list: ControlList, context: OverlayContext): PolicyDocument {
  const document = documentAt(context.planned, context.places, change, 'content');
  return (
    policyText(document, { kind: kindOf[list], attribute: 'content' }, context) ?? openDocument(change, kindOf[list])
  );
}

/**
 * The ID of an account at or below a target whose policies of this kind were not read. Unread
 * policies count as harmless elsewhere, so a policy with a known text must not be lost in such a
 * list. Undefined: there is no such account.
 */
function unreadUnder({ accounts }: Evidence, target: string, list: ControlList): string | undefined {
  const found = Object.entries(accounts).find(([id, { organization }]) => {
    // No control policy applies to the management account, or without an organization. But an account
    // to which a policy is attached is in one, or AWS Organizations refuses to attach the policy.
    if (organization === null) return target === id;
    if (organization?.managementAccountId === id) return false;
    const path = organization?.path;
    if (path === undefined) return target === id || !isAccountId(target);
    return path.some((level) => level.id === target && level[list] === undefined);
  });
  return found?.[0];
}

function unreadControls(account: string) {
  return factNotKnown(`which control policies apply to account ${account}`);
}

const controlPolicyRow: OverlayRow = (evidence, change, context) => {
  const { places } = context;
  const list = listOf(change, context);
  const name = textIn(change.before, 'name') ?? places.textAt(change, 'name');
  // A policy of another kind decides nothing here. A new policy has an effect only where it is
  // attached.
  if (list === 'unknown') return thingNotKnown('the type of the control policy');
  if (list === undefined || change.kind === 'create') return { evidence };
  if (name === undefined) return thingNotKnown('the name of the control policy');
  const control = { list, name };
  // AWS Organizations deletes no policy that is attached. Only the apply shows whether it still is.
  if (isGone(change))
    return {
      evidence: withLevels(evidence, (level) =>
        hasControl(level, control) ? withText(level, control, openDocument(change, kindOf[list])) : level,
      ),
    };
  const unread = targetsOf(change, context).flatMap((target) => unreadUnder(evidence, target, list) ?? [])[0];
  if (unread !== undefined) return unreadControls(unread);
  const text = controlText(change, list, context);
  return {
    evidence: withLevels(evidence, (level) => (hasControl(level, control) ? withText(level, control, text) : level)),
  };
};

const fullAccess: PolicyDocument = { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] };

/** The AWS managed policies that every organization has, by their IDs. */
const ofAws: Readonly<Record<string, Control & { readonly document: PolicyDocument }>> = {
  'p-FullAWSAccess': {
    list: 'scps',
    name: 'FullAWSAccess',
    document: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  },
  'p-RCPFullAWSAccess': { list: 'rcps', name: 'RCPFullAWSAccess', document: fullAccess },
};

const controlAttachmentRow: OverlayRow = (evidence, change, context) => {
  const target = textNow(change, 'target_id', context);
  const control = controlOf(change, context);
  // A new organizational unit has no account yet.
  if (isNewTarget(change, context)) return { evidence };
  if (target === undefined) return thingNotKnown('the target of the control policy');
  if (control === 'other') return { evidence };
  if (control === undefined) return thingNotKnown('the control policy');
  const edited = (edit: (level: Level) => Level) => ({
    evidence: withLevels(evidence, (level) => (level.id === target ? edit(level) : level)),
  });
  const unread = unreadUnder(evidence, target, control.list);
  const { rivals, note } = context;
  if (rivals.length > 0) note({ code: 'policies-unordered', others: rivals });
  // Without a policy that allows, the level may allow nothing.
  const matters = rivals.length > 0 || (isGone(change) ? control.mayAllow : !isOfState(change) || control.mayDeny);
  if (unread !== undefined && matters) return unreadControls(unread);
  if (rivals.length > 0) return edited((level) => withText(level, control, openDocument(change, kindOf[control.list])));
  return edited((level) => (isGone(change) ? without(level, control) : withText(level, control, control.text())));
};

/**
 * A control policy that is attached or detached. `mayAllow`, `mayDeny`: whether it may allow or deny a
 * call of an operation.
 */
interface Attached extends Control {
  readonly text: () => PolicyDocument;
  readonly mayAllow: boolean;
  readonly mayDeny: boolean;
}

/** `other`: a policy of a kind that decides nothing here. Undefined: not known. */
function controlOf(change: PlannedChange, context: OverlayContext): Attached | 'other' | undefined {
  const id = textNow(change, 'policy_id', context) ?? '';
  const known = Object.hasOwn(ofAws, id) ? ofAws[id] : undefined;
  if (known !== undefined)
    return { ...known, text: () => known.document, mayAllow: known.list === 'scps', mayDeny: false };
  const policy = attachedPolicy(change, context);
  if (policy === undefined) return undefined;
  const list = listOf(policy, context);
  const name = nameOfControl(policy, isGone(change), context.places);
  if (list === undefined) return 'other';
  if (list === 'unknown' || name === undefined) return undefined;
  return {
    list,
    name,
    text: () => controlText(policy, list, context),
    // RCPs contain no Allow (iam-evaluation 5.32).
    mayAllow: list === 'scps' && mayHave('Allow', textIn(policy.before, 'content')),
    mayDeny: mayHave('Deny', textIn(policy.after, 'content')),
  };
}

/** A new organizational unit or account. An account that moves is a separate change. */
function isNewTarget(change: PlannedChange, { planned }: OverlayContext): boolean {
  const target = planned.valueAt(change, ['target_id']);
  return (
    target.is === 'later' &&
    target.of.kind === 'create' &&
    target.name === 'id' &&
    ['aws_organizations_organizational_unit', 'aws_organizations_account'].includes(target.of.type)
  );
}

/** `isOld`: use the name before the apply, for a policy that is detached. */
function nameOfControl(
  policy: PlannedChange,
  isOld: boolean,
  { textAt }: OverlayContext['places'],
): string | undefined {
  const [now, old] = [textAt(policy, 'name'), textIn(policy.before, 'name')];
  return isOld ? (old ?? now) : (now ?? old);
}

/** The targets to which the stack attaches an existing policy. */
function targetsOf(policy: PlannedChange, context: OverlayContext): readonly string[] {
  const attached = context.planned.changes.filter(
    (one) => one.type === 'aws_organizations_policy_attachment' && attachedPolicy(one, context) === policy,
  );
  return attached.flatMap((one) => textNow(one, 'target_id', context) ?? []);
}

function attachedPolicy(change: PlannedChange, context: OverlayContext): PlannedChange | undefined {
  const { planned } = context;
  const reference = isGone(change) ? undefined : planned.valueAt(change, ['policy_id']);
  if (reference?.is === 'later') return reference.of;
  const id = textNow(change, 'policy_id', context);
  return planned.changes.find(
    (one) =>
      one.type === 'aws_organizations_policy' &&
      id !== undefined &&
      (textIn(one.after, 'id') ?? textIn(one.before, 'id')) === id,
  );
}

/** A permission set has a role in each account, `AWSReservedSSO_<name>_<16 digits>`. */
const permissionSetRow =
  (edit: (role: Role, change: PlannedChange, context: OverlayContext) => Role): OverlayRow =>
  (evidence, change, context) => {
    const set = permissionSetOf(change, context);
    const [old, now] = [textIn(set?.before, 'name'), textIn(set?.after, 'name')];
    const name = isGone(change) ? (old ?? now) : (now ?? old);
    if (set === undefined || name === undefined) return thingNotKnown('the name of the permission set');
    return {
      evidence: withRolesOf(evidence, name, (role) =>
        isMade(set) ? withOpenPolicy(role) : edit(role, change, context),
      ),
    };
  };

/** Edits the roles of a permission set in all accounts. */
function withRolesOf(evidence: Evidence, set: string, edit: (role: Role) => Role): Evidence {
  const arns = Object.values(evidence.accounts).flatMap(({ iam }) =>
    (iam?.RoleDetailList ?? []).filter(({ RoleName }) => isOfPermissionSet(RoleName, set)).map(({ Arn }) => Arn),
  );
  return arns.reduce((held, arn) => withIam(held, roles, arn, (role) => role && edit(role)) ?? held, evidence);
}

/**
 * The roles of a permission set exist as long as the set is assigned. Where the set is deleted, only
 * the apply shows whether its roles are gone, and with which policies they stay.
 */
const setRow: OverlayRow = (evidence, { kind, before }) => {
  const name = kind === 'delete' ? textIn(before, 'name') : undefined;
  return { evidence: name === undefined ? evidence : withRolesOf(evidence, name, withOpenPolicy) };
};

/**
 * Only the 16 digits follow the name: the name of another permission set may begin with this name.
 */
function isOfPermissionSet(role: string, set: string): boolean {
  const prefix = `AWSReservedSSO_${set}_`;
  return role.startsWith(prefix) && /^[0-9a-f]{16}$/i.test(role.slice(prefix.length));
}

function permissionSetOf(change: PlannedChange, context: OverlayContext): PlannedChange | undefined {
  const { planned } = context;
  const reference = isGone(change) ? undefined : planned.valueAt(change, ['permission_set_arn']);
  if (reference?.is === 'later') return reference.of;
  const arn = textNow(change, 'permission_set_arn', context);
  return planned.changes.find(
    (one) =>
      one.type === 'aws_ssoadmin_permission_set' &&
      arn !== undefined &&
      (textIn(one.after, 'arn') ?? textIn(one.before, 'arn')) === arn,
  );
}

/** The name that IAM Identity Center gives the inline policy of a permission set. */
const inlineName = 'AwsSSOInlinePolicy';

/**
 * A role of which nothing shows which policies it has. A new permission set has no role until it is
 * assigned, so nothing shows that its policies reach a role with its name.
 */
function withOpenPolicy(role: Role): Role {
  const policies = roles.inline(role);
  if (policies === undefined) return role;
  const others = policies.filter(({ PolicyName }) => PolicyName !== inlineName);
  return roles.withInline(role, [...others, { PolicyName: inlineName }]);
}

const withSetPolicy = permissionSetRow((role, change, context) => {
  const policies = roles.inline(role);
  if (policies === undefined) return role;
  const others = policies.filter(({ PolicyName }) => PolicyName !== inlineName);
  if (isGone(change)) return roles.withInline(role, others);
  const text = policyText(
    documentAt(context.planned, context.places, change, 'inline_policy'),
    { kind: 'identity', attribute: 'inline_policy' },
    context,
  );
  return roles.withInline(role, [
    ...others,
    { PolicyName: inlineName, ...(text === undefined ? {} : { PolicyDocument: text }) },
  ]);
});

const attachmentToSet = permissionSetRow((role, change, context) => {
  const attached = roles.attached(role);
  const arn = textNow(change, 'managed_policy_arn', context);
  if (attached === undefined || arn === undefined) return role;
  const others = attached.filter((one) => one !== arn);
  const { rivals, note } = context;
  if (rivals.length > 0) note({ code: 'policies-unordered', others: rivals });
  if (rivals.length > 0) return roles.withAttached(role, [...others, hiddenPolicy]);
  return roles.withAttached(role, isGone(change) ? others : [...others, arn]);
});

const withSetAttachment: OverlayRow = (evidence, change, context) =>
  textNow(change, 'managed_policy_arn', context) === undefined
    ? thingNotKnown('the policy that is attached')
    : attachmentToSet(evidence, change, context);

const endpointRow: OverlayRow = (evidence, change, context) => {
  const { planned, places } = context;
  const place = places.placeOf(change);
  const id = textNow(change, 'vpc_endpoint_id', context) ?? textIn(change.before, 'id');
  // Nobody can name a new endpoint in a question, because AWS chooses its ID.
  if (change.type === 'aws_vpc_endpoint' && change.kind === 'create') return { evidence };
  if (place === undefined || id === undefined) return thingNotKnown('the VPC endpoint');
  const document = isGone(change) ? undefined : documentAt(planned, places, change, 'policy');
  const isLeft = change.type === 'aws_vpc_endpoint' && (isGone(change) || document?.is === 'not given');
  if (isLeft) return { evidence };
  const text =
    document === undefined || document.is === 'not given'
      ? fullAccess
      : (policyText(document, { kind: 'endpoint', attribute: 'policy', writtenBy: change }, context) ??
        openDocument(change, 'endpoint'));
  const after = withRegion(evidence, place, (region) => {
    const { vpcEndpointPolicies: held } = region;
    if (held === undefined) return region;
    const others = held.filter(({ name }) => name !== id);
    return { ...region, vpcEndpointPolicies: [...others, { name: id, document: text }] };
  });
  return { evidence: after ?? evidence };
};

/**
 * Changes that IAM Identity Center makes to roles in accounts. The plan does not show which roles
 * change.
 */
const identityCenterRow: OverlayRow = () => factNotKnown('which roles of IAM Identity Center change');

/** If an account moves in the organization, other SCPs and RCPs apply to it. */
const accountRow: OverlayRow = (evidence, change) =>
  change.kind === 'update' &&
  (!isJson(change.unknown) || propertyOf(change.unknown, 'parent_id') === undefined) &&
  textIn(change.before, 'parent_id') === textIn(change.after, 'parent_id')
    ? { evidence }
    : factNotKnown('which SCPs and RCPs apply to the account');

export const controlRows: Readonly<Record<string, OverlayRow>> = {
  aws_organizations_policy: controlPolicyRow,
  aws_organizations_policy_attachment: controlAttachmentRow,
  aws_ssoadmin_permission_set: setRow,
  aws_ssoadmin_permission_set_inline_policy: withSetPolicy,
  aws_ssoadmin_managed_policy_attachment: withSetAttachment,
  aws_ssoadmin_account_assignment: identityCenterRow,
  aws_ssoadmin_customer_managed_policy_attachment: identityCenterRow,
  aws_ssoadmin_customer_managed_policy_attachments_exclusive: identityCenterRow,
  aws_ssoadmin_managed_policy_attachments_exclusive: identityCenterRow,
  aws_ssoadmin_permissions_boundary_attachment: identityCenterRow,
  aws_organizations_account: accountRow,
  aws_vpc_endpoint: endpointRow,
  aws_vpc_endpoint_policy: endpointRow,
};
