/**
 * A short name for a JSON value, the same for the same value everywhere. It never consists of
 * twelve digits, so that nobody takes it for an account ID.
 */
export function digestOf(value: unknown): string {
  // Loaded on demand, because node:crypto would slow down every start by some milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return withLetter(createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12));
}

/** A hexadecimal digest with at least one letter. Few digests have none. */
export function withLetter(digest: string): string {
  return /^\d+$/.test(digest) ? `a${digest.slice(1)}` : digest;
}
