/**
 * `a`, `a and b`, `a, b and c`. `word`: the word before the last, `and` unless given. No list names
 * one thing twice. A comma ends a clause before that word: `a, which was not read, and b`.
 */
export function list(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  const distinct = [...new Set(items)];
  const last = distinct.at(-1) ?? '';
  const clause = distinct.at(-2)?.includes(', which ') === true ? ',' : '';
  return distinct.length < 2 ? last : `${distinct.slice(0, -1).join(', ')}${clause} ${word} ${last}`;
}

/** At most so many of the items, and the number of the others: `a, b and 3 more`. */
export function someOf(items: readonly string[], most: number): string {
  const distinct = [...new Set(items)];
  const more = distinct.length - most;
  return more > 0 ? list([...distinct.slice(0, most), `${numberText(more)} more`]) : list(distinct);
}

/** Words as a sentence: with a capital letter and a period. */
export function sentence(words: string): string {
  return `${capital(words)}.`;
}

/** Words without the period that they may end with. */
export function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}

/**
 * Words as the beginning of a sentence. A first word that no plain word can be is a name, such as
 * `kms:CreateGrant`, `role/operator` or `redshift.amazonaws.com`, and keeps its case. Other names
 * look like plain words: no text may begin with them.
 */
export function capital(words: string): string {
  if (/^\S*(?:[/@_\d]|[:.]\S)/.test(words)) return words;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Words that begin a sentence, as the rest of another one. An abbreviation such as `RDS` keeps its
 * case.
 */
export function uncapital(words: string): string {
  return /^[A-Z]{2}/.test(words) ? words : words.charAt(0).toLowerCase() + words.slice(1);
}

/** `12`, `12,000`: there may be millions of combinations, principals or backups. */
export function numberText(count: number): string {
  return count < 1000 ? String(count) : count.toLocaleString('en');
}

/** `1 snapshot`, `2,000 snapshots`. */
export function counted(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
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
