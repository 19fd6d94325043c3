import type { Report, ReportedFix, Result } from './report.ts';

/*
 * A report in the order in which it is made, so that it can be written without being in memory as a
 * whole.
 */

export type ReportHead = Pick<Report, 'reportVersion' | 'tool' | 'evaluatedAt' | 'evidenceAt' | 'assumed'>;

/** The parts that follow from all results. */
export type ReportRest = Omit<Report, keyof ReportHead | 'results' | 'fixes'>;

/** A result, with those of its fixes that no earlier result has. */
export interface StreamedResult {
  readonly result: Result;
  readonly fixes: readonly ReportedFix[];
}

export interface ReportStream {
  readonly head: ReportHead;
  /** The results are made while they are read, and can be read once. */
  readonly results: Iterable<StreamedResult>;
  /** Call this after all results were read. */
  readonly rest: () => ReportRest;
}

/** The complete report. Reads all results. */
export function wholeOf({ head, results, rest }: ReportStream): Report {
  const all = [...results];
  return {
    ...head,
    results: all.map(({ result }) => result),
    fixes: all.flatMap(({ fixes }) => fixes),
    ...rest(),
  };
}

/** A stream of a complete report. */
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
