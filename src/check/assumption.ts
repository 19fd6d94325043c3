import { parseArn } from '../base/arn.ts';
import { endpointPolicyOf, findBucket } from '../evidence/lookup.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { CallRow } from '../operations/operation.ts';
import type { Decision } from '../policy/authorize.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import { certain, type Possible, samePossible } from '../policy/possible.ts';
import { type Bound, type BoundKey, keyNameOf } from './bind.ts';
import { policyIsAssumed, type ReachAssumption, rdsService } from './call-policies.ts';
import type { ControlPoliciesUnread, PreconditionAssumption } from './preconditions/reason.ts';
import type { BoundResource } from './resources.ts';
import { vaultPolicyOf } from './vault.ts';

/** What a verdict assumes without having read it, because it is normally true. */
export type Assumption =
  /** `key`: its alias, or else its ARN. */
  | { readonly code: 'managed-key-policy'; readonly key: string }
  | { readonly code: 'bucket-policy-unread'; readonly bucket: string }
  /** `vault`: its ARN. Undefined: it is not known which vault takes part. */
  | { readonly code: 'vault-policy-is-silent'; readonly vault: string | undefined }
  | { readonly code: 'endpoint-policy-unread'; readonly endpoint: string }
  /** `key`: its alias, or else its ARN. */
  | { readonly code: 'no-second-key-policy'; readonly key: string }
  | { readonly code: 'second-key-policy-counts'; readonly key: string }
  | ReachAssumption
  | { readonly code: 'decrypt-not-needed' }
  | { readonly code: 'no-tags-to-inherit' | 'no-tags-to-copy' | 'tags-are-not-copied' | 'rds-role-exists' }
  /** `service`: its calls with the principal's identity are assumed to carry aws:CalledVia. */
  | { readonly code: 'called-via-filled'; readonly service: string }
  /**
   * `value`: the assumed value of the key in such calls. Undefined: the calls do not carry the key.
   */
  | { readonly code: 'inferred-key-holds'; readonly key: string; readonly value: string | undefined }
  | { readonly code: 'default-groups-have-no-tags' }
  | { readonly code: 'start-uses-no-key-permission' | 'reboot-uses-no-key-permission' }
  /** `session`: its ARN. A tag of the session could allow the call. */
  | { readonly code: 'session-has-no-tags'; readonly session: string }
  /**
   * `session`: its ARN; `policy`: the session may have an unknown session policy; `isTagged`: some
   * of its tags are known.
   */
  | {
      readonly code: 'session-adds-nothing';
      readonly session: string;
      readonly policy: boolean;
      readonly isTagged: boolean;
    }
  | PreconditionAssumption;

/** Whether a denial can depend on the assumption. On the others, only a success can depend. */
export function favorsDenial({ code }: Assumption): boolean {
  return denying.has(code);
}

export function isOfReach(code: Assumption['code']): code is ReachAssumption['code'] {
  return code === 'account-is-a-member' || code === 'key-is-customer-managed';
}

const denying: ReadonlySet<Assumption['code']> = new Set([
  'no-second-key-policy',
  'account-is-a-member',
  'key-is-customer-managed',
  'session-has-no-tags',
]);

/**
 * The assumed state of a condition key: of a forwarded call, or of a tag of a default group. Empty if the key can have no other
 * state.
 */
export function assumedOfKeyState(
  keyId: string,
  open: Possible | undefined,
  taken: Possible | undefined,
): readonly Assumption[] {
  if (open === undefined || taken === undefined || samePossible(open, taken)) return [];
  if (/^(?:aws:resourcetag|rds:[a-z-]+-tag)\//.test(keyId)) return [{ code: 'default-groups-have-no-tags' }];
  if (keyId.startsWith('aws:calledvia')) return [{ code: 'called-via-filled', service: rdsService }];
  const key = conditionKey(keyId)?.name ?? keyId;
  const state = certain(taken);
  return state === undefined
    ? []
    : [{ code: 'inferred-key-holds', key, value: state === 'absent' ? undefined : state.join(', ') }];
}

/** The layers that decided nothing only because they were assumed to be silent. */
export function assumedSilent(strictly: Decision): readonly ControlPoliciesUnread[] {
  return strictly.dependsOn.flatMap((fact): readonly ControlPoliciesUnread[] =>
    fact.fact === 'policy' && (fact.kind === 'scp' || fact.kind === 'rcp')
      ? [{ code: 'control-policies-unread', kind: fact.kind, of: fact.of, why: fact.why }]
      : [],
  );
}

export function assumedKeyPolicy(key: BoundKey | undefined): readonly Assumption[] {
  if (key === undefined || !policyIsAssumed(key)) return [];
  return [{ code: 'managed-key-policy', key: keyNameOf(key) }];
}

/** Nothing is assumed if the policy of the bucket was read, or the bucket is known to have none. */
export function assumedBucketPolicy(
  { action }: CallRow,
  { arn }: BoundResource,
  evidence: Evidence,
): readonly Assumption[] {
  const bucket = parseArn(arn)?.type ?? '';
  const isOpen = action.startsWith('s3:') && bucket !== '' && findBucket(evidence, bucket)?.bucket.Policy === undefined;
  return isOpen ? [{ code: 'bucket-policy-unread', bucket }] : [];
}

/** Nothing is assumed if the vault is known to have no access policy. */
export function assumedVaultPolicy({ action }: CallRow, { vault }: Bound, evidence: Evidence): readonly Assumption[] {
  if (!action.startsWith('backup:')) return [];
  const isRead = vault !== undefined && vaultPolicyOf(evidence, vault) !== undefined;
  return isRead ? [] : [{ code: 'vault-policy-is-silent', vault }];
}

export function assumedEndpointPolicy(evidence: Evidence, endpoint: string | undefined): readonly Assumption[] {
  if (endpoint === undefined || endpointPolicyOf(evidence, endpoint) !== undefined) return [];
  return [{ code: 'endpoint-policy-unread', endpoint }];
}

/**
 * AWS publishes nothing that rules out a KMS call of RDS on the source's key with the principal's
 * identity. The assumption is that RDS makes no such call.
 */
export function assumedOfKey({ assumes }: CallRow, { keys }: Bound): readonly Assumption[] {
  return assumes === undefined || keys['storage key'] === undefined ? [] : [{ code: assumes }];
}

/**
 * Only the principal that assumed the role knows the tags and the policy of the session
 * (iam-evaluation 5.20, 5.21).
 */
export function assumedSession(
  { kind }: CallRow,
  { type, arn, session }: Principal,
  supplied: ReadonlyMap<string, readonly string[]>,
): readonly Assumption[] {
  if (kind === 'service' || type !== 'session') return [];
  const isTagged = [...supplied.keys()].some((key) => key.startsWith('aws:principaltag/'));
  return [{ code: 'session-adds-nothing', session: arn, policy: session === undefined, isTagged }];
}
