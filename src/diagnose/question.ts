import { isArn, isNamed, parseArn, withoutPath } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { sameJson } from '../base/json.ts';
import { isRoleArn } from '../base/principal-arn.ts';
import { operationsCalled } from '../check/operation-named.ts';
import { shownName } from '../evidence/sources.ts';
import { findAction } from '../operations/action-table.ts';
import { operationsNamed } from '../operations/catalogue.ts';
import { keyUseOf } from '../operations/key-use.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters, Parameter } from '../operations/parameters.ts';
import { allParameters, rowOf, valueOf } from '../operations/request-parameters.ts';
import { deniedCallOf } from './denied-call.ts';
import type { IncidentQuestion } from './diagnose.ts';
import { isUnsetName } from './error-text.ts';
import type { Incident } from './incident.ts';

/** Facts that the user adds to an incident. */
export interface Added {
  /** A command, or the name of an API. */
  readonly operation?: string;
  readonly principal?: string;
  readonly context: Incident['context'];
  /** Chooses one of the possible operations, and reads its source and parameters from the flags. */
  readonly asked: (operations: readonly [Operation, ...Operation[]]) => {
    readonly operation: Operation;
    readonly target: string | undefined;
    readonly parameters: OperationParameters;
  };
}

/** What to check for an incident, and what is known of the session. */
export interface SessionQuestion extends IncidentQuestion, Pick<Incident, 'context' | 'federatedBy'> {}

/**
 * Combines the facts of an incident with the facts that the user adds.
 * @throws Failure if the two contradict each other, or if no operation has the given name
 */
export function questionOf(incident: Incident, added: Added): SessionQuestion {
  const { federatedBy } = incident;
  const session = {
    context: together(incident.context, added.context),
    ...(federatedBy === undefined ? {} : { federatedBy }),
  };
  const principal = settled('--principal', incident.principal, samePrincipal(incident.principal, added.principal));
  const [first, ...others] = acceptingSource(incident, operationsOf(incident, added.operation));
  if (first === undefined) return { principal, target: undefined, ...session, ...unlisted(incident) };
  const { operation, target, parameters } = added.asked([first, ...others]);
  return {
    operation,
    principal,
    target: settled(
      `--${operation.reads?.flag ?? ''}`,
      incident.source,
      sameSource(incident.source, target, operation),
    ),
    parameters: withNamedKey(incident, operation, withParameters(incident.parameters, parameters)),
    ...session,
  };
}

/**
 * The question for an API that the catalog lacks: whether the API may use the key that the request
 * names, or else the call that AWS denied.
 */
function unlisted(incident: Incident): Pick<IncidentQuestion, 'operation' | 'parameters'> {
  const { api, key, is } = incident;
  if (api === undefined || operationsNamed(api).length > 0) return { operation: undefined, parameters: {} };
  // An error text may be about another service, such as PutObject of S3. Its KMS calls are not
  // calls of RDS.
  if (is === 'error text' && findAction(`rds:${api}`) === undefined) return { operation: undefined, parameters: {} };
  if (key !== undefined && !isUnsetName(key)) return { operation: keyUseOf(api), parameters: { kmsKeyId: key } };
  if (deniedCallOf(incident) === undefined && key === undefined) return { operation: undefined, parameters: {} };
  return { operation: { ...keyUseOf(api), calls: [], preconditions: [] }, parameters: {} };
}

/**
 * Adds the key in the error text to the parameters of the request, unless it is the key of the
 * source snapshot.
 */
function withNamedKey(
  { error, operation: recorded }: Incident,
  operation: Operation,
  parameters: OperationParameters,
): OperationParameters {
  const { which, name } = error?.key ?? {};
  const isOfRequest = recorded === undefined && name !== undefined && which !== 'source snapshot';
  if (!isOfRequest || parameters.kmsKeyId !== undefined || !operation.parameters.includes('kms-key-id'))
    return parameters;
  // RDS refuses a key without encryption before it reads the key (rds-kms-operations 4.8).
  return operation.parameters.includes('storage-encrypted')
    ? { storageEncrypted: true, ...parameters, kmsKeyId: name }
    : { ...parameters, kmsKeyId: name };
}

/**
 * The Region of the check.
 * @throws Failure if `given` contradicts the incident
 */
export function regionOf({ call, region }: Incident, given: string | undefined): string | undefined {
  return call === undefined ? settled('--region', region, given) : (given ?? region);
}

/**
 * The operations that accept the type of the source in the incident. All operations, if the
 * incident has no ARN of a source or none of them accepts it.
 */
function acceptingSource({ source }: Incident, operations: readonly Operation[]): readonly Operation[] {
  const type = parseArn(source ?? '')?.type;
  const fitting = operations.filter(({ reads }) => reads?.types.some((one) => one === type) === true);
  return fitting.length > 0 ? fitting : operations;
}

/** The operations that the incident may be about. `named`: the operation that the user names. */
function operationsOf({ operation, api }: Incident, named: string | undefined): readonly Operation[] {
  if (named === undefined || (named === api && operationsNamed(api).length === 0))
    return operation === undefined ? operationsNamed(api ?? '') : [operation];
  const called = operationsCalled(named);
  const fitting = called.filter((one) =>
    operation === undefined ? api === undefined || one.api === api : one === operation,
  );
  if (fitting.length > 0) return fitting;
  throw contradiction('--operation', operation?.command ?? api ?? '', named);
}

function withParameters(recorded: OperationParameters, given: OperationParameters): OperationParameters {
  for (const flag of allParameters()) {
    const [one, other] = [valueOf(recorded, flag), valueOf(given, flag)];
    if (!sameName(flag, one, other)) settled(`--${flag}`, one, other);
  }
  return { ...given, ...recorded };
}

/**
 * Whether two texts are the same name. RDS ignores the case of names of resources and groups
 * (rds-kms-operations-2 13.9), and flags take the name of a role as well as its ARN.
 */
function sameName(flag: Parameter, one: unknown, other: unknown): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  if (isNameOfRole(one, other) || isNameOfRole(other, one)) return true;
  const isName = flag === 'to' || rowOf(flag).names !== undefined;
  return isName && one.toLowerCase() === other.toLowerCase();
}

function isNameOfRole(name: string, arn: string): boolean {
  return isRoleArn(arn) && !isArn(name) && isNamed(arn, `role/${name.replace(/^role\//i, '')}`);
}

/**
 * The source in the incident, if the user gives the same source, the name in its ARN, or this name
 * with its type, as answers show it. Otherwise the source that the user gives. RDS ignores case.
 */
function sameSource(recorded: string | undefined, given: string | undefined, { reads }: Operation): string | undefined {
  const arn = parseArn(recorded ?? '');
  const names = [recorded, arn?.name, arn?.resource].map((name) => name?.toLowerCase());
  const { type, name } = shownName(given ?? '');
  const named = arn === undefined && type !== undefined && type === reads?.types[0] ? name : given;
  return names.includes(named?.toLowerCase()) ? recorded : given;
}

/**
 * The principal in the incident, if the user gives the same principal or the role of its session.
 * Otherwise the principal that the user gives.
 */
function samePrincipal(recorded: string | undefined, given: string | undefined): string | undefined {
  const arn = parseArn(recorded ?? '');
  if (arn === undefined || given === undefined) return given;
  const own = parseArn(given);
  if (own !== undefined && own.account !== arn.account) return given;
  const [type = '', role = ''] = arn.resource.split('/');
  const name = withoutPath(arn.name);
  const names =
    type === 'assumed-role' ? [arn.resource, `role/${role}`, role] : [arn.resource, `${type}/${name}`, name];
  const named = own === undefined || own.type !== 'role' ? (own?.resource ?? given) : `role/${withoutPath(own.name)}`;
  return names.some((one) => one === named.replace(/^\w+(?=\/)/, (word) => word.toLowerCase())) ? recorded : given;
}

/**
 * The value in the incident or of the user, if they do not contradict each other.
 * @throws Failure if they do
 */
function settled<T>(flag: string, recorded: T | undefined, given: T | undefined): T | undefined {
  if (recorded === undefined || given === undefined) return recorded ?? given;
  if (sameJson(recorded, given)) return recorded;
  throw contradiction(flag, JSON.stringify(recorded), JSON.stringify(given));
}

function contradiction(flag: string, recorded: string, given: string): Failure {
  return new Failure('input', `${flag} is ${given}, but the incident has ${recorded}`, `leave out ${flag}`);
}

function together(recorded: Incident['context'], given: Incident['context']): Incident['context'] {
  const all = new Map(Object.entries(recorded));
  for (const [key, values] of Object.entries(given)) {
    const known = Object.keys(recorded).find((other) => other.toLowerCase() === key.toLowerCase());
    settled(`--context ${key}`, known === undefined ? undefined : recorded[known], values);
    if (known === undefined) all.set(key, values);
  }
  return Object.fromEntries(all);
}
