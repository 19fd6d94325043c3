import { describe, expect, test } from 'vitest';
import { parseEvidence } from '../../src/evidence/load.ts';
import { findBucket } from '../../src/evidence/lookup.ts';
import { merge } from '../../src/evidence/merge.ts';
import { type Key } from '../../src/evidence/schema.ts';
import { blocksOf, pageUrl } from '../readme.ts';

/* A run with several questions may read one key in two parts. */

const place = { account: '111122223333', region: 'us-east-1' };
const Arn = 'arn:aws:kms:us-east-1:111122223333:key/k1';

function evidenceWith(key: Omit<Key, 'KeyMetadata'> & { readonly KeyMetadata?: Omit<Key['KeyMetadata'], 'Arn'> }) {
  const keys = [{ ...key, KeyMetadata: { ...key.KeyMetadata, Arn } }];
  const { account, region } = place;
  return { evidenceVersion: 1 as const, accounts: { [account]: { regions: { [region]: { kms: { keys } } } } } };
}

function merged(one: Parameters<typeof evidenceWith>[0], other: Parameters<typeof evidenceWith>[0]) {
  const files = [
    { from: 'a', evidence: evidenceWith(one) },
    { from: 'b', evidence: evidenceWith(other) },
  ];
  return merge(files).accounts[place.account]?.regions?.[place.region]?.kms?.keys;
}

const enabled = { KeyMetadata: { KeyState: 'Enabled', KeyManager: 'CUSTOMER' } };

describe('what two files hold of one key', () => {
  test.each([
    ['its description in one of them', {}, enabled, { KeyMetadata: { ...enabled.KeyMetadata, Arn } }],
    [
      'its policy in one of them',
      enabled,
      { Policy: '{}' },
      { Policy: '{}', KeyMetadata: { ...enabled.KeyMetadata, Arn } },
    ],
    [
      'each another alias that it was found by',
      { FoundAs: ['alias/b'] },
      { FoundAs: ['alias/a'] },
      { FoundAs: ['alias/a', 'alias/b'] },
    ],
    [
      'its aliases, and one that it was found by',
      { Aliases: [{ AliasName: 'alias/a' }] },
      { FoundAs: ['alias/a'] },
      { FoundAs: ['alias/a'] },
    ],
    ['that it has no second policy, in one of them', { RamPolicy: null }, {}, { RamPolicy: null }],
  ])('%s', (_, one, other, whole) => {
    expect(merged(one, other)).toMatchObject([whole]);
    expect(merged(other, one)).toMatchObject([whole]);
  });

  test.each([
    ['its state', enabled, { KeyMetadata: { KeyState: 'Disabled' } }],
    ['its policy', { Policy: '{}' }, { Policy: '{"Version":"2012-10-17","Statement":[]}' }],
    ['its second policy', { RamPolicy: null }, { RamPolicy: '{}' }],
    ['its aliases', { Aliases: [] }, { Aliases: [{ AliasName: 'alias/a' }] }],
    ['its grants', { Grants: [] }, { Grants: [{ GrantId: '1' }] }],
  ])('that differ in %s is refused', (_, one, other) => {
    expect(() => merged(one, other)).toThrow(`a and b contradict each other on ${Arn}`);
  });
});

test('an account that is in no organization stays in none if another file leaves its organization out', () => {
  const files = [
    { from: 'a', evidence: { evidenceVersion: 1 as const, accounts: { [place.account]: { organization: null } } } },
    { from: 'b', evidence: { evidenceVersion: 1 as const, accounts: { [place.account]: {} } } },
  ];
  for (const all of [files, files.toReversed()])
    expect(merge(all).accounts[place.account]).toEqual({ organization: null });
});

test('the files in docs/evidence.md can be merged, and show the policy of the bucket', () => {
  const blocks = blocksOf(pageUrl('docs/evidence.md')).filter(({ language }) => language === 'json');
  const files = blocks.map(({ text }, index) => ({ from: `${index}`, evidence: parseEvidence(`${index}`, text) }));
  expect(findBucket(merge(files), 'orders-exports')).toMatchObject({
    account: place.account,
    bucket: { BucketRegion: 'eu-west-1', Policy: { Statement: [{ Sid: 'OnlyExports' }] } },
  });
  expect(merge(files).accounts[place.account]?.organization).toBe(null);
});
