/*
 * src/audit/ asks about everybody: who can do something, and what nobody can do. It decides by the
 * classes of src/bulk/.
 */

import { accountOf, isArn, parseArn, rootArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { groupBy } from '../base/group.ts';
import { nearestFirst } from '../base/nearest.ts';
import { isServiceLinkedRole, parsePrincipalArn } from '../base/principal-arn.ts';
import { type BulkSettings, type BulkTarget, principalsNamed } from '../bulk/bulk.ts';
import { boundTo, namesKey } from '../check/bind.ts';
import { bindAll, type Unchecked } from '../check/bind-all.ts';
import type { Question } from '../check/question.ts';
import type { Directory } from '../evidence/directory.ts';
import { NotHeld } from '../evidence/not-held.ts';
import { findPrincipal, partitionAt, principalsIn } from '../evidence/principals.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { distinctLacks, type ExpectationLack } from '../preflight/outcome.ts';
import { accountsLetIn, everybodyIn, outsiders } from '../preflight/outsiders.ts';
import type { Extent } from '../preflight/pattern.ts';
import { personPattern, personReach } from '../preflight/people.ts';
import { keyLack } from '../preflight/targets.ts';
import { answersTo, type TargetAnswer } from './standings.ts';

/** The question of who can run operations on which resources. */
export interface WhoCanQuestion extends BulkSettings {
  readonly operations: readonly Operation[];
  /**
   * Identifiers or ARNs of the snapshots, clusters or DB instances that the operations read. Empty:
   * all of them in the Region.
   */
  readonly names: readonly string[];
  readonly parameters: OperationParameters;
  /** The account in which names are looked up. */
  readonly account: string;
  /** Absent: the only Region in the evidence. */
  readonly region?: string;
  /** Only these are checked, by name or pattern. Empty: everybody. */
  readonly people: readonly string[];
  /** What the operations leave out. Absent: nothing. */
  readonly unchecked?: readonly Unchecked[];
}

export interface WhoCan {
  readonly answers: readonly TargetAnswer[];
  /** The principals that were checked. */
  readonly asked: number;
  /** Service-linked roles, which are not checked: only their services can assume them. */
  readonly serviceLinked: number;
  /** Unread data because of which the list of principals may be incomplete. */
  readonly lacks: readonly ExpectationLack[];
  /** Accounts whose principals were not checked, because the account has no key of the name asked for. */
  readonly withoutKey: readonly ExpectationLack[];
  readonly unchecked: readonly Unchecked[];
  /** The principals that a name or pattern can mean, also those that were not checked. */
  readonly everybody: readonly string[];
}

/**
 * Everybody's standing for an operation: the users and roles of the owning account and of those
 * that it is shared with, and root users.
 * @throws Failure if the evidence lacks something that the question names, or if no principal
 * matches a name in the question
 */
export function whoCan(directory: Directory, question: WhoCanQuestion): WhoCan {
  const { targets, unchecked } = targetsOf(directory, question);
  const found = peopleFor(directory, targets, question);
  const letIn = new Map(targets.map((target) => [target, accountsFor(directory, target, question.account)]));
  const principals = principalsNamed(found.arns);
  const keyless = accountsWithoutKey(directory, targets, principals.accounts).filter(
    ({ target, account }) => letIn.get(target)?.has(account) === true,
  );
  const answers = answersTo(directory, question, {
    principals,
    targets,
    keepsFactsOfEach: true,
    targetsOf: (account) =>
      targets.filter(
        (target) =>
          letIn.get(target)?.has(account) === true &&
          !keyless.some((one) => one.target === target && one.account === account),
      ),
  });
  const [first] = keyless;
  if (first !== undefined && answers.length === 0) throw first.error;
  const lacks = keyless.map(lackElsewhere);
  return {
    answers,
    asked: new Set(answers.flatMap(({ groups }) => groups.flatMap((group) => group.principals))).size,
    serviceLinked: found.serviceLinked,
    lacks: [...found.lacks, ...lacks.filter(({ code }) => code !== 'key-missing-in-account')],
    withoutKey: distinctLacks(lacks.filter(({ code }) => code === 'key-missing-in-account')),
    unchecked: [...unchecked, ...(question.unchecked ?? [])],
    everybody: found.everybody,
  };
}

/** An account in which no key has the name in the request for a target. */
interface WithoutKey {
  readonly account: string;
  readonly target: BulkTarget;
  readonly error: NotHeld;
  readonly lack: ExpectationLack;
}

/**
 * The accounts in which no key has the name in the request. KMS looks an alias or key ID up in the
 * account of the caller, so a name that means a key in the account of the source may mean none in an
 * account that the source is shared with (rds-kms-operations 4.2).
 */
function accountsWithoutKey(
  directory: Directory,
  targets: readonly BulkTarget[],
  accounts: readonly string[],
): readonly WithoutKey[] {
  const asked = targets.filter(namesKey);
  return accounts.flatMap((account) => {
    const principal = findPrincipal(directory, rootArn(partitionAt(directory.evidence, account), account));
    return asked.flatMap((target): readonly WithoutKey[] => {
      try {
        boundTo(directory, { ...target, principal }, target.source);
        return [];
      } catch (error) {
        if (!(error instanceof NotHeld) || error.thing.is !== 'key') throw error;
        const { name, isCertain } = error.thing;
        const lack = keyLack(directory.evidence, { account, region: target.region }, name, isCertain);
        return [{ account, target, error, lack }];
      }
    });
  });
}

/** The lack as it concerns another account than that of the question. */
function lackElsewhere({ lack, account, target: { region }, error }: WithoutKey): ExpectationLack {
  const { name } = error.thing;
  return lack.code === 'nothing-matched' ? { code: 'key-missing-in-account', name, account, region } : lack;
}

/** The targets of the question, by its names. @throws Failure */
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
      fix: false,
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

/**
 * The principal as which names are looked up: the root user of the account, or a role of the
 * account for operations that run as a role.
 * @throws NotHeld if the operation needs a role and no role was read
 */
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
  readonly everybody: readonly string[];
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
  const lacks = found.flatMap((one) => one.lacks());
  // If a list was not read, the name may mean a principal in that list.
  if (lacks.length === 0) refuseNobody(people, everybody, operations);
  const patterns = people.map(personMeant);
  const asked = everybody.filter((arn) => patterns.length === 0 || patterns.some((reach) => reach(arn) !== 'none'));
  const arns = asked.filter((arn) => !isServiceLinkedRole(arn));
  return { arns, everybody, serviceLinked: asked.length - arns.length, lacks };
}

/** @throws Failure if no checked principal matches a name or pattern */
function refuseNobody(people: readonly string[], everybody: readonly string[], operations: readonly Operation[]): void {
  const [first] = operations;
  for (const name of people) {
    const reach = personMeant(name);
    const meant = everybody.filter((arn) => reach(arn) !== 'none');
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

/** A name or pattern of --expect-only that matches no principal. */
export interface ExpectedNobody {
  readonly code: 'expected-nobody';
  readonly name: string;
  /** The most similar names. */
  readonly nearest: readonly string[];
}

/**
 * The names and patterns of a gate that mean no principal: they may be misspelled. If a list was not
 * read, a name may mean a principal in that list. `owners`: the accounts of the targets.
 */
export function expectedNobody(
  { lacks, everybody }: WhoCan,
  owners: readonly string[],
  expected: readonly string[],
): readonly ExpectedNobody[] {
  const isUnread = (account: string): boolean =>
    lacks.some((lack) => lack.code === 'principals-unread' && lack.account === account);
  const own = everybody.filter((arn) => owners.includes(accountOf(arn)));
  const read = new Set(everybody.map(accountOf));
  return expected.flatMap((name): readonly ExpectedNobody[] => {
    const accounts = isArn(name) ? [accountOf(name)] : owners;
    if (accounts.some((account) => isUnread(account) || !read.has(account))) return [];
    const named = isArn(name) ? everybody : own;
    const reach = personMeant(name);
    if (named.some((arn) => reach(arn) !== 'none')) return [];
    const names = named.map((arn) => (isArn(name) ? arn : (parseArn(arn)?.resource ?? arn)));
    return [{ code: 'expected-nobody', name, nearest: nearestFirst(name, names).slice(0, 3) }];
  });
}

/**
 * Tests ARNs by a text: `role/app-*`, a name with its type, an ARN, `root`, or a bare name or
 * pattern, which means users and roles.
 */
export function personTest(text: string): (arn: string) => boolean {
  if (text.includes('/') || text === '*' || text === 'root' || isArn(text)) return personPattern(text);
  const [user, role] = [personPattern(`user/${text}`), personPattern(`role/${text}`)];
  return (arn) => user(arn) || role(arn);
}

/**
 * Whether a text of personTest means a principal. `some`: the name or path of the principal is known
 * only after a plan is applied.
 */
export function personMeant(text: string): (arn: string) => Extent {
  return text === 'root' ? (arn) => (personPattern(text)(arn) ? 'all' : 'none') : personReach(text);
}

/**
 * The accounts whose principals are checked: the owner, the accounts that the target is shared
 * with, and the account that looks the target up.
 */
function accountsFor(directory: Directory, target: BulkTarget, account: string): ReadonlySet<string> {
  return new Set([target.source?.account ?? account, account, ...accountsLetIn(directory, target).accounts]);
}
