import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import { principalsRead } from './data-read.ts';
import { documentAt, type PlannedDocument } from './documents.ts';
import { keyNamedBy } from './keys.ts';
import { isGone, isMade, type OverlayContext, textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import { renamed } from './principals.ts';
import { isSamePolicy } from './same-policy.ts';

/*
 * Finds the key policies that applying a plan sends to KMS. KMS refuses a policy under which its
 * sender could not change the policy again (iam-evaluation 6.10), and one that names a user or role
 * that does not exist (iam-evaluation 2.10). A key that gets no policy from the plan has the default
 * policy, which KMS does not refuse.
 */

/** A key policy that applying a plan sends to KMS. */
export interface SentKeyPolicy {
  readonly change: PlannedChange;
  readonly api: 'CreateKey' | 'ReplicateKey' | 'PutKeyPolicy';
  /** ARN. */
  readonly key: string;
  readonly document: PolicyDocument;
  /**
   * The policy before the change, if only the apply shows whether the policy changes. If it does
   * not change, the provider sends nothing. Undefined: the provider certainly sends the policy.
   */
  readonly unlessStill: PolicyDocument | undefined;
  /** The ARNs of users, roles and sessions that exist or may exist, according to the plan. */
  readonly principalsKnown: ReadonlySet<string>;
  /** Changes that create users and roles, by ARN, if they are not certainly applied before this one. */
  readonly principalsMade: ReadonlyMap<string, PlannedChange>;
  /**
   * Changes after which users and roles have no longer their ARNs, by ARN, if they are not certainly
   * applied after this one.
   */
  readonly principalsGone: ReadonlyMap<string, PlannedChange>;
  /**
   * Whether the request skips the test of who could change the policy again. KMS looks for the users
   * and roles that a policy names in any case. `maybe`: only the apply shows it.
   */
  readonly bypasses: 'yes' | 'no' | 'maybe';
}

type Context = Pick<OverlayContext, 'planned' | 'places' | 'faultsOf' | 'isStrict'>;

/**
 * The key policies that changes send, as far as the plan shows their texts and keys. `evidence`: the
 * evidence with the plan applied.
 */
export function sentKeyPolicies(
  evidence: Evidence,
  changes: readonly PlannedChange[],
  context: Context,
): readonly SentKeyPolicy[] {
  const known = new Set([...principalsRead(context.planned.plan), ...principalsUnplaced(evidence, changes, context)]);
  const made = principalsMade(changes, context);
  const gone = principalsGone(changes, made);
  return changes.flatMap((change): readonly SentKeyPolicy[] => {
    const api = change.isAws && Object.hasOwn(senders, change.type) ? senders[change.type] : undefined;
    if (api === undefined || isGone(change)) return [];
    const { planned, places, faultsOf } = context;
    const sent = documentAt(planned, places, change, 'policy');
    const document = textSent(sent, context);
    const key =
      change.type === 'aws_kms_key_policy' ? keyNamedBy(evidence, change, 'key_id', context) : places.arnOf(change);
    if (document === undefined || key === undefined) return [];
    const before = isMade(change) ? undefined : textIn(change.before, 'policy');
    const after = textIn(change.after, 'policy');
    const isKnown = after !== undefined;
    // What the old policy says has to be known, to see whether the new one differs.
    if (before !== undefined && !isKnown && faultsOf('resource', 'policy', before).length > 0) return [];
    if (before !== undefined && isKnown && isSamePolicy(before, after)) return [];
    return [
      {
        change,
        api: isMade(change) ? api : 'PutKeyPolicy',
        key,
        document,
        principalsKnown: known,
        principalsMade: new Map([...made].filter(([, { identity }]) => !change.dependsOn.includes(identity))),
        principalsGone: new Map([...gone].filter(([, { dependsOn }]) => !dependsOn.includes(change.identity))),
        unlessStill: isKnown ? undefined : before,
        bypasses: bypassesIn(change, context),
      },
    ];
  });
}

function bypassesIn(change: PlannedChange, { planned }: Context): SentKeyPolicy['bypasses'] {
  const value = planned.valueAt(change, ['bypass_policy_lockout_safety_check']);
  if (value.is === 'known') return value.value === true ? 'yes' : 'no';
  return value.is === 'not given' ? 'no' : 'maybe';
}

function principalsMade(changes: readonly PlannedChange[], { places }: Context): ReadonlyMap<string, PlannedChange> {
  return new Map(
    changes.filter(isPrincipal).flatMap((change) => {
      const arn = isMade(change) ? places.arnOf(change) : newArn(change);
      return arn === undefined ? [] : [[arn, change] as const];
    }),
  );
}

/** A replacement or a new name may give a user or role another ARN. */
function principalsGone(
  changes: readonly PlannedChange[],
  made: ReadonlyMap<string, PlannedChange>,
): ReadonlyMap<string, PlannedChange> {
  const gone = changes.filter(
    (change) => isPrincipal(change) && (isGone(change) || change.kind === 'replace' || newArn(change) !== undefined),
  );
  return new Map(
    gone.flatMap((change) => {
      const arn = textIn(change.before, 'arn');
      return arn === undefined || made.has(arn) ? [] : [[arn, change] as const];
    }),
  );
}

/** IAM renames users, and never roles. */
function newArn(change: PlannedChange): string | undefined {
  return change.type === 'aws_iam_user' ? renamed(change) : undefined;
}

function isPrincipal({ type, isAws }: PlannedChange): boolean {
  return isAws && /^aws_iam_(?:role|user)$/.test(type);
}

/**
 * The ARNs that users and roles of the plan may have, if the plan does not show their account.
 */
function principalsUnplaced(
  { accounts }: Evidence,
  changes: readonly PlannedChange[],
  { places }: Context,
): readonly string[] {
  return changes.flatMap((change) => {
    const type = /^aws_iam_(role|user)$/.exec(change.type)?.[1];
    const name = textIn(change.after, 'name');
    if (type === undefined || name === undefined || places.accountOf(change) !== undefined) return [];
    return Object.keys(accounts).map((account) => `arn:aws:iam::${account}:${type}/${name}`);
  });
}

/** The request that creates a resource with a key policy, by its type. */
const senders: Readonly<Record<string, SentKeyPolicy['api']>> = {
  aws_kms_key: 'CreateKey',
  aws_kms_external_key: 'CreateKey',
  aws_kms_replica_key: 'ReplicateKey',
  aws_kms_replica_external_key: 'ReplicateKey',
  aws_kms_key_policy: 'PutKeyPolicy',
};

/** Undefined: the text is not known, or KMS refuses it for another reason. */
function textSent(sent: PlannedDocument, { faultsOf, isStrict }: Context): PolicyDocument | undefined {
  if (sent.is !== 'text' || (sent.taken !== undefined && isStrict)) return undefined;
  const { document } = sent;
  if (document === '' || faultsOf('resource', 'policy', document).length > 0) return undefined;
  return typeof document === 'string' ? document : { ...document };
}
