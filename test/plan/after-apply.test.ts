import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diff } from '../../src/answer/diff.ts';
import { applied } from '../../src/answer/plan.ts';
import { whoCanReport } from '../../src/answer/who-can.ts';
import { isRootArn, shortName } from '../../src/base/arn.ts';
import type { DiffReport } from '../../src/contract/diff-report.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import cases from '../cases/plan/after-apply.json' with { type: 'json' };
import refused from '../cases/plan/refused.json' with { type: 'json' };
import { changed } from '../check-case.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * `diff --plan` and `who-can --plan`: plans that Terraform printed, and the principals who lose or
 * gain operations.
 */

const textAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const planNamed = (name: string) => ({
  from: `${name}.json`,
  plan: readPlan(`${name}.json`, textAt(`../cases/plan/plans/${name}.json`)),
});
const evidence = parseEvidence('evidence.json', textAt('../../docs/examples/preflight/evidence.json'));
const asking = { context: {}, evaluatedAt: '2026-11-26T12:00:00Z', strict: false };

function difference(plans: Parameters<typeof applied>[1], state = evidence): DiffReport {
  const { before, after, ...planned } = applied(state, plans, {});
  const states = { before: { evidence: before, name: 'before' }, after: { evidence: after, name: 'after' } };
  const comparing = diff({ ...states, applied: planned, ...asking }, '0.0.0');
  for (let step = comparing.next(); ; step = comparing.next()) if (step.done === true) return step.value;
}

function standings(plans: Parameters<typeof applied>[1]) {
  const { after, before: _, ...planned } = applied(evidence, plans, {});
  return whoCanReport(
    after,
    {
      ...asking,
      operations: operationsNamed('restore').filter(({ api }) => api === 'RestoreDBClusterFromSnapshot'),
      names: ['orders-2026-11-24'],
      parameters: {},
      account: '111122223333',
      region: 'eu-west-1',
      people: [],
      applied: planned,
    },
    '0.0.0',
  );
}

const nameOf = (arn: string): string => (isRootArn(arn) ? 'root' : shortName(arn));

describe('diff --plan', () => {
  test.each(cases)('$name', ({ plan, changes, some, verdict, counts, doubts = [], onlyBefore = [] }) => {
    const report = difference([planNamed(plan)]);
    const found = report.changes.map(
      ({ principal, operation, target, before, after }) =>
        [`${nameOf(principal)} ${operation} ${shortName(target)}`, [before, after]] as const,
    );
    const wanted = Object.entries(changes).map(([what, [before, after]]) => [what, [before, after]] as const);
    if (some === true) expect(Object.fromEntries(found)).toMatchObject(Object.fromEntries(wanted));
    else expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
    expect(report.verdict).toBe(verdict);
    expect((report.doubts ?? []).map(({ code }) => code)).toEqual(doubts);
    expect(report.onlyBefore.principals.map(shortName)).toEqual(onlyBefore);
    const [read] = report.plans ?? [];
    expect([read?.changes, read?.overlaid, read?.notUnderstood.length]).toEqual(counts);
  });

  test('a change that could be about any role keeps every success open', () => {
    const json: unknown = JSON.parse(textAt('../../docs/examples/access/plan.json'));
    const at = '/resource_changes/2/change';
    const text = JSON.stringify(
      changed(json, { [`${at}/after/role`]: null, [`${at}/after_unknown/role`]: true, '/configuration': {} }),
    );
    const plan = readPlan('plan.json', text);
    const report = difference([{ from: 'plan.json', plan }]);
    expect(report.changes.filter(({ after }) => after === 'succeeds')).toEqual([]);
    expect(report.doubts?.map(({ code }) => code)).toEqual(['plan-change-unplaced']);
    // The change may also allow what nothing else allows.
    expect(report.doubts?.[0]?.text).toContain('so no answer is certain');
    expect(report.summary.better).toBe(report.changes.length - report.summary.worse);
  });

  test('a change whose account is not known does not ask for a name', () => {
    const json: unknown = JSON.parse(textAt('../../docs/examples/preflight/plan.json'));
    const hidden = changed(json, {
      '/configuration/provider_config/aws.dr': {
        name: 'aws',
        alias: 'dr',
        expressions: {
          region: { constant_value: 'eu-central-1' },
          assume_role: [{ role_arn: { references: ['var.role'] } }],
        },
      },
      '/configuration/root_module/resources/0/provider_config_key': 'aws.dr',
    });
    const report = difference([{ from: 'plan.json', plan: readPlan('plan.json', JSON.stringify(hidden)) }]);
    expect(report.doubts?.map(({ text }) => text)).toEqual([
      'Neither the plan nor the evidence shows the account of the key (aws_kms_key.restore) or the key of the policy (aws_kms_key_policy.restore), so no answer is certain.',
    ]);
  });

  test('several plans apply in their order, and what they read counts in both states', () => {
    const report = difference([planNamed('order'), planNamed('../../../../docs/examples/access/plan')]);
    expect(report.plans?.map(({ file }) => file)).toEqual(['order.json', '../../../../docs/examples/access/plan.json']);
    expect(report.summary).toEqual({ worse: 19, fails: 18, undetermined: 1, better: 6 });
  });

  test('a plan of another account changes nothing in this one, though it names a key by its ID alone', () => {
    const text = textAt('../../docs/examples/access/plan.json').replaceAll('111122223333', '999988887777');
    const report = difference([{ from: 'plan.json', plan: readPlan('plan.json', text) }]);
    expect([report.changes, report.verdict]).toEqual([[], 'succeeds']);
  });

  test('a fact that the plan knows better than the evidence is not a change', () => {
    const old = structuredClone(evidence);
    const key = old.accounts['111122223333']?.regions?.['eu-central-1']?.kms?.keys?.[0];
    if (key === undefined) throw new Error('the example has no key in eu-central-1');
    key.KeyMetadata = { ...key.KeyMetadata, KeyState: 'PendingDeletion' };
    expect(difference([planNamed('order')], old).changes).toEqual([]);
  });
});

describe('who-can --plan', () => {
  test.each(cases.flatMap((one) => (one.whoCan === undefined ? [] : [one])))(
    '$name',
    ({ plan, whoCan, counts, doubts = [] }) => {
      const report = standings([planNamed(plan)]);
      const found = (report.targets[0]?.groups ?? []).flatMap(({ standing, principals }) =>
        principals.map((arn) => [nameOf(arn), standing] as const),
      );
      expect(Object.fromEntries(found)).toEqual(
        Object.fromEntries(Object.entries(whoCan).map(([who, [standing]]) => [who, standing])),
      );
      const [read] = report.plans ?? [];
      expect([read?.changes, read?.overlaid, read?.notUnderstood.length]).toEqual(counts);
      expect((report.doubts ?? []).map(({ code }) => code)).toEqual(doubts);
      // who-can also answers for principals who may be able. Only a doubt about the whole plan
      // leaves every principal undetermined.
      expect(report.verdict).toBe(doubts.length > 0 ? 'undetermined' : 'succeeds');
      expect(report.answer).toMatch(/^After the apply, /);
    },
  );
});

describe('who-can --plan about an operation that uses the changed resource', () => {
  const example = 'docs/examples/preflight/evidence.json';
  const role = 'arn:aws:iam::111122223333:role/dr-restore';
  const exporting = ['export-snapshot', '--snapshot', 'orders-2026-11-24', '--s3-bucket', 'b', '--iam-role', role];

  test.each([
    [
      'exports',
      [...exporting, '--kms-key-id', 'alias/orders'],
      'export-bucket-of-policy-later',
      'the bucket of the policy (aws_s3_bucket_policy.p), so no answer about exports is certain',
    ],
    [
      'jobs of AWS Backup',
      ['backup-job', '--cluster', 'orders'],
      'backup-service-off',
      '(aws_backup_region_settings.s), so no answer about AWS Backup jobs is certain',
    ],
  ])('%s', async (_, asked, plan, says) => {
    const file = `test/cases/plan/plans/written/${plan}.json`;
    const { code, stdout } = await runInProcess([
      ...['who-can', ...asked, '--evidence', example, '--region', 'eu-west-1', '--plan', file, '--output', 'json'],
    ]);
    expect(code).toBe(2);
    expect(stdout).toContain(says);
  });
});

describe('every command that takes a plan', { tags: 'slow' }, () => {
  const example = 'docs/examples/preflight/evidence.json';
  const commands = [
    ['preflight', '--evidence', example],
    ['diff', example],
    ['who-can', 'restore', '--evidence', example, '--snapshot', 'orders-2026-11-24', '--region', 'eu-west-1'],
    ['key-impact', 'alias/orders', '--evidence', example],
  ];
  const plan = 'docs/examples/access/plan.json';

  test.each(refused)('refuses alike: $name', async ({ text, says }) => {
    const file = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'plan.json');
    writeFileSync(file, text);
    const ran = await Promise.all(commands.map((command) => runInProcess([...command, '--plan', file])));
    expect(ran.map(({ code, stdout }) => ({ code, stdout }))).toEqual(commands.map(() => ({ code: 252, stdout: '' })));
    expect(new Set(ran.map(({ stderr }) => stderr)).size).toBe(1);
    expect(ran[0]?.stderr).toContain(says);
  });

  const formats = ['text', 'json', 'jsonl', 'markdown', 'junit', 'junit-strict'];

  test.each(commands.map((command) => [command]))('%j says in every format how many changes count', async (command) => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    const reports = formats.flatMap((format) => ['--report', `${format}=${join(folder, format)}`]);
    await runInProcess([...command, '--plan', plan, '--quiet', ...reports]);
    for (const format of formats)
      expect(readFileSync(join(folder, format), 'utf8'), format).toMatch(
        /5 changes, 5 taken into account, 0 not understood|"overlaid": ?5/,
      );
  });

  test.each([
    ['a second file and a plan', ['diff', example, example, '--plan', plan], 'both a second file and --plan'],
    ['--region without a plan', ['diff', example, example, '--region', 'eu-west-1'], '--region says where'],
    ['standard input twice', ['diff', '-', '--plan', '-'], 'as evidence and with --plan'],
    ['standard input twice', ['who-can', 'restore', '--evidence', '-', '--plan', '-'], 'as evidence and with --plan'],
  ])('refuses %s', async (_, args, says) => {
    const { code, stdout, stderr } = await runInProcess(args);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(stderr).toContain(says);
  });

  test('assumptions come after the plan', async () => {
    const key = '6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';
    const { stdout } = await runInProcess([
      ...['who-can', 'restore', '--evidence', example, '--snapshot', 'orders-2026-11-24', '--region', 'eu-west-1'],
      ...['--plan', plan, '--assume-key-state', `${key}=Disabled`],
    ]);
    expect(stdout).toContain('After the apply, none of 6 principals can restore');
    expect(stdout).toContain('as read: Enabled');
  });
});
