import { fileProblem } from '../base/file-problem.ts';
import { badUsage } from './exit-code.ts';
import { run } from './run.ts';

/** Runs the program on this process's arguments and streams. Returns the exit code. */
export async function main(): Promise<number> {
  let broken = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has read enough, such as `head`, closes the pipe.
    if (error.code === 'EPIPE') return;
    broken = true;
    process.exitCode = badUsage;
    const problem = fileProblem(error) ?? error.message;
    process.stderr.write(`error: cannot write the answer: ${problem}\n  check where standard output goes\n`);
  });
  // There are no signal handlers: a handler could not run while a read or a computation blocks, and
  // the default action of a signal ends the program at once. Files are written in one step, so
  // there is nothing to clean up.
  const exitCode = await run(process.argv.slice(2), {
    stdout: {
      write: (text) => process.stdout.write(text),
      drained,
      isTTY: process.stdout.isTTY,
      columns: process.stdout.columns,
    },
    stderr: process.stderr,
    environment: process.env,
    now: () => new Date(),
  });
  return broken ? badUsage : exitCode;
}

/** Waits until standard output has passed on its data, or will pass on no more. */
function drained(): Promise<void> {
  const { stdout } = process;
  return new Promise((resolve) => {
    if (stdout.destroyed || !stdout.writableNeedDrain) {
      resolve();
      return;
    }
    const events = ['drain', 'close', 'error'];
    const done = (): void => {
      for (const event of events) stdout.removeListener(event, done);
      resolve();
    };
    for (const event of events) stdout.once(event, done);
  });
}
