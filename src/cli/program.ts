/*
 * src/cli/ the commander program: arguments in, exit code out.
 */

import type { Command } from 'commander';
import { catalogue, kebab, operationsNamed } from '../operations/catalogue.ts';
import { CheckedCommand, commandOf, outputTo } from './command.ts';
import type { OperationGroup } from './commands/operation-command.ts';
import { environmentHelp } from './environment.ts';
import { exitCodesHelp } from './exit-code.ts';
import type { Io } from './io.ts';
import { refuseEmptyArguments, refuseWrongValues } from './options/flag-option.ts';
import { version } from './version.ts';

type Heading = 'Operations:' | 'Investigate:' | 'Data:';

type Done = (exitCode: number) => void;

/** A command in the list of commands. */
interface Listed {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /** Whether this is another name of a listed command. */
  readonly hidden: boolean;
  /** The heading under which help lists it. */
  readonly heading: Heading;
  readonly build: () => Promise<Command>;
}

const examples = `Examples (without --demo or --evidence, a command reads AWS):
  $ aurora-kms-check restore --demo --snapshot orders-before-upgrade
  $ aurora-kms-check who-can restore --demo --snapshot orders-before-upgrade
  $ aurora-kms-check key-impact alias/orders --demo
  $ aurora-kms-check aws rds restore-db-cluster-from-snapshot ...

Flags of a command: aurora-kms-check restore --help`;

/**
 * The commander program. Operation commands come from the catalog. `done` receives the exit code of
 * the command that ran. `named`: the command to run, by name or alias. The other commands are
 * listed without their flags, and their code is not loaded, because loading code takes most of the
 * time to start. Without `named`, every command is built.
 */
export async function buildProgram(io: Io, done: Done, named?: string): Promise<Command> {
  const program = new CheckedCommand('aurora-kms-check')
    .description(
      'Will this snapshot, restore, copy, share or export of an encrypted RDS or Aurora database succeed for this principal - and if not, which statement of which policy stops it?',
    )
    .version(version)
    .configureOutput(outputTo(io))
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', `\n${examples}\n\n${environmentHelp}\n\n${exitCodesHelp}`);
  for (const { name, aliases, summary, hidden, heading, build } of listed(io, done)) {
    const whole = named === undefined || named === name || aliases.includes(named);
    const command = whole ? await build() : commandOf(name, io);
    program.addCommand(command.aliases(aliases).summary(summary).helpGroup(heading), { hidden });
  }
  refuseWrongValues(program);
  refuseEmptyArguments(program);
  return program;
}

/** All commands, in the order of help. */
function listed(io: Io, done: Done): readonly Listed[] {
  const operations = commandGroups().map(([first, ...rest]): Listed => {
    const group: OperationGroup = [first, ...rest];
    return {
      name: first.command,
      aliases: group.flatMap((operation) => operation.aliases),
      summary: `can the principal ${first.does}?`,
      hidden: false,
      heading: 'Operations:',
      build: () => operationCommandOf(first.command, group, io, done),
    };
  });
  const taken = new Set(operations.flatMap(({ name, aliases }) => [name, ...aliases]));
  const apis = [...new Set(catalogue.map((operation) => kebab(operation.api)))].flatMap((api): readonly Listed[] => {
    const [first, ...rest] = operationsNamed(api);
    if (first === undefined || taken.has(api)) return [];
    const build = (): Promise<Command> => operationCommandOf(api, [first, ...rest], io, done);
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
  {
    name: 'diagnose',
    heading: 'Investigate:',
    summary: 'why did an operation fail on AWS?',
    build: async (io: Io, done: Done) => (await import('./commands/diagnose-command.ts')).diagnoseCommand(io, done),
  },
  {
    name: 'diff',
    heading: 'Investigate:',
    summary: 'which verdicts differ between two states, or after a planned change?',
    build: async (io: Io, done: Done) => (await import('./commands/diff-command.ts')).diffCommand(io, done),
  },
  {
    name: 'preflight',
    heading: 'Investigate:',
    summary: 'do the expectations in a file hold, and will a Terraform plan apply?',
    build: async (io: Io, done: Done) => (await import('./commands/preflight-command.ts')).preflightCommand(io, done),
  },
  {
    name: 'who-can',
    heading: 'Investigate:',
    summary: 'who can run an operation, who may, and who nearly can?',
    build: async (io: Io, done: Done) =>
      (await import('./commands/who-can-command.ts')).whoCanCommand(io, commandGroups(), done),
  },
  {
    name: 'audit',
    heading: 'Investigate:',
    summary: 'which backups can nobody restore, and what else is wrong with them and their keys?',
    build: async (io: Io, done: Done) => (await import('./commands/audit-command.ts')).auditCommand(io, done),
  },
  {
    name: 'key-impact',
    heading: 'Investigate:',
    summary: 'what breaks if a key is disabled or deleted, or its policy replaced?',
    build: async (io: Io, done: Done) => (await import('./commands/key-impact-command.ts')).keyImpactCommand(io, done),
  },
  {
    name: 'collect',
    heading: 'Data:',
    summary: 'read an account into an evidence file',
    build: async (io: Io, done: Done) => (await import('./commands/collect-command.ts')).collectCommand(io, done),
  },
  {
    name: 'evidence',
    heading: 'Data:',
    summary: 'make evidence with the AWS CLI, or show what evidence contains',
    build: async (io: Io, done: Done) => (await import('./commands/evidence-command.ts')).evidenceCommand(io, done),
  },
  {
    name: 'permissions',
    heading: 'Data:',
    summary: 'print the IAM policy that this program needs',
    build: async (io: Io, done: Done) =>
      (await import('./commands/permissions-command.ts')).permissionsCommand(io, done),
  },
  {
    name: 'operations',
    heading: 'Investigate:',
    summary: 'list the calls, preconditions and errors of each operation',
    build: async (io: Io, done: Done) => (await import('./commands/operations-command.ts')).operationsCommand(io, done),
  },
] as const;

async function operationCommandOf(name: string, group: OperationGroup, io: Io, done: Done): Promise<Command> {
  const { operationCommand } = await import('./commands/operation-command.ts');
  return operationCommand(name, group, io, done);
}

/** The operations, grouped by command. */
function commandGroups(): readonly OperationGroup[] {
  const names = [...new Set(catalogue.map(({ command }) => command))];
  return names.flatMap((name): readonly OperationGroup[] => {
    const [first, ...others] = catalogue.filter(({ command }) => command === name);
    return first === undefined ? [] : [[first, ...others]];
  });
}
