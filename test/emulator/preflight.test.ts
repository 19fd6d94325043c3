import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { keys, run, through } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

let moto: Emulator;
const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await moto.stop();
});

function saved(name: string, ...all: readonly string[]): string {
  const file = join(folder, name);
  const list = all.map((one, index) => `{ id: e${index}, why: w, ${one} }`).join(', ');
  writeFileSync(file, `{ version: 1, defaults: { account: "${account}" }, expectations: [${list}] }`);
  return file;
}

async function outcomes(file: string): Promise<Readonly<Record<string, string>>> {
  const { stdout, stderr } = await run(
    ['preflight', file, '--endpoint-url', moto.endpoint, '--region', region, '--output', 'json'],
    keys,
  );
  expect(stderr).toBe('');
  return Object.fromEntries(outcomesIn(stdout));
}

function outcomesIn(json: string): readonly (readonly [id: string, outcome: string])[] {
  const { expectations } = v.parse(preflightReportSchema, JSON.parse(json));
  return expectations.map(({ id, outcome }) => [id, outcome]);
}

const snapshot = 'who: role/operator, can: create-snapshot, cluster: orders';
const restore = 'who: role/operator, can: restore, snapshot: orders-before-upgrade';

describe('preflight reads from AWS', () => {
  test('the principals and resources that expectations name', async () => {
    expect(await outcomes(saved('named.yaml', snapshot, restore))).toEqual({ e0: 'holds', e1: 'broken' });
  });

  test('the whole account where there are patterns', async () => {
    const never = 'who: "role/*", cannot: share-snapshot, snapshot: "*"';
    expect(await outcomes(saved('patterns.yaml', snapshot, never))).toEqual({ e0: 'holds', e1: 'holds' });
  });

  test('the existing resources, if a named resource does not exist', async () => {
    expect(
      await outcomes(saved('typo.yaml', snapshot, 'who: role/operater, can: create-snapshot, cluster: orders')),
    ).toEqual({ e0: 'holds', e1: 'broken' });
  });

  test('each thing once', async () => {
    const file = saved('once.yaml', snapshot, restore, 'who: role/operator, can: create-snapshot, cluster: ledger');
    const { asked } = await through(moto.endpoint, {}, ['preflight', file]);
    const roles = asked.filter((one) => one.includes('GetRole') && !one.includes('Policy'));
    expect(roles).toHaveLength(1);
  });

  test('what a plan may be about, in the Region that the plan names', async () => {
    const printed = readFileSync(new URL('../cases/plan/plans/ordered.json', import.meta.url), 'utf8');
    const placed = printed
      .replaceAll('111122223333', account)
      .replaceAll('eu-west-1', region)
      .replaceAll('orders-2026-11-24', 'orders-before-upgrade')
      .replaceAll('role/dr-restore', 'role/recovery/dr-restore');
    const plan = join(folder, 'plan.json');
    writeFileSync(plan, placed);
    const asked = async (principal: string) => {
      const args = ['preflight', '--plan', plan, '--principal', principal, '--endpoint-url', moto.endpoint];
      const { code, stdout, stderr } = await run([...args, '--output', 'json'], keys, folder);
      return { code, stderr, outcomes: stdout === '' ? [] : outcomesIn(stdout) };
    };
    const id = 'aws_rds_cluster.restored RestoreDBClusterFromSnapshot';
    expect(await asked('user/administrator')).toEqual({ code: 0, stderr: '', outcomes: [[id, 'holds']] });
    // The policies of the new key name only the administrator.
    const refused = ['aws_kms_key.k CreateKey', 'aws_kms_key_policy.k PutKeyPolicy'];
    const broken = [id, ...refused].map((one) => [one, 'broken']);
    expect(await asked('role/operator')).toEqual({ code: 1, stderr: '', outcomes: broken });
  });

  test('no other account', async () => {
    const other = 'who: role/operator, cannot: restore, snapshot: x, account: "999999999999"';
    expect(await outcomes(saved('other.yaml', other))).toEqual({ e0: 'unproven' });
  });
});
