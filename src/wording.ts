/** The part of an ARN that a person calls it by: `role/operator`, `cluster-snapshot:orders`. */
export function shortName(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(5).join(':') : arn;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
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
