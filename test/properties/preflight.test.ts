import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { withChange } from '../../src/evidence/change.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { exampleEvidence, outcomesOn, reportOn } from '../preflight-case.ts';
import { fc, runs } from './seed.ts';

/* An expectation agrees with single checks, and an unknown fact never turns into "holds". */

const account = '111122223333';
const now = '2026-11-26T12:00:00Z';
const roles = ['role/nightly-backup', 'role/apps/app-orders', 'role/apps/app-migrator', 'role/dr-restore'];
const asked = [
  { command: 'create-snapshot', flag: 'cluster', source: 'orders' },
  { command: 'restore', flag: 'snapshot', source: 'orders-2026-11-24' },
  { command: 'restore', flag: 'snapshot', source: 'rds:orders-2026-11-25-03-10' },
  { command: 'share-snapshot', flag: 'snapshot', source: 'orders-2026-11-24' },
  { command: 'copy-snapshot', flag: 'snapshot', source: 'orders-2026-11-24' },
  { command: 'delete-cluster', flag: 'cluster', source: 'orders' },
] as const;

const statement = fc.record({
  Sid: fc.constant('Any'),
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  Action: fc.constantFrom(
    '*',
    'rds:*',
    'kms:*',
    'rds:Restore*',
    'rds:CreateDBClusterSnapshot',
    'rds:ModifyDBClusterSnapshotAttribute',
    'kms:CreateGrant',
  ),
  Resource: fc.constantFrom(
    '*',
    `arn:aws:rds:*:${account}:cluster:*`,
    `arn:aws:rds:*:${account}:cluster-snapshot:orders*`,
    `arn:aws:kms:*:${account}:key/*`,
  ),
  Condition: fc.constantFrom(
    {},
    {},
    { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    { StringEquals: { 'aws:RequestTag/team': 'dba' } },
    { StringEquals: { 'aws:PrincipalTag/team': 'dba' } },
    { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
  ),
});

const policies = fc.array(fc.array(statement, { maxLength: 4 }), { minLength: roles.length, maxLength: roles.length });

function evidenceWith(all: readonly (readonly object[])[], lists: Readonly<Record<string, unknown>> = {}): Evidence {
  const change = all.map((statements, index) => {
    const path = `/accounts/${account}/iam/RoleDetailList/${index}/RolePolicyList`;
    const document = { Version: '2012-10-17', Statement: statements };
    return [path, statements.length === 0 ? [] : [{ PolicyName: 'any', PolicyDocument: document }]] as const;
  });
  return exampleEvidence({ ...Object.fromEntries(change), ...lists });
}

function verdictOf(evidence: Evidence, who: string, { command, flag, source }: (typeof asked)[number]): string {
  const operation = operationsNamed(command).find(({ reads }) => reads?.flag === flag);
  if (operation === undefined) throw new Error(command);
  const question = { principal: `arn:aws:iam::${account}:${who}`, target: source, region: 'eu-west-1', context: {} };
  return check(
    evidence,
    { ...question, operation, strict: false, evaluatedAt: now, explain: false, fix: false },
    'test',
  ).verdict;
}

const outcomes: Readonly<Record<string, string>> = { succeeds: 'holds', fails: 'broken', undetermined: 'unproven' };

describe('an expectation', () => {
  test('agrees with single checks', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(...asked), (all, one) => {
        const evidence = evidenceWith(all);
        const question = { [one.flag]: one.source };
        const found = outcomesOn(
          evidence,
          roles.map((who) => ({ who, can: one.command, ...question, id: who })),
          { now },
        );
        for (const who of roles) expect(found.get(who)).toBe(outcomes[verdictOf(evidence, who, one)]);
      }),
      runs(60),
    );
  });

  test('that a principal cannot do something never holds if a check does not fail', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(...asked), fc.constantFrom(...roles), (all, one, who) => {
        const evidence = evidenceWith(all);
        const expected = { who, cannot: one.command, [one.flag]: one.source };
        const outcome = outcomesOn(evidence, [expected], { now }).get('e0');
        const verdict = verdictOf(evidence, who, one);
        if (outcome === 'holds') expect(verdict).toBe('fails');
        if (verdict === 'succeeds') expect(outcome).toBe('broken');
      }),
      runs(100),
    );
  });

  /** Ways to remove knowledge: of a list, a policy, or tags. */
  const forgotten = fc.constantFrom(
    `/accounts/${account}/iam/RoleDetailList`,
    `/accounts/${account}/iam/RoleDetailList/2/RolePolicyList`,
    `/accounts/${account}/regions/eu-west-1/rds/DBClusterSnapshots`,
    `/accounts/${account}/regions/eu-west-1/kms/keys`,
    `/accounts/${account}/regions/eu-west-1/kms/keys/0/Policy`,
    `/accounts/${account}/regions/eu-west-1/rds/DBClusterSnapshotAttributes`,
  );

  test('never starts to hold when facts become unknown', () => {
    const who = fc.constantFrom('role/app-migrator', 'role/app-*', 'role/*');
    fc.assert(
      fc.property(policies, forgotten, who, fc.constantFrom('can', 'cannot', 'only'), (all, path, name, kind) => {
        const subject =
          kind === 'only'
            ? { only: [name, 'user/administrator', 'root'], can: 'restore' }
            : { who: name, [kind]: 'restore' };
        const expected = { ...subject, snapshot: 'orders-*' };
        const outcomeOf = (evidence: Evidence) => outcomesOn(evidence, [expected], { now }).get('e0');
        const known = outcomeOf(evidenceWith(all));
        if (known !== 'holds') expect(outcomeOf(evidenceWith(all, { [path]: null }))).not.toBe('holds');
      }),
      runs(100),
    );
  });
});

const wide = { Resource: '*' } as const;

/**
 * The evidence after a reader followed the sentence of a fix. Undefined: the sentence describes
 * another change.
 */
function made(evidence: Evidence, step: string): Evidence | undefined {
  const [, actions, owner] = /^allow role\/\S+ (.+) in (?:a new )?inline policy \S+ of (role\/\S+)$/.exec(step) ?? [];
  const [, denied, whom] = /^deny (\S+) to (role\/\S+)/.exec(step) ?? [];
  const [name, change] =
    actions === undefined
      ? [whom, { Effect: 'Deny', Action: denied, ...wide }]
      : [owner, { Effect: 'Allow', Action: actions.split(/, | and /), ...wide }];
  if (name === undefined) return undefined;
  const place = { in: 'inline policy', owner: `arn:aws:iam::${account}:${name}`, name: step } as const;
  return withChange(evidence, { change: 'policy', place, document: { Version: '2012-10-17', Statement: [change] } });
}

describe('the fixes of an expectation', () => {
  const command = fc.constantFrom('restore', 'create-snapshot', 'share-snapshot', 'copy-snapshot', 'delete-cluster');
  const people = fc.subarray(roles, { minLength: 1 });
  let repaired = 0;
  let whole = 0;

  test('repair what they say', () => {
    fc.assert(
      fc.property(policies, people, command, fc.constantFrom('can', 'cannot', 'only'), (all, who, operation, kind) => {
        const evidence = evidenceWith(all);
        const source = /cluster$|^create/.test(operation) ? { cluster: 'orders' } : { snapshot: 'orders-2026-11-24' };
        const subject =
          kind === 'only'
            ? { only: [...who, 'user/administrator', 'root'], can: operation }
            : { who, [kind]: operation };
        const expected = { ...subject, ...source };
        const reported = reportOn(evidence, [expected], { now }).expectations[0];
        const { causes = [], broken = 0, unproven = 0, fixes = [], withFixes } = reported ?? {};
        expect(causes.reduce((sum, { combinations }) => sum + combinations, 0)).toBe(broken + unproven);
        let after: Evidence | undefined = evidence;
        let holds = reported?.holds ?? 0;
        for (const { steps, repairs } of fixes) {
          after =
            repairs === undefined
              ? undefined
              : steps.reduce((one: Evidence | undefined, step) => one && made(one, step), after);
          if (after === undefined || repairs === undefined) return;
          holds += repairs;
          expect(reportOn(after, [expected], { now }).expectations[0]?.holds).toBeGreaterThanOrEqual(holds);
          repaired += 1;
        }
        if (fixes.length === 0) return;
        expect(withFixes?.outcome).toBe(outcomesOn(after, [expected], { now }).get('e0'));
        whole += 1;
      }),
      runs(60),
    );
    expect(repaired).toBeGreaterThan(10);
    expect(whole).toBeGreaterThan(5);
  });
});
