import { expect, test } from 'vitest';
import { powersTogether } from '../../src/answer/gains.ts';

/* The powers that a fix gives, grouped into principals, actions and keys. */

const role = 'arn:aws:iam::111122223333:role/operator';
const key = 'arn:aws:kms:us-east-1:111122223333:key/a';
const power = { principal: role, action: 'kms:Decrypt', before: 'denied', after: 'allowed' } as const;

test.each([
  ['of a key name it', key, [key]],
  ['of no key name none', undefined, []],
])('powers %s', (_, on, keys) => {
  const powers = [{ ...power, key: on }];
  expect(powersTogether(powers)).toEqual([
    { principals: [role], actions: ['kms:Decrypt'], keys, before: 'denied', after: 'allowed' },
  ]);
});
