import { brokenUp, hidesSomething } from './escape.ts';

/**
 * An argument as a POSIX shell reads it back. Nothing in it is for the shell to obey, nor for a
 * terminal or a CI system that shows the command: hidden characters are given to printf as numbers,
 * and the signs of `::` are quoted one by one.
 */
export function shellQuoted(text: string): string {
  if (!hidesSomething(text)) return quoted(text);
  // What a command prints loses the line breaks at its end.
  const [, start = '', end = ''] = /^(.*?)(\n*)$/s.exec(text) ?? [];
  return `"$(printf %b ${quoted(numbered(start))})${end}"`;
}

/**
 * The same for a text with line breaks of its own, in which nothing else is hidden, such as a
 * policy.
 */
export function shellQuotedLines(text: string): string {
  return quoted(text);
}

function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text) && brokenUp(text, '') === text) return text;
  // Double quotes keep single quotes readable, where nothing else in the text means something
  // there.
  return text.includes("'") && !/["$`\\!]/.test(text)
    ? `"${brokenUp(text, '""')}"`
    : `'${brokenUp(text.replaceAll("'", `'\\''`), "''")}'`;
}

/** A text as `printf %b` reads it: hidden characters byte by byte, in octal. */
function numbered(text: string): string {
  return Array.from(text.replaceAll('\\', '\\\\'), (char) =>
    hidesSomething(char)
      ? Array.from(new TextEncoder().encode(char), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')
      : char,
  ).join('');
}

/**
 * A text in JMESPath: a raw string, in which a number is a text. It cannot end with a backslash.
 */
export function jmesPathText(text: string): string {
  return text.includes('\\')
    ? `\`${JSON.stringify(text).replaceAll('`', '\\`')}\``
    : `'${text.replaceAll("'", "\\'")}'`;
}
