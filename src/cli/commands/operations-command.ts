import { Argument, type Command, Option } from 'commander';
import { catalogue } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { allSourceFlags, type SourceFlag, type SourceNames, sourceFlags } from '../../operations/source-flags.ts';
import { defaultFormat } from '../../report/format-rows.ts';
import { commandOf } from '../command.ts';
import type { Io } from '../io.ts';
import { formatOption } from '../options/options.ts';
import { type ShowOptions, show } from '../show.ts';

/** The options of `operations`. The list shows each operation with the flag of its source. */
type OperationsOptions = ShowOptions & { readonly [Property in keyof SourceNames]: boolean };

/** `operations`: shows the catalog. */
export function operationsCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('operations', io)
    .description(
      'Lists the operations. With a name, shows each call of the operation: who makes it, the resource, the condition keys and the source; also preconditions and errors.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check operations [name] [options]' })
    .addArgument(new Argument('[name]', 'a command, or an API name such as RestoreDBClusterFromSnapshot'))
    .addOption(formatOption('operations'));
  for (const flag of allSourceFlags()) command.addOption(new Option(`--${flag}`).hideHelp());
  return command.action(async (name: string | undefined, options: OperationsOptions) => {
    const flags = allSourceFlags().filter((flag) => options[sourceFlags[flag].property] === true);
    const operations = name === undefined && flags.length === 0 ? catalogue : await operationsAsked(name, flags);
    // The list shows little about each operation and appears at once.
    if (name === undefined && options.output === defaultFormat) await show('operationList', operations, options, io);
    else await showWhole(operations, options, io);
    done(0);
  });
}

/** The operations with a name, and a source of some kinds. @throws Failure if there are none */
async function operationsAsked(name: string | undefined, flags: readonly SourceFlag[]): Promise<readonly Operation[]> {
  const { operationsCalled, withSource } = await import('../../check/operation-named.ts');
  const named = name === undefined ? catalogue : operationsCalled(name);
  return flags.length === 0 ? named : withSource(named, flags);
}

/** Everything about some operations. */
async function showWhole(operations: readonly Operation[], options: ShowOptions, io: Io): Promise<void> {
  const { describe } = await import('../../report/catalogue.ts');
  await show('operations', operations.map(describe), options, io);
}
