import { isArn, isKeyArn, type Place, parseArn, placeOf, resourceIn, rootArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { partitionOf } from '../base/partition.ts';
import { isLaterName } from '../base/planned-name.ts';
import { roleArnIn } from '../base/principal-arn.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import { aliasOf, managerOf, regionsOf, resolveKey } from '../evidence/lookup.ts';
import { canMean, giveOne } from '../evidence/meanings.ts';
import { principalMeant } from '../evidence/principal-name.ts';
import { findOtherPrincipal, findPrincipal, type Principal, principalsIn, roleExists } from '../evidence/principals.ts';
import type { RdsRoleState } from '../evidence/rds-role.ts';
import type { Cluster, Evidence, Instance, Key } from '../evidence/schema.ts';
import { accountsSharing } from '../evidence/sharing.ts';
import { findSource, type Source, type SourceType, sourcesAt, sourcesHeld, sourcesNamed } from '../evidence/sources.ts';
import { findOperation } from '../operations/catalogue.ts';
import type { KeyRole, Operation } from '../operations/operation.ts';
import type { OperationParameters, Parameter } from '../operations/parameters.ts';
import { pickParameters, valueOf } from '../operations/request-parameters.ts';
import { sourceFlags } from '../operations/source-flags.ts';
import { membersAsked } from './account-members.ts';
import { backupRole } from './backup-role.ts';
import { inheritedTags, type Tags } from './inherited-tags.ts';
import { type Question, verifyParameters } from './question.ts';
import { vaultOf } from './vault.ts';

/** A KMS key in its part in the operation. */
export interface BoundKey {
  /** For an AWS managed key that was not read: the ARN of its alias. */
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  /** Undefined: the evidence does not contain the key. */
  readonly key: Key | undefined;
  readonly alias: string | undefined;
  /** Undefined: not known. */
  readonly manager: string | undefined;
  /** The alias by which the request names the key. Undefined: the request does not use an alias. */
  readonly requestAlias: string | undefined;
  /** Any key of this account and Region. The ARN is then only the start. Absent: false. */
  readonly isAnyKey?: true;
  /**
   * Whether the name of the key must show its Region or account, because the operation involves
   * several.
   */
  readonly shows: { readonly region: boolean; readonly account: boolean };
}

/**
 * How the storage of a cluster or snapshot is encrypted. `none or sse-rds`: the evidence does not
 * show which of the two (rds-kms-operations 10). `unknown`: the evidence shows nothing.
 */
export type Encryption = 'none' | 'sse-rds' | 'none or sse-rds' | 'sse-kms' | 'unknown';

/** What a question covers beyond the request that it names. */
interface Coverage {
  /**
   * The answer covers every request and every session that the principal could choose. What the
   * question does not name is then unknown, instead of left out. Absent: false.
   */
  readonly anyRequest?: true;
}

/** One operation on one target, with everything that the rows of the operation refer to. */
export interface Bound extends Coverage {
  readonly operation: Operation;
  readonly principal: Principal;
  /** The Region of the operation. */
  readonly region: string;
  readonly parameters: OperationParameters;
  /** Undefined: the operation has no source. */
  readonly source: Source | undefined;
  /** How the source is encrypted. */
  readonly encryption: Encryption;
  readonly keys: Readonly<Partial<Record<KeyRole, BoundKey>>>;
  /** The new resource has another key than the source. */
  readonly keysDiffer: boolean;
  /** The tags that the new resource inherits if the request sends none. Undefined: not known. */
  readonly inheritedTags: Tags | undefined;
  /** The accounts that the snapshot is shared with. Undefined: not known. */
  readonly sharedWith: readonly string[] | undefined;
  /** The role that is passed, or the role that the principal is. Undefined: there is none. */
  readonly role: Principal | undefined;
  /** Whether the account has the RDS service-linked role, if that matters. */
  readonly roleOfRds: RdsRoleState;
  /** The role of AWS Backup that copies to another account. Undefined: there is no such copy. */
  readonly destination: Principal | undefined;
  /** The ARN of the AWS Backup vault that takes part. Absent: there is none, or it is not known. */
  readonly vault?: string | undefined;
  /** The principal is assumed to have some key of its own for the new resource. */
  readonly ownKeyAssumed: boolean;
  /**
   * This is not part of the question, but an operation that somebody else could then run. Absent:
   * false.
   */
  readonly isFollowUp?: true;
}

/**
 * The question on each of its targets. If something is shared, also the next operations of the
 * accounts it is shared with.
 * @throws Failure if the evidence does not contain something that the question names
 */
export function bind(directory: Directory, question: Question): readonly Bound[] {
  const asking = askedFor(directory, question);
  return sourcesOf(directory.evidence, question, asking).flatMap((source) => withFollowUps(directory, asking, source));
}

/** The operation on one source, and the next operations of the accounts it is shared with. */
export function withFollowUps(
  directory: Directory,
  asking: RequestedOperation,
  source: Source | undefined,
): readonly Bound[] {
  const bound = boundTo(directory, asking, source);
  return [bound, ...followUps(directory, bound), ...jobsOf(directory, bound)];
}

/**
 * The operation as the principal requests it, in the Region where it happens.
 * @throws Failure if the evidence does not contain something that the question names
 */
export function askedFor(directory: Directory, question: Question): RequestedOperation {
  const { evidence } = directory;
  verifyParameters(question);
  const { operation } = question;
  const found = findPrincipal(directory, question.principal, question.federatedBy);
  const { sessionPolicy } = question;
  const principal = sessionPolicy === undefined ? found : { ...found, session: [sessionPolicy] };
  if (operation.runsAsRole === true && principal.type !== 'role' && principal.type !== 'session')
    throw new Failure(
      'input',
      `principal \`${principal.arn}\` is not a role, but a ${operation.command} runs as a role`,
      'set --principal to the role that AWS Backup assumes',
    );
  const region = regionAsked(evidence, question, principal);
  const given = question.parameters ?? {};
  verifyPartition('principal', principal.arn, region);
  for (const role of [given.iamRole, given.monitoringRoleArn, given.domainIamRoleName])
    if (role !== undefined && isArn(role)) verifyPartition('role', role, region);
  const parameters = withRoleMeant(evidence, given, principal, { region, areArnsExact: false });
  return { operation, principal, region, parameters };
}

/**
 * The parameters with roles replaced by their ARNs, because the path of a role may be missing in
 * its given name. `areArnsExact`: whether ARNs stay as they are.
 */
export function withRoleMeant(
  evidence: Evidence,
  parameters: OperationParameters,
  { account }: Principal,
  { region, areArnsExact }: { readonly region: string; readonly areArnsExact: boolean },
): OperationParameters {
  const meant = (role: string, flag: string): string => {
    const arn = roleArn(role, account, region);
    if (areArnsExact && isArn(role)) return arn;
    return principalMeant(arn, principalsIn(evidence, parseArn(arn)?.account ?? account), flag) ?? arn;
  };
  const { iamRole, monitoringRoleArn, domainIamRoleName, associatedRoles } = parameters;
  return {
    ...parameters,
    ...(iamRole === undefined ? {} : { iamRole: meant(iamRole, '--iam-role') }),
    ...(monitoringRoleArn === undefined
      ? {}
      : { monitoringRoleArn: meant(monitoringRoleArn, '--monitoring-role-arn') }),
    ...(domainIamRoleName === undefined
      ? {}
      : { domainIamRoleName: meant(domainIamRoleName, '--domain-iam-role-name') }),
    ...(associatedRoles === undefined
      ? {}
      : { associatedRoles: associatedRoles.map((role) => meant(role, '--associated-roles')) }),
  };
}

/** An operation as a principal requests it. */
export interface RequestedOperation extends Coverage {
  readonly operation: Operation;
  readonly principal: Principal;
  readonly region: string;
  readonly parameters: OperationParameters;
}

function sourcesOf(
  evidence: Evidence,
  { target }: Question,
  asking: RequestedOperation,
): readonly (Source | undefined)[] {
  const { operation } = asking;
  if (operation.reads === undefined) return [undefined];
  const { flag, types } = operation.reads;
  const place = placeRead(asking);
  if (target !== undefined) return [findSource(evidence, place, { types, name: target, flag: `--${flag}` })];
  sourcesAt(evidence, place, sweptTypes(operation));
  return swept(evidence, asking).sources;
}

/**
 * Whether the principal could give a parameter any value: the question covers every request and
 * does not name a value.
 */
export function isOpenTo(
  flag: Parameter,
  { anyRequest, parameters }: Pick<Bound, 'anyRequest' | 'parameters'>,
): boolean {
  return anyRequest === true && valueOf(parameters, flag) === undefined;
}

/**
 * Whether a parameter names a key. The key has to exist, even for a principal whose every request
 * policies deny.
 */
export function namesKey({ parameters }: Pick<RequestedOperation, 'parameters'>): boolean {
  const { kmsKeyId, masterUserSecretKmsKeyId, performanceInsightsKmsKeyId } = parameters;
  return [kmsKeyId, masterUserSecretKmsKeyId, performanceInsightsKmsKeyId].some((name) => name !== undefined);
}

/** The account and Region in which an operation finds its source. */
export function placeRead({ principal, region, parameters }: RequestedOperation): Place {
  return { account: principal.account, region: parameters.sourceRegion ?? region };
}

/** The types of sources that an operation checks if no source is named. */
export function sweptTypes({ reads }: Operation): readonly SourceType[] {
  if (reads === undefined) return [];
  const [first, ...others] = reads.types;
  // A cluster can be restored from a DB snapshot, but few DB snapshots are meant for that.
  return [first, ...others.filter((type) => type !== 'snapshot')];
}

/** All sources that the operation checks if no source is named, and which lists are missing. */
export function swept(evidence: Evidence, asking: RequestedOperation): ReturnType<typeof sourcesHeld> {
  const { operation } = asking;
  const held = sourcesHeld(evidence, placeRead(asking), sweptTypes(operation));
  return leavesMembersOut(operation) ? { ...held, sources: held.sources.filter((one) => !isMember(one)) } : held;
}

/** Whether the operation skips instances of clusters, because RDS refuses them. */
export function leavesMembersOut({ preconditions }: Operation): boolean {
  return preconditions.some(({ code }) => code === 'instance-is-no-member-of-a-cluster');
}

/**
 * Whether the source is an instance of a cluster. Questions about its storage are about the
 * cluster.
 */
export function isMember(source: Source): boolean {
  return source.type === 'db' && source.entry.DBClusterIdentifier !== undefined;
}

/**
 * Whether the source belongs to DocumentDB or Neptune, which use the API of RDS with rules of their
 * own (rds-kms-operations-2 11).
 */
export function isOtherService<Of extends { readonly engine?: string | undefined }>(
  of: Of | undefined,
): of is Of & { readonly engine: 'docdb' | 'neptune' } {
  return of?.engine === 'docdb' || of?.engine === 'neptune';
}

/**
 * The type of a snapshot, in lower case. Undefined: the entry does not show the type, or the source
 * is not a snapshot.
 */
export function snapshotTypeOf(source: Source): string | undefined {
  return source.type === 'cluster-snapshot' || source.type === 'snapshot'
    ? source.entry.SnapshotType?.toLowerCase()
    : undefined;
}

/**
 * Whether the source is an AWS Backup recovery point. Such snapshots have a type and names of their
 * own (rds-kms-operations 4.12).
 */
export function isOfBackup(source: Source): boolean {
  return snapshotTypeOf(source) === 'awsbackup' || source.identifier.startsWith('awsbackup:');
}

/** The secret of the master password if Secrets Manager keeps the password. */
export function secretOf(source: Source | undefined): Cluster['MasterUserSecret'] {
  return source?.type === 'cluster' || source?.type === 'db' ? source.entry.MasterUserSecret : undefined;
}

/** Whether a plan leaves open whether RDS manages the password. */
export function mayBeManaged({ SecretStatus: status }: NonNullable<Cluster['MasterUserSecret']>): boolean {
  return status !== undefined && isLaterName(status);
}

/** The Performance Insights settings of a database. Undefined: the source is not a database. */
export function insightsOf(source: Source | undefined): Cluster | Instance | undefined {
  return source?.type === 'cluster' || source?.type === 'db' ? source.entry : undefined;
}

export function hasInsights(source: Source | undefined): boolean {
  return insightsOf(source)?.PerformanceInsightsEnabled === true;
}

/**
 * Whether the request turns on Performance Insights. The advanced mode of Database Insights needs
 * it.
 */
export function asksForInsights({ enablePerformanceInsights, databaseInsightsMode }: OperationParameters): boolean {
  return enablePerformanceInsights === true || databaseInsightsMode === 'advanced';
}

/** Whether the source is a read replica of an instance or of a Multi-AZ DB cluster. */
export function isReplica(source: Source): boolean {
  return replicatedBy(source).some((one) => !isLaterName(one));
}

/** Whether a plan may make the source a replica, and does not show of what. */
export function mayBeReplica(source: Source): boolean {
  return replicatedBy(source).some(isLaterName);
}

function replicatedBy(source: Source): readonly string[] {
  if (source.type !== 'db') return [];
  const { ReadReplicaSourceDBInstanceIdentifier: ofInstance, ReadReplicaSourceDBClusterIdentifier: ofCluster } =
    source.entry;
  return [ofInstance, ofCluster].flatMap((one) => (one === undefined || one === '' ? [] : [one]));
}

/** Whether a cluster is a replica. A plan may make it one, and not show of what. */
export function clusterReplication({ ReplicationSourceIdentifier: of = '' }: Cluster): 'replica' | 'may be' | 'none' {
  if (of === '') return 'none';
  return isLaterName(of) ? 'may be' : 'replica';
}

/** `mayCome`: whether a plan may create another replica, and does not show its source. */
interface Replicas {
  readonly replicas: readonly string[];
  readonly mayCome: boolean;
}

/** The replicas of an instance. */
export function replicasOf({ entry }: Source & { readonly type: 'db' }): Replicas {
  const { ReadReplicaDBInstanceIdentifiers: instances = [], ReadReplicaDBClusterIdentifiers: clusters = [] } = entry;
  return replicasAmong([...instances, ...clusters]);
}

/** The replicas of a cluster. */
export function replicasOfCluster({ ReadReplicaIdentifiers: all = [] }: Cluster): Replicas {
  return replicasAmong(all);
}

function replicasAmong(all: readonly string[]): Replicas {
  const replicas = all.filter((one) => !isLaterName(one));
  return { replicas, mayCome: replicas.length < all.length };
}

/** Whether the source is a cluster of RDS that is not Aurora, or a backup of such a cluster. */
export function isMultiAzCluster({ type, engine }: Source): boolean {
  return type.startsWith('cluster') && (engine === 'mysql' || engine === 'postgres');
}

/** Credentials and roles of one partition are not valid in another. */
function verifyPartition(what: 'principal' | 'role', arn: string, region: string): void {
  const own = parseArn(arn)?.partition ?? '';
  const other = partitionOf(region);
  if (own !== other)
    throw new Failure(
      'input',
      `${what} \`${arn}\` is in partition ${own}, but Region ${region} is in ${other}`,
      what === 'principal' ? 'check --principal and --region' : 'correct the ARN of the role',
    );
}

function regionAsked(
  evidence: Evidence,
  { region, target, operation, parameters }: Question,
  principal: Principal,
): string {
  const named = target === undefined ? undefined : placeOf(target)?.region;
  const from = parameters?.sourceRegion;
  if (from !== undefined && named !== undefined && from !== named)
    throw new Failure(
      'input',
      `\`${target ?? ''}\` is in ${named}, not in ${from}`,
      'leave out --source-region, or name a source in that Region',
    );
  const crosses = operation.parameters.includes('source-region');
  if (!crosses && region !== undefined && named !== undefined && region !== named) {
    throw new Failure(
      'input',
      `\`${target ?? ''}\` is in ${named}, not in ${region}`,
      'leave out --region, or name a source in that Region',
    );
  }
  const asked = region ?? named;
  if (asked !== undefined) return asked;
  const { account } = principal;
  const held = regionsOf(evidence, account);
  if (held.length === 1 && held[0] !== undefined) return held[0];
  if (held.length === 0)
    throw new Failure(
      'input',
      `no Region of account ${account} was read`,
      'add `regions` to this account in the evidence',
    );
  const arns = sourcesMeant(evidence, operation, account, target);
  const [only, ...others] = arns;
  // RDS looks for a name in the Region of the request (rds-kms-operations-2 13.10).
  if (only !== undefined && others.length === 0 && from === undefined && areListed(evidence, operation, account))
    return placeOf(only)?.region ?? '';
  throw arns.length === 0
    ? new Failure(
        'input',
        `several Regions of account ${account} were read: ${held.join(', ')}`,
        'choose one with --region',
      )
    : new Failure(
        'input',
        `several Regions of account ${account} were read, and ${canMean(target ?? '', arns)}`,
        `choose a Region with --region, or ${giveOne({ arns, flag: `--${operation.reads?.flag ?? ''}` })}`,
      );
}

/** Whether the sources that an operation takes were listed in every Region of an account. */
function areListed(evidence: Evidence, { reads }: Operation, account: string): boolean {
  const types = reads?.types ?? [];
  return regionsOf(evidence, account).every(
    (region) => sourcesHeld(evidence, { account, region }, types).unread.length === 0,
  );
}

/** The sources that a name can mean in the Regions of an account. */
function sourcesMeant(
  evidence: Evidence,
  { reads }: Operation,
  account: string,
  target: string | undefined,
): readonly string[] {
  if (target === undefined || reads === undefined) return [];
  return sourcesNamed(evidence, { types: sourceFlags[reads.flag].types, name: target, account }).map(({ arn }) => arn);
}

/** Binds the operation to its source, if it has one. `ownKeyAssumed`: see Bound. */
export function boundTo(
  directory: Directory,
  asking: RequestedOperation,
  source: Source | undefined,
  ownKeyAssumed = false,
): Bound {
  const { evidence } = directory;
  const { operation, principal, region, parameters, anyRequest } = asking;
  const encryption = source === undefined ? 'none' : encryptionOf(source);
  const storage =
    source !== undefined && encryption === 'sse-kms' && source.kmsKeyId !== undefined
      ? describedKey(evidence, source, source.kmsKeyId)
      : undefined;
  const target = targetKey(evidence, asking, source, storage);
  const destination = destinationOf(directory, asking, target);
  // This runs for every question. Objects with spread properties are several times slower.
  const bound: Bound = {
    operation,
    principal,
    region,
    parameters,
    source,
    encryption,
    keys: distinguished(keysIn(directory, asking, source, { storage, target, destination }), asking, source),
    keysDiffer: operation.targetKey !== undefined && storage !== undefined && target !== storage,
    inheritedTags: inheritedTags(evidence, asking, source),
    sharedWith: source === undefined ? undefined : accountsSharing(directory, source),
    role: roleOf(directory, asking, principal, region),
    roleOfRds:
      operation.makes === 'cluster' || operation.makes === 'db' ? directory.roleOfRds(principal.account) : 'held',
    destination,
    vault:
      operation.runs === undefined && parameters.backupVaultName === undefined
        ? undefined
        : vaultOf(evidence, { account: principal.account, region }, parameters, source),
    ownKeyAssumed,
  };
  return anyRequest === undefined ? bound : { ...bound, anyRequest };
}

/** What is known before the keys of a request are looked up. */
interface KeysFound extends Pick<Bound, 'destination'> {
  /** ARNs of the keys. */
  readonly storage: string | undefined;
  readonly target: string | undefined;
}

function keysIn(
  directory: Directory,
  asking: RequestedOperation,
  source: Source | undefined,
  { storage, target, destination }: KeysFound,
): Keys {
  const keys: Partial<Record<KeyRole, BoundKey>> = {};
  if (storage !== undefined) keys['storage key'] = boundKey(directory, storage);
  if (target !== undefined) keys['target key'] = boundKey(directory, target, asking.parameters.kmsKeyId);
  const others = [
    secretKeys(directory, asking),
    insightsKey(directory, asking, source),
    vaultKey(directory, asking, source, destination),
    namedKeys(directory, asking.operation),
  ];
  for (const other of others) if (other !== undefined) Object.assign(keys, other);
  return keys;
}

/** The same request by another principal of the account. */
export function boundOfAnother(principal: Principal, bound: Bound): Bound {
  return bound.operation.runsAsRole === true ? { ...bound, principal, role: principal } : { ...bound, principal };
}

/**
 * The same question under other evidence. The principal and the source stay the same, unless others
 * are given.
 */
export function rebind(
  evidence: Evidence,
  bound: Bound,
  others: Partial<Pick<Bound, 'operation' | 'principal' | 'parameters' | 'source'>> = {},
): Bound {
  const directory = directoryOf(evidence);
  const { region, ownKeyAssumed } = bound;
  const { session } = bound.principal;
  const operation = others.operation ?? bound.operation;
  const principal = others.principal ?? {
    ...findOtherPrincipal(directory, bound.principal.arn),
    ...(session === undefined ? {} : { session }),
  };
  const parameters = others.parameters ?? bound.parameters;
  const source = others.source ?? bound.source;
  const again = boundTo(directory, { operation, principal, region, parameters }, source, ownKeyAssumed);
  return ownKeyAssumed ? { ...again, sharedWith: [...(again.sharedWith ?? []), principal.account] } : again;
}

/**
 * The key of the new resource. Undefined: there is none, or the request must name a key and does
 * not.
 */
function targetKey(
  evidence: Evidence,
  { operation, principal, region, parameters }: RequestedOperation,
  source: Source | undefined,
  storage: string | undefined,
): string | undefined {
  const place = { account: principal.account, region };
  const asked = parameters.kmsKeyId === undefined ? undefined : requestedKey(evidence, place, parameters.kmsKeyId);
  switch (operation.targetKey) {
    case 'named':
      return asked;
    case 'source':
      return storage;
    case 'named, else source':
      return (
        asked ?? (source !== undefined && mustNameKey({ operation, principal, region }, source) ? undefined : storage)
      );
    case 'named, else default':
      return asked ?? (parameters.storageEncrypted === true ? resolveKey(evidence, place, 'alias/aws/rds') : undefined);
    default:
      return undefined;
  }
}

/**
 * Whether a copy must name a key: of a snapshot of another account or Region (rds-kms-operations
 * 4.5, 4.9).
 */
export function mustNameKey(
  { operation, principal, region }: Pick<Bound, 'operation' | 'principal' | 'region'>,
  source: Source,
): boolean {
  const asks = operation.preconditions.some(({ code }) => code === 'key-is-named');
  return asks && (source.region !== region || source.account !== principal.account);
}

/** The destination account of a job: the account of the key that the request names. */
function destinationOf(
  directory: Directory,
  { operation, principal, region, parameters }: RequestedOperation,
  target: string | undefined,
): Principal | undefined {
  const account = target === undefined ? undefined : placeOf(target)?.account;
  if (operation.copiesAcrossAccounts !== true || parameters.kmsKeyId === undefined) return undefined;
  return account === undefined || account === principal.account ? undefined : backupRole(directory, account, region);
}

/**
 * The Performance Insights key: the key that the request names, the present key, or else the
 * account's default key for RDS.
 */
function insightsKey(
  directory: Directory,
  { operation, principal, region, parameters }: RequestedOperation,
  source: Source | undefined,
): Keys | undefined {
  if (!operation.parameters.includes('performance-insights-kms-key-id') || !asksForInsights(parameters))
    return undefined;
  const held = operation.makes === undefined ? insightsOf(source)?.PerformanceInsightsKMSKeyId : undefined;
  const { performanceInsightsKmsKeyId: named } = parameters;
  const place = { account: principal.account, region };
  const key =
    named === undefined && held !== undefined
      ? describedKey(directory.evidence, place, held)
      : requestedKey(directory.evidence, place, named ?? 'alias/aws/rds');
  return { 'insights key': boundKey(directory, key, named) };
}

/** The key of the master password's secret, and the default key, which RDS describes as well. */
function secretKeys(directory: Directory, { principal, region, parameters }: RequestedOperation): Keys | undefined {
  if (parameters.manageMasterUserPassword !== true) return undefined;
  const place = { account: principal.account, region };
  const usual = boundKey(directory, resolveKey(directory.evidence, place, 'alias/aws/secretsmanager'));
  const { masterUserSecretKmsKeyId: name } = parameters;
  const secret = name === undefined ? usual : boundKey(directory, requestedKey(directory.evidence, place, name));
  return { 'secret key': secret, 'default secret key': usual };
}

/**
 * A copy of AWS Backup to another Region of the account also uses the default key of AWS Backup
 * (rds-kms-operations-2 3).
 */
function vaultKey(
  directory: Directory,
  { operation, principal, region }: RequestedOperation,
  source: Source | undefined,
  destination: Principal | undefined,
): Keys | undefined {
  const copies = operation.copiesAcrossAccounts === true && source !== undefined;
  if (!copies || destination !== undefined || source.region === region) return undefined;
  const place = { account: principal.account, region };
  return { 'vault key': boundKey(directory, resolveKey(directory.evidence, place, 'alias/aws/backup')) };
}

/** The key that the record of a denial names. */
function namedKeys(directory: Directory, { calls }: Operation): Keys | undefined {
  const named = calls.find(({ on }) => on === 'named key')?.named;
  return named === undefined ? undefined : { 'named key': boundKey(directory, named) };
}

function roleOf(
  directory: Directory,
  { operation, parameters }: RequestedOperation,
  principal: Principal,
  region: string,
): Principal | undefined {
  if (operation.runsAsRole === true) return principal;
  const { iamRole } = parameters;
  if (iamRole === undefined) return undefined;
  const arn = roleArn(iamRole, principal.account, region);
  return roleExists(directory, arn) === false ? undefined : findOtherPrincipal(directory, arn);
}

/** The ARN of a role that is given by its ARN or by its name in the account. */
export function roleArn(role: string, account: string, region: string): string {
  return roleArnIn(partitionOf(region), account, role);
}

/** What each account that something is shared with would do next, as if it were already shared. */
function followUps(directory: Directory, { operation, parameters, region, source }: Bound): readonly Bound[] {
  if (operation.followedBy === undefined || source === undefined) return [];
  const others = (parameters.with ?? []).filter((one) => one !== 'all');
  const members = others.flatMap((other) =>
    isArn(other) ? other : membersAsked(directory, source.kmsKeyId, rootArn(partitionOf(region), other)),
  );
  return [...new Set(members)].flatMap((arn) => {
    const principal = findOtherPrincipal(directory, arn);
    return (operation.followedBy ?? []).flatMap((api) => {
      const next = findOperation(api);
      if (next === undefined) return [];
      const bound = boundTo(directory, { operation: next, principal, region, parameters: {} }, source, true);
      return [{ ...bound, isFollowUp: true, sharedWith: [...(bound.sharedWith ?? []), principal.account] }];
    });
  });
}

/**
 * The job that AWS Backup runs with the passed role. RDS copies in the Region of the copy's key
 * (rds-kms-operations-2 13.10).
 */
function jobsOf(directory: Directory, { operation, parameters, region, source, role }: Bound): readonly Bound[] {
  const job = operation.runs === undefined ? undefined : findOperation(operation.runs, operation.reads?.flag);
  if (job === undefined || role === undefined || source === undefined) return [];
  const there = placeOf(parameters.kmsKeyId ?? '')?.region ?? region;
  const passed = pickParameters(parameters, job.parameters);
  const asked = there === region ? passed : { ...passed, sourceRegion: region };
  const asking = { operation: job, principal: role, region: there, parameters: asked };
  return [{ ...boundTo(directory, asking, source), isFollowUp: true }];
}

/**
 * The ARN of the key that a request names. An alias of another Region is read as it stands:
 * whatever key it belongs to, that key is not in the Region of the operation (rds-kms-operations
 * 5).
 */
export function requestedKey(evidence: Evidence, place: Place, name: string): string {
  const at = isArn(name) ? placeOf(name) : undefined;
  const isElsewhere = at !== undefined && at.region !== place.region && parseArn(name)?.type === 'alias';
  return isElsewhere ? name : resolveKey(evidence, place, name);
}

/**
 * The ARN of a key that RDS shows. RDS shows the key ARN, so the name is known even if the evidence
 * does not contain the key.
 */
export function describedKey(evidence: Evidence, place: Place, kmsKeyId: string): string {
  return isKeyArn(kmsKeyId) ? kmsKeyId : resolveKey(evidence, place, kmsKeyId);
}

function aliasIn(name: string | undefined): string | undefined {
  const own = resourceIn(name ?? '');
  return own.startsWith('alias/') ? own : undefined;
}

/** `requested`: the name by which the request names the key, if it does. */
export function boundKey(directory: Directory, arn: string, requested?: string): BoundKey {
  const key = directory.key(arn);
  const place = placeOf(arn);
  const alias = aliasOf(key) ?? aliasIn(arn);
  return {
    arn,
    account: place?.account ?? '',
    region: place?.region ?? '',
    key,
    alias,
    manager: managerOf(key, alias),
    requestAlias: aliasIn(requested),
    shows: { region: false, account: false },
  };
}

/** A name of the key that no other key in the operation has. */
export function keyNameOf({ alias, arn, shows }: BoundKey): string {
  return alias === undefined || shows.region || shows.account ? arn : alias;
}

type Keys = Bound['keys'];

/** Marks on each key whether its name must show the Region or account. */
function distinguished(keys: Keys, { principal, region }: RequestedOperation, source: Source | undefined): Keys {
  const places = [...Object.values(keys), ...(source === undefined ? [] : [source])];
  const shows = {
    region: places.some((one) => one.region !== region),
    account: places.some((one) => one.account !== principal.account),
  };
  if (!shows.region && !shows.account) return keys;
  return Object.fromEntries(Object.entries(keys).map(([role, key]) => [role, { ...key, shows }]));
}

/**
 * How the storage of a source is encrypted. With sse-rds, StorageEncrypted is false. So `false`
 * does not mean unencrypted (rds-kms-operations 10), unless the AWS owned key cannot be the
 * volume's key.
 */
export function encryptionOf(source: Source): Encryption {
  const { encryptionType, encrypted, kmsKeyId } = source;
  const type = encryptionType?.toLowerCase();
  if (type === 'none' || type === 'sse-rds' || type === 'sse-kms') return type;
  if (encrypted === true || kmsKeyId !== undefined) return 'sse-kms';
  if (encrypted === undefined) return 'unknown';
  return mayBeAwsOwned(source) ? 'none or sse-rds' : 'none';
}

/**
 * Since this day, RDS encrypts new Aurora clusters with the AWS owned key, but no other databases
 * (rds-kms-operations 0.7; rds-kms-operations-2 13.6).
 */
const firstAwsOwned = Date.parse('2026-02-18T00:00:00Z');

function mayBeAwsOwned({ engine, existedAt }: Source): boolean {
  if (engine !== undefined && !engine.startsWith('aurora')) return false;
  const time = Date.parse(existedAt ?? '');
  return Number.isNaN(time) || time >= firstAwsOwned;
}
