/** Everything that is said, a line each. Undefined: there is nothing that could say something. */
export function textsOf(said: readonly { readonly text: string }[] = []): string {
  return said.map(({ text }) => text).join('\n');
}
