/* The condition operators of iam-evaluation 3.1, one request value against one policy value, in the plainest way. */

/** `*` any run of characters, `?` one; `literal` says of each character of the pattern whether it stands for itself. */
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

/** `incomparable`: the request value is of another type (3.5); `unpublished`: AWS does not say. */
export type Compared = boolean | 'incomparable' | 'unpublished';

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
  if (policy.text === '*') return 'unpublished';
  const wanted = six(policy.text);
  if (wanted.length < 6) return 'unpublished';
  if (actual.length < 6 || !value.startsWith('arn:')) return 'incomparable';
  return wanted.every(([from, to], index) => {
    const [start = 0, end = 0] = actual[index] ?? [];
    return glob(policy.text.slice(from, to), value.slice(start, end), policy.literal.slice(from, to));
  });
}

function number(text: string): number | undefined {
  const trimmed = text.trim();
  return trimmed !== '' && /^[-+.0-9]+$/.test(trimmed) && !Number.isNaN(Number(trimmed)) ? Number(trimmed) : undefined;
}

/** Seconds. */
function instant(text: string): number | 'unpublished' | undefined {
  if (/^\d{4}$/.test(text.trim())) return 'unpublished';
  const seconds = number(text);
  if (seconds !== undefined) return seconds;
  if (!/^\d{4}-/.test(text)) return undefined;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed / 1000;
}

function ordered(
  read: (text: string) => number | 'unpublished' | undefined,
  holds: (request: number, policy: number) => boolean,
) {
  return (value: string, { text }: Filled): Compared => {
    const wanted = read(text);
    if (typeof wanted !== 'number') return 'unpublished';
    const actual = read(value);
    if (actual === undefined) return 'incomparable';
    return actual === 'unpublished' ? actual : holds(actual, wanted);
  };
}

/** Bits of an address: 32 or 128. */
function bits(text: string): string | undefined {
  const byte = (value: number, size: number): string => value.toString(2).padStart(size, '0');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text))
    return text
      .split('.')
      .map((part) => byte(Number(part), 8))
      .join('');
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return undefined;
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: gap }, () => '0'), ...after];
  return all.length === 8 ? all.map((group) => byte(Number.parseInt(group, 16), 16)).join('') : undefined;
}

function address(value: string, { text }: Filled): Compared {
  const [base = '', prefix] = text.split('/');
  const wanted = bits(base);
  if (wanted === undefined) return 'unpublished';
  const actual = bits(value);
  if (actual === undefined) return 'incomparable';
  const length = prefix === undefined ? wanted.length : Number(prefix);
  return actual.length === wanted.length && actual.slice(0, length) === wanted.slice(0, length);
}

function bool(value: string, { text }: Filled): Compared {
  const [actual, wanted] = [value.toLowerCase(), text.trim().toLowerCase()];
  const plain = ['true', 'false'];
  return plain.includes(actual) && plain.includes(wanted) ? actual === wanted : 'unpublished';
}

const bytes = (value: string, { text }: Filled): Compared =>
  Buffer.from(value, 'base64').equals(Buffer.from(text, 'base64'));

const equals = (value: string, { text }: Filled): Compared => value === text;
const equalsIgnoringCase = (value: string, { text }: Filled): Compared => value.toLowerCase() === text.toLowerCase();
const like = (value: string, { text, literal }: Filled): Compared => glob(text, value, literal);

export interface Operator {
  readonly compare: (value: string, policy: Filled) => Compared;
  readonly negated?: true;
  /** Whether variables are replaced (4.3). */
  readonly variables?: true;
}

export const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { compare: equals, variables: true },
  StringNotEquals: { compare: equals, variables: true, negated: true },
  StringEqualsIgnoreCase: { compare: equalsIgnoringCase, variables: true },
  StringNotEqualsIgnoreCase: { compare: equalsIgnoringCase, variables: true, negated: true },
  StringLike: { compare: like, variables: true },
  StringNotLike: { compare: like, variables: true, negated: true },
  NumericEquals: { compare: ordered(number, (r, p) => r === p) },
  NumericNotEquals: { compare: ordered(number, (r, p) => r === p), negated: true },
  NumericLessThan: { compare: ordered(number, (r, p) => r < p) },
  NumericLessThanEquals: { compare: ordered(number, (r, p) => r <= p) },
  NumericGreaterThan: { compare: ordered(number, (r, p) => r > p) },
  NumericGreaterThanEquals: { compare: ordered(number, (r, p) => r >= p) },
  DateEquals: { compare: ordered(instant, (r, p) => r === p) },
  DateNotEquals: { compare: ordered(instant, (r, p) => r === p), negated: true },
  DateLessThan: { compare: ordered(instant, (r, p) => r < p) },
  DateLessThanEquals: { compare: ordered(instant, (r, p) => r <= p) },
  DateGreaterThan: { compare: ordered(instant, (r, p) => r > p) },
  DateGreaterThanEquals: { compare: ordered(instant, (r, p) => r >= p) },
  Bool: { compare: bool, variables: true },
  BinaryEquals: { compare: bytes },
  IpAddress: { compare: address },
  NotIpAddress: { compare: address, negated: true },
  ArnEquals: { compare: arn, variables: true },
  ArnLike: { compare: arn, variables: true },
  ArnNotEquals: { compare: arn, variables: true, negated: true },
  ArnNotLike: { compare: arn, variables: true, negated: true },
};
