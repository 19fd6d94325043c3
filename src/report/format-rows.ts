import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { AnswerKind } from './format.ts';

/** One row of the registry: a format, and the kinds of answers that it can show. */
interface FormatRow {
  readonly name: string;
  readonly shows: readonly AnswerKind[];
  /**
   * `file`: only for --report. `log`: only for --report, written where a CI system reads the
   * output. Absent: also for --output.
   */
  readonly use?: 'file' | 'log';
  /** The format is useless without a file to point to. */
  readonly needsPlace?: true;
}

/** Answers to questions. They can be shown as cases and flat rows. */
const answered = ['check', 'diff', 'preflight', 'whoCan', 'audit', 'keyImpact'] as const;

export type AnsweredKind = (typeof answered)[number];

const cases = [...answered, 'noAnswer'] as const;

/**
 * The registry of output formats, in the order of help. The code that draws them is elsewhere,
 * because most runs need one format but all need the names.
 */
const rows = [
  { name: 'text', shows: [...cases, 'inventory', 'operations', 'operationList', 'failure'] },
  { name: 'markdown', shows: [...cases, 'operations'] },
  { name: 'json', shows: [...cases, 'inventory', 'operations', 'policy', 'failure'] },
  { name: 'jsonl', shows: cases },
  { name: 'csv', shows: cases },
  { name: 'html', shows: cases, use: 'file' },
  { name: 'junit', shows: cases, use: 'file' },
  { name: 'junit-strict', shows: cases, use: 'file' },
  { name: 'sarif', shows: cases, use: 'file', needsPlace: true },
  { name: 'gitlab', shows: cases, use: 'file', needsPlace: true },
  { name: 'github', shows: cases, use: 'log' },
  { name: 'azure', shows: cases, use: 'log' },
] as const satisfies readonly FormatRow[];

type Row = (typeof rows)[number];

export type FormatName = Row['name'];

/** The kinds of answers that a format can show. */
export type ShownIn<Name extends FormatName> = Extract<Row, { readonly name: Name }>['shows'][number];

const formatRows: readonly FormatRow[] = rows;

/** The default format. */
export const defaultFormat = 'text' satisfies FormatName;

/** The format of the summary of a job. */
export const summaryFormat = 'markdown' satisfies FormatName;

/** The names of the formats for a kind of answer (--output). */
export function formatNames(kind: AnswerKind): readonly string[] {
  return formatRows.filter(({ shows, use }) => shows.includes(kind) && use === undefined).map(({ name }) => name);
}

/** A format of --report. */
export interface ReportFormat {
  readonly name: string;
  /** The report goes where a CI system reads the output, not into a file. */
  readonly isLog: boolean;
  readonly needsPlace: boolean;
}

/** The formats of --report. */
export const reportFormats: readonly ReportFormat[] = formatRows
  .filter(({ shows }) => shows.includes('check'))
  .map(({ name, use, needsPlace = false }) => ({ name, isLog: use === 'log', needsPlace }));

/** An error about an unknown format, with the formats of this kind of answer. */
export function unknownFormat(kind: AnswerKind, name: string): Failure {
  return new Failure('input', `unknown format \`${name}\``, `the formats are ${list(formatNames(kind))}`);
}
