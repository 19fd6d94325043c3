import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { reportedPlanSchema } from './plan-report.ts';
import { rule, worded } from './worded.ts';

/*
 * The shape of the report of `key-impact`. Code imports only its types. The schema is for readers
 * of reports (a JSON Schema is generated from it) and for the tests.
 */

const action = v.picklist(['disable', 'delete', 'delete-material', 'policy']);

/**
 * `no loss found`: under a new key policy, nobody who was checked loses an RDS operation. `no RDS
 * dependent found`: all deciding data was read. Neither says that the key is safe to lose, because
 * other services are not looked at.
 */
const verdict = v.picklist(['breaks', 'cannot tell', 'no loss found', 'no RDS dependent found']);

const dependent = strictObject({
  /** The ARN. For an export: its identifier. */
  arn: v.string(),
  account: v.string(),
  region: v.string(),
  engine: v.nullable(v.string()),
  status: v.nullable(v.string()),
  /** The field that names the key, or the resource under the key. */
  field: v.string(),
});

const effect = strictObject({
  /** The kind of the dependent resources. The same happens to all resources of one kind. */
  kind: v.string(),
  rank: v.picklist(['database', 'backup', 'other']),
  dependents: v.pipe(v.array(dependent), v.minLength(1)),
  /** All of them, in words: `cluster orders`, `12 snapshots`. */
  subject: v.string(),
  /** What happens to all of them, in one sentence without a period. */
  loss: worded,
  when: v.picklist(['when-noticed', 'two-hours-after', 'when-detached', 'at-once', 'at-next-use']),
  /** How to undo the loss, in sentences. */
  undo: v.string(),
  keyUndo: v.picklist([
    ...(['enable-key', 'enable-key-and-connect-store'] as const),
    ...(['cancel-deletion', 'cancel-deletion-and-connect-store', 'cancel-deletion-and-import-material'] as const),
    ...(['import-same-material', 'put-policy-again'] as const),
  ]),
  repair: v.picklist([
    'nothing',
    'start-within-seven-days',
    'restore-a-backup',
    'with-its-cluster',
    'start-again',
    'unknown',
  ]),
  /** Nobody can read it again after the key, or the last copy of its material, is gone. */
  isLostInTheEnd: v.boolean(),
  basis: v.picklist(['documented', 'observed', 'inferred', 'unknown']),
  source: rule,
});

const arns = v.array(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const holders = strictObject({
  /** The KMS action. */
  action: v.string(),
  /** Whether the call undoes the action. */
  isUndo: v.boolean(),
  /** ARNs. */
  can: arns,
  /**
   * Principals for which an unknown fact decides, or which also need a permission on another
   * resource.
   */
  may: arns,
});

/**
 * Principals without a permission that could give it to themselves, with the key policy or a policy
 * of their own.
 */
const selfGivers = strictObject({ can: arns, may: arns, notAsked: count });

/** An RDS operation that somebody loses or gains under a new policy. */
const difference = strictObject({
  principal: v.string(),
  operation: v.string(),
  api: v.string(),
  target: v.string(),
  before: v.picklist(['succeeds', 'fails', 'undetermined']),
  after: v.picklist(['succeeds', 'fails', 'undetermined']),
  reasons: v.array(worded),
});

const policyChange = strictObject({
  losses: v.array(difference),
  gains: v.array(difference),
  /** How many questions were checked under both policies. */
  asked: count,
  /** Who may change the policy again. */
  changers: strictObject({ can: arns, may: arns }),
  /** Whether nobody can change the policy again. */
  isLockedOut: v.boolean(),
  /** The effects of the new policy, in sentences. */
  says: v.array(worded),
});

const actionImpact = strictObject({
  action,
  api: v.string(),
  /** A title in words. */
  title: v.string(),
  /**
   * Why KMS refuses the action. null: KMS does not refuse it, or the deciding fact was not read.
   */
  refused: v.nullable(worded),
  /** null: KMS refuses the action for this key in every state. */
  verdict: v.nullable(verdict),
  /** In one sentence without a period. */
  says: v.string(),
  /** The worst effects first. */
  effects: v.array(effect),
  /** Final losses, in sentences, and until when they can be prevented. null: there are none. */
  inTheEnd: v.nullable(strictObject({ text: v.string(), undo: v.string() })),
  /** Who could perform the action, and who could undo it. */
  holders: v.array(holders),
  selfGivers,
  /**
   * For the action `policy`: the effect of the new policy, grants, tags or aliases. null: there is
   * nothing new.
   */
  change: v.nullable(policyChange),
});

const keyImpact = strictObject({
  /** ARN. */
  key: v.string(),
  keyAlias: v.nullable(v.string()),
  account: v.string(),
  region: v.string(),
  /** null, here and below: not known. */
  state: v.nullable(v.string()),
  manager: v.nullable(v.string()),
  origin: v.nullable(v.string()),
  /** How many dependent resources there are. */
  dependents: count,
  actions: v.array(actionImpact),
  /** Signs of other services or accounts, which this program does not look at. */
  pointers: v.array(worded),
  notRead: v.array(worded),
  /** Principals whose permissions on the key were not read. No verdict depends on them. */
  principalsNotRead: v.array(worded),
  notes: v.array(worded),
  /** In one sentence without a period. */
  says: v.string(),
  verdict,
});

export const keyImpactReportSchema = strictObject({
  keyImpactVersion: v.literal(1),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  /** When the evidence was read. null: it does not say. */
  evidenceAt: v.nullable(v.string()),
  /** The assumptions in addition to the evidence. */
  assumed: v.optional(v.array(worded)),
  /** The plans that were applied to the evidence. Absent: no plan was given. */
  plans: v.optional(v.array(reportedPlanSchema)),
  /** What the plans do to the keys. Absent: no plan was given. */
  planned: v.optional(
    v.array(
      strictObject({
        key: v.string(),
        does: v.picklist([
          ...(['disable', 'delete', 'policy', 'revoke-grants', 'create-grants'] as const),
          ...(['tags', 'aliases', 'nothing'] as const),
        ]),
        text: v.string(),
      }),
    ),
  ),
  /** Why the plans keep every answer open. Absent: they do not. */
  doubts: v.optional(v.array(worded)),
  actions: v.array(action),
  keys: v.array(keyImpact),
  /** Things that this program never looks at. */
  notLookedAt: v.array(v.string()),
  warnings: v.array(worded),
  answer: v.string(),
  /** The worst verdict of the keys. */
  verdict,
});

export type KeyImpactReport = v.InferOutput<typeof keyImpactReportSchema>;
export type ReportedKeyImpact = v.InferOutput<typeof keyImpact>;
export type ReportedActionImpact = v.InferOutput<typeof actionImpact>;
export type ReportedPolicyChange = v.InferOutput<typeof policyChange>;
export type ReportedEffect = v.InferOutput<typeof effect>;
