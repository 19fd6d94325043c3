import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { reportedPlanSchema } from './plan-report.ts';

/*
 * The shape of the report of `who-can`. Code imports its types only; the schema is for those who
 * read it (a JSON Schema is generated from it) and for the tests.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const coded = strictObject({ code: v.string(), text: v.string() });

const owner = v.picklist([
  'identity policy',
  'permissions boundary',
  'session or endpoint policy',
  'key policy',
  "another account's key policy",
  'organization policy',
]);

const missing = strictObject({
  action: v.string(),
  /** Who could allow the call: of all that have to change, the dearest. */
  owner,
  /** The statements that deny the call. */
  denies: v.array(v.string()),
  /** The owners of other missing Allows. */
  lacks: v.array(owner),
});

const group = strictObject({
  /**
   * `can`: the operation succeeds. `may`: unknown facts decide, or another request than the one
   * that is spelled out is not denied. `nearly`: a required call is denied, and another one is
   * allowed or may be. `cannot`: every required call is denied.
   */
  standing: v.picklist(['can', 'may', 'nearly', 'cannot']),
  /**
   * ARNs. The reasons are said of the first. The others lack the same, or depend on the same; of
   * those who cannot make any required call, each may lack something else.
   */
  principals: v.pipe(v.array(v.string()), v.minLength(1)),
  /**
   * The operation fails as asked, and policies do not deny every request that the principals could
   * choose.
   */
  byAnotherRequest: v.optional(v.literal(true)),
  /** In one sentence without a period, for all principals of the group. */
  says: v.string(),
  /** The decisive reason first. */
  reasons: v.array(coded),
  /** Of the first. Of those who cannot make any required call, it is the one who lacks the least. */
  missing: v.array(missing),
  /** The statements and grants that decide, for each principal for whom any do. */
  decidedBy: v.array(
    strictObject({
      principals: v.pipe(v.array(v.string()), v.minLength(1)),
      by: v.pipe(v.array(v.string()), v.minLength(1)),
    }),
  ),
  /** The facts that would decide the answer. For those who nearly can: what else may be missing. */
  dependsOn: v.array(v.string()),
});

const target = strictObject({
  /** A command. */
  operation: v.string(),
  api: v.string(),
  /** ARNs of the sources of the operation, which have the same answer. Empty: it has no source. */
  sources: v.array(v.string()),
  account: v.string(),
  region: v.string(),
  /** ARN. */
  key: v.nullable(v.string()),
  keyAlias: v.nullable(v.string()),
  /** Principals of each standing. */
  summary: strictObject({ can: count, may: count, nearly: count, cannot: count }),
  /** In one sentence without a period. */
  says: v.string(),
  /** By standing; those who nearly can with the fewest missing calls and the cheapest fix first. */
  groups: v.array(group),
  /**
   * With --expect-only or --expect-none: who can or may, and is not expected. ARNs. A principal
   * that has every permission may, even if a state, such as that of the key, stops it now.
   */
  unexpected: v.optional(strictObject({ can: v.array(v.string()), may: v.array(v.string()) })),
});

export const whoCanReportSchema = strictObject({
  whoCanVersion: v.literal(1),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  /** When the evidence was read. null: it does not say. */
  evidenceAt: v.nullable(v.string()),
  /** The assumed changes of the data that was read. */
  assumed: v.optional(v.array(coded)),
  /** The plans that are applied, in their order. Absent: no plan was given. */
  plans: v.optional(v.array(reportedPlanSchema)),
  /** Why the plans keep everybody from being certain to succeed. Absent: they do not. */
  doubts: v.optional(v.array(coded)),
  /** Whom --principal names; empty: everybody. */
  people: v.array(v.string()),
  /** Whom --expect-only names. Empty: nobody is expected (--expect-none). Absent: no gate. */
  expected: v.optional(v.array(v.string())),
  targets: v.array(target),
  /** What the answers assume because it was not read, for those who can or may. */
  assumptions: v.array(coded),
  /** What keeps the list of principals from being complete. */
  notRead: v.array(coded),
  /** The parts of the question that could not be checked. Absent: none. */
  notChecked: v.optional(v.array(coded)),
  /** The principals that were checked. */
  asked: count,
  /** Service-linked roles, which are not asked. */
  serviceLinked: count,
  warnings: v.array(coded),
  answer: v.string(),
  /**
   * `succeeds`: answered, and nobody is unexpected. `fails`: somebody can who is not expected.
   * `undetermined`: a list of principals is incomplete, somebody may who is not expected, or there
   * are doubts.
   */
  verdict: v.picklist(['succeeds', 'fails', 'undetermined']),
});

export type WhoCanReport = v.InferOutput<typeof whoCanReportSchema>;
export type WhoCanTarget = v.InferOutput<typeof target>;
export type WhoCanGroup = v.InferOutput<typeof group>;
