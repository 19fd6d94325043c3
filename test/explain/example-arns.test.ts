import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

test('the example of an ARN whose account a policy leaves open has an account', async () => {
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:*',
        Resource: '*',
        Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' } },
      },
    ],
  });
  const asked = ['restore', '--demo', '--principal', 'role/dr-restore', '--snapshot', 'ledger-monthly'];
  const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'policy.json');
  writeFileSync(file, policy);
  const { stdout } = await runInProcess([...asked, '--assume-policy', `alias/ledger=${file}`]);
  expect(stdout).toContain('For example, both calls are allowed with aws:PrincipalArn = arn:');
  expect(stdout).toContain(', and denied with aws:PrincipalArn = arn:aws:iam::999999999999:user/example.');
});
