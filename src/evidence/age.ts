/** Evidence that is older than this gets a warning by default, in hours. */
export const defaultMaxAge = 24;

/** The age of the evidence in hours. Undefined: the evidence has no time, or an unreadable one. */
export function ageInHours(collectedAt: string | undefined, now: string): number | undefined {
  const age = Date.parse(now) - Date.parse(collectedAt ?? '');
  return Number.isNaN(age) ? undefined : age / (60 * 60 * 1000);
}

/** A note about the age of evidence. `collectedAt`: the time in the evidence. */
export type AgeWarning =
  | { readonly code: 'evidence-undated' }
  | { readonly code: 'evidence-date-unreadable'; readonly collectedAt: string }
  | { readonly code: 'evidence-old'; readonly collectedAt: string; readonly hours: number };

/** A warning if the evidence is older than `maxAge` hours, or has no time. `now`: an ISO time. */
export function ageWarning(collectedAt: string | undefined, now: string, maxAge: number): AgeWarning | undefined {
  if (collectedAt === undefined) return { code: 'evidence-undated' };
  const hours = ageInHours(collectedAt, now);
  if (hours === undefined) return { code: 'evidence-date-unreadable', collectedAt };
  return hours <= maxAge ? undefined : { code: 'evidence-old', collectedAt, hours };
}
