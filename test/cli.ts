import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInProcess } from './run-in-process.ts';

const bin = fileURLToPath(new URL('../bin/aurora-kms-check.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of a run in this process. */
interface Place {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Surroundings extends Place {
  readonly input?: string;
}

/**
 * Lines of more than 80 columns that could be wrapped. A single word, a member of a policy, and an
 * option of a command with its value cannot be wrapped.
 */
export function tooWide(text: string): readonly string[] {
  const unbreakable = /^ *[+-]? *(?:"[^"]*": )?"[^" ]*",?$|^ *--[a-z-]+ \S+( \\)?$/;
  return text.split('\n').filter((line) => line.length > 80 && line.trim().includes(' ') && !unbreakable.test(line));
}

const cacheHome = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
process.once('exit', () => rmSync(cacheHome, { recursive: true, force: true }));

/**
 * The runs of a test file share the compiled code of the program, which halves their processor
 * time.
 */
export const codeCache: Readonly<Record<string, string>> = { XDG_CACHE_HOME: cacheHome };

/**
 * A terminal of 80 columns. The colors and AWS settings of the person who runs the tests have no
 * effect.
 */
const terminal = { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', COLUMNS: '80' };

/** Runs the built program. A process takes as long as fifty runs in this process: see `runHere`. */
export function run(args: readonly string[], { input, env, cwd }: Surroundings = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    input: input ?? '',
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env['PATH'] ?? '', ...codeCache, ...terminal, ...env },
  });
  return { code: status, stdout, stderr };
}

/** Runs one function after another, because a run in this process may change its working folder. */
export async function inTurn<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (const one of all) done.push(await act(one));
  return done;
}

/**
 * Runs the program in this process, for tests that need no standard input, no signal and no built
 * files.
 */
export async function runHere(args: readonly string[], { env, cwd }: Place = {}): Promise<Ran> {
  const before = process.cwd();
  if (cwd !== undefined) process.chdir(cwd);
  try {
    return await runInProcess(args, { ...terminal, ...env }, () => new Date());
  } finally {
    process.chdir(before);
  }
}
