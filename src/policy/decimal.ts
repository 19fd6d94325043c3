/*
 * Exact decimal numbers: AWS distinguishes 9007199254740993 from 9007199254740992, and accepts
 * exponents (iam-evaluation 14.7).
 */

/**
 * `digits` x 10^`exponent`. The digits have no zero at either end. The digits of zero are empty.
 */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** The largest exponent of Java's BigDecimal, which AWS uses to read numbers. */
const largestExponent = 2 ** 31 - 1;

/**
 * Reads a number with an optional sign, fraction and exponent, without blanks. Undefined: the text
 * is not a number.
 */
export function readDecimal(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  if (sign === undefined || Math.abs(Number(exponent)) > largestExponent) return undefined;
  return decimalOf(sign === '-', whole + fraction, Number(exponent) - fraction.length);
}

function decimalOf(negative: boolean, written: string, exponent: number): Decimal {
  const digits = written.replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return short === ''
    ? { negative: false, digits: '', exponent: 0 }
    : { negative, digits: short, exponent: exponent + digits.length - short.length };
}

/** Negative, zero or positive if `one` is less than, equal to or greater than `other`. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  if (one.digits === '' || other.digits === '') return signOf(one) - signOf(other);
  if (one.negative !== other.negative) return one.negative ? -1 : 1;
  const bySize = one.exponent + one.digits.length - (other.exponent + other.digits.length);
  const size = bySize !== 0 ? bySize : one.digits < other.digits ? -1 : one.digits > other.digits ? 1 : 0;
  return one.negative ? -size : size;
}

function signOf({ negative, digits }: Decimal): number {
  return digits === '' ? 0 : negative ? -1 : 1;
}

/** Cuts off the digits after a number of decimal places. */
export function cutDecimal({ negative, digits, exponent }: Decimal, places: number): Decimal {
  const kept = digits.length + exponent + places;
  return exponent >= -places
    ? { negative, digits, exponent }
    : decimalOf(negative, kept > 0 ? digits.slice(0, kept) : '', -places);
}

/** Writes a number so that `readDecimal` can read it. Large exponents are not expanded. */
export function writeDecimal({ negative, digits, exponent }: Decimal): string {
  const sign = negative ? '-' : '';
  if (digits === '') return '0';
  if (exponent >= 0) return `${sign}${digits}${exponent > 40 ? `e${exponent}` : '0'.repeat(exponent)}`;
  const point = digits.length + exponent;
  if (point > 0) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  return point < -40 ? `${sign}${digits}e${exponent}` : `${sign}0.${'0'.repeat(-point)}${digits}`;
}

/** The most decimal places for sums. */
const mostPlaces = 1_000;

/** The number halfway between two numbers. Undefined: their sizes are too different. */
export function middleOf(one: Decimal, other: Decimal): Decimal | undefined {
  const sum = sumOf(one, other);
  return sum === undefined ? undefined : decimalOf(sum.units < 0n, digitsOf(sum.units * 5n), sum.exponent - 1);
}

/**
 * The sum of a number and `step`. Undefined: the number is so large or so small that the step makes
 * no difference.
 */
export function moved(from: Decimal, step: 1 | -1): Decimal | undefined {
  const sum = sumOf(from, { negative: step < 0, digits: '1', exponent: 0 });
  return sum === undefined ? undefined : decimalOf(sum.units < 0n, digitsOf(sum.units), sum.exponent);
}

function sumOf(one: Decimal, other: Decimal): { readonly units: bigint; readonly exponent: number } | undefined {
  const exponent = Math.min(one.exponent, other.exponent);
  const places = [one, other].map((each) => each.exponent - exponent + each.digits.length);
  if (places.some((count) => count > mostPlaces)) return undefined;
  return { units: unitsOf(one, exponent) + unitsOf(other, exponent), exponent };
}

function unitsOf({ negative, digits, exponent }: Decimal, smallest: number): bigint {
  const units = BigInt((digits === '' ? '0' : digits) + '0'.repeat(exponent - smallest));
  return negative ? -units : units;
}

function digitsOf(units: bigint): string {
  return String(units < 0n ? -units : units);
}
