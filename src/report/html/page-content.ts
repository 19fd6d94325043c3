import { runsOf } from '../../base/group.ts';
import { sentence, withoutStop } from '../../base/wording.ts';
import { type Case, type CaseOutcome, type CaseReport, outcomesOf } from '../cases.ts';
import type { AnsweredKind } from '../format-rows.ts';
import type { AnsweredRow } from '../row.ts';
import type { Color, HashedFile } from '../style.ts';
import { type Matrix, matricesOf } from './matrix.ts';
import { type PageWords, pageWords } from './page-words.ts';
import { type PageColumn, type PageRow, type RowTable, tableOf } from './row-table.ts';

/*
 * The content of a page, for any command. Its findings are the cases that CI systems count, and its
 * table has the flat rows. Nothing is decided here.
 */

export interface PageFinding {
  readonly outcome: CaseOutcome;
  /** Absent: this kind of answer has no severities. */
  readonly severity?: string | undefined;
  readonly says: string;
  /** In sentences. */
  readonly details: readonly string[];
}

/** Neighboring findings. With a title: they are similar and folded into one line. */
export interface PageGroup {
  readonly title?: string;
  readonly findings: readonly [PageFinding, ...PageFinding[]];
}

/** A number that a reader sees first. */
export interface PageFigure {
  readonly count: number;
  readonly what: string;
  readonly color: Color;
}

/** What a reader must see before everything else. */
export interface PageCallout {
  readonly title: string;
  /** In sentences. */
  readonly text: string;
}

/** Each line is a paragraph. The color applies to the first. */
export interface PageCell {
  readonly lines: readonly string[];
  readonly color?: Color;
}

/** A separate table, which needs no script. */
export interface PageTable {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly PageCell[])[];
  readonly rowsLeftOut: number;
}

export interface PageContent {
  /** The question, in a word or two. */
  readonly title: string;
  readonly words: PageWords;
  readonly answer: string;
  readonly callout: PageCallout | undefined;
  readonly outcome: CaseOutcome;
  readonly version: string;
  readonly evaluatedAt: string;
  /** When the evidence was read. Undefined: the answer does not say. */
  readonly evidenceAt: string | undefined;
  readonly evidence: readonly HashedFile[];
  readonly counts: Readonly<Record<CaseOutcome, number>>;
  /** Shown instead of the counts. Empty: the counts are shown. */
  readonly figures: readonly PageFigure[];
  /** What was not read or not checked, in sentences. */
  readonly unread: readonly string[];
  /** Cases that do not pass, with the worst first. */
  readonly findings: readonly PageGroup[];
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

/** Parts that only some kinds of answers have. */
export interface PagePart {
  readonly figures: readonly PageFigure[];
  readonly tables: readonly PageTable[];
  readonly callout?: PageCallout;
}

/** An answer before it is cut to the size of a page. */
export interface PageAnswer {
  readonly kind: AnsweredKind;
  readonly report: CaseReport;
  readonly rows: readonly AnsweredRow[];
  /** The rows have every principal that was checked, not only problems. */
  readonly isComplete: boolean;
  readonly evidenceAt: string | undefined;
  readonly evidence: readonly HashedFile[];
  /** The alias of each key, by ARN. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The part of an account. Undefined: everything. */
  readonly partOf?: (account: string | undefined) => PagePart;
}

/** The most findings: a browser shows this many in half a second. */
const mostFindings = 1000;
const mostPassing = 200;

/** Kinds of answers whose cases are in a separate table. */
const tabled: ReadonlySet<AnsweredKind> = new Set(['keyImpact']);

/** `account`: the page is only about this account, and `page` has only its cases and rows. */
export function pageContent(page: PageAnswer, account?: string): PageContent {
  const { kind, report, rows, isComplete, evidenceAt, evidence, aliases, partOf } = page;
  const { suite, answer, verdict, notes, version, evaluatedAt } = report;
  const { figures, tables, callout } = partOf?.(account) ?? { figures: [], tables: [] };
  // The headline already says this.
  const cases = report.cases.filter(({ says, details }) => says !== answer || details.length > 0);
  // What was not read comes before the findings.
  const unread = cases.filter(({ code }) => code === 'not-read');
  const wrong = cases.filter(({ outcome, code }) => outcome !== 'passes' && code !== 'not-read' && !tabled.has(kind));
  const passing = cases.filter(({ outcome }) => outcome === 'passes' && tables.length === 0);
  const { columns, alike, kept } = tableOf(rows, aliases, kind);
  return {
    title: suite,
    words: pageWords[kind],
    answer,
    callout,
    outcome: verdict === 'succeeds' ? 'passes' : verdict,
    version,
    evaluatedAt,
    evidenceAt,
    evidence,
    counts: outcomesOf(report.cases),
    figures,
    unread: [...unread.map(({ says }) => sentence(withoutStop(says))), ...notes],
    findings: groupsOf(wrong.slice(0, mostFindings)),
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

/** Up to this many similar findings are shown one by one, as in text. */
const mostInFull = 3;

/** Folds similar neighbors, so that the order stays that of the report. */
function groupsOf(wrong: readonly Case[]): readonly PageGroup[] {
  const alike = runsOf(wrong, ({ group = '', outcome, severity }) => [group, outcome, severity].join('\n'));
  return alike.flatMap(([, run]): readonly PageGroup[] => {
    const [first] = run;
    const [one, ...others] = run.map(({ outcome, severity, says, details }) => ({ outcome, severity, says, details }));
    if (one === undefined) return [];
    if (first.group !== undefined && run.length > mostInFull)
      return [{ title: first.group, findings: [one, ...others] }];
    return [one, ...others].map((finding) => ({ findings: [finding] }));
  });
}
