import { iamArn, parseArn } from '../base/arn.ts';
import { absent, type Possible, present, presentUnknown, unknown } from './possible.ts';

/** Who makes a request, read from its ARN and what is known besides. */
export type Caller =
  | (Identity & { readonly type: 'user'; readonly arn: string; readonly uniqueId: string | undefined })
  | (Identity & {
      readonly type: 'role session';
      /** Without path: the form of session ARNs. */
      readonly roleName: string;
      /** How the ARNs of its sessions begin: `arn:aws:sts::111122223333:assumed-role/NAME/`. */
      readonly sessions: string;
      /** ARN with path; undefined: only its name is known. */
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
  /** How the ARNs of the account's users and roles begin: `arn:aws:iam::111122223333:`. */
  readonly iam: string;
}

/** What is said of a principal beside its name. */
export interface CallerInput {
  readonly principal: string;
  readonly roleArn?: string;
  readonly userId?: string;
  readonly federatingUser?: string;
}

/** Thrown for a request that is no question: its principal is none that can act. */
export class InvalidRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidRequest';
  }
}

/** @throws InvalidRequest */
export function readCaller(input: CallerInput): Caller {
  const { principal, userId: uniqueId, roleArn } = input;
  const arn = parseArn(principal);
  if (arn === undefined) {
    if (isServicePrincipal(principal)) return { type: 'service', name: principal };
    throw new InvalidRequest(`principal \`${principal}\` is neither an ARN nor a service principal`);
  }
  const { partition, service, account, resource } = arn;
  const [kind = '', ...names] = resource.split('/');
  const name = names.at(-1) ?? '';
  if (!/^\d{12}$/.test(account)) throw new InvalidRequest(`principal \`${principal}\` names no account`);
  const identity = { partition, account, iam: iamArn(partition, account, '') };
  if (service === 'iam' && resource === 'root') return { type: 'root', ...identity, arn: principal };
  if (service === 'iam' && kind === 'user' && name !== '')
    return { type: 'user', ...identity, arn: principal, uniqueId };
  if (service === 'iam' && kind === 'role' && name !== '') {
    return roleSession(identity, { roleName: name, role: principal, session: undefined, uniqueId });
  }
  if (service === 'sts' && kind === 'assumed-role' && names.length === 2) {
    return roleSession(identity, { roleName: names[0] ?? '', role: roleArn, session: name, uniqueId });
  }
  if (service === 'sts' && kind === 'federated-user' && name !== '') {
    return { type: 'federated user', ...identity, arn: principal, federatingUser: input.federatingUser };
  }
  throw new InvalidRequest(
    `principal \`${principal}\` is not a user, role, session, root user or service, so it cannot act`,
  );
}

/** Domain names of the partitions: aws, aws-us-gov and mostly all others; aws-cn; aws-eusc; aws-iso, -b, -e and -f. */
const domains = [
  ...['amazonaws.com', 'amazonaws.com.cn', 'amazonaws.eu'],
  ...['c2s.ic.gov', 'sc2s.sgov.gov', 'cloud.adc-e.uk', 'csp.hci.ic.gov'],
];

function isServicePrincipal(text: string): boolean {
  return (
    /^[a-z0-9.-]+$/.test(text) &&
    domains.some((domain) => text.endsWith(`.${domain}`) && text.length > domain.length + 1)
  );
}

interface RoleName {
  readonly roleName: string;
  readonly role: string | undefined;
  readonly session: string | undefined;
  readonly uniqueId: string | undefined;
}

function roleSession(identity: Identity, name: RoleName): Caller {
  const serviceLinked = name.role?.includes(':role/aws-service-role/') === true;
  const sessions = `arn:${identity.partition}:sts::${identity.account}:assumed-role/${name.roleName}/`;
  return { type: 'role session', ...identity, ...name, sessions, serviceLinked };
}

/** What the caller itself tells of a condition key (iam-evaluation 4.9, 7B); undefined for keys that it tells nothing of. */
export function callerKey(keyId: string, caller: Caller): Possible | undefined {
  const service = caller.type === 'service';
  switch (keyId) {
    case 'aws:principalisawsservice':
      return present(String(service));
    case 'aws:principalservicename':
    case 'aws:principalservicenameslist':
      return service ? present(caller.name) : absent;
    case 'aws:principalarn':
      return principalArn(caller);
    case 'aws:principalaccount':
    case 'kms:calleraccount':
      // Of service principals AWS does not say (iam-evaluation 11.6).
      return service ? unknown : present(caller.account);
    case 'aws:principaltype':
      return service ? unknown : present(principalTypes[caller.type]);
    case 'aws:username':
      return caller.type === 'user' ? present(lastName(caller.arn)) : absent;
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

function lastName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

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
        values: { startsWith: `arn:${caller.partition}:iam::${caller.account}:role/`, fresh: false },
      };
    case 'service':
      // Not stated (iam-evaluation 11.6); whatever it is, it is not the ARN of somebody's user or role.
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
      return present(`${caller.account}:${lastName(caller.arn)}`);
    case 'role session':
      if (caller.uniqueId === undefined) return presentUnknown;
      if (caller.session !== undefined) return present(`${caller.uniqueId}:${caller.session}`);
      return { absent: false, values: { startsWith: `${caller.uniqueId}:`, fresh: false } };
    case 'service':
      return unknown;
  }
}
