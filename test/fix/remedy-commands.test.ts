import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { commandText } from '../../src/base/command.ts';
import type { ReportedFix } from '../../src/contract/report.ts';
import { type CheckQuestion, evidenceOf, questionOf, readCases } from '../check-case.ts';

/* Commands and files of a step, if they depend on the evidence. */

const file = readCases(new URL('../cases/remedy/fixture.json', import.meta.url));
const account = '/accounts/111122223333';
const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

function fixesOf(
  question: CheckQuestion,
  changes: Readonly<Record<string, unknown>> = {},
): readonly (readonly ReportedFix[])[] {
  const asked = questionOf({ region: 'us-east-1', ...question });
  const { results, fixes } = check(evidenceOf(file, { with: changes }), { ...asked, fix: true }, 'test');
  return results.map((result) => fixes.filter(({ id }) => result.fixes.includes(id)));
}

function commandsOf([first]: readonly ReportedFix[] = []): readonly string[] {
  return (first?.steps ?? []).flatMap(({ commands }) => commands.map(commandText));
}

test('of five versions of a managed policy the oldest that is not the default makes room', () => {
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'kms:CreateGrant', Resource: '*' }] };
  const [fixes] = fixesOf(
    { operation: 'restore', principal: role('restorer'), snapshot: 'orders-1' },
    {
      [`${account}/iam/RoleDetailList/1/AttachedManagedPolicies`]: [
        { PolicyName: 'no-keys', PolicyArn: 'arn:aws:iam::111122223333:policy/no-keys' },
      ],
      [`${account}/iam/Policies/1/DefaultVersionId`]: 'v8',
      [`${account}/iam/Policies/1/PolicyVersionList`]: ['v12', 'v11', 'v10', 'v9', 'v8'].map((VersionId) => ({
        VersionId,
        IsDefaultVersion: VersionId === 'v8',
        Document: document,
      })),
    },
  );
  const [first, second] = commandsOf(fixes);
  expect(first).toBe(
    'aws iam delete-policy-version --policy-arn arn:aws:iam::111122223333:policy/no-keys --version-id v9',
  );
  expect(second).toContain('aws iam create-policy-version ');
});

test('a permission set is provisioned after its policy was put', () => {
  const name = 'aws-reserved/sso.amazonaws.com/AWSReservedSSO_Operators_0123456789abcdef';
  const [fixes] = fixesOf({ operation: 'restore', principal: role(name), snapshot: 'orders-1' });
  expect(commandsOf(fixes).map((command) => command.split(' ').slice(0, 3).join(' '))).toEqual([
    'aws sso-admin put-inline-policy-to-permission-set',
    'aws sso-admin provision-permission-set',
  ]);
});

test('Terraform copies the snapshot of a cluster by the resource of clusters', () => {
  const [fixes] = fixesOf({
    operation: 'share-snapshot',
    principal: role('restorer'),
    snapshot: 'default-1',
    parameters: { with: ['444455556666'] },
  });
  expect(fixes?.[0]?.steps[0]?.terraform).toContain('resource "aws_rds_cluster_snapshot_copy" "default-1-copy" {');
});

test('a policy that would grow longer than AWS takes is not offered', () => {
  const [fixes] = fixesOf(
    { operation: 'restore', principal: role('dba'), snapshot: 'orders-1' },
    {
      [`${account}/iam/RoleDetailList/0/RolePolicyList/1`]: {
        PolicyName: 'many',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${'x'.repeat(9400)}` },
        },
      },
    },
  );
  expect(fixes?.map(({ steps }) => steps.map(({ owner }) => owner))).toEqual([['key owner']]);
});

test('a Deny gets an exemption for the account that a snapshot is shared with, not for its root user', () => {
  const [, ofTheOther] = fixesOf({
    operation: 'share-snapshot',
    principal: role('restorer'),
    snapshot: 'vault-1',
    parameters: { with: ['444455556666'] },
  });
  const [step] = ofTheOther?.[0]?.steps ?? [];
  expect(step?.does.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^exempt account 444455556666 /),
    expect.stringMatching(/^allow account 444455556666 /),
  ]);
  expect(JSON.stringify(step?.policy?.after)).toContain('"StringNotEquals":{"aws:PrincipalAccount":"444455556666"}');
});

test('replicas that have the same alias are distinguished', () => {
  const key = (region: string): Record<string, unknown> => ({
    KeyMetadata: {
      KeyId: 'mrk-1',
      Arn: `arn:aws:kms:${region}:111122223333:key/mrk-1`,
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: true,
    },
    Policy: {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: '*', Action: 'kms:Describe*', Resource: '*' },
    },
    Grants: [],
    Aliases: [{ AliasName: 'alias/replicated' }],
  });
  const [fixes] = fixesOf(
    {
      operation: 'copy-snapshot',
      principal: role('restorer'),
      snapshot: 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:orders-1',
      kmsKeyId: 'alias/replicated',
      region: 'eu-west-1',
    },
    {
      [`${account}/regions/us-east-1/kms/keys/4`]: key('us-east-1'),
      [`${account}/regions/eu-west-1/kms/keys/1`]: key('eu-west-1'),
      [`${account}/regions/us-east-1/rds/DBClusterSnapshots/0/KmsKeyId`]:
        'arn:aws:kms:us-east-1:111122223333:key/mrk-1',
    },
  );
  const steps = fixes?.[0]?.steps ?? [];
  expect(steps.flatMap(({ does }) => does.map(({ text }) => text))).toEqual([
    expect.stringMatching(/in the key policy of alias\/replicated in eu-west-1$/),
    expect.stringMatching(/in the key policy of alias\/replicated in us-east-1$/),
  ]);
  expect(steps.map(({ terraform }) => /"(mrk-.*)"/.exec(terraform ?? '')?.[1])).toEqual([
    'mrk-1_eu-west-1',
    'mrk-1_us-east-1',
  ]);
});
