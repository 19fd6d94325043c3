import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlan } from '../../src/plan/plan-file.ts';
import { secretsIn } from '../../src/plan/secrets.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * Sensitive values that explain a decision: a condition of a policy that jsonencode writes, the
 * same in a document, and a tag of a request.
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
const formats = ['text', 'json', 'jsonl', 'markdown', 'csv', 'junit', 'sarif', 'gitlab', 'html'];

describe.each(plans)('%s: no command writes a value that the plan marks as sensitive', (plan) => {
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

test('names are shown, and words that stand in other names', () => {
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
            after_sensitive: { policy: true, tags: {} },
          },
        },
      ],
    }),
  );
  expect(secretsIn(plan)).toEqual(['198.51.100.7/32']);
});
