import * as v from 'valibot';
import { Failure } from '../base/failure.ts';
import { isJson, isList, type Json, sameJson } from '../base/json.ts';
import { evidenceFields, type Fields, fieldsWithin, identityOf, type List, listWithin } from './lists.ts';
import type { EvidenceFile } from './load.ts';
import { type Evidence, evidenceSchema } from './schema.ts';

/**
 * Joins several evidence files. Lists are joined item by item. If only one file has a fact, it
 * counts.
 * @throws Failure if two files contradict each other
 */
export function merge(files: readonly EvidenceFile[]): Evidence {
  const [first, ...others] = files;
  if (first === undefined) throw new Failure('input', 'no evidence file given', 'add --evidence FILE');
  if (others.length === 0) return first.evidence;
  let from = first.from;
  let merged: Json = first.evidence;
  for (const file of others) {
    merged = joinObjects(evidenceFields, merged, file.evidence, { path: '', files: `${from} and ${file.from}` });
    from = `${from}, ${file.from}`;
  }
  return v.parse(evidenceSchema, merged);
}

/** For messages: the JSON path of two values, and the files that they come from. */
interface Spot {
  readonly path: string;
  readonly files: string;
}

/** Joins two objects property by property. */
function joinObjects(fields: Fields, one: Json, other: Json, { path, files }: Spot): Json {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const spot = { path: path === '' ? name : `${path}.${name}`, files };
      return [name, join({ fields, name }, own(one, name), own(other, name), spot)];
    }),
  );
}

function own(object: Json, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** `name`: the property of an object with these fields. */
function join(
  { fields, name }: { readonly fields: Fields; readonly name: string },
  one: unknown,
  other: unknown,
  spot: Spot,
): unknown {
  // null is a fact: there is no such thing.
  if (one === undefined || other === undefined) return one === undefined ? other : one;
  if (spot.path === 'collectedAt' && typeof one === 'string' && typeof other === 'string')
    return one < other ? one : other;
  if (spot.path === 'caller') return one;
  const list = listWithin(fields, name);
  if (list !== undefined && isList(one) && isList(other)) return joinLists(list, one, other, spot);
  const inner = fieldsWithin(fields, name);
  if (inner !== undefined && inner.whole !== true && isJson(one) && isJson(other))
    return joinObjects(inner, one, other, spot);
  if (sameJson(one, other)) return one;
  throw contradiction(spot.path, spot.files);
}

/**
 * Joins two lists item by item if the items have an identity. Otherwise, appends one list to the
 * other.
 */
function joinLists(list: List, one: readonly unknown[], other: readonly unknown[], { path, files }: Spot): unknown[] {
  if (list.identity === undefined) return [...one, ...other];
  const items = new Map(one.map((item) => [identityOf(list, item), item]));
  for (const item of other) {
    const identity = identityOf(list, item);
    const known = items.get(identity);
    items.set(
      identity,
      known === undefined ? item : joinItems(list, known, item, { path: `${identity} (${path})`, files }),
    );
  }
  return [...items.values()];
}

function joinItems(list: List, one: unknown, other: unknown, spot: Spot): unknown {
  if (sameJson(one, other)) return one;
  if (list.inParts === true && isJson(one) && isJson(other)) return joinParts(list, one, other, spot);
  throw contradiction(spot.path, spot.files);
}

/**
 * Joins two objects. If only one object has a property, it counts. If both have a list, the lists
 * must be equal, unless each may have only some of the items.
 */
function joinParts(fields: Fields, one: Json, other: Json, spot: Spot): Json {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const parts = [...names].map((name): readonly [string, unknown] => {
    const [left, right] = [own(one, name), own(other, name)];
    if (left === undefined || right === undefined || sameJson(left, right))
      return [name, left === undefined ? right : left];
    if (listWithin(fields, name)?.some === true && isList(left) && isList(right)) return [name, together(left, right)];
    if (isJson(left) && isJson(right)) return [name, joinParts({}, left, right, spot)];
    throw contradiction(spot.path, spot.files);
  });
  return Object.fromEntries(parts);
}

/** Each text once, in an order that does not depend on the order of the files. */
function together(one: readonly unknown[], other: readonly unknown[]): readonly string[] {
  const texts = [...one, ...other].filter((item) => typeof item === 'string');
  return [...new Set(texts)].toSorted((left, right) => (left < right ? -1 : 1));
}

function contradiction(subject: string, files: string): Failure {
  return new Failure('input', `${files} contradict each other on ${subject}`, 'leave out the older file');
}
