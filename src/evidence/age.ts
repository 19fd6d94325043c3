import { ageText } from '../base/wording.ts';

/** How old what was read is, in hours. Undefined: it is not said, or not as a time. */
export function ageInHours(collectedAt: string | undefined, now: string): number | undefined {
  const age = Date.parse(now) - Date.parse(collectedAt ?? '');
  return Number.isNaN(age) ? undefined : age / (60 * 60 * 1000);
}

/** What is to be said of evidence that is older than `maxAge` hours, or does not say how old it is. */
export function ageWarning(collectedAt: string | undefined, now: string, maxAge: number): string | undefined {
  const age = ageInHours(collectedAt, now);
  if (collectedAt === undefined)
    return 'the evidence does not say when it was read (`collectedAt`), so it may be older than --max-age allows';
  if (age === undefined)
    return `the evidence was read at \`${collectedAt}\`, which is no time, so its age is not known`;
  if (age <= maxAge) return undefined;
  return `the evidence was read ${ageText(age)} ago (${collectedAt}); what has changed since is not in it`;
}
