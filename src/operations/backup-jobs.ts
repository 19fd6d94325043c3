import { copyClusterSnapshot, copyInstanceSnapshot } from './copies.ts';
import type { CallRow, Operation, PreconditionCode, PreconditionRow, ResourceRole } from './operation.ts';
import { restoreCluster, restoreInstance } from './restores.ts';
import { must, named, only, takesGrant, usableNamedKey, withKmsFault } from './rows.ts';
import { createClusterSnapshot, createInstanceSnapshot } from './snapshots.ts';

/*
 * AWS Backup calls RDS with a customer role, so RDS's KMS calls carry the identity of that role. A
 * Deny that exempts only AWS services stops them (rds-kms-operations 4.12). A job makes the calls
 * of the RDS operation.
 */

const asBackupRole = { assumedBy: 'backup.amazonaws.com', runsAsRole: true, aliases: [] } as const;
const trusted: readonly PreconditionRow[] = [must('role-trusts-the-service', 'rds-kms-operations 4.12')];

/** Preconditions without some: a job runs as a role, and AWS Backup names the new resource. */
function without(codes: readonly PreconditionCode[], { preconditions }: Operation): readonly PreconditionRow[] {
  return preconditions.filter(({ code }) => !codes.includes(code));
}

/** Backups of AWS Backup do not count towards RDS's quota of manual snapshots. */
const notCounted: PreconditionCode = 'manual-snapshots-are-below-the-quota';

/** `what`: with its article. */
function backupJob(what: string, taking: Operation): Operation {
  return {
    ...taking,
    ...asBackupRole,
    command: 'backup-job',
    does: `back up ${what} as an AWS Backup role`,
    phrase: 'back up SOURCE with AWS Backup',
    names: 'awsbackup:job-',
    parameters: [],
    calls: [
      ...taking.calls,
      // According to AWS Backup's own page, scheduled backups fail without access to the key
      // (rds-kms-operations 4.1).
      ...takesGrant('storage key', { basis: 'inferred', source: 'rds-kms-operations 4.12' }),
    ],
    preconditions: [...trusted, ...without(['name-is-free', notCounted], taking)],
    faults: withKmsFault,
  };
}

/** AWS Backup reads only its own recovery points. Their ARN is the ARN of the snapshot. */
const recoveryPoint: PreconditionRow = {
  code: 'snapshot-is-a-recovery-point',
  basis: 'inferred',
  source: 'rds-kms-operations-2 3',
};

function restoreJob(what: string, restoring: Operation): Operation {
  return {
    ...restoring,
    ...asBackupRole,
    command: 'restore-job',
    does: `restore ${what} as an AWS Backup role`,
    phrase: 'restore SOURCE with AWS Backup',
    preconditions: [...trusted, recoveryPoint, ...restoring.preconditions],
  };
}

const copyAbroad = { basis: 'documented', source: 'rds-kms-operations-2 3' } as const;

/**
 * The role shares the snapshot, and the service-linked role of AWS Backup in the destination
 * account copies it (rds-kms-operations-2 3). AWS's managed policy decides what that role may do
 * with RDS. Copies were seen to work although the policy of the source's key gives this role the
 * actions on grants alone, without kms:DescribeKey (rds-kms-operations-2 13.1).
 */
const onKeysAbroad: readonly CallRow[] = [
  ...takesGrant('target key', copyAbroad),
  {
    kind: 'forwarded',
    action: 'kms:DescribeKey',
    on: 'storage key',
    when: ['keys differ'],
    basis: 'inferred',
    source: 'rds-kms-operations-2 13.1',
  },
  { kind: 'forwarded', action: 'kms:CreateGrant', on: 'storage key', when: ['keys differ'], ...copyAbroad },
];

const underKeysAbroad = onKeysAbroad.map((row): CallRow => ({ ...row, actor: 'backup role of the destination' }));

/**
 * With this permission, a policy can limit the vaults that copies go to. AWS lists the permission,
 * but does not say whether the principal that starts the job or the role of the job needs it, or
 * whether a copy needs an Allow.
 */
export function leavesVault(on: ResourceRole): CallRow {
  return {
    kind: 'caller',
    action: 'backup:CopyFromBackupVault',
    on,
    keys: ['backup:CopyTargets', 'backup:CopyTargetOrgPaths'],
    onlyDenied: true,
    basis: 'unknown',
    source: 'rds-kms-operations-2 3',
  };
}

/** The preconditions of the key that encrypts a copy. */
const aboutCopyKey: ReadonlySet<PreconditionCode> = new Set(usableNamedKey.map(({ code }) => code));

/**
 * A job encrypts a copy of a cluster only if the backup is encrypted (rds-kms-operations-2 3). AWS
 * does not say what it does with a backup under the AWS owned key.
 */
function ifEncrypted<Row extends CallRow | PreconditionRow>(row: Row): readonly Row[] {
  const when = row.when ?? [];
  return [
    { ...row, when: [...when, 'copy is encrypted'] },
    { ...row, when: [...when, 'copy may be encrypted'], basis: 'unknown' },
  ];
}

function isOnCopyKey({ kind, on }: CallRow): boolean {
  return (kind === 'forwarded' || kind === 'service') && on === 'target key';
}

/** A job that copies, with the calls and preconditions of the key only where the copy is encrypted. */
function encryptedIfSource(job: Operation): Operation {
  return {
    ...job,
    calls: job.calls.flatMap((row) => (isOnCopyKey(row) ? ifEncrypted(row) : [row])),
    preconditions: job.preconditions.flatMap((row) => (aboutCopyKey.has(row.code) ? ifEncrypted(row) : [row])),
  };
}

/** `sharing`: the calls with which the role of the job makes the snapshot available. */
function copyJob(what: string, copying: Operation, sharing: readonly CallRow[]): Operation {
  return {
    ...copying,
    ...asBackupRole,
    command: 'copy-job',
    does: `copy a backup of ${what} to another vault as an AWS Backup role`,
    phrase: 'copy SOURCE with AWS Backup',
    names: 'awsbackup:copyjob-',
    parameters: ['kms-key-id', 'source-region'],
    copiesAcrossAccounts: true,
    calls: [
      leavesVault('cluster-snapshot'),
      leavesVault('snapshot'),
      ...only(
        ['copy stays in the account'],
        copying.calls.filter(({ kind }) => kind !== 'service'),
      ),
      // The key with which AWS Backup encrypts a vault if no other key is chosen. AWS Backup
      // describes the key as the role, without RDS.
      { kind: 'caller', action: 'kms:DescribeKey', on: 'vault key', isFree: true, ...copyAbroad },
      ...only(['copy goes to another account'], [...sharing, ...underKeysAbroad]),
      ...copying.calls.filter(({ kind }) => kind === 'service'),
    ],
    preconditions: [
      ...trusted,
      recoveryPoint,
      // The account of the key makes the copy.
      ...without(
        [
          'name-is-free',
          notCounted,
          'principal-is-a-user-or-role',
          'key-can-be-used-by-the-account',
          // What AWS Backup does with databases of RDS Custom is not established.
          'custom-snapshot-can-be-copied',
        ],
        copying,
      ),
      { ...must('accounts-are-in-one-organization', 'rds-kms-operations-2 3'), when: ['copy goes to another account'] },
      { ...must('vault-lets-the-copy-in', 'rds-kms-operations-2 3'), when: ['copy goes to another account'] },
      must('vault-is-not-air-gapped', 'rds-kms-operations-2 7'),
    ],
  };
}

const shared = { basis: 'inferred', source: 'rds-kms-operations-2 3' } as const;

/** In the order in which help shows them. */
export const backupJobs: readonly Operation[] = [
  backupJob('a cluster', createClusterSnapshot),
  backupJob('a DB instance', createInstanceSnapshot),
  restoreJob('a cluster', restoreCluster),
  restoreJob('a DB instance', restoreInstance),
  encryptedIfSource(
    copyJob(
      'a cluster',
      copyClusterSnapshot,
      named('rds:ModifyDBClusterSnapshotAttribute', ['cluster-snapshot'], [], shared),
    ),
  ),
  copyJob('a DB instance', copyInstanceSnapshot, named('rds:ModifyDBSnapshotAttribute', ['snapshot'], [], shared)),
];
