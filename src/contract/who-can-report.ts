import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { reportedPlanSchema } from './plan-report.ts';

/*
 * The shape of the report of `who-can`. Code imports only its types. The schema is for readers of
 * reports (a JSON Schema is generated from it) and for the tests.
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
  /** Who could allow the call. If several owners must change something: the most expensive one. */
  owner,
  /** The statements that deny the call. */
  denies: v.array(v.string()),
  /** The owners of other missing Allows. */
  lacks: v.array(owner),
});

const group = strictObject({
  /**
   * `can`: the operation succeeds. `may`: unknown facts decide, or policies do not deny every other
   * request. `nearly`: a state stops the operation, or a required call is denied, and another call or
   * request is allowed or may be. `cannot`: every required call is denied.
   */
  standing: v.picklist(['can', 'may', 'nearly', 'cannot']),
  /**
   * ARNs. The reasons are about the first principal. The others lack the same, or depend on the
   * same facts. If the group cannot make any required call, each may lack something else.
   */
  principals: v.pipe(v.array(v.string()), v.minLength(1)),
  /**
   * The operation fails as requested, but policies do not deny every request that the principals
   * could choose.
   */
  byAnotherRequest: v.optional(v.literal(true)),
  /** In one sentence without a period, for all principals of the group. */
  says: v.string(),
  /** The decisive reason first. */
  reasons: v.array(coded),
  /**
   * What the first principal lacks. If the group cannot make any required call, the first principal
   * is the one that lacks the least.
   */
  missing: v.array(missing),
  /** The deciding statements and grants, for each principal that has any. */
  decidedBy: v.array(
    strictObject({
      principals: v.pipe(v.array(v.string()), v.minLength(1)),
      by: v.pipe(v.array(v.string()), v.minLength(1)),
    }),
  ),
  /**
   * The facts that would decide the answer. For principals that nearly can: what else may be
   * missing.
   */
  dependsOn: v.array(v.string()),
});

const target = strictObject({
  /** A command. */
  operation: v.string(),
  api: v.string(),
  /** The ARNs of sources with the same answer. Empty: the operation has no source. */
  sources: v.array(v.string()),
  account: v.string(),
  region: v.string(),
  /** ARN. */
  key: v.nullable(v.string()),
  keyAlias: v.nullable(v.string()),
  /** How many principals have each standing. */
  summary: strictObject({ can: count, may: count, nearly: count, cannot: count }),
  /** In one sentence without a period. */
  says: v.string(),
  /**
   * By standing. Among principals that nearly can, those with the fewest missing calls and the
   * cheapest fix come first.
   */
  groups: v.array(group),
  /**
   * With --expect-only or --expect-none: the ARNs of unexpected principals that can or may. A
   * principal to whom policies do not deny every request is under `may` even if a state, such as that
   * of the key, stops the operation now.
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
  /** The plans that are applied, in order. Absent: no plan was given. */
  plans: v.optional(v.array(reportedPlanSchema)),
  /** Why, because of the plans, nobody is certain to succeed. Absent: the plans raise no doubt. */
  doubts: v.optional(v.array(coded)),
  /** The principals of --principal. Empty: everybody. */
  people: v.array(v.string()),
  /**
   * The principals of --expect-only. Empty: nobody is expected (--expect-none). Absent: there is no
   * gate.
   */
  expected: v.optional(v.array(v.string())),
  targets: v.array(target),
  /** What the answers about principals that can or may assume, because it was not read. */
  assumptions: v.array(coded),
  /** Why the list of principals is incomplete. */
  notRead: v.array(coded),
  /** The parts of the question that could not be checked. Absent: none. */
  notChecked: v.optional(v.array(coded)),
  /** How many principals were checked. */
  asked: count,
  /** Service-linked roles, which are not checked. */
  serviceLinked: count,
  warnings: v.array(coded),
  answer: v.string(),
  /**
   * `succeeds`: answered, and nobody is unexpected. `fails`: somebody unexpected can.
   * `undetermined`: a list of principals is incomplete, somebody unexpected may, or there are
   * doubts.
   */
  verdict: v.picklist(['succeeds', 'fails', 'undetermined']),
});

export type WhoCanReport = v.InferOutput<typeof whoCanReportSchema>;
export type WhoCanTarget = v.InferOutput<typeof target>;
export type WhoCanGroup = v.InferOutput<typeof group>;
