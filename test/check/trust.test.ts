import { describe, expect, test } from 'vitest';
import { runners } from '../../src/check/preconditions/trust.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { catalogue } from '../../src/operations/catalogue.ts';

const accounts = ['111122223333', '444455556666'] as const;

/** Roles of several accounts and one trust policy, which AWS Backup may use for one account. */
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

describe('who can run a job of AWS Backup', () => {
  const [operation] = catalogue.filter(({ runsAsRole }) => runsAsRole === true);
  if (operation === undefined) throw new Error('the catalogue has no job of AWS Backup');
  const runs = runners(directoryOf(evidence));

  test.each([
    { account: accounts[0], may: true },
    { account: accounts[1], may: false },
  ])('is told for each account: $account', ({ account, may }) => {
    expect(runs(`arn:aws:iam::${account}:role/backup`)(operation, 'us-east-1')).toBe(may);
  });

  test('is no user', () => {
    expect(runs(`arn:aws:iam::${accounts[0]}:user/ann`)(operation, 'us-east-1')).toBe(false);
  });
});
