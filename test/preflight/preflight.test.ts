import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { expectationsSchema } from '../../src/contract/expectations.ts';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { fixJson } from '../../src/report/fix-json.ts';
import { codesIn, exampleEvidence, type PreflightCase, preflightCases, reportOn } from '../preflight-case.ts';

const folder = new URL('../cases/preflight/', import.meta.url);

function casesIn(file: string): readonly PreflightCase[] {
  return v.parse(preflightCases, JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
}

const files = readdirSync(folder).filter((file) => file.startsWith('rule'));

describe.each(files)('%s', (file) => {
  test.each(casesIn(file))('rule $rule: $name', ({ change, defaults, expect: expected, now, ...known }) => {
    const report = reportOn(exampleEvidence(change), [expected], { now, defaults });
    const printed = { ...report, fixes: report.fixes.map(fixJson) };
    expect(v.parse(preflightReportSchema, printed)).toEqual(printed);
    const [one] = report.expectations;
    const text = JSON.stringify(report);
    expect({
      outcome: one?.outcome,
      codes: codesIn(report),
      ...(known.questions === undefined ? {} : { questions: one?.questions }),
      missing: known.says.filter((words) => !text.includes(words)),
      present: known.saysNot.filter((words) => text.includes(words)),
    }).toEqual({
      outcome: known.outcome,
      codes: known.codes.toSorted(),
      ...(known.questions === undefined ? {} : { questions: known.questions }),
      missing: [],
      present: [],
    });
  });
});

test.each(files.flatMap(casesIn))(
  'the schema of expectations takes what is read: $name',
  ({ expect: expected, defaults }) => {
    const place = defaults === undefined ? {} : { defaults };
    const file = { version: 1, ...place, expectations: [{ id: 'a', why: 'w', ...expected }] };
    expect(v.safeParse(expectationsSchema, file).issues ?? []).toEqual([]);
  },
);
