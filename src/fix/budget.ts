import type { Effort } from '../policy/request.ts';

/**
 * The limit of a search. The unit is a decision, or a world that is tried for a decision: the same
 * evidence always ends at the same place, however fast the machine is.
 */
export interface Budget {
  readonly effort: Effort;
  /** The maximum of `effort`. */
  readonly most: number;
}

/** The budget of one report. With more, the user would wait too long. */
export const mostOfReport = 5_500;

/** A part of what is left. */
export function partOf({ effort, most }: Budget, part: number): Budget {
  return { effort, most: Math.min(most, effort.spent + part) };
}

/** Returns the answer that was found for a key before, or finds it. */
export type Remember<Key, Answer> = (key: Key, find: () => Answer) => Answer;

/**
 * Finds each answer once, and charges for the answer each time: how far a search gets does not
 * depend on what is remembered.
 */
export function remembering<Key, Answer>(effort: Effort): Remember<Key, Answer> {
  const known = new Map<Key, { readonly answer: Answer; readonly cost: number }>();
  return (key, find) => {
    const held = known.get(key);
    if (held !== undefined) {
      effort.spent += held.cost;
      return held.answer;
    }
    const { spent } = effort;
    const answer = find();
    known.set(key, { answer, cost: effort.spent - spent });
    return answer;
  };
}

export function isSpent({ effort, most }: Budget): boolean {
  return effort.spent >= most;
}
