/*
 * src/diff/ compares the answers for two states of the evidence.
 */

import { accountOf } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { ComparedPart } from '../bulk/parts.ts';
import type { Unchecked } from '../check/bind-all.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { runners } from '../check/preconditions/trust.ts';
import { isRuledOut } from '../check/ruled-out.ts';
import type { Verdict } from '../contract/report.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import type { HypotheticalChange } from '../evidence/hypothesis.ts';
import { everyPrincipal, everyRoot, findPrincipal, readPrincipalArn } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { everySource, type Source, sourcesHeld } from '../evidence/sources.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import type { SourceType } from '../operations/source-flags.ts';
import { ReadDocuments } from '../policy/policies.ts';
import {
  boundPair,
  differenceOf,
  type Pair,
  type PrincipalState,
  stateOf,
  type VerdictDifference,
} from './differing.ts';
import { accountComparison, type DifferencesOf, type KindSettings, type Pairs } from './kinds.ts';
import { comparing } from './unlike.ts';

/** The two states of the evidence, and the questions to compare. */
export interface DiffSettings extends EvaluationSettings {
  readonly before: { readonly evidence: Evidence; readonly name: string };
  readonly after: { readonly evidence: Evidence; readonly name: string };
  /**
   * The hypothetical changes that lead from one state to the other. Absent: both states were read.
   */
  readonly assumed?: readonly HypotheticalChange[];
  /** ARNs. Absent: all users and roles of the evidence, and the root users of its accounts. */
  readonly principals?: readonly string[];
  /**
   * Whether root users are compared even if the states have no user or role in common. Absent:
   * false.
   */
  readonly rootsAlone?: true;
  /** Absent: all. Operations that need more parameters than a source are left out. */
  readonly operations?: readonly Operation[];
  /**
   * Documents that were already read. Absent: the documents of an account are read for the account,
   * and dropped after it.
   */
  readonly read?: ReadDocuments;
  /** Makes the directories of both states. Absent: the states share nothing. */
  readonly directoryIn?: (evidence: Evidence) => Directory;
  /** Whether having nothing to compare is a success, if all lists were read. Absent: false. */
  readonly allowEmpty?: boolean;
}

/** How many principals have been compared. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}

/** ARNs that only one state has. No questions were asked about them. */
interface Uncompared {
  readonly principals: readonly string[];
  readonly targets: readonly string[];
}

/** The list of users or roles that the new state does not have, although the other state has some. */
interface PrincipalListUnread {
  readonly code: 'principal-list-unread';
  readonly account: string;
  readonly type: 'user' | 'role';
}

/** The result of a comparison. */
export interface Comparison {
  /**
   * The worst new verdict on anything that succeeded before. `succeeds`: everything that succeeded
   * still does.
   */
  readonly verdict: Verdict;
  /** The number of questions that were asked in both states. */
  readonly asked: number;
  /** The places where nothing was asked, and why. */
  readonly unchecked: readonly (Unchecked | PrincipalListUnread)[];
  readonly onlyBefore: Uncompared;
  readonly onlyAfter: Uncompared;
}

/**
 * Compares which operations each principal can do on each source in both states. Yields each
 * difference of verdicts, so that none is kept here, and the progress between principals, so that
 * the caller can show it or stop. `without`: parts of the comparison that a test leaves out.
 * @throws Failure if the two states have no principal in common
 */
export function* compareStates(
  question: DiffSettings,
  without: ReadonlySet<ComparedPart> = new Set(),
): Generator<Progress | VerdictDifference, Comparison> {
  const { before, after } = question;
  const operations = comparedOperations(question.operations);
  const principals = sides(...principalsOf(question));
  const sources: Pair<ReadonlyMap<string, Source>> = [
    sourcesOf(before.evidence, operations),
    sourcesOf(after.evidence, operations),
  ];
  const targets = sides(...sources);
  const pairs = pairsOf(targets.both, sources);
  const { directoryIn = directoryOf } = question;
  const directories: Pair<Directory> = [directoryIn(before.evidence), directoryIn(after.evidence)];
  const settings: DiffedSettings = {
    ...question,
    comparing: comparing(before.evidence, after.evidence, question.context, without),
    without,
    pairs,
    operations,
    runs: [runners(directories[0]), runners(directories[1])],
    regions: [...new Set([...pairs.values()].flatMap((ofType) => ofType.map(([{ region }]) => region)))],
  };
  const everywhere = askedOfAll(settings);
  /** The new verdicts of what succeeded before. */
  const lost = new Set<Verdict>();
  let asked = 0;
  const foundFor = foundByAccount(settings, directories);
  const everybody =
    principals.both.length === 0 && question.rootsAlone !== true
      ? []
      : [...principals.both, ...rootsCompared(question)];
  for (const [done, arn] of everybody.entries()) {
    yield { done, of: everybody.length };
    const found = foundFor(arn);
    asked += everywhere + found.asked;
    for (const difference of found.differences) {
      if (difference.before === 'succeeds') lost.add(difference.after);
      yield difference;
    }
  }
  if (everybody.length === 0) throw nobodyAsked(question);
  const lists = listsLost(
    after.evidence,
    principals.before,
    targets.before.flatMap((arn) => sources[0].get(arn) ?? []),
  );
  const unchecked = asked === 0 ? [...lists, ...emptyPlaces(question, operations)] : lists;
  const isEmpty = asked === 0 && (question.allowEmpty !== true || unchecked.some(({ code }) => code === 'list-unread'));
  const isOpen = isEmpty || lists.length > 0;
  return {
    verdict: lost.has('fails') ? 'fails' : lost.has('undetermined') || isOpen ? 'undetermined' : 'succeeds',
    asked,
    unchecked: [...new Map(unchecked.map((one) => [JSON.stringify(one), one])).values()],
    onlyBefore: { principals: principals.before, targets: targets.before },
    onlyAfter: { principals: principals.after, targets: targets.after },
  };
}

/** @throws Failure if each chosen operation needs more parameters than a source */
export function comparedOperations(asked: readonly Operation[] | undefined): readonly Operation[] {
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

/** The number of questions for each principal, except for operations that run as a role. */
function askedOfAll({ operations, pairs }: KindSettings): number {
  const counts = operations.map(({ runsAsRole, reads }) =>
    runsAsRole === true ? 0 : (reads?.types ?? []).reduce((sum, type) => sum + (pairs.get(type)?.length ?? 0), 0),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

interface Differences {
  /** Questions about operations that run as a role. */
  readonly asked: number;
  readonly differences: readonly VerdictDifference[];
}

interface DiffedSettings extends KindSettings, Pick<DiffSettings, 'read'> {
  /** The Regions that have something to ask about. */
  readonly regions: readonly string[];
  readonly runs: Pair<ReturnType<typeof runners>>;
}

/**
 * Finds the differences of a principal. The principals of an account share policies, so the data of
 * an account is dropped when the next account begins.
 */
function foundByAccount(settings: DiffedSettings, directories: Pair<Directory>): (arn: string) => Differences {
  let account = '';
  const begin = (): ReadDocuments => settings.read ?? new ReadDocuments();
  let read = begin();
  let differencesOf: DifferencesOf | undefined;
  return (arn) => {
    if (accountOf(arn) !== account) {
      read = begin();
      differencesOf = undefined;
    }
    account = accountOf(arn);
    const states: Pair<PrincipalState> = [
      stateOf(directories[0], arn, settings, read),
      stateOf(directories[1], arn, settings, read),
    ];
    differencesOf ??= accountComparison(settings, states, read);
    return inOrder(settings, states, differencesOf);
  };
}

/** The differences of a principal, in the order of the operations. */
function inOrder(settings: DiffedSettings, states: Pair<PrincipalState>, differencesOf: DifferencesOf): Differences {
  const byOperation = differencesOf(states);
  const [{ principal }] = states;
  const may = settings.runs.map((run) => run(principal.roleArn ?? principal.arn));
  let asked = 0;
  const differences = settings.operations.flatMap((operation) => {
    if (operation.runsAsRole !== true) return byOperation.get(operation) ?? [];
    const mayIn = new Set(settings.regions.filter((region) => may.some((runs) => runs(operation, region))));
    const found = ofRole(settings, operation, states, mayIn);
    asked += found.asked;
    return found.differences;
  });
  return { asked, differences };
}

/**
 * The differences for an operation that runs as a role. It is checked in each Region in which it
 * may run.
 */
function ofRole(
  { comparing: { isAlike }, pairs }: DiffedSettings,
  operation: Operation,
  states: Pair<PrincipalState>,
  regions: ReadonlySet<string>,
): Differences {
  if (regions.size === 0) return { asked: 0, differences: [] };
  const ofTypes = (operation.reads?.types ?? []).map((type): Differences => {
    const sources = (pairs.get(type) ?? []).filter(([{ region }]) => regions.has(region));
    if (sources.length === 0 || states.every((state) => isRuledOut(operation, [type], state.mayAllow())))
      return { asked: sources.length, differences: [] };
    return {
      asked: sources.length,
      differences: sources.flatMap((pair) => {
        const bounds = boundPair(operation, states, pair);
        return isAlike(states, bounds) ? [] : (differenceOf(states, bounds) ?? []);
      }),
    };
  });
  return {
    asked: ofTypes.reduce((sum, ofType) => sum + ofType.asked, 0),
    differences: ofTypes.flatMap(({ differences }) => differences),
  };
}

/** Names in both states and names in only one state, sorted. */
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
  // This call throws a failure that lists the known principals.
  if (stranger !== undefined) findPrincipal(directoryOf(before.evidence), stranger);
  const heldIn = (evidence: Evidence): Has => new Set(principals.filter((arn) => isHeld(evidence, arn)));
  return [heldIn(before.evidence), heldIn(after.evidence)];
}

/** The root users of the accounts in both states, unless the question names its principals. */
function rootsCompared({ principals, before, after }: DiffSettings): readonly string[] {
  if (principals !== undefined) return [];
  const { accounts } = after.evidence;
  return everyRoot(before.evidence).filter((arn) => accounts[accountOf(arn)] !== undefined);
}

/**
 * Whether a state has a principal. If the account has no list of principals, the principal counts
 * as known, and everything about it is undetermined.
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
 * The lists that would show whether principals and sources are still there, and that the new state
 * does not have. What is missing from a list that was read is gone.
 */
function listsLost(
  evidence: Evidence,
  principals: readonly string[],
  sources: readonly Source[],
): Comparison['unchecked'] {
  const ofPrincipals = principals.flatMap((arn): readonly PrincipalListUnread[] => {
    const { type, account } = readPrincipalArn(arn);
    if (type !== 'user' && type !== 'role') return [];
    const { UserDetailList: users, RoleDetailList: roles } = evidence.accounts[account]?.iam ?? {};
    return (type === 'user' ? users : roles) === undefined ? [{ code: 'principal-list-unread', account, type }] : [];
  });
  const ofSources = sources.flatMap(({ type, account, region }): readonly Unchecked[] => {
    const place = { account, region };
    const isUnread = sourcesHeld(evidence, place, [type]).unread.includes(type);
    return isUnread ? [{ code: 'list-unread', place, type, gap: undefined }] : [];
  });
  return [...ofPrincipals, ...ofSources];
}

/** The places where neither state has a source to check, and the lists that either state lacks. */
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
