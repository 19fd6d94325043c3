// Runs every property test as often as the property demands, from a fresh seed. `SEED=7 npm run
// test:deep` repeats a run.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const seed = process.env.SEED ?? String(randomInt(2 ** 31));
const files = readdirSync('test', { recursive: true })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test', name))
  .filter((path) => readFileSync(path, 'utf8').includes("/seed.ts'"));
console.log(`seed ${seed}: to repeat this run, SEED=${seed} npm run test:deep`);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout', '3600000', ...files],
  {
    stdio: 'inherit',
    env: { ...process.env, DEEP: '1', SEED: seed },
  },
);
if (status !== 0) console.error(`seed ${seed}: to repeat this run, SEED=${seed} npm run test:deep`);
process.exitCode = status ?? 1;
