/*
 * src/report/formats/ one file a format of output.
 */

import { printable } from '../../base/escape.ts';
import { wholeOf } from '../../contract/report-stream.ts';
import { listText, operationsText } from '../catalogue.ts';
import { diffText } from '../diff.ts';
import type { Format, ReportedFailure } from '../format.ts';
import { harmless } from '../harmless.ts';
import { inventoryText } from '../inventory.ts';
import { preflightText } from '../preflight.ts';
import type { ReportStyle } from '../style.ts';
import { reportText } from '../text.ts';

/** What a person reads, in a terminal or not. */
export const text: Format = {
  name: 'text',
  draws: {
    check: (stream, style) => safe(reportText)(wholeOf(stream), style),
    diff: safe(diffText),
    preflight: safe(({ report, seconds }, style) => preflightText(report, style, seconds)),
    inventory: safe(({ inventory, maxAge }, style) => inventoryText(inventory, style, maxAge)),
    operations: safe(({ operations, view }, { width }) =>
      view === 'list' ? listText(operations, width) : operationsText(operations, width),
    ),
    failure: safe(failureText),
    noAnswer: safe(failureText),
  },
};

function safe<Answer>(
  draw: (answer: Answer, style: ReportStyle) => string,
): (answer: Answer, style: ReportStyle) => string {
  return (answer, style) => printable(draw(harmless(answer), style), style.paint.colored);
}

function failureText({ message, next }: ReportedFailure): string {
  return `error: ${message}${next === undefined ? '' : `\n  ${next}`}\n`;
}
