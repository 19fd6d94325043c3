import { isKeyArn, nameOf, placeOf } from '../base/arn.ts';
import { isJson, type Json } from '../base/json.ts';
import type { Evidence } from '../evidence/schema.ts';
import { edited, withKey, withRegion } from './edits.ts';
import { textIn } from './overlay-row.ts';
import type { StateModule, TerraformPlan } from './plan-file.ts';

/* Data sources that were read when the plan was made: what they tell is newer than the evidence. */

/**
 * The evidence with what data sources read of keys and cluster snapshots (infrastructure-plans
 * 1.1).
 */
export function withDataRead(evidence: Evidence, { prior_state: state }: TerraformPlan): Evidence {
  let after = evidence;
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    for (const { mode, type, values } of resources) {
      if (mode !== 'data' || !isJson(values)) continue;
      if (type === 'aws_kms_key') after = withKeyRead(after, values);
      if (type === 'aws_db_cluster_snapshot') after = withSnapshotRead(after, values);
    }
    modules.forEach(visit);
  };
  const root = state?.values?.root_module;
  if (root !== undefined) visit(root);
  return after;
}

function withKeyRead(evidence: Evidence, values: Json): Evidence {
  const arn = textIn(values, 'arn');
  const state = textIn(values, 'key_state');
  if (arn === undefined || !isKeyArn(arn) || state === undefined) return evidence;
  const after = withKey(evidence, arn, (key = { KeyMetadata: { Arn: arn } }) => ({
    ...key,
    KeyMetadata: { ...key.KeyMetadata, KeyState: state },
  }));
  return after ?? evidence;
}

function withSnapshotRead(evidence: Evidence, values: Json): Evidence {
  const arn = textIn(values, 'db_cluster_snapshot_arn');
  const place = arn === undefined ? undefined : placeOf(arn);
  if (arn === undefined || place === undefined) return evidence;
  const read = {
    ...field('DBClusterIdentifier', textIn(values, 'db_cluster_identifier')),
    ...field('Engine', textIn(values, 'engine')),
    ...field('KmsKeyId', textIn(values, 'kms_key_id')),
    ...field('Status', textIn(values, 'status')),
    ...field('SnapshotType', textIn(values, 'snapshot_type')),
    ...(typeof values['storage_encrypted'] === 'boolean' ? { StorageEncrypted: values['storage_encrypted'] } : {}),
  };
  const after = withRegion(evidence, place, (region) => {
    const snapshots = region.rds?.DBClusterSnapshots;
    if (snapshots === undefined) return undefined;
    const list = edited(
      snapshots,
      ({ DBClusterSnapshotArn: one }) => one === arn,
      (held = { DBClusterSnapshotIdentifier: nameOf(arn), DBClusterSnapshotArn: arn }) => ({ ...held, ...read }),
    );
    return { ...region, rds: { ...region.rds, DBClusterSnapshots: list } };
  });
  return after ?? evidence;
}

function field(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: value };
}
