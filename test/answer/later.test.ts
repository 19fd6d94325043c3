import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

/* An answer covers calls of one day. A policy can test the time of a call and change the answer later. The demo has a time of its own. */

const root = { AWS: 'arn:aws:iam::111122223333:root' };
const delegate = { Sid: 'Delegate', Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' };
const freeze = { ...delegate, Sid: 'Freeze', Effect: 'Deny', Principal: '*', Action: 'kms:CreateGrant' };
const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
const until = (verdict: string): string =>
  `From 2026-12-05T00:00:00Z on, the verdict is "${verdict}": a policy tests the time of the call (aws:CurrentTime).`;
const support = 'Only AWS Support can help.';

/** Checks a restore with a key policy, as a user who has every permission of IAM. */
async function restored(name: string, statements: readonly unknown[]): Promise<string> {
  const policy = join(folder, `${name}.json`);
  writeFileSync(policy, JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  const who = ['--demo', '--snapshot', 'orders-before-upgrade', '--principal', 'user/administrator'];
  const { stdout } = await runInProcess(['restore', ...who, '--assume-policy', `alias/orders=${policy}`]);
  return stdout.replaceAll(/\s+/g, ' ');
}

const at = (operator: string, key: string, time: string) => ({ Condition: { [operator]: { [key]: time } } });
const later = '2026-12-05T00:00:00Z';
const seconds = String(Date.parse(later) / 1000);

test.each([
  ['begins to allow', [{ ...delegate, ...at('DateGreaterThan', 'aws:CurrentTime', later) }], '✗', [until('succeeds')]],
  [
    'says why it does not allow yet',
    [{ ...delegate, ...at('DateGreaterThan', 'aws:CurrentTime', later) }],
    '✗',
    ['the answer is for calls between 2026-11-01T09:00:00Z and 2026-11-02T09:00:00Z'],
  ],
  ['ceases to allow', [{ ...delegate, ...at('DateLessThan', 'aws:CurrentTime', later) }], '✓', [until('fails')]],
  [
    'begins to deny',
    [delegate, { ...freeze, ...at('DateGreaterThanEquals', 'aws:CurrentTime', later) }],
    '✓',
    [until('fails')],
  ],
  [
    'tests epoch seconds',
    [delegate, { ...freeze, ...at('NumericGreaterThan', 'aws:EpochTime', seconds) }],
    '✓',
    [until('fails')],
  ],
  ['has ceased to allow', [{ ...delegate, ...at('DateLessThan', 'aws:CurrentTime', '2026-11-01') }], '✗', [support]],
])('a policy that %s', async (name, statements, sign, says) => {
  const found = await restored(name, statements);
  expect(found.slice(0, 1)).toBe(sign);
  for (const one of says) expect(found).toContain(one);
  if (!says.includes(support)) expect(found).not.toContain(support);
});

const between = (from: string, to: string) => ({
  Condition: { DateGreaterThanEquals: { 'aws:CurrentTime': from }, DateLessThan: { 'aws:CurrentTime': to } },
});

test.each([
  ['denies within the day', [delegate, { ...freeze, ...between('2026-11-01T22:00:00Z', '2026-11-01T23:00:00Z') }], '?'],
  ['allows within the day', [{ ...delegate, ...between('2026-11-01T22:00:00Z', '2026-11-01T23:00:00Z') }], '?'],
  ['denies for a second', [delegate, { ...freeze, ...between('2026-11-01T22:00:00Z', '2026-11-01T22:00:01Z') }], '?'],
  ['denied before the day', [delegate, { ...freeze, ...between('2026-11-01T07:00:00Z', '2026-11-01T08:00:00Z') }], '✓'],
  ['allows the whole day', [{ ...delegate, ...between('2026-11-01T08:00:00Z', '2026-11-02T10:00:00Z') }], '✓'],
  [
    'allows in two parts of the day',
    [
      { ...delegate, ...at('DateLessThan', 'aws:CurrentTime', '2026-11-01T22:00:00Z') },
      { ...delegate, Sid: 'Rest', ...at('DateGreaterThanEquals', 'aws:CurrentTime', '2026-11-01T22:00:00Z') },
    ],
    '✓',
  ],
])('a policy that %s', async (name, statements, sign) => {
  const found = await restored(name, statements);
  expect(found.slice(0, 1)).toBe(sign);
});

test('an answer that stays the same has no such note', async () => {
  const other = { ...freeze, Action: 'kms:Encrypt' };
  const found = await restored('same', [delegate, { ...other, ...at('DateGreaterThan', 'aws:CurrentTime', later) }]);
  expect(found).not.toContain('the verdict is');
});
