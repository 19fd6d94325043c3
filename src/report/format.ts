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

/** Everything that the program can show, by the kind of answer. */
export interface Answers {
  /** Operation commands and `diagnose`. */
  readonly check: ReportStream;
  readonly diff: DiffReport;
  /** `seconds`: how long the run took. Absent: it was not measured. */
  readonly preflight: { readonly report: PreflightReport; readonly seconds?: number };
  readonly whoCan: WhoCanReport;
  readonly audit: AuditReport;
  readonly keyImpact: KeyImpactReport;
  /** `evidence check`. `maxAge`: in hours. */
  readonly inventory: { readonly inventory: InventoryReport; readonly maxAge: number };
  /** `operations NAME`: everything about each operation. */
  readonly operations: readonly DescribedOperation[];
  /** `operations`: one line for each operation. */
  readonly operationList: readonly Operation[];
  /** `permissions`: an IAM policy. */
  readonly policy: object;
  /** The error of a run without an answer, on standard error. */
  readonly failure: ReportedFailure;
  /** The error in place of the answer: in a file of --report, or in the output of a CI system. */
  readonly noAnswer: ReportedFailure;
}

export interface ReportedFailure {
  readonly exitCode: number;
  readonly message: string;
  /** What to do about the error. */
  readonly next?: string;
  /** The command that should have answered. Absent: no command was named. */
  readonly command?: string;
  /** The version of the tool. */
  readonly version?: string;
}

export type AnswerKind = keyof Answers;

/** One text, or pieces that are made while they are read. */
export type Drawn = string | Generator<string>;

export type Draw<Kind extends AnswerKind> = (answer: Answers[Kind], style: ReportStyle) => Drawn;

/** The functions that draw some kinds of answers in one format. */
export type Draws<Kind extends AnswerKind> = { readonly [One in Kind]: Draw<One> };

/** The pieces of a drawing, one by one. */
export function piecesOf(drawn: Drawn): Iterable<string> {
  return typeof drawn === 'string' ? [drawn] : drawn;
}
