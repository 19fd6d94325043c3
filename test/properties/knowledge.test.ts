import { expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import type { Possible } from '../../src/policy/possible.ts';
import type { RequestInput } from '../../src/policy/request.ts';

/* Partial knowledge of a key. Such knowledge is a function, so case files cannot contain it. */

const account = '111122223333';
const user = `arn:aws:iam::${account}:user/ann`;
const asked: RequestInput = {
  principal: user,
  userId: 'AIDA',
  action: 'kms:Decrypt',
  resource: { arn: `arn:aws:kms:us-east-1:${account}:key/K`, account },
};
const delegates = { Effect: 'Allow', Principal: { AWS: account }, Action: '*', Resource: '*' };
const resource = { name: 'key', document: { Version: '2012-10-17', Statement: delegates } };

function knowing(keys: Readonly<Record<string, Possible>>): RequestInput {
  return { ...asked, possible: (keyId) => keys[keyId] };
}

test('a grant asks for what is known of a pair of the encryption context', () => {
  const Constraints = { EncryptionContextEquals: { team: 'red' } };
  const grants = [{ GrantId: 'g', GranteePrincipal: user, Operations: ['Decrypt'], Constraints }];
  const given = (pair: Possible): string =>
    authorize(knowing({ 'kms:encryptioncontext:team': pair }), { identity: [], resource, grants }).decision;
  expect(given({ absent: true, values: [['red']] })).toBe('depends');
  expect(given({ absent: false, values: [['red']] })).toBe('allowed');
  expect(given({ absent: true, values: [['blue']] })).toBe('denied');
  // A value that did not exist when the policy was written.
  expect(given({ absent: false, values: { startsWith: 'r', fresh: true } })).toBe('denied');
});

test('a tag that is certainly there is there, though its value may be empty', () => {
  const Statement = {
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition: { Null: { 'aws:PrincipalTag/t': 'false' } },
  };
  const policies = { identity: [{ name: 'i', document: { Version: '2012-10-17', Statement } }], resource, grants: [] };
  const someText: Possible = { absent: false, values: { startsWith: '', fresh: false } };
  const given = (tag: Possible): string => authorize(knowing({ 'aws:principaltag/t': tag }), policies).decision;
  expect(given(someText)).toBe('allowed');
  expect(given({ absent: false, values: [['']] })).toBe('allowed');
  expect(given({ absent: true, values: [['']] })).toBe('depends');
});

test('a witness leaves out no key that matters, where its values could not all be listed', () => {
  const [one, other] = ['aws:PrincipalTag/t', 'aws:PrincipalTag/b'];
  const statement = (Condition: object): object => ({ Effect: 'Allow', Action: '*', Resource: '*', Condition });
  const Statement = [
    statement({ StringEqualsIfExists: { [one]: 'red' }, 'ForAllValues:BinaryEqualsIfExists': { [other]: 'AAEC' } }),
    statement({ StringEquals: { [other]: '?ed' } }),
  ];
  const policies = { identity: [{ name: 'i', document: { Version: '2012-10-17', Statement } }], resource, grants: [] };
  const decision = authorize({ ...asked, unknownKeys: [one, other] }, policies);
  const denies = 'witness' in decision && decision.witness !== 'not enumerated' ? decision.witness.denies : [];
  const context = Object.fromEntries(
    denies.flatMap(({ fact, values }) => (fact.fact === 'context' && values !== 'absent' ? [[fact.key, values]] : [])),
  );
  const unknownKeys = [one, other].filter(
    (name) => !denies.some(({ fact }) => fact.fact === 'context' && fact.key.toLowerCase() === name.toLowerCase()),
  );
  expect(authorize({ ...asked, context, unknownKeys }, policies).decision).toBe('denied');
});
