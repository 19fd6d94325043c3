import { oneLine } from '../../base/escape.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import {
  changeRow,
  diffOrigin,
  expectationRows,
  originOf,
  preflightOrigin,
  type ReportRow,
  resultRow,
  rowColumns,
  whoCanOrigin,
  whoCanRows,
} from '../row.ts';

/**
 * Rows as RFC 4180 has them: a header, commas, CRLF, UTF-8. `reason`: the decisive reason in a
 * sentence, which in JSON Lines is a record of its own. Nothing in it is run by a spreadsheet.
 */
export function* csvLines(
  rows: Iterable<{ readonly row: ReportRow; readonly reason: string | undefined }>,
): Generator<string> {
  yield lineOf([...rowColumns, 'reason']);
  for (const { row, reason } of rows) yield lineOf([...rowColumns.map((column) => row[column]), reason ?? null]);
}

function lineOf(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** null is an empty cell. */
function cellOf(value: string | number | null): string {
  if (value === null) return '';
  const text = withoutFormula(oneLine(String(value)));
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes what begins so for a formula; after an apostrophe it is a text. */
function withoutFormula(text: string): string {
  return /^[=+\-@]/.test(text) ? `'${text}` : text;
}

/** Flat rows for spreadsheets and tables. */
export const csv: Draws<ShownIn<'csv'>> = {
  *check({ head, results }) {
    const origin = originOf(head);
    yield* csvLines(
      (function* () {
        for (const { result } of results) yield { row: resultRow(result, origin), reason: result.reasons[0]?.text };
      })(),
    );
  },
  *diff(report) {
    const origin = diffOrigin(report);
    yield* csvLines(
      report.changes.map((change) => ({ row: changeRow(change, origin), reason: change.reasons[0]?.text })),
    );
  },
  *preflight({ report }) {
    const origin = preflightOrigin(report);
    const rows = report.expectations.flatMap((one) => expectationRows(one, origin));
    yield* csvLines(rows.map(({ row, reason }) => ({ row, reason: reason?.text })));
  },
  *whoCan(report) {
    const origin = whoCanOrigin(report);
    yield* csvLines(
      (function* () {
        for (const target of report.targets)
          for (const { row, reason } of whoCanRows(target, origin)) yield { row, reason: reason?.text };
      })(),
    );
  },
  *noAnswer({ exitCode, message, next }) {
    yield lineOf([...rowColumns, 'reason']);
    const known = new Map<string, string>([
      ['verdict', 'error'],
      ['code', `exit-${exitCode}`],
    ]);
    const reason = next === undefined ? message : `${message}: ${next}`;
    yield lineOf([...rowColumns.map((column) => known.get(column) ?? null), reason]);
  },
};
