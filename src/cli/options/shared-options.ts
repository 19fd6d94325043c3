import type { Command, Option } from 'commander';
import { evidenceOptions, outputOptions, simulateOption } from './options.ts';
import { sessionOptions } from './session-options.ts';

/** What one command that ends in a check takes and another does not. */
interface Differing {
  /** What may be taken as different. */
  readonly assuming: readonly Option[];
  /** Several Regions may be checked. */
  readonly repeats: boolean;
}

/** Adds what every command takes that ends in a check. */
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
