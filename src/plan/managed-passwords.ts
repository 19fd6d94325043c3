import type { Place } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { plannedOther } from '../base/planned-name.ts';
import type { Cluster, Evidence } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { withRegion } from './edits.ts';
import { isMade, type OverlayContext, textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import { isQueued } from './queued.ts';

type Shown = Pick<OverlayContext, 'planned' | 'places'>;

/**
 * The secret of a master password that RDS manages, where a plan or its state shows it. RDS deletes
 * the secret when the management ends (rds-kms-operations-2 2). AWS does not publish when RDS applies a
 * queued change of the management, so a placeholder then stands for the status of the secret. The same
 * if the plan does not show whether RDS manages the password.
 */
export function secretOfPassword(change: PlannedChange, context: Shown): Pick<Cluster, 'MasterUserSecret'> {
  const { kind, type, before, after } = change;
  if (!passwordTypes.has(type)) return {};
  const asked = context.planned.valueAt(change, [attribute]);
  const isAsked = asked.is === 'known' && asked.value === true;
  const isOpen = asked.is === 'later' || asked.is === 'undetermined';
  const open = { MasterUserSecret: { SecretStatus: plannedOther(change.address, '') } };
  if (isMade(change)) return isAsked ? { MasterUserSecret: secretAsked(change, context) } : isOpen ? open : {};
  if (kind !== 'update') return {};
  if (before === undefined) return isAsked ? secretShown(after) : {};
  if (!isOpen && !changesPassword(change)) return {};
  if (isOpen || isQueued(change, context)) return open;
  return { MasterUserSecret: isAsked ? secretAsked(change, context) : undefined };
}

/**
 * The evidence without the secrets of master passwords in a Region, as before a request that begins the
 * management of the password of a new database. Such a request reads no other secret, so all of them are
 * left out, and many requests share the evidence.
 */
export function withoutSecrets(evidence: Evidence, place: Place): Evidence {
  const without = <T extends Pick<Cluster, 'MasterUserSecret'>>(list: T[] | undefined): T[] | undefined =>
    list?.map((one) => (one.MasterUserSecret === undefined ? one : { ...one, MasterUserSecret: undefined }));
  const after = withRegion(evidence, place, ({ rds, ...region }) => ({
    ...region,
    rds: rds && { ...rds, DBClusters: without(rds.DBClusters), DBInstances: without(rds.DBInstances) },
  }));
  return after ?? evidence;
}

/** Whether an update turns the management of the master password on or off. */
export function changesPassword({ kind, before, after, unknown }: PlannedChange): boolean {
  const [was, is] = [before, after].map((values) => propertyOf(values, attribute) === true);
  const isOpen = isJson(unknown) && propertyOf(unknown, attribute) === true;
  return kind === 'update' && before !== undefined && (was !== is || isOpen);
}

const attribute = 'manage_master_user_password';

const passwordTypes: ReadonlySet<string> = new Set(['aws_db_instance', 'aws_rds_cluster', 'aws_docdb_cluster']);

type Secret = NonNullable<Cluster['MasterUserSecret']>;

/** Without a key in the request, Secrets Manager uses its default key, which the plan does not show. */
function secretAsked(change: PlannedChange, { places }: Shown): Secret {
  const key = places.textAt(change, 'master_user_secret_kms_key_id');
  return key === undefined ? {} : { KmsKeyId: key };
}

/** The secret in the values of a resource of the state. */
function secretShown(values: PlannedChange['after']): Pick<Cluster, 'MasterUserSecret'> {
  const shown = propertyOf(values, 'master_user_secret');
  const [secret] = isList(shown) ? shown : [];
  if (!isJson(secret)) return {};
  const [arn, status, key] = [
    textIn(secret, 'secret_arn'),
    textIn(secret, 'secret_status'),
    textIn(secret, 'kms_key_id'),
  ];
  return {
    MasterUserSecret: {
      ...(arn === undefined ? {} : { SecretArn: arn }),
      ...(status === undefined ? {} : { SecretStatus: status }),
      ...(key === undefined ? {} : { KmsKeyId: key }),
    },
  };
}
