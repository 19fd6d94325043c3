import { someNames } from '../base/names.ts';
import { list, someOf } from '../base/wording.ts';
import type { ReportedFix } from '../contract/report.ts';
import type { FixView, Paint } from './style.ts';
import type { Sign } from './words.ts';

/** How text is drawn. */
export interface Page {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

export interface ReportPage extends Page {
  readonly verbose: boolean;
  readonly listAll: boolean;
  readonly fix: FixView;
  /** The fixes of the report, by ID. */
  readonly fixes: ReadonlyMap<string, ReportedFix>;
  /** The name of a key by its ARN: its alias, if the report has it. */
  readonly keyName: (arn: string) => string;
}

export function signed({ paint }: Page, sign: Sign, words: string): string {
  return paint[sign.paint](`${sign.sign} ${words}`);
}

export function section(title: string, lines: readonly string[], { paint }: Page): string {
  return [paint.strong(title), ...lines].join('\n');
}

/** The first names of a list, unless the user asks for all. */
export function shortList(all: readonly string[], most: number, { listAll }: Pick<ReportPage, 'listAll'>): string {
  return listAll ? list(all) : allListed(someOf(all, most), new Set(all).size > most);
}

/** The first names of resources, by their ARNs. `nameOf`: names one resource. */
export function shortNames(
  arns: readonly string[],
  most: number,
  { listAll }: Pick<ReportPage, 'listAll'>,
  nameOf?: (arn: string) => string,
): string {
  const { size } = new Set(arns);
  return listAll ? someNames(arns, size, nameOf) : allListed(someNames(arns, most, nameOf), size > most);
}

function allListed(text: string, isCut: boolean): string {
  return isCut ? `${text} (--list-all)` : text;
}
