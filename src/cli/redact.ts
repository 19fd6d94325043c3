import { accountPlaceholder } from '../base/placeholder.ts';
import type { Io, Stream } from './io.ts';

/*
 * `--redact-accounts`: what a run writes for people and for CI systems names no account, because
 * the logs of a public repository are public. Redaction takes place where text leaves the program,
 * so that no format and no error can forget it.
 */

export const redactFlag = '--redact-accounts';

/**
 * Twelve digits by themselves, also where an escape for logs or for JSON stands before them, or the
 * same in three groups; and what is left of an id where a text is shortened. A digest in
 * hexadecimal stays, and so does a UUID, such as that of a key: alerts and keys are known by them.
 */
const accountIds =
  /(?<![\da-f])[\da-f]{32,}(?![\da-f])|(?<![\da-f])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-f])|(?:(?<!\d)|(?<=%(?:AZP)?[\dA-F]{2})|(?<=\\u[\da-f]{4}))\d{12}(?!\d)|(?<![\w-])\d{4}-\d{4}-\d{4}(?![\w-])|(?<!\d)\d{8,11}(?=…)/g;

/**
 * Writes placeholders instead of account ids, the same one for the same account in everything that
 * one run writes. A placeholder is as long as an id: limits of size and columns stay true.
 */
export function redactor(): (text: string) => string {
  const known = new Map<string, string>();
  const placeholderOf = (id: string): string => {
    const placeholder = known.get(id) ?? accountPlaceholder(known.size);
    known.set(id, placeholder);
    return placeholder;
  };
  return (text) =>
    text.replaceAll(accountIds, (found) => {
      if (found.length >= 32) return found;
      return found.length < 12 ? '' : placeholderOf(found.replaceAll('-', ''));
    });
}

/** The same surroundings, to which nothing is written but redacted text. */
export function redacting(io: Io): Io {
  const redact = redactor();
  return { ...io, stdout: redacted(io.stdout, redact), stderr: redacted(io.stderr, redact), redact };
}

/** As Terraform writes it. */
const hidden = '(sensitive value)';

/**
 * The same surroundings, to which no secret is written once it is told to `hide`. A secret is a word
 * of its own: a name that has it within is left.
 */
export function hiding(io: Io): Io {
  const known = new Set<string>();
  let pattern: RegExp | undefined;
  const hide = (text: string): string => (pattern === undefined ? text : text.replaceAll(pattern, hidden));
  return {
    ...io,
    stdout: redacted(io.stdout, hide),
    stderr: redacted(io.stderr, hide),
    redact: (text) => hide(io.redact?.(text) ?? text),
    hide(secrets) {
      for (const secret of secrets) for (const written of writings(secret)) known.add(written);
      // The longest first, for one may begin with another one.
      const all = [...known].toSorted((one, other) => other.length - one.length).map(escaped);
      if (all.length > 0) pattern = new RegExp(`(?<![\\w/-])(?:${all.join('|')})(?![\\w/-])`, 'g');
    },
  };
}

/** A text as it stands, and as JSON and HTML have it. */
function writings(text: string): readonly string[] {
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  return [...new Set([text, JSON.stringify(text).slice(1, -1), html])];
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function redacted(stream: Stream, redact: (text: string) => string): Stream {
  return {
    write: (text) => stream.write(redact(text)),
    ...(stream.drained === undefined ? {} : { drained: stream.drained }),
    ...(stream.isTTY === undefined ? {} : { isTTY: stream.isTTY }),
    ...(stream.columns === undefined ? {} : { columns: stream.columns }),
  };
}
