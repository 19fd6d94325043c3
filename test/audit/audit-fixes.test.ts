import { describe, expect, test } from 'vitest';
import { auditReport } from '../../src/answer/audit.ts';
import { estateEvidence } from '../../src/evidence/demo-estate.ts';
import { auditFixText } from '../../src/explain/findings.ts';
import { auditOfAll } from '../audit-case.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * The fixes of an audit of the example. Most of them let a principal restore backups that nobody
 * can restore.
 */

const { findings, fixes } = auditReport(estateEvidence, auditOfAll, 'test');

/** The text of the fix of a finding about a key, without the fix's commands. */
function fixOf(code: string, key: string): string | undefined {
  const found = findings.filter((one) => one.code === code && one.subject.includes(`:key/${key}`));
  expect(found).toHaveLength(1);
  const [fix] = fixes.filter(({ id }) => found[0]?.fixes.includes(id));
  return fix === undefined ? undefined : auditFixText(fix);
}

describe('the fix of an audit', () => {
  test.each([
    [
      'a key that waits for its deletion',
      'nobody-can-restore',
      '0004aaaa-0000-4000-8000-111122223333',
      'Fix (role/dr-restore can then restore cluster:ledger): cancel the deletion of alias/ledger and enable the key.',
    ],
    [
      'the same, for the key itself',
      'key-at-risk',
      '0004aaaa-0000-4000-8000-111122223333',
      'Fix (role/dr-restore can then restore cluster:ledger): cancel the deletion of alias/ledger and enable the key.',
    ],
    [
      'a key policy of another account',
      'nobody-can-restore',
      '0001aaaa-0000-4000-8000-111122223333',
      'Fix (role/recovery can then restore cluster-snapshot:orders-copy): allow role/recovery kms:DescribeKey and kms:CreateGrant in the key policy of alias/orders.',
    ],
    [
      'a snapshot that another account can use',
      'exposed',
      '0005aaaa-0000-4000-8000-111122223333',
      'Fix: stop sharing cluster-snapshot:reporting-for-vendor with account 555566667777.',
    ],
    [
      'a key whose policy nobody can change has none',
      'nobody-can-restore',
      '0003aaaa-0000-4000-8000-111122223333',
      undefined,
    ],
  ])('%s', (_, code, key, fix) => {
    expect(fixOf(code, key)).toBe(fix);
  });

  test('is listed once, and findings name nothing else', () => {
    const ids = fixes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...new Set(findings.flatMap((one) => one.fixes))].toSorted()).toEqual(ids.toSorted());
  });

  test('ends a sharing with a command of the AWS CLI', () => {
    const exposed = findings.flatMap((one) => (one.code === 'exposed' ? one.fixes : []));
    expect(fixes.flatMap(({ id, commands }) => (exposed.includes(id) ? commands : []))).toEqual([
      'aws rds modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier reporting-for-vendor --region eu-west-1 --attribute-name restore --values-to-remove 555566667777',
    ]);
  });

  const own = fixes.filter(({ principal }) => principal !== null);

  test.each(own)('has a command that shows it: $commands', async ({ commands, steps }) => {
    const words = commands.join(' ').split(' ').slice(1);
    const { stdout, code } = await runInProcess([...words, '--demo=estate'], { COLUMNS: '500' });
    expect(code).toBe(1);
    for (const { does } of steps)
      for (const { text } of does) expect(stdout.toLowerCase()).toContain(text.slice(0, 40).toLowerCase());
  });
});
