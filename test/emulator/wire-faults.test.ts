import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lazily } from '../../src/base/lazily.ts';
import { collectAccounts } from '../../src/collect/accounts.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { administrator, drRestore, keys } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { onePerPage } from './pages.ts';
import { type Fault, type Proxy, slowed, startProxy } from './proxy.ts';
import { gapsOf, iamOf, readFrom, snapshots, timeless, times } from './reading.ts';
import { deputy, fillKey, fillStaff } from './staff.ts';

let moto: Emulator;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillStaff(moto.endpoint);
  await fillKey(moto.endpoint, 'alias/ledger');
});
afterAll(async () => {
  await moto.stop();
  rmSync(folder, { recursive: true });
});

/** A generator of numbers between 0 and 1 that gives the same ones for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Of 100 answers, 20 are throttled, 5 break the connection, and 5 are errors of the service. */
function stormy(seed: number): (operation: string) => Fault | undefined {
  const random = randomFrom(seed);
  return () => {
    const number = random();
    if (number < 0.2) return { code: 'ThrottlingException', status: 400, message: 'Rate exceeded' };
    if (number < 0.25) return { code: '', status: 0, reset: true };
    if (number < 0.3) return { code: 'InternalFailure', status: 500 };
    return undefined;
  };
}

/** Unknown operations get an empty answer, so that the SDK does not retry them. */
function known(operation: string): Fault | undefined {
  return /ClusterAutomatedBackups|DescribeIntegrations/.test(operation)
    ? { code: '', status: 200, body: `<${operation.slice(4)}Response/>` }
    : undefined;
}

async function collectBy(proxy: Proxy): Promise<Evidence | undefined> {
  const wanted = { regions: [region], allRegions: false, allKeys: false, roleArns: [] };
  const [collected] = await collectAccounts(wanted, { endpointUrl: proxy.endpoint, environment: {} });
  await proxy.stop();
  return collected?.evidence;
}

// These tests mostly wait until a call is tried again.
describe.concurrent('throttling, breaking connections, errors of the service and slow answers', () => {
  const undisturbed = lazily(async () => collectBy(await startProxy(moto.endpoint, known, onePerPage)));

  test.each([2, 3])('leave the evidence of an account as it is (seed %i)', async (seed) => {
    const calm = await undisturbed();
    const storm = stormy(seed);
    const faults: string[] = [];
    const faultFor = (operation: string): Fault | undefined => {
      const fault = storm(operation) ?? known(operation);
      if (fault !== undefined && fault.body === undefined) faults.push(operation);
      return fault;
    };
    const slow = (operation: string): number => (operation.startsWith('rds:') ? 100 : 0);
    const proxy = await startProxy(moto.endpoint, faultFor, onePerPage, slowed(slow));
    const shaken = await collectBy(proxy);
    expect(faults.length).toBeGreaterThan(5);
    expect(calm === undefined || shaken === undefined ? [] : [timeless(shaken)]).toEqual([
      calm === undefined ? undefined : timeless(calm),
    ]);
  });

  test('leave a single check as it is', async () => {
    const calm = await readFrom(moto.endpoint, snapshots(deputy));
    const shaken = await readFrom(moto.endpoint, snapshots(deputy), { faultFor: stormy(4) });
    expect(timeless(shaken.evidence)).toEqual(timeless(calm.evidence));
  });

  test('end after a limited number of attempts, with a gap that says so', async () => {
    const faultFor = (operation: string): Fault | undefined =>
      operation === 'kms:ListGrants' ? { code: 'InternalFailure', status: 500 } : known(operation);
    const proxy = await startProxy(moto.endpoint, faultFor);
    const evidence = await collectBy(proxy);
    const gaps = evidence?.gaps?.filter((gap) => gap.what === 'kms:ListGrants');
    expect(gaps).toHaveLength(2);
    expect(gaps).toMatchObject([{ account, region, reason: expect.stringContaining('InternalFailure') }, {}]);
    expect(proxy.asked.filter((operation) => operation === 'kms:ListGrants').length).toBeLessThanOrEqual(16);
  });
});

describe('what changes while it is read', () => {
  test.each([
    ['kms:ListGrants', 'InvalidMarkerException', 400],
    ['rds:DescribeDBClusterSnapshots', 'InvalidParameterValue', 400],
    ['iam:ListGroupsForUser', 'ValidationError', 400],
  ])('a page token of %s that expires begins the list anew', async (operation, code, status) => {
    const whole = await readFrom(moto.endpoint, snapshots(deputy), { rewrite: onePerPage });
    let left = 1;
    const faultFor = (one: string, asked: string): Fault | undefined =>
      one === operation && /Marker/.test(asked) && left-- > 0
        ? { code, status, message: 'The marker has expired' }
        : undefined;
    const found = await readFrom(moto.endpoint, snapshots(deputy), { faultFor, rewrite: onePerPage });
    expect(times(found, operation)).toBeGreaterThan(times(whole, operation));
    expect(timeless(found.evidence)).toEqual(timeless(whole.evidence));
  });

  const gone: Fault = { code: 'NoSuchEntity', status: 404, message: 'it is gone' };

  test('a principal that is deleted meanwhile is named', async () => {
    const faultFor = (operation: string): Fault | undefined =>
      operation === 'iam:ListAttachedRolePolicies' ? gone : undefined;
    await expect(readFrom(moto.endpoint, snapshots(drRestore), { faultFor })).rejects.toMatchObject({
      kind: 'input',
      message: `IAM has no principal \`${drRestore}\``,
    });
  });

  test.each([
    ['iam:GetRolePolicy', drRestore],
    ['iam:GetPolicyVersion', administrator],
    ['iam:ListGroupPolicies', deputy],
  ])('what %s reads is a gap if it is deleted meanwhile', async (operation, principal) => {
    const faultFor = (one: string): Fault | undefined => (one === operation ? gone : undefined);
    const found = await readFrom(moto.endpoint, snapshots(principal, 'ledger-monthly'), { faultFor });
    expect(gapsOf(found)).toContainEqual(
      expect.objectContaining({ what: operation, reason: 'NoSuchEntityException: it is gone' }),
    );
    expect(iamOf(found)).toBeDefined();
  });

  test('a snapshot that is deleted meanwhile costs only who it is shared with', async () => {
    const missing: Fault = { code: 'DBClusterSnapshotNotFoundFault', status: 404 };
    const faultFor = (operation: string): Fault | undefined =>
      operation === 'rds:DescribeDBClusterSnapshotAttributes' ? missing : known(operation);
    const evidence = await collectBy(await startProxy(moto.endpoint, faultFor));
    expect(new Set(evidence?.gaps?.map((gap) => gap.what))).toEqual(
      new Set(['rds:DescribeDBClusterSnapshotAttributes']),
    );
  });
});

describe('a run that is stopped', () => {
  const bin = fileURLToPath(new URL('../../bin/aurora-kms-check.js', import.meta.url));

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s leaves no file and no connection', async (signal) => {
    const never = (operation: string): number => (operation.startsWith('kms:') ? 60_000 : 0);
    const proxy = await startProxy(moto.endpoint, known, undefined, slowed(never));
    const into = mkdtempSync(join(folder, 'stopped-'));
    const args = [bin, 'collect', '--endpoint-url', proxy.endpoint, '--region', region, join(into, 'x.json')];
    const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'] ?? '', ...keys }, stdio: 'ignore' });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, by) => resolve(by)));
    while (!proxy.asked.includes('kms:DescribeKey')) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(readdirSync(into)).toEqual([]);
    await proxy.stop();
  });
});
