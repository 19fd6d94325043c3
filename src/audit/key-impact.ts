import { accountOf, isAccountId, nameOf, type Place, placeOf, resourceIn } from '../base/arn.ts';
import { sameJson } from '../base/json.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import type { RuleId } from '../base/rules.ts';
import type { BulkSettings } from '../bulk/bulk.ts';
import type { Directory } from '../evidence/directory.ts';
import { findKey, keyStateOf, managerOf } from '../evidence/lookup.ts';
import type { ClusterSnapshot, Evidence, Key, Region } from '../evidence/schema.ts';
import { everybodyIn } from '../preflight/outsiders.ts';
import {
  type Dependent,
  type DependentList,
  type DependentsFound,
  dependentsOf,
  listsUnread,
  type OpenDependent,
} from './dependents.ts';
import { dependentKinds, type Impact, impactOf, type KeyAction } from './impact-table.ts';
import {
  type DecidingPart,
  decidingParts,
  holdersBesides,
  holdersFor,
  holdersOn,
  type KeyActionAsked,
  type KeyHolders,
  type SelfGivers,
  selfGivers,
} from './key-holders.ts';
import { type Elsewhere, type Pointer, pointersOf } from './key-pointers.ts';
import { unusableStateOf } from './key-states.ts';
import { isCertainLoss, type PolicyChange, policyChange, revokesGrantOfRds } from './new-policy.ts';

/** The question whether keys may be taken out of use. */
export interface KeyImpactQuestion extends BulkSettings {
  /** The ARNs of all keys in the question: each answer assumes the loss of all of them. */
  readonly keys: readonly string[];
  /** In the order of `keyActions`. */
  readonly actions: readonly KeyAction[];
  /**
   * The evidence with the new key policies, for the action `policy`. Absent: the new policy is not
   * known.
   */
  readonly planned?: Evidence;
  /** The ARNs of keys whose new policy was given, even if it is the present policy. */
  readonly given?: readonly string[];
}

/**
 * `no RDS dependent found`: all deciding data was read, and nothing points elsewhere. `no loss
 * found`: only for a new key policy, under which nobody loses an RDS operation. Neither says that
 * the key is safe to lose.
 */
export type KeyVerdict = 'breaks' | 'cannot tell' | 'no loss found' | 'no RDS dependent found';

/** Facts that were not read, so something unseen may depend on the key. */
export type ImpactUnread =
  | { readonly code: 'dependents-unread'; readonly place: Place; readonly lists: readonly DependentList[] }
  | { readonly code: 'dependent-account-unread'; readonly account: string }
  | { readonly code: 'part-of-key-unread'; readonly part: KeyPart }
  | { readonly code: 'key-of-resource-unknown'; readonly open: OpenDependent }
  | { readonly code: 'snapshot-sharing-unread'; readonly snapshots: readonly string[] };

export type KeyPart =
  | 'description'
  | 'origin'
  | 'expiry'
  | 'manager'
  | 'policy'
  | 'second policy'
  | 'grants'
  | 'aliases'
  | 'tags';

/** Why KMS refuses an action. */
export type KeyRefusal =
  | { readonly code: 'key-is-managed-by-aws'; readonly source: RuleId }
  | { readonly code: 'material-is-not-imported'; readonly origin: string; readonly source: RuleId }
  | { readonly code: 'state-forbids-action'; readonly state: string; readonly source: RuleId };

/** Notes on a key, whatever the verdict is. Times are ISO texts. */
export type KeyNote =
  | { readonly code: 'key-unusable-already'; readonly state: string }
  | {
      readonly code: 'deletion-scheduled';
      readonly date: string | undefined;
      readonly isPast: boolean;
      readonly waitsForReplicas: boolean;
    }
  | { readonly code: 'material-expires'; readonly validTo: string; readonly isPast: boolean }
  | { readonly code: 'material-imported' }
  | { readonly code: 'key-in-custom-store'; readonly origin: string }
  | { readonly code: 'key-of-another-account'; readonly account: string }
  /** `others`: the ARNs of related keys that are known. `type` undefined: not known. */
  | {
      readonly code: 'key-has-relatives';
      readonly type: 'PRIMARY' | 'REPLICA' | undefined;
      readonly others: readonly string[];
    }
  | {
      readonly code: 'snapshots-shared';
      readonly account: string;
      readonly snapshots: number;
      readonly isRead: boolean;
    }
  /** `operation`: the KMS operation. Undefined: not known. */
  | { readonly code: 'key-last-used'; readonly operation: string | undefined; readonly time: string | undefined }
  /** KMS has recorded no use since it began to record uses. */
  | { readonly code: 'key-use-not-seen'; readonly since: string | undefined }
  | { readonly code: 'already-inaccessible'; readonly databases: readonly string[] }
  /** Databases without a known backup that can be read without the keys. */
  | { readonly code: 'no-copy-elsewhere'; readonly databases: number; readonly of: number };

/** The rules behind notes. */
export const noteRules: ReadonlyMap<KeyNote['code'], RuleId> = new Map<KeyNote['code'], RuleId>([
  ['material-imported', 'rds-kms-operations-2 15.2'],
  ['material-expires', 'rds-kms-operations-2 15.2'],
  ['deletion-scheduled', 'rds-kms-operations-2 1'],
  ['key-has-relatives', 'rds-kms-operations-2 15.3'],
  ['already-inaccessible', 'rds-kms-operations 8.1'],
  ['key-last-used', 'rds-kms-operations-2 15.6'],
  ['key-use-not-seen', 'rds-kms-operations-2 15.6'],
]);

/** Dependents of one kind, and what happens to them. */
export interface ImpactGroup {
  readonly impact: Impact;
  readonly dependents: readonly [Dependent, ...Dependent[]];
}

export interface ActionImpact {
  readonly action: KeyAction;
  /** Undefined: KMS does not refuse the action, or the deciding fact was not read. */
  readonly refusal: KeyRefusal | undefined;
  /** Undefined: KMS refuses the action for this key in every state. */
  readonly verdict: KeyVerdict | undefined;
  /** The worst first. */
  readonly groups: readonly ImpactGroup[];
  /**
   * Who could carry out the action, and who could undo it. Empty: KMS refuses the action in every
   * state.
   */
  readonly holders: readonly KeyHolders[];
  readonly selfGivers: SelfGivers;
  /** Only for the action `policy`, if the new policy is known. */
  readonly change: PolicyChange | undefined;
}

/**
 * Until when the data can still be read after a key is deleted. `date`: ISO text. `last-replica`:
 * after the deletion of all replica keys. `primary-is-left`: a replica key can be created again.
 * `relatives-unread`: it is not known whether a related key is left.
 */
export interface DeletionEnd {
  readonly date: string | undefined;
  readonly after: 'waiting-period' | 'last-replica' | 'primary-is-left' | 'relatives-unread';
}

/** Until when the data can still be read if a key is deleted (rds-kms-operations-2 15.3). */
export function deletionEnd({ key, state, arn }: Pick<KeyImpact, 'key' | 'state' | 'arn'>): DeletionEnd {
  const {
    MultiRegion: isMultiRegion,
    MultiRegionConfiguration: configuration,
    DeletionDate: date,
  } = key?.KeyMetadata ?? {};
  const scheduled = state === 'PendingDeletion' ? isoOf(date) : undefined;
  const isRelated = isMultiRegion === true || nameOf(arn).startsWith('mrk-') || state === 'PendingReplicaDeletion';
  if (!isRelated) return { date: scheduled, after: 'waiting-period' };
  const type = configuration?.MultiRegionKeyType?.toUpperCase();
  if (type === 'REPLICA') return { date: scheduled, after: 'primary-is-left' };
  if (state === 'PendingReplicaDeletion') return { date: undefined, after: 'last-replica' };
  if (type !== 'PRIMARY') return { date: scheduled, after: 'relatives-unread' };
  const isLast = state === 'PendingDeletion' || configuration?.ReplicaKeys?.length === 0;
  return { date: scheduled, after: isLast ? 'waiting-period' : 'last-replica' };
}

export interface KeyImpact {
  readonly arn: string;
  readonly key: Key | undefined;
  readonly state: string | undefined;
  readonly manager: string | undefined;
  readonly found: DependentsFound;
  readonly actions: readonly ActionImpact[];
  readonly pointers: readonly Pointer[];
  readonly unread: readonly ImpactUnread[];
  readonly notes: readonly KeyNote[];
  /** The worst verdict of the actions. */
  readonly verdict: KeyVerdict;
}

/**
 * What depends on a key, and what each action does to it. `arn`: the ARN of a key, or of the alias
 * of an AWS managed key.
 */
export function keyImpact(directory: Directory, arn: string, question: KeyImpactQuestion): KeyImpact {
  const { evidence } = directory;
  const key = directory.key(arn);
  const found = dependentsOf(evidence, arn, key);
  const { dependents } = found;
  const databases = new Set(dependents.flatMap(({ database }) => database ?? []));
  const pointers = pointersOf(directory, arn, databases);
  const shared = sharingOf(directory, dependents);
  const unread = unreadOf(directory, { arn, key, found, pointers, shared });
  const state = keyStateOf(key);
  const manager = managerOf(key, aliasName(arn));
  const isOpen = unread.length > 0 || pointers.length > 0;
  const whoMay = askingWho(directory, arn, question);
  const actions = question.actions.map((action): ActionImpact => {
    const refusal = refusalOf(action, { key, state, manager });
    const isNever = refusal !== undefined && refusal.code !== 'state-forbids-action';
    const change = action === 'policy' && !isNever ? plannedChange(directory, arn, question) : undefined;
    const groups = groupsOf(dependents, { action, state, change });
    // Only imported material can be deleted.
    const mayNotApply = action === 'delete-material' && key?.KeyMetadata.Origin === undefined;
    const facts = { hasDependents: dependents.length > 0, isOpen, mayNotApply, change };
    const verdict = isNever ? undefined : verdictOf(action, facts);
    return { action, refusal, groups, verdict, change, ...whoMay(isNever ? undefined : { action, of: change?.of }) };
  });
  return {
    arn,
    key,
    state,
    manager,
    found,
    actions,
    pointers,
    unread: [...unread, ...(dependents.length === 0 ? [] : naturesUnread(key))],
    notes: notesOf(evidence, { arn, key, state, dependents, shared }, question),
    verdict: worst(
      actions.flatMap(({ verdict }) => verdict ?? []),
      dependents.length > 0 || isOpen,
    ),
  };
}

/** The name of an alias. If an AWS managed key was not read, only its alias is known. */
function aliasName(arn: string): string | undefined {
  const name = resourceIn(arn);
  return name.startsWith('alias/') ? name : undefined;
}

const rankedVerdicts: readonly KeyVerdict[] = ['breaks', 'cannot tell', 'no loss found', 'no RDS dependent found'];

/**
 * The worst of some verdicts. There are none if KMS refuses every action. `isOpen`: whether
 * something could be lost in that case.
 */
function worst(verdicts: readonly KeyVerdict[], isOpen: boolean): KeyVerdict {
  const found = rankedVerdicts.find((one) => verdicts.includes(one));
  return found ?? (isOpen ? 'cannot tell' : 'no RDS dependent found');
}

/** The worst verdict of several keys. */
export function worstVerdict(verdicts: readonly KeyVerdict[]): KeyVerdict {
  return worst(verdicts, true);
}

interface ForVerdict {
  readonly hasDependents: boolean;
  /** Something was not read, or points elsewhere. */
  readonly isOpen: boolean;
  /** It is not known whether the key has the material that the action deletes. */
  readonly mayNotApply: boolean;
  readonly change: PolicyChange | undefined;
}

/**
 * The verdict on an action. Without the text of the new policy, nobody knows what the policy takes
 * away.
 */
function verdictOf(action: KeyAction, { hasDependents, isOpen, mayNotApply, change }: ForVerdict): KeyVerdict {
  if (change !== undefined) {
    const { isLockedOut, losses, stopsGrants } = change;
    if (isLockedOut || losses.some(isCertainLoss) || (hasDependents && stopsGrants === 'yes')) return 'breaks';
    const mayTake = stopsGrants !== 'no' || revokesGrantOfRds(change) || losses.length > 0 || mayTakeFromUnread(change);
    if (isOpen || mayTake || mayLockOut(change)) return 'cannot tell';
    return hasDependents ? 'no loss found' : 'no RDS dependent found';
  }
  if (hasDependents) return action === 'policy' || mayNotApply ? 'cannot tell' : 'breaks';
  return isOpen ? 'cannot tell' : 'no RDS dependent found';
}

/**
 * Whether a new policy may leave nobody who can change it: somebody who was not read may be the
 * last who can.
 */
function mayLockOut({ of, changers: { can, lacks } }: PolicyChange): boolean {
  return of.includes('policy') && (lacks.length > 0 || can.length === 0);
}

/** Whether a new policy may take an operation from somebody who was not read. */
function mayTakeFromUnread({ of, usersUnread }: PolicyChange): boolean {
  return of.includes('policy') && usersUnread.length > 0;
}

/**
 * The effects of the planned change of a key. Undefined: the new policy is not known, or the plan
 * changes nothing that decides who may use the key.
 */
function plannedChange(directory: Directory, arn: string, question: KeyImpactQuestion): PolicyChange | undefined {
  const { planned, given = [] } = question;
  const [then, now] = [directory.key(arn), planned === undefined ? undefined : findKey(planned, arn)];
  const isHidden = now?.Policy === undefined && then?.Policy !== undefined;
  if (planned === undefined || isHidden) return undefined;
  const differs: Readonly<Record<DecidingPart, boolean>> = {
    policy: given.includes(arn) || !sameJson(then?.Policy, now?.Policy),
    grants: !sameJson(then?.Grants, now?.Grants),
    tags: !sameJson(then?.Tags, now?.Tags),
    aliases: !sameJson(then?.Aliases, now?.Aliases) || !sameJson(then?.FoundAs, now?.FoundAs),
  };
  const [first, ...others] = decidingParts.filter((part) => differs[part]);
  return first === undefined
    ? undefined
    : policyChange(directory, { after: planned, of: [first, ...others] }, arn, question);
}

/** Finds who could do and undo an action. An undefined action: KMS refuses it to everybody. */
function askingWho(directory: Directory, arn: string, question: KeyImpactQuestion) {
  const holdersOf = holdersOn(directory, arn, question);
  const principals = everybodyIn(directory, [accountOf(arn)]).filter((one) => !isServiceLinkedRole(one));
  const besidesOf = holdersBesides(directory, arn, question, principals);
  return (asked: KeyActionAsked | undefined): Pick<ActionImpact, 'holders' | 'selfGivers'> =>
    asked === undefined
      ? { holders: [], selfGivers: { can: [], may: [], notAsked: 0 } }
      : {
          holders: [...holdersFor(asked, holdersOf), ...besidesOf(asked, holdersOf)],
          selfGivers: selfGivers(directory, arn, question, { ...asked, principals, holdersOf }),
        };
}

/**
 * How the key is made usable again in its state. A key that waits for its deletion or for its
 * material, or whose custom key store is not connected, cannot just be enabled
 * (rds-kms-operations-2 15.1).
 */
function undoIn(undo: Impact['undo'], state: string | undefined): Impact['undo'] {
  return undosInState.get(state ?? '')?.get(undo) ?? undo;
}

const fromDeletion = new Map<Impact['undo'], Impact['undo']>([
  ['enable-key', 'cancel-deletion'],
  ['import-same-material', 'cancel-deletion-and-import-material'],
]);

const undosInState: ReadonlyMap<string, ReadonlyMap<Impact['undo'], Impact['undo']>> = new Map([
  [
    'Unavailable',
    new Map<Impact['undo'], Impact['undo']>([
      ['enable-key', 'enable-key-and-connect-store'],
      ['cancel-deletion', 'cancel-deletion-and-connect-store'],
    ]),
  ],
  [
    'PendingImport',
    new Map<Impact['undo'], Impact['undo']>([
      ['enable-key', 'import-same-material'],
      ['cancel-deletion', 'cancel-deletion-and-import-material'],
    ]),
  ],
  ['PendingDeletion', fromDeletion],
  ['PendingReplicaDeletion', fromDeletion],
]);

interface ForGroups {
  readonly action: KeyAction;
  readonly state: string | undefined;
  readonly change: PolicyChange | undefined;
}

function groupsOf(dependents: readonly Dependent[], { action, state, change }: ForGroups): readonly ImpactGroup[] {
  const stopsGrants = change !== undefined && change.stopsGrants !== 'no';
  // The groups describe a new policy under which running resources keep their grants. If the policy
  // does not change, or a grant of RDS is revoked, the groups do not apply.
  const isElsewhere = change !== undefined && (revokesGrantOfRds(change) || !change.of.includes('policy'));
  if (isElsewhere && !stopsGrants) return [];
  return dependentKinds.flatMap((kind): readonly ImpactGroup[] => {
    const [first, ...others] = dependents.filter((one) => one.kind === kind);
    const impact = stopsGrants ? grantsStopped(kind) : impactOf(kind, action);
    return first === undefined
      ? []
      : [{ impact: { ...impact, undo: undoIn(impact.undo, state) }, dependents: [first, ...others] }];
  });
}

/** A policy that denies the key to RDS itself has the effect of disabling the key. */
function grantsStopped(kind: Dependent['kind']): Impact {
  return { ...impactOf(kind, 'disable'), action: 'policy', undo: 'put-policy-again' };
}

interface KeyFacts {
  readonly key: Key | undefined;
  readonly state: string | undefined;
  readonly manager: string | undefined;
}

const stateRule = 'rds-kms-operations-2 15.1';

/** The states in which KMS refuses an action (rds-kms-operations-2 15.1). */
const refusingStates: Readonly<Record<KeyAction, readonly string[]>> = {
  disable: ['PendingDeletion', 'PendingReplicaDeletion', 'PendingImport', 'Creating', 'Updating'],
  delete: ['PendingDeletion', 'PendingReplicaDeletion', 'Updating'],
  'delete-material': ['Creating', 'Updating'],
  policy: [],
};

function refusalOf(action: KeyAction, { key, state, manager }: KeyFacts): KeyRefusal | undefined {
  if (manager === 'AWS') return { code: 'key-is-managed-by-aws', source: stateRule };
  const origin = key?.KeyMetadata.Origin;
  if (action === 'delete-material' && origin !== undefined && origin.toUpperCase() !== 'EXTERNAL')
    return { code: 'material-is-not-imported', origin, source: stateRule };
  return state !== undefined && refusingStates[action].includes(state)
    ? { code: 'state-forbids-action', state, source: stateRule }
    : undefined;
}

/** The accounts with which snapshots under the key are shared. */
interface Sharing {
  /** The number of snapshots, by account. */
  readonly accounts: ReadonlyMap<string, number>;
  /** ARNs of snapshots whose share list is not known. */
  readonly unread: readonly string[];
}

function sharingOf(directory: Directory, dependents: readonly Dependent[]): Sharing {
  const accounts = new Map<string, number>();
  const unread: string[] = [];
  for (const { kind, arn } of dependents) {
    // Automated snapshots, and those of AWS Backup, cannot be shared (rds-kms-operations 4.6).
    if (kind !== 'snapshot' || /^(?:rds|awsbackup):/.test(nameOf(arn))) continue;
    const shared = directory.sharedWith(arn);
    if (shared === undefined) unread.push(arn);
    for (const account of shared ?? []) accounts.set(account, (accounts.get(account) ?? 0) + 1);
  }
  return { accounts, unread };
}

interface ForUnread {
  readonly arn: string;
  readonly key: Key | undefined;
  readonly found: DependentsFound;
  readonly pointers: readonly Pointer[];
  readonly shared: Sharing;
}

function unreadOf({ evidence }: Directory, { arn, key, found, pointers, shared }: ForUnread): readonly ImpactUnread[] {
  const own = placeOf(arn);
  const others = [
    ...pointers.map((one) => ('to' in one ? accountIn(one.to) : '')),
    ...shared.accounts.keys(),
    ...found.dependents.map(({ account }) => account),
    ...askingFrom(evidence, arn),
  ];
  const accounts = [...new Set([own?.account ?? '', ...others])].filter(isAccountId);
  const lists = accounts.flatMap((account): readonly ImpactUnread[] => {
    if (evidence.accounts[account] === undefined) return [{ code: 'dependent-account-unread', account }];
    const place = { account, region: own?.region ?? '' };
    const missing = listsUnread(evidence, place);
    return missing.length === 0 ? [] : [{ code: 'dependents-unread', place, lists: missing }];
  });
  return [
    ...lists,
    ...partsUnread(key).map((part) => ({ code: 'part-of-key-unread', part }) as const),
    ...found.open.map((open) => ({ code: 'key-of-resource-unknown', open }) as const),
    ...(shared.unread.length === 0 ? [] : [{ code: 'snapshot-sharing-unread', snapshots: shared.unread } as const]),
  ];
}

/**
 * Accounts other than the owner in which resources may use the key: all that were read if the owner
 * was not read, and otherwise that of the caller.
 */
function askingFrom({ caller, accounts }: Evidence, arn: string): readonly string[] {
  const read = Object.keys(accounts);
  if (!read.includes(accountOf(arn))) return read;
  return read.filter((account) => caller !== undefined && account === accountOf(caller.Arn));
}

function accountIn(to: Elsewhere): string {
  return to.is === 'account' ? to.account : '';
}

/** The parts of a key that were not read and may point to something that depends on the key. */
function partsUnread(key: Key | undefined): readonly KeyPart[] {
  const parts: readonly (readonly [KeyPart, unknown])[] = [
    ['description', key?.KeyMetadata.KeyState],
    ['policy', key?.Policy],
    ['second policy', key?.RamPolicy],
    ['grants', key?.Grants],
    ['aliases', key?.Aliases],
    ['tags', key?.Tags],
  ];
  return parts.filter(([, value]) => value === undefined).map(([part]) => part);
}

/** Parts of the description that decide the effect of an action, but no dependent. */
function naturesUnread(key: Key | undefined): readonly ImpactUnread[] {
  // If the state is missing, the whole description was not read.
  if (key?.KeyMetadata.KeyState === undefined) return [];
  const { Origin: origin, KeyManager: manager, ExpirationModel: model, ValidTo: validTo, KeyState } = key.KeyMetadata;
  // Without material, nothing can expire.
  const mayExpire = origin?.toUpperCase() === 'EXTERNAL' && KeyState.toLowerCase() !== 'pendingimport';
  const isExpiryUnread = mayExpire && validTo === undefined && model?.toUpperCase() !== 'KEY_MATERIAL_DOES_NOT_EXPIRE';
  return [
    ...(isExpiryUnread ? [{ code: 'part-of-key-unread', part: 'expiry' } as const] : []),
    ...(origin === undefined ? [{ code: 'part-of-key-unread', part: 'origin' } as const] : []),
    ...(manager === undefined ? [{ code: 'part-of-key-unread', part: 'manager' } as const] : []),
  ];
}

interface ForNotes {
  readonly arn: string;
  readonly key: Key | undefined;
  readonly state: string | undefined;
  readonly dependents: readonly Dependent[];
  readonly shared: Sharing;
}

function notesOf(
  evidence: Evidence,
  { arn, key, state, dependents, shared }: ForNotes,
  { evaluatedAt, keys }: KeyImpactQuestion,
): readonly KeyNote[] {
  const { Origin: origin = '', DeletionDate: date, ValidTo: validTo } = key?.KeyMetadata ?? {};
  const isPending = state === 'PendingDeletion' || state === 'PendingReplicaDeletion';
  const unusableState = unusableStateOf(key);
  const deletion = isoOf(date);
  const expiry = isoOf(validTo);
  const inaccessible = dependents
    .filter(({ status }) => status?.toLowerCase().startsWith('inaccessible-encryption-credentials'))
    .map((one) => one.arn);
  return [
    ...(unusableState === undefined ? [] : [{ code: 'key-unusable-already', state: unusableState } as const]),
    ...(isPending
      ? [
          {
            code: 'deletion-scheduled',
            date: deletion,
            isPast: deletion !== undefined && deletion <= isoText(evaluatedAt),
            waitsForReplicas: state === 'PendingReplicaDeletion',
          } as const,
        ]
      : []),
    ...(origin.toUpperCase() === 'EXTERNAL' ? [{ code: 'material-imported' } as const] : []),
    ...(expiry === undefined
      ? []
      : [{ code: 'material-expires', validTo: expiry, isPast: expiry <= isoText(evaluatedAt) } as const]),
    ...(origin === 'AWS_CLOUDHSM' || origin === 'EXTERNAL_KEY_STORE'
      ? [{ code: 'key-in-custom-store', origin } as const]
      : []),
    ...foreign(evidence, arn),
    ...relatives(evidence, arn, key),
    ...[...shared.accounts].map(
      ([account, snapshots]): KeyNote => ({
        code: 'snapshots-shared',
        account,
        snapshots,
        isRead: evidence.accounts[account] !== undefined,
      }),
    ),
    ...(inaccessible.length === 0 ? [] : [{ code: 'already-inaccessible', databases: inaccessible } as const]),
    ...copies(evidence, dependents, keys),
    ...lastUse(key),
  ];
}

/** A time of KMS as ISO text. KMS gives ISO text, or seconds since 1970. */
function isoOf(instant: string | number | undefined): string | undefined {
  if (instant === undefined) return undefined;
  return typeof instant === 'number' ? new Date(instant * 1000).toISOString() : isoText(instant);
}

function isoText(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

function lastUse(key: Key | undefined): readonly KeyNote[] {
  if (key?.LastUsage === undefined) return [];
  const { KeyLastUsage: { Operation: operation, Timestamp: time } = {}, TrackingStartDate: since } = key.LastUsage;
  return operation === undefined && time === undefined
    ? [{ code: 'key-use-not-seen', since: isoOf(since) }]
    : [{ code: 'key-last-used', operation, time: isoOf(time) }];
}

function foreign({ caller, accounts }: Evidence, arn: string): readonly KeyNote[] {
  const account = accountOf(arn);
  const own = caller === undefined ? undefined : accountOf(caller.Arn);
  const isForeign = own === undefined ? accounts[account] === undefined : own !== account;
  return isForeign ? [{ code: 'key-of-another-account', account }] : [];
}

function relatives({ accounts }: Evidence, arn: string, key: Key | undefined): readonly KeyNote[] {
  const { MultiRegion: isMultiRegion, MultiRegionConfiguration: configuration } = key?.KeyMetadata ?? {};
  if (isMultiRegion !== true && !nameOf(arn).startsWith('mrk-')) return [];
  const type = configuration?.MultiRegionKeyType?.toUpperCase();
  const others = Object.values(accounts[accountOf(arn)]?.regions ?? {})
    .flatMap(({ kms }) => kms?.keys ?? [])
    .map(({ KeyMetadata: { Arn: other } }) => other)
    .filter((other) => other !== arn && nameOf(other) === nameOf(arn));
  const named = [
    ...(configuration?.ReplicaKeys ?? []).flatMap(({ Arn: other }) => other ?? []),
    ...(configuration?.PrimaryKey?.Arn === undefined ? [] : [configuration.PrimaryKey.Arn]),
  ].filter((other) => other !== arn);
  return [
    {
      code: 'key-has-relatives',
      type: type === 'PRIMARY' || type === 'REPLICA' ? type : undefined,
      others: [...new Set([...named, ...others])],
    },
  ];
}

/**
 * Counts the databases under the key without a backup that can be read without the keys, as far as
 * was read. `keys`: ARNs.
 */
function copies(evidence: Evidence, dependents: readonly Dependent[], keys: readonly string[]): readonly KeyNote[] {
  const databases = new Set(dependents.flatMap(({ database }) => database ?? []));
  if (databases.size === 0) return [];
  const under = new Set(dependents.map(({ arn }) => arn));
  const isReadable = (named: string | undefined): boolean =>
    !keys.includes(named ?? '') && unusableStateOf(findKey(evidence, named ?? '')) === undefined;
  const elsewhere = new Set(
    Object.values(evidence.accounts)
      .flatMap(({ regions = {} }) => Object.values(regions))
      .flatMap(backupsOf)
      .filter(({ arn, key, status }) => !under.has(arn) && isReadable(key) && !isUnfinished(status))
      .flatMap(({ of }) => of ?? []),
  );
  const without = [...databases].filter((id) => !elsewhere.has(id));
  return without.length === 0 ? [] : [{ code: 'no-copy-elsewhere', databases: without.length, of: databases.size }];
}

/** Whether a backup is not complete yet, or never will be. */
function isUnfinished(status: string | undefined): boolean {
  return /^(?:creating|copying|failed|error|deleting|pending)/i.test(status ?? '');
}

interface BackupFound {
  readonly arn: string;
  /** The resource ID of the database. */
  readonly of: string | undefined;
  /** The key, as RDS names it. */
  readonly key: string | undefined;
  readonly status: string | undefined;
}

function backupsOf({ rds = {} }: Region): readonly BackupFound[] {
  const kept = ({ KmsKeyId: key, Status: status }: Pick<ClusterSnapshot, 'KmsKeyId' | 'Status'>) => ({ key, status });
  return [
    ...(rds.DBClusterSnapshots ?? []).map((one) => ({
      arn: one.DBClusterSnapshotArn,
      of: one.DbClusterResourceId,
      ...kept(one),
    })),
    ...(rds.DBSnapshots ?? []).map((one) => ({ arn: one.DBSnapshotArn, of: one.DbiResourceId, ...kept(one) })),
    ...(rds.DBClusterAutomatedBackups ?? []).map((one) => ({
      arn: one.DBClusterAutomatedBackupsArn,
      of: one.DbClusterResourceId,
      ...kept(one),
    })),
    ...(rds.DBInstanceAutomatedBackups ?? []).map((one) => ({
      arn: one.DBInstanceAutomatedBackupsArn,
      of: one.DbiResourceId,
      ...kept(one),
    })),
  ];
}
