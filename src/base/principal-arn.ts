import { type Arn, arnWith, iamArn, isAccountId, isArn, parseArn, withoutPath } from './arn.ts';

/** A principal that can make calls, from its ARN (iam-evaluation 2.4-2.9). */
export interface PrincipalArn {
  readonly arn: Arn;
  readonly type: 'user' | 'role' | 'session' | 'root' | 'federated user';
  readonly account: string;
  /**
   * The name of the user, role or federated user, without its path. For a session: the name of its
   * role. For the root user: `root`.
   */
  readonly name: string;
  /** The name of a session. Undefined: the principal is not a session. */
  readonly session: string | undefined;
}

/**
 * Undefined: the text is not an ARN, or the ARN names something that cannot make calls, such as a
 * group or a policy.
 */
export function parsePrincipalArn(text: string): PrincipalArn | undefined {
  const arn = parseArn(text);
  if (arn === undefined || arn.region !== '' || !isAccountId(arn.account)) return undefined;
  const found = namedBy(arn);
  if (found === undefined) return undefined;
  const { type, name, session } = found;
  return { arn, type, account: arn.account, name, session };
}

type Named = Pick<PrincipalArn, 'type' | 'name'> & { readonly session?: string };

function namedBy({ service, resource, type, name }: Arn): Named | undefined {
  if (service === 'iam' && resource === 'root') return { type: 'root', name: 'root' };
  if (resource[type.length] !== '/') return undefined;
  const own = withoutPath(name);
  if (own === '') return undefined;
  if (service === 'iam') return type === 'user' || type === 'role' ? { type, name: own } : undefined;
  if (service !== 'sts') return undefined;
  if (type === 'federated-user') return { type: 'federated user', name: own };
  const slash = name.length - own.length - 1;
  return type === 'assumed-role' && slash > 0 && name.indexOf('/') === slash
    ? { type: 'session', name: name.slice(0, slash), session: own }
    : undefined;
}

/** The ARN of a session of a role. It contains the name of the role, but not its path. */
export function sessionArn(role: Arn, session: string): string {
  return arnWith(role, { service: 'sts', resource: `assumed-role/${withoutPath(role.name)}/${session}` });
}

/**
 * The ARN of a role that is given by its ARN, or by its name in an account with or without its
 * type: `role/exporter`, `exporter`.
 */
export function roleArnIn(partition: string, account: string, role: string): string {
  return isArn(role) ? role : iamArn(partition, account, `role/${role.replace(/^role\//i, '')}`);
}

/** Whether a text is the unique ID of a user or role, which AWS shows in place of the ARN of a deleted one. */
export function isPrincipalId(text: string): boolean {
  return /^A(?:IDA|ROA)[A-Z0-9]+$/.test(text);
}

/** Whether a text names a role: by its ARN, or by its name with or without its type and path. */
export function isRoleName(text: string): boolean {
  return isArn(text)
    ? parsePrincipalArn(text)?.type === 'role'
    : /^(?:role\/)?(?!(?:user|group|assumed-role)\/)[\w+=,.@-]+(?:\/[\w+=,.@-]+)*$/i.test(text);
}

/** Whether a text is the ARN of a role. The ARN of a session is not. */
export function isRoleArn(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'iam' && arn.type === 'role';
}

/** Whether a text is the ARN of a session of a role. It does not show the path of the role. */
export function isSessionOf(text: string, roleArn: string): boolean {
  const [session, role] = [parsePrincipalArn(text), parsePrincipalArn(roleArn)];
  if (session?.type !== 'session' || role?.type !== 'role') return false;
  return session.arn.partition === role.arn.partition && session.account === role.account && session.name === role.name;
}

/** Whether a text is the ARN of a service-linked role, whose policies only AWS changes. */
export function isServiceLinkedRole(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'iam' && arn.resource.startsWith('role/aws-service-role/');
}

/** Whether a text is the ARN of a role of a permission set, or of a session of such a role. */
export function isOfIdentityCenter(text: string): boolean {
  return /(?:^|\/)AWSReservedSSO_/.test(parseArn(text)?.resource ?? '');
}

const withType = /^(?:root|(?:user|role)\/[\w+=,.@/-]*[\w+=,.@-]|assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+)$/i;

/**
 * Whether a text names a principal of an account by type and name: `role/dr-restore`, `user/alice`
 * or `root`.
 */
export function isTypedName(text: string): boolean {
  return withType.test(text);
}
