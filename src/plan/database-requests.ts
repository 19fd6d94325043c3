import { isJson } from '../base/json.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { propertyOf } from './configuration.ts';
import { textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import type { Deriving, Path, Sending } from './request-of-change.ts';

/* What requests about clusters and DB instances have in common. */

export const sentPassword: Sending = {
  'manage-master-user-password': ['manage_master_user_password'],
  'master-user-secret-kms-key-id': ['master_user_secret_kms_key_id'],
};

export const sentInsights: Sending = {
  'database-insights-mode': ['database_insights_mode'],
  'enable-performance-insights': ['performance_insights_enabled'],
  'performance-insights-kms-key-id': ['performance_insights_kms_key_id'],
};

export const sentMonitoring: Sending = { 'monitoring-role-arn': ['monitoring_role_arn'] };

export const sentAccess: Sending = { 'publicly-accessible': ['publicly_accessible'] };

export const sentDomain: Sending = { 'domain-iam-role-name': ['domain_iam_role_name'] };

/** Parameters of every request that creates a cluster or DB instance. */
export const everyDatabase: Sending = {
  engine: ['engine'],
  'db-subnet-group-name': ['db_subnet_group_name'],
  ...sentDomain,
};

export const newDatabase: Sending = {
  ...everyDatabase,
  ...sentPassword,
  ...sentInsights,
  ...sentMonitoring,
  'engine-version': ['engine_version'],
  'kms-key-id': ['kms_key_id'],
  'storage-encrypted': ['storage_encrypted'],
};

/** Attributes that change without ModifyDBInstance, for an instance of a cluster. */
export const notOfMember: ReadonlySet<string> = new Set(['region', 'tags', 'tags_all']);

/** Attributes of deletes, upgrades and tags. */
export const notOfDatabase = [
  ...notOfMember,
  'allow_major_version_upgrade',
  'delete_automated_backups',
  'final_snapshot_identifier',
  'skip_final_snapshot',
];

/** The names of the attributes that an update changes, or may change. */
export function changedIn({ planned, change }: Deriving): readonly string[] {
  const { before, after, unknown } = change;
  const marks = isJson(unknown) ? unknown : {};
  const names = new Set([before ?? {}, after ?? {}, marks].flatMap((one) => Object.keys(one)));
  return [...names].filter((name) => {
    // A recomputed attribute is not a request, unless the configuration sets the value.
    if (propertyOf(marks, name) === true) return planned.expressionAt(change, [name]) !== undefined;
    return JSON.stringify(propertyOf(before, name) ?? null) !== JSON.stringify(propertyOf(after, name) ?? null);
  });
}

/**
 * The parameters whose values change. The Performance Insights key is sent together with the flag
 * that turns Performance Insights on.
 */
export function onlyChanged(send: Sending, changed: readonly string[]): Sending {
  const isOfInsights = (name: string): boolean => /^(?:database|performance)_insights_/.test(name);
  const isInsights = changed.some(isOfInsights);
  const isSent = ([name = '']: Path): boolean =>
    typeof name === 'string' && (changed.includes(name) || (isInsights && isOfInsights(name)));
  return Object.fromEntries(Object.entries(send).filter(([, path]) => isSent(path)));
}

/** The parameters for the final snapshot. A delete uses the values in the state. */
export function sentFinalSnapshot({ before }: PlannedChange): OperationParameters {
  if (propertyOf(before, 'skip_final_snapshot') === true) return { skipFinalSnapshot: true };
  const name = textIn(before, 'final_snapshot_identifier');
  return name === undefined ? {} : { to: name };
}
