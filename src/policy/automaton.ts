import { closure, step, type Token } from './pattern.ts';

/** A set of texts: those that a pattern matches, with or without regard to case. */
export interface TextSet {
  readonly tokens: readonly Token[];
  readonly ignoreCase: boolean;
}

/**
 * One text for each combination of sets that a text can belong to. `complete` is false if the
 * search reached its limit.
 */
export interface Texts {
  readonly texts: readonly string[];
  readonly complete: boolean;
}

/** The most characters that the patterns may have together: about thirty ARNs on one key. */
const mostTokens = 2_000;
/** The most positions in patterns that are visited over all joint states: about 20 ms. */
const mostPositions = 100_000;

/**
 * Walks the patterns side by side. For each combination of patterns that some text matches at once,
 * returns the shortest such text in one of `domains` (or any text, if there are no domains).
 */
export function textsThatDiffer(sets: readonly TextSet[], domains: readonly TextSet[], walks: Walks): Texts {
  const all = [...sets, ...domains];
  if (all.reduce((sum, { tokens }) => sum + tokens.length, 0) > mostTokens) return { texts: [], complete: false };
  const name = `${all.map(textSetName).join('\n')}\n${domains.length}`;
  const known = walks.get(name);
  if (known !== undefined) return known;
  const texts = walk(sets, domains, all);
  if (walks.size === mostWalks) walks.clear();
  walks.set(name, texts);
  return texts;
}

/**
 * The walks of policies that are read together. They are reused for many requests and for changed
 * policies, because a walk depends only on the patterns. The map is cleared when it is full, so
 * memory does not grow with the number of requests.
 */
export type Walks = Map<string, Texts>;
const mostWalks = 500;

function textSetName({ tokens, ignoreCase }: TextSet): string {
  const text = tokens
    .map((token) => (token.is === 'char' ? token.char : `\u0000${token.is}${token.within === true ? ':' : ''}`))
    .join('\u0001');
  return `${ignoreCase ? 'i' : 'c'}${text}`;
}

function walk(sets: readonly TextSet[], domains: readonly TextSet[], all: readonly TextSet[]): Texts {
  const alphabet = lettersOf(all);
  const start = all.map((set) => closure(set.tokens, [0]));
  const queue: { readonly text: string; readonly at: readonly ReadonlySet<number>[] }[] = [{ text: '', at: start }];
  const seen = new Set([nameOf(start)]);
  const found = new Map<string, string>();
  let walked = 0;
  for (let next = 0; next < queue.length; next++) {
    const state = queue[next];
    if (state === undefined) break;
    const accepted = all.map((set, index) => state.at[index]?.has(set.tokens.length) === true);
    const inside = domains.length === 0 || accepted.slice(sets.length).includes(true);
    const combination = accepted.slice(0, sets.length).join();
    if (inside && !found.has(combination)) found.set(combination, state.text);
    for (const char of alphabet) {
      const at = all.map((set, index) =>
        step(set.tokens, state.at[index] ?? new Set(), set.ignoreCase ? char.toLowerCase() : char),
      );
      if (domains.length > 0 && at.slice(sets.length).every((positions) => positions.size === 0)) continue;
      for (const positions of at) walked += positions.size + 1;
      if (walked > mostPositions) return { texts: [...found.values()], complete: false };
      const name = nameOf(at);
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push({ text: state.text + char, at });
    }
  }
  return { texts: [...found.values()], complete: true };
}

function nameOf(at: readonly ReadonlySet<number>[]): string {
  return at.map((positions) => [...positions].toSorted((one, other) => one - other).join()).join(';');
}

/**
 * Every character that a pattern names, and one that no pattern names. Where case is ignored, both
 * cases of each letter are included.
 */
function lettersOf(sets: readonly TextSet[]): readonly string[] {
  const letters = new Set<string>();
  for (const { tokens, ignoreCase } of sets) {
    for (const token of tokens) {
      if (token.is === 'run' || token.is === 'one') {
        if (token.within === true) letters.add(':');
        continue;
      }
      if (token.is === 'char') letters.add(token.char);
      if (ignoreCase && token.is === 'char') letters.add(token.char.toUpperCase());
    }
  }
  const other = 'xyzqjkwvubXYZQJK0123456789~'
    .split('')
    .find((char) => !letters.has(char) && !letters.has(char.toLowerCase()) && !letters.has(char.toUpperCase()));
  return [...(other === undefined ? [] : [other]), ...letters];
}
