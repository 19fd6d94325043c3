import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { whoCanReport } from '../../src/answer/who-can.ts';
import { estateOf } from '../../src/audit/estate.ts';
import { keyKillers } from '../../src/audit/findings/key-killers.ts';
import { nobodyCanRestore } from '../../src/audit/findings/nobody-can-restore.ts';
import { shortName } from '../../src/base/arn.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { statementName } from '../../src/explain/names.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { auditOfAll } from '../audit-case.ts';
import { readTable } from '../case-table.ts';
import { changed } from '../check-case.ts';
import { pointersOf } from '../check-table.ts';

/*
 * Principals who cannot make any call are in one group, even if different policies stop them. A
 * finding about the whole group must still name every policy that stops some of its members.
 */

const read = (name: string): unknown => readTable(new URL(`../cases/audit/${name}.json`, import.meta.url));

const quiet = v.parse(
  v.object({ places: v.record(v.string(), v.string()), evidence: v.unknown() }),
  read('quiet-estate'),
);

const { cases } = v.parse(
  v.strictObject({
    about: v.string(),
    cases: v.array(
      v.strictObject({
        name: v.string(),
        with: v.record(v.string(), v.unknown()),
        denies: v.array(v.string()),
        unmet: v.array(v.string()),
        nearest: v.nullable(v.string()),
      }),
    ),
  }),
  read('stopped'),
);

type Change = Readonly<Record<string, unknown>>;

function evidenceWith(change: Change): Evidence {
  return parseEvidence('test', JSON.stringify(changed(quiet.evidence, pointersOf(change, quiet.places))));
}

function foundWith(change: Change) {
  return nobodyCanRestore.find(estateOf(directoryOf(evidenceWith(change)), auditOfAll));
}

describe('backups that nobody can restore', () => {
  test.each(cases)('$name', ({ with: change, denies, unmet, nearest }) => {
    const found = foundWith(change);
    expect(
      found.map((one) => ({
        denies: one.statements.map(statementName).toSorted(),
        unmet: one.unmet,
        nearest: one.nearest === undefined ? null : shortName(one.nearest.principals[0]),
      })),
    ).toEqual([{ denies, unmet, nearest }]);
  });

  test('name the own Denies of the first few', () => {
    const roles = Array.from({ length: 25 }, (_, number) => ({
      RoleName: `r${number}`,
      RoleId: `AROA${number}`,
      Path: '/',
      Arn: `arn:aws:iam::111122223333:role/r${number}`,
      RolePolicyList: [
        {
          PolicyName: `of-r${number}`,
          PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
        },
      ],
      AttachedManagedPolicies: [],
      Tags: [],
    }));
    const denied = foundWith({
      'prod users': [],
      'prod roles': roles,
      'key statements': [{ Sid: 'NoRoot', Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' }],
    });
    expect(denied.map(({ statements }) => statements.map(({ name }) => name))).toEqual([
      [
        'arn:aws:kms:eu-west-1:111122223333:key/orders',
        ...roles.slice(0, 20).map(({ RoleName: name }) => `of-${name}`),
      ],
    ]);
  });
});

describe('who nearly can', () => {
  const allowed = (action: readonly string[], more: object = {}): object => ({
    Effect: 'Allow',
    Action: action,
    Resource: '*',
    ...more,
  });
  const role = (name: string, statements: readonly object[]): object => ({
    RoleName: name,
    RoleId: `AROA${name}`,
    Path: '/',
    Arn: `arn:aws:iam::111122223333:role/${name}`,
    RolePolicyList: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    AttachedManagedPolicies: [],
    Tags: [],
  });
  const fromVpc = { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } };
  const roles = [
    role('free', [allowed(['rds:*', 'kms:*'])]),
    role('vpc', [allowed(['kms:*']), allowed(['rds:*'], fromVpc)]),
  ];

  function groupsWith(change: Change) {
    const asked = { operations: operationsNamed('restore').slice(0, 1), names: ['orders-monthly'], parameters: {} };
    const evidence = evidenceWith({ 'prod users': [], 'prod roles': roles, ...change });
    const who = { account: '111122223333', region: 'eu-west-1', people: ['role/*'] };
    const { targets } = whoCanReport(evidence, { ...auditOfAll, ...asked, ...who }, 'test');
    return targets.flatMap(({ groups }) => groups.map(({ says, dependsOn }) => [says, dependsOn]));
  }

  const anybody = { Principal: '*' };
  const delegates = { ...allowed(['kms:*']), Principal: { AWS: 'arn:aws:iam::111122223333:root' } };
  const deny = { Sid: 'NoGrants', ...allowed(['kms:CreateGrant']), Effect: 'Deny' };
  const scp = { name: 'grants', document: { Version: '2012-10-17', Statement: [deny, allowed(['*'])] } };

  test.each([
    {
      name: 'has every permission only if no fact decides',
      change: { 'key/KeyMetadata/KeyState': 'Disabled' },
      says: [
        ['role/free has every permission. Precondition not met: key is enabled', []],
        ['role/vpc may have every permission. Precondition not met: key is enabled', ['aws:SourceVpc']],
      ],
    },
    {
      name: 'is stopped only by a Deny only if no fact decides',
      change: {
        'organization/path/0/scps': [scp],
        'organization/path/1/scps': [scp],
      },
      says: [
        [
          'role/free is stopped only by statement "NoGrants" of service control policy grants, which denies kms:CreateGrant',
          [],
        ],
        [
          'role/vpc is stopped by statement "NoGrants" of service control policy grants, which denies kms:CreateGrant',
          ['aws:SourceVpc'],
        ],
      ],
    },
    {
      name: 'has another request that depends on the same fact',
      change: { 'key statements': [delegates, { ...deny, ...anybody }] },
      says: [
        [
          'With this request, role/free is stopped only by statement "NoGrants" of the key policy, which denies kms:CreateGrant. Another request may succeed',
          ['the key that the request names (--kms-key-id)'],
        ],
        [
          'With this request, role/vpc is stopped by statement "NoGrants" of the key policy, which denies kms:CreateGrant. Another request may succeed',
          ['aws:SourceVpc', 'the key that the request names (--kms-key-id)'],
        ],
      ],
    },
  ])('$name', ({ change, says }) => {
    expect(groupsWith(change)).toEqual(says);
  });
});

test('a principal that may take a key out of use in several ways depends on the facts that decide each way', () => {
  const may = (action: string, condition: object): object => ({
    Effect: 'Allow',
    Action: action,
    Resource: '*',
    Condition: condition,
  });
  const killer = {
    RoleName: 'killer',
    RoleId: 'AROAKILLER',
    Path: '/',
    Arn: 'arn:aws:iam::111122223333:role/killer',
    RolePolicyList: [
      {
        PolicyName: 'own',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            may('kms:DisableKey', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }),
            may('kms:ScheduleKeyDeletion', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
          ],
        },
      },
    ],
    AttachedManagedPolicies: [],
    Tags: [],
  };
  const estate = estateOf(directoryOf(evidenceWith({ 'new role': killer })), auditOfAll);
  const open = keyKillers.find(estate).filter(({ maybe }) => maybe.principals !== undefined);
  const facts = open.flatMap(({ dependsOn }) =>
    dependsOn.flatMap((one) => (one.is === 'fact' && one.fact.fact === 'context' ? [one.fact.key] : [])),
  );
  expect(facts.toSorted()).toEqual(['aws:MultiFactorAuthPresent', 'aws:SourceIp']);
});
