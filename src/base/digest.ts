/**
 * A short name for a value of JSON, the same for the same value wherever and whenever it is made.
 * It is never twelve digits, so that nobody takes it for an account id.
 */
export function digestOf(value: unknown): string {
  // Loaded when asked for: node:crypto takes some milliseconds of every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return withLetter(createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12));
}

/** A digest in hexadecimal that has a letter; few have none. */
export function withLetter(digest: string): string {
  return /^\d+$/.test(digest) ? `a${digest.slice(1)}` : digest;
}
