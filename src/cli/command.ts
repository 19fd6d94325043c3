import { Command } from 'commander';
import type { Io } from './io.ts';

/** A sub-command that writes where the run writes and leaves errors to it. */
export function commandOf(name: string, io: Io): Command {
  return new Command(name)
    .configureHelp({ commandUsage: () => `aurora-kms-check ${name} [options]` })
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .exitOverride();
}
