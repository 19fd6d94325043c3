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
