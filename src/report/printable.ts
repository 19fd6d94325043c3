/**
 * Text with a sign in place of each control character: names come from files and from AWS, and a
 * terminal obeys what it is sent. `color`: the colours of the text stay.
 */
export function printable(text: string, color = false): string {
  return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069](?:\[[\d;]*m)?/gu, (found) => {
    const [first = ''] = found;
    const stays = first === '\n' || first === '\t' || (color && first === '\u001b' && found.length > 1);
    return stays ? found : `\uFFFD${found.slice(1)}`;
  });
}
