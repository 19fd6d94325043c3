import { Command, type ErrorOptions } from 'commander';
import { printable } from '../base/escape.ts';
import type { Io } from './io.ts';
import { usageError } from './usage-error.ts';

/** A command whose complaints about its arguments are failures like any other. */
export class CheckedCommand extends Command {
  /** @throws Failure */
  override error(message: string, { code = '' }: ErrorOptions = {}): never {
    throw usageError(this, message, code);
  }
}

/** A sub-command that writes where the run writes and leaves errors to it. */
export function commandOf(name: string, io: Io): Command {
  return (
    new CheckedCommand(name)
      // The longest flag would leave less room for descriptions than commander wraps in by default.
      .configureHelp({ commandUsage: () => `aurora-kms-check ${name} [options]`, minWidthToWrap: 30 })
      .configureOutput({
        writeOut: (text) => void io.stdout.write(text),
        writeErr: (text) => void io.stderr.write(printable(text)),
      })
      .showSuggestionAfterError(true)
      .allowExcessArguments(false)
      .exitOverride()
  );
}
