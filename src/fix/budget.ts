import type { Effort } from '../policy/request.ts';

/**
 * How far a search may go. The unit is a decision, or a world that is tried for one: the same
 * evidence always ends at the same place, however fast the machine is.
 */
export interface Budget {
  readonly effort: Effort;
  /** What `effort` may come to. */
  readonly most: number;
}

/**
 * So much may be spent on one report; more would take longer than somebody who waits would like.
 */
export const mostOfReport = 5_500;

/** A part of what is left. */
export function partOf({ effort, most }: Budget, part: number): Budget {
  return { effort, most: Math.min(most, effort.spent + part) };
}

export function isSpent({ effort, most }: Budget): boolean {
  return effort.spent >= most;
}
