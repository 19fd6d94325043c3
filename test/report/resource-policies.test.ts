import { expect, test } from 'vitest';
import { simulationText } from '../../src/explain/simulation.ts';
import { render } from '../../src/index.ts';
import { ask, evidenceOf, readCases } from '../check-case.ts';

/* Reports name each kind of resource policy as what it is: the policy of a key, a bucket or a vault. */

const file = readCases(new URL('../cases/check/operations.json', import.meta.url));
const account = '111122223333';
const region = 'eu-west-1';
const deny = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'Closed', Effect: 'Deny', Principal: '*', Action: action, Resource: '*' }],
});
const asked = { region, principal: `arn:aws:iam::${account}:role/Restorer` };
const iamRole = 'exporter';
const kmsKeyId = `arn:aws:kms:${region}:${account}:key/00000000-0000-0000-0000-00000000000b`;

const cases = [
  {
    of: 'bucket',
    question: {
      ...asked,
      operation: 'export-snapshot',
      snapshot: 'snapshot-k',
      parameters: { s3Bucket: 'exports', iamRole, kmsKeyId },
    },
    with: { [`/accounts/${account}/s3/Buckets/0/Policy`]: deny('s3:ListBucket') },
    action: 's3:ListBucket',
    policy: 'bucket policy',
    says: 'denied by "Closed" of the policy of bucket exports',
  },
  {
    of: 'vault',
    question: {
      ...asked,
      operation: 'start-backup-job',
      cluster: 'under-k',
      parameters: { backupVaultName: 'nightly', iamRole },
    },
    with: {
      [`/accounts/${account}/regions/${region}/backup`]: {
        BackupVaults: [
          {
            BackupVaultName: 'nightly',
            BackupVaultArn: `arn:aws:backup:${region}:${account}:backup-vault:nightly`,
            Policy: deny('backup:StartBackupJob'),
          },
        ],
      },
    },
    action: 'backup:StartBackupJob',
    policy: 'vault access policy',
    says: 'denied by "Closed" of the access policy of vault nightly',
  },
  {
    of: 'key',
    question: { ...asked, operation: 'restore', snapshot: 'snapshot-k' },
    with: { [`/accounts/${account}/regions/${region}/kms/keys/0/Policy`]: deny('kms:CreateGrant') },
    action: 'kms:CreateGrant',
    policy: 'key policy',
    says: 'denied by "Closed" of the key policy',
  },
];

test.each(cases)('a Deny of the policy of a $of', ({ question, with: changes, action, policy, says }) => {
  const report = ask(evidenceOf(file, { with: changes }), question);
  const call = report.results[0]?.calls.find((one) => one.action === action);
  expect(call?.decidedBy).toMatchObject([{ policy, sid: 'Closed' }]);
  expect(render(report, { verbose: true, width: 120 })).toContain(says);
});

test.each([
  ['kms:CreateGrant', 'the simulator does not see the key policy'],
  ['backup:StartBackupJob', 'the simulator does not see the resource policy'],
] as const)('what the policy simulator does not see of %s', (action, says) => {
  expect(simulationText({ code: 'simulator-sees-no-such-policies', kinds: ['resource'], action })).toBe(says);
});
