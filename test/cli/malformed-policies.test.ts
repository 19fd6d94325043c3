// @module-tag slow
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { runInProcess as asked } from '../run-in-process.ts';

/*
 * A policy that AWS would not accept is refused if it takes part in an answer. A check reads only a
 * few policies, so it does not refuse the others. diff and evidence check read all policies.
 */

const account = '111122223333';
const iam = `/accounts/${account}/iam`;
const region = `/accounts/${account}/regions/us-east-1`;
const boundary = `arn:aws:iam::${account}:policy/boundary`;
const elsewhere = `arn:aws:iam::${account}:policy/elsewhere`;
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const document = { Version: '2012-10-17', Statement: [everything] };
const forAnyone = { Version: '2012-10-17', Statement: [{ ...everything, Principal: '*' }] };
const broken = { Version: '2012-10-17', Statement: [{ ...everything, Effect: 'Perhaps' }] };

function managed(arn: string) {
  const versions = [
    { VersionId: 'v2', IsDefaultVersion: true, Document: document },
    { VersionId: 'v1', IsDefaultVersion: false, Document: document },
  ];
  return { Arn: arn, DefaultVersionId: 'v2', PolicyVersionList: versions };
}

function level(id: string, type: string) {
  return {
    id,
    type,
    scps: [{ name: `scp of ${id}`, document }],
    rcps: [{ name: `rcp of ${id}`, document: forAnyone }],
  };
}

/**
 * Policies of every kind. Some apply to role/dr-restore, who may restore ledger-monthly; the others
 * apply only to other principals.
 */
const whole = changed(demoEvidence, {
  [`/accounts/${account}/organization`]: {
    id: 'o-abcdefghij',
    managementAccountId: '999988887777',
    path: [level('r-ab12', 'ROOT'), level('ou-ab12-11111111', 'ORGANIZATIONAL_UNIT'), level(account, 'ACCOUNT')],
  },
  [`${iam}/RoleDetailList/1/PermissionsBoundary`]: { PermissionsBoundaryArn: boundary },
  [`${iam}/RoleDetailList/1/AttachedManagedPolicies`]: [{ PolicyArn: `arn:aws:iam::${account}:policy/attached` }],
  [`${iam}/UserDetailList/0/GroupList`]: ['staff'],
  [`${iam}/GroupDetailList`]: [
    {
      Arn: `arn:aws:iam::${account}:group/staff`,
      GroupName: 'staff',
      GroupPolicyList: [{ PolicyName: 'own', PolicyDocument: document }],
      AttachedManagedPolicies: [],
    },
  ],
  [`${iam}/Policies/1`]: managed(boundary),
  [`${iam}/Policies/2`]: managed(`arn:aws:iam::${account}:policy/attached`),
  [`${iam}/Policies/3`]: managed(elsewhere),
  [`${region}/kms/keys/1/RamPolicy`]: forAnyone,
  [`${region}/vpcEndpointPolicies`]: [{ name: 'vpce-0123456789abcdef0', document: forAnyone }],
});

const restore = ['restore', '--snapshot', 'ledger-monthly', '--principal', 'role/dr-restore'];
const byArn = ['restore', '--snapshot', 'ledger-monthly', '--principal', `arn:aws:iam::${account}:role/dr-restore`];
const byEndpoint = [...restore, '--context', 'aws:SourceVpce=vpce-0123456789abcdef0'];
const failing = ['restore', '--snapshot', 'orders-before-upgrade', '--principal', 'role/operator'];
const diagnosed = [
  'diagnose',
  'An error occurred (KMSKeyNotAccessibleFault) when calling the RestoreDBClusterFromSnapshot operation: no access',
  ...restore.slice(1),
];
const byUser = ['restore', '--snapshot', 'ledger-monthly', '--principal', 'user/administrator'];
const exported = [
  'export',
  '--snapshot',
  'ledger-monthly',
  '--principal',
  'role/dr-restore',
  '--iam-role',
  'operator',
  '--s3-bucket-name',
  'exports',
  '--kms-key-id',
  'alias/orders',
];

/** The broken document, and a command that reads the document. */
const takingPart: readonly (readonly [kind: string, pointer: string, args: readonly string[]])[] = [
  ['an inline policy of a role', `${iam}/RoleDetailList/1/RolePolicyList/0/PolicyDocument`, restore],
  ['a managed policy', `${iam}/Policies/2/PolicyVersionList/0/Document`, restore],
  ['a permissions boundary', `${iam}/Policies/1/PolicyVersionList/0/Document`, restore],
  ['a policy of a group', `${iam}/GroupDetailList/0/GroupPolicyList/0/PolicyDocument`, byUser],
  ...[0, 1, 2].flatMap((at): typeof takingPart => [
    [`an SCP at level ${at}`, `/accounts/${account}/organization/path/${at}/scps/0/document`, restore],
    [`an RCP at level ${at}`, `/accounts/${account}/organization/path/${at}/rcps/0/document`, restore],
  ]),
  ['a key policy', `${region}/kms/keys/1/Policy`, restore],
  ['the second policy of a key', `${region}/kms/keys/1/RamPolicy`, restore],
  ['the policy of a VPC endpoint', `${region}/vpcEndpointPolicies/0/document`, byEndpoint],
  ['a policy of the role of an export', `${iam}/RoleDetailList/0/RolePolicyList/0/PolicyDocument`, exported],
  ['the policy of the key of an export', `${region}/kms/keys/0/Policy`, exported],
  ['a key policy behind an error', `${region}/kms/keys/1/Policy`, diagnosed],
  ['a key policy that a fix would change', `${region}/kms/keys/0/Policy`, failing],
];

const idle: readonly (readonly [kind: string, pointer: string, args: readonly string[]])[] = [
  ['a policy of another role', `${iam}/RoleDetailList/0/RolePolicyList/0/PolicyDocument`, restore],
  ['a managed policy that no principal has', `${iam}/Policies/3/PolicyVersionList/0/Document`, restore],
  ['a version that is not the default one', `${iam}/Policies/2/PolicyVersionList/1/Document`, restore],
  ['the policy of another key', `${region}/kms/keys/0/Policy`, restore],
  ['the policy of an unused VPC endpoint', `${region}/vpcEndpointPolicies/0/document`, restore],
];

function written(pointer: string, text: boolean): string {
  const file = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'evidence.json');
  const value = text ? encodeURIComponent(JSON.stringify(broken)) : broken;
  writeFileSync(file, JSON.stringify(pointer === '' ? whole : changed(whole, { [pointer]: value })));
  return file;
}

/** The JSON path of a JSON pointer, extended to the fault below it. */
function pathOf(pointer: string): string {
  const path = pointer.slice(1).replaceAll(/\/(\d{1,2})(?=\/|$)/g, '[$1]');
  return `\`${path.replaceAll('/', '.')}.Statement[0].Effect\``;
}

describe('a policy that AWS would not accept', () => {
  test.each(takingPart)('is refused: %s', async (_, pointer, args) => {
    for (const text of [true, false]) {
      const file = written(pointer, text);
      const { code, stdout, stderr } = await asked([...args, '--evidence', file, '--output', 'json']);
      expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
      expect(JSON.parse(stderr)).toMatchObject({
        error: { message: `${file}: ${pathOf(pointer)} is neither "Allow" nor "Deny"` },
      });
    }
  });

  test.each(idle)('is not checked if it takes no part: %s', async (_, pointer, args) => {
    const answers = await Promise.all(
      [written('', false), written(pointer, true)].map((file) =>
        asked([...args, '--evidence', file, '--output', 'json']),
      ),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ code: 0 });
  });

  test('is refused by every command that reads all policies', async () => {
    for (const [, pointer] of [...takingPart, ...idle]) {
      const file = written(pointer, true);
      for (const args of [
        ['evidence', 'check', file],
        ['diff', file, written('', false)],
        ['diff', written('', false), file],
      ]) {
        const { code, stderr } = await asked(args);
        expect({ args, code }).toEqual({ args, code: 252 });
        expect(stderr).toContain(pathOf(pointer));
      }
    }
  });

  test('is found in each of several files', async () => {
    const other = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'other.json');
    writeFileSync(other, JSON.stringify({ evidenceVersion: 1, accounts: { '444455556666': {} } }));
    const file = written(`${region}/kms/keys/1/Policy`, true);
    const { code, stderr } = await asked([...byArn, '--evidence', other, '--evidence', file]);
    expect({ code, stderr }).toEqual({ code: 252, stderr: expect.stringContaining(`${file}: `) });
  });
});
