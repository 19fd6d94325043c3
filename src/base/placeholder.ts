/**
 * A text of 12 digits in place of an account ID, so that ARNs and schemas stay valid. `index`: the
 * number of the account, from 0.
 */
export function accountPlaceholder(index: number): string {
  return String(100_000_000_001 + index);
}
