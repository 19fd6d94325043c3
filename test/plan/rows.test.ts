import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { isJson } from '../../src/base/json.ts';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import refused from '../cases/plan/refused.json' with { type: 'json' };
import { overlayCases, planCases } from '../plan-case.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * Each of these must have a case: every kind of file, every action, the requests of each type of
 * RDS resource, and the changes of each type of KMS, IAM and control policy resource.
 */

const planNamed = (name: string) =>
  readPlan(`${name}.json`, readFileSync(new URL(`../cases/plan/plans/${name}.json`, import.meta.url), 'utf8'));

type Kind = 'create' | 'update' | 'delete' | 'replace';
const actionsOf = { create: 'create', update: 'update', delete: 'delete' } as const;

interface Asked {
  readonly plan: string;
  /** Addresses for which a case states the result. */
  readonly addresses: readonly string[];
}

const asked: readonly Asked[] = planCases.map(({ plan, requests, notChecked = [] }) => ({
  plan,
  addresses: [...Object.keys(requests), ...notChecked].map((id) => id.slice(0, id.lastIndexOf(' '))),
}));
const plans = new Map(
  [...asked, ...overlayCases, { plan: 'role-replaced' }].map(({ plan }) => [plan, planNamed(plan)] as const),
);

/** The plans of cases with a change of this kind to this type. */
function plansWith(type: string, kind: Kind, isAsked: (plan: string, address: string) => boolean): readonly string[] {
  return [...plans].flatMap(([name, { resource_changes: changes }]) =>
    changes.some(
      ({ type: one, address, change: { actions } }) =>
        one === type &&
        (kind === 'replace' ? actions.length === 2 : actions.includes(actionsOf[kind])) &&
        isAsked(name, address),
    )
      ? [name]
      : [],
  );
}

/**
 * The types of a table by the kinds of change that each type can have. A resource that cannot be
 * updated is replaced, or never changes.
 */
type Table = readonly { readonly kinds: readonly Kind[]; readonly types: readonly string[] }[];

const rds: Table = [
  {
    kinds: ['create', 'update', 'delete'],
    types: [
      'aws_rds_cluster',
      'aws_rds_cluster_instance',
      'aws_db_instance',
      'aws_db_cluster_snapshot',
      'aws_db_snapshot',
      'aws_rds_cluster_snapshot_copy',
      'aws_db_snapshot_copy',
      'aws_rds_global_cluster',
      'aws_rds_integration',
      'aws_db_proxy',
      'aws_docdb_cluster',
      'aws_neptune_cluster',
      'aws_backup_plan',
    ],
  },
  {
    kinds: ['create', 'delete'],
    types: [
      'aws_rds_cluster_activity_stream',
      'aws_rds_export_task',
      'aws_db_instance_automated_backups_replication',
      'aws_rds_cluster_role_association',
      'aws_db_instance_role_association',
      'aws_backup_vault',
      'aws_backup_selection',
    ],
  },
  { kinds: ['create', 'update'], types: ['aws_rds_instance_state'] },
];

const policies: Table = [
  { kinds: ['create', 'update', 'delete', 'replace'], types: ['aws_kms_key', 'aws_iam_role'] },
  {
    kinds: ['create', 'update', 'delete'],
    types: [
      'aws_kms_external_key',
      'aws_kms_key_policy',
      'aws_kms_alias',
      'aws_kms_replica_key',
      'aws_iam_role_policy',
      'aws_iam_user_policy',
      'aws_iam_group_policy',
      'aws_iam_policy',
      'aws_iam_policy_attachment',
      'aws_iam_role_policies_exclusive',
      'aws_iam_user_policies_exclusive',
      'aws_iam_group_policies_exclusive',
      'aws_iam_role_policy_attachments_exclusive',
      'aws_iam_user_policy_attachments_exclusive',
      'aws_iam_group_policy_attachments_exclusive',
      'aws_iam_group_membership',
      'aws_iam_user_group_membership',
      'aws_organizations_policy',
      'aws_ssoadmin_permission_set_inline_policy',
      'aws_vpc_endpoint_policy',
    ],
  },
  { kinds: ['create', 'replace', 'delete'], types: ['aws_kms_grant'] },
  {
    kinds: ['create', 'delete'],
    types: [
      'aws_iam_role_policy_attachment',
      'aws_iam_user_policy_attachment',
      'aws_iam_group_policy_attachment',
      'aws_organizations_policy_attachment',
      'aws_ssoadmin_managed_policy_attachment',
    ],
  },
  { kinds: ['create'], types: ['aws_ssoadmin_permission_set', 'aws_ssoadmin_account_assignment'] },
  { kinds: ['update', 'delete'], types: ['aws_vpc_endpoint'] },
];

const cellsOf = (table: Table) =>
  table.flatMap(({ kinds, types }) => types.flatMap((type) => kinds.map((kind) => ({ type, kind }))));

describe('a case states the result of each request', () => {
  test.each(cellsOf(rds))('$type $kind', ({ type, kind }) => {
    const saysOf = new Map<string, Set<string>>();
    for (const { plan, addresses } of asked) saysOf.set(plan, new Set([...(saysOf.get(plan) ?? []), ...addresses]));
    expect(plansWith(type, kind, (plan, address) => saysOf.get(plan)?.has(address) === true)).not.toEqual([]);
  });
});

describe('a case has each change of a policy or a key', () => {
  test.each(cellsOf(policies))('$type $kind', ({ type, kind }) => {
    expect(plansWith(type, kind, () => true)).not.toEqual([]);
  });
});

type Plan = ReturnType<typeof planNamed>;
type Change = Plan['resource_changes'][number];
const some = (is: (change: Change) => boolean) => (plan: Plan) => plan.resource_changes.some(is);
const does = (...actions: readonly string[]) => some(({ change }) => change.actions.join() === actions.join());

describe('a case has each kind of file and of action', () => {
  test.each<[string, (plan: Plan) => boolean]>([
    ['a plan', ({ configuration }) => isJson(configuration)],
    ['refresh-only', ({ resource_changes: changes, applyable }) => changes.length === 0 && applyable === true],
    ['errored', ({ errored }) => errored],
    ['not complete', ({ complete, errored }) => complete === false && !errored],
    ['no-op', does('no-op')],
    ['create', does('create')],
    ['update', does('update')],
    ['delete', does('delete')],
    ['read', does('read')],
    ['delete, create', does('delete', 'create')],
    ['create, delete', does('create', 'delete')],
    ['forget', does('forget')],
    ['create, forget', does('create', 'forget')],
    ['moved', some(({ previous_address: from }) => from !== undefined)],
    ['importing', some(({ change }) => change.importing !== undefined)],
    ['deposed', some(({ deposed }) => deposed !== undefined)],
    ['an index of for_each', some(({ index }) => typeof index === 'string')],
    ['an index of count', some(({ index }) => typeof index === 'number')],
    ['a partly unknown list', some(({ change }) => JSON.stringify(change.after_unknown ?? {}).includes('[true'))],
    ['a sensitive value', some(({ change }) => JSON.stringify(change['after_sensitive'] ?? {}).includes('true'))],
  ])('%s', (_, is) => {
    expect([...plans.values()].some(is)).toBe(true);
  });

  test.each(['the binary plan', 'a state', 'the log of terraform plan -json', 'an unknown major version'])(
    '%s is refused',
    (name) => {
      expect(refused.map((one) => one.name)).toContain(name);
    },
  );
});

describe('a plan is read', { tags: 'slow' }, () => {
  const from = ['--evidence', 'docs/examples/preflight/evidence.json', '--output', 'json'];
  const answer = (...args: readonly string[]) =>
    runInProcess(['preflight', ...args, '--principal', 'role/dr-restore', ...from]);
  const inFile = (text: string | Buffer): string => {
    const file = `${mkdtempSync(`${tmpdir()}/aurora-kms-check-`)}/plan.json`;
    writeFileSync(file, text);
    return file;
  };
  const example = 'docs/examples/preflight/plan.json';
  const outcomes = ({ stdout }: { readonly stdout: string }): unknown => {
    const report: { readonly expectations: readonly { readonly id: string; readonly outcome: string }[] } =
      JSON.parse(stdout);
    return report.expectations.map(({ id, outcome }) => [id, outcome]);
  };

  test.each([
    ['little', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(readFileSync(example, 'utf8'), 'utf16le')])],
    ['big', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(readFileSync(example, 'utf8'), 'utf16le').swap16()])],
    ['UTF-8 with a BOM', Buffer.from(`\uFEFF${readFileSync(example, 'utf8')}`)],
  ])('PowerShell writes UTF-16: %s', async (_, bytes) => {
    expect(outcomes(await answer('--plan', inFile(bytes)))).toEqual(outcomes(await answer('--plan', example)));
  });

  test('two plans apply in the order given', async () => {
    const restoring = 'test/cases/plan/plans/written/removed.json';
    // This plan removes dr-restore from the key policy, so KMS refuses the policy of dr-restore.
    const changing = 'docs/examples/access/plan.json';
    const restore = 'aws_rds_cluster.restored RestoreDBClusterFromSnapshot';
    const put = ['aws_kms_key_policy.orders PutKeyPolicy', 'broken'];
    expect(outcomes(await answer('--plan', restoring))).toEqual([[restore, 'holds']]);
    expect(outcomes(await answer('--plan', changing, '--plan', restoring))).toEqual([[restore, 'broken'], put]);
    expect(outcomes(await answer('--plan', restoring, '--plan', changing))).toEqual([put, [restore, 'holds']]);
  });

  test('what the plan defers and invokes is named as not evaluated', async () => {
    const plan: object = JSON.parse(readFileSync(example, 'utf8'));
    const more = {
      deferred_changes: [{ reason: 'resource_config_unknown', resource_change: { address: 'aws_rds_cluster.c' } }],
      action_invocations: [{ address: 'action.x' }],
    };
    const { stdout } = await answer('--plan', inFile(JSON.stringify({ ...plan, ...more })));
    const report = v.parse(preflightReportSchema, JSON.parse(stdout));
    expect(report.plans?.[0]?.notes.find(({ code }) => code === 'plan-not-evaluated')?.text).toBe(
      'The plan has deferred changes (aws_rds_cluster.c) and actions (action.x), which this program does not evaluate.',
    );
  });

  test('OpenTofu lists ephemeral resources, which change nothing', async () => {
    const plan: { readonly resource_changes: readonly object[] } = JSON.parse(readFileSync(example, 'utf8'));
    const opened = {
      address: 'ephemeral.aws_kms_secrets.x',
      mode: 'ephemeral',
      type: 'aws_kms_secrets',
      name: 'x',
      provider_name: 'registry.opentofu.org/hashicorp/aws',
      change: { actions: ['open'], before: null, after: { secret: [] }, after_unknown: { plaintext: true } },
    };
    const more = { ...plan, resource_changes: [...plan.resource_changes, opened] };
    const [withOpened, without] = [
      await answer('--plan', inFile(JSON.stringify(more))),
      await answer('--plan', example),
    ];
    expect(outcomes(withOpened)).toEqual(outcomes(without));
    expect(withOpened.stdout).not.toContain('aws_kms_secrets');
  });

  test('OpenTofu leaves applyable and complete out, which is not false', async () => {
    const { applyable, complete, ...plan }: Record<string, unknown> = JSON.parse(readFileSync(example, 'utf8'));
    expect([applyable, complete]).toEqual([true, true]);
    const [whole, without] = [await answer('--plan', example), await answer('--plan', inFile(JSON.stringify(plan)))];
    expect(outcomes(without)).toEqual(outcomes(whole));
    expect(without.stdout).not.toContain('plan-partial');
  });
});
