import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { diff } from '../../src/answer/diff.ts';
import { applied } from '../../src/answer/plan.ts';
import { preflight } from '../../src/answer/preflight.ts';
import { isRootArn, shortName } from '../../src/base/arn.ts';
import { isServiceLinkedRole } from '../../src/base/principal-arn.ts';
import type { ReportedPlanEffect } from '../../src/contract/preflight-report.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import type { NamedPlan } from '../../src/plan/planned-state.ts';
import cases from '../cases/plan/effects.json' with { type: 'json' };
import { changed } from '../check-case.ts';
import { exampleEvidence } from '../preflight-case.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * The principals who lose or gain an operation because of an apply, and the changes of the plan
 * that cause this.
 */

const textAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const planNamed = (name: string): NamedPlan => ({
  from: `${name}.json`,
  plan: readPlan(`${name}.json`, textAt(`../cases/plan/plans/${name}.json`)),
});
const access = '../../docs/examples/access/plan.json';
const evidence = parseEvidence('evidence.json', textAt('../../docs/examples/preflight/evidence.json'));
const allowsAll = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const evaluatedAt = '2026-11-26T12:00:00Z';

function effectsOf(plans: readonly NamedPlan[], before = evidence): readonly ReportedPlanEffect[] {
  const report = preflight(
    before,
    { expectations: [], files: [], whole: false, evaluatedAt, strict: false, sessionPolicies: new Map(), plans },
    '0.0.0',
  );
  return report.effects ?? [];
}

/** The plan with its changes and the resources of its state in reverse order, which says the same. */
function reversed({ from, plan: { resource_changes: changes, prior_state: state, ...plan } }: NamedPlan): NamedPlan {
  const root = state?.values?.root_module;
  const values =
    root === undefined ? {} : { values: { root_module: { ...root, resources: root.resources.toReversed() } } };
  return {
    from,
    plan: { ...plan, resource_changes: changes.toReversed(), prior_state: state && { ...state, ...values } },
  };
}

const nameOf = (arn: string): string => (isRootArn(arn) ? 'root' : shortName(arn));

describe('who loses and who gains an operation', () => {
  test.each(cases)('$name', ({ plan, change = {}, effects }) => {
    const rowsOf = (one: NamedPlan) =>
      effectsOf([one], exampleEvidence(change)).map(({ kind, addresses, how, principals, operations }) => [
        addresses.join(how === 'together' ? ' + ' : ' | '),
        kind,
        principals.map(nameOf).join(' '),
        operations.map(({ operation }) => operation).join(' '),
        new Set(operations.flatMap(({ targets }) => targets)).size,
      ]);
    const wanted = effects.map((effect) => effect.slice(0, 5));
    const order = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(', ')).toSorted();
    expect(order(rowsOf(planNamed(plan)))).toEqual(order(wanted));
    // A plan has no order, so only the order of the addresses may differ.
    const whole = (rows: readonly (readonly unknown[])[]) =>
      order(
        rows.map(([addresses, ...row]) => [
          String(addresses)
            .split(/ [+|] /)
            .toSorted(),
          ...row,
        ]),
      );
    expect(whole(rowsOf(reversed(planNamed(plan))))).toEqual(whole(wanted));
  });

  // `table-2.2` attaches an SCP to the account.
  const level = {
    id: '111122223333',
    type: 'ACCOUNT',
    scps: [{ name: 'FullAWSAccess', document: allowsAll }],
    rcps: [],
  };
  const member = exampleEvidence({
    '/accounts/111122223333/organization': { id: 'o-example', managementAccountId: '444455556666', path: [level] },
  });
  const expectAgreement = (name: string): void => {
    const plans = [planNamed(name)];
    const { before, after, ...planned } = applied(member, plans, {});
    const states = { before: { evidence: before, name: 'before' }, after: { evidence: after, name: 'after' } };
    const comparing = diff({ ...states, applied: planned, context: {}, evaluatedAt, strict: false }, '0.0.0');
    let step = comparing.next();
    while (step.done !== true) step = comparing.next();
    const { changes, onlyAfter, onlyBefore } = step.value;
    const isInOne = new Set([...onlyAfter.principals, ...onlyBefore.principals]);
    const found = effectsOf(plans, member).flatMap(({ principals, operations }) =>
      principals
        .filter((arn) => !isInOne.has(arn))
        .flatMap((arn) => operations.flatMap(({ api, targets }) => targets.map((target) => `${arn} ${api} ${target}`))),
    );
    const wanted = changes
      .filter(({ principal }) => !isServiceLinkedRole(principal))
      .map(({ principal, api, target }) => `${principal} ${api} ${target}`);
    expect(found.toSorted()).toEqual(wanted.toSorted());
  };
  const named = 'agrees with diff --plan for every principal in both states: %s';
  test.each(['documents', 'partly'])(named, (name) => expectAgreement(name));
  test.each(['create', 'table-2.2', 'policies-nested', 'update-replace-forget-import-moved'])(
    named,
    { tags: 'slow' },
    (name) => expectAgreement(name),
  );

  test('each of two changes that are enough alone is named', () => {
    const json: unknown = JSON.parse(textAt(access));
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'rds:RestoreDBCluster*', Resource: '*' }],
    });
    const plan = readPlan(
      'plan.json',
      JSON.stringify(
        changed(json, {
          '/resource_changes/2/change/after/role': 'dr-restore',
          '/resource_changes/2/change/after/policy': policy,
        }),
      ),
    );
    const [effect] = effectsOf([{ from: 'plan.json', plan }]).filter(({ principals }) =>
      principals.some((arn) => arn.endsWith('role/dr-restore')),
    );
    expect(effect).toMatchObject({
      kind: 'loses',
      how: 'each',
      addresses: ['aws_kms_key_policy.orders', 'aws_iam_role_policy.orders'],
    });
  });

  test('nobody is certain to gain where a change could be about anything', () => {
    const json: unknown = JSON.parse(textAt(access));
    const at = '/resource_changes/2/change';
    const text = JSON.stringify(
      changed(json, { [`${at}/after/role`]: null, [`${at}/after_unknown/role`]: true, '/configuration': {} }),
    );
    const found = effectsOf([{ from: 'plan.json', plan: readPlan('plan.json', text) }]).map(({ kind }) => kind);
    expect(found).toContain('may-gain');
    expect(found).not.toContain('gains');
  });
});

describe('preflight --plan', () => {
  const asked = ['preflight', '--plan', 'docs/examples/access/plan.json', '--principal', 'user/administrator'];
  const from = ['--evidence', 'docs/examples/preflight/evidence.json'];

  test('names at most three principals, and all with --list-all', async () => {
    const [short, long] = await Promise.all([
      runInProcess([...asked, ...from]),
      runInProcess([...asked, ...from, '--list-all']),
    ]);
    expect(short.stdout).toContain('and 1 more');
    expect(long.stdout).not.toContain('and 1 more');
    expect(long.stdout).toContain('cluster-snapshot:rds:orders-2026-11-25-03-10 and cluster:orders.');
    // Losses of other principals do not affect the exit code. Expectations judge them.
    expect([short.code, long.code]).toEqual([0, 0]);
  });
});
