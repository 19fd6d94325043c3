import { Failure } from '../base/failure.ts';
import type { Json } from '../base/json.ts';
import { isJson, isList } from '../base/json.ts';
import { fieldOf, textOf } from '../operations/requests.ts';

/*
 * AWS Backup jobs, as describe-copy-job, describe-restore-job and describe-backup-job print them
 * and as EventBridge delivers them. Both spell the same fields in their own case.
 */

export type BackupJobKind = 'copy' | 'restore' | 'backup';

export interface BackupJob {
  readonly kind: BackupJobKind;
  readonly id?: string;
  /** ISO time. */
  readonly at?: string;
  readonly failed: boolean;
  /** The message of AWS Backup about the failure; empty if there is none. */
  readonly message: string;
  /** ARN of the role that the job runs as. */
  readonly role?: string;
  /** ARN of the source of the job: a database, or the snapshot that is the recovery point. */
  readonly source?: string;
  /** ARN. */
  readonly destinationVault?: string;
  /** The Region of the event. */
  readonly region?: string;
}

/** The fields that distinguish jobs. */
const idNames: Readonly<Record<BackupJobKind, string>> = {
  copy: 'CopyJobId',
  restore: 'RestoreJobId',
  backup: 'BackupJobId',
};

const kinds: readonly BackupJobKind[] = ['copy', 'restore', 'backup'];

/** Whether JSON is a job, or an event of one. */
export function isBackupJob(json: unknown): boolean {
  return kindOf(json) !== undefined;
}

/** Whether JSON is an AWS Backup event as EventBridge delivers it. */
export function isBackupEvent(json: unknown): json is Json {
  return textOf(json, 'source') === 'aws.backup' && isJson(fieldOf(json, 'detail'));
}

function kindOf(json: unknown): BackupJobKind | undefined {
  const job = isBackupEvent(json) ? fieldOf(json, 'detail') : json;
  // A job that restores or copies may name the backup job that made the recovery point.
  return kinds.find((kind) => textOf(job, idNames[kind]) !== undefined);
}

const failedStates: readonly string[] = ['FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'];

/**
 * The incident that a job shows. `from`: the name of the input in messages.
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
  const told = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { ...told, kind, failed, message: text('StatusMessage') ?? '' };
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
