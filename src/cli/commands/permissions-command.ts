import { type Command, InvalidArgumentError, Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import type { Mode } from '../../collect/reads.ts';
import { commandOf } from '../command.ts';
import type { Io } from '../io.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { roleArnValue } from '../options/values.ts';
import { show } from '../show.ts';

const examples = `Examples:
  $ aurora-kms-check permissions
  $ aurora-kms-check permissions --mode collect
  $ aurora-kms-check permissions --mode organization --role-arn arn:aws:iam::444455556666:role/reader`;

const choices: readonly Mode[] = ['check', 'simulate', 'diagnose', 'collect', 'organization'];

function mode(text: string): Mode {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
}

interface PermissionsOptions {
  readonly mode: Mode;
  readonly roleArn?: readonly string[];
}

/** `permissions`: prints the policy that allows what the program reads, and nothing else. */
export function permissionsCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('permissions', io)
    .description('Prints the least IAM policy that lets the program read AWS. It is made from the calls that it makes.')
    .addOption(
      new Option(
        '--mode <mode>',
        `what is read for: ${choices.join(', ')} (collect, with SCPs and RCPs); simulate is check with --simulate`,
      )
        .default('check')
        .argParser(mode),
    )
    .addOption(new RepeatableOption('--role-arn <arn>', 'a role that collect is to assume').argParser(roleArnValue))
    .addHelpText('after', `\n${examples}`)
    .action(async (options: PermissionsOptions) => {
      if (options.roleArn !== undefined && options.mode !== 'collect' && options.mode !== 'organization')
        throw new Failure(
          'input',
          `--role-arn names a role that \`collect\` assumes, and --mode ${options.mode} is not of it`,
          'add --mode collect or --mode organization',
        );
      const { readingPolicy } = await import('../../collect/permissions.ts');
      await show('policy', readingPolicy(options.mode, options.roleArn ?? []), { output: 'json' }, io);
      done(0);
    });
}
