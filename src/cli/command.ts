import {
  Command,
  type ErrorOptions,
  type Help,
  Option,
  type OutputConfiguration,
  type ParseOptionsResult,
} from 'commander';
import { printable } from '../base/escape.ts';
import { type Io, widthOf } from './io.ts';
import { usageError } from './usage-error.ts';

/** A command whose complaints about its arguments are failures like any other. */
export class CheckedCommand extends Command {
  /** @throws Failure */
  override error(message: string, { code = '' }: ErrorOptions = {}): never {
    throw usageError(this, message, code);
  }

  /** An optional value is given by `=` alone: what follows such an option is another argument. */
  override parseOptions(argv: string[]): ParseOptionsResult {
    const ends = this.options.flatMap(({ optional, short, long }) => (optional ? [short, long] : []));
    const at = argv.findIndex((one) => one === '--' || ends.includes(one));
    if (at === -1 || argv[at] === '--') return super.parseOptions(argv);
    const first = super.parseOptions(argv.slice(0, at + 1));
    const rest = this.parseOptions(argv.slice(at + 1));
    return { operands: [...first.operands, ...rest.operands], unknown: [...first.unknown, ...rest.unknown] };
  }

  /**
   * Does not list `help`, which everybody knows; --help says the same. What an option means without
   * its value is in its own words.
   */
  override createHelp(): Help {
    const help = super.createHelp();
    const visible = help.visibleCommands.bind(help);
    const described = help.optionDescription.bind(help);
    help.visibleCommands = (command) => visible(command).filter((one) => one.name() !== 'help');
    help.optionDescription = (option) =>
      described(Object.assign(new Option(option.flags, option.description), option, { presetArg: undefined }));
    return help;
  }
}

/** Where commands write, and in which width. */
export function outputTo(io: Io): OutputConfiguration {
  return {
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(printable(text)),
    getOutHelpWidth: () => widthOf(io.stdout, io.environment),
    getErrHelpWidth: () => widthOf(io.stderr, io.environment),
  };
}

/** A sub-command that writes where the run writes and leaves errors to it. */
export function commandOf(name: string, io: Io): Command {
  return (
    new CheckedCommand(name)
      // The longest flag would leave less room for descriptions than commander wraps in by default.
      .configureHelp({ commandUsage: () => `aurora-kms-check ${name} [options]`, minWidthToWrap: 30 })
      .configureOutput(outputTo(io))
      .showSuggestionAfterError(true)
      .allowExcessArguments(false)
      .exitOverride()
      // The AWS CLI takes it everywhere. Nothing here is shown in a pager.
      .addOption(new Option('--no-cli-pager').hideHelp().helpGroup('Request:'))
  );
}
