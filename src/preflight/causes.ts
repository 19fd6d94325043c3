import { accountOf } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { boundTo } from '../check/bind.ts';
import { type EvaluationSettings, evaluator } from '../check/evaluate.ts';
import type { Verdict } from '../contract/report.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import { findOtherPrincipal, type Principal } from '../evidence/principals.ts';
import type { Account, Evidence } from '../evidence/schema.ts';
import { everySource, type Source } from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import type { PlannedState } from '../plan/planned-state.ts';
import { neededOf } from './needed.ts';

/* Which changes of a plan cause another answer after the apply. */

/**
 * `each`: every change alone is enough. `together`: only all of them are. `among`: nothing else can
 * be the reason, and which of them is was not looked for.
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
}

/** So many checks are spent on the search in one run. */
const mostChecks = 2_000;
/** Up to so many changes are tried one by one. */
const mostAlone = 20;

/** Finds the changes behind answers that differ. */
export function causeFinder(state: PlannedState, settings: EvaluationSettings): (answer: ChangedAnswer) => EffectCause {
  const touched = touchedByEach(state);
  const directories = [directoryOf(state.before), directoryOf(state.evidence)];
  const verdictWith = checker(state, settings);
  const namesOf = remembered((arn: string) => directories.flatMap((one) => principalNames(one, arn)));
  const known = new Map<string, EffectCause[]>();
  let left = mostChecks;
  const brings = (changes: readonly PlannedChange[], answer: ChangedAnswer): boolean => {
    left -= 1;
    return (verdictWith(changes, answer) ?? 'fails') === answer.after;
  };
  const found = (relevant: readonly PlannedChange[], answer: ChangedAnswer): EffectCause => {
    const alone = relevant.length > mostAlone ? [] : relevant.filter((one) => brings([one], answer));
    if (alone.length > 0) return { how: 'each', changes: alone };
    if (!brings(relevant, answer)) return { how: 'among', changes: relevant };
    const needed = neededOf(relevant, (some) => brings(some, answer));
    if (!brings(needed, answer)) return { how: 'among', changes: relevant };
    return { how: needed.length === 1 ? 'each' : 'together', changes: needed };
  };
  return (answer) => {
    const { principal, source, operation, before, after } = answer;
    const relevant = touched.of([...namesOf(principal), ...placesOf(source, touched.keys)]);
    if (relevant.length < 2) return { how: 'each', changes: relevant };
    if (left <= 0) return { how: 'among', changes: relevant };
    const name = [touched.nameOf(relevant), operation.api, operation.command, before, after].join(' ');
    const causes = known.get(name) ?? [];
    known.set(name, causes);
    const same = causes.find(({ changes, how }) => how !== 'among' && isCause(changes, how, answer, brings));
    if (same !== undefined) return same;
    const cause = found(relevant, answer);
    causes.push(cause);
    return cause;
  };
}

type Brings = (changes: readonly PlannedChange[], answer: ChangedAnswer) => boolean;

/** Whether the cause of another answer is the cause of this one, too. */
function isCause(
  changes: readonly PlannedChange[],
  how: EffectCause['how'],
  answer: ChangedAnswer,
  brings: Brings,
): boolean {
  return how === 'each' ? changes.every((one) => brings([one], answer)) : brings(changes, answer);
}

/** Names of the things that a principal's answers can depend on, besides the things asked about. */
function principalNames(directory: Directory, arn: string): readonly string[] {
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

/** Its key, or all keys at its place where its own key stays as it is. */
function placesOf({ account, region, kmsKeyId = '' }: Source, touched: readonly string[]): readonly string[] {
  const there = `:${region}:${account}:key/`;
  const keys = touched.includes(kmsKeyId) ? [kmsKeyId] : touched.filter((name) => name.includes(there));
  return [account, `${account}/${region}`, ...keys];
}

/**
 * Names of the things that each change touches: ARNs, accounts, and Regions of accounts. `keys`:
 * the keys that are there before.
 */
function touchedByEach({ before, plans, some }: PlannedState) {
  const changes = plans.flatMap(({ overlaid }) => overlaid);
  const numbers = new Map(changes.map((change, index) => [change, index]));
  const byName = new Map<string, PlannedChange[]>();
  for (const change of changes)
    for (const name of touchedNames(before, some([change]))) {
      const those = byName.get(name);
      if (those === undefined) byName.set(name, [change]);
      else those.push(change);
    }
  return {
    // Nothing that is there uses a new key.
    keys: keysIn(before).filter((arn) => byName.has(arn)),
    of: (names: readonly string[]): readonly PlannedChange[] => {
      const found = new Set(names.flatMap((name) => byName.get(name) ?? []));
      return [...found].toSorted((one, other) => (numbers.get(one) ?? 0) - (numbers.get(other) ?? 0));
    },
    nameOf: (those: readonly PlannedChange[]): string => those.map((one) => numbers.get(one)).join(),
  };
}

function keysIn({ accounts }: Evidence): readonly string[] {
  return Object.values(accounts).flatMap(({ regions = {} }) =>
    Object.values(regions).flatMap(({ kms }) => (kms?.keys ?? []).map(({ KeyMetadata: { Arn } }) => Arn)),
  );
}

function touchedNames(before: Evidence, after: Evidence): readonly string[] {
  const accounts = new Set([...Object.keys(before.accounts), ...Object.keys(after.accounts)]);
  return [...accounts].flatMap((id) => {
    const [then = {}, now = {}] = [before.accounts[id], after.accounts[id]];
    return then === now ? [] : namesIn(id, then, now);
  });
}

function namesIn(id: string, then: Account, now: Account): readonly string[] {
  const { iam = {}, regions = {}, ...rest } = then;
  const { iam: iamNow = {}, regions: regionsNow = {}, ...restNow } = now;
  const places = new Set([...Object.keys(regions), ...Object.keys(regionsNow)]);
  return [
    ...differing(iam.RoleDetailList, iamNow.RoleDetailList, ({ Arn }) => Arn),
    ...differing(iam.UserDetailList, iamNow.UserDetailList, ({ Arn }) => Arn),
    ...differing(iam.GroupDetailList, iamNow.GroupDetailList, ({ Arn }) => Arn),
    ...differing(iam.Policies, iamNow.Policies, ({ Arn }) => Arn),
    ...(isAlike(rest, restNow) ? [] : [id]),
    ...[...places].flatMap((place) => {
      const [one = {}, other = {}] = [regions[place], regionsNow[place]];
      if (one === other) return [];
      const { kms, ...others } = one;
      const { kms: kmsNow, ...othersNow } = other;
      return [
        ...differing(kms?.keys, kmsNow?.keys, ({ KeyMetadata: { Arn } }) => Arn),
        ...(isAlike(others, othersNow) ? [] : [`${id}/${place}`]),
      ];
    }),
  ];
}

/** An edit keeps the same object for an item that does not change. */
function differing<T>(
  then: readonly T[] | undefined,
  now: readonly T[] | undefined,
  nameOf: (one: T) => string,
): readonly string[] {
  if (then === now) return [];
  const [held, heldNow] = [new Set(then), new Set(now)];
  return [...(then ?? []).filter((one) => !heldNow.has(one)), ...(now ?? []).filter((one) => !held.has(one))].map(
    nameOf,
  );
}

function isAlike(then: object, now: object): boolean {
  const [one, other] = [new Map(Object.entries(then)), new Map(Object.entries(now))];
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}

/**
 * The verdict with only some changes applied. Undefined: the principal or the source is not there,
 * so that nothing succeeds.
 */
function checker({ some }: PlannedState, settings: EvaluationSettings) {
  const numbers = new Map<PlannedChange, number>();
  const numberOf = (change: PlannedChange): number => {
    const number = numbers.get(change) ?? numbers.size;
    numbers.set(change, number);
    return number;
  };
  const states = new Map<string, ReturnType<typeof asking>>();
  const asking = (changes: readonly PlannedChange[]) => {
    const evidence = some(changes);
    const directory = directoryOf(evidence);
    const sources = new Map(everySource(evidence).map((source) => [source.arn, source]));
    return { directory, sources, evaluate: evaluator(directory, settings).evaluate };
  };
  return (changes: readonly PlannedChange[], { principal, operation, source }: ChangedAnswer): Verdict | undefined => {
    const name = changes.map(numberOf).join();
    const state = states.get(name) ?? asking(changes);
    if (states.size > mostStates) states.clear();
    states.set(name, state);
    const { directory, sources, evaluate } = state;
    const held = sources.get(source.arn);
    const who = principalIn(directory, principal);
    if (held === undefined || who === undefined) return undefined;
    const asked = { operation, principal: who, region: source.region, parameters: {} };
    return evaluate(boundTo(directory, asked, held)).verdict;
  };
}

/** States of the evidence that are kept at a time. */
const mostStates = 50;

/** Undefined: not there. Some changes of a plan alone may delete somebody whom others make again. */
function principalIn(directory: Directory, arn: string): Principal | undefined {
  try {
    return findOtherPrincipal(directory, arn);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function remembered<T>(make: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name) ?? make(name);
    known.set(name, found);
    return found;
  };
}
