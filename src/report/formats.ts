/*
 * src/report/ draws reports and decides nothing. Each format has one file, and one registry serves
 * all commands.
 */

import { type AnswerKind, type Answers, type Draw, type Draws, piecesOf } from './format.ts';
import { type FormatName, type ShownIn, unknownFormat } from './format-rows.ts';
import { azure } from './formats/azure.ts';
import { csv } from './formats/csv.ts';
import { github } from './formats/github.ts';
import { gitlab } from './formats/gitlab.ts';
import { html } from './formats/html.ts';
import { json } from './formats/json.ts';
import { jsonl } from './formats/jsonl.ts';
import { junit } from './formats/junit.ts';
import { junitStrict } from './formats/junit-strict.ts';
import { markdown } from './formats/markdown.ts';
import { sarif } from './formats/sarif.ts';
import { text } from './formats/text.ts';
import type { ReportStyle } from './style.ts';

/** All formats, for callers that cannot wait until one is loaded. */
const formats: { readonly [Name in FormatName]: Draws<ShownIn<Name>> } = {
  text,
  markdown,
  json,
  jsonl,
  csv,
  html,
  junit,
  'junit-strict': junitStrict,
  sarif,
  gitlab,
  github,
  azure,
};

const byName: ReadonlyMap<string, Partial<Draws<AnswerKind>>> = new Map(Object.entries(formats));

/**
 * An answer in the format with this name. It ends with a line break.
 * @throws Failure with the names of the formats if this kind of answer has no such format
 */
export function render<Kind extends AnswerKind>(
  kind: Kind,
  answer: Answers[Kind],
  name: string,
  style: ReportStyle,
): string {
  const draw: Draw<Kind> | undefined = byName.get(name)?.[kind];
  if (draw === undefined) throw unknownFormat(kind, name);
  return [...piecesOf(draw(answer, style))].join('');
}
