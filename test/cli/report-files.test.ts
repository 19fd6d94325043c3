// @module-tag slow
import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { demoEvidence, demoPrincipal } from '../../src/evidence/demo.ts';
import { reportFormats } from '../../src/report/format-rows.ts';
import { type RanInProcess, runInProcess } from '../run-in-process.ts';

/*
 * Where `--report` writes, what it writes for a run without an answer, and which files it never
 * changes.
 */

let folder = '';
let expectations = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  expectations = join(folder, 'expectations.yaml');
  const one = (id: string, who: string): string =>
    `  - { id: ${id}, who: ${who}, can: restore, snapshot: orders-before-upgrade, why: runbook }`;
  writeFileSync(
    expectations,
    `version: 1\nexpectations:\n${one('expect-one', 'role/operator')}\n${one('second', 'user/administrator')}\n`,
  );
});

const files = reportFormats.filter(({ isLog }) => !isLog);

const ran = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RanInProcess> =>
  runInProcess(args, { GITHUB_WORKSPACE: folder, ...environment });

function everyFormat(): readonly string[] {
  return files.flatMap(({ name }) => ['--report', `${name}=${join(folder, 'reports', name)}`]);
}

function report(name: string): string {
  return readFileSync(join(folder, 'reports', name), 'utf8');
}

describe('--report', () => {
  test('writes every format of one run', async () => {
    const { code, stdout } = await ran(['preflight', expectations, '--demo', ...everyFormat()]);
    expect(code).toBe(1);
    expect(stdout).toContain('✗ expect-one');
    for (const { name } of files) expect(report(name), name).toContain('expect-one');
    expect(report('junit')).toMatch(
      /<testcase classname="preflight" name="expect-one" file="expectations\.yaml" line="3"/,
    );
    expect(report('junit-strict')).not.toMatch(/<testcase[^>]* (?:file|line)=|<testsuites[^>]* skipped=/);
    expect(JSON.parse(report('gitlab'))).toMatchObject([
      { severity: 'critical', check_name: 'cannot-do', location: { path: 'expectations.yaml', lines: { begin: 3 } } },
    ]);
  });

  const diff = ['diff', '--demo', '--assume-key-state', 'alias/ledger=PendingDeletion', '--operation', 'restore'];
  test.each([
    { name: 'a check', args: ['restore', '--demo', '--snapshot', 'orders-before-upgrade'], says: 'cannot restore' },
    { name: 'a sweep', args: ['restore', '--demo'], says: 'tests="3"' },
    { name: 'a comparison', args: diff, says: 'classname="diff"' },
  ])('writes $name', async ({ args, says }) => {
    const path = join(folder, 'junit.xml');
    await ran([...args, '--quiet', '--report', `junit=${path}`]);
    expect(readFileSync(path, 'utf8')).toContain(says);
  });

  test('points to the statement of the evidence that decides', async () => {
    const evidence = join(folder, 'evidence.json');
    const lines = JSON.stringify({ ...demoEvidence, caller: { Arn: demoPrincipal } }, undefined, 2).split('\n');
    writeFileSync(evidence, lines.join('\n'));
    const path = join(folder, 'gitlab.json');
    await ran(['restore', '--evidence', evidence, '--snapshot', 'orders-before-upgrade', '--report', `gitlab=${path}`]);
    const begin = lines.findIndex((line) => line.includes('"Deny actions except AdminRole"'));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject([
      { location: { path: 'evidence.json', lines: { begin } } },
    ]);
  });

  test.each([
    { name: 'a flag that is wrong', args: ['restore', '--demo', '--bogus'] },
    { name: 'a value that is missing', args: ['restore', '--demo', '--snapshot'] },
    { name: 'a file that is not there', args: ['preflight', '/nonexistent.yaml', '--demo'] },
    { name: 'evidence that is not there', args: ['restore', '--evidence', '/nonexistent.json'] },
    { name: 'a command that is not there', args: ['restoer'] },
  ])('holds the error of $name, and nothing of an earlier run', async ({ args }) => {
    expect((await ran(['preflight', expectations, '--demo', ...everyFormat()])).code).toBe(1);
    const { code, stderr } = await ran([...args, ...everyFormat()]);
    expect(code).toBe(252);
    const [message = ''] = stderr.replace(/^error: /, '').split('\n');
    const [word = ''] = /--bogus|--snapshot|nonexistent|restoer/.exec(message) ?? [];
    for (const { name } of files) {
      expect(report(name), name).toContain(word);
      expect(report(name), name).not.toContain('expect-one');
    }
    expect(report('junit')).toContain('errors="1"');
    expect(JSON.parse(report('sarif'))).toMatchObject({ runs: [{ results: [{ level: 'error' }] }] });
  });

  test('deletes old files before it reads anything', async () => {
    const old = join(folder, 'old.xml');
    writeFileSync(old, 'green');
    await ran(['restore', '--help', '--report', `junit=${old}`]);
    expect(existsSync(old)).toBe(false);
  });

  test('does not change the target of a link that is not a file', async () => {
    const link = join(folder, 'link');
    symlinkSync('/dev/null', link);
    await ran(['restore', '--demo', '--report', `junit=${link}`]);
    expect(existsSync(link)).toBe(true);
    expect(readFileSync(link, 'utf8')).toBe('');
  });

  test.each([
    {
      name: 'the file that is read',
      args: (path: string) => ['preflight', path, '--demo', '--report', `junit=${path}`],
    },
    {
      name: 'the same given with =',
      args: (path: string) => ['restore', `--evidence=${path}`, `--report=junit=${path}`],
    },
  ])('is never written over $name', async ({ args }) => {
    const before = readFileSync(expectations, 'utf8');
    const { code, stderr } = await ran(args(expectations));
    expect(code).toBe(252);
    expect(stderr).toContain('would be written over');
    expect(readFileSync(expectations, 'utf8')).toBe(before);
  });

  test.each([
    { args: ['--report', 'junit'], says: '--report junit=PATH' },
    { args: ['--report', 'junit='], says: '--report junit=PATH' },
    { args: ['--report', 'github=x'], says: 'takes no path' },
    { args: ['--report', 'xml=x'], says: 'there is no format `xml`' },
    { args: ['--report', 'github', '--report', 'github'], says: 'twice' },
    { args: ['--report', 'junit=x', '--report', 'json=./x'], says: 'twice' },
    { args: ['--report', 'sarif=/tmp/never-written.sarif'], says: 'junit=PATH or --report github' },
    { args: ['--report', 'gitlab=/tmp/never-written.json'], says: 'junit=PATH or --report github' },
  ])('refuses $args', async ({ args, says }) => {
    const cwd = process.cwd();
    process.chdir(folder);
    const { code, stderr } = await ran(['restore', '--demo', ...args]).finally(() => process.chdir(cwd));
    expect(code).toBe(252);
    expect(stderr).toContain(says);
  });

  test('reports a file that cannot be written, and nothing else', async () => {
    const { code, stderr } = await ran(['restore', '--demo', '--report', `junit=${folder}`]);
    expect(code).toBe(252);
    expect(stderr).toBe(
      `error: ${folder}: the report cannot be written: this is a folder, not a file\n  check the path of --report\n`,
    );
  });

  test.each(['junit', 'html'])('reports a folder that is a file: %s', async (format) => {
    const path = join(folder, 'is-a-file', 'report');
    writeFileSync(dirname(path), '');
    const { code, stderr } = await ran(['restore', '--demo', '--report', `${format}=${path}`]);
    expect(code).toBe(252);
    expect(stderr).toBe(
      `error: ${path}: the report cannot be written: part of the path is a file, not a folder\n  check the path of --report\n`,
    );
  });

  test.each(['github', 'azure'])('%s is written to standard output, and with JSON to standard error', async (name) => {
    const command = name === 'github' ? '::error file=expectations.yaml,line=3,' : '##vso[task.logissue type=error;';
    const text = await ran(['preflight', expectations, '--demo', '--report', name]);
    expect(text.stdout).toContain(command);
    const json = await ran(['preflight', expectations, '--demo', '--report', name, '--output', 'json']);
    expect(json.stderr).toContain(command);
    expect(() => void JSON.parse(json.stdout)).not.toThrow();
    const quiet = await ran(['preflight', '/nonexistent.yaml', '--demo', '--report', name]);
    expect(quiet.stdout).toMatch(name === 'github' ? /^::error / : /^##vso\[task\.logissue type=error;/);
  });

  test('azure marks a task that continues as one with issues', async () => {
    const args = ['preflight', expectations, '--demo', '--report', 'azure'];
    expect((await ran(args)).stdout).not.toContain('task.complete');
    expect((await ran([...args, '--fail-on', 'never'])).stdout).toContain(
      '##vso[task.complete result=SucceededWithIssues;]',
    );
  });

  test('github adds to the summary of the job, within what GitHub takes of a step', async () => {
    const summary = join(folder, 'summary.md');
    const args = ['preflight', expectations, '--demo', '--report', 'github'];
    writeFileSync(summary, '# Before\n');
    await ran(args, { GITHUB_STEP_SUMMARY: summary });
    expect(readFileSync(summary, 'utf8')).toMatch(/^# Before\n### ❌ fails: 2 expectations/);
    const most = 1024 * 1024;
    writeFileSync(summary, 'x'.repeat(most - 100));
    await ran(args, { GITHUB_STEP_SUMMARY: summary });
    expect(readFileSync(summary).length).toBe(most - 100);
    const nowhere = await ran(args, { GITHUB_STEP_SUMMARY: folder });
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toMatch(/^note: /);
  });
});
