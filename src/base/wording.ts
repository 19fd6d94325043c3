/** The part of an ARN that a person calls it by: `role/operator`, `cluster-snapshot:orders`. */
export function shortName(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(5).join(':') : arn;
}

/** `a`, `a and b`, `a, b and c`. `word`: what stands before the last, `and` unless given. */
export function list(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** `1 snapshot`, `2 snapshots`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** For a shell: what stands in single quotes is taken as it is. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Hours in words: `40 minutes`, `3 hours`, `12 days`. */
export function ageText(hours: number): string {
  const [size, noun] =
    hours < 1
      ? ([hours * 60, 'minute'] as const)
      : hours < 48
        ? ([hours, 'hour'] as const)
        : ([hours / 24, 'day'] as const);
  return counted(Math.max(0, Math.floor(size)), noun);
}

/** `a session policy`, `an identity policy`. */
export function article(word: string): string {
  return /^[aeiou]/i.test(word) ? `an ${word}` : `a ${word}`;
}

/** JSON as people write policies: what fits into a line of 68 columns stands in one. */
export function jsonText(value: unknown): string {
  return jsonAt(value, '', 0);
}

/** `used`: columns of the line that stand before the value; nothing does before the whole document, which is never put into one line. */
function jsonAt(value: unknown, indent: string, used: number): string {
  const line = oneLine(value);
  if (typeof value !== 'object' || value === null || (used > 0 && used + line.length <= 68)) return line;
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => jsonAt(item, inner, inner.length))
    : Object.entries(value).map(([name, item]) => {
        const label = `${JSON.stringify(name)}: `;
        return `${label}${jsonAt(item, inner, inner.length + label.length)}`;
      });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return items.length === 0 ? line : `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
