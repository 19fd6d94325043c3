/*
 * src/audit/ asks about everybody: who can do something, and what nobody can do. It decides by the
 * classes of src/bulk/.
 */

import { isArn, rootArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { groupBy } from '../base/group.ts';
import { isServiceLinkedRole, parsePrincipalArn } from '../base/principal-arn.ts';
import { type BulkSettings, type BulkTarget, type Cell, decideInBulk } from '../bulk/bulk.ts';
import { bindAll, type Unchecked } from '../check/bind-all.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { type Judgement, judge, type Reason } from '../check/judgement.ts';
import type { Question } from '../check/question.ts';
import { isDenied, isEstablished, isUnmet } from '../check/verdict.ts';
import type { Directory } from '../evidence/directory.ts';
import { NotHeld } from '../evidence/not-held.ts';
import { principalsIn } from '../evidence/principals.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type { ExpectationLack } from '../preflight/outcome.ts';
import { accountsLetIn, everybodyIn, outsiders } from '../preflight/outsiders.ts';
import { partitionAt, personPattern } from '../preflight/people.ts';

/** Who can run an operation on what? */
export interface WhoCanQuestion extends BulkSettings {
  readonly operations: readonly Operation[];
  /**
   * Identifiers or ARNs of the snapshots, clusters or DB instances that the operations read. Empty:
   * all of them in the Region.
   */
  readonly names: readonly string[];
  readonly parameters: OperationParameters;
  /** Where names are looked up. */
  readonly account: string;
  /** Absent: the only one of the evidence. */
  readonly region?: string;
  /** Only these are asked, by name or pattern. Empty: everybody. */
  readonly people: readonly string[];
  /** What the operations leave out. Absent: nothing. */
  readonly unchecked?: readonly Unchecked[];
}

/**
 * `can`: the operation succeeds. `may`: it depends on something unknown, or it fails as asked and
 * another request is not denied. `nearly`: it is denied, and part of its calls is allowed. `cannot`:
 * no call is allowed.
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
  /** Of all that have to change for the call, the dearest. */
  readonly owner: FixOwner;
  /** The Denies that match. */
  readonly denies: readonly StatementRef[];
  /** Whose Allow is missing, besides. */
  readonly lacks: readonly FixOwner[];
}

/** Principals whose standing has one reason. */
export interface StandingGroup {
  readonly standing: Standing;
  /** ARNs, in order. */
  readonly principals: readonly [string, ...string[]];
  /** Of the first principal. */
  readonly evaluated: Evaluated;
  readonly judgement: Judgement;
  /** The operation fails as asked, but policies do not deny every request. */
  readonly byAnotherRequest: boolean;
  /** What the answer of another request depends on. */
  readonly open: readonly DecidedCall[];
  readonly missing: readonly MissingCall[];
}

/** What one target, or several that are alike, come to. */
export interface TargetAnswer {
  readonly targets: readonly [BulkTarget, ...BulkTarget[]];
  readonly groups: readonly StandingGroup[];
}

export interface WhoCan {
  readonly answers: readonly TargetAnswer[];
  /** Principals that were asked about. */
  readonly asked: number;
  /** Service-linked roles, which are not asked: only their services can assume them. */
  readonly serviceLinked: number;
  /** What keeps the list of principals from being complete. */
  readonly lacks: readonly ExpectationLack[];
  readonly unchecked: readonly Unchecked[];
}

/**
 * Everybody's standing for an operation: the users and roles of the owning account and of those that
 * it is shared with, and root users.
 * @throws Failure if the evidence does not hold what the question names, or nobody is asked whom it
 * names
 */
export function whoCan(directory: Directory, question: WhoCanQuestion): WhoCan {
  const { targets, unchecked } = targetsOf(directory, question);
  const found = peopleFor(directory, targets, question);
  const letIn = new Map(targets.map((target) => [target, accountsFor(directory, target, question.account)]));
  const asks = (account: string, target: BulkTarget): boolean => letIn.get(target)?.has(account) === true;
  const entries = new Map<BulkTarget, Cell[]>();
  const settings: BulkSettings = { ...question, anyRequest: true };
  for (const cell of decideInBulk(directory, settings, { principals: found.arns, targets, asks }))
    for (const target of cell.targets.members) {
      const cells = entries.get(target);
      if (cells === undefined) entries.set(target, [cell]);
      else cells.push(cell);
    }
  const numbers = numbering();
  const alike = groupBy([...entries], ([, cells]) => cells.map(numbers).join());
  const standings = new Map<Cell, ClassStanding>();
  const answers = [...alike.values()].map(
    (group): TargetAnswer => ({
      targets: [group[0][0], ...group.slice(1).map(([target]) => target)],
      groups: groupsOf(group[0][1], standings),
    }),
  );
  return {
    answers,
    asked: new Set([...standings.keys()].flatMap(({ principals }) => principals.members)).size,
    serviceLinked: found.serviceLinked,
    lacks: found.lacks,
    unchecked: [...unchecked, ...(question.unchecked ?? [])],
  };
}

function numbering(): (thing: object) => number {
  const numbers = new Map<object, number>();
  return (thing) => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
}

/** What is asked about, by the names that the question has. @throws Failure */
function targetsOf(directory: Directory, question: WhoCanQuestion) {
  const { operations, names, parameters, account, region, context, strict, evaluatedAt } = question;
  const asked = operations.flatMap((operation): Question[] => {
    const principal = lookingUp(directory, operation, account);
    return (names.length === 0 ? [undefined] : names).map((target) => ({
      operation,
      principal,
      ...(target === undefined ? {} : { target }),
      parameters,
      ...(region === undefined ? {} : { region }),
      context,
      strict,
      evaluatedAt,
      explain: false,
      mend: false,
    }));
  });
  const { bound, unchecked } = bindAll(directory, asked);
  const targets = bound
    .filter(({ isFollowUp }) => isFollowUp !== true)
    .map(
      ({ operation, source, region: place, parameters: given }): BulkTarget => ({
        operation,
        source,
        region: place,
        parameters: given,
      }),
    );
  return { targets, unchecked };
}

/** Names are looked up where a principal asks: as the root user, or as some role for what runs as one. */
function lookingUp({ evidence }: Directory, { runsAsRole, command }: Operation, account: string): string {
  if (runsAsRole !== true) return rootArn(partitionAt(evidence, account), account);
  const role = principalsIn(evidence, account).find((arn) => parsePrincipalArn(arn)?.type === 'role');
  if (role !== undefined) return role;
  throw new NotHeld(
    { is: 'principal', name: 'role/*', isCertain: false },
    `a ${command} runs as a role, and no role of account ${account} was read`,
    'read the account with `aurora-kms-check collect`',
  );
}

interface People {
  readonly arns: readonly string[];
  readonly serviceLinked: number;
  readonly lacks: readonly ExpectationLack[];
}

function peopleFor(
  directory: Directory,
  targets: readonly BulkTarget[],
  { account, people, operations }: Pick<WhoCanQuestion, 'account' | 'people' | 'operations'>,
): People {
  const byOwner = groupBy(targets, ({ source, region }) => `${source?.account ?? account} ${region}`);
  const found = [...byOwner.values()].map(([first, ...others]) => {
    const place = { account: first.source?.account ?? account, region: first.region };
    return outsiders(directory, { place, targets: [first, ...others] });
  });
  const accounts = [...new Set([account, ...found.flatMap((one) => one.accounts)])];
  const everybody = [...new Set([...everybodyIn(directory, accounts), ...found.flatMap(({ federated }) => federated)])];
  const lacks = found.flatMap((one) => one.lacks);
  // Whoever is in a list that was not read may be meant.
  if (lacks.length === 0) refuseNobody(people, everybody, operations);
  const patterns = people.map(personTest);
  const asked = everybody.filter((arn) => patterns.length === 0 || patterns.some((is) => is(arn)));
  const arns = asked.filter((arn) => !isServiceLinkedRole(arn));
  return { arns, serviceLinked: asked.length - arns.length, lacks };
}

/** @throws Failure if somebody is named, and nobody of that name or pattern is asked */
function refuseNobody(people: readonly string[], everybody: readonly string[], operations: readonly Operation[]): void {
  const [first] = operations;
  for (const name of people) {
    const meant = everybody.filter(personTest(name));
    if (meant.length === 0)
      throw new Failure(
        'input',
        `no principal matches \`${name}\``,
        'check --principal; `*` stops at a slash, and `**` does not',
      );
    if (meant.every(isServiceLinkedRole))
      throw new Failure(
        'input',
        `only service-linked roles match \`${name}\``,
        'name another principal: only its AWS service can assume a service-linked role',
      );
    if (first?.runsAsRole === true && !meant.some((arn) => parsePrincipalArn(arn)?.type === 'role'))
      throw new Failure('input', `no role matches \`${name}\``, `name a role: a ${first.command} runs as a role`);
  }
}

/** `role/app-*`, a name with its type, an ARN, `root`, or a bare name or pattern of either type. */
export function personTest(text: string): (arn: string) => boolean {
  if (text.includes('/') || text === '*' || text === 'root' || isArn(text)) return personPattern(text);
  const [user, role] = [personPattern(`user/${text}`), personPattern(`role/${text}`)];
  return (arn) => user(arn) || role(arn);
}

/** The owner, those that something is shared with, and whoever looks it up. */
function accountsFor(directory: Directory, target: BulkTarget, account: string): ReadonlySet<string> {
  return new Set([target.source?.account ?? account, account, ...accountsLetIn(directory, target).accounts]);
}

/** The standing of all pairs of a cell. */
type ClassStanding = Omit<StandingGroup, 'principals'>;

/** Groups of one standing stand together; those that nearly can by what they lack. */
function groupsOf(cells: readonly Cell[], known: Map<Cell, ClassStanding>): readonly StandingGroup[] {
  const all = cells.map((cell) => {
    const standing = known.get(cell) ?? standingOf(cell);
    known.set(cell, standing);
    return { cell, standing };
  });
  const alike = groupBy(all, ({ standing }) => likenessOf(standing));
  return [...alike.values()]
    .map((group): StandingGroup => {
      const [{ cell, standing }, ...others] = group;
      const [representative, ...members] = cell.principals.members;
      const rest = [...members, ...others.flatMap((one) => one.cell.principals.members)].toSorted();
      return { ...standing, principals: [representative, ...rest] };
    })
    .toSorted(inOrder);
}

function standingOf(cell: Cell): ClassStanding {
  const evaluated = cell.evaluated();
  const judgement = judge(evaluated);
  const { verdict, calls, preconditions } = evaluated;
  const missing = calls.filter(isDenied).map(missingCall);
  const standing = { evaluated, judgement, missing, byAnotherRequest: false, open: [] };
  if (verdict === 'succeeds') return { ...standing, standing: 'can' };
  if (verdict === 'undetermined') return { ...standing, standing: 'may' };
  // Another request may name a key; other states stand in the way of every request.
  const isStopped = preconditions.some((one) => isUnmet(one) && one.row.code !== 'key-is-named');
  const any = isStopped ? undefined : cell.anyRequest();
  if (any?.isDenied === false) {
    const open = any.calls.filter(({ decision }) => decision.decision === 'depends');
    return { ...standing, standing: 'may', byAnotherRequest: true, open };
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
 * Of those who fail, the fewest missing calls first, then the cheapest owner of the fix, then a
 * missing Allow before a Deny. Otherwise the most principals first.
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

/** The same text for standings that have one reason. A policy that a principal has of its own is not named. */
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

/** Facts about a policy that a principal has of its own do not name the policy. */
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
