import { CommanderError } from 'commander';
import { Failure } from '../base/failure.ts';
import { badUsage, defect, exitCodeOfFailure } from './exit-code.ts';
import { clearLine, type Io, printable } from './io.ts';
import { buildProgram } from './program.ts';

/** Runs the program. `argv`: the arguments, without node and script. Never throws; returns the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const debug = argv.includes('--debug');
  const json = argv.some(
    (argument, index) => argument === '--output=json' || (argument === '--output' && argv[index + 1] === 'json'),
  );
  let exitCode = 0;
  try {
    await buildProgram(io, (code) => {
      exitCode = code;
    }).parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, io, { debug, json });
  }
}

interface ErrorStyle {
  readonly debug: boolean;
  readonly json: boolean;
}

function report(error: unknown, io: Io, { debug, json }: ErrorStyle): number {
  // commander has written help or its complaint by itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : badUsage;
  clearLine(io.stderr);
  const known = error instanceof Failure ? error : undefined;
  const message =
    known?.message ?? `a defect of aurora-kms-check: ${error instanceof Error ? error.message : String(error)}`;
  const next = known === undefined ? 'please report it, with what --debug shows' : known.next;
  const exitCode = known === undefined ? defect : exitCodeOfFailure(known.kind);
  if (json)
    io.stderr.write(`${JSON.stringify({ error: { exitCode, message, ...(next === undefined ? {} : { next }) } })}\n`);
  else io.stderr.write(printable(`error: ${message}${next === undefined ? '' : `\n  ${next}`}\n`));
  if (debug && error instanceof Error)
    io.stderr.write(`${error.stack ?? ''}\n${error.cause instanceof Error ? `${error.cause.stack ?? ''}\n` : ''}`);
  return exitCode;
}
