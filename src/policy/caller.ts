import { iamArn, isAccountId, parseArn, stsArn, withoutPath } from '../base/arn.ts';
import { isServiceLinkedRole, parsePrincipalArn } from '../base/principal-arn.ts';
import { serviceIn } from '../base/service.ts';
import { absent, type Possible, present, presentUnknown, unknown } from './possible.ts';

/** Who makes a request, read from the ARN and from other facts about the principal. */
export type Caller =
  | (Identity & { readonly type: 'user'; readonly arn: string; readonly uniqueId: string | undefined })
  | (Identity & {
      readonly type: 'role session';
      /** Without the path, as in session ARNs. */
      readonly roleName: string;
      /**
       * The start of the ARNs of the role's sessions:
       * `arn:aws:sts::111122223333:assumed-role/NAME/`.
       */
      readonly sessions: string;
      /** The ARN with its path. Undefined: only the role name is known. */
      readonly role: string | undefined;
      /** Undefined: any session of the role. */
      readonly session: string | undefined;
      readonly uniqueId: string | undefined;
      readonly serviceLinked: boolean;
    })
  | (Identity & { readonly type: 'federated user'; readonly arn: string; readonly federatingUser: string | undefined })
  | (Identity & { readonly type: 'root'; readonly arn: string })
  | { readonly type: 'service'; readonly name: string };

interface Identity {
  readonly partition: string;
  readonly account: string;
  /** The start of the ARNs of the account's users and roles: `arn:aws:iam::111122223333:`. */
  readonly iam: string;
}

/** What is known about a principal in addition to its ARN or name. */
export interface CallerInput {
  readonly principal: string;
  readonly roleArn?: string | undefined;
  readonly userId?: string | undefined;
  readonly federatingUser?: string | undefined;
}

/** Thrown for a request whose principal cannot make calls, such as a group. */
export class InvalidRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidRequest';
  }
}

/** @throws InvalidRequest */
export function readCaller(input: CallerInput): Caller {
  const { principal, userId: uniqueId, roleArn } = input;
  const found = parsePrincipalArn(principal);
  if (found === undefined) {
    if (serviceIn(principal) !== undefined) return { type: 'service', name: principal };
    throw notACaller(principal);
  }
  const { account, type, name } = found;
  const { partition } = found.arn;
  const identity = { partition, account, iam: iamArn(partition, account, '') };
  switch (type) {
    case 'root':
      return { type, ...identity, arn: principal };
    case 'user':
      return { type, ...identity, arn: principal, uniqueId };
    case 'role':
      return roleSession(identity, { roleName: name, role: principal, session: undefined, uniqueId });
    case 'session':
      return roleSession(identity, { roleName: name, role: roleArn, session: found.session, uniqueId });
    case 'federated user':
      return { type, ...identity, arn: principal, federatingUser: input.federatingUser };
  }
}

function notACaller(principal: string): InvalidRequest {
  const arn = parseArn(principal);
  const why =
    arn === undefined
      ? 'is neither an ARN nor a service principal'
      : isAccountId(arn.account)
        ? 'is not a user, role, session, root user or service, so it cannot make calls'
        : 'names no account';
  return new InvalidRequest(`principal \`${principal}\` ${why}`);
}

interface RoleName {
  readonly roleName: string;
  readonly role: string | undefined;
  readonly session: string | undefined;
  readonly uniqueId: string | undefined;
}

function roleSession(identity: Identity, name: RoleName): Caller {
  const serviceLinked = name.role !== undefined && isServiceLinkedRole(name.role);
  const sessions = stsArn(identity.partition, identity.account, `assumed-role/${name.roleName}/`);
  return { type: 'role session', ...identity, ...name, sessions, serviceLinked };
}

/**
 * The state of a condition key that follows from the caller (iam-evaluation 4.9, 7B). Undefined:
 * the caller does not determine the key.
 */
export function callerKey(keyId: string, caller: Caller): Possible | undefined {
  const service = caller.type === 'service';
  switch (keyId) {
    case 'aws:principalisawsservice':
      return present(String(service));
    case 'aws:principalservicename':
      return service ? present(caller.name) : absent;
    case 'aws:principalservicenameslist':
      // All names that belong to the service. AWS does not publish which these are for RDS.
      return service ? presentUnknown : absent;
    case 'aws:principalarn':
      return principalArn(caller);
    case 'aws:principalaccount':
    case 'kms:calleraccount':
      // AWS does not say whether the key is present for service principals (iam-evaluation 11.6).
      return service ? unknown : present(caller.account);
    case 'aws:principaltype':
      return service ? unknown : present(principalTypes[caller.type]);
    case 'aws:username':
      return caller.type === 'user' ? present(withoutPath(caller.arn)) : absent;
    case 'aws:userid':
      return userId(caller);
    default:
      return undefined;
  }
}

const principalTypes = {
  user: 'User',
  'role session': 'AssumedRole',
  'federated user': 'FederatedUser',
  root: 'Account',
} as const;

function principalArn(caller: Caller): Possible {
  switch (caller.type) {
    case 'user':
    case 'federated user':
    case 'root':
      return present(caller.arn);
    case 'role session':
      if (caller.role !== undefined) return present(caller.role);
      return {
        absent: false,
        values: { startsWith: `${caller.iam}role/`, fresh: false },
      };
    case 'service':
      // AWS does not say what the value is (iam-evaluation 11.6). It is certainly not the ARN of a
      // user or role.
      return { absent: true, values: { startsWith: '', fresh: true } };
  }
}

function userId(caller: Caller): Possible {
  switch (caller.type) {
    case 'root':
      return present(caller.account);
    case 'user':
      return caller.uniqueId === undefined ? presentUnknown : present(caller.uniqueId);
    case 'federated user':
      return present(`${caller.account}:${withoutPath(caller.arn)}`);
    case 'role session':
      if (caller.uniqueId === undefined) return presentUnknown;
      if (caller.session !== undefined) return present(`${caller.uniqueId}:${caller.session}`);
      return { absent: false, values: { startsWith: `${caller.uniqueId}:`, fresh: false } };
    case 'service':
      return unknown;
  }
}
