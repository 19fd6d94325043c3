import { accountOf, type Place, regionalArn } from '../../base/arn.ts';
import { lazily } from '../../base/lazily.ts';
import { isRoleArn } from '../../base/principal-arn.ts';
import { remembered } from '../../base/remembered.ts';
import { serviceIn } from '../../base/service.ts';
import type { Directory } from '../../evidence/directory.ts';
import type { OrganizationPath } from '../../evidence/lookup.ts';
import { trustPolicyOf } from '../../evidence/principals.ts';
import type { Operation } from '../../operations/operation.ts';
import { type Authorizer, compile, type Decision } from '../../policy/authorize.ts';
import { conditionKey } from '../../policy/condition-keys.ts';
import { parse } from '../../policy/parse.ts';
import type { Policies } from '../../policy/policies.ts';
import { absent, type Possible, present, presentUnknown, unknown } from '../../policy/possible.ts';
import type { RequestInput } from '../../policy/request.ts';
import { assumedSilent } from '../assumption.ts';
import { everyCall, ofServiceNetwork, timesFrom } from '../call-context.ts';
import { readLevels } from '../call-policies.ts';
import type { ControlPoliciesUnread } from './reason.ts';

/** `unread`: the RCPs that are assumed to be silent. */
interface Trusted {
  readonly decision: Decision;
  readonly unread: readonly ControlPoliciesUnread[];
}

/**
 * Whether a service may assume a role on behalf of an account in a Region. `about`: the resource on
 * whose behalf the service acts, as its call names it in aws:SourceArn. Absent: any resource of the
 * service.
 */
type Trust = (service: string, at: Place, about?: Possible) => Trusted;

/**
 * Who may assume a role, according to its trust policy and the RCPs of its account, because RCPs
 * cover STS (iam-evaluation 5.31). The policies are read once for many questions. `evaluatedAt`: when
 * the service assumes the role, as ISO text; absent: at any time. Undefined: the evidence has no
 * trust policy of the role.
 */
export function trustOf(
  directory: Directory,
  roleArn: string,
  evaluatedAt?: string,
): Trust | 'not understood' | undefined {
  const document = trustPolicyOf(directory, roleArn);
  if (document === undefined) return undefined;
  if ('faults' in parse('resource', roleArn, document)) return 'not understood';
  const organization = directory.organization(accountOf(roleArn));
  const compiled = (rcps: Policies['rcps']): Authorizer =>
    compile({ identity: [], resource: { name: roleArn, document }, ...(rcps === undefined ? {} : { rcps }) });
  const { rcps } = organization;
  const read = readLevels(rcps);
  const strict = compiled(rcps);
  const assuming = read === rcps ? strict : compiled(read);
  // RCPs do not apply to the management account (iam-evaluation 5.30).
  const isReachOpen = rcps !== undefined && organization.isManagementAccount === undefined;
  const of = accountOf(roleArn);
  const unreached = lazily(() => compiled({ unread: `whether account ${of} is the management account: not read` }));
  return (service, at, about) => {
    const request = requestOf({
      roleArn,
      service,
      at,
      about: about ?? anythingOf(service, at),
      organization,
      evaluatedAt,
      times: strict.times,
    });
    const strictly = strict.authorize(request);
    if (strictly.decision === 'denied' && isReachOpen) return { decision: unreached().authorize(request), unread: [] };
    if (strictly.decision !== 'depends') return { decision: strictly, unread: [] };
    return { decision: assuming.authorize(request), unread: assumedSilent(strictly) };
  };
}

interface Asked {
  readonly roleArn: string;
  readonly service: string;
  readonly at: Place;
  readonly about: Possible;
  readonly organization: OrganizationPath;
  readonly evaluatedAt: string | undefined;
  readonly times: Authorizer['times'];
}

/** Any ARN of the service: `export.rds` acts for RDS. */
function anythingOf(service: string, at: Place): Possible {
  const vendor = serviceIn(service)?.split('.').at(-1) ?? '';
  return { absent: false, values: { startsWith: regionalArn(vendor, at, ''), fresh: false } };
}

/**
 * The account and the resource for which a service calls. RDS sends both, so that trust policies
 * can distinguish customers (rds-kms-operations 4.7, rds-kms-operations-2 14.5). AWS does not
 * publish whether AWS Backup does.
 */
function sourceOf({ service, at, about }: Asked): Readonly<Record<string, Possible>> {
  const account = present(at.account);
  if (service.includes('.rds.')) return { 'aws:sourceaccount': account, 'aws:sourcearn': about };
  return {
    'aws:sourceaccount': { ...account, absent: true, together: ['aws:sourcearn'] },
    'aws:sourcearn': { ...about, absent: true, together: ['aws:sourceaccount'] },
  };
}

function requestOf(asked: Asked): RequestInput {
  const { roleArn, service, organization, evaluatedAt, times: compared } = asked;
  // Calls of service principals also carry the time (iam-evaluation 7B).
  const times = evaluatedAt === undefined ? unknown : timesFrom(evaluatedAt, compared);
  const known: Readonly<Record<string, Possible>> = {
    'aws:currenttime': times,
    'aws:epochtime': times,
    ...sourceOf(asked),
    'aws:sourceorgid': unknown,
    'aws:sourceorgpaths': unknown,
    // A service principal belongs to no organization (iam-evaluation 7.5).
    'aws:principalorgid': absent,
    'aws:principalorgpaths': absent,
    'aws:resourceorgid': organizationKey(organization.id),
    'aws:resourceorgpaths':
      organization.path !== undefined ? present(organization.path) : organization.id === null ? absent : unknown,
    'sts:externalid': absent,
    // The service names the session. A session with a source identity or with tags would need
    // further permissions, which AWS's trust policies for these services do not have.
    'sts:rolesessionname': presentUnknown,
    'sts:sourceidentity': absent,
    'sts:transitivetagkeys': absent,
  };
  return {
    principal: service,
    action: 'sts:AssumeRole',
    resource: { arn: roleArn, account: accountOf(roleArn) },
    resourceInManagementAccount: organization.isManagementAccount,
    possible: (keyId) => known[keyId] ?? ofServiceCall(keyId),
  };
}

/**
 * The state of a key that says nothing about the source of the call (iam-evaluation 7.5, 7B). A key of STS or a
 * global key that is not in the table may have any value. Undefined: the key follows from the caller, or is absent.
 */
function ofServiceCall(keyId: string): Possible | undefined {
  if (isTagOfRole(keyId)) return unknown;
  const key = conditionKey(keyId);
  if (key?.filledBy === 'network') return ofServiceNetwork;
  if (key === undefined && /^(?:aws|sts):/.test(keyId)) return unknown;
  return key?.filledBy === 'every request' ? everyCall(keyId) : undefined;
}

function isTagOfRole(keyId: string): boolean {
  return keyId.startsWith('aws:resourcetag/') || keyId.startsWith('iam:resourcetag/');
}

/** `id`: see OrganizationPath. */
function organizationKey(id: string | null | undefined): Possible {
  return id === undefined ? unknown : id === null ? absent : present(id);
}

/**
 * Whether a principal can run an operation in a Region at all. AWS Backup jobs run only as a role
 * that AWS Backup may assume; other operations have no such limit. The trust policy of the role is
 * read once, and only for AWS Backup jobs. The answers are kept as long as the function is.
 */
export function runners(
  directory: Directory,
): (principal: string) => (operation: Operation, region: string) => boolean {
  const answered = new Map<string, boolean>();
  return (principal) => {
    // Nearly all operations that run as a role run as a role of the same service.
    const trusts = lazily(() => {
      if (!isRoleArn(principal)) return () => false;
      const trust = trustReader(directory, principal, answered);
      const account = accountOf(principal);
      const ofService = remembered((service) => remembered((region) => trust(service, { account, region })));
      return (service: string, region: string) => ofService(service)(region);
    });
    return (operation, region) => operation.runsAsRole !== true || trusts()(operation.assumedBy ?? '', region);
  };
}

/**
 * Whether a service may assume a role. If no RCP counts, roles of one account with the same trust
 * policy share one answer, and most roles share their trust policy with many others.
 */
function trustReader(
  directory: Directory,
  roleArn: string,
  answered: Map<string, boolean>,
): (service: string, at: Place) => boolean {
  const document = JSON.stringify(trustPolicyOf(directory, roleArn));
  const organization = directory.organization(accountOf(roleArn));
  const isShared = organization.rcps === undefined && document !== undefined && !document.includes('Resource');
  const known = isShared ? answered : new Map<string, boolean>();
  let trust: ReturnType<typeof trustOf> | 'not read' = 'not read';
  return (service, at) => {
    const name = `${service} ${at.account} ${at.region} ${document}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    if (trust === 'not read') trust = trustOf(directory, roleArn);
    const may = typeof trust === 'function' && trust(service, at).decision.decision !== 'denied';
    known.set(name, may);
    return may;
  };
}
