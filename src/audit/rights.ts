import { accountOf } from '../base/arn.ts';
import type { BulkTarget } from '../bulk/bulk.ts';
import type { Source } from '../evidence/sources.ts';
import { operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import type { ExpectationLack } from '../preflight/outcome.ts';
import type { EstateAnswer } from './asking.ts';
import type { Estate } from './estate.ts';
import type { OpenFact } from './findings/finding.ts';
import { mostShown, type StandingGroup } from './standings.ts';

/*
 * Finds who has permission to do something, even if a state prevents it at the moment: a permission
 * remains when a state ends.
 */

/** Whether a principal has a permission. */
export interface Right {
  readonly holds: 'yes' | 'maybe';
  readonly facts: readonly OpenFact[];
  /**
   * The sources of the statements behind the permission. Permissions of several principals share
   * them.
   */
  readonly behind: ReadonlySet<StatementsOf>;
}

/** Finds the statements that allow something to some of the principals that may do it. */
type StatementsOf = (people: ReadonlySet<string>) => readonly StatementRef[];

/** By the ARN of a principal; principals without the permission are left out. */
export type Rights = ReadonlyMap<string, Right>;

export const noRights: Rights = new Map<string, Right>([]);

/**
 * Finds the permissions to run an operation on a source, by the ARN of the source. `answers`: by
 * the same ARN.
 */
export function rightsIn(answers: ReadonlyMap<string, EstateAnswer>): (arn: string) => Rights {
  const known = new Map<EstateAnswer, Rights>();
  return (arn) => {
    const answer = answers.get(arn);
    if (answer === undefined) return noRights;
    const rights = known.get(answer) ?? rightsOfAll(answer);
    known.set(answer, rights);
    return rights;
  };
}

function rightsOfAll({ groups }: EstateAnswer): Rights {
  const found = new Map<string, Right>();
  for (const group of groups) {
    for (const [arn, right] of rightsOf(group)) found.set(arn, right);
  }
  return found;
}

/**
 * The principals of a key's own account with permission to call a KMS action on the key. KMS lets
 * nobody else manage a key.
 */
export function rightsOnKeys(
  estate: Estate,
  action: `kms:${string}`,
  keys: readonly string[],
): ReadonlyMap<string, Rights> {
  return new Map(
    estate.whoCanCall(action, keys).map(({ key, groups }) => {
      const owner = accountOf(key);
      const rights = groups.flatMap((group) => rightsOf(group).filter(([arn]) => accountOf(arn) === owner));
      return [key, new Map(rights)];
    }),
  );
}

/**
 * The permission of each principal of a group. Principals that depend on the same facts share one.
 */
function rightsOf(group: StandingGroup): readonly (readonly [arn: string, right: Right])[] {
  const { right, principals, dependsOn } = group;
  if (right === undefined) return [];
  const facts = right.reasons.map((reason): OpenFact => ({ is: 'reason', reason }));
  const shared: Right = { holds: right.holds, facts, behind: new Set([allowing(group)]) };
  const depending = dependsOn.flatMap(({ members, items }) => {
    const own: Right = { ...shared, facts: [...items.map((fact): OpenFact => ({ is: 'fact', fact })), ...facts] };
    return members.map((arn) => [arn, own] as const);
  });
  const own = new Map(depending);
  return principals.map((arn) => [arn, own.get(arn) ?? shared]);
}

/** The statements that allow principals of a group their calls. */
function allowing({ classes }: StandingGroup): StatementsOf {
  return (people) =>
    classes
      .flatMap(({ allows }) => allows)
      .filter(({ members }) => members.some((arn) => people.has(arn)))
      .slice(0, mostShown)
      .flatMap(({ items }) => items);
}

/** The statements behind the permissions of several principals. */
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

/** The operation of a command that is meant for a type of source. Undefined: there is none. */
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

/** The principals of an account that were not read. */
export function peopleUnread({ directory }: Pick<Estate, 'directory'>, account: string): readonly ExpectationLack[] {
  return directory.listed(account).unread.length === 0 ? [] : [{ code: 'principals-unread', account }];
}

/** The permission to do something that needs two permissions. Undefined: one of them is missing. */
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

/**
 * Finds the permission to do something for which any of several permissions is enough. If none is
 * certain, all of them decide. Principals with the same permissions share the answer.
 */
export function eitherOf(): (rights: readonly (Right | undefined)[]) => Right | undefined {
  const known = new Map<Right, Map<Right, Right>>();
  const joined = (one: Right, other: Right): Right => {
    const before = known.get(one)?.get(other);
    if (before !== undefined) return before;
    const made: Right = {
      holds: 'maybe',
      facts: [...one.facts, ...other.facts],
      behind: new Set([...one.behind, ...other.behind]),
    };
    known.set(one, (known.get(one) ?? new Map<Right, Right>()).set(other, made));
    return made;
  };
  return (rights) => {
    const held = rights.filter((one) => one !== undefined);
    const [first, ...others] = held;
    if (first === undefined) return undefined;
    return held.find(({ holds }) => holds === 'yes') ?? others.reduce(joined, first);
  };
}
