import { defect } from './exit-code.ts';
import { run } from './run.ts';

/** Runs the program on this process's arguments and streams. Returns the exit code. */
export async function main(): Promise<number> {
  let broken = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, such as `head`, closes the pipe.
    if (error.code === 'EPIPE') return;
    broken = true;
    process.exitCode = defect;
    process.stderr.write(`error: cannot write the answer: ${error.message}\n`);
  });
  // Nobody listens for signals: a listener could not run while a read or a computation blocks, and
  // what a signal does by itself ends the program at once. Files are written in one go, so that
  // there is nothing to clear away.
  const exitCode = await run(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    now: () => new Date(),
  });
  return broken ? defect : exitCode;
}
