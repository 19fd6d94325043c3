/** A text with wildcards, cut at its stars. `*` matches any run of characters, `?` exactly one. */
export interface Glob {
  /** The pieces between the stars: one piece = no star. */
  readonly pieces: readonly Piece[];
}

/** A piece without star; `holes` says where a `?` stands, undefined if nowhere. */
interface Piece {
  readonly text: string;
  readonly holes: readonly boolean[] | undefined;
}

/** One character of a pattern, for those questions that need them one by one. `within`: does not match a colon. */
export type Token =
  | { readonly is: 'char'; readonly char: string }
  | { readonly is: 'one'; readonly within?: boolean }
  | { readonly is: 'run'; readonly within?: boolean };

/** Parts of a pattern: `wildcards: false` makes `*` and `?` ordinary characters. */
export interface PatternPart {
  readonly text: string;
  readonly wildcards: boolean;
}

/** Compiles a pattern in which every `*` and `?` is a wildcard. */
export function globOf(pattern: string): Glob {
  return globOfParts([{ text: pattern, wildcards: true }]);
}

/** Compiles text that matches only itself. */
export function literal(text: string): Glob {
  return { pieces: [{ text, holes: undefined }] };
}

export function globOfParts(parts: readonly PatternPart[]): Glob {
  const pieces: Piece[] = [];
  let text = '';
  let holes: boolean[] = [];
  let holed = false;
  const close = (): void => {
    pieces.push({ text, holes: holed ? holes : undefined });
    text = '';
    holes = [];
    holed = false;
  };
  for (const part of parts) {
    for (const char of splitUnits(part.text)) {
      if (part.wildcards && char === '*') close();
      else {
        const hole = part.wildcards && char === '?';
        text += char;
        holes.push(hole);
        if (hole) holed = true;
      }
    }
  }
  close();
  return { pieces };
}

/** UTF-16 units, so that positions in pieces and in texts agree. */
function splitUnits(text: string): string[] {
  return text.split('');
}

/** True if the whole text matches. Linear in practice: each piece is searched once, leftmost, and never revisited. */
export function matches(glob: Glob, text: string): boolean {
  const { pieces } = glob;
  const first = pieces[0];
  if (first === undefined) return false;
  const last = pieces.length - 1;
  if (last === 0) return first.text.length === text.length && standsAt(first, text, 0);
  const end = pieces[last];
  if (end === undefined || text.length < first.text.length + end.text.length) return false;
  if (!standsAt(first, text, 0)) return false;
  const stop = text.length - end.text.length;
  let from = first.text.length;
  for (let index = 1; index < last; index++) {
    const piece = pieces[index];
    if (piece === undefined) return false;
    const at = find(piece, text, from);
    if (at < 0 || at + piece.text.length > stop) return false;
    from = at + piece.text.length;
  }
  return from <= stop && standsAt(end, text, stop);
}

function standsAt(piece: Piece, text: string, at: number): boolean {
  if (piece.holes === undefined) return text.startsWith(piece.text, at);
  for (let index = 0; index < piece.text.length; index++) {
    if (piece.holes[index] !== true && piece.text[index] !== text[at + index]) return false;
  }
  return true;
}

function find(piece: Piece, text: string, from: number): number {
  if (piece.holes === undefined) return text.indexOf(piece.text, from);
  if (piece.text.length > longToCompare) return findByColumns(piece, text, from);
  for (let at = from; at + piece.text.length <= text.length; at++) if (standsAt(piece, text, at)) return at;
  return -1;
}

/** Pieces with holes up to this length are compared at each place. */
const longToCompare = 32;

/** All places at once, 32 in a word: bit i says that the text read so far ends in the first i + 1 characters of the piece (shift-and). */
function findByColumns({ text: wanted, holes }: Piece, text: string, from: number): number {
  const words = Math.ceil(wanted.length / 32);
  const anywhere = new Uint32Array(words);
  const columns = new Map<string, Uint32Array>();
  for (let index = 0; index < wanted.length; index++) {
    const char = wanted[index] ?? '';
    const column = holes?.[index] === true ? anywhere : (columns.get(char) ?? new Uint32Array(words));
    if (column !== anywhere) columns.set(char, column);
    column[index >>> 5] = (column[index >>> 5] ?? 0) | (1 << (index & 31));
  }
  const reached = new Uint32Array(words);
  const [lastWord, lastBit] = [(wanted.length - 1) >>> 5, 1 << ((wanted.length - 1) & 31)];
  for (let at = from; at < text.length; at++) {
    const column = columns.get(text[at] ?? '');
    let carried = 1;
    for (let word = 0; word < words; word++) {
      const before = reached[word] ?? 0;
      reached[word] = ((before << 1) | carried) & ((anywhere[word] ?? 0) | (column?.[word] ?? 0));
      carried = before >>> 31;
    }
    if (((reached[lastWord] ?? 0) & lastBit) !== 0) return at + 1 - wanted.length;
  }
  return -1;
}

/** Nothing but stars: matches every text. */
export function isUniversal(glob: Glob): boolean {
  return glob.pieces.length > 1 && glob.pieces.every((piece) => piece.text === '');
}

export function hasWildcards(glob: Glob): boolean {
  return glob.pieces.length > 1 || glob.pieces[0]?.holes !== undefined;
}

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

/** Positions in the pattern that are reachable without reading a character. */
export function closure(tokens: readonly Token[], positions: Iterable<number>): Set<number> {
  const reached = new Set<number>();
  for (const start of positions) {
    let at = start;
    reached.add(at);
    while (tokens[at]?.is === 'run') reached.add(++at);
  }
  return reached;
}

/** The positions after one more character. */
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

/** What is known of the unknown rest of a text: `fresh`, nobody can have written it down yet; `name`, it holds no colon. */
export type Rest = 'any' | 'fresh' | 'name';

/**
 * How a pattern meets a text of which only the beginning is known: it matches `all` continuations (of one character or more), `none`, or
 * `some`. A pattern that could only match by naming a fresh text does not.
 */
export function matchesContinuation(glob: Glob, start: string, rest: Rest): 'all' | 'none' | 'some' {
  // Most patterns part from the text at once.
  const [first] = glob.pieces;
  if (first?.holes === undefined) {
    const common = Math.min(first?.text.length ?? 0, start.length);
    if (first?.text.slice(0, common) !== start.slice(0, common)) return 'none';
  }
  const tokens = tokensOf(glob);
  let positions = closure(tokens, [0]);
  for (const char of start.split('')) positions = step(tokens, positions, char);
  // What is left of the pattern from each position on, counted from its end.
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

/**
 * Like `matches`, but a star that is not the last character of its colon-separated segment stops at a colon
 * (iam-evaluation 2.23: whether it crosses one is not published).
 */
export function matchesWithinSegments(glob: Glob, text: string): boolean {
  const tokens = tokensOf(glob);
  // One row for each token: which beginnings of the text the tokens so far match.
  let row = new Uint8Array(text.length + 1);
  row[0] = 1;
  for (const [index, token] of tokens.entries()) {
    const next = new Uint8Array(text.length + 1);
    const following = tokens[index + 1];
    const stops =
      following !== undefined && following.is !== 'run' && !(following.is === 'char' && following.char === ':');
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
