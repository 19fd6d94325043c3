import type { Page } from './page.ts';
import { wrap } from './style.ts';

/** One row: its cells, and lines below it. The last cell may be long. */
export interface Row {
  readonly cells: readonly string[];
  readonly last: string;
  readonly below: readonly string[];
  /** Colors the cells. */
  readonly paint: (text: string) => string;
}

/** A table with a line of titles. If there is no room for the last cell, it is below the row. */
export function tableText(titles: readonly string[], rows: readonly Row[], { width, paint }: Page): string {
  const widths = titles
    .slice(0, -1)
    .map((title, at) => Math.max(title.length, ...rows.map((row) => cellAt(row, at).length)));
  const left = 2 + widths.reduce((sum, one) => sum + one + 2, 0);
  const isNarrow = width - left < 30;
  const indent = ' '.repeat(isNarrow ? 4 : left);
  // Numbers are aligned to the right.
  const padded = (text: string, at: number): string =>
    /^\d[\d,]*$/.test(text) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  const head = `  ${(isNarrow ? titles.slice(0, -1) : titles).map(padded).join('  ')}`;
  const lines = rows.flatMap((row) => {
    const start = `  ${row.paint(row.cells.map(padded).join('  '))}`;
    const last = row.last === '' ? '' : wrap(row.last, width, indent);
    return [
      isNarrow || last === '' ? start.trimEnd() : `${start}  ${last.trimStart()}`,
      ...(isNarrow && last !== '' ? [last] : []),
      ...row.below,
    ];
  });
  return [paint.faint(head.trimEnd()), ...lines].join('\n');
}

function cellAt({ cells }: Row, at: number): string {
  return cells[at] ?? '';
}
