import { Argument, type Command, Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import { list } from '../../base/wording.ts';
import { nearestFirst } from '../../evidence/nearest.ts';
import { catalogue, kebab, operationsNamed } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { describe, listText, operationsMarkdown, operationsText } from '../../report/catalogue.ts';
import { commandOf } from '../command.ts';
import { type Io, widthOf } from '../io.ts';

const formats = ['text', 'markdown', 'json'] as const;

interface Options {
  readonly output: (typeof formats)[number];
}

/** `operations`: the catalogue explains itself. */
export function operationsCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('operations', io)
    .summary('what is checked of each operation, and how well it is established')
    .description(
      'Lists the operations; of the named one, shows each call with who makes it, on what, what it carries, how well that is established and by which source, and its preconditions and errors.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check operations [name] [options]' })
    .addArgument(new Argument('[name]', 'a command, or an API such as RestoreDBClusterFromSnapshot'))
    .addOption(new Option('--output <format>', 'how it is shown').choices(formats).default('text'))
    .action((name: string | undefined, { output }: Options) => {
      const operations = (name === undefined ? catalogue : operationsCalled(name)).map(describe);
      const width = widthOf(io.stdout);
      const text = (): string => (name === undefined ? listText(operations, width) : operationsText(operations, width));
      const views = {
        text,
        markdown: () => operationsMarkdown(operations),
        json: () => JSON.stringify(operations, undefined, 2),
      };
      io.stdout.write(`${views[output]()}\n`);
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
