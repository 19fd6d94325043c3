import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { isJson } from '../../src/base/json.ts';
import { type KeyImpactReport, keyImpactReportSchema } from '../../src/contract/key-impact-report.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { changed } from '../check-case.ts';
import { runInProcess } from '../run-in-process.ts';

/* `key-impact --plan`: the effect of a plan on a key, and on the resources under the key. */

const example = 'docs/examples/preflight/evidence.json';
const access = 'docs/examples/access/plan.json';
const orders = 'arn:aws:kms:eu-west-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';

async function impact(key: string, plan: string, ...more: readonly string[]): Promise<KeyImpactReport> {
  const args = ['key-impact', key, '--evidence', example, '--plan', plan, '--output', 'json', ...more];
  const { stdout, stderr } = await runInProcess(args);
  expect(stderr).toBe('');
  return v.parse(keyImpactReportSchema, JSON.parse(stdout));
}

function saved(json: unknown): string {
  const file = `${mkdtempSync(`${tmpdir()}/aurora-kms-check-`)}/plan.json`;
  writeFileSync(file, JSON.stringify(json));
  return file;
}

function planOf(type: string, actions: readonly string[], before: object | null, after: object | null): string {
  const change = { actions, before, after, after_unknown: {} };
  const one = { address: `${type}.x`, type, name: 'x', provider_name: 'registry.terraform.io/hashicorp/aws', change };
  return saved({ format_version: '1.2', configuration: {}, resource_changes: [one] });
}

const planned = ({ planned: all = [], actions, verdict }: KeyImpactReport) => ({
  does: all.map(({ does }) => does),
  actions,
  verdict,
});

describe('what a plan does to a key', () => {
  test('a policy that names others takes operations from those it leaves out', async () => {
    const report = await impact('alias/orders', access);
    expect(planned(report)).toEqual({ does: ['policy'], actions: ['policy'], verdict: 'breaks' });
    const losses = report.keys[0]?.actions[0]?.change?.losses.map(({ principal }) => principal);
    // The plan also disables another key, but the question is about this key.
    expect(new Set(losses)).toEqual(
      new Set(['arn:aws:iam::111122223333:role/dr-restore', 'arn:aws:iam::111122223333:root']),
    );
    expect(report.plans?.[0]).toMatchObject({ changes: 5, overlaid: 5, notUnderstood: [] });
  });

  test('a key that is switched off', async () => {
    expect(planned(await impact('alias/dr', access))).toEqual({
      does: ['disable'],
      actions: ['disable'],
      verdict: 'breaks',
    });
  });

  test('an alias that moves to another key, under which a restore then creates a cluster', async () => {
    const report = await impact('alias/app', 'test/cases/plan/plans/written/alias-moves-then-restore.json');
    expect(planned(report)).toMatchObject({ does: ['aliases'] });
  });

  test('a key that is deleted, with what is under the key named', async () => {
    const report = await impact('alias/orders', planOf('aws_kms_key', ['delete'], { arn: orders }, null));
    expect(planned(report)).toEqual({ does: ['delete'], actions: ['delete'], verdict: 'breaks' });
    expect(report.keys[0]).toMatchObject({ state: 'Enabled', dependents: 4 });
  });

  test('a key and its databases that one plan deletes: backups stay under the key', async () => {
    const arn = 'arn:aws:rds:eu-west-1:111122223333:cluster:orders';
    const before = { arn, cluster_identifier: 'orders', kms_key_id: orders, final_snapshot_identifier: 'last' };
    const json: unknown = JSON.parse(readFileSync(planOf('aws_kms_key', ['delete'], { arn: orders }, null), 'utf8'));
    const both = changed(json, {
      '/resource_changes/1': {
        address: 'aws_rds_cluster.x',
        type: 'aws_rds_cluster',
        name: 'x',
        provider_name: 'registry.terraform.io/hashicorp/aws',
        change: { actions: ['delete'], before, after: null, after_unknown: {} },
      },
    });
    expect(planned(await impact('alias/orders', saved(both)))).toEqual({
      does: ['delete'],
      actions: ['delete'],
      verdict: 'breaks',
    });
  });

  test('--action asks for another action, and a plan of other things leaves all actions', async () => {
    expect((await impact('alias/orders', access, '--action', 'disable')).actions).toEqual(['disable']);
    const report = await impact('alias/orders', planOf('aws_iam_role', ['create'], null, { name: 'x', path: '/' }));
    expect(planned(report).does).toEqual(['nothing']);
    expect(report.actions).toEqual(['disable', 'delete', 'delete-material', 'policy']);
  });

  test.each([
    { name: 'a master password', type: 'aws_rds_cluster', attribute: 'master_user_secret_kms_key_id', key: orders },
    {
      name: 'Performance Insights, by its alias',
      type: 'aws_db_instance',
      attribute: 'performance_insights_kms_key_id',
      key: 'alias/orders',
    },
    {
      name: 'an activity stream, by its ID',
      type: 'aws_rds_cluster_activity_stream',
      attribute: 'kms_key_id',
      key: orders.slice(-36),
    },
    { name: 'an integration, which the plan does not show', type: 'aws_rds_integration', attribute: 'kms_key_id' },
  ])('the key of $name is a use that no list shows', async ({ type, attribute, key }) => {
    const isLater = key === undefined;
    const change = {
      actions: ['create'],
      before: null,
      after: { [attribute]: key, cluster_identifier: 'x', identifier: 'x', region: 'eu-west-1' },
      after_unknown: isLater ? { [attribute]: true } : {},
    };
    const resource = { address: `${type}.x`, type, name: 'x' };
    const configured = {
      ...resource,
      mode: 'managed',
      expressions: { [attribute]: { references: ['terraform_data.key.id'] } },
    };
    const plan = saved({
      format_version: '1.2',
      configuration: { root_module: { resources: [configured] } },
      resource_changes: [{ ...resource, provider_name: 'registry.terraform.io/hashicorp/aws', change }],
    });
    const report = await impact('alias/orders', plan, '--action', 'policy');
    expect(report.doubts?.map(({ text }) => text)).toEqual([
      `${type}.x ${isLater ? 'may use' : 'uses'} the key (${attribute}), and is not among the dependents.`,
    ]);
    expect(report.verdict).toBe('cannot tell');
    expect((await impact('alias/dr', plan)).doubts?.length ?? 0).toBe(isLater ? 1 : 0);
  });

  test('the secret of a password that RDS manages after a restore depends on its key', async () => {
    const report = await impact('alias/orders', 'test/cases/plan/plans/written/managed-password-cluster-restored.json');
    expect(report.doubts ?? []).toEqual([]);
    expect(report.keys[0]).toMatchObject({ dependents: 6 });
  });

  test.each([
    { name: 'starts', plan: 'stream-starts', kinds: ['activity-stream'] },
    { name: 'stops', plan: 'stream-stops', kinds: [] },
  ])('an activity stream that a plan $name is a dependent of its key, or no longer one', async ({ plan, kinds }) => {
    const report = await impact('alias/orders', `test/cases/plan/plans/written/${plan}.json`, '--verbose');
    expect(report.doubts ?? []).toEqual([]);
    expect(
      JSON.stringify(report.keys)
        .match(/activity-stream/g)
        ?.slice(0, 1) ?? [],
    ).toEqual(kinds);
  });

  test('a cluster that is replaced under another key uses the new key', async () => {
    const plan = 'test/cases/plan/plans/written/replaced-under-another-key.json';
    const { doubts, verdict } = await impact('alias/orders', plan, '--action', 'policy');
    expect(doubts?.map(({ text }) => text)).toEqual([
      'aws_rds_cluster.r uses the key (kms_key_id), and is not among the dependents.',
    ]);
    expect(verdict).toBe('cannot tell');
    expect((await impact('alias/dr', plan)).doubts ?? []).toEqual([]);
  });

  test('planning that ended with an error leaves every answer open', async () => {
    const report = await impact('alias/orders', 'test/cases/plan/plans/errored.json', '--action', 'policy');
    expect(report.doubts?.map(({ code }) => code)).toEqual(['plan-errored']);
    expect(report.verdict).toBe('cannot tell');
  });
});

describe('a key that exists, by its address in the plan', () => {
  test.each([['after-disabled'], ['after-key-gone'], ['key-replaced'], ['moved-module-key']])('%s', async (plan) => {
    const path = `test/cases/plan/plans/written/${plan}.json`;
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    const { resource_changes: changes } = readPlan('plan.json', text);
    const found = changes.find(({ type, change: { before } }) => type === 'aws_kms_key' && isJson(before));
    const before = isJson(found?.change.before) ? found.change.before : {};
    const [named, given] = await Promise.all([impact(found?.address ?? '', path), impact(String(before['arn']), path)]);
    expect(named.keys).toEqual(given.keys);
  });
});

describe('a key that has the name only after the apply', () => {
  const plans = 'test/cases/plan/plans/written';
  const refused = async (key: string, plan: string): Promise<string> => {
    const args = ['key-impact', key, '--evidence', example, '--plan', `${plans}/${plan}.json`];
    const { code, stderr } = await runInProcess(args);
    expect(code).toBe(252);
    return stderr.replaceAll(/\s+/g, ' ');
  };

  test.each([
    ['a new key by its address', 'aws_kms_key.k', 'custom-store'],
    ['a new key by its new alias', 'alias/new', 'key-data-of-new-alias'],
  ])('%s', async (_, key, plan) => {
    const says = await refused(key, plan);
    expect(says).toContain(`the plan creates KMS key \`${key}\`, so nothing is under the key yet`);
    expect(says).toContain('`who-can --plan` and `preflight --plan` say who can use the new key');
  });

  test('the new alias of a key that exists', async () => {
    const alias = { name: 'alias/fresh', target_key_id: orders.slice(-36), region: 'eu-west-1' };
    const args = ['key-impact', 'alias/fresh', '--evidence', example];
    const { code, stderr } = await runInProcess([...args, '--plan', planOf('aws_kms_alias', ['create'], null, alias)]);
    expect(code).toBe(252);
    expect(stderr).toContain(`\`alias/fresh\` names key ${orders} only after the apply`);
  });

  test('a name that nothing has', async () => {
    expect(await refused('aws_kms_key.other', 'custom-store')).toContain('no KMS key `aws_kms_key.other`');
  });
});

describe('plans that Terraform printed', () => {
  const all = ['disable', 'delete', 'delete-material', 'policy'];

  test.each([
    {
      name: 'disabled',
      does: ['disable'],
      actions: ['disable'],
      verdict: 'breaks',
      why: 'is_enabled = false disables the key',
    },
    {
      name: 'key-gone',
      does: ['delete'],
      actions: ['delete'],
      verdict: 'breaks',
      why: 'the key waits for its deletion',
    },
    {
      name: 'policy-bypass',
      does: ['policy'],
      actions: ['policy'],
      verdict: 'breaks',
      why: 'the user and dr-restore lose the key',
    },
    {
      name: 'policy-default',
      does: ['policy'],
      actions: ['policy'],
      verdict: 'cannot tell',
      why: 'nobody loses, but not everything was read',
    },
    {
      name: 'policy-hidden',
      does: ['policy'],
      actions: ['policy'],
      verdict: 'cannot tell',
      why: 'the new policy is hidden',
    },
    {
      name: 'grant-gone',
      does: ['revoke-grants'],
      actions: ['policy'],
      verdict: 'cannot tell',
      why: 'the role has the key by its policies, too',
    },
    {
      name: 'alias',
      does: ['aliases'],
      actions: ['policy'],
      verdict: 'cannot tell',
      why: 'nobody loses, but not everything was read',
    },
    {
      name: 'denied',
      does: ['nothing'],
      actions: all,
      verdict: 'breaks',
      why: 'the policy of a role does nothing to the key',
    },
    { name: 'hidden', does: ['nothing'], actions: all, verdict: 'breaks', why: 'another key is made' },
  ])('$name: $why', async ({ name, does, actions, verdict }) => {
    const report = await impact('alias/orders', `test/cases/plan/plans/written/after-${name}.json`);
    expect(planned(report)).toEqual({ does, actions, verdict });
  });
});

describe('changes of a key that leave its policy', () => {
  const app = 'arn:aws:iam::111122223333:role/app';
  const held = { grant_id: 'g1', key_id: orders, grantee_principal: app, operations: ['CreateGrant', 'DescribeKey'] };

  test('grants that are revoked: not a word of a new policy, or of grants that stay', async () => {
    const plan = planOf('aws_kms_grant', ['delete'], held, null);
    const report = await impact('alias/orders', plan);
    expect(planned(report)).toMatchObject({ does: ['revoke-grants'], actions: ['policy'] });
    expect(report.keys[0]?.actions[0]).toMatchObject({
      title: 'Change the grants',
      api: 'RevokeGrant',
      effects: [],
      holders: [{ action: 'kms:RevokeGrant' }, { action: 'kms:RetireGrant' }],
    });
    const { stdout } = await runInProcess(['key-impact', 'alias/orders', '--evidence', example, '--plan', plan]);
    expect(stdout).toContain('With the planned grants of key alias/orders:');
    expect(stdout).not.toMatch(/new policy|key policy|keep (?:its|their) grant/);
  });

  test('a grant of RDS itself that is revoked may take a database away', async () => {
    const before = { ...held, grantee_principal: 'rds.eu-west-1.amazonaws.com' };
    const report = await impact('alias/orders', planOf('aws_kms_grant', ['delete'], before, null));
    expect(report.keys[0]?.actions[0]?.change?.says.map(({ code }) => code)).toContain('revokes-grant-of-rds');
    expect(report.verdict).toBe('cannot tell');
  });

  test.each([
    {
      name: 'a grant that is made',
      plan: () => planOf('aws_kms_grant', ['create'], null, { ...held, grant_id: 'g2' }),
      does: 'create-grants',
      title: 'Change the grants',
      api: 'CreateGrant',
    },
    {
      name: 'tags, by which identity policies may allow or deny the key',
      plan: () =>
        planOf('aws_kms_key', ['update'], { arn: orders }, { arn: orders, tags: { a: 'b' }, tags_all: { a: 'b' } }),
      does: 'tags',
      title: 'Change the tags',
      api: 'TagResource',
    },
  ])('$name', async ({ plan, does, title, api }) => {
    const report = await impact('alias/orders', plan());
    expect(planned(report)).toMatchObject({ does: [does], actions: ['policy'] });
    expect(report.keys[0]?.actions[0]).toMatchObject({ title, api });
  });
});

test('the text says what the plan does, and how much of it is taken into account', async () => {
  const { stdout } = await runInProcess(['key-impact', 'alias/dr', '--evidence', example, '--plan', access]);
  expect(stdout).toContain('The apply disables alias/dr.');
  expect(stdout).toContain('5 changes, 5 taken into account, 0 not understood.');
});

describe('Performance Insights that a plan turns off or on', () => {
  const off = { performance_insights_enabled: false };
  const on = { performance_insights_enabled: true, performance_insights_kms_key_id: orders };
  const atOnce = { apply_immediately: true };

  test.each([
    ['off at once', on, { ...off, ...atOnce }, []],
    ['off in the next maintenance window', on, off, ['performance-insights']],
    ['on at once', off, { ...on, ...atOnce }, ['performance-insights']],
    ['on, unchanged', on, on, ['performance-insights']],
  ])('%s', async (_, before, after, kinds) => {
    const isOn = before.performance_insights_enabled;
    const instance = {
      DBInstanceIdentifier: 'db1',
      DBInstanceArn: 'arn:aws:rds:eu-west-1:111122223333:db:db1',
      PerformanceInsightsEnabled: isOn,
      ...(isOn ? { PerformanceInsightsKMSKeyId: orders } : {}),
    };
    const path = '/accounts/111122223333/regions/eu-west-1/rds/DBInstances';
    const evidence = saved(changed(JSON.parse(readFileSync(example, 'utf8')), { [path]: [instance] }));
    const own = { identifier: 'db1', arn: instance.DBInstanceArn, region: 'eu-west-1' };
    const plan = planOf('aws_db_instance', ['update'], { ...own, ...before }, { ...own, ...after });
    const args = ['key-impact', 'alias/orders', '--action', 'disable', '--evidence', evidence, '--plan', plan];
    const { stdout } = await runInProcess([...args, '--output', 'json']);
    const report = v.parse(keyImpactReportSchema, JSON.parse(stdout));
    const found = report.keys.flatMap(({ actions }) => actions.flatMap(({ effects }) => effects));
    const ofInsights = found.flatMap(({ kind }) => (kind === 'performance-insights' ? [kind] : []));
    expect(ofInsights).toEqual(kinds);
  });
});
