import { lazily } from '../base/lazily.ts';
import { rememberedOf } from '../base/remembered.ts';
import { type Bound, boundOfAnother, boundTo } from '../check/bind.ts';
import { type Evaluated, type EvaluationSettings, type Evaluator, evaluator } from '../check/evaluate.ts';
import { judge, type Reason } from '../check/judgment.ts';
import { rowsOf } from '../check/rows.ts';
import { mayAllow } from '../check/ruled-out.ts';
import { isEstablished, rank } from '../check/verdict.ts';
import type { Verdict } from '../contract/report.ts';
import type { Directory } from '../evidence/directory.ts';
import { findOtherPrincipal, type Principal } from '../evidence/principals.ts';
import type { Source } from '../evidence/sources.ts';
import type { CallRow, Operation } from '../operations/operation.ts';
import type { ReadDocuments } from '../policy/policies.ts';

/* Compares one principal and one source in two states of the evidence. */

/** One value for each state, the earlier state first. */
export type Pair<T> = readonly [T, T];

/** A question whose answer changed, without the reasons. */
export interface DifferenceWithoutReasons {
  /** ARN. */
  readonly principal: string;
  readonly operation: Operation;
  /** ARN of the source of the operation. */
  readonly target: string;
  readonly before: Verdict;
  readonly after: Verdict;
  readonly isWorse: boolean;
  /** The same object for all differences of principals that nothing distinguishes. */
  readonly like: object;
}

/**
 * A question whose answer changed. The object keeps the decisions from which the reasons are
 * computed.
 */
export interface VerdictDifference extends DifferenceWithoutReasons {
  /** The reasons for the worse of the two verdicts. */
  readonly reasons: () => readonly Reason[];
  /** The answer in the later state. */
  readonly now: () => Evaluated;
}

/** Removes the reasons and the answer, which keep the decisions in memory. */
export function withoutReasons(difference: VerdictDifference): DifferenceWithoutReasons {
  const { reasons: _, now: __, ...rest } = difference;
  return rest;
}

/** A principal in one state. */
export interface PrincipalState {
  readonly directory: Directory;
  readonly principal: Principal;
  /** Made on first use: most questions need no evaluator. */
  readonly evaluator: () => Evaluator;
  readonly mayAllow: () => ReturnType<typeof mayAllow>;
}

/**
 * A principal in one state. Policies are compiled again for each principal, so that memory does not
 * grow with the number of principals. Documents that were read are kept.
 */
export function stateOf(
  directory: Directory,
  arn: string,
  asking: EvaluationSettings,
  read: ReadDocuments,
): PrincipalState {
  const principal = findOtherPrincipal(directory, arn);
  let asked: Evaluator | undefined;
  let allows: ReturnType<typeof mayAllow> | undefined;
  return {
    directory,
    principal,
    evaluator: () => (asked ??= evaluator(directory, asking, read)),
    mayAllow: () => (allows ??= mayAllow(principal, read)),
  };
}

/** The same question in both states. */
export function boundPair(operation: Operation, [then, now]: Pair<PrincipalState>, sources: Pair<Source>): Pair<Bound> {
  return [boundIn(operation, then, sources[0]), boundIn(operation, now, sources[1])];
}

/**
 * The question of a principal about an operation on a source, with AWS's defaults, in one state.
 */
export function boundIn(operation: Operation, { directory, principal }: PrincipalState, source: Source): Bound {
  return boundTo(directory, { operation, principal, region: source.region, parameters: {} }, source);
}

/** The same question in both states, for another principal of the account. */
export function boundPairFor([then, now]: Pair<PrincipalState>, [before, after]: Pair<Bound>): Pair<Bound> {
  return [boundOfAnother(then.principal, before), boundOfAnother(now.principal, after)];
}

/** Decides each call of a question once. */
function decidingOnce(state: PrincipalState, bound: Bound): Evaluator['decide'] {
  return rememberedOf((row) => state.evaluator().decide(row, bound));
}

/** The difference between the answers in two states. Undefined: the answers are the same. */
export function differenceOf([then, now]: Pair<PrincipalState>, bounds: Pair<Bound>): VerdictDifference | undefined {
  const [before, after] = [decidingOnce(then, bounds[0]), decidingOnce(now, bounds[1])];
  if (isDenied(before, bounds[0]) && isDenied(after, bounds[1])) return undefined;
  const [was, is] = [then.evaluator().evaluate(bounds[0], before), now.evaluator().evaluate(bounds[1], after)];
  if (was.verdict === is.verdict) return undefined;
  const isWorse = rank[is.verdict] < rank[was.verdict];
  return {
    principal: then.principal.arn,
    operation: bounds[0].operation,
    target: bounds[0].source?.arn ?? '',
    before: was.verdict,
    after: is.verdict,
    isWorse,
    reasons: () => judge(isWorse ? is : was).reasons,
    now: () => is,
    like: {},
  };
}

/**
 * The same difference for another principal that has the same answers. The reasons are computed for
 * that principal.
 */
export function differenceFor(
  [then, now]: Pair<PrincipalState>,
  difference: DifferenceWithoutReasons,
  sources: Pair<Source>,
): VerdictDifference {
  const answerIn = (state: PrincipalState, source: Source): Evaluated =>
    state.evaluator().evaluate(boundIn(difference.operation, state, source));
  const answerNow = lazily(() => answerIn(now, sources[1]));
  const reasons = (): readonly Reason[] => judge(difference.isWorse ? answerNow() : answerIn(then, sources[0])).reasons;
  return { ...difference, principal: then.principal.arn, reasons, now: answerNow };
}

/**
 * Whether a call is denied. This is a fast check, and one denied call means that the operation
 * fails.
 */
function isDenied(decide: Evaluator['decide'], bound: Bound): boolean {
  const isCallDenied = (row: CallRow): boolean =>
    isEstablished(row.basis) && decide(row, bound).decision.decision === 'denied';
  const rows = rowsOf(bound);
  // A call on a key is denied most often, because two policies have to allow it.
  return (
    rows.some((row) => row.kind === 'forwarded' && isCallDenied(row)) ||
    rows.some((row) => row.kind !== 'forwarded' && isCallDenied(row))
  );
}
