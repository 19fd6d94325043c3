import { oneLine } from '../../base/escape.ts';
import { answeredRows } from '../answered-rows.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { type AnsweredRow, rowColumns } from '../row.ts';

/**
 * Rows according to RFC 4180: a header, commas, CRLF, UTF-8. `reason` is the decisive reason as a
 * sentence, and `fix` is what to do. In JSON Lines, these are separate records. A spreadsheet runs
 * no part of the text.
 */
export function* csvLines(rows: Iterable<AnsweredRow>): Generator<string> {
  yield lineOf(header);
  for (const { row, reason, fix } of rows)
    yield lineOf([...rowColumns.map((column) => row[column]), reason?.text ?? null, fix ?? null]);
}

const header = [...rowColumns, 'reason', 'fix'] as const;

function lineOf(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** null is an empty cell. */
function cellOf(value: string | number | null): string {
  if (value === null) return '';
  const text = withoutFormula(oneLine(String(value)));
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet reads a text with such a start as a formula, and a text after an apostrophe as
 * text.
 */
function withoutFormula(text: string): string {
  return /^[=+\-@]/.test(text) ? `'${text}` : text;
}

/** Flat rows for spreadsheets and tables. */
export const csv: Draws<ShownIn<'csv'>> = {
  check: (answer) => csvLines(answeredRows.check(answer)),
  diff: (answer) => csvLines(answeredRows.diff(answer)),
  preflight: (answer) => csvLines(answeredRows.preflight(answer)),
  whoCan: (answer) => csvLines(answeredRows.whoCan(answer)),
  keyImpact: (answer) => csvLines(answeredRows.keyImpact(answer)),
  audit: (answer) => csvLines(answeredRows.audit(answer)),
  *noAnswer({ exitCode, message, next }) {
    yield lineOf(header);
    const known = new Map<string, string>([
      ['verdict', 'error'],
      ['code', `exit-${exitCode}`],
    ]);
    const reason = next === undefined ? message : `${message}: ${next}`;
    yield lineOf([...rowColumns.map((column) => known.get(column) ?? null), reason, null]);
  },
};
