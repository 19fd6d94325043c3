/*
 * The condition operators of iam-evaluation 3.1 in their simplest form: one request value against
 * one policy value.
 */

/**
 * `*` is any run of characters, `?` is one character. `literal` says for each character of the
 * pattern whether it is literal.
 */
export function glob(pattern: string, text: string, literal: readonly boolean[] = []): boolean {
  let row: boolean[] = [true, ...Array.from({ length: text.length }, () => false)];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    const star = char === '*' && literal[at] !== true;
    const one = char === '?' && literal[at] !== true;
    const next: boolean[] = [star && row[0] === true];
    for (let end = 1; end <= text.length; end++) {
      const here = star
        ? row[end] === true || next[end - 1] === true
        : row[end - 1] === true && (one || char === text[end - 1]);
      next.push(here);
    }
    row = next;
  }
  return row[text.length] === true;
}

/** A policy value with its variables filled in. */
export interface Filled {
  readonly text: string;
  readonly literal: readonly boolean[];
}

/**
 * `incomparable`: the request value is not an address or ARN (14.5). `unreadable`: the policy value
 * is not of the type. `unpublished`: AWS does not say.
 */
export type Compared = boolean | 'incomparable' | 'unreadable' | 'unpublished';

const six = (text: string): readonly (readonly [number, number])[] => {
  const parts: (readonly [number, number])[] = [];
  let from = 0;
  for (let at = 0; at < text.length && parts.length < 5; at++)
    if (text[at] === ':') {
      parts.push([from, at]);
      from = at + 1;
    }
  return [...parts, [from, text.length]];
};

function arn(value: string, policy: Filled): Compared {
  const actual = six(value);
  if (actual.length < 6 || !value.startsWith('arn:')) return 'incomparable';
  if (policy.text === '*') return 'unpublished';
  const wanted = six(policy.text);
  const [head = [0, 0]] = wanted;
  if (wanted.length < 6 || !glob(policy.text.slice(head[0], head[1]), 'arn', policy.literal)) return 'unreadable';
  return wanted.every(([from, to], index) => {
    const [start = 0, end = 0] = actual[index] ?? [];
    return glob(policy.text.slice(from, to), value.slice(start, end), policy.literal.slice(from, to));
  });
}

/** A number in units of a power of ten that both sides share. */
interface Units {
  readonly units: bigint;
  readonly power: number;
}

function number(text: string): Units | undefined {
  const found = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign = '', whole = '', fraction = '', power = '0'] = found ?? [];
  if (whole + fraction === '') return undefined;
  return { units: BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n), power: Number(power) - fraction.length };
}

function order(one: Units, other: Units): number {
  const power = Math.min(one.power, other.power);
  const [left, right] = [one, other].map(({ units, power: own }) => units * 10n ** BigInt(own - power));
  return left === right || left === undefined || right === undefined ? 0 : left < right ? -1 : 1;
}

/** In milliseconds. */
function instant(text: string): Units | 'unpublished' | undefined {
  if (/^\d{4}$/.test(text)) return 'unpublished';
  const seconds = number(text);
  if (seconds !== undefined) {
    const places = 10n ** BigInt(Math.max(0, -seconds.power));
    const units = seconds.units * 10n ** BigInt(Math.max(0, seconds.power)) * 1000n;
    return { units: units / places, power: 0 };
  }
  if (!/^\d{4}-\d\d/.test(text)) return undefined;
  const parsed = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(parsed) ? undefined : { units: BigInt(Math.floor(parsed)), power: 0 };
}

function ordered(read: (text: string) => Units | 'unpublished' | undefined, holds: (order: number) => boolean) {
  return (value: string, { text }: Filled): Compared => {
    const [actual, wanted] = [read(value), read(text)];
    if (actual === undefined) return false;
    if (wanted === undefined) return 'unreadable';
    return actual === 'unpublished' || wanted === 'unpublished' ? 'unpublished' : holds(order(actual, wanted));
  };
}

/** The bits of an address: 32 or 128. For IPv6: the plain forms, and mapped addresses with dots. */
function bits(text: string): string | undefined {
  const byte = (value: number, size: number): string => value.toString(2).padStart(size, '0');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) {
    const octets = text.split('.').map(Number);
    return octets.some((one) => one > 255) ? undefined : octets.map((one) => byte(one, 8)).join('');
  }
  const [, start, dots] = /^(::ffff:)(\d+\.\d+\.\d+\.\d+)$/i.exec(text) ?? [];
  if (start !== undefined && dots !== undefined) {
    const last = bits(dots);
    return last === undefined ? undefined : `${'0'.repeat(80)}${'1'.repeat(16)}${last}`;
  }
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return undefined;
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  if (gap < 0) return undefined;
  const all = [...before, ...Array.from({ length: gap }, () => '0'), ...after];
  return all.length === 8 ? all.map((group) => byte(Number.parseInt(group, 16), 16)).join('') : undefined;
}

const mapped = `${'0'.repeat(80)}${'1'.repeat(16)}`;

function address(value: string, { text }: Filled): Compared {
  const held = bits(value);
  if (held === undefined) return 'incomparable';
  const actual = held.length === 128 && held.startsWith(mapped) ? held.slice(96) : held;
  const [base = '', prefix] = text.split('/');
  const wanted = base.includes(':') && base.includes('.') ? undefined : bits(base);
  const length = prefix === undefined ? (wanted?.length ?? 0) : /^\+?\d+$/.test(prefix) ? Number(prefix) : Infinity;
  if (wanted === undefined || length > wanted.length) return 'unreadable';
  // Bits beyond the prefix make an IPv6 range match nothing.
  if (wanted.length === 128 && wanted.slice(length).includes('1')) return false;
  return actual.length === wanted.length && actual.slice(0, length) === wanted.slice(0, length);
}

export const isTrue = (text: string): boolean => text.toLowerCase() === 'true';

const bool = (value: string, { text }: Filled): Compared => isTrue(value) === isTrue(text);

function bytes(value: string, { text }: Filled): Compared {
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isBase64 ? value === text : 'unreadable';
}

const equals = (value: string, { text }: Filled): Compared => value === text;
/** Letters beyond the first Unicode plane stay unchanged. */
const lower = (text: string): string => {
  const letters = Array.from(text).filter((letter) => letter.length === 2);
  return Array.from(text.toLowerCase(), (letter) => (letter.length === 2 ? letters.shift() : letter)).join('');
};
const equalsIgnoringCase = (value: string, { text }: Filled): Compared => lower(value) === lower(text);
const like = (value: string, { text, literal }: Filled): Compared => glob(text, value, literal);

export interface Operator {
  readonly compare: (value: string, policy: Filled) => Compared;
  readonly negated?: true;
  /** Whether AWS replaces variables (iam-evaluation 4.3). */
  readonly variables?: true;
}

export const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { compare: equals, variables: true },
  StringNotEquals: { compare: equals, variables: true, negated: true },
  StringEqualsIgnoreCase: { compare: equalsIgnoringCase, variables: true },
  StringNotEqualsIgnoreCase: { compare: equalsIgnoringCase, variables: true, negated: true },
  StringLike: { compare: like, variables: true },
  StringNotLike: { compare: like, variables: true, negated: true },
  NumericEquals: { compare: ordered(number, (o) => o === 0) },
  NumericNotEquals: { compare: ordered(number, (o) => o === 0), negated: true },
  NumericLessThan: { compare: ordered(number, (o) => o < 0) },
  NumericLessThanEquals: { compare: ordered(number, (o) => o <= 0) },
  NumericGreaterThan: { compare: ordered(number, (o) => o > 0) },
  NumericGreaterThanEquals: { compare: ordered(number, (o) => o >= 0) },
  DateEquals: { compare: ordered(instant, (o) => o === 0) },
  DateNotEquals: { compare: ordered(instant, (o) => o === 0), negated: true },
  DateLessThan: { compare: ordered(instant, (o) => o < 0) },
  DateLessThanEquals: { compare: ordered(instant, (o) => o <= 0) },
  DateGreaterThan: { compare: ordered(instant, (o) => o > 0) },
  DateGreaterThanEquals: { compare: ordered(instant, (o) => o >= 0) },
  Bool: { compare: bool, variables: true },
  BinaryEquals: { compare: bytes },
  IpAddress: { compare: address },
  NotIpAddress: { compare: address, negated: true },
  ArnEquals: { compare: arn, variables: true },
  ArnLike: { compare: arn, variables: true },
  ArnNotEquals: { compare: arn, variables: true, negated: true },
  ArnNotLike: { compare: arn, variables: true, negated: true },
};
