import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAuthorization } from '../../src/collect/authorization.ts';
import { makeReader } from '../../src/collect/reader.ts';
import { settingsFrom } from '../../src/collect/settings.ts';
import { readEvidenceFiles } from '../../src/evidence/load.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { drRestore, keys, operator, run, through } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { startProxy } from './proxy.ts';
import { fillKey, fillStaff } from './staff.ts';
import { fillEndpoint, fillOrganization, policyText } from './surroundings.ts';

const elsewhere = 'eu-west-1';
const reader = 'arn:aws:iam::444455556666:role/reader';

let moto: Emulator;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillFoundingCase(moto.endpoint, elsewhere);
  await fillStaff(moto.endpoint);
  await fillKey(moto.endpoint, 'alias/ledger');
  await fillOrganization(moto.endpoint);
  await fillEndpoint(moto.endpoint);
  await new KMSClient({ endpoint: moto.endpoint, region, credentials }).send(new CreateKeyCommand({}));
});
afterAll(async () => {
  await moto.stop();
  rmSync(folder, { recursive: true });
});

/** The emulator answers unknown calls with an error that the SDK would retry. */
const once = { ...keys, AWS_MAX_ATTEMPTS: '1' };
const live = (): readonly string[] => ['--endpoint-url', moto.endpoint, '--region', region];

function evidenceAt(path: string): Evidence {
  const [file] = readEvidenceFiles([path]);
  if (file === undefined) throw new Error(`no evidence at ${path}`);
  return file.evidence;
}

async function collected(name: string, args: readonly string[] = []): Promise<Evidence> {
  const path = join(folder, name);
  const { code, stderr, stdout } = await run(['collect', ...live(), ...args, path], once);
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringContaining(account), stderr: '' });
  return evidenceAt(path);
}

describe('collect', () => {
  test('reads the facts of an account that checks need', async () => {
    const evidence = await collected('one.json');
    const known = evidence.accounts[account];
    expect(known?.iam?.RoleDetailList?.map((role) => role.RoleName)).toEqual(['assistant', 'operator', 'dr-restore']);
    expect(known?.iam?.UserDetailList?.map((user) => user.UserName)).toEqual(['administrator', 'deputy']);
    expect(known?.iam?.GroupDetailList).toHaveLength(2);
    expect(known?.regions?.[region]?.rds?.DBClusterSnapshots?.length).toBeGreaterThan(2);
    expect(known?.regions?.[region]?.rds?.DBClusterSnapshotAttributes?.length).toBeGreaterThan(1);
    expect(known?.regions?.[region]?.kms?.keys).toHaveLength(2);
    const ledger = known?.regions?.[region]?.kms?.keys?.find((key) => key.Grants?.length === 2);
    expect(ledger?.Aliases?.map((alias) => alias.AliasName)).toContain('alias/ledger');
    expect(Object.keys(known?.regions ?? {})).toEqual([region]);
  });

  test('reads the path in the organization with its policies, and the endpoints of RDS', async () => {
    const known = (await collected('two.json')).accounts[account];
    expect(known?.organization?.path).toMatchObject([
      {
        type: 'ROOT',
        scps: [{ name: 'FullAWSAccess' }, { name: 'keep-clusters', document: policyText }],
        rcps: [{ name: 'RCPFullAWSAccess' }],
      },
      { id: account, type: 'ACCOUNT', scps: [{ name: 'FullAWSAccess' }] },
    ]);
    expect(known?.regions?.[region]?.vpcEndpointPolicies).toEqual([
      { name: expect.stringMatching(/^vpce-/), document: policyText },
    ]);
  });

  test('reports what it read and what it could not read', async () => {
    const asked = ['collect', join(folder, 'refused.json')];
    const { code, stdout } = await through(
      moto.endpoint,
      { 'kms:GetKeyPolicy': { code: 'AccessDeniedException', status: 400 } },
      asked,
      once,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('5 users and roles');
    expect(stdout).toMatch(/not read: kms:GetKeyPolicy arn:.* in us-east-1: AccessDeniedException/);
  });

  test('gives the verdicts that a live check gives', async () => {
    await collected('three.json.gz');
    for (const [principal, code] of [
      [drRestore, 0],
      [operator, 1],
    ] as const) {
      const asked = ['restore', '--principal', principal, '--snapshot', 'ledger-monthly', '--region', region];
      const offline = await run([...asked, '--evidence', join(folder, 'three.json.gz')]);
      expect({ stderr: offline.stderr, code: offline.code }).toEqual({ stderr: '', code });
    }
  });

  test('writes the same bytes again, except for the time', async () => {
    const bytes = (name: string): string =>
      readFileSync(join(folder, name), 'utf8').replaceAll(/"(collectedAt|LatestRestorableTime)": "[^"]*"/g, '$1');
    await collected('four.json');
    await collected('five.json');
    expect(bytes('five.json')).toBe(bytes('four.json'));
    expect(bytes('five.json').split('\n').length).toBeGreaterThan(100);
  });

  test('reads several Regions, or all that are enabled', async () => {
    const two = await collected('six.json', ['--region', elsewhere]);
    expect(Object.keys(two.accounts[account]?.regions ?? {})).toEqual([elsewhere, region]);
    const path = join(folder, 'seven.json');
    const asked = ['collect', '--endpoint-url', moto.endpoint, '--all-regions', path];
    const { code } = await run(asked, { ...once, AWS_REGION: region });
    expect(code).toBe(0);
    expect(Object.keys(evidenceAt(path).accounts[account]?.regions ?? {}).length).toBeGreaterThan(10);
  });

  test('reads keys that nothing uses only if asked to', async () => {
    const keysOf = async (name: string, args: readonly string[]): Promise<number | undefined> =>
      (await collected(name, ['--region', 'us-west-2', ...args])).accounts[account]?.regions?.[region]?.kms?.keys
        ?.length;
    expect(await keysOf('eight.json', [])).toBe(2);
    expect(await keysOf('nine.json', ['--all-keys'])).toBeGreaterThan(2);
  });

  test('assumes a role in another account, and writes a file for each account', async () => {
    const into = mkdtempSync(join(folder, 'each-'));
    const asked = ['collect', ...live(), '--role-arn', reader, into];
    const { code, stdout } = await run(asked, once);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('account 444455556666') });
    expect(readdirSync(into).toSorted()).toEqual([`${account}.json`, '444455556666.json']);
    expect(evidenceAt(join(into, '444455556666.json')).caller?.Arn).toContain('assumed-role/reader/aurora-kms-check');
    const merged = await run(['restore', '--evidence', into, '--principal', drRestore, '--snapshot', 'ledger-monthly']);
    expect(merged).toMatchObject({ code: 0, stderr: '' });
  });

  test('leaves a gap for a role that may not be assumed', async () => {
    const asked = ['collect', '--role-arn', reader, join(folder, 'ten.json')];
    const refused = { 'sts:AssumeRole': { code: 'AccessDenied', status: 403 } };
    expect(await through(moto.endpoint, refused, asked, once)).toMatchObject({ code: 0 });
    expect(evidenceAt(join(folder, 'ten.json')).gaps).toContainEqual(
      expect.objectContaining({ what: 'sts:AssumeRole', account: '444455556666', resource: reader }),
    );
  });

  test('holds no credentials', async () => {
    const path = join(folder, 'eleven.json');
    await run(['collect', ...live(), '--role-arn', reader, path, '--debug'], once);
    expect(readFileSync(path, 'utf8')).not.toMatch(/testing|ASIA|SessionToken|FQoGZXIv|AWS_(?!KMS)/);
    expect(statSync(path).mode & 0o077).toBe(0);
  });
});

const version = (id: string, isDefault: boolean): string =>
  `<member><VersionId>${id}</VersionId><IsDefaultVersion>${isDefault}</IsDefaultVersion><Document>%7B${id}%7D</Document></member>`;
const page = (list: string, rest: string): string =>
  `<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>${list}${rest}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`;
const policy = `arn:aws:iam::${account}:policy/limit`;
const pages = [
  page(
    `<RoleDetailList><member><Arn>${operator}</Arn><RoleName>operator</RoleName><PermissionsBoundary><PermissionsBoundaryArn>${policy}</PermissionsBoundaryArn></PermissionsBoundary></member></RoleDetailList>`,
    '<IsTruncated>true</IsTruncated><Marker>next</Marker>',
  ),
  page(
    `<Policies><member><Arn>${policy}</Arn><DefaultVersionId>v2</DefaultVersionId><PolicyVersionList>${version('v1', false)}${version('v2', true)}</PolicyVersionList></member></Policies>`,
    '<IsTruncated>false</IsTruncated>',
  ),
];

describe('the authorization details, which the emulator gives whole and without the texts of managed policies', () => {
  test('come page by page; boundaries, and the default version of each policy, are kept', async () => {
    const left = [...pages];
    const proxy = await startProxy(moto.endpoint, () => ({ code: '', status: 200, body: left.shift() ?? '' }));
    try {
      const settings = await settingsFrom({ region, endpointUrl: proxy.endpoint, environment: {} });
      const iam = await readAuthorization(account, settings, makeReader({ endpoint: undefined, tolerant: false }));
      expect(iam).toEqual({
        UserDetailList: [],
        GroupDetailList: [],
        RoleDetailList: [
          expect.objectContaining({ Arn: operator, PermissionsBoundary: { PermissionsBoundaryArn: policy } }),
        ],
        Policies: [
          {
            Arn: policy,
            DefaultVersionId: 'v2',
            PolicyVersionList: [{ VersionId: 'v2', Document: '%7Bv2%7D', IsDefaultVersion: true }],
          },
        ],
      });
    } finally {
      await proxy.stop();
    }
  });
});

describe('collect --anonymize', () => {
  test('gives other names and the same verdicts', async () => {
    const plain = await collected('plain.json');
    const path = join(folder, 'anonymous.json');
    const { code, stdout } = await run(['collect', ...live(), '--anonymize', path], once);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.not.stringContaining(account) });
    const text = readFileSync(path, 'utf8');
    expect(text).not.toMatch(/operator|dr-restore|ledger|orders|administrator|keep-clusters|deputy|123456789012/);
    const roles = (evidence: Evidence): readonly string[] =>
      Object.values(evidence.accounts).flatMap((known) => known.iam?.RoleDetailList?.map((role) => role.Arn) ?? []);
    const verdicts = async (file: string, principals: readonly string[]): Promise<readonly string[]> => {
      const all = principals.map(async (principal) => {
        const asked = ['restore', '--evidence', file, '--principal', principal, '--output', 'json'];
        const report: { readonly summary: unknown } = JSON.parse((await run(asked)).stdout);
        return JSON.stringify(report.summary);
      });
      return (await Promise.all(all)).toSorted();
    };
    const before = await verdicts(join(folder, 'plain.json'), roles(plain));
    expect(before.length).toBeGreaterThan(2);
    expect(await verdicts(path, roles(evidenceAt(path)))).toEqual(before);
  });
});

describe('collect fails', () => {
  test.each([
    ['without a file', [], /no file given/],
    ['with a path as --output', ['--output', 'x.json'], /--output names a format.*collect x\.json/s],
    ['into a folder that does not exist', ['/nowhere/x.json'], /no such folder/],
    ['on an invalid role', ['x', '--role-arn', 'admin'], /give the ARN of a role/],
    ['on the account that it reads anyway', ['--role-arn', `arn:aws:iam::${account}:role/x`, '-'], /given twice/],
  ])('%s', async (_, args, says) => {
    const { code, stdout, stderr } = await run(['collect', ...live(), ...args]);
    expect({ code, stdout, stderr }).toEqual({ code: 252, stdout: '', stderr: expect.stringMatching(says) });
  });

  test('where the credentials do, and writes nothing', async () => {
    const path = join(folder, 'none.json');
    const faults = { 'kms:DescribeKey': { code: 'ExpiredTokenException', status: 400 } };
    const { code } = await through(moto.endpoint, faults, ['collect', path], once);
    expect(code).toBe(253);
    expect(readdirSync(folder).filter((name) => name.startsWith('none'))).toEqual([]);
  });
});
