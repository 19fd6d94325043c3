/*
 * src/report/html/ the pages of `--report html`: what they hold, and how they are drawn.
 */

import { shortName } from '../../base/arn.ts';
import { counted, sentence } from '../../base/wording.ts';
import type { CaseOutcome } from '../cases.ts';
import { xmlAttribute, xmlText } from '../ci-escape.ts';
import type { Color } from '../style.ts';
import { type Matrix, type MatrixCell, type MatrixLine, wordOf } from './matrix.ts';
import type { PageContent, PageFinding, PageTable } from './page-content.ts';
import { pageOf } from './page-head.ts';
import { pageScript, rowsAtOnce } from './page-script.ts';
import type { PageColumn } from './row-table.ts';

/*
 * The body of a page. Without its script it shows all findings and the first rows.
 */

const marks: Readonly<Record<CaseOutcome, { readonly word: string; readonly sign: string; readonly color: Color }>> = {
  fails: { word: 'fails', sign: '✗', color: 'bad' },
  undetermined: { word: 'undetermined', sign: '?', color: 'doubtful' },
  exception: { word: 'exception', sign: '–', color: 'faint' },
  noted: { word: 'noted', sign: '–', color: 'faint' },
  passes: { word: 'passes', sign: '✓', color: 'good' },
};

export function drawPage(content: PageContent): string {
  return pageOf(`${content.title}: ${content.answer}`, [
    ...bannerLines(content),
    '<main>',
    ...countLines(content),
    ...unreadLines(content),
    ...filterLines(content),
    ...findingLines(content),
    ...passingLines(content),
    ...content.matrices.flatMap(matrixLines),
    ...content.tables.flatMap(tableLines),
    ...rowLines(content),
    ...legend,
    '</main>',
    `<script type="application/json" id="data">${dataOf(content)}</script>`,
    `<script>${pageScript}</script>`,
  ]);
}

/** The head that a reader sees: the answer and its sources. */
export function bannerLines({ title, answer, outcome, ...facts }: PageContent): readonly string[] {
  return [
    `<header class="banner ${marks[outcome].color}">`,
    `<p>${badge(outcome)}<span class="faint">aurora-kms-check ${xmlText(title)}</span></p>`,
    `<h1>${xmlText(answer)}</h1>`,
    ...factLines(facts),
    '</header>',
  ];
}

function badge(outcome: CaseOutcome): string {
  const { word, sign, color } = marks[outcome];
  return `<span class="badge ${color}">${sign} ${word}</span>`;
}

/** Files of evidence that are named. */
const mostFiles = 10;

function factLines({
  evidenceAt,
  evidence,
  evaluatedAt,
  version,
}: Pick<PageContent, 'evidenceAt' | 'evidence' | 'evaluatedAt' | 'version'>): readonly string[] {
  const facts = [
    ...(evidenceAt === undefined ? [] : [['Evidence read', evidenceAt] as const]),
    ...evidence.slice(0, mostFiles).map(({ file, hash }) => [`SHA-256 of ${file}`, hash] as const),
    ...(evidence.length > mostFiles ? [['Evidence', `${evidence.length - mostFiles} more files`] as const] : []),
    ['Answered', evaluatedAt] as const,
    ['Version', version] as const,
  ];
  return ['<dl>', ...facts.map(([name, value]) => `<dt>${xmlText(name)}</dt><dd>${xmlText(value)}</dd>`), '</dl>'];
}

function countLines({ counts, figures }: PageContent): readonly string[] {
  if (figures.length > 0)
    return [
      '<ul class="counts">',
      ...figures.map(
        ({ count, what, color }) => `<li><strong class="${color}">${number(count)}</strong> ${xmlText(what)}</li>`,
      ),
      '</ul>',
    ];
  const shown = (['fails', 'undetermined', 'exception', 'passes'] as const).filter((one) => counts[one] > 0);
  const words = { fails: 'fail', undetermined: 'undetermined', exception: 'excepted', passes: 'pass' } as const;
  return [
    '<ul class="counts">',
    ...shown.map(
      (one) =>
        `<li><strong class="${marks[one].color}">${number(counts[one])}</strong> ${marks[one].sign} ${counts[one] === 1 ? marks[one].word : words[one]}</li>`,
    ),
    '</ul>',
  ];
}

/** What was not read or not checked: before everything that depends on it. */
export function unreadLines({ unread }: PageContent): readonly string[] {
  if (unread.length === 0) return [];
  return pageSection('unread', 'Read this first', [
    '<ul>',
    ...unread.map((text) => `<li>${xmlText(text)}</li>`),
    '</ul>',
  ]);
}

/** The fewest choices that are worth a list. */
const fewest = 2;
const most = 200;

function filterLines({ columns, rows, findings }: PageContent): readonly string[] {
  if (rows.length < fewest && findings.length < fewest) return [];
  const choices = ['Severity', 'Verdict', 'Account', 'Operation'].flatMap((name) => {
    const column = columns.findIndex((one) => one.name === name);
    const values = [...new Set(rows.map((cells) => cells[column] ?? ''))].filter((value) => value !== '').toSorted();
    if (column === -1 || values.length < fewest || values.length > most) return [];
    const options = values.map((value) => `<option value="${xmlAttribute(value)}">${xmlText(value)}</option>`);
    return [
      `<label>${name}<select data-column="${column}"><option value="">all</option>${options.join('')}</select></label>`,
    ];
  });
  return [
    '<form class="controls" hidden role="search" aria-label="Filter">',
    '<label>Filter by a name or a word<input id="filter" type="search" autocomplete="off"></label>',
    ...choices,
    '</form>',
  ];
}

function findingLines({ findings, findingsLeftOut }: PageContent): readonly string[] {
  if (findings.length === 0) return [];
  return pageSection('findings', 'Findings, the worst first', [
    ...findings.flatMap(findingOf),
    ...(findingsLeftOut === 0
      ? []
      : [
          `<p>${counted(findingsLeftOut, 'more finding')} ${findingsLeftOut === 1 ? 'is' : 'are'} left out of this page. <code>--report jsonl=FILE</code> writes all.</p>`,
        ]),
  ]);
}

function findingOf({ outcome, severity, says, details }: PageFinding): readonly string[] {
  return [
    `<details><summary>${findingBadges(outcome, severity)}${xmlText(says)}</summary>`,
    details.length === 0
      ? '<p>Nothing more is known.</p>'
      : `<ul>${details.map((text) => `<li>${xmlText(text)}</li>`).join('')}</ul>`,
    '</details>',
  ];
}

/** A finding with a severity holds, unless its badge says something else. */
function findingBadges(outcome: CaseOutcome, severity: string | undefined): string {
  if (severity === undefined) return badge(outcome);
  const { sign, color } = marks[outcome];
  const level = `<span class="badge ${color}">${outcome === 'fails' ? `${sign} ` : ''}${xmlText(severity)}</span>`;
  return outcome === 'fails' || outcome === 'noted' ? level : `${badge(outcome)}${level}`;
}

function tableLines({ id, title, columns, rows, rowsLeftOut }: PageTable): readonly string[] {
  if (rows.length === 0) return [];
  return pageSection(id, title, [
    '<table class="answers">',
    `<thead><tr>${columns.map((name) => `<th scope="col">${xmlText(name)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map(
      (cells) =>
        `<tr>${cells.map((text, at) => `<td data-label="${xmlAttribute(columns[at] ?? '')}">${xmlText(text)}</td>`).join('')}</tr>`,
    ),
    '</tbody>',
    '</table>',
    ...(rowsLeftOut === 0
      ? []
      : [
          `<p>${counted(rowsLeftOut, 'more line')} left out of this page. <code>--report jsonl=FILE</code> writes all.</p>`,
        ]),
  ]);
}

function passingLines({ passing, passingLeftOut, findings }: PageContent): readonly string[] {
  if (passing.length === 0) return [];
  const list = [
    '<ul>',
    ...passing.map((text) => `<li><span class="good">✓</span> ${xmlText(sentence(text))}</li>`),
    ...(passingLeftOut === 0
      ? []
      : [`<li>And ${number(passingLeftOut)} more, all of which are in the table below.</li>`]),
    '</ul>',
  ];
  const title = findings.length === 0 ? 'In short' : 'What passes';
  return pageSection(
    'passing',
    title,
    findings.length === 0
      ? list
      : [`<details><summary>${counted(passing.length + passingLeftOut, 'answer')}</summary>`, ...list, '</details>'],
  );
}

const cellMarks = {
  succeeds: marks.passes,
  fails: marks.fails,
  undetermined: marks.undetermined,
  'some succeed': { word: 'some succeed', sign: '◐', color: 'doubtful' },
  'not asked': { word: 'not asked', sign: '–', color: 'faint' },
} as const;

function cellOf(cell: MatrixCell): string {
  const is = wordOf(cell);
  const { sign, color } = cellMarks[is];
  const whole = cell.succeeds + cell.fails + cell.undetermined;
  const text = is === 'some succeed' ? `${number(cell.succeeds)} of ${number(whole)} succeed` : is;
  return `<td class="${color}">${sign} ${text}</td>`;
}

/** Names of a class that are listed; the table below has all. */
const mostNames = 100;

function classOf({ principals: [first, ...others] }: MatrixLine): string {
  if (others.length === 0) return xmlText(shortName(first));
  const names = others.slice(0, mostNames).map((arn) => `<li>${xmlText(shortName(arn))}</li>`);
  const rest = others.length > mostNames ? `<li>and ${number(others.length - mostNames)} more</li>` : '';
  return `<details><summary>${xmlText(shortName(first))} and ${number(others.length)} more</summary><ul>${names.join('')}${rest}</ul></details>`;
}

function matrixLines(matrix: Matrix, at: number): readonly string[] {
  const { operation, account, columns, lines, linesLeftOut, columnsLeftOut } = matrix;
  const title = `Who can run ${operation} under the keys of account ${account}`;
  const left = [
    ...(linesLeftOut === 0 ? [] : [counted(linesLeftOut, 'more line')]),
    ...(columnsLeftOut === 0 ? [] : [counted(columnsLeftOut, 'more key')]),
  ];
  return pageSection(`matrix-${at}`, title, [
    `<div class="scroll" role="region" tabindex="0" aria-label="${xmlAttribute(`Table: ${title}`)}">`,
    '<table class="matrix">',
    '<caption>Principals with the same answers share a line.</caption>',
    `<thead><tr><th scope="col">Principals</th>${columns.map((name) => `<th scope="col">${xmlText(name)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...lines.map((line) => `<tr><th scope="row">${classOf(line)}</th>${line.cells.map(cellOf).join('')}</tr>`),
    '</tbody>',
    '</table>',
    '</div>',
    ...(left.length === 0
      ? []
      : [`<p>${left.join(' and ')} left out of this page. <code>--report jsonl=FILE</code> writes all.</p>`]),
  ]);
}

function rowLines({ columns, alike, rows, rowsLeftOut }: PageContent): readonly string[] {
  if (rows.length === 0) return [];
  const all = rows.length + rowsLeftOut;
  const first = rows.slice(0, rowsAtOnce);
  return pageSection('answers', 'All answers', [
    `<p id="told" role="status">Showing ${number(first.length)} of ${counted(all, 'answer')}.</p>`,
    ...(rowsLeftOut === 0
      ? []
      : [
          `<p>This page holds ${number(rows.length)} of them: more would be slow to open. <code>--report jsonl=FILE</code> writes all.</p>`,
        ]),
    '<table class="answers">',
    ...(alike.length === 0
      ? []
      : [
          `<caption>In every row: ${alike.map(([name, text]) => `${name === 'Region' ? name : name.toLowerCase()} ${xmlText(text)}`).join(', ')}.</caption>`,
        ]),
    `<thead><tr>${columns.map(({ name }) => `<th scope="col">${xmlText(name)}</th>`).join('')}</tr></thead>`,
    '<tbody id="rows">',
    ...first.map((cells) => `<tr>${cells.map((text, at) => rowCell(text, columns[at])).join('')}</tr>`),
    '</tbody>',
    '</table>',
    `<p class="controls" hidden><button id="more" type="button">Show ${rowsAtOnce} more</button></p>`,
  ]);
}

/** The colors of what a cell of the table can say. */
const cellColors: Readonly<Record<string, readonly [Color]>> = {
  '✓ succeeds': ['good'],
  '✗ fails': ['bad'],
  '? undetermined': ['doubtful'],
};

function rowCell(text: string, column: PageColumn | undefined): string {
  const classes = [...(column?.isShort === true ? ['short'] : []), ...(cellColors[text] ?? [])];
  return `<td data-label="${xmlAttribute(column?.name ?? '')}" class="${classes.join(' ')}">${xmlText(text)}</td>`;
}

/** Each text once; a row refers to its texts by their numbers. Nothing in it ends the element. */
function dataOf({ columns, rows }: PageContent): string {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text) ?? numbers.size;
    numbers.set(text, known);
    return known;
  };
  const numbered = rows.map((cells) => cells.map(numberOf));
  return JSON.stringify({ columns, colors: cellColors, texts: [...numbers.keys()], rows: numbered }).replaceAll(
    '<',
    String.raw`\u003c`,
  );
}

/** A part of a page with a title. */
export function pageSection(id: string, title: string, lines: readonly string[]): readonly string[] {
  return [
    `<section id="${id}" aria-labelledby="${id}-title">`,
    `<h2 id="${id}-title">${xmlText(title)}</h2>`,
    ...lines,
    '</section>',
  ];
}

function number(count: number): string {
  return count.toLocaleString('en');
}

const legend = pageSection('legend', 'How to read this page', [
  '<ul>',
  '<li><span class="good">✓ succeeds</span>: every call that the operation needs is allowed, and no precondition is known to be unmet.</li>',
  '<li><span class="bad">✗ fails</span>: a policy stops a call that the operation needs, or a precondition is not met.</li>',
  '<li><span class="doubtful">? undetermined</span>: the answer depends on a fact that was not read or that AWS does not publish. It is neither yes nor no.</li>',
  '<li>What the page does not name was not asked. The answers are as old as the evidence.</li>',
  '</ul>',
]);
