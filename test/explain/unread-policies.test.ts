import { expect, test } from 'vitest';
import { factText } from '../../src/explain/facts.ts';

/* The text about policies that were not read names each noun once. */

const bob = 'arn:aws:sts::111122223333:federated-user/bob';

test.each([
  ['identity', `identity policies of ${bob}`, 'the identity policies of federated-user/bob'],
  ['identity', 'inline policies of role app', 'the inline policies of role app'],
  ['identity', 'managed policies of role app', 'the managed policies of role app'],
  ['identity', 'policies of group dbas', 'the policies of group dbas'],
  ['identity', 'groups of user alice', 'the groups of user alice'],
  ['identity', 'arn:aws:iam::aws:policy/AdministratorAccess', 'identity policy policy/AdministratorAccess'],
  ['identity', 'policies-of-app', 'identity policy policies-of-app'],
  ['boundary', `permissions boundary of ${bob}`, 'the permissions boundary of federated-user/bob'],
  ['scp', 'SCPs of ou-0001-example1', 'the SCPs of ou-0001-example1'],
  ['rcp', 'RCPs of r-0001', 'the RCPs of r-0001'],
  ['session', '', 'session policy'],
] as const)('%s %s', (kind, of, says) => {
  expect(factText({ fact: 'policy', kind, of, why: 'why' })).toBe(`${says} (not read: why)`);
});
