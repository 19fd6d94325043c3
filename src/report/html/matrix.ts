import { accountOf, shortName } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import type { Verdict } from '../../contract/report.ts';
import type { AnsweredRow } from '../row.ts';

/*
 * A table of principals and keys: the answers of one operation on everything under the keys of one
 * account. Principals with the same answers share a line.
 */

/** The number of answers in a cell, by verdict. All 0: nothing was checked. */
export type MatrixCell = Readonly<Record<Verdict, number>>;

export interface MatrixLine {
  /** ARNs. */
  readonly principals: readonly [string, ...(readonly string[])];
  /** One for each column. */
  readonly cells: readonly MatrixCell[];
}

export interface Matrix {
  readonly operation: string;
  /** The account of the keys. */
  readonly account: string;
  /** The names of the keys. */
  readonly columns: readonly string[];
  /** The largest class first. */
  readonly lines: readonly MatrixLine[];
  readonly linesLeftOut: number;
  readonly columnsLeftOut: number;
}

/** The most cells of one matrix on a page. A browser needs seconds to lay out more. */
const mostCells = 5000;
const mostColumns = 100;

/** `aliases`: of keys, by ARN. */
export function matricesOf(rows: readonly AnsweredRow[], aliases: ReadonlyMap<string, string>): readonly Matrix[] {
  const asked = rows.flatMap(({ row: { principal, operation, key, keyAccount, verdict, count } }) =>
    principal === null || operation === null || key === null
      ? []
      : [{ principal, operation, key, account: keyAccount ?? accountOf(key), verdict, count }],
  );
  return [...groupBy(asked, ({ operation, account }) => `${operation} ${account}`).values()].map((group) =>
    matrixOf(group, aliases),
  );
}

interface Asked {
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
  readonly account: string;
  readonly verdict: Verdict;
  readonly count: number;
}

function matrixOf(group: readonly [Asked, ...(readonly Asked[])], aliases: ReadonlyMap<string, string>): Matrix {
  const [{ operation, account }] = group;
  const keys = [...new Set(group.map(({ key }) => key))];
  const shown = keys.slice(0, mostColumns);
  const cellsOf = [...groupBy(group, ({ principal }) => principal)].map(([principal, answers]) => {
    const ofKey = groupBy(answers, ({ key }) => key);
    return { principal, cells: shown.map((key) => cellOf(ofKey.get(key) ?? [])) };
  });
  const alike = groupBy(cellsOf, ({ cells }) => JSON.stringify(cells));
  const lines = [...alike.values()]
    .map(
      ([first, ...others]): MatrixLine => ({
        principals: [first.principal, ...others.map(({ principal }) => principal)],
        cells: first.cells,
      }),
    )
    .toSorted((one, other) => other.principals.length - one.principals.length);
  const most = Math.max(1, Math.floor(mostCells / shown.length));
  return {
    operation,
    account,
    columns: shown.map((key) => aliases.get(key) ?? shortName(key)),
    lines: lines.slice(0, most),
    linesLeftOut: Math.max(0, lines.length - most),
    columnsLeftOut: keys.length - shown.length,
  };
}

function cellOf(answers: readonly Asked[]): MatrixCell {
  const counts = { succeeds: 0, fails: 0, undetermined: 0 };
  for (const { verdict, count } of answers) counts[verdict] += count;
  return counts;
}

/** The word for a cell. */
export type CellWord = Verdict | 'some succeed' | 'not asked';

export function wordOf({ succeeds, fails, undetermined }: MatrixCell): CellWord {
  if (succeeds + fails + undetermined === 0) return 'not asked';
  if (fails + undetermined === 0) return 'succeeds';
  if (succeeds > 0) return 'some succeed';
  return undetermined > 0 ? 'undetermined' : 'fails';
}
