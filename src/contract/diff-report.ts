import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { reportedPlanSchema } from './plan-report.ts';
import { worded } from './worded.ts';

/*
 * The shape of the report of `diff`. Code imports its types only; the schema is for those who read
 * it (a JSON Schema is generated from it) and for the tests.
 */

const verdict = v.picklist(['succeeds', 'fails', 'undetermined']);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A check whose verdict is not the same in both states. */
const change = strictObject({
  principal: v.string(),
  operation: v.string(),
  api: v.string(),
  /** ARN of the source of the operation. */
  target: v.string(),
  before: verdict,
  after: verdict,
  /** The reasons for the worse of the two verdicts. */
  reasons: v.array(worded),
});

/** Resources that are in one state of the evidence only. They were not checked. */
const only = strictObject({ principals: v.array(v.string()), targets: v.array(v.string()) });

export const diffReportSchema = strictObject({
  diffVersion: v.literal(2),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  /**
   * The names of the two states. `what is assumed`: the second state is the first one with changes
   * that were assumed.
   */
  before: v.string(),
  after: v.string(),
  /** What makes the second state differ from the first. Absent: each was read. */
  assumed: v.optional(v.array(worded)),
  /** The plans that the second state has applied, in their order. Absent: no plan was given. */
  plans: v.optional(v.array(reportedPlanSchema)),
  /** Why the plans keep every success open. Absent: they do not. */
  doubts: v.optional(v.array(worded)),
  /** The worst comes first. */
  changes: v.array(change),
  onlyBefore: only,
  onlyAfter: only,
  /** Why nothing was checked, in sentences. Absent: something was checked. */
  notChecked: v.optional(v.array(worded)),
  /** The number of questions about both states. */
  asked: count,
  summary: strictObject({
    worse: count,
    /** How many verdicts were `succeeds` or `undetermined` and are now `fails`. */
    fails: count,
    /** How many verdicts were `succeeds` and are now `undetermined`. */
    undetermined: count,
    better: count,
  }),
  /**
   * The worst new verdict of everything that succeeded before. `succeeds`: all of it still
   * succeeds. With doubts, at least `undetermined`.
   */
  verdict,
});

export type DiffReport = v.InferOutput<typeof diffReportSchema>;
export type VerdictChange = v.InferOutput<typeof change>;
