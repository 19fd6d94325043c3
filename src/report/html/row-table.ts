import { isRootArn, shortName } from '../../base/arn.ts';
import type { AnsweredKind } from '../format-rows.ts';
import type { AnsweredRow } from '../row.ts';
import type { Color } from '../style.ts';
import { verdictSigns } from '../words.ts';

/*
 * The flat rows as a table for people: with names instead of ARNs, and without columns that are
 * empty everywhere.
 */

/** One text for each column. */
export type PageRow = readonly string[];

export interface RowTable {
  /** Without columns that have the same text in every row. */
  readonly columns: readonly PageColumn[];
  /** Columns with the same text in all rows: the name of the column and the text. */
  readonly alike: readonly (readonly [name: string, text: string])[];
  readonly kept: readonly PageRow[];
}

/** `isShort`: the texts of the column stay on one line. */
export interface PageColumn {
  readonly name: string;
  readonly isShort: boolean;
  /** A reader can choose one of the texts. */
  readonly canChoose: boolean;
}

/** The most rows: a browser paints this many within half a second. */
const mostRows = 100_000;

/** The most bytes of the rows. The rest of a page takes at most 4 of its 20 MB. */
const mostBytes = 16_000_000;

interface Column {
  readonly isShort?: true;
  readonly text: (answered: AnsweredRow, aliases: ReadonlyMap<string, string>) => string;
  /** The column is shown even if the table has only one row. */
  readonly isNeverAlike?: true;
  readonly canChoose?: true;
}

const columns = {
  severity: { isShort: true, canChoose: true, text: ({ row }) => row.severity ?? '' },
  before: { isShort: true, text: ({ row: { before } }) => (before === null ? '' : verdictText(before)) },
  verdict: { isShort: true, canChoose: true, isNeverAlike: true, text: ({ row }) => verdictText(row.verdict) },
  state: { isShort: true, canChoose: true, isNeverAlike: true, text: ({ row }) => states[row.verdict] },
  expected: { isShort: true, canChoose: true, isNeverAlike: true, text: ({ row }) => expectations[row.verdict] },
  impact: { isShort: true, canChoose: true, isNeverAlike: true, text: ({ row }) => impacts[row.verdict] },
  finding: { text: ({ row }) => row.findingId ?? '' },
  principal: { isNeverAlike: true, text: ({ row }) => principalText(row) },
  operation: { isShort: true, canChoose: true, text: ({ row }) => row.operation ?? '' },
  target: {
    isNeverAlike: true,
    text: ({ row: { target } }, aliases) => (target === null ? '' : (aliases.get(target) ?? shortName(target))),
  },
  key: { text: ({ row: { key } }, aliases) => (key === null ? '' : (aliases.get(key) ?? shortName(key))) },
  region: { isShort: true, text: ({ row }) => row.region ?? '' },
  account: { isShort: true, canChoose: true, text: ({ row }) => row.account ?? '' },
  count: { isShort: true, text: ({ row }) => String(row.count) },
  why: { text: ({ reason }) => reason?.text ?? '' },
} as const satisfies Readonly<Record<string, Column>>;

type ColumnId = keyof typeof columns;

const byId: Readonly<Record<ColumnId, Column>> = columns;

type Shown = readonly (readonly [id: ColumnId, name: string])[];

const ofVerdicts: Shown = [
  ['target', 'Backup or database'],
  ['key', 'Key'],
  ['principal', 'Principal'],
  ['operation', 'Operation'],
  ['verdict', 'Result'],
  ['why', 'Why'],
  ['region', 'Region'],
  ['account', 'Account'],
];

/** The columns of each kind of answer, with the question first. */
const shown: { readonly [Kind in AnsweredKind]: Shown } = {
  check: ofVerdicts,
  whoCan: [...ofVerdicts, ['count', 'Backups alike']],
  diff: [
    ['target', 'Backup or database'],
    ['key', 'Key'],
    ['principal', 'Principal'],
    ['operation', 'Operation'],
    ['before', 'Before'],
    ['verdict', 'After'],
    ['why', 'Why'],
    ['region', 'Region'],
    ['account', 'Account'],
  ],
  preflight: [
    ['finding', 'Expectation'],
    ['expected', 'Result'],
    ['principal', 'Principal'],
    ['operation', 'Operation'],
    ['target', 'Backup or database'],
    ['key', 'Key'],
    ['why', 'Why'],
    ['region', 'Region'],
    ['account', 'Account'],
    ['count', 'Combinations'],
  ],
  audit: [
    ['severity', 'Severity'],
    ['why', 'What was found'],
    ['state', 'State'],
    ['target', 'About'],
    ['principal', 'Principal'],
    ['account', 'Account'],
    ['region', 'Region'],
    ['count', 'Things'],
    ['finding', 'Finding'],
  ],
  keyImpact: [
    ['key', 'Key'],
    ['operation', 'Action'],
    ['target', 'Backup or database'],
    ['why', 'What happens'],
    ['principal', 'Principal'],
    ['before', 'Before'],
    ['impact', 'Result'],
    ['region', 'Region'],
    ['account', 'Account'],
  ],
};

const states = { fails: '✗ holds', undetermined: '? undecided', succeeds: '– accepted' } as const;
const expectations = { fails: '✗ broken', undetermined: '? unproven', succeeds: '✓ holds' } as const;
const impacts = { fails: '✗ breaks', undetermined: '? cannot tell', succeeds: '✓ no loss found' } as const;

/** The colors of the texts in a cell. */
export const cellColors: Readonly<Record<string, readonly [Color]>> = {
  '✓ succeeds': ['good'],
  '✗ fails': ['bad'],
  '? undetermined': ['doubtful'],
  '✗ holds': ['bad'],
  '? undecided': ['doubtful'],
  '✗ broken': ['bad'],
  '? unproven': ['doubtful'],
  '✓ holds': ['good'],
  '✗ breaks': ['bad'],
  '? cannot tell': ['doubtful'],
  '✓ no loss found': ['good'],
};

function principalText({ principal, principalAccount, account }: AnsweredRow['row']): string {
  if (principal === null) return '';
  if (isRootArn(principal)) return `the root user of account ${principalAccount}`;
  // An account or an identity provider of a finding is in no other account.
  if (principalAccount === null || principalAccount === account) return shortName(principal);
  return `${shortName(principal)} of account ${principalAccount}`;
}

function verdictText(verdict: keyof typeof verdictSigns): string {
  return `${verdictSigns[verdict].sign} ${verdict}`;
}

/** `aliases`: of keys, by ARN. */
export function tableOf(
  rows: readonly AnsweredRow[],
  aliases: ReadonlyMap<string, string>,
  kind: AnsweredKind,
): RowTable {
  const ids = shown[kind];
  const all = rows.slice(0, mostRows).map((row) => ids.map(([id]) => byId[id].text(row, aliases)));
  const differs = ids.map(([id], at) => {
    const first = all[0]?.[at];
    return all.some((cells) => cells[at] !== first) || (all.length === 1 && byId[id].isNeverAlike === true);
  });
  const [first] = all;
  return {
    columns: ids.flatMap(([id, name], at) => {
      const { isShort = false, canChoose = false } = byId[id];
      return differs[at] === true ? [{ name, isShort, canChoose }] : [];
    }),
    alike:
      first === undefined
        ? []
        : ids.flatMap(([id, name], at) => {
            const text = first[at] ?? '';
            return differs[at] === true || text === '' || (id === 'count' && text === '1')
              ? []
              : [[name, text] as const];
          }),
    kept: fitting(all.map((cells) => cells.filter((_, at) => differs[at]))),
  };
}

/**
 * Each text is written once. A row refers to each of its texts with at most six digits and a comma.
 */
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
