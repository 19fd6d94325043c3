import { parseArn, withoutPath } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { sameJson } from '../base/json.ts';
import { operationsCalled } from '../check/operation-named.ts';
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
  /** The operation, its source and its parameters, if they are known. */
  readonly asked: (operations: readonly [Operation, ...Operation[]]) => {
    readonly operation: Operation;
    readonly target: string | undefined;
    readonly parameters: OperationParameters;
  };
}

/** The question for a check of an incident, and the known facts of the session. */
export interface SessionQuestion extends IncidentQuestion {
  readonly context: Incident['context'];
}

/**
 * The facts of an incident together with the facts that the user adds.
 * @throws Failure if the two contradict each other, or no operation has the name
 */
export function questionOf(incident: Incident, added: Added): SessionQuestion {
  const context = together(incident.context, added.context);
  const principal = settled('--principal', incident.principal, samePrincipal(incident.principal, added.principal));
  const [first, ...others] = readingIts(incident, operationsOf(incident, added.operation));
  if (first === undefined) return { principal, target: undefined, context, ...unlisted(incident) };
  const { operation, target, parameters } = added.asked([first, ...others]);
  return {
    operation,
    principal,
    target: settled(`--${operation.reads?.flag ?? ''}`, incident.source, sameSource(incident.source, target)),
    parameters: withNamedKey(incident, operation, withParameters(incident.parameters, parameters)),
    context,
  };
}

/**
 * The question for an API that is not in the catalogue: the use of the named key by the API, or
 * else the call that AWS denied.
 */
function unlisted(incident: Incident): Pick<IncidentQuestion, 'operation' | 'parameters'> {
  const { api, key, is } = incident;
  if (api === undefined || operationsNamed(api).length > 0) return { operation: undefined, parameters: {} };
  // A text may be of a call to another service, such as PutObject, whose calls to KMS are not RDS's.
  if (is === 'error text' && findAction(`rds:${api}`) === undefined) return { operation: undefined, parameters: {} };
  if (key !== undefined && !isUnsetName(key)) return { operation: keyUseOf(api), parameters: { kmsKeyId: key } };
  if (deniedCallOf(incident) === undefined && key === undefined) return { operation: undefined, parameters: {} };
  return { operation: { ...keyUseOf(api), calls: [], preconditions: [] }, parameters: {} };
}

/**
 * The key that the text names is the one that the request named, unless it is the key of the
 * source.
 */
function withNamedKey(
  { error, operation: told }: Incident,
  operation: Operation,
  parameters: OperationParameters,
): OperationParameters {
  const { which, name } = error?.key ?? {};
  const isOfRequest = told === undefined && name !== undefined && which !== 'source snapshot';
  if (!isOfRequest || parameters.kmsKeyId !== undefined || !operation.parameters.includes('kms-key-id'))
    return parameters;
  return { ...parameters, kmsKeyId: name };
}

/** The Region of the check. @throws Failure if `given` contradicts the incident */
export function regionOf({ call, region }: Incident, given: string | undefined): string | undefined {
  return call === undefined ? settled('--region', region, given) : (given ?? region);
}

/**
 * The operations that take the source in the incident, by the type of its ARN; all if the incident
 * names no ARN.
 */
function readingIts({ source }: Incident, operations: readonly Operation[]): readonly Operation[] {
  const type = parseArn(source ?? '')?.type;
  const fitting = operations.filter(({ reads }) => reads?.types.some((one) => one === type) === true);
  return fitting.length > 0 ? fitting : operations;
}

/** The operations that the incident may be about; the flag that names the source decides which. */
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

function withParameters(told: OperationParameters, given: OperationParameters): OperationParameters {
  for (const flag of allParameters()) {
    const [one, other] = [valueOf(told, flag), valueOf(given, flag)];
    if (!sameName(flag, one, other)) settled(`--${flag}`, one, other);
  }
  return { ...given, ...told };
}

/**
 * Whether two texts are one name to RDS: it takes the names of resources and groups in any case
 * (rds-kms-operations-2 13.9).
 */
function sameName(flag: Parameter, one: unknown, other: unknown): boolean {
  const isName = flag === 'to' || rowOf(flag).names !== undefined;
  return isName && typeof one === 'string' && typeof other === 'string' && one.toLowerCase() === other.toLowerCase();
}

/**
 * The value in the incident, if the user gives the same value, or the name in its ARN. RDS ignores
 * case.
 */
function sameSource(told: string | undefined, given: string | undefined): string | undefined {
  const names = [told, parseArn(told ?? '')?.name].map((name) => name?.toLowerCase());
  return names.includes(given?.toLowerCase()) ? told : given;
}

/** The principal in the incident, if the user gives the same one, or the role of its session. */
function samePrincipal(told: string | undefined, given: string | undefined): string | undefined {
  const arn = parseArn(told ?? '');
  if (arn === undefined || given === undefined) return given;
  const own = parseArn(given);
  if (own !== undefined && own.account !== arn.account) return given;
  const [type = '', role = ''] = arn.resource.split('/');
  const name = withoutPath(arn.name);
  const names =
    type === 'assumed-role' ? [arn.resource, `role/${role}`, role] : [arn.resource, `${type}/${name}`, name];
  const named = own === undefined || own.type !== 'role' ? (own?.resource ?? given) : `role/${withoutPath(own.name)}`;
  return names.some((one) => one === named.replace(/^\w+(?=\/)/, (word) => word.toLowerCase())) ? told : given;
}

/** @throws Failure if the value in the incident and the value of the user differ */
function settled<T>(flag: string, told: T | undefined, given: T | undefined): T | undefined {
  if (told === undefined || given === undefined) return told ?? given;
  if (sameJson(told, given)) return told;
  throw contradiction(flag, JSON.stringify(told), JSON.stringify(given));
}

function contradiction(flag: string, told: string, given: string): Failure {
  return new Failure('input', `${flag} is ${given}, but the incident has ${told}`, `leave out ${flag}`);
}

function together(told: Incident['context'], given: Incident['context']): Incident['context'] {
  const all = new Map(Object.entries(told));
  for (const [key, values] of Object.entries(given)) {
    const known = Object.keys(told).find((other) => other.toLowerCase() === key.toLowerCase());
    settled(`--context ${key}`, known === undefined ? undefined : told[known], values);
    if (known === undefined) all.set(key, values);
  }
  return Object.fromEntries(all);
}
