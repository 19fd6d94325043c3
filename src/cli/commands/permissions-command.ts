import { type Command, InvalidArgumentError, Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import { list } from '../../base/wording.ts';
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
  throw new InvalidArgumentError(`give ${list(choices, 'or')}`);
}

interface PermissionsOptions {
  readonly mode: Mode;
  readonly roleArn?: readonly string[];
}

/** `permissions`: prints a policy that allows exactly what the program reads. */
export function permissionsCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('permissions', io)
    .description(
      'Prints the smallest IAM policy that the program needs to read AWS. The policy lists the API calls that the program makes.',
    )
    .addOption(
      new Option(
        '--mode <mode>',
        `use of the policy: ${choices.join(', ')} (collect, with SCPs and RCPs); simulate is for check with --simulate`,
      )
        .default('check')
        .argParser(mode),
    )
    .addOption(new RepeatableOption('--role-arn <arn>', 'a role that collect assumes').argParser(roleArnValue))
    .addHelpText('after', `\n${examples}`)
    .action(async (options: PermissionsOptions) => {
      if (options.roleArn !== undefined && options.mode !== 'collect' && options.mode !== 'organization')
        throw new Failure(
          'input',
          `--role-arn is only for \`collect\`, but the mode is ${options.mode}`,
          'add --mode collect or --mode organization',
        );
      const { readingPolicy } = await import('../../collect/permissions.ts');
      await show('policy', readingPolicy(options.mode, options.roleArn ?? []), { output: 'json' }, io);
      done(0);
    });
}
