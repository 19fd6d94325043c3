import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { documentAt, type PlannedDocument } from '../../src/plan/documents.ts';
import { places } from '../../src/plan/places.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedChanges } from '../../src/plan/planned-change.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { parse } from '../../src/policy/parse.ts';
import cases from '../cases/plan/documents.json' with { type: 'json' };
import { exampleEvidence, reportOn } from '../preflight-case.ts';

const settings = { region: undefined, principal: undefined };
const planNamed = (name: string) =>
  readPlan(name, readFileSync(new URL(`../cases/plan/plans/${name}.json`, import.meta.url), 'utf8'));

/**
 * The policy that a plan gives to a name. First the name of the plan, then the name of the policy.
 */
function documentIn(plan: string): (name: string) => PlannedDocument {
  const planned = plannedChanges(planNamed(plan));
  const found = places(planned, exampleEvidence(), settings);
  return (name) => {
    const change = planned.find(`aws_iam_policy.${name}`);
    if (change === undefined) throw new Error(`the plan has no policy ${name}`);
    return documentAt(planned, found, change, 'policy');
  };
}

const rebuiltOf = documentIn('documents');

function documentOf(name: string): unknown {
  const document = rebuiltOf(name);
  return document.is === 'text' ? document.document : document;
}

describe('a policy document that is read during apply is rebuilt', () => {
  test.each(cases)('$document: $why', ({ document, statements }) => {
    const rebuilt = documentOf(document);
    expect(rebuilt).toEqual({ Version: '2012-10-17', Statement: statements });
  });
});

describe('a plan shows the references of an expression, and nothing around them', () => {
  const policyOf = documentIn('functions');
  const data = 'data.aws_iam_policy_document';

  test.each([
    { name: 'plain', taken: `${data}.d` },
    // Terraform prints this expression in the same way as the previous one:
    // `replace(data.aws_iam_policy_document.d.json, "Allow", "Deny")`.
    { name: 'function', taken: `${data}.d` },
    { name: 'key["x"]', taken: `${data}.m["x"]` },
    { name: 'value["y"]', taken: `${data}.m["y"]` },
    { name: 'conditional', because: [`${data}.d.json`] },
    { name: 'splat', because: [`${data}.m`] },
    { name: 'random', because: ['a function'] },
  ])('$name', ({ name, taken, because }) => {
    const document = policyOf(name);
    expect(document).toMatchObject(taken === undefined ? { is: 'hidden', because } : { is: 'text', taken });
  });

  test('the attribute of a role with each.key is not known: it may be no ARN', () => {
    const own = policyOf('key["x"]');
    expect(JSON.stringify(own)).toContain(`aws:KnownAfterApply/0/${data}.m[`);
    expect(JSON.stringify(own)).not.toContain('role-x');
  });

  test('a database in another Region than its multi-Region key is under a replica of the key', () => {
    const { evidence } = plannedState(exampleEvidence(), [{ from: 'p', plan: planNamed('functions') }], settings);
    const { rds } = evidence.accounts['111122223333']?.regions?.['eu-central-1'] ?? {};
    const replica = rds?.DBClusters?.find(({ DBClusterIdentifier: name }) => name === 'replica');
    expect(replica?.DBClusterIdentifier).toBe('replica');
    expect(replica?.KmsKeyId).toBeUndefined();
  });

  test('what is taken as it is counts as not known with --strict', () => {
    const plans = [{ from: 'plan.json', plan: planNamed('functions') }];
    const stateOf = (strict: boolean) => plannedState(exampleEvidence(), plans, { ...settings, strict });
    const [usual, strict] = [stateOf(false), stateOf(true)];
    const taken = ['d', 'm["x"]', 'm["y"]'];
    for (const { plans: read } of [usual, strict])
      expect(read[0]?.whole).toEqual([{ code: 'policy-taken', from: taken.map((name) => `${data}.${name}`) }]);
    const hasStatement = ({ evidence }: typeof usual): boolean => JSON.stringify(evidence).includes('"Sid":"Index"');
    expect([hasStatement(usual), hasStatement(strict)]).toEqual([true, false]);
  });

  test('the default policy of a key counts as not known with --strict if a local decides', () => {
    const plans = [{ from: 'plan.json', plan: planNamed('written/local-policy-module') }];
    const policiesOf = (strict: boolean) =>
      Object.values(plannedState(exampleEvidence(), plans, { ...settings, strict }).evidence.accounts)
        .flatMap(({ regions = {} }) => Object.values(regions))
        .flatMap(({ kms }) => kms?.keys ?? [])
        .filter(({ KeyMetadata: { Arn } }) => Arn.includes('module.k'))
        .map(({ Policy }) => Policy !== undefined);
    expect([policiesOf(false), policiesOf(true)]).toEqual([[true], [false]]);
  });
});

describe('what is known only after apply leaves a decision open', () => {
  const role = '/accounts/111122223333/iam/RoleDetailList/1';
  const who = { who: 'role/app-orders', key: 'alias/orders' };
  const outcomes = (document: unknown) =>
    reportOn(
      exampleEvidence({ [`${role}/RolePolicyList/0/PolicyDocument`]: document }),
      [
        { ...who, can: 'kms:DescribeKey' },
        { ...who, cannot: 'kms:DescribeKey' },
      ],
      { now: '2026-11-26T12:00:00Z' },
    )
      .expectations.toSorted((one, other) => (one.id < other.id ? -1 : 1))
      .map(({ outcome }) => outcome);

  test('an Allow may be one, and may be none', () => {
    const document = documentOf('hidden_element');
    expect(parse('identity', 'hidden', document)).not.toHaveProperty('faults');
    expect(outcomes(document)).toEqual(['unproven', 'unproven']);
  });

  test('a Deny may be one, beside an Allow', () => {
    const allow = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    const deny = cases.find((one) => one.document === 'all_but')?.statements ?? [];
    expect(outcomes({ Version: '2012-10-17', Statement: [allow] })).toEqual(['holds', 'broken']);
    expect(outcomes({ Version: '2012-10-17', Statement: [allow, ...deny] })).toEqual(['unproven', 'unproven']);
  });
});
