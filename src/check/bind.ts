import { isArn, isKeyArn, type Place, parseArn, placeOf, resourceIn, rootArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { partitionOf } from '../base/partition.ts';
import { roleArnIn } from '../base/principal-arn.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import { aliasOf, managerOf, regionsOf, resolveKey } from '../evidence/lookup.ts';
import { canMean, giveOne } from '../evidence/meanings.ts';
import { principalMeant } from '../evidence/principal-name.ts';
import { findOtherPrincipal, findPrincipal, type Principal, principalsIn, roleExists } from '../evidence/principals.ts';
import type { RdsRoleState } from '../evidence/rds-role.ts';
import type { Cluster, Evidence, Instance, Key } from '../evidence/schema.ts';
import { findSource, type Source, type SourceType, sourcesAt, sourcesHeld, sourcesNamed } from '../evidence/sources.ts';
import { findOperation } from '../operations/catalogue.ts';
import type { KeyRole, Operation } from '../operations/operation.ts';
import type { OperationParameters, Parameter } from '../operations/parameters.ts';
import { pickParameters, valueOf } from '../operations/request-parameters.ts';
import { sourceFlags } from '../operations/source-flags.ts';
import { backupRole } from './backup-role.ts';
import { inheritedTags, type Tags } from './inherited-tags.ts';
import { type Question, verifyParameters } from './question.ts';
import { vaultOf } from './vault.ts';

/** A KMS key as the operation meets it. */
export interface BoundKey {
  /** An AWS managed key that was not read goes by the ARN of its alias. */
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  /** Undefined: the evidence does not hold it. */
  readonly key: Key | undefined;
  readonly alias: string | undefined;
  /** Undefined: not known. */
  readonly manager: string | undefined;
  /** The alias by which the request names the key, if it does. */
  readonly requestAlias: string | undefined;
  /** Any key of that account and Region; the ARN is its beginning. Absent: false. */
  readonly isAnyKey?: true;
  /** Things of several Regions, or of several accounts, take part in the operation. */
  readonly tells: { readonly region: boolean; readonly account: boolean };
}

/**
 * How the storage of a cluster or snapshot is encrypted. `none or sse-rds`: the evidence does not
 * show which (rds-kms-operations 10); `unknown`: the evidence shows nothing.
 */
export type Encryption = 'none' | 'sse-rds' | 'none or sse-rds' | 'sse-kms' | 'unknown';

/** What a question covers apart from the request that it names. */
interface Coverage {
  /**
   * The answer covers every request and every session that the principal could choose: what the
   * question does not name is not known, instead of left out. Absent: false.
   */
  readonly anyRequest?: true;
}

/** One operation on one target, with everything that its rows may refer to. */
export interface Bound extends Coverage {
  readonly operation: Operation;
  readonly principal: Principal;
  /** Where the operation happens. */
  readonly region: string;
  readonly parameters: OperationParameters;
  /** Undefined: the operation reads nothing. */
  readonly source: Source | undefined;
  /** How the source is encrypted. */
  readonly encryption: Encryption;
  readonly keys: Readonly<Partial<Record<KeyRole, BoundKey>>>;
  /** The new resource has another key than the source. */
  readonly keysDiffer: boolean;
  /** Tags that the new resource inherits if the request sends none. Undefined: not known. */
  readonly inheritedTags: Tags | undefined;
  /** With whom the snapshot is shared; undefined: not known. */
  readonly sharedWith: readonly string[] | undefined;
  /** The role that is passed, or that the principal is. Undefined: there is none. */
  readonly role: Principal | undefined;
  /** Whether the account has the RDS service-linked role, if that matters. */
  readonly roleOfRds: RdsRoleState;
  /**
   * The role for AWS Backup that copies to another account. Undefined: nothing is copied to one.
   */
  readonly destination: Principal | undefined;
  /** ARN of the AWS Backup vault that takes part. Absent: none does, or it is not known. */
  readonly vault?: string | undefined;
  /** The principal is taken to have some key of its own for the new resource. */
  readonly ownKeyAssumed: boolean;
  /**
   * This is not a part of the question, but what somebody else could do afterwards. Absent: false.
   */
  readonly isFollowUp?: true;
}

/**
 * The question on each of its targets, and where something is shared, what those it is shared with
 * would ask next.
 * @throws Failure if the evidence does not contain something that the question names
 */
export function bind(directory: Directory, question: Question): readonly Bound[] {
  const asking = askedFor(directory, question);
  return sourcesOf(directory.evidence, question, asking).flatMap((source) => withFollowUps(directory, asking, source));
}

/** The operation on one source, and what those it is shared with would ask next. */
export function withFollowUps(
  directory: Directory,
  asking: RequestedOperation,
  source: Source | undefined,
): readonly Bound[] {
  const bound = boundTo(directory, asking, source);
  return [bound, ...followUps(directory, bound), ...jobsOf(directory, bound)];
}

/**
 * The operation as the principal asks for it, where that happens.
 * @throws Failure if the evidence does not contain something that the question names
 */
export function askedFor(directory: Directory, question: Question): RequestedOperation {
  const { evidence } = directory;
  verifyParameters(question);
  const { operation } = question;
  const found = findPrincipal(directory, question.principal);
  const { sessionPolicy } = question;
  const principal = sessionPolicy === undefined ? found : { ...found, session: [sessionPolicy] };
  if (operation.runsAsRole === true && principal.type !== 'role' && principal.type !== 'session')
    throw new Failure(
      'input',
      `principal \`${principal.arn}\` is not a role, but a ${operation.command} runs as a role`,
      'set --principal to the role that AWS Backup assumes',
    );
  const region = regionAsked(evidence, question, principal);
  verifyPartition(principal, region);
  const parameters = withRoleMeant(evidence, question.parameters ?? {}, principal, region);
  return { operation, principal, region, parameters };
}

/**
 * Roles that are passed by their ARNs, whatever they were named by: a role may have a path that
 * nobody gave.
 */
export function withRoleMeant(
  evidence: Evidence,
  parameters: OperationParameters,
  { account }: Principal,
  region: string,
): OperationParameters {
  const meant = (role: string, flag: string): string => {
    const arn = roleArn(role, account, region);
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

/** An operation as a principal asks for it. */
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
 * Whether the principal could give a parameter any value: the question covers that, and does not
 * name one.
 */
export function isOpenTo(
  flag: Parameter,
  { anyRequest, parameters }: Pick<Bound, 'anyRequest' | 'parameters'>,
): boolean {
  return anyRequest === true && valueOf(parameters, flag) === undefined;
}

/** Where an operation looks for what it reads. */
export function placeRead({ principal, region, parameters }: RequestedOperation): Place {
  return { account: principal.account, region: parameters.sourceRegion ?? region };
}

/** The types of sources that an operation is asked about where none is named. */
export function sweptTypes({ reads }: Operation): readonly SourceType[] {
  if (reads === undefined) return [];
  const [first, ...others] = reads.types;
  // A cluster can be restored from a DB snapshot, but few are meant for that.
  return [first, ...others.filter((type) => type !== 'snapshot')];
}

/**
 * Everything that the operation is asked about where no source is named, and which lists are
 * missing.
 */
export function swept(evidence: Evidence, asking: RequestedOperation): ReturnType<typeof sourcesHeld> {
  const { operation } = asking;
  const held = sourcesHeld(evidence, placeRead(asking), sweptTypes(operation));
  return leavesMembersOut(operation) ? { ...held, sources: held.sources.filter((one) => !isMember(one)) } : held;
}

/** Instances of clusters are not asked about by an operation that RDS refuses for them. */
export function leavesMembersOut({ preconditions }: Operation): boolean {
  return preconditions.some(({ code }) => code === 'instance-is-no-member-of-a-cluster');
}

/** An instance of a cluster; questions about its storage are about the cluster. */
export function isMember(source: Source): boolean {
  return source.type === 'db' && source.entry.DBClusterIdentifier !== undefined;
}

/**
 * What DocumentDB or Neptune serves by the API of RDS, and by rules of its own
 * (rds-kms-operations-2 11).
 */
export function isOtherService(source: Source | undefined): boolean {
  return source?.engine === 'docdb' || source?.engine === 'neptune';
}

/**
 * What the entry of a snapshot says of its type, in lower case. Undefined: nothing, or no snapshot.
 */
export function snapshotTypeOf(source: Source): string | undefined {
  return source.type === 'cluster-snapshot' || source.type === 'snapshot'
    ? source.entry.SnapshotType?.toLowerCase()
    : undefined;
}

/**
 * An AWS Backup recovery point: such snapshots have a type and names of their own
 * (rds-kms-operations 4.12).
 */
export function isOfBackup(source: Source): boolean {
  return snapshotTypeOf(source) === 'awsbackup' || source.identifier.startsWith('awsbackup:');
}

/** The secret of the master password, where Secrets Manager keeps it. */
export function secretOf(source: Source | undefined): Cluster['MasterUserSecret'] {
  return source?.type === 'cluster' || source?.type === 'db' ? source.entry.MasterUserSecret : undefined;
}

/** The Performance Insights settings of a database. Undefined: the source is not a database. */
export function insightsOf(source: Source | undefined): Cluster | Instance | undefined {
  return source?.type === 'cluster' || source?.type === 'db' ? source.entry : undefined;
}

export function hasInsights(source: Source | undefined): boolean {
  return insightsOf(source)?.PerformanceInsightsEnabled === true;
}

/** The advanced mode of Database Insights needs Performance Insights. */
export function asksForInsights({ enablePerformanceInsights, databaseInsightsMode }: OperationParameters): boolean {
  return enablePerformanceInsights === true || databaseInsightsMode === 'advanced';
}

/** A read replica of an instance or of a Multi-AZ DB cluster. */
export function isReplica(source: Source): boolean {
  if (source.type !== 'db') return false;
  const { ReadReplicaSourceDBInstanceIdentifier: ofInstance, ReadReplicaSourceDBClusterIdentifier: ofCluster } =
    source.entry;
  return [ofInstance, ofCluster].some((one) => one !== undefined && one !== '');
}

/** A cluster of RDS that is not Aurora, or a backup of one. */
export function isMultiAzCluster({ type, engine }: Source): boolean {
  return type.startsWith('cluster') && (engine === 'mysql' || engine === 'postgres');
}

/** Credentials of one partition are worth nothing in another. */
function verifyPartition({ arn }: Principal, region: string): void {
  const own = parseArn(arn)?.partition ?? '';
  const other = partitionOf(region);
  if (own !== other)
    throw new Failure(
      'input',
      `principal \`${arn}\` is in partition ${own}, but Region ${region} is in ${other}`,
      'check --principal and --region',
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

/** What the name of a source can mean in the Regions of an account. */
function sourcesMeant(
  evidence: Evidence,
  { reads }: Operation,
  account: string,
  target: string | undefined,
): readonly string[] {
  if (target === undefined || reads === undefined) return [];
  return sourcesNamed(evidence, { types: sourceFlags[reads.flag].types, name: target, account }).map(({ arn }) => arn);
}

/** The operation on what it reads, if it reads anything. `ownKeyAssumed`: see Bound. */
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
  // This runs for every question. Objects whose fields are spread are several times slower.
  const bound: Bound = {
    operation,
    principal,
    region,
    parameters,
    source,
    encryption,
    keys: toldApart(keysIn(directory, asking, source, { storage, target, destination }), asking, source),
    keysDiffer: operation.targetKey !== undefined && storage !== undefined && target !== storage,
    inheritedTags: inheritedTags(evidence, asking, source),
    sharedWith: source === undefined ? undefined : directory.sharedWith(source.arn),
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

/** What a request has found out before its keys are looked up. */
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

/** The same request of another principal of the account. */
export function boundOfAnother(principal: Principal, bound: Bound): Bound {
  return { ...bound, principal, ...(bound.operation.runsAsRole === true ? { role: principal } : {}) };
}

/**
 * The answer to the same question under other evidence: of the same principal and on the same
 * source, unless another one is given.
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
 * The key of the new resource. Undefined: there is none, or the request would have to name a key
 * and names none.
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
 * A copy of something foreign or from another Region takes a key that the request names
 * (rds-kms-operations 4.5, 4.9).
 */
export function mustNameKey(
  { operation, principal, region }: Pick<Bound, 'operation' | 'principal' | 'region'>,
  source: Source,
): boolean {
  const asks = operation.preconditions.some(({ code }) => code === 'key-is-named');
  return asks && (source.region !== region || source.account !== principal.account);
}

/** The account of the key that the request names is the one to which a job copies. */
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
 * The Performance Insights key: as it is named, as it is already, or else the account's default
 * key of RDS.
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
      : resolveKey(directory.evidence, place, named ?? 'alias/aws/rds');
  return { 'insights key': boundKey(directory, key, named) };
}

/** The key of the master password's secret, and the default key that RDS also describes. */
function secretKeys(directory: Directory, { principal, region, parameters }: RequestedOperation): Keys | undefined {
  if (parameters.manageMasterUserPassword !== true) return undefined;
  const place = { account: principal.account, region };
  const usual = boundKey(directory, resolveKey(directory.evidence, place, 'alias/aws/secretsmanager'));
  const { masterUserSecretKmsKeyId: name } = parameters;
  const secret = name === undefined ? usual : boundKey(directory, resolveKey(directory.evidence, place, name));
  return { 'secret key': secret, 'default secret key': usual };
}

/**
 * A copy of AWS Backup to another Region of the account asks for its default key too
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

/** A role by its ARN, or by its name in the account. */
export function roleArn(role: string, account: string, region: string): string {
  return roleArnIn(partitionOf(region), account, role);
}

/** What each account that something is shared with would do next, the sharing taken as done. */
function followUps(directory: Directory, { operation, parameters, region, source }: Bound): readonly Bound[] {
  if (operation.followedBy === undefined || source === undefined) return [];
  const others = (parameters.with ?? []).filter((one) => one !== 'all');
  return others.flatMap((other) => {
    const arn = isArn(other) ? other : rootArn(partitionOf(region), other);
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
 * The job that AWS Backup runs as the role that is passed. RDS copies where the key of the copy is
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
 * The key that a request names. Whatever key an alias of another Region names, it is not in the
 * Region of the operation (rds-kms-operations 5).
 */
function requestedKey(evidence: Evidence, place: Place, name: string): string {
  const at = isArn(name) ? placeOf(name) : undefined;
  const isElsewhere = at !== undefined && at.region !== place.region && parseArn(name)?.type === 'alias';
  return isElsewhere ? name : resolveKey(evidence, place, name);
}

/** RDS shows the key ARN; a key that the evidence does not hold is then still known by its name. */
export function describedKey(evidence: Evidence, place: Place, kmsKeyId: string): string {
  return isKeyArn(kmsKeyId) ? kmsKeyId : resolveKey(evidence, place, kmsKeyId);
}

function aliasIn(name: string | undefined): string | undefined {
  const own = resourceIn(name ?? '');
  return own.startsWith('alias/') ? own : undefined;
}

/** `requested`: the name by which the request asks for it, if it does. */
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
    tells: { region: false, account: false },
  };
}

/** The name of a key that is the name of no other one in the operation. */
export function keyNameOf({ alias, arn, tells }: BoundKey): string {
  return alias === undefined || tells.region || tells.account ? arn : alias;
}

type Keys = Bound['keys'];

/** The keys of an operation, each with the facts that distinguish it from the others. */
function toldApart(keys: Keys, { principal, region }: RequestedOperation, source: Source | undefined): Keys {
  const places = [...Object.values(keys), ...(source === undefined ? [] : [source])];
  const tells = {
    region: places.some((one) => one.region !== region),
    account: places.some((one) => one.account !== principal.account),
  };
  if (!tells.region && !tells.account) return keys;
  return Object.fromEntries(Object.entries(keys).map(([role, key]) => [role, { ...key, tells }]));
}

/**
 * With sse-rds StorageEncrypted is false, so a false one alone does not mean unencrypted
 * (rds-kms-operations 10), unless the volume cannot be under the AWS owned key.
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
 * Since this day RDS encrypts new Aurora clusters with the AWS owned key, and nothing else
 * (rds-kms-operations 0.7; rds-kms-operations-2 13.6).
 */
const firstAwsOwned = Date.parse('2026-02-18T00:00:00Z');

function mayBeAwsOwned({ engine, existedAt }: Source): boolean {
  if (engine !== undefined && !engine.startsWith('aurora')) return false;
  const time = Date.parse(existedAt ?? '');
  return Number.isNaN(time) || time >= firstAwsOwned;
}
