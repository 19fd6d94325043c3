import { isJson, isList } from '../base/json.ts';
import { accountPlaceholder } from '../base/placeholder.ts';
import type { Io, Stream } from './io.ts';

/*
 * `--redact-accounts`: no output of a run names an account, because the logs of a public repository
 * are public. Texts are redacted where they leave the program, so that no format and no error can
 * forget it.
 */

export const redactFlag = '--redact-accounts';

/**
 * Twelve digits in a row, also after an escape for logs or for JSON, or the same in three groups,
 * and the rest of an ID in a shortened text. A hexadecimal digest or a UUID stays unchanged,
 * because it identifies an alert or a key.
 */
const accountIds =
  /(?<![\da-f])[\da-f]{32,}(?![\da-f])|(?<![\da-f])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-f])|(?:(?<!\d)|(?<=%(?:AZP)?[\dA-F]{2})|(?<=\\u[\da-f]{4}))\d{12}(?!\d)|(?<![\w-])\d{4}-\d{4}-\d{4}(?![\w-])|(?<!\d)\d{8,11}(?=…)/g;

/**
 * Writes placeholders instead of account IDs: the same placeholder for the same account in all
 * output of a run. A placeholder is as long as an ID, so limits of size and columns still hold.
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

/** The same surroundings, but all written text is redacted. */
export function redacting(io: Io): Io {
  const redact = redactor();
  return { ...io, stdout: redacted(io.stdout, redact), stderr: redacted(io.stderr, redact), redact };
}

/**
 * The same surroundings, which hide the secrets of plans after `hide` was called. Answers and
 * errors are made without secrets. Other text for standard error is searched as well.
 */
export function hiding(io: Io): Io {
  const all: ((text: string) => string)[] = [];
  const hide = (text: string): string => all.reduce((left, hideSome) => hideSome(left), text);
  return {
    ...io,
    stderr: redacted(io.stderr, hide),
    hide: (hideSecrets) => void all.push(hideSecrets),
    // Answers without plans may be large, and are made while they are written.
    withoutSecrets: (answer) => (all.length === 0 ? answer : withTexts(answer, hide)),
  };
}

/** A copy of an answer with each of its texts changed. The names of fields stay the same. */
function withTexts<Answer>(answer: Answer, change: (text: string) => string): Answer;
function withTexts(answer: unknown, change: (text: string) => string): unknown {
  if (typeof answer === 'string') return change(answer);
  if (isList(answer)) return answer.map((one: unknown) => withTexts(one, change));
  if (!isJson(answer)) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, withTexts(value, change)]));
}

function redacted(stream: Stream, redact: (text: string) => string): Stream {
  return {
    write: (text) => stream.write(redact(text)),
    ...(stream.drained === undefined ? {} : { drained: stream.drained }),
    ...(stream.isTTY === undefined ? {} : { isTTY: stream.isTTY }),
    ...(stream.columns === undefined ? {} : { columns: stream.columns }),
  };
}
