import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';

/*
 * The shape of a plan in the report of every command that takes a plan. Code imports only its
 * types. The schema is for readers of reports (it is part of the JSON Schemas of the commands) and
 * for the tests.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const addressed = strictObject({ address: v.string(), code: v.string(), text: v.string() });

/** A plan, and how much of it the answers take into account. */
export const reportedPlanSchema = strictObject({
  file: v.string(),
  /** Resources that the plan creates, changes, deletes or forgets. */
  changes: count,
  /** Changes that the answers take into account. */
  overlaid: count,
  /**
   * Changes of KMS, IAM, RDS and Organizations that the answers do not take into account, and why.
   */
  notUnderstood: v.array(addressed),
  /** Changes of other services, which do not matter here. */
  others: count,
  /** Requests of operations that are not in the catalog. */
  notChecked: v.array(strictObject({ address: v.string(), api: v.string() })),
  notes: v.array(addressed),
});

export type ReportedPlan = v.InferOutput<typeof reportedPlanSchema>;
