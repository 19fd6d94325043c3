import { accountOf, isRootArn, rdsArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { sameJson } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import { remembered, rememberedOf } from '../base/remembered.ts';
import { interning } from '../bulk/principal-class.ts';
import { type Bound, boundTo } from '../check/bind.ts';
import { type Evaluated, type EvaluationSettings, evaluator } from '../check/evaluate.ts';
import type { Verdict } from '../contract/report.ts';
import { comparing } from '../diff/unlike.ts';
import type { Directory } from '../evidence/directory.ts';
import { everyPrincipal, findOtherPrincipal, type Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { Source } from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import type { PlannedState } from '../plan/planned-state.ts';
import { neededOf } from './needed.ts';
import type { Reading } from './reading.ts';

/* Finds the changes of a plan that cause a different answer after the apply. */

/**
 * `each`: every change alone is enough. `together`: only all of the changes together are enough.
 * `among`: one or more of the changes are the cause, but the search did not find out which.
 */
export interface EffectCause {
  readonly how: 'each' | 'together' | 'among';
  readonly changes: readonly PlannedChange[];
}

/** A question whose answer the apply changes. */
export interface ChangedAnswer {
  /** ARN. */
  readonly principal: string;
  readonly operation: Operation;
  readonly source: Source;
  readonly before: Verdict;
  readonly after: Verdict;
  /** The answer after the apply. Absent: the principal exists in only one of the states. */
  readonly now?: () => Evaluated;
  /** Principals and sources that cannot be distinguished share one object here. */
  readonly like: object;
}

/** The maximum number of checks for the search in one run. */
const mostChecks = 1_000;
/** The maximum number of changes to try one by one. */
const mostAlone = 20;
/** In plans with more changes, a cause of one operation is tried for other operations as well. */
const mostExact = 100;
/** If plans create more principals, there is no search for the causes of what these can do. */
const mostCreated = 10;

/** Finds the changes that cause different answers. */
export function causeFinder(
  state: PlannedState,
  settings: EvaluationSettings,
  { read, directoryIn }: Reading,
): (answer: ChangedAnswer) => EffectCause {
  // Computed on first use: most plans change no answer.
  const touching = lazily(() => touchedByEach(state));
  const both = [directoryIn(state.before), directoryIn(state.evidence)];
  const namesOf = remembered((arn: string) => both.flatMap((one) => principalNames(one, arn)));
  const known = new Map<string, EffectCause[]>();
  const { brings, isSpent } = bringing(state, touching, checker(state, settings, { read, directoryIn }));
  const causeOfKnown = (answer: ChangedAnswer, causes: readonly EffectCause[]): EffectCause | undefined =>
    causes.find(({ changes, how }) => how !== 'among' && isCause(changes, how, answer, brings));
  const ofLike = new WeakMap<object, Map<number, EffectCause>>();
  const causeAmong = (
    { name: nameOf, changes }: Touching,
    answer: ChangedAnswer,
    question: readonly string[],
  ): EffectCause => {
    const among = nameOf();
    const ofSame = ofLike.get(answer.like) ?? new Map<number, EffectCause>();
    ofLike.set(answer.like, ofSame);
    const same = ofSame.get(among);
    if (same !== undefined) return same;
    if (isSpent()) return { how: 'among', changes: changes() };
    const name = [among, ...question].join(' ');
    const causes = known.get(name) ?? [];
    known.set(name, causes);
    const ofOther = causeOfKnown(answer, causes);
    const cause = ofOther ?? causeIn(changes(), answer, brings);
    if (ofOther === undefined) causes.push(cause);
    ofSame.set(among, cause);
    return cause;
  };
  const isEnough = sufficing(brings, isSpent);
  const touchingOf = touchingAnswers(touching, namesOf);
  return (answer) => {
    const { who, source, own, near, all } = touchingOf(answer);
    if (all.numbers.length < 2) return { how: 'each', changes: all.changes() };
    const { operation, before, after } = answer;
    const isLarge = touching().changes > mostExact;
    const isCreated = !touching().isThere(answer.principal, []);
    // Without the change that creates it, a principal can do nothing, so that change is one of the
    // causes. A search for the others takes a check for each operation and source.
    if (isCreated && who.numbers.length > 1 && (touching().created > mostCreated || isSpent())) {
      const isWho = source.numbers.length === 0 || isEnough(who, answer);
      return { how: 'among', changes: (isWho ? who : isEnough(own, answer) ? own : all).changes() };
    }
    // Most plans change many databases and keys, but an answer depends on one of them. Changes of the
    // source come first, because they cause the answers of many principals and operations.
    const fewer = isLarge ? [source, own, near] : near.numbers.length > mostAlone ? [own, near] : [near];
    const question = isLarge ? [] : [operation.api, operation.command, before, after];
    const sizes = [...fewer, all].map(({ numbers }) => numbers.length);
    for (const [at, some] of fewer.entries()) {
      const size = some.numbers.length;
      const cause = size > 0 && size < (sizes[at + 1] ?? 0) ? causeAmong(some, answer, question) : undefined;
      if (cause !== undefined && cause.how !== 'among') return cause;
    }
    return causeAmong(all, answer, question);
  };
}

/** Whether some changes alone bring an answer, with a limited number of checks. */
function bringing(
  { before, some }: PlannedState,
  touching: () => ReturnType<typeof touchedByEach>,
  verdictWith: ReturnType<typeof checker>,
): { readonly brings: Brings; readonly isSpent: () => boolean } {
  // Many changes alter nothing in the evidence, such as a change of the tags of an inline policy.
  const isIdle = rememberedOf((one: PlannedChange) => sameJson(before, some([one])));
  let left = mostChecks;
  return {
    isSpent: () => left <= 0,
    brings(changes, answer) {
      if (!touching().isThere(answer.principal, changes)) return answer.after === 'fails';
      // If the changes alter nothing, the answer is the same as before the apply.
      if (changes.length < 2 && changes.every(isIdle)) return false;
      left -= 1;
      return (verdictWith(changes, answer) ?? 'fails') === answer.after;
    },
  };
}

/**
 * Whether the changes of a new principal are enough for what it can do. It may also need another
 * change, such as one of a key policy. Principals that nothing distinguishes need as many changes,
 * so only one of them is checked.
 */
function sufficing(brings: Brings, isSpent: () => boolean) {
  const ofLike = new WeakMap<object, Map<number, boolean>>();
  return ({ numbers, changes }: Touching, answer: ChangedAnswer): boolean => {
    const ofSame = ofLike.get(answer.like) ?? new Map<number, boolean>();
    ofLike.set(answer.like, ofSame);
    const found = ofSame.get(numbers.length) ?? (!isSpent() && brings(changes(), answer));
    ofSame.set(numbers.length, found);
    return found;
  };
}

/** Searches for the cause of an answer among some changes. */
function causeIn(relevant: readonly PlannedChange[], answer: ChangedAnswer, brings: Brings): EffectCause {
  const alone = relevant.length > mostAlone ? [] : relevant.filter((one) => brings([one], answer));
  if (alone.length > 0) return { how: 'each', changes: alone };
  if (!brings(relevant, answer)) return { how: 'among', changes: relevant };
  const needed = neededOf(relevant, (some) => brings(some, answer));
  if (!brings(needed, answer)) return { how: 'among', changes: relevant };
  return { how: needed.length === 1 ? 'each' : 'together', changes: needed };
}

/** The numbers of changes, in the order of the plans, and a short name for the list. */
interface Touching {
  readonly numbers: readonly number[];
  readonly changes: () => readonly PlannedChange[];
  readonly name: () => number;
}

/**
 * Finds the changes that touch what an answer can depend on. `who`: changes of the principal.
 * `source`: changes of the source, its key or its database. `own`: changes of either. `near`: also
 * changes of other keys. `all`: also changes of other things in the Region of the source. The same
 * changes touch many principals, so each list is made once.
 */
function touchingAnswers(
  touching: () => ReturnType<typeof touchedByEach>,
  namesOf: (arn: string) => readonly string[],
) {
  const ofPrincipal = remembered((arn: string) => touching().numbersOf(namesOf(arn)));
  const ofSource = new Map<Source, Readonly<Record<'own' | 'near' | 'others', Numbers>>>();
  const together = new Map<string, Readonly<Record<'who' | 'source' | 'own' | 'near' | 'all', Touching>>>();
  return ({ principal, source }: ChangedAnswer) => {
    const { keys, numbersOf, together: make } = touching();
    const names = [source.arn, source.account, databaseOf(source)];
    const of = ofSource.get(source) ?? {
      own: numbersOf([...names, source.kmsKeyId ?? '']),
      near: numbersOf([...names, ...keysOf(source, keys)]),
      others: numbersOf([`${source.account}/${source.region}`]),
    };
    ofSource.set(source, of);
    const who = ofPrincipal(principal);
    const name = [who.name, of.own.name, of.near.name, of.others.name].join();
    const known = together.get(name);
    if (known !== undefined) return known;
    const near = make(who.numbers, of.near.numbers);
    const found = {
      who: make(who.numbers, []),
      source: make([], of.own.numbers),
      own: make(who.numbers, of.own.numbers),
      near,
      all: make(near.numbers, of.others.numbers),
    };
    together.set(name, found);
    return found;
  };
}

/** Numbers of changes in order, and a short name for the list. */
interface Numbers {
  readonly numbers: readonly number[];
  readonly name: number;
}

type Brings = (changes: readonly PlannedChange[], answer: ChangedAnswer) => boolean;

/** Whether the cause of another answer is also the cause of this one. */
function isCause(
  changes: readonly PlannedChange[],
  how: EffectCause['how'],
  answer: ChangedAnswer,
  brings: Brings,
): boolean {
  return how === 'each' ? changes.every((one) => brings([one], answer)) : brings(changes, answer);
}

/**
 * The names of everything that a principal's answers can depend on, except the source of a
 * question.
 */
export function principalNames(directory: Directory, arn: string): readonly string[] {
  const account = accountOf(arn);
  const user = directory.users(account)?.get(arn);
  const one = user ?? directory.roles(account)?.get(arn);
  const groups = (user?.GroupList ?? []).flatMap((name) => directory.groups(account)?.get(name) ?? []);
  const attached = [one, ...groups].flatMap((owner) => owner?.AttachedManagedPolicies ?? []);
  return [
    arn,
    account,
    ...groups.map(({ Arn }) => Arn),
    ...attached.map(({ PolicyArn }) => PolicyArn),
    one?.PermissionsBoundary?.PermissionsBoundaryArn ?? '',
  ];
}

/** The ARN of a snapshot's database, whose key a new snapshot has. Other sources: empty. */
function databaseOf(source: Source): string {
  if (source.type === 'cluster-snapshot') return rdsArn(source, `cluster:${source.entry.DBClusterIdentifier}`);
  return source.type === 'snapshot' ? rdsArn(source, `db:${source.entry.DBInstanceIdentifier}`) : '';
}

/** The key of a source, or all keys in its Region if the changes do not touch that key. */
function keysOf({ account, region, kmsKeyId = '' }: Source, touched: readonly string[]): readonly string[] {
  const there = `:${region}:${account}:key/`;
  return touched.includes(kmsKeyId) ? [kmsKeyId] : touched.filter((name) => name.includes(there));
}

/** What each change touches. `keys`: the keys that exist before the apply. */
function touchedByEach({ before, evidence, plans }: PlannedState) {
  const changes = plans.flatMap(({ overlaid }) => overlaid);
  const namesOf = new Map(plans.flatMap(({ touched }) => [...touched]));
  const byName = new Map<string, number[]>();
  for (const [number, change] of changes.entries())
    for (const name of namesOf.get(change) ?? []) {
      const those = byName.get(name);
      if (those === undefined) byName.set(name, [number]);
      else those.push(number);
    }
  const intern = interning();
  const there = new Set(everyPrincipal(before));
  /** The changes that create a principal. Undefined: no change creates it. */
  const made = remembered((arn: string) => {
    const numbers = there.has(arn) ? undefined : byName.get(arn);
    return numbers === undefined ? undefined : new Set(numbers.flatMap((number) => changes[number] ?? []));
  });
  return {
    changes: changes.length,
    created: everyPrincipal(evidence).filter((arn) => !there.has(arn)).length,
    // No existing resource uses a new key.
    keys: keysIn(before).filter((arn) => byName.has(arn)),
    numbersOf: (names: readonly string[]): Numbers => {
      const numbers = names.reduce<readonly number[]>((all, name) => merged(all, byName.get(name) ?? []), []);
      return { numbers, name: intern(numbers.join()) };
    },
    together: (some: readonly number[], others: readonly number[]): Touching => {
      const numbers = merged(some, others);
      return {
        numbers,
        changes: lazily(() => numbers.flatMap((number) => changes[number] ?? [])),
        name: lazily(() => intern(numbers.join())),
      };
    },
    /** Whether a principal can exist with only some changes applied. */
    isThere: (arn: string, applied: readonly PlannedChange[]): boolean => {
      const making = made(arn);
      return making === undefined || applied.some((change) => making.has(change));
    },
  };
}

/** Merges two sorted lists of numbers into one without repetition. */
function merged(some: readonly number[], others: readonly number[]): readonly number[] {
  const all: number[] = [];
  let [at, other] = [0, 0];
  while (at < some.length || other < others.length) {
    const one = some[at] ?? Number.POSITIVE_INFINITY;
    const next = others[other] ?? Number.POSITIVE_INFINITY;
    all.push(Math.min(one, next));
    if (one <= next) at += 1;
    if (next <= one) other += 1;
  }
  return all;
}

function keysIn({ accounts }: Evidence): readonly string[] {
  return Object.values(accounts).flatMap(({ regions = {} }) =>
    Object.values(regions).flatMap(({ kms }) => (kms?.keys ?? []).map(({ KeyMetadata: { Arn } }) => Arn)),
  );
}

/**
 * The verdict with only some changes applied. Undefined: the principal or the source does not
 * exist, so nothing succeeds.
 */
function checker({ some, evidence }: PlannedState, settings: EvaluationSettings, { read, directoryIn }: Reading) {
  const numbers = new Map<PlannedChange, number>();
  const numberOf = (change: PlannedChange): number => {
    const number = numbers.get(change) ?? numbers.size;
    numbers.set(change, number);
    return number;
  };
  const stateOf = (held: Evidence) => {
    const directory = directoryIn(held);
    return { directory, evaluator: lazily(() => evaluator(directory, settings, read)) };
  };
  const last = lazily(() => stateOf(evidence));
  const asking = (changes: readonly PlannedChange[]) => {
    const held = some(changes);
    return { ...stateOf(held), toLast: lazily(() => comparing(held, evidence, settings.context)) };
  };
  const states = new Map<string, ReturnType<typeof asking>>();
  return (changes: readonly PlannedChange[], answer: ChangedAnswer): Verdict | undefined => {
    const name = changes.map(numberOf).join();
    const state = states.get(name) ?? asking(changes);
    if (states.size > mostStates) states.clear();
    states.set(name, state);
    const bound = boundIn(state, answer);
    if (bound === undefined) return undefined;
    // Most changes of a plan are about something else. If the question is the same as after the whole
    // apply, so is the answer.
    const boundLast = boundIn(last(), answer);
    const isAsLast =
      boundLast !== undefined &&
      state.toLast().isAlike([withPrincipal(state, bound), withPrincipal(last(), boundLast)], [bound, boundLast]);
    return isAsLast ? answer.after : state.evaluator().verdict(bound);
  };
}

function withPrincipal<State extends object>(
  state: State,
  { principal }: Bound,
): State & { readonly principal: Principal } {
  return { ...state, principal };
}

/** The question in one state. Undefined: the principal or the source does not exist. */
function boundIn(
  { directory }: { readonly directory: Directory },
  { principal, operation, source }: ChangedAnswer,
): Bound | undefined {
  const held = sourceIn(directory, source);
  const who = principalIn(directory, principal);
  if (held === undefined || who === undefined) return undefined;
  return boundTo(directory, { operation, principal: who, region: source.region, parameters: {} }, held);
}

/** If several accounts list a source, the last of them counts. */
function sourceIn({ evidence, sourcesOf }: Directory, { arn, type }: Source): Source | undefined {
  return Object.entries(evidence.accounts)
    .flatMap(([account, { regions = {} }]) => Object.keys(regions).map((region) => ({ account, region })))
    .flatMap((place) => sourcesOf(place, type)?.find((one) => one.arn === arn) ?? [])
    .at(-1);
}

/** The maximum number of states of the evidence in memory. */
const mostStates = 200;

/**
 * A principal in one state. Undefined: it does not exist. Some changes of a plan may delete a
 * principal that other changes create again.
 */
function principalIn(directory: Directory, arn: string): Principal | undefined {
  const account = accountOf(arn);
  const lists = [directory.users(account), directory.roles(account)];
  // The message of a failure would list similar names, which takes long to find.
  if (!isRootArn(arn) && lists.every((list) => list?.has(arn) === false)) return undefined;
  try {
    return findOtherPrincipal(directory, arn);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
