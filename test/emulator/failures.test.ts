import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/contract/report.ts';
import { textsOf } from '../texts.ts';
import { administrator, drRestore, keys, operator, run, through } from './command.ts';
import { fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, freePort, startMoto } from './moto.ts';
import type { Fault } from './proxy.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(() => moto.stop());

const live = (): readonly string[] => ['--endpoint-url', moto.endpoint, '--region', region];

const refusedJson: Fault = { code: 'AccessDeniedException', status: 400 };
const refusedXml: Fault = { code: 'AccessDenied', status: 403 };

describe('reads that are refused', () => {
  test('leave what depends on them undetermined, and are named', async () => {
    const ran = await through(moto.endpoint, { 'kms:GetKeyPolicy': refusedJson }, [
      'restore',
      '--principal',
      drRestore,
      '--snapshot',
      'ledger-monthly',
      '--output',
      'json',
    ]);
    const found = v.parse(reportSchema, JSON.parse(ran.stdout));
    expect({ code: ran.code, verdict: found.verdict }).toEqual({ code: 2, verdict: 'undetermined' });
    expect(found.gaps).toMatchObject([
      { what: 'kms:GetKeyPolicy', reason: expect.stringContaining('AccessDeniedException') },
    ]);
    expect(textsOf(found.results[0]?.reasons)).toContain('kms:GetKeyPolicy');
  });

  test.each(['iam:GetRole', 'iam:ListRolePolicies', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies'])(
    '%s',
    async (operation) => {
      const ran = await through(moto.endpoint, { [operation]: refusedXml }, [
        'restore',
        '--principal',
        operator,
        '--snapshot',
        'ledger-monthly',
        '--output',
        'json',
      ]);
      const found = v.parse(reportSchema, JSON.parse(ran.stdout));
      expect(found.gaps.map((gap) => gap.what)).toEqual([operation]);
      expect(ran.code).toBe(operation === 'iam:GetRole' ? 1 : 2);
      expect(found.results[0]?.gaps).toEqual(operation === 'iam:GetRole' ? undefined : found.gaps);
    },
  );

  test.each(['kms:DescribeKey', 'kms:ListGrants', 'kms:ListAliases', 'kms:ListResourceTags'])(
    '%s',
    async (operation) => {
      const ran = await through(moto.endpoint, { [operation]: refusedJson }, [
        'restore',
        '--principal',
        drRestore,
        '--snapshot',
        'ledger-monthly',
        '--output',
        'json',
      ]);
      const found = v.parse(reportSchema, JSON.parse(ran.stdout));
      expect(found.gaps.map((gap) => gap.what)).toEqual([operation]);
      expect(ran.code).toBe(operation === 'kms:DescribeKey' ? 2 : 0);
      expect(found.results[0]?.gaps).toEqual(operation === 'kms:DescribeKey' ? found.gaps : undefined);
    },
  );

  test('the caller, if the command names another principal', async () => {
    const ran = await through(moto.endpoint, { 'sts:GetCallerIdentity': refusedXml }, [
      ...['restore', '--principal', drRestore, '--snapshot', 'ledger-monthly', '--output', 'json'],
    ]);
    const found = v.parse(reportSchema, JSON.parse(ran.stdout));
    expect({ code: ran.code, gaps: found.gaps.map((gap) => gap.what) }).toEqual({
      code: 0,
      gaps: ['sts:GetCallerIdentity'],
    });
  });

  test.each([
    ['iam:GetRole', drRestore],
    ['iam:GetUser', administrator],
  ])('%s leaves open whether there is a boundary', async (operation, principal) => {
    const asked = ['restore', '--principal', principal, '--snapshot', 'ledger-monthly'];
    const { code, stdout } = await through(moto.endpoint, { [operation]: refusedXml }, asked);
    expect(code).toBe(2);
    expect(stdout).toContain(`Allow ${operation} to the principal that runs this program`);
  });

  test('are named with the action to allow if the verdict depends on them, and in a line each if not', async () => {
    const { stdout } = await through(
      moto.endpoint,
      { 'kms:GetKeyPolicy': refusedJson, 'kms:ListResourceTags': refusedJson, 'kms:ListAliases': refusedJson },
      ['restore', '--principal', drRestore, '--snapshot', 'ledger-monthly'],
    );
    const said = stdout.slice(stdout.indexOf('Not read')).replaceAll(/\s+/g, ' ');
    expect(said).toMatch(
      /^Not read kms:GetKeyPolicy on key\/\S+ \(account \d+\): AccessDeniedException: refused by the test/,
    );
    expect(said).toContain(
      'Allow kms:GetKeyPolicy to the principal that runs this program. `aurora-kms-check permissions` prints',
    );
    for (const other of ['kms:ListAliases', 'kms:ListResourceTags'])
      expect(said).toMatch(
        new RegExp(
          `Could not read ${other} on key/\\S+ \\(account \\d+\\): AccessDeniedException: refused by the test\\. The result does not depend on it\\.`,
        ),
      );
  });

  test('kms:ListAliases does not hide the key that --kms-key-id names', async () => {
    const asked = [
      'restore',
      '--principal',
      administrator,
      '--snapshot',
      'ledger-monthly',
      '--kms-key-id',
      'alias/ledger',
    ];
    expect((await through(moto.endpoint, { 'kms:ListAliases': refusedJson }, asked)).code).toBe(0);
  });

  test('without the snapshots there is no verdict', async () => {
    const ran = await through(moto.endpoint, { 'rds:DescribeDBClusterSnapshots': refusedXml }, [
      'restore',
      '--principal',
      operator,
    ]);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 254, stdout: '' });
    expect(ran.stderr).toContain('rds:DescribeDBClusterSnapshots');
  });
});

describe('failures, one clear line each', () => {
  const asked = ['restore', '--principal', operator];
  const aws = (fault: Fault): Readonly<Record<string, Fault>> => ({ 'sts:GetCallerIdentity': fault });

  test('no credentials', async () => {
    const { code, stderr } = await run([...asked, ...live()], {});
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 253, lines: 2 });
    expect(stderr).toContain('no AWS credentials found');
  });

  test('no Region', async () => {
    const { code, stderr } = await run([...asked, '--endpoint-url', moto.endpoint]);
    expect(code).toBe(253);
    expect(stderr).toContain('no Region given');
  });

  test('the Region of AWS_DEFAULT_REGION counts', async () => {
    const { code } = await run([...asked, '--endpoint-url', moto.endpoint], { ...keys, AWS_DEFAULT_REGION: region });
    expect(code).toBe(1);
  });

  test('an unknown profile', async () => {
    const { code, stderr } = await run([...asked, ...live(), '--profile', 'nobody']);
    expect(code).toBe(253);
    expect(stderr).toContain('no profile `nobody`');
  });

  test('an unknown profile of AWS_PROFILE', async () => {
    const { code, stderr } = await run([...asked, ...live()], { ...keys, AWS_PROFILE: 'nobody' });
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 253, lines: 2 });
    expect(stderr).toContain('no profile `nobody` (of AWS_PROFILE)');
  });

  test('a Region that cannot exist', async () => {
    const { code, stderr } = await run(asked, { ...keys, AWS_REGION: 'Nowhere' });
    expect({ code, stderr }).toEqual({ code: 252, stderr: expect.stringContaining('AWS_REGION: `Nowhere`') });
  });

  test('a host that does not exist', async () => {
    const { code, stderr } = await run([...asked, '--endpoint-url', 'http://nowhere.invalid', '--region', region], {
      ...keys,
      AWS_MAX_ATTEMPTS: '1',
    });
    expect({ code, stderr }).toEqual({ code: 254, stderr: expect.stringContaining('check the Region name') });
  });

  test('an endpoint of the environment that refuses connections', async () => {
    const port = await freePort();
    const env = { ...keys, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_MAX_ATTEMPTS: '1' };
    const { code, stderr } = await run([...asked, '--region', region], env);
    expect({ code, stderr }).toEqual({ code: 254, stderr: expect.stringContaining(`127.0.0.1:${port} refused`) });
  });

  test('an expired token', async () => {
    const ran = await through(moto.endpoint, aws({ code: 'ExpiredToken', status: 403 }), asked);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 253,
      stderr: expect.stringContaining('the credentials have expired'),
    });
  });

  test('keys that AWS does not know', async () => {
    const ran = await through(moto.endpoint, aws({ code: 'InvalidClientTokenId', status: 403 }), asked);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 253,
      stderr: expect.stringContaining('AWS refused the credentials'),
    });
  });

  test('throttling that does not end', async () => {
    const ran = await through(moto.endpoint, aws({ code: 'Throttling', status: 400 }), asked, {
      AWS_MAX_ATTEMPTS: '2',
    });
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 254,
      stderr: expect.stringContaining('throttled the call 2 times'),
    });
    expect(ran.asked.filter((one) => one.startsWith('sts:'))).toHaveLength(2);
  });

  test('an endpoint that refuses connections', async () => {
    const port = await freePort();
    const { code, stderr } = await run([...asked, '--endpoint-url', `http://127.0.0.1:${port}`, '--region', region], {
      ...keys,
      AWS_MAX_ATTEMPTS: '1',
    });
    expect({ code, stderr }).toEqual({
      code: 254,
      stderr: expect.stringContaining(`http://127.0.0.1:${port} refused the connection`),
    });
  });

  test('an endpoint that is no URL', async () => {
    const { code, stderr } = await run([...asked, '--endpoint-url', 'localhost', '--region', region]);
    expect({ code, stderr }).toEqual({ code: 252, stderr: expect.stringContaining('is not a URL') });
  });

  test('AWS_PROFILE and secrets never show', async () => {
    const { stderr, stdout } = await run([...asked, ...live(), '--debug'], {
      ...keys,
      AWS_SECRET_ACCESS_KEY: 'very-secret-value',
    });
    expect(stderr + stdout).not.toContain('very-secret-value');
    expect(stderr).toContain('sts:GetCallerIdentity');
  });
});
