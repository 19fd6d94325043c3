import { sentence } from '../base/wording.ts';
import type { ReportedText } from '../contract/worded.ts';
import { type Page, section } from './page.ts';
import { wrap } from './style.ts';

/**
 * What was taken to be different. It stands near the top, lest somebody take the answer for one
 * about AWS as it is.
 */
export function assumedSection(assumed: readonly ReportedText[], page: Page): string {
  const lines = assumed.map(({ text }) => wrap(sentence(text), page.width, '  '));
  return section('Hypothetical', lines, page);
}
