import { isKeyArn, nameOf } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { isJson, type Json } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import { rememberedOf } from '../base/remembered.ts';
import { findKey } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import { streamRows } from './activity-streams.ts';
import {
  type Applier,
  type ApplierNote,
  accountOfStranger,
  applierNamed,
  applierNotes,
  applierOf,
} from './appliers.ts';
import { type Conflicts, conflictsIn, gone } from './conflicts.ts';
import { withDataRead } from './data-read.ts';
import { changesInsights, databaseRows } from './databases.ts';
import { deletionsIn, goes } from './deletions.ts';
import { derivedRequests } from './derived-requests.ts';
import { withKey } from './edits.ts';
import { withNamesOfExisting } from './existing.ts';
import { type SentKeyPolicy, sentKeyPolicies } from './key-policies.ts';
import { changesAfter, replicasAfter } from './later-changes.ts';
import { changesPassword } from './managed-passwords.ts';
import { type Near, nearness } from './near.ts';
import { type Overlaid, overlay, overlays, parts } from './overlay.ts';
import { isMade, type NotOverlaid, type PlanNote, type PolicyTaken, rememberedFaults, textIn } from './overlay-row.ts';
import { type PlannedPlaces, places } from './places.ts';
import type { TerraformPlan } from './plan-file.ts';
import { isRenamed, type PlannedChange, type PlannedChanges, plannedChanges } from './planned-change.ts';
import { rememberedNames } from './replaced-roles.ts';
import { isPromoted } from './replicas.ts';
import type { DerivedRequest } from './request-of-change.ts';
import { rivalsIn } from './rivals.ts';
import { differing } from './state-differs.ts';
import { touchedNames } from './touched.ts';
import { type UnlistedKey, unlistedKeys } from './unlisted-keys.ts';
import { withUnreadState } from './unread-state.ts';
import { circles } from './waiting.ts';

/** A plan and the name of its file. */
export interface NamedPlan {
  readonly from: string;
  readonly plan: TerraformPlan;
}

/**
 * A request of an apply, with the evidence before the request. A plan has no order, so there are
 * several possible states.
 */
export interface PlannedRequest extends DerivedRequest, Conflicts {
  readonly from: string;
  /** Undefined: neither the plan nor the user names the principal. */
  readonly applier: Applier | undefined;
  /** See accountOfStranger. */
  readonly stranger: string | undefined;
  /**
   * The evidence with everything applied that can be applied before the request. Databases and
   * snapshots still exist, except those that are certainly deleted before.
   */
  readonly whenAll: Evidence;
  /** The evidence with only the changes that are certainly applied before the request. */
  readonly whenFirst: () => Evidence;
  /**
   * For a delete: the evidence with everything applied except what is certainly deleted after the
   * request. For a request that follows the creation of a database: except the replicas that are
   * certainly created after it. Undefined: there are none. Made on first use, because most
   * plans need this evidence for no request.
   */
  readonly whenSooner: (() => Evidence) | undefined;
  /** Whether the request may need changes that are not certainly applied before it. */
  readonly hasOthers: boolean;
  /** Whether the request may come between the deletion of a policy or a key and what replaces it. */
  readonly mayBeBetween: boolean;
  /** Whether Terraform would refuse to let a resource wait for another one, by their addresses. */
  readonly isCircular: (of: string, other: string) => boolean;
  /**
   * The changes that are not certainly applied before the request. `near`: those that concern the
   * resources of the request, or resources with these names. `own`: only those of resources with
   * these names.
   */
  readonly others: (names: readonly string[]) => OtherChanges;
  /**
   * The evidence with the changes that are certainly applied before the request, and some others.
   */
  readonly whenAlso: (others: readonly PlannedChange[]) => Evidence;
}

/** See `others` of PlannedRequest. */
export interface OtherChanges {
  readonly own: readonly PlannedChange[];
  readonly near: readonly PlannedChange[];
  readonly all: () => readonly PlannedChange[];
}

/** A key policy that an apply sends to KMS, with its sender. */
export interface PlannedKeyPolicy extends SentKeyPolicy, Pick<PlannedRequest, 'from' | 'applier' | 'stranger'> {}

/** What was read of one plan, and what was applied to the evidence. */
export interface PlanRead {
  readonly from: string;
  readonly changes: number;
  readonly overlaid: readonly PlannedChange[];
  readonly notOverlaid: readonly { readonly change: PlannedChange; readonly why: NotOverlaid }[];
  /** Resources of the state, which do not change, and whose effect neither it nor the evidence shows. */
  readonly unreadInState: PlanRead['notOverlaid'];
  readonly notes: readonly { readonly change: PlannedChange; readonly note: PlanNote }[];
  readonly whole: readonly WholeNote[];
  /**
   * The names of the resources that each change touches, if all are applied one after the other:
   * ARNs, accounts, and Regions of accounts.
   */
  readonly touched: ReadonlyMap<PlannedChange, ReadonlySet<string>>;
}

/** A note about a whole plan. */
export type WholeNote =
  | { readonly code: 'plan-errored' }
  | { readonly code: 'plan-partial' }
  /** `earlier`: the plan that changes the same stack first. */
  | { readonly code: 'plan-stale'; readonly earlier: string }
  /** Parts of the plan, each with the addresses that it has. */
  | {
      readonly code: 'plan-not-evaluated';
      readonly what: readonly {
        readonly part: 'deferred changes' | 'actions';
        readonly addresses: readonly string[];
      }[];
    }
  /**
   * The keys and roles whose policies in the evidence and in a state that the plan has not read again
   * differ.
   */
  | { readonly code: 'state-differs'; readonly of: readonly string[] }
  | PolicyTaken
  /** `from`: the references whose values are the Regions of providers. */
  | { readonly code: 'region-taken'; readonly from: readonly string[] }
  | ApplierNote;

export interface PlannedState {
  /** The evidence with the data that the plans have read, before any change is applied. */
  readonly before: Evidence;
  readonly evidence: Evidence;
  /** The evidence as in `before`, with only some of the changes applied. */
  readonly some: (changes: readonly PlannedChange[]) => Evidence;
  readonly plans: readonly PlanRead[];
  readonly requests: readonly PlannedRequest[];
  /** Made on first use, because only one command asks for them. */
  readonly keyPolicies: () => readonly PlannedKeyPolicy[];
  readonly unplaced: readonly UnplacedChange[];
  /** New databases and snapshots whose account, Region or name is not known. */
  readonly unplacedSources: readonly UnplacedChange[];
  /** Made on first use, because only one command asks for them. */
  readonly unlistedKeys: () => readonly UnlistedKey[];
}

/**
 * A change of policies, keys or principals whose effect the plan does not show. `what`: the missing
 * fact, in words. `isName`: see NotOverlaid.
 */
export interface UnplacedChange {
  readonly change: PlannedChange;
  readonly what: string;
  readonly isName: boolean;
}

export interface PlanSettings {
  /** The Region of resources if neither the plan nor the evidence shows it. */
  readonly region: string | undefined;
  readonly principal: string | undefined;
  /** With --strict, assumptions count as unknown. Absent: not strict. */
  readonly strict?: boolean;
}

/**
 * The evidence with plans applied, in the order given, and the requests that the apply sends to
 * RDS.
 */
export function plannedState(evidence: Evidence, plans: readonly NamedPlan[], given: PlanSettings): PlannedState {
  const settings = { ...given, principal: applierNamed(given.principal, evidence) };
  const read: PlanRead[] = [];
  const requests: PlannedRequest[] = [];
  const sending: (() => readonly PlannedKeyPolicy[])[] = [];
  const applying: ((wanted: readonly PlannedChange[], on: Evidence) => Evidence)[] = [];
  let before = evidence;
  // All plans were made before any of them is applied. What a newer plan has read counts more.
  const addresses = plans.map(({ plan }) => new Set(plan.resource_changes.map(({ address }) => address)));
  const inTime = [...plans.entries()].toSorted(([, one], [, other]) => timeOf(one.plan) - timeOf(other.plan));
  const known = inTime.map(([at, { from, plan }]) => {
    const [planned, placed] = placedChanges(plan, before, { ...settings, earlier: addresses.slice(0, at) });
    const partsOf = rememberedOf(parts);
    const context = {
      planned,
      places: placed,
      faultsOf: rememberedFaults(),
      namedIn: rememberedNames(),
      partsOf,
      rivals: rivalsIn(planned.changes.filter(isChange), placed, partsOf),
      isStrict: settings.strict === true,
      isNewer: isNewer(evidence, planned),
    };
    const state = withState(before, planned, context);
    before = state.evidence;
    return { at, from, planned, context, known: state };
  });
  const all = known.toSorted((one, other) => one.at - other.at);
  let held = before;
  for (const { from, planned, context, known: state } of all) {
    const changes = planned.changes.filter(isChange);
    const lay = overlays(context);
    const touched = new Map<PlannedChange, ReadonlySet<string>>();
    const after = lay(held, changes, (change, names) => {
      touched.set(change, new Set([...(touched.get(change) ?? []), ...names]));
    });
    const near = nearness(changes, touched);
    const own = requestsOf(from, planned, { ...context, before: held, changes, settings, lay, near });
    const whole = { ...planRead(from, planned, state, after), touched };
    requests.push(...own);
    sending.push(() => sentIn(after.evidence, changes, { from, settings, ...context }));
    const stale = staleNotes(planned, all.slice(0, read.length));
    read.push({ ...whole, whole: [...stale, ...whole.whole, ...regionsTaken(changes, context), ...applierNotes(own)] });
    held = after.evidence;
    const inOrder = inOrderOf(changes);
    applying.push((wanted, on) => overlay(on, inOrder(wanted), context).evidence);
  }
  return {
    before,
    evidence: held,
    some: (wanted) => applying.reduce((laid, apply) => apply(wanted, laid), before),
    plans: read,
    requests,
    keyPolicies: lazily(() => sending.flatMap((sent) => sent())),
    unplaced: read.flatMap(unplacedIn),
    unplacedSources: read.flatMap(unplacedSourcesIn),
    unlistedKeys: lazily(() =>
      all.flatMap(({ planned, context }) => unlistedKeys(planned.changes.filter(isChange), held, context)),
    ),
  };
}

/** The changes of a plan with their places. Every existing resource has its names. */
function placedChanges(
  plan: TerraformPlan,
  evidence: Evidence,
  settings: Parameters<typeof places>[2],
): readonly [PlannedChanges, PlannedPlaces] {
  const planned = plannedChanges(plan);
  const placed = places(planned, evidence, settings);
  const named = withNamesOfExisting(plan, planned, placed);
  if (named === undefined) return [planned, placed];
  const whole = plannedChanges(named);
  return [whole, places(whole, evidence, settings)];
}

/** Whether an earlier plan makes a plan stale. */
function staleNotes(
  planned: PlannedChanges,
  before: readonly { readonly from: string; readonly planned: PlannedChanges }[],
): readonly WholeNote[] {
  const earlier = before.find((one) => isStaleAfter(planned, one.planned));
  return earlier === undefined ? [] : [{ code: 'plan-stale', earlier: earlier.from }];
}

/** Picks changes, in the order of `changes`. */
function inOrderOf(changes: readonly PlannedChange[]) {
  const order = new Map(changes.map((change, index) => [change, index]));
  const place = (change: PlannedChange): number => order.get(change) ?? 0;
  return (wanted: readonly PlannedChange[]): readonly PlannedChange[] =>
    wanted.filter((one) => order.has(one)).toSorted((one, other) => place(one) - place(other));
}

function regionsTaken(changes: readonly PlannedChange[], { places: { regionTaken } }: Context): readonly WholeNote[] {
  const from = [...new Set(changes.flatMap((change) => regionTaken(change) ?? []))];
  return from.length === 0 ? [] : [{ code: 'region-taken', from }];
}

function sentIn(
  evidence: Evidence,
  changes: readonly PlannedChange[],
  { from, settings, ...context }: Context & { readonly from: string; readonly settings: PlanSettings },
): readonly PlannedKeyPolicy[] {
  const sent = sentKeyPolicies(evidence, changes, context);
  return sent.map((one) => ({
    ...one,
    from,
    applier: applierOf(one.change, settings.principal, context.places),
    stranger: accountOfStranger(one.change, settings.principal, context.places),
  }));
}

function unplacedIn({ notOverlaid, unreadInState: held }: PlanRead): readonly UnplacedChange[] {
  return [...notOverlaid, ...held].flatMap(({ change, why }) => {
    const isOpen = !decidesNothing(change) || !change.isUnderstood;
    // Nobody can spell out a name in the configuration of a deleted resource.
    const isName = why.code === 'thing-not-known' && why.isName && change.kind !== 'delete';
    return why.code === 'thing-not-known' && isOpen ? [{ change, what: why.what, isName }] : [];
  });
}

function unplacedSourcesIn({ notOverlaid }: PlanRead): readonly UnplacedChange[] {
  return notOverlaid.flatMap(({ change, why }) => {
    const isNew = change.kind === 'create' || change.kind === 'replace';
    return isNew && why.code === 'thing-not-known' && Object.hasOwn(databaseRows, change.type)
      ? [{ change, what: why.what, isName: why.isName }]
      : [];
  });
}

/** Whether a change is about data, or about what monitors data, and not about policies, keys or principals. */
function decidesNothing({ type }: PlannedChange): boolean {
  return Object.hasOwn(databaseRows, type) || Object.hasOwn(streamRows, type);
}

function isChange({ kind, isData }: PlannedChange): boolean {
  return !isData && kind !== 'none' && kind !== 'read' && kind !== 'forget';
}

type Context = Parameters<typeof overlay>[2];

interface StateRead extends Overlaid {
  /** See `state-differs` of WholeNote. */
  readonly outdated: readonly string[];
}

/**
 * The evidence with the data that the plan has read about its own stack. If the evidence is newer,
 * the evidence counts. A plan never shows that nothing else exists.
 */
function withState(evidence: Evidence, planned: PlannedChanges, context: Context): StateRead {
  const read = planned.changes
    .filter(({ before, isData }) => before !== undefined && !isData)
    // The state has no values from before, so all values count as new.
    .map(
      (change): PlannedChange => ({ ...change, kind: 'update', before: undefined, after: change.before, unknown: {} }),
    );
  // Rows look up attachments among the changes, so the changes have to be those of the state.
  const knowing = { ...context, planned: { ...planned, changes: read } };
  const isUnread = ({ identity }: PlannedChange): boolean => planned.unread.has(identity);
  const [others, own] = [read.filter(isUnread), read.filter((one) => !isUnread(one))];
  const old = overlay(
    withDataRead(evidence, planned.plan, (at) => planned.unread.has(at)),
    others,
    knowing,
  );
  const from = withUnreadState(evidence, old.evidence);
  const now = overlay(
    withDataRead(from, planned.plan, (at) => !planned.unread.has(at)),
    [...planned.gone, ...own],
    knowing,
  );
  const all = { ...now, notOverlaid: [...old.notOverlaid, ...now.notOverlaid] };
  if (context.isNewer) return { ...all, evidence: withKeysOf(evidence, all.evidence), notes: [], outdated: [] };
  const [unreadAt, differingAt] = [differing(evidence, old.evidence), differing(from, now.evidence)];
  const notes = own.flatMap((change): Overlaid['notes'] => {
    const of = differingAt(textIn(change.after, 'arn') ?? '');
    return of === undefined ? [] : [{ change, note: { code: 'evidence-differs', of } }];
  });
  const outdated = touchedNames(evidence, old.evidence).filter((arn) => unreadAt(arn) !== undefined);
  return { ...all, notes, outdated };
}

/**
 * Whether the evidence was read after the plan was made. Terraform before 1.5 does not write the
 * time of a plan.
 */
function isNewer({ collectedAt = '' }: Evidence, { plan: { timestamp = '' } }: PlannedChanges): boolean {
  return Date.parse(collectedAt) > Date.parse(timestamp);
}

/** The time at which a plan was made. A plan without a time counts as older than the others. */
function timeOf({ timestamp = '' }: TerraformPlan): number {
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? 0 : time;
}

/** Newer evidence, and the keys that only the plan has, because lists of keys may be incomplete. */
function withKeysOf(evidence: Evidence, read: Evidence): Evidence {
  return touchedNames(evidence, read)
    .filter(isKeyArn)
    .reduce((held, arn) => {
      const known = findKey(read, arn);
      if (known === undefined) return held;
      const edited = withKey(held, arn, (key = known) => ({
        ...known,
        ...key,
        KeyMetadata: { ...known.KeyMetadata, ...key.KeyMetadata },
      }));
      return edited ?? held;
    }, evidence);
}

function planRead(from: string, planned: PlannedChanges, known: StateRead, after: Overlaid): Omit<PlanRead, 'touched'> {
  const { plan } = planned;
  const taken = after.notes.flatMap(({ note }) => (note.code === 'policy-taken' ? note.from : []));
  return {
    from,
    changes: planned.changes.filter(({ kind, isData }) => kind !== 'none' && !isData).length,
    overlaid: [
      ...after.overlaid,
      ...planned.changes.filter(({ kind, isAws, isData }) => kind === 'forget' && isAws && !isData),
    ],
    notOverlaid: after.notOverlaid,
    unreadInState: unreadInState(planned, known),
    notes: [...known.notes, ...after.notes].flatMap(({ change, note }) =>
      note.code === 'policy-taken' ? [] : [{ change, note }],
    ),
    whole: [
      ...wholeNotes(plan),
      ...(known.outdated.length === 0 ? [] : [{ code: 'state-differs', of: known.outdated } as const]),
      ...(taken.length === 0 ? [] : [{ code: 'policy-taken', from: [...new Set(taken)] } as const]),
    ],
  };
}

/**
 * Control policies that the state attaches where the evidence does not have the policies. Policies that
 * were not read count as harmless, but these are known.
 */
function unreadInState({ changes }: PlannedChanges, { notOverlaid }: Overlaid): Overlaid['notOverlaid'] {
  const attached = notOverlaid.filter(
    ({ change: { type }, why }) =>
      type === 'aws_organizations_policy_attachment' && why.code === 'thing-not-known' && !why.isName,
  );
  if (attached.length === 0) return attached;
  const changed = new Set(changes.filter(isChange).map(({ identity }) => identity));
  return attached.filter(({ change: { identity } }) => !changed.has(identity));
}

function wholeNotes(plan: TerraformPlan): readonly WholeNote[] {
  const notEvaluated = [
    { part: 'deferred changes', all: plan.deferred_changes.map((one) => one.resource_change) },
    { part: 'actions', all: plan.action_invocations },
  ] as const;
  const left = notEvaluated
    .filter(({ all }) => all.length > 0)
    .map(({ part, all }) => ({
      part,
      addresses: all.flatMap((one) => (isJson(one) ? (textIn(one, 'address') ?? []) : [])),
    }));
  return [
    ...(plan.errored ? [{ code: 'plan-errored' } as const] : []),
    // OpenTofu does not write `complete`, which does not mean false.
    ...(plan.complete === false && !plan.errored ? [{ code: 'plan-partial' } as const] : []),
    ...(left.length === 0 ? [] : [{ code: 'plan-not-evaluated', what: left } as const]),
  ];
}

/**
 * Whether a plan is about the same stack as an earlier plan that changes something. The state of
 * the stack is then newer than the plan, and Terraform refuses to apply the plan. Imported
 * resources do not count, because they may have been in another stack.
 */
function isStaleAfter({ plan }: PlannedChanges, earlier: PlannedChanges): boolean {
  const imported = new Set(
    plan.resource_changes.flatMap(({ address, change }) => (change.importing == null ? [] : [address])),
  );
  return (
    earlier.changes.some(({ kind, isData }) => !isData && kind !== 'none' && kind !== 'read') &&
    plan.resource_changes.some(({ address, deposed, change: { before } }) => {
      const id = isJson(before) ? idOf(before) : undefined;
      return (
        id !== undefined &&
        deposed === undefined &&
        !imported.has(address) &&
        idOf(earlier.find(address)?.before) === id
      );
    })
  );
}

function idOf(json: Json | undefined): string | undefined {
  return textIn(json, 'arn') ?? textIn(json, 'id');
}

interface Requesting extends Context {
  readonly before: Evidence;
  readonly changes: readonly PlannedChange[];
  readonly settings: PlanSettings;
  readonly lay: ReturnType<typeof overlays>;
  readonly near: ReturnType<typeof nearness>;
}

function isPolicy({ type }: PlannedChange): boolean {
  return !Object.hasOwn(databaseRows, type);
}

/** Whether the success of an update depends on a state that the update itself changes. */
function isOnOldState(change: PlannedChange): boolean {
  return (
    change.type === 'aws_rds_instance_state' ||
    isRenamed(change) ||
    isPromoted(change) ||
    changesPassword(change) ||
    changesInsights(change)
  );
}

/** Whether a change deletes a policy or a key, or replaces it. */
export function removes(change: PlannedChange): boolean {
  return goes(change) && isPolicy(change);
}

function requestsOf(from: string, planned: PlannedChanges, requesting: Requesting): readonly PlannedRequest[] {
  const { before, changes, settings, lay, near: nearTo, ...context } = requesting;
  // A resource that the plan deletes exists until the requests about it are done.
  const stays = changes.filter((change) => change.kind !== 'delete' || isPolicy(change));
  const policies = stays.filter(isPolicy);
  const removals = policies.filter(removes);
  const policiesForDeletes = policies.flatMap(withoutDeletedKeys);
  const laidOnce = remembered((some) => overlay(before, some, context).evidence);
  const { members, deletionOf } = deletionsIn(planned, changes, policiesForDeletes, laidOnce);
  const byIdentity = new Map(stays.map((change) => [change.identity, change]));
  const derived = derivedRequests(planned, context.places);
  const [stepOf, conflictsOf] = [steps(derived, context), conflictsIn(planned, changes, before, context)];
  const whenAll = byStep(stays, stepOf, (some) => lay(before, some).evidence);
  const [dependents, createdAfter] = [changesAfter(policies), replicasAfter(stays)];
  const halfOf = halves(stays);
  const isCircular = circles(planned.changes);
  const amongOf = rememberedOf(byIdentities);
  return derived.map((request): PlannedRequest => {
    const { change, makes, isOfOld, operation } = request;
    const old = isOfOld ? deletionOf(change, operation?.reads?.flag === 'cluster') : undefined;
    const isUndone = makes || isOnOldState(change);
    // If the old resource is deleted last, everything that the new one waits for comes before the
    // deletion. Otherwise only the instances of a cluster certainly go first.
    const waitsFor = isOfOld && !change.makesFirst ? [] : change.dependsOn;
    const first = new Set([...waitsFor, ...(isUndone || isOfOld ? [] : [change.identity])]);
    const [step, half] = [makes ? stepOf(change) : undefined, isOfOld ? undefined : halfOf(change)];
    const there = old?.there ?? stays;
    const asThere = (one: PlannedChange): PlannedChange => half?.(one) ?? one;
    const sure = lazily(() => {
      const sooner = [...first].flatMap((one) => byIdentity.get(one) ?? []);
      if (old !== undefined) return [...sooner.filter(isPolicy).flatMap(withoutDeletedKeys), ...old.first];
      return [
        ...(half === undefined ? sooner : sooner.map(half)),
        ...(makes ? oldOnesIn(byIdentity, members)(change) : []),
      ];
    });
    // What depends on the resource is applied after the request. What an old resource depended on
    // is deleted after that resource.
    const later = (old === undefined ? dependents.get(change.identity) : old.later) ?? new Set();
    const isSooner = (one: PlannedChange): boolean => one !== change && !later.has(one);
    const created = createdAfter(request);
    // In a replacement, the request is only about its own half.
    const isOther = (one: PlannedChange): boolean =>
      one.identity !== change.identity && !first.has(one.identity) && !later.has(one) && created?.has(one) !== true;
    const without = (some: ReadonlySet<PlannedChange>) =>
      there.flatMap((one) => (later.has(one) ? [] : some.has(one) ? oldThing(one) : [asThere(one)]));
    const othersIn = (some: readonly PlannedChange[]) => upTo(some.map(asThere).filter(isOther), stepOf, step);
    return {
      ...request,
      from,
      ...conflictsOf(request),
      applier: applierOf(change, settings.principal, context.places),
      stranger: accountOfStranger(change, settings.principal, context.places),
      whenAll:
        old?.whenAll() ??
        (isUndone && !makes ? lay(before, there.map(asThere).filter(isSooner)).evidence : whenAll(step, later, half)),
      whenFirst: () => laidOnce(sure()),
      whenSooner: created === undefined ? old?.whenSooner : lazily(() => lay(before, without(created)).evidence),
      hasOthers: there.some((one) => isOther(asThere(one))),
      mayBeBetween: removals.some(isOther),
      isCircular,
      others: (names) => othersAmong(amongOf(there), nearTo(change, names), othersIn),
      whenAlso: (others) => laidOnce([...sure(), ...others]),
    };
  });
}

/** The changes of a list with the given identities, in the order of the list. */
type Among = (identities?: ReadonlySet<string>) => readonly PlannedChange[];

/** Without identities, all changes. */
function byIdentities(changes: readonly PlannedChange[]): Among {
  const positions = groupBy([...changes.entries()], ([, { identity }]) => identity);
  return (identities) =>
    identities === undefined
      ? changes
      : [...identities]
          .flatMap((identity) => positions.get(identity) ?? [])
          .toSorted(([one], [other]) => one - other)
          .map(([, change]) => change);
}

/** `othersIn`: those of some changes that are not applied with the request, as they are before it. */
function othersAmong(
  among: Among,
  { own, near }: Near,
  othersIn: (some: readonly PlannedChange[]) => readonly PlannedChange[],
): OtherChanges {
  return { own: othersIn(among(own)), near: othersIn(among(near)), all: () => othersIn(among()) };
}

/** Remembers the results for lists of changes. Many requests come after the same changes. */
function remembered<T>(make: (changes: readonly PlannedChange[]) => T): (changes: readonly PlannedChange[]) => T {
  const numbers = new Map<PlannedChange, number>();
  const known = new Map<string, T>();
  return (changes) => {
    for (const change of changes) if (!numbers.has(change)) numbers.set(change, numbers.size);
    const name = changes.map((change) => numbers.get(change)).join();
    const found = known.get(name) ?? make(changes);
    known.set(name, found);
    return found;
  };
}

/**
 * The change, without the deletion of a key: the key still exists when a database under the key is
 * deleted.
 */
function withoutDeletedKeys(change: PlannedChange): readonly PlannedChange[] {
  if (!change.type.startsWith('aws_kms_')) return [change];
  if (change.kind === 'delete') return [];
  return change.kind === 'replace' ? [{ ...change, kind: 'create', before: undefined }] : [change];
}

/**
 * The deletion of the old resource, if it comes before the new resource is created. The name is
 * then free.
 */
function oldThing(change: PlannedChange): readonly PlannedChange[] {
  return change.kind === 'replace' && !change.makesFirst ? [gone(change)] : [];
}

/**
 * Finds what is deleted before a change creates a resource in its place. A request that creates a
 * resource has only the creating half of the change, so the whole change is looked up. The
 * instances of an old cluster are deleted before the cluster.
 */
function oldOnesIn(
  byIdentity: ReadonlyMap<string, PlannedChange>,
  members: readonly PlannedChange[],
): (change: PlannedChange) => readonly PlannedChange[] {
  return ({ identity }) => {
    const whole = byIdentity.get(identity);
    const old = whole === undefined ? [] : oldThing(whole);
    return old.length === 0 ? [] : [...members.filter(({ dependsOn }) => dependsOn.includes(identity)), ...old];
  };
}

/**
 * Makes the evidence for a step: everything is applied, except the databases and snapshots that are
 * created in this step or later, because the resource of a request does not exist yet. `step`
 * undefined: with all of them. `later`: other changes to leave out. `half`: the part to apply in
 * place of a change. Undefined: each change is whole.
 */
function byStep(
  changes: readonly PlannedChange[],
  stepOf: (change: PlannedChange) => number,
  laidOver: (changes: readonly PlannedChange[]) => Evidence,
): (
  step: number | undefined,
  later: ReadonlySet<PlannedChange>,
  half: ((change: PlannedChange) => PlannedChange) | undefined,
) => Evidence {
  const known = new Map<number | undefined, Evidence>();
  return (step, later, half) => {
    if (later.size > 0 || half !== undefined)
      return laidOver(
        upTo(changes, stepOf, step)
          .filter((change) => !later.has(change))
          .map(half ?? ((change) => change)),
      );
    const found = known.get(step) ?? laidOver(upTo(changes, stepOf, step));
    known.set(step, found);
    return found;
  };
}

/**
 * Leaves out the databases and snapshots that are created in a step or later. The old ones in their
 * place may be deleted before. `step` undefined: leaves out none.
 */
function upTo(
  changes: readonly PlannedChange[],
  stepOf: (change: PlannedChange) => number,
  step: number | undefined,
): readonly PlannedChange[] {
  if (step === undefined) return changes;
  return changes.flatMap((change) =>
    isMade(change) && !isPolicy(change) && stepOf(change) >= step ? oldThing(change) : [change],
  );
}

/**
 * Finds the earliest step in which a database or snapshot can be created: after the changes that it
 * depends on, and after its source. All requests of a step share their evidence.
 */
function steps(requests: readonly DerivedRequest[], { places: { arnOf } }: Context): (change: PlannedChange) => number {
  const making = requests.filter(({ makes }) => makes);
  const byIdentity = new Map(making.map((request) => [request.change.identity, request]));
  const byName = new Map(
    making.flatMap((request) => {
      const arn = arnOf(asMade(request.change));
      return arn === undefined ? [] : [arn, nameOf(arn)].map((name) => [name.toLowerCase(), request] as const);
    }),
  );
  // RDS stores names in lower case.
  const sourceOf = ({ source }: DerivedRequest) => byName.get(source?.toLowerCase() ?? '');
  const dependenciesOf = (change: PlannedChange) => change.dependsOn.flatMap((one) => byIdentity.get(one) ?? []);
  const needs = (one: DerivedRequest, other: DerivedRequest, passed = new Set<DerivedRequest>()): boolean => {
    if (one === other) return true;
    if (passed.has(one)) return false;
    passed.add(one);
    return [...dependenciesOf(one.change), sourceOf(one) ?? []].flat().some((next) => needs(next, other, passed));
  };
  /**
   * The new resource that a request reads. If it replaces another one and needs the request, the
   * request reads the old one.
   */
  const newSourceOf = (request: DerivedRequest): readonly DerivedRequest[] => {
    const source = sourceOf(request);
    return source === undefined || (source.change.kind === 'replace' && needs(source, request)) ? [] : [source];
  };
  const known = new Map<string, number>();
  const stepOf = (change: PlannedChange): number => {
    const found = known.get(change.identity);
    if (found !== undefined) return found;
    // A circle of dependencies ends here.
    known.set(change.identity, 0);
    const request = byIdentity.get(change.identity);
    const before = [...dependenciesOf(change), ...(request === undefined ? [] : newSourceOf(request))];
    const step = 1 + Math.max(-1, ...before.map((one) => stepOf(one.change)));
    known.set(change.identity, step);
    return step;
  };
  return stepOf;
}

/**
 * For a change that depends on replacements that create the new resource first: each change, with
 * only the creating half of those replacements. The old resource is deleted after everything that
 * depends on the new one. Undefined: the change depends on no such replacement.
 */
function halves(
  changes: readonly PlannedChange[],
): (change: PlannedChange) => ((one: PlannedChange) => PlannedChange) | undefined {
  const all = changes.filter(({ kind, makesFirst }) => kind === 'replace' && makesFirst);
  const madeOf = rememberedOf(onlyMade);
  return ({ dependsOn }) => {
    const those = new Set(all.filter(({ identity }) => dependsOn.includes(identity)));
    return those.size === 0 ? undefined : (one) => (those.has(one) ? madeOf(one) : one);
  };
}

/** The creating half of a replacement. */
function onlyMade(change: PlannedChange): PlannedChange {
  return { ...change, kind: 'create', before: undefined };
}

/** The creating half of a change that also deletes something. */
function asMade(change: PlannedChange): PlannedChange {
  return change.kind === 'replace' ? { ...change, before: undefined } : change;
}
