import { isArn, isRootArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { lazily } from '../base/lazily.ts';
import {
  anyRequestAgain,
  type BulkQuestion,
  type BulkSettings,
  type BulkTarget,
  type Cell,
  decideByAccount,
  evaluatedAgain,
  type TargetClass,
} from '../bulk/bulk.ts';
import type { Unfolded } from '../bulk/unfold.ts';
import type { AnyRequestAnswer } from '../check/any-request.ts';
import type { Assumption } from '../check/assumption.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { type Judgment, judge, type Reason } from '../check/judgment.ts';
import { isDenied, isEstablished, isUnmet } from '../check/verdict.ts';
import type { Directory } from '../evidence/directory.ts';
import type { PreconditionCode } from '../operations/operation.ts';
import type { DecidedBy } from '../policy/authorize.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type { Fact } from '../policy/truth.ts';
import { released, releasedCalls } from './released.ts';

/* Finds the standing of each class of principals, and the classes that have the same standing. */

/**
 * `can`: the operation succeeds. `may`: it depends on something unknown, or this request fails and
 * another request is not denied. `nearly`: a state stops it, or it is denied, but some of its calls
 * or another request are not. `cannot`: every call is denied.
 */
export type Standing = 'can' | 'may' | 'nearly' | 'cannot';

/** The owners of policies that could allow a denied call, the cheapest fix first. */
export const fixOwners = [
  'identity policy',
  'permissions boundary',
  'session or endpoint policy',
  'key policy',
  "another account's key policy",
  'organization policy',
] as const;

export type FixOwner = (typeof fixOwners)[number];

/** A required call that is denied. */
export interface MissingCall {
  readonly action: string;
  /** The owner of the policy that is hardest to change, if several have to change for the call. */
  readonly owner: FixOwner;
  /** The Denies that match. */
  readonly denies: readonly StatementRef[];
  /** The owners of the policies in which an Allow is missing too. */
  readonly lacks: readonly FixOwner[];
}

/** Items for some principals, with the names of their own policies. */
export interface ItemsOf<One> {
  /** ARNs. */
  readonly members: readonly string[];
  readonly items: readonly One[];
}

/** Principals that nothing distinguishes. */
export interface StandingClass {
  /** ARNs. */
  readonly members: readonly [string, ...string[]];
  /** What allows each of them the calls. Empty unless the question asks for rights. */
  readonly allows: readonly ItemsOf<StatementRef>[];
}

/**
 * The permission to do something, whatever states stop it at the moment: a permission remains when
 * a state ends.
 */
export interface HeldRight {
  readonly holds: 'yes' | 'maybe';
  /** Why it may not hold, if no fact decides. */
  readonly reasons: readonly Reason[];
}

/** Principals that have the same standing for the same reason. */
export interface StandingGroup {
  readonly standing: Standing;
  /**
   * ARNs, in order. If they fail, the first one needs the fewest and cheapest changes to succeed.
   */
  readonly principals: readonly [string, ...string[]];
  /** The same principals, by class. */
  readonly classes: readonly StandingClass[];
  /** The decisions for the first principal. Checked again if the question asks for rights. */
  readonly evaluated: () => Evaluated;
  readonly judgment: () => Judgment;
  /** This request fails, but policies do not deny every request. */
  readonly byAnotherRequest: boolean;
  /** The right that all of them have. Undefined: none, or the question does not ask for rights. */
  readonly right: HeldRight | undefined;
  /** What the answer of another request depends on. Empty if the question asks for rights. */
  readonly open: readonly DecidedCall[];
  /**
   * Calls on the key of the source that every other request is only inferred to make, and that
   * policies deny. Empty if the question asks for rights.
   */
  readonly inferred: readonly DecidedCall[];
  /**
   * The statements that allow each principal the call to RDS. Empty: none does, or RDS is not
   * called.
   */
  readonly allowedBy: readonly ItemsOf<StatementRef>[];
  /** What decides for each principal, if anything does. Empty unless the question asks for it. */
  readonly decidedBy: readonly ItemsOf<DecidedBy>[];
  /**
   * The facts that decide for each principal, if any do: whether the principal can, or has the
   * right. For those who nearly can: whether they have the rest of the rights.
   */
  readonly dependsOn: readonly ItemsOf<Fact>[];
  /** The assumptions about any of them. Empty unless the question asks for them. */
  readonly assumptions: readonly Assumption[];
  /**
   * The missing permissions of the first principal. Other principals that cannot make any call may
   * lack others.
   */
  readonly missing: readonly MissingCall[];
  /**
   * The Denies that stop some of the principals. Of Denies in policies that only one principal has,
   * only the first few. Empty if the question asks for rights.
   */
  readonly denies: readonly StatementRef[];
  /** The preconditions that stop all of them. Empty if the question asks for rights. */
  readonly unmet: readonly PreconditionCode[];
}

/** The answer for one target, or for several that are alike. */
export interface TargetAnswer {
  readonly targets: readonly [BulkTarget, ...BulkTarget[]];
  readonly groups: readonly StandingGroup[];
}

/** A question about everybody. */
export interface StandingQuestion extends BulkQuestion {
  /**
   * Whether the answers keep the deciding facts and assumptions of each principal, not only of the
   * first.
   */
  readonly keepsFactsOfEach?: boolean;
  /**
   * Denied principals are left out of the answers: all principals of an estate are checked, but
   * only the permissions of a few are kept.
   */
  readonly asksForRights?: boolean;
}

/** What is known when all questions about the principals of an account have been answered. */
export interface AccountAnswered {
  readonly account: string;
  /** The documents that were parsed for the account, which are released afterwards. */
  readonly read: ReadDocuments;
  /** ARNs of principals that are allowed, or may be allowed, something in the questions. */
  readonly able: ReadonlySet<string>;
}

/**
 * Everybody's standing for each target of the question, whatever request and session they choose.
 * @throws Failure if the evidence does not have a principal
 */
export function answersTo(
  directory: Directory,
  settings: BulkSettings,
  question: StandingQuestion,
): readonly TargetAnswer[] {
  const [answers = []] = answersToAll(directory, settings, [question]);
  return answers;
}

/**
 * The same for several questions. All questions are answered for one account before the next
 * account. `afterAccount`: asks further questions about an account while the account is in memory.
 */
export function answersToAll(
  directory: Directory,
  settings: BulkSettings,
  questions: readonly StandingQuestion[],
  afterAccount?: (answered: AccountAnswered) => void,
): readonly (readonly TargetAnswer[])[] {
  const asking = { ...settings, anyRequest: true } as const;
  const asked = questions.map((): Map<string, Map<TargetClass, StandingsAlike>> => new Map());
  for (const { account, read, cells } of decideByAccount(directory, asking, questions)) {
    const able = new Set<string>();
    for (const { question, cell } of cells) {
      const byTargets = asked[question]?.get(account) ?? new Map<TargetClass, StandingsAlike>();
      asked[question]?.set(account, byTargets);
      const alike = byTargets.get(cell.targets) ?? new Map<string, StandingAlike>();
      byTargets.set(cell.targets, alike);
      // Decided at once, because the principals of an account may be released before the next
      // account begins.
      const { asksForRights = false, keepsFactsOfEach = false } = questions[question] ?? {};
      if (asksForRights && cell.isDenied() && cell.anyRequest().isDenied) continue;
      const decided = decidedOf(cell);
      const isDeniedAll = decided.standing !== 'may' && decided.any === undefined && isDeniedAsAsked(decided.evaluated);
      if (asksForRights && isDeniedAll) continue;
      if (!isDeniedAll) for (const arn of cell.principals.members) able.add(arn);
      const judgment = lazily(() => judge(decided.evaluated));
      const missing = missingIn(decided.evaluated);
      const likeness = likenessOf(decided, missing, judgment);
      const known = alike.get(likeness);
      const nearness = asksForRights ? [] : nearnessOf(decided, missing, cell.principals.representative);
      const { classes, denies }: Pick<StandingAlike, 'classes' | 'denies'> = known ?? {
        classes: [],
        denies: noDenies(),
      };
      const isNearest = known === undefined || byRanks(nearness, known.nearness) < 0;
      if (isNearest) {
        // Made outside of this function, because the cell keeps the policies of its account in
        // memory.
        const again = askingAgain(directory, asking, cell);
        const standing = (asksForRights ? keptRight : keptStanding)(decided, missing, again);
        alike.set(likeness, { standing, nearness, classes, denies });
      }
      if (!asksForRights) addDenies(denies, cell, missing);
      const one: ClassCell = {
        members: cell.principals.members,
        unmet: asksForRights ? [] : unmetIn(decided.evaluated),
        allowedBy: forEach(cell, allowingRds(decided), ({ statement }) => statement),
        assumptions: keepsFactsOfEach ? judgment().assumptions : [],
        dependsOn: forEach(cell, asksForRights ? rightFacts(decided) : openFacts(decided), ({ fact }) => fact),
        decidedBy: keepsFactsOfEach ? forEach(cell, deciding(decided), ({ decidedBy }) => decidedBy) : [],
        allows: asksForRights ? forEach(cell, allowsIn(decided.evaluated), ({ statement }) => statement) : [],
      };
      if (isNearest) classes.unshift(one);
      else classes.push(one);
    }
    afterAccount?.({ account, read, able });
  }
  return questions.map(({ principals: { accounts } }, question) =>
    answersIn(new Map(accounts.flatMap((account) => [...(asked[question]?.get(account) ?? [])]))),
  );
}

/** The standings for one class of targets, by their likeness. */
type StandingsAlike = Map<string, StandingAlike>;

/** Classes of principals that have one standing for the same reason. */
interface StandingAlike {
  /** Of the first class. */
  readonly standing: KeptStanding;
  /** No other class is nearer than the first. */
  readonly nearness: Ranks;
  readonly classes: ClassCell[];
  readonly denies: Denies;
}

/** The statements that deny calls of some classes. */
interface Denies {
  /** Denies in policies that several principals may have. */
  readonly shared: Set<StatementRef>;
  /** Denies in policies that only one principal has. */
  readonly own: Set<StatementRef>;
}

function noDenies(): Denies {
  return { shared: new Set(), own: new Set() };
}

/** The maximum number of statements to show from policies that only one principal has. */
export const mostShown = 20;

function addDenies({ shared, own }: Denies, { principals, unfolded }: Cell, missing: readonly MissingCall[]): void {
  const all = missing.flatMap(({ denies }) => denies);
  for (const one of all) if (!isInOwnPolicy(one)) shared.add(one);
  const theirs = all.filter(isInOwnPolicy);
  if (theirs.length === 0) return;
  for (const arn of principals.members.slice(0, Math.max(0, mostShown - own.size)))
    for (const one of theirs) own.add(unfolded(arn).statement(one));
}

/**
 * A text that is equal for statements with the same name. Policies of several principals can have
 * one name.
 */
export function nameKey({ policy, name, statement, sid }: StatementRef): string {
  return JSON.stringify([policy, name, statement, sid]);
}

/**
 * Each statement once. Of statements in policies that only one principal has, only the first few.
 */
export function fewStatements(all: readonly StatementRef[]): readonly StatementRef[] {
  const distinct = [...new Map(all.map((one) => [nameKey(one), one])).values()];
  const beyond = new Set(distinct.filter(isInOwnPolicy).slice(mostShown));
  return distinct.filter((one) => !beyond.has(one));
}

/** The standing of all pairs of a cell. */
type KeptStanding = Omit<
  StandingGroup,
  'principals' | 'classes' | 'allowedBy' | 'decidedBy' | 'dependsOn' | 'assumptions' | 'denies' | 'unmet'
>;

/** One class of principals. */
interface ClassCell extends StandingClass {
  readonly allowedBy: readonly ItemsOf<StatementRef>[];
  readonly decidedBy: readonly ItemsOf<DecidedBy>[];
  readonly dependsOn: readonly ItemsOf<Fact>[];
  readonly assumptions: readonly Assumption[];
  readonly unmet: readonly PreconditionCode[];
}

function answersIn(cells: ReadonlyMap<TargetClass, StandingsAlike>): readonly TargetAnswer[] {
  // A target is in one class for each account that is asked about it.
  const classes = new Map<BulkTarget, TargetClass[]>();
  for (const one of cells.keys())
    for (const target of one.members) {
      const known = classes.get(target);
      if (known === undefined) classes.set(target, [one]);
      else known.push(one);
    }
  const numbers = new Map([...cells.keys()].map((one, number) => [one, number]));
  const alike = groupBy([...classes], ([, all]) => all.map((one) => numbers.get(one)).join());
  return [...alike.values()].map(
    (group): TargetAnswer => ({
      targets: [group[0][0], ...group.slice(1).map(([target]) => target)],
      groups: groupsOf(group[0][1].flatMap((one) => [...(cells.get(one) ?? [])])),
    }),
  );
}

function allowingRds({ standing, evaluated }: DecidedStanding): readonly StatementRef[] {
  if (standing !== 'can') return [];
  const own = evaluated.calls.find(({ row }) => row.kind === 'caller' && row.action.startsWith('rds:'));
  return (own?.decision.decidedBy ?? []).filter(isAllow).filter(({ policy }) => policy === 'identity');
}

/** The statements that allow the calls, or else those that deny some of them. */
function deciding({ standing, evaluated }: DecidedStanding): readonly DecidedBy[] {
  const decisive = evaluated.calls.filter((call) =>
    standing === 'can' ? isOwnCall(call) : call.decision.decision !== 'allowed',
  );
  return decisive.flatMap(({ decision }) => decision.decidedBy);
}

/**
 * Items for each member, because members of a class can have the same statements in policies of
 * different names.
 */
function forEach<One extends DecidedBy | Fact>(
  { principals, unfolded }: Cell,
  items: readonly One[],
  inNamesOf: (member: Unfolded) => (one: One) => One,
): readonly ItemsOf<One>[] {
  const { members } = principals;
  if (items.length === 0) return [];
  if (members.length === 1 || !items.some(isOwn)) return [{ members, items }];
  return members.map((arn) => ({ members: [arn], items: items.map(inNamesOf(unfolded(arn))) }));
}

/** Whether an item can have another name for another member of a class. */
function isOwn(one: DecidedBy | Fact): boolean {
  if ('fact' in one) return one.fact === 'policy' && one.kind !== 'resource';
  return !('grant' in one) && isInOwnPolicy(one);
}

/** Whether a statement is in a policy that only one principal has. */
export function isInOwnPolicy({ policy, name }: StatementRef): boolean {
  return policy === 'identity' && !isArn(name);
}

/** The statements that allow the calls that are known to be made with somebody's own identity. */
function allowsIn({ calls }: Evaluated): readonly StatementRef[] {
  return calls
    .filter(isOwnCall)
    .flatMap(({ decision }) => decision.decidedBy)
    .filter(isAllow);
}

function isAllow(by: DecidedBy): by is StatementRef {
  return !('grant' in by) && by.effect === 'Allow';
}

/** Whether a call is known to be made with the identity of the principal in the question. */
function isOwnCall({ row }: DecidedCall): boolean {
  return row.kind !== 'service' && isEstablished(row.basis);
}

/** Whether policies deny the request in the question. */
function isDeniedAsAsked({ calls }: Evaluated): boolean {
  return calls.some((call) => isOwnCall(call) && isDenied(call));
}

/**
 * Groups with the same standing are next to each other. Groups that nearly can are in the order of
 * their missing permissions.
 */
function groupsOf(cells: readonly (readonly [likeness: string, alike: StandingAlike])[]): readonly StandingGroup[] {
  const alike = groupBy(cells, ([likeness]) => likeness);
  return [...alike.values()]
    .map((group): StandingGroup => {
      const nearest = group.map(([, one]) => one).toSorted((one, other) => byRanks(one.nearness, other.nearness));
      const [{ standing } = group[0][1]] = nearest;
      const classes = nearest.flatMap((one) => one.classes);
      const [representative = '', ...others] = classes.flatMap(({ members }) => members);
      return {
        ...standing,
        principals: [representative, ...others.toSorted()],
        classes: classes.map(({ members, allows }) => ({ members, allows })),
        assumptions: classes.flatMap(({ assumptions }) => assumptions),
        decidedBy: classes.flatMap(({ decidedBy }) => decidedBy),
        dependsOn: classes.flatMap(({ dependsOn }) => dependsOn),
        allowedBy: classes.flatMap(({ allowedBy }) => allowedBy),
        denies: fewStatements(group.flatMap(([, { denies }]) => [...denies.shared, ...denies.own])),
        unmet: commonTo(classes.map(({ unmet }) => unmet)),
      };
    })
    .toSorted(inOrder);
}

function unmetIn({ preconditions }: Evaluated): readonly PreconditionCode[] {
  return preconditions.filter(isUnmet).map(({ row }) => row.code);
}

/** What is in each of some lists. */
export function commonTo<One>([first = [], ...others]: readonly (readonly One[])[]): readonly One[] {
  return first.filter((one) => others.every((other) => other.includes(one)));
}

/** Asks the questions of a cell again. */
interface Again {
  readonly evaluated: () => Evaluated;
  /** The calls of another request, by what they are for. */
  readonly open: () => readonly DecidedCall[];
  readonly inferred: () => readonly DecidedCall[];
}

function askingAgain(directory: Directory, settings: BulkSettings, { principals, targets }: Cell): Again {
  const [principal, target] = [principals.representative, targets.representative];
  const anyRequest = () => anyRequestAgain(directory, settings, principal, target);
  return {
    evaluated: () => evaluatedAgain(directory, settings, principal, target),
    open: () => openCalls(anyRequest()),
    inferred: () => inferredCalls(anyRequest()),
  };
}

function openFacts({ standing, evaluated, any }: DecidedStanding): readonly Fact[] {
  if (any !== undefined) return factsOf(openCalls(any));
  if (standing === 'nearly') return factsOf(openOwnCalls(evaluated));
  return standing === 'may' ? factsOf(evaluated.calls) : [];
}

/** The calls of the request in the question that may be allowed. */
export function openOwnCalls({ calls }: Evaluated): readonly DecidedCall[] {
  return calls.filter((call) => isOwnCall(call) && call.decision.decision === 'depends');
}

function factsOf(calls: readonly DecidedCall[]): readonly Fact[] {
  return calls.flatMap(({ decision }) => decision.dependsOn);
}

function openCalls(any: AnyRequestAnswer): readonly DecidedCall[] {
  return any.isDenied ? [] : any.calls.filter(({ decision }) => decision.decision === 'depends');
}

function inferredCalls(any: AnyRequestAnswer): readonly DecidedCall[] {
  return any.isDenied ? [] : any.inferred;
}

/** The standing of a cell, with the policies that decided it. */
interface DecidedStanding {
  readonly standing: Standing;
  readonly evaluated: Evaluated;
  /** The answer of another request that policies do not deny. */
  readonly any?: AnyRequestAnswer;
}

function decidedOf(cell: Cell): DecidedStanding {
  const evaluated = cell.evaluated();
  const { verdict, calls, preconditions } = evaluated;
  if (verdict === 'succeeds') return { evaluated, standing: 'can' };
  if (verdict === 'undetermined') return { evaluated, standing: 'may' };
  // Another request can name another key, but no request changes the other states.
  const isStopped = preconditions.some((one) => isUnmet(one) && one.row.code !== 'key-is-named');
  // Once the states end, another request may succeed.
  const any = isStopped && !isDeniedAsAsked(evaluated) ? undefined : cell.anyRequest();
  if (any?.isDenied === false) return { evaluated, standing: isStopped ? 'nearly' : 'may', any };
  return { evaluated, standing: calls.some((call) => isOwnCall(call) && !isDenied(call)) ? 'nearly' : 'cannot' };
}

/** The same standing without the policies. */
function keptStanding(
  { standing, evaluated: decided, any }: DecidedStanding,
  missing: readonly MissingCall[],
  again: Again,
): KeptStanding {
  const { evaluated, judgment } = released(decided, again.evaluated);
  return {
    standing,
    evaluated: () => evaluated,
    judgment: () => judgment,
    missing,
    byAnotherRequest: any !== undefined,
    right: undefined,
    open: any === undefined ? [] : releasedCalls(openCalls(any), again.open),
    inferred: any === undefined ? [] : releasedCalls(inferredCalls(any), again.inferred),
  };
}

/** Only the permission is kept: in a large estate, the answers would take most of the memory. */
function keptRight(decided: DecidedStanding, missing: readonly MissingCall[], again: Again): KeptStanding {
  const { standing, any } = decided;
  return {
    standing,
    evaluated: again.evaluated,
    judgment: () => judge(again.evaluated()),
    missing,
    byAnotherRequest: any !== undefined,
    right: rightIn(decided, again),
    open: [],
    inferred: [],
  };
}

/** Obstacles that somebody with other permissions has to remove first. */
const states: ReadonlySet<PreconditionCode> = new Set([
  'deletion-protection-is-off',
  'cluster-holds-no-instances',
  'cluster-keeps-an-instance',
  'key-is-enabled',
]);

/** The calls that decide whether somebody has a permission, if policies do not deny it. */
function callsOfRight({ evaluated, any }: DecidedStanding): readonly DecidedCall[] {
  return any !== undefined && isDeniedAsAsked(evaluated) ? openCalls(any) : openOwnCalls(evaluated);
}

function rightFacts(decided: DecidedStanding): readonly Fact[] {
  return factsOf(callsOfRight(decided));
}

function rightIn(decided: DecidedStanding, again: Again): HeldRight | undefined {
  const { evaluated } = decided;
  const stopping = evaluated.preconditions.filter((one) => isUnmet(one) && !states.has(one.row.code));
  // A cluster can be separated from its replicas and its global cluster.
  if (stopping.some(({ row }) => row.code !== 'cluster-stands-alone')) return undefined;
  const isRefused = evaluated.calls.some((call) => isOwnCall(call) && isDenied(call));
  const open = callsOfRight(decided);
  if (!isRefused && open.length === 0 && stopping.length === 0) return { holds: 'yes', reasons: [] };
  const reasons = factsOf(open).length > 0 ? [] : released(evaluated, again.evaluated).judgment.reasons;
  return { holds: 'maybe', reasons };
}

function missingIn({ calls }: Evaluated): readonly MissingCall[] {
  return calls.filter(isDenied).map(missingCall);
}

function missingCall({ row, key, actor, decision }: DecidedCall): MissingCall {
  const denies = decision.decidedBy.filter((by): by is StatementRef => !('grant' in by) && by.effect === 'Deny');
  const isForeign = key !== undefined && key.account !== actor.account;
  const owners = (kinds: readonly PolicyKind[]): readonly FixOwner[] => [
    ...new Set(kinds.map((kind) => ownerOf(kind, isForeign))),
  ];
  const lacks = owners(decision.lacking);
  const ranks = [...owners(denies.map(({ policy }) => policy)), ...lacks].map((one) => fixOwners.indexOf(one));
  return { action: row.action, owner: fixOwners[Math.max(0, ...ranks)] ?? 'identity policy', denies, lacks };
}

function ownerOf(kind: PolicyKind, isForeign: boolean): FixOwner {
  switch (kind) {
    case 'identity':
      return 'identity policy';
    case 'boundary':
      return 'permissions boundary';
    case 'session':
    case 'endpoint':
      return 'session or endpoint policy';
    case 'resource':
      return isForeign ? "another account's key policy" : 'key policy';
    case 'scp':
    case 'rcp':
      return 'organization policy';
  }
}

const standingOrder: readonly Standing[] = ['can', 'may', 'nearly', 'cannot'];

/**
 * The order of groups. Among groups that fail: the fewest missing calls first, then the cheapest
 * owner of the fix, then a missing Allow before a Deny. Among all others: the most principals
 * first.
 */
function inOrder(one: StandingGroup, other: StandingGroup): number {
  const ranksOf = ({ standing, missing, byAnotherRequest, principals }: StandingGroup): Ranks => [
    standingOrder.indexOf(standing),
    standing === 'may' && byAnotherRequest ? 1 : 0,
    ...(standing === 'cannot' ? [] : changesNeeded(missing)),
    -principals.length,
  ];
  const order = byRanks(ranksOf(one), ranksOf(other));
  return order === 0 ? (one.principals[0] < other.principals[0] ? -1 : 1) : order;
}

/** Numbers by which things are ordered, the lowest first. */
export type Ranks = readonly number[];

/**
 * Compares two lists of numbers: negative if the first list comes first, 0 if the lists are equal.
 */
export function byRanks(one: Ranks, other: Ranks): number {
  const at = one.findIndex((rank, index) => rank !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

/** How many changes would let calls succeed, and how expensive they are. */
export function changesNeeded(missing: readonly MissingCall[]): Ranks {
  return [
    missing.length,
    Math.max(0, ...missing.map(({ owner }) => fixOwners.indexOf(owner))),
    missing.filter(({ denies }) => denies.length > 0).length,
    missing.flatMap(({ denies, lacks }) => [...denies, ...lacks]).length,
  ];
}

/**
 * For principals that fail, how close they are to success. A root user comes last, because nobody
 * should have to use one.
 */
function nearnessOf({ evaluated }: DecidedStanding, missing: readonly MissingCall[], principal: string): Ranks {
  return evaluated.verdict === 'fails' ? [isRootArn(principal) ? 1 : 0, ...changesNeeded(missing)] : [];
}

/**
 * A text that is equal for standings with the same reason. It leaves out the names of policies that
 * only one principal has.
 */
function likenessOf(
  { standing, evaluated, any }: DecidedStanding,
  missing: readonly MissingCall[],
  judgment: () => Judgment,
): string {
  if (standing === 'can' || standing === 'cannot') return standing;
  const isFailing = missing.length > 0;
  return JSON.stringify([
    standing,
    any === undefined
      ? []
      : [openCalls(any).map(openLikeness), inferredCalls(any).map(({ row, key }) => [row.action, key?.arn])],
    judgment()
      .reasons.filter((one) => !isFailing || 'precondition' in one)
      .map(reasonLikeness),
    standing === 'nearly' || any !== undefined ? openOwnCalls(evaluated).map(openLikeness) : [],
    missing.map(({ action, lacks, denies }) => [action, lacks, denies.map(statementLikeness)]),
  ]);
}

/** A text for a reason, without the names of policies that only one principal has. */
function reasonLikeness(reason: Reason): unknown {
  if ('precondition' in reason) return [reason.code, reason.precondition.row.code, reason.precondition.reason];
  if (!('group' in reason)) return reason;
  const { actions, calls } = reason.group;
  const [{ call, reason: why }] = calls;
  const facts = why.code === 'call-depends' ? why.facts : [];
  return [reason.code, actions, call.key?.arn, facts.map(factLikeness), 'lacking' in why ? why.lacking : []];
}

/**
 * A text for a call of another request. The key that such a request names is open, so it does not
 * count.
 */
function openLikeness({ row, key, decision }: DecidedCall): unknown {
  return key?.isAnyKey === true ? row.action : [row.action, key?.arn, decision.dependsOn.map(factLikeness)];
}

function factLikeness(fact: Fact): unknown {
  return fact.fact === 'policy' && fact.kind !== 'resource' ? [fact.kind, fact.why] : fact;
}

function statementLikeness(ref: StatementRef): unknown {
  const { policy, name, statement, sid, effect } = ref;
  return [policy, effect, sid, isInOwnPolicy(ref) ? undefined : [name, statement]];
}
