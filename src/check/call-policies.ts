import { bucketArn, parseArn, rootArn } from '../base/arn.ts';
import type { Directory } from '../evidence/directory.ts';
import { endpointPolicyOf, findBucket, type OrganizationPath, ramPolicyName } from '../evidence/lookup.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import type { Principal } from '../evidence/principals.ts';
import type { CallRow } from '../operations/operation.ts';
import { type Authorizer, compile } from '../policy/authorize.ts';
import type { Grant } from '../policy/grants.ts';
import type { Policies, ReadDocuments } from '../policy/policies.ts';
import { awsManagedKeyPolicy } from './aws-managed-key.ts';
import { type BoundKey, keyNameOf } from './bind.ts';
import { vaultPolicyOf } from './vault.ts';

/**
 * The service principal of RDS, which also appears in keys such as aws:CalledVia
 * (rds-kms-operations 3.2).
 */
export const rdsService = 'rds.amazonaws.com';

/** The service principal of a service's call. */
export function servicePrincipalOf(row: Pick<CallRow, 'as'>): string {
  return row.as ?? rdsService;
}

/** Stands for the grant that RDS has on a key. The ID of the grant is not known. */
export const rdsGrantId = 'rds-grant';

/**
 * The grant that RDS creates with a database and keeps for the lifetime of the database
 * (rds-kms-operations 0.4).
 */
function grantTo(service: string): Grant {
  return {
    GrantId: rdsGrantId,
    GranteePrincipal: service,
    Operations: ['Decrypt', 'GenerateDataKey', 'DescribeKey', 'CreateGrant'],
  };
}

export interface Surroundings {
  readonly directory: Directory;
  readonly callerOrganization: OrganizationPath;
  readonly resourceOrganization: OrganizationPath;
  readonly read: ReadDocuments;
  /** The VPC endpoint of the principal's own calls, if it is known. */
  readonly endpointId: string | undefined;
  /** The ARN of the AWS Backup vault that takes part. */
  readonly vault: string | undefined;
  /** The name of the bucket that takes part. */
  readonly bucket: string | undefined;
}

/** Why SCPs or RCPs are assumed to apply to a call. */
export type ReachAssumption =
  /** The account is not the management account of its organization. */
  | { readonly code: 'account-is-a-member'; readonly account: string }
  /** RCPs do not apply to keys that AWS manages. `key`: its alias, or else its ARN. */
  | { readonly code: 'key-is-customer-managed'; readonly key: string };

/**
 * The same policies twice: as they were read, and with unread SCPs and RCPs assumed to be silent.
 */
export interface CallAuthorizer {
  readonly strict: Authorizer;
  readonly assuming: Authorizer;
  /**
   * If it is not known whether the key has a second policy: the same policies with a second one
   * that was not read. If the key has one: the same policies without it (iam-evaluation 14.22).
   */
  readonly ramPolicy?: { readonly is: 'held' | 'not known'; readonly otherwise: () => Authorizer };
  /**
   * If it is not known whether SCPs or RCPs apply to the call: the same policies with these unread.
   */
  readonly reach?: { readonly assuming: readonly ReachAssumption[]; readonly otherwise: () => Authorizer };
  /** What each of the two accounts says about a call on the other account's key. */
  readonly sides?: () => { readonly caller: Authorizer; readonly owner: Authorizer };
}

/**
 * Compiles the policies that apply to a call (rds-kms-operations 6). `actor`: the principal whose
 * identity the call has.
 */
export function compileFor(
  row: CallRow,
  actor: Principal,
  key: BoundKey | undefined,
  surroundings: Surroundings,
): CallAuthorizer {
  const policies = policiesFor(row, actor, key, surroundings);
  const crossing = row.kind !== 'service' && key !== undefined && key.account !== actor.account;
  const { read } = surroundings;
  return {
    ...compiledTwice(policies, read),
    ...(crossing ? { sides: () => sidesOf(policies, read) } : {}),
    ...ramPolicyOf(policies, key, surroundings),
    ...reachOf(policies, actor, key, surroundings),
  };
}

/**
 * SCPs and RCPs do not apply to the management account, and RCPs do not apply to keys that AWS
 * manages (iam-evaluation 5.25, 5.30). If this was not read, the account or key is most likely
 * neither of these.
 */
function reachOf(
  policies: Policies,
  actor: Principal,
  key: BoundKey | undefined,
  { callerOrganization, resourceOrganization, read }: Surroundings,
): Pick<CallAuthorizer, 'reach'> {
  const { scps, rcps } = policies;
  const owner = key?.account ?? actor.account;
  // Control policies that were not read never make a denial certain.
  const isRead = (levels: Policies['scps']): boolean => levels !== undefined && !('unread' in levels);
  const byScps = isRead(scps) && callerOrganization.isManagementAccount === undefined ? [member(actor.account)] : [];
  const byRcps = isRead(rcps)
    ? [
        ...(resourceOrganization.isManagementAccount === undefined ? [member(owner)] : []),
        ...(key !== undefined && key.manager === undefined ? [customerKey(keyNameOf(key))] : []),
      ]
    : [];
  const all = [...byScps, ...byRcps].map(({ assuming }) => assuming);
  if (all.length === 0) return {};
  const unread = (open: readonly OpenReach[]) => ({ unread: open.map((one) => one.unread).join(', ') });
  let compiled: Authorizer | undefined;
  const otherwise = (): Authorizer =>
    (compiled ??= compile(
      {
        ...policies,
        ...(byScps.length > 0 ? { scps: unread(byScps) } : {}),
        ...(byRcps.length > 0 ? { rcps: unread(byRcps) } : {}),
      },
      read,
    ));
  return { reach: { assuming: [...new Map(all.map((one) => [JSON.stringify(one), one])).values()], otherwise } };
}

/** A fact that decides whether SCPs or RCPs apply to a call, and its likely value. */
interface OpenReach {
  readonly assuming: ReachAssumption;
  readonly unread: string;
}

function member(account: string): OpenReach {
  return {
    assuming: { code: 'account-is-a-member', account },
    unread: `whether account ${account} is the management account: not read`,
  };
}

function customerKey(key: string): OpenReach {
  return { assuming: { code: 'key-is-customer-managed', key }, unread: `whether AWS manages ${key}: not read` };
}

function ramPolicyOf(
  policies: Policies,
  key: BoundKey | undefined,
  { directory, read }: Surroundings,
): Pick<CallAuthorizer, 'ramPolicy'> {
  // AWS shares none of its managed keys. If the first policy is not known, the call is already
  // open.
  if (key?.key?.Policy === undefined || key.manager === 'AWS') return {};
  const held = directory.ramPolicy(key.arn);
  if (held === null) return {};
  const first = directory.keyPolicy(key.arn);
  const unread = { name: ramPolicyName(key.arn), unread: 'not read' };
  const resource = held === undefined ? [first, unread] : first;
  let compiled: Authorizer | undefined;
  const otherwise = (): Authorizer => (compiled ??= compiledTwice({ ...policies, resource }, read).assuming);
  return { ramPolicy: { is: held === undefined ? 'not known' : 'held', otherwise } };
}

const anything = { Effect: 'Allow', Action: '*', Resource: '*' };

/** Stands for an Allow that the call does not need. */
const allowsAnything = { name: 'assumed Allow', document: { Version: '2012-10-17', Statement: [anything] } };

/** Each account's policies, with the other account assumed to allow everything. */
function sidesOf(policies: Policies, read: ReadDocuments): ReturnType<NonNullable<CallAuthorizer['sides']>> {
  const { resource, rcps, grants, ...callers } = policies;
  const willing = { Version: '2012-10-17', Statement: [{ ...anything, Principal: { AWS: '*' } }] };
  return {
    caller: compile({ ...callers, resource: { name: 'the other account', document: willing } }, read),
    owner: compile(
      {
        identity: [{ name: 'the other account', document: { Version: '2012-10-17', Statement: [anything] } }],
        ...(resource === undefined ? {} : { resource }),
        ...(rcps === undefined ? {} : { rcps }),
        ...(grants === undefined ? {} : { grants }),
      },
      read,
    ),
  };
}

function compiledTwice(policies: Policies, read: ReadDocuments): Pick<CallAuthorizer, 'strict' | 'assuming'> {
  const { scps, rcps, ...others } = policies;
  const readScps = readLevels(scps);
  const readRcps = readLevels(rcps);
  const strict = compile(policies, read);
  if (readScps === scps && readRcps === rcps) return { strict, assuming: strict };
  const assumed: Policies = {
    ...others,
    ...(readScps === undefined ? {} : { scps: readScps }),
    ...(readRcps === undefined ? {} : { rcps: readRcps }),
  };
  return { strict, assuming: compile(assumed, read) };
}

/** The policies that apply to a call. See compileFor. */
export function policiesFor(
  row: CallRow,
  actor: Principal,
  key: BoundKey | undefined,
  { directory, callerOrganization, resourceOrganization, endpointId, vault, bucket }: Surroundings,
): Policies {
  const { scps } = callerOrganization;
  const { rcps } = resourceOrganization;
  const reachesRcps = rcps !== undefined && underRcps.test(row.action);
  const onResource = {
    ...(key === undefined
      ? {
          ...trustOfAccount(row, actor),
          ...policyOfVault(row, vault, directory),
          ...policyOfBucket(row, bucket, actor, directory),
        }
      : { resource: keyPolicies(directory, key) }),
    ...(reachesRcps ? { rcps } : {}),
  };
  if (row.kind === 'service') return { identity: [], ...onResource, grants: [grantTo(servicePrincipalOf(row))] };
  const endpoint =
    endpointId === undefined || !entersRds(row) ? undefined : endpointPolicyOf(directory.evidence, endpointId);
  return {
    identity: row.onlyDenied === true ? [...actor.identity, allowsAnything] : actor.identity,
    ...(endpoint === undefined ? {} : { endpoint: [endpoint] }),
    ...(actor.boundary === undefined ? {} : { boundary: actor.boundary }),
    ...sessionOf(actor),
    ...(scps === undefined ? {} : { scps }),
    ...onResource,
    ...(key === undefined ? {} : { grants: grantsOn(key) }),
  };
}

/**
 * Whether a call may reach RDS through a VPC endpoint. The calls that RDS then makes do not pass
 * the endpoint (iam-evaluation 5.37). It is assumed that AWS evaluates the policy of an RDS
 * endpoint like that of any other endpoint (iam-evaluation 11.15).
 */
export function entersRds({ kind, action }: CallRow): boolean {
  return kind === 'caller' && action.startsWith('rds:');
}

function sessionOf({ type, session }: Principal): Pick<Policies, 'session'> {
  if (session !== undefined) return { session };
  return type === 'federated user'
    ? { session: [{ unread: 'the session policy of a federated user does not show' }] }
    : {};
}

/**
 * A call to sts:AssumeRole without a particular role is checked with a trust policy that trusts the
 * account. Without a trust policy, nobody could assume any role, whatever other policies say.
 */
function trustOfAccount({ action, isFree }: CallRow, { arn, account }: Principal): Pick<Policies, 'resource'> {
  if (action !== 'sts:AssumeRole' || isFree !== true) return {};
  const trusted = rootArn(parseArn(arn)?.partition ?? '', account);
  const statement = { Effect: 'Allow', Action: action, Principal: { AWS: trusted } };
  return { resource: { name: 'trust policy', document: { Version: '2012-10-17', Statement: [statement] } } };
}

/**
 * The access policy of the vault, if it has one that was read. The policy also applies to the
 * recovery points in the vault.
 */
function policyOfVault(
  { action }: CallRow,
  vault: string | undefined,
  { evidence }: Directory,
): Pick<Policies, 'resource'> {
  if (vault === undefined || !action.startsWith('backup:')) return {};
  const document = vaultPolicyOf(evidence, vault);
  return document === undefined || document === null ? {} : { resource: { name: vault, document } };
}

/** The policy of a bucket, if it has one that was read. */
function policyOfBucket(
  { action }: CallRow,
  name: string | undefined,
  { arn }: Principal,
  { evidence }: Directory,
): Pick<Policies, 'resource'> {
  if (name === undefined || !action.startsWith('s3:')) return {};
  const document = findBucket(evidence, name)?.bucket.Policy;
  const partition = parseArn(arn)?.partition ?? '';
  return document === undefined || document === null
    ? {}
    : { resource: { name: bucketArn(partition, name), document } };
}

/**
 * The services whose resources RCPs cover. RDS and IAM are not among them (rds-kms-operations 6).
 */
const underRcps = /^(?:kms|s3|secretsmanager|sts):/;

function keyPolicy(directory: Directory, key: BoundKey): PolicyText {
  return policyIsAssumed(key) ? { name: key.arn, document: awsManagedKeyPolicy(key) } : directory.keyPolicy(key.arn);
}

function keyPolicies(directory: Directory, key: BoundKey): NonNullable<Policies['resource']> {
  const first = keyPolicy(directory, key);
  const second = directory.ramPolicy(key.arn);
  return second === undefined || second === null ? first : [first, second];
}

/**
 * The assumed policy of an AWS managed key lets nobody create a grant except through the key's own
 * service, which creates no grants for principals.
 */
function grantsOn(key: BoundKey): NonNullable<Policies['grants']> {
  return key.key?.Grants ?? (policyIsAssumed(key) ? [] : { unread: `of ${keyNameOf(key)}` });
}

/** The AWS managed keys whose policies are known (iam-evaluation 6.45). */
const assumedManagedKeys: ReadonlySet<string> = new Set([
  'alias/aws/rds',
  'alias/aws/secretsmanager',
  'alias/aws/backup',
]);

/**
 * Whether the policy of an AWS managed key was not read, but is assumed because it is the same
 * everywhere.
 */
export function policyIsAssumed({ key, alias, manager }: BoundKey): boolean {
  return key?.Policy === undefined && manager === 'AWS' && (alias === undefined || assumedManagedKeys.has(alias));
}

type Levels = Policies['scps'];

/** The levels without unread policies; the same object if everything was read. */
export function readLevels(levels: Levels): Levels {
  if (levels === undefined || 'unread' in levels) return undefined;
  const read = levels.map((level) => level.filter((policy) => !('unread' in policy)));
  if (read.every((level, index) => level.length === levels[index]?.length)) return levels;
  return read.filter((level) => level.length > 0);
}
