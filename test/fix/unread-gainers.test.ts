import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { render } from '../../src/index.ts';
import { questionOf } from '../check-case.ts';

/*
 * A fix that opens a key to more than one principal: whoever could gain, but was not read, is named.
 */

const [own, partner, third] = ['111122223333', '444455556666', '777788889999'];
const key = `arn:aws:kms:eu-west-1:${own}:key/one`;
const root = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` });
const keyAdmin = `arn:aws:iam::${own}:role/key-admin`;

type Statement = Readonly<Record<string, unknown>>;
const policy = (...Statement: readonly Statement[]) => ({ Version: '2012-10-17', Statement });
const delegates = { Effect: 'Allow', Principal: root(own), Action: 'kms:*', Resource: '*' };
const guard = {
  Effect: 'Deny',
  Principal: '*',
  Action: ['kms:CreateGrant', 'kms:DescribeKey'],
  Resource: '*',
  Condition: { StringNotEquals: { 'aws:PrincipalArn': keyAdmin } },
};
const opens = (Principal: unknown, Condition?: Statement): Statement => ({
  Effect: 'Allow',
  Principal,
  Action: ['kms:CreateGrant', 'kms:DescribeKey'],
  Resource: '*',
  ...(Condition === undefined ? {} : { Condition }),
});
const role = (name: string, account = own) => ({
  RoleName: name,
  Arn: `arn:aws:iam::${account}:role/${name}`,
  RolePolicyList: [
    { PolicyName: 'p', PolicyDocument: policy({ Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' }) },
  ],
  AttachedManagedPolicies: [],
  Tags: [],
});
const iamOf = (...RoleDetailList: readonly ReturnType<typeof role>[]) => ({
  UserDetailList: [],
  GroupDetailList: [],
  RoleDetailList: [...RoleDetailList],
  Policies: [],
});

interface Given {
  readonly statements?: readonly Statement[];
  readonly grantee?: string;
  readonly state?: string;
  readonly withPartner?: boolean;
  readonly rcps?: readonly Statement[];
  readonly withoutUsers?: boolean;
}

function evidenceOf({ statements = [], grantee, state = 'Enabled', withPartner, rcps, withoutUsers }: Given): Evidence {
  const { UserDetailList: users, ...iam } = iamOf(role('operator'), role('key-admin'));
  const allowsAll = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
  const organization =
    rcps === undefined
      ? null
      : {
          id: 'o-example1234',
          path: [
            {
              id: 'r-ab12',
              scps: [{ name: 'FullAWSAccess', document: allowsAll }],
              rcps: [{ name: 'perimeter', document: policy(...rcps) }],
            },
          ],
        };
  return {
    evidenceVersion: 1,
    accounts: {
      [own]: {
        organization,
        iam: withoutUsers === true ? iam : { ...iam, UserDetailList: users },
        regions: {
          'eu-west-1': {
            rds: {
              DBClusterSnapshots: [
                {
                  DBClusterSnapshotIdentifier: 's1',
                  DBClusterSnapshotArn: `arn:aws:rds:eu-west-1:${own}:cluster-snapshot:s1`,
                  Status: 'available',
                  SnapshotType: 'manual',
                  Engine: 'aurora-postgresql',
                  EngineVersion: '16.6',
                  StorageEncrypted: true,
                  KmsKeyId: key,
                  TagList: [],
                },
              ],
            },
            kms: {
              keys: [
                {
                  KeyMetadata: {
                    Arn: key,
                    KeyState: state,
                    KeyManager: 'CUSTOMER',
                    KeySpec: 'SYMMETRIC_DEFAULT',
                    KeyUsage: 'ENCRYPT_DECRYPT',
                  },
                  Policy: policy(delegates, ...statements),
                  Grants:
                    grantee === undefined
                      ? []
                      : [{ GrantId: 'g1', GranteePrincipal: grantee, Operations: ['CreateGrant', 'DescribeKey'] }],
                  Aliases: [],
                  Tags: [],
                },
              ],
            },
          },
        },
      },
      ...(withPartner === true ? { [partner]: { organization: null, iam: iamOf(role('restorer', partner)) } } : {}),
    },
  };
}

const question = questionOf({
  operation: 'restore',
  principal: `arn:aws:iam::${own}:role/operator`,
  snapshot: 's1',
  region: 'eu-west-1',
});

const callers = (...accounts: readonly string[]) => ({ StringEquals: { 'kms:CallerAccount': accounts } });
const throughRds = 'exempt calls made through rds.eu-west-1.amazonaws.com';

const rows: readonly (Given & { readonly name: string; readonly fix: string; readonly unread: unknown })[] = [
  { name: 'only its own account', statements: [guard], fix: throughRds, unread: undefined },
  {
    name: 'an account that was not read',
    statements: [opens(root(partner)), guard],
    fix: throughRds,
    unread: { accounts: [partner], others: false },
  },
  {
    name: 'an account that was read',
    statements: [opens(root(partner)), guard],
    withPartner: true,
    fix: throughRds,
    unread: undefined,
  },
  {
    name: 'a role of an account that was not read',
    statements: [opens({ AWS: [`arn:aws:iam::${third}:role/restorer`] }), guard],
    fix: throughRds,
    unread: { accounts: [third], others: false },
  },
  {
    name: 'everybody',
    statements: [opens('*'), guard],
    fix: throughRds,
    unread: { accounts: [], others: true },
  },
  {
    name: 'everybody of an organization',
    statements: [opens({ AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': 'o-example1234' } }), guard],
    fix: throughRds,
    unread: { accounts: [], others: true },
  },
  {
    name: 'everybody of an account that was not read',
    statements: [opens({ AWS: '*' }, callers(third)), guard],
    fix: throughRds,
    unread: { accounts: [third], others: false },
  },
  {
    name: 'everybody of its own account',
    statements: [opens({ AWS: '*' }, callers(own)), guard],
    fix: throughRds,
    unread: undefined,
  },
  {
    name: 'a grantee of an account that was not read',
    statements: [guard],
    grantee: `arn:aws:iam::${partner}:role/restorer`,
    fix: throughRds,
    unread: { accounts: [partner], others: false },
  },
  {
    name: 'its own account, with users that were not read',
    statements: [guard],
    withoutUsers: true,
    fix: throughRds,
    unread: { accounts: [own], others: false },
  },
  {
    name: 'an account that was not read, but one principal is exempted',
    statements: [opens(root(partner)), guard],
    fix: 'exempt role/operator from',
    unread: undefined,
  },
  {
    name: 'an account that was not read, and the key is disabled',
    statements: [opens(root(partner))],
    state: 'Disabled',
    fix: 'enable key/one',
    unread: { accounts: [partner], others: false },
  },
  {
    name: 'its own account, and an RCP exempts all calls through RDS',
    rcps: [{ ...guard, Sid: 'Perimeter' }],
    fix: throughRds,
    unread: { accounts: [], others: true },
  },
];

describe('who could gain but was not read', () => {
  test.each(rows)('a key that admits $name', ({ fix, unread, ...given }) => {
    const { fixes } = check(evidenceOf(given), { ...question, fix: true }, 'test');
    const found = fixes.find(({ steps }) => steps.some(({ does }) => does.some(({ text }) => text.startsWith(fix))));
    expect(found?.steps).toBeDefined();
    expect(found?.unread).toEqual(unread);
  });

  test.each([
    { statements: [opens(root(partner)), guard], says: `The users and roles of account ${partner} were not all read.` },
    { statements: [opens('*'), guard], says: 'Accounts that were not read were not checked.' },
  ])('no answer says that nobody else gains: $says', ({ statements, says }) => {
    const text = render(check(evidenceOf({ statements }), { ...question, fix: true }, 'test')).replaceAll(/\s+/g, ' ');
    expect(text).toContain(says);
    expect(text).not.toMatch(/Nobody (?:else gains|gains)/);
  });
});
