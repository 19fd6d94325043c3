/** All texts, one on each line. Undefined counts as an empty list. */
export function textsOf(said: readonly { readonly text: string }[] = []): string {
  return said.map(({ text }) => text).join('\n');
}
