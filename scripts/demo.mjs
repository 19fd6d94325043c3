/*
 * Shows the contrast that the program explains: the operator takes a snapshot and cannot restore
 * one.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/aurora-kms-check.js', import.meta.url));

for (const args of [
  ['create-snapshot', '--demo', '--cluster', 'orders'],
  ['restore', '--demo', '--snapshot', 'orders-before-upgrade'],
]) {
  console.log(`\n$ aurora-kms-check ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [bin, ...args], { stdio: 'inherit' });
  // The demo shows a verdict, so exit codes 0 and 1 are fine. Any other exit code is a fault.
  if (status !== 0 && status !== 1) process.exit(status ?? 1);
}
