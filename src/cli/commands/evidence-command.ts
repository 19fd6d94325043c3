import { Argument, type Command } from 'commander';
import { takeInventory } from '../../answer/inventory.ts';
import { defaultMaxAge } from '../../evidence/age.ts';
import { commandOf } from '../command.ts';
import { inventoryExitCodesHelp } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { formatOption, maxAgeOption, outputOptions, verboseOption } from '../options/options.ts';
import { type ShowOptions, show } from '../show.ts';

const recipeExamples = `Examples:
  $ aurora-kms-check evidence recipe > recipe.sh
  $ sh recipe.sh us-east-1 eu-west-1 > evidence.json
  $ aurora-kms-check evidence check evidence.json`;

const checkExamples = `Examples:
  $ aurora-kms-check evidence check evidence.json
  $ aurora-kms-check evidence check accounts/ --max-age 7d`;

/** `evidence`: how to make evidence by hand, and what evidence contains. */
export function evidenceCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('evidence', io)
    .description('Makes and inspects evidence: files in the formats of the AWS APIs, for checks without access to AWS.')
    .configureHelp({ commandUsage: () => 'aurora-kms-check evidence <command>', subcommandTerm: (one) => one.name() });
  command.addCommand(recipeCommand(io, done));
  command.addCommand(checkCommand(io, done));
  return command;
}

function recipeCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('recipe', io)
    .summary('print a shell script that collects evidence with the AWS CLI')
    .description(
      'Prints a shell script that collects evidence with the AWS CLI alone, for machines without this program.\nThe script does not read the policies of VPC endpoints.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check evidence recipe' })
    .addHelpText('after', `\n${recipeExamples}`)
    .action(async () => {
      const { recipe } = await import('../../collect/recipe.ts');
      io.stdout.write(recipe());
      done(0);
    });
}

interface CheckOptions extends ShowOptions {
  readonly maxAge?: number;
}

function checkCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('check', io)
    .summary('show what the evidence has, what is missing for which operation, and its age')
    .description('Shows what the evidence has, what is missing for which operation, and its age.')
    .configureHelp({ commandUsage: () => 'aurora-kms-check evidence check <path...> [options]' })
    .addArgument(new Argument('<path...>', 'evidence files or folders of evidence files (- is standard input)'))
    .addOption(maxAgeOption())
    .addOption(formatOption('inventory'))
    .addOption(verboseOption('list every missing fact, with the command that reads it'));
  for (const option of outputOptions().filter(({ long }) => long === '--color' || long === '--no-color'))
    command.addOption(option);
  return command
    .addHelpText('after', `\n${checkExamples}\n\n${inventoryExitCodesHelp}`)
    .action(async (paths: readonly string[], options: CheckOptions) => {
      const { readEvidence } = await import('../../evidence/read.ts');
      const { evidence, files } = readEvidence(paths);
      const dated = files.map((file) => ({ from: file.from, collectedAt: file.evidence.collectedAt }));
      const inventory = takeInventory(evidence, dated, io.now().toISOString());
      await show('inventory', { inventory, maxAge: options.maxAge ?? defaultMaxAge }, options, io);
      done(0);
    });
}
