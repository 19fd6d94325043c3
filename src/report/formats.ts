/*
 * src/report/ draws reports and decides nothing. One file a format, one registry for all commands.
 */

import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { AnswerKind, Answers, Draw, Format } from './format.ts';
import { azure } from './formats/azure.ts';
import { csv } from './formats/csv.ts';
import { github } from './formats/github.ts';
import { gitlab } from './formats/gitlab.ts';
import { json } from './formats/json.ts';
import { jsonl } from './formats/jsonl.ts';
import { junit } from './formats/junit.ts';
import { junitStrict } from './formats/junit-strict.ts';
import { markdown } from './formats/markdown.ts';
import { sarif } from './formats/sarif.ts';
import { text } from './formats/text.ts';
import type { ReportStyle } from './style.ts';

/** The one registry of output formats, in the order in which help names them. */
const formats: readonly Format[] = [text, markdown, json, jsonl, csv, junit, junitStrict, sarif, gitlab, github, azure];

/** The format of whoever names none. */
export const defaultFormat = text.name;

/** The format of the summary of a job. */
export const summaryFormat = markdown.name;

/** The formats in which a kind of answer can be shown (--output), by name. */
export function formatNames(kind: AnswerKind): readonly string[] {
  return formats.filter(({ draws, use }) => draws[kind] !== undefined && use === undefined).map(({ name }) => name);
}

/** A format of --report. */
export interface ReportFormat {
  readonly name: string;
  /** It goes to where a CI system reads the output, and not into a file. */
  readonly isLog: boolean;
  readonly needsPlace: boolean;
}

/** The formats in which an answer can be reported besides (--report). */
export const reportFormats: readonly ReportFormat[] = formats
  .filter(({ draws }) => draws.check !== undefined)
  .map(({ name, use, needsPlace = false }) => ({ name, isLog: use === 'log', needsPlace }));

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
