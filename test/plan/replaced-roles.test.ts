import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { preflight } from '../../src/answer/preflight.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { readExpectations } from '../../src/preflight/read.ts';
import { exampleEvidence } from '../preflight-case.ts';

const role = 'arn:aws:iam::111122223333:role/dr-restore';
const key = '/accounts/111122223333/regions/eu-west-1/kms/keys/0';

/** Only the key policy allows the role to use the key. */
const policyNaming = (principal: string) => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'Dr', Effect: 'Allow', Principal: { AWS: [principal] }, Action: 'kms:DescribeKey', Resource: '*' },
  ],
});

const text = readFileSync(new URL('../cases/plan/plans/role-replaced.json', import.meta.url), 'utf8');
const plans = [{ from: 'role-replaced.json', plan: readPlan('role-replaced.json', text) }];

function reportOn(policy: unknown, withPlan: boolean) {
  const expectation = { id: 'dr', why: 'DR', who: 'role/dr-restore', can: 'kms:DescribeKey', key: 'alias/orders' };
  const defaults = { account: '111122223333', region: 'eu-west-1' };
  const file = { file: 'e.yaml', text: JSON.stringify({ version: '1', defaults, expectations: [expectation] }) };
  return preflight(
    exampleEvidence({ [`${key}/Policy`]: policy }),
    {
      expectations: readExpectations([file]),
      files: ['e.yaml'],
      whole: false,
      evaluatedAt: '2026-11-26T12:00:00Z',
      strict: false,
      sessionPolicies: new Map(),
      ...(withPlan ? { plans } : {}),
    },
    'test',
  );
}

function outcome(policy: unknown, withPlan: boolean): string | undefined {
  return reportOn(policy, withPlan).expectations.find(({ id }) => id === 'dr')?.outcome;
}

describe('a role that is replaced', () => {
  test('is no longer meant by a policy that named the old one', () => {
    expect(outcome(policyNaming(role), false)).toBe('holds');
    expect(outcome(policyNaming(role), true)).toBe('broken');
    expect(outcome(JSON.stringify(policyNaming(role)), true)).toBe('broken');
  });

  test('is no longer meant by the policy of a bucket that named the old one', () => {
    const bucket = { Name: 'exports', BucketRegion: 'eu-west-1', Policy: policyNaming(role) };
    const held = exampleEvidence({ '/accounts/111122223333/s3': { Buckets: [bucket] } });
    const { evidence } = plannedState(held, plans, { region: undefined, principal: undefined });
    const { accounts } = evidence;
    expect(accounts['111122223333']?.s3?.Buckets).toEqual([
      { ...bucket, Policy: policyNaming('AROAEXAMPLEDRRESTOR1') },
    ]);
  });

  test('is recognized by the unique ID that the evidence has', () => {
    const report = reportOn(policyNaming(role), true);
    expect(JSON.stringify(report)).toContain('names AROAEXAMPLEDRRESTOR1 (a deleted principal)');
  });

  test('is still meant by a policy that names the account', () => {
    const policy = policyNaming('arn:aws:iam::111122223333:root');
    const open = { ...policy, Statement: [{ ...policy.Statement[0], Principal: '*' }] };
    expect(outcome(open, true)).toBe('holds');
  });
});
