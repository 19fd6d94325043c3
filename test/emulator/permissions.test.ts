import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectAccounts } from '../../src/collect/accounts.ts';
import { readingPolicy } from '../../src/collect/permissions.ts';
import type { ToRead } from '../../src/collect/reading.ts';
import type { Mode } from '../../src/collect/reads.ts';
import { parse } from '../../src/policy/parse.ts';
import { keys, operator, run } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { startProxy } from './proxy.ts';
import { readFrom } from './reading.ts';
import { assistant, deputy, fillStaff } from './staff.ts';
import { fillInstances, fillOrganization } from './surroundings.ts';

let moto: Emulator;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillStaff(moto.endpoint);
  await fillInstances(moto.endpoint);
  await fillOrganization(moto.endpoint);
});
afterAll(async () => {
  await moto.stop();
  rmSync(folder, { recursive: true });
});

function allowed(mode: Mode, roleArns: readonly string[] = []): readonly string[] {
  return readingPolicy(mode, roleArns)
    .Statement.flatMap((statement) => statement.Action)
    .toSorted();
}

/** The calls that need a permission, each once. */
function needing(asked: readonly string[]): readonly string[] {
  return [...new Set(asked)].filter((operation) => operation !== 'sts:GetCallerIdentity').toSorted();
}

/** Operations that the emulator does not know get an empty answer. */
const unknown = {
  faultFor: (operation: string) =>
    /ClusterAutomatedBackups/.test(operation)
      ? { code: '', status: 200, body: `<${operation.slice(4)}Response/>` }
      : undefined,
};

test('checks make every call that their policy allows, and no other', async () => {
  const asked: ToRead = {
    principal: deputy,
    otherPrincipals: [assistant, operator],
    types: ['cluster', 'db', 'cluster-snapshot', 'snapshot', 'cluster-auto-backup', 'auto-backup'],
    kmsKeyIds: [],
    sharing: true,
    quotas: true,
  };
  const found = await readFrom(moto.endpoint, asked, unknown);
  expect(needing(found.asked)).toEqual(allowed('check'));
});

/**
 * The emulator has no vaults and no AWS Backup plans, so the program does not read their contents
 * here. test/collect/backup-client.test.ts tests these reads.
 */
function isAskedHere(action: string): boolean {
  return !action.startsWith('backup:') || ['backup:ListBackupVaults', 'backup:ListBackupPlans'].includes(action);
}

test.each([['collect'], ['organization']] as const)('%s makes every call that its policy allows', async (mode) => {
  const proxy = await startProxy(moto.endpoint, () => undefined);
  const asked = ['collect', '--endpoint-url', proxy.endpoint, '--all-keys', join(folder, `${mode}.json`)];
  const env = { ...keys, AWS_REGION: region, AWS_MAX_ATTEMPTS: '1' };
  for (const where of [[], ['--all-regions']]) expect(await run([...asked, ...where], env)).toMatchObject({ code: 0 });
  await proxy.stop();
  const all = needing(proxy.asked);
  expect(all.filter((operation) => mode === 'organization' || !operation.startsWith('organizations:'))).toEqual(
    allowed(mode).filter(isAskedHere),
  );
});

test('collect with the role of another account also needs sts:AssumeRole', async () => {
  const proxy = await startProxy(moto.endpoint, unknown.faultFor);
  const reader = 'arn:aws:iam::210987654321:role/reader';
  const wanted = { regions: [region], allRegions: false, allKeys: true, roleArns: [reader] };
  const collected = await collectAccounts(wanted, { endpointUrl: proxy.endpoint, environment: {} });
  await proxy.stop();
  expect(collected.map((one) => one.account)).toEqual([account, '210987654321']);
  const asked = needing(proxy.asked).filter((operation) => !operation.startsWith('organizations:'));
  expect(asked).toEqual(
    allowed('collect', [reader]).filter((action) => action !== 'ec2:DescribeRegions' && isAskedHere(action)),
  );
  expect(asked).toContain('sts:AssumeRole');
});

// The tests of simulate and diagnose check the calls of these two modes.
test.each([
  ['simulate', 'iam:SimulatePrincipalPolicy'],
  ['diagnose', 'cloudtrail:LookupEvents'],
] as const)('%s allows the calls of a check, and %s', (mode, action) => {
  expect(allowed(mode)).toEqual([...allowed('check'), action].toSorted());
});

test('IAM accepts every policy', () => {
  for (const mode of ['check', 'simulate', 'diagnose', 'collect', 'organization'] as const) {
    const policy = readingPolicy(mode, [`arn:aws:iam::${account}:role/reader`]);
    expect(parse('identity', mode, policy)).not.toHaveProperty('faults');
    const sids = policy.Statement.map((statement) => statement.Sid);
    expect(sids.filter((sid, index) => sids.indexOf(sid) !== index || !/^\w+$/.test(sid))).toEqual([]);
    expect(JSON.stringify(policy).length).toBeLessThan(6144);
  }
});
