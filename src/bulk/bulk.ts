/*
 * src/bulk/ answers one kind of question for many principals and many sources. Principals (or
 * targets) form a class if no policy, condition, guard or unknown fact can distinguish them. The
 * check decides once for each pair of classes. Nothing in this folder decides anything itself.
 *
 * How to use it: pass a `BulkQuestion` to `decideInBulk` and go through the cells that it yields. A
 * cell is one class of principals and one class of targets (an operation on a source).
 * `cell.evaluated().verdict` is the answer for all pairs of their members, so a count of pairs is
 * `cell.principals.members.length * cell.targets.members.length`. To show the answer for one
 * member, translate statements and facts with `cell.unfolded(member)`, or check again
 * with `cell.of(member, target)`. Cells come account by account. The data of a finished account is
 * dropped, so that memory depends only on the largest account.
 */

import { iamArn, rootArn, stsArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { lazily } from '../base/lazily.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { remembered } from '../base/remembered.ts';
import { type AnyRequestAnswer, decideAnyRequest } from '../check/any-request.ts';
import { type Bound, boundOfAnother, boundTo } from '../check/bind.ts';
import { policiesFor } from '../check/call-policies.ts';
import { actorOf, type DecidedCall, keyOf } from '../check/decide.ts';
import { type Evaluated, type EvaluationSettings, type Evaluator, evaluator } from '../check/evaluate.ts';
import { decidePreconditions } from '../check/preconditions/preconditions.ts';
import { rowsOf } from '../check/rows.ts';
import { anyTagsReader } from '../check/session-tags.ts';
import { isDenied, isEstablished } from '../check/verdict.ts';
import type { Verdict } from '../contract/report.ts';
import type { Directory } from '../evidence/directory.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import { findPrincipal, type Principal } from '../evidence/principals.ts';
import type { CallRow } from '../operations/operation.ts';
import type { Statement } from '../policy/document.ts';
import { ReadDocuments, readLayers } from '../policy/policies.ts';
import { requestReader } from '../policy/request.ts';
import type { SignaturePart } from './parts.ts';
import { type Holdings, holdingsReader, type Intern, interning, principalSignature } from './principal-class.ts';
import { type Relevant, readsOf, relevantStatements, type StatementReads } from './reads.ts';
import {
  type BulkTarget,
  callsOf,
  ofPrincipal,
  rowNumbers,
  type TargetRequests,
  targetRequests,
  targetSignature,
} from './target-class.ts';
import { type Unfolded, unfolded } from './unfold.ts';

export type { BulkTarget } from './target-class.ts';

/**
 * The minimum number of principals for which to find classes. For fewer principals, a check of each
 * is faster.
 */
export const fewestToClass = 5;

/** The settings of all questions. */
export interface BulkSettings extends EvaluationSettings {
  /** The session policy of the principals' sessions. */
  readonly sessionPolicy?: PolicyText;
  /**
   * The caller also uses `Cell.anyRequest`, the answer for every request that a principal could
   * choose. Classes are then finer. Absent: false.
   */
  readonly anyRequest?: true;
  /**
   * The caller does not use near misses, so near misses do not distinguish principals that no
   * identity policy allows. Absent: false.
   */
  readonly decisionsAlone?: true;
}

/** The pairs of principals and targets to check. */
export interface BulkQuestion {
  readonly principals: AskedPrincipals;
  readonly targets: readonly BulkTarget[];
  /** The targets to check for the principals of an account. Absent: all. */
  readonly targetsOf?: (account: string) => readonly BulkTarget[];
}

/**
 * The users, roles, root users and sessions to ask about. The principals of an account are listed
 * only when the loop reaches the account, so the account is read once for both the list and the
 * answers.
 */
export interface AskedPrincipals {
  readonly accounts: readonly string[];
  readonly in: (account: string) => readonly string[];
}

/** Groups principals with known ARNs by account. */
export function principalsNamed(arns: readonly string[]): AskedPrincipals {
  const byAccount = groupBy(arns, accountIn);
  return { accounts: [...byAccount.keys()], in: (account) => byAccount.get(account) ?? [] };
}

/** Principals that nothing distinguishes for the targets of the question. */
export interface PrincipalClass {
  /** The ARN of the first member. */
  readonly representative: string;
  /** ARNs. */
  readonly members: readonly [string, ...string[]];
  readonly account: string;
}

/** Targets of one operation that nothing distinguishes for the principals of an account. */
export interface TargetClass {
  readonly representative: BulkTarget;
  readonly members: readonly [BulkTarget, ...BulkTarget[]];
}

/** One class of principals and one of targets, and the answer that all of their pairs have. */
export interface Cell {
  readonly principals: PrincipalClass;
  readonly targets: TargetClass;
  /** The check of the representatives, done on first use. */
  readonly evaluated: () => Evaluated;
  /**
   * Whether policies deny one of the calls that the representatives certainly make with their own
   * identity. To answer this, nothing else is decided.
   */
  readonly isDenied: () => boolean;
  /**
   * Whether policies deny every request that the principals could choose, computed on first use.
   */
  readonly anyRequest: () => AnyRequestAnswer;
  /** Checks one pair of members, without use of the class. */
  readonly of: (principal: string, target: BulkTarget) => Evaluated;
  /**
   * Translates the answer from the representative to a member, given by ARN. Nothing is checked
   * again.
   */
  readonly unfolded: (principal: string) => Unfolded;
}

/**
 * Groups principals and targets and yields a cell for each pair of classes, account by account.
 * `without`: parts of signatures to leave out, for tests.
 * @throws Failure if the evidence does not have a principal
 */
export function* decideInBulk(
  directory: Directory,
  settings: BulkSettings,
  question: BulkQuestion,
  without: ReadonlySet<SignaturePart> = new Set(),
): Generator<Cell> {
  for (const { cells } of decideByAccount(directory, settings, [question], without))
    for (const { cell } of cells) yield cell;
}

/** A cell, and the question that it answers. */
export interface AskedCell {
  /** The position of the question in the list of questions, from 0. */
  readonly question: number;
  readonly cell: Cell;
}

/** All questions about the principals of one account. */
export interface AccountTurn {
  readonly account: string;
  /** The documents that were read for the account. */
  readonly read: ReadDocuments;
  /** Can be iterated only once. */
  readonly cells: Iterable<AskedCell>;
}

/**
 * Yields the cells of several questions, account by account. The principals of an account are read
 * once for all questions. Then one principal represents all those that no question distinguishes.
 * @throws Failure if the evidence does not have a principal
 */
export function* decideByAccount(
  directory: Directory,
  settings: BulkSettings,
  questions: readonly BulkQuestion[],
  without: ReadonlySet<SignaturePart> = new Set(),
): Generator<AccountTurn> {
  for (const account of new Set(questions.flatMap(({ principals }) => principals.accounts))) {
    const asked = questions.flatMap(
      ({ principals, targets, targetsOf = () => targets }, question): readonly AskedHere[] => {
        const here = targetsOf(account);
        const arns = here.length === 0 ? [] : principals.in(account);
        return arns.length === 0 ? [] : [{ question, arns, targets: here }];
      },
    );
    if (asked.length === 0) continue;
    const deciding = decidingIn(directory, settings, without);
    yield { account, read: deciding.read, cells: cellsIn(deciding, account, asked) };
  }
}

function* cellsIn(deciding: Deciding, account: string, asked: readonly AskedHere[]): Generator<AskedCell> {
  for (const { question, classes, targetClasses, holdings } of classified(deciding, asked)) {
    const pairing = { ...deciding, holdings };
    const asking = targetClasses.map((targets): TargetsAsked => {
      const [someone] = classes;
      const bound = lazily(() => boundFor(deciding, someone?.representative ?? '', targets.representative));
      return { targets, bound, ofServices: new Map() };
    });
    for (const one of classes)
      for (const targets of asking) {
        if (targets.targets.representative.operation.runsAsRole === true && !isRole(one.representative)) continue;
        yield { question, cell: cellOf(pairing, { account, ...one }, targets) };
      }
  }
}

function accountIn(arn: string): string {
  return parsePrincipalArn(arn)?.account ?? '';
}

/** A class of principals, and their common answer for each target. */
export interface VerdictsOfClass {
  readonly principals: PrincipalClass;
  readonly verdict: (target: BulkTarget) => Verdict;
}

/**
 * Groups only principals, not targets. For few principals, a check of each target is faster than
 * the search for target classes.
 * @throws Failure if the evidence does not have a principal
 */
export function* verdictsByClass(
  directory: Directory,
  settings: BulkSettings,
  { principals, targets }: { readonly principals: readonly string[]; readonly targets: readonly BulkTarget[] },
  read: ReadDocuments,
): Generator<VerdictsOfClass> {
  for (const [account, arns] of groupBy(principals, accountIn)) {
    const deciding = decidingIn(directory, settings, new Set(), read);
    const side = sideOf(deciding, { probes: probesOf(arns, settings), targets });
    const { classOf } = signerOf(deciding, side);
    const boundOf = (target: BulkTarget, principal: Principal): Bound => {
      const known = side.requestsFor(target).all[0]?.[0];
      return known === undefined
        ? boundTo(directory, { ...target, principal }, target.source)
        : boundOfAnother(principal, known);
    };
    for (const members of groupBy(arns, (arn) => classOf(deciding.find(arn))).values()) {
      const principal = deciding.find(members[0]);
      yield {
        principals: { account, representative: members[0], members },
        verdict: (target) => deciding.evaluator.verdict(boundOf(target, principal)),
      };
    }
  }
}

/** The principals and targets for which to find classes. */
interface ClassesAsking extends Pick<BulkQuestion, 'targets'> {
  /** ARNs. */
  readonly principals: readonly string[];
  /** Documents that were read. */
  readonly read: ReadDocuments;
}

/**
 * Finds the class of a principal, as a text. Principals of one account have the same text if their
 * answers about each target are the same, except for the names of their own policies. `principals`:
 * all principals of one account that may be passed. `without`: parts of signatures to leave out,
 * for tests.
 */
export function principalClasses(
  directory: Directory,
  settings: BulkSettings,
  { principals, targets, read }: ClassesAsking,
  without: ReadonlySet<SignaturePart> = new Set(),
): (principal: Principal) => string {
  const deciding = decidingIn(directory, settings, without, read);
  return signerOf(deciding, sideOf(deciding, { probes: probesOf(principals, settings), targets })).classOf;
}

/** AWS Backup jobs run as roles. */
export function isRole(arn: string): boolean {
  const type = parsePrincipalArn(arn)?.type;
  return type === 'role' || type === 'session';
}

/** Checks one pair, without use of classes. */
export function evaluatedAgain(
  directory: Directory,
  settings: BulkSettings,
  principal: string,
  target: BulkTarget,
): Evaluated {
  return checkOf(decidingIn(directory, settings, new Set()), principal, target);
}

/** Whether policies deny every request of one pair, without use of classes. */
export function anyRequestAgain(
  directory: Directory,
  settings: BulkSettings,
  principal: string,
  target: BulkTarget,
): AnyRequestAnswer {
  return anyRequestOf(decidingIn(directory, settings, new Set()), principal, target);
}

type Pairing = Pick<Deciding, 'directory' | 'evaluator' | 'strictly' | 'find'>;

function checkOf(pairing: Pairing, principal: string, target: BulkTarget): Evaluated {
  return pairing.evaluator.evaluate(boundFor(pairing, principal, target));
}

function boundFor({ directory, find }: Pairing, principal: string, target: BulkTarget): Bound {
  return boundTo(directory, { ...target, principal: find(principal) }, target.source);
}

/**
 * Whether a call is certainly made with the principal's own identity, even if the call is denied.
 */
function isSurelyOwn({ kind, basis, unless }: CallRow): boolean {
  return kind !== 'service' && isEstablished(basis) && unless === undefined;
}

function anyRequestOf({ directory, strictly, find }: Pairing, principal: string, target: BulkTarget): AnyRequestAnswer {
  const asking = { ...target, principal: find(principal) };
  return decideAnyRequest(directory, strictly, { asking, source: target.source, all: false });
}

interface Deciding {
  readonly directory: Directory;
  readonly settings: BulkSettings;
  readonly read: ReadDocuments;
  readonly evaluator: Evaluator;
  /** Decides without assumptions, because an assumption cannot show that a request is denied. */
  readonly strictly: Evaluator;
  readonly find: (arn: string) => Principal;
  /**
   * The statements that a call of an action can reach. `action`: lower case. Each list is read
   * once.
   */
  readonly relevant: (statements: readonly Statement[], action: string) => readonly Relevant[];
  readonly without: ReadonlySet<string>;
}

function decidingIn(
  directory: Directory,
  settings: BulkSettings,
  without: ReadonlySet<string>,
  read = new ReadDocuments(),
): Deciding {
  const { sessionPolicy } = settings;
  const deciding = evaluator(directory, settings, read);
  return {
    directory,
    settings,
    read,
    evaluator: deciding,
    strictly: deciding.strictly(),
    find: remembered((arn) => {
      const found = findPrincipal(directory, arn);
      return sessionPolicy === undefined ? found : { ...found, session: [sessionPolicy] };
    }),
    relevant: relevantReader(),
    without,
  };
}

/** Reads each list of statements once, because SCPs and RCPs apply to nearly every call. */
function relevantReader(): Deciding['relevant'] {
  const known = new WeakMap<readonly Statement[], (action: string) => readonly Relevant[]>();
  return (statements, action) => {
    const find = known.get(statements) ?? remembered((one) => relevantStatements(statements, [one]));
    known.set(statements, find);
    return find(action);
  };
}

/** The principals and targets of one question in one account. */
interface AskedHere {
  readonly question: number;
  /** ARNs. */
  readonly arns: readonly string[];
  readonly targets: readonly BulkTarget[];
}

/**
 * What the policies other than the principals' own read about the targets, for each type of
 * principal in the account.
 */
interface TargetSide {
  readonly targets: readonly BulkTarget[];
  readonly requestsFor: (target: BulkTarget) => TargetRequests;
  readonly reads: StatementReads;
  /** Actions of the calls in the question, in lower case. */
  readonly actions: readonly string[];
}

interface Classified {
  readonly question: number;
  readonly classes: readonly Omit<PrincipalClass, 'account'>[];
  readonly targetClasses: readonly TargetClass[];
  readonly holdings: (principal: Principal) => Holdings;
}

/** Puts the principals of one account and the targets into classes, question by question. */
function* classified(deciding: Deciding, asked: readonly AskedHere[]): Generator<Classified> {
  const reads = readsOf();
  // Nearly all questions have the same principals.
  const lists = new Set(asked.map(({ arns }) => arns));
  const probes = new Map([...lists].map((arns) => [arns, probesOf(arns, deciding.settings)]));
  const sides = asked.map((one) => ({
    ...one,
    side: sideOf(deciding, { probes: probes.get(one.arns) ?? [], targets: one.targets }, reads),
  }));
  const standIn = standIns(deciding, sides, reads);
  const alike = new Map([...lists].map((arns) => [arns, [...groupBy(arns, standIn).values()]]));
  const alikeIn = (arns: readonly string[]) => alike.get(arns) ?? [];
  for (const { question, arns, side } of sides) {
    const { classOf, holdings } = signerOf(deciding, side);
    const groups = groupBy(alikeIn(arns), ([arn]) => classOf(deciding.find(arn)));
    yield {
      question,
      classes: [...groups.values()].map(membersOf),
      targetClasses: groupTargets(deciding, side),
      holdings,
    };
  }
}

/**
 * The members of a class, from the groups that form it. The first principal of the first group
 * represents the class.
 */
function membersOf([first, ...others]: readonly [Group, ...Group[]]): Pick<
  PrincipalClass,
  'representative' | 'members'
> {
  const [representative, ...rest] = first;
  return { representative, members: [representative, ...rest, ...others.flat()] };
}

/** ARNs of principals that no question distinguishes. */
type Group = readonly [string, ...string[]];

/**
 * Finds the representative of a principal: the first of the principals that no question
 * distinguishes. `reads`: what the policies of all questions read.
 */
function standIns(
  deciding: Deciding,
  asked: readonly (AskedHere & { readonly side: TargetSide })[],
  reads: StatementReads,
): (arn: string) => string {
  if (asked.length < 2) return (arn) => arn;
  const { classOf } = signerOf(deciding, {
    targets: asked.flatMap(({ targets }) => targets),
    reads,
    actions: [...new Set(asked.flatMap(({ side }) => side.actions))],
  });
  const first = new Map<string, string>();
  return remembered((arn) => {
    const text = classOf(deciding.find(arn));
    const known = first.get(text) ?? arn;
    first.set(text, known);
    return known;
  });
}

/** The signatures that distinguish the principals of one account. */
interface Signer {
  /** The same text for principals that nothing distinguishes. */
  readonly classOf: (principal: Principal) => string;
  readonly holdings: (principal: Principal) => Holdings;
}

function signerOf(deciding: Deciding, { targets, reads, actions }: Omit<TargetSide, 'requestsFor'>): Signer {
  const { read, settings } = deciding;
  // A class does not depend on the names of policies. Many principals have the same policy under
  // different names.
  const classing = {
    reads,
    holdings: holdingsReader((...policy) => read.parseAlike(...policy), actions, settings.decisionsAlone),
    intern: interning(),
    noted: new Set<number>(),
  };
  return {
    holdings: holdingsReader((...policy) => read.parse(...policy), actions, settings.decisionsAlone),
    classOf: classOfIn(deciding, targets, classing),
  };
}

interface Classing extends Noting {
  readonly holdings: Signer['holdings'];
}

function classOfIn(deciding: Deciding, targets: readonly BulkTarget[], classing: Classing): Signer['classOf'] {
  const { directory, settings, without } = deciding;
  const { reads, holdings, intern } = classing;
  const trust = trustReader(deciding, targets);
  const signing = { reads: reads.ofPrincipal(), readRequest: requestReader(false), intern, trust, without };
  const tagsReader = anyTagsReader(directory);
  return (principal) => {
    const held = holdings(principal);
    noteHeld(held, classing);
    const signature = principalSignature(held, signing);
    if (settings.anyRequest !== true) return signature;
    // If sessions can be given tags, a question about every request leaves the tags unknown.
    return `${tagsReader(principal).tags === undefined} ${signature}`;
  };
}

/** One state of the evidence, and the questions about principals of one account. */
export interface AskedState {
  readonly directory: Directory;
  readonly targets: readonly BulkTarget[];
  /**
   * More questions for some principals of the account, about operations that do not run as a role.
   * Absent: none.
   */
  readonly bounds?: Iterable<Bound>;
}

/** The classes of principals of one account in two states. */
export interface StatesClasses {
  /**
   * Finds the class of a principal in one state, as a text. Principals in either state have the
   * same text if their answers about equal targets are the same, except for the names of their own
   * policies.
   */
  readonly classIn: (state: 0 | 1, principal: Principal) => string;
  /**
   * The condition keys, except those of principals, that policies read for an action in either
   * state. These are the policies around the principals, and the policies of the principals whose
   * class was found. Lower case.
   */
  readonly keysRead: (action: string) => ReadonlySet<string>;
}

/**
 * Classifies the principals of one account in two states of the evidence, so that a class stands
 * for the same answers in both. `like`: the ARN of any principal of the account, because the
 * policies around the principals of an account do not depend on their types. `read`: the documents
 * that were read.
 */
export function statesClasses(
  states: readonly [AskedState, AskedState],
  settings: BulkSettings,
  { like, read, without }: StatesAsking,
): StatesClasses {
  const probes = probesOf([like], settings);
  const reads = readsOf();
  // Nearly all policies are in both states.
  const relevant = relevantReader();
  const each = states.map((state) => ({
    ...state,
    deciding: { ...decidingIn(state.directory, settings, without, read), relevant },
  }));
  const asked = each.flatMap(({ deciding, targets, bounds = [] }) =>
    noteReads(deciding, boundsAsked(deciding, { probes, targets }, bounds), [reads]),
  );
  const holdings = holdingsReader((...policy) => read.parseAlike(...policy), [...new Set(asked)]);
  const classing = { reads, holdings, intern: interning(), noted: new Set<number>() };
  const classes = each.map(({ deciding, targets }) => classOfIn(deciding, targets, classing));
  return {
    classIn: (state, principal) => classes[state]?.(principal) ?? '',
    keysRead: (action) => reads.ofResource(action.toLowerCase()).keys,
  };
}

function* boundsAsked(deciding: Deciding, { probes, targets }: Probing, others: Iterable<Bound>): Generator<Bound> {
  for (const target of targets) yield* requestsOfProbes(deciding, target, probes).all.flat();
  for (const bound of others) for (const probe of probes) yield boundOfAnother(probe, bound);
}

interface StatesAsking {
  readonly like: string;
  readonly read: ReadDocuments;
  /** Parts of signatures to leave out, for tests. */
  readonly without: ReadonlySet<string>;
}

interface Noting {
  readonly reads: StatementReads;
  readonly intern: Intern;
  readonly noted: Set<number>;
}

/**
 * Notes what the principals' own statements read about targets. Statements with the same text read
 * the same.
 */
function noteHeld({ policies }: Holdings, { reads, intern, noted }: Noting): void {
  for (const { relevant } of policies)
    for (const one of relevant) {
      const number = intern(one.text);
      if (noted.has(number)) continue;
      noted.add(number);
      reads.noteHeld(one);
    }
}

/** One principal of each type, without policies of its own. */
function probesOf(arns: readonly string[], { sessionPolicy }: BulkSettings): readonly Principal[] {
  const types = groupBy(arns, (arn) => parsePrincipalArn(arn)?.type ?? 'role');
  return [...types.values()].flatMap(([arn]) => {
    const found = parsePrincipalArn(arn);
    if (found === undefined) return [];
    const { type, account } = found;
    const { partition } = found.arn;
    const names: Readonly<Record<Principal['type'], string>> = {
      root: rootArn(partition, account),
      user: iamArn(partition, account, 'user/a'),
      role: iamArn(partition, account, 'role/a'),
      session: stsArn(partition, account, 'assumed-role/a/a'),
      'federated user': stsArn(partition, account, 'federated-user/a'),
    };
    const probe: Principal = {
      arn: names[type],
      type,
      account,
      roleArn: type === 'session' ? iamArn(partition, account, 'role/a') : type === 'role' ? names.role : undefined,
      uniqueId: undefined,
      tags: {},
      identity: [],
      boundary: undefined,
      ...(sessionPolicy === undefined ? {} : { session: [sessionPolicy] }),
    };
    return [probe];
  });
}

interface Probing {
  /** One principal for each type, without policies of its own. */
  readonly probes: readonly Principal[];
  readonly targets: readonly BulkTarget[];
}

/** What policies read about the targets. `others`: collects the same reads for all questions. */
function sideOf(deciding: Deciding, { probes, targets }: Probing, others?: StatementReads): TargetSide {
  const reads = readsOf();
  const requests = new Map(targets.map((target) => [target, requestsOfProbes(deciding, target, probes)]));
  const bounds = [...requests.values()].flatMap(({ all }) => all.flat());
  const actions = noteReads(deciding, bounds, others === undefined ? [reads] : [reads, others]);
  return { targets, requestsFor: (target) => requests.get(target) ?? { all: [], others: [] }, reads, actions };
}

function requestsOfProbes(
  { directory, settings }: Deciding,
  target: BulkTarget,
  probes: readonly Principal[],
): TargetRequests {
  return targetRequests(directory, target, probes, settings.anyRequest === true);
}

/**
 * Notes what all policies except the principals' own read about the calls of a question. Returns
 * the actions of the calls, in lower case.
 */
function noteReads(
  { directory, settings, read, relevant }: Deciding,
  bounds: Iterable<Bound>,
  reads: readonly StatementReads[],
): readonly string[] {
  const actions = new Set<string>();
  const isNew = firstTimes();
  const endpointId = Object.entries(settings.context).find(([key]) => key.toLowerCase() === 'aws:sourcevpce')?.[1][0];
  for (const bound of bounds)
    for (const row of callsOf(bound)) {
      const action = row.action.toLowerCase();
      actions.add(action);
      const key = keyOf(row, bound);
      const actor = actorOf(row, bound);
      const owner = ownerOf(row, bound);
      const { s3Bucket: bucket } = bound.parameters;
      if (!isNew(row.kind, row.as ?? '', action, key?.arn ?? '', actor.arn, owner, bound.vault ?? '', bucket ?? ''))
        continue;
      const policies = policiesFor(row, actor, key, {
        directory,
        callerOrganization: directory.organization(actor.account),
        resourceOrganization: directory.organization(owner),
        endpointId,
        vault: bound.vault,
        bucket,
        read,
      });
      const { layers } = readLayers(policies, read);
      for (const { layer } of layers.all)
        for (const found of relevant(layer.statements, action))
          if (!found.isNear || settings.decisionsAlone !== true) for (const one of reads) one.note(found);
      if ('fact' in layers.grants || key === undefined || row.kind === 'service') continue;
      for (const grant of layers.grants) for (const one of reads) one.noteGrant(key.arn, grant, action);
    }
  return [...actions];
}

interface Names extends Map<string, Names> {}

/**
 * Finds out whether a combination of names is new. Nested lookups are faster than one joined text.
 */
function firstTimes(): (...names: readonly string[]) => boolean {
  const all: Names = new Map();
  return (...names) => {
    let at = all;
    let isNew = false;
    for (const name of names) {
      let next = at.get(name);
      if (next === undefined) {
        isNew = true;
        next = new Map();
        at.set(name, next);
      }
      at = next;
    }
    return isNew;
  };
}

/** The account whose resource control policies apply to a call. */
function ownerOf(row: CallRow, bound: Bound): string {
  return keyOf(row, bound)?.account ?? bound.source?.account ?? bound.principal.account;
}

/** A text for what a role's trust policy decides for operations that run as a role. */
function trustReader({ directory, settings }: Deciding, targets: readonly BulkTarget[]) {
  const distinct = groupBy(
    targets.filter(({ operation }) => operation.runsAsRole === true),
    ({ operation, region }) => `${operation.assumedBy} ${region}`,
  );
  if (distinct.size === 0) return undefined;
  return (principal: Principal): string => {
    if (!isRole(principal.arn)) return '';
    const answers = [...distinct.values()].flatMap(([target]) =>
      decidePreconditions(directory, boundTo(directory, { ...target, principal }, target.source), settings.evaluatedAt)
        .filter(({ row }) => ofPrincipal.has(row.code))
        .map(({ row, ...answer }) => [row.code, answer]),
    );
    return JSON.stringify(answers).replaceAll(principal.roleArn ?? principal.arn, '');
  };
}

function groupTargets(
  { directory, settings, evaluator: { request }, without }: Deciding,
  { targets, requestsFor, reads }: TargetSide,
): readonly TargetClass[] {
  const { evaluatedAt } = settings;
  const signing = {
    directory,
    evaluatedAt,
    reads,
    requestOf: request,
    readRequest: requestReader(false),
    rowNumber: rowNumbers(),
    without,
  };
  const numbers = new Map<unknown, number>();
  const numberOf = (thing: unknown): number => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
  const roughly = ({ operation, parameters, region, source }: BulkTarget): string =>
    JSON.stringify([numberOf(operation), JSON.stringify(parameters), region, source?.type]);
  // In a small question, most targets are the only target of their operation, so they need no
  // comparison.
  const rough = groupBy(targets, roughly);
  const signatureOf = (target: BulkTarget): string => {
    const known = roughly(target);
    if (rough.get(known)?.length === 1) return known;
    return JSON.stringify([known, targetSignature(requestsFor(target), signing)]);
  };
  return [...groupBy(targets, signatureOf).values()].map((members) => ({ representative: members[0], members }));
}

/** Targets, and what is the same for all principals of the account. */
interface TargetsAsked {
  readonly targets: TargetClass;
  /** The request of any principal of the account. */
  readonly bound: () => Bound;
  /** Calls of AWS services that were already decided. */
  readonly ofServices: Map<CallRow, DecidedCall>;
}

function cellOf(
  pairing: Pairing & Pick<Signer, 'holdings'>,
  principals: PrincipalClass,
  { targets, bound: ofSomeone, ofServices }: TargetsAsked,
): Cell {
  const { find, evaluator: deciding, holdings } = pairing;
  const { representative } = targets;
  const bound = lazily(() => boundOfAnother(find(principals.representative), ofSomeone()));
  const calls = new Map<CallRow, DecidedCall>();
  const decide: Evaluator['decide'] = (row, at) => {
    const known = calls.get(row);
    if (known !== undefined) return known;
    const ofService = row.kind === 'service' ? ofServices.get(row) : undefined;
    const call = ofService === undefined ? deciding.decide(row, at) : { ...ofService, actor: actorOf(row, at) };
    if (row.kind === 'service') ofServices.set(row, call);
    calls.set(row, call);
    return call;
  };
  return {
    principals,
    targets,
    evaluated: lazily(() => deciding.evaluate(bound(), decide)),
    isDenied: lazily(() => rowsOf(bound()).some((row) => isSurelyOwn(row) && isDenied(decide(row, bound())))),
    anyRequest: lazily(() => anyRequestOf(pairing, principals.representative, representative)),
    of: (principal, target) => checkOf(pairing, principal, target),
    unfolded: (arn) => unfolded(holdings(find(principals.representative)), holdings(find(arn))),
  };
}
