import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { run } from '../../src/cli/run.ts';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { readExpectations } from '../../src/preflight/read.ts';

/* One clear error with line and column, and no expectation is judged. */

const cases = v.parse(
  v.array(v.strictObject({ name: v.string(), text: v.string(), at: v.string(), says: v.string() })),
  JSON.parse(readFileSync(new URL('../cases/preflight/refused.json', import.meta.url), 'utf8')),
);

function refusalOf(text: string): Failure {
  try {
    readExpectations([{ file: 'f', text }]);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('refused', () => {
  test.each(cases)('$name', ({ text, at, says }) => {
    const { kind, message, next = '' } = refusalOf(text);
    const words = `${message} / ${next}`;
    expect({
      kind,
      at: message.startsWith(`${at}:`) ? at : message,
      says: words.includes(says) ? says : words,
    }).toEqual({
      kind: 'input',
      at,
      says,
    });
  });
});

async function ran(
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  let [out, error] = ['', ''];
  const code = await run(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (error += text) },
    environment: {},
    now: () => new Date('2026-11-26T12:00:00Z'),
  });
  return { code, out, error };
}

const example = 'docs/examples/preflight';

describe('preflight ends with 252 and judges nothing', () => {
  test('where a file is larger than 1 MB', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'large.yaml');
    writeFileSync(file, `version: 1\n# ${'x'.repeat(10_000_000)}\n`);
    const { code, out, error } = await ran(['preflight', file, '--demo']);
    expect({ code, out }).toEqual({ code: 252, out: '' });
    expect(error).toContain('is larger than 1 MB');
  });

  test('where two inputs are standard input', async () => {
    const { code, out, error } = await ran(['preflight', '-', '--evidence', '-']);
    expect({ code, out }).toEqual({ code: 252, out: '' });
    expect(error).toContain('standard input (`-`) is named twice');
  });

  test('where no file is named and none is there', async () => {
    const { code, error } = await ran(['preflight', '--demo']);
    expect(code).toBe(252);
    expect(error).toContain('preflight init');
  });

  test('where an id is not there, and names the nearest', async () => {
    const files = [`${example}/aurora-kms-check.yaml`, '--evidence', `${example}/evidence.json`];
    const { code, error } = await ran(['preflight', 'explain', 'nightly-backups', ...files]);
    expect(code).toBe(252);
    expect(error).toContain('nightly-backup');
  });

  test('where more than 10,000 expectations are given', () => {
    const one = '{ id: a, who: role/x, can: restore, snapshot: s, why: w }';
    const many = Array.from({ length: 10_001 }, () => one).join(', ');
    expect(refusalOf(`{ version: 1, expectations: [${many}] }`).message).toContain('the maximum is 10000');
  });
});

describe('the example', () => {
  const files = [`${example}/aurora-kms-check.yaml`, '--evidence', `${example}/evidence.json`];

  test('holds', async () => {
    const { code, out } = await ran(['preflight', ...files, '--output', 'json']);
    const report = v.parse(v.looseObject({ summary: v.looseObject({}) }), JSON.parse(out));
    expect(code).toBe(0);
    expect(report.summary).toEqual({ holds: 4, broken: 0, unproven: 0, questions: 39, exceptions: 1 });
  });

  test('is explained one by one', async () => {
    const { code, out } = await ran(['preflight', 'explain', 'only-dr-restores', ...files]);
    expect(code).toBe(0);
    expect(out).toContain('28 combinations');
  });
});

/* Rule 13. */
describe('a baseline', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  const evidence = ['--evidence', `${example}/evidence.json`, '--output', 'json'];
  const expectations = join(folder, 'expectations.yaml');
  const baseline = join(folder, 'baseline.json');
  const place = 'account: "111122223333", region: eu-west-1';
  const fileOf = (...all: readonly string[]): string =>
    `{ version: 1, defaults: { ${place} }, expectations: [${all.map((one, index) => `{ id: e${index}, why: w, ${one} }`).join(', ')}] }`;
  const shares = 'who: role/app-migrator, cannot: share-snapshot, snapshot: orders-2026-11-24';
  const typo = 'who: role/nobody, cannot: share-snapshot, snapshot: orders-2026-11-24';
  const reported = async (...args: readonly string[]) => {
    const { code, out } = await ran(['preflight', expectations, ...evidence, ...args]);
    return { code, report: v.parse(preflightReportSchema, JSON.parse(out)) };
  };

  test('accepts what does not hold now', async () => {
    writeFileSync(expectations, fileOf(shares, typo));
    expect((await reported()).code).toBe(1);
    const { code, report } = await reported(
      '--write-baseline',
      baseline,
      '--reason',
      'as found',
      '--until',
      '2027-01-31',
    );
    expect({ code, stale: report.stale }).toEqual({ code: 0, stale: [] });
    expect((await reported('--baseline', baseline)).code).toBe(0);
  });

  test('is never written over', async () => {
    const { code } = await ran([
      'preflight',
      expectations,
      ...evidence,
      '--write-baseline',
      baseline,
      '--reason',
      'r',
      '--until',
      '2027-01-31',
    ]);
    expect(code).toBe(252);
  });

  test('does not accept what is new', async () => {
    writeFileSync(expectations, fileOf(shares, typo, 'who: role/app-orders, can: create-snapshot, cluster: orders'));
    const { code, report } = await reported('--baseline', baseline);
    expect({
      code,
      broken: report.expectations.filter(({ outcome }) => outcome === 'broken').map(({ id }) => id),
    }).toEqual({ code: 1, broken: ['e2'] });
  });

  test('tells which entries are stale', async () => {
    writeFileSync(expectations, fileOf(shares));
    const { code, report } = await reported('--baseline', baseline);
    expect({ code, stale: report.stale?.map(({ id, operation }) => ({ id, operation })) }).toEqual({
      code: 0,
      stale: [{ id: 'e1', operation: 'nothing-matched' }],
    });
  });

  test('has no effect after its last day', async () => {
    const ended = JSON.parse(readFileSync(baseline, 'utf8'));
    writeFileSync(join(folder, 'ended.json'), JSON.stringify({ ...ended, until: '2026-11-25' }));
    const { code, report } = await reported('--baseline', join(folder, 'ended.json'));
    expect({ code, codes: report.warnings.map((one) => one.code) }).toEqual({
      code: 1,
      codes: expect.arrayContaining(['baseline-ended']),
    });
  });

  test.each([
    '',
    '{}',
    '{"baselineVersion":1}',
    '{"baselineVersion":1,"reason":"r","until":"2027-02-30","entries":[]}',
    '{"baselineVersion":1,"reason":"r","until":"2027-01-31","entries":[{}]}',
  ])('is refused where it is malformed: %s', async (text) => {
    const file = join(folder, 'malformed.json');
    writeFileSync(file, text);
    expect((await ran(['preflight', expectations, ...evidence, '--baseline', file])).code).toBe(252);
  });
});
