import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/* action.yml and the workflow of docs/ci.md, as zizmor audits them. */

const zizmor = '.venv-formats/bin/zizmor';

function audited(...paths: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(zizmor, ['--offline', '--min-severity=medium', ...paths], {
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
}

/** The file of a workflow in a repository of its own. */
function workflow(text: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), '.github', 'workflows');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'preflight.yml');
  writeFileSync(path, text);
  return path;
}

test('zizmor finds nothing in the action and in the workflow that the docs show', () => {
  const [, shown = ''] = /```yaml\n(name: preflight\n.*?)```/s.exec(readFileSync('docs/ci.md', 'utf8')) ?? [];
  expect(shown).toContain('uses: ./');
  const { status, said } = audited('action.yml', workflow(shown));
  expect(status, said).toBe(0);
  const unsafe = audited(
    workflow(shown.replace('    steps:\n', `    steps:\n      - run: echo \${{ github.head_ref }}\n`)),
  );
  expect(unsafe.status, unsafe.said).not.toBe(0);
});
