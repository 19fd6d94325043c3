import ipaddr from 'ipaddr.js';
import { arnParts } from './arn.ts';
import { type Glob, globOfParts, literal, matches, matchesContinuation, type PatternPart } from './pattern.ts';

/**
 * How one policy value meets one request value. `incomparable`: the request value is not of the operator's type; then neither the
 * operator nor its negation holds (iam-evaluation 3.5). `unreadable`: the policy value is not, which is false for the operator and
 * unpublished for its negation (3.7). A rule number: AWS does not publish what happens.
 */
export type Match = boolean | 'incomparable' | 'unreadable' | { readonly rule: string };

/** One policy value, read once by its operator. */
export interface Matcher {
  readonly meets: (value: string) => Match;
  /** For a request value of which only the start is known (pattern.ts, matchesContinuation). */
  readonly meetsContinuation: (start: string, fresh: boolean) => 'all' | 'none' | 'some';
}

export interface Operator {
  /** The value type; `presence` is Null, which looks at no value. */
  readonly compares: 'text' | 'number' | 'date' | 'bool' | 'bytes' | 'ip' | 'arn' | 'presence';
  /** Holds when no policy value matches. */
  readonly negated: boolean;
  /** Whether policy variables are replaced (iam-evaluation 4.3; Bool: 10.5). */
  readonly variables: boolean;
  /** `parts`: the policy value, cut where variables were replaced. */
  readonly read: (parts: readonly PatternPart[]) => Matcher;
}

const textOf = (parts: readonly PatternPart[]): string => parts.map((part) => part.text).join('');
const perhaps = (): 'some' => 'some';

function textMatcher(glob: Glob, fold: (text: string) => string): Matcher {
  return {
    meets: (value) => matches(glob, fold(value)),
    meetsContinuation: (start, fresh) => matchesContinuation(glob, fold(start), fresh),
  };
}

const asIs = (text: string): string => text;
const lower = (text: string): string => text.toLowerCase();

const exact = (parts: readonly PatternPart[]): Matcher => textMatcher(literal(textOf(parts)), asIs);
const exactIgnoringCase = (parts: readonly PatternPart[]): Matcher => textMatcher(literal(lower(textOf(parts))), lower);
const like = (parts: readonly PatternPart[]): Matcher => textMatcher(globOfParts(parts), asIs);

/** Each of the six parts on its own: a star never runs over one of the first five colons (iam-evaluation 3.5). */
function arnLike(parts: readonly PatternPart[]): Matcher {
  const text = textOf(parts);
  if (text === '*') return { meets: () => ({ rule: 'iam-evaluation 10.8' }), meetsContinuation: perhaps };
  const globs = splitAtColons(parts).map(globOfParts);
  if (globs.length < 6) return { meets: () => 'unreadable', meetsContinuation: perhaps };
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
      return matchesContinuation(globs[5] ?? literal(''), resource, fresh);
    },
  };
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

function ordered(
  read: (text: string) => number | undefined | { readonly rule: string },
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
    };
  };
}

function readNumber(text: string): number | undefined {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : undefined;
}

/** Seconds since 1970. W3C profile of ISO 8601, or epoch seconds; a bare year is ambiguous (iam-evaluation 3.7, 11.13). */
function readInstant(text: string): number | undefined | { readonly rule: string } {
  if (/^\d{4}$/.test(text)) return { rule: 'iam-evaluation 11.13' };
  const number = readNumber(text);
  if (number !== undefined) return number;
  if (!/^\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?$/i.test(text)) return undefined;
  const milliseconds = Date.parse(text.toUpperCase());
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** Values other than true and false, on either side: not published (iam-evaluation 10.14). */
function bool(parts: readonly PatternPart[]): Matcher {
  const isPlain = (text: string): boolean => text === 'true' || text === 'false';
  const policy = lower(textOf(parts).trim());
  return {
    meets: (value) => {
      const request = lower(value);
      return isPlain(policy) && isPlain(request) ? request === policy : { rule: 'iam-evaluation 10.14' };
    },
    meetsContinuation: perhaps,
  };
}

/** Both sides in base 64; padding does not count. */
function bytes(parts: readonly PatternPart[]): Matcher {
  const plain = (text: string): string => text.replace(/[\s=]/g, '');
  const policy = plain(textOf(parts));
  return { meets: (value) => plain(value) === policy, meetsContinuation: perhaps };
}

/** An address without prefix stands for itself alone (iam-evaluation 3.8, 10.24). */
function ipRange(parts: readonly PatternPart[]): Matcher {
  const text = textOf(parts).trim();
  const range = readRange(text);
  return {
    meets: (value) => {
      if (range === undefined) return 'unreadable';
      if (!ipaddr.isValid(value)) return 'incomparable';
      const address = ipaddr.parse(value);
      if (isMapped(address) || isMapped(range[0])) return { rule: 'iam-evaluation 11.13' };
      return address.kind() === range[0].kind() && address.match(range);
    },
    meetsContinuation: perhaps,
  };
}

function readRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!(ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text))) return undefined;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isMapped(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
}

const noValue: Matcher = { meets: () => false, meetsContinuation: () => 'none' };

/** The condition operators (iam-evaluation 3.1), without set prefix and `IfExists`. */
export const operators = {
  StringEquals: { compares: 'text', negated: false, variables: true, read: exact },
  StringNotEquals: { compares: 'text', negated: true, variables: true, read: exact },
  StringEqualsIgnoreCase: { compares: 'text', negated: false, variables: true, read: exactIgnoringCase },
  StringNotEqualsIgnoreCase: { compares: 'text', negated: true, variables: true, read: exactIgnoringCase },
  StringLike: { compares: 'text', negated: false, variables: true, read: like },
  StringNotLike: { compares: 'text', negated: true, variables: true, read: like },
  NumericEquals: { compares: 'number', negated: false, variables: false, read: ordered(readNumber, (r, p) => r === p) },
  NumericNotEquals: {
    compares: 'number',
    negated: true,
    variables: false,
    read: ordered(readNumber, (r, p) => r === p),
  },
  NumericLessThan: { compares: 'number', negated: false, variables: false, read: ordered(readNumber, (r, p) => r < p) },
  NumericLessThanEquals: {
    compares: 'number',
    negated: false,
    variables: false,
    read: ordered(readNumber, (r, p) => r <= p),
  },
  NumericGreaterThan: {
    compares: 'number',
    negated: false,
    variables: false,
    read: ordered(readNumber, (r, p) => r > p),
  },
  NumericGreaterThanEquals: {
    compares: 'number',
    negated: false,
    variables: false,
    read: ordered(readNumber, (r, p) => r >= p),
  },
  DateEquals: { compares: 'date', negated: false, variables: false, read: ordered(readInstant, (r, p) => r === p) },
  DateNotEquals: { compares: 'date', negated: true, variables: false, read: ordered(readInstant, (r, p) => r === p) },
  DateLessThan: { compares: 'date', negated: false, variables: false, read: ordered(readInstant, (r, p) => r < p) },
  DateLessThanEquals: {
    compares: 'date',
    negated: false,
    variables: false,
    read: ordered(readInstant, (r, p) => r <= p),
  },
  DateGreaterThan: { compares: 'date', negated: false, variables: false, read: ordered(readInstant, (r, p) => r > p) },
  DateGreaterThanEquals: {
    compares: 'date',
    negated: false,
    variables: false,
    read: ordered(readInstant, (r, p) => r >= p),
  },
  Bool: { compares: 'bool', negated: false, variables: true, read: bool },
  BinaryEquals: { compares: 'bytes', negated: false, variables: false, read: bytes },
  IpAddress: { compares: 'ip', negated: false, variables: false, read: ipRange },
  NotIpAddress: { compares: 'ip', negated: true, variables: false, read: ipRange },
  ArnEquals: { compares: 'arn', negated: false, variables: true, read: arnLike },
  ArnNotEquals: { compares: 'arn', negated: true, variables: true, read: arnLike },
  ArnLike: { compares: 'arn', negated: false, variables: true, read: arnLike },
  ArnNotLike: { compares: 'arn', negated: true, variables: true, read: arnLike },
  Null: { compares: 'presence', negated: false, variables: false, read: () => noValue },
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof operators;

const byLowerCase = new Map(Object.keys(operators).map((name) => [name.toLowerCase(), name]));

/** An operator name as written in a policy, cut into its parts; undefined if there is no such operator. */
export function readOperator(
  written: string,
): { readonly name: OperatorName; readonly over: 'value' | 'all' | 'any'; readonly ifExists: boolean } | undefined {
  const colon = written.indexOf(':');
  const prefix = colon < 0 ? '' : written.slice(0, colon).toLowerCase();
  const over =
    prefix === '' ? 'value' : prefix === 'forallvalues' ? 'all' : prefix === 'foranyvalue' ? 'any' : undefined;
  const rest = written.slice(colon + 1);
  const ifExists = /ifexists$/i.test(rest);
  const name = byLowerCase.get((ifExists ? rest.slice(0, -'ifexists'.length) : rest).toLowerCase());
  if (over === undefined || name === undefined || !isOperatorName(name)) return undefined;
  if (name === 'Null' && (ifExists || over !== 'value')) return undefined;
  return { name, over, ifExists };
}

function isOperatorName(name: string): name is OperatorName {
  return Object.hasOwn(operators, name);
}
