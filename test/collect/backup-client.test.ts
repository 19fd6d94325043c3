import { describe, expect, test } from 'vitest';
import { keysOfBackup, readBackup } from '../../src/collect/backup.ts';
import { backupHost } from '../../src/collect/backup-client.ts';
import { makeHandler } from '../../src/collect/handler.ts';
import { makeReader } from '../../src/collect/reader.ts';
import { serve } from './local-service.ts';

test.each([
  ['us-east-1', false, false, 'backup.us-east-1.amazonaws.com'],
  ['us-gov-west-1', true, false, 'backup-fips.us-gov-west-1.amazonaws.com'],
  ['eu-central-1', false, true, 'backup.eu-central-1.api.aws'],
  ['cn-north-1', false, false, 'backup.cn-north-1.amazonaws.com.cn'],
] as const)('the AWS Backup host in %s, FIPS %s, dual stack %s', (region, fips, dual, host) => {
  expect(backupHost(region, fips, dual)).toBe(host);
});

type Answers = Readonly<Record<string, unknown>>;

/**
 * An AWS Backup server with an answer for each path and query. Any other request gets "not found".
 */
async function backup(answers: Answers, refused: readonly string[] = []) {
  const asked: { readonly path: string; readonly authorization: string }[] = [];
  const endpoint = await serve((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, authorization: request.headers.authorization ?? '' });
    const answer = answers[path];
    const fault = refused.includes(path) ? 'AccessDeniedException' : 'ResourceNotFoundException';
    const isFault = answer === undefined || refused.includes(path);
    response
      .writeHead(isFault ? 400 : 200, {
        'content-type': 'application/json',
        ...(isFault ? { 'x-amzn-errortype': fault } : {}),
      })
      .end(JSON.stringify(isFault ? { message: 'no' } : answer));
  });
  const reader = makeReader({ endpoint: undefined, tolerant: true });
  const settings = { region: 'eu-west-1', endpoint, requestHandler: makeHandler(undefined) };
  const held = await readBackup(settings, { account: '111122223333', region: 'eu-west-1' }, reader);
  return { held, asked, gaps: reader.gaps() };
}

const arn = 'arn:aws:backup:eu-west-1:111122223333';
const key = 'arn:aws:kms:eu-west-1:111122223333:key/k1';
const snapshot = 'arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1';
const role = 'arn:aws:iam::111122223333:role/backup';
const policy = '{"Version":"2012-10-17","Statement":[]}';

const point = {
  RecoveryPointArn: snapshot,
  BackupVaultName: 'nightly',
  ResourceArn: 'arn:aws:rds:eu-west-1:111122223333:db:db1',
  ResourceType: 'RDS',
  Status: 'COMPLETED',
  EncryptionKeyArn: key,
  IamRoleArn: role,
};
const copyTo = { DestinationBackupVaultArn: 'arn:aws:backup:us-east-1:444455556666:backup-vault:far' };
const selection = {
  SelectionName: 'tagged',
  IamRoleArn: role,
  Resources: ['*'],
  NotResources: [],
  ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'yes' }],
};

const answers: Answers = {
  '/backup-vaults/': {
    BackupVaultList: [
      {
        BackupVaultName: 'nightly',
        BackupVaultArn: `${arn}:backup-vault:nightly`,
        EncryptionKeyArn: key,
        Locked: true,
      },
    ],
    NextToken: 'more',
  },
  '/backup-vaults/?nextToken=more': {
    BackupVaultList: [
      { BackupVaultName: 'open', BackupVaultArn: `${arn}:backup-vault:open`, VaultType: 'BACKUP_VAULT' },
    ],
  },
  '/backup-vaults/nightly/access-policy': { BackupVaultName: 'nightly', Policy: policy },
  '/backup-vaults/nightly/recovery-points/?resourceType=RDS': {
    RecoveryPoints: [{ ...point, CreationDate: 1_790_000_000 }],
  },
  '/backup-vaults/nightly/recovery-points/?resourceType=Aurora': { RecoveryPoints: [] },
  '/backup-vaults/open/recovery-points/?resourceType=RDS': { RecoveryPoints: [] },
  '/backup-vaults/open/recovery-points/?resourceType=Aurora': { RecoveryPoints: [] },
  '/backup/plans/': {
    BackupPlansList: [{ BackupPlanId: 'p-1', BackupPlanName: 'daily', BackupPlanArn: `${arn}:backup-plan:p-1` }],
  },
  '/backup/plans/p-1/': {
    BackupPlan: {
      Rules: [
        {
          RuleName: 'r',
          TargetBackupVaultName: 'nightly',
          ScheduleExpression: 'cron(0 5 * * ? *)',
          CopyActions: [copyTo],
        },
      ],
    },
  },
  '/backup/plans/p-1/selections/': { BackupSelectionsList: [{ SelectionId: 's-1' }] },
  '/backup/plans/p-1/selections/s-1': { BackupSelection: selection },
};

describe('AWS Backup', () => {
  test('reads vaults with their policies and recovery points, and plans, page by page', async () => {
    const { held, asked, gaps } = await backup(answers);
    const none = { StringEquals: [], StringNotEquals: [], StringLike: [], StringNotLike: [] };
    expect(held).toEqual({
      BackupVaults: [
        {
          BackupVaultName: 'nightly',
          BackupVaultArn: `${arn}:backup-vault:nightly`,
          EncryptionKeyArn: key,
          Policy: policy,
        },
        {
          BackupVaultName: 'open',
          BackupVaultArn: `${arn}:backup-vault:open`,
          VaultType: 'BACKUP_VAULT',
          Policy: null,
        },
      ],
      RecoveryPoints: [{ ...point, CreationDate: '2026-09-21T14:13:20.000Z' }],
      BackupPlans: [
        {
          BackupPlanId: 'p-1',
          BackupPlanName: 'daily',
          BackupPlanArn: `${arn}:backup-plan:p-1`,
          Rules: [
            {
              RuleName: 'r',
              TargetBackupVaultName: 'nightly',
              ScheduleExpression: 'cron(0 5 * * ? *)',
              CopyActions: [copyTo],
            },
          ],
          Selections: [{ SelectionId: 's-1', ...selection, Conditions: none }],
        },
      ],
    });
    expect(gaps).toEqual([]);
    expect(keysOfBackup(held)).toEqual([key, key]);
    for (const { authorization } of asked) expect(authorization).toContain('/eu-west-1/backup/aws4_request');
  });

  test('has a gap for each refused read, and omits an incomplete list', async () => {
    const { held, gaps } = await backup(answers, [
      '/backup-vaults/nightly/access-policy',
      '/backup-vaults/nightly/recovery-points/?resourceType=Aurora',
      '/backup/plans/p-1/selections/s-1',
    ]);
    expect(held.BackupVaults?.map((one) => [one.BackupVaultName, one.Policy])).toEqual([
      ['nightly', undefined],
      ['open', null],
    ]);
    expect(held.RecoveryPoints).toBeUndefined();
    expect(held.BackupPlans?.map((one) => one.Selections)).toEqual([undefined]);
    expect(gaps.map(({ what }) => what)).toEqual([
      'backup:GetBackupSelection',
      'backup:GetBackupVaultAccessPolicy',
      'backup:ListRecoveryPointsByBackupVault',
    ]);
  });

  test('is empty if no list can be read', async () => {
    const { held, gaps } = await backup({}, ['/backup-vaults/', '/backup/plans/']);
    expect(held).toEqual({});
    expect(gaps.map(({ what }) => what)).toEqual(['backup:ListBackupPlans', 'backup:ListBackupVaults']);
  });

  test('reads a vault whose name has slashes', async () => {
    const name = 'aws/efs/automatic-backup-vault';
    const path = `/backup-vaults/${encodeURIComponent(name)}`;
    const { held, gaps } = await backup({
      '/backup-vaults/': {
        BackupVaultList: [{ BackupVaultName: name, BackupVaultArn: `${arn}:backup-vault:${name}` }],
      },
      [`${path}/access-policy`]: { Policy: policy },
      [`${path}/recovery-points/?resourceType=RDS`]: { RecoveryPoints: [] },
      [`${path}/recovery-points/?resourceType=Aurora`]: { RecoveryPoints: [] },
      '/backup/plans/': { BackupPlansList: [] },
    });
    expect(held.BackupVaults).toMatchObject([{ BackupVaultName: name, Policy: policy }]);
    expect([held.RecoveryPoints, gaps]).toEqual([[], []]);
  });
});
