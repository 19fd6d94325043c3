import type { GroupType } from '../operations/parameters.ts';

/* What the resources of a plan create, and the attributes that name it. */

/** What a type of resource creates, and the attributes that name it. */
export interface Made {
  readonly of:
    | 'role'
    | 'user'
    | 'group'
    | 'policy'
    | 'key'
    | 'alias'
    | 'cluster'
    | 'db'
    | 'cluster-snapshot'
    | 'snapshot'
    | 'backup-vault'
    | 'bucket'
    | GroupType;
  /** Attributes that hold the ARN, or that may be used in its place. */
  readonly arn: readonly string[];
  /** Attributes that hold the name. */
  readonly name: readonly string[];
  /** The attribute in which the configuration gives the name. */
  readonly identifier?: string;
  /** The prefix of names that the provider generates. */
  readonly chosen?: string;
}

/** Resources whose names reports show as known only after apply. */
export const databaseKinds: ReadonlySet<Made['of']> = new Set(['cluster', 'db', 'cluster-snapshot', 'snapshot']);

const cluster: Made = {
  of: 'cluster',
  arn: ['arn'],
  name: ['id', 'cluster_identifier'],
  identifier: 'cluster_identifier',
  chosen: 'tf-',
};
const member: Made = { of: 'db', arn: ['arn'], name: ['identifier', 'id'], identifier: 'identifier', chosen: 'tf-' };
const clusterSnapshot: Made = {
  of: 'cluster-snapshot',
  arn: ['db_cluster_snapshot_arn'],
  name: ['id', 'db_cluster_snapshot_identifier'],
  identifier: 'db_cluster_snapshot_identifier',
};

const vault: Made = { of: 'backup-vault', arn: ['arn'], name: ['name', 'id'], identifier: 'name' };

/**
 * How references identify resources, by type. In policies and elsewhere, only these attributes
 * identify a new resource.
 */
const made: Readonly<Record<string, Made>> = {
  aws_kms_key: { of: 'key', arn: ['arn', 'id', 'key_id'], name: [] },
  aws_kms_external_key: { of: 'key', arn: ['arn', 'id', 'key_id'], name: [] },
  aws_kms_replica_key: { of: 'key', arn: ['arn', 'id', 'key_id'], name: [] },
  aws_kms_replica_external_key: { of: 'key', arn: ['arn', 'id', 'key_id'], name: [] },
  aws_kms_alias: { of: 'alias', arn: ['arn'], name: ['name', 'id'], identifier: 'name', chosen: 'alias/' },
  aws_iam_role: { of: 'role', arn: ['arn'], name: ['name', 'id'], identifier: 'name', chosen: 'terraform-' },
  aws_iam_user: { of: 'user', arn: ['arn'], name: ['name', 'id'], identifier: 'name' },
  aws_iam_group: { of: 'group', arn: ['arn'], name: ['name', 'id'], identifier: 'name' },
  aws_iam_policy: { of: 'policy', arn: ['arn', 'id'], name: ['name'], identifier: 'name', chosen: 'terraform-' },
  aws_rds_cluster: cluster,
  aws_docdb_cluster: cluster,
  aws_neptune_cluster: cluster,
  // Since version 5 of the provider, `id` is the resource ID of the instance.
  aws_db_instance: {
    of: 'db',
    arn: ['arn'],
    name: ['identifier'],
    identifier: 'identifier',
    chosen: 'terraform-',
  },
  aws_rds_cluster_instance: member,
  aws_docdb_cluster_instance: member,
  aws_neptune_cluster_instance: member,
  aws_db_cluster_snapshot: clusterSnapshot,
  aws_docdb_cluster_snapshot: clusterSnapshot,
  aws_neptune_cluster_snapshot: clusterSnapshot,
  aws_db_snapshot: {
    of: 'snapshot',
    arn: ['db_snapshot_arn'],
    name: ['id', 'db_snapshot_identifier'],
    identifier: 'db_snapshot_identifier',
  },
  aws_rds_cluster_snapshot_copy: {
    of: 'cluster-snapshot',
    arn: ['db_cluster_snapshot_arn'],
    name: ['id', 'target_db_cluster_snapshot_identifier'],
    identifier: 'target_db_cluster_snapshot_identifier',
  },
  aws_db_snapshot_copy: {
    of: 'snapshot',
    arn: ['db_snapshot_arn'],
    name: ['id', 'target_db_snapshot_identifier'],
    identifier: 'target_db_snapshot_identifier',
  },
  aws_db_subnet_group: group('subgrp'),
  aws_rds_cluster_parameter_group: group('cluster-pg'),
  aws_db_parameter_group: group('pg'),
  aws_db_option_group: group('og'),
  aws_backup_vault: vault,
  aws_backup_logically_air_gapped_vault: vault,
  // Policies name the objects in a bucket, so the ARN of the bucket alone means nothing.
  aws_s3_bucket: { of: 'bucket', arn: [], name: ['bucket', 'id'], identifier: 'bucket', chosen: 'terraform-' },
};

function group(of: GroupType): Made {
  return { of, arn: ['arn'], name: ['id', 'name'], identifier: 'name', chosen: 'terraform-' };
}

/** Undefined: references to resources of this type identify nothing that the program knows. */
export function madeBy(type: string): Made | undefined {
  return Object.hasOwn(made, type) ? made[type] : undefined;
}

/** What attributes name, by their own names. */
const kindsNamed: readonly (readonly [attribute: RegExp, kinds: readonly Made['of'][]])[] = [
  [/kms_key_(?:id|arn)$|^(?:target_)?key_id$/, ['key', 'alias']],
  [/snapshot_identifier$/, ['cluster-snapshot', 'snapshot']],
  [/^(?:source_)?(?:db_)?cluster_identifier$/, ['cluster']],
  [/^(?:source_)?db_instance_identifier$|^replicate_source_db$/, ['db']],
  [/^replication_source_identifier$/, ['cluster', 'db']],
  [/^backup_vault_name$/, ['backup-vault']],
  [/^(?:bucket|s3_bucket_name)$/, ['bucket']],
  [/^(?:role|role_name|domain_iam_role_name)$/, ['role']],
  [/^(?:user|user_name)$/, ['user']],
  [/^group(?:_name)?$/, ['group']],
  [/\w_group_name$/, ['subgrp', 'cluster-pg', 'pg', 'og']],
];

/**
 * Whether an attribute names another kind of thing than the resource of its value, so that the name of
 * the resource is only a part of a text: `snapshot_identifier = "${aws_rds_cluster.c.id}-final"` is
 * printed as the cluster. `name`: the attribute of the resource.
 */
export function isOfOtherKind(
  attribute: string,
  { type, isData }: { readonly type: string; readonly isData: boolean },
  name: string,
): boolean {
  const row = isData ? undefined : madeBy(type);
  const isNamed = row !== undefined && (row.arn.includes(name) || row.name.includes(name));
  const kinds = isNamed ? kindsNamed.find(([names]) => names.test(attribute))?.[1] : undefined;
  return row !== undefined && kinds !== undefined && !kinds.includes(row.of);
}
