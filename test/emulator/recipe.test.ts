import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recipe } from '../../src/collect/recipe.ts';
import { keyRows, rdsRows } from '../../src/evidence/lists.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { evidenceText } from '../../src/evidence/save.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { type AwsCli, startAwsCli } from './aws-cli.ts';
import { administrator, drRestore, keys, operator, type Ran, run } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { type Fault, type Proxy, startProxy } from './proxy.ts';
import { deputy, fillKey, fillStaff } from './staff.ts';
import { fillInstances, fillOrganization } from './surroundings.ts';

let moto: Emulator;
let aws: AwsCli;
let folder = '';
let made: Evidence;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  moto = await startMoto();
  aws = await startAwsCli(folder);
  await fillFoundingCase(moto.endpoint);
  await fillStaff(moto.endpoint);
  await fillKey(moto.endpoint, 'alias/ledger');
  await fillInstances(moto.endpoint);
  await fillOrganization(moto.endpoint);
  made = await byRecipe('made.json');
  const path = join(folder, 'collected.json');
  const proxy = await withBackup();
  await run(['collect', '--endpoint-url', proxy.endpoint, '--region', region, path], {
    ...keys,
    AWS_MAX_ATTEMPTS: '1',
  });
  await proxy.stop();
});
afterAll(async () => {
  aws.stop();
  await moto.stop();
  rmSync(folder, { recursive: true });
});

/** The answer to calls of AWS Backup, which the emulator does not have. */
const ofBackup: Fault = {
  code: '',
  status: 200,
  body: `<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot><DBSnapshotIdentifier>awsbackup:wiki</DBSnapshotIdentifier><DBSnapshotArn>arn:aws:rds:${region}:${account}:snapshot:awsbackup:wiki</DBSnapshotArn><SnapshotType>awsbackup</SnapshotType></DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>`,
};

type FaultFor = (operation: string, asked: string) => Fault | undefined;

/** A proxy that also answers some other calls with a fault. */
function withBackup(faultFor: FaultFor = () => undefined): Promise<Proxy> {
  return startProxy(
    moto.endpoint,
    (operation, asked) =>
      faultFor(operation, asked) ??
      (operation === 'rds:DescribeDBSnapshots' && asked.includes('awsbackup') ? ofBackup : undefined),
  );
}

/** Runs the recipe with the AWS CLI. Some calls get a fault. */
async function cook(faultFor?: FaultFor): Promise<Ran> {
  const proxy = await withBackup(faultFor);
  const script = join(folder, 'recipe.sh');
  writeFileSync(script, recipe());
  aws.write(proxy.endpoint);
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const env = { PATH, HOME: '/nonexistent', AWS_MAX_ATTEMPTS: '1', ...keys };
  try {
    return await new Promise((resolve) => {
      const child = spawn('sh', [script, region], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  } finally {
    await proxy.stop();
  }
}

async function byRecipe(name: string, faultFor?: FaultFor): Promise<Evidence> {
  const { code, stdout, stderr } = await cook(faultFor);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const evidence = parseEvidence(name, stdout);
  // Writes the lists in the order of collect, so that the two files can be compared.
  writeFileSync(join(folder, name), evidenceText(evidence));
  return evidence;
}

const unknownLists = ['DBClusterAutomatedBackups', 'Integrations'];

describe('what the recipe makes with the AWS CLI', () => {
  test('contains the result of every read', () => {
    const known = made.accounts[account];
    const there = known?.regions?.[region];
    expect(Object.keys(known?.iam ?? {})).toEqual(['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies']);
    // The emulator does not know the other lists.
    const lists = rdsRows.map(([name]) => name);
    expect(lists.filter((name) => there?.rds?.[name] === undefined)).toEqual(unknownLists);
    expect(made.gaps?.map(({ what }) => what)).toEqual(unknownLists.map((name) => `rds:Describe${name}`));
    const keyNames = ['KeyMetadata', ...keyRows.map(([name]) => name)];
    expect(there?.kms?.keys?.map((key) => Object.keys(key))).toEqual([keyNames, keyNames]);
    expect(known?.organization?.path?.map(({ type, scps }) => [type, scps?.length])).toEqual([
      ['ROOT', 2],
      ['ACCOUNT', 1],
    ]);
  });

  test('has the DB snapshots of AWS Backup beside the others', () => {
    const held = made.accounts[account]?.regions?.[region]?.rds?.DBSnapshots?.map((one) => one.DBSnapshotIdentifier);
    expect(held).toEqual(expect.arrayContaining(['wiki-1', 'awsbackup:wiki']));
    expect(new Set(held).size).toBe(held?.length);
  });

  test('knows that a user without inline policies has none', () => {
    const users = made.accounts[account]?.iam?.UserDetailList ?? [];
    expect(users.map(({ UserName, UserPolicyList }) => [UserName, UserPolicyList?.length])).toEqual([
      ['administrator', 0],
      ['deputy', 2],
    ]);
  });

  test.each([
    ['restore', operator],
    ['restore', drRestore],
    ['restore', deputy],
    ['create-snapshot', administrator],
    ['copy-snapshot', administrator],
  ])('answers like what collect reads: %s by %s', async (command, principal) => {
    const asked = [command, '--principal', principal, '--region', region, '--output', 'json'];
    const [byHand, collected] = await Promise.all(
      ['made.json', 'collected.json'].map(async (name) => {
        const { stdout } = await run([...asked, '--evidence', join(folder, name)]);
        // The recipe and collect describe a failed read in different words, so the reasons are not
        // compared.
        const { results }: { results: unknown[] } = JSON.parse(stdout.replaceAll(/("reason": *)"[^"]*"/g, '$1""'));
        return results;
      }),
    );
    expect(byHand?.length).toBeGreaterThan(1);
    expect(byHand).toEqual(collected);
  });

  test('omits refused reads, reports them, and records that an account is in no organization', async () => {
    const faults: Readonly<Record<string, Fault>> = {
      'kms:GetKeyPolicy': { code: 'AccessDeniedException', status: 400 },
      'organizations:DescribeOrganization': { code: 'AWSOrganizationsNotInUseException', status: 400 },
    };
    const less = await byRecipe('less.json', (operation, asked) =>
      // The other DB snapshots can be read.
      operation === 'rds:DescribeDBSnapshots' && asked.includes('awsbackup')
        ? { code: 'AccessDenied', status: 403 }
        : faults[operation],
    );
    const known = less.accounts[account];
    expect(known?.regions?.[region]?.rds?.DBSnapshots).toBeUndefined();
    expect(less.gaps).toContainEqual(expect.objectContaining({ what: 'rds:DescribeDBSnapshots' }));
    const held = known?.regions?.[region]?.kms?.keys ?? [];
    expect(held.map((key) => key.Policy)).toEqual([undefined, undefined]);
    const refused = less.gaps?.filter(({ what }) => what === 'kms:GetKeyPolicy');
    expect(refused?.map(({ resource }) => resource).toSorted()).toEqual(
      held.map((key) => key.KeyMetadata.Arn).toSorted(),
    );
    expect(known?.organization).toBeNull();
    const { code, stdout } = await run(['evidence', 'check', join(folder, 'less.json')]);
    expect(code).toBe(0);
    expect(stdout).toContain('Policy of alias/orders');
  });
});
