import { groupBy } from '../../base/group.ts';
import type { CitedRule } from '../../base/rules.ts';
import { capital, list } from '../../base/wording.ts';
import { drawnAsCases } from '../cases.ts';
import { type DescribedCall, type DescribedOperation, errorWords } from '../catalogue.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import { commandWords } from '../operation-list.ts';
import { summaryFailure, summaryText } from '../summary.ts';

/** A comment on GitHub can have 65,536 characters. */
const ofComment = 65_000;

/** Tables for documents and comments. */
export const markdown: Draws<ShownIn<'markdown'>> = {
  ...drawnAsCases((report, { mostBytes = ofComment }) => summaryText(report, mostBytes)),
  operations: (operations) => `${operations.map(oneMarkdown).join('\n\n')}\n`,
  noAnswer: (failure) => summaryFailure(harmless(failure)),
};

function oneMarkdown(operation: DescribedOperation): string {
  const { api, does, parameters, requires, calls, preconditions } = operation;
  const flags = parameters.map((flag) => `\`--${flag}\`${requires.includes(flag) ? ' (required)' : ''}`);
  return [
    `## \`${commandWords(operation)}\``,
    '',
    `${capital(does)} (\`${api}\`).`,
    ...(flags.length === 0 ? [] : ['', `Parameters: ${flags.join(', ')}.`]),
    '',
    ...cellsOf(['Who calls', 'Action', 'On', 'Only if', 'Carries', 'Basis', 'Rule', 'Error if denied']),
    ...alike(calls).flatMap(({ actions, on, call }) =>
      cellsOf(
        [
          callers[call.kind],
          actions.map((action) => `\`${action}\``).join(', '),
          on.join(', '),
          list(call.when),
          // Escapes stars, so that they do not mean emphasis.
          call.context.replaceAll('*', '\\*'),
          call.basis,
          link(call.source),
          call.error ?? 'not known',
        ],
        false,
      ),
    ),
    '',
    ...cellsOf(['Precondition', 'Only if', 'Basis', 'Rule', 'Error if not met']),
    ...preconditions.flatMap((one) =>
      cellsOf([one.name, list(one.when), one.basis, link(one.source), errorWords(one.error)], false),
    ),
  ].join('\n');
}

const callers: Readonly<Record<DescribedCall['kind'], string>> = {
  caller: 'the principal',
  forwarded: "RDS, with the principal's identity",
  service: 'a service, through its own grant',
  role: 'a role that a service assumes',
};

/**
 * The calls of one row. They differ only in their actions, and each action is called on the same
 * resources.
 */
interface Alike {
  readonly actions: readonly string[];
  readonly on: readonly string[];
  readonly call: DescribedCall;
}

function alike(calls: readonly DescribedCall[]): readonly Alike[] {
  const ground = ({ kind, context, when, basis, source, error }: DescribedCall): string =>
    [kind, context, list(when), basis, source.id, error].join('|');
  const ofAction = [...groupBy(calls, (call) => `${call.action}|${ground(call)}`).values()].map((same) => ({
    call: same[0],
    on: same.map(({ on }) => on),
  }));
  return [...groupBy(ofAction, ({ call, on }) => `${on.join()}|${ground(call)}`).values()].map((same) => ({
    actions: same.map(({ call }) => call.action),
    on: same[0].on,
    call: same[0].call,
  }));
}

function link({ title, path }: CitedRule): string {
  return `[${title}](${path})`;
}

function cellsOf(cells: readonly string[], isHead = true): readonly string[] {
  const line = `| ${cells.join(' | ')} |`;
  return isHead ? [line, `|${cells.map(() => ' --- |').join('')}`] : [line];
}
