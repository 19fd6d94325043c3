import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

/* The session policy of an expectation, in a file or in the expectation itself. */

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
afterAll(() => rmSync(folder, { recursive: true }));
const evidence = fileURLToPath(new URL('../../docs/examples/preflight/evidence.json', import.meta.url));

function policyOn(action: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
}
const file = join(folder, 'policy.json');
writeFileSync(file, policyOn('s3:*'));

test.each([
  { name: 'that allows the operation', policy: policyOn('*'), code: 0 },
  { name: 'that allows something else', policy: policyOn('s3:*'), code: 1 },
  { name: 'in a file', policy: file, code: 1 },
])('a session policy $name', async ({ policy, code }) => {
  const expectations = join(folder, 'expectations.yaml');
  const one = { id: 'a', why: 'w', who: 'role/nightly-backup', can: 'create-snapshot', cluster: 'orders' };
  const defaults = { account: '111122223333', region: 'eu-west-1' };
  writeFileSync(
    expectations,
    JSON.stringify({ version: 1, defaults, expectations: [{ ...one, session: { policy } }] }),
  );
  const ran = await runInProcess(['preflight', expectations, '--evidence', evidence]);
  expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(code);
});
