import { CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys, operator, run, through } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

/*
 * A name that IAM does not know in this form: the program reads from AWS which principal is meant.
 */

let moto: Emulator;
const sso = 'role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_DatabaseAdmin_0123456789abcdef';
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  const iam = new IAMClient({ endpoint: moto.endpoint, region, credentials });
  const role = async (RoleName: string, Path: string): Promise<unknown> =>
    iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: '{}' }));
  await role('AWSReservedSSO_DatabaseAdmin_0123456789abcdef', '/aws-reserved/sso.amazonaws.com/eu-west-1/');
  await role('AWSReservedSSO_View_0123456789abcdef', '/aws-reserved/sso.amazonaws.com/');
  await role('AWSReservedSSO_View_1123456789abcdef', '/aws-reserved/sso.amazonaws.com/');
  const statement = { Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await iam.send(new CreatePolicyCommand({ PolicyName: 'power', PolicyDocument }));
  await role('both', '/');
  await iam.send(new CreateUserCommand({ UserName: 'both' }));
});
afterAll(() => moto.stop());

const refused = { code: 'AccessDenied', status: 403 };
const lists = { 'iam:ListRoles': refused, 'iam:ListUsers': refused };

const ask = (principal: string, faults = {}) =>
  through(moto.endpoint, faults, ['restore', '--principal', principal, '--snapshot', 'ledger-monthly']);

describe('understood', () => {
  test.each([
    ['operator', 'role/operator'],
    ['Role/operator', 'role/operator'],
    ['dr-restore', 'role/recovery/dr-restore'],
    [`arn:aws:iam::${account}:role/dr-restore`, 'role/recovery/dr-restore'],
    ['administrator', 'user/administrator'],
    ['DatabaseAdmin', sso],
    ['role/DatabaseAdmin', sso],
    ['AWSReservedSSO_DatabaseAdmin', sso],
    ['role/AWSReservedSSO_DatabaseAdmin', sso],
    [`arn:aws:iam::${account}:role/AWSReservedSSO_DatabaseAdmin`, sso],
    [`arn:aws:iam::${account}:role/AWSReservedSSO_DatabaseAdmin_0123456789abcdef`, sso],
  ])('%s is %s', async (name, meant) => {
    const { code, stdout, stderr } = await ask(name);
    expect(stderr).toBe('');
    expect(stdout.slice(0, 200).replaceAll(/\s+/g, ' ')).toContain(`${meant} can`);
    expect([0, 1, 2]).toContain(code);
  });
});

describe('not understood', () => {
  test.each([
    ['role/oprator', 'there are `arn:aws:iam::123456789012:role/operator`'],
    [`${operator}x`, 'there are `arn:aws:iam::123456789012:role/operator`'],
    ['oprator', 'there are `role/operator`'],
    ['both', 'role/both` or `arn:aws:iam::123456789012:user/both`'],
    ['View', 'AWSReservedSSO_View_1123456789abcdef`'],
  ])('%s', async (name, says) => {
    const { code, stdout, stderr } = await ask(name);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(stderr).toContain(says.replaceAll('123456789012', account));
    expect(stderr).toContain('--principal');
  });

  test('a refused list of users and roles is not reported', async () => {
    const { code, stderr } = await ask('role/oprator', lists);
    expect({ code, stderr }).toEqual({
      code: 252,
      stderr: `error: IAM has no principal \`arn:aws:iam::${account}:role/oprator\`\n  check --principal\n`,
    });
    const found = await ask('operator', lists);
    expect(found.stdout).toContain('role/operator');
    expect(found.stdout).not.toMatch(/ListRoles|ListUsers/);
  });
});

test('a principal that is named by type and name costs no list', async () => {
  for (const name of ['role/operator', operator]) {
    const { asked } = await ask(name);
    expect(asked.filter((operation) => /iam:List(Roles|Users)$/.test(operation))).toEqual([]);
  }
});

describe('a name of another kind of resource', () => {
  const other = (args: readonly string[], faults = {}) =>
    through(moto.endpoint, faults, [...args, '--principal', operator]);

  test.each([
    [['restore', '--snapshot', 'orders'], '`orders` is a cluster, which needs --cluster'],
    [['restore', '--snapshot', 'ORDERS'], '`orders` is a cluster, which needs --cluster'],
    [['create-snapshot', '--cluster', 'ledger-monthly'], 'is a cluster snapshot, which needs --snapshot'],
    [
      ['restore', '--snapshot', `arn:aws:rds:${region}:${account}:cluster:orders`],
      `\`arn:aws:rds:${region}:${account}:cluster:orders\` is a cluster, which needs --cluster`,
    ],
  ])('the error for %j names the flag', async (args, says) => {
    const { code, stderr } = await other(args);
    expect({ code, stderr }).toEqual({ code: 252, stderr: expect.stringContaining(says) });
  });

  test('is not found if reads of the other kinds are refused, and nothing else fails', async () => {
    const { code, stderr } = await other(['restore', '--snapshot', 'orders'], { 'rds:DescribeDBClusters': refused });
    expect({ code, stderr }).toEqual({ code: 252, stderr: expect.stringContaining('check --snapshot and --region') });
  });
});

describe('a managed policy that is taken as attached', () => {
  const attach = (policy: string, faults = {}) =>
    through(moto.endpoint, faults, [
      ...['restore', '--principal', operator, '--snapshot', 'ledger-monthly'],
      ...['--assume-attach', `role/operator=${policy}`],
    ]);
  const power = `arn:aws:iam::${account}:policy/power`;

  test('is read from any account', async () => {
    const { code, stdout, asked } = await attach(power);
    expect({ code, asked }).toEqual({
      code: 0,
      asked: expect.arrayContaining(['iam:GetPolicy', 'iam:GetPolicyVersion']),
    });
    expect(stdout).toContain('power');
  });

  test('is named with the read that was refused', async () => {
    const { code, stderr } = await attach(power, { 'iam:GetPolicy': refused });
    expect(code).toBe(252);
    expect(stderr).toMatch(/iam:GetPolicy failed \(AccessDenied.*\n {2}check the ARN, and allow iam:GetPolicy/);
  });

  test('is looked for at AWS, too', async () => {
    const { stderr } = await attach('arn:aws:iam::aws:policy/NoSuchPolicy');
    expect(stderr).toMatch(/cannot read arn:aws:iam::aws:policy\/NoSuchPolicy: iam:GetPolicy failed \(NoSuchEntity/);
  });
});

describe('a cross-Region copy', () => {
  const source = `arn:aws:rds:${region}:${account}:cluster-snapshot:ledger-monthly`;
  const copy = (args: readonly string[]) =>
    run(['copy-snapshot', '--endpoint-url', moto.endpoint, '--principal', operator, '--snapshot', source, ...args], {
      ...keys,
      AWS_REGION: 'us-west-2',
    });

  test.each([[['--region', 'us-west-2']], [[]]])('is called in the destination: %j', async (args) => {
    const { stdout, stderr } = await copy(args);
    expect(stderr).toBe('');
    expect(stdout).toContain('us-west-2, account');
    expect(stdout).toContain('A cross-Region copy needs a key in us-west-2: add --kms-key-id');
  });

  test('is refused where the ARN and --source-region contradict each other', async () => {
    const { code, stderr } = await copy(['--source-region', 'eu-west-1']);
    expect(code).toBe(252);
    expect(stderr).toContain('leave out --source-region');
  });
});
