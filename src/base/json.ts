import { jsonPrintable } from './escape.ts';

/** A JSON object: neither a list nor null. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * Whether a value is a JSON object. Its properties may have any name: use Object.hasOwn to look up
 * names from input.
 */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of JSON. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * How deep input may be nested, so that recursive functions never overflow the stack. AWS nests far
 * less.
 */
export const deepestNesting = 200;

/** Whether objects and lists are nested more than `deepestNesting` times. */
export function isTooDeep(json: unknown): boolean {
  return isDeeperThan(json, deepestNesting);
}

/** It calls itself at most `levels` times. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (isList(value)) return levels < 0 || value.some((item) => isDeeperThan(item, levels - 1));
  if (!isJson(value)) return false;
  if (levels < 0) return true;
  // Faster than a list of the values. JSON objects have only own properties.
  for (const name in value) if (isDeeperThan(value[name], levels - 1)) return true;
  return false;
}

/**
 * Whether two values are equal, regardless of the order of properties. A property that is undefined
 * counts as absent, as in JSON.
 */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isList(one))
    return isList(other) && one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
  if (!isJson(one) || !isJson(other)) return false;
  const names = presentIn(one);
  return (
    names.length === presentIn(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameJson(one[name], other[name]))
  );
}

/**
 * One text for all values that are equal by `sameJson`: with the properties in the order of their
 * names.
 */
export function canonicalText(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    isJson(part) ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1))) : part,
  );
}

function presentIn(value: Json): readonly string[] {
  return Object.keys(value).filter((name) => value[name] !== undefined);
}

/**
 * JSON as people write policies: a value that fits into 68 columns is on one line. Safe to show.
 */
export function jsonText(value: unknown): string {
  return jsonPrintable(jsonAt(value, '', 0));
}

/** JSON without white space. Safe to show. */
export function denseJson(value: unknown): string {
  return jsonPrintable(JSON.stringify(value));
}

/**
 * `used`: the columns before the value on its line. 0 for the complete document, which is never on
 * one line.
 */
function jsonAt(value: unknown, indent: string, used: number): string {
  const line = oneLine(value);
  if (typeof value !== 'object' || value === null || (used > 0 && used + line.length <= 68)) return line;
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => jsonAt(item, inner, inner.length))
    : Object.entries(value).map(([name, item]) => {
        const label = `${JSON.stringify(name)}: `;
        return `${label}${jsonAt(item, inner, inner.length + label.length)}`;
      });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return items.length === 0 ? line : `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
