import { accountOf, isArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import {
  anyRequestAgain,
  type BulkQuestion,
  type BulkSettings,
  type BulkTarget,
  type Cell,
  decideTogether,
  evaluatedAgain,
  type TargetClass,
} from '../bulk/bulk.ts';
import type { AnyRequestAnswer } from '../check/any-request.ts';
import type { Assumption } from '../check/assumption.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import type { Judgement, Reason } from '../check/judgement.ts';
import { isDenied, isEstablished, isUnmet } from '../check/verdict.ts';
import type { Directory } from '../evidence/directory.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import { released, releasedCalls } from './released.ts';

/* The standing of each class of principals, and which classes have the same standing. */

/**
 * `can`: the operation succeeds. `may`: it depends on something unknown, or it fails as asked and
 * another request is not denied. `nearly`: it is denied, and part of its calls is allowed.
 * `cannot`: no call is allowed.
 */
export type Standing = 'can' | 'may' | 'nearly' | 'cannot';

/** Who could allow a denied call, the cheapest first. */
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

/** Principals who may call RDS by the same statements of identity policies. */
export interface AllowedMembers {
  /** ARNs. */
  readonly members: readonly string[];
  readonly statements: readonly StatementRef[];
}

/** Principals that have the same standing for the same reason. */
export interface StandingGroup {
  readonly standing: Standing;
  /** ARNs, in order. */
  readonly principals: readonly [string, ...string[]];
  /** The same by classes: the same statements decide for all of a class. */
  readonly classes: readonly (readonly [string, ...string[]])[];
  /** What was decided for the first principal. */
  readonly evaluated: Evaluated;
  readonly judgement: Judgement;
  /** The operation fails as asked, but policies do not deny every request. */
  readonly byAnotherRequest: boolean;
  /** What the answer of another request depends on. */
  readonly open: readonly DecidedCall[];
  /**
   * Calls on the key of the source that every other request is only inferred to make, and that
   * policies deny.
   */
  readonly inferred: readonly DecidedCall[];
  /**
   * The statements that allow each principal the call to RDS. Empty: none does, or RDS is not
   * called.
   */
  readonly allowedBy: readonly AllowedMembers[];
  /** What is assumed of any of them. Empty unless the question names assumptions. */
  readonly assumptions: readonly Assumption[];
  readonly missing: readonly MissingCall[];
}

/** The answer for one target, or for several that are alike. */
export interface TargetAnswer {
  readonly targets: readonly [BulkTarget, ...BulkTarget[]];
  readonly groups: readonly StandingGroup[];
}

/** A question about everybody. */
export interface StandingQuestion extends BulkQuestion {
  /** Whether the answers keep the assumptions of all, not of the first principal alone. */
  readonly namesAssumptions?: boolean;
}

/**
 * Everybody's standing for each target that somebody is asked about, whatever request and session
 * they choose.
 * @throws Failure if the evidence does not hold a principal
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
 * The same for several questions. All of them are asked about one account before the next account's
 * turn comes.
 */
export function answersToAll(
  directory: Directory,
  settings: BulkSettings,
  questions: readonly StandingQuestion[],
): readonly (readonly TargetAnswer[])[] {
  const asking = { ...settings, anyRequest: true } as const;
  const asked = questions.map((): Map<string, CellsByTargets> => new Map());
  for (const { question, cell } of decideTogether(directory, asking, questions)) {
    // Decided at once: the principals of an account may be let go when the next account's turn
    // comes.
    const again = askingAgain(directory, asking, cell.principals.representative, cell.targets.representative);
    const { account } = cell.principals;
    const cells: CellsByTargets = asked[question]?.get(account) ?? new Map();
    asked[question]?.set(account, cells);
    const known = cells.get(cell.targets) ?? [];
    const standing = standingOf(cell, again);
    const assumptions = questions[question]?.namesAssumptions === true ? standing.judgement.assumptions : [];
    known.push({ ...likeOneOf(known, cell.principals.members, standing), assumptions });
    cells.set(cell.targets, known);
  }
  const lists = new Set(questions.map(({ principals }) => principals));
  const accounts = new Map([...lists].map((one) => [one, [...new Set(one.map(accountOf))]]));
  return questions.map(({ principals }, question) => {
    const inTurn = accounts.get(principals) ?? [];
    return answersIn(new Map(inTurn.flatMap((account) => [...(asked[question]?.get(account) ?? [])])));
  });
}

type CellsByTargets = Map<TargetClass, StandingCell[]>;

function answersIn(cells: ReadonlyMap<TargetClass, readonly StandingCell[]>): readonly TargetAnswer[] {
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
      groups: groupsOf(group[0][1].flatMap((one) => cells.get(one) ?? [])),
    }),
  );
}

/** The standing of all pairs of a cell. */
type ClassStanding = Omit<StandingGroup, 'principals' | 'classes' | 'allowedBy' | 'assumptions'>;

/** One class of principals, and their standing for one class of targets. */
interface StandingCell {
  /** ARNs. */
  readonly members: readonly [string, ...string[]];
  readonly standing: ClassStanding;
  /** Equal for two standings if they have the same reason. */
  readonly likeness: string;
  readonly statements: readonly StatementRef[];
  readonly assumptions: readonly Assumption[];
}

/** The first standing that has the same reason, so that equal standings share one object. */
function likeOneOf(
  known: readonly StandingCell[],
  members: StandingCell['members'],
  standing: ClassStanding,
): Omit<StandingCell, 'assumptions'> {
  const likeness = likenessOf(standing);
  const first = known.find((one) => one.likeness === likeness)?.standing;
  return { members, standing: first ?? standing, likeness, statements: allowingRds(standing) };
}

function allowingRds({ standing, evaluated }: ClassStanding): readonly StatementRef[] {
  if (standing !== 'can') return [];
  const own = evaluated.calls.find(({ row }) => row.kind === 'caller' && row.action.startsWith('rds:'));
  return (own?.decision.decidedBy ?? []).filter(
    (by): by is StatementRef => !('grant' in by) && by.effect === 'Allow' && by.policy === 'identity',
  );
}

/** Groups of one standing stand together; those that nearly can, by their missing permissions. */
function groupsOf(cells: readonly StandingCell[]): readonly StandingGroup[] {
  const alike = groupBy(cells, ({ likeness }) => likeness);
  return [...alike.values()]
    .map((group): StandingGroup => {
      const [{ members, standing }, ...others] = group;
      const [representative, ...own] = members;
      const rest = [...own, ...others.flatMap((one) => one.members)].toSorted();
      const allowedBy = group.flatMap(({ members: allowed, statements }) =>
        statements.length === 0 ? [] : [{ members: allowed, statements }],
      );
      return {
        ...standing,
        principals: [representative, ...rest],
        classes: group.map((one) => one.members),
        assumptions: group.flatMap((one) => one.assumptions),
        allowedBy,
      };
    })
    .toSorted(inOrder);
}

/** Asks the questions of a cell anew. */
interface Again {
  readonly evaluated: () => Evaluated;
  /** The calls of another request, by what they are for. */
  readonly open: () => readonly DecidedCall[];
  readonly inferred: () => readonly DecidedCall[];
}

/** Apart from the cell, which keeps the policies of its account. */
function askingAgain(directory: Directory, settings: BulkSettings, principal: string, target: BulkTarget): Again {
  const anyRequest = () => anyRequestAgain(directory, settings, principal, target);
  return {
    evaluated: () => evaluatedAgain(directory, settings, principal, target),
    open: () => openCalls(anyRequest()),
    inferred: () => inferredCalls(anyRequest()),
  };
}

function openCalls(any: AnyRequestAnswer): readonly DecidedCall[] {
  return any.isDenied ? [] : any.calls.filter(({ decision }) => decision.decision === 'depends');
}

function inferredCalls(any: AnyRequestAnswer): readonly DecidedCall[] {
  return any.isDenied ? [] : any.inferred;
}

function standingOf(cell: Cell, again: Again): ClassStanding {
  const { evaluated, judgement } = released(cell.evaluated(), again.evaluated);
  const { verdict, calls, preconditions } = evaluated;
  const missing = calls.filter(isDenied).map(missingCall);
  const standing = { evaluated, judgement, missing, byAnotherRequest: false, open: [], inferred: [] };
  if (verdict === 'succeeds') return { ...standing, standing: 'can' };
  if (verdict === 'undetermined') return { ...standing, standing: 'may' };
  // Another request can name another key, but no request changes the other states.
  const isStopped = preconditions.some((one) => isUnmet(one) && one.row.code !== 'key-is-named');
  const any = isStopped ? undefined : cell.anyRequest();
  if (any?.isDenied === false) {
    const open = releasedCalls(openCalls(any), again.open);
    const inferred = releasedCalls(inferredCalls(any), again.inferred);
    return { ...standing, standing: 'may', byAnotherRequest: true, open, inferred };
  }
  const isAllowed = ({ row, decision }: DecidedCall): boolean =>
    row.kind !== 'service' && isEstablished(row.basis) && decision.decision === 'allowed';
  return { ...standing, standing: calls.some(isAllowed) ? 'nearly' : 'cannot' };
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
 * Groups that fail: the fewest missing calls first, then the cheapest owner of the fix, then a
 * missing Allow before a Deny. All others: the most principals first.
 */
function inOrder(one: StandingGroup, other: StandingGroup): number {
  const ranks = [one, other].map(({ standing, missing, byAnotherRequest, principals }) => [
    standingOrder.indexOf(standing),
    byAnotherRequest ? 1 : 0,
    ...(standing === 'cannot'
      ? []
      : [
          missing.length,
          Math.max(0, ...missing.map(({ owner }) => fixOwners.indexOf(owner))),
          missing.filter(({ denies }) => denies.length > 0).length,
          missing.flatMap(({ denies, lacks }) => [...denies, ...lacks]).length,
        ]),
    -principals.length,
  ]);
  const [own = [], others = []] = ranks;
  const at = own.findIndex((rank, index) => rank !== others[index]);
  return at < 0 ? (one.principals[0] < other.principals[0] ? -1 : 1) : (own[at] ?? 0) - (others[at] ?? 0);
}

/**
 * A text that is equal for standings with the same reason. It leaves out the names of policies that
 * only one principal has.
 */
function likenessOf({ standing, byAnotherRequest, judgement, missing }: ClassStanding): string {
  if (standing === 'can' || standing === 'cannot') return standing;
  const isFailing = missing.length > 0;
  return JSON.stringify([
    standing,
    byAnotherRequest,
    judgement.reasons.filter((one) => !isFailing || 'precondition' in one).map(reasonLikeness),
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
  return [
    reason.code,
    actions,
    call.key?.arn,
    facts.map((fact) => (fact.fact === 'policy' && fact.kind !== 'resource' ? [fact.kind, fact.why] : fact)),
    'lacking' in why ? why.lacking : [],
  ];
}

function statementLikeness({ policy, name, statement, sid, effect }: StatementRef): unknown {
  const isOwn = policy === 'identity' && !isArn(name);
  return [policy, effect, sid, isOwn ? undefined : [name, statement]];
}
