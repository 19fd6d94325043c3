/*
 * src/report/html/ the pages of `--report html`: their content, and how they are drawn.
 */

import { ageText, counted, numberText, sentence } from '../../base/wording.ts';
import { ageInHours, defaultMaxAge } from '../../evidence/age.ts';
import { xmlAttribute, xmlText } from '../ci-escape.ts';
import type { PageCell, PageContent, PageTable } from './page-content.ts';
import { findingLines } from './page-findings.ts';
import { pageOf } from './page-head.ts';
import { matrixLines } from './page-matrix.ts';
import { badge, leftOutLine, pageSection } from './page-parts.ts';
import { pageScript, rowsAtOnce } from './page-script.ts';
import { marks } from './page-words.ts';
import { cellColors, type PageColumn } from './row-table.ts';

/*
 * The body of a page. Without its script, it shows all findings and the first rows.
 */

export function drawPage(content: PageContent): string {
  return pageOf(`${content.title}: ${content.answer}`, [
    ...bannerLines(content),
    '<main>',
    ...countLines(content),
    ...unreadLines(content),
    ...filterLines(content),
    ...findingLines(content),
    ...content.tables.flatMap(tableLines),
    ...passingLines(content),
    ...content.matrices.flatMap(matrixLines),
    ...rowLines(content),
    ...legendLines(content),
    ...aboutLines(content),
    '</main>',
    `<script type="application/json" id="data">${dataOf(content)}</script>`,
    `<script>${pageScript}</script>`,
  ]);
}

/** The first part of a page: the answer, what to do first, and the age of the data. */
export function bannerLines(content: PageContent): readonly string[] {
  const { title, words, answer, outcome, callout } = content;
  return [
    `<header class="banner ${marks[outcome].color}">`,
    `<p>${badge(outcome, words.answer)}<span class="faint">aurora-kms-check ${xmlText(title)}</span></p>`,
    `<h1>${xmlText(answer)}</h1>`,
    ...(callout === undefined
      ? []
      : [`<p class="callout" id="first"><strong>${xmlText(callout.title)}</strong> ${dated(callout.text)}</p>`]),
    ...readLines(content),
    '</header>',
  ];
}

/** Text whose dates stay on one line. */
function dated(text: string): string {
  return xmlText(text).replaceAll(/\d{4}-\d\d-\d\d/g, '<span class="date">$&</span>');
}

/** When the data was read from AWS, and whether that was long ago. */
function readLines({ evidenceAt, evaluatedAt }: PageContent): readonly string[] {
  if (evidenceAt === undefined) return [];
  const hours = ageInHours(evidenceAt, evaluatedAt);
  if (hours === undefined) return [`<p>Data read from AWS at ${xmlText(evidenceAt)}.</p>`];
  const when = `Data read from AWS on ${evidenceAt.slice(0, 10)} at ${evidenceAt.slice(11, 16)} UTC`;
  if (hours <= defaultMaxAge) return [`<p>${dated(when)}.</p>`];
  return [
    `<p><strong class="doubtful">! Old data:</strong> ${dated(when)}, ${ageText(hours)} before this page was made. Read AWS again before you act.</p>`,
  ];
}

/** The most evidence files that are named. */
const mostFiles = 10;

/** The source of the answer. */
function aboutLines({ evidenceAt, evidence, evaluatedAt, version }: PageContent): readonly string[] {
  const facts = [
    ...(evidenceAt === undefined ? [] : [['Data read from AWS', evidenceAt] as const]),
    ...evidence.slice(0, mostFiles).map(({ file, hash }) => [`SHA-256 of ${file}`, hash] as const),
    ...(evidence.length > mostFiles
      ? [['Data files', `${numberText(evidence.length - mostFiles)} more files`] as const]
      : []),
    ['Page made', evaluatedAt] as const,
    ['Version of aurora-kms-check', version] as const,
  ];
  return pageSection('about', 'About this page', [
    '<dl>',
    ...facts.map(([name, value]) => `<dt>${xmlText(name)}</dt><dd>${xmlText(value)}</dd>`),
    '</dl>',
  ]);
}

function countLines({ counts, figures, words }: PageContent): readonly string[] {
  const counting = (['fails', 'undetermined', 'exception', 'passes'] as const)
    .filter((one) => counts[one] > 0)
    .map((one) => ({
      count: counts[one],
      color: marks[one].color,
      what: `${marks[one].sign} ${(counts[one] === 1 ? words.one : words.many)[one]}`,
    }));
  return [
    '<ul class="counts">',
    ...(figures.length > 0 ? figures : counting).map(
      ({ count, what, color }) => `<li><strong class="${color}">${numberText(count)}</strong> ${xmlText(what)}</li>`,
    ),
    '</ul>',
  ];
}

/** If there are more, they are folded. */
const mostUnread = 5;

/** What was not read or not checked comes before everything that depends on it. */
export function unreadLines({ unread }: PageContent): readonly string[] {
  if (unread.length === 0) return [];
  const items = unread.map((text) => `<li>${xmlText(text)}</li>`);
  const more = items.slice(mostUnread);
  return pageSection('unread', 'What was not read, and notes', [
    '<ul>',
    ...items.slice(0, mostUnread),
    '</ul>',
    ...(more.length === 0
      ? []
      : [`<details><summary>${numberText(more.length)} more</summary><ul>`, ...more, '</ul></details>']),
  ]);
}

/** The fewest items that justify a filter or a list of choices. */
const fewest = 2;
const most = 200;

function filterLines({ rows, findings }: PageContent): readonly string[] {
  if (rows.length < fewest && findings.length < fewest) return [];
  return [
    '<form class="controls" hidden role="search" aria-label="Filter">',
    '<label>Filter this page by a name or a word<input id="filter" type="search" autocomplete="off"></label>',
    '</form>',
  ];
}

/** Choices for the table of all answers. */
function choiceLines({ columns, rows }: PageContent): readonly string[] {
  const choices = columns.flatMap(({ name, canChoose }, column) => {
    const values = [...new Set(rows.map((cells) => cells[column] ?? ''))].filter((value) => value !== '').toSorted();
    if (!canChoose || values.length < fewest || values.length > most) return [];
    const options = values.map((value) => `<option value="${xmlAttribute(value)}">${xmlText(value)}</option>`);
    return [
      `<label>${name}<select data-column="${column}"><option value="">all</option>${options.join('')}</select></label>`,
    ];
  });
  if (choices.length === 0) return [];
  return ['<form class="controls" hidden aria-label="Choose answers">', ...choices, '</form>'];
}

function tableLines({ id, title, columns, rows, rowsLeftOut }: PageTable): readonly string[] {
  if (rows.length === 0) return [];
  return pageSection(id, title, [
    '<table class="answers">',
    `<thead><tr>${columns.map((name) => `<th scope="col">${xmlText(name)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map((cells) => `<tr>${cells.map((one, at) => tableCell(one, columns[at] ?? '')).join('')}</tr>`),
    '</tbody>',
    '</table>',
    ...leftOutLine(rowsLeftOut, 'more line'),
  ]);
}

function tableCell({ lines, color }: PageCell, column: string): string {
  const [first = ''] = lines;
  const text = lines.length < 2 ? xmlText(first) : lines.map((line) => `<p>${xmlText(line)}</p>`).join('');
  return `<td data-label="${xmlAttribute(column)}"${color === undefined ? '' : ` class="${color}"`}>${text}</td>`;
}

function passingLines({ passing, passingLeftOut, findings }: PageContent): readonly string[] {
  if (passing.length === 0) return [];
  const list = [
    '<ul>',
    ...passing.map((text) => `<li><span class="good">✓</span> ${xmlText(sentence(text))}</li>`),
    ...(passingLeftOut === 0
      ? []
      : [`<li>And ${numberText(passingLeftOut)} more, all of which are in the table below.</li>`]),
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

function rowLines(content: PageContent): readonly string[] {
  const { columns, alike, rows, rowsLeftOut } = content;
  if (rows.length === 0) return [];
  const all = rows.length + rowsLeftOut;
  const first = rows.slice(0, rowsAtOnce);
  return pageSection('answers', 'All answers', [
    ...choiceLines(content),
    `<p id="shown-count" role="status">Showing ${numberText(first.length)} of ${counted(all, 'answer')}.</p>`,
    ...(rowsLeftOut === 0
      ? []
      : [
          `<p>This page holds ${numberText(rows.length)} of them: more would be slow to open. <code>--report jsonl=FILE</code> writes all.</p>`,
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

function rowCell(text: string, column: PageColumn | undefined): string {
  const classes = [...(column?.isShort === true ? ['short'] : []), ...(cellColors[text] ?? [])];
  return `<td data-label="${xmlAttribute(column?.name ?? '')}" class="${classes.join(' ')}">${xmlText(text)}</td>`;
}

/** Each text once. A row refers to its texts by their numbers. No text can end the element. */
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

function legendLines({ words }: PageContent): readonly string[] {
  return pageSection('legend', 'How to read this page', [
    '<ul>',
    ...words.legend.map(
      ({ sign, color, word, means }) => `<li><span class="${color}">${sign} ${word}</span>: ${xmlText(means)}</li>`,
    ),
    '<li>The page says nothing about things that it does not name. It is as old as the data that was read from AWS.</li>',
    '</ul>',
  ]);
}
