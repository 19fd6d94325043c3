import { describe, expect, test } from 'vitest';
import { runners, trustOf } from '../../src/check/preconditions/trust.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { catalogue } from '../../src/operations/catalogue.ts';

const accounts = ['111122223333', '444455556666'] as const;

/**
 * A role in each account. All have one trust policy, which lets AWS Backup act for the first
 * account only.
 */
const evidence = {
  evidenceVersion: 1,
  accounts: Object.fromEntries(
    accounts.map((account) => [
      account,
      {
        organization: null,
        iam: {
          RoleDetailList: [
            {
              Arn: `arn:aws:iam::${account}:role/backup`,
              RoleName: 'backup',
              AssumeRolePolicyDocument: {
                Version: '2012-10-17',
                Statement: {
                  Effect: 'Allow',
                  Principal: { Service: 'backup.amazonaws.com' },
                  Action: 'sts:AssumeRole',
                  Condition: { StringEquals: { 'aws:SourceAccount': accounts[0] } },
                },
              },
            },
          ],
        },
      },
    ]),
  ),
} as const;

describe('who can run an AWS Backup job', () => {
  const [operation] = catalogue.filter(({ runsAsRole }) => runsAsRole === true);
  if (operation === undefined) throw new Error('the catalogue has no AWS Backup job');
  const runs = runners(directoryOf(evidence));

  test.each([
    { account: accounts[0], may: true },
    { account: accounts[1], may: false },
  ])('is found for each account: $account', ({ account, may }) => {
    expect(runs(`arn:aws:iam::${account}:role/backup`)(operation, 'us-east-1')).toBe(may);
  });

  test('is no user', () => {
    expect(runs(`arn:aws:iam::${accounts[0]}:user/ann`)(operation, 'us-east-1')).toBe(false);
  });
});

describe('an RCP that denies that a service assumes a role', () => {
  const [account] = accounts;
  const document = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
  };
  const deny = { ...document, Statement: { ...document.Statement, Effect: 'Deny', Action: 'sts:*' } };
  const rcps = [
    { name: 'RCPFullAWSAccess', document },
    { name: 'NoRoles', document: deny },
  ];

  test.each([
    { manager: '999999999999', is: 'denied' },
    { manager: account, is: 'allowed' },
    { manager: undefined, is: 'depends' },
  ])('is $is if the management account is $manager', ({ manager, is }) => {
    const organization = {
      id: 'o-example',
      ...(manager === undefined ? {} : { managementAccountId: manager }),
      path: [{ id: 'r-1', scps: [], rcps }],
    };
    const AssumeRolePolicyDocument = {
      ...document,
      Statement: { Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' },
    };
    const roles = evidence.accounts[account]?.iam.RoleDetailList ?? [];
    const iam = { RoleDetailList: roles.map((role) => ({ ...role, AssumeRolePolicyDocument })) };
    const there = { organization, iam };
    const directory = directoryOf({ ...evidence, accounts: { [account]: there } });
    const trust = trustOf(directory, `arn:aws:iam::${account}:role/backup`);
    if (typeof trust !== 'function') throw new Error('the trust policy was not read');
    expect(trust('backup.amazonaws.com', { account, region: 'us-east-1' }).decision.decision).toBe(is);
  });
});

describe('a trust policy that asks for the account of the source', () => {
  const [account, other] = accounts;
  const trustOfService = (service: string, source: string) => {
    const [role] = evidence.accounts[account]?.iam.RoleDetailList ?? [];
    const asking = {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': source } },
      },
    };
    const Arn = `arn:aws:iam::${account}:role/asking`;
    const iam = { RoleDetailList: [{ ...role, Arn, RoleName: 'asking', AssumeRolePolicyDocument: asking }] };
    const directory = directoryOf({ evidenceVersion: 1, accounts: { [account]: { organization: null, iam } } });
    const trust = trustOf(directory, Arn);
    if (typeof trust !== 'function') throw new Error('the trust policy was not read');
    return trust(service, { account, region: 'us-east-1' }).decision.decision;
  };

  // AWS documents for RDS that the key is sent, and does not publish it for AWS Backup.
  test.each([
    ['export.rds.amazonaws.com', account, 'allowed'],
    ['export.rds.amazonaws.com', other, 'denied'],
    ['backup.amazonaws.com', account, 'depends'],
    ['backup.amazonaws.com', other, 'denied'],
  ])('%s for account %s: %s', (service, source, decision) => {
    expect(trustOfService(service, source)).toBe(decision);
  });
});
