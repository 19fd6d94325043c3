import { type Glob, globOfParts, type PatternPart } from '../base/glob.ts';

/**
 * One character of a pattern, for code that needs the characters one by one. `within`: does not
 * match a colon.
 */
export type Token =
  | { readonly is: 'char'; readonly char: string }
  | { readonly is: 'one'; readonly within?: boolean }
  | { readonly is: 'run'; readonly within?: boolean };

export function tokensOf(glob: Glob): Token[] {
  const tokens: Token[] = [];
  glob.pieces.forEach((piece, index) => {
    if (index > 0) tokens.push({ is: 'run' });
    piece.text.split('').forEach((char, at) => {
      tokens.push(piece.holes?.[at] === true ? { is: 'one' } : { is: 'char', char });
    });
  });
  return tokens;
}

/** The positions in the pattern that can be reached without reading a character. */
export function closure(tokens: readonly Token[], positions: Iterable<number>): Set<number> {
  const reached = new Set<number>();
  for (const start of positions) {
    let at = start;
    reached.add(at);
    while (tokens[at]?.is === 'run') reached.add(++at);
  }
  return reached;
}

/** The positions that can be reached after one more character. */
export function step(tokens: readonly Token[], positions: ReadonlySet<number>, char: string): Set<number> {
  const next = new Set<number>();
  for (const at of positions) {
    const token = tokens[at];
    if (token === undefined) continue;
    if (token.is === 'run') {
      if (char !== ':' || token.within !== true) next.add(at);
    } else if (token.is === 'one' ? char !== ':' || token.within !== true : token.char === char) next.add(at + 1);
  }
  return closure(tokens, next);
}

/**
 * What is known about the unknown rest of a text. `fresh`: it is new, so no policy can contain it
 * yet. `name`: it has no colon.
 */
export type Rest = 'any' | 'fresh' | 'name';

/**
 * Whether a pattern matches `all`, `none` or `some` continuations (of one character or more) of a
 * text if only its start is known. A pattern that would have to contain a fresh text does not
 * match.
 */
export function matchesContinuation(glob: Glob, start: string, rest: Rest): 'all' | 'none' | 'some' {
  // Most patterns differ from the text at its beginning.
  const [first] = glob.pieces;
  if (first?.holes === undefined) {
    const common = Math.min(first?.text.length ?? 0, start.length);
    if (first?.text.slice(0, common) !== start.slice(0, common)) return 'none';
  }
  const tokens = tokensOf(glob);
  let positions = closure(tokens, [0]);
  for (const char of start.split('')) positions = step(tokens, positions, char);
  // What is left of the pattern from each position on, counted from the end.
  const left = { ones: 0, runs: 0, colons: 0 };
  let some = false;
  for (let at = tokens.length - 1; at >= 0; at--) {
    const token = tokens[at];
    if (token?.is === 'one') left.ones++;
    else if (token?.is === 'run') left.runs++;
    else if (token?.char === ':') left.colons++;
    if (!positions.has(at)) continue;
    const chars = tokens.length - at - left.ones - left.runs;
    if (left.runs > 0 && chars === 0 && left.ones <= 1) return 'all';
    if (rest === 'fresh' && chars === tokens.length - at) continue;
    if (rest === 'name' && left.colons > 0) continue;
    some = true;
  }
  return some ? 'some' : 'none';
}

/** A pattern for a resource. */
export interface ArnGlob extends Glob {
  /**
   * Whether one of the first five parts has a star before its end. AWS does not say whether such a
   * star matches a colon. A star in the last part does (iam-evaluation 2.23, 14.14).
   */
  readonly hasInnerStar: boolean;
}

/** Compiles a pattern for a resource. */
export function arnGlobOf(parts: readonly PatternPart[]): ArnGlob {
  const glob = globOfParts(parts);
  return { pieces: glob.pieces, hasInnerStar: hasInnerStar(glob) };
}

function hasInnerStar({ pieces }: Glob): boolean {
  let colons = 0;
  for (const [index, { text }] of pieces.entries()) {
    colons += text.match(/:/g)?.length ?? 0;
    const next = pieces[index + 1]?.text ?? '';
    if (colons >= 5) return false;
    if (next !== '' && !next.startsWith(':')) return true;
  }
  return false;
}

/** Like `matches`, but an inner star stops at a colon. */
export function matchesWithinSegments(glob: Glob, text: string): boolean {
  const tokens = tokensOf(glob);
  // One row for each token: the prefixes of the text that the tokens so far match.
  let row = new Uint8Array(text.length + 1);
  row[0] = 1;
  let colons = 0;
  for (const [index, token] of tokens.entries()) {
    const next = new Uint8Array(text.length + 1);
    const following = tokens[index + 1];
    if (isColon(token)) colons++;
    const stops = colons < 5 && following !== undefined && following.is !== 'run' && !isColon(following);
    if (token.is === 'run') next[0] = row[0] ?? 0;
    for (let end = 1; end <= text.length; end++) {
      const char = text[end - 1];
      if (token.is === 'run') next[end] = (row[end] ?? 0) | (stops && char === ':' ? 0 : (next[end - 1] ?? 0));
      else next[end] = token.is === 'one' || token.char === char ? (row[end - 1] ?? 0) : 0;
    }
    row = next;
  }
  return row[text.length] === 1;
}

function isColon(token: Token): boolean {
  return token.is === 'char' && token.char === ':';
}
