import { type Command, Option } from 'commander';
import { evidenceOptions, outputOptions } from './options.ts';
import { sessionOptions } from './session-options.ts';

/** Adds what every command takes that ends in a check. `assuming`: what may be taken as different, if anything. */
export function addSharedOptions(command: Command, assuming: readonly Option[] = []): void {
  command.optionsGroup('What is known of the session:');
  for (const option of sessionOptions()) command.addOption(option);
  command.optionsGroup('Where the facts come from (AWS, unless --evidence or --demo):');
  for (const option of evidenceOptions()) command.addOption(option);
  if (assuming.length > 0) command.optionsGroup('What if it were different:');
  for (const option of assuming) command.addOption(option);
  command.optionsGroup('How the answer is shown:');
  for (const option of outputOptions()) command.addOption(option);
  // The AWS CLI takes it everywhere. Nothing here is shown in a pager.
  command.addOption(new Option('--no-cli-pager').hideHelp());
}
