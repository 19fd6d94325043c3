import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { reportedPlanSchema } from './plan-report.ts';
import { worded } from './worded.ts';

/*
 * The shape of the report of `diff`. Code imports only its types. The schema is for readers of
 * reports (a JSON Schema is generated from it) and for the tests.
 */

const verdict = v.picklist(['succeeds', 'fails', 'undetermined']);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A check whose verdict differs between the two states. */
const change = strictObject({
  principal: v.string(),
  operation: v.string(),
  api: v.string(),
  /** The ARN of the source of the operation. */
  target: v.string(),
  before: verdict,
  after: verdict,
  /** The reasons for the worse of the two verdicts. */
  reasons: v.array(worded),
});

/** Resources that only one state of the evidence has. They were not checked. */
const only = strictObject({ principals: v.array(v.string()), targets: v.array(v.string()) });

export const diffReportSchema = strictObject({
  diffVersion: v.literal(2),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  /**
   * The names of the two states. `what is assumed`: the second state is the first one with assumed
   * changes.
   */
  before: v.string(),
  after: v.string(),
  /** The differences of the second state from the first. Absent: both were read. */
  assumed: v.optional(v.array(worded)),
  /** The plans that are applied in the second state, in order. Absent: no plan was given. */
  plans: v.optional(v.array(reportedPlanSchema)),
  /** Why the plans keep every success open. Absent: they do not. */
  doubts: v.optional(v.array(worded)),
  /** The worst comes first. */
  changes: v.array(change),
  onlyBefore: only,
  onlyAfter: only,
  /** Why nothing was checked, in sentences. Absent: something was checked. */
  notChecked: v.optional(v.array(worded)),
  /** How many questions were checked in both states. */
  asked: count,
  summary: strictObject({
    worse: count,
    /** How many verdicts were `succeeds` and are now `fails`. */
    fails: count,
    /** How many verdicts were `succeeds` and are now `undetermined`. */
    undetermined: count,
    better: count,
  }),
  /**
   * The worst new verdict of everything that succeeded before. `succeeds`: all of it still
   * succeeds. If there are doubts: at least `undetermined`.
   */
  verdict,
});

export type DiffReport = v.InferOutput<typeof diffReportSchema>;
export type VerdictChange = v.InferOutput<typeof change>;
