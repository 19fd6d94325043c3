import type { Command } from 'commander';
import { kebab, operationsNamed } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { rowOf } from '../../operations/request-parameters.ts';
import { sourceFlags } from '../../operations/source-flags.ts';
import { commandOf } from '../command.ts';
import { exitCodesHelp } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { apiOptions } from '../options/api-options.ts';
import { assumeOptions } from '../options/assume-options.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { allowEmptyOption, type CheckOptions } from '../options/options.ts';
import { parameterOptions, sourceOptions } from '../options/question-options.ts';
import { addSharedOptions } from '../options/shared-options.ts';
import { addUnusedOptions } from '../options/unused-options.ts';
import { more } from '../options/values.ts';
import { checkOperation } from './check-operation.ts';

/** The operations that share a command. */
export type OperationGroup = readonly [Operation, ...Operation[]];

/**
 * The command of operations that share it, or the command of an API's name. `done` receives the
 * exit code.
 */
export function operationCommand(
  name: string,
  group: OperationGroup,
  io: Io,
  done: (exitCode: number) => void,
): Command {
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

function description(group: OperationGroup, name: string): string {
  const names = [...new Set(group.flatMap((operation) => namesOf(operation, group)))].filter((one) => one !== name);
  const asks = group.map(
    ({ does, api, reads }, index) =>
      `${index === 0 ? 'Can the principal' : `With --${reads?.flag ?? ''}:`} ${does} (${api})?`,
  );
  return [...asks, ...(names.length === 0 ? [] : [`Other names: ${names.join(', ')}.`])].join('\n');
}

/**
 * The other names of an operation. The name of an API may belong to an earlier command that calls
 * the same API.
 */
function namesOf({ aliases, api, command, reads }: Operation, group: OperationGroup): readonly string[] {
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
