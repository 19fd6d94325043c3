import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReportJson, reportSchema } from '../../src/contract/report.ts';
import { commandsOf, userPages } from '../readme.ts';
import { textsOf } from '../texts.ts';
import { administrator, drRestore, keys, operator, run } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(() => moto.stop());

const live = (): readonly string[] => ['--endpoint-url', moto.endpoint, '--region', region];

async function report(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly report: ReportJson }> {
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
    expect(textsOf(found.results[0]?.assumptions)).toContain('no SCP blocks this');
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
    const { code, report: found } = await report(['restore', '--principal', administrator, ...live()]);
    expect(code).toBe(0);
    expect(found.summary.succeeds).toBe(4);
  });

  test('under --strict unread SCPs leave it undetermined', async () => {
    const asked = ['restore', '--principal', drRestore, '--snapshot', 'ledger-monthly', '--strict', ...live()];
    expect((await report(asked)).code).toBe(2);
  });

  test('another key is named by its alias', async () => {
    const asked = ['restore', '--principal', administrator, '--snapshot', 'orders-before-upgrade'];
    const { report: found } = await report([...asked, '--kms-key-id', 'alias/ledger', ...live()]);
    expect(found.results[0]?.target.keyAlias).toBe('alias/ledger');
    expect(found.verdict).toBe('succeeds');
  });
});

describe('the principal of a check', () => {
  test('is the caller of the credentials without --principal', async () => {
    const iam = new IAMClient({ endpoint: moto.endpoint, region, credentials });
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'administrator' }));
    const env = {
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '',
    };
    const { code, report: found } = await report(['restore', '--snapshot', 'orders-before-upgrade', ...live()], env);
    expect(code).toBe(0);
    expect(found.results[0]?.principal.arn).toBe(administrator);
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

  test.each([
    ['role/dr-restore', drRestore],
    ['user/administrator', administrator],
  ])('%s is looked up, with the path that IAM knows', async (name, arn) => {
    const { report: found } = await report(['restore', '--principal', name, '--snapshot', 'ledger-monthly', ...live()]);
    expect(found.results[0]?.principal.arn).toBe(arn);
    expect(found.verdict).toBe('succeeds');
  });

  test('a principal that IAM does not know is named', async () => {
    const { code, stderr, stdout } = await run([
      'restore',
      '--principal',
      `arn:aws:iam::${account}:role/nobody`,
      ...live(),
    ]);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(stderr).toContain(`IAM has no principal \`arn:aws:iam::${account}:role/nobody\``);
  });
});

describe('the named source', () => {
  test('a snapshot that does not exist gives an error with the snapshots that exist', async () => {
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

describe.each(userPages.filter((page) => commandsOf(page, 'on AWS').length > 0))('%s', (page) => {
  // Some commands write files that later commands read.
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(commandsOf(page, 'on AWS'))('%s', async (command) => {
    const env = { ...keys, AWS_ENDPOINT_URL: moto.endpoint, AWS_REGION: region, AWS_MAX_ATTEMPTS: '1' };
    const { code, stderr } = await run(command.split(' ').slice(1), env, folder);
    expect({ stderr, answered: [0, 1, 2].includes(code ?? -1) }).toEqual({ stderr: '', answered: true });
  });
});

test('three pages show commands on AWS', () => {
  const pages = userPages.filter((page) => commandsOf(page, 'on AWS').length > 2);
  expect(pages).toEqual(['README.md', 'docs/evidence.md', 'docs/live.md']);
});
