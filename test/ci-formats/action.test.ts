import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

/*
 * zizmor audits action.yml and the workflows in the documentation, and actionlint checks them.
 * actionlint also refuses an input that the action does not have.
 */

const programs = resolve('.venv-formats/bin');

function ran(program: 'zizmor' | 'actionlint', args: readonly string[], cwd = '.') {
  const { status, stdout, stderr } = spawnSync(join(programs, program), args, { encoding: 'utf8', cwd });
  return { status, said: `${stdout}${stderr}` };
}

/** A repository that holds the action and one workflow. */
function repository(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  mkdirSync(join(folder, '.git'));
  mkdirSync(join(folder, '.github', 'workflows'), { recursive: true });
  copyFileSync('action.yml', join(folder, 'action.yml'));
  writeFileSync(join(folder, '.github', 'workflows', 'preflight.yml'), text);
  return folder;
}

const audited = (text: string) => ran('zizmor', ['--offline', '--min-severity=medium', repository(text)]);
const linted = (text: string) => ran('actionlint', ['-no-color'], repository(text));

/** The workflows of GitHub Actions among the blocks of the pages. */
const shown = ['README.md', 'docs/ci.md', 'docs/preflight.md'].flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^```ya?ml\n(.*?)^```$/gms)].flatMap(([, text = '']) => {
    const read: unknown = parse(text);
    return typeof read === 'object' && read !== null && 'jobs' in read ? [{ page, text }] : [];
  }),
);

test('the documentation shows a workflow that uses the action', () => {
  expect(shown.filter(({ text }) => text.includes('uses: ./')).map(({ page }) => page)).toEqual(['docs/ci.md']);
});

describe.each(shown)('the workflow of $page', ({ text }) => {
  test.each([
    ['zizmor', audited],
    ['actionlint', linted],
  ])('%s finds nothing in it and in the action', (_, check) => {
    const { status, said } = check(text);
    expect(status, said).toBe(0);
  });

  const injected = `    steps:\n      - run: echo \${{ github.head_ref }}\n`;
  test.each([
    { by: 'zizmor', check: audited, good: '    steps:\n', bad: injected, says: 'template-injection' },
    { by: 'actionlint', check: linted, good: '    steps:\n', bad: injected, says: 'potentially untrusted' },
    {
      by: 'actionlint',
      check: linted,
      good: '          expectations:',
      bad: '          expectation:',
      says: 'is not defined in action',
    },
    { by: 'actionlint', check: linted, good: 'runs-on: ', bad: 'run-on: ', says: 'unexpected key "run-on"' },
  ])('$by finds a planted fault: $says', ({ check, good, bad, says }) => {
    const { status, said } = check(text.replace(good, bad));
    expect(status, said).not.toBe(0);
    expect(said).toContain(says);
  });
});
