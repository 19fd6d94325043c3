/*
 * Names come from files and from AWS, and anybody may have chosen them. What they hold is never
 * passed on to a terminal or to the log of a CI system as it is:
 *
 * - Control and format characters (C0, C1, bidirectional marks, what has no width) and the line
 *   breaks of Unicode move, hide or reorder what a terminal shows.
 * - GitHub Actions obeys a line that begins with `::command::`, and Azure Pipelines, GitHub and
 *   TeamCity obey `##vso[`, `##[` and `##teamcity[` wherever they stand.
 *
 * A name can come to begin a line where text is wrapped, so that `::` is escaped wherever it
 * stands. Two things stay readable, because no command begins so: the empty Region of an ARN
 * (`arn:aws:iam::111122223333:role/x`, `arn:aws:s3:::bucket`) and an IPv6 address.
 */

const hidden = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]`;
/** Hidden characters that JSON.stringify does not escape. */
const hiddenInJson = String.raw`[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]`;
const hiddenInLines = String.raw`(?!\n)${hidden}`;

const emptyRegion = String.raw`(?<![\w\p{C}\p{Zl}\p{Zp}-])arn:[\w*?.-]*:[\w*?.-]*::(?::(?!:)|(?=[\d*?$<]|aws:))`;
const ipv6 = String.raw`(?<![\w:.\p{C}\p{Zl}\p{Zp}-])(?:[\da-f]{1,4}:)*[\da-f]{0,4}::(?=[\d/])(?:[\da-f]{1,4}:)*[\da-f]{0,4}(?:/\d{1,3})?(?![\w:.-])`;
const stays = `${emptyRegion}|${ipv6}`;
const command = String.raw`::|##(?=(?:vso|teamcity)?\[)`;

// Each Unicode class takes a millisecond to compile, so an expression is made when it is first
// needed.
const everywhere = madeOnce(() => new RegExp(`(?<stays>${stays})|(?<escaped>${command}|${hidden})`, 'giu'));
const inLines = madeOnce(() => new RegExp(`(?<stays>${stays})|(?<escaped>${command}|${hiddenInLines})`, 'giu'));
const inJson = madeOnce(() => new RegExp(`(?<stays>${stays})|(?<escaped>${command}|${hiddenInJson})`, 'giu'));
// Every match of these expressions contains one of these texts, which are found many times as fast.
// No match is longer than its line, and the only thing that a match can see before its line is the
// line break.
const anyPlace = /::|##|[^ -~]/;
const anyLine = /(?:^|\n)[^\n]*(?:::|##|[^\n -~])[^\n]*/g;
const beforeSecondSign = madeOnce(
  () => new RegExp(String.raw`(?<stays>${stays})|(?<escaped>:(?=:)|#(?=#(?:vso|teamcity)?\[))`, 'giu'),
);
const escape = '\u001b';
const colors = new RegExp(String.raw`${escape}\[[\d;]*m`, 'g');

/**
 * A name on one line, with line breaks, control characters and commands to CI systems escaped as in
 * JSON.
 */
export function oneLine(name: string): string {
  return anyPlace.test(name) ? replaced(name, everywhere(), escaped) : name;
}

/**
 * A text of several lines for a terminal or a log. Line breaks stay, so names must already be
 * escaped with `oneLine`. `color`: keeps the colors of the text.
 */
export function printable(text: string, color = false): string {
  if (!color) return replacedInLines(text, inLines);
  const kept = text.match(colors) ?? [];
  return text
    .split(colors)
    .map((part, index) => `${replacedInLines(part, inLines)}${kept[index] ?? ''}`)
    .join('');
}

/** A text of JSON or HCL with the same meaning, without anything that a terminal or a log obeys. */
export function jsonPrintable(json: string): string {
  return replacedInLines(json, inJson);
}

/** A text with something between the signs of each command to a CI system. */
export function brokenUp(text: string, between: string): string {
  return replaced(text, beforeSecondSign(), (sign) => `${sign}${between}`);
}

const anyHidden = madeOnce(() => new RegExp(hidden, 'u'));

/**
 * Whether a text contains a character that cannot be shown: a line break, a control or a format
 * character.
 */
export function hidesSomething(text: string): boolean {
  return anyHidden().test(text);
}

function replaced(text: string, what: RegExp, by: (found: string) => string): string {
  return text.replaceAll(what, (found, kept: string | undefined) => (kept === undefined ? by(found) : found));
}

function replacedInLines(text: string, what: () => RegExp): string {
  return text.replaceAll(anyLine, (line) => replaced(line, what(), escaped));
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The first character of `::` and `##` stays, so that a reader sees what was meant. */
function escaped(found: string): string {
  if (found === '::' || found === '##') return `${found.charAt(0)}${unicode(found.charAt(1))}`;
  return shortEscapes[found] ?? Array.from({ length: found.length }, (_, at) => unicode(found.charAt(at))).join('');
}

function unicode(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function madeOnce(make: () => RegExp): () => RegExp {
  let made: RegExp | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
