import { distance } from 'fastest-levenshtein';

const shown = 5;

/** Another case is nearer than another letter. */
export function nearestFirst(wanted: string, names: readonly string[]): readonly string[] {
  const far = (name: string): number => distance(wanted.toLowerCase(), name.toLowerCase());
  return names.toSorted(
    (one, other) => far(one) - far(other) || distance(wanted, one) - distance(wanted, other) || (one < other ? -1 : 1),
  );
}

/** What there is instead of a name that there is not: the nearest ones first, in words for the end of a message. */
export function whatIsThere(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return 'there are none';
  // Things of two kinds, or of two accounts, may have one name.
  const near = nearestFirst(wanted, [...new Set(names)]);
  const more = near.length > shown ? ` and ${near.length - shown} more` : '';
  return `there ${near.length === 1 ? 'is' : 'are'} ${near
    .slice(0, shown)
    .map((name) => `\`${name}\``)
    .join(', ')}${more}`;
}
