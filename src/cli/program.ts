/*
 * src/cli/ the commander program: arguments in, exit code out.
 */

import type { Command } from 'commander';
import { catalogue, kebab, operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { rowOf } from '../operations/request-parameters.ts';
import { sourceFlags } from '../operations/source-flags.ts';
import { CheckedCommand, commandOf, outputTo } from './command.ts';
import { checkOperation } from './commands/check-operation.ts';
import { collectCommand } from './commands/collect-command.ts';
import { diagnoseCommand } from './commands/diagnose-command.ts';
import { diffCommand } from './commands/diff-command.ts';
import { evidenceCommand } from './commands/evidence-command.ts';
import { operationsCommand } from './commands/operations-command.ts';
import { permissionsCommand } from './commands/permissions-command.ts';
import { preflightCommand } from './commands/preflight-command.ts';
import { environmentHelp } from './environment.ts';
import { exitCodesHelp } from './exit-code.ts';
import type { Io } from './io.ts';
import { apiOptions } from './options/api-options.ts';
import { assumeOptions } from './options/assume-options.ts';
import { RepeatableOption, refuseRepeated } from './options/flag-option.ts';
import { allowEmptyOption, type CheckOptions } from './options/options.ts';
import { parameterOptions, sourceOptions } from './options/question-options.ts';
import { addSharedOptions } from './options/shared-options.ts';
import { addUnusedOptions } from './options/unused-options.ts';
import { more } from './options/values.ts';
import { version } from './version.ts';

type Group = readonly [Operation, ...Operation[]];

type Heading = 'Operations:' | 'Investigate:' | 'Data:';

/** A command as the list of commands shows it. */
interface Listed {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /** Another name of a listed command. */
  readonly hidden: boolean;
  /** The heading under which help lists it. */
  readonly heading: Heading;
  readonly build: () => Command;
}

/**
 * The commander program. Operation commands come from the catalogue. `done` receives the exit code of the
 * command that ran. `named`: the command to run, by name or alias; the others stand in the list without their
 * flags, which takes half of the time to start. Without `named`, every command is built.
 */
export function buildProgram(io: Io, done: (exitCode: number) => void, named?: string): Command {
  const program = new CheckedCommand('aurora-kms-check')
    .description(
      'Will this snapshot, restore, copy, share or export of an encrypted Aurora database succeed for this principal - and if not, which statement of which policy stops it?',
    )
    .version(version)
    .configureOutput(outputTo(io))
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', `\n${environmentHelp}\n\n${exitCodesHelp}`);
  for (const { name, aliases, summary, hidden, heading, build } of listed(io, done)) {
    const whole = named === undefined || named === name || aliases.includes(named);
    const command = whole ? build() : commandOf(name, io);
    program.addCommand(command.aliases(aliases).summary(summary).helpGroup(heading), { hidden });
  }
  refuseRepeated(program);
  return program;
}

/** All commands, in the order in which help lists them. */
function listed(io: Io, done: (exitCode: number) => void): readonly Listed[] {
  const operations = commandGroups().map(([first, ...rest]): Listed => {
    const group: Group = [first, ...rest];
    return {
      name: first.command,
      aliases: group.flatMap((operation) => operation.aliases),
      summary: `can the principal ${first.does}?`,
      hidden: false,
      heading: 'Operations:',
      build: () => operationCommand(first.command, group, io, done),
    };
  });
  const taken = new Set(operations.flatMap(({ name, aliases }) => [name, ...aliases]));
  const apis = [...new Set(catalogue.map((operation) => kebab(operation.api)))].flatMap((api): readonly Listed[] => {
    const [first, ...rest] = operationsNamed(api);
    if (first === undefined || taken.has(api)) return [];
    const build = (): Command => operationCommand(api, [first, ...rest], io, done);
    return [
      {
        name: api,
        aliases: [],
        summary: `can the principal ${first.does}?`,
        hidden: true,
        heading: 'Operations:',
        build,
      },
    ];
  });
  const others = otherCommands.map(
    ({ name, summary, heading, build }): Listed => ({
      name,
      aliases: [],
      summary,
      hidden: false,
      heading,
      build: () => build(io, done),
    }),
  );
  return [...operations, ...apis, ...others];
}

const otherCommands = [
  { name: 'diagnose', heading: 'Investigate:', summary: 'why did it fail on AWS?', build: diagnoseCommand },
  {
    name: 'diff',
    heading: 'Investigate:',
    summary: 'which verdicts change between two states, or by a planned change?',
    build: diffCommand,
  },
  {
    name: 'preflight',
    heading: 'Investigate:',
    summary: 'do the expectations of a file hold?',
    build: preflightCommand,
  },
  { name: 'collect', heading: 'Data:', summary: 'read an account into an evidence file', build: collectCommand },
  {
    name: 'evidence',
    heading: 'Data:',
    summary: 'make evidence with the AWS CLI, or show what evidence has',
    build: evidenceCommand,
  },
  {
    name: 'permissions',
    heading: 'Data:',
    summary: 'print the IAM policy that this program needs',
    build: permissionsCommand,
  },
  {
    name: 'operations',
    heading: 'Investigate:',
    summary: 'list the calls, preconditions and errors of each operation',
    build: operationsCommand,
  },
] as const;

/** The operations by the commands that they share. */
function commandGroups(): readonly Group[] {
  const names = [...new Set(catalogue.map(({ command }) => command))];
  return names.flatMap((name): readonly Group[] => {
    const [first, ...others] = catalogue.filter(({ command }) => command === name);
    return first === undefined ? [] : [[first, ...others]];
  });
}

function operationCommand(name: string, group: Group, io: Io, done: (exitCode: number) => void): Command {
  const [first] = group;
  const command = commandOf(name, io).description(description(group, name));
  command.optionsGroup('Request:');
  command.addOption(
    new RepeatableOption(
      '--principal <who>',
      'ARN of a user, role or role session, or user/NAME, role/NAME or root (default: the principal of the credentials)',
    ).argParser(more),
  );
  for (const option of [...sourceOptions(group), ...parameterOptions(group), ...apiOptions(group)])
    command.addOption(option);
  if (first.reads !== undefined) command.addOption(allowEmptyOption());
  addSharedOptions(command, { assuming: assumeOptions(), repeats: true });
  addUnusedOptions(command, io);
  command.addHelpText('after', `\nExamples:\n${examples(name, first)}\n\n${exitCodesHelp}`);
  return command.action(async (options: CheckOptions) => done(await checkOperation(group, options, io)));
}

function description(group: Group, name: string): string {
  const names = [...new Set(group.flatMap((operation) => namesOf(operation, group)))].filter((one) => one !== name);
  const asks = group.map(
    ({ does, api, reads }, index) =>
      `${index === 0 ? 'Can the principal' : `With --${reads?.flag ?? ''}:`} ${does} (${api})?`,
  );
  return [...asks, ...(names.length === 0 ? [] : [`Also: ${names.join(', ')}.`])].join('\n');
}

/** By what else an operation is asked for. The name of an API may belong to an earlier command that calls it too. */
function namesOf({ aliases, api, command, reads }: Operation, group: Group): readonly string[] {
  const isWhole = group.some((one) => one === operationsNamed(command)[0]);
  const flag = isWhole || reads === undefined ? '' : ` --${reads.flag}`;
  const byApi = operationsNamed(kebab(api))[0]?.command === command ? [kebab(api)] : [];
  return [`${command}${flag}`, ...aliases, ...byApi];
}

function examples(name: string, { reads, requires = [], example }: Operation): string {
  const required = requires.map((flag) => `--${flag} ${rowOf(flag).example ?? ''}`);
  const needed = [...required, ...(example === undefined ? [] : [example])].map((flags) => ` ${flags}`).join('');
  const source = reads === undefined ? undefined : sourceFlags[reads.flag];
  const named = reads === undefined ? '' : ` --${reads.flag} ${sourceFlags[reads.flag].example}`;
  const from = source?.inDemo === false ? '--evidence evidence.json' : '--demo';
  return [
    `aurora-kms-check ${name} ${from}${needed}`,
    `aurora-kms-check ${name} ${from} --principal arn:aws:iam::111122223333:role/dr-restore${named}${needed}`,
    `aurora-kms-check ${name} --evidence evidence.json${needed} --output json`,
  ]
    .map((line) => `  $ ${line}`)
    .join('\n');
}
