import { arnParts } from '../base/arn.ts';
import { type Glob, globOfParts, literal, matches, type PatternPart } from '../base/glob.ts';
import { type AddressRange, contains, isEmptyRange, readAddress, readRange } from './address.ts';
import { compareDecimals, cutDecimal, type Decimal, readDecimal } from './decimal.ts';
import { matchesContinuation, type Token, tokensOf } from './pattern.ts';
import type { OpenRule } from './truth.ts';

/**
 * The result of comparing a policy value with a request value. `incomparable`: the request value is
 * not an address or not an ARN, so neither the operator nor its negation holds (iam-evaluation
 * 14.5). `unreadable`: the policy value is not of the operator's type, but the request value is. A
 * rule: AWS does not publish what happens.
 */
export type Match = boolean | 'incomparable' | 'unreadable' | { readonly rule: OpenRule };

/** One policy value, as its operator reads it. */
export interface Matcher {
  readonly meets: (value: string) => Match;
  /**
   * Compares with a request value of which only the start is known (`matchesContinuation` in
   * pattern.ts).
   */
  readonly meetsContinuation: (start: string, fresh: boolean) => 'all' | 'none' | 'some';
  /**
   * The values that the matcher accepts, in a form from which examples of every kind can be made
   * (representatives.ts).
   */
  readonly accepts: () => Accepts;
  /** The policy value is not of the operator's type. */
  readonly unreadable?: true;
}

export type Accepts =
  | { readonly is: 'pattern'; readonly tokens: readonly Token[]; readonly ignoreCase: boolean }
  /** A number, or an instant in seconds. */
  | { readonly is: 'point'; readonly at: Decimal }
  | { readonly is: 'addresses'; readonly range: AddressRange }
  | { readonly is: 'nothing' };

const textOf = (parts: readonly PatternPart[]): string => parts.map((part) => part.text).join('');
const perhaps = (): 'some' => 'some';

/** The members of all matchers for which no accepted value can be named. */
const opaque = { meetsContinuation: perhaps, accepts: (): Accepts => ({ is: 'nothing' }) } as const;

function textMatcher(glob: Glob, fold: (text: string) => string): Matcher {
  return {
    accepts: () => ({ is: 'pattern', tokens: tokensOf(glob), ignoreCase: fold === lower }),
    meets: (value) => matches(glob, fold(value)),
    meetsContinuation: (start, fresh) => matchesContinuation(glob, fold(start), fresh ? 'fresh' : 'any'),
  };
}

const asIs = (text: string): string => text;

/**
 * AWS does not change the case of letters beyond the first Unicode plane. They still count as
 * letters beside a final sigma (iam-evaluation 14.13).
 */
function lower(text: string): string {
  const astral = /[\u{10000}-\u{10FFFF}]/gu;
  const kept = text.match(astral);
  if (kept === null) return text.toLowerCase();
  let at = 0;
  return text.toLowerCase().replace(astral, (letter) => kept[at++] ?? letter);
}

export const exact = (parts: readonly PatternPart[]): Matcher => textMatcher(literal(textOf(parts)), asIs);
export const exactIgnoringCase = (parts: readonly PatternPart[]): Matcher =>
  textMatcher(literal(lower(textOf(parts))), lower);
export const like = (parts: readonly PatternPart[]): Matcher => textMatcher(globOfParts(parts), asIs);

/**
 * Compares each of the six parts alone: a star in one of the first five parts never matches a colon
 * (iam-evaluation 3.5, 14.11).
 */
export function arnLike(parts: readonly PatternPart[]): Matcher {
  const isWhole = (value: string): boolean => arnParts(value)?.[0] === 'arn';
  if (textOf(parts) === '*')
    return { ...opaque, meets: (value) => (isWhole(value) ? { rule: 'iam-evaluation 10.8' } : 'incomparable') };
  const globs = splitAtColons(parts).map(globOfParts);
  if (globs.length < 6 || !matches(globs[0] ?? literal(''), 'arn'))
    return { ...opaque, meets: (value) => (isWhole(value) ? 'unreadable' : 'incomparable'), unreadable: true };
  return {
    meets: (value) => {
      const actual = arnParts(value);
      if (actual === undefined || actual[0] !== 'arn') return 'incomparable';
      return actual.every((part, index) => matches(globs[index] ?? literal(''), part));
    },
    meetsContinuation: (start, fresh) => {
      const known = arnParts(start);
      if (known === undefined) return 'some';
      const [resource = '', ...others] = known.toReversed();
      if (!others.toReversed().every((part, index) => matches(globs[index] ?? literal(''), part))) return 'none';
      return matchesContinuation(globs[5] ?? literal(''), resource, fresh ? 'fresh' : 'any');
    },
    accepts: () => ({ is: 'pattern', tokens: arnTokens(globs), ignoreCase: false }),
  };
}

/** The characters of the pattern. Wildcards of the first five parts stop at a colon. */
function arnTokens(globs: readonly Glob[]): readonly Token[] {
  return globs.flatMap((glob, index) => {
    const tokens = tokensOf(glob).map(
      (token): Token => (token.is === 'char' || index === 5 ? token : { ...token, within: true }),
    );
    return index === 0 ? tokens : [{ is: 'char', char: ':' } as const, ...tokens];
  });
}

/** Cuts at the first five colons, like an ARN. */
function splitAtColons(parts: readonly PatternPart[]): PatternPart[][] {
  const pieces: PatternPart[][] = [[]];
  for (const part of parts) {
    let rest = part.text;
    for (let colon = rest.indexOf(':'); colon >= 0 && pieces.length < 6; colon = rest.indexOf(':')) {
      pieces.at(-1)?.push({ text: rest.slice(0, colon), wildcards: part.wildcards });
      pieces.push([]);
      rest = rest.slice(colon + 1);
    }
    pieces.at(-1)?.push({ text: rest, wildcards: part.wildcards });
  }
  return pieces;
}

/** `isRefused`: a policy with such a value is not saved. */
type Read = (text: string) => Decimal | undefined | { readonly rule: OpenRule; readonly isRefused?: true };

/**
 * Compares numbers and instants. `holds`: whether the operator holds for this order of the request
 * value and the policy value. A request value of another type equals nothing (iam-evaluation 14.5).
 */
export function ordered(read: Read, holds: (order: number) => boolean) {
  return (parts: readonly PatternPart[]): Matcher => {
    const policy = read(textOf(parts));
    return {
      meets: (value) => {
        const request = read(value);
        if (request === undefined) return false;
        if (policy === undefined) return 'unreadable';
        if ('rule' in policy) return { rule: policy.rule };
        return 'rule' in request ? { rule: request.rule } : holds(compareDecimals(request, policy));
      },
      meetsContinuation: perhaps,
      accepts: () => (policy === undefined || 'rule' in policy ? { is: 'nothing' } : { is: 'point', at: policy }),
      ...(policy === undefined || ('rule' in policy && policy.isRefused === true) ? { unreadable: true } : {}),
    };
  };
}

/** The days of W3C's profile of ISO 8601. A time without a zone is UTC (iam-evaluation 14.4). */
const isoDate = /^(\d{4}-\d{2})(-\d{2}(T(?!24)\d{2}:\d{2}(:(?!60)\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?$/;

/**
 * Other forms of dates: weeks, numbered days, hours alone, leap seconds, the end of a day, other zones, commas,
 * blanks and small letters. Whether AWS reads them is not published (iam-evaluation 11.13).
 */
const otherIsoDate =
  /^\d{4}-(?:\d{2}-\d{2}|\d{3}|W\d{2}(?:-\d)?)(?:[T\x20]\d{2}(?::\d{2}(?::\d{2})?)?(?:[.,]\d+)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Seconds since 1970, to the millisecond, from an ISO date or epoch seconds. A bare year is
 * ambiguous (iam-evaluation 3.7, 11.13, 14.4).
 */
export function readInstant(text: string): ReturnType<Read> {
  if (/^\d{4}$/.test(text)) return { rule: 'iam-evaluation 11.13' };
  const [, month, day, time, , , zone] = isoDate.exec(text) ?? [];
  if (month === undefined) {
    const seconds = readDecimal(text);
    if (seconds !== undefined) return cutDecimal(seconds, 3);
    return otherIsoDate.test(text) ? { rule: 'iam-evaluation 11.13', isRefused: true } : undefined;
  }
  const milliseconds = Date.parse(`${text}${time !== undefined && zone === undefined ? 'Z' : ''}`);
  if (Number.isNaN(milliseconds) || !isDay(`${month}${day?.slice(0, 3) ?? '-01'}`)) return undefined;
  return readDecimal(`${milliseconds}e-3`);
}

/** JavaScript reads February 30 as a day in March. */
function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

/**
 * A text is true if it is `true` in any case, and false otherwise, on both sides (iam-evaluation
 * 14.3).
 */
export function isTrue(text: string): boolean {
  return text.toLowerCase() === 'true';
}

export function bool(parts: readonly PatternPart[]): Matcher {
  const policy = isTrue(textOf(parts));
  return {
    meets: (value) => isTrue(value) === policy,
    meetsContinuation: (start) => ('true'.startsWith(start.toLowerCase()) ? 'some' : policy ? 'none' : 'all'),
    accepts: () => ({ is: 'nothing' }),
  };
}

/** What BinaryEquals can compare with. */
export const base64 = /^(?:[a-z\d+/]{4})*(?:[a-z\d+/]{2}==|[a-z\d+/]{3}=)?$/i;

/** Compares Base64 as text on both sides: padding and blanks count (iam-evaluation 14.13). */
export function bytes(parts: readonly PatternPart[]): Matcher {
  const policy = textOf(parts);
  if (!base64.test(policy)) return { ...opaque, meets: () => 'unreadable', unreadable: true };
  return exact(parts);
}

/** An address without a prefix matches only itself (iam-evaluation 3.8, 10.24, 14.10). */
export function ipRange(parts: readonly PatternPart[]): Matcher {
  const range = readRange(textOf(parts));
  return {
    meets: (value) => {
      const address = readAddress(value);
      if (address === undefined) return 'incomparable';
      if (range === undefined) return 'unreadable';
      return !isEmptyRange(range) && contains(range, address);
    },
    meetsContinuation: perhaps,
    accepts: () => (range === undefined || isEmptyRange(range) ? { is: 'nothing' } : { is: 'addresses', range }),
    ...(range === undefined ? { unreadable: true } : {}),
  };
}

/** Accepts any of these values. */
export function oneOf(values: readonly string[]): Matcher {
  return { ...opaque, meets: (value) => values.includes(value) };
}

/** The Null operator looks at no value. */
export function presence(): Matcher {
  return { ...opaque, meets: () => false };
}
