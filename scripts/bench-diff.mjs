// Measures how the built program compares two states of a generated account. The script prints
// figures and never fails because of a figure.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  delegates,
  document,
  encoded,
  encryptedUnder,
  keyUnder,
  numbered,
  onRds,
  others,
} from './generated-account.mjs';
import { measured, saved } from './measured-run.mjs';

const size = { roles: 500, ofThemWithRds: 50, policies: 50, snapshots: 50, clusters: 10 };
const account = '111122223333';
const region = 'us-east-1';

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
try {
  const before = save('before.json', evidence());
  const after = save(
    'after.json',
    evidence({ Effect: 'Deny', Principal: '*', Action: 'kms:CreateGrant', Resource: '*' }),
  );
  const policy = save('policy.json', document({ Effect: 'Allow', Action: 'rds:*', Resource: '*' }));
  console.log(`Node ${process.version}; ${JSON.stringify(size)}`);
  time('one of ten key policies differs', [before, after]);
  time('the same, for roles that all have rights on RDS', [
    save('before-all.json', evidence(undefined, 1)),
    save('after-all.json', evidence({ Effect: 'Deny', Principal: '*', Action: 'kms:CreateGrant', Resource: '*' }, 1)),
  ]);
  time('nothing differs', [before, before]);
  time('one inline policy is assumed', [before, '--assume-policy', `role/r0/own=${policy}`]);
} finally {
  rmSync(folder, { recursive: true });
}

function time(what, args) {
  const { stdout, wall, cpu, megabytes } = measured(['diff', ...args, '--output', 'json']);
  const { asked, changes } = JSON.parse(stdout);
  console.log(
    `${what}: ${asked} questions, ${changes.length} changes; ${wall.toFixed(1)} s (CPU ${cpu.toFixed(1)} s), at most ${megabytes} MB`,
  );
}

function save(name, json) {
  return saved(folder, name, json);
}

/**
 * `more`: a statement for the policy of the first key. One role in every `each` roles has rights on
 * RDS.
 */
function evidence(more, each = size.roles / size.ofThemWithRds) {
  const keyArn = (index) => `arn:aws:kms:${region}:${account}:key/k${index}`;
  const encrypted = (index) => ({ ...encryptedUnder(keyArn(index)), DbClusterResourceId: `cluster-${index}` });
  const iam = {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: numbered(size.roles, (index) => ({
      Arn: `arn:aws:iam::${account}:role/r${index}`,
      RoleName: `r${index}`,
      RolePolicyList: [
        { PolicyName: 'own', PolicyDocument: encoded(...others, ...(index % each === 0 ? onRds(region) : [])) },
      ],
      AttachedManagedPolicies: numbered(3, (number) => ({
        PolicyArn: `arn:aws:iam::${account}:policy/p${(index + number) % size.policies}`,
      })),
      Tags: [],
    })),
    Policies: numbered(size.policies, (index) => ({
      Arn: `arn:aws:iam::${account}:policy/p${index}`,
      PolicyVersionList: [{ IsDefaultVersion: true, Document: encoded(...others) }],
    })),
  };
  const rds = {
    DBClusters: numbered(size.clusters, (index) => ({
      DBClusterIdentifier: `c${index}`,
      DBClusterArn: `arn:aws:rds:${region}:${account}:cluster:c${index}`,
      DBClusterMembers: [],
      DeletionProtection: false,
      ...encrypted(index),
    })),
    DBClusterSnapshots: numbered(size.snapshots, (index) => ({
      DBClusterSnapshotIdentifier: `s${index}`,
      DBClusterSnapshotArn: `arn:aws:rds:${region}:${account}:cluster-snapshot:s${index}`,
      SnapshotType: 'manual',
      ...encrypted(index % size.clusters),
    })),
    DBInstances: [],
    DBSnapshots: [],
  };
  const keys = numbered(size.clusters, (index) =>
    keyUnder(keyArn(index), delegates(account), ...(more !== undefined && index === 0 ? [more] : [])),
  );
  return {
    evidenceVersion: 1,
    accounts: { [account]: { iam, organization: null, regions: { [region]: { rds, kms: { keys } } } } },
  };
}
