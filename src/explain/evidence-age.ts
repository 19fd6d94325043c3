import { ageText } from '../base/wording.ts';
import type { AgeWarning } from '../evidence/age.ts';

/** A warning about the age of evidence, as a sentence without full stop. */
export function ageWarningText(warning: AgeWarning): string {
  switch (warning.code) {
    case 'evidence-undated':
      return 'the evidence does not say when it was read (`collectedAt`), so it may be older than --max-age allows';
    case 'evidence-date-unreadable':
      return `the evidence was read at \`${warning.collectedAt}\`, which is no time, so its age is not known`;
    case 'evidence-old':
      return `the evidence was read ${ageText(warning.hours)} ago (${warning.collectedAt}); what has changed since is not in it`;
  }
}
