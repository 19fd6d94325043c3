import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { reportedPlan } from '../../src/answer/plan.ts';
import { preflight } from '../../src/answer/preflight.ts';
import { remembered } from '../../src/base/remembered.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { lackText } from '../../src/explain/preflight.ts';
import { places } from '../../src/plan/places.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedChanges } from '../../src/plan/planned-change.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { judgeRequests } from '../../src/preflight/planned.ts';
import { newReading } from '../../src/preflight/reading.ts';
import { unlessUnplacedIn } from '../../src/preflight/unplaced.ts';
import refused from '../cases/plan/refused.json' with { type: 'json' };
import values from '../cases/plan/values.json' with { type: 'json' };
import { overlayCases, planCases } from '../plan-case.ts';
import { exampleEvidence } from '../preflight-case.ts';

/* Plans that Terraform printed, and their results. Each case says why. */

const textAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const planNamed = remembered((name: string) => readPlan(`${name}.json`, textAt(`../cases/plan/plans/${name}.json`)));
const evidence = parseEvidence('evidence.json', textAt('../../docs/examples/preflight/evidence.json'));

describe('a file that is no plan is refused', () => {
  test.each(refused)('$name', ({ text, says }) => {
    expect(() => readPlan('plan.json', text)).toThrow(says);
  });

  test('no message shows what the file holds', () => {
    const text = '{"format_version":"1.2","variables":{"pw":{"value":"hunter2"}},"resource_changes":[{"address":"x"';
    expect(() => readPlan('plan.json', text)).toThrow(/^(?!.*hunter2)/s);
  });
});

describe('what a plan does not hold is distinguished', () => {
  test.each(values)('$plan $address $attribute: $why', ({ plan, address, attribute, is, text }) => {
    const planned = plannedChanges(planNamed(plan));
    const change = planned.find(address);
    if (change === undefined) throw new Error(`${plan} has no ${address}`);
    const value = planned.valueAt(change, [attribute]);
    expect(value.is).toBe(is);
    expect(places(planned, evidence, { region: undefined, principal: undefined }).textOf(value)).toBe(text);
  });
});

interface Answer {
  readonly id: string;
  readonly outcome: string;
  readonly failing: readonly { readonly code: string }[];
  readonly lacks: readonly { readonly code: string }[];
}

function answersOf(all: readonly Answer[]) {
  return Object.fromEntries(
    all.map(({ id, outcome, failing, lacks }) => [id, [outcome, lacks[0]?.code ?? failing[0]?.code ?? '']]),
  );
}

const usual = { evaluatedAt: '2026-11-26T12:00:00Z', sessionPolicies: new Map() } as const;

/** The evidence of the example is read once. */
function exampleWith(change: Readonly<Record<string, unknown>>): Evidence {
  return Object.keys(change).length === 0 ? evidence : exampleEvidence(change);
}

function plansOf({ first, plan }: Pick<(typeof planCases)[number], 'first' | 'plan'>) {
  return [...first, plan].map((name) => ({ from: `${name}.json`, plan: planNamed(name) }));
}

describe('the requests of a plan', () => {
  test.each(planCases)(
    '$plan: $name',
    ({ plan, first, principal, change = {}, requests, counts, notes, some, strict, ...wanted }) => {
      const settings = { ...usual, strict };
      const held = exampleWith(change);
      const plans = plansOf({ first, plan });
      // A report also computes the effects of the plan, which takes longest. This test needs only
      // the answers.
      const planned = plannedState(held, plans, { region: undefined, principal, strict });
      const answers = judgeRequests(planned.requests, settings, newReading()).map((one) =>
        unlessUnplacedIn(one, planned),
      );
      const found = answersOf(
        answers.map(({ expectation: { id }, alike, ...judged }) => ({
          id,
          failing: alike.map((one) => one.failing[0]),
          ...judged,
        })),
      );
      if (some) expect(found).toMatchObject(requests);
      else expect(found).toEqual(requests);
      const read = planned.plans.map((one) => reportedPlan(one, planned.requests)).at(-1);
      if (wanted.notChecked !== undefined)
        expect(read?.notChecked.map(({ address, api }) => `${address} ${api}`)).toEqual(wanted.notChecked);
      if (counts !== undefined) {
        const { notUnderstood, ...numbers } = counts;
        expect(read).toMatchObject(numbers);
        expect(read?.notUnderstood.map(({ address, code }) => `${address} ${code}`)).toEqual(notUnderstood);
      }
      if (wanted.assumed !== undefined) {
        const assumed = answers.flatMap(({ expectation: { id }, assumedInstances: all = [] }) =>
          all.length === 0 ? [] : [[id, all.map(({ attribute, instance }) => `${attribute}: ${instance}`)] as const],
        );
        expect(Object.fromEntries(assumed)).toEqual(wanted.assumed);
      }
      const texts = answers.flatMap(({ expectation: { id }, lacks: [lack] }) =>
        lack === undefined ? [] : [[id, lackText(lack)] as const],
      );
      expect(Object.fromEntries(texts)).toMatchObject(wanted.says);
      if (notes !== undefined) expect(read?.notes.map(({ address, code }) => `${address} ${code}`)).toEqual(notes);
    },
  );
});

describe('the report on a plan', { tags: 'slow' }, () => {
  test.each(planCases.filter(({ verdict }) => verdict !== undefined))(
    'has the same answers: $plan: $name',
    ({ principal, change = {}, requests, some, strict, verdict, ...named }) => {
      const question = { ...usual, strict, expectations: [], files: [], whole: false, plans: plansOf(named) };
      const report = preflight(
        exampleWith(change),
        principal === undefined ? question : { ...question, applier: principal },
        '0.0.0',
      );
      expect(report.verdict).toBe(verdict);
      const found = answersOf(report.expectations);
      if (some) expect(found).toMatchObject(requests);
      else expect(found).toEqual(requests);
    },
  );
});

describe('the evidence as it is once a plan is applied', () => {
  test.each(overlayCases)('$plan $arn: $why', ({ plan, arn, change = {}, has, names, texts, lacks, gone }) => {
    const settings = { region: undefined, principal: undefined };
    const before = exampleWith(change);
    const after = plannedState(before, [{ from: 'plan.json', plan: planNamed(plan) }], settings).evidence;
    const found = Object.values(after.accounts).flatMap(({ iam = {}, regions = {}, organization }) => [
      ...(organization?.path ?? []).filter(({ id }) => id === arn),
      ...[iam.RoleDetailList, iam.UserDetailList, iam.GroupDetailList, iam.Policies]
        .flatMap((list: readonly { readonly Arn: string }[] | undefined) => list ?? [])
        .filter(({ Arn }) => Arn === arn),
      ...Object.values(regions).flatMap(({ kms, rds, backup, vpcEndpointPolicies }) => [
        ...(backup?.BackupVaults ?? []).filter(({ BackupVaultArn }) => BackupVaultArn === arn),
        ...(rds?.DBInstances ?? []).filter(({ DBInstanceArn }) => DBInstanceArn === arn),
        ...(rds?.DBSnapshots ?? []).filter(({ DBSnapshotArn }) => DBSnapshotArn === arn),
        ...(vpcEndpointPolicies ?? []).filter(({ name }) => name === arn),
        ...(kms?.keys ?? []).filter(({ KeyMetadata: { Arn } }) => Arn === arn),
        ...(rds?.DBClusterSnapshotAttributes ?? []).filter(({ DBClusterSnapshotIdentifier: name }) => name === arn),
        ...(rds?.DBClusters ?? []).filter(({ DBClusterArn }) => DBClusterArn === arn),
        ...(rds?.DBClusterSnapshots ?? []).filter(({ DBClusterSnapshotArn }) => DBClusterSnapshotArn === arn),
      ]),
    ]);
    expect(found).toHaveLength(gone === true ? 0 : 1);
    if (has !== undefined) expect(found[0]).toMatchObject(has);
    // An undefined field counts as absent, as in JSON.
    const json: unknown = JSON.parse(JSON.stringify(found[0] ?? {}));
    for (const field of lacks) expect(json).not.toHaveProperty(field);
    if (texts !== undefined) expect(JSON.stringify(found[0])).toContain(texts);
    if (names !== undefined)
      expect(found[0]).toMatchObject({ RolePolicyList: names.RolePolicyList.map((PolicyName) => ({ PolicyName })) });
  });
});

describe('what the plan has read counts before older evidence', () => {
  const arn = 'arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:orders-1';
  const read = {
    address: 'data.aws_db_cluster_snapshot.newest',
    mode: 'data',
    type: 'aws_db_cluster_snapshot',
    values: { db_cluster_snapshot_arn: arn, db_cluster_identifier: 'orders', status: 'available' },
  };
  const key = {
    address: 'aws_kms_key.orders',
    type: 'aws_kms_key',
    name: 'orders',
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: {
      actions: ['no-op'],
      before: {
        arn: 'arn:aws:kms:eu-west-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23',
        policy: '{"Version":"2012-10-17","Statement":[]}',
      },
    },
  };
  const plan = readPlan(
    'plan.json',
    JSON.stringify({
      format_version: '1.2',
      configuration: {},
      resource_changes: [key],
      prior_state: { values: { root_module: { resources: [read] } } },
    }),
  );
  const settings = { region: undefined, principal: undefined };
  const state = plannedState(evidence, [{ from: 'plan.json', plan }], settings);
  const region = state.evidence.accounts['111122223333']?.regions?.['eu-west-1'];

  test('a data source adds a snapshot to the list', () => {
    const found = region?.rds?.DBClusterSnapshots?.find(({ DBClusterSnapshotArn: one }) => one === arn);
    expect(found).toMatchObject({ DBClusterIdentifier: 'orders', Status: 'available' });
  });

  test('the policy that the state holds is used, and a note says that the evidence differs', () => {
    expect(region?.kms?.keys?.[0]?.Policy).toBe(key.change.before.policy);
    expect(state.plans[0]?.notes.map(({ note }) => note.code)).toEqual(['evidence-differs']);
  });

  test('a list that the evidence does not hold stays unknown', () => {
    const empty = { ...evidence, accounts: { '111122223333': { regions: { 'eu-west-1': {} } } } };
    const after = plannedState(empty, [{ from: 'plan.json', plan }], settings).evidence;
    expect(after.accounts['111122223333']?.regions?.['eu-west-1']?.rds).toBeUndefined();
  });
});

test('what goes has no provider in the configuration, and is in the only Region of the providers', () => {
  const settings = { region: undefined, principal: undefined };
  const state = plannedState(evidence, [{ from: 'plan.json', plan: planNamed('table-2.2') }], settings);
  // The account is in no organization, so nothing shows which SCPs apply if one is attached.
  const types = state.plans[0]?.notOverlaid.map(({ change }) => change.type);
  expect(types).toEqual(['aws_organizations_policy_attachment']);
});
