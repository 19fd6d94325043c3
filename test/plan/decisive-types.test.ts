import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { controlRows } from '../../src/plan/controls.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { exampleEvidence } from '../preflight-case.ts';

/* A change that decides who may do what, and that cannot be laid over the evidence, keeps every success open. */

const given: { readonly resource_changes: readonly unknown[] } = JSON.parse(
  readFileSync(new URL('../../docs/examples/access/plan.json', import.meta.url), 'utf8'),
);

interface Change {
  readonly actions: readonly string[];
  readonly before: object | null;
  readonly after: object | null;
}

/** The addresses of what no evidence tells, once the plan has this change, too. */
function openAfter(type: string, change: Change): readonly string[] {
  const added = {
    address: `${type}.x`,
    mode: 'managed',
    type,
    name: 'x',
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: { ...change, after_unknown: {}, before_sensitive: {}, after_sensitive: {} },
  };
  const text = JSON.stringify({ ...given, resource_changes: [...given.resource_changes, added] });
  const plans = [{ from: 'plan.json', plan: readPlan('plan.json', text) }];
  const { unplaced } = plannedState(exampleEvidence(), plans, { region: undefined, principal: undefined });
  return unplaced.map(({ address }) => address);
}

const made = { actions: ['create'], before: null, after: {} };
const gone = { actions: ['delete'], before: {}, after: null };

describe('a change that cannot be told', () => {
  test.each([
    'aws_ssoadmin_account_assignment',
    'aws_ssoadmin_customer_managed_policy_attachment',
    'aws_ssoadmin_customer_managed_policy_attachments_exclusive',
    'aws_ssoadmin_managed_policy_attachments_exclusive',
    'aws_ssoadmin_permissions_boundary_attachment',
  ])('of %s keeps every success open', (type) => {
    expect(Object.keys(controlRows)).toContain(type);
    expect(openAfter(type, made)).toEqual([`${type}.x`]);
    expect(openAfter(type, gone)).toEqual([`${type}.x`]);
  });

  const account = (parent: string): object => ({ name: 'prod', parent_id: parent });
  test.each([
    { name: 'an account that moves', before: account('ou-1'), after: account('ou-2'), opens: true },
    { name: 'an account that stays', before: account('ou-1'), after: account('ou-1'), opens: false },
  ])('$name', ({ before, after, opens }) => {
    const type = 'aws_organizations_account';
    expect(openAfter(type, { actions: ['update'], before, after })).toEqual(opens ? [`${type}.x`] : []);
  });

  test('is none where the type decides nothing', () => {
    expect(openAfter('aws_iam_instance_profile', made)).toEqual([]);
    expect(openAfter('aws_s3_bucket', made)).toEqual([]);
  });
});
