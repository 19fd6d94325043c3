import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

const example = 'docs/examples/preflight';
const asked = ['--plan', `${example}/plan.json`, '--evidence', `${example}/evidence.json`];

test.each(['junit', 'junit-strict', 'sarif', 'gitlab', 'csv', 'json', 'jsonl', 'text'])(
  '--report %s has the requests of a plan by address, without a file of expectations',
  async (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    const path = join(folder, 'report');
    const ran = await runInProcess([
      'preflight',
      ...asked,
      '--principal',
      'role/dr-restore',
      '--report',
      `${format}=${path}`,
    ]);
    const text = readFileSync(path, 'utf8');
    rmSync(folder, { recursive: true });
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 2, stderr: '' });
    expect(text).toContain('aws_rds_cluster.restored');
    expect(text).toContain('depends_on = [aws_kms_key_policy.restore]');
  },
);

test('the first line about a plan without requests says who loses, and how to stop the apply', async () => {
  const plan = 'docs/examples/access/plan.json';
  const question = ['preflight', '--plan', plan, '--principal', 'user/administrator'];
  const { code, stdout } = await runInProcess([...question, '--evidence', `${example}/evidence.json`]);
  expect(code).toBe(0);
  expect(stdout.split('\n')[0]).toContain('that this program checks, but 5 principals lose operations');
  expect(stdout).toContain('run `aurora-kms-check diff EVIDENCE --plan PLAN`');
});

test('a replica key that a plan makes with its primary key has its own address in reasons and fixes', async () => {
  const plan = 'test/cases/plan/plans/written/replica-locked.json';
  const question = ['preflight', '--plan', plan, '--principal', 'role/dr-restore'];
  const { code, stdout } = await runInProcess([...question, '--evidence', `${example}/evidence.json`]);
  expect(code).toBe(1);
  expect(stdout).toContain('RDS calls kms:DescribeKey and kms:CreateGrant on aws_kms_replica_key.dr in eu-central-1');
  expect(stdout).toContain('in the key policy of aws_kms_replica_key.dr');
  expect(stdout).not.toContain('key policy of aws_kms_key.primary in eu-central-1');
});

test.each([
  ['boundary-hidden', 'permissions boundary policy/boundary (known only after the apply)'],
  ['policy-version-hidden', 'identity policy policy/guard (known only after the apply)'],
  ['managed-unknown', 'identity policy policy/guard (the default version was not read)'],
])('a request depends on a policy without a text: %s', async (name, says) => {
  const plan = `test/cases/plan/plans/written/${name}.json`;
  const question = ['preflight', '--plan', plan, '--principal', 'role/dr-restore'];
  const { code, stdout } = await runInProcess([...question, '--evidence', `${example}/evidence.json`]);
  expect(code).toBe(2);
  expect(stdout).toContain(`The result depends on ${says}.`);
});

test('a plan that sends no request says so, and counts requests', async () => {
  const { code, stdout } = await runInProcess([
    'preflight',
    '--plan',
    'test/cases/plan/plans/written/attachment-both.json',
    '--evidence',
    `${example}/evidence.json`,
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('The plan sends no request to RDS that this program checks');
  expect(stdout).toContain('0 requests: 0 hold, 0 broken, 0 unproven.');
});

test.each([
  ['a plan that is missing', ['--plan', 'nowhere.json'], 'nowhere.json: no such file or folder'],
  ['a file that is no plan', ['--plan', 'README.md'], 'README.md: the file is not JSON'],
  [
    'configuration',
    ['--plan', 'docs/examples/preflight/main.tf'],
    'main.tf: this is configuration, not a plan\n  make a plan first (`terraform plan -out PLAN`), then run',
  ],
  ['a principal without a plan', ['--principal', 'role/x'], '--principal names who applies a plan'],
])('%s is refused before the first call to AWS', async (_, args, says) => {
  const file = `${example}/aurora-kms-check.yaml`;
  const { code, stdout, stderr } = await runInProcess(['preflight', file, ...args]);
  expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  expect(stderr).toContain(says);
});

test('--region is not the Region of every instance of a provider', async () => {
  const plan = 'test/cases/plan/plans/written/tofu-each-region.json';
  const settings = ['--plan', plan, '--principal', 'user/administrator', '--region', 'eu-west-1'];
  const { code, stdout } = await runInProcess(['preflight', ...settings, '--evidence', `${example}/evidence.json`]);
  expect(code).toBe(2);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Set region in the resource (version 6 of the provider).');
});

test('effects of several plans name the file of a change whose address is in two plans', async () => {
  const plans = ['admin', 'role'].map((who) => `test/cases/plan/plans/written/key-policy-of-${who}.json`);
  const named = plans.flatMap((plan) => ['--plan', plan]);
  const { stdout } = await runInProcess(['preflight', ...named, '--evidence', `${example}/evidence.json`]);
  const says = stdout.replaceAll(/\s+/g, ' ');
  expect(says).toContain(`aws_kms_key_policy.p (${plans.join(') and aws_kms_key_policy.p (')}), each alone`);
});

test.each([
  [
    'written/custom-key-store',
    'neither the plan nor the evidence shows whether the keys of the key store can be used (aws_kms_custom_key_store.s).',
  ],
  ['written/tofu-each-account', 'Neither the plan nor the evidence gives the account of the request.'],
  ['written/tofu-each-region', 'The provider has several instances, and the plan does not show their Regions.'],
  [
    'written/module-input-order',
    'succeeds only after module.kms.aws_kms_key_policy.p, which no dependency puts first: add depends_on = [module.kms] to module.db.',
  ],
  [
    'written/order-circular',
    'another change of the plan, which no dependency puts first: apply module.policy["g"].aws_iam_role_policy.p first, with -target.',
  ],
  ['written/removed-refers-to', 'first: delete aws_iam_role_policy.p["deny"] in an earlier apply.'],
  [
    'order',
    'succeeds only after another change of the plan, which no dependency puts first: add depends_on = [aws_kms_key_policy.k].',
  ],
  ['local', 'The value of kms_key_id (from local.key) is known only after the plan is applied.'],
  [
    'written/shared-key-module-count',
    'The value of kms_key_id (from module.keys.aws_kms_key.this) is known only after',
  ],
  [
    'written/dynamic',
    'The result depends on the parts of data.aws_iam_policy_document.d that are known only after the apply, because',
  ],
  [
    'written/policy-guarded-by-null',
    'The plan does not show whether policy has the text of data.aws_iam_policy_document.d.json. Use one document,',
  ],
  ['written/policy-guarded-by-null', 'The result depends on the key policy (known only after the apply).'],
  ['written/replica-cross-region', 'a replica in another Region needs a key in eu-central-1: add kms_key_id'],
  [
    'written/keys-elsewhere-named',
    'with a change of the configuration: encrypt with alias/orders instead: set kms_key_id to the ARN of the key',
  ],
  ['written/module-for-each', 'in the key policy of module.db["orders"].aws_kms_key.k'],
  ['written/copy-without-key-beside-new-key', 'such as alias/dr or aws_kms_key.k["eu-central-1"].'],
])('the text of %s names attributes and addresses', { tags: 'slow' }, async (plan, says) => {
  const path = `test/cases/plan/plans/${plan}.json`;
  const principal =
    plan === 'written/module-for-each'
      ? 'role/nightly-backup'
      : [
            'written/custom-key-store',
            'written/shared-key-module-count',
            'written/copy-without-key-beside-new-key',
          ].includes(plan)
        ? 'user/administrator'
        : 'role/dr-restore';
  const evidence = `${example}/evidence.json`;
  const ran = await runInProcess(['preflight', '--plan', path, '--evidence', evidence, '--principal', principal]);
  expect(ran.stdout.replaceAll(/\s+/g, ' ')).toContain(says);
});
