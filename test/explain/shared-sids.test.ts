import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pointersOf } from '../../src/audit/key-pointers.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { pointerText } from '../../src/explain/key-impact.ts';
import { runInProcess } from '../run-in-process.ts';

/* Two statements of a policy can have the same Sid. Texts then tell them apart. */

const statement = (Effect: string, Action: string, Principal: unknown = { AWS: '*' }) => ({
  Sid: 'Same',
  Effect,
  Principal,
  Action,
  Resource: '*',
});

const policy = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'policy.json');
writeFileSync(
  policy,
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      statement('Allow', 'kms:*'),
      statement('Deny', 'kms:DescribeKey'),
      { ...statement('Deny', 'kms:CreateGrant'), Sid: 'Other' },
    ],
  }),
);
const question = ['--demo', '--snapshot', 'orders-before-upgrade', '--assume-policy', `alias/orders=${policy}`];

test.each([
  ['restore', [...question, '--principal', 'role/operator', '--verbose'], 'denied by "Same" (Statement[1]) of the'],
  ['restore', [...question, '--principal', 'role/operator'], 'Statement "Same" (Statement[1]) of the key policy'],
  [
    'who-can',
    ['restore', ...question],
    'statement "Same" (Statement[1]) of the key policy, which denies kms:DescribeKey',
  ],
])('%s names the statement with its number: %j', async (command, args, says) => {
  const { stdout } = await runInProcess([command, ...args]);
  expect(stdout).toContain(says);
  expect(stdout).not.toContain('"Other" (Statement');
});

test('so does key-impact, where the policy lets another account in', () => {
  const arn = 'arn:aws:kms:us-east-1:111122223333:key/k';
  const outside = { AWS: 'arn:aws:iam::444455556666:root' };
  const statements = ['kms:Encrypt', 'kms:Decrypt'].map((one) => statement('Allow', one, outside));
  const Policy = { Version: '2012-10-17', Statement: statements };
  const keys = [{ KeyMetadata: { Arn: arn }, Policy, Grants: [], Aliases: [], Tags: [] }];
  const account = { regions: { 'us-east-1': { kms: { keys } } } };
  const directory = directoryOf({ evidenceVersion: 1, accounts: { '111122223333': account } });
  expect(pointersOf(directory, arn, new Set()).map(pointerText)).toEqual([
    expect.stringContaining('Statement "Same" (Statement[0])'),
    expect.stringContaining('Statement "Same" (Statement[1])'),
  ]);
});
