import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url));

/* `npm run fuzz -- --minutes 10` tries other input; what it finds becomes a case. */
test('mutated input crashes nothing, hangs nothing and passes nothing on', () => {
  const args = [script, '--seed', '20261124', '--inputs', '2500', '--runs', '10'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^seed 20261124\n(?:.*\n)*2500 inputs \([1-9]\d+ answered, \d+ refused\), 10 runs of the program, 0 findings/,
  );
  expect(status).toBe(0);
});
