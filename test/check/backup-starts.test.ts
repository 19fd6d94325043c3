import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { ask, type CheckQuestion, changed } from '../check-case.ts';
import { matrixEvidence, shapes } from '../matrix-case.ts';

/*
 * The checks after a job starts: the access policy of the vault is evaluated, and so are the rights
 * of the role that runs the job.
 */

const region = '/accounts/111122223333/regions/eu-west-1';
const policies = '/accounts/111122223333/iam/RoleDetailList/0/RolePolicyList';
const vaultArn = 'arn:aws:backup:eu-west-1:111122223333:backup-vault:nightly';
const points = ['cluster-snapshot:awsbackup:job-1', 'snapshot:awsbackup:job-2'].map((name) => ({
  RecoveryPointArn: `arn:aws:rds:eu-west-1:111122223333:${name}`,
  BackupVaultName: 'nightly',
}));
const dba = 'arn:aws:iam::111122223333:role/Dba';
const restorer = 'arn:aws:iam::111122223333:role/Restorer';
const ownKey = 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-00000000000b';

function policy(effect: 'Allow' | 'Deny', action: string, more: object = {}) {
  return {
    Version: '2012-10-17',
    Statement: [{ Sid: 'Vault', Effect: effect, Action: action, Resource: '*', ...more }],
  };
}

/** Evidence whose vault has this access policy. Undefined: the policy was not read. */
function held(access: unknown, changes: Readonly<Record<string, unknown>> = {}) {
  const vault = {
    BackupVaultName: 'nightly',
    BackupVaultArn: vaultArn,
    ...(access === undefined ? {} : { Policy: access }),
  };
  const backup = { BackupVaults: [vault], RecoveryPoints: points };
  return v.parse(evidenceSchema, changed(matrixEvidence, { [`${region}/backup`]: backup, ...changes }));
}

const parameters = { iamRole: 'Restorer', backupVaultName: 'nightly' };
const starts: readonly (readonly [string, CheckQuestion])[] = [
  [
    'StartBackupJob',
    { operation: 'start-backup-job', instance: 'instance-k', parameters, region: 'eu-west-1', principal: dba },
  ],
  [
    'StartBackupJob',
    { operation: 'start-backup-job', cluster: 'under-k', parameters, region: 'eu-west-1', principal: dba },
  ],
  // If the request names no vault, the vault is the one with the recovery point.
  [
    'StartRestoreJob',
    {
      operation: 'start-restore-job',
      snapshot: 'awsbackup:job-1',
      parameters: { iamRole: 'Restorer' },
      region: 'eu-west-1',
      principal: dba,
    },
  ],
  [
    'StartCopyJob',
    {
      operation: 'start-copy-job',
      'instance-snapshot': 'awsbackup:job-2',
      parameters: { ...parameters, kmsKeyId: ownKey },
      region: 'eu-west-1',
      principal: dba,
    },
  ],
];

describe.each(starts)('%s', (api, question) => {
  const start = (evidence: ReturnType<typeof held>) => {
    const found = ask(evidence, question).results.find((one) => one.api === api);
    if (found === undefined) throw new Error(`no answer for ${api}`);
    return found;
  };

  test('the access policy of the vault can deny the call', () => {
    const denied = start(held(policy('Deny', `backup:${api}`, { Principal: '*' })));
    expect(denied).toMatchObject({ verdict: 'fails', expectedError: { code: 'AccessDeniedException' } });
    expect(denied.expectedError).not.toHaveProperty('text');
    expect(denied.reasons[0]?.text).toContain(
      'Statement "Vault" of the access policy of vault nightly denies the call',
    );
    const [call] = denied.calls.filter(({ action }) => action === `backup:${api}`);
    expect(call?.decidedBy).toMatchObject([{ policy: 'vault access policy', name: vaultArn }]);
  });

  test('the access policy of the vault can allow the call, as an identity policy can', () => {
    const passing = { [`${policies}/0/PolicyDocument`]: policy('Allow', 'iam:PassRole') };
    expect(start(held(null, passing)).verdict).toBe('fails');
    const allowing = policy('Allow', `backup:${api}`, { Principal: { AWS: dba } });
    expect(start(held(allowing, passing)).verdict).toBe('succeeds');
  });

  test('an access policy that was not read is assumed to deny nothing', () => {
    const assumed = (access: unknown) => start(held(access)).assumptions.map(({ code }) => code);
    expect(assumed(undefined)).toContain('vault-policy-is-silent');
    expect(assumed(null)).not.toContain('vault-policy-is-silent');
  });

  test('the role has to be passed to AWS Backup', () => {
    const elsewhere = { Condition: { StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } } };
    const statements = [
      ...policy('Allow', 'backup:*').Statement,
      ...policy('Allow', 'iam:PassRole', elsewhere).Statement,
    ];
    const document = { Version: '2012-10-17', Statement: statements };
    const refused = start(held(null, { [`${policies}/0/PolicyDocument`]: document }));
    expect(refused.verdict).toBe('fails');
    expect(refused.calls.filter(({ decision }) => decision === 'denied').map(({ action }) => action)).toEqual([
      'iam:PassRole',
    ]);
  });

  test.each(Object.entries(shapes))('the job has the answer of its role, %s', (_, { keyPolicy }) => {
    const evidence = held(null, { [`${region}/kms/keys/0/Policy/Statement`]: keyPolicy });
    const next = ask(evidence, question).results.filter(({ followUp }) => followUp === true);
    const { iamRole: _role, backupVaultName: _vault, ...left } = question.parameters ?? {};
    const job = question.operation.replace('start-', '');
    const [asked] = ask(evidence, { ...question, operation: job, parameters: left, principal: restorer }).results;
    expect(next.map(({ verdict, principal, reasons }) => ({ verdict, principal, reasons }))).toEqual([
      { verdict: asked?.verdict, principal: asked?.principal, reasons: asked?.reasons },
    ]);
  });
});

describe('a vault policy against copies to other vaults leaves a copy undetermined, and no principal needs an Allow', () => {
  const question: CheckQuestion = {
    operation: 'start-copy-job',
    snapshot: 'awsbackup:job-1',
    parameters,
    region: 'eu-west-1',
    principal: dba,
  };
  const usable = { [`${region}/kms/keys/0/Policy/Statement`]: shapes['K1']?.keyPolicy };
  const elsewhere = {
    Condition: {
      'ForAllValues:ArnNotLike': { 'backup:CopyTargets': 'arn:aws:backup:eu-west-1:111122223333:backup-vault:safe' },
    },
  };
  const allowed = {
    ...policy('Allow', 'backup:StartCopyJob'),
    Statement: [...policy('Allow', 'backup:StartCopyJob').Statement, ...policy('Allow', 'iam:PassRole').Statement],
  };
  const withOwn = (role: number, document: unknown): Readonly<Record<string, unknown>> => ({
    ...usable,
    [`/accounts/111122223333/iam/RoleDetailList/${role}/RolePolicyList/1`]: {
      PolicyName: 'more',
      PolicyDocument: document,
    },
  });
  const leaving = policy('Deny', 'backup:CopyFromBackupVault');

  test.each([
    ['no Allow', held(null, { ...usable, [`${policies}/0/PolicyDocument`]: allowed }), 'succeeds', 'succeeds'],
    ['a Deny for the caller', held(null, withOwn(0, leaving)), 'undetermined', 'succeeds'],
    [
      'a Deny for the caller by targets',
      held(null, withOwn(0, policy('Deny', 'backup:CopyFromBackupVault', elsewhere))),
      'undetermined',
      'succeeds',
    ],
    ['a Deny for the role of the job', held(null, withOwn(1, leaving)), 'succeeds', 'undetermined'],
    [
      'a Deny of the vault',
      held(policy('Deny', 'backup:CopyFromBackupVault', { Principal: '*' }), usable),
      'undetermined',
      'succeeds',
    ],
  ] as const)('%s', (_, evidence, start, job) => {
    const { results } = ask(evidence, question);
    expect(results.map(({ verdict }) => verdict)).toEqual([start, job]);
    const calls = results.flatMap((one) => one.calls.filter(({ action }) => action === 'backup:CopyFromBackupVault'));
    expect(calls.length).toBe(start === job ? 0 : 1);
  });
});
