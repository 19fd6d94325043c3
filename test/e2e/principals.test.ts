import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { runHere } from '../cli.ts';

const account = 'arn:aws:iam::111122223333';
const roles = demoEvidence.accounts['111122223333']?.iam?.RoleDetailList ?? [];
const asOperator = roles.find(({ RoleName }) => RoleName === 'operator');
const sso = 'AWSReservedSSO_Admins_0123456789abcdef';
const ssoArn = `${account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/${sso}`;
const linkedArn = `${account}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * The example with more roles. Each has the rights of operator. The account is in an organization
 * whose SCP denies RDS.
 */
function evidence(changes: Readonly<Record<string, unknown>> = {}): string {
  const path = join(folder, 'evidence.json');
  const more = [
    { ...asOperator, RoleName: sso, Arn: ssoArn },
    { ...asOperator, RoleName: 'AWSServiceRoleForBackup', Arn: linkedArn },
  ];
  const iam = '/accounts/111122223333/iam/RoleDetailList';
  writeFileSync(path, JSON.stringify(changed(demoEvidence, { [iam]: [...roles, ...more], ...changes })));
  return path;
}

const document = (effect: string, action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: effect, Action: action, Resource: '*' }],
});
const underScp = {
  '/accounts/111122223333/organization': {
    id: 'o-abcdefghij',
    managementAccountId: '999999999999',
    path: [
      {
        id: '111122223333',
        type: 'ACCOUNT',
        scps: [
          { name: 'FullAWSAccess', document: document('Allow', '*') },
          { name: 'NoRds', document: document('Deny', 'rds:*') },
        ],
      },
    ],
  },
};

async function asked(principal: string, changes: Readonly<Record<string, unknown>> = {}) {
  const args = ['create-snapshot', '--cluster', 'orders', '--evidence', evidence(changes)];
  const { stdout, stderr } = await runHere([...args, '--principal', principal, '--output', 'json']);
  expect(stderr).toBe('');
  const { verdict, results } = v.parse(reportSchema, JSON.parse(stdout));
  return { verdict, arn: results[0]?.principal.arn, type: results[0]?.principal.type };
}

describe('a principal by name', { tags: 'slow' }, () => {
  test.each([
    ['role/dr-restore', `${account}:role/dr-restore`],
    ['user/administrator', `${account}:user/administrator`],
    ['root', `${account}:root`],
    [`role/${sso}`, ssoArn],
    [`role/aws-reserved/sso.amazonaws.com/eu-west-1/${sso}`, ssoArn],
  ])('%s is %s', async (name, arn) => {
    expect(await asked(name)).toEqual(await asked(arn));
    expect((await asked(name)).arn).toBe(arn);
  });

  test('an unknown one is an error that suggests the nearest names', async () => {
    const { code, stderr } = await runHere(['restore', '--demo', '--principal', 'role/dr-restor']);
    expect(code).toBe(252);
    expect(stderr).toContain('`arn:aws:iam::111122223333:role/dr-restor`');
    expect(stderr).toContain('`arn:aws:iam::111122223333:role/dr-restore`');
  });

  test('with two accounts and no caller, the account of a name is unknown', async () => {
    const path = evidence({ '/accounts/444455556666': {}, '/caller': null });
    const { code, stderr } = await runHere(['restore', '--evidence', path, '--principal', 'role/dr-restore']);
    expect(code).toBe(252);
    expect(stderr).toContain('111122223333 and 444455556666');
    expect(stderr).toContain('arn:aws:iam::111122223333:role/dr-restore');
  });
});

describe.each([
  ['aws-cn', 'cn-north-1', []],
  ['aws-us-gov', 'us-gov-west-1', []],
  ['aws-eusc', 'eusc-de-east-1', ['slow']],
  ['aws-iso', 'us-iso-east-1', ['slow']],
  ['aws-iso-b', 'us-isob-east-1', ['slow']],
  ['aws-iso-e', 'eu-isoe-west-1', ['slow']],
  ['aws-iso-f', 'us-isof-south-1', ['slow']],
])('a principal of %s', (partition, region, tags) => {
  test.each([
    ['by ARN', `arn:${partition}:iam::111122223333:role/operator`],
    ['by name', 'role/operator'],
  ])('%s', { tags }, async (_, principal) => {
    const path = join(folder, `${partition}.json`);
    const text = JSON.stringify(demoEvidence)
      .replaceAll('arn:aws:', `arn:${partition}:`)
      .replaceAll('us-east-1', region);
    writeFileSync(path, text);
    const args = ['restore', '--evidence', path, '--snapshot', 'orders-before-upgrade', '--principal', principal];
    const { code, stdout, stderr } = await runHere([...args, '--output', 'json']);
    expect([code, stderr]).toEqual([1, '']);
    const [result] = v.parse(reportSchema, JSON.parse(stdout)).results;
    expect(result?.principal.arn).toBe(`arn:${partition}:iam::111122223333:role/operator`);
    expect(result?.calls.map((call) => [call.action, call.decision])).toContainEqual(['kms:CreateGrant', 'denied']);
  });
});

describe('a principal of its own kind', { tags: 'slow' }, () => {
  test('a session of an Identity Center role has the policies of the role, whose path its ARN lacks', async () => {
    const session = `arn:aws:sts::111122223333:assumed-role/${sso}/alice@example.com`;
    expect(await asked(session)).toEqual({ ...(await asked(ssoArn)), arn: session, type: 'session' });
  });

  test('SCPs do not reach a service-linked role', async () => {
    expect((await asked('role/operator', underScp)).verdict).toBe('fails');
    expect((await asked('role/AWSServiceRoleForBackup', underScp)).verdict).toBe((await asked(linkedArn)).verdict);
    expect((await asked('role/AWSServiceRoleForBackup', underScp)).verdict).not.toBe('fails');
  });

  test('SCPs reach root of a member account', async () => {
    expect((await asked('root', underScp)).verdict).toBe('fails');
    expect((await asked('root')).verdict).toBe('succeeds');
  });

  test('what a federated user may do is not known', async () => {
    expect((await asked('arn:aws:sts::111122223333:federated-user/bob')).verdict).toBe('undetermined');
  });
});

test('a deleted principal in a key policy is shown as deleted', async () => {
  const policy = '/accounts/111122223333/regions/us-east-1/kms/keys/1/Policy';
  const gone = { Effect: 'Allow', Principal: { AWS: 'AROAGONEGONEGONEGONE' }, Action: 'kms:*', Resource: '*' };
  const path = evidence({ [policy]: { Version: '2012-10-17', Statement: [gone] } });
  const args = ['restore', '--evidence', path, '--principal', 'role/dr-restore', '--snapshot', 'ledger-monthly'];
  const said = (stdout: string): string => stdout.replaceAll(/\s+/g, ' ');
  const plain = await runHere(args);
  expect(plain.code).toBe(1);
  expect(said(plain.stdout)).toContain('has AROAGONEGONEGONEGONE, the ID of a deleted principal');
  expect(said((await runHere([...args, '--explain'])).stdout)).toContain('AROAGONEGONEGONEGONE (a deleted principal)');
});
