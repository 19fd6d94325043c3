import * as v from 'valibot';
import { worded } from './worded.ts';

/*
 * The shape of what `diff` reports. Code imports its types only; the schema is for those who read it (a JSON Schema is generated from it) and for the tests.
 */

const verdict = v.picklist(['succeeds', 'fails', 'undetermined']);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A question that has another answer than before. */
const change = v.strictObject({
  principal: v.string(),
  operation: v.string(),
  api: v.string(),
  /** ARN of what the operation reads. */
  target: v.string(),
  before: verdict,
  after: verdict,
  /** Of the worse of the two verdicts. */
  reasons: v.array(worded),
});

/** What is in one state of the evidence and not in the other; nothing was asked about it. */
const only = v.strictObject({ principals: v.array(v.string()), targets: v.array(v.string()) });

export const diffReportSchema = v.strictObject({
  diffVersion: v.literal(2),
  tool: v.strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  /** What the two states are called; `what is assumed`: the second is the first, but for that. */
  before: v.string(),
  after: v.string(),
  /** What makes the second state differ from the first. Absent: each was read. */
  assumed: v.optional(v.array(worded)),
  /** What is worse stands first. */
  changes: v.array(change),
  onlyBefore: only,
  onlyAfter: only,
  /** Why nothing was asked, in sentences. Absent: something was. */
  notChecked: v.optional(v.array(worded)),
  /** How many questions were asked of both states. */
  asked: count,
  summary: v.strictObject({
    worse: count,
    /** Of what is worse, what succeeded and fails. */
    fails: count,
    /** Of what is worse, what succeeded and is undetermined. */
    undetermined: count,
    better: count,
  }),
  /** The worst that what succeeded came to; `succeeds`: all that succeeded still does. */
  verdict,
});

export type DiffReport = v.InferOutput<typeof diffReportSchema>;
export type VerdictChange = v.InferOutput<typeof change>;
