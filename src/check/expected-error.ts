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
  /** RDS's service-linked role cannot be created. */
  | { readonly code: 'rds-role-not-made'; readonly error: 'InvalidParameterValue' }
  | { readonly code: 'state-refused'; readonly error: string; readonly precondition: UnmetPrecondition }
  | {
      readonly code: 'key-not-accessible';
      readonly error: typeof kmsFault;
      readonly key: BoundKey | undefined;
      /** Whether the key is the key of the snapshot that is read. */
      readonly isOfSnapshot: boolean;
    };

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
  const ofKey = forwarded.find(({ call }) => call.key !== undefined && call.row.on !== 'default secret key');
  const refused = ofKey ?? forwarded[0] ?? denied[0];
  // Observed in eks-workshop-v2 1609 and cube-js/cube 11114.
  if (refused?.call.row.on === 'RDS service-linked role')
    return { code: 'rds-role-not-made', error: 'InvalidParameterValue' };
  // AWS does not publish what RDS shows if another service refuses it.
  if (refused?.call.row.kind === 'forwarded' && refused.call.key === undefined) return undefined;
  if (refused?.call.row.kind === 'role')
    return { code: 'role-refused', error: faults.role ?? 'AccessDenied', call: refused, bound };
  const key = refused?.call.key ?? keyOf(precondition, bound);
  return { code: 'key-not-accessible', error: kmsFault, key, isOfSnapshot: isOfSnapshot(bound, key) };
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

function isOfSnapshot({ source, keys }: Bound, key: BoundKey | undefined): boolean {
  const readsSnapshot = source?.type === 'cluster-snapshot' || source?.type === 'snapshot';
  return readsSnapshot && key?.arn === keys['storage key']?.arn;
}
