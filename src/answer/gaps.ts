import type { DecisiveGap, IdleRead } from '../check/gaps.ts';
import type { ReportedGap } from '../contract/report.ts';
import type { Gap } from '../evidence/schema.ts';

/** A read that no verdict depends on. */
export const idleRead: IdleRead = { code: 'read-without-effect' };

/** Every read that failed, with the worst that follows from it for any verdict. */
export function reportedGaps(all: readonly Gap[], decisive: Iterable<DecisiveGap>): ReportedGap[] {
  const codes = new Map<Gap, DecisiveGap['code']>();
  for (const { gap, code } of decisive) if (codes.get(gap) !== 'read-decides') codes.set(gap, code);
  return all.map((gap) => ({ ...gap, code: codes.get(gap) ?? idleRead.code }));
}
