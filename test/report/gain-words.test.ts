import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { reportText } from '../../src/report/text.ts';
import { evidenceOf, questionOf, readCases } from '../check-case.ts';
import { styleOf } from '../style.ts';

const file = readCases(new URL('../cases/check/requests.json', import.meta.url));

test('a DB snapshot is restored as a DB instance, or as a cluster', () => {
  const given = {
    name: '',
    source: '',
    question: {
      operation: 'restore',
      principal: 'arn:aws:iam::111122223333:role/Restorer',
      snapshot: 'snapshot-k',
      region: 'eu-west-1',
    },
    with: {
      '/accounts/111122223333/iam/RoleDetailList/1/RolePolicyList/0/PolicyDocument/Statement/2': {
        Effect: 'Deny',
        Action: 'kms:CreateGrant',
        Resource: 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-00000000000a',
      },
    },
    expect: { verdict: '' },
  };
  const report = check(evidenceOf(file, given), { ...questionOf(given.question), mend: true }, 'test');
  const text = reportText(report, styleOf({ width: 10_000 }));
  const of = 'DB snapshots db-snapshot-k, awsbackup:job-2 and db-snapshot-own';
  expect(text).toContain(`restore ${of} as a cluster, restore ${of}, `);
});
