import { list, numberText } from '../base/wording.ts';
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

/** The first of several, unless all are wanted. */
export function shortList(
  all: readonly string[],
  most: number,
  { listAll }: Pick<ReportPage, 'listAll'>,
  nameOf: (one: string) => string = (name) => name,
): string {
  if (listAll || all.length <= most) return list(all.map(nameOf));
  return `${all.slice(0, most).map(nameOf).join(', ')} and ${numberText(all.length - most)} more (--list-all)`;
}
