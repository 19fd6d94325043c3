import ipaddr from 'ipaddr.js';
import { globOfParts, literal } from '../base/glob.ts';
import { type TextSet, textsThatDiffer, type Walks } from './automaton.ts';
import { isUserText, type NoText, valueType } from './condition-keys.ts';
import { type Accepts, isAddress, readInstant, readNumber, writeNumber } from './matchers.ts';
import type { Operator } from './operators.ts';
import { tokensOf } from './pattern.ts';
import { sameInstant } from './request.ts';

/** The values that a key may hold. */
export interface Domain {
  /** Lower case. */
  readonly keyId: string;
  readonly startsWith: string;
  readonly fresh: boolean;
}

/** What the policies compare a key with. */
export interface Compared {
  readonly accepts: readonly Accepts[];
  /** Values to try besides. */
  readonly named: readonly string[];
  readonly kinds: ReadonlySet<Operator['compares']>;
}

/** Values to try for one key, and whether every class of values that the comparisons can tell apart is among them. */
export interface Candidates {
  readonly candidates: readonly string[];
  readonly complete: boolean;
}

/** Kinds of comparison that look at the text of a value. */
const textual: ReadonlySet<string> = new Set(['text', 'arn', 'bytes']);

/**
 * Values of every class that the comparisons tell apart. Those that a policy or a person would write come first. What users write may be anything:
 * a tag that policies compare as a number may be no number.
 */
export function candidatesFor(compared: Compared, domain: Domain, walks: Walks): Candidates {
  const { accepts, named, kinds } = compared;
  const { keyId, startsWith } = domain;
  const type = valueType(keyId);
  const ofText = [...kinds].some((kind) => textual.has(kind));
  const walked = ofText ? walkedTexts(accepts, domain, walks) : { candidates: [], complete: true };
  const plain = kinds.size === 0 || ofText || isUserText(keyId) ? [`${startsWith}${sample(keyId, type)}`] : [];
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
    // Of texts that are also numbers, dates or addresses there are more classes than are listed.
    return { candidates, complete: walked.complete && (!ofText || [...kinds].every((kind) => textual.has(kind))) };
  }
  const fit = candidates.filter((value) => isOf(type, value));
  const alone = fit.every((value) => named.includes(value));
  return { candidates: alone ? [...fit, sample(keyId, type)] : fit, complete: true };
}

/** A value that a policy names literally, which nothing new can be. */
export function isWritten(accepts: Accepts, value: string): boolean {
  return (
    accepts.is === 'pattern' && accepts.tokens.every((token) => token.is === 'char') && textOf(accepts.tokens) === value
  );
}

function textOf(tokens: TextSet['tokens']): string {
  return tokens.map((token) => (token.is === 'char' ? token.char : token.is === 'one' ? 'x' : 'example')).join('');
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

/** A plausible value for a key that nothing but its presence is asked of. */
function sample(keyId: string, type: NoText | undefined): string {
  if (type !== undefined) return samples[type];
  return isArnKey(keyId) ? 'arn:aws:iam::999999999999:role/example' : 'example';
}

function isOf(type: NoText, value: string): boolean {
  switch (type) {
    case 'number':
      return typeof readNumber(value) === 'number';
    case 'date':
      return typeof readInstant(value) === 'number';
    case 'bool':
      return value === 'true' || value === 'false';
    case 'ip':
      return isAddress(value);
  }
}

/** How instants may be written: a date is no number, except where the two are names of the one time of the request. */
function writtenAs(keyId: string, kinds: Compared['kinds']): 'numbers' | 'instants' | 'instants and dates' {
  if (!kinds.has('date') && valueType(keyId) !== 'date') return 'numbers';
  return kinds.has('number') && sameInstant(keyId) === undefined ? 'instants and dates' : 'instants';
}

/** The points, what lies between them, and beyond both ends. */
function points(accepts: readonly Accepts[], as: ReturnType<typeof writtenAs>): readonly string[] {
  const sorted = [...new Set(accepts.flatMap((one) => (one.is === 'point' ? [one.at] : [])))].toSorted(
    (one, other) => one - other,
  );
  const between = sorted.slice(1).map((point, index) => middle(sorted[index] ?? point, point));
  const [first = 0] = sorted;
  const last = sorted.at(-1) ?? 0;
  const all = [first - further(first), ...sorted, ...between, last + further(last)].filter(Number.isFinite);
  // Four digits alone could be a year (iam-evaluation 3.7).
  const written = all.map(writeNumber).map((text) => (as !== 'numbers' && /^\d{4}$/.test(text) ? `${text}.0` : text));
  return [...written, ...(as === 'instants and dates' ? all.flatMap(asDate) : [])];
}

/** Halves first, for the sum of two large numbers is none. */
function middle(low: number, high: number): number {
  const sum = low + high;
  return Number.isFinite(sum) ? sum / 2 : low / 2 + high / 2;
}

/** A step that makes a difference to a number of that size. */
function further(from: number): number {
  return Math.max(1, Math.abs(from) * 2 ** -50);
}

function asDate(seconds: number): readonly string[] {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? [] : [date.toISOString()];
}

/** First and last address of a range, and those just outside. */
function edges(accepts: Accepts): readonly string[] {
  if (accepts.is !== 'addresses') return [];
  const [address, bits] = accepts.range;
  const bytes = address.toByteArray();
  const first = bytes.map((byte, index) => byte & mask(bits - index * 8));
  const last = bytes.map((byte, index) => byte | (255 - mask(bits - index * 8)));
  const beyond = [stepped(first, -1), stepped(last, 1)].flatMap((one) => (one === undefined ? [] : [one]));
  return [first, last, ...beyond].map((one) => ipaddr.fromByteArray(one).toString());
}

/** The first `bits` of a byte set. */
function mask(bits: number): number {
  return bits >= 8 ? 255 : bits <= 0 ? 0 : 256 - 2 ** (8 - bits);
}

/** The address before or after; undefined at the end of all addresses. */
function stepped(bytes: readonly number[], by: 1 | -1): number[] | undefined {
  const out = [...bytes];
  for (let index = out.length - 1; index >= 0; index--) {
    const next = (out[index] ?? 0) + by;
    if (next >= 0 && next <= 255) {
      out[index] = next;
      return out;
    }
    out[index] = by === 1 ? 0 : 255;
  }
  return undefined;
}
