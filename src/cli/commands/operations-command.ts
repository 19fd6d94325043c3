import { Argument, type Command } from 'commander';
import { Failure } from '../../base/failure.ts';
import { list } from '../../base/wording.ts';
import { nearestFirst } from '../../evidence/nearest.ts';
import { catalogue, kebab, operationsNamed } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { describe } from '../../report/catalogue.ts';
import { commandOf } from '../command.ts';
import type { Io } from '../io.ts';
import { formatOption } from '../options/options.ts';
import { type ShowOptions, show } from '../show.ts';

/** `operations`: the catalogue explains itself. */
export function operationsCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('operations', io)
    .summary('what is checked of each operation, and how well it is established')
    .description(
      'Lists the operations; of the named one, shows each call with who makes it, on what, what it carries, how well that is established and by which source, and its preconditions and errors.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check operations [name] [options]' })
    .addArgument(new Argument('[name]', 'a command, or an API such as RestoreDBClusterFromSnapshot'))
    .addOption(formatOption('operations'))
    .action((name: string | undefined, options: ShowOptions) => {
      const operations = (name === undefined ? catalogue : operationsCalled(name)).map(describe);
      show('operations', { operations, view: name === undefined ? 'list' : 'details' }, options, io);
      done(0);
    });
}

/** The operations behind a name that somebody gave. @throws Failure naming the nearest if there are none */
export function operationsCalled(name: string): readonly Operation[] {
  const operations = operationsNamed(name);
  if (operations.length > 0) return operations;
  const names = catalogue.flatMap(({ command, aliases, api }) => [command, ...aliases, api, kebab(api)]);
  const nearest = nearestFirst(name, [...new Set(names)]).slice(0, 3);
  throw new Failure(
    'input',
    `there is no operation \`${name}\``,
    `the nearest are ${list(nearest)}; \`aurora-kms-check operations\` lists them`,
  );
}
