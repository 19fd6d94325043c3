import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { drRestore } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { type Fault, startProxy } from './proxy.ts';

let moto: Emulator;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(async () => {
  await moto.stop();
  rmSync(folder, { recursive: true });
});

const clear = '\r\u001b[K';

/** The text on standard error, which is a terminal of 60 columns if `isTTY` is true. */
async function written(argv: readonly string[], isTTY: boolean, fault?: Fault): Promise<string> {
  let stderr = '';
  // The SDK would retry calls that the emulator does not know.
  const faultFor = (operation: string): Fault | undefined =>
    /ClusterAutomatedBackups/.test(operation)
      ? { code: 'AccessDenied', status: 403 }
      : operation === 'kms:DescribeKey'
        ? fault
        : undefined;
  const proxy = await startProxy(moto.endpoint, faultFor);
  const write = (text: string): void => {
    stderr += text;
  };
  await run([...argv, '--endpoint-url', proxy.endpoint, '--region', region], {
    stdout: { write: () => undefined },
    stderr: { write, isTTY, columns: 60 },
    environment: {},
    now: () => new Date(),
  });
  await proxy.stop();
  return stderr;
}

describe('progress', () => {
  const check = ['restore', '--principal', drRestore, '--snapshot', 'ledger-monthly'];
  const collect = () => ['collect', join(folder, 'x.json')];

  test('of collect counts what has been read, on one line that is gone at the end', async () => {
    const lines = (await written(collect(), true)).split(clear);
    expect(lines).toContain('reading the caller ...');
    expect(lines.some((line) => /^account \d{12}: .*\d of IAM/.test(line))).toBe(true);
    expect(lines.some((line) => /2 keys/.test(line))).toBe(true);
    expect(lines.at(-1)).toBe('');
    expect(lines.filter((line) => line.length >= 60 || line.includes('\n'))).toEqual([]);
  });

  test('of a check says what is read, and is gone before an error', async () => {
    expect((await written(check, true)).split(clear)).toEqual([
      '',
      `reading arn:aws:iam::${account}:role/recovery/dr-restore and data in us-east-1 ...`.slice(0, 59),
      '',
    ]);
    const failed = await written(check, true, { code: 'ExpiredTokenException', status: 400 });
    expect(failed.split(clear).at(-1)).toMatch(/^error: kms:DescribeKey: the credentials have expired/);
  });

  test('is not shown without a terminal', async () => {
    expect(await written(check, false)).toBe('');
    expect(await written(collect(), false)).toBe('');
  });
});
