import { describe, expect, test } from 'vitest';
import { type Answered, answersText } from '../../src/explain/answers.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { SourceType } from '../../src/operations/source-flags.ts';

const role = 'arn:aws:iam::111122223333:role/operator';

function one(verdict: Answered['verdict'], phrase = 'restore SOURCE', more: Partial<Answered> = {}): Answered {
  return {
    operation: { command: 'restore', phrase },
    principal: role,
    source: { type: 'cluster-snapshot', arn: 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:rds:orders-1' },
    verdict,
    ...more,
  };
}

function of(type: SourceType, name: string): Pick<Answered, 'source'> {
  return { source: { type, arn: `arn:aws:rds:us-east-1:111122223333:${type}:${name}` } };
}

const rows: readonly (readonly [says: string, answers: readonly Answered[]])[] = [
  ['role/operator cannot restore snapshot rds:orders-1', [one('fails')]],
  ['role/operator can restore snapshot rds:orders-1', [one('succeeds')]],
  ['role/operator may be unable to restore snapshot rds:orders-1', [one('undetermined')]],
  [
    'role/operator cannot restore cluster orders to a point in time',
    [one('fails', 'restore SOURCE to a point in time', of('cluster', 'orders'))],
  ],
  ['role/operator can stop DB instance db1', [one('succeeds', 'stop SOURCE', of('db', 'db1'))]],
  ['role/operator can create a cluster', [one('succeeds', 'create a cluster', { source: undefined })]],
  [
    'The root user of account 111122223333 cannot restore snapshot rds:orders-1',
    [one('fails', undefined, { principal: 'arn:aws:iam::111122223333:root' })],
  ],
  [
    'Account 444455556666 cannot restore snapshot rds:orders-1',
    [one('fails', undefined, { principal: 'arn:aws:iam::444455556666:root' })],
  ],
  [
    'The root user of account 111122223333 can create a cluster',
    [one('succeeds', 'create a cluster', { principal: 'arn:aws:iam::111122223333:root', source: undefined })],
  ],
  [
    'Account 444455556666 can call a key',
    [
      one('succeeds', 'call a key', {
        principal: 'arn:aws:iam::444455556666:root',
        source: undefined,
        owner: '111122223333',
      }),
    ],
  ],
  ['role/operator cannot restore 1 of 2 snapshots', [one('succeeds'), one('fails')]],
  ['role/operator cannot restore any of the 2 snapshots', [one('fails'), one('fails')]],
  ['role/operator can restore all 2 snapshots', [one('succeeds'), one('succeeds')]],
  [
    'role/operator cannot restore 1 of 3 snapshots (1 more is undetermined)',
    [one('succeeds'), one('fails'), one('undetermined')],
  ],
  [
    'role/operator may be unable to restore 1 of 2 snapshots',
    [one('undetermined'), one('succeeds', undefined, of('snapshot', 's'))],
  ],
  [
    'restore: 1 fails and 1 succeeds (2 checks)',
    [one('fails'), one('succeeds', undefined, { principal: 'arn:aws:iam::111122223333:role/other' })],
  ],
  [
    'restore: 1 is undetermined and 1 succeeds (2 checks)',
    [one('undetermined'), one('succeeds', undefined, { principal: 'arn:aws:iam::111122223333:role/other' })],
  ],
];

describe('an answer in one sentence', () => {
  test.each(rows)('%s', (says, answers) => {
    expect(answersText(answers)).toBe(says);
  });

  test('every operation that reads something names it', () => {
    for (const { phrase, reads, does } of catalogue)
      expect({ does, names: phrase.split('SOURCE').length - 1 }).toEqual({ does, names: reads === undefined ? 0 : 1 });
  });
});
