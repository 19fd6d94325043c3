import { Argument, type Command } from 'commander';
import { operationsCalled } from '../../check/operation-named.ts';
import { catalogue } from '../../operations/catalogue.ts';
import { describe } from '../../report/catalogue.ts';
import { commandOf } from '../command.ts';
import type { Io } from '../io.ts';
import { formatOption } from '../options/options.ts';
import { type ShowOptions, show } from '../show.ts';

/** `operations`: the catalogue explains itself. */
export function operationsCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('operations', io)
    .description(
      'Lists the operations. With a name, shows each call of the operation: who makes it, the resource, the condition keys and the source; also preconditions and errors.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check operations [name] [options]' })
    .addArgument(new Argument('[name]', 'a command, or an API name such as RestoreDBClusterFromSnapshot'))
    .addOption(formatOption('operations'))
    .action(async (name: string | undefined, options: ShowOptions) => {
      const operations = (name === undefined ? catalogue : operationsCalled(name)).map(describe);
      await show('operations', { operations, view: name === undefined ? 'list' : 'details' }, options, io);
      done(0);
    });
}
