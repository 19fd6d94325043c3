import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { questionOf } from '../check-case.ts';

/*
 * The key of a copy of AWS Backup shows the account that the copy goes to. A fix that names another
 * key must not bring the copy back into the account of the source.
 */

const [own, partner] = ['111122223333', '444455556666'];
const idOf = (digit: string) => `${digit.repeat(8)}-0000-0000-0000-000000000000`;
const keyOf = (account: string, digit: string) => `arn:aws:kms:eu-west-1:${account}:key/${idOf(digit)}`;
const snapshot = `arn:aws:rds:eu-west-1:${own}:snapshot:awsbackup:job-1`;
const allowed = (AWS: string, ...others: readonly string[]) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: [`arn:aws:iam::${AWS}:root`, ...others] },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});
const key = (account: string, digit: string, Policy: ReturnType<typeof allowed>, KeyState = 'Enabled') => ({
  KeyMetadata: {
    KeyId: idOf(digit),
    Arn: keyOf(account, digit),
    KeyState,
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
  },
  Aliases: [],
  Grants: [],
  Policy,
});
const role = {
  RoleName: 'backup',
  Arn: `arn:aws:iam::${own}:role/backup`,
  AttachedManagedPolicies: [],
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  },
  RolePolicyList: [
    {
      PolicyName: 'p',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['rds:*', 'kms:*', 'backup:*'], Resource: '*' }],
      },
    },
  ],
  Tags: [],
};
const iamOf = (...RoleDetailList: readonly (typeof role)[]) => ({
  UserDetailList: [],
  GroupDetailList: [],
  RoleDetailList: [...RoleDetailList],
  Policies: [],
});
const evidence: Evidence = {
  evidenceVersion: 1,
  accounts: {
    [own]: {
      iam: iamOf(role),
      regions: {
        'eu-west-1': {
          kms: { keys: [key(own, '1', allowed(own, `arn:aws:iam::${partner}:root`)), key(own, '2', allowed(own))] },
          rds: {
            DBSnapshots: [
              {
                DBSnapshotIdentifier: 'awsbackup:job-1',
                DBSnapshotArn: snapshot,
                SnapshotType: 'awsbackup',
                Status: 'available',
                Engine: 'postgres',
                Encrypted: true,
                KmsKeyId: keyOf(own, '1'),
                TagList: [],
              },
            ],
          },
        },
      },
    },
    [partner]: {
      iam: iamOf(),
      regions: {
        'eu-west-1': {
          kms: { keys: [key(partner, '3', allowed(partner), 'Disabled'), key(partner, '4', allowed(partner))] },
        },
      },
    },
  },
};

test('another key for a copy to another account is a key of that account', () => {
  const question = questionOf({
    operation: 'copy-job',
    region: 'eu-west-1',
    principal: role.Arn,
    'instance-snapshot': snapshot,
    parameters: { kmsKeyId: keyOf(partner, '3') },
  });
  const { fixes } = check(evidence, { ...question, fix: true }, 'test');
  const texts = fixes.flatMap(({ steps }) => steps.flatMap(({ does }) => does.map(({ text }) => text)));
  expect(texts.filter((text) => text.startsWith('encrypt with'))).toEqual([
    `encrypt with key/${idOf('4')} instead: add --kms-key-id`,
  ]);
});
