import { sentence, withoutStop } from '../../base/wording.ts';
import { type CaseOutcome, type CaseReport, outcomesOf } from '../cases.ts';
import type { AnsweredRow } from '../row.ts';
import type { Color, HashedFile } from '../style.ts';
import { type Matrix, matricesOf } from './matrix.ts';
import { type PageColumn, type PageRow, type RowTable, tableOf } from './row-table.ts';

/*
 * What stands on a page, whatever the command was: the cases that CI systems count are its
 * findings, the flat rows its table. Nothing is decided here.
 */

export interface PageFinding {
  readonly outcome: CaseOutcome;
  /** Absent: the answer has no severities. */
  readonly severity?: string | undefined;
  readonly says: string;
  /** In sentences. */
  readonly details: readonly string[];
}

/** A number that a reader sees first. */
export interface PageFigure {
  readonly count: number;
  readonly what: string;
  readonly color: Color;
}

/** A table of its own, read without the script. */
export interface PageTable {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly rowsLeftOut: number;
}

export interface PageContent {
  /** What was asked, in a word or two. */
  readonly title: string;
  readonly answer: string;
  readonly outcome: CaseOutcome;
  readonly version: string;
  readonly evaluatedAt: string;
  /** When the evidence was read. Undefined: the answer does not say. */
  readonly evidenceAt: string | undefined;
  readonly evidence: readonly HashedFile[];
  readonly counts: Readonly<Record<CaseOutcome, number>>;
  /** Instead of the counts. Empty: the counts. */
  readonly figures: readonly PageFigure[];
  /** What was not read or not checked, in sentences. */
  readonly unread: readonly string[];
  /** Cases that do not pass, the worst first. */
  readonly findings: readonly PageFinding[];
  readonly findingsLeftOut: number;
  /** Cases that pass, in sentences. */
  readonly passing: readonly string[];
  readonly passingLeftOut: number;
  readonly matrices: readonly Matrix[];
  readonly tables: readonly PageTable[];
  readonly columns: readonly PageColumn[];
  readonly alike: RowTable['alike'];
  readonly rows: readonly PageRow[];
  readonly rowsLeftOut: number;
}

/** An answer before it is cut to the size of a page. */
export interface PageAnswer {
  readonly report: CaseReport;
  readonly rows: readonly AnsweredRow[];
  /** The rows tell of every principal that was asked, and not only of what is wrong. */
  readonly isComplete: boolean;
  readonly evidenceAt: string | undefined;
  readonly evidence: readonly HashedFile[];
  /** The alias of each key, by ARN. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly figures?: readonly PageFigure[];
  readonly tables?: readonly PageTable[];
}

/** A browser shows so many findings in half a second. */
const mostFindings = 1000;
const mostPassing = 200;

export function pageContent(page: PageAnswer): PageContent {
  const { report, rows, isComplete, evidenceAt, evidence, aliases, figures = [], tables = [] } = page;
  const { suite, answer, verdict, cases, notes, version, evaluatedAt } = report;
  // What was not read stands before the findings.
  const unread = cases.filter(({ code }) => code === 'not-read');
  const wrong = cases.filter(({ outcome, code }) => outcome !== 'passes' && code !== 'not-read');
  const passing = cases.filter(({ outcome }) => outcome === 'passes');
  const { columns, alike, kept } = tableOf(rows, aliases);
  return {
    title: suite,
    answer,
    outcome: verdict === 'succeeds' ? 'passes' : verdict,
    version,
    evaluatedAt,
    evidenceAt,
    evidence,
    counts: outcomesOf(cases),
    figures,
    unread: [...unread.map(({ says }) => sentence(withoutStop(says))), ...notes],
    findings: wrong
      .slice(0, mostFindings)
      .map(({ outcome, severity, says, details }) => ({ outcome, severity, says, details })),
    findingsLeftOut: Math.max(0, wrong.length - mostFindings),
    passing: passing.slice(0, mostPassing).map(({ says }) => says),
    passingLeftOut: Math.max(0, passing.length - mostPassing),
    tables,
    matrices: isComplete ? matricesOf(rows, aliases) : [],
    columns,
    alike,
    rows: kept,
    rowsLeftOut: rows.length - kept.length,
  };
}
