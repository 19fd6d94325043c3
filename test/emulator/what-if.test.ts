import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReportJson, reportSchema } from '../../src/contract/report.ts';
import { drRestore, operator, run } from './command.ts';
import { fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

let moto: Emulator;
let folder = '';
let policy = '';
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  policy = join(folder, 'policy.json');
  const statement = { Effect: 'Allow', Action: ['kms:DescribeKey', 'kms:CreateGrant'], Resource: '*' };
  writeFileSync(policy, JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await moto.stop();
});

function restore(principal: string, ...assume: readonly string[]): ReturnType<typeof run> {
  const asked = ['restore', '--principal', principal, '--snapshot', 'ledger-monthly', '--output', 'json'];
  return run([...asked, '--endpoint-url', moto.endpoint, '--region', region, ...assume]);
}

test.each([
  ['a key state', drRestore, () => ['--assume-key-state', 'alias/ledger=PendingDeletion'], 'fails'],
  ['an inline policy', operator, () => ['--assume-policy', `role/operator/restore=${policy}`], 'succeeds'],
])('%s is assumed on top of a live read', async (_, principal, assume, verdict) => {
  const without: ReportJson = v.parse(reportSchema, JSON.parse((await restore(principal)).stdout));
  const { stdout, stderr } = await restore(principal, ...assume());
  expect(stderr).toBe('');
  const report: ReportJson = v.parse(reportSchema, JSON.parse(stdout));
  expect([without.verdict, report.verdict].toSorted()).toEqual(['fails', 'succeeds']);
  expect(report).toMatchObject({ verdict, assumed: [{ text: expect.any(String) }] });
});

test('what a single check does not read cannot be assumed', async () => {
  const { code, stderr } = await restore(operator, '--assume-policy', `scp/FullAWSAccess=${policy}`);
  expect(stderr).toContain('checks on AWS do not read SCPs and RCPs: use evidence from `aurora-kms-check collect`');
  expect(code).toBe(252);
});
