import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { drRestore, keys, operator } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { startProxy } from './proxy.ts';
import { refuse, type Wire } from './reading.ts';

const elsewhere = 'us-west-2';
let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(() => moto.stop());

interface Answer {
  readonly code: number;
  readonly stderr: string;
  readonly asked: readonly string[];
  readonly report: {
    readonly verdict?: string;
    readonly results?: readonly { readonly principal?: string; readonly verdict: string }[];
    readonly gaps?: readonly { readonly what: string }[];
  };
}

async function ask(args: readonly string[], { faultFor = () => undefined, rewrite }: Wire = {}): Promise<Answer> {
  const proxy = await startProxy(moto.endpoint, faultFor, rewrite);
  let [stdout, stderr] = ['', ''];
  const io = {
    stdout: { write: (text: string) => void (stdout += text) },
    stderr: { write: (text: string) => void (stderr += text) },
    environment: keys,
    now: () => new Date(),
  };
  const code = await run([...args, '--endpoint-url', proxy.endpoint, '--output', 'json'], io);
  await proxy.stop();
  return { code, stderr, asked: proxy.asked, report: stdout === '' ? {} : JSON.parse(stdout) };
}

const two = ['--principal', operator, '--principal', drRestore, '--region', region];
const both = ['--snapshot', 'ledger-monthly', '--snapshot', 'orders-before-upgrade'];

describe('a live run of several questions', () => {
  test('answers each principal for each source, and the SDK warns of nothing', async () => {
    const warn = vi.spyOn(console, 'warn');
    const { code, stderr, report } = await ask(['restore', ...two, ...both]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(report.results).toHaveLength(4);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test.each([['kms:ListAliases'], ['kms:DescribeKey'], ['kms:GetKeyPolicy'], ['kms:ListGrants'], ['iam:GetRole']])(
    'contradicts nothing where %s is refused, and names it',
    async (action) => {
      const { code, stderr, report } = await ask(['restore', ...two, ...both], refuse(action));
      expect(stderr).toBe('');
      expect([0, 1, 2]).toContain(code);
      expect(report.results).toHaveLength(4);
      expect(JSON.stringify(report)).toContain(action);
    },
  );

  // A policy may allow kms:DescribeKey only by an alias, with kms:RequestAlias, and may deny
  // kms:ListAliases.
  test.each([
    ['kms:DescribeKey by an alias', [], /^(?!.*KeyId":"alias\/)/],
    ['kms:DescribeKey by an ARN', [], /KeyId":"alias\//],
    ['kms:DescribeKey by an ARN, and kms:ListAliases', ['kms:ListAliases'], /KeyId":"alias\//],
  ])('contradicts nothing where %s is refused', async (_, others, allowed) => {
    const wire: Wire = {
      faultFor: (operation, body) =>
        others.includes(operation) || (operation === 'kms:DescribeKey' && !allowed.test(body))
          ? { code: 'AccessDeniedException', status: 400 }
          : undefined,
    };
    const { code, stderr, report } = await ask(['restore', ...two, ...both, '--kms-key-id', 'alias/ledger'], wire);
    expect(stderr).toBe('');
    expect([0, 1, 2]).toContain(code);
    expect(report.results).toHaveLength(4);
  });

  test('knows the keys of a copy that names none, and those of another copy whole', async () => {
    const [here, there] = [`arn:aws:rds:${region}:${account}:cluster-snapshot:ledger-monthly`, region];
    const args = ['copy-snapshot', ...two, '--snapshot', here, '--region', elsewhere, '--region', there];
    const { stderr, report } = await ask(args);
    expect(stderr).toBe('');
    expect(report.results).toHaveLength(4);
  });

  test('reads several Regions, and contradicts nothing where kms:ListAliases is refused', async () => {
    const args = ['restore', ...two, '--region', elsewhere];
    const [open, refused] = [await ask(args), await ask(args, refuse('kms:ListAliases'))];
    expect([open.stderr, refused.stderr]).toEqual(['', '']);
    expect(refused.report.results?.length).toBe(open.report.results?.length);
  });
});

test('a multi-Region key that is named by its ARN in another Region is read as its replica', async () => {
  const kms = new KMSClient({ endpoint: moto.endpoint, region, credentials });
  const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({ MultiRegion: true }));
  const there = `arn:aws:kms:${elsewhere}:${account}:key/${made?.KeyId}`;
  const { code, stderr, report, asked } = await ask([
    'restore',
    '--principal',
    drRestore,
    '--snapshot',
    'ledger-monthly',
    '--region',
    region,
    '--kms-key-id',
    there,
  ]);
  expect({ code, stderr }).toEqual({ code: expect.any(Number), stderr: '' });
  // One call for the key of the snapshot, and one for the replica.
  expect(asked.filter((one) => one === 'kms:DescribeKey')).toHaveLength(2);
  expect(JSON.stringify(report)).toContain(made?.Arn);
});
