/**
 * A text with wildcards, split at its stars. `*` matches any run of characters, `?` exactly one.
 */
export interface Glob {
  /** The pieces between the stars. A single piece means that there is no star. */
  readonly pieces: readonly Piece[];
}

/** A piece without a star. `holes`: the places of each `?`. Undefined: there is none. */
interface Piece {
  readonly text: string;
  readonly holes: readonly boolean[] | undefined;
}

/** A part of a pattern. With `wildcards: false`, `*` and `?` are ordinary characters. */
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

/**
 * Whether the complete text matches. Linear in practice: each piece is searched once, leftmost, and
 * never again.
 */
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

/** Pieces with holes up to this length are compared at each position. */
const longToCompare = 32;

/**
 * Compares all positions at once, 32 in a word (the shift-and algorithm). Bit i says that the text
 * read so far ends with the first i + 1 characters of the piece.
 */
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

/** Whether the pattern consists only of stars, so that it matches every text. */
export function isUniversal(glob: Glob): boolean {
  return glob.pieces.length > 1 && glob.pieces.every((piece) => piece.text === '');
}

export function hasWildcards(glob: Glob): boolean {
  return glob.pieces.length > 1 || glob.pieces[0]?.holes !== undefined;
}
