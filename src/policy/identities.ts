import type { Caller } from './caller.ts';
import type { ConditionTest, Listed, PrincipalEntry, Statement } from './document.ts';
import { applies } from './formula.ts';
import { anyReach, joined, nobody, type Reach } from './reach.ts';
import { type EngineRequest, factHolds } from './request.ts';
import { statementKey } from './statement-ref.ts';
import { and, not, or, principalFact, ruleFact, type Truth, unknownBy } from './truth.ts';

const toDirect = (truth: Truth): Reach => (truth === false ? nobody : { ...nobody, direct: truth });
const toBounded = (truth: Truth): Reach => (truth === false ? nobody : { ...nobody, bounded: truth });
const direct = toDirect(true);
const bounded = toBounded(true);
const account: Reach = { ...nobody, account: true };

/**
 * How the Principal or NotPrincipal of a statement reaches the caller. A policy without principals
 * reaches its owner.
 */
export function reaches(statement: Statement, request: EngineRequest): Reach {
  const { principals } = statement;
  if (principals === 'not applicable') return direct;
  if (principals === 'missing') return nobody;
  if (principals.match === 'none') return toDirect(notPrincipal(principals, statement, request));
  const only = principals.of[0];
  if (principals.of.length === 1 && only !== undefined) return entryReaches(only, request);
  let reach = nobody;
  for (const entry of principals.of) reach = joined(reach, entryReaches(entry, request));
  return reach;
}

/**
 * iam-evaluation 2.2: the caller has a set of identities. An entry reaches the caller if it equals
 * one of them.
 */
function entryReaches(entry: PrincipalEntry, request: EngineRequest): Reach {
  const { caller } = request;
  switch (entry.is) {
    case 'anyone':
      // Whether {"AWS": "*"} covers service principals is not published (iam-evaluation 2.5, 11.1).
      if (caller.type !== 'service' || entry.written === '*') return direct;
      return toDirect(factHolds(ruleFact('iam-evaluation 11.1', ''), request));
    case 'account':
      return caller.type !== 'service' && isAccountOf(entry, caller) ? account : nobody;
    case 'service':
      return caller.type === 'service' && caller.name === entry.service ? direct : nobody;
    case 'unique id':
      // AWS shows this ID in place of an ARN after the principal was deleted (iam-evaluation 2.9a).
      // The entry names nobody, unless it is the caller's own ID.
      if (!('uniqueId' in caller) || caller.uniqueId !== entry.id) return nobody;
      return caller.type === 'user' ? direct : bounded;
    case 'arn':
      return arnReaches(entry.arn, caller);
    case 'unknown':
      return toDirect(factHolds(entry.fact, request));
    case 'dead':
      return nobody;
  }
}

/** Partitions know nothing of each other's accounts (iam-evaluation 5.13). */
function isAccountOf(
  { account: named, partition }: Extract<PrincipalEntry, { is: 'account' }>,
  caller: Exclude<Caller, { type: 'service' }>,
): boolean {
  return caller.account === named && (partition === undefined || partition === caller.partition);
}

/**
 * Whether the caller has this ARN of a user, role, session or federated user; also for the ARN of a
 * grantee. An ARN in a stored policy names its present owner. An ARN in a policy file names its
 * owner at the time when the file is saved (iam-evaluation 2.9b, 2.9c).
 */
export function arnReaches(arn: string, caller: Caller): Reach {
  switch (caller.type) {
    case 'user':
      return arn === caller.arn ? direct : nobody;
    case 'federated user':
      if (arn === caller.arn) return direct;
      if (caller.federatingUser !== undefined) return arn === caller.federatingUser ? bounded : nobody;
      // The name of a federated user does not show who federated it (iam-evaluation 5.23).
      return arn.startsWith(caller.iam) && arn.startsWith('user/', caller.iam.length)
        ? toBounded(unknownBy(principalFact('federating user')))
        : nobody;
    case 'role session':
      return roleReaches(arn, caller);
    case 'root':
    case 'service':
      return nobody;
  }
}

function roleReaches(arn: string, caller: Extract<Caller, { type: 'role session' }>): Reach {
  if (arn.startsWith(caller.sessions)) {
    if (caller.session === undefined) return toDirect(unknownBy(principalFact('session name')));
    return arn.length === caller.sessions.length + caller.session.length && arn.endsWith(caller.session)
      ? direct
      : nobody;
  }
  if (caller.role !== undefined) return arn === caller.role ? bounded : nobody;
  // A session ARN does not contain the path of its role (iam-evaluation 4.10).
  if (!arn.endsWith(caller.roleName) || arn[arn.length - caller.roleName.length - 1] !== '/') return nobody;
  const mayBeRole = arn.startsWith(caller.iam) && arn.startsWith('role/', caller.iam.length);
  return mayBeRole ? toBounded(unknownBy(principalFact('role path'))) : nobody;
}

/**
 * Whether NotPrincipal matches (iam-evaluation 2.16). If the entries name every identity of the
 * caller, NotPrincipal does not match. If they name none, it matches. If they name some, AWS may
 * check the identities one after the other. NotPrincipal always matches a user or role with a
 * permissions boundary (2.16b). Other callers have no boundary, even if the policies contain one.
 */
function notPrincipal(principals: Listed<PrincipalEntry>, statement: Statement, request: EngineRequest): Truth {
  const bounds = applies('boundary', request) ? request.hasBoundary : false;
  return bounds === true ? true : or(bounds, namesNone(principals, statement, request));
}

/** Whether the entries of NotPrincipal spare no caller like this one that has no permissions boundary. */
function namesNone(principals: Listed<PrincipalEntry>, statement: Statement, request: EngineRequest): Truth {
  let reach = nobody;
  for (const entry of principals.of) reach = joined(reach, entryReaches(entry, request));
  if (anyReach(reach) === false) return true;
  const { caller } = request;
  if (caller.type === 'service') return not(anyReach(reach));
  const all = presented(caller, reach);
  if (all) return false;
  return factHolds(ruleFact('iam-evaluation 2.16', statementKey(statement.ref)), request);
}

/**
 * The reach of an Allow in the caller's own account if the permissions boundary and session policy
 * may not allow. AWS documents that an Allow to everyone needs neither if it tests
 * aws:PrincipalArn, and says nothing about other such Allows (iam-evaluation 11.14, 14.19).
 */
export function reachUnder(ceiling: Truth, reached: Reach, statement: Statement, request: EngineRequest): Reach {
  const { principals, tests, ref } = statement;
  if (ceiling === true || reached.direct === false || typeof principals === 'string') return reached;
  const named = principals.of.filter((entry) => entry.is !== 'anyone');
  if (named.length === principals.of.length || tests.some(namesPrincipal)) return reached;
  const byName = named.map((entry) => entryReaches(entry, request).direct).reduce(or, false);
  const silently = factHolds(ruleFact('iam-evaluation 14.19', statementKey(ref)), request);
  return { ...reached, direct: and(reached.direct, or(byName, or(ceiling, silently))) };
}

function namesPrincipal({ keyId, operator }: ConditionTest): boolean {
  return keyId === 'aws:principalarn' && !operator.negated && operator.compares !== 'presence';
}

/** Whether the entries reach every identity of the caller. */
function presented(caller: Exclude<Caller, { type: 'service' }>, reach: Reach): boolean {
  switch (caller.type) {
    case 'root':
      return reach.account === true;
    case 'user':
      return reach.account === true && reach.direct === true;
    case 'role session':
    case 'federated user':
      return reach.account === true && reach.direct === true && reach.bounded === true;
  }
}
