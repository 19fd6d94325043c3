// @module-tag slow
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

/* The steps of the action, run in a shell in the same way as GitHub's runner runs them. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(new URL('../../action.yml', import.meta.url), 'utf8');
const action = v.parse(
  v.object({
    inputs: v.record(v.string(), v.object({ default: v.string() })),
    outputs: v.record(v.string(), v.object({ value: v.string() })),
    runs: v.object({
      steps: v.array(v.object({ shell: v.literal('bash'), env: v.record(v.string(), v.string()), run: v.string() })),
    }),
  }),
  parse(text),
);

function filled(template: string, inputs: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, name: string) => {
    if (name === 'github.action_path') return root;
    const input = name.replace(/^inputs\./, '');
    return inputs[input] ?? action.inputs[input]?.default ?? `unknown ${name}`;
  });
}

/** `folder`: for temporary files of the job. */
function ran(inputs: Readonly<Record<string, string>>, folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'))) {
  const [output, summary] = [join(folder, 'output'), join(folder, 'summary.md')];
  for (const path of [output, summary]) writeFileSync(path, '');
  let stdout = '';
  let code: number | null = 0;
  for (const { env, run } of action.runs.steps) {
    if (code !== 0) break;
    const script = join(folder, 'step.sh');
    writeFileSync(script, run);
    const values = Object.entries(env).map(([name, value]) => [name, filled(value, inputs)] as const);
    const step = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      encoding: 'utf8',
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        HOME: '/nonexistent',
        AWS_EC2_METADATA_DISABLED: 'true',
        RUNNER_TEMP: folder,
        GITHUB_WORKSPACE: root,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        ...Object.fromEntries(values),
      },
    });
    stdout += step.stdout;
    code = step.status;
  }
  return { code, stdout, folder, output: readFileSync(output, 'utf8'), summary: readFileSync(summary, 'utf8') };
}

describe('the action', () => {
  test.each([
    { name: 'a verdict', arguments: '--demo', expectations: 'exp.yaml', verdict: 'fails', code: 1 },
    { name: 'no answer', arguments: '--demo\n--bogus', expectations: '', verdict: 'error', code: 252 },
    {
      name: 'a name that a shell would run',
      arguments: '--demo',
      expectations: '$(touch pwned)',
      verdict: 'error',
      code: 252,
    },
  ])('ends with $name', ({ arguments: given, expectations, verdict, code }) => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    const one = '{ id: a, who: role/operator, can: restore, snapshot: orders-before-upgrade, why: x }';
    writeFileSync(join(folder, 'exp.yaml'), `version: 1\nexpectations:\n  - ${one}\n`);
    const found = ran({ arguments: given, expectations, 'working-directory': folder });
    expect(found.code).toBe(code);
    expect(found.output.startsWith(`verdict=${verdict}\nreport=${found.folder}/`)).toBe(true);
    expect(found.stdout).toMatch(/^::error /m);
    expect(found.summary).toMatch(/^### ❌ /);
  });

  test('keeps the report of an earlier step of the job', () => {
    const inputs = { arguments: '--demo\n--bogus', expectations: '' };
    const first = ran(inputs);
    const second = ran(inputs, first.folder);
    const [one = '', other = ''] = [first, second].map(({ output }) => /report=(.*)/.exec(output)?.[1]);
    expect(one).not.toBe(other);
    for (const path of [one, other]) expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('error');
  });

  test('takes inputs through the environment alone', () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
    for (const { value } of Object.values(action.outputs))
      expect(value).toMatch(/^\$\{\{ steps\.check\.outputs\.\w+ \}\}$/);
  });

  test('is used by the workflow of docs/ci.md with inputs that there are', () => {
    const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
    const [, workflow = ''] = /## GitHub Actions\n\n```yaml\n(.*?)```/s.exec(page) ?? [];
    const step = v.object({ uses: v.optional(v.string()), with: v.optional(v.record(v.string(), v.unknown())) });
    const { jobs } = v.parse(
      v.object({ jobs: v.record(v.string(), v.object({ steps: v.array(step) })) }),
      parse(workflow),
    );
    const [used] = Object.values(jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses === './'));
    expect(Object.keys(used?.with ?? {}).filter((name) => !Object.hasOwn(action.inputs, name))).toEqual([]);
    expect(Object.keys(used?.with ?? {})).not.toEqual([]);
    const given = Object.fromEntries(Object.entries(used?.with ?? {}).map(([name, value]) => [name, String(value)]));
    const sarif = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'x.sarif');
    const found = ran({ ...given, arguments: (given['arguments'] ?? '').replace('aurora-kms-check.sarif', sarif) });
    expect([0, 1, 2]).toContain(found.code);
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
  });
});
