import { holdsTrue } from './configuration.ts';
import type { PlannedChange, PlannedChanges, PlannedValue } from './planned-change.ts';

/*
 * The keys that an unknown value of `kms_key_id` may name if the plan does not show where the value
 * comes from, as with a `local`. Only something in the plan that is known after the apply makes a
 * value unknown, so the key is one of those that the plan itself gives.
 */

/** A key that a plan gives, and the change that gives it. */
export interface PossibleKey {
  readonly by: PlannedChange;
  readonly key: PlannedValue;
}

/** More keys than these are not tried, because each takes a check. */
const mostKeys = 5;

/**
 * Finds the keys that an attribute of a change may have. Undefined: they are not all known, or are
 * too many.
 */
export function possibleKeys({
  plan: { errored, deferred_changes: deferred },
  changes,
  expressionAt,
}: PlannedChanges): (change: PlannedChange) => readonly PossibleKey[] | undefined {
  const hasOwnKey = (change: PlannedChange): boolean => expressionAt(change, ['kms_key_id']) !== undefined;
  const isWhole = !errored && deferred.length === 0;
  const giving = isWhole ? changes.filter((one) => mayGiveKey(one, hasOwnKey)) : [];
  return (change) => {
    if (!isWhole || giving.length > 4 * mostKeys) return undefined;
    const found = giving.filter((one) => one !== change && !one.dependsOn.includes(change.identity)).map(keyOf);
    const known = found.filter((one) => one !== undefined);
    return known.length === found.length && known.length <= mostKeys ? known : undefined;
  };
}

/** Whether a resource gives a key that is known only after apply, or may give one. */
function mayGiveKey(change: PlannedChange, hasOwnKey: (change: PlannedChange) => boolean): boolean {
  const { kind, type, unknown, isData } = change;
  if (kind === 'none' || kind === 'delete' || kind === 'forget' || !holdsTrue(unknown)) return false;
  // What these give comes from other resources, unless it names no key.
  if (isData ? type === 'aws_iam_policy_document' : namesNoKey.test(type)) return false;
  return !(databases.test(type) && hasOwnKey(change));
}

const namesNoKey =
  /^(?:aws_(?:iam_\w+|vpc|subnet|security_group|security_group_rule|vpc_security_group_\w+|db_subnet_group|db_parameter_group|rds_cluster_parameter_group|db_option_group|kms_key_policy|kms_grant|rds_cluster_instance|rds_cluster_endpoint|rds_cluster_role_association|db_instance_role_association|rds_global_cluster|cloudwatch_metric_alarm|cloudwatch_log_group|route53_record|appautoscaling_\w+|secretsmanager_secret|secretsmanager_secret_version|sns_topic)|random_\w+|time_\w+|tls_\w+|null_resource|terraform_data)$/;

const databases =
  /^aws_(?:rds_cluster|db_instance|db_cluster_snapshot|db_snapshot|rds_cluster_snapshot_copy|db_snapshot_copy)$/;

/** The attribute in which a resource or data source gives a key. Undefined: not known. */
function attributeOf({ type, isData }: PlannedChange): string | undefined {
  if (type === 'aws_kms_alias') return 'target_key_arn';
  if (isData ? type === 'aws_kms_key' : keys.test(type)) return 'arn';
  return !isData && databases.test(type) ? 'kms_key_id' : undefined;
}

const keys = /^aws_kms_(?:replica_)?(?:external_)?key$/;

/** Whether a change only creates a key, and so changes no request that does not name the key. */
export function isNewKey({ type, kind, isData }: PlannedChange): boolean {
  return !isData && kind === 'create' && keys.test(type);
}

function keyOf(by: PlannedChange): PossibleKey | undefined {
  const name = attributeOf(by);
  return name === undefined ? undefined : { by, key: { is: 'later', of: by, name } };
}
