/*
 * src/cli/ the commander program: arguments in, exit code out.
 */

import { type Command, Option } from 'commander';
import { catalogue, kebab, operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { rowOf } from '../operations/request-parameters.ts';
import { sourceFlags } from '../operations/source-flags.ts';
import { printable } from '../report/printable.ts';
import { CheckedCommand, commandOf } from './command.ts';
import { checkOperation } from './commands/check-operation.ts';
import { collectCommand } from './commands/collect-command.ts';
import { diagnoseCommand } from './commands/diagnose-command.ts';
import { diffCommand } from './commands/diff-command.ts';
import { evidenceCommand } from './commands/evidence-command.ts';
import { operationsCommand } from './commands/operations-command.ts';
import { permissionsCommand } from './commands/permissions-command.ts';
import { exitCodesHelp } from './exit-code.ts';
import type { Io } from './io.ts';
import { apiOptions } from './options/api-options.ts';
import { assumeOptions } from './options/assume-options.ts';
import { refuseRepeated } from './options/flag-option.ts';
import type { OperationOptions } from './options/options.ts';
import { parameterOptions, sourceOptions } from './options/question-options.ts';
import { addSharedOptions } from './options/shared-options.ts';
import { version } from './version.ts';

type Group = readonly [Operation, ...Operation[]];

/** The commander program. Operation commands come from the catalogue. `done` receives the exit code of the command that ran. */
export function buildProgram(io: Io, done: (exitCode: number) => void): Command {
  const program = new CheckedCommand('aurora-kms-check')
    .description(
      'Will this snapshot, restore, copy, share or export of an encrypted Aurora database succeed for this principal - and if not, which statement of which policy stops it?',
    )
    .version(version)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(printable(text)),
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', `\n${exitCodesHelp}`);
  for (const group of commandGroups()) program.addCommand(operationCommand(group[0].command, group, io, done));
  const taken = new Set(program.commands.flatMap((command) => [command.name(), ...command.aliases()]));
  for (const api of new Set(catalogue.map((operation) => kebab(operation.api)))) {
    const [first, ...more] = operationsNamed(api);
    if (first !== undefined && !taken.has(api))
      program.addCommand(operationCommand(api, [first, ...more], io, done), { hidden: true });
  }
  const others = [diagnoseCommand, diffCommand, collectCommand, evidenceCommand, permissionsCommand, operationsCommand];
  for (const command of others) program.addCommand(command(io, done));
  refuseRepeated(program);
  return program;
}

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
  const aliases = name === first.command ? group.flatMap((operation) => operation.aliases) : [];
  const command = commandOf(name, io)
    .aliases(aliases)
    .summary(`can the principal ${first.does}?`)
    .description(description(group, name));
  command.optionsGroup('What is asked:');
  command.addOption(
    new Option(
      '--principal <who>',
      'user, role or role session by ARN, or user/NAME, role/NAME or root of the account; without it, the caller of the credentials',
    ),
  );
  for (const option of [...sourceOptions(group), ...parameterOptions(group), ...apiOptions(group)])
    command.addOption(option);
  addSharedOptions(command, assumeOptions());
  command.addHelpText('after', `\nExamples:\n${examples(name, first)}\n\n${exitCodesHelp}`);
  return command.action(async (options: OperationOptions) => done(await checkOperation(group, options, io)));
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
