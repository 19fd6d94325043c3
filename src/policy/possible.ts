/**
 * Every state in which a condition key may be in a request: absent, one of some lists of values, or
 * any text with a certain beginning. The record covers the five states of iam-evaluation 0.2.
 * "Present" is one list and `absent: false`. "Absent" is no list and `absent: true`. The unknown
 * states are the others.
 */
export interface Possible {
  readonly absent: boolean;
  readonly values: readonly (readonly string[])[] | AnyText;
  /** Keys (lower case) that are in the request exactly when this one is. */
  readonly together?: readonly string[];
  /**
   * One of several names that differ in case only, with values of their own: which one counts AWS
   * does not say.
   */
  readonly clashes?: true;
}

/**
 * A text that begins with `startsWith`. `fresh`: nobody can have written the text into a policy
 * yet, such as the id of a new resource.
 */
export interface AnyText {
  readonly startsWith: string;
  readonly fresh: boolean;
}

export const absent: Possible = { absent: true, values: [] };
export const unknown: Possible = { absent: true, values: { startsWith: '', fresh: false } };
/** In the request, with a value that is not known. */
export const presentUnknown: Possible = { absent: false, values: { startsWith: '', fresh: false } };

export function present(...values: readonly string[]): Possible {
  return { absent: false, values: [values] };
}

/** Absent, or present with just these values. */
export function maybe(...values: readonly string[]): Possible {
  return { absent: true, values: [values] };
}

/**
 * The state of a key whose name occurs in several spellings that differ in case only. `values`: the
 * list of each spelling (iam-evaluation 14.24).
 */
export function byNames(values: readonly (readonly string[])[]): Possible {
  if (values.length === 1) return { absent: false, values };
  const distinct = values.filter((list, index) => !values.slice(0, index).some((other) => sameList(list, other)));
  if (distinct.length === 0) return absent;
  return { absent: false, values: distinct, ...(distinct.length === 1 ? {} : { clashes: true }) };
}

export function isAnyText(values: Possible['values']): values is AnyText {
  return 'startsWith' in values;
}

/** The one state that the key is in: its values, 'absent', or undefined if several are possible. */
export function certain(possible: Possible): readonly string[] | 'absent' | undefined {
  if (isAnyText(possible.values)) return undefined;
  if (possible.values.length === 0) return possible.absent ? 'absent' : undefined;
  return possible.absent || possible.values.length > 1 ? undefined : possible.values[0];
}

/** Whether two states of a key are the same, list by list and value by value. */
export function samePossible(one: Possible, other: Possible): boolean {
  if (one.absent !== other.absent) return false;
  if (isAnyText(one.values) || isAnyText(other.values)) {
    return (
      isAnyText(one.values) &&
      isAnyText(other.values) &&
      one.values.startsWith === other.values.startsWith &&
      one.values.fresh === other.values.fresh
    );
  }
  const others = other.values;
  return one.values.length === others.length && one.values.every((list, index) => sameList(list, others[index] ?? []));
}

export function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
