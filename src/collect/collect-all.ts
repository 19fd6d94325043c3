import pLimit from 'p-limit';
import { merge } from '../evidence/merge.ts';
import type { Evidence } from '../evidence/schema.ts';
import { type Collected, collect } from './collect.ts';
import { sharedAnswers } from './handler.ts';
import type { ToRead } from './reading.ts';
import type { LiveOptions } from './settings.ts';

/** One of several questions, and its Region. */
export interface PlacedQuestion {
  /** Undefined: the Region of the settings, or of the target's ARN. */
  readonly region: string | undefined;
  readonly toRead: ToRead;
}

/** The most questions whose data is read at the same time. */
const atOnce = 4;

/**
 * Reads from AWS what several questions need. Data that several questions need is read once.
 * @throws Failure as `collect` does
 */
export async function collectAll(
  questions: readonly PlacedQuestion[],
  options: LiveOptions,
): Promise<{ readonly evidence: Evidence; readonly read: readonly Omit<Collected, 'evidence'>[] }> {
  const shared = questions.length === 1 ? {} : { shared: sharedAnswers() };
  const limit = pLimit(atOnce);
  const collected = await Promise.all(
    questions.map(({ region, toRead }) =>
      limit(() => collect(toRead, { ...options, ...shared, ...(region === undefined ? {} : { region }) })),
    ),
  );
  const [first, ...others] = collected;
  const evidence =
    first !== undefined && others.length === 0
      ? first.evidence
      : merge(collected.map((one) => ({ from: 'AWS', evidence: one.evidence })));
  const { gaps = [] } = evidence;
  const distinct = [...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values()];
  return {
    evidence: { ...evidence, gaps: distinct },
    read: collected.map(({ principal, region }) => ({ principal, region })),
  };
}
