import { Command, Option } from 'commander';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { checkOperation } from './check-operation.ts';
import { exitCodesHelp } from './exit-code.ts';
import type { Io } from './io.ts';
import { evidenceOptions, type OperationOptions, outputOptions } from './options.ts';
import { version } from './version.ts';

/** The commander program. Operation commands come from the catalogue. `done` receives the exit code of the command that ran. */
export function buildProgram(io: Io, done: (exitCode: number) => void): Command {
  const program = new Command('aurora-kms-check')
    .description(
      'Will this snapshot or restore of an encrypted Aurora database succeed for this principal - and if not, which statement of which policy stops it?',
    )
    .version(version)
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', `\n${exitCodesHelp}`);
  for (const operation of catalogue) program.addCommand(operationCommand(operation, io, done));
  return program;
}

function operationCommand(operation: Operation, io: Io, done: (exitCode: number) => void): Command {
  const command = new Command(operation.command)
    .aliases(operation.aliases)
    .configureHelp({ commandUsage: () => `aurora-kms-check ${operation.command} [options]` })
    .summary(`can the principal ${operation.does}?`)
    .description(`Can the principal ${operation.does} (${operation.api})?\nAlso: ${operation.aliases.join(', ')}.`)
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .exitOverride();
  command.optionsGroup('What is asked:');
  command.addOption(
    new Option('--principal <arn>', 'user, role or role session; without it, the caller of the credentials'),
  );
  if (operation.target === 'cluster')
    command.addOption(
      new Option('--cluster <id>', 'identifier or ARN of the cluster; without it, every cluster in the Region'),
    );
  else
    command.addOption(
      new Option('--snapshot <id>', 'identifier or ARN of the snapshot; without it, every snapshot in the Region'),
    );
  if (operation.takesKey)
    command.addOption(
      new Option('--kms-key-id <key>', 'another key for what is made: key id, key ARN, alias name or alias ARN'),
    );
  command.optionsGroup('Where the facts come from (AWS, unless --evidence or --demo):');
  for (const option of evidenceOptions()) command.addOption(option);
  command.optionsGroup('How the answer is shown:');
  for (const option of outputOptions()) command.addOption(option);
  command.addHelpText('after', `\nExamples:\n${examples(operation)}\n\n${exitCodesHelp}`);
  return command.action(async (options: OperationOptions) => done(await checkOperation(operation, options, io)));
}

function examples({ command, target }: Operation): string {
  const named = target === 'cluster' ? '--cluster orders' : '--snapshot ledger-monthly';
  return [
    `aurora-kms-check ${command} --demo`,
    `aurora-kms-check ${command} --demo --principal arn:aws:iam::111122223333:role/dr-restore ${named}`,
    `aurora-kms-check ${command} --evidence evidence.json --output json`,
  ]
    .map((line) => `  $ ${line}`)
    .join('\n');
}
