import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { answer } from '../../src/answer/check.ts';
import { lazily } from '../../src/base/lazily.ts';
import { type Report, reportSchema } from '../../src/contract/report.ts';
import { streamOf } from '../../src/contract/report-stream.ts';
import { demoEvidence, demoPrincipal } from '../../src/evidence/demo.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { render } from '../../src/report/formats.ts';
import { rowColumns } from '../../src/report/row.ts';
import { questionOf } from '../check-case.ts';
import { runInProcess } from '../run-in-process.ts';
import { styleOf } from '../style.ts';

/* The formats for programs: the order of their parts, and how their size grows. */

const account = '111122223333';
const region = 'us-east-1';
const example = 'docs/examples/preflight';
const [failing] = demoEvidence.accounts[account]?.regions?.[region]?.rds?.DBClusterSnapshots ?? [];

/** The demo with more snapshots, which all fail for the same reason. `name`: the name of each. */
function withSnapshots(count: number, name = (index: number) => `more-${index}`): Evidence {
  const evidence = structuredClone(demoEvidence);
  const snapshots = evidence.accounts[account]?.regions?.[region]?.rds?.DBClusterSnapshots;
  for (let index = 0; index < count; index += 1)
    snapshots?.push({
      ...failing,
      DBClusterSnapshotIdentifier: name(index),
      DBClusterSnapshotArn: `arn:aws:rds:${region}:${account}:cluster-snapshot:${name(index)}`,
    });
  return evidence;
}

function reportOn(evidence: Evidence): Report {
  const question = questionOf({ operation: 'restore', principal: demoPrincipal, region });
  return answer(evidence, { questions: [{ ...question, fix: true }] }, 'test');
}

function drawn(report: Report, format: string): string {
  return render('check', streamOf(report), format, styleOf());
}

describe('JSON', () => {
  const report = reportOn(withSnapshots(8));
  const json: unknown = JSON.parse(drawn(report, 'json'));

  test('follows its schema, results first and the verdict last', () => {
    const read = v.parse(reportSchema, json);
    expect(read.results.length).toBeGreaterThan(8);
    const names = Object.keys(read);
    expect(names[0]).toBe('reportVersion');
    expect(names.at(-1)).toBe('verdict');
    expect(names.indexOf('results')).toBeLessThan(names.indexOf('fixes'));
  });

  test('holds each fix once, and every one that a result refers to', () => {
    const { results, fixes } = v.parse(reportSchema, json);
    const ids = fixes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(results.flatMap((result) => result.fixes))).toEqual(new Set(ids));
    expect(results.flatMap((result) => result.fixes).length).toBeGreaterThan(2 * ids.length);
  });

  const growing = lazily(() => [16, 32, 64].map((count) => reportOn(withSnapshots(count))));
  test.each(['json', 'jsonl', 'csv', 'text'])('grows as the results do, as %s', { tags: 'slow' }, (format) => {
    const [few = 0, some = 0, many = 0] = growing().map((one) => drawn(one, format).length);
    // The second step adds twice as many results. In text, one more byte is the second digit of a
    // count.
    expect(many - some).toBeLessThan(2.05 * (some - few) + 2);
    if (format === 'json') expect((many - some) / 32).toBeLessThan(11_300);
  });
});

const record = v.looseObject({
  record: v.picklist(['head', 'reason', 'fix', 'row', 'finding', 'gap', 'summary']),
  id: v.optional(v.string()),
  reasonId: v.optional(v.nullable(v.string())),
  fixId: v.optional(v.nullable(v.string())),
});

describe('JSON Lines', () => {
  const report = reportOn(withSnapshots(3));
  const lines = drawn(report, 'jsonl').trimEnd().split('\n');
  const records = lines.map((line) => v.parse(record, JSON.parse(line)));

  test('begin with a head and end with a summary', () => {
    expect(records.map((one) => one.record)).toEqual([
      'head',
      ...records.slice(1, -1).map((one) => one.record),
      'summary',
    ]);
    expect(records.slice(1, -1).filter((one) => ['head', 'summary'].includes(one.record))).toEqual([]);
    expect(records.filter((one) => one.record === 'row')).toHaveLength(report.results.length);
  });

  test('hold a reason or a fix once, and before the first row that refers to it', () => {
    expect(countOnceIn(lines)).toBeGreaterThan(1);
  });

  test.each([
    'restore --demo --snapshot orders-before-upgrade',
    'who-can restore --demo --snapshot ledger-monthly',
    'key-impact alias/orders --demo',
    'audit --demo',
    `preflight --plan ${example}/plan.json --evidence ${example}/evidence.json --principal role/nightly-backup`,
    `diff ${example}/evidence.json --plan docs/examples/access/plan.json`,
  ])('do so in %s', { tags: 'slow' }, async (command) => {
    const { stdout } = await runInProcess([...command.split(' '), '--output', 'jsonl']);
    expect(countOnceIn(stdout.trimEnd().split('\n'))).toBeGreaterThan(0);
  });
});

/**
 * The number of reasons and fixes in the lines. Each must occur once, before the first row that
 * refers to it.
 */
function countOnceIn(lines: readonly string[]): number {
  const seen = new Set<string>();
  for (const line of lines) {
    const { record: kind, id, reasonId, fixId } = v.parse(record, JSON.parse(line));
    if (kind === 'row') for (const one of [reasonId, fixId]) if (one != null) expect(seen).toContain(one);
    if ((kind !== 'reason' && kind !== 'fix') || id === undefined) continue;
    expect(seen).not.toContain(id);
    seen.add(id);
  }
  return seen.size;
}

describe('CSV', () => {
  const report = reportOn(demoEvidence);

  test('has the columns of every command, and CRLF', () => {
    const [head = '', ...rows] = drawn(report, 'csv').split('\r\n');
    expect(head.split(',')).toEqual([...rowColumns, 'reason', 'fix']);
    expect(rows.at(-1)).toBe('');
    expect(rows[0]).toContain(`,${account},${region},restore,${demoPrincipal},role,${account},`);
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '=cmd|"/c calc"', 'a\r\n=1', '\t=1', 'a,"b"'])(
    'holds nothing that a spreadsheet runs: %j',
    (text) => {
      const [first] = report.results;
      if (first === undefined) throw new Error('no result');
      const hostile = { ...first, operation: text, reasons: [{ code: text, text }], region: text };
      const lines = drawn({ ...report, results: [hostile] }, 'csv').split('\r\n');
      expect(lines).toHaveLength(3);
      const cells = (lines[1] ?? '').trimEnd().match(/(?<=^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/g) ?? [];
      expect(cells).toHaveLength(rowColumns.length + 2);
      expect(cells.filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([]);
    },
  );
});
