import { nameOf, placeOf } from '../base/arn.ts';
import { oneLine } from '../base/escape.ts';
import { Failure } from '../base/failure.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { placesOfName, repeatedNames } from '../base/repeated-names.ts';
import { evidenceFields, type Fields, identityIn, type List } from './lists.ts';

/*
 * Finds entries that a file has twice. Nobody knows which of the two counts, so the file is
 * refused.
 */

/**
 *
 * @throws Failure if an object of a file has a name twice, of which JSON parsers keep the last.
 * `json`: the result of JSON.parse for the text.
 */
export function refuseRepeatedNames(from: string, text: string, json: unknown): void {
  const repeated = repeatedNames(text, json);
  const [first, ...others] = repeated;
  if (first === undefined) return;
  const { object, name } = first;
  const where = object === '' ? 'the file' : `\`${object}\``;
  throw new Failure(
    'input',
    `${from}: ${oneLine(`${where} has \`${name}\``)} twice (${placesOfName(first, text)})${andMore(others.length)}`,
    'remove one of the two',
  );
}

/** Two items of a list with the same identity. */
interface Twice {
  readonly identity: string;
  readonly paths: readonly [one: string, other: string];
}

/** @throws Failure if a list of the evidence has two items with the same identity */
export function refuseContradictions(from: string, evidence: Json): void {
  const found: Twice[] = [];
  lookInto(evidenceFields, evidence, '', found);
  const [first, ...others] = found;
  if (first === undefined) return;
  const [one, other] = first.paths;
  throw new Failure(
    'input',
    `${from}: \`${one}\` and \`${other}\` are both ${oneLine(first.identity)}${andMore(others.length)}`,
    'remove one of the two',
  );
}

function andMore(count: number): string {
  return count === 0 ? '' : ` (and ${count} more)`;
}

/**
 * Adds the duplicates in an object with these fields. `path`: the JSON path of the object, with a
 * dot at its end.
 */
function lookInto({ lists = {}, objects = {}, each }: Fields, object: Json, path: string, found: Twice[]): void {
  for (const name in lists) {
    const [list, items] = [lists[name], object[name]];
    if (list !== undefined && isList(items)) lookThrough(list, items, `${path}${name}`, found);
  }
  for (const name of Object.keys(each === undefined ? objects : object)) {
    const [fields, inner] = [each ?? objects[name], object[name]];
    if (fields !== undefined && isJson(inner)) lookInto(fields, inner, `${path}${name}.`, found);
  }
}

function lookThrough(list: List, items: readonly unknown[], path: string, found: Twice[]): void {
  if (list.identity !== undefined && items.length > 1) found.push(...itemsTwice(list, items, path));
  if (list.lists === undefined) return;
  items.forEach((item, index) => {
    if (isJson(item)) lookInto(list, item, `${path}[${index}].`, found);
  });
}

function itemsTwice(list: List, items: readonly unknown[], path: string): readonly Twice[] {
  const places = new Map<string, number>();
  return items.flatMap((item, index) => {
    const identity = identityIn(list, item);
    if (identity === undefined) return [];
    const name = list.orArn === true ? withoutPlace(identity, path) : identity;
    const first = places.get(name);
    if (first === undefined) places.set(name, index);
    return first === undefined ? [] : [{ identity, paths: [`${path}[${first}]`, `${path}[${index}]`] }];
  });
}

/** The name in an ARN of the list's own account and Region. */
function withoutPlace(identity: string, path: string): string {
  const place = placeOf(identity);
  const isHere = place !== undefined && path.startsWith(`accounts.${place.account}.regions.${place.region}.`);
  return isHere ? nameOf(identity) : identity;
}
