import type { Report } from '../contract/report.ts';

/** One JSON document, its keys in the order of the report, with a newline at the end. */
export function json(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
