import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { ReportedFix } from '../../src/contract/report.ts';
import { demoEvidence, demoPrincipal } from '../../src/evidence/demo.ts';
import { plain } from '../../src/report/style.ts';
import { reportText } from '../../src/report/text.ts';
import { questionOf } from '../check-case.ts';
import { styleOf } from '../style.ts';

/* A sentence about gains names each thing once, and distinguishes things with equal names. */

const report = check(
  demoEvidence,
  {
    ...questionOf({ operation: 'restore', principal: demoPrincipal, snapshot: 'orders-before-upgrade' }),
    fix: true,
  },
  'test',
);
const snapshot = 'arn:aws:rds:us-east-1:111122223333:snapshot:reports-1';

function gain(api: string, targets: readonly string[]): ReportedFix['gains'][number] {
  return {
    principals: [demoPrincipal],
    operations: [{ operation: 'restore', api }],
    targets: [...targets],
    before: 'fails',
    after: 'succeeds',
  };
}

const [key = ''] = report.results.flatMap(({ target }) => target.key ?? []);

const rows: readonly (readonly [says: string, gains: ReportedFix['gains'], text: string])[] = [
  [
    'two ways to restore one snapshot',
    [gain('RestoreDBInstanceFromDBSnapshot', [snapshot]), gain('RestoreDBClusterFromSnapshot', [snapshot])],
    'role/operator could then also restore DB snapshot reports-1.',
  ],
  [
    'one name in two Regions',
    [gain('RestoreDBInstanceFromDBSnapshot', [snapshot, snapshot.replace('us-east-1', 'eu-west-1')])],
    'role/operator could then also restore DB snapshots reports-1 in us-east-1 and reports-1 in eu-west-1.',
  ],
  [
    'a key by its alias',
    [{ ...gain('CreateDBInstance', [key]), operations: [{ operation: 'create-instance', api: 'CreateDBInstance' }] }],
    'role/operator could then also create a DB instance under alias/orders.',
  ],
];

test.each(rows)('%s', (_, gains, text) => {
  const fixes = report.fixes.map((fix) => ({ ...fix, gains, powers: [] }));
  const drawn = reportText({ ...report, fixes }, styleOf({ paint: plain, width: Infinity }));
  expect(drawn).toContain(text);
});

/**
 * Matches `a, a` and `a and a`. A name has a capital, a digit or one of the other characters of
 * names.
 */
const repeated = /(?<![\w/:.-])([\w/:.-]*[A-Z\d/:_-][\w/:.-]*)(?:, | and )\1(?![\w/:-])/;

test('finds names that are repeated', () => {
  expect('restore reports-1 and reports-1.').toMatch(repeated);
  expect('role/a, role/a and 3 more').toMatch(repeated);
  expect('reports-1 in us-east-1 and reports-10').not.toMatch(repeated);
});

const folder = new URL('../golden/', import.meta.url);
test.each(readdirSync(folder).filter((name) => name.endsWith('.100.txt')))('%s names nothing twice', (name) => {
  expect(readFileSync(new URL(name, folder), 'utf8')).not.toMatch(repeated);
});
