import { run } from '../src/cli/run.ts';

export interface RanInProcess {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command without a separate process, at a fixed time and with only the given environment.
 */
export async function runInProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  now: () => Date = () => new Date('2026-11-26T12:00:00Z'),
): Promise<RanInProcess> {
  let stdout = '';
  let stderr = '';
  const code = await run(args, {
    stdout: { write: (part) => (stdout += part) },
    stderr: { write: (part) => (stderr += part) },
    environment,
    now,
  });
  return { code, stdout, stderr };
}
