import type { AuditReport } from '../contract/audit-report.ts';
import type { DiffReport } from '../contract/diff-report.ts';
import type { InventoryReport } from '../contract/inventory-report.ts';
import type { KeyImpactReport } from '../contract/key-impact-report.ts';
import type { PreflightReport } from '../contract/preflight-report.ts';
import type { ReportStream } from '../contract/report-stream.ts';
import type { WhoCanReport } from '../contract/who-can-report.ts';
import type { Operation } from '../operations/operation.ts';
import type { DescribedOperation } from './catalogue.ts';
import type { ReportStyle } from './style.ts';

/** Everything that the program can be asked to show, by the kind of answer. */
export interface Answers {
  /** Operation commands and `diagnose`. */
  readonly check: ReportStream;
  readonly diff: DiffReport;
  /** `seconds`: how long it took. Absent: nobody measured it. */
  readonly preflight: { readonly report: PreflightReport; readonly seconds?: number };
  readonly whoCan: WhoCanReport;
  readonly audit: AuditReport;
  readonly keyImpact: KeyImpactReport;
  /** `evidence check`. `maxAge`: in hours. */
  readonly inventory: { readonly inventory: InventoryReport; readonly maxAge: number };
  /** `operations NAME`: everything about each. */
  readonly operations: readonly DescribedOperation[];
  /** `operations`: a line for each. */
  readonly operationList: readonly Operation[];
  /** `permissions`: an IAM policy. */
  readonly policy: object;
  /** What a run ends with that has no answer; it goes to standard error. */
  readonly failure: ReportedFailure;
  /**
   * The same where the answer would have been: in a file of --report, or in the output of a CI
   * system.
   */
  readonly noAnswer: ReportedFailure;
}

export interface ReportedFailure {
  readonly exitCode: number;
  readonly message: string;
  /** What to do about it. */
  readonly next?: string;
  /** The command that was to answer. Absent: none was named. */
  readonly command?: string;
  /** The version of the tool. */
  readonly version?: string;
}

export type AnswerKind = keyof Answers;

/** Whole, or in pieces that are made while they are taken. */
export type Drawn = string | Generator<string>;

export type Draw<Kind extends AnswerKind> = (answer: Answers[Kind], style: ReportStyle) => Drawn;

/** What draws each of some kinds of answers in one format. */
export type Draws<Kind extends AnswerKind> = { readonly [One in Kind]: Draw<One> };

/** The pieces of what was drawn, as they are made. */
export function piecesOf(drawn: Drawn): Iterable<string> {
  return typeof drawn === 'string' ? [drawn] : drawn;
}
