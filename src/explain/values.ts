import { valueType } from '../policy/condition-keys.ts';
import { writeDecimal } from '../policy/decimal.ts';
import { readInstant } from '../policy/matchers.ts';

/**
 * A value of a condition key as people read it: times as dates in UTC, even if the policy or
 * request has epoch seconds (iam-evaluation 14.4), and an empty value as `""`. `key`: in any case.
 */
export function valueText(key: string, value: string): string {
  if (value === '') return '""';
  return valueType(key.toLowerCase()) === 'date' ? instantText(value) : value;
}

function instantText(value: string): string {
  const instant = readInstant(value);
  if (instant === undefined || 'rule' in instant) return value;
  const date = new Date(Number(writeDecimal({ ...instant, exponent: instant.exponent + 3 })));
  return Number.isNaN(date.getTime()) ? value : date.toISOString().replace(/\.000Z$/, 'Z');
}

export function valueTexts(key: string, values: readonly string[]): readonly string[] {
  return values.map((value) => valueText(key, value));
}
