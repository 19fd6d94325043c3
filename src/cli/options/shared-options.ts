import type { Command, Option } from 'commander';
import { evidenceOptions, outputOptions, simulateOption } from './options.ts';
import { sessionOptions } from './session-options.ts';

/** The options in which commands that check differ. */
interface Differing {
  /** The options for assumed differences. */
  readonly assuming: readonly Option[];
  /** Several Regions may be checked. */
  readonly repeats: boolean;
}

/** Adds the options of every command that checks. */
export function addSharedOptions(command: Command, { assuming, repeats }: Differing): void {
  command.optionsGroup('Session:');
  for (const option of sessionOptions()) command.addOption(option);
  command.optionsGroup('Data source (AWS, unless --evidence or --demo):');
  for (const option of [...evidenceOptions(repeats), simulateOption()]) command.addOption(option);
  if (assuming.length > 0) command.optionsGroup('What-if:');
  for (const option of assuming) command.addOption(option);
  command.optionsGroup('Output:');
  for (const option of outputOptions()) command.addOption(option);
}
