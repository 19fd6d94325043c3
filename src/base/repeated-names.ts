/* Names that stand twice in one object of a JSON text. Reading JSON silently keeps the last. */

/** A name that stands twice in one object. */
export interface RepeatedName {
  /** The path of the object; empty: the whole text. */
  readonly object: string;
  readonly name: string;
  /** Where the name stands for the first and for another time: offsets in the text. */
  readonly offsets: readonly [first: number, other: number];
}

/** The path of a repeated name. */
export function pathOfName({ object, name }: RepeatedName): string {
  return object === '' ? name : `${object}.${name}`;
}

/** Every name that stands twice. `text` is valid JSON. */
export function repeatedNames(text: string): readonly RepeatedName[] {
  const repeated: RepeatedName[] = [];
  const open: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const level = open.at(-1);
    const char = text[at];
    if (char === '{') open.push({ names: new Map(), step: '', index: 0 });
    else if (char === '[') open.push({ names: undefined, step: '[0]', index: 0 });
    else if (char === '}' || char === ']') open.pop();
    else if (char === ',' && level !== undefined) {
      level.index++;
      level.step = level.names === undefined ? `[${level.index}]` : '';
    } else if (char === '"') {
      const end = endOfString(text, at);
      if (level?.names !== undefined && level.step === '') {
        const written = text.slice(at + 1, end);
        const name = written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
        const first = level.names.get(name);
        if (first === undefined) level.names.set(name, at);
        else repeated.push({ object: pathOf(open), name, offsets: [first, at] });
        level.step = `.${name}`;
      }
      at = end;
    }
  }
  return repeated;
}

/** An object, or an array: then it has no names. */
interface Level {
  /** By name: where it stands. */
  readonly names: Map<string, number> | undefined;
  /** The way into the value that is read; empty before a name. */
  step: string;
  index: number;
}

function pathOf(open: readonly Level[]): string {
  const path = open.map(({ step }) => step).join('');
  return path.startsWith('.') ? path.slice(1) : path;
}

/** Where the string that begins at `at` ends. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
