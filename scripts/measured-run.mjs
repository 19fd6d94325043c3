// Runs the built program and measures the run, for the benches.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../bin/aurora-kms-check.js', import.meta.url));

/** The program itself writes its use of CPU and memory as the last line of standard error. */
const reportsUsage = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); process.stderr.write(`\\n${maxRSS} ${userCPUTime + systemCPUTime}`); })',
)}`;

/**
 * Runs the program to its end. `options`: the options of spawnSync, and `at`, the path of another
 * build. Returns the standard output, the wall time and CPU time in seconds, and the peak memory in
 * MB.
 */
export function measured(args, { at = program, ...options } = {}) {
  const started = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', reportsUsage, at, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    ...options,
  });
  const wall = (performance.now() - started) / 1_000;
  if (status === null || status > 2) throw new Error(stderr);
  const [kilobytes, microseconds] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { stdout, wall, cpu: microseconds / 1_000_000, megabytes: Math.round(kilobytes / 2 ** 10) };
}

/** Writes JSON into a folder and returns the path of the file. */
export function saved(folder, name, json) {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(json));
  return path;
}
