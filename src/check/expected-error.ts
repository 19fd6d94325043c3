import type { ErrorCode, KeyRole, PreconditionCode } from '../operations/operation.ts';
import type { Bound, BoundKey } from './bind.ts';
import type { ReasonedCall } from './call-reason.ts';
import type { UnmetPrecondition } from './preconditions/preconditions.ts';

/** The error that AWS will show for an operation that fails. `error` is AWS's code of the error. */
export type ExpectedError =
  | {
      readonly code: 'caller-refused' | 'role-refused';
      readonly error: string;
      readonly call: ReasonedCall;
      readonly bound: Bound;
    }
  /** The principal may not create the secret of a managed password. */
  | { readonly code: 'secret-not-made'; readonly error: string }
  /** RDS's service-linked role cannot be created. */
  | { readonly code: 'rds-role-not-made'; readonly error: 'InvalidParameterValue' }
  | { readonly code: 'state-refused'; readonly error: string; readonly precondition: UnmetPrecondition }
  | {
      readonly code: 'key-not-accessible';
      readonly error: typeof kmsFault;
      readonly key: BoundKey | undefined;
      /** The words with which RDS names the key. Absent: AWS does not publish them. */
      readonly which?: KeyWords;
    };

/** The words with which RDS names a key that it cannot use (rds-kms-operations 2.2). */
export type KeyWords = 'The source snapshot' | 'The target' | 'Specified' | 'The specified';

/**
 * The error of a failing operation, in the order in which AWS would notice: the RDS permission,
 * then the states, then the key. Undefined: AWS does not publish what it shows.
 */
export function expectedErrorOf(
  bound: Bound,
  denied: readonly ReasonedCall[],
  unmet: readonly UnmetPrecondition[],
): ExpectedError | undefined {
  const { faults } = bound.operation;
  const caller = denied.find(({ call }) => call.row.kind === 'caller');
  // AWS does not publish what an AWS Backup job shows if a key refuses AWS Backup itself.
  if (caller?.call.key !== undefined) return undefined;
  if (caller !== undefined)
    return { code: 'caller-refused', error: faults.caller ?? 'AccessDenied', call: caller, bound };
  const [precondition] = unmet;
  if (precondition !== undefined) {
    const error = faultFor(precondition.row.fault, bound);
    if (error === undefined) return undefined;
    if (error !== kmsFault) return { code: 'state-refused', error, precondition };
  }
  const forwarded = denied.filter(({ call }) => call.row.kind === 'forwarded');
  // The default key for secrets is described in addition, so its denial explains the least.
  const ofKeys = forwarded.filter(({ call }) => call.key !== undefined);
  const ofKey = ofKeys.find(({ call }) => call.row.on !== 'default secret key') ?? ofKeys[0];
  // RDS was seen to ask KMS before Secrets Manager (rds-kms-operations-2 13.8).
  const refused = ofKey ?? forwarded[0] ?? denied[0];
  if (refused?.call.row.fault !== undefined) return { code: 'secret-not-made', error: refused.call.row.fault };
  // Observed in eks-workshop-v2 1609 and cube-js/cube 11114.
  if (refused?.call.row.on === 'RDS service-linked role')
    return { code: 'rds-role-not-made', error: 'InvalidParameterValue' };
  // AWS does not publish what RDS shows if another service refuses it.
  if (refused?.call.row.kind === 'forwarded' && refused.call.key === undefined) return undefined;
  if (refused?.call.row.kind === 'role')
    return { code: 'role-refused', error: faults.role ?? 'AccessDenied', call: refused, bound };
  const key = refused?.call.key ?? keyOf(precondition, bound);
  const which = refused?.call.row.on === 'default secret key' ? undefined : wordsFor(bound, key);
  return { code: 'key-not-accessible', error: kmsFault, key, ...(which === undefined ? {} : { which }) };
}

const kmsFault = 'KMSKeyNotAccessibleFault';

function faultFor(fault: ErrorCode | undefined, { source }: Bound): string | undefined {
  if (fault === undefined || typeof fault === 'string') return fault;
  return source === undefined ? undefined : fault[source.type];
}

/** Preconditions of keys other than the key of the new resource. */
const otherKeys: Readonly<Partial<Record<PreconditionCode, KeyRole>>> = {
  'source-key-is-enabled': 'storage key',
  'source-key-can-be-used-by-the-account': 'storage key',
  'secret-key-is-enabled': 'secret key',
  'insights-key-is-enabled': 'insights key',
};

/** The key that a precondition is about. */
function keyOf(precondition: UnmetPrecondition | undefined, { keys }: Bound): BoundKey | undefined {
  const other = precondition === undefined ? undefined : otherKeys[precondition.row.code];
  return (other === undefined ? undefined : keys[other]) ?? keys['target key'] ?? keys['storage key'];
}

/**
 * Copies name the key of the snapshot and the key of the copy in different words. Other requests
 * have been seen to call the key the specified one.
 */
function wordsFor({ operation, source, keys }: Bound, key: BoundKey | undefined): KeyWords | undefined {
  const { makes } = operation;
  if (makes === 'cluster-snapshot' || makes === 'snapshot') {
    if (source?.type !== makes) return undefined;
    if (key?.arn === keys['storage key']?.arn) return 'The source snapshot';
    return makes === 'snapshot' ? 'The target' : 'Specified';
  }
  return makes === 'cluster' || makes === 'db' || operation.api.startsWith('Modify') ? 'The specified' : undefined;
}
