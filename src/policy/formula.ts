import { servicePrefix } from '../base/service.ts';
import { certain } from './possible.ts';
import { anyReach, type Reach } from './reach.ts';
import { contextOf, type EngineRequest, factHolds } from './request.ts';
import type { PolicyKind } from './statement-ref.ts';
import { and, contextFact, or, ruleFact, type Truth, unknownBy } from './truth.ts';

/**
 * What each layer says to a request. A layer that does not apply allows and does not deny
 * (iam-evaluation 5.5).
 */
export interface LayerResults {
  readonly scp: Truth;
  readonly endpoint: Truth;
  readonly identity: Truth;
  readonly boundary: Truth;
  readonly session: Truth;
  readonly resource: Reach;
  readonly grant: Reach;
  /**
   * Grants on another account's key that the caller's own account issued. They need no identity
   * policy (iam-evaluation 14.15).
   */
  readonly foreignGrant: Reach;
}

/**
 * Which policies have to allow a request. This follows from the accounts of the caller and the
 * resource, and from the action.
 */
export type Regime =
  /** Policies do not matter (14.21). */
  | 'always allowed'
  /**
   * In the caller's own account, an Allow of the resource policy or of the identity policies is
   * enough (iam-evaluation 5.6). Without a resource policy, the identity policies decide (5.9).
   */
  | 'same account'
  /**
   * The resource policy must admit the account before identity policies count: KMS keys, role trust
   * policies (5.7, 5.8).
   */
  | 'resource policy first'
  /** Both accounts must allow (5.10). */
  | 'cross-account'
  /** Identity policies do not count (5.7a). */
  | 'service principal'
  /** Only grants and the principals that they name decide (6.24). */
  | 'retire a grant'
  /** The caller's own account must allow as well (14.16). */
  | 'retire abroad'
  /**
   * The action works only in the account of the resource (6.12), or the resource is in another
   * partition (5.13).
   */
  | 'out of reach';

/** iam-evaluation 6.12, in lower case. */
const crossAccountKmsActions = new Set(
  [
    'Encrypt',
    'Decrypt',
    'ReEncryptFrom',
    'ReEncryptTo',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateMac',
    'VerifyMac',
    'Sign',
    'Verify',
    'DeriveSharedSecret',
    'CreateGrant',
    'DescribeKey',
    'GetKeyRotationStatus',
    'GetPublicKey',
    'ListGrants',
    'RetireGrant',
    'RevokeGrant',
  ].map((name) => `kms:${name.toLowerCase()}`),
);

/** Whether a KMS action works on the keys of other accounts. */
export function worksAcrossAccounts(kmsAction: string): boolean {
  return crossAccountKmsActions.has(kmsAction.toLowerCase());
}

/** The services that RCPs cover (iam-evaluation 5.31; as of 2026). */
export const rcpServices: ReadonlySet<string> = new Set([
  'kms',
  'secretsmanager',
  'sts',
  's3',
  'sqs',
  'dynamodb',
  'logs',
  'ecr',
  'dsql',
]);

/** Whether the action is allowed regardless of policies (iam-evaluation 14.21). */
export function isAlwaysAllowed({ action }: EngineRequest): boolean {
  return action === 'sts:getcalleridentity';
}

export function regimeOf(request: EngineRequest): Regime {
  const { caller, action, kind } = request;
  if (isAlwaysAllowed(request)) return 'always allowed';
  const retires = action === 'kms:retiregrant';
  if (caller.type === 'service') return retires ? 'retire a grant' : 'service principal';
  if ((kind.partition ?? caller.partition) !== caller.partition) return 'out of reach';
  const isForeign = caller.account !== request.input.resource.account;
  if (retires) return isForeign ? 'retire abroad' : 'retire a grant';
  if (isForeign) {
    return action.startsWith('kms:') && !worksAcrossAccounts(action) ? 'out of reach' : 'cross-account';
  }
  return kind.isKmsKey || action.startsWith('sts:assumerole') ? 'resource policy first' : 'same account';
}

/** Whether policies of a kind take part in the decision (iam-evaluation 5.1, 5.25, 5.30, 6.24). */
export function applies(kind: PolicyKind, request: EngineRequest): boolean {
  const { caller, action } = request;
  const serviceLinked = caller.type === 'role session' && caller.serviceLinked;
  switch (kind) {
    case 'scp':
      return caller.type !== 'service' && !serviceLinked && request.input.managementAccount !== true;
    case 'rcp':
      return (
        !serviceLinked &&
        request.input.resourceInManagementAccount !== true &&
        request.input.awsManagedKey !== true &&
        action !== 'kms:retiregrant' &&
        rcpServices.has(servicePrefix(action) ?? '')
      );
    case 'identity':
      return caller.type !== 'service' && caller.type !== 'root';
    case 'boundary':
      return (
        caller.type === 'user' || caller.type === 'federated user' || (caller.type === 'role session' && !serviceLinked)
      );
    case 'session':
      return caller.type !== 'service';
    case 'endpoint':
      return caller.type !== 'service' && entersByEndpoint(request) !== false;
    case 'resource':
      // A key policy can neither allow nor deny kms:RetireGrant (iam-evaluation 6.24).
      return action !== 'kms:retiregrant';
  }
}

/**
 * Whether the call comes in through a VPC endpoint. A call that a service makes for the caller does
 * not (iam-evaluation 5.37).
 */
export function entersByEndpoint(request: EngineRequest): Truth {
  const via = contextOf(request, 'kms:viaservice');
  const state = certain(via);
  if (state === 'absent') return true;
  return via.absent ? unknownBy(contextFact('kms:ViaService')) : false;
}

/** Whether a Deny of this kind of policy, which takes part, covers the request. */
export function deniesReach(kind: PolicyKind, request: EngineRequest): Truth {
  if (kind === 'endpoint') return entersByEndpoint(request);
  // AWS says that RCPs do not cover an action without a resource. Yet an RCP was observed to deny
  // such an action (iam-evaluation 14.18).
  if (kind === 'rcp' && request.arn === '*')
    return factHolds(ruleFact('iam-evaluation 14.18', request.action, request.input.action), request);
  return true;
}

/** Whether the layers together allow, leaving Denies aside. */
export function allows(regime: Regime, results: LayerResults, root: boolean): Truth {
  const { resource, grant, foreignGrant } = results;
  const ceiling = and(results.boundary, results.session);
  const own = root ? true : and(results.identity, ceiling);
  const outer = and(results.scp, results.endpoint);
  switch (regime) {
    case 'always allowed':
      return true;
    case 'same account':
      return and(outer, or(within(resource, ceiling), own));
    case 'resource policy first':
      return and(outer, or(or(within(resource, ceiling), and(resource.account, own)), within(grant, ceiling)));
    case 'cross-account':
      return and(outer, or(and(own, or(anyReach(resource), anyReach(grant))), within(foreignGrant, ceiling)));
    case 'service principal':
      return or(resource.direct, grant.direct);
    case 'retire a grant':
      return and(outer, grant.direct);
    case 'retire abroad':
      return and(outer, and(own, grant.direct));
    case 'out of reach':
      return false;
  }
}

/**
 * What allows without an identity policy. The permissions boundary and session policy (`ceiling`)
 * limit an Allow to a role, but not an Allow to the caller itself.
 */
function within({ direct, bounded }: Reach, ceiling: Truth): Truth {
  return or(direct, and(bounded, ceiling));
}

/**
 * The layers that would have to allow but do not, on the shortest way to an Allow. With `open`,
 * also layers that may not allow.
 */
export function lacking(regime: Regime, results: LayerResults, root: boolean, open = false): readonly PolicyKind[] {
  const out: PolicyKind[] = [];
  const unless = (kind: PolicyKind, truth: Truth): void =>
    void ((truth === false || (open && truth !== true)) && out.push(kind));
  unless('scp', results.scp);
  unless('endpoint', results.endpoint);
  const { direct, resource, limited } = entrance(regime, results);
  unless('resource', or(direct, resource));
  if (root || regime === 'service principal' || regime === 'retire a grant' || regime === 'out of reach') return out;
  // An Allow to the caller itself needs none of the caller's own policies.
  if (direct === true || (direct !== false && !open)) return out;
  if (limited === false) unless('identity', results.identity);
  unless('boundary', results.boundary);
  unless('session', results.session);
  return out;
}

/** What allows the caller on the resource's side. */
interface Entrance {
  /** The part that is enough by itself. */
  readonly direct: Truth;
  /** The rest. */
  readonly resource: Truth;
  /**
   * The part of the rest that needs no identity policy, but stays within the permissions boundary
   * and session policy.
   */
  readonly limited: Truth;
}

function entrance(regime: Regime, results: LayerResults): Entrance {
  const { resource, grant, foreignGrant } = results;
  switch (regime) {
    case 'always allowed':
      return { direct: true, resource: true, limited: true };
    case 'same account':
      return { direct: resource.direct, resource: true, limited: resource.bounded };
    case 'resource policy first': {
      const limited = or(resource.bounded, grant.bounded);
      return { direct: or(resource.direct, grant.direct), resource: or(limited, resource.account), limited };
    }
    case 'cross-account':
      return {
        direct: foreignGrant.direct,
        resource: or(anyReach(resource), anyReach(grant)),
        limited: foreignGrant.bounded,
      };
    case 'service principal':
    case 'out of reach':
      return { direct: resource.direct, resource: false, limited: false };
    case 'retire a grant':
    case 'retire abroad':
      return { direct: false, resource: grant.direct, limited: false };
  }
}
