import { ageText } from '../base/wording.ts';
import type { LaterVerdict } from '../check/later.ts';
import type { AgeWarning } from '../evidence/age.ts';

/** A warning about the age of evidence, in full sentences. */
export function ageWarningText(warning: AgeWarning): string {
  switch (warning.code) {
    case 'evidence-undated':
      return 'The evidence has no date (`collectedAt`), so it may be older than --max-age allows.';
    case 'evidence-date-unreadable':
      return `The age of the evidence is unknown: \`${warning.collectedAt}\` (collectedAt) is not a time.`;
    case 'evidence-old':
      return `The evidence is ${ageText(warning.hours)} old (read at ${warning.collectedAt}). It does not show later changes.`;
  }
}

/** A change that policies make later, as a sentence. `of`: the number of answers, `count` of which change. */
export function laterText(
  { from, verdict }: LaterVerdict,
  { count, of }: Readonly<Record<'count' | 'of', number>>,
): string {
  const what = of === 1 ? 'the verdict is' : `${count} of ${of} verdicts ${count === 1 ? 'is' : 'are'}`;
  return `From ${from} on, ${what} "${verdict}": a policy tests the time of the call (aws:CurrentTime).`;
}
