import { Failure } from '../base/failure.ts';
import type { Json } from '../base/json.ts';
import { isJson, isList } from '../base/json.ts';
import { fieldOf, textOf } from '../operations/requests.ts';

/*
 * AWS Backup jobs, as describe-copy-job, describe-restore-job and describe-backup-job print them
 * and as EventBridge delivers them. The two formats have the same fields with different
 * capitalization.
 */

export type BackupJobKind = 'copy' | 'restore' | 'backup';

export interface BackupJob {
  readonly kind: BackupJobKind;
  readonly id?: string;
  /** ISO time. */
  readonly at?: string;
  readonly failed: boolean;
  /** AWS Backup's message about the failure. Empty: the job has no message. */
  readonly message: string;
  /** ARN of the role that the job runs as. */
  readonly role?: string;
  /** ARN of the source: a database, or the snapshot that is the recovery point. */
  readonly source?: string;
  /** ARN. */
  readonly destinationVault?: string;
  /** The Region of the event. */
  readonly region?: string;
}

/** The field that has the ID of a job and shows the kind of the job. */
const idNames: Readonly<Record<BackupJobKind, string>> = {
  copy: 'CopyJobId',
  restore: 'RestoreJobId',
  backup: 'BackupJobId',
};

const kinds: readonly BackupJobKind[] = ['copy', 'restore', 'backup'];

/** Whether JSON is an AWS Backup job, or an event about a job. */
export function isBackupJob(json: unknown): boolean {
  return kindOf(json) !== undefined;
}

/** Whether JSON is an AWS Backup event as EventBridge delivers it. */
export function isBackupEvent(json: unknown): json is Json {
  return textOf(json, 'source') === 'aws.backup' && isJson(fieldOf(json, 'detail'));
}

function kindOf(json: unknown): BackupJobKind | undefined {
  const job = isBackupEvent(json) ? fieldOf(json, 'detail') : json;
  // A restore or copy job may also have the ID of the backup job that made the recovery point.
  return kinds.find((kind) => textOf(job, idNames[kind]) !== undefined);
}

const failedStates: readonly string[] = ['FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'];

/**
 * The facts of a job that has ended. `from`: the name of the input in messages.
 * @throws Failure if the job has not ended
 */
export function readBackupJob(json: unknown, from: string): BackupJob {
  const isEvent = isBackupEvent(json);
  const job = isEvent ? fieldOf(json, 'detail') : json;
  const kind = kindOf(json) ?? 'backup';
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => textOf(job, name)).find((value) => value !== undefined);
  const id = text(idNames[kind]);
  const state = (text('State', 'Status') ?? '').toUpperCase();
  const failed = failedStates.includes(state);
  if (!failed && state !== 'COMPLETED')
    throw new Failure(
      'input',
      `${from}: ${kind} job \`${id ?? ''}\` ${state === '' ? 'has no state' : `is ${state}`}`,
      'run diagnose again after the job failed or completed',
    );
  const optional = {
    id,
    at: timeOf(text('CompletionDate', 'CreationDate') ?? (isEvent ? textOf(json, 'time') : undefined)),
    role: text('IamRoleArn'),
    source: kind === 'backup' ? text('ResourceArn') : recoveryPoint(text, isEvent ? fieldOf(json, 'resources') : []),
    destinationVault: kind === 'copy' ? text('DestinationBackupVaultArn') : undefined,
    region: isEvent ? textOf(json, 'region') : undefined,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { ...given, kind, failed, message: text('StatusMessage') ?? '' };
}

function recoveryPoint(
  text: (...names: readonly string[]) => string | undefined,
  resources: unknown,
): string | undefined {
  const [first] = isList(resources) ? resources : [];
  return text('SourceRecoveryPointArn', 'RecoveryPointArn') ?? (typeof first === 'string' ? first : undefined);
}

function timeOf(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
