import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recipe } from '../../src/collect/recipe.ts';
import { parseEvidence } from '../../src/evidence/load.ts';

/*
 * A stub replaces the AWS CLI. It acts like a CLI without any configuration, or has an answer for
 * some calls.
 */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  writeFileSync(join(folder, 'recipe.sh'), recipe());
  writeFileSync(join(folder, 'aws'), '#!/bin/sh\necho "asked: $*" >&2\nexit 1\n');
  chmodSync(join(folder, 'aws'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

function started(regions: readonly string[], environment: Readonly<Record<string, string>>) {
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const args = [join(folder, 'recipe.sh'), ...regions];
  return spawnSync('sh', args, { env: { PATH, ...environment }, encoding: 'utf8' });
}

describe('without a Region', () => {
  test('the recipe says what to set, and calls nothing else', () => {
    const { status, stdout, stderr } = started([], {});
    expect({ status, stdout }).toEqual({ status: 253, stdout: '' });
    expect(stderr).toContain(
      'error: no Region is set\n  name the Regions (sh recipe.sh us-east-1) or set AWS_REGION\n',
    );
    expect(stderr.match(/asked: .*/g)).toEqual(['asked: configure get region']);
  });
});

describe('with a Region', () => {
  test.each([
    ['as an argument', ['us-east-1'], {}],
    ['in AWS_REGION', [], { AWS_REGION: 'us-east-1' }],
    ['in AWS_DEFAULT_REGION', [], { AWS_DEFAULT_REGION: 'us-east-1' }],
  ])('%s: the recipe asks who calls', (_, regions, environment) => {
    const { stderr } = started(regions, environment);
    expect(stderr.match(/asked: .*/g)).toEqual(['asked: sts get-caller-identity --query Account --output text']);
  });
});

describe('the vaults and plans of AWS Backup', () => {
  const name = 'aws/efs/automatic-backup-vault';
  const answers = {
    'sts get-caller-identity --query*': '111122223333',
    'sts*': '{"Arn":"arn:aws:iam::111122223333:user/u"}',
    '*list-backup-vaults*[].BackupVaultName*': JSON.stringify([name, 'other']),
    [`*list-backup-vaults*=='${name}'*`]: JSON.stringify({
      BackupVaultName: name,
      BackupVaultArn: `arn:aws:backup:us-east-1:111122223333:backup-vault:${name}`,
    }),
    '*list-recovery-points*': '[]',
    '*list-backup-plans*[].BackupPlanId*': '["orgs/1"]',
    "*list-backup-plans*=='orgs/1'*": '{"BackupPlanId":"orgs/1"}',
  };
  const other = {
    "*list-backup-vaults*=='other'*": JSON.stringify({
      BackupVaultName: 'other',
      BackupVaultArn: 'arn:aws:backup:us-east-1:111122223333:backup-vault:other',
    }),
  };

  function read(known: Readonly<Record<string, string>>) {
    const rows = Object.entries(known).map(
      ([call, answer]) => `${call.replaceAll(/[^*\w]/g, '\\$&')}) echo '${answer}' ;;`,
    );
    writeFileSync(join(folder, 'aws'), ['#!/bin/sh', 'case "$*" in', ...rows, '*) exit 1 ;;', 'esac'].join('\n'));
    const { stdout } = started(['us-east-1'], {});
    return parseEvidence('recipe', stdout).accounts['111122223333']?.regions?.['us-east-1']?.backup;
  }

  test('may have names with slashes, as those of AWS', () => {
    const backup = read({ ...answers, ...other });
    expect(backup?.BackupVaults?.map((one) => one.BackupVaultName)).toEqual([name, 'other']);
    expect(backup?.BackupPlans?.map((one) => one.BackupPlanId)).toEqual(['orgs/1']);
    expect(backup?.RecoveryPoints).toEqual([]);
  });

  test('are left out if one of them could not be read', () => {
    const backup = read(answers);
    expect([backup?.BackupVaults, backup?.RecoveryPoints]).toEqual([undefined, undefined]);
    expect(backup?.BackupPlans).toHaveLength(1);
  });
});
