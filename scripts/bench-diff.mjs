// What comparing two states of a generated account costs, as the built program is run. Prints
// figures; judges nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delegates, document, encoded, keyUnder, numbered, onRds, others } from './generated-account.mjs';

const size = { roles: 500, ofThemWithRds: 50, policies: 50, snapshots: 50, clusters: 10 };
const account = '111122223333';
const region = 'us-east-1';
const program = fileURLToPath(new URL('../bin/aurora-kms-check.js', import.meta.url));

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
  const script =
    'process.on("exit", () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); process.stderr.write(`\\n${maxRSS} ${userCPUTime + systemCPUTime}`); })';
  const started = performance.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(script)}`, program, 'diff', ...args, '--output', 'json'],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  const seconds = (performance.now() - started) / 1_000;
  const { asked, changes } = JSON.parse(stdout);
  const [kilobytes, microseconds] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  const megabytes = Math.round(kilobytes / 2 ** 10);
  const cpu = (microseconds / 1_000_000).toFixed(1);
  console.log(
    `${what}: ${asked} questions, ${changes.length} changes; ${seconds.toFixed(1)} s (CPU ${cpu} s), at most ${megabytes} MB`,
  );
}

function save(name, json) {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(json));
  return path;
}

/** `more`: a statement for the policy of the first key; one role in `each` has rights on RDS. */
function evidence(more, each = size.roles / size.ofThemWithRds) {
  const keyArn = (index) => `arn:aws:kms:${region}:${account}:key/k${index}`;
  const encryptedUnder = (index) => ({
    Status: 'available',
    Engine: 'aurora-postgresql',
    EngineVersion: '16.6',
    StorageEncrypted: true,
    KmsKeyId: keyArn(index),
    DbClusterResourceId: `cluster-${index}`,
    TagList: [],
  });
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
      ...encryptedUnder(index),
    })),
    DBClusterSnapshots: numbered(size.snapshots, (index) => ({
      DBClusterSnapshotIdentifier: `s${index}`,
      DBClusterSnapshotArn: `arn:aws:rds:${region}:${account}:cluster-snapshot:s${index}`,
      SnapshotType: 'manual',
      ...encryptedUnder(index % size.clusters),
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
