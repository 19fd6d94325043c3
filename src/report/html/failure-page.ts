import { xmlText } from '../ci-escape.ts';
import type { ReportedFailure } from '../format.ts';
import { pageOf } from './page-head.ts';

/** The page of a run without an answer. */
export function failurePage({ message, next }: ReportedFailure): string {
  return pageOf(`No answer: ${message}`, [
    '<main class="banner bad">',
    '<p><span class="badge bad">✗ no answer</span></p>',
    `<h1>${xmlText(message)}</h1>`,
    ...(next === undefined ? [] : [`<p>${xmlText(next)}</p>`]),
    '</main>',
  ]);
}
