// Measures the built program on large accounts. Prints figures and never fails because of a figure.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { delegates, encoded, encryptedUnder, keyUnder, numbered, onRds, others } from './generated-account.mjs';
import { measured, saved } from './measured-run.mjs';

const denyGrants = { Effect: 'Deny', Principal: '*', Action: 'kms:CreateGrant', Resource: '*' };
const region = 'us-east-1';
const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
try {
  console.log(`Node ${process.version}`);
  const wide = save('wide.json', evidence([anAccount(0, { roles: 10_000, keys: 1, snapshots: 1, policies: 500 })]));
  time('one snapshot, evidence of 10,000 roles', [...['restore', '--evidence', wide, '--snapshot', 's0', ...by(0, 0)]]);
  const many = save('many.json', evidence([anAccount(0, { roles: 100, keys: 100, snapshots: 10_000, policies: 50 })]));
  time('10,000 snapshots fail', ['restore', '--evidence', many, ...by(0, 1)]);
  time('10,000 snapshots fail, JSON', ['restore', '--evidence', many, ...by(0, 1), '--output', 'json']);
  time('10,000 snapshots succeed', ['restore', '--evidence', many, ...by(0, 0)]);
  for (const count of [512, 1_024]) {
    const size = { roles: 10, keys: 10, snapshots: count, policies: 5 };
    const path = save(`${count}.json`, evidence([anAccount(0, size)]));
    time(`${count} snapshots fail, JSON`, ['restore', '--evidence', path, ...by(0, 1), '--output', 'json']);
  }
  const usual = save(
    'usual.json',
    evidence([anAccount(0, { roles: 2_000, keys: 100, snapshots: 300, policies: 200 })]),
  );
  time('one snapshot fails, with fixes, among 2,000 roles', [
    ...['restore', '--evidence', usual, '--snapshot', 's0', ...by(0, 1)],
  ]);
  const size = { roles: 200, keys: 10, snapshots: 10, policies: 500 };
  for (const name of ['before', 'after']) {
    const more = name === 'after' ? denyGrants : undefined;
    mkdirSync(join(folder, name));
    for (let index = 0; index < 20; index += 1)
      save(`${name}/${index}.json`, evidence([anAccount(index, { ...size, more: index === 0 ? more : undefined })]));
  }
  time('diff of 20 accounts of 200 roles and 500 policies', ['diff', join(folder, 'before'), join(folder, 'after')]);
  const large = { roles: 30_000, keys: 5, snapshots: 10, policies: 500, withRds: 10 };
  const before = save('large.json', evidence([anAccount(0, large)]));
  const after = save('large-after.json', evidence([anAccount(0, { ...large, more: denyGrants })]));
  time('diff of 30,000 roles, of which 3,000 may restore, and 10 snapshots', ['diff', before, after]);
  time('an expectation that only these 3,000 of 30,000 roles can restore 10 snapshots', [
    ...['preflight', save('only.json', onlyRestoring('role/r*0', 'root')), '--evidence', before],
  ]);
  time('one snapshot fails, with fixes, among these 30,000 roles', [
    ...['restore', '--evidence', after, '--snapshot', 's0', ...by(0, 0)],
  ]);
} finally {
  rmSync(folder, { recursive: true });
}

function time(what, args) {
  const { stdout, wall, cpu, megabytes } = measured(args, { at: process.argv[2] });
  const written = (stdout.length / 1_000_000).toFixed(1);
  console.log(
    `${what}: ${wall.toFixed(2)} s (CPU ${cpu.toFixed(2)} s), at most ${megabytes} MB, ${written} MB written`,
  );
}

function save(name, json) {
  return saved(folder, name, json);
}

function onlyRestoring(...only) {
  const expectation = { id: 'only', only, can: 'restore', snapshot: '*', why: 'a bench' };
  return { version: '1', defaults: { account: accountId(0), region }, expectations: [expectation] };
}

/** The role with this number. Every second role may restore, unless a size says otherwise. */
function by(account, role) {
  return ['--principal', `arn:aws:iam::${accountId(account)}:role/r${role}`];
}

function accountId(index) {
  return String(111_122_223_333 + index);
}

function evidence(accounts) {
  return { evidenceVersion: 1, accounts: Object.fromEntries(accounts) };
}

/** `more`: a statement for the policy of the first key; one role of `withRds` may restore. */
function anAccount(number, { roles, keys, snapshots, policies, more, withRds = 2 }) {
  const account = accountId(number);
  const keyArn = (index) =>
    `arn:aws:kms:${region}:${account}:key/${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const iam = {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: numbered(roles, (index) => ({
      Arn: `arn:aws:iam::${account}:role/r${index}`,
      RoleName: `r${index}`,
      RolePolicyList: [
        { PolicyName: 'own', PolicyDocument: encoded(...others, ...(index % withRds === 0 ? onRds(region) : [])) },
      ],
      AttachedManagedPolicies: numbered(3, (one) => ({
        PolicyArn: `arn:aws:iam::${account}:policy/p${(index + one) % policies}`,
      })),
      Tags: [],
    })),
    Policies: numbered(policies, (index) => ({
      Arn: `arn:aws:iam::${account}:policy/p${index}`,
      PolicyVersionList: [{ IsDefaultVersion: true, Document: encoded(...others) }],
    })),
  };
  const rds = {
    DBClusters: [],
    DBClusterSnapshots: numbered(snapshots, (index) => ({
      DBClusterSnapshotIdentifier: `s${index}`,
      DBClusterSnapshotArn: `arn:aws:rds:${region}:${account}:cluster-snapshot:s${index}`,
      DBClusterIdentifier: `c${index % keys}`,
      SnapshotType: 'manual',
      ...encryptedUnder(keyArn(index % keys)),
    })),
    DBInstances: [],
    DBSnapshots: [],
  };
  const held = numbered(keys, (index) =>
    keyUnder(keyArn(index), delegates(account), ...(more !== undefined && index === 0 ? [more] : [])),
  );
  return [account, { iam, organization: null, regions: { [region]: { rds, kms: { keys: held } } } }];
}
