/**
 * Every state that a condition key may have in a request: absent, one of some lists of values, or
 * any text with a certain start. This covers the five states of iam-evaluation 0.2. "Present" is
 * one list and `absent: false`. "Absent" is no list and `absent: true`. All other combinations are
 * unknown.
 */
export interface Possible {
  readonly absent: boolean;
  readonly values: readonly (readonly string[])[] | AnyText;
  /** Keys (lower case) that are present exactly when this key is. */
  readonly together?: readonly string[];
  /**
   * The request has several names that differ only in case, with different values. AWS does not say
   * which one counts.
   */
  readonly clashes?: true;
  /**
   * The key has more aliases than its usual quota. AWS denies access that needs the aliases of a key
   * beyond its quota (iam-evaluation 6.41).
   */
  readonly isBeyondQuota?: true;
}

/**
 * A text that starts with `startsWith`. `fresh`: the text is new, such as the ID of a new resource,
 * so no policy can contain it yet.
 */
export interface AnyText {
  readonly startsWith: string;
  readonly fresh: boolean;
  /** A text that stands for this one in policies that refer to it. Absent: there is none. */
  readonly standIn?: string;
}

export const absent: Possible = { absent: true, values: [] };
export const unknown: Possible = { absent: true, values: { startsWith: '', fresh: false } };
/** Present in the request, with an unknown value. */
export const presentUnknown: Possible = { absent: false, values: { startsWith: '', fresh: false } };

export function present(...values: readonly string[]): Possible {
  return { absent: false, values: [values] };
}

/** Absent, or present with exactly these values. */
export function maybe(...values: readonly string[]): Possible {
  return { absent: true, values: [values] };
}

/**
 * The state of a key that the request has in several spellings, which differ only in case.
 * `values`: the list of each spelling (iam-evaluation 14.24).
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

/**
 * The only state that the key can be in: its values, or 'absent'. Undefined: several states are
 * possible.
 */
export function certain(possible: Possible): readonly string[] | 'absent' | undefined {
  if (isAnyText(possible.values)) return undefined;
  if (possible.values.length === 0) return possible.absent ? 'absent' : undefined;
  return possible.absent || possible.values.length > 1 ? undefined : possible.values[0];
}

/** Whether two states of a key are equal, list by list and value by value. */
export function samePossible(one: Possible, other: Possible): boolean {
  if (one.absent !== other.absent) return false;
  if (isAnyText(one.values) || isAnyText(other.values)) {
    return (
      isAnyText(one.values) &&
      isAnyText(other.values) &&
      one.values.startsWith === other.values.startsWith &&
      one.values.fresh === other.values.fresh &&
      one.values.standIn === other.values.standIn
    );
  }
  const others = other.values;
  return one.values.length === others.length && one.values.every((list, index) => sameList(list, others[index] ?? []));
}

export function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
