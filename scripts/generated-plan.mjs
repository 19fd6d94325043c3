// Plans for the benches, and the evidence that each plan is applied to.
import {
  delegates,
  document,
  encryptedUnder,
  keyMetadata,
  numbered,
  onRds,
  others,
  rdsLists,
} from './generated-account.mjs';

const account = '111122223333';
const region = 'eu-west-1';
export const applier = `arn:aws:iam::${account}:role/terraform`;

const keyArn = (index) => `arn:aws:kms:${region}:${account}:key/k${index}`;
const iamArn = (what, index) => `arn:aws:iam::${account}:${what}${index}`;
const clusterArn = (index) => `arn:aws:rds:${region}:${account}:cluster:c${index}`;
const snapshotArn = (index) => `arn:aws:rds:${region}:${account}:cluster-snapshot:s${index}`;
const keyPolicy = (index) =>
  document(delegates(account), {
    Effect: 'Allow',
    Principal: { AWS: iamArn('role/r', index) },
    Action: ['kms:DescribeKey', 'kms:CreateGrant'],
    Resource: '*',
  });
const rolePolicy = (index) => document(...others, ...(index % 20 === 0 ? onRds(region) : []));
const trust = document({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' });
const hidden = { references: ['local.x'] };

/**
 * A plan. `kinds`: how many resources of each type exist. Of these, the plan updates the first
 * ones, then replaces and deletes some, and creates the last ones. `modules`: the resources are
 * instances of one resource of each type, in this many instances of one module. Absent: each
 * resource is on its own in the root module.
 */
export function planOf({ kinds, modules = 0 }) {
  const fateOf = (type, index) => {
    const { count = 0, updates = 0, replaces = 0, deletes = 0, creates = 0 } = kinds[type] ?? {};
    if (index < count && index >= count - creates) return 'create';
    if (index < updates) return 'update';
    if (index < updates + replaces) return 'replace';
    return index < updates + replaces + deletes ? 'delete' : 'no-op';
  };
  /** An attribute of another resource: its value if the resource exists, else a reference. */
  const of = (type, index, name, value) => {
    const fate = fateOf(type, index);
    if (fate !== 'create' && fate !== 'replace') return value;
    return { references: modules === 0 ? [`${type}.x${index}.${name}`, `${type}.x${index}`] : [`${type}.x`] };
  };
  const rows = rowsWith(of, (type, index) => fateOf(type, index) === 'create');
  const placeOf = (type, index) => {
    const [module, at] = [`module.m["${index % modules}"]`, Math.floor(index / modules)];
    return modules === 0
      ? { address: `${type}.x${index}`, name: `x${index}` }
      : { address: `${module}.${type}.x[${at}]`, module_address: module, name: 'x', index: at };
  };
  const changes = Object.entries(kinds).flatMap(([type, { count }]) =>
    numbered(count, (index) => ({
      ...placeOf(type, index),
      mode: 'managed',
      type,
      provider_name: 'registry.terraform.io/hashicorp/aws',
      change: changeOf(fateOf(type, index), ...rows[type](index)),
    })),
  );
  const configured = Object.entries(kinds).flatMap(([type, { count }]) =>
    modules === 0
      ? numbered(count, (index) => configuredOf(`${type}.x${index}`, rows[type](index)[0]))
      : [{ ...configuredOf(`${type}.x`, rows[type](count - 1)[0]), count_expression: { constant_value: 1 } }],
  );
  const called = { m: { for_each_expression: { constant_value: [] }, module: { resources: configured } } };
  return {
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: changes,
    prior_state: {
      format_version: '1.0',
      values: {
        root_module: {
          resources: changes.flatMap(({ change, ...rest }) =>
            change.before === null ? [] : [{ ...rest, values: change.before }],
          ),
        },
      },
    },
    configuration: {
      provider_config: { aws: { name: 'aws', expressions: { region: { constant_value: region } } } },
      root_module: modules === 0 ? { resources: configured } : { module_calls: called },
    },
  };
}

/** The configured attributes of each type, and the attributes that AWS adds. */
function rowsWith(of, isNew) {
  return {
    aws_kms_key: (index) => [{ description: 'x' }, { arn: keyArn(index), id: `k${index}`, is_enabled: true }],
    aws_kms_key_policy: (index) => [
      { key_id: of('aws_kms_key', index, 'arn', keyArn(index)), policy: JSON.stringify(keyPolicy(index)) },
      {},
    ],
    aws_kms_alias: (index) => [
      { name: `alias/a${index}`, target_key_id: of('aws_kms_key', index, 'arn', keyArn(index)) },
      { arn: `arn:aws:kms:${region}:${account}:alias/a${index}` },
    ],
    aws_iam_role: (index) => [
      { name: `r${index}`, path: '/', assume_role_policy: JSON.stringify(trust) },
      { arn: iamArn('role/r', index), id: `r${index}` },
    ],
    aws_iam_role_policy: (index) => [
      {
        name: 'own',
        role: of('aws_iam_role', index, 'id', `r${index}`),
        policy: isNew('aws_iam_role_policy', index) && index % 4 === 0 ? hidden : JSON.stringify(rolePolicy(index)),
      },
      {},
    ],
    aws_iam_policy: (index) => [
      { name: `p${index}`, policy: JSON.stringify(document(...others)) },
      { arn: iamArn('policy/p', index) },
    ],
    aws_iam_role_policy_attachment: (index) => {
      const policy = (index + Math.floor(index / 400)) % 200;
      return [
        { role: `r${index % 400}`, policy_arn: of('aws_iam_policy', policy, 'arn', iamArn('policy/p', policy)) },
        {},
      ];
    },
    aws_rds_cluster: (index) => [
      {
        cluster_identifier: `c${index}`,
        engine: 'aurora-postgresql',
        storage_encrypted: true,
        kms_key_id: index % 5 === 0 ? hidden : of('aws_kms_key', index % 100, 'arn', keyArn(index % 100)),
        ...(isNew('aws_rds_cluster', index) ? { snapshot_identifier: `s${index % 50}` } : {}),
        skip_final_snapshot: true,
      },
      { arn: clusterArn(index), id: `c${index}` },
    ],
    aws_rds_cluster_instance: (index) => [
      {
        identifier: `i${index}`,
        cluster_identifier: of('aws_rds_cluster', index, 'id', `c${index}`),
        engine: 'aurora-postgresql',
        instance_class: 'db.r6g.large',
      },
      { arn: `arn:aws:rds:${region}:${account}:db:i${index}` },
    ],
    aws_db_cluster_snapshot: (index) => [
      { db_cluster_identifier: `c${index % 50}`, db_cluster_snapshot_identifier: `s${index}` },
      { db_cluster_snapshot_arn: snapshotArn(index), kms_key_id: keyArn(index % 50) },
    ],
    aws_s3_bucket: (index) => [{ bucket: `b${index}` }, { arn: `arn:aws:s3:::b${index}` }],
  };
}

const isOpen = (value) => typeof value === 'object' && value !== null && 'references' in value;

function changeOf(fate, given, added) {
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => !isOpen(value)));
  const open = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (isOpen(value) ? [[name, true]] : [])),
  );
  const later = Object.fromEntries(Object.keys(added).map((name) => [name, true]));
  const held = { ...known, ...added };
  const sensitive = { before_sensitive: {}, after_sensitive: {} };
  const isMade = { after: known, after_unknown: { ...open, ...later }, ...sensitive };
  switch (fate) {
    case 'create':
      return { actions: ['create'], before: null, ...isMade };
    case 'replace':
      return { actions: ['delete', 'create'], before: held, ...isMade };
    case 'update':
      return {
        actions: ['update'],
        before: held,
        after: { ...held, tags: { changed: 'yes' } },
        after_unknown: open,
        ...sensitive,
      };
    case 'delete':
      return { actions: ['delete'], before: held, after: null, after_unknown: {}, ...sensitive };
    default:
      return { actions: ['no-op'], before: held, after: held, after_unknown: {}, ...sensitive };
  }
}

function configuredOf(address, given) {
  const [type, name] = address.split('.');
  return {
    address,
    mode: 'managed',
    type,
    name,
    provider_config_key: 'aws',
    expressions: Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, isOpen(value) ? value : { constant_value: value }]),
    ),
  };
}

function roleOf(name, ...policies) {
  return {
    Path: '/',
    RoleName: name,
    RoleId: `AROA${name.toUpperCase()}`,
    Arn: iamArn('role/', name),
    AssumeRolePolicyDocument: trust,
    RolePolicyList: policies.map((PolicyDocument) => ({ PolicyName: 'own', PolicyDocument })),
    AttachedManagedPolicies: [],
    Tags: [],
  };
}

/**
 * The resources that exist before the apply, and the same number of roles that the plan does not
 * have.
 */
export function evidenceOf({ kinds }) {
  const held = (type) => (kinds[type]?.count ?? 0) - (kinds[type]?.creates ?? 0);
  const encrypted = (index) => encryptedUnder(keyArn(index));
  const all = document({ Effect: 'Allow', Action: '*', Resource: '*' });
  const snapshots = numbered(held('aws_db_cluster_snapshot'), (index) => ({
    DBClusterSnapshotIdentifier: `s${index}`,
    DBClusterSnapshotArn: snapshotArn(index),
    DBClusterIdentifier: `c${index % 50}`,
    SnapshotType: 'manual',
    ...encrypted(index % 50),
  }));
  return {
    evidenceVersion: 1,
    accounts: {
      [account]: {
        organization: null,
        iam: {
          UserDetailList: [],
          GroupDetailList: [],
          Policies: numbered(held('aws_iam_policy'), (index) => ({
            Arn: iamArn('policy/p', index),
            PolicyName: `p${index}`,
            PolicyVersionList: [{ IsDefaultVersion: true, Document: document(...others) }],
          })),
          RoleDetailList: [
            roleOf('terraform', all),
            ...numbered(held('aws_iam_role'), (index) => roleOf(`r${index}`, rolePolicy(index))),
            ...numbered(held('aws_iam_role'), (index) => roleOf(`o${index}`, rolePolicy(index))),
          ],
        },
        regions: {
          [region]: {
            rds: rdsLists(
              numbered(held('aws_rds_cluster'), (index) => ({
                DBClusterIdentifier: `c${index}`,
                DBClusterArn: clusterArn(index),
                DBClusterMembers: [],
                ...encrypted(index),
              })),
              snapshots,
            ),
            kms: {
              keys: numbered(held('aws_kms_key'), (index) => ({
                KeyMetadata: keyMetadata(keyArn(index)),
                Policy: keyPolicy(index),
                RamPolicy: null,
                Grants: [],
                Aliases: [{ AliasName: `alias/a${index}` }],
                Tags: [],
              })),
            },
          },
        },
      },
    },
  };
}

/** Evidence that contains only the account. */
export const emptyEvidence = { evidenceVersion: 1, accounts: {} };
