import { isAccountId, isArn, parseArn, rootArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { whatIsThere } from '../base/nearest.ts';
import { partitionOf } from '../base/partition.ts';
import { knownAfterApply, mayGetArn } from '../base/planned-name.ts';
import { type PrincipalArn, parsePrincipalArn } from '../base/principal-arn.ts';
import type { Directory } from './directory.ts';
import { NotHeld } from './not-held.ts';
import { type PolicyText, refused, type Unheld, unheld } from './policy-text.ts';
import type { Account, Evidence, InlinePolicy, PolicyDocument, Role, User } from './schema.ts';

export interface Principal {
  /** As the question names it. */
  readonly arn: string;
  readonly type: 'user' | 'role' | 'session' | 'root' | 'federated user';
  readonly account: string;
  /** The ARN of the role of a session, with its path, if the evidence has it. */
  readonly roleArn: string | undefined;
  /** The ARN of the user that federated the session, if it is known. */
  readonly federatedBy?: string;
  readonly uniqueId: string | undefined;
  /** Undefined: not known. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly identity: readonly PolicyText[];
  readonly boundary: readonly PolicyText[] | undefined;
  /** Absent: no session policy is known. */
  readonly session?: readonly PolicyText[];
  /** The policies are assumed. They are not those of the principal with the ARN. */
  readonly isSupposed?: true;
}

/**
 * The principal with an ARN.
 * @throws Failure if the text is not an ARN, or is the ARN of something that cannot act (a group, a
 * policy)
 */
export function readPrincipalArn(text: string): PrincipalArn {
  const principal = parsePrincipalArn(text);
  if (principal !== undefined) return principal;
  const arn = parseArn(text);
  if (arn?.service !== 'iam' || arn.region !== '' || !isAccountId(arn.account) || !arn.resource.includes('/'))
    throw notAPrincipal(text);
  throw new Failure(
    'input',
    `principal \`${text}\` cannot make calls: its type is ${arn.type}`,
    'give the ARN of a user, a role or a role session',
  );
}

function notAPrincipal(arn: string): Failure {
  return new Failure(
    'input',
    `principal \`${arn}\` is not the ARN of a user, role or session`,
    /[*?]/.test(arn)
      ? 'give one name or ARN, or check everybody that a pattern matches with `aurora-kms-check who-can`'
      : 'give a name in the account, such as role/NAME or user/NAME, or the ARN of a user, role or session',
  );
}

/**
 * The principal with its policies. Parts that the evidence does not have are unread, never empty.
 * `federatedBy`: the ARN of the user that federated the session, which the ARN of a federated user
 * does not show.
 * @throws Failure if the evidence has the account's principals and this one is not among them
 */
export function findPrincipal(directory: Directory, arn: string, federatedBy?: string): Principal {
  const named = readPrincipalArn(arn);
  if (named.type === 'root') return rootPrincipal(arn, named.account);
  const { evidence } = directory;
  if (evidence.accounts[named.account] === undefined) {
    throw new NotHeld(
      { is: 'principal', name: arn, isCertain: false },
      `account ${named.account} of principal \`${arn}\` was not read; ${whatIsThere(named.account, Object.keys(evidence.accounts))}`,
      'check the ARN, or read this account too (`aurora-kms-check collect`), and add its file with --evidence',
    );
  }
  const { type } = named;
  if (type === 'federated user' && federatedBy !== undefined) return federatedPrincipal(directory, arn, federatedBy);
  if (type === 'federated user')
    return unread(arn, named, { unread: 'the ARN does not show the user that federated the session' });
  return type === 'user' ? userPrincipal(directory, arn, named) : rolePrincipal(directory, arn, named);
}

function rootPrincipal(arn: string, account: string): Principal {
  const type = 'root';
  return { arn, type, account, roleArn: undefined, uniqueId: account, tags: {}, identity: [], boundary: undefined };
}

/**
 * Another principal in the question. If the evidence does not have its account, all its data is
 * unread.
 * @throws Failure if the evidence has the account's principals and this one is not among them
 */
export function findOtherPrincipal(directory: Directory, arn: string): Principal {
  const named = readPrincipalArn(arn);
  const isHeld = named.type === 'root' || directory.evidence.accounts[named.account] !== undefined;
  if (!isHeld) return unread(arn, named, { unread: `account ${named.account} was not read` });
  return named.type === 'role' && typeof roleExists(directory, arn) === 'object'
    ? unread(arn, named, { unread: knownAfterApply })
    : findPrincipal(directory, arn);
}

/** The trust policy of a role. Undefined: the evidence does not have the role. */
export function trustPolicyOf({ roles }: Directory, roleArn: string): PolicyDocument | undefined {
  const { account } = readPrincipalArn(roleArn);
  return roles(account)?.get(roleArn)?.AssumeRolePolicyDocument;
}

/**
 * Undefined: the evidence does not show it. An object: a role whose name is known only after a plan
 * is applied may get this name. `later`: the placeholder of its ARN.
 */
export function roleExists({ roles }: Directory, roleArn: string): boolean | { readonly later: string } | undefined {
  const { account } = readPrincipalArn(roleArn);
  const held = roles(account);
  if (held === undefined || held.has(roleArn)) return held?.has(roleArn);
  const later = [...held.keys()].find((one) => mayGetArn(one, roleArn));
  return later === undefined ? false : { later };
}

function unread(arn: string, { type, account }: PrincipalArn, why: Unheld): Principal {
  const missing = [{ name: `identity policies of ${arn}`, ...why }];
  const boundary = [{ name: `permissions boundary of ${arn}`, ...why }];
  return { arn, type, account, roleArn: undefined, uniqueId: undefined, tags: undefined, identity: missing, boundary };
}

function unknownPrincipal(arn: string, { account }: PrincipalArn, { evidence }: Directory): Failure {
  const names = principalsIn(evidence, account);
  return new NotHeld(
    { is: 'principal', name: arn, isCertain: true },
    `no principal \`${arn}\` in account ${account}; ${whatIsThere(arn, names)}`,
    'check --principal',
  );
}

function userPrincipal(directory: Directory, arn: string, named: PrincipalArn): Principal {
  const { account } = named;
  const users = directory.users(account);
  if (users === undefined) return unread(arn, named, refused(directory.evidence, account, 'iam:GetUser'));
  const user = users.get(arn);
  if (user === undefined) throw unknownPrincipal(arn, named, directory);
  return {
    arn,
    type: 'user',
    account,
    roleArn: undefined,
    uniqueId: user.UserId,
    tags: tagsOf(user.Tags),
    identity: eachOnce([
      ...inline(user.UserPolicyList, `user ${user.UserName}`),
      ...attached(directory, account, user, `user ${user.UserName}`),
      ...groupPolicies(directory, account, user),
    ]),
    boundary: boundaryOf(directory, account, user),
  };
}

/**
 * A session of GetFederationToken. It has the policies and the boundary of its user, as far as the
 * session policy allows the same (iam-evaluation 5.1). Its session tags are not known.
 */
function federatedPrincipal(directory: Directory, arn: string, federatedBy: string): Principal {
  const user = userPrincipal(directory, federatedBy, readPrincipalArn(federatedBy));
  return { ...user, arn, type: 'federated user', federatedBy, uniqueId: undefined, tags: undefined };
}

function rolePrincipal(directory: Directory, arn: string, named: PrincipalArn): Principal {
  const { account } = named;
  const roles = named.type === 'session' ? directory.rolesByName(account) : directory.roles(account);
  if (roles === undefined) return unread(arn, named, refused(directory.evidence, account, 'iam:GetRole'));
  const role = roles.get(named.type === 'session' ? named.name : arn);
  if (role === undefined) throw unknownPrincipal(arn, named, directory);
  return {
    arn,
    type: named.type,
    account,
    roleArn: role.Arn,
    uniqueId: role.RoleId,
    tags: tagsOf(role.Tags),
    identity: [
      ...inline(role.RolePolicyList, `role ${role.RoleName}`),
      ...attached(directory, account, role, `role ${role.RoleName}`),
    ],
    boundary: boundaryOf(directory, account, role),
  };
}

/** All users and roles of the evidence, by ARN. No list has root users. */
export function everyPrincipal(evidence: Evidence): readonly string[] {
  return Object.values(evidence.accounts).flatMap(principalsOf);
}

/** All users, roles and root users of the evidence, by ARN. */
export function everyActor(evidence: Evidence): readonly string[] {
  return [...everyPrincipal(evidence), ...everyRoot(evidence)];
}

/** The root users of the accounts that the evidence has, by ARN. */
export function everyRoot(evidence: Evidence): readonly string[] {
  return Object.keys(evidence.accounts).map((account) => rootArn(partitionAt(evidence, account), account));
}

/** The partition of an account, taken from its Regions and principals in the evidence. */
export function partitionAt({ accounts, caller }: Evidence, account: string): string {
  const { iam, regions = {} } = accounts[account] ?? {};
  const [region] = Object.keys(regions);
  const arn = iam?.RoleDetailList?.[0]?.Arn ?? iam?.UserDetailList?.[0]?.Arn ?? caller?.Arn ?? '';
  return parseArn(arn)?.partition ?? (region === undefined ? 'aws' : partitionOf(region));
}

/** The users and roles of an account, by ARN, as far as the evidence has them. */
export function principalsIn({ accounts }: Evidence, account: string): readonly string[] {
  return Object.hasOwn(accounts, account) ? principalsOf(accounts[account]) : [];
}

function principalsOf(account: Account | undefined): readonly string[] {
  const { UserDetailList: users = [], RoleDetailList: roles = [] } = account?.iam ?? {};
  return [...users, ...roles].map((one) => one.Arn);
}

function tagsOf(
  tags: readonly { readonly Key: string; readonly Value: string }[] | undefined,
): Readonly<Record<string, string>> | undefined {
  return tags === undefined ? undefined : Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value]));
}

function inline(policies: readonly InlinePolicy[] | undefined, owner: string): readonly PolicyText[] {
  if (policies === undefined) return [{ name: `inline policies of ${owner}`, unread: 'the list was not read' }];
  return policies.map(({ PolicyName: name, PolicyDocument: document }) =>
    document === undefined ? { name, unread: 'the text was not read' } : { name, document },
  );
}

function attached(
  directory: Directory,
  account: string,
  owner: Pick<User | Role, 'AttachedManagedPolicies'>,
  name: string,
): readonly PolicyText[] {
  if (owner.AttachedManagedPolicies === undefined)
    return [{ name: `managed policies of ${name}`, unread: 'the list was not read' }];
  return owner.AttachedManagedPolicies.map((policy) => directory.managedPolicy(account, policy.PolicyArn));
}

/** A managed policy that a user has through several groups counts once. */
function eachOnce(policies: readonly PolicyText[]): readonly PolicyText[] {
  const isFirst = ({ name }: PolicyText, index: number): boolean =>
    !isArn(name) || policies.findIndex((other) => other.name === name) === index;
  return policies.filter(isFirst);
}

function groupPolicies(directory: Directory, account: string, user: User): readonly PolicyText[] {
  if (user.GroupList === undefined)
    return [{ name: `groups of user ${user.UserName}`, unread: 'the list was not read' }];
  return user.GroupList.flatMap((name): readonly PolicyText[] => {
    const group = directory.groups(account)?.get(name);
    if (group === undefined) return [{ name: `policies of group ${name}`, unread: 'the group was not read' }];
    return [...inline(group.GroupPolicyList, `group ${name}`), ...attached(directory, account, group, `group ${name}`)];
  });
}

function boundaryOf(
  directory: Directory,
  account: string,
  owner: Pick<User | Role, 'PermissionsBoundary' | 'Arn'>,
): readonly PolicyText[] | undefined {
  const { PermissionsBoundary: boundary } = owner;
  const gap = directory.unreadPrincipal(owner.Arn);
  if (boundary === undefined && gap !== undefined)
    return [{ name: `permissions boundary of ${owner.Arn}`, ...unheld(gap) }];
  if (boundary === undefined) return undefined;
  const policy = directory.managedPolicy(account, boundary.PermissionsBoundaryArn);
  // The boundary counts even if its text was not read.
  return ['unread' in policy ? { ...policy, exists: true } : policy];
}
