// Measures how long the program takes to start and answer, compared with `node -e 0`: wall time of
// whole processes, each pair side by side.
// usage: node scripts/bench-start.mjs [another checkout, to compare with]
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const pairs = 30;
const checkouts = [resolve(import.meta.dirname, '..'), ...process.argv.slice(2).map((path) => resolve(path))];
const commands = [
  ['restore', '--demo', '--snapshot', 'ledger-monthly', '--principal', 'role/dr-restore'],
  ['restore', '--demo'],
  ['restore', '--demo', '--snapshot', 'orders-before-upgrade'],
  ['diagnose', '--demo'],
  ['operations'],
  ['--version'],
  ['--help'],
];

/** Milliseconds that `node` takes with these arguments. */
function timed(args) {
  const start = performance.now();
  const { error } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (error !== undefined) throw error;
  return performance.now() - start;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

console.log(`Node ${process.version}; medians of ${pairs} pairs, ms and times of \`node -e 0\``);
for (const command of commands) {
  for (const checkout of checkouts) {
    const program = [resolve(checkout, 'bin/aurora-kms-check.js'), ...command];
    // The first runs fill the cache of compiled code.
    timed(program);
    timed(program);
    const taken = Array.from({ length: pairs }, () => ({ node: timed(['-e', '0']), ours: timed(program) }));
    const ours = median(taken.map((pair) => pair.ours));
    const ratio = median(taken.map((pair) => pair.ours / pair.node));
    console.log(`${ours.toFixed(0).padStart(5)} ${ratio.toFixed(2).padStart(6)}x  ${command.join(' ')}  (${checkout})`);
  }
}
