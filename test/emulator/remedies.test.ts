import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DisableKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportJson } from '../../src/contract/report.ts';
import { type AwsCli, startAwsCli } from './aws-cli.ts';
import { drRestore, keys, operator, run } from './command.ts';
import { credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

/*
 * Each test runs the commands of a fix with the AWS CLI exactly as the program prints them. Then
 * the program checks the operation again.
 */

let moto: Emulator;
let aws: AwsCli;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  aws = await startAwsCli(folder);
  aws.write(moto.endpoint);
});
afterAll(async () => {
  aws.stop();
  await moto.stop();
  rmSync(folder, { recursive: true });
});

async function restore(principal: string, snapshot: string): Promise<ReportJson> {
  const args = ['restore', '--principal', principal, '--snapshot', snapshot, '--output', 'json', '--region', region];
  const { stdout } = await run([...args, '--endpoint-url', moto.endpoint]);
  const report: ReportJson = JSON.parse(stdout);
  return report;
}

function typed(command: string): void {
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const env = { PATH, HOME: '/nonexistent', AWS_DEFAULT_REGION: region, ...keys };
  const { status, stderr } = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
  expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
}

function commandsOf(report: ReportJson, number: number): readonly string[] {
  return report.fixes[number]?.steps.flatMap(({ commands }) => commands) ?? [];
}

test('the missing right is given to a role', async () => {
  const before = await restore(operator, 'ledger-monthly');
  expect(before.verdict).toBe('fails');
  const commands = commandsOf(before, 0);
  expect(commands).toHaveLength(1);
  for (const command of commands) typed(command);
  expect((await restore(operator, 'ledger-monthly')).verdict).toBe('succeeds');
});

test('a key is enabled', async () => {
  const kms = new KMSClient({ endpoint: moto.endpoint, region, credentials });
  const { Aliases } = await kms.send(new ListAliasesCommand({}));
  const ledger = Aliases?.find(({ AliasName }) => AliasName === 'alias/ledger')?.TargetKeyId;
  await kms.send(new DisableKeyCommand({ KeyId: ledger }));
  const before = await restore(drRestore, 'ledger-monthly');
  expect(before.verdict).toBe('fails');
  expect(commandsOf(before, 0)).toEqual([expect.stringContaining('aws kms enable-key')]);
  for (const command of commandsOf(before, 0)) typed(command);
  expect((await restore(drRestore, 'ledger-monthly')).verdict).toBe('succeeds');
});

test('a Deny of the key policy gets an exemption for a role, and the role gets its right', async () => {
  const before = await restore(operator, 'orders-before-upgrade');
  expect(before.verdict).toBe('fails');
  const commands = commandsOf(before, 0);
  expect(commands.map((command) => command.split(' ').slice(0, 3).join(' '))).toEqual([
    'aws kms put-key-policy',
    'aws iam put-role-policy',
  ]);
  for (const command of commands) typed(command);
  expect((await restore(operator, 'orders-before-upgrade')).verdict).toBe('succeeds');
});
