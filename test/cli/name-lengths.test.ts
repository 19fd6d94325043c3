import { expect, test } from 'vitest';
import { longestName } from '../../src/operations/operation.ts';
import { runInProcess } from '../run-in-process.ts';

/* The longest names that RDS takes: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/ */

test.each([
  { args: 'restore --demo --snapshot ledger-monthly', type: 'cluster', most: 63 },
  { args: 'create-snapshot --demo --cluster ledger', type: 'cluster-snapshot', most: 63 },
  { args: 'create-snapshot --demo --instance reports', type: 'snapshot', most: 255 },
] as const)('a new $type has a name of at most $most characters', async ({ args, type, most }) => {
  expect(longestName[type]).toBe(most);
  const code = async (length: number): Promise<number> => {
    const named = [...args.split(' '), '--principal', 'user/administrator', '--to', 'a'.repeat(length)];
    return (await runInProcess([...named, '--fail-on', 'never'])).code;
  };
  expect([await code(most), await code(most + 1)]).toEqual([0, 252]);
});
