import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateDBClusterSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../src/check/report.ts';
import { collect } from '../../src/collect/collect.ts';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { blocksOf } from '../readme.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, freePort, startMoto } from './moto.ts';
import { type Fault, startProxy } from './proxy.ts';

const bin = fileURLToPath(new URL('../../bin/aurora-kms-check.js', import.meta.url));
const operator = `arn:aws:iam::${account}:role/operator`;
const drRestore = `arn:aws:iam::${account}:role/recovery/dr-restore`;
const keys = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(() => moto.stop());

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not spawnSync: the proxy of the faults lives in this process. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = keys): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

const live = (): readonly string[] => ['--endpoint-url', moto.endpoint, '--region', region];

async function report(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout, stderr } = await run([...args, '--output', 'json'], env);
  expect(stderr).toBe('');
  return { code, report: v.parse(reportSchema, JSON.parse(stdout)) };
}

describe('the founding case, read over the wire', () => {
  test('the operator can take a snapshot', async () => {
    const { code, report: found } = await report([
      'create-snapshot',
      '--principal',
      operator,
      '--cluster',
      'orders',
      ...live(),
    ]);
    expect({ code, verdict: found.verdict }).toEqual({ code: 0, verdict: 'succeeds' });
    expect(found.results[0]?.assumptions.join()).toContain('service control policies');
  });

  test('the operator cannot restore it', async () => {
    const asked = ['restore', '--principal', operator, '--snapshot', 'orders-before-upgrade', ...live()];
    const { code, report: found } = await report(asked);
    expect({ code, verdict: found.verdict }).toEqual({ code: 1, verdict: 'fails' });
    expect(found.results[0]?.expectedError?.code).toBe('KMSKeyNotAccessibleFault');
    const forwarded = found.results[0]?.calls.filter((call) => call.kind === 'forwarded') ?? [];
    expect(forwarded).toHaveLength(2);
    for (const call of forwarded) {
      expect(call).toMatchObject({ denial: 'explicit', lacking: ['identity policy'] });
      expect(call.decidedBy).toMatchObject([{ sid: 'Deny actions except AdminRole' }]);
    }
  });

  test('role/dr-restore can restore ledger-monthly', async () => {
    const { code } = await report(['restore', '--principal', drRestore, '--snapshot', 'ledger-monthly', ...live()]);
    expect(code).toBe(0);
  });

  test('the administrator can restore everything in the Region', async () => {
    const { code, report: found } = await report([
      'restore',
      '--principal',
      `arn:aws:iam::${account}:user/administrator`,
      ...live(),
    ]);
    expect(code).toBe(0);
    expect(found.summary.succeeds).toBe(4);
  });

  test('under --strict unread SCPs leave it undetermined', async () => {
    const asked = ['restore', '--principal', drRestore, '--snapshot', 'ledger-monthly', '--strict', ...live()];
    expect((await report(asked)).code).toBe(2);
  });

  test('another key is named by its alias', async () => {
    const asked = [
      'restore',
      '--principal',
      `arn:aws:iam::${account}:user/administrator`,
      '--snapshot',
      'orders-before-upgrade',
    ];
    const { report: found } = await report([...asked, '--kms-key-id', 'alias/ledger', ...live()]);
    expect(found.results[0]?.target.keyAlias).toBe('alias/ledger');
    expect(found.verdict).toBe('succeeds');
  });
});

describe('who asks', () => {
  test('without --principal it is the caller of the credentials', async () => {
    const iam = new IAMClient({ endpoint: moto.endpoint, region, credentials });
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'administrator' }));
    const env = {
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '',
    };
    const { code, report: found } = await report(['restore', '--snapshot', 'orders-before-upgrade', ...live()], env);
    expect(code).toBe(0);
    expect(found.results[0]?.principal.arn).toBe(`arn:aws:iam::${account}:user/administrator`);
  });

  test('a role session is its role, with the path that IAM knows', async () => {
    const sts = new STSClient({ endpoint: moto.endpoint, region, credentials });
    const { Credentials: session } = await sts.send(
      new AssumeRoleCommand({ RoleArn: drRestore, RoleSessionName: 'night' }),
    );
    const env = {
      AWS_ACCESS_KEY_ID: session?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: session?.SecretAccessKey ?? '',
      AWS_SESSION_TOKEN: session?.SessionToken ?? '',
    };
    const { code, report: found } = await report(['restore', '--snapshot', 'ledger-monthly', ...live()], env);
    expect(code).toBe(0);
    expect(found.results[0]?.principal).toMatchObject({
      arn: `arn:aws:sts::${account}:assumed-role/dr-restore/night`,
      type: 'session',
    });
  });

  test('a principal that IAM does not know is named', async () => {
    const { code, stderr, stdout } = await run([
      'restore',
      '--principal',
      `arn:aws:iam::${account}:role/nobody`,
      ...live(),
    ]);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(stderr).toContain(`IAM knows no principal \`arn:aws:iam::${account}:role/nobody\``);
  });
});

describe('what is read', () => {
  test('is evidence by its schema, page by page', async () => {
    const rds = new RDSClient({ endpoint: moto.endpoint, region: 'eu-west-1', credentials });
    await fillFoundingCase(moto.endpoint, 'eu-west-1');
    const names = Array.from({ length: 120 }, (_, index) => `many-${index}`);
    for (const DBClusterSnapshotIdentifier of names) {
      await rds.send(
        new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier, DBClusterIdentifier: 'ledger' }),
      );
    }
    const options = { region: 'eu-west-1', endpointUrl: moto.endpoint, environment: keys };
    Object.assign(process.env, keys);
    const { evidence } = await collect({ target: 'snapshots', principal: operator }, options);
    expect(v.safeParse(evidenceSchema, evidence).success).toBe(true);
    const snapshots = evidence.accounts[account]?.regions?.['eu-west-1']?.rds?.DBClusterSnapshots ?? [];
    expect(snapshots.filter((snapshot) => snapshot.DBClusterSnapshotIdentifier.startsWith('many-'))).toHaveLength(120);
    expect(evidence.accounts[account]?.iam?.RoleDetailList?.map((role) => role.Arn)).toEqual([operator]);
  });

  test('a snapshot that there is not is answered with those that there are', async () => {
    const { code, stderr } = await run([
      'restore',
      '--principal',
      operator,
      '--snapshot',
      'orders-before-upgrad',
      ...live(),
    ]);
    expect(code).toBe(252);
    expect(stderr).toContain('`orders-before-upgrade`');
  });

  test('in the wrong Region there is no such snapshot', async () => {
    const asked = [
      'restore',
      '--principal',
      operator,
      '--snapshot',
      'orders-before-upgrade',
      '--endpoint-url',
      moto.endpoint,
    ];
    const { code, stderr } = await run([...asked, '--region', 'us-west-2']);
    expect({ code, stderr }).toMatchObject({ code: 252, stderr: expect.stringContaining('us-west-2') });
  });
});

describe('README.md', () => {
  const commands = blocksOf(new URL('../../README.md', import.meta.url))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.trim().split('\n'))
    .filter((line) => line.startsWith('aurora-kms-check '));

  test('shows live commands', () => {
    expect(commands.length).toBeGreaterThan(3);
  });

  test.each(commands)('%s', async (command) => {
    const env = { ...keys, AWS_ENDPOINT_URL: moto.endpoint, AWS_REGION: region };
    const { code, stderr } = await run(command.split(' ').slice(1), env);
    expect({ stderr, answered: [0, 1, 2].includes(code ?? -1) }).toEqual({ stderr: '', answered: true });
  });
});

/** Runs a check through a proxy that answers some operations with a fault. */
async function through(
  faults: Readonly<Record<string, Fault>>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran & { readonly asked: readonly string[] }> {
  const proxy = await startProxy(moto.endpoint, (operation) => faults[operation]);
  try {
    const ran = await run([...args, '--endpoint-url', proxy.endpoint, '--region', region], { ...keys, ...env });
    return { ...ran, asked: proxy.asked };
  } finally {
    await proxy.stop();
  }
}

const refusedJson: Fault = { code: 'AccessDeniedException', status: 400 };
const refusedXml: Fault = { code: 'AccessDenied', status: 403 };

describe('reads that are refused', () => {
  test('leave what hangs on them undetermined, and are named', async () => {
    const ran = await through({ 'kms:GetKeyPolicy': refusedJson }, [
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
    expect(found.results[0]?.reasons.join()).toContain('kms:GetKeyPolicy');
  });

  test.each(['iam:GetRole', 'iam:ListRolePolicies', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies'])(
    '%s',
    async (operation) => {
      const ran = await through({ [operation]: refusedXml }, [
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
    },
  );

  test.each(['kms:DescribeKey', 'kms:ListGrants', 'kms:ListAliases', 'kms:ListResourceTags'])(
    '%s',
    async (operation) => {
      const ran = await through({ [operation]: refusedJson }, [
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
    },
  );

  test('without the snapshots there is no verdict', async () => {
    const ran = await through({ 'rds:DescribeDBClusterSnapshots': refusedXml }, ['restore', '--principal', operator]);
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
    expect(stderr).toContain('there are no AWS credentials');
  });

  test('no Region', async () => {
    const { code, stderr } = await run([...asked, '--endpoint-url', moto.endpoint]);
    expect(code).toBe(253);
    expect(stderr).toContain('there is no Region');
  });

  test('the Region of AWS_DEFAULT_REGION counts', async () => {
    const { code } = await run([...asked, '--endpoint-url', moto.endpoint], { ...keys, AWS_DEFAULT_REGION: region });
    expect(code).toBe(1);
  });

  test('an unknown profile', async () => {
    const { code, stderr } = await run([...asked, ...live(), '--profile', 'nobody']);
    expect(code).toBe(253);
    expect(stderr).toContain('there is no profile `nobody`');
  });

  test('an expired token', async () => {
    const ran = await through(aws({ code: 'ExpiredToken', status: 403 }), asked);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 254,
      stderr: expect.stringContaining('the credentials have expired'),
    });
  });

  test('keys that AWS does not know', async () => {
    const ran = await through(aws({ code: 'InvalidClientTokenId', status: 403 }), asked);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 254,
      stderr: expect.stringContaining('does not accept the credentials'),
    });
  });

  test('throttling that does not end', async () => {
    const ran = await through(aws({ code: 'Throttling', status: 400 }), asked, { AWS_MAX_ATTEMPTS: '2' });
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 254,
      stderr: expect.stringContaining('throttled the read 2 times'),
    });
    expect(ran.asked).toHaveLength(2);
  });

  test('an endpoint that refuses connections', async () => {
    const port = await freePort();
    const { code, stderr } = await run([...asked, '--endpoint-url', `http://127.0.0.1:${port}`, '--region', region], {
      ...keys,
      AWS_MAX_ATTEMPTS: '1',
    });
    expect({ code, stderr }).toEqual({
      code: 254,
      stderr: expect.stringContaining(`http://127.0.0.1:${port} refuses the connection`),
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
