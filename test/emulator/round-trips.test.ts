import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToRead } from '../../src/collect/reading.ts';
import type { SourceType } from '../../src/evidence/sources.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { administrator, drRestore, through } from './command.ts';
import { credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import type { Fault } from './proxy.ts';
import { type Reading, readFrom, refuse, snapshots, timeless, type Wire } from './reading.ts';
import { countRounds } from './rounds.ts';
import { assistant, deputy, fillKey, fillStaff } from './staff.ts';
import { fillInstances } from './surroundings.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillStaff(moto.endpoint);
  await fillInstances(moto.endpoint);
  // DescribeKey of an AWS managed key creates the key, on AWS and in the emulator.
  const kms = new KMSClient({ endpoint: moto.endpoint, region, credentials });
  await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/rds' }));
  await fillKey(moto.endpoint, 'alias/ledger');
});
afterAll(() => moto.stop());

/** Reads the facts for a question, and counts the answers in each round. */
async function roundsOf(question: ToRead, wire: Wire = {}): Promise<Reading & { readonly sizes: readonly number[] }> {
  const { hold, sizes } = countRounds();
  return { ...(await readFrom(moto.endpoint, question, { ...emulated, ...wire, hold })), sizes };
}

/** Operations that the emulator does not know get an empty answer. */
const emulated: Wire = {
  faultFor: (operation) =>
    /ClusterAutomatedBackups/.test(operation)
      ? { code: '', status: 200, body: `<${operation.slice(4)}Response/>` }
      : undefined,
};

/** A source of each type that the emulator has. It has no automated backups. */
const there: Readonly<Partial<Record<SourceType, string>>> = {
  cluster: 'orders',
  db: 'orders-writer',
  'cluster-snapshot': 'ledger-monthly',
  snapshot: 'wiki-1',
};

/** The reads of all operations, each combination of sources and keys once. */
const toRead = catalogue
  .map(({ reads }) => reads?.types ?? [])
  .filter((types, index, all) => all.findIndex((other) => other.join() === types.join()) === index)
  .flatMap((types): readonly Pick<ToRead, 'types' | 'target'>[] =>
    types.length === 0
      ? [{ types }]
      : types.flatMap((type) => {
          const target = there[type];
          return target === undefined ? [] : [{ types, target }];
        }),
  )
  .flatMap((one) => [[], ['alias/orders'], ['alias/aws/rds']].map((kmsKeyIds) => ({ ...one, kmsKeyIds })));

const each = (asked: readonly string[]): readonly string[] => [...new Set(asked)].toSorted();

describe('the sequential steps of a check', () => {
  test.each(toRead)('of a role: 4, and 3 by ARN: $target among $types, $kmsKeyIds', async (one) => {
    const question = { ...one, otherPrincipals: [], sharing: true, quotas: true };
    const byName = await roundsOf({ ...question, principal: 'role/assistant' });
    expect(byName.sizes.length).toBeLessThanOrEqual(4);
    expect(byName.asked.length).toBeGreaterThan(8);
    const byArn = await roundsOf({ ...question, principal: assistant });
    expect(byArn.sizes.length).toBeLessThanOrEqual(3);
    expect(timeless(byArn.evidence)).toEqual(timeless(byName.evidence));
    // If the source and an alias name the same key, the program describes the key once or twice.
    // Both answers arrive in the same round.
    expect(each(byArn.asked)).toEqual(each(byName.asked));
  });

  test.each([
    ['a user with a managed policy', 4, snapshots(administrator, 'orders-before-upgrade')],
    ['a user with groups, and another key', 4, { ...snapshots(deputy, 'ledger-monthly'), kmsKeyIds: ['alias/orders'] }],
    // Both lists are read to suggest similar names. The emulator returns one of the lists in two
    // pages.
    ['a snapshot that does not exist', 5, snapshots(deputy, 'ledger-mothly')],
  ] as const)('of %s: %i', async (_, most, question) => {
    const { sizes } = await roundsOf(question);
    expect(sizes.length).toBeLessThanOrEqual(most);
  });

  test('of a role by ARN, where kms:DescribeKey is refused for an alias: 3', async () => {
    const question = { ...snapshots(assistant, 'ledger-monthly'), kmsKeyIds: ['alias/orders'] };
    const { sizes } = await roundsOf(question, refuse('kms:DescribeKey'));
    expect(sizes.length).toBeLessThanOrEqual(3);
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
