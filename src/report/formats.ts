/*
 * src/report/ draws reports and decides nothing. One file a format, one registry for all commands.
 */

import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { AnswerKind, Answers, Draw, Format } from './format.ts';
import { csv } from './formats/csv.ts';
import { json } from './formats/json.ts';
import { jsonl } from './formats/jsonl.ts';
import { markdown } from './formats/markdown.ts';
import { text } from './formats/text.ts';
import type { ReportStyle } from './style.ts';

/** The one registry of output formats, in the order in which help names them. */
const formats: readonly Format[] = [text, markdown, json, jsonl, csv];

/** The format of whoever names none. */
export const defaultFormat = text.name;

/** The formats in which a kind of answer can be shown, by name. */
export function formatNames(kind: AnswerKind): readonly string[] {
  return formats.filter(({ draws }) => draws[kind] !== undefined).map(({ name }) => name);
}

/**
 * An answer in the format of this name, ending with a line break, in pieces that are made while they
 * are taken.
 * @throws Failure naming the formats that there are if this kind of answer has no such format
 */
export function pieces<Kind extends AnswerKind>(
  kind: Kind,
  answer: Answers[Kind],
  name: string,
  style: ReportStyle,
): Iterable<string> {
  const draw: Draw<Kind> | undefined = formats.find((format) => format.name === name)?.draws[kind];
  if (draw === undefined)
    throw new Failure('input', `unknown format \`${name}\``, `the formats are ${list(formatNames(kind))}`);
  const drawn = draw(answer, style);
  return typeof drawn === 'string' ? [drawn] : drawn;
}

/** The same as one text. @throws Failure */
export function render<Kind extends AnswerKind>(
  kind: Kind,
  answer: Answers[Kind],
  name: string,
  style: ReportStyle,
): string {
  return [...pieces(kind, answer, name, style)].join('');
}
