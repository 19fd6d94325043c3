import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { documentAt } from '../../src/plan/documents.ts';
import { places } from '../../src/plan/places.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedChanges } from '../../src/plan/planned-change.ts';
import { parse } from '../../src/policy/parse.ts';
import cases from '../cases/plan/documents.json' with { type: 'json' };
import { exampleEvidence, reportOn } from '../preflight-case.ts';

const text = readFileSync(new URL('../cases/plan/plans/documents.json', import.meta.url), 'utf8');
const planned = plannedChanges(readPlan('documents.json', text));
const found = places(planned, exampleEvidence(), { region: undefined, principal: undefined });

function documentOf(name: string): unknown {
  const change = planned.find(`aws_iam_policy.${name}`);
  if (change === undefined) throw new Error(`the plan has no policy ${name}`);
  const document = documentAt(planned, found, change, 'policy');
  return document.is === 'text' ? document.document : document;
}

describe('a policy document that is read during apply is rebuilt', () => {
  test.each(cases)('$document: $why', ({ document, statements }) => {
    const rebuilt = documentOf(document);
    expect(rebuilt).toEqual({ Version: '2012-10-17', Statement: statements });
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
