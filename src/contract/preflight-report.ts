import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { reportedPlanSchema } from './plan-report.ts';
import { fixSchema, type ReportedFix } from './report.ts';

/*
 * The shape of the report of `preflight`. Code imports its types only; the schema is for those who
 * read it (a JSON Schema is generated from it) and for the tests.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const outcome = v.picklist(['holds', 'broken', 'unproven']);

/** One combination that does not hold. */
const failing = strictObject({
  code: v.string(),
  outcome: v.picklist(['broken', 'unproven']),
  /** ARN. */
  principal: v.string(),
  /** A command, or an action of KMS. */
  operation: v.string(),
  api: v.string(),
  /** ARN of the source of the operation, or of the key. null: the operation reads nothing. */
  source: v.nullable(v.string()),
  region: v.string(),
  account: v.string(),
  /** In one sentence. */
  says: v.string(),
  /** Why, as an index into `causes`. Absent: the reason was not looked for. */
  cause: v.optional(count),
  /** The id of the fix that it needs, after the fixes before that one; re-checked. */
  fix: v.optional(v.string()),
});

/** Why combinations do not hold that fail for the same reasons. */
const cause = strictObject({
  code: v.string(),
  outcome: v.picklist(['broken', 'unproven']),
  /** How many combinations fail for these reasons. */
  combinations: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Told of the first of them, the decisive reason first. */
  reasons: v.array(v.string()),
  /** The statements that decide. */
  statements: v.array(v.string()),
  /** What would have to be known for an answer. */
  settledBy: v.optional(v.array(v.string())),
});

const fix = strictObject({
  /** The report's `fixes` hold the fix with this id, if policies, keys or requests can be shown. */
  id: v.string(),
  /** The verdict with the fix; `denied`: the operation is then denied. */
  after: v.picklist(['succeeds', 'undetermined', 'denied']),
  /** What whom is asked to do. */
  steps: v.array(v.string()),
  /**
   * How many more combinations come to this with it and the fixes before it; re-checked. Absent:
   * the expectation was not checked again with it.
   */
  repairs: v.optional(count),
  /** The combination that it is for, in one sentence. Absent: it is for as many as it repairs. */
  isFor: v.optional(v.string()),
  /** It is for so many combinations, of which `isFor` is one. Absent: for that one. */
  isForAll: v.optional(count),
  /** Set where the expectation, as it is, does not ask for what the steps name. */
  changesExpectation: v.optional(v.literal(true)),
});

const coded = strictObject({ code: v.string(), text: v.string() });

const exception = strictObject({
  reason: v.string(),
  ticket: v.optional(v.string()),
  /** The last day, in UTC. */
  until: v.string(),
  isLive: v.boolean(),
  /** Combinations that it covers, and how many of them would not hold. */
  covers: count,
  needed: count,
});

const expectation = strictObject({
  id: v.string(),
  file: v.string(),
  line: v.pipe(v.number(), v.integer(), v.minValue(1)),
  why: v.string(),
  /** What is expected, in one sentence. */
  says: v.string(),
  outcome,
  /** The number of combinations that were checked. */
  questions: count,
  holds: count,
  broken: count,
  unproven: count,
  /** What does not hold and is no worse than the baseline. */
  baselined: count,
  /** Each reason once, for as many combinations as were looked at. */
  causes: v.array(cause),
  /** The first of those that do not hold, and at least one of each cause. */
  failing: v.array(failing),
  lacks: v.array(coded),
  notes: v.array(coded),
  exceptions: v.array(exception),
  /** What names, patterns and newest-of came to: ARNs. */
  principals: v.array(v.string()),
  sources: v.array(v.string()),
  /** Backups that the operations do not take. */
  skipped: count,
  /** Users and root users, which are not asked where the operation runs as a role. */
  notRoles: count,
  /** Service-linked roles, which are not asked. */
  serviceLinked: count,
  /** To make one after the other. Absent: the expectation is not broken, or no fix is looked for. */
  fixes: v.optional(v.array(fix)),
  /** The outcome of the expectation with all of these fixes; re-checked. Absent: not re-checked. */
  withFixes: v.optional(strictObject({ outcome, broken: count, unproven: count })),
  /**
   * The address of the resource, if a plan makes the request. Absent: an expectation of a file.
   */
  address: v.optional(v.string()),
  /** Set where not every fix was looked for: `preflight explain` looks for more. */
  fixNotSought: v.optional(v.literal(true)),
});

/** Operations that principals lose or gain alike by the apply. */
const effect = strictObject({
  /** `may`: the answer before or after the apply is not certain. */
  kind: v.picklist(['loses', 'may-lose', 'gains', 'may-gain']),
  /** The changes that bring the effect about. */
  addresses: v.array(v.string()),
  /**
   * `each`: every one of the changes alone is enough. `together`: only all of them are. `among`:
   * some of them are, and which was not looked for.
   */
  how: v.picklist(['each', 'together', 'among']),
  /** ARNs. */
  principals: v.array(v.string()),
  /** `targets`: ARNs of the sources of the operation. */
  operations: v.array(strictObject({ operation: v.string(), api: v.string(), targets: v.array(v.string()) })),
  /** In one sentence without a period, with the first names. */
  says: v.string(),
});

export const preflightReportSchema = strictObject({
  preflightVersion: v.literal(1),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  files: v.array(v.string()),
  /** `fails`: an expectation is broken; `undetermined`: none is, and one is unproven. */
  verdict: v.picklist(['succeeds', 'fails', 'undetermined']),
  summary: strictObject({ holds: count, broken: count, unproven: count, questions: count, exceptions: count }),
  /** Broken ones first, then unproven ones, then those that hold. */
  expectations: v.array(expectation),
  /**
   * What lets somebody do what is expected, each once, with its documents and commands. `gains` and
   * `powers` are about the first combination that the fix was found for. Empty with plans: what a
   * plan changes is edited in its configuration.
   */
  fixes: v.array(fixSchema),
  /** Entries of the baseline that nothing matches any more. Absent: there is no baseline. */
  stale: v.optional(
    v.array(strictObject({ id: v.string(), who: v.string(), operation: v.string(), source: v.string() })),
  ),
  /** The plans, in the order in which they apply. Absent: no plan was given. */
  plans: v.optional(v.array(reportedPlanSchema)),
  /**
   * Who loses and who gains operations on resources of the evidence, by the apply. The verdict does
   * not depend on it. Absent: no plan was given.
   */
  effects: v.optional(v.array(effect)),
  /** Set if there are more effects than the report shows. */
  effectsCut: v.optional(v.literal(true)),
  warnings: v.array(coded),
});

export type ReportedPlanEffect = v.InferOutput<typeof effect>;
/** The report as code passes it on: commands are data, and each format writes them in its own way. */
export type PreflightReport = Omit<PreflightReportJson, 'fixes'> & { readonly fixes: readonly ReportedFix[] };
export type PreflightReportJson = v.InferOutput<typeof preflightReportSchema>;
export type ReportedExpectation = v.InferOutput<typeof expectation>;
export type ReportedFailing = v.InferOutput<typeof failing>;
export type ReportedCause = v.InferOutput<typeof cause>;
export type ExpectationFix = v.InferOutput<typeof fix>;
