import type { ReportedFailure } from './format.ts';
import { safe } from './safe.ts';

/** The error of a run without an answer, for people: what is wrong, and what to do. */
export const drawFailure = safe(
  ({ message, next }: ReportedFailure) => `error: ${message}${next === undefined ? '' : `\n  ${next}`}\n`,
);
