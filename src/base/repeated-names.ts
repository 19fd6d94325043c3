import { isJson, isList, type Json } from './json.ts';

/*
 * Finds names that occur twice in one object of a JSON text. JSON.parse silently keeps the last
 * value.
 */

/** A name that an object has twice. */
export interface RepeatedName {
  /** The path of the object. Empty: the complete text. */
  readonly object: string;
  readonly name: string;
  /** Offsets in the text: of the first occurrence, and of a later one. */
  readonly offsets: readonly [first: number, other: number];
}

/** The path of a repeated name. */
export function pathOfName({ object, name }: RepeatedName): string {
  return object === '' ? name : `${object}.${name}`;
}

/** Where a text has a repeated name: lines and columns, from 1. */
export function placesOfName({ offsets: [first, other] }: RepeatedName, text: string): string {
  const [one, two] = [placeIn(text, first), placeIn(text, other)];
  return one.line === two.line
    ? `line ${one.line}, columns ${one.column} and ${two.column}`
    : `lines ${one.line} and ${two.line}`;
}

function placeIn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/**
 * Every name that occurs twice in an object of a JSON text. `json`: the result of JSON.parse for
 * the text.
 */
export function repeatedNames(text: string, json: unknown): readonly RepeatedName[] {
  // Counting is many times faster than looking at each object, and hardly any text has such a name.
  return namesInText(text) === namesIn(json) ? [] : repeatedIn(text);
}

/**
 * How many property names a text of JSON has: colons after the end of a string. A string that
 * begins with a colon counts too, so that the count may be too high, but never too low.
 */
function namesInText(text: string): number {
  let names = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    let before = at - 1;
    while (isSpace(text.charCodeAt(before))) before--;
    if (text.charCodeAt(before) === quote && !isEscaped(text, before)) names++;
  }
  return names;
}

const quote = 0x22;
const backslash = 0x5c;

/** A blank, a tab or the end of a line. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** How many properties an object of JSON and all objects within have. */
function namesIn(json: unknown): number {
  let names = 0;
  const left: (Json | readonly unknown[])[] = [];
  const look = (value: unknown): void => {
    if (isJson(value) || isList(value)) left.push(value);
  };
  look(json);
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (isList(value)) value.forEach(look);
    else {
      for (const name in value) {
        names++;
        look(value[name]);
      }
    }
  }
  return names;
}

function repeatedIn(text: string): readonly RepeatedName[] {
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
  /** By name: its positions. */
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
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

/** Whether an odd number of backslashes is before a position. */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++;
  return slashes % 2 === 1;
}
