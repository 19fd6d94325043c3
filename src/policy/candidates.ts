import { globOfParts, literal } from '../base/glob.ts';
import { edgesOf, readAddress, writeAddress } from './address.ts';
import { type TextSet, textsThatDiffer, type Walks } from './automaton.ts';
import { isUserText, type NoText, valueType } from './condition-keys.ts';
import { compareDecimals, type Decimal, middleOf, moved, readDecimal, writeDecimal } from './decimal.ts';
import { type Accepts, readInstant } from './matchers.ts';
import type { Operator } from './operators.ts';
import { tokensOf } from './pattern.ts';
import { sameInstant } from './request.ts';

/** The values that a key may hold. */
export interface Domain {
  /** Lower case. */
  readonly keyId: string;
  readonly startsWith: string;
  readonly fresh: boolean;
  readonly standIn?: string | undefined;
}

/** What the policies compare a key with. */
export interface KeyComparisons {
  readonly accepts: readonly Accepts[];
  /** Further values to try. */
  readonly named: readonly string[];
  readonly kinds: ReadonlySet<Operator['compares']>;
}

/**
 * Values to try for one key. `complete`: the list has a value of every class of values that the
 * comparisons can distinguish.
 */
export interface Candidates {
  readonly candidates: readonly string[];
  readonly complete: boolean;
}

/** Kinds of comparison that look at the text of a value. */
const textual: ReadonlySet<string> = new Set(['text', 'arn', 'bytes']);

/**
 * Values of every class that the comparisons can distinguish. Values that a policy or a person
 * would write come first. A key that users write can hold any text: even if policies compare a tag
 * as a number, its value may not be a number.
 */
export function candidatesFor(compared: KeyComparisons, domain: Domain, walks: Walks): Candidates {
  const { accepts, named, kinds } = compared;
  const { keyId, startsWith } = domain;
  const type = valueType(keyId);
  const ofText = [...kinds].some((kind) => textual.has(kind));
  const walked = ofText ? walkedTexts(accepts, domain, walks) : { candidates: [], complete: true };
  const plain =
    kinds.size === 0 || ofText || type === undefined || isUserText(keyId)
      ? [startsWith === '' || type !== undefined ? `${startsWith}${sample(keyId, type)}` : `${startsWith}example`]
      : [];
  const candidates = [
    ...named,
    ...(ofText ? [...plain, ''] : []),
    ...walked.candidates,
    ...(kinds.has('bool') ? ['true', 'false'] : []),
    ...(kinds.has('number') || kinds.has('date') ? points(accepts, writtenAs(keyId, kinds)) : []),
    ...(kinds.has('ip') ? [...readableAddresses, ...accepts.flatMap(edges)] : []),
    ...plain,
    '',
  ];
  if (type === undefined || ofText) {
    // If the comparisons are of text and also of numbers, dates or addresses, there are more
    // classes than this list covers.
    return { candidates, complete: walked.complete && (!ofText || [...kinds].every((kind) => textual.has(kind))) };
  }
  const fit = candidates.filter((value) => isOf(type, value));
  const alone = fit.every((value) => named.includes(value));
  return { candidates: alone ? [...fit, sample(keyId, type)] : fit, complete: true };
}

/**
 * Whether a policy names the value literally. A new, unpredictable value cannot be one of these.
 */
export function isWritten(accepts: Accepts, value: string): boolean {
  return (
    accepts.is === 'pattern' && accepts.tokens.every((token) => token.is === 'char') && textOf(accepts.tokens) === value
  );
}

/** A text that a pattern matches. A reader sees it, so a star for the account becomes digits. */
function textOf(tokens: TextSet['tokens']): string {
  return tokens.reduce((text, token) => {
    if (token.is === 'char') return text + token.char;
    if (token.is === 'one') return `${text}x`;
    return text + (/^arn(?::[^:]*){3}:$/.test(text) ? '999999999999' : 'example');
  }, '');
}

function walkedTexts(accepts: readonly Accepts[], { keyId, startsWith }: Domain, walks: Walks): Candidates {
  const sets = accepts.flatMap((one) =>
    one.is === 'pattern' ? [{ tokens: one.tokens, ignoreCase: one.ignoreCase }] : [],
  );
  const isArn = pattern('arn:*:*:*:*:*');
  const withStart = {
    tokens: [...tokensOf(literal(startsWith)), ...pattern('?*').tokens],
    ignoreCase: false,
  };
  const domains = isArnKey(keyId) && startsWith === '' ? [isArn] : [withStart];
  const walked = textsThatDiffer([...sets, isArn], domains, walks);
  return { candidates: [...sets.map((set) => textOf(set.tokens)), ...walked.texts], complete: walked.complete };
}

function pattern(text: string): TextSet {
  return { tokens: tokensOf(globOfParts([{ text, wildcards: true }])), ignoreCase: false };
}

function isArnKey(keyId: string): boolean {
  return keyId.endsWith('arn');
}

const readableAddresses = ['203.0.113.7', '198.51.100.1', '192.0.2.1', '2001:db8::1'];

const samples: Readonly<Record<NoText, string>> = {
  number: '1',
  date: '2026-01-01T00:00:00Z',
  bool: 'true',
  ip: '203.0.113.7',
};

/** A plausible value for a key that is only tested for presence. */
function sample(keyId: string, type: NoText | undefined): string {
  if (type !== undefined) return samples[type];
  return isArnKey(keyId) ? 'arn:aws:iam::999999999999:role/example' : 'example';
}

function isOf(type: NoText, value: string): boolean {
  switch (type) {
    case 'number':
      return readDecimal(value) !== undefined;
    case 'date': {
      const instant = readInstant(value);
      return instant !== undefined && !('rule' in instant);
    }
    case 'bool':
      return value === 'true' || value === 'false';
    case 'ip':
      return readAddress(value) !== undefined;
  }
}

/**
 * How to write instants. A date is not a number, except for the two keys that both hold the time of
 * the request.
 */
function writtenAs(keyId: string, kinds: KeyComparisons['kinds']): 'numbers' | 'instants' | 'instants and dates' {
  if (!kinds.has('date') && valueType(keyId) !== 'date') return 'numbers';
  return kinds.has('number') && sameInstant(keyId) === undefined ? 'instants and dates' : 'instants';
}

/** The points, a value between each two neighbors, and a value beyond each end. */
function points(accepts: readonly Accepts[], as: ReturnType<typeof writtenAs>): readonly string[] {
  const given = accepts.flatMap((one) => (one.is === 'point' ? [one.at] : []));
  const sorted = [...new Map(given.map((point) => [writeDecimal(point), point])).values()].toSorted(compareDecimals);
  const zero: Decimal = { negative: false, digits: '', exponent: 0 };
  const [first = zero] = sorted;
  const last = sorted.at(-1) ?? zero;
  const between = sorted.slice(1).map((point, index) => middleOf(sorted[index] ?? point, point));
  const all = [moved(first, -1), ...sorted, ...between, moved(last, 1)].filter((point) => point !== undefined);
  // Four digits alone could be a year (iam-evaluation 3.7).
  const written = all.map(writeDecimal).map((text) => (as !== 'numbers' && /^\d{4}$/.test(text) ? `${text}.0` : text));
  return [...written, ...(as === 'instants and dates' ? all.flatMap(asDate) : [])];
}

function asDate(seconds: Decimal): readonly string[] {
  const date = new Date(Number(writeDecimal(seconds)) * 1000);
  return Number.isNaN(date.getTime()) ? [] : [date.toISOString()];
}

/** The first and last address of a range, and the addresses just outside. */
function edges(accepts: Accepts): readonly string[] {
  return accepts.is === 'addresses' ? edgesOf(accepts.range).map(writeAddress) : [];
}
