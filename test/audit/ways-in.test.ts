import { describe, expect, test } from 'vitest';
import { originsOf, type WaysInto, waysIn } from '../../src/audit/ways-in.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';

/* Roles that assume roles, and the principals from which these chains start. */

const account = '111122223333';
const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const user = `arn:aws:iam::${account}:user/operator`;
const provider = `arn:aws:iam::${account}:saml-provider/corp`;

/**
 * Roles by name, with the principals that their trust policies name. null: the trust policy was not
 * read.
 */
function trusting(trusts: Readonly<Record<string, object | null>>): WaysInto {
  const roles = Object.entries(trusts).map(([name, principal]) => ({
    RoleName: name,
    RoleId: `AROA${name.toUpperCase()}`,
    Arn: role(name),
    ...(principal === null
      ? {}
      : {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Principal: principal, Action: ['sts:AssumeRole', 'sts:AssumeRoleWithSAML'] },
            ],
          },
        }),
    RolePolicyList: [],
    AttachedManagedPolicies: [],
    Tags: [],
  }));
  const iam = { UserDetailList: [], GroupDetailList: [], RoleDetailList: roles, Policies: [] };
  const evidence = { evidenceVersion: 1, accounts: { [account]: { iam, regions: {} } } };
  return waysIn(directoryOf(parseEvidence('evidence.json', JSON.stringify(evidence))));
}

describe('the origins of a role', () => {
  const chain = trusting({ dr: { AWS: role('jump') }, jump: { AWS: role('sso') }, sso: { Federated: provider } });

  test('are found through roles that assume roles', () => {
    expect(originsOf(chain, role('dr'))).toEqual({
      providers: [provider],
      unread: [],
      isOther: false,
      through: [role('dr'), role('jump'), role('sso')],
    });
  });

  test('are gone without a role that is on every way', () => {
    for (const name of ['dr', 'jump', 'sso'])
      expect(originsOf(chain, role('dr'), role(name))).toMatchObject({ providers: [], unread: [], isOther: false });
    expect(originsOf(chain, role('jump'), role('dr'))).toMatchObject({ providers: [provider] });
  });

  test.each<[string, object | null, object]>([
    ['a user', { AWS: user }, { isOther: true, unread: [] }],
    ['every principal that the account allows', { AWS: account }, { isOther: true, unread: [] }],
    ['a service', { Service: 'rds.amazonaws.com' }, { isOther: true, unread: [] }],
    ['itself alone', { AWS: role('jump') }, { isOther: false, unread: [] }],
    [
      'a deleted role alone',
      { AWS: 'AROAEXAMPLEGONEXXXXXX' },
      { isOther: false, unread: [], through: [role('dr'), role('jump')] },
    ],
    ['an unknown principal', null, { isOther: false, unread: [role('jump')] }],
  ])('a role on the way trusts %s', (_, trust, expected) => {
    const waysInto = trusting({ dr: { AWS: role('jump') }, jump: trust });
    expect(originsOf(waysInto, role('dr'))).toMatchObject({ providers: [], ...expected });
  });

  test('are those of a role that is named by its unique ID', () => {
    const waysInto = trusting({ dr: { AWS: 'AROAJUMP' }, jump: { Federated: provider } });
    expect(originsOf(waysInto, role('dr'))).toMatchObject({ providers: [provider], isOther: false });
  });

  test('take no longer where all roles trust each other', () => {
    const names = Array.from({ length: 60 }, (_, index) => `r${index}`);
    const waysInto = trusting(Object.fromEntries(names.map((name) => [name, { AWS: names.map(role) }])));
    expect(originsOf(waysInto, role('r0'))).toMatchObject({ providers: [], unread: [], isOther: false });
  });
});
