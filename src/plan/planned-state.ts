import { isKeyArn, nameOf, placeOf } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { isJson, type Json, sameJson } from '../base/json.ts';
import { rememberedOf } from '../base/remembered.ts';
import { findKey } from '../evidence/lookup.ts';
import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import { type Conflicts, conflictsIn, gone } from './conflicts.ts';
import { withDataRead } from './data-read.ts';
import { databaseRows } from './databases.ts';
import { withoutKeys } from './dependencies.ts';
import { type DerivedRequest, derivedRequests } from './derived-requests.ts';
import { withKey } from './edits.ts';
import { nearness } from './near.ts';
import { type Overlaid, overlay, overlays, parts } from './overlay.ts';
import { isMade, type NotOverlaid, type PlanNote, type PolicyTaken, rememberedFaults, textIn } from './overlay-row.ts';
import { places } from './places.ts';
import type { StateModule, TerraformPlan } from './plan-file.ts';
import { isRenamed, type PlannedChange, type PlannedChanges, plannedChanges } from './planned-change.ts';
import type { ProviderSession } from './providers.ts';
import { rememberedNames } from './replaced-roles.ts';
import { rivalsIn } from './rivals.ts';
import { touchedNames } from './touched.ts';

/** A plan and the name of its file. */
export interface NamedPlan {
  readonly from: string;
  readonly plan: TerraformPlan;
}

/**
 * Who applies: `given` with --principal, `provider`: the role in the plan's configuration,
 * `planner`: the principal that made the plan.
 */
export interface Applier {
  readonly arn: string;
  readonly known: 'given' | 'provider' | 'planner';
  /** The session that the provider starts. Undefined: only its role is known. */
  readonly session: ProviderSession | undefined;
}

/** A request of an apply, with the changes that are provably applied before the request. */
export interface PlannedRequest extends DerivedRequest, Conflicts {
  readonly from: string;
  /** Undefined: neither the plan nor the user names one. */
  readonly applier: Applier | undefined;
  /** The evidence with everything applied except pure deletions. */
  readonly whenAll: Evidence;
  /** The evidence with only the changes that are provably applied before. */
  readonly whenFirst: () => Evidence;
  /**
   * For a delete, the evidence with everything applied except what is provably deleted afterwards.
   * Undefined: nothing is. Most plans that delete need this for no request, so it is made last.
   */
  readonly whenSooner: (() => Evidence) | undefined;
  /** Whether some changes that the request may need are not provably earlier. */
  readonly hasOthers: boolean;
  /**
   * Changes that are not provably earlier. `near`: those that concern the resources of the request,
   * or resources with these names.
   */
  readonly others: (names: readonly string[]) => Readonly<Record<'near' | 'all', readonly PlannedChange[]>>;
  /** The evidence with the changes that are provably applied before, and some other changes. */
  readonly whenAlso: (others: readonly PlannedChange[]) => Evidence;
}

/** The result of one plan. */
export interface PlanRead {
  readonly from: string;
  readonly changes: number;
  readonly overlaid: readonly PlannedChange[];
  readonly notOverlaid: readonly { readonly change: PlannedChange; readonly why: NotOverlaid }[];
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
  /** Parts of the plan's JSON. */
  | { readonly code: 'plan-not-evaluated'; readonly what: readonly string[] }
  | PolicyTaken
  /** `arn`: who made the plan. */
  | { readonly code: 'applied-by-planner'; readonly arn: string };

export interface PlannedState {
  /** The evidence with the data that the plans have read, before any change is applied. */
  readonly before: Evidence;
  readonly evidence: Evidence;
  /** The evidence as in `before`, with only some of the changes applied. */
  readonly some: (changes: readonly PlannedChange[]) => Evidence;
  readonly plans: readonly PlanRead[];
  readonly requests: readonly PlannedRequest[];
  /** Changes of policies, keys and principals that could be about anything. */
  readonly unplaced: readonly PlannedChange[];
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
export function plannedState(evidence: Evidence, plans: readonly NamedPlan[], settings: PlanSettings): PlannedState {
  const read: PlanRead[] = [];
  const requests: PlannedRequest[] = [];
  const applying: ((wanted: readonly PlannedChange[], on: Evidence) => Evidence)[] = [];
  let before = evidence;
  // Each plan was made before any of them is applied.
  const addresses = plans.map(({ plan }) => new Set(plan.resource_changes.map(({ address }) => address)));
  const all = plans.map(({ from, plan }, at) => {
    const planned = plannedChanges(plan);
    const placed = places(planned, before, { ...settings, earlier: addresses.slice(0, at) });
    const partsOf = rememberedOf(parts);
    const context = {
      planned,
      places: placed,
      faultsOf: rememberedFaults(),
      namedIn: rememberedNames(),
      partsOf,
      rivals: rivalsIn(planned.changes.filter(isChange), placed, partsOf),
      isStrict: settings.strict === true,
    };
    const known = withState(before, planned, context);
    before = known.evidence;
    return { from, planned, context, known };
  });
  let held = before;
  for (const { from, planned, context, known } of all) {
    const changes = planned.changes.filter(isChange);
    const lay = overlays(context);
    const touched = new Map<PlannedChange, ReadonlySet<string>>();
    const after = lay(held, changes, (change, names) => {
      touched.set(change, new Set([...(touched.get(change) ?? []), ...names]));
    });
    const near = nearness(changes, touched);
    const earlier = all.slice(0, read.length).find((one) => isStaleAfter(planned, one.planned));
    const own = requestsOf(from, planned, { ...context, before: held, changes, settings, lay, near });
    const whole = { ...planRead(from, planned, known, after), touched };
    requests.push(...own);
    const stale = earlier === undefined ? [] : [{ code: 'plan-stale', earlier: earlier.from } as const];
    read.push({ ...whole, whole: [...stale, ...whole.whole, ...plannersIn(own)] });
    held = after.evidence;
    const order = new Map(changes.map((change, index) => [change, index]));
    const inOrder = (one: PlannedChange, other: PlannedChange): number =>
      (order.get(one) ?? 0) - (order.get(other) ?? 0);
    applying.push((wanted, on) => {
      const those = wanted.filter((one) => order.has(one)).toSorted(inOrder);
      return overlay(on, those, context).evidence;
    });
  }
  return {
    before,
    evidence: held,
    some: (wanted) => applying.reduce((laid, apply) => apply(wanted, laid), before),
    plans: read,
    requests,
    unplaced: read.flatMap(unplacedIn),
  };
}

function unplacedIn({ notOverlaid }: PlanRead): readonly PlannedChange[] {
  return notOverlaid.flatMap(({ change, why }) =>
    why.code === 'thing-not-known' && !Object.hasOwn(databaseRows, change.type) ? [change] : [],
  );
}

function isChange({ kind, isData }: PlannedChange): boolean {
  return !isData && kind !== 'none' && kind !== 'read' && kind !== 'forget';
}

type Context = Parameters<typeof overlay>[2];

/**
 * The data that the plan has read about its own stack counts, unless the evidence is newer. A plan
 * never shows that nothing else exists.
 */
function withState(evidence: Evidence, planned: PlannedChanges, context: Context): Overlaid {
  const read = planned.changes
    .filter(({ before, isData }) => before !== undefined && !isData)
    // A plan has no state before this one, so all values count as new.
    .map(
      (change): PlannedChange => ({ ...change, kind: 'update', before: undefined, after: change.before, unknown: {} }),
    );
  // Attachments are also those of the state.
  const earlier = { ...planned, changes: read };
  const all = overlay(withDataRead(evidence, planned.plan), [...planned.gone, ...read], {
    ...context,
    planned: earlier,
  });
  if (isNewer(evidence, planned)) return { ...all, evidence: withKeysOf(evidence, all.evidence), notes: [] };
  const differing = read.filter(({ after }) => {
    const arn = textIn(after, 'arn');
    return arn !== undefined && differs(keyPolicyIn(evidence, arn), keyPolicyIn(all.evidence, arn));
  });
  return { ...all, notes: differing.map((change) => ({ change, note: { code: 'evidence-differs' } })) };
}

/** Terraform before 1.5 does not say when the plan was made. */
function isNewer({ collectedAt = '' }: Evidence, { plan: { timestamp = '' } }: PlannedChanges): boolean {
  return Date.parse(collectedAt) > Date.parse(timestamp);
}

/** Newer evidence with the keys that only the plan has, because lists of keys may be incomplete. */
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

function keyPolicyIn({ accounts }: Evidence, arn: string): PolicyDocument | undefined {
  const place = placeOf(arn);
  const keys = place === undefined ? undefined : accounts[place.account]?.regions?.[place.region]?.kms?.keys;
  return keys?.find(({ KeyMetadata: { Arn } }) => Arn === arn)?.Policy;
}

function differs(one: PolicyDocument | undefined, other: PolicyDocument | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return !sameJson(parsed(one), parsed(other));
}

function parsed(document: PolicyDocument): unknown {
  if (typeof document !== 'string') return document;
  try {
    return JSON.parse(document);
  } catch {
    return document;
  }
}

function planRead(from: string, planned: PlannedChanges, known: Overlaid, after: Overlaid): Omit<PlanRead, 'touched'> {
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
    notes: [...known.notes, ...after.notes].flatMap(({ change, note }) =>
      note.code === 'policy-taken' ? [] : [{ change, note }],
    ),
    whole: [
      ...wholeNotes(plan),
      ...(taken.length === 0 ? [] : [{ code: 'policy-taken', from: [...new Set(taken)] } as const]),
    ],
  };
}

function wholeNotes(plan: TerraformPlan): readonly WholeNote[] {
  const left = [
    ...(plan.deferred_changes.length > 0 ? ['deferred_changes'] : []),
    ...(plan.action_invocations.length > 0 ? ['action_invocations'] : []),
  ];
  return [
    ...(plan.errored ? [{ code: 'plan-errored' } as const] : []),
    // OpenTofu does not say so, which is not the same as false.
    ...(plan.complete === false && !plan.errored ? [{ code: 'plan-partial' } as const] : []),
    ...(left.length === 0 ? [] : [{ code: 'plan-not-evaluated', what: left } as const]),
  ];
}

/**
 * Whether a plan was made of the same stack as an earlier one that changes something. The state of the
 * stack is then newer than the plan, and Terraform refuses to apply it. What a plan imports, another
 * stack may have had.
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

/** The principals that made a plan and are assumed to apply it. */
function plannersIn(requests: readonly PlannedRequest[]): readonly WholeNote[] {
  const arns = requests.flatMap(({ applier }) => (applier?.known === 'planner' ? [applier.arn] : []));
  return [...new Set(arns)].map((arn) => ({ code: 'applied-by-planner', arn }));
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

function requestsOf(from: string, planned: PlannedChanges, requesting: Requesting): readonly PlannedRequest[] {
  const { before, changes, settings, lay, near: nearTo, ...context } = requesting;
  // A resource that the plan deletes exists until the requests about it are done.
  const stays = changes.filter((change) => change.kind !== 'delete' || isPolicy(change));
  const policies = stays.filter(isPolicy);
  const policiesForDeletes = policies.flatMap(withoutDeletedKeys);
  const goLater = deletionsAfter(planned, policiesForDeletes);
  const members = changes.filter(isMemberThatGoes).map(gone);
  const byIdentity = new Map(stays.map((change) => [change.identity, change]));
  const derived = derivedRequests(planned, context.places);
  const [stepOf, conflictsOf] = [steps(derived, context), conflictsIn(planned, changes, before, context)];
  const whenAll = byStep(stays, stepOf, (some) => lay(before, some).evidence);
  const dependents = dependentsOf(policies);
  const whenAllOld = laidForDeletes(policiesForDeletes, members, (some) => overlay(before, some, context).evidence);
  const laidOnce = remembered((some) => overlay(before, some, context).evidence);
  const halfOf = halves(stays);
  const oldOnes = oldOnesIn(byIdentity, members);
  return derived.map((request): PlannedRequest => {
    const { change, makes, isOfOld, operation } = request;
    const isOfCluster = operation?.reads?.flag === 'cluster';
    const isUndone = makes || change.type === 'aws_rds_instance_state' || isRenamed(change);
    // What the new resource waits for comes before the deletion of the old one, if that one is
    // deleted last. Otherwise only the instances of a cluster certainly go first.
    const waitsFor = isOfOld && !change.makesFirst ? [] : change.dependsOn;
    const first = new Set([...waitsFor, ...(isUndone || isOfOld ? [] : [change.identity])]);
    const half = isOfOld ? undefined : halfOf(change);
    const there = isOfOld ? policiesForDeletes : half === undefined ? stays : stays.map(half);
    const sure = once(() => {
      const sooner = [...first].flatMap((one) => byIdentity.get(one) ?? []);
      if (isOfOld) return [...sooner.filter(isPolicy).flatMap(withoutDeletedKeys), ...(isOfCluster ? members : [])];
      return [...(half === undefined ? sooner : sooner.map(half)), ...(makes ? oldOnes(change) : [])];
    });
    // What depends on the resource is applied after the request, and what the old one depended on is
    // deleted after it.
    const later = (isOfOld ? goLater(change) : dependents.get(change.identity)) ?? new Set();
    // In a replacement, the request is only about its own half.
    const isOther = (one: PlannedChange): boolean =>
      one.identity !== change.identity && !first.has(one.identity) && !later.has(one);
    return {
      ...request,
      from,
      ...conflictsOf(request),
      applier: applierOf(change, settings, context),
      whenAll: isOfOld
        ? whenAllOld(isOfCluster)
        : isUndone && !makes
          ? lay(
              before,
              there.filter((one) => one !== change && !later.has(one)),
            ).evidence
          : whenAll(makes ? stepOf(change) : undefined, later, half),
      whenFirst: () => laidOnce(sure()),
      whenSooner:
        isOfOld && later.size > 0
          ? () => laidOnce([...policiesForDeletes.filter((one) => !later.has(one)), ...(isOfCluster ? members : [])])
          : undefined,
      hasOthers: there.some(isOther),
      others: (names) => {
        const those = nearTo(change, names);
        const all = there.filter(isOther);
        return { near: all.filter(({ identity }) => those.has(identity)), all };
      },
      whenAlso: (others) => overlay(before, [...sure(), ...others], context).evidence,
    };
  });
}

/** The evidence for deletes. Of a cluster, the instances go first. */
function laidForDeletes(
  policies: readonly PlannedChange[],
  members: readonly PlannedChange[],
  laidOver: (changes: readonly PlannedChange[]) => Evidence,
): (isOfCluster: boolean) => Evidence {
  const plain = once(() => laidOver(policies));
  const ofClusters = once(() => laidOver([...policies, ...members]));
  return (isOfCluster) => (isOfCluster ? ofClusters() : plain());
}

/** The same function for lists of changes. Many requests come after the same changes. */
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
 * The deletions that come after that of a resource: those of what the resource depended on, according
 * to the state. Undefined: none.
 */
function deletionsAfter(
  { plan }: PlannedChanges,
  changes: readonly PlannedChange[],
): (change: PlannedChange) => ReadonlySet<PlannedChange> | undefined {
  const byNode = groupBy(
    changes.filter(({ kind }) => kind === 'delete'),
    ({ address }) => withoutKeys(address),
  );
  const needed = new Map<string, readonly string[]>();
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    for (const { address, depends_on: needs } of resources) if (needs.length > 0) needed.set(address, needs);
    modules.forEach(visit);
  };
  const root = plan.prior_state?.values?.root_module;
  if (root !== undefined && byNode.size > 0) visit(root);
  return ({ address }) => {
    const needs = needed.get(address);
    return needs && new Set(needs.flatMap((one) => byNode.get(one) ?? []));
  };
}

/**
 * The changes that are provably applied after another one, by its identity. What an instance that
 * goes depended on says nothing of when it goes.
 */
function dependentsOf(changes: readonly PlannedChange[]): ReadonlyMap<string, ReadonlySet<PlannedChange>> {
  const found = new Map<string, Set<PlannedChange>>();
  for (const change of changes.filter(({ kind }) => kind !== 'delete'))
    for (const identity of change.dependsOn) found.set(identity, (found.get(identity) ?? new Set()).add(change));
  return found;
}

/**
 * The change without the deletion of a key: the key still exists when a database under it is
 * deleted.
 */
function withoutDeletedKeys(change: PlannedChange): readonly PlannedChange[] {
  if (!change.type.startsWith('aws_kms_')) return [change];
  if (change.kind === 'delete') return [];
  return change.kind === 'replace' ? [{ ...change, kind: 'create', before: undefined }] : [change];
}

/**
 * Whether the change deletes an instance of a cluster, which happens before the cluster is deleted.
 */
function isMemberThatGoes({ type, kind }: PlannedChange): boolean {
  return type === 'aws_rds_cluster_instance' && (kind === 'delete' || kind === 'replace');
}

/**
 * The deletion of the old resource, if it comes before the new one is made. Its name is then free.
 */
function oldThing(change: PlannedChange): readonly PlannedChange[] {
  return change.kind === 'replace' && !change.makesFirst ? [gone(change)] : [];
}

/**
 * What is deleted before a change creates something in its place: a request that creates something has no
 * old half. The instances of an old cluster go before the cluster.
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
 * The evidence with everything applied except the databases and snapshots that are created in a
 * step or later, because a request's own resource does not exist yet. Undefined: with all of them.
 * `later`: other changes to leave out. `half`: what takes the place of a change. Undefined: each
 * change is whole.
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
  const isThere = (change: PlannedChange, step: number): boolean =>
    !(isMade(change) && Object.hasOwn(databaseRows, change.type)) || stepOf(change) < step;
  const upTo = (step: number | undefined): readonly PlannedChange[] =>
    step === undefined ? changes : changes.flatMap((change) => (isThere(change, step) ? [change] : oldThing(change)));
  return (step, later, half) => {
    if (later.size > 0 || half !== undefined)
      return laidOver(
        upTo(step)
          .filter((change) => !later.has(change))
          .map(half ?? ((change) => change)),
      );
    const found = known.get(step) ?? laidOver(upTo(step));
    known.set(step, found);
    return found;
  };
}

/**
 * The earliest step in which a database or snapshot can be created: after the changes that it
 * depends on, and after its source. All requests of a step share their evidence.
 */
function steps(requests: readonly DerivedRequest[], { places: { arnOf } }: Context): (change: PlannedChange) => number {
  const making = requests.filter(({ makes }) => makes);
  const byIdentity = new Map(making.map(({ change }) => [change.identity, change]));
  const byName = new Map(
    making.flatMap(({ change }) => {
      const arn = arnOf(asMade(change)) ?? '';
      return [[arn, change] as const, [nameOf(arn), change] as const];
    }),
  );
  const sources = new Map(making.map(({ change, source = '' }) => [change, byName.get(source)]));
  const known = new Map<PlannedChange, number>();
  const stepOf = (change: PlannedChange): number => {
    const found = known.get(change);
    if (found !== undefined) return found;
    // A circle ends here.
    known.set(change, 0);
    const source = sources.get(change);
    const before = [
      ...change.dependsOn.flatMap((one) => byIdentity.get(one) ?? []),
      ...(source === undefined ? [] : [source]),
    ];
    const step = 1 + Math.max(-1, ...before.map(stepOf));
    known.set(change, step);
    return step;
  };
  return stepOf;
}

/**
 * For a change that depends on replacements that make the new resource first: each change, with only
 * the creating half of those. The old resource is deleted after everything that depends on the new
 * one. Undefined: the change depends on no such replacement.
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

function applierOf(
  change: PlannedChange,
  { principal }: PlanSettings,
  { places: { providerOf } }: Context,
): Applier | undefined {
  const { role, planner, session } = providerOf(change);
  if (principal !== undefined) return { arn: principal, known: 'given', session };
  if (role !== undefined) return { arn: role, known: 'provider', session };
  return planner === undefined ? undefined : { arn: planner, known: 'planner', session };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
