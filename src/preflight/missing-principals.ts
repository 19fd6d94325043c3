import { parseArn } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { beginningOfLater } from '../base/planned-name.ts';
import { isOfIdentityCenter, isServiceLinkedRole, parsePrincipalArn } from '../base/principal-arn.ts';
import type { Account, Evidence, PolicyDocument } from '../evidence/schema.ts';
import { readDocument } from '../policy/parse.ts';

/**
 * Finds the users and roles that a key policy names and that do not exist. KMS refuses to save such
 * a policy (iam-evaluation 2.10). `evidences`: the states before and after a plan, because a plan
 * has no order. `known`: the ARNs of other principals that exist. A session does not show the path
 * of its role, so only names are compared. Accounts whose users or roles were not read, and roles
 * that AWS services create, are left out.
 */
export function missingPrincipals(
  document: PolicyDocument,
  evidences: readonly Evidence[],
  known: readonly string[],
): readonly string[] {
  const missing = principalsNamedBy(document).filter((arn) => evidences.every((evidence) => isMissing(evidence, arn)));
  if (missing.length === 0) return missing;
  const names = new Set(known.map(nameIn));
  return missing.filter((arn) => !names.has(nameIn(arn)));
}

function nameIn(arn: string): string {
  const { account, name } = parsePrincipalArn(arn) ?? {};
  return `${account} ${name}`;
}

/** The AWS principals that the statements of a policy name, also those that they except. */
export function principalsNamedBy(document: PolicyDocument): readonly string[] {
  const read = readDocument(document);
  const policy = 'fault' in read || !isJson(read.value) ? {} : read.value;
  const { Statement: given } = policy;
  const all = (isList(given) ? given : [given])
    .filter(isJson)
    .flatMap(({ Principal: named, NotPrincipal: excepted }) =>
      [named, excepted].filter(isJson).flatMap(({ AWS: names }) => (isList(names) ? names : [names]).filter(isText)),
    );
  return [...new Set(all)];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isMissing({ accounts }: Evidence, text: string): boolean {
  const arn = parseArn(text);
  if (arn?.service !== 'iam' || isServiceLinkedRole(text) || isOfIdentityCenter(text)) return false;
  const all = Object.hasOwn(accounts, arn.account) ? listOf(accounts[arn.account], arn.type) : undefined;
  return all?.every((one) => one !== text && !mayBe(one, text)) === true;
}

function listOf(account: Account | undefined, type: string): readonly string[] | undefined {
  const { UserDetailList: users, RoleDetailList: roles } = account?.iam ?? {};
  const all = type === 'user' ? users : type === 'role' ? roles : undefined;
  return all?.map(({ Arn }) => Arn);
}

/** Whether a new user or role, whose name is known only after the apply, may have an ARN. */
function mayBe(arn: string, text: string): boolean {
  const beginning = beginningOfLater(arn);
  return beginning !== undefined && text.startsWith(beginning);
}
