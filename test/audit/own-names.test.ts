import { describe, expect, test } from 'vitest';
import { auditReport } from '../../src/answer/audit.ts';
import { whoCanReport } from '../../src/answer/who-can.ts';
import type { WhoCanReport } from '../../src/contract/who-can-report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { auditOfAll } from '../audit-case.ts';

/*
 * These roles differ only in the names of their policies, so the program decides them once. The
 * texts about each role must name that role's own policies.
 */

const account = '111122223333';
const roles = ['alpha', 'beta', 'gamma'];

const everything = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'All', Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' }],
};

/** The demo's account with three more roles. */
function withRoles(policiesOf: (role: string) => object): Evidence {
  const { accounts, ...rest } = demoEvidence;
  const { iam, ...held } = accounts[account] ?? {};
  const more = roles.map((RoleName) => ({
    RoleName,
    Path: '/',
    Arn: `arn:aws:iam::${account}:role/${RoleName}`,
    RolePolicyList: [],
    AttachedManagedPolicies: [],
    ...policiesOf(RoleName),
  }));
  const all = { ...iam, RoleDetailList: [...(iam?.RoleDetailList ?? []), ...more] };
  return parseEvidence('test', JSON.stringify({ ...rest, accounts: { [account]: { ...held, iam: all } } }));
}

test.each([
  { sid: 'NoKms', says: 'statement "NoKms" of their identity policies, which denies kms:DescribeKey' },
  { sid: '', says: 'a statement of their identity policies, which denies kms:DescribeKey' },
])('a Deny of all, with the Sid "$sid", has the name of no policy', ({ sid, says }) => {
  const evidence = withRoles((role) => ({
    RolePolicyList: [
      {
        PolicyName: `of-${role}`,
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            ...everything.Statement,
            { ...(sid === '' ? {} : { Sid: sid }), Effect: 'Deny', Action: 'kms:DescribeKey', Resource: '*' },
          ],
        },
      },
    ],
  }));
  const groups = whoCan(evidence).targets.flatMap((target) => target.groups);
  const stopped = groups.filter(({ standing }) => standing === 'nearly');
  expect(stopped.map((group) => group.says)).toEqual([expect.stringContaining(says)]);
  expect(named(JSON.stringify(stopped.map(({ says: text, missing }) => [text, missing])))).toEqual([]);
});

const cases = [
  {
    what: 'what allows',
    evidence: withRoles((role) => ({
      RolePolicyList: [{ PolicyName: `of-${role}`, PolicyDocument: everything }],
    })),
  },
  {
    what: 'what was not read',
    evidence: withRoles((role) => ({
      AttachedManagedPolicies: [{ PolicyName: `of-${role}`, PolicyArn: `arn:aws:iam::${account}:policy/of-${role}` }],
    })),
  },
];

function whoCan(evidence: Evidence): WhoCanReport {
  const operations = operationsNamed('restore').slice(0, 1);
  return whoCanReport(
    evidence,
    { ...auditOfAll, operations, names: ['ledger-monthly'], parameters: {}, account },
    'test',
  );
}

/** The roles whose policies a text names. */
function named(text: string): readonly string[] {
  return roles.filter((role) => text.includes(`of-${role}`));
}

describe.each(cases)('the names of $what', ({ evidence }) => {
  const { findings } = auditReport(evidence, { ...auditOfAll, wideRestore: 1 }, 'test');

  test('are those of the principal of a finding', () => {
    const own = findings.flatMap(({ principal, statements, dependsOn }) => {
      const role = roles.find((name) => principal?.endsWith(`role/${name}`));
      return role === undefined ? [] : [[role, named([...statements, ...dependsOn.map(({ text }) => text)].join())]];
    });
    expect(new Set(own.map(([role]) => role))).toEqual(new Set(roles));
    expect(own.filter(([role, names]) => String(names) !== role)).toEqual([]);
  });

  test('are those of all principals of a finding', () => {
    const lists = findings.filter(({ code }) => code === 'key-killers' || code === 'wide-restore');
    const names = lists.map(({ statements, dependsOn }) =>
      named([...statements, ...dependsOn.map(({ text }) => text)].join()),
    );
    const naming = names.filter((some) => some.length > 0);
    expect(naming.length).toBeGreaterThan(0);
    expect(naming).toEqual(naming.map(() => roles));
  });

  test('are those of each principal in a group of who-can', () => {
    const groups = whoCan(evidence).targets.flatMap((target) => target.groups);
    const pairs = groups.flatMap(({ decidedBy, dependsOn }) => [
      ...decidedBy.flatMap(({ principals, by }) =>
        principals.flatMap((arn) => named(by.join()).map((role) => [arn.split('/').at(-1), role])),
      ),
      ...named(dependsOn.join()).map((role) => [role, role]),
    ]);
    expect(pairs).toEqual(roles.map((role) => [role, role]));
  });
});
