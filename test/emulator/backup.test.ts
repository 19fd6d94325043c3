import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadEvidence } from '../../src/index.ts';
import { keys, run } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

/*
 * Vaults and plans of AWS Backup. The emulator does not know recovery points, access policies or
 * selections, so these reads fail.
 */

let moto: Emulator;
const folder = mkdtempSync(join(tmpdir(), 'backup-'));
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await put('/backup-vaults/daily', {});
  await put('/backup/plans/', {
    BackupPlan: {
      BackupPlanName: 'every-night',
      Rules: [{ RuleName: 'night', TargetBackupVaultName: 'daily', ScheduleExpression: 'cron(0 3 * * ? *)' }],
    },
  });
});
afterAll(async () => {
  await moto.stop();
  rmSync(folder, { recursive: true });
});

/** A signed request. The emulator checks only the scope of the signature. */
async function put(path: string, body: object): Promise<void> {
  const scope = `Credential=AKIAIOSFODNN7EXAMPLE/20261127/${region}/backup/aws4_request`;
  const { ok, status } = await fetch(`${moto.endpoint}${path}`, {
    method: 'PUT',
    headers: { Authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
    body: JSON.stringify(body),
  });
  if (!ok) throw new Error(`${path}: ${status}`);
}

test('collect reads vaults and plans, and names what of them was not read', async () => {
  const file = join(folder, 'evidence.json');
  const { stdout } = await run(['collect', file, '--endpoint-url', moto.endpoint, '--region', region], {
    ...keys,
    AWS_MAX_ATTEMPTS: '1',
  });
  const { accounts, gaps = [] } = loadEvidence(file);
  const { BackupVaults: vaults, BackupPlans: plans } = accounts[account]?.regions?.[region]?.backup ?? {};
  expect(vaults).toMatchObject([{ BackupVaultName: 'daily' }]);
  expect(JSON.stringify(plans)).toContain('every-night');
  expect(gaps.map(({ what }) => what)).toContain('backup:ListRecoveryPointsByBackupVault');
  expect(stdout).toContain('backup:ListRecoveryPointsByBackupVault');
});
