// Measures how the built program checks 1,000 expectations in a pipeline. The script prints figures
// and never fails because of a figure.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  delegates,
  encoded,
  encryptedUnder,
  keyMetadata,
  numbered,
  onRds,
  others,
  rdsLists,
} from './generated-account.mjs';
import { measured, saved } from './measured-run.mjs';

const size = { roles: 2_000, ofThemWithRds: 40, snapshots: 300, keys: 100, clusters: 10 };
const wanted = { expectations: 1_000, only: 20, broken: 50 };
const account = '111122223333';
const region = 'us-east-1';
const each = size.roles / size.ofThemWithRds;

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
try {
  const evidence = save('evidence.json', evidenceOf());
  console.log(`Node ${process.version}; ${JSON.stringify({ ...size, ...wanted })}`);
  const [one] = holding(1);
  const loading = run(save('one.json', fileOf([one])), evidence);
  report('one expectation, mostly loading', loading);
  const all = run(
    save(
      'all.json',
      fileOf([...alone(), ...breaking(), ...holding(wanted.expectations - wanted.only - wanted.broken)]),
    ),
    evidence,
  );
  report('all expectations', all);
  const seconds = all.cpu - loading.cpu;
  console.log(
    `beyond loading: ${seconds.toFixed(1)} s of CPU, ${Math.round(all.summary.questions / seconds).toLocaleString('en')} questions a second`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

function run(expectations, evidence) {
  const { stdout, ...cost } = measured(['preflight', expectations, '--evidence', evidence, '--output', 'json']);
  return { summary: JSON.parse(stdout).summary, ...cost };
}

function report(what, { summary, cpu, wall, megabytes }) {
  const { holds, broken, unproven, questions } = summary;
  console.log(
    `${what}: ${questions.toLocaleString('en')} questions, ${holds} hold, ${broken} broken, ${unproven} unproven; ${cpu.toFixed(1)} s of CPU, ${wall.toFixed(1)} s, at most ${megabytes} MB`,
  );
}

function save(name, json) {
  return saved(folder, name, json);
}

function fileOf(expectations) {
  return {
    version: '1',
    defaults: { account, region },
    expectations: expectations.map((one) => ({ ...one, why: 'a bench' })),
  };
}

function alone() {
  const able = numbered(size.ofThemWithRds, (index) => `role/r${index * each}`);
  return numbered(wanted.only, (index) => ({
    id: `only-${index}`,
    only: [...able, 'root'],
    can: 'restore',
    'backups-of': `c${index % size.clusters}`,
  }));
}

function breaking() {
  return numbered(wanted.broken, (index) => ({
    id: `broken-${index}`,
    who: `role/r${index * each + 1}`,
    can: 'restore',
    snapshot: `s${index}`,
  }));
}

function holding(count) {
  return numbered(count, (index) =>
    index % 2 === 0
      ? {
          id: `can-${index}`,
          who: `role/r${(index * each) % size.roles}`,
          can: 'create-snapshot',
          cluster: `c${index % size.clusters}`,
        }
      : {
          id: `cannot-${index}`,
          who: `role/r${((index * each) % size.roles) + 1}`,
          cannot: 'share-snapshot',
          'backups-of': `c${index % size.clusters}`,
        },
  );
}

function evidenceOf() {
  const keyArn = (index) => `arn:aws:kms:${region}:${account}:key/k${index}`;
  const encrypted = (index) => ({
    ...encryptedUnder(keyArn(index % size.keys)),
    StorageEncryptionType: 'sse-kms',
  });
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }],
  };
  const snapshots = numbered(size.snapshots, (index) => ({
    DBClusterSnapshotIdentifier: `s${index}`,
    DBClusterSnapshotArn: `arn:aws:rds:${region}:${account}:cluster-snapshot:s${index}`,
    DBClusterIdentifier: `c${index % size.clusters}`,
    SnapshotType: 'manual',
    ...encrypted(index),
  }));
  return {
    evidenceVersion: 1,
    accounts: {
      [account]: {
        organization: null,
        iam: {
          UserDetailList: [],
          GroupDetailList: [],
          Policies: [],
          RoleDetailList: numbered(size.roles, (index) => ({
            Path: '/',
            RoleName: `r${index}`,
            RoleId: `AROA${String(index).padStart(17, '0')}`,
            Arn: `arn:aws:iam::${account}:role/r${index}`,
            AssumeRolePolicyDocument: trust,
            RolePolicyList: [
              { PolicyName: 'own', PolicyDocument: encoded(...others, ...(index % each === 0 ? onRds(region) : [])) },
            ],
            AttachedManagedPolicies: [],
            Tags: [],
          })),
        },
        regions: {
          [region]: {
            rds: rdsLists(
              numbered(size.clusters, (index) => ({
                DBClusterIdentifier: `c${index}`,
                DBClusterArn: `arn:aws:rds:${region}:${account}:cluster:c${index}`,
                DBClusterMembers: [],
                ...encrypted(index),
              })),
              snapshots,
            ),
            kms: {
              keys: numbered(size.keys, (index) => ({
                KeyMetadata: keyMetadata(keyArn(index)),
                Policy: { Version: '2012-10-17', Statement: [delegates(account)] },
                RamPolicy: null,
                Grants: [],
                Aliases: [],
                Tags: [],
              })),
            },
          },
        },
      },
    },
  };
}
