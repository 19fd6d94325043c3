import type { Verdict } from '../contract/report.ts';
import type { Evaluated, Evaluator } from './evaluate.ts';

/** A later time from which a policy gives another verdict. */
export interface LaterVerdict {
  readonly code: 'verdict-changes-later';
  /** ISO time. */
  readonly from: string;
  readonly verdict: Verdict;
}

/** In milliseconds. An answer covers calls of one day. */
const covered = 24 * 60 * 60 * 1000;

/** The most times to check. */
const mostTimes = 5;

/**
 * The first change of a verdict because policies compare the time of a call with a time after those
 * that the answer covers. Empty: the policies do not change it.
 */
export function laterVerdicts(evaluated: Evaluated, evaluator: Evaluator): readonly LaterVerdict[] {
  for (const time of timesAfter(evaluator)) {
    const then = evaluator.at(justAfter(time)).evaluate(evaluated.bound);
    if (then.verdict !== evaluated.verdict && decisionsOf(then) !== decisionsOf(evaluated))
      return [{ code: 'verdict-changes-later', from: isoOf(time), verdict: then.verdict }];
  }
  return [];
}

/**
 * The same evaluator for calls after each later time with which policies that were evaluated so far
 * compare the time of a call.
 */
export function laterEvaluators(evaluator: Evaluator): readonly Evaluator[] {
  return timesAfter(evaluator).map((time) => evaluator.at(justAfter(time)));
}

/** The next times after those that an answer covers. */
function timesAfter({ settings: { evaluatedAt }, times }: Evaluator): readonly number[] {
  const end = Date.parse(evaluatedAt) + covered;
  return [...times()]
    .map((seconds) => seconds * 1000)
    .filter((time) => time > end && isTime(time))
    .toSorted((one, other) => one - other)
    .slice(0, mostTimes);
}

/** A second later, so that it does not matter whether a test includes the time. */
function justAfter(time: number): string {
  return isoOf(time + 1000);
}

function decisionsOf({ calls }: Evaluated): string {
  return calls.map(({ decision: { decision } }) => decision).join();
}

function isTime(time: number): boolean {
  return !Number.isNaN(new Date(time).getTime());
}

function isoOf(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
