import { describe, expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';

/* A resource with an unknown name that is known to differ from some other names. */

const account = '111122223333';
const keys = `arn:aws:kms:us-east-1:${account}:key/`;

function decided(element: 'Resource' | 'NotResource', patterns: readonly string[], effect: 'Allow' | 'Deny'): string {
  const statement = { Effect: effect, Action: 'kms:DescribeKey', [element]: patterns.map((name) => `${keys}${name}`) };
  const others = effect === 'Deny' ? [{ Effect: 'Allow', Action: '*', Resource: '*' }] : [];
  const delegating = { Effect: 'Allow', Principal: { AWS: account }, Action: 'kms:*', Resource: '*' };
  const request = {
    principal: `arn:aws:iam::${account}:user/u`,
    action: 'kms:DescribeKey',
    resource: { arn: keys, account, nameUnknown: true, isNot: new Set([`${keys}held`]) },
  };
  return authorize(request, {
    identity: [{ name: 'identity', document: { Version: '2012-10-17', Statement: [statement, ...others] } }],
    resource: { name: 'key', document: { Version: '2012-10-17', Statement: delegating } },
  }).decision;
}

describe('a key of unknown id that is none of the held keys', () => {
  test.each([
    ['Resource', ['held'], 'Allow', 'denied'],
    ['Resource', ['held'], 'Deny', 'allowed'],
    ['NotResource', ['held'], 'Allow', 'allowed'],
    ['NotResource', ['held'], 'Deny', 'denied'],
    ['Resource', ['other'], 'Allow', 'depends'],
    ['Resource', ['other'], 'Deny', 'depends'],
    ['Resource', ['he*'], 'Allow', 'depends'],
    ['Resource', ['held', '*'], 'Allow', 'allowed'],
    ['Resource', ['held', 'other'], 'Deny', 'depends'],
  ] as const)('%s %j in an %s: %s', (element, patterns, effect, decision) => {
    expect(decided(element, patterns, effect)).toBe(decision);
  });

  test('no world gives it the ID of a held key', () => {
    const statement = (effect: string, name: string) => ({
      Effect: effect,
      Action: 'kms:DescribeKey',
      Resource: `${keys}${name}`,
    });
    const request = {
      principal: `arn:aws:iam::${account}:user/u`,
      action: 'kms:DescribeKey',
      resource: { arn: keys, account, nameUnknown: true, isNot: new Set([`${keys}held`]) },
    };
    const delegating = { Effect: 'Allow', Principal: { AWS: account }, Action: 'kms:*', Resource: '*' };
    const found = authorize(request, {
      identity: [
        {
          name: 'identity',
          document: { Version: '2012-10-17', Statement: [statement('Allow', 'h*'), statement('Deny', 'held')] },
        },
      ],
      resource: { name: 'key', document: { Version: '2012-10-17', Statement: delegating } },
    });
    expect(JSON.stringify('witness' in found ? found.witness : found)).not.toContain('key/held');
  });
});
