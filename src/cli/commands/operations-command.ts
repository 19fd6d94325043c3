import { Argument, type Command } from 'commander';
import { catalogue } from '../../operations/catalogue.ts';
import { defaultFormat } from '../../report/format-rows.ts';
import { commandOf } from '../command.ts';
import type { Io } from '../io.ts';
import { formatOption } from '../options/options.ts';
import { type ShowOptions, show } from '../show.ts';

/** `operations`: shows the catalog. */
export function operationsCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('operations', io)
    .description(
      'Lists the operations. With a name, shows each call of the operation: who makes it, the resource, the condition keys and the source; also preconditions and errors.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check operations [name] [options]' })
    .addArgument(new Argument('[name]', 'a command, or an API name such as RestoreDBClusterFromSnapshot'))
    .addOption(formatOption('operations'))
    .action(async (name: string | undefined, options: ShowOptions) => {
      // The list shows little about each operation and appears at once.
      if (name === undefined && options.output === defaultFormat) await show('operationList', catalogue, options, io);
      else await showWhole(name, options, io);
      done(0);
    });
}

/** Everything about the operations with a name, or about all. @throws Failure if there are none */
async function showWhole(name: string | undefined, options: ShowOptions, io: Io): Promise<void> {
  const { operationsCalled } = await import('../../check/operation-named.ts');
  const { describe } = await import('../../report/catalogue.ts');
  const operations = name === undefined ? catalogue : operationsCalled(name);
  await show('operations', operations.map(describe), options, io);
}
