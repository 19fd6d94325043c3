import { expect, test } from 'vitest';
import { distinctNames, someNames } from '../../src/base/names.ts';

const snapshot = 'arn:aws:rds:us-east-1:111122223333:snapshot:reports-1';
const [ofOther, inOther, cluster] = [
  snapshot.replace('111122223333', '444455556666'),
  snapshot.replace('us-east-1', 'eu-west-1'),
  snapshot.replace('snapshot:', 'cluster-snapshot:'),
];
const role = 'arn:aws:iam::111122223333:role/app';
const bare = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

const rows: readonly (readonly [says: string, arns: readonly string[], names: readonly string[]])[] = [
  ['one resource is named once', [snapshot, snapshot], ['reports-1']],
  ['Regions distinguish', [snapshot, inOther, role], ['reports-1 in us-east-1', 'reports-1 in eu-west-1', 'role/app']],
  [
    'accounts distinguish',
    [snapshot, ofOther],
    ['reports-1 of account 111122223333', 'reports-1 of account 444455556666'],
  ],
  [
    'accounts of roles distinguish',
    [role, role.replace('111122223333', '444455556666')],
    ['role/app of account 111122223333', 'role/app of account 444455556666'],
  ],
  ['nothing shorter than the ARNs distinguishes', [snapshot, cluster], [snapshot, cluster]],
  ['a text that is no ARN stays', ['orders', snapshot], ['orders', 'reports-1']],
];

test.each(rows)('%s', (_, arns, names) => {
  expect(distinctNames(arns, bare)).toEqual(names);
});

test('more names than are wanted are counted, each once', () => {
  expect(someNames([snapshot, snapshot, role], 2)).toBe('snapshot:reports-1 and role/app');
  expect(someNames([snapshot, snapshot, role, cluster], 2)).toBe('snapshot:reports-1, role/app and 1 more');
  expect(someNames([], 2)).toBe('');
});
