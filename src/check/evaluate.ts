/*
 * src/check/ binds rows of the catalog to ARNs and decides calls, preconditions and the verdict. It
 * is pure: it has no sentences, no I/O, and no state that outlives a call.
 */

import { lazily } from '../base/lazily.ts';
import type { Verdict } from '../contract/report.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { CallRow } from '../operations/operation.ts';
import { ReadDocuments } from '../policy/policies.ts';
import type { Effort } from '../policy/request.ts';
import type { Bound } from './bind.ts';
import { type DecidedCall, type Decider, type DecisionSettings, decider } from './decide.ts';
import { type DecidedPrecondition, decidePreconditions } from './preconditions/preconditions.ts';
import type { Question } from './question.ts';
import { rowsOf } from './rows.ts';
import { isDenied, isUnmet, verdictOf } from './verdict.ts';

/** One operation on one target, with all its calls and preconditions decided. */
export interface Evaluated {
  readonly bound: Bound;
  readonly calls: readonly DecidedCall[];
  readonly preconditions: readonly DecidedPrecondition[];
  readonly verdict: Verdict;
  /** Whether an assumption leaves the verdict open. */
  readonly strict: boolean;
}

/** Answers under one state of the evidence. */
export interface Evaluator {
  readonly evidence: Evidence;
  readonly directory: Directory;
  readonly settings: EvaluationSettings;
  /** `decideCall`: decides a call in place of `decide`. Absent: `decide`. */
  readonly evaluate: (bound: Bound, decideCall?: Decider['decide']) => Evaluated;
  /**
   * Finds only the verdict. One denied call that is required settles the verdict, whatever the
   * other calls are. `decideCall`: decides a call in place of `decide`. Absent: `decide`.
   */
  readonly verdict: (bound: Bound, decideCall?: Decider['decide']) => Verdict;
  readonly decide: Decider['decide'];
  readonly decideOn: Decider['decideOn'];
  readonly request: Decider['request'];
  readonly preconditions: (bound: Bound) => readonly DecidedPrecondition[];
  /** Warnings about the policies that were evaluated so far. */
  readonly warnings: Decider['warnings'];
  readonly times: Decider['times'];
  /** The same evaluator for calls at another time. */
  readonly at: (evaluatedAt: string) => Evaluator;
  /** The policy documents that were parsed so far. They are kept as long as one answer takes. */
  readonly read: ReadDocuments;
  /**
   * The same evaluator without assumptions. Both compile policies only once, so `warnings` cover
   * what either has evaluated.
   */
  readonly strictly: () => Evaluator;
  /** The same evaluator for a request with other condition keys. It compiles policies again. */
  readonly knowing: (context: EvaluationSettings['context']) => Evaluator;
}

export type EvaluationSettings = Pick<Question, 'context' | 'evaluatedAt' | 'strict'>;

/**
 * `read`: shared by evaluators whose evidence has documents in common. `effort`: grows with each
 * decision.
 */
export function evaluator(
  directory: Directory,
  settings: EvaluationSettings,
  read = new ReadDocuments(),
  effort?: Effort,
): Evaluator {
  return evaluatorWith(directory, settings, { read, effort, compiled: new Map() });
}

function evaluatorWith(
  directory: Directory,
  settings: EvaluationSettings,
  shared: Pick<DecisionSettings, 'read' | 'effort' | 'compiled'>,
): Evaluator {
  const { context, evaluatedAt, strict } = settings;
  const supplied = new Map(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values]));
  const { decide, decideOn, request, warnings, times } = decider(directory, {
    supplied,
    evaluatedAt,
    strict,
    ...shared,
  });
  const preconditionsOf = (bound: Bound) => decidePreconditions(directory, bound, evaluatedAt);
  const own: Evaluator = {
    evidence: directory.evidence,
    directory,
    settings: { context, evaluatedAt, strict },
    decide,
    decideOn,
    request,
    preconditions: preconditionsOf,
    warnings,
    times,
    at: (time) => evaluatorWith(directory, { ...settings, evaluatedAt: time }, shared),
    read: shared.read,
    strictly: lazily(() => (strict ? own : evaluatorWith(directory, { ...settings, strict: true }, shared))),
    // The compiled policies depend on the VPC endpoint.
    knowing: (other) => evaluatorWith(directory, { ...settings, context: other }, { ...shared, compiled: new Map() }),
    verdict(bound, decideCall = decide) {
      const calls: DecidedCall[] = [];
      let preconditions: readonly DecidedPrecondition[] | undefined;
      for (const row of rowsOf(bound)) {
        const call = mentioningDecrypt(decideCall(row, bound), (other) => decideCall(other, bound));
        if (isDenied(call)) return 'fails';
        calls.push(call);
        if (preconditions !== undefined) continue;
        // Most principals are denied the first call. All other calls cost more than the
        // preconditions.
        preconditions = preconditionsOf(bound);
        if (preconditions.some(isUnmet)) return 'fails';
      }
      return verdictOf(withoutSpared(calls), preconditions ?? preconditionsOf(bound), strict);
    },
    evaluate(bound, decideCall = decide) {
      const calls = withoutSpared(
        rowsOf(bound).map((row) => mentioningDecrypt(decideCall(row, bound), (other) => decideCall(other, bound))),
      );
      const preconditions = preconditionsOf(bound);
      return {
        bound,
        calls,
        preconditions,
        verdict: verdictOf(calls, preconditions, strict),
        strict,
      };
    },
  };
  return own;
}

/**
 * The calls without those that are assumed not to happen. The first remaining call carries the
 * assumption.
 */
function withoutSpared(calls: readonly DecidedCall[]): readonly DecidedCall[] {
  const isSpared = ({ row, decision }: DecidedCall): boolean =>
    row.unless !== undefined && decision.decision !== 'allowed';
  const spared = calls.filter(isSpared).flatMap(({ row }) => (row.unless === undefined ? [] : [{ code: row.unless }]));
  const others = calls.filter((call) => !isSpared(call) && isReported(call));
  if (spared.length === 0) return others;
  return others.map((call, index) => (index === 0 ? { ...call, assumptions: [...call.assumptions, ...spared] } : call));
}

function isReported({ row, decision }: DecidedCall): boolean {
  if (row.onlyDenied === true) return decision.decision !== 'allowed';
  // If the assumption is that RDS's service-linked role exists, the call is so unlikely that the
  // report leaves it out.
  return row.unless !== 'rds-role-exists';
}

/**
 * Some pages of AWS also ask for kms:Decrypt. If a Deny covers this action, the call assumes that
 * the other pages are right (rds-kms-operations 4.2, 9).
 */
function mentioningDecrypt(call: DecidedCall, decide: (row: CallRow) => DecidedCall): DecidedCall {
  const { row, decision, assumptions } = call;
  const takesGrant = row.kind === 'forwarded' && row.action === 'kms:CreateGrant' && row.on === 'target key';
  if (!takesGrant || row.basis !== 'documented' || decision.decision !== 'allowed') return call;
  const decrypt = decide({ ...row, action: 'kms:Decrypt' }).decision;
  if (decrypt.decision !== 'denied' || decrypt.denial !== 'explicit') return call;
  return { ...call, assumptions: [...assumptions, { code: 'decrypt-not-needed' }] };
}
