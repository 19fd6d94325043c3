import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys, run } from './command.ts';
import { fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { type Fault, startProxy } from './proxy.ts';

/* The effect of failed reads on the output and the exit code of `collect`. */

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

const broken: Fault = { code: 'InternalFailure', status: 500 };
/** An unknown operation gets an empty answer, because the emulator does not know the operation. */
const unknown = (operation: string): Fault | undefined =>
  /AutomatedBackups/.test(operation) ? { code: '', status: 200, body: `<${operation.slice(4)}Response/>` } : undefined;

async function collected(
  name: string,
  faultFor: (operation: string) => Fault | undefined,
  more: readonly string[] = [],
) {
  const proxy = await startProxy(moto.endpoint, (operation) => faultFor(operation) ?? unknown(operation));
  const path = join(folder, name);
  const args = ['collect', '--endpoint-url', proxy.endpoint, '--region', region, path, ...more];
  const ran = await run(args, { ...keys, AWS_MAX_ATTEMPTS: '1' });
  await proxy.stop();
  return { ...ran, path };
}

test('nothing is written where every read failed', async () => {
  const all = (operation: string) => (operation === 'sts:GetCallerIdentity' ? undefined : broken);
  const { code, stdout, stderr, path } = await collected('none.json', all);
  expect({ code, stdout }).toEqual({ code: 254, stdout: '' });
  expect(stderr).toMatch(
    /^error: could not read anything in account \d{12}: \d+ reads failed.*\n {2}no file was written/s,
  );
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('a refused read is a gap, and makes --fail-on-gaps fail', async () => {
  const one = (operation: string) =>
    operation === 'kms:GetKeyPolicy' ? { code: 'AccessDeniedException', status: 400 } : undefined;
  expect((await collected('some.json', one)).code).toBe(0);
  const { code, stdout, path } = await collected('failed.json', one, ['--fail-on-gaps']);
  expect(code).toBe(254);
  expect(stdout).toMatch(/^wrote .*failed\.json, but \d+ reads? failed\n/);
  expect(stdout).toContain('permissions --mode organization');
  expect(stdout).toContain('not read: kms:GetKeyPolicy');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ gaps: expect.any(Array) });
});

test('a key that KMS does not have is no failed read', async () => {
  const gone = (operation: string) =>
    operation === 'kms:DescribeKey' ? { code: 'NotFoundException', status: 400 } : undefined;
  const failedReads = (stdout: string) => /but (\d+) reads? failed/.exec(stdout)?.[1];
  const whole = await collected('whole.json', () => undefined);
  const { code, stdout } = await collected('gone.json', gone, ['--fail-on-gaps']);
  expect(stdout).toMatch(/^ {2}KMS has no key arn:aws:kms:/m);
  expect(stdout).not.toContain('kms:DescribeKey');
  expect({ code, failed: failedReads(stdout) }).toEqual({
    code: failedReads(whole.stdout) === undefined ? 0 : 254,
    failed: failedReads(whole.stdout),
  });
});

test('a read that AWS throttled may succeed later', async () => {
  const one = (operation: string) =>
    operation === 'kms:ListGrants' ? { code: 'ThrottlingException', status: 400 } : undefined;
  const { stdout } = await collected('throttled.json', one);
  expect(stdout).toContain('some of the reads may succeed later: run collect again');
});

test('credentials that a Region refuses are an error that names the Region', async () => {
  const one = (operation: string) =>
    operation === 'rds:DescribeDBClusters' ? { code: 'InvalidClientTokenId', status: 403 } : undefined;
  const { code, stderr } = await collected('refused.json', one);
  expect(code).toBe(253);
  expect(stderr).toContain(`error: rds:DescribeDBClusters in ${region}: AWS refused the credentials`);
});

test('lists that could not be read are no empty lists', async () => {
  const rds = (operation: string) => (operation.startsWith('rds:') ? broken : undefined);
  const { code, stdout, path } = await collected('no-rds.json', rds);
  expect(code).toBe(0);
  expect(stdout).toContain(`${region}: clusters and instances not read, snapshots not read, keys not read`);
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('"keys"');
});
