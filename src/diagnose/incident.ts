import { accountOf, isKeyArn, parseArn, placeOf } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { isJson } from '../base/json.ts';
import { isRoleArn, parsePrincipalArn } from '../base/principal-arn.ts';
import { serviceIn } from '../base/service.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { parameterNaming, pickParameters, requestWith } from '../operations/request-parameters.ts';
import { asRoleOf, fieldOf, operationOfRequest, parametersOf, textOf } from '../operations/requests.ts';
import type { BackupJob, BackupJobKind } from './backup-job.ts';
import { type AwsError, readError, roleIn } from './error-text.ts';
import type { CloudTrailRecord, ExportTask, IncidentRecord, RdsEvent } from './incident-record.ts';

/**
 * Several values of a single-valued key are its possible values. An empty list or an empty text:
 * the key is absent.
 */
type Context = Readonly<Record<string, readonly string[]>>;

/** AWS Backup assumes a role to call RDS. */
const backupService = 'backup.amazonaws.com';

/** A fact that the record has but no check uses, or a fact that the record lacks. */
export type Note =
  /**
   * The request came through another AWS service. `forwards`: the service certainly forwarded the
   * principal's request. Otherwise the principal may be a role that the service assumed.
   */
  | { readonly code: 'invoked-by-service'; readonly service: string; readonly forwards: boolean }
  | { readonly code: 'request-parameters-absent' }
  /** CloudTrail hides these values. The check is made without them. */
  | { readonly code: 'request-values-hidden'; readonly names: readonly string[] }
  | { readonly code: 'principal-arn-absent' }
  /** `service`: absent if the record does not name the service. */
  | { readonly code: 'caller-is-service'; readonly service?: string }
  | { readonly code: 'caller-account-only'; readonly account?: string }
  /** `type`: the type of the record's userIdentity. */
  | { readonly code: 'caller-not-in-iam'; readonly type?: string }
  | { readonly code: 'event-subject'; readonly arn: string }
  | { readonly code: 'export-starter-unknown' }
  /**
   * A copy job does not name the KMS key of the destination vault. `account`: the account of the
   * vault.
   */
  | { readonly code: 'vault-key-not-told'; readonly account: string; readonly region: string };

/** The facts in a record: the caller, the request, the Region, the time, and AWS's answer. */
export interface Incident {
  readonly is: IncidentRecord['is'];
  readonly id?: string;
  /** ISO time. */
  readonly at?: string;
  /** In a KMS record: the Region of the KMS call, which may be the Region of the source. */
  readonly region?: string;
  /** The name of the API that was called. */
  readonly api?: string;
  /**
   * Absent: the record does not show which of several operations that share the API was requested,
   * or the catalog lacks the API.
   */
  readonly operation?: Operation;
  /** ARN. */
  readonly principal?: string;
  /** ARN of the role of the session, with its path. */
  readonly role?: string;
  /** ARN of the user that federated the session. */
  readonly federatedBy?: string;
  /** The unique ID of the user, or of the role of the session. */
  readonly uniqueId?: string;
  /** Identifier or ARN of the source. */
  readonly source?: string;
  readonly parameters: OperationParameters;
  /** The key that the error text or the request names, if no parameter in `parameters` holds it. */
  readonly key?: string;
  readonly context: Context;
  /** The KMS call that failed or that RDS made, if the record or the error text shows it. */
  readonly call?: { readonly action: string; readonly key?: string };
  /** Absent: AWS accepted the request. */
  readonly error?: AwsError;
  readonly notes: readonly Note[];
}

/**
 * The facts of a record. `file`: the name of its file in messages, if it has one.
 * @throws Failure if the record is not about an operation
 */
export function incidentOf(record: IncidentRecord, file?: string): Incident {
  switch (record.is) {
    case 'CloudTrail event':
      return ofCloudTrail(record.event);
    case 'RDS event':
      return ofRdsEvent(record.event);
    case 'export task':
      return ofExportTask(record.task);
    case 'backup job':
      return ofBackupJob(record.job);
    case 'error text':
      return ofText(record.text, record.code, file);
  }
}

/** The ARNs of all keys and aliases that an incident names, for any purpose. */
export function keysNamedBy({ key, call, error }: Incident): readonly string[] {
  const named = [key, call?.key, error?.key?.name, error?.denied?.resource].flatMap((name) => name ?? []);
  const isOne = (name: string): boolean =>
    isKeyArn(name) || (placeOf(name) !== undefined && parseArn(name)?.type === 'alias');
  return [...new Set(named)].filter((name) => isOne(name) && !/[*?]/.test(name));
}

function ofText(text: string, code?: string, file?: string): Incident {
  const error = readError(text, code);
  if (error === undefined)
    throw new Failure(
      'input',
      `${file === undefined ? '' : `${file}: `}cannot read the error text \`${text.replaceAll(/\s+/g, ' ').slice(0, 80)}\``,
      'pass the whole error text with its code, such as `KMSKeyNotAccessibleFault: ...`, or the CloudTrail event. Errors of services other than RDS, KMS and AWS Backup cannot be explained',
    );
  const { denied, api } = error;
  // A key's Region may not be the Region of the request: the key may belong to the source, or the
  // wrong Region may be the mistake. Only the ARN of an RDS resource shows the Region.
  const place = denied?.action.startsWith('rds:') === true ? placeOf(denied.resource ?? '') : undefined;
  const call = denied === undefined || !denied.action.startsWith('kms:') ? undefined : denied;
  const principal = isPrincipal(denied?.principal) ? denied.principal : undefined;
  const { parameters, ...named } = namedBy(denied?.resource, api);
  return {
    is: 'error text',
    ...(place === undefined ? {} : { region: place.region }),
    ...(api === undefined ? {} : { api }),
    ...(principal === undefined ? {} : { principal }),
    ...named,
    parameters: { ...parameters, ...roleNamedBy(error, api) },
    ...(error.key?.name === undefined ? {} : { key: error.key.name }),
    context: {},
    ...(call === undefined ? {} : { call: callOn(call.action, call.resource) }),
    ...(error.call === undefined ? {} : { call: callOn(error.call, keyArnIn(error.message)) }),
    error,
    notes: [],
  };
}

/** The role that the request passes, if the error text names the role. */
function roleNamedBy({ message, denied }: AwsError, api: string | undefined): OperationParameters {
  const [operation] = catalogue.filter((one) => one.api === api);
  // An operation that takes --iam-role passes no other role.
  const passed = denied?.action === 'iam:PassRole' && isRoleArn(denied.resource ?? '') ? denied.resource : undefined;
  const iamRole = roleIn(message) ?? passed;
  return iamRole === undefined || operation === undefined ? {} : pickParameters({ iamRole }, operation.parameters);
}

/**
 * What the resource of a denial is for the operation: the source, the new resource, or a group that
 * the request names. If the resource could be both the source and the new resource, it counts as
 * neither.
 */
function namedBy(resource: string | undefined, api: string | undefined): Pick<Incident, 'source' | 'parameters'> {
  const sharing = catalogue.filter((one) => one.api === api);
  const [operation] = sharing;
  const arn = parseArn(resource ?? '');
  if (operation === undefined || arn === undefined) return { parameters: {} };
  const { type, name } = arn;
  const isRead = ({ reads }: Operation): boolean => reads?.types.some((one) => one === type) === true;
  const isMade = ({ makes }: Operation): boolean => makes === type;
  if (sharing.some((one) => isRead(one) && !isMade(one))) return { source: arn.text, parameters: {} };
  if (sharing.some((one) => isMade(one) && !isRead(one)) && /^[a-z][a-z0-9-]*$/i.test(name))
    return { parameters: { to: name } };
  const flag = parameterNaming(type);
  return { parameters: flag === undefined ? {} : pickParameters(requestWith(flag, name), operation.parameters) };
}

function keyArnIn(text: string): string | undefined {
  return text.split(/[\s"'`,;]+/).find((word) => isKeyArn(word));
}

function callOn(action: string, key: string | undefined | null): NonNullable<Incident['call']> {
  return key === undefined || key === null || !isKeyArn(key) ? { action } : { action, key };
}

function ofCloudTrail(event: CloudTrailRecord): Incident {
  const { eventSource, eventName, eventTime, awsRegion, eventID, errorCode } = event;
  const service = serviceIn(eventSource);
  if (service !== 'rds' && service !== 'kms' && service !== 'secretsmanager')
    throw new Failure(
      'input',
      `the event is from ${eventSource} (${eventName})`,
      'pass an event from rds.amazonaws.com, or one from kms.amazonaws.com or secretsmanager.amazonaws.com in which RDS makes the call',
    );
  const failed = typeof errorCode === 'string' && errorCode !== '';
  const error = failed ? readError(event.errorMessage ?? '', errorCode) : undefined;
  const who = principalOf(event);
  const role = roleOf(event);
  const federatedBy = federatingUserOf(event);
  const shared = {
    is: 'CloudTrail event',
    ...(typeof eventID === 'string' ? { id: eventID } : {}),
    at: eventTime,
    region: awsRegion,
    ...(who.arn === undefined ? {} : { principal: who.arn, ...uniqueIdOf(event) }),
    ...(role === undefined ? {} : { role }),
    ...(federatedBy === undefined ? {} : { federatedBy }),
    ...(error === undefined ? {} : { error }),
  } as const;
  return service === 'rds'
    ? { ...shared, ...ofRequest(event, who.notes), api: eventName, context: contextOf(event) }
    : { ...shared, ...ofRdsCall(event, service), notes: who.notes };
}

/** CloudTrail writes this text in place of a value that it hides. */
const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/**
 * The names of hidden values that a check may need. No check needs a password or a presigned URL.
 */
function hiddenNames(request: CloudTrailRecord['requestParameters']): readonly string[] {
  const names = Object.entries(request ?? {}).flatMap(([name, value]) => (value === hidden ? [name] : []));
  return names.filter((name) => !/password|url/i.test(name));
}

function withoutHidden(request: CloudTrailRecord['requestParameters']): CloudTrailRecord['requestParameters'] {
  if (request == null) return request;
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== hidden));
}

function ofRequest(
  { eventName, requestParameters: sent, awsRegion, userIdentity, errorMessage, errorCode }: CloudTrailRecord,
  notes: readonly Note[],
): Pick<Incident, 'operation' | 'source' | 'parameters' | 'key' | 'notes'> {
  const requestParameters = withoutHidden(sent);
  const { invokedBy } = userIdentity;
  const invokedByNote: readonly Note[] =
    typeof invokedBy === 'string' && invokedBy !== backupService && userIdentity.type !== 'AWSService'
      ? [{ code: 'invoked-by-service', service: invokedBy, forwards: isForwardedBy(invokedBy, userIdentity) }]
      : [];
  const isOmitted = fieldOf(requestParameters, 'omitted') === true || requestParameters == null;
  const omittedNote: readonly Note[] = isOmitted ? [{ code: 'request-parameters-absent' }] : [];
  const asked = operationOfRequest(eventName, (parameter) => textOf(requestParameters, parameter));
  const names = hiddenNames(sent);
  const hiddenNote: readonly Note[] = names.length === 0 ? [] : [{ code: 'request-values-hidden', names }];
  const all = [...notes, ...invokedByNote, ...omittedNote, ...hiddenNote];
  if (asked === undefined) {
    const key = readError(errorMessage ?? '', errorCode ?? undefined)?.key?.name ?? keyIn(requestParameters);
    return { parameters: {}, ...(key === undefined ? {} : { key }), notes: all };
  }
  const operation = asRoleOf(invokedBy ?? undefined, asked) ?? asked;
  const source = (operation.request.source ?? []).map((name) => textOf(requestParameters, name)).find((one) => one);
  const { to: name } = operation.request;
  const to = name === undefined ? undefined : textOf(requestParameters, name);
  const parameters = {
    ...parametersOf(requestParameters),
    ...(to === undefined ? {} : { to }),
    ...sourceRegion(source, awsRegion),
  };
  const isEmpty = fieldOf(requestParameters, 'KmsKeyId') === '';
  // Several operations share an API, and without parameters nobody can tell them apart.
  const settled = isOmitted ? {} : { operation, ...(source === undefined ? {} : { source }) };
  return {
    ...settled,
    parameters: pickParameters(parameters, operation.parameters),
    ...(isEmpty ? { key: '' } : {}),
    notes: all,
  };
}

/** The key that a request names for any purpose: storage, Performance Insights, or a secret. */
function keyIn(request: unknown): string | undefined {
  if (!isJson(request)) return undefined;
  const named = Object.keys(request).filter((name) => /kms_?key(?:_?id)?$/i.test(name));
  return named.map((name) => textOf(request, name)).find((value) => value !== undefined);
}

/** The Region of the source, if the operation reads it from another Region. */
function sourceRegion(source: string | undefined, region: string): Pick<OperationParameters, 'sourceRegion'> {
  const named = source === undefined ? undefined : placeOf(source)?.region;
  return named === undefined || named === region ? {} : { sourceRegion: named };
}

/**
 * A call that RDS made to KMS or Secrets Manager, with the principal's identity or with its own. RDS
 * creates the secret of a managed password with the principal's identity (rds-kms-operations-2
 * 13.8).
 */
function ofRdsCall(event: CloudTrailRecord, service: string): Pick<Incident, 'call' | 'parameters' | 'context'> {
  const { eventName, requestParameters, resources, userIdentity, sourceIPAddress, userAgent, errorMessage } = event;
  const { invokedBy, type } = userIdentity;
  if (![invokedBy, sourceIPAddress, userAgent].some(mayBeRds))
    throw new Failure(
      'input',
      `the event is a call of ${service}:${eventName} that ${typeof invokedBy === 'string' ? invokedBy : `${type === 'AWSService' ? 'a service' : 'the principal'} itself`} made, not RDS`,
      `pass the RDS event that failed (eventSource rds.amazonaws.com), or a ${service === 'kms' ? 'KMS' : 'Secrets Manager'} event with \`invokedBy\` rds.amazonaws.com`,
    );
  if (service !== 'kms') return { call: { action: `${service}:${eventName}` }, parameters: {}, context: {} };
  const key =
    resources?.map(({ ARN: arn }) => arn).find((arn) => typeof arn === 'string' && isKeyArn(arn)) ??
    readError(errorMessage ?? '')?.denied?.resource ??
    textOf(requestParameters, 'keyId');
  // The session context in a KMS record describes the forwarded call, not the principal's own
  // request.
  return { call: callOn(`kms:${eventName}`, key), parameters: {}, context: {} };
}

/**
 * Whether a name may stand for RDS. It is not known whether CloudTrail shows `AWS Internal` or the
 * name of RDS (iam-evaluation 14.25).
 */
function mayBeRds(name: string | null | undefined): boolean {
  if (typeof name !== 'string') return false;
  return name === 'AWS Internal' || /(?:^|\.)rds(?:\.[a-z0-9-]+)?$/.test(serviceIn(name) ?? '');
}

function isPrincipal(arn: string | null | undefined): arn is string {
  return typeof arn === 'string' && parsePrincipalArn(arn) !== undefined;
}

/** The ARN of the caller, or a note if the record does not have the ARN. */
function principalOf(event: CloudTrailRecord): { readonly arn?: string; readonly notes: readonly Note[] } {
  const { type, arn: own, accountId, invokedBy } = event.userIdentity;
  switch (type) {
    case 'IAMUser':
    case 'Root':
    case 'AssumedRole':
    case 'FederatedUser': {
      const arn = own ?? roleOf(event);
      return isPrincipal(arn) ? { arn, notes: [] } : { notes: [{ code: 'principal-arn-absent' }] };
    }
    case 'AWSService':
      return { notes: [{ code: 'caller-is-service', ...(invokedBy == null ? {} : { service: invokedBy }) }] };
    case 'AWSAccount':
      return { notes: [{ code: 'caller-account-only', ...(accountId == null ? {} : { account: accountId }) }] };
    default:
      return { notes: [{ code: 'caller-not-in-iam', ...(type == null ? {} : { type }) }] };
  }
}

/** The ARN of the role of a session. The ARN of the session itself lacks the role's path. */
function roleOf({ userIdentity: { type, sessionContext } }: CloudTrailRecord): string | undefined {
  const arn = sessionContext?.sessionIssuer?.arn;
  return type === 'AssumedRole' && isPrincipal(arn) ? arn : undefined;
}

/**
 * The user that federated a session. Its ARN is not in the ARN of the session (iam-evaluation
 * 5.23). A root user is left out: what its sessions may do is not documented.
 */
function federatingUserOf({ userIdentity: { type, arn: own, sessionContext } }: CloudTrailRecord): string | undefined {
  const arn = sessionContext?.sessionIssuer?.arn;
  if (type !== 'FederatedUser' || !isPrincipal(own) || !isPrincipal(arn)) return undefined;
  return parsePrincipalArn(arn)?.type === 'user' && accountOf(arn) === accountOf(own) ? arn : undefined;
}

/**
 * The unique ID of a user or role. In a session, the ID of the role comes before the name of the
 * session (iam-evaluation 4.9).
 */
function uniqueIdOf({ userIdentity: { principalId } }: CloudTrailRecord): Pick<Incident, 'uniqueId'> {
  const id = /^A(?:IDA|ROA)\w+/.exec(principalId ?? '')?.[0];
  return id === undefined ? {} : { uniqueId: id };
}

/**
 * Whether a service certainly forwarded the request of a principal. A service cannot assume a user,
 * but a role session may be one that the service started for itself.
 */
function isForwardedBy(service: string, { type }: CloudTrailRecord['userIdentity']): boolean {
  return serviceIn(service) !== undefined && (type === 'IAMUser' || type === 'Root' || type === 'FederatedUser');
}

/**
 * The condition keys that a request with long-term credentials lacks (iam-evaluation 7B). Access
 * key IDs of long-term credentials begin with AKIA.
 */
function keysOfCredentials({ accessKeyId }: CloudTrailRecord['userIdentity']): Context {
  if (accessKeyId?.startsWith('AKIA') !== true) return {};
  const absent = ['aws:MultiFactorAuthPresent', 'aws:MultiFactorAuthAge', 'aws:TokenIssueTime'];
  return Object.fromEntries(absent.map((key) => [key, ['']]));
}

/** The services that set aws:CalledVia, according to AWS's list (iam-evaluation 7.4). */
const fillsCalledVia: ReadonlySet<string | undefined> = new Set([
  'athena',
  'cloud9',
  'cloudformation',
  'databrew',
  'dataexchange',
  'dynamodb',
  'kms',
  'servicecatalog-appregistry',
  'sqlworkbench',
]);

/** The condition keys of a request that came through a service (iam-evaluation 7.4). */
function keysOfService(userIdentity: CloudTrailRecord['userIdentity']): Context {
  const { invokedBy } = userIdentity;
  if (typeof invokedBy !== 'string' || invokedBy === backupService) return {};
  if (!isForwardedBy(invokedBy, userIdentity)) return { 'aws:ViaAWSService': ['true', 'false'] };
  const services = fillsCalledVia.has(serviceIn(invokedBy)) ? { 'aws:CalledVia': [invokedBy] } : {};
  return { 'aws:ViaAWSService': ['true'], ...services };
}

/**
 * aws:FederatedProvider of a session from OIDC federation. For an IAM OIDC provider, the record has
 * the provider's ARN, but the condition key may hold its URL instead.
 */
function providersOf({ sessionContext }: CloudTrailRecord['userIdentity']): Context {
  const provider = sessionContext?.webIdFederationData?.federatedProvider;
  if (typeof provider !== 'string' || provider === '') return {};
  const arn = parseArn(provider);
  const address = arn?.type === 'oidc-provider' ? arn.name : undefined;
  return { 'aws:FederatedProvider': [provider, ...(address === undefined ? [] : [address])] };
}

/** The condition keys of the principal's own request, as far as the event shows them. */
function contextOf({ userIdentity, sourceIPAddress, vpcEndpointId, eventTime }: CloudTrailRecord): Context {
  const { attributes, sourceIdentity } = userIdentity.sessionContext ?? {};
  const isAddress = typeof sourceIPAddress === 'string' && /^(?:[\d.]+|[0-9a-f]*:[0-9a-f:.]+)$/i.test(sourceIPAddress);
  const byEndpoint = typeof vpcEndpointId === 'string';
  const keys: Readonly<Record<string, string | null | undefined>> = {
    'aws:SourceVpce': vpcEndpointId,
    // Through a VPC endpoint, the address belongs to the VPC.
    [byEndpoint ? 'aws:VpcSourceIp' : 'aws:SourceIp']: isAddress ? sourceIPAddress : undefined,
    'aws:MultiFactorAuthPresent': attributes?.mfaAuthenticated,
    'aws:TokenIssueTime': attributes?.creationDate,
    'aws:SourceIdentity': sourceIdentity,
    ...timeKeys(eventTime),
  };
  const present = Object.entries(keys).flatMap(([key, value]): [string, readonly string[]][] =>
    typeof value === 'string' && value !== '' ? [[key, [value]]] : [],
  );
  return {
    ...Object.fromEntries(present),
    ...keysOfCredentials(userIdentity),
    ...providersOf(userIdentity),
    ...keysOfService(userIdentity),
  };
}

function timeKeys(time: string): Readonly<Record<string, string>> {
  return { 'aws:CurrentTime': time, 'aws:EpochTime': String(Math.floor(Date.parse(time) / 1000)) };
}

function timeOf(time: string | null | undefined): Pick<Incident, 'at'> {
  return typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? { at: time } : {};
}

/**
 * An RDS event reports what happened to a database later. It does not show a request
 * (rds-kms-operations 2.2).
 */
function ofRdsEvent({ Message: message, EventID: eventId, SourceArn: arn, Date: date }: RdsEvent): Incident {
  const region = typeof arn === 'string' ? placeOf(arn)?.region : undefined;
  const error = readError(typeof eventId === 'string' ? `${eventId}: ${message}` : message);
  if (error === undefined)
    throw new Failure(
      'input',
      `the RDS event is not about a key: \`${message.slice(0, 80)}\``,
      'pass an event such as RDS-EVENT-0419, or the CloudTrail event of the call that failed',
    );
  return {
    is: 'RDS event',
    ...(typeof eventId === 'string' ? { id: eventId } : {}),
    ...timeOf(date),
    ...(region === undefined ? {} : { region }),
    parameters: {},
    context: {},
    error: { ...error, message },
    notes: typeof arn === 'string' ? [{ code: 'event-subject', arn }] : [],
  };
}

function ofExportTask(task: ExportTask): Incident {
  const { SourceArn: source, Status: status, FailureCause: cause, ExportTaskIdentifier: id, TaskStartTime: at } = task;
  const request: Readonly<Record<string, string | null | undefined>> = {
    SourceArn: source,
    S3BucketName: task.S3Bucket,
    IamRoleArn: task.IamRoleArn,
    KmsKeyId: task.KmsKeyId,
  };
  const asked = operationOfRequest('StartExportTask', (parameter) => textOf(request, parameter));
  const failed = status.toUpperCase() === 'FAILED';
  if (/^CANCEL/i.test(status))
    throw new Failure(
      'input',
      `export task \`${id}\` was canceled: AWS refused nothing`,
      'pass an export task that failed or completed',
    );
  if (!failed && status.toUpperCase() !== 'COMPLETE')
    throw new Failure(
      'input',
      `export task \`${id}\` is ${status}`,
      'run diagnose again after the task failed or completed',
    );
  const region = placeOf(source)?.region;
  return {
    is: 'export task',
    id,
    ...timeOf(at),
    ...(region === undefined ? {} : { region }),
    api: 'StartExportTask',
    ...(asked === undefined ? {} : { operation: asked }),
    source,
    parameters: parametersOf(request),
    context: {},
    ...(failed ? { error: textError(cause ?? '') } : {}),
    notes: [{ code: 'export-starter-unknown' }],
  };
}

/** AWS's text about a failed task or job, even if the program does not understand it. */
function textError(cause: string): AwsError {
  return readError(cause) ?? { message: cause, says: [] };
}

/**
 * The API that AWS Backup calls for each kind of job, for a cluster or an instance as the source.
 */
const jobApis: Readonly<Record<BackupJobKind, { readonly cluster: string; readonly instance: string }>> = {
  backup: { cluster: 'CreateDBClusterSnapshot', instance: 'CreateDBSnapshot' },
  restore: { cluster: 'RestoreDBClusterFromSnapshot', instance: 'RestoreDBInstanceFromDBSnapshot' },
  copy: { cluster: 'CopyDBClusterSnapshot', instance: 'CopyDBSnapshot' },
};

/** An AWS Backup job runs as a role. The job does not name the key of the vault. */
function ofBackupJob({ kind, id, at, failed, message, role, source, destinationVault, region }: BackupJob): Incident {
  const arn = parseArn(source ?? '');
  const isRds = arn?.service === 'rds';
  // Recovery points in some vaults have an ARN of AWS Backup, not of RDS.
  if (arn !== undefined && !isRds && arn.service !== 'backup')
    throw new Failure(
      'input',
      `${kind} job \`${id ?? ''}\` is about ${arn.text}, which is not a database`,
      'pass a job whose resource is a cluster or an instance of RDS',
    );
  const api = jobApis[kind][arn?.type.startsWith('cluster') === true ? 'cluster' : 'instance'];
  const plain = operationOfRequest(api, () => undefined);
  const operation = plain === undefined ? undefined : (asRoleOf(backupService, plain) ?? plain);
  const vault = parseArn(destinationVault ?? '');
  const place = vault?.region ?? placeOf(source ?? '')?.region ?? region;
  const parameters = sourceRegion(source, place ?? '');
  return {
    is: 'backup job',
    ...(id === undefined ? {} : { id }),
    ...timeOf(at),
    ...(place === undefined ? {} : { region: place }),
    ...(isRds ? { api, ...(operation === undefined ? {} : { operation }) } : {}),
    ...(role === undefined ? {} : { principal: role }),
    ...(isRds && source !== undefined ? { source } : {}),
    parameters: operation === undefined ? {} : pickParameters(parameters, operation.parameters),
    context: {},
    ...(failed ? { error: textError(message) } : {}),
    notes: vault === undefined ? [] : [{ code: 'vault-key-not-told', account: vault.account, region: vault.region }],
  };
}
