import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { isJson, isList } from '../../src/base/json.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { type CheckQuestion, questionOf } from '../check-case.ts';
import { fc, runs } from '../properties/seed.ts';

/*
 * The Resource of a statement in a fix never names something that is used once: the new resource in
 * the request, or a snapshot whose name has a date, a time, or a prefix of a service.
 */

const place = 'eu-west-1:111122223333';

function evidenceWith(snapshot: string, allowed: readonly string[]): Evidence {
  return {
    evidenceVersion: 1,
    accounts: {
      '111122223333': {
        organization: null,
        iam: {
          UserDetailList: [],
          GroupDetailList: [],
          Policies: [],
          RoleDetailList: [
            {
              RoleName: 'op',
              Arn: 'arn:aws:iam::111122223333:role/op',
              RolePolicyList: [
                {
                  PolicyName: 'own',
                  PolicyDocument: {
                    Version: '2012-10-17',
                    Statement: [{ Effect: 'Allow', Action: allowed, Resource: `arn:aws:rds:${place}:cluster:orders` }],
                  },
                },
              ],
              AttachedManagedPolicies: [],
              Tags: [],
            },
          ],
        },
        regions: {
          'eu-west-1': {
            rds: {
              DBClusters: [{ ...made, DBClusterIdentifier: 'orders', DBClusterArn: arn('cluster:orders') }],
              DBInstances: [],
              DBSnapshots: [],
              DBClusterSnapshots: [
                {
                  ...made,
                  DBClusterSnapshotIdentifier: snapshot,
                  DBClusterSnapshotArn: arn(`cluster-snapshot:${snapshot}`),
                  SnapshotType: 'manual',
                },
              ],
            },
            kms: { keys: [] },
          },
        },
      },
    },
  };
}

const arn = (resource: string): string => `arn:aws:rds:${place}:${resource}`;
const made = {
  Engine: 'aurora-postgresql',
  EngineVersion: '16.6',
  Status: 'available',
  StorageEncrypted: false,
  StorageEncryptionType: 'none',
  TagList: [],
};

/** Every Resource in a JSON value. */
function resourcesIn(json: unknown): readonly unknown[] {
  if (isList(json)) return json.flatMap(resourcesIn);
  if (!isJson(json)) return [];
  return Object.entries(json).flatMap(([name, value]) =>
    name === 'Resource' ? (isList(value) ? value : [value]) : resourcesIn(value),
  );
}

function resourcesOfFixes(question: Partial<CheckQuestion>, snapshot: string): readonly unknown[] {
  const asked = { region: 'eu-west-1', principal: 'arn:aws:iam::111122223333:role/op' };
  const { fixes } = check(
    evidenceWith(snapshot, ['rds:CreateDBClusterSnapshot']),
    { ...questionOf({ operation: 'restore', ...asked, ...question }), fix: true },
    'test',
  );
  expect(fixes.length).toBeGreaterThan(0);
  return resourcesIn(fixes);
}

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const two = (most: number) => fc.integer({ min: 1, max: most }).map((number) => String(number).padStart(2, '0'));
const moment = fc.oneof(
  fc.tuple(two(12), two(28)).map(([month, day]) => `2026-${month}-${day}`),
  fc.tuple(two(12), two(28)).map(([month, day]) => `2026${month}${day}`),
  fc.tuple(two(28), two(12)).map(([day, month]) => `${day}-${month}-2026`),
  fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }).map(String),
  fc.uuid(),
);
const onceNames = fc.oneof(
  fc.tuple(word, moment).map(([one, other]) => `${one}-${other}`),
  word.map((one) => `awsbackup:job-${one}`),
  fc.tuple(word, word).map(([one, other]) => `rds:${one}-${other}`),
);

describe('no fix names what is used once', () => {
  test('a snapshot that is read', () => {
    fc.assert(
      fc.property(onceNames, (snapshot) => {
        const named = resourcesOfFixes({ snapshot, parameters: { to: 'orders-2' } }, snapshot);
        expect(named.filter((one) => String(one).includes(snapshot))).toEqual([]);
      }),
      runs(25),
    );
  });

  test('what is made', () => {
    fc.assert(
      fc.property(word, (name) => {
        const to = `new-${name}`;
        const restored = resourcesOfFixes({ snapshot: 'before-upgrade', parameters: { to } }, 'before-upgrade');
        const taken = resourcesOfFixes({ operation: 'create-snapshot', cluster: 'orders', parameters: { to } }, 'x');
        expect([...restored, ...taken].filter((one) => String(one).endsWith(`:${to}`))).toEqual([]);
      }),
      runs(10),
    );
  });
});
