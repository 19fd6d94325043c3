import * as v from 'valibot';
import { expect, test } from 'vitest';
import { type DiffReport, diffReportSchema } from '../../src/contract/diff-report.ts';
import { casesOf } from '../../src/report/cases.ts';
import { drawDiff } from '../../src/report/diff.ts';
import { piecesOf } from '../../src/report/format.ts';
import { runInProcess } from '../run-in-process.ts';
import { styleOf } from '../style.ts';

const words = 'diff --demo --assume-key-state alias/ledger=PendingDeletion --operation restore --output json';
const principal = 'arn:aws:iam::111122223333:role/dr-restore';
const target = 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:ledger-monthly';

interface Other {
  readonly principal?: string;
  readonly target?: string;
}

/** A report with two changes. The second change is about another principal or another target. */
async function reportWith(other: Other): Promise<DiffReport> {
  const { stdout } = await runInProcess(words.split(' '));
  const report = v.parse(diffReportSchema, JSON.parse(stdout));
  const [first, second] = report.changes;
  if (first === undefined || second === undefined) throw new Error('the demo has two changes');
  const changes = [
    { ...first, principal, target },
    { ...second, principal, target, ...other },
  ];
  return { ...report, changes };
}

/** The text for the first change. */
async function firstChange(other: Other): Promise<string | undefined> {
  return casesOf.diff(await reportWith(other), undefined).cases[0]?.says;
}

test('the text names the Region where changes are in several, and no ARN', async () => {
  const report = await reportWith({ target: target.replace('us-east-1', 'eu-west-1') });
  const text = [...piecesOf(drawDiff(report, styleOf({ width: 1000 })))].join('');
  expect(text).toContain('restore cluster-snapshot:ledger-monthly in us-east-1');
  expect(text).toContain('restore cluster-snapshot:ledger-monthly in eu-west-1');
  expect(text).not.toContain('arn:');
});

test('a change has short names', async () => {
  expect(await firstChange({})).toBe(
    'restore by role/dr-restore of cluster-snapshot:ledger-monthly: succeeds -> fails',
  );
});

test('the Region or account is named where changes are in several', async () => {
  expect(await firstChange({ target: target.replace('us-east-1', 'eu-west-1') })).toBe(
    'restore by role/dr-restore of cluster-snapshot:ledger-monthly in us-east-1: succeeds -> fails',
  );
  expect(await firstChange({ principal: principal.replace('111122223333', '444455556666') })).toBe(
    'restore by role/dr-restore of account 111122223333 of cluster-snapshot:ledger-monthly of account 111122223333: succeeds -> fails',
  );
});
