import { oneLine } from '../base/escape.ts';
import { isJson, isList } from '../base/json.ts';

/**
 * An answer in which each text is on one line and contains nothing that a terminal or a CI system's
 * log obeys, whoever chose the names. Commands, Terraform configuration and policies stay as they
 * are: they have line breaks, and their own writers escape them.
 */
export function harmless<Answer>(answer: Answer): Answer {
  return inert(answer);
}

/** Whether nothing in the answer has to change, as in most answers. Such answers are not copied. */
function isInert(answer: unknown): boolean {
  if (typeof answer === 'string') return oneLine(answer) === answer;
  if (isList(answer)) return answer.every(isInert);
  if (!isJson(answer)) return true;
  return Object.entries(answer).every(
    ([name, value]) => oneLine(name) === name && (isVerbatim(name, value) || isInert(value)),
  );
}

function inert<Value>(value: Value): Value;
function inert(answer: unknown): unknown {
  if (isInert(answer)) return answer;
  if (typeof answer === 'string') return oneLine(answer);
  if (isList(answer)) return answer.map((item: unknown) => inert(item));
  if (!isJson(answer)) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [oneLine(name), isVerbatim(name, value) ? value : inert(value)]),
  );
}

function isVerbatim(name: string, value: unknown): boolean {
  return (
    name === 'commands' ||
    name === 'script' ||
    name === 'terraform' ||
    (['before', 'after'].includes(name) && isJson(value))
  );
}
