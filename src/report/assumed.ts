import { sentence } from '../base/wording.ts';
import type { ReportedText } from '../contract/worded.ts';
import { type Page, section } from './page.ts';
import { wrap } from './style.ts';

/**
 * The assumed changes. They are near the top, so that nobody takes the answer for one about the
 * present state of AWS.
 */
export function assumedSection(assumed: readonly ReportedText[], page: Page): string {
  const lines = assumed.map(({ text }) => wrap(sentence(text), page.width, '  '));
  return section('Hypothetical', lines, page);
}
