/** Stands for an account id: 12 digits, so that ARNs and schemas stay valid. `index`: of the account, from 0. */
export function accountPlaceholder(index: number): string {
  return String(100_000_000_001 + index);
}
