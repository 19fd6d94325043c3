import type { Report, ReportedFix, Result } from './report.ts';

/*
 * A report in the order in which it is made, so that it can be written without being held whole.
 */

export type ReportHead = Pick<Report, 'reportVersion' | 'tool' | 'evaluatedAt' | 'evidenceAt' | 'assumed'>;

/** What follows from all results. */
export type ReportRest = Omit<Report, keyof ReportHead | 'results' | 'fixes'>;

/** A result, with those of its fixes that no earlier result refers to. */
export interface StreamedResult {
  readonly result: Result;
  readonly fixes: readonly ReportedFix[];
}

export interface ReportStream {
  readonly head: ReportHead;
  /** They are made while they are taken, once. */
  readonly results: Iterable<StreamedResult>;
  /** To be asked for when all results were taken. */
  readonly rest: () => ReportRest;
}

/** The whole report. Takes all results. */
export function wholeOf({ head, results, rest }: ReportStream): Report {
  const all = [...results];
  return {
    ...head,
    results: all.map(({ result }) => result),
    fixes: all.flatMap(({ fixes }) => fixes),
    ...rest(),
  };
}

/** A report that is there already. */
export function streamOf(report: Report): ReportStream {
  const { reportVersion, tool, evaluatedAt, evidenceAt, assumed, results, fixes, ...rest } = report;
  const byId = new Map(fixes.map((fix) => [fix.id, fix]));
  const head = { reportVersion, tool, evaluatedAt, evidenceAt, ...(assumed === undefined ? {} : { assumed }) };
  return {
    head,
    results: results.map((result) => ({
      result,
      fixes: result.fixes.flatMap((id) => {
        const fix = byId.get(id);
        byId.delete(id);
        return fix ?? [];
      }),
    })),
    rest: () => rest,
  };
}
