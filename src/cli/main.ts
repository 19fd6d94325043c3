import { interrupted } from './exit-code.ts';
import { run } from './run.ts';

/** Runs the program on this process's arguments and streams. Returns the exit code. */
export async function main(): Promise<number> {
  // A reader that has seen enough, such as `head`, closes the pipe.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.once('SIGINT', () => process.exit(interrupted));
  return run(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    now: () => new Date(),
  });
}
