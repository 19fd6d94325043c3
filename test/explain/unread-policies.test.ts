import { expect, test } from 'vitest';
import { hiddenPolicy, knownAfterApply } from '../../src/base/planned-name.ts';
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

test('a plan may hide which policy a principal has, or the text of a policy', () => {
  const text = (kind: 'identity' | 'boundary', of: string) =>
    factText({ fact: 'policy', kind, of, why: knownAfterApply });
  expect(text('boundary', hiddenPolicy)).toBe('the permissions boundary (the plan does not show which policy this is)');
  expect(text('identity', hiddenPolicy)).toBe('an identity policy (the plan does not show which policy this is)');
  expect(text('boundary', 'arn:aws:iam::111122223333:policy/b')).toBe(
    'permissions boundary policy/b (known only after the apply)',
  );
});
