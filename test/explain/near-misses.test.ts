import { expect, test } from 'vitest';
import { nearMissText } from '../../src/explain/near-misses.ts';

const covers = (name: string) =>
  ({
    statement: { policy: 'identity', name, statement: 0, effect: 'Allow' },
    miss: {
      code: 'other-resource',
      match: 'some',
      entries: [{ arn: 'arn:aws:kms:*:*:key/b', nearby: false }],
      isKey: true,
    },
  }) as const;

const describing = { call: { row: { action: 'kms:DescribeKey' } } };
const granting = { call: { row: { action: 'kms:CreateGrant' } } };

test.each([
  ['the call', [{ ...describing, nearMisses: [covers('a')] }]],
  [
    'both calls',
    [
      { ...describing, nearMisses: [covers('a')] },
      { ...granting, nearMisses: [covers('a')] },
    ],
  ],
  [
    'kms:CreateGrant',
    [
      { ...describing, nearMisses: [] },
      { ...granting, nearMisses: [covers('a')] },
    ],
  ],
])('a near miss says that it would allow %s', (calls, missing) => {
  expect(nearMissText(missing)).toBe(
    `. Statement[0] of identity policy a would allow ${calls}, but it covers only arn:aws:kms:*:*:key/b, another key`,
  );
});
