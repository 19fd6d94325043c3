// What a pipeline's check of a plan of 2,000 resources costs, as the built program is run. Prints
// figures; judges nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { measured, saved } from './measured-run.mjs';

const account = '111122223333';
const region = 'eu-west-1';
const applier = `arn:aws:iam::${account}:role/terraform`;

/** How many of each there are, and which of them the plan changes and makes. */
const kinds = {
  aws_kms_key: { count: 100, updates: 20, creates: 20 },
  aws_kms_key_policy: { count: 100, updates: 20, creates: 20 },
  aws_kms_alias: { count: 100, updates: 0, creates: 20 },
  aws_iam_role: { count: 400, updates: 80, creates: 60 },
  aws_iam_role_policy: { count: 400, updates: 80, creates: 60 },
  aws_iam_policy: { count: 200, updates: 40, creates: 40 },
  aws_iam_role_policy_attachment: { count: 300, updates: 0, creates: 60 },
  aws_rds_cluster: { count: 100, updates: 20, creates: 30 },
  aws_rds_cluster_instance: { count: 100, updates: 0, creates: 30 },
  aws_db_cluster_snapshot: { count: 100, updates: 0, creates: 30 },
  aws_s3_bucket: { count: 100, updates: 20, creates: 20 },
};

const isNew = (type, index) => index >= kinds[type].count - kinds[type].creates;
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

/** An attribute of another resource: known if the thing is there, else by reference. */
const of = (type, index, name, value) =>
  isNew(type, index) ? { references: [`${type}.x${index}.${name}`, `${type}.x${index}`] } : value;

/** The configured attributes of each type, and what AWS adds. */
const rows = {
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
  aws_iam_role_policy_attachment: (index) => [
    { role: `r${index}`, policy_arn: of('aws_iam_policy', index % 200, 'arn', iamArn('policy/p', index % 200)) },
    {},
  ],
  aws_rds_cluster: (index) => [
    {
      cluster_identifier: `c${index}`,
      engine: 'aurora-postgresql',
      storage_encrypted: true,
      kms_key_id: index % 5 === 0 ? hidden : of('aws_kms_key', index, 'arn', keyArn(index)),
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
const hidden = { references: ['local.x'] };

const isOpen = (value) => typeof value === 'object' && value !== null && 'references' in value;

function changeOf(type, index) {
  const [given, added] = rows[type](index);
  const { count, updates, creates } = kinds[type];
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => !isOpen(value)));
  const open = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (isOpen(value) ? [[name, true]] : [])),
  );
  const later = Object.fromEntries(Object.keys(added).map((name) => [name, true]));
  const [actions, before, after, unknown] =
    index >= count - creates
      ? [['create'], null, known, { ...open, ...later }]
      : index < updates
        ? [['update'], { ...known, ...added }, { ...known, ...added, tags: { changed: 'yes' } }, open]
        : [['no-op'], { ...known, ...added }, { ...known, ...added }, {}];
  return {
    address: `${type}.x${index}`,
    mode: 'managed',
    type,
    name: `x${index}`,
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: { actions, before, after, after_unknown: unknown, before_sensitive: {}, after_sensitive: {} },
  };
}

function configuredOf(type, index) {
  const [given] = rows[type](index);
  return {
    address: `${type}.x${index}`,
    mode: 'managed',
    type,
    name: `x${index}`,
    provider_config_key: 'aws',
    expressions: Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, isOpen(value) ? value : { constant_value: value }]),
    ),
  };
}

function planOf() {
  const all = Object.entries(kinds).flatMap(([type, { count }]) => numbered(count, (index) => [type, index]));
  const changes = all.map((one) => changeOf(...one));
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
      root_module: { resources: all.map((one) => configuredOf(...one)) },
    },
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

/** What is there before the apply, and as much again that the plan does not have. */
function evidenceOf() {
  const held = (type) => kinds[type].count - kinds[type].creates;
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

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
try {
  const evidence = save('evidence.json', evidenceOf());
  const plan = planOf();
  const { resource_changes: changes, ...rest } = plan;
  console.log(`Node ${process.version}; a plan of ${changes.length.toLocaleString('en')} resources`);
  // The same text with nothing to look at.
  const loading = median(
    save('nothing.json', { ...rest, configuration: {}, resource_drift: changes, as: plan.configuration }),
    evidence,
  );
  const whole = median(save('plan.json', plan), evidence);
  console.log(`mostly loading: ${loading.cpu.toFixed(2)} s of CPU`);
  const [read] = whole.report.plans;
  const { holds, broken, unproven } = whole.report.summary;
  console.log(
    `the plan: ${whole.cpu.toFixed(2)} s of CPU; ${read.changes} changes, ${read.overlaid} overlaid; requests: ${holds} hold, ${broken} broken, ${unproven} unproven; ${whole.report.effects?.length ?? 0} effects on others`,
  );
  console.log(`beyond loading: ${(whole.cpu - loading.cpu).toFixed(2)} s of CPU`);
} finally {
  rmSync(folder, { recursive: true });
}

/** The run that takes the middle time of three. */
function median(plan, evidence) {
  const runs = numbered(3, () => run(plan, evidence));
  return runs.toSorted((one, other) => one.cpu - other.cpu)[1];
}

function run(plan, evidence) {
  const { stdout, cpu } = measured(
    ['preflight', '--plan', plan, '--evidence', evidence, '--principal', applier, '--output', 'json'],
    { cwd: folder, at: process.argv[2] },
  );
  return { report: JSON.parse(stdout), cpu };
}

function save(name, json) {
  return saved(folder, name, json);
}
