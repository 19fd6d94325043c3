import type { Possible } from '../../src/policy/possible.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import type { Fact } from '../../src/policy/truth.ts';
import type { World } from '../../src/policy/worlds.ts';
import type { OneOrMore } from './documents.ts';
import { fc } from './seed.ts';
import { type Context, requestOf, type Situation } from './situations.ts';
import { type Key, keys, kmsKeys, policyValues } from './vocabulary.ts';

/* Makes facts of a complete request unknown, and lists their possible values. */

/**
 * The key that becomes unknown together with another key, such as the names of the pairs of an
 * encryption context.
 */
const goesWith: Readonly<Record<string, string>> = { 'kms:EncryptionContext:team': 'kms:EncryptionContextKeys' };

export function without(context: Context, names: readonly string[]): Context {
  const gone = new Set(names.flatMap((name) => [name, goesWith[name] ?? name]));
  return Object.fromEntries(Object.entries(context).filter(([name]) => !gone.has(name)));
}

/** The request of the situation, with these keys unknown. */
export function forgotten(situation: Situation, names: readonly string[]): RequestInput {
  const unknownKeys = names.flatMap((name) => {
    const other = goesWith[name];
    return other === undefined ? [name] : [name, other];
  });
  return { ...requestOf({ ...situation, context: without(situation.context, names) }), unknownKeys };
}

/**
 * The possible values of a key: values of the vocabulary, and some values that only policies name.
 */
export function valuesOf(key: Key): readonly OneOrMore[] {
  const plain = key.values.slice(0, 3);
  if (key.many === true) return [...plain.map((value) => [value]), key.values.slice(0, 2)];
  const more = policyValues[key.type].filter((value) => !/[*?$/]/.test(value));
  return [
    ...plain,
    ...(key.type === 'text' ? ['RED', 'zzz'] : key.type === 'number' || key.type === 'date' ? more : []),
  ];
}

function withValue(context: Context, name: string, value: OneOrMore | undefined): Context {
  const bare = without(context, [name]);
  if (value === undefined) return bare;
  const other = goesWith[name];
  return { ...bare, [name]: value, ...(other === undefined ? {} : { [other]: ['team'] }) };
}

/** All situations that differ from this one only in the values of these keys. */
export function completionsOf(situation: Situation, names: readonly string[]): readonly Situation[] {
  let all: readonly Situation[] = [situation];
  for (const name of names) {
    const key = keyNamed(name);
    all = all.flatMap((one) =>
      [undefined, ...valuesOf(key)].map((value) => ({ ...one, context: withValue(one.context, name, value) })),
    );
  }
  return all;
}

export function keyNamed(name: string): Key {
  const found = [...keys, ...kmsKeys].find((key) => key.name === name);
  if (found === undefined) throw new Error(`no key ${name} in the vocabulary`);
  return found;
}

/**
 * Keys that a request of the situation can have. The keys that its policies test mostly come first.
 */
export function forgettable({ action, policies }: Situation): readonly string[] {
  const text = JSON.stringify(policies);
  const own = (action.startsWith('kms:') ? [...keys, ...kmsKeys] : keys).map((key) => key.name);
  const tested = own.filter((name) => text.includes(name));
  return tested.length > 0 ? tested : own;
}

/** A situation and some keys that become unknown. */
export function forgetful(
  from: fc.Arbitrary<Situation>,
  most = 3,
): fc.Arbitrary<{ readonly situation: Situation; readonly names: readonly string[] }> {
  return from.chain((situation) => {
    const known = [...forgettable(situation)];
    const names = fc.subarray(known, { minLength: 1, maxLength: Math.min(most, known.length) });
    return fc.record({ situation: fc.constant(situation), names });
  });
}

/**
 * The request with the values of a witness. Undefined: the witness has a value that no request can
 * have.
 */
export function replayed(request: RequestInput, world: World): RequestInput | undefined {
  const states = new Map<string, Possible>();
  for (const { fact, values } of world) {
    if (fact.fact !== 'context') return undefined;
    const state: Possible = values === 'absent' ? { absent: true, values: [] } : { absent: false, values: [values] };
    states.set(fact.key.toLowerCase(), state);
  }
  return { ...request, possible: (keyId) => states.get(keyId) ?? request.possible?.(keyId) };
}

export function isContext(fact: Fact): boolean {
  return fact.fact === 'context';
}
