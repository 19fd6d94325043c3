import type { DecisiveGap, IdleRead } from '../check/gaps.ts';
import type { ReportedGap } from '../contract/report.ts';
import { isAboutGoneKey } from '../evidence/lookup.ts';
import type { Gap } from '../evidence/schema.ts';

/** A failed read that affects no verdict. */
export const idleRead: IdleRead = { code: 'read-without-effect' };

/**
 * Every read that failed, with its worst effect on any verdict. That KMS does not have a key is an
 * answer.
 */
export function reportedGaps(all: readonly Gap[], codes: ReadonlyMap<Gap, DecisiveGap['code']>): ReportedGap[] {
  return all.filter((gap) => !isAboutGoneKey(gap)).map((gap) => ({ ...gap, code: codes.get(gap) ?? idleRead.code }));
}
