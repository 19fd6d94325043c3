import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codes } from '../../src/contract/codes.ts';
import { diffReportSchema } from '../../src/contract/diff-report.ts';
import { keyImpactReportSchema } from '../../src/contract/key-impact-report.ts';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { whoCanReportSchema } from '../../src/contract/who-can-report.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { hider } from '../../src/plan/hidden.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { secretsIn } from '../../src/plan/secrets.ts';
import type { AnswerKind } from '../../src/report/format.ts';
import { formatNames, reportFormats } from '../../src/report/format-rows.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * Sensitive values that explain a decision: in a condition of a policy that jsonencode writes, in
 * the same condition of a policy document, and in a tag of a request.
 */

const plans = ['sensitive-policy', 'sensitive-document'] as const;
const pathOf = (name: string): string => `test/cases/plan/plans/written/${name}.json`;
const secret = 'hunter2secret';

const example = 'docs/examples/preflight/evidence.json';
const commands = [
  ['preflight', '--evidence', example, '--principal', 'role/dr-restore'],
  ['diff', example],
  ['who-can', 'restore', '--evidence', example, '--snapshot', 'orders-2026-11-24', '--region', 'eu-west-1'],
  ['key-impact', 'alias/orders', '--evidence', example],
];
const formats: readonly string[] = ['text', 'json', 'jsonl', 'markdown', 'csv', 'junit', 'sarif', 'gitlab', 'html'];

describe.each(plans)('%s: no command writes a value that the plan marks as sensitive', { tags: 'slow' }, (plan) => {
  test.each(commands.map((command) => [command]))('%j', async (command) => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    const [name = ''] = command;
    const kept = name === 'preflight' ? formats : formats.filter((one) => one !== 'sarif' && one !== 'gitlab');
    const reports = kept.flatMap((format) => ['--report', `${format}=${join(folder, format)}`]);
    const { code, stdout, stderr } = await runInProcess([...command, '--plan', pathOf(plan), ...reports]);
    expect([0, 1, 2]).toContain(code);
    expect(readFileSync(pathOf(plan), 'utf8')).toContain(secret);
    const written = kept.map((format) => readFileSync(join(folder, format), 'utf8'));
    for (const text of [stdout, stderr, ...written]) expect(text).not.toContain(secret);
    if (name === 'preflight') expect(stdout).toContain('StringEquals aws:PrincipalTag/team (sensitive value)');
  });
});

/*
 * No format may show any part of a secret, even after wrapping and escaping. Every word of every
 * secret contains `hunter` and a number, and the tests search for this word.
 */

const values: readonly string[] = [
  `hunter1 "hunter_2" <hunter3&hunter4> hunter5'hunter6|hunter7*`,
  Array.from({ length: 30 }, (_, at) => `hunter${at + 10}`).join(' '),
  'hunter50\nhunter51\r\nhunter52',
  String.raw`hunter53\hunter54\n%hunter55::hunter56##[hunter57`,
  'hunter58é—hunter59\u2028hunter60',
];
const names = {
  role: 'hunter70Role',
  alias: 'alias/hunter71',
  cluster: 'HUNTER72-copy',
  sid: 'hunter73',
  group: 'hunter74-group',
};
const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';

/**
 * A plan with secrets in every place that may have one. With `isMarked`, Terraform marks them all
 * as sensitive.
 */
function planWith(secrets: readonly string[], isMarked = true): unknown {
  const tags = Object.fromEntries(secrets.map((one, at) => [`team${at}`, one]));
  const root = { AWS: 'arn:aws:iam::111122223333:root' };
  const StringEquals = { 'aws:PrincipalTag/team': secrets };
  const Condition = { StringEquals, Bool: { 'aws:x': secrets } };
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: `Root${names.sid}`, Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' },
      {
        Sid: names.sid,
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:CreateGrant',
        Resource: '*',
        Condition: { StringNotEquals: { ...StringEquals, 'aws:RequestTag/team0': [...secrets, 'open'] } },
      },
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 'kms:*',
        Resource: '*',
        Condition,
      },
    ],
  });
  const provider_name = 'registry.terraform.io/hashicorp/aws';
  const change = (
    type: string,
    after: Readonly<Record<string, unknown>>,
    before?: Readonly<Record<string, unknown>>,
  ) => ({
    address: `${type}.one`,
    mode: 'managed',
    type,
    name: 'one',
    provider_name,
    change: {
      actions: [before === undefined ? 'create' : 'update'],
      before: before ?? null,
      before_sensitive: Object.fromEntries(Object.keys(before ?? {}).map((name) => [name, isMarked && name !== 'arn'])),
      after,
      after_unknown: before === undefined ? { arn: true, id: true } : {},
      after_sensitive: Object.fromEntries(Object.keys(after).map((name) => [name, isMarked && !open.has(name)])),
    },
  });
  const key = { arn: keyArn, id: keyArn.slice(-36), key_id: keyArn.slice(-36), is_enabled: true };
  const assumed = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: names.sid, Effect: 'Allow', Principal: root, Action: 'sts:AssumeRole', Condition: { StringEquals } },
    ],
  });
  const role = { name: names.role, assume_role_policy: assumed, tags, description: secrets.join() };
  const inline = {
    name: names.sid,
    role: names.role,
    policy: JSON.stringify({ Statement: [{ Sid: names.sid, Effect: 'Allow', Action: '*', Resource: '*', Condition }] }),
  };
  const cluster = {
    cluster_identifier: names.cluster,
    db_subnet_group_name: names.group,
    engine: 'aurora-postgresql',
    kms_key_id: keyArn,
    master_password: secrets.join(),
    snapshot_identifier: 'orders-2026-11-24',
    skip_final_snapshot: true,
    tags,
  };
  return {
    format_version: '1.2',
    terraform_version: '1.11.4',
    variables: {},
    resource_changes: [
      change('aws_kms_key', { ...key, description: secrets.join(), policy, tags }, { ...key, policy: assumed }),
      change('aws_kms_alias', { name: names.alias, target_key_id: key.key_id }),
      change('aws_iam_role', role),
      change('aws_iam_role_policy', inline),
      change('aws_iam_policy', { name: names.sid, policy: '{"Statement": hunter75}' }),
      change('aws_rds_cluster', cluster),
    ],
    configuration: {
      provider_config: { aws: { name: 'aws', expressions: { region: { constant_value: 'eu-west-1' } } } },
      root_module: {},
    },
  };
}

/** Values that Terraform shows in any case. */
const open = new Set([
  'arn',
  'id',
  'key_id',
  'target_key_id',
  'is_enabled',
  'engine',
  'kms_key_id',
  'snapshot_identifier',
  'skip_final_snapshot',
]);

const kinds: ReadonlyMap<string, AnswerKind> = new Map([
  ['preflight', 'preflight'],
  ['diff', 'diff'],
  ['who-can', 'whoCan'],
  ['key-impact', 'keyImpact'],
]);

describe('a secret', { tags: 'slow' }, () => {
  test.each(commands.map((command) => [command]))('is in no output of %j', async (command) => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    const plan = join(folder, 'plan.json');
    writeFileSync(plan, JSON.stringify(planWith(values)));
    const [name = ''] = command;
    const reports = reportFormats.flatMap((format) => [
      '--report',
      format.isLog ? format.name : `${format.name}=${join(folder, format.name)}`,
    ]);
    const all = ['--list-all', ...(name === 'diff' ? [] : ['--verbose'])];
    const ways = [
      [...reports, '--report', `html=${join(folder, 'pages')}/`],
      ...formatNames(kinds.get(name) ?? 'preflight').map((format) => ['--output', format, ...all]),
    ];
    const environment = { COLUMNS: '60', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const written: string[] = [];
    for (const way of ways) {
      const ran = await runInProcess([...command, '--plan', plan, ...way], environment);
      expect([0, 1, 2], ran.stderr).toContain(ran.code);
      written.push(ran.stdout, ran.stderr);
    }
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (one) => one.isFile() && one.name !== 'plan.json',
    );
    written.push(...files.map((one) => readFileSync(join(one.parentPath, one.name), 'utf8')));
    expect(files.length).toBeGreaterThan(reportFormats.length - 3);
    for (const text of written) expect(/.{0,60}hunter.{0,2}\d.{0,20}/is.exec(text)?.[0]).toBeUndefined();
    expect(written.join('')).toContain('(sensitive value)');
  });

  test('would be in an answer if it were not marked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    const plan = join(folder, 'plan.json');
    writeFileSync(plan, JSON.stringify(planWith(values, false)));
    const answers = await Promise.all(
      commands.map(async (command) => {
        const { stdout } = await runInProcess([...command, '--plan', plan, '--output', 'json']);
        return textsOf(JSON.parse(stdout.replaceAll(String.raw`\u003a`, ':').replaceAll(String.raw`\u0023`, '#')));
      }),
    );
    for (const part of [...values, names.cluster, names.role, names.sid])
      expect(answers.flat().join('\n').toLowerCase()).toContain(part.toLowerCase());
  });

  test('is in no error, and in no baseline', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    const plan = join(folder, 'plan.json');
    const baseline = join(folder, 'baseline.json');
    writeFileSync(plan, JSON.stringify(planWith(['hunter1'])));
    const [, , whoCan = []] = commands;
    const asked = [
      'who-can',
      'clone',
      '--cluster',
      'hunter-copy',
      ...whoCan.slice(2, 4),
      '--region',
      'eu-west-1',
      '--plan',
      plan,
    ];
    const failed = await runInProcess([...asked, '--report', `junit=${join(folder, 'junit')}`], { COLUMNS: '40' });
    expect(failed.code).toBe(252);
    expect(failed.stderr).toContain('there are `(sensitive value)`');
    const [preflight = []] = commands;
    const accepting = ['--write-baseline', baseline, '--reason', 'known', '--until', '2027-01-31'];
    const accepted = await runInProcess([...preflight, '--plan', plan, ...accepting]);
    expect(accepted.stderr).toMatch(
      /^note: the baseline leaves out 1 combination with a name that the plan marks as sensitive$/m,
    );
    expect(accepted.code).toBe(1);
    const written = [join(folder, 'junit'), baseline].map((path) => readFileSync(path, 'utf8'));
    for (const text of [failed.stdout, failed.stderr, accepted.stdout, accepted.stderr, ...written])
      expect(/hunter.{0,2}\d/is.exec(text)).toBeNull();
  });
});

describe('a text without secrets', () => {
  test.each([
    ['hunter2', 'of role/hunter2, role/app-hunter2-x and hunter23', 'of role/*, role/app-*-x and hunter23'],
    [
      'orders',
      'alias/orders and cluster orders, not orders-2026-11-24',
      'alias/* and cluster *, not orders-2026-11-24',
    ],
    ['Orders', 'cluster:orders', 'cluster:*'],
    // Terraform shows every address.
    [
      'orders',
      'aws_rds_cluster.orders of cluster orders (from local.orders)',
      'aws_rds_cluster.orders of cluster * (from local.orders)',
    ],
    ['hunter2', 'module.hunter2["hunter2"].aws_kms_key.k', 'module.hunter2["*"].aws_kms_key.k'],
    ['2026', 'on 2026-11-24 of 120260000000', 'on *-11-24 of 120260000000'],
    ['$&.*', 'it is $&.* and not .', 'it is * and not .'],
    // A secret that is a common word or short is hidden only where it is a value or a name.
    [
      'restore',
      'role/a cannot restore: condition StringEquals aws:PrincipalTag/does restore is not met: the call has restore',
      'role/a cannot restore: condition StringEquals aws:PrincipalTag/does * is not met: the call has *',
    ],
    [
      'dba',
      'role/dba: aws:PrincipalTag/team is ops or dba (policy: StringLike d | dba)',
      'role/*: aws:PrincipalTag/team is ops or * (policy: StringLike d | *)',
    ],
    ['dba', 'is allowed with aws:RequestTag/team = dba', 'is allowed with aws:RequestTag/team = *'],
    [
      'key',
      'RDS calls kms:CreateGrant on the key. Statement "key" of the key policy denies it',
      'RDS calls kms:CreateGrant on the key. Statement "*" of the key policy denies it',
    ],
    ['policy', 'docs/rules/policy.md#policy', 'docs/rules/policy.md#policy'],
  ])('%s', (one, text, shown) => {
    expect(hider([one])(text)).toBe(shown.replaceAll('*', '(sensitive value)'));
  });

  test('keeps the words of which programs know the meaning', () => {
    const words = new Set(
      [preflightReportSchema, diffReportSchema, whoCanReportSchema, keyImpactReportSchema].flatMap(wordsOf),
    );
    const all = [...words, ...Object.keys(codes), ...catalogue.flatMap(({ command, api }) => [command, api])];
    expect(words.size).toBeGreaterThan(40);
    const hide = hider(all);
    expect(all.filter((word) => hide(word) !== word)).toEqual([]);
  });
});

function textsOf(answer: unknown): readonly string[] {
  if (typeof answer === 'string') return [answer];
  return typeof answer === 'object' && answer !== null ? Object.values(answer).flatMap(textsOf) : [];
}

/** The words that a field of a report chooses from. */
function wordsOf(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(wordsOf);
  if (typeof schema !== 'object' || schema === null) return [];
  if ('type' in schema && schema.type === 'picklist' && 'options' in schema && Array.isArray(schema.options))
    return schema.options.map(String);
  return Object.values(schema).flatMap(wordsOf);
}

test('an action that has a secret within is shown, and a Sid is not', () => {
  const Statement = [{ Sid: 'PassRoleHere', Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }];
  const statement = [
    { sid: 'OfRoles', actions: ['iam:PassRole'], condition: [{ test: 'StringEquals', values: ['my role'] }] },
  ];
  const after = { policy: JSON.stringify({ Statement }), statement, secret: 'role' };
  const sensitive = { policy: true, statement: true, secret: true };
  const change = { actions: ['create'], after, after_unknown: {}, after_sensitive: sensitive };
  const resource = { address: 'aws_kms_key.k', type: 'aws_kms_key', name: 'k', change };
  const plan = readPlan(
    'p',
    JSON.stringify({ format_version: '1.2', configuration: {}, resource_changes: [resource] }),
  );
  expect(new Set(secretsIn(plan))).toEqual(new Set(['role', 'my role', 'OfRoles', 'PassRoleHere']));
});

test('names are shown, and words that are part of other names', () => {
  const variables = {
    account: '111122223333',
    arn: 'arn:aws:iam::111122223333:role/dr-restore',
    region: 'eu-west-1',
    service: 'rds.eu-west-1.amazonaws.com',
    flag: 'true',
    short: 'dba',
    address: '198.51.100.7/32',
  };
  const Statement = [{ Condition: { StringEquals: { 'aws:x': Object.values(variables) } } }];
  const plan = readPlan(
    'plan.json',
    JSON.stringify({
      format_version: '1.2',
      configuration: {},
      resource_changes: [
        {
          address: 'aws_kms_key.k',
          type: 'aws_kms_key',
          name: 'k',
          change: {
            actions: ['create'],
            after: { policy: JSON.stringify({ Statement }), tags: { open: 'everybody' } },
            after_unknown: {},
            after_sensitive: { policy: true, tags: {} },
          },
        },
      ],
    }),
  );
  expect(secretsIn(plan)).toEqual(['dba', '198.51.100.7/32']);
});
