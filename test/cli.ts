import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/aurora-kms-check.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Lines of more than 80 columns that could be broken. A word alone cannot, nor a member of a policy, nor an option of a command with its value. */
export function tooWide(text: string): readonly string[] {
  const unbreakable = /^ *[+-]? *(?:"[^"]*": )?"[^" ]*",?$|^ *--[a-z-]+ \S+( \\)?$/;
  return text.split('\n').filter((line) => line.length > 80 && line.trim().includes(' ') && !unbreakable.test(line));
}

/** Runs the built program as on a terminal of 80 columns, without the colours and the AWS settings of whoever runs the tests. */
export function run(args: readonly string[], { input, env, cwd }: Surroundings = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    input: input ?? '',
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
      COLUMNS: '80',
      ...env,
    },
  });
  return { code: status, stdout, stderr };
}
