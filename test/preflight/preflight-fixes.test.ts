// @module-tag slow
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { answeredRows } from '../../src/report/answered-rows.ts';
import { render } from '../../src/report/formats.ts';
import { evidenceOf, questionOf, readCases } from '../check-case.ts';
import { reportOn } from '../preflight-case.ts';
import { styleOf } from '../style.ts';

const file = readCases(new URL('../cases/remedy/fixture.json', import.meta.url));
const evidence = evidenceOf(file, {});
const at = {
  now: '2026-11-23T12:00:00Z',
  defaults: { account: '111122223333', region: 'us-east-1' },
};
const principal = 'arn:aws:iam::111122223333:role/dba';
const [able, unable] = [
  { who: 'role/dba', can: 'restore', snapshot: 'orders-1' },
  { who: 'role/restorer', cannot: 'restore', snapshot: 'orders-1' },
];

test('a fix has the documents and commands that a check gives', () => {
  const { expectations, fixes } = reportOn(evidence, [able, able], at);
  const asked = questionOf({ operation: 'restore', principal, snapshot: 'orders-1', region: 'us-east-1' });
  const [first] = check(evidence, { ...asked, fix: true }, 'test').fixes;
  expect(fixes).toEqual([first]);
  expect(fixes[0]?.steps[0]).toMatchObject({ policy: { after: { Version: '2012-10-17' } }, other: null });
  expect(fixes[0]?.steps[0]?.commands).not.toEqual([]);
  expect(expectations.map((one) => one.fixes?.map(({ id }) => id))).toEqual([[first?.id], [first?.id]]);
});

test('what only denies has its steps alone', () => {
  const { expectations, fixes } = reportOn(evidence, [unable], at);
  expect(expectations[0]?.fixes).toMatchObject([{ after: 'denied' }]);
  expect(fixes).toEqual([]);
});

test('rows say why a combination does not hold, and what to do', () => {
  const report = reportOn(evidence, [able, unable], at);
  const rows = [...answeredRows.preflight({ report })];
  expect(rows).toMatchObject([
    {
      row: { verdict: 'fails', code: 'cannot-do', fixId: report.fixes[0]?.id },
      reason: {
        code: 'cannot-do',
        text: expect.stringMatching(/^RDS calls kms:DescribeKey and kms:CreateGrant on alias/),
      },
      fix: expect.stringMatching(/^allow role\/dba kms:DescribeKey and kms:CreateGrant in a new inline policy/),
    },
    {
      row: { verdict: 'fails', code: 'can-do', fixId: expect.stringMatching(/^fix-/) },
      fix: expect.stringMatching(/^deny rds:RestoreDBClusterFromSnapshot to role\/restorer/),
    },
  ]);
  const lines = render('preflight', { report }, 'csv', styleOf({})).split('\r\n');
  expect(lines[0]).toMatch(/,reason,fix$/);
  expect(lines[1]).toContain('RDS calls kms:DescribeKey');
  expect(lines[1]).toContain('allow role/dba');
  const record = v.looseObject({ record: v.string(), id: v.optional(v.string()) });
  const records = render('preflight', { report }, 'jsonl', styleOf({}))
    .trimEnd()
    .split('\n')
    .map((line) => v.parse(record, JSON.parse(line)));
  expect(records.filter((each) => each.record === 'fix').map(({ id }) => id)).toEqual(rows.map(({ row }) => row.fixId));
});

test('each row names the fix that its own combination needs', () => {
  const many = { who: ['role/dba', 'role/bounded'], can: 'restore', snapshot: 'orders-1' };
  const rows = [...answeredRows.preflight({ report: reportOn(evidence, [many], at) })];
  expect(rows.map(({ row, fix }) => [row.principal, fix])).toEqual([
    [principal, expect.stringMatching(/^allow role\/dba /)],
    ['arn:aws:iam::111122223333:role/bounded', expect.stringMatching(/policy\/boundary|permissions boundary/)],
  ]);
});

test('a row for which no fix was found names none', () => {
  const many = {
    who: ['role/dba', 'role/reader', 'role/bounded', 'role/key-admin'],
    can: 'restore',
    snapshot: 'orders-1',
  };
  const report = reportOn(evidence, [many], at);
  expect(report.expectations[0]).toMatchObject({ broken: 4, fixNotSought: true });
  const rows = [...answeredRows.preflight({ report })];
  expect(rows.map(({ fix }) => fix === undefined)).toEqual([false, false, false, true]);
});
