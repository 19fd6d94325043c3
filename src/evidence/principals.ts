import { isAccountId, isArn, parseArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { type PrincipalArn, parsePrincipalArn } from '../base/principal-arn.ts';
import { whatIsThere } from './nearest.ts';
import type { Account, Document, Evidence, Gap, InlinePolicy, Role, User } from './schema.ts';

/** A policy of the principal: its text, or why it could not be read. */
export type PolicyText = { readonly name: string; readonly document: Document } | ({ readonly name: string } & Unheld);

/** Why something is not in the evidence, in words, and the failed read that says so. */
interface Unheld {
  readonly unread: string;
  readonly gap?: Gap;
}

export interface Principal {
  /** As it was asked for. */
  readonly arn: string;
  readonly type: 'user' | 'role' | 'session' | 'root' | 'federated user';
  readonly account: string;
  /** Of a session: the ARN of its role, with path, if the evidence tells it. */
  readonly roleArn: string | undefined;
  readonly uniqueId: string | undefined;
  /** Undefined: not known. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly identity: readonly PolicyText[];
  readonly boundary: readonly PolicyText[] | undefined;
  /** Absent: none is known. */
  readonly session?: readonly PolicyText[];
}

/**
 * Whom the ARN of a principal names.
 * @throws Failure if it is not an ARN, or the ARN of something that cannot act (a group, a policy)
 */
export function readPrincipalArn(text: string): PrincipalArn {
  const principal = parsePrincipalArn(text);
  if (principal !== undefined) return principal;
  const arn = parseArn(text);
  if (arn?.service !== 'iam' || arn.region !== '' || !isAccountId(arn.account) || arn.resource === '')
    throw notAPrincipal(text);
  throw new Failure(
    'input',
    `principal \`${text}\` is a ${arn.type} and cannot act`,
    'give the ARN of a user, a role or a role session',
  );
}

function notAPrincipal(arn: string): Failure {
  return new Failure(
    'input',
    `principal \`${arn}\` is not the ARN of a user, role or session`,
    'give one such as arn:aws:iam::111122223333:role/operator, or a name in the account such as role/operator',
  );
}

/**
 * The principal with its policies. What the evidence does not hold of it is unread, never empty.
 * @throws Failure if the evidence holds the account's principals and this one is not among them
 */
export function findPrincipal(evidence: Evidence, arn: string): Principal {
  const named = readPrincipalArn(arn);
  if (named.type === 'root') return rootPrincipal(arn, named.account);
  const account = evidence.accounts[named.account];
  if (account === undefined) {
    throw new Failure(
      'input',
      `the evidence holds nothing of account ${named.account}, to which principal \`${arn}\` belongs; ${whatIsThere(named.account, Object.keys(evidence.accounts))}`,
      'check the ARN, or add an entry for the account to the evidence (an empty one says that its policies are not known)',
    );
  }
  const { type } = named;
  if (type === 'federated user')
    return unread(arn, named, { unread: 'the user that federated it does not show in its ARN' });
  return type === 'user' ? userPrincipal(evidence, account, arn, named) : rolePrincipal(evidence, account, arn, named);
}

function rootPrincipal(arn: string, account: string): Principal {
  const type = 'root';
  return { arn, type, account, roleArn: undefined, uniqueId: account, tags: {}, identity: [], boundary: undefined };
}

/**
 * A principal that the question names besides the one who asks. Of an account that the evidence does not hold, everything is unread.
 * @throws Failure if the evidence holds the account's principals and this one is not among them
 */
export function findOtherPrincipal(evidence: Evidence, arn: string): Principal {
  const named = readPrincipalArn(arn);
  const isHeld = named.type === 'root' || evidence.accounts[named.account] !== undefined;
  return isHeld
    ? findPrincipal(evidence, arn)
    : unread(arn, named, { unread: `the evidence holds nothing of account ${named.account}` });
}

/** What a role says about who may assume it. Undefined: the evidence does not hold it. */
export function trustPolicyOf(evidence: Evidence, roleArn: string): Document | undefined {
  const { account } = readPrincipalArn(roleArn);
  return evidence.accounts[account]?.iam?.RoleDetailList?.find((role) => role.Arn === roleArn)
    ?.AssumeRolePolicyDocument;
}

/** Undefined: the evidence does not tell. */
export function roleExists(evidence: Evidence, roleArn: string): boolean | undefined {
  const { account } = readPrincipalArn(roleArn);
  return evidence.accounts[account]?.iam?.RoleDetailList?.some((role) => role.Arn === roleArn);
}

function unread(arn: string, { type, account }: PrincipalArn, why: Unheld): Principal {
  const missing = [{ name: `identity policies of ${arn}`, ...why }];
  const boundary = [{ name: `permissions boundary of ${arn}`, ...why }];
  return { arn, type, account, roleArn: undefined, uniqueId: undefined, tags: undefined, identity: missing, boundary };
}

function unknownPrincipal(arn: string, account: string, names: readonly string[]): Failure {
  return new Failure(
    'input',
    `the evidence holds no principal \`${arn}\` in account ${account}; ${whatIsThere(arn, names)}`,
    'check --principal',
  );
}

function userPrincipal(evidence: Evidence, account: Account, arn: string, named: PrincipalArn): Principal {
  const users = account.iam?.UserDetailList;
  if (users === undefined) return unread(arn, named, refused(evidence, named.account, 'iam:GetUser'));
  const user = users.find((one) => one.Arn === arn);
  if (user === undefined) throw unknownPrincipal(arn, named.account, principalsOf(account));
  return {
    arn,
    type: 'user',
    account: named.account,
    roleArn: undefined,
    uniqueId: user.UserId,
    tags: tagsOf(user.Tags),
    identity: eachOnce([
      ...inline(user.UserPolicyList, `user ${user.UserName}`),
      ...attached(evidence, account, user, `user ${user.UserName}`),
      ...groupPolicies(evidence, account, user),
    ]),
    boundary: boundaryOf(evidence, account, user),
  };
}

function rolePrincipal(evidence: Evidence, account: Account, arn: string, named: PrincipalArn): Principal {
  const roles = account.iam?.RoleDetailList;
  if (roles === undefined) return unread(arn, named, refused(evidence, named.account, 'iam:GetRole'));
  const role = roles.find((one) => (named.type === 'session' ? one.RoleName === named.name : one.Arn === arn));
  if (role === undefined) throw unknownPrincipal(arn, named.account, principalsOf(account));
  return {
    arn,
    type: named.type,
    account: named.account,
    roleArn: role.Arn,
    uniqueId: role.RoleId,
    tags: tagsOf(role.Tags),
    identity: [
      ...inline(role.RolePolicyList, `role ${role.RoleName}`),
      ...attached(evidence, account, role, `role ${role.RoleName}`),
    ],
    boundary: boundaryOf(evidence, account, role),
  };
}

/** All users and roles of the evidence, by ARN. Root users can do what their accounts let them, and are listed nowhere. */
export function everyPrincipal(evidence: Evidence): readonly string[] {
  return Object.values(evidence.accounts).flatMap(principalsOf);
}

function principalsOf(account: Account): readonly string[] {
  return [...(account.iam?.UserDetailList ?? []), ...(account.iam?.RoleDetailList ?? [])].map((one) => one.Arn);
}

function tagsOf(
  tags: readonly { readonly Key: string; readonly Value: string }[] | undefined,
): Readonly<Record<string, string>> | undefined {
  return tags === undefined ? undefined : Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value]));
}

function inline(policies: readonly InlinePolicy[] | undefined, owner: string): readonly PolicyText[] {
  if (policies === undefined) return [{ name: `inline policies of ${owner}`, unread: 'they could not be listed' }];
  return policies.map(({ PolicyName: name, PolicyDocument: document }) =>
    document === undefined ? { name, unread: 'its text could not be read' } : { name, document },
  );
}

function attached(
  evidence: Evidence,
  account: Account,
  owner: Pick<User | Role, 'AttachedManagedPolicies'>,
  name: string,
): readonly PolicyText[] {
  if (owner.AttachedManagedPolicies === undefined)
    return [{ name: `managed policies of ${name}`, unread: 'they could not be listed' }];
  return owner.AttachedManagedPolicies.map((policy) => managed(evidence, account, policy.PolicyArn));
}

/** The default version of a managed policy. AWS managed ones are the same in every account. */
function managed(evidence: Evidence, account: Account, arn: string): PolicyText {
  const everywhere = Object.values(evidence.accounts).flatMap((one) => one.iam?.Policies ?? []);
  const policy = [...(account.iam?.Policies ?? []), ...everywhere].find((one) => one.Arn === arn);
  const version = policy?.PolicyVersionList?.find(
    (one) =>
      one.IsDefaultVersion === true || (one.VersionId !== undefined && one.VersionId === policy.DefaultVersionId),
  );
  return version?.Document === undefined
    ? { name: arn, unread: 'its default version is not in the evidence' }
    : { name: arn, document: version.Document };
}

/** A managed policy that a user has by way of several groups is one policy. */
function eachOnce(policies: readonly PolicyText[]): readonly PolicyText[] {
  const isFirst = ({ name }: PolicyText, index: number): boolean =>
    !isArn(name) || policies.findIndex((other) => other.name === name) === index;
  return policies.filter(isFirst);
}

function groupPolicies(evidence: Evidence, account: Account, user: User): readonly PolicyText[] {
  if (user.GroupList === undefined)
    return [{ name: `groups of user ${user.UserName}`, unread: 'they could not be listed' }];
  return user.GroupList.flatMap((name): readonly PolicyText[] => {
    const group = account.iam?.GroupDetailList?.find((one) => one.GroupName === name);
    if (group === undefined) return [{ name: `policies of group ${name}`, unread: 'the group is not in the evidence' }];
    return [...inline(group.GroupPolicyList, `group ${name}`), ...attached(evidence, account, group, `group ${name}`)];
  });
}

function boundaryOf(
  evidence: Evidence,
  account: Account,
  owner: Pick<User | Role, 'PermissionsBoundary' | 'Arn'>,
): readonly PolicyText[] | undefined {
  const { PermissionsBoundary: boundary } = owner;
  const gap = evidence.gaps?.find((one) => /^iam:Get(Role|User)$/.test(one.what) && one.resource === owner.Arn);
  if (boundary === undefined && gap !== undefined)
    return [{ name: `permissions boundary of ${owner.Arn}`, ...unheld(gap) }];
  return boundary === undefined ? undefined : [managed(evidence, account, boundary.PermissionsBoundaryArn)];
}

/** Why something is not in the evidence: the gap that says so, if there is one. */
export function refused(evidence: Evidence, account: string, ...reads: readonly string[]): Unheld {
  const gap = evidence.gaps?.find(
    (one) => reads.includes(one.what) && (one.account === undefined || one.account === account),
  );
  return gap === undefined ? { unread: 'the evidence does not hold it' } : unheld(gap);
}

function unheld(gap: Gap): Unheld {
  return { unread: `${gap.what}: ${gap.reason}`, gap };
}
