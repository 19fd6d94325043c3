import { plain, type ReportStyle } from '../src/report/style.ts';

/** The default style of a report, with the given changes. */
export function styleOf(more: Partial<ReportStyle> = {}): ReportStyle {
  return { paint: plain, width: 80, verbose: false, listAll: false, fix: 'steps', ...more };
}
