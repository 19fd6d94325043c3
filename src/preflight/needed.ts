import type { PlannedChange } from '../plan/planned-change.ts';

/** The maximum number of changes to name. */
export const mostNamed = 5;

/**
 * The few changes, out of many, without which a condition does not hold. `holds` is true for all
 * changes together. Each step halves the changes that can contain the last needed one, so few
 * questions are asked.
 */
export function neededOf(
  changes: readonly PlannedChange[],
  holds: (changes: readonly PlannedChange[]) => boolean,
): readonly PlannedChange[] {
  const needed: PlannedChange[] = [];
  let left = changes;
  while (needed.length < mostNamed && left.length > 0 && !holds(needed)) {
    let [low, high] = [0, left.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (holds([...left.slice(0, middle), ...needed])) high = middle;
      else low = middle;
    }
    needed.push(...left.slice(high - 1, high));
    left = left.slice(0, high - 1);
  }
  return needed;
}

/**
 * Leaves out the changes without which a condition still holds. If a change takes effect only with
 * another one, the search above finds too many.
 */
export function withoutSpare(
  changes: readonly PlannedChange[],
  holds: (changes: readonly PlannedChange[]) => boolean,
): readonly PlannedChange[] {
  return changes.reduce((left, one) => {
    const fewer = left.filter((other) => other !== one);
    return fewer.length > 0 && holds(fewer) ? fewer : left;
  }, changes);
}
