import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { reportFormats } from '../../src/report/format-rows.ts';
import { render } from '../../src/report/formats.ts';
import { runInProcess } from '../run-in-process.ts';
import { styleOf } from '../style.ts';

/* The limits of CI systems for a report, runs without an answer, and `preflight init`. */

const example = resolve('docs/examples/preflight/evidence.json');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});

afterEach(() => void vi.unstubAllEnvs());

function ran(args: readonly string[], environment: Readonly<Record<string, string>> = {}, now?: () => Date) {
  const outside = { AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent', GITHUB_WORKSPACE: folder };
  return runInProcess(args, { ...outside, ...environment }, now);
}

/** This many broken expectations about the demo. */
function broken(count: number): string {
  const path = join(folder, 'expectations.yaml');
  const lines = Array.from(
    { length: count },
    (_, index) =>
      `  - { id: e${index}, who: role/operator, can: restore, snapshot: orders-before-upgrade, why: "runbook" }`,
  );
  writeFileSync(path, `version: 1\nexpectations:\n${lines.join('\n')}\n`);
  return path;
}

describe('a report holds what its reader takes', { tags: 'slow' }, () => {
  test('ten annotations of a kind, the last of which counts the others', async () => {
    const { stdout } = await ran(['preflight', broken(12), '--demo', '--quiet', '--report', 'github']);
    const errors = stdout.split('\n').filter((line) => line.startsWith('::error '));
    expect(errors).toHaveLength(10);
    expect(errors.at(-1)).toContain('3 more of this kind');
  });

  test('5,000 SARIF results, and 65,000 bytes of Markdown that say what is missing', async () => {
    const { stdout } = await ran(['preflight', broken(1), '--demo', '--output', 'json']);
    const report = v.parse(preflightReportSchema, JSON.parse(stdout));
    const [one] = report.expectations;
    if (one === undefined) throw new Error('nothing is expected');
    const expectations = Array.from({ length: 5001 }, (_, index) => ({ ...one, id: `e${index}` }));
    const drawn = (format: string): string =>
      render(
        'preflight',
        { report: { ...report, expectations, fixes: [] } },
        format,
        styleOf({ verbose: true, listAll: true }),
      );
    expect(drawn('sarif').match(/"ruleIndex":/g)).toHaveLength(5000);
    const text = drawn('markdown');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_000);
    const [, hidden = '0'] = /\n([\d,]+) more lines are not shown/.exec(text) ?? [];
    const rows = text.split('\n').filter((line) => /^\| e\d/.test(line));
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.length + Number(hidden.replace(',', ''))).toBeGreaterThanOrEqual(5001);
  });
});

describe('each report holds the error of a run without an answer', { tags: 'slow' }, () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x', AWS_MAX_ATTEMPTS: '1' };
  const broke = (): Date => {
    throw new TypeError('no clock');
  };
  const live = ['restore', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:9'];
  const fromFile = ['restore', '--evidence', 'test/cases/findings/rich20.json', '--principal', 'role/r'];
  test.each([
    { code: 253, args: ['restore'], environment: {}, now: undefined },
    { code: 254, args: live, environment: keys, now: undefined },
    { code: 255, args: fromFile, environment: {}, now: broke },
  ])('exit code $code', async ({ code, args, environment, now }) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const files = reportFormats.filter(({ isLog, needsPlace }) => !isLog && !needsPlace);
    const reports = files.flatMap(({ name }) => ['--report', `${name}=${join(folder, name)}`]);
    const ended = await ran([...args, ...reports], {}, now);
    expect(ended.code, ended.stderr).toBe(code);
    const [word = 'no message'] = /[A-Za-z]{5,}/.exec(ended.stderr.replace(/^error: /, '')) ?? [];
    for (const { name } of files) expect(readFileSync(join(folder, name), 'utf8'), name).toContain(word);
    expect(readFileSync(join(folder, 'junit'), 'utf8')).toContain('errors="1"');
  });
});

describe('preflight init', () => {
  async function inFolder(args: readonly string[]) {
    const before = process.cwd();
    process.chdir(folder);
    return await ran(args).finally(() => process.chdir(before));
  }

  test('writes what holds now, each with a reason to be filled in, and never over a file', async () => {
    const evidence = ['--evidence', join(folder, 'evidence.json')];
    copyFileSync(example, join(folder, 'evidence.json'));
    const refused = await inFolder(['preflight', 'init', ...evidence, '--report', `junit=${join(folder, 'old.xml')}`]);
    expect(refused.code).toBe(252);
    expect(refused.stderr).toContain('takes no --report');
    const { code, stdout } = await inFolder(['preflight', 'init', ...evidence]);
    expect(code).toBe(0);
    expect(stdout).toContain(`then run \`aurora-kms-check preflight ${evidence.join(' ')}\``);
    const written = readFileSync(join(folder, 'aurora-kms-check.yaml'), 'utf8');
    const count = written.match(/\bid: /g)?.length ?? 0;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(50);
    expect(written.match(/why: "?TODO"?/g)).toHaveLength(count);
    const checked = await inFolder(['preflight', ...evidence, '--output', 'json']);
    expect(checked.code).toBe(0);
    expect(checked.stdout.match(/why-is-todo/g)).toHaveLength(count);
    const again = await inFolder(['preflight', 'init', ...evidence]);
    expect(again.code).toBe(252);
    expect(again.stderr).toContain('already exists');
    expect(readFileSync(join(folder, 'aurora-kms-check.yaml'), 'utf8')).toBe(written);
  });

  test('leaves no file if the evidence cannot be read', async () => {
    expect((await inFolder(['preflight', 'init', '--evidence', '/nonexistent.json'])).code).toBe(252);
    expect(existsSync(join(folder, 'aurora-kms-check.yaml'))).toBe(false);
  });
});
