import {
  Command,
  type ErrorOptions,
  type Help,
  type HelpContext,
  Option,
  type OutputConfiguration,
  type ParseOptionsResult,
} from 'commander';
import { printable } from '../base/escape.ts';
import { meantBy } from '../base/nearest.ts';
import { type Io, widthOf } from './io.ts';
import { usageError } from './usage-error.ts';

/** A command that throws failures for wrong arguments, as all other code does. */
export class CheckedCommand extends Command {
  /** @throws Failure */
  override error(message: string, { code = '' }: ErrorOptions = {}): never {
    throw usageError(this, message, code);
  }

  /** Refuses an unknown command instead of showing the help of its parent. @throws Failure */
  override helpInformation(context?: HelpContext): string {
    const [word = ''] = this.args.filter((one) => one !== 'help');
    const takesCommand = this.commands.length > 0 && this.registeredArguments.length === 0;
    if (!takesCommand || word === '' || word.startsWith('-')) return super.helpInformation(context);
    const names = this.createHelp()
      .visibleCommands(this)
      .flatMap((one) => [one.name(), ...one.aliases()]);
    const near = meantBy(word, names);
    const suggestion = near === undefined ? '' : `\n(Did you mean ${near}?)`;
    this.error(`unknown command '${word}'${suggestion}`, { code: 'commander.unknownCommand' });
  }

  /** An optional value needs `=`. A word after such an option is another argument. */
  override parseOptions(argv: string[]): ParseOptionsResult {
    const ends = this.options.flatMap(({ optional, short, long }) => (optional ? [short, long] : []));
    const at = argv.findIndex((one) => one === '--' || ends.includes(one));
    if (at === -1 || argv[at] === '--') return super.parseOptions(argv);
    const first = super.parseOptions(argv.slice(0, at + 1));
    const rest = this.parseOptions(argv.slice(at + 1));
    return { operands: [...first.operands, ...rest.operands], unknown: [...first.unknown, ...rest.unknown] };
  }

  /**
   * Does not list `help`, because --help does the same. The text of each option says what it means
   * without its value.
   */
  override createHelp(): Help {
    const help = super.createHelp();
    // By default, commander does not wrap descriptions next to the longest flag or command.
    help.minWidthToWrap = 20;
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

/** A subcommand that writes to the streams of the run, and leaves errors to the run. */
export function commandOf(name: string, io: Io): Command {
  return (
    new CheckedCommand(name)
      .configureHelp({ commandUsage: () => `aurora-kms-check ${name} [options]` })
      .configureOutput(outputTo(io))
      .showSuggestionAfterError(true)
      .allowExcessArguments(false)
      .exitOverride()
      // The AWS CLI accepts this flag everywhere. This program has no pager.
      .addOption(new Option('--no-cli-pager').hideHelp().helpGroup('Request:'))
  );
}
