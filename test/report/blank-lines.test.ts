import { expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

const sessionPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'rds:*', Resource: '*' },
});

test.each([
  ['a step without a command', ['assumed-role/dr-restore/x', 'ledger-monthly', '--session-policy', sessionPolicy]],
  ['steps with policies and scripts', ['role/operator', 'orders-before-upgrade']],
])('one blank line separates %s from what follows', async (_, [principal = '', snapshot = '', ...more]) => {
  for (const fix of ['--fix', '--fix=aws-cli', '--fix=terraform', '--fix=all']) {
    const asked = ['restore', '--demo', '--principal', principal, '--snapshot', snapshot, fix, ...more];
    const { stdout } = await runInProcess(asked);
    expect(stdout).toContain('re-checked');
    expect(stdout).not.toContain('\n\n\n');
  }
});
