import { accountOf, isRootArn } from '../base/arn.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { type BulkTarget, evaluatedAgain } from '../bulk/bulk.ts';
import { boundTo } from '../check/bind.ts';
import { type Evaluated, type Evaluator, evaluator } from '../check/evaluate.ts';
import { isDenied, isEstablished, isUnmet } from '../check/verdict.ts';
import { findPrincipal } from '../evidence/principals.ts';
import type { Source } from '../evidence/sources.ts';
import { operationsNamed } from '../operations/catalogue.ts';
import type { CallRow, Operation, PreconditionCode } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import { keyOperation } from '../preflight/key-actions.ts';
import type { ExpectationLack } from '../preflight/outcome.ts';
import { type EstateAnswer, keyQuestion } from './asking.ts';
import type { Estate } from './estate.ts';
import type { OpenFact } from './findings/finding.ts';
import type { StandingGroup } from './standings.ts';

/*
 * Who has the right to do something, whatever states stand in the way at the moment: a right stays
 * when a state has gone.
 */

/** Whether a principal has a right. */
export interface Right {
  readonly holds: 'yes' | 'maybe';
  readonly facts: readonly OpenFact[];
  /** They tell the statements behind the right. Rights of several principals share them. */
  readonly behind: ReadonlySet<StatementsOf>;
}

/** The statements that allow something to some of those who may do it. */
type StatementsOf = (people: ReadonlySet<string>) => readonly StatementRef[];

/** By the ARN of a principal; whoever has no right is left out. */
export type Rights = ReadonlyMap<string, Right>;

export const noRights: Rights = new Map<string, Right>([]);

/** Obstacles that somebody with other rights has to remove first. */
const states: ReadonlySet<PreconditionCode> = new Set([
  'deletion-protection-is-off',
  'cluster-holds-no-instances',
  'cluster-keeps-an-instance',
  'key-is-enabled',
]);

/**
 * The rights to run an operation on a source, by the ARN of the source. `answers`: by the same ARN.
 */
export function rightsIn(estate: Asked, answers: ReadonlyMap<string, EstateAnswer>): (arn: string) => Rights {
  const known = new Map<EstateAnswer, Rights>();
  return (arn) => {
    const answer = answers.get(arn);
    if (answer === undefined) return noRights;
    const rights = known.get(answer) ?? rightsOfAll(estate, answer);
    known.set(answer, rights);
    return rights;
  };
}

type Asked = Pick<Estate, 'directory' | 'settings'>;

function rightsOfAll({ directory, settings }: Asked, { groups, targets: [target] }: EstateAnswer): Rights {
  const found = new Map<string, Right>();
  for (const group of groups) {
    const right = rightOf(group, (who) => evaluatedAgain(directory, settings, who, target));
    if (right !== undefined) for (const arn of group.principals) found.set(arn, right);
  }
  return found;
}

/**
 * Who of a key's own account has the right to call an action of KMS on it. KMS lets nobody else
 * manage a key.
 */
export function rightsOnKeys(
  estate: Estate,
  action: `kms:${string}`,
  keys: readonly string[],
): ReadonlyMap<string, Rights> {
  return new Map(
    estate.whoCanCall(action, keys).map(({ key, groups }) => {
      const owner = accountOf(key);
      const [target] = keyQuestion(action, [key]).targets;
      const rights = groups.flatMap((group) => {
        const right = rightOf(group, (who) =>
          target === undefined ? group.evaluated : evaluatedAgain(estate.directory, estate.settings, who, target),
        );
        const own = group.principals.filter((arn) => accountOf(arn) === owner);
        return right === undefined ? [] : own.map((arn): readonly [string, Right] => [arn, right]);
      });
      return [key, new Map(rights)];
    }),
  );
}

function rightOf(group: StandingGroup, again: (who: string) => Evaluated): Right | undefined {
  const { standing, evaluated, open, judgement } = group;
  const calls = evaluated.calls.filter(({ row }) => row.kind !== 'service' && isEstablished(row.basis));
  const stopping = evaluated.preconditions.filter((one) => isUnmet(one) && !states.has(one.row.code));
  const isDeniedAsAsked = calls.some(isDenied);
  if (isDeniedAsAsked && standing !== 'may') return undefined;
  // A cluster can be freed of its replicas and its global cluster.
  if (stopping.some(({ row }) => row.code !== 'cluster-stands-alone')) return undefined;
  const decisive = isDeniedAsAsked ? open : calls.filter(({ decision }) => decision.decision === 'depends');
  const behind = new Set([allowing(group, again)]);
  if (!isDeniedAsAsked && decisive.length === 0 && stopping.length === 0) return { holds: 'yes', facts: [], behind };
  const facts = decisive.flatMap(({ decision }) => decision.dependsOn.map((fact): OpenFact => ({ is: 'fact', fact })));
  const reasons = judgement.reasons.map((reason): OpenFact => ({ is: 'reason', reason }));
  return { holds: 'maybe', facts: facts.length > 0 ? facts : reasons, behind };
}

/** So many classes are asked anew for the statements behind a right. */
const mostAsked = 20;

/** The statements that allow each class of a group its calls: others have policies of their own. */
function allowing({ classes, evaluated, principals }: StandingGroup, again: (who: string) => Evaluated): StatementsOf {
  const known = new Map<string, readonly StatementRef[]>();
  const allows = (who: string): readonly StatementRef[] => {
    const before = known.get(who);
    if (before !== undefined) return before;
    const found = allowsIn(who === principals[0] ? evaluated : again(who));
    known.set(who, found);
    return found;
  };
  return (people) =>
    classes
      .filter((members) => members.some((arn) => people.has(arn)))
      .slice(0, mostAsked)
      .flatMap(([who]) => allows(who));
}

function allowsIn({ calls }: Evaluated): readonly StatementRef[] {
  return calls
    .filter(({ row }) => row.kind !== 'service' && isEstablished(row.basis))
    .flatMap(({ decision }) => decision.decidedBy)
    .filter((by): by is StatementRef => !('grant' in by) && by.effect === 'Allow');
}

/** The statements behind the rights of several. */
export function statementsBehind(held: Iterable<readonly [arn: string, right: Right]>): readonly StatementRef[] {
  const people = new Map<StatementsOf, Set<string>>();
  for (const [arn, { behind }] of held)
    for (const statementsOf of behind) {
      const known = people.get(statementsOf);
      if (known === undefined) people.set(statementsOf, new Set([arn]));
      else known.add(arn);
    }
  return [...people].flatMap(([statementsOf, arns]) => statementsOf(arns));
}

export function operationOn(command: string, type: Source['type']): Operation | undefined {
  return operationsNamed(command).find(({ reads }) => reads?.types[0] === type);
}

/** A command on the sources that it takes. */
export function targetsOn(
  command: string,
  sources: readonly Source[],
  parameters: OperationParameters = {},
): readonly BulkTarget[] {
  return sources.flatMap((source) => {
    const operation = operationOn(command, source.type);
    return operation === undefined ? [] : [{ operation, source, region: source.region, parameters }];
  });
}

/** Who of an account was not read. */
export function peopleUnread({ directory }: Pick<Estate, 'directory'>, account: string): readonly ExpectationLack[] {
  return directory.listed(account).unread.length === 0 ? [] : [{ code: 'principals-unread', account }];
}

/** The right to do something that needs two rights. Undefined: one of them is missing. */
export function both(one: Right | undefined, other: Right | undefined): Right | undefined {
  if (one === undefined || other === undefined) return undefined;
  const facts = [...one.facts, ...other.facts];
  const isCertain = one.holds === 'yes' && other.holds === 'yes';
  return {
    holds: isCertain ? 'yes' : 'maybe',
    facts,
    behind: new Set([...one.behind, ...other.behind]),
  };
}

/** The right to do something for which any of these rights is enough. */
export function either(rights: readonly (Right | undefined)[]): Right | undefined {
  const held = rights.filter((one) => one !== undefined);
  return held.find(({ holds }) => holds === 'yes') ?? held[0];
}

/** Actions by which a principal can give itself any right. */
const selfService = {
  role: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'],
  user: ['iam:PutUserPolicy', 'iam:AttachUserPolicy'],
} as const;

/**
 * Whether somebody is an administrator of an account: its root user, or whoever can give themselves
 * any right.
 */
export function administrators({
  directory,
  settings,
}: Pick<Estate, 'directory' | 'settings'>): (arn: string) => boolean {
  const known = new Map<string, boolean>();
  // Only the policies of the latest account are kept in memory.
  let latest: { readonly account: string; readonly asking: Evaluator } | undefined;
  return (arn) => {
    const before = known.get(arn);
    if (before !== undefined) return before;
    const account = accountOf(arn);
    if (latest?.account !== account) latest = { account, asking: evaluator(directory, { ...settings, strict: false }) };
    const found = isAdministrator(latest.asking, arn);
    known.set(arn, found);
    return found;
  };
}

function isAdministrator(asking: Evaluator, arn: string): boolean {
  if (isRootArn(arn)) return true;
  const type = parsePrincipalArn(arn)?.type;
  if (type !== 'role' && type !== 'user') return false;
  const principal = findPrincipal(asking.directory, arn);
  return selfService[type].some((action) => {
    const operation = ownOperation(action);
    const bound = boundTo(asking.directory, { operation, principal, region: '', parameters: {} }, undefined);
    const [row] = operation.calls;
    if (row === undefined) return false;
    const resource = { arn, account: accountOf(arn), nameUnknown: false, tags: undefined };
    return asking.decideOn(resource, row, bound).decision.decision === 'allowed';
  });
}

/** A call of IAM that somebody makes by themselves. */
function ownOperation(action: CallRow['action']): Operation {
  const call: CallRow = {
    kind: 'caller',
    action,
    on: 'role',
    basis: 'documented',
    source: 'rds-kms-operations 6',
    isFree: true,
  };
  return { ...keyOperation('kms:DescribeKey', ''), command: action, calls: [call] };
}
