import { expect, test } from 'vitest';
import { makeReader } from '../../src/collect/reader.ts';
import type { ReadAction } from '../../src/collect/reads.ts';

test('at most eight calls to a service are under way at once, and services do not wait for each other', async () => {
  const reader = makeReader({ endpoint: undefined, tolerant: false });
  const most = new Map<ReadAction, number>();
  const now = new Map<ReadAction, number>();
  const read = (what: ReadAction, region: string) =>
    reader.read({ what, region }, async () => {
      now.set(what, (now.get(what) ?? 0) + 1);
      most.set(what, Math.max(most.get(what) ?? 0, now.get(what) ?? 0));
      await new Promise((resolve) => setTimeout(resolve, 5));
      now.set(what, (now.get(what) ?? 0) - 1);
    });
  const regions = Array.from({ length: 30 }, (_, index) => `us-east-${index}`);
  await Promise.all(regions.flatMap((region) => [read('kms:DescribeKey', region), read('iam:GetRole', region)]));
  expect(Object.fromEntries(most)).toEqual({ 'kms:DescribeKey': 8, 'iam:GetRole': 8 });
});

const refused = (action: string): Error =>
  Object.assign(new Error(`User: u is not authorized to perform: ${action} on resource: r`), { name: 'AccessDenied' });

test.each([true, false])(
  'a role of a profile that may not be assumed ends every read, tolerant %s',
  async (tolerant) => {
    const reader = makeReader({ endpoint: undefined, tolerant });
    const read = reader.read({ what: 'iam:GetRole' }, () => Promise.reject(refused('sts:AssumeRole')));
    await expect(read).rejects.toMatchObject({ kind: 'setup' });
    expect(reader.gaps()).toEqual([]);
  },
);

test.each([true, false])('a refused role of another account is a gap, tolerant %s', async (tolerant) => {
  const reader = makeReader({ endpoint: undefined, tolerant });
  expect(
    await reader.read({ what: 'sts:AssumeRole' }, () => Promise.reject(refused('sts:AssumeRole'))),
  ).toBeUndefined();
  expect(await reader.read({ what: 'iam:GetRole' }, () => Promise.reject(refused('iam:GetRole')))).toBeUndefined();
  expect(reader.gaps().map(({ what }) => what)).toEqual(['iam:GetRole', 'sts:AssumeRole']);
});
