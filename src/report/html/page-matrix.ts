import { shortName } from '../../base/arn.ts';
import { counted, numberText } from '../../base/wording.ts';
import { xmlAttribute, xmlText } from '../ci-escape.ts';
import { type Matrix, type MatrixCell, type MatrixLine, wordOf } from './matrix.ts';
import { pageSection } from './page-parts.ts';

/* The matrix of a page. On a narrow window and on paper, each line is shown as a list. */

const cellMarks = {
  succeeds: { sign: '✓', color: 'good' },
  fails: { sign: '✗', color: 'bad' },
  undetermined: { sign: '?', color: 'doubtful' },
  'some succeed': { sign: '◐', color: 'doubtful' },
  'not asked': { sign: '–', color: 'faint' },
} as const;

function cellOf(cell: MatrixCell, column: string): string {
  const is = wordOf(cell);
  const { sign, color } = cellMarks[is];
  const whole = cell.succeeds + cell.fails + cell.undetermined;
  const text = is === 'some succeed' ? `${numberText(cell.succeeds)} of ${numberText(whole)} succeed` : is;
  return `<td class="${color}" data-label="${xmlAttribute(column)}">${sign} ${text}</td>`;
}

/** The most names of a class that are listed. The table below has all names. */
const mostNames = 100;

function classOf({ principals: [first, ...others] }: MatrixLine): string {
  if (others.length === 0) return xmlText(shortName(first));
  const names = others.slice(0, mostNames).map((arn) => `<li>${xmlText(shortName(arn))}</li>`);
  const rest = others.length > mostNames ? `<li>and ${numberText(others.length - mostNames)} more</li>` : '';
  return `<details><summary>${xmlText(shortName(first))} and ${numberText(others.length)} more</summary><ul>${names.join('')}${rest}</ul></details>`;
}

/** More columns rarely fit. The script checks this exactly. */
const mostFitting = 6;

export function matrixLines(matrix: Matrix, at: number): readonly string[] {
  const { operation, account, columns, lines, linesLeftOut, columnsLeftOut } = matrix;
  const title = `Who can run ${operation}, by key of account ${account}`;
  const left = [
    ...(linesLeftOut === 0 ? [] : [counted(linesLeftOut, 'more line')]),
    ...(columnsLeftOut === 0 ? [] : [counted(columnsLeftOut, 'more key')]),
  ];
  return pageSection(`matrix-${at}`, title, [
    '<p class="faint">One column for each key. Principals with the same answers share a line.</p>',
    `<p class="hint"${columns.length > mostFitting ? '' : ' hidden'}><strong>→ The table continues to the right.</strong> Scroll it sideways, or click it and press the arrow keys: it has ${counted(columns.length, 'key')}.</p>`,
    `<div class="scroll" role="region" tabindex="0" aria-label="${xmlAttribute(`Table: ${title}`)}">`,
    '<table class="matrix">',
    `<thead><tr><th scope="col">Principals</th>${columns.map((name) => `<th scope="col">${xmlText(name)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...lines.map(
      (line) =>
        `<tr><th scope="row">${classOf(line)}</th>${line.cells.map((cell, index) => cellOf(cell, columns[index] ?? '')).join('')}</tr>`,
    ),
    '</tbody>',
    '</table>',
    '</div>',
    ...(left.length === 0
      ? []
      : [`<p>${left.join(' and ')} left out of this page. <code>--report jsonl=FILE</code> writes all.</p>`]),
  ]);
}
