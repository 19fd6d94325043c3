import { isRootArn, shortName } from '../../base/arn.ts';
import type { AnsweredRow } from '../row.ts';
import { verdictSigns } from '../words.ts';

/*
 * The flat rows as a table for people: a name for an ARN, and no column that is empty everywhere.
 */

/** A text for each column. */
export type PageRow = readonly string[];

export interface RowTable {
  /** Without those that say the same in every row. */
  readonly columns: readonly PageColumn[];
  /** Columns with one text in all rows: the name of the column and the text. */
  readonly alike: readonly (readonly [name: string, text: string])[];
  readonly kept: readonly PageRow[];
}

/** `isShort`: its texts stay on one line. */
export interface PageColumn {
  readonly name: string;
  readonly isShort: boolean;
}

/** So many rows are painted within half a second. */
const mostRows = 100_000;

/** Bytes of the rows: the rest of a page takes at most 4 of its 20 MB. */
const mostBytes = 16_000_000;

interface Column extends PageColumn {
  readonly text: (answered: AnsweredRow, aliases: ReadonlyMap<string, string>) => string;
}

const columns: readonly Column[] = [
  { name: 'Severity', isShort: true, text: ({ row }) => row.severity ?? '' },
  { name: 'Before', isShort: true, text: ({ row: { before } }) => (before === null ? '' : verdictText(before)) },
  { name: 'Verdict', isShort: true, text: ({ row }) => verdictText(row.verdict) },
  { name: 'Expectation or finding', isShort: false, text: ({ row }) => row.findingId ?? '' },
  { name: 'Principal', isShort: false, text: ({ row }) => principalText(row) },
  { name: 'Operation', isShort: true, text: ({ row }) => row.operation ?? '' },
  { name: 'On', isShort: false, text: ({ row: { target } }) => (target === null ? '' : shortName(target)) },
  {
    name: 'Key',
    isShort: false,
    text: ({ row: { key } }, aliases) => (key === null ? '' : (aliases.get(key) ?? shortName(key))),
  },
  { name: 'Region', isShort: true, text: ({ row }) => row.region ?? '' },
  { name: 'Account', isShort: true, text: ({ row }) => row.account ?? '' },
  { name: 'Answers', isShort: true, text: ({ row }) => String(row.count) },
  { name: 'Why', isShort: false, text: ({ reason }) => reason?.text ?? '' },
];

function principalText({ principal, principalAccount, account }: AnsweredRow['row']): string {
  if (principal === null) return '';
  if (isRootArn(principal)) return `the root user of account ${principalAccount}`;
  // An account or an identity provider of a finding has no account of its own.
  if (principalAccount === null || principalAccount === account) return shortName(principal);
  return `${shortName(principal)} of account ${principalAccount}`;
}

function verdictText(verdict: keyof typeof verdictSigns): string {
  return `${verdictSigns[verdict].sign} ${verdict}`;
}

/** `aliases`: of keys, by ARN. */
export function tableOf(rows: readonly AnsweredRow[], aliases: ReadonlyMap<string, string>): RowTable {
  const all = rows.slice(0, mostRows).map((row) => columns.map(({ text }) => text(row, aliases)));
  const differs = columns.map(({ name }, at) => {
    const first = all[0]?.[at];
    return all.some((cells) => cells[at] !== first) || (all.length === 1 && neverAlike.has(name));
  });
  const [first] = all;
  return {
    columns: columns.filter((_, at) => differs[at]),
    alike:
      first === undefined
        ? []
        : columns.flatMap(({ name }, at) => {
            const text = first[at] ?? '';
            return differs[at] || text === '' || (name === 'Answers' && text === '1') ? [] : [[name, text] as const];
          }),
    kept: fitting(all.map((cells) => cells.filter((_, at) => differs[at]))),
  };
}

/** What a table is about, even if it has one row. */
const neverAlike: ReadonlySet<string> = new Set(['Verdict', 'Principal', 'On']);

/** Each text is written once, and a row refers to its texts by at most six digits and a comma. */
function fitting(rows: readonly PageRow[]): readonly PageRow[] {
  const known = new Set<string>();
  let bytes = 0;
  const end = rows.findIndex((cells) => {
    for (const cell of cells) {
      bytes += 7;
      if (known.has(cell)) continue;
      known.add(cell);
      bytes += Buffer.byteLength(cell) + 3;
    }
    return bytes > mostBytes;
  });
  return end === -1 ? rows : rows.slice(0, end);
}
