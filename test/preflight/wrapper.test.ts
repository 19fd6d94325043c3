import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

/* The pipeline of docs/ci.md for a plan: `terraform plan`, `terraform show -json`, `preflight`. */

const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('docs/ci.md checks what terraform shows of the plan that it would apply', async () => {
  const script = page.split('\n').flatMap((line) => /^ {4}- (?:npx )?(.*)/.exec(line)?.[1] ?? []);
  const [plan, show, check] = ['terraform plan', 'terraform show', 'aurora-kms-check preflight --plan'].map((start) =>
    script.findIndex((line) => line.startsWith(start)),
  );
  expect([plan, show, check]).not.toContain(-1);
  expect([plan, show, check]).toEqual([plan, show, check].toSorted((one = -1, other = -1) => one - other));
  const [, binary = ''] = /-out (\S+)/.exec(script[plan ?? -1] ?? '') ?? [];
  const [, shown = '', json = ''] = /show -json (\S+) > (\S+)/.exec(script[show ?? -1] ?? '') ?? [];
  expect(shown).toBe(binary);

  const example = new URL('../../docs/examples/preflight/', import.meta.url);
  copyFileSync(new URL('plan.json', example), join(folder, json));
  const words = (script[check ?? -1] ?? '').split(' ').slice(1);
  const args = words.map((word) =>
    word.replace(json, join(folder, json)).replace('junit.xml', join(folder, 'junit.xml')),
  );
  const evidence = ['--evidence', new URL('evidence.json', example).pathname];
  const { code, stdout } = await runInProcess([...args.map(applier), ...evidence]);
  expect(stdout).toContain('depends_on');
  expect(code).toBe(2);
  expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('<error');
});

/** Another role applies the example. */
function applier(word: string): string {
  return word === 'role/terraform' ? 'role/dr-restore' : word;
}
