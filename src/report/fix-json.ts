import { commandText } from '../base/command.ts';
import type { ReportedFix, ReportJson } from '../contract/report.ts';

/** A fix as JSON holds it: the commands as their texts. */
export function fixJson(fix: ReportedFix): ReportJson['fixes'][number] {
  return { ...fix, steps: fix.steps.map((step) => ({ ...step, commands: step.commands.map(commandText) })) };
}
