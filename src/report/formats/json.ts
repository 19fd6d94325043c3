import { commandText } from '../../base/command.ts';
import { jsonPrintable } from '../../base/escape.ts';
import { denseJson } from '../../base/json.ts';
import type { Report, ReportJson } from '../../contract/report.ts';
import type { Format } from '../format.ts';

/** One JSON document, its keys in the order of the contract, with a line break at the end. */
function document(answer: object): string {
  return `${jsonPrintable(JSON.stringify(answer, undefined, 2))}\n`;
}

/** A report as JSON holds it: the commands as their texts. */
function reportJson(report: Report): ReportJson {
  return {
    ...report,
    fixes: report.fixes.map((fix) => ({
      ...fix,
      steps: fix.steps.map((step) => ({ ...step, commands: step.commands.map(commandText) })),
    })),
  };
}

export const json: Format = {
  name: 'json',
  draws: {
    check: (report) => document(reportJson(report)),
    diff: document,
    preflight: ({ report }) => document(report),
    inventory: ({ inventory }) => document(inventory),
    operations: ({ operations }) => document(operations),
    policy: document,
    // One line, among others that a program may write to standard error.
    failure: (error) => `${denseJson({ error })}\n`,
  },
};
