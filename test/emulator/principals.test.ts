import { ModifyDBClusterSnapshotAttributeCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToRead } from '../../src/collect/reading.ts';
import { drRestore, operator } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import {
  clusters,
  gapsOf,
  iamOf,
  type Reading,
  readFrom,
  refuse,
  regionOf,
  snapshots,
  times,
  type Wire,
} from './reading.ts';
import { assistant, deputy, fillStaff, limit } from './staff.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillStaff(moto.endpoint);
});
afterAll(() => moto.stop());

const read = (question: ToRead, wire?: Wire): Promise<Reading> => readFrom(moto.endpoint, question, wire);
const ledger = snapshots(drRestore, 'ledger-monthly');
/**
 * The ARN, because the credentials can read a snapshot for a principal of another account only by
 * its ARN.
 */
const byArn = { ...ledger, target: `arn:aws:rds:${region}:${account}:cluster-snapshot:ledger-monthly` };
const stranger = '999988887777';

describe('a principal', () => {
  test('that is a user has its groups, and each managed policy once, in its default version', async () => {
    const found = await read(clusters(deputy));
    expect(iamOf(found)?.UserDetailList).toMatchObject([
      {
        Arn: deputy,
        UserPolicyList: [{ PolicyName: 'DescribeKey' }, { PolicyName: 'CreateGrant' }],
        GroupList: ['staff', 'watch'],
        AttachedManagedPolicies: [{ PolicyName: 'shared' }, { PolicyName: 'spare' }],
        Tags: [{ Key: 'team', Value: 'data' }],
      },
    ]);
    expect(iamOf(found)?.UserDetailList?.[0]).not.toHaveProperty('PermissionsBoundary');
    const two = { GroupPolicyList: [{}, {}], AttachedManagedPolicies: [{}, {}] };
    expect(iamOf(found)?.GroupDetailList).toMatchObject([
      { GroupName: 'staff', ...two },
      { GroupName: 'watch', ...two },
    ]);
    const [shared] = iamOf(found)?.Policies ?? [];
    expect(iamOf(found)?.Policies?.map((policy) => policy.PolicyName)).toEqual(['shared', 'spare']);
    expect(shared?.PolicyVersionList).toMatchObject([{ VersionId: 'v2', IsDefaultVersion: true }]);
    expect(decodeURIComponent(JSON.stringify(shared?.PolicyVersionList))).toContain('rds:*');
    expect(times(found, 'iam:GetPolicy')).toBe(2);
    expect(iamOf(found)).not.toHaveProperty('RoleDetailList');
  });

  // The emulator omits the boundary from the answer of GetUser.
  const bounded: Wire = {
    rewrite: (operation, _asked, answer) =>
      operation === 'iam:GetUser'
        ? answer.replace(
            '</User>',
            `<PermissionsBoundary><PermissionsBoundaryArn>${limit}</PermissionsBoundaryArn></PermissionsBoundary></User>`,
          )
        : answer,
  };

  test('has its boundary, whose policy is read like the others', async () => {
    const [user, role] = [await read(clusters(deputy), bounded), await read(clusters(assistant))];
    for (const found of [user, role]) {
      const [owner] = [...(iamOf(found)?.UserDetailList ?? []), ...(iamOf(found)?.RoleDetailList ?? [])];
      expect(owner?.PermissionsBoundary).toEqual({ PermissionsBoundaryArn: limit });
      expect(iamOf(found)?.Policies?.map((policy) => policy.Arn)).toContain(limit);
    }
  });

  test('that is a session is its role, with the path that IAM knows', async () => {
    const principal = `arn:aws:sts::${account}:assumed-role/dr-restore/night`;
    const found = await read({ ...ledger, principal });
    expect(iamOf(found)?.RoleDetailList).toMatchObject([{ Arn: drRestore, RoleName: 'dr-restore' }]);
    expect(found.principal).toBe(principal);
  });

  test('that is a session whose role cannot be read is not known', async () => {
    const principal = `arn:aws:sts::${account}:assumed-role/dr-restore/night`;
    const found = await read({ ...ledger, principal }, refuse('iam:GetRole'));
    expect(iamOf(found)).toBeUndefined();
    expect(gapsOf(found)).toMatchObject([{ what: 'iam:GetRole', account, resource: principal }]);
  });

  test.each([`arn:aws:iam::${account}:root`, `arn:aws:sts::${account}:federated-user/guest`])(
    '%s has nothing to read',
    async (principal) => {
      const found = await read({ ...ledger, principal });
      expect(iamOf(found)).toBeUndefined();
      expect(found.asked.filter((operation) => operation.startsWith('iam:'))).toEqual([]);
    },
  );

  test('of another account is a gap, and with whom a snapshot is shared is read', async () => {
    const rds = new RDSClient({ endpoint: moto.endpoint, region, credentials });
    await rds.send(
      new ModifyDBClusterSnapshotAttributeCommand({
        DBClusterSnapshotIdentifier: 'ledger-monthly',
        AttributeName: 'restore',
        ValuesToAdd: [stranger],
      }),
    );
    const principal = `arn:aws:iam::${stranger}:role/guest`;
    const found = await read({ ...byArn, principal });
    expect(found.evidence.accounts[stranger]).toEqual({});
    const what = { what: 'iam:GetRole', account: stranger, resource: principal };
    expect(gapsOf(found)).toEqual([
      {
        ...what,
        reason: expect.stringContaining(`the credentials belong to account ${account}, but the read needs account `),
      },
    ]);
    expect(regionOf(found)?.rds?.DBClusterSnapshotAttributes).toMatchObject([
      { DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [stranger] }] },
    ]);
  });

  test('that IAM does not know is an error', async () => {
    const principal = `arn:aws:iam::${account}:user/nobody`;
    await expect(read({ ...ledger, principal })).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringMatching(`^IAM has no principal \`${principal}\`; .*user/administrator`),
    });
  });
});

describe('a read that is refused leaves its field out', () => {
  test.each([
    ['iam:ListUserPolicies', 'UserPolicyList'],
    ['iam:ListAttachedUserPolicies', 'AttachedManagedPolicies'],
    ['iam:ListGroupsForUser', 'GroupList'],
    ['iam:GetUser', 'Tags'],
  ])('%s', async (operation, field) => {
    const found = await read(clusters(deputy), refuse(operation));
    expect(iamOf(found)?.UserDetailList?.[0]).toMatchObject({ Arn: deputy, UserName: 'deputy' });
    expect(iamOf(found)?.UserDetailList?.[0]).not.toHaveProperty(field);
    expect(gapsOf(found)).toMatchObject([{ what: operation, account, resource: deputy }]);
    expect(iamOf(found)?.GroupDetailList === undefined).toBe(operation === 'iam:ListGroupsForUser');
  });

  test('iam:GetUserPolicy and iam:GetGroupPolicy keep the names', async () => {
    const found = await read(clusters(deputy), refuse('iam:GetUserPolicy', 'iam:GetGroupPolicy'));
    expect(iamOf(found)?.UserDetailList?.[0]?.UserPolicyList).toEqual([
      { PolicyName: 'DescribeKey' },
      { PolicyName: 'CreateGrant' },
    ]);
    expect(iamOf(found)?.GroupDetailList?.[0]?.GroupPolicyList).toEqual([
      { PolicyName: 'DescribeKey' },
      { PolicyName: 'CreateGrant' },
    ]);
    const groups = ['staff', 'watch'].map((name) => `arn:aws:iam::${account}:group/${name}`);
    const resources = [...groups, deputy].flatMap((owner) => [`${owner} CreateGrant`, `${owner} DescribeKey`]);
    expect(gapsOf(found).map((gap) => gap.resource)).toEqual(resources);
  });

  test('iam:GetPolicy and iam:GetPolicyVersion keep the ARN', async () => {
    const question = clusters(deputy);
    expect(iamOf(await read(question, refuse('iam:GetPolicy')))?.Policies).toMatchObject([{}, {}]);
    for (const policy of iamOf(await read(question, refuse('iam:GetPolicyVersion')))?.Policies ?? []) {
      expect(policy.DefaultVersionId).toBeDefined();
      expect(policy).not.toHaveProperty('PolicyVersionList');
    }
  });

  test('rds:DescribeDBClusterSnapshotAttributes says nothing of sharing', async () => {
    const principal = `arn:aws:iam::${stranger}:root`;
    const found = await read({ ...byArn, principal }, refuse('rds:DescribeDBClusterSnapshotAttributes'));
    expect(regionOf(found)?.rds?.DBClusterSnapshotAttributes).toEqual([]);
    expect(gapsOf(found)).toMatchObject([{ what: 'rds:DescribeDBClusterSnapshotAttributes' }]);
  });

  test('sts:GetCallerIdentity, where the ARN of the principal has the account', async () => {
    const found = await read(ledger, refuse('sts:GetCallerIdentity'));
    expect(found.evidence).not.toHaveProperty('caller');
    expect(iamOf(found)?.RoleDetailList).toHaveLength(1);
    expect(gapsOf(found)).toMatchObject([{ what: 'sts:GetCallerIdentity' }]);
  });

  test('except sts:GetCallerIdentity without a named principal, and the reads that the check is about', async () => {
    const { principal: _, ...nobody } = clusters(operator);
    await expect(read(nobody, refuse('sts:GetCallerIdentity'))).rejects.toMatchObject({ kind: 'aws' });
    const question: ToRead = clusters(operator);
    await expect(read(question, refuse('rds:DescribeDBClusters'))).rejects.toMatchObject({ kind: 'aws' });
  });
});
