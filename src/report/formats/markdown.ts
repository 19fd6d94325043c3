import type { CitedRule } from '../../base/rules.ts';
import { list } from '../../base/wording.ts';
import { drawnAsCases } from '../cases.ts';
import { type DescribedOperation, errorWords } from '../catalogue.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import { commandWords } from '../operation-list.ts';
import { summaryFailure, summaryText } from '../summary.ts';

/** A comment on GitHub holds 65,536 characters. */
const ofComment = 65_000;

/** Tables for documents and comments. */
export const markdown: Draws<ShownIn<'markdown'>> = {
  ...drawnAsCases((report, { mostBytes = ofComment }) => summaryText(report, mostBytes)),
  operations: (operations) => `${operations.map(oneMarkdown).join('\n\n')}\n`,
  noAnswer: (failure) => summaryFailure(harmless(failure)),
};

function oneMarkdown(operation: DescribedOperation): string {
  const { api, does, calls, preconditions, errors } = operation;
  return [
    `## \`${commandWords(operation)}\``,
    '',
    `${api}: ${does}.`,
    '',
    ...cellsOf(['Call', 'Action', 'On', 'When', 'Carries', 'Basis', 'Rule', 'Error']),
    ...calls.flatMap((call) =>
      cellsOf(
        [
          call.kind,
          `\`${call.action}\``,
          call.on,
          list(call.when),
          call.context,
          call.basis,
          link(call.source),
          errors[call.kind] ?? '',
        ],
        false,
      ),
    ),
    '',
    ...cellsOf(['Precondition', 'When', 'Basis', 'Rule', 'Error']),
    ...preconditions.flatMap((one) =>
      cellsOf([one.name, list(one.when), one.basis, link(one.source), errorWords(one.error)], false),
    ),
  ].join('\n');
}

function link({ title, path }: CitedRule): string {
  return `[${title}](${path})`;
}

function cellsOf(cells: readonly string[], isHead = true): readonly string[] {
  const line = `| ${cells.join(' | ')} |`;
  return isHead ? [line, `|${cells.map(() => ' --- |').join('')}`] : [line];
}
