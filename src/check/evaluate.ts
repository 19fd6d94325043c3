import type { Evidence } from '../evidence/schema.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import type { Bound } from './bind.ts';
import { type DecidedCall, type Decider, decider } from './decide.ts';
import { type DecidedPrecondition, decidePreconditions } from './preconditions.ts';
import type { Question } from './question.ts';
import type { Verdict } from './report.ts';
import { rowsOf } from './rows.ts';
import { type Judgement, judge, verdictOf } from './verdict.ts';

/** One operation on one target, with all that it asks answered. */
export interface Evaluated {
  readonly bound: Bound;
  readonly calls: readonly DecidedCall[];
  readonly preconditions: readonly DecidedPrecondition[];
  readonly verdict: Verdict;
  /** Its reasons; worked out when asked, for most who try changes want the verdict alone. */
  readonly judgement: () => Judgement;
}

/** Answers under one state of the evidence. */
export interface Evaluator {
  readonly evidence: Evidence;
  readonly evaluate: (bound: Bound) => Evaluated;
  readonly decide: Decider['decide'];
  /** What is not understood in the policies that were asked so far. */
  readonly warnings: Decider['warnings'];
}

export type Asking = Pick<Question, 'context' | 'evaluatedAt' | 'strict'>;

/** `read`: shared by evaluators whose evidence has documents in common. */
export function evaluator(
  evidence: Evidence,
  { context, evaluatedAt, strict }: Asking,
  read: ReadDocuments = new WeakMap(),
): Evaluator {
  const supplied = new Map(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values]));
  const { decide, warnings } = decider(evidence, { supplied, evaluatedAt, read });
  return {
    evidence,
    decide,
    warnings,
    evaluate(bound) {
      const calls = rowsOf(bound).map((row) => decide(row, bound));
      const preconditions = decidePreconditions(evidence, bound);
      return {
        bound,
        calls,
        preconditions,
        verdict: verdictOf(calls, preconditions, strict),
        judgement: () => judge(bound, calls, preconditions, strict),
      };
    },
  };
}
