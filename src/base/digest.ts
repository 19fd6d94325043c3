import { createHash } from 'node:crypto';

/** A short name for a value of JSON, the same for the same value wherever and whenever it is made. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
