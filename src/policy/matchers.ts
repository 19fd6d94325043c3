import ipaddr from 'ipaddr.js';
import { arnParts } from '../base/arn.ts';
import { type Glob, globOfParts, literal, matches, type PatternPart } from '../base/glob.ts';
import { matchesContinuation, type Token, tokensOf } from './pattern.ts';
import type { OpenRule } from './truth.ts';

/**
 * How one policy value meets one request value. `incomparable`: the request value is not of the operator's type; then neither the
 * operator nor its negation holds (iam-evaluation 3.5). `unreadable`: the policy value is not, which is false for the operator and
 * unpublished for its negation (3.7). A rule number: AWS does not publish what happens.
 */
export type Match = boolean | 'incomparable' | 'unreadable' | { readonly rule: OpenRule };

/** One policy value, read once by its operator. */
export interface Matcher {
  readonly meets: (value: string) => Match;
  /** For a request value of which only the start is known (pattern.ts, matchesContinuation). */
  readonly meetsContinuation: (start: string, fresh: boolean) => 'all' | 'none' | 'some';
  /** Which values it accepts, in the form from which values of every kind can be made (representatives.ts). */
  readonly accepts: () => Accepts;
}

export type Accepts =
  | { readonly is: 'pattern'; readonly tokens: readonly Token[]; readonly ignoreCase: boolean }
  /** A number, or an instant in seconds. */
  | { readonly is: 'point'; readonly at: number }
  | { readonly is: 'addresses'; readonly range: readonly [ipaddr.IPv4 | ipaddr.IPv6, number] }
  | { readonly is: 'nothing' };

const textOf = (parts: readonly PatternPart[]): string => parts.map((part) => part.text).join('');
const perhaps = (): 'some' => 'some';

/** What is common to matchers that accept no value that could be named. */
const opaque = { meetsContinuation: perhaps, accepts: (): Accepts => ({ is: 'nothing' }) } as const;

function textMatcher(glob: Glob, fold: (text: string) => string): Matcher {
  return {
    accepts: () => ({ is: 'pattern', tokens: tokensOf(glob), ignoreCase: fold === lower }),
    meets: (value) => matches(glob, fold(value)),
    meetsContinuation: (start, fresh) => matchesContinuation(glob, fold(start), fresh ? 'fresh' : 'any'),
  };
}

const asIs = (text: string): string => text;
const lower = (text: string): string => text.toLowerCase();

export const exact = (parts: readonly PatternPart[]): Matcher => textMatcher(literal(textOf(parts)), asIs);
export const exactIgnoringCase = (parts: readonly PatternPart[]): Matcher =>
  textMatcher(literal(lower(textOf(parts))), lower);
export const like = (parts: readonly PatternPart[]): Matcher => textMatcher(globOfParts(parts), asIs);

/** Each of the six parts on its own: a star never runs over one of the first five colons (iam-evaluation 3.5). */
export function arnLike(parts: readonly PatternPart[]): Matcher {
  const text = textOf(parts);
  if (text === '*') return { ...opaque, meets: () => ({ rule: 'iam-evaluation 10.8' }) };
  const globs = splitAtColons(parts).map(globOfParts);
  if (globs.length < 6) return { ...opaque, meets: () => 'unreadable' };
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

/** Wildcards of the first five parts stop at a colon. */
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

export function ordered(
  read: (text: string) => number | undefined | { readonly rule: OpenRule },
  holds: (request: number, policy: number) => boolean,
) {
  return (parts: readonly PatternPart[]): Matcher => {
    const policy = read(textOf(parts).trim());
    return {
      meets: (value) => {
        if (policy === undefined) return 'unreadable';
        if (typeof policy !== 'number') return policy;
        const request = read(value.trim());
        if (request === undefined) return 'incomparable';
        return typeof request === 'number' ? holds(request, policy) : request;
      },
      meetsContinuation: perhaps,
      accepts: () => (typeof policy === 'number' ? { is: 'point', at: policy } : { is: 'nothing' }),
    };
  };
}

/** An integer or decimal (iam-evaluation 3.1); how large one may be is not published. */
export function readNumber(text: string): number | undefined | { readonly rule: OpenRule } {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : { rule: 'iam-evaluation 3.1' };
}

/** As `readNumber` reads it: JavaScript writes very large and very small numbers with an exponent. */
export function writeNumber(number: number): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(String(number)) ?? [];
  if (exponent === undefined) return String(number);
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return point >= digits.length
    ? `${sign}${digits}${'0'.repeat(point - digits.length)}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Seconds since 1970. W3C profile of ISO 8601, or epoch seconds; a bare year is ambiguous (iam-evaluation 3.7, 11.13). */
export function readInstant(text: string): number | undefined | { readonly rule: OpenRule } {
  if (/^\d{4}$/.test(text)) return { rule: 'iam-evaluation 11.13' };
  const number = readNumber(text);
  if (number !== undefined) return number;
  if (!/^\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?$/i.test(text)) return undefined;
  const milliseconds = Date.parse(text.toUpperCase());
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** Values other than true and false, on either side: not published (iam-evaluation 10.14). */
export function bool(parts: readonly PatternPart[]): Matcher {
  const isPlain = (text: string): boolean => text === 'true' || text === 'false';
  const policy = lower(textOf(parts).trim());
  return {
    meets: (value) => {
      const request = lower(value);
      return isPlain(policy) && isPlain(request) ? request === policy : { rule: 'iam-evaluation 10.14' };
    },
    meetsContinuation: perhaps,
    accepts: () => ({ is: 'nothing' }),
  };
}

/** Both sides in base 64; padding does not count. */
export function bytes(parts: readonly PatternPart[]): Matcher {
  const plain = (text: string): string => text.replace(/[\s=]/g, '');
  const policy = plain(textOf(parts));
  return {
    meets: (value) => plain(value) === policy,
    meetsContinuation: perhaps,
    // Values are base 64 without padding or line breaks, so equal bytes are equal texts.
    accepts: () => ({ is: 'pattern', tokens: tokensOf(literal(policy)), ignoreCase: false }),
  };
}

/** An address without prefix stands for itself alone (iam-evaluation 3.8, 10.24). */
export function ipRange(parts: readonly PatternPart[]): Matcher {
  const text = textOf(parts).trim();
  const range = readRange(text);
  return {
    meets: (value) => {
      if (range === undefined) return 'unreadable';
      const address = readRange(value)?.[0];
      if (address === undefined) return 'incomparable';
      if (isMapped(address) || isMapped(range[0])) return { rule: 'iam-evaluation 11.13' };
      return address.kind() === range[0].kind() && address.match(range);
    },
    meetsContinuation: perhaps,
    accepts: () => (range === undefined ? { is: 'nothing' } : { is: 'addresses', range }),
  };
}

function readRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!(ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text))) return undefined;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** Whether a text is one address, of a form whose meaning is published (iam-evaluation 3.8). */
export function isAddress(text: string): boolean {
  const address = text.includes('/') ? undefined : readRange(text)?.[0];
  return address !== undefined && !isMapped(address);
}

function isMapped(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
}

/** A value that is one of some. */
export function oneOf(values: readonly string[]): Matcher {
  return { ...opaque, meets: (value) => values.includes(value) };
}

/** Null looks at no value. */
export function presence(): Matcher {
  return { ...opaque, meets: () => false };
}
