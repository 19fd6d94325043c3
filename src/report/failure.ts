import type { ReportedFailure } from './format.ts';
import { safe } from './safe.ts';

/** What a run ends with that has no answer, for people: what is wrong, and what to do about it. */
export const drawFailure = safe(
  ({ message, next }: ReportedFailure) => `error: ${message}${next === undefined ? '' : `\n  ${next}`}\n`,
);
