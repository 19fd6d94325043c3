import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { ReportedFixStep } from '../../src/contract/report.ts';
import type { Evidence, Key } from '../../src/evidence/schema.ts';
import { questionOf } from '../check-case.ts';

const account = '111122223333';
const arn = (name: string): string => `arn:aws:iam::${account}:${name}`;
const allow = (...Action: readonly string[]) => ({
  PolicyName: 'p',
  PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
});
const role = (name: string, ...actions: readonly string[]) => ({
  Arn: arn(`role/${name}`),
  RoleName: name,
  Path: '/',
  RolePolicyList: [allow(...actions)],
  AttachedManagedPolicies: [],
  Tags: [],
});

function widen(): Evidence {
  const evidence: Evidence = JSON.parse(readFileSync(new URL('../cases/findings/widen.json', import.meta.url), 'utf8'));
  return evidence;
}

type Roles = NonNullable<NonNullable<Evidence['accounts'][string]['iam']>['RoleDetailList']>;

/**
 * The account of widen.json with these roles, and with `edit` applied to a copy of the evidence.
 */
function evidenceWith({ roles, edit }: { readonly roles?: Roles; readonly edit?: (evidence: Evidence) => void }) {
  const evidence = widen();
  const { iam } = evidence.accounts[account] ?? {};
  if (roles !== undefined && iam !== undefined) iam.RoleDetailList = roles;
  edit?.(evidence);
  return evidence;
}

function keysOf(evidence: Evidence): readonly Key[] {
  return evidence.accounts[account]?.regions?.['us-east-1']?.kms?.keys ?? [];
}

/** Gives every key a policy that delegates to the account, and a Deny with this condition. */
function denyKeys(evidence: Evidence, tests: { readonly Condition?: object }): void {
  for (const key of keysOf(evidence))
    key.Policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'kms:*', Resource: '*' },
        { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*', ...tests },
      ],
    };
}

/** The steps of the first fix that edits a policy. */
function stepsOf(evidence: Evidence, principal = 'role/r'): readonly ReportedFixStep[] {
  const question = questionOf({ operation: 'restore', principal: arn(principal), snapshot: 's', region: 'us-east-1' });
  const { fixes } = check(evidence, { ...question, fix: true }, 'test');
  return fixes.find(({ steps }) => steps.every(({ by }) => by !== null))?.steps ?? [];
}

describe('who could carry out a step', () => {
  test('nobody may change the key policy: the role that the policy exempts can be created', () => {
    const [step] = stepsOf(widen());
    expect(step?.by).toEqual({
      actions: ['kms:PutKeyPolicy'],
      principals: [],
      perhaps: [],
      complete: true,
      remaining: {
        way: 'create principal',
        principal: arn('role/keyadmin'),
        action: 'iam:CreateRole',
        creators: [arn('role/r'), arn('root')],
      },
    });
    expect(step?.askFirst).toEqual([arn('role/keyadmin')]);
  });

  test('the exempted role exists: it can, and is to be asked', () => {
    const [step] = stepsOf(evidenceWith({ roles: [role('r', '*'), role('keyadmin', '*')] }));
    expect(step?.by).toMatchObject({ principals: [arn('role/keyadmin')], complete: true, remaining: null });
  });

  test('the exempted role exists and may do nothing: IAM can give the role the right', () => {
    const [step] = stepsOf(evidenceWith({ roles: [role('r', '*'), role('keyadmin', 'rds:*')] }));
    expect(step?.by).toMatchObject({
      principals: [],
      remaining: {
        way: 'give permission',
        principal: arn('role/keyadmin'),
        actions: ['iam:PutRolePolicy'],
        givers: [arn('role/r'), arn('root')],
      },
    });
  });

  const exceptions: readonly (readonly [string, Readonly<Record<string, unknown>>, object])[] = [
    [
      'a pattern that no role matches: such a role can be created',
      { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/keys/*' } },
      { way: 'create principal', principal: arn('role/keys/*'), action: 'iam:CreateRole' },
    ],
    [
      'a pattern without ARN: such a role can be created',
      { StringNotLike: { 'aws:PrincipalArn': '*-keys' } },
      { way: 'create principal', principal: arn('role/*-keys'), action: 'iam:CreateRole' },
    ],
    [
      'a tag that no principal has: IAM can give the tag',
      { StringNotEquals: { 'aws:PrincipalTag/team': 'keys' } },
      { way: 'give permission', principal: arn('role/r'), actions: ['iam:PutRolePolicy', 'iam:TagRole'] },
    ],
    [
      'a role of another account does not count',
      { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::999999999999:role/keys' } },
      { way: 'AWS Support' },
    ],
    [
      'no principal has a variable for a name',
      { StringNotEquals: { 'aws:PrincipalArn': `\${aws:userid}` } },
      { way: 'AWS Support' },
    ],
  ];
  test.each(exceptions)('%s', (_, Condition, remaining) => {
    const [step] = stepsOf(evidenceWith({ edit: (evidence) => denyKeys(evidence, { Condition }) }));
    expect(step?.by?.remaining).toMatchObject(remaining);
  });

  test('a Deny without exceptions leaves AWS Support', () => {
    const [step] = stepsOf(evidenceWith({ edit: (evidence) => denyKeys(evidence, {}) }));
    expect(step?.by?.remaining).toEqual({ way: 'AWS Support' });
    expect(step?.askFirst).toEqual([]);
  });

  /** Only the Like and ARN operators have patterns (iam-evaluation 3.4, 3.5). */
  const pattern = 'arn:aws:iam::*:role/keyadmin';
  test.each([
    { operator: 'StringNotEquals', exempts: [] },
    { operator: 'ArnNotLike', exempts: [pattern] },
  ])('a pattern under $operator exempts $exempts', (row) => expectExempt(row));

  test.each([
    { operator: 'StringNotEqualsIfExists', exempts: [] },
    { operator: 'StringNotEqualsIgnoreCase', exempts: [] },
    { operator: 'StringNotLike', exempts: [pattern] },
    { operator: 'StringNotLikeIfExists', exempts: [pattern] },
    { operator: 'ArnNotEquals', exempts: [pattern] },
  ])('a pattern under $operator exempts $exempts', { tags: 'slow' }, (row) => expectExempt(row));

  interface Exempting {
    readonly operator: string;
    readonly exempts: readonly string[];
  }

  function expectExempt({ operator, exempts }: Exempting): void {
    const edit = (evidence: Evidence): void => {
      for (const key of keysOf(evidence))
        key.Policy = {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'kms:*', Resource: '*' },
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 'kms:*',
              Resource: '*',
              Condition: { [operator]: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/keyadmin' } },
            },
          ],
        };
    };
    const roles = [role('r', '*'), role('keyadmin', '*')];
    const [step] = stepsOf(evidenceWith({ roles, edit }));
    expect(step?.askFirst).toEqual(exempts);
    expect(step?.by?.principals).toEqual(exempts.length === 0 ? [] : [arn('role/keyadmin')]);
    const [without] = stepsOf(evidenceWith({ edit }));
    expect(without?.by?.remaining?.way).toBe(exempts.length === 0 ? 'AWS Support' : 'create principal');
  }

  test('lists that contain only the named principals claim nothing about others', () => {
    const edit = (evidence: Evidence): void => {
      delete evidence.accounts[account]?.iam?.UserDetailList;
    };
    const [step] = stepsOf(evidenceWith({ edit }));
    expect(step?.by).toMatchObject({ principals: [], complete: false, remaining: null });
  });

  test('a policy of a role is changed by a principal that may put it', () => {
    const edit = (evidence: Evidence): void => {
      for (const key of keysOf(evidence))
        key.Policy = {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'kms:*', Resource: '*' },
        };
    };
    const roles = [role('r', 'rds:*'), role('iamadmin', 'iam:*'), role('keys', 'kms:*')];
    const [step] = stepsOf(evidenceWith({ roles, edit }));
    expect(step?.by).toMatchObject({
      actions: ['iam:PutRolePolicy'],
      principals: [arn('role/iamadmin'), arn('root')],
      remaining: null,
    });
  });

  test('a disabled key is enabled by a principal that may enable it', () => {
    const edit = (evidence: Evidence): void => {
      for (const key of keysOf(evidence)) {
        key.KeyMetadata.KeyState = 'PendingDeletion';
        key.Policy = {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'kms:*', Resource: '*' },
        };
      }
    };
    const roles = [
      role('r', 'rds:*', 'kms:DescribeKey', 'kms:CreateGrant'),
      role('half', 'kms:EnableKey'),
      role('keys', 'kms:*'),
    ];
    const [step] = stepsOf(evidenceWith({ roles, edit }));
    expect(step?.by).toMatchObject({
      actions: ['kms:CancelKeyDeletion', 'kms:EnableKey'],
      principals: [arn('role/keys'), arn('root')],
    });
  });

  test('a control policy is changed in the management account, of which the evidence holds nothing', () => {
    const edit = (evidence: Evidence): void => {
      const held = evidence.accounts[account];
      if (held === undefined) return;
      const deny = {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Deny',
          Action: 'kms:*',
          Resource: '*',
          Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } },
        },
      };
      const full = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
      held.organization = {
        id: 'o-1',
        managementAccountId: '999999999999',
        path: [
          {
            id: 'r-1',
            type: 'ROOT',
            scps: [
              { name: 'FullAWSAccess', document: full },
              { name: 'Guard', document: deny },
            ],
            rcps: [],
          },
        ],
      };
      for (const key of keysOf(evidence))
        key.Policy = {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'kms:*', Resource: '*' },
        };
    };
    const [step] = stepsOf(evidenceWith({ edit }));
    expect(step?.owner).toBe('organization');
    expect(step?.by).toMatchObject({
      actions: ['organizations:UpdatePolicy'],
      principals: [],
      complete: false,
      remaining: null,
    });
    expect(step?.askFirst).toEqual(['arn:aws:iam::*:role/admin']);
  });
});
