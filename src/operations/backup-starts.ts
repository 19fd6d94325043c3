import { leavesVault } from './backup-jobs.ts';
import type { CallRow, Operation, PreconditionRow, RequestShape, ResourceRole } from './operation.ts';
import type { Parameter } from './parameters.ts';
import { must } from './rows.ts';
import type { Reads } from './source-flags.ts';

/*
 * Who may start an AWS Backup job. The calls are calls to AWS Backup, the access policy of the
 * vault may deny them, and the role is passed. The calls that the job needs are checked afterwards
 * for the role (backup-jobs.ts).
 */

const documented = { basis: 'documented', source: 'rds-kms-operations-2 3' } as const;

/** How one start differs from another. */
interface Started {
  readonly command: string;
  readonly api: string;
  /** The job that then runs. */
  readonly runs: string;
  readonly does: string;
  readonly phrase: string;
  readonly reads: Reads;
  readonly request: RequestShape;
  /** The resources of the call. */
  readonly on: readonly ResourceRole[];
  readonly further?: readonly CallRow[];
  readonly parameters: readonly Parameter[];
  readonly requires: readonly Parameter[];
  readonly preconditions: readonly PreconditionRow[];
  /** A sweep leaves the operation out, because most snapshots are not recovery points. */
  readonly isByNameOnly?: true;
}

function start({ command, api, on, further = [], preconditions, ...rest }: Started): Operation {
  const calls = on.map((each): CallRow => ({ kind: 'caller', action: `backup:${api}`, on: each, ...documented }));
  return {
    ...rest,
    command,
    api,
    aliases: [],
    calls: [...calls, passesRole, ...further],
    preconditions: [
      must('vault-exists', 'rds-kms-operations-2 3', 'ResourceNotFoundException'),
      ...preconditions,
      { code: 'role-exists', basis: 'inferred', source: 'rds-kms-operations-2 3' },
      { code: 'role-is-in-the-callers-account', basis: 'inferred', source: 'rds-kms-operations-2 3' },
    ],
    faults: { caller: 'AccessDeniedException' },
  };
}

const passesRole: CallRow = {
  kind: 'caller',
  action: 'iam:PassRole',
  on: 'role',
  sends: { 'iam:PassedToService': ['backup.amazonaws.com'] },
  ...documented,
};

const recoveryPoint: PreconditionRow = {
  code: 'snapshot-is-a-recovery-point',
  basis: 'inferred',
  source: 'rds-kms-operations-2 3',
};

const ofPoint = {
  on: ['cluster-snapshot', 'snapshot'],
  preconditions: [recoveryPoint],
  isByNameOnly: true,
} as const;

const backsUp = { command: 'start-backup-job', api: 'StartBackupJob', runs: 'backup-job', on: ['vault'] } as const;
const restores = { command: 'start-restore-job', api: 'StartRestoreJob', runs: 'restore-job', ...ofPoint } as const;
const copies = {
  command: 'start-copy-job',
  api: 'StartCopyJob',
  runs: 'copy-job',
  ...ofPoint,
  further: [leavesVault('cluster-snapshot'), leavesVault('snapshot')],
} as const;

const toBackUp = {
  parameters: ['iam-role', 'backup-vault-name'],
  requires: ['iam-role', 'backup-vault-name'],
} as const;
/** The API accepts a restore without a role, but AWS Backup restores nothing of RDS without one. */
const toRestore = { parameters: ['iam-role', 'backup-vault-name'], requires: ['iam-role'] } as const;
const toCopy = {
  parameters: ['iam-role', 'backup-vault-name', 'kms-key-id'],
  requires: ['iam-role', 'backup-vault-name'],
} as const;

/**
 * In the order in which help shows them. Operations on clusters have no `when`: a recorded request
 * is one of them if its ARN fits no other operation.
 */
export const backupStarts: readonly Operation[] = [
  start({
    ...backsUp,
    ...toBackUp,
    does: 'start an AWS Backup job that backs up a cluster',
    phrase: 'start a backup job for SOURCE',
    reads: { flag: 'cluster', types: ['cluster'] },
    request: { source: ['ResourceArn'] },
    preconditions: [],
  }),
  start({
    ...backsUp,
    ...toBackUp,
    does: 'start an AWS Backup job that backs up a DB instance',
    phrase: 'start a backup job for SOURCE',
    reads: { flag: 'instance', types: ['db'] },
    request: { source: ['ResourceArn'], when: { parameter: 'ResourceArn', holds: ':db:' } },
    preconditions: [
      { code: 'instance-is-no-member-of-a-cluster', basis: 'inferred', source: 'rds-kms-operations-2 3' },
    ],
  }),
  start({
    ...restores,
    ...toRestore,
    does: 'start an AWS Backup job that restores a cluster',
    phrase: 'start a restore job of SOURCE',
    reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
    request: { source: ['RecoveryPointArn'] },
  }),
  start({
    ...restores,
    ...toRestore,
    does: 'start an AWS Backup job that restores a DB instance',
    phrase: 'start a restore job of SOURCE',
    reads: { flag: 'instance-snapshot', types: ['snapshot'] },
    request: { source: ['RecoveryPointArn'], when: { parameter: 'RecoveryPointArn', holds: ':snapshot:' } },
  }),
  start({
    ...copies,
    ...toCopy,
    does: 'start an AWS Backup job that copies a backup of a cluster',
    phrase: 'start a copy job of SOURCE',
    reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
    request: { source: ['RecoveryPointArn'] },
  }),
  start({
    ...copies,
    ...toCopy,
    does: 'start an AWS Backup job that copies a backup of a DB instance',
    phrase: 'start a copy job of SOURCE',
    reads: { flag: 'instance-snapshot', types: ['snapshot'] },
    request: { source: ['RecoveryPointArn'], when: { parameter: 'RecoveryPointArn', holds: ':snapshot:' } },
  }),
];
