import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { administrator, drRestore, through } from './command.ts';
import { fillFoundingCase } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import type { Exchange, Fault } from './proxy.ts';
import { readFrom, snapshots } from './reading.ts';
import { deputy, fillKey, fillStaff } from './staff.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillStaff(moto.endpoint);
  await fillKey(moto.endpoint, 'alias/ledger');
});
afterAll(() => moto.stop());

/** The longest chain of exchanges of which each began after the one before had ended. */
function depth(exchanges: readonly Exchange[]): number {
  const chains: { readonly to: number; readonly length: number }[] = [];
  for (const { from, to } of exchanges.toSorted((one, other) => one.from - other.from)) {
    const before = Math.max(0, ...chains.filter((one) => one.to <= from).map((one) => one.length));
    chains.push({ to, length: before + 1 });
  }
  return Math.max(0, ...chains.map((one) => one.length));
}

describe('a single restore check, where each answer takes 50 ms', () => {
  test('counts chains, not calls', () => {
    const at = (from: number, to: number): Exchange => ({ operation: '', from, to });
    expect(depth([at(0, 10), at(0, 12), at(11, 20), at(12, 20), at(15, 30), at(21, 40)])).toBe(3);
  });

  test.each([
    ['a role', drRestore, 'ledger-monthly', []],
    ['a user with a managed policy', administrator, 'orders-before-upgrade', []],
    ['a user with groups, and another key', deputy, 'ledger-monthly', ['alias/orders']],
    ['a snapshot that there is not', deputy, 'ledger-mothly', []],
  ])('of %s takes at most 8 sequential round trips', async (_, principal, target, kmsKeyIds) => {
    const question = { ...snapshots(principal, target), kmsKeyIds };
    const start = performance.now();
    const { exchanges } = await readFrom(moto.endpoint, question, { latency: () => 50 });
    expect(depth(exchanges)).toBeLessThanOrEqual(8);
    expect(exchanges.length).toBeGreaterThan(8);
    // All one after the other would take longer than this even if nothing else took time.
    expect(performance.now() - start).toBeLessThan(exchanges.length * 50 + 500);
  });
});

describe('--debug', () => {
  test('shows each call, what it took and its retries, and no credentials', async () => {
    let left = 1;
    const throttled: Fault = { code: 'ThrottlingException', status: 400 };
    const faults = {
      get 'kms:DescribeKey'() {
        return left-- > 0 ? throttled : undefined;
      },
    };
    const asked = ['restore', '--principal', drRestore, '--snapshot', 'ledger-monthly', '--debug'];
    const { code, stderr } = await through(moto.endpoint, faults, asked);
    expect(code).toBe(0);
    const lines = stderr.trim().split('\n');
    expect(
      lines.filter(
        (line) => !/^[a-z]+:\w+( \S+)* at 127\.0\.0\.1:\d+: HTTP \d+ in \d+ ms(, attempt \d of 8)?$/.test(line),
      ),
    ).toEqual([]);
    expect(lines.filter((line) => line.startsWith('kms:DescribeKey'))).toMatchObject([
      expect.stringContaining('HTTP 400'),
      expect.stringMatching(/HTTP 200 in \d+ ms, attempt 2 of 8$/),
    ]);
    expect(stderr).not.toMatch(/testing|Signature|Credential/);
  });
});
