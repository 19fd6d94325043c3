import { accountOf, arnWith, parseArn } from '../base/arn.ts';
import { globOf, matches } from '../base/glob.ts';
import { isRoleArn, parsePrincipalArn } from '../base/principal-arn.ts';
import type { Directory } from '../evidence/directory.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import type { Statement } from '../policy/document.ts';
import { actionMatches } from '../policy/match.ts';
import { parse } from '../policy/parse.ts';

/*
 * Who stands for an account that a snapshot is shared with.
 */

/**
 * The ARNs of the principals that are asked for an account. If the key lets the account delegate
 * kms:CreateGrant, its root user stands for everybody (iam-evaluation 6.3). Otherwise, the policies
 * and grants of the key may let in single users and roles of the account, and a Deny may spare them.
 * Then they are asked, because the root user cannot do what they may be able to do.
 */
export function membersAsked(directory: Directory, key: string | undefined, root: string): readonly string[] {
  if (key === undefined) return [root];
  const account = accountOf(root);
  const second = directory.ramPolicy(key);
  const policies = [directory.keyPolicy(key), ...(second === undefined || second === null ? [] : [second])];
  const statements = policies.flatMap(statementsOf).filter(({ actions }) => actionMatches(actions, 'kms:creategrant'));
  const allows = statements.filter(({ ref }) => ref.effect === 'Allow');
  const spared = statements.filter(({ ref }) => ref.effect === 'Deny').flatMap(namesSpared);
  const grantees = (directory.key(key)?.Grants ?? []).flatMap(({ GranteePrincipal: grantee }) => grantee ?? []);
  const canDelegate = allows.some((statement) => reachesAccount(statement, account));
  const named = canDelegate ? spared : [...spared, ...allows.flatMap(namesLetIn), ...grantees];
  const members = new Set(named.flatMap((name) => membersNamed(directory, name, account)));
  return members.size === 0 ? [root] : [...members];
}

function statementsOf(policy: PolicyText): readonly Statement[] {
  if ('unread' in policy) return [];
  const parsed = parse('resource', policy.name, policy.document);
  return 'faults' in parsed ? [] : parsed.policy.statements;
}

/** Whether an Allow is for the whole account, so that its root user has it. */
function reachesAccount(statement: Statement, account: string): boolean {
  const { principals } = statement;
  return (
    typeof principals === 'object' &&
    namesTested(statement, false).length === 0 &&
    principals.of.some((entry) => entry.is === 'anyone' || (entry.is === 'account' && entry.account === account))
  );
}

function namesLetIn(statement: Statement): readonly string[] {
  return [...principalsNamed(statement), ...namesTested(statement, false)];
}

/** The principals that a Deny exempts by NotPrincipal or by a test of aws:PrincipalArn. */
function namesSpared(statement: Statement): readonly string[] {
  const { principals } = statement;
  const exempt = typeof principals === 'object' && principals.match === 'none' ? principalsNamed(statement) : [];
  return [...exempt, ...namesTested(statement, true)];
}

function principalsNamed({ principals }: Statement): readonly string[] {
  return typeof principals === 'object' ? principals.of.flatMap((entry) => (entry.is === 'arn' ? entry.arn : [])) : [];
}

function namesTested({ tests }: Statement, negated: boolean): readonly string[] {
  return tests
    .filter(({ keyId, operator }) => keyId === 'aws:principalarn' && operator.negated === negated)
    .flatMap(({ values }) => values.map(({ text }) => text));
}

/**
 * The users, roles and sessions of the account with a name, unless the evidence shows that there are
 * none. If the list of the account was not read, a pattern stands for those that match it.
 */
function membersNamed({ evidence, listed }: Directory, given: string, account: string): readonly string[] {
  const name = withAccount(given, account);
  const named = parsePrincipalArn(name);
  if (named?.account !== account || named.type === 'root') return [];
  const { people, unread } = listed(account);
  const isUnread = unread.includes(named.type === 'user' ? 'UserDetailList' : 'RoleDetailList');
  if (evidence.accounts[account] === undefined || isUnread || named.type === 'federated user') return [name];
  if (named.type === 'session') return people.some((arn) => isRoleOf(arn, named.name)) ? [name] : [];
  return people.filter((arn) => matches(globOf(name), arn));
}

/** A pattern of principals may have a pattern of accounts, such as `arn:aws:iam::*:role/dr-*`. */
function withAccount(name: string, account: string): string {
  const arn = parseArn(name);
  return arn !== undefined && matches(globOf(arn.account), account) ? arnWith(arn, { account }) : name;
}

function isRoleOf(arn: string, role: string): boolean {
  return isRoleArn(arn) && arn.endsWith(`/${role}`);
}
