import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { AnswerKind } from './format.ts';

/** One row of the registry: a format, and the kinds of answers that it can show. */
interface FormatRow {
  readonly name: string;
  readonly shows: readonly AnswerKind[];
  /**
   * `file`: for --report alone; `log`: the same, to where a CI system reads the output. Absent: for
   * --output, too.
   */
  readonly use?: 'file' | 'log';
  /** It is worth nothing without a file to point at. */
  readonly needsPlace?: true;
}

/** Answers to questions, which come to cases and flat rows. */
const answered = ['check', 'diff', 'preflight', 'whoCan', 'audit', 'keyImpact'] as const;

export type AnsweredKind = (typeof answered)[number];

const cases = [...answered, 'noAnswer'] as const;

/**
 * The one registry of output formats, in the order in which help names them. What draws them stands
 * elsewhere: most runs need one format, and all need the names.
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

/** The formats in which a kind of answer can be shown (--output), by name. */
export function formatNames(kind: AnswerKind): readonly string[] {
  return formatRows.filter(({ shows, use }) => shows.includes(kind) && use === undefined).map(({ name }) => name);
}

/** A format of --report. */
export interface ReportFormat {
  readonly name: string;
  /** It goes to where a CI system reads the output, and not into a file. */
  readonly isLog: boolean;
  readonly needsPlace: boolean;
}

/** The formats of --report. */
export const reportFormats: readonly ReportFormat[] = formatRows
  .filter(({ shows }) => shows.includes('check'))
  .map(({ name, use, needsPlace = false }) => ({ name, isLog: use === 'log', needsPlace }));

/** That a kind of answer has no format of this name, with the names of those that it has. */
export function unknownFormat(kind: AnswerKind, name: string): Failure {
  return new Failure('input', `unknown format \`${name}\``, `the formats are ${list(formatNames(kind))}`);
}
