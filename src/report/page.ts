import type { ReportedFix } from '../contract/report.ts';
import type { FixView, Paint } from './style.ts';
import type { Sign } from './words.ts';

/** What text is drawn on. */
export interface Page {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

export interface ReportPage extends Page {
  readonly verbose: boolean;
  readonly listAll: boolean;
  readonly fix: FixView;
  /** Those of the report, by their ids. */
  readonly fixes: ReadonlyMap<string, ReportedFix>;
}

export function signed({ paint }: Page, sign: Sign, words: string): string {
  return paint[sign.paint](`${sign.sign} ${words}`);
}

export function section(title: string, lines: readonly string[], { paint }: Page): string {
  return [paint.strong(title), ...lines].join('\n');
}
