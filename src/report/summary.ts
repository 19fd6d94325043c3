import { numberText } from '../base/wording.ts';
import type { Case, CaseOutcome, CaseReport } from './cases.ts';
import { markdownCell, shortened } from './ci-escape.ts';
import type { ReportedFailure } from './format.ts';

/*
 * A report as Markdown for a comment or the summary of a job.
 */

const signs: Readonly<Record<CaseOutcome, string>> = {
  fails: '❌ fails',
  undetermined: '❔ undetermined',
  exception: '➖ exception',
  noted: 'ℹ️ noted',
  passes: '✅ passes',
};

/** The most characters of a cell. */
const longest = 1000;

/**
 * A report with a maximum size in bytes of UTF-8. Rows that do not fit are counted. Rows that fail
 * come first, and rows that pass are listed if there is room.
 */
export function summaryText({ answer, first, verdict, suite, cases, notes }: CaseReport, mostBytes: number): string {
  const outcome = verdict === 'succeeds' ? 'passes' : verdict;
  const head = [
    `### ${signs[outcome]}: ${markdownCell(shortened(answer, longest))}`,
    '',
    ...(first === undefined ? [] : [`**Do this first:** ${markdownCell(shortened(first, longest))}`, '']),
    `| ${suite} | Outcome | Why |`,
    '| --- | --- | --- |',
    '',
  ].join('\n');
  const rows = cases.map(rowOf);
  const tail = notes.map((note) => `\n- ${markdownCell(shortened(note, longest))}\n`);
  // Leaves room for the line with the count.
  const fitting = fittingIn([...rows, ...tail], mostBytes - bytes(head) - 200);
  const hidden = rows.length + tail.length - fitting.length;
  const more = hidden === 0 ? '' : `\n${numberText(hidden)} more lines are not shown: the report would be too large.\n`;
  return `${head}${fitting.join('')}${more}`;
}

/** The first lines that fit. GitHub refuses a summary that is too large as a whole. */
function fittingIn(lines: readonly string[], mostBytes: number): readonly string[] {
  let size = 0;
  const end = lines.findIndex((line) => {
    size += bytes(line);
    return size > mostBytes;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

function rowOf({ name, outcome, says, details, place }: Case): string {
  const where = place === undefined ? '' : `<br>${markdownCell(`${place.file}:${place.line}`)}`;
  const why = [says, ...details].map((line) => markdownCell(shortened(line, longest))).join('<br>');
  return `| ${markdownCell(shortened(name, longest))}${where} | ${signs[outcome]} | ${why} |\n`;
}

/** A run without an answer. */
export function summaryFailure({ message, next }: ReportedFailure): string {
  const lines = [message, ...(next === undefined ? [] : [next])].map((line) => markdownCell(line));
  return `### ❌ error: ${lines.join('<br>')}\n`;
}
