import { expect, test } from 'vitest';
import { preflight } from '../../src/answer/preflight.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { exampleEvidence } from '../preflight-case.ts';

/*
 * A plan gives one right to each of many roles, and changes many unrelated keys. The search has a
 * limited number of checks. So it finds each cause only if it tries the changes of the role before
 * those of the keys.
 */

const account = '111122223333';
const many = Array.from({ length: 150 }, (_, at) => at);
const own = { account, region: 'eu-west-1' };

function resource(type: string, name: string, change: object) {
  return {
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: { after_unknown: {}, ...change },
  };
}

const role = (at: number) => ({
  RoleName: `app-${at}`,
  Arn: `arn:aws:iam::${account}:role/app-${at}`,
  RolePolicyList: [],
  AttachedManagedPolicies: [],
  Tags: [],
});
const keyArn = (at: number): string =>
  `arn:aws:kms:${own.region}:${account}:key/00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
const key = (at: number) => ({ KeyMetadata: { Arn: keyArn(at), KeyState: 'Enabled', KeyManager: 'CUSTOMER' } });
const policy = (at: number): string =>
  JSON.stringify({
    Version: '2012-10-17',
    // Each role has a different text, so that no two roles are in one class.
    Statement: [{ Sid: `Of${at}`, Effect: 'Allow', Action: 'rds:DeleteDBClusterSnapshot', Resource: '*' }],
  });

test('each cause is found among the changes of the thing itself', () => {
  const roles = Object.fromEntries(
    many.map((at) => [`/accounts/${account}/iam/RoleDetailList/${6 + at}`, role(at)] as const),
  );
  const keys = Object.fromEntries(
    many.map((at) => [`/accounts/${account}/regions/${own.region}/kms/keys/${1 + at}`, key(at)] as const),
  );
  const text = JSON.stringify({
    format_version: '1.2',
    configuration: { root_module: {} },
    resource_changes: many.flatMap((at) => [
      resource('aws_iam_role_policy', `p${at}`, {
        actions: ['create'],
        before: null,
        after: { name: 'p', role: `app-${at}`, policy: policy(at) },
      }),
      resource('aws_kms_key', `k${at}`, {
        actions: ['update'],
        before: { arn: keyArn(at), tags_all: {} },
        after: { arn: keyArn(at), tags_all: { at: String(at) } },
      }),
    ]),
  });
  const report = preflight(
    exampleEvidence({ ...roles, ...keys }),
    {
      expectations: [],
      files: [],
      whole: false,
      evaluatedAt: '2026-11-26T12:00:00Z',
      strict: false,
      sessionPolicies: new Map(),
      plans: [{ from: 'plan.json', plan: readPlan('plan.json', text) }],
    },
    '0.0.0',
  );
  const found = (report.effects ?? []).map(({ how, addresses }) => [how, addresses.length]);
  expect(found).toEqual(many.map(() => ['each', 1]));
});
