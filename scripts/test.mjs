// Builds the bundles, then runs the tests that are not tagged as slow, with `npm run lint` in
// parallel.
// Arguments replace this choice of tests: npm test -- test/base
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const env = { ...process.env, PATH: [resolve('node_modules/.bin'), process.env.PATH].join(delimiter) };

/** Runs a shell command. `shown`: print the output at once, not when the command has ended. */
function run(name, command, { shown = false, settings = {} } = {}) {
  const start = performance.now();
  const stdio = shown ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, { shell: true, env: { ...env, ...settings }, stdio });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((done) => {
    child.once('close', (code) =>
      done({ name, isFine: code === 0, output, seconds: (performance.now() - start) / 1000 }),
    );
  });
}

/**
 * A check ends soon, so garbage collection would waste a third of its time. Several threads for
 * type checks would waste as much, because each thread repeats much of the inference of the others.
 */
const settings = { GOGC: 'off', GOMEMLIMIT: '2GiB', GOMAXPROCS: '1' };

const named = process.argv.slice(2);
const given = (named.length === 0 ? ['--tagsFilter=!slow'] : named).map((one) => JSON.stringify(one));

async function tests() {
  const bundles = await run('bundles', 'node scripts/build.mjs');
  if (!bundles.isFine) return [bundles];
  return [bundles, await run('tests', ['vitest', 'run', ...given].join(' '), { shown: true })];
}

const outcomes = (await Promise.all([tests(), run('lint', scripts.lint, { settings })])).flat();

for (const { output } of outcomes.filter(({ isFine }) => !isFine)) process.stdout.write(output);
for (const { name, isFine, seconds } of outcomes)
  console.log(`${isFine ? '✓' : '✗'} ${name.padEnd(8)}${seconds.toFixed(1).padStart(6)} s`);
if (outcomes.some(({ isFine }) => !isFine)) process.exitCode = 1;
