import { isKeyArn, parseArn } from '../base/arn.ts';
import { servicePrefix } from '../base/service.ts';
import type { DecidedCall } from '../check/decide.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { CallRow, NewType, Operation, ResourceRole } from '../operations/operation.ts';
import { sourceFlags } from '../operations/source-flags.ts';
import type { Incident } from './incident.ts';

/** The action and resource of a denial, according to its text. */
export interface DeniedCall {
  readonly action: CallRow['action'];
  /** ARN. */
  readonly resource: string;
}

/** The action and resource of a denial. Undefined: the text does not have both. */
export function deniedCallOf({ error }: Incident): DeniedCall | undefined {
  const { action, resource } = error?.denied ?? {};
  if (action === undefined || resource === undefined || !isAction(action)) return undefined;
  const arn = parseArn(resource);
  // A pattern is not a resource, and RDS calls KMS only on keys.
  if (arn === undefined || /[*?]/.test(resource)) return undefined;
  return action.startsWith('kms:') && !isKeyArn(resource) ? undefined : { action, resource };
}

function isAction(text: string): text is CallRow['action'] {
  return (servicePrefix(text) ?? '') !== '';
}

/** Whether the calls of an operation include the call that AWS denied. */
export function isAmong(calls: readonly DecidedCall[], { action, resource }: DeniedCall): boolean {
  return calls.some((call) => call.row.action === action && isSameResource(call.resource, resource));
}

/**
 * Whether two ARNs name the same resource. RDS stores names in lower case, but an error text may
 * show a name as the request had it (rds-kms-operations-2 13.9).
 */
export function isSameResource(one: string, other: string | undefined): boolean {
  if (other === undefined || parseArn(one)?.service !== 'rds') return one === other;
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * The operation with the denied call added to its calls. The catalog may not list this call for the
 * operation.
 */
export function withDenied(operation: Operation, denied: DeniedCall): Operation {
  return { ...operation, calls: [...operation.calls, rowOf(operation, denied)] };
}

/**
 * A catalog row for the denied call. Its basis is `observed`: the error text of AWS names the call.
 */
function rowOf(operation: Operation, { action, resource }: DeniedCall): CallRow {
  const common = { action, named: resource, basis: 'observed', source: 'rds-kms-operations 1.3' } as const;
  if (action.startsWith('kms:')) return { kind: 'forwarded', on: 'named key', ...common };
  const on = roleOfType(parseArn(resource)?.type ?? '', parseArn(resource)?.service ?? '');
  const alike = [operation, ...catalogue].flatMap(({ calls }) => calls.filter((row) => row.action === action));
  const { keys, sends } = alike.find((row) => row.on === on) ?? alike[0] ?? {};
  return {
    kind: 'caller',
    on,
    ...(keys === undefined ? {} : { keys }),
    ...(sends === undefined ? {} : { sends }),
    ...common,
  };
}

const newTypes: readonly NewType[] = ['cluster', 'db', 'cluster-snapshot', 'snapshot', 'auto-backup'];
const groupTypes = ['subgrp', 'cluster-pg', 'pg', 'og'] as const;

/**
 * The role of a resource in a call, by the type of its ARN. A source and a new resource can have
 * the same type: the new resource wins.
 */
function roleOfType(type: string, service: string): ResourceRole {
  if (service === 's3') return 'bucket';
  if (service === 'iam') return 'role';
  if (service === 'secretsmanager') return 'secret';
  const made = newTypes.find((one) => one === type);
  if (made !== undefined) return `new ${made}`;
  const read = Object.values(sourceFlags)
    .flatMap(({ types }) => types)
    .find((one) => one === type);
  return groupTypes.find((one) => one === type) ?? read ?? 'new cluster';
}
