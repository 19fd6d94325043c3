import type { PolicyWarning } from '../policy/policies.ts';

/** Each warning once, because many calls are decided under the same policies. */
export function distinctWarnings(warnings: readonly PolicyWarning[]): readonly PolicyWarning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}
