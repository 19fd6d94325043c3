import { copyClusterSnapshot } from './copies.ts';
import type { CallRow, Operation, PreconditionCode, PreconditionRow } from './operation.ts';
import { restoreCluster } from './restores.ts';
import { must, named, only, takesGrant, withKmsFault } from './rows.ts';
import { createClusterSnapshot } from './snapshots.ts';

/*
 * AWS Backup calls RDS as a customer role, so that what RDS calls on KMS carries that role's identity, and a Deny that spares only AWS services stops it
 * (rds-kms-operations 4.12).
 */

const asBackupRole = { assumedBy: 'backup.amazonaws.com', runsAsRole: true, aliases: [] } as const;
const trusted: readonly PreconditionRow[] = [must('role-trusts-the-service', 'rds-kms-operations 4.12')];

/** A job runs as a role, and AWS Backup names what is made. */
function without(codes: readonly PreconditionCode[], { preconditions }: Operation): readonly PreconditionRow[] {
  return preconditions.filter(({ code }) => !codes.includes(code));
}

const backupJob: Operation = {
  ...createClusterSnapshot,
  ...asBackupRole,
  command: 'backup-job',
  does: 'back up a cluster as a role of AWS Backup',
  phrase: 'back up SOURCE with AWS Backup',
  names: 'awsbackup:job-',
  parameters: [],
  calls: [
    ...createClusterSnapshot.calls,
    // AWS Backup's own page says that scheduled backups fail without access to the key (rds-kms-operations 4.1).
    ...takesGrant('storage key', { basis: 'inferred', source: 'rds-kms-operations 4.12' }),
  ],
  preconditions: [...trusted, ...without(['name-is-free'], createClusterSnapshot)],
  faults: withKmsFault,
};

/** AWS Backup reads recovery points of its own, whose ARN is that of the snapshot. */
const recoveryPoint: PreconditionRow = {
  code: 'snapshot-is-a-recovery-point',
  basis: 'inferred',
  source: 'rds-kms-operations-2 3',
};

const restoreJob: Operation = {
  ...restoreCluster,
  ...asBackupRole,
  command: 'restore-job',
  does: 'restore a cluster as a role of AWS Backup',
  phrase: 'restore SOURCE with AWS Backup',
  preconditions: [...trusted, recoveryPoint, ...restoreCluster.preconditions],
};

/** The rows of a copy that the role makes itself. */
const copiesWithinAccount = only(
  ['copy stays in the account'],
  copyClusterSnapshot.calls.filter(({ kind }) => kind !== 'service'),
);

const copyAbroad = { basis: 'documented', source: 'rds-kms-operations-2 3' } as const;

/**
 * The role shares the snapshot, and the role for AWS Backup of the destination's account copies it
 * (rds-kms-operations-2 3). What that role may do with RDS, AWS decides by its managed policy.
 */
const copiesToAnotherAccount: readonly CallRow[] = only(
  ['copy goes to another account'],
  [
    ...named('rds:ModifyDBClusterSnapshotAttribute', ['cluster-snapshot'], [], {
      basis: 'inferred',
      source: 'rds-kms-operations-2 3',
    }),
    ...[...takesGrant('target key', copyAbroad), ...takesGrant('storage key', copyAbroad, ['keys differ'])].map(
      (row): CallRow => ({ ...row, actor: 'backup role of the destination' }),
    ),
  ],
);

const copyJob: Operation = {
  ...copyClusterSnapshot,
  ...asBackupRole,
  command: 'copy-job',
  does: 'copy a backup of a cluster to another vault as a role of AWS Backup',
  phrase: 'copy SOURCE with AWS Backup',
  names: 'awsbackup:copyjob-',
  parameters: ['kms-key-id', 'source-region'],
  copiesAcrossAccounts: true,
  calls: [
    ...copiesWithinAccount,
    // The key by which AWS Backup encrypts a vault for which no other one is chosen. AWS Backup asks
    // for the key as the role, and RDS has no part in that.
    { kind: 'caller', action: 'kms:DescribeKey', on: 'vault key', isFree: true, ...copyAbroad },
    ...copiesToAnotherAccount,
    ...copyClusterSnapshot.calls.filter(({ kind }) => kind === 'service'),
  ],
  preconditions: [
    ...trusted,
    recoveryPoint,
    // The account of the key is the one that makes the copy.
    ...without(['name-is-free', 'principal-is-a-user-or-role', 'key-can-be-used-by-the-account'], copyClusterSnapshot),
    {
      ...must('accounts-are-in-one-organization', 'rds-kms-operations-2 3'),
      when: ['copy goes to another account'],
    },
    { ...must('vault-lets-the-copy-in', 'rds-kms-operations-2 3'), when: ['copy goes to another account'] },
  ],
};

/** In the order in which help shows them. */
export const backupJobs: readonly Operation[] = [backupJob, restoreJob, copyJob];
