import { expect, test } from 'vitest';
import { compile } from '../../src/policy/authorize.ts';
import type { Policies } from '../../src/policy/policies.ts';

/* A denied call names the layers that certainly do not allow it. */

const key = 'arn:aws:kms:eu-west-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';
const role = 'arn:aws:iam::111122223333:role/dr-restore';
const named = (document: object) => ({ name: 'p', document });
const allow = (principal?: object) =>
  named({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...principal, Action: 'kms:*', Resource: '*' }] });
const other = named({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] });
const scps = [[other]];
const account = allow({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } });

const rows: readonly (readonly [what: string, policies: Policies, lacking: readonly string[]])[] = [
  ['the key policy was not read', { identity: [], scps }, ['scp']],
  ['the grants were not read', { identity: [], scps, resource: other, grants: { unread: 'x' } }, ['scp']],
  ['the key policy allows a session itself', { identity: [], scps, resource: allow({ Principal: '*' }) }, ['scp']],
  ['the key policy admits the account', { identity: [], scps, resource: account }, ['scp', 'identity']],
  ['the key policy allows nothing', { identity: [], scps, resource: other }, ['scp', 'resource', 'identity']],
  ['a boundary', { identity: [], boundary: [other], resource: account }, ['identity', 'boundary']],
];

test.each(rows)('%s', (_, policies, lacking) => {
  const decision = compile(policies).authorize({
    principal: role,
    action: 'kms:DescribeKey',
    resource: { arn: key, account: '111122223333' },
  });
  expect(decision.decision).toBe('denied');
  expect(decision.lacking).toEqual(lacking);
});
