import { commandText } from '../base/command.ts';
import type { ReportedFix, ReportJson } from '../contract/report.ts';

/** A fix for JSON, with its commands as texts. */
export function fixJson(fix: ReportedFix): ReportJson['fixes'][number] {
  return { ...fix, steps: fix.steps.map((step) => ({ ...step, commands: step.commands.map(commandText) })) };
}
