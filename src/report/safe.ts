import { printable } from '../base/escape.ts';
import { harmless } from './harmless.ts';
import type { ReportStyle } from './style.ts';

/** A function that draws text for people, in which every text is harmless to a terminal. */
export function safe<Answer>(
  draw: (answer: Answer, style: ReportStyle) => string,
): (answer: Answer, style: ReportStyle) => string {
  return (answer, style) => printable(draw(harmless(answer), style), style.paint.colored);
}
