import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { reportedPlanSchema } from './plan-report.ts';
import { fixSchema, type ReportedFix } from './report.ts';

/*
 * The shape of the report of `preflight`. Code imports only its types. The schema is for readers of
 * reports (a JSON Schema is generated from it) and for the tests.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const outcome = v.picklist(['holds', 'broken', 'unproven']);

/** One combination that does not hold. */
const failing = strictObject({
  code: v.string(),
  outcome: v.picklist(['broken', 'unproven']),
  /** ARN. */
  principal: v.string(),
  /** A command or a KMS action. */
  operation: v.string(),
  api: v.string(),
  /** The ARN of the source, or of the key. null: the operation has no source. */
  source: v.nullable(v.string()),
  region: v.string(),
  account: v.string(),
  /** In one sentence. */
  says: v.string(),
  /** The reason, as an index into `causes`. Absent: the reason was not determined. */
  cause: v.optional(count),
  /**
   * The ID of the fix that the combination needs, after the fixes before it. The fix was
   * re-checked.
   */
  fix: v.optional(v.string()),
});

/** Why combinations that fail for the same reasons do not hold. */
const cause = strictObject({
  code: v.string(),
  outcome: v.picklist(['broken', 'unproven']),
  /** How many combinations fail for these reasons. */
  combinations: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** The reasons of the first combination, the decisive reason first. */
  reasons: v.array(v.string()),
  /** The deciding statements. */
  statements: v.array(v.string()),
  /** The facts that would settle the answer. */
  settledBy: v.optional(v.array(v.string())),
});

const fix = strictObject({
  /**
   * If the fix edits policies or keys, or changes the request, `fixes` of the report has an entry
   * with this ID.
   */
  id: v.string(),
  /** The verdict with the fix. `denied`: the operation is then denied. */
  after: v.picklist(['succeeds', 'undetermined', 'denied']),
  /** What to do, and who should do it. */
  steps: v.array(v.string()),
  /**
   * How many more combinations get this verdict with this fix and the fixes before it. Absent: the
   * expectation was not checked again with the fix.
   */
  repairs: v.optional(count),
  /**
   * The combination that the fix is for, in one sentence. Absent: it is for all combinations that
   * it repairs.
   */
  isFor: v.optional(v.string()),
  /** How many combinations the fix is for, including `isFor`. Absent: only that one. */
  isForAll: v.optional(count),
  /** Set if the expectation, as it is, does not name what the steps name. */
  changesExpectation: v.optional(v.literal(true)),
});

const coded = strictObject({ code: v.string(), text: v.string() });

const exception = strictObject({
  reason: v.string(),
  ticket: v.optional(v.string()),
  /** The last day, in UTC. */
  until: v.string(),
  isLive: v.boolean(),
  /** How many combinations it covers, and how many of these would not hold. */
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
  /** How many combinations were checked. */
  questions: count,
  holds: count,
  broken: count,
  unproven: count,
  /** How many combinations do not hold, but are no worse than in the baseline. */
  baselined: count,
  /** Each reason once, for all combinations whose reasons were determined. */
  causes: v.array(cause),
  /** The first combinations that do not hold, with at least one of each cause. */
  failing: v.array(failing),
  lacks: v.array(coded),
  notes: v.array(coded),
  exceptions: v.array(exception),
  /** The results of names, patterns and newest-of: ARNs. */
  principals: v.array(v.string()),
  sources: v.array(v.string()),
  /** Backups that the operations cannot use. */
  skipped: count,
  /** Users and root users, which are not checked if the operation runs as a role. */
  notRoles: count,
  /** Service-linked roles, which are not checked. */
  serviceLinked: count,
  /**
   * In the order in which to make them. Absent: the expectation is not broken, or there was no
   * search.
   */
  fixes: v.optional(v.array(fix)),
  /** The re-checked outcome of the expectation with all of these fixes. Absent: not re-checked. */
  withFixes: v.optional(strictObject({ outcome, broken: count, unproven: count })),
  /**
   * The address of the resource, if a plan makes the request. Absent: the expectation is from a
   * file.
   */
  address: v.optional(v.string()),
  /** Set if the search stopped early. `preflight explain` searches further. */
  fixNotSought: v.optional(v.literal(true)),
});

/** Operations that several principals lose or gain with the apply. */
const effect = strictObject({
  /** `may`: the answer before or after the apply is not certain. */
  kind: v.picklist(['loses', 'may-lose', 'gains', 'may-gain']),
  /** The changes that cause the effect. */
  addresses: v.array(v.string()),
  /**
   * `each`: every single change is enough. `together`: only all of them are enough. `among`: some
   * of them are enough, but it was not determined which.
   */
  how: v.picklist(['each', 'together', 'among']),
  /** ARNs. */
  principals: v.array(v.string()),
  /** `targets`: the ARNs of the operation's sources. */
  operations: v.array(strictObject({ operation: v.string(), api: v.string(), targets: v.array(v.string()) })),
  /** In one sentence without a period, with the first names. */
  says: v.string(),
});

export const preflightReportSchema = strictObject({
  preflightVersion: v.literal(1),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  files: v.array(v.string()),
  /**
   * `fails`: an expectation is broken. `undetermined`: none is broken, but at least one is
   * unproven.
   */
  verdict: v.picklist(['succeeds', 'fails', 'undetermined']),
  summary: strictObject({ holds: count, broken: count, unproven: count, questions: count, exceptions: count }),
  /** Broken ones first, then unproven ones, then those that hold. */
  expectations: v.array(expectation),
  /**
   * The fixes that let somebody do what is expected, each once, with their documents and commands.
   * `gains` and `powers` are about the first combination of the fix. Empty with plans, because
   * users edit the configuration of a plan.
   */
  fixes: v.array(fixSchema),
  /** Entries of the baseline that no longer match anything. Absent: there is no baseline. */
  stale: v.optional(
    v.array(strictObject({ id: v.string(), who: v.string(), operation: v.string(), source: v.string() })),
  ),
  /** The plans, in the order in which they apply. Absent: no plan was given. */
  plans: v.optional(v.array(reportedPlanSchema)),
  /**
   * Who loses and who gains operations on resources of the evidence with the apply. The verdict
   * does not depend on this. Absent: no plan was given.
   */
  effects: v.optional(v.array(effect)),
  /** Set if there are more effects than the report shows. */
  effectsCut: v.optional(v.literal(true)),
  warnings: v.array(coded),
});

export type ReportedPlanEffect = v.InferOutput<typeof effect>;
/**
 * The report inside the program. Its commands are data, and each format writes them in its own way.
 */
export type PreflightReport = Omit<PreflightReportJson, 'fixes'> & { readonly fixes: readonly ReportedFix[] };
export type PreflightReportJson = v.InferOutput<typeof preflightReportSchema>;
export type ReportedExpectation = v.InferOutput<typeof expectation>;
export type ReportedFailing = v.InferOutput<typeof failing>;
export type ReportedCause = v.InferOutput<typeof cause>;
export type ExpectationFix = v.InferOutput<typeof fix>;
