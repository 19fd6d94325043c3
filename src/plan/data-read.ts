import { isKeyArn, nameOf, parseArn, placeOf } from '../base/arn.ts';
import { isJson, type Json } from '../base/json.ts';
import type { Evidence, Region } from '../evidence/schema.ts';
import { edited, withKey, withRegion } from './edits.ts';
import { withAlias } from './keys.ts';
import { textIn } from './overlay-row.ts';
import type { StateModule, TerraformPlan } from './plan-file.ts';

/*
 * Puts into the evidence what data sources read when the plan was made. Their values are newer than
 * the evidence.
 */

type Read = (evidence: Evidence, values: Json) => Evidence;

/**
 * The ARNs of users, roles and sessions that exist, according to the plan: what its data sources
 * read, and the roles that its providers assume.
 */
export function principalsRead({ prior_state: state, configuration }: TerraformPlan): ReadonlySet<string> {
  const found = new Set(JSON.stringify(configuration.provider_config).match(/arn:[\w-]+:iam::\d{12}:role\/[^"]+/g));
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    for (const { mode, type, values } of resources)
      if (
        mode === 'data' &&
        /^aws_(?:caller_identity|iam_(?:roles?|users?|session_context))$/.test(type) &&
        isJson(values)
      )
        for (const text of [values['arn'], values['issuer_arn'], values['arns']].flat())
          if (typeof text === 'string') found.add(text);
    modules.forEach(visit);
  };
  const root = state?.values?.root_module;
  if (root !== undefined) visit(root);
  return found;
}

/**
 * The evidence with the keys, aliases, databases and snapshots that data sources read. `is`: which
 * data sources count, by address.
 */
export function withDataRead(
  evidence: Evidence,
  { prior_state: state }: TerraformPlan,
  is: (address: string) => boolean,
): Evidence {
  let after = evidence;
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    for (const { address, mode, type, values } of resources) {
      const read = mode === 'data' && Object.hasOwn(reads, type) && is(address) ? reads[type] : undefined;
      if (read !== undefined && isJson(values)) after = read(after, values);
    }
    modules.forEach(visit);
  };
  const root = state?.values?.root_module;
  if (root !== undefined) visit(root);
  return after;
}

const withKeyRead: Read = (evidence, values) => {
  const arn = textIn(values, 'arn');
  const state = textIn(values, 'key_state');
  if (arn === undefined || !isKeyArn(arn) || state === undefined) return evidence;
  const after = withKey(evidence, arn, (key = { KeyMetadata: { Arn: arn } }) => ({
    ...key,
    KeyMetadata: { ...key.KeyMetadata, KeyState: state },
  }));
  return after ?? evidence;
};

const withAliasRead: Read = (evidence, values) => {
  const arn = textIn(values, 'arn') ?? '';
  const [place, name, key] = [placeOf(arn), parseArn(arn)?.resource, textIn(values, 'target_key_arn')];
  if (place === undefined || name === undefined || key === undefined || !isKeyArn(key)) return evidence;
  return withAlias(evidence, place, { name, key }) ?? evidence;
};

type Rds = NonNullable<Region['rds']>;

/**
 * How to put the data of a data source into an RDS list. `attribute`: the attribute that has the
 * ARN.
 */
interface ItemRead<T> {
  readonly attribute: string;
  readonly held: (rds: Rds) => readonly T[] | undefined;
  readonly put: (rds: Rds, list: T[]) => Rds;
  readonly arn: (one: T) => string;
  readonly bare: (arn: string) => T;
  readonly fields: (values: Json) => Partial<T>;
}

const withItemRead =
  <T>({ attribute, held, put, arn: arnOf, bare, fields }: ItemRead<T>): Read =>
  (evidence, values) => {
    const arn = textIn(values, attribute);
    const place = arn === undefined ? undefined : placeOf(arn);
    if (arn === undefined || place === undefined) return evidence;
    const after = withRegion(evidence, place, (region) => {
      const { rds = {} } = region;
      const all = held(rds);
      if (all === undefined) return undefined;
      const list = edited(
        all,
        (one) => arnOf(one) === arn,
        (one = bare(arn)) => ({ ...one, ...fields(values) }),
      );
      return { ...region, rds: put(rds, list) };
    });
    return after ?? evidence;
  };

function field<N extends string>(name: N, value: string | undefined): { readonly [name in N]?: string } {
  const given: { [name in N]?: string } = {};
  if (value !== undefined) given[name] = value;
  return given;
}

function switchOf(values: Json, name: string): boolean | undefined {
  return typeof values[name] === 'boolean' ? values[name] : undefined;
}

/** The attributes that every encrypted resource has. */
function encryption(values: Json) {
  return { ...field('Engine', textIn(values, 'engine')), ...field('KmsKeyId', textIn(values, 'kms_key_id')) };
}

function storage(values: Json) {
  const isEncrypted = switchOf(values, 'storage_encrypted');
  return isEncrypted === undefined ? {} : { StorageEncrypted: isEncrypted };
}

function snapshot(values: Json) {
  return {
    ...encryption(values),
    ...field('Status', textIn(values, 'status')),
    ...field('SnapshotType', textIn(values, 'snapshot_type')),
  };
}

const reads: Readonly<Record<string, Read>> = {
  aws_kms_key: withKeyRead,
  aws_kms_alias: withAliasRead,
  aws_db_cluster_snapshot: withItemRead({
    attribute: 'db_cluster_snapshot_arn',
    held: ({ DBClusterSnapshots }) => DBClusterSnapshots,
    put: (rds, list) => ({ ...rds, DBClusterSnapshots: list }),
    arn: ({ DBClusterSnapshotArn }) => DBClusterSnapshotArn,
    bare: (arn) => ({ DBClusterSnapshotIdentifier: nameOf(arn), DBClusterSnapshotArn: arn }),
    fields: (values) => ({
      ...snapshot(values),
      ...storage(values),
      ...field('DBClusterIdentifier', textIn(values, 'db_cluster_identifier')),
    }),
  }),
  aws_db_snapshot: withItemRead({
    attribute: 'db_snapshot_arn',
    held: ({ DBSnapshots }) => DBSnapshots,
    put: (rds, list) => ({ ...rds, DBSnapshots: list }),
    arn: ({ DBSnapshotArn }) => DBSnapshotArn,
    bare: (arn) => ({ DBSnapshotIdentifier: nameOf(arn), DBSnapshotArn: arn }),
    fields(values) {
      const isEncrypted = switchOf(values, 'encrypted');
      return {
        ...snapshot(values),
        ...(isEncrypted === undefined ? {} : { Encrypted: isEncrypted }),
        ...field('DBInstanceIdentifier', textIn(values, 'db_instance_identifier')),
      };
    },
  }),
  aws_rds_cluster: withItemRead({
    attribute: 'arn',
    held: ({ DBClusters }) => DBClusters,
    put: (rds, list) => ({ ...rds, DBClusters: list }),
    arn: ({ DBClusterArn }) => DBClusterArn,
    bare: (arn) => ({ DBClusterIdentifier: nameOf(arn), DBClusterArn: arn }),
    fields: (values) => ({ ...encryption(values), ...storage(values) }),
  }),
  aws_db_instance: withItemRead({
    attribute: 'db_instance_arn',
    held: ({ DBInstances }) => DBInstances,
    put: (rds, list) => ({ ...rds, DBInstances: list }),
    arn: ({ DBInstanceArn }) => DBInstanceArn,
    bare: (arn) => ({ DBInstanceIdentifier: nameOf(arn), DBInstanceArn: arn }),
    fields: (values) => ({ ...encryption(values), ...storage(values) }),
  }),
};
