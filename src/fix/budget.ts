import type { Effort } from '../policy/request.ts';

/**
 * The limit of a search. Its unit is a decision, or a world that is tried for a decision. So the
 * same evidence always ends at the same point, however fast the machine is.
 */
export interface Budget {
  readonly effort: Effort;
  /** The most `effort` that may be spent. */
  readonly most: number;
}

/** The budget of one report. With a larger budget, the user would wait too long. */
export const mostOfReport = 5_500;

/** A part of the remaining budget. */
export function partOf({ effort, most }: Budget, part: number): Budget {
  return { effort, most: Math.min(most, effort.spent + part) };
}

/** Returns the answer that was found earlier for a key, or finds it. */
export type Remember<Key, Answer> = (key: Key, find: () => Answer) => Answer;

/**
 * Finds each answer once, but charges for it each time, so that a search gets equally far whatever
 * is remembered.
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
