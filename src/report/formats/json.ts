import { jsonPrintable } from '../../base/escape.ts';
import { denseJson, isJson, isList } from '../../base/json.ts';
import type { ReportedFix } from '../../contract/report.ts';
import type { ReportRest, ReportStream } from '../../contract/report-stream.ts';
import { fixJson } from '../fix-json.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';

/** One JSON document with its keys in the order of the contract, and a line break at the end. */
function document(answer: object): string {
  return `${jsonPrintable(JSON.stringify(answer, undefined, 2))}\n`;
}

/** The order of the members. `verdict` is last: a report without it is incomplete. */
const restMembers = [
  'diagnosis',
  'notChecked',
  'warnings',
  'gaps',
  'followUps',
  'summary',
  'answer',
  'verdict',
] as const satisfies readonly (keyof ReportRest)[];

/**
 * The pieces of a report. A result is written when it is ready, and the fixes after all results.
 */
function* reportPieces({ head, results, rest }: ReportStream): Generator<string> {
  const members = Object.entries(head).map(([name, value]) => member(name, indented(value, '  ')));
  yield `{\n${members.map((one) => `${one},\n`).join('')}  "results": [`;
  const fixes: ReportedFix[] = [];
  let between = '\n';
  for (const { result, fixes: more } of results) {
    fixes.push(...more);
    yield `${between}    ${lines(result, '    ')}`;
    between = ',\n';
  }
  yield between === '\n' ? '],\n' : '\n  ],\n';
  yield '  "fixes": [';
  for (const [index, fix] of fixes.entries()) yield `${index === 0 ? '' : ','}\n    ${indented(fixJson(fix), '    ')}`;
  yield fixes.length === 0 ? '],\n' : '\n  ],\n';
  const last = rest();
  const ends = restMembers.flatMap((name) =>
    last[name] === undefined ? [] : [member(name, indented(last[name], '  '))],
  );
  yield `${ends.join(',\n')}\n}\n`;
}

function member(name: string, value: string): string {
  return `  ${JSON.stringify(name)}: ${value}`;
}

function indented(value: unknown, indent: string): string {
  return jsonPrintable(JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${indent}`));
}

/**
 * An object with one line for each member, and for each object in a list. Large reports are half as
 * long this way.
 */
function lines(value: object, indent: string): string {
  const inner = `${indent}  `;
  const members = Object.entries(value).map(([name, one]: readonly [string, unknown]) => {
    const isLong = isList(one) && one.some(isJson);
    const text = isLong ? `[\n${one.map((item) => `${inner}  ${line(item)}`).join(',\n')}\n${inner}]` : line(one);
    return `${inner}${JSON.stringify(name)}: ${text}`;
  });
  return jsonPrintable(`{\n${members.join(',\n')}\n${indent}}`);
}

/** JSON on one line. Texts in JSON contain no line breaks. */
function line(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replaceAll(/\n */g, ' ');
}

export const json: Draws<ShownIn<'json'>> = {
  check: reportPieces,
  diff: document,
  preflight: ({ report }) => document({ ...report, fixes: report.fixes.map(fixJson) }),
  whoCan: document,
  audit: document,
  keyImpact: document,
  inventory: ({ inventory }) => document(inventory),
  operations: document,
  policy: document,
  // On one line, because a program may write other lines to standard error.
  failure: (error) => `${denseJson({ error })}\n`,
  noAnswer: (error) => document({ error }),
};
