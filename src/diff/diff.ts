/*
 * src/diff/ compares the answers under two states of the evidence.
 */

import { accountOf } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { canonicalText, sameJson } from '../base/json.ts';
import { list } from '../base/wording.ts';
import { type Bound, boundTo } from '../check/bind.ts';
import type { Unchecked } from '../check/bind-all.ts';
import { type EvaluationSettings, type Evaluator, evaluator } from '../check/evaluate.ts';
import { judge, type Reason } from '../check/judgement.ts';
import { assumptionOf } from '../check/preconditions/answer.ts';
import type { DecidedPrecondition } from '../check/preconditions/preconditions.ts';
import { mayRun } from '../check/preconditions/trust.ts';
import { rowsOf } from '../check/rows.ts';
import { isRuledOut, mayAllow } from '../check/ruled-out.ts';
import { isEstablished, isUnmet, rank } from '../check/verdict.ts';
import type { Verdict } from '../contract/report.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import type { HypotheticalChange } from '../evidence/hypothesis.ts';
import {
  everyPrincipal,
  findOtherPrincipal,
  findPrincipal,
  type Principal,
  readPrincipalArn,
} from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { everySource, type Source, sourcesHeld } from '../evidence/sources.ts';
import { catalogue } from '../operations/catalogue.ts';
import { type CallRow, keyRoles, type Operation } from '../operations/operation.ts';
import type { SourceType } from '../operations/source-flags.ts';
import { ReadDocuments } from '../policy/policies.ts';

/** Two states of evidence to be compared, and by which questions. */
export interface DiffSettings extends EvaluationSettings {
  readonly before: { readonly evidence: Evidence; readonly name: string };
  readonly after: { readonly evidence: Evidence; readonly name: string };
  /** What makes them differ. Absent: each was read. */
  readonly assumed?: readonly HypotheticalChange[];
  /** ARNs. Absent: all users and roles of the evidence. */
  readonly principals?: readonly string[];
  /** Absent: all. Those that need to be told more than a source are left out. */
  readonly operations?: readonly Operation[];
  /** That nothing is there to compare is a success, if all lists were read. Absent: false. */
  readonly allowEmpty?: boolean;
}

/** So many of so many principals are done. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}

/** A question that has another answer than before. */
export interface VerdictDifference {
  /** ARN. */
  readonly principal: string;
  readonly operation: Operation;
  /** ARN of what the operation reads. */
  readonly target: string;
  readonly before: Verdict;
  readonly after: Verdict;
  readonly isWorse: boolean;
  /** Why the worse of the two verdicts is what it is. */
  readonly reasons: readonly Reason[];
}

/** ARNs that stand in one state only; nothing was asked about them. */
interface Uncompared {
  readonly principals: readonly string[];
  readonly targets: readonly string[];
}

/** What a comparison comes to. */
export interface Comparison {
  /** The worst that what succeeded came to; `succeeds`: all that succeeded still does. */
  readonly verdict: Verdict;
  /** `fails` and `undetermined`: what of it succeeded before. */
  readonly summary: {
    readonly worse: number;
    readonly fails: number;
    readonly undetermined: number;
    readonly better: number;
  };
  /** How many questions were asked of both states. */
  readonly asked: number;
  /** Where nothing was asked: why. */
  readonly unchecked: readonly Unchecked[];
  readonly onlyBefore: Uncompared;
  readonly onlyAfter: Uncompared;
}

/**
 * Asks which operations which principals can do on what, under both states of the evidence. It
 * yields each verdict that differs, so that nothing of it is kept here, and how far it is between
 * principals, so that this can be shown, and the comparison ended.
 * @throws Failure if the two states have no principal in common to ask about
 */
export function* compareStates(question: DiffSettings): Generator<Progress | VerdictDifference, Comparison> {
  const { before, after } = question;
  const operations = askable(question.operations);
  const principals = sides(...principalsOf(question));
  const sources: Pair<ReadonlyMap<string, Source>> = [
    sourcesOf(before.evidence, operations),
    sourcesOf(after.evidence, operations),
  ];
  const targets = sides(...sources);
  const pairs = pairsOf(targets.both, sources);
  const directories: Pair<Directory> = [directoryOf(before.evidence), directoryOf(after.evidence)];
  let read = new ReadDocuments();
  let account = '';
  const isSame = sameness();
  const unlike = unlikePairs(pairs, isSame);
  const summary = { worse: 0, fails: 0, undetermined: 0, better: 0 };
  let asked = 0;
  for (const [done, arn] of principals.both.entries()) {
    yield { done, of: principals.both.length };
    // The principals of an account have policies in common; those of the last one are let go.
    if (accountOf(arn) !== account) read = new ReadDocuments();
    account = accountOf(arn);
    const states: Pair<State> = [
      stateOf(directories[0], arn, question, read),
      stateOf(directories[1], arn, question, read),
    ];
    for (const operation of operations) {
      const found = differencesOf(operation, { states, isSame, unlike }, pairs);
      asked += found.asked;
      for (const difference of found.differences) {
        summary[difference.isWorse ? 'worse' : 'better'] += 1;
        if (difference.before === 'succeeds' && difference.after !== 'succeeds') summary[difference.after] += 1;
        yield difference;
      }
    }
  }
  if (principals.both.length === 0) throw nobodyAsked(question);
  const unchecked = asked === 0 ? emptyPlaces(question, operations) : [];
  const isOpen = asked === 0 && (question.allowEmpty !== true || unchecked.some(({ code }) => code === 'list-unread'));
  return {
    verdict: summary.fails > 0 ? 'fails' : summary.undetermined > 0 || isOpen ? 'undetermined' : 'succeeds',
    summary,
    asked,
    unchecked,
    onlyBefore: { principals: principals.before, targets: targets.before },
    onlyAfter: { principals: principals.after, targets: targets.after },
  };
}

/** One of each state, the earlier first. */
type Pair<T> = readonly [T, T];

interface State extends Evaluator {
  readonly principal: Principal;
  /** Whether the principal comes into question for an operation in a Region. */
  readonly comesIntoQuestion: ReturnType<typeof mayRun>;
  /** Made when a question has to be asked: most need not be. */
  readonly mayAllow: () => ReturnType<typeof mayAllow>;
}

/** One principal under both states. */
interface Asked {
  readonly states: Pair<State>;
  readonly isSame: ReturnType<typeof sameness>;
  readonly unlike: ReturnType<typeof unlikePairs>;
}

/**
 * One principal under one state. Policies are compiled anew for each principal, so that memory does
 * not grow with their number; documents that were read are kept.
 */
function stateOf(directory: Directory, arn: string, asking: EvaluationSettings, read: ReadDocuments): State {
  const principal = findOtherPrincipal(directory, arn);
  let allows: ReturnType<typeof mayAllow> | undefined;
  return {
    ...evaluator(directory, asking, read),
    principal,
    comesIntoQuestion: mayRun(directory, principal.roleArn ?? principal.arn),
    mayAllow: () => (allows ??= mayAllow(principal, read)),
  };
}

/** @throws Failure if each of those that are asked for needs to be told more than a source */
function askable(asked: readonly Operation[] | undefined): readonly Operation[] {
  const operations = (asked ?? catalogue).filter(
    ({ reads, requires = [] }) => reads !== undefined && requires.length === 0,
  );
  if (operations.length > 0) return operations;
  throw new Failure(
    'input',
    `${list([...new Set((asked ?? []).map(({ command }) => command))])} cannot be compared: the operation needs more parameters`,
    'check both states one after the other',
  );
}

/** Both states of everything that is in both, by its type. */
type Pairs = ReadonlyMap<SourceType, readonly Pair<Source>[]>;

function pairsOf(arns: readonly string[], [before, after]: Pair<ReadonlyMap<string, Source>>): Pairs {
  const pairs = new Map<SourceType, Pair<Source>[]>();
  for (const arn of arns) {
    const [then, now] = [before.get(arn), after.get(arn)];
    if (then === undefined || now === undefined) continue;
    const known = pairs.get(then.type);
    if (known === undefined) pairs.set(then.type, [[then, now]]);
    else known.push([then, now]);
  }
  return pairs;
}

interface Differences {
  readonly asked: number;
  readonly differences: readonly VerdictDifference[];
}

function differencesOf(operation: Operation, asked: Asked, pairs: Pairs): Differences {
  const { states } = asked;
  const isAsked = inRegions(operation, states);
  const mayDiffer = asked.unlike(operation, states);
  const ofTypes = (operation.reads?.types ?? []).map((type): Differences => {
    const all = pairs.get(type) ?? [];
    const sources = operation.runsAsRole === true ? all.filter(([{ region }]) => isAsked(region)) : all;
    const unlike = mayDiffer === undefined ? sources : mayDiffer(type);
    // A principal that has not changed has the same policies in both states.
    const owners = mayDiffer === undefined ? states : states.slice(0, 1);
    if (unlike.length === 0 || owners.every((state) => isRuledOut(operation, [type], state.mayAllow())))
      return { asked: sources.length, differences: [] };
    return {
      asked: sources.length,
      differences: unlike.flatMap((pair) => {
        const bounds = boundPair(operation, states, pair);
        const isSettled = mayDiffer === undefined && isAlike(asked, bounds);
        return isSettled ? [] : (differenceOf(states, bounds) ?? []);
      }),
    };
  });
  return {
    asked: ofTypes.reduce((sum, ofType) => sum + ofType.asked, 0),
    differences: ofTypes.flatMap(({ differences }) => differences),
  };
}

/**
 * Whether the principal comes into question for the operation in a Region, in one state at least.
 */
function inRegions(operation: Operation, states: Pair<State>): (region: string) => boolean {
  const known = new Map<string, boolean>();
  return (region) => {
    const may = known.get(region) ?? states.some((state) => state.comesIntoQuestion(operation, region));
    known.set(region, may);
    return may;
  };
}

/** Undefined: the answers do not differ. */
function differenceOf([then, now]: Pair<State>, bounds: Pair<Bound>): VerdictDifference | undefined {
  if (isDenied(then, bounds[0]) && isDenied(now, bounds[1])) return undefined;
  const before = then.evaluate(bounds[0]);
  const after = now.evaluate(bounds[1]);
  if (before.verdict === after.verdict) return undefined;
  const isWorse = rank[after.verdict] < rank[before.verdict];
  return {
    principal: then.principal.arn,
    operation: bounds[0].operation,
    target: bounds[0].source?.arn ?? '',
    before: before.verdict,
    after: after.verdict,
    isWorse,
    reasons: judge(isWorse ? after : before).reasons,
  };
}

function boundPair(operation: Operation, [then, now]: Pair<State>, sources: Pair<Source>): Pair<Bound> {
  const bind = ({ directory, principal }: State, source: Source): Bound =>
    boundTo(directory, { operation, principal, region: source.region, parameters: {} }, source);
  return [bind(then, sources[0]), bind(now, sources[1])];
}

/** The states of the principal that is asked about, and how things are compared. */
type Compared = Pick<Asked, 'states' | 'isSame'>;

/**
 * Whether the verdicts are the same without working them out: no fact differs from which calls are
 * decided (see decider: the principal, the source, the keys with policies and grants, the
 * organizations of their accounts), and the preconditions come to the same.
 */
function isAlike({ states, isSame }: Compared, bounds: Pair<Bound>): boolean {
  const [before, after] = bounds;
  return isSame(before.principal, after.principal) && isAlikeForAll({ states, isSame }, bounds);
}

/**
 * The pairs of sources whose answers may differ for a principal that has not changed. Of such a
 * principal the rest depends on account and type alone, so that it is compared once for all of
 * them. Undefined: this principal has changed, or it is the role of a service, and is asked about
 * each.
 */
function unlikePairs(pairs: Pairs, isSame: ReturnType<typeof sameness>) {
  let isOf = '';
  let known = new Map<Operation, Map<SourceType, readonly Pair<Source>[]>>();
  const unchanged = new WeakMap<Principal, boolean>();
  const unchangedAccounts = new Map<string, boolean>();
  /** Whether all of an account is the same in both states. */
  const stayed = (account: string, [then, now]: Pair<State>): boolean => {
    const same =
      unchangedAccounts.get(account) ?? sameJson(then.evidence.accounts[account], now.evidence.accounts[account]);
    unchangedAccounts.set(account, same);
    return same;
  };
  const isUnchanged = ([{ principal: then }, { principal: now }]: Pair<State>): boolean => {
    const same = unchanged.get(then) ?? sameJson(then, now);
    unchanged.set(then, same);
    return same;
  };
  return (operation: Operation, states: Pair<State>): ((type: SourceType) => readonly Pair<Source>[]) | undefined => {
    if (operation.runsAsRole === true || !isUnchanged(states)) return undefined;
    const { account, type: kind } = states[0].principal;
    if (isOf !== `${account} ${kind}`) known = new Map();
    isOf = `${account} ${kind}`;
    const ofOperation = known.get(operation) ?? new Map<SourceType, readonly Pair<Source>[]>();
    known.set(operation, ofOperation);
    return (type) => {
      const unlike =
        ofOperation.get(type) ??
        (pairs.get(type) ?? []).filter((sources) => {
          const [{ account: owner, kmsKeyId: key = '' }] = sources;
          // Nothing that the answer depends on lies elsewhere.
          const places = [account, owner, accountOf(key)];
          if (places.every((place) => stayed(place, states))) return false;
          const bounds = boundPair(operation, states, sources);
          return !isAlikeForAll({ states, isSame }, bounds) && !isStopped(states, bounds);
        });
      ofOperation.set(type, unlike);
      return unlike;
    };
  };
}

/** Whether the operation fails under both states, whatever a principal may do. */
function isStopped([then, now]: Pair<State>, [before, after]: Pair<Bound>): boolean {
  return then.preconditions(before).some(isUnmet) && now.preconditions(after).some(isUnmet);
}

/**
 * What isAlike compares besides the principal. Of the principal it reads account and type alone.
 */
function isAlikeForAll({ states: [then, now], isSame }: Compared, [before, after]: Pair<Bound>): boolean {
  const keys = [...Object.entries(before.keys), ...Object.entries(after.keys)];
  const accounts = [before.principal.account, before.source?.account ?? '', ...keys.map(([, { account }]) => account)];
  return (
    isSame(before.source, after.source) &&
    before.keysDiffer === after.keysDiffer &&
    before.roleOfRds === after.roleOfRds &&
    keyRoles.every((role) => isSame(before.keys[role]?.key, after.keys[role]?.key)) &&
    keyNames(before) === keyNames(after) &&
    accounts.every((id) => isSame(then.evidence.accounts[id]?.organization, now.evidence.accounts[id]?.organization)) &&
    standing(then.preconditions(before)) === standing(now.preconditions(after))
  );
}

/** Keys that are not held are known by their names. */
function keyNames({ keys }: Bound): string {
  return JSON.stringify(keyRoles.map((role) => [keys[role]?.arn, keys[role]?.alias, keys[role]?.manager]));
}

/** What the preconditions come to, as far as a verdict depends on them. */
function standing(preconditions: readonly DecidedPrecondition[]): string {
  return preconditions.map((one) => `${one.row.code} ${one.status} ${assumptionOf(one) !== undefined}`).join();
}

type Thing = object | null | undefined;

/**
 * Whether two things say the same, in whichever order. What they say is written out once for each.
 */
function sameness(): (one: Thing, other: Thing) => boolean {
  const texts = new WeakMap<object, string>();
  const textOf = (thing: object): string => {
    const text = texts.get(thing) ?? canonicalText(thing) ?? '';
    texts.set(thing, text);
    return text;
  };
  return (one, other) => one === other || (one != null && other != null && textOf(one) === textOf(other));
}

/** That a call is denied is soon found, and enough to know that the operation fails. */
function isDenied({ decide }: Evaluator, bound: Bound): boolean {
  const isCallDenied = (row: CallRow): boolean =>
    isEstablished(row.basis) && decide(row, bound).decision.decision === 'denied';
  const rows = rowsOf(bound);
  // Two policies have to allow a call on a key, so that it is denied most often.
  return (
    rows.some((row) => row.kind === 'forwarded' && isCallDenied(row)) ||
    rows.some((row) => row.kind !== 'forwarded' && isCallDenied(row))
  );
}

/** Names that stand in both states, and in one of them only, in order. */
interface Sides {
  readonly both: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function sides(before: Has, after: Has): Sides {
  const names = [...before.keys()].toSorted();
  return {
    both: names.filter((name) => after.has(name)),
    before: names.filter((name) => !after.has(name)),
    after: [...after.keys()].filter((name) => !before.has(name)).toSorted(),
  };
}

type Has = Pick<ReadonlySet<string>, 'has' | 'keys'>;

function principalsOf({ principals, before, after }: DiffSettings): Pair<Has> {
  if (principals === undefined)
    return [new Set(everyPrincipal(before.evidence)), new Set(everyPrincipal(after.evidence))];
  const stranger = principals.find((arn) => !isHeld(before.evidence, arn) && !isHeld(after.evidence, arn));
  // It says who is there.
  if (stranger !== undefined) findPrincipal(directoryOf(before.evidence), stranger);
  const heldIn = (evidence: Evidence): Has => new Set(principals.filter((arn) => isHeld(evidence, arn)));
  return [heldIn(before.evidence), heldIn(after.evidence)];
}

/**
 * A principal of an account whose list is not held may be asked about: all of the principal is open
 * then.
 */
function isHeld(evidence: Evidence, arn: string): boolean {
  const { type, account, name } = readPrincipalArn(arn);
  const held = evidence.accounts[account];
  const listed = type === 'user' ? held?.iam?.UserDetailList : held?.iam?.RoleDetailList;
  if (held === undefined || listed === undefined || type === 'root' || type === 'federated user')
    return held !== undefined;
  return listed.some(({ Arn: one }) => (type === 'session' ? one.endsWith(`/${name}`) : one === arn));
}

function sourcesOf(evidence: Evidence, operations: readonly Operation[]): ReadonlyMap<string, Source> {
  const types = new Set(operations.flatMap(({ reads }) => reads?.types ?? []));
  return new Map(
    everySource(evidence)
      .filter(({ type }) => types.has(type))
      .map((source) => [source.arn, source]),
  );
}

/**
 * Places where neither state holds anything that is asked about, and lists that one of them lacks.
 */
function emptyPlaces({ before, after }: DiffSettings, operations: readonly Operation[]): readonly Unchecked[] {
  const types = [...new Set(operations.flatMap(({ reads }) => reads?.types ?? []))];
  const states = [before.evidence, after.evidence];
  const places = states.flatMap(({ accounts }) =>
    Object.entries(accounts).flatMap(([account, { regions = {} }]) =>
      Object.keys(regions).map((region) => ({ account, region })),
    ),
  );
  const distinct = [...new Map(places.map((place) => [`${place.account} ${place.region}`, place])).values()];
  return distinct.flatMap((place): readonly Unchecked[] => {
    const held = states.map((evidence) => sourcesHeld(evidence, place, types));
    const unread = types.filter((type) => held.some((one) => one.unread.includes(type)));
    const read = types.filter((type) => !unread.includes(type));
    const isEmpty = held.every(({ sources }) => sources.length === 0);
    return [
      ...(isEmpty && read.length > 0
        ? [{ code: 'nothing-of-the-kind', place, types: read, membersLeftOut: false } as const]
        : []),
      ...unread.map((type): Unchecked => ({ code: 'list-unread', place, type, gap: undefined })),
    ];
  });
}

function nobodyAsked({ before, after }: DiffSettings): Failure {
  return new Failure(
    'input',
    `${before.name} and ${after.name} have no user or role in common`,
    'check that both are of the same account',
  );
}
