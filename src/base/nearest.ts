import { distance } from 'fastest-levenshtein';
import { withAddress } from './planned-name.ts';

const shown = 5;

/** Names that differ only in case come before names with other letters. */
export function nearestFirst(wanted: string, names: readonly string[]): readonly string[] {
  const lower = wanted.toLowerCase();
  return names
    .map((name) => ({ name, far: distance(lower, name.toLowerCase()), exactly: distance(wanted, name) }))
    .toSorted((one, other) => one.far - other.far || one.exactly - other.exactly || (one.name < other.name ? -1 : 1))
    .map(({ name }) => name);
}

/**
 * The name that was probably meant by a misspelled one: fewer than half of the characters differ.
 */
export function meantBy(wanted: string, names: readonly string[]): string | undefined {
  const [nearest] = nearestFirst(wanted, names);
  const isNear = nearest !== undefined && distance(wanted.toLowerCase(), nearest.toLowerCase()) < wanted.length / 2;
  return isNear ? nearest : undefined;
}

/** For the end of a message about an unknown name: the existing names, the most similar first. */
export function whatIsThere(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return 'there are none';
  // Resources of two kinds, or of two accounts, may have the same name.
  const near = nearestFirst(wanted, [...new Set(names.map(withAddress))]);
  const more = near.length > shown ? ` and ${near.length - shown} more` : '';
  return `there ${near.length === 1 ? 'is' : 'are'} ${near
    .slice(0, shown)
    .map((name) => `\`${name}\``)
    .join(', ')}${more}`;
}
