/** A short name for a value of JSON, the same for the same value wherever and whenever it is made. */
export function digestOf(value: unknown): string {
  // Loaded when asked for: node:crypto takes some milliseconds of every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
