import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { preflight } from '../../src/answer/preflight.ts';
import { Failure } from '../../src/base/failure.ts';
import { run } from '../../src/cli/run.ts';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { readExpectations } from '../../src/preflight/read.ts';
import { suggestedFile } from '../../src/preflight/suggest.ts';
import { exampleEvidence, reportOn } from '../preflight-case.ts';

/* Input with a fault gives one clear error with line and column, and no expectation is checked. */

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

describe('preflight ends with 252 and judges nothing', { tags: 'slow' }, () => {
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
    expect(error).toContain('standard input (`-`) is given twice');
  });

  test('where no file is named and none is there', async () => {
    const { code, error } = await ran(['preflight', '--demo']);
    expect(code).toBe(252);
    expect(error).toContain('preflight init');
  });

  test('where an ID is not there, and names the nearest', async () => {
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

/* Input above a limit must also be refused quickly. */
describe('limits', { tags: 'slow' }, () => {
  const head = 'version: 1\nexpectations: ';
  test.each([
    {
      what: 'wide nested lists',
      text: `${head}[${'[a],'.repeat(240_000)}]`,
      says: 'too many lines, strings and lists',
    },
    { what: 'nothing but commas', text: `${head}[${','.repeat(990_000)}]`, says: 'too many lines, strings and lists' },
    { what: 'a long block list', text: `${head}\n${'- a\n'.repeat(240_000)}`, says: 'too many lines, strings' },
    { what: 'a long list of nothing', text: `${head}\n${'-\n'.repeat(480_000)}`, says: 'too many lines, strings' },
    { what: 'nothing but line ends', text: `${head}${'\n'.repeat(990_000)}`, says: 'too many lines, strings' },
    { what: 'nothing but comments', text: `${head}${'#\n'.repeat(490_000)}`, says: 'too many lines, strings' },
    { what: 'nothing but colons', text: `${head}\n${':\n'.repeat(490_000)}`, says: 'too many lines, strings' },
    {
      what: 'fields without values',
      text: Array.from({ length: 140_000 }, (_, index) => `${index.toString(36)}:\n`).join(''),
      says: 'too many lines, strings',
    },
    {
      what: 'many different fields',
      text: Array.from({ length: 60_000 }, (_, index) => `k${index}: v`).join('\n'),
      says: 'the file has no field `k0`',
    },
    { what: 'a field twice, far apart', text: `a: b\n${'# x\n'.repeat(9)}a: c\n`, says: 'f:11:1: the same field' },
  ])('refuse $what', ({ text, says }) => {
    const started = process.cpuUsage();
    expect(refusalOf(text).message).toContain(says);
    // The parser's own search for duplicates took 11 s, and its tree of 1 MB of `- a` took 4 s.
    expect(process.cpuUsage(started).user).toBeLessThan(8_000_000);
  });

  test('refuse more than 10 million questions without resolving them all', () => {
    const evidence = manyOf({ roles: 2_000, snapshots: 500 });
    const one = { who: 'role/*', cannot: 'share-snapshot', snapshot: '*' };
    // Resolving all of them would take minutes.
    const expectations = Array.from({ length: 1_000 }, () => one);
    const started = process.cpuUsage();
    expect(() => reportOn(evidence, expectations, { now: '2026-11-26T12:00:00Z' })).toThrow(
      'the expectations up to `e10` need 11,000,000 checks; the maximum is 10,000,000',
    );
    expect(process.cpuUsage(started).user).toBeLessThan(8_000_000);
  });
});

/** The example with many roles of which only the names are known, and with many snapshots. */
function manyOf({ roles, snapshots }: { readonly roles: number; readonly snapshots: number }): Evidence {
  const account = '111122223333';
  return exampleEvidence({
    [`/accounts/${account}/iam/RoleDetailList`]: Array.from({ length: roles }, (_, index) => ({
      Arn: `arn:aws:iam::${account}:role/r${index}`,
      RoleName: `r${index}`,
    })),
    [`/accounts/${account}/regions/eu-west-1/rds/DBClusterSnapshots`]: Array.from(
      { length: snapshots },
      (_, index) => ({
        DBClusterSnapshotIdentifier: `s${index}`,
        DBClusterSnapshotArn: `arn:aws:rds:eu-west-1:${account}:cluster-snapshot:s${index}`,
      }),
    ),
  });
}

describe('init', () => {
  test('writes at most 50 expectations, all of which hold', { tags: 'slow' }, () => {
    const account = '111122223333';
    const clusters = Array.from({ length: 30 }, (_, index) => ({
      DBClusterIdentifier: `c${index}`,
      DBClusterArn: `arn:aws:rds:eu-west-1:${account}:cluster:c${index}`,
      Status: 'available',
      Engine: 'aurora-postgresql',
      StorageEncrypted: false,
      DBClusterMembers: [],
      TagList: [],
    }));
    const evidence = exampleEvidence({ [`/accounts/${account}/regions/eu-west-1/rds/DBClusters`]: clusters });
    const settings = { evaluatedAt: '2026-11-26T12:00:00Z', strict: false };
    const text = suggestedFile(directoryOf(evidence), settings) ?? '';
    const expectations = readExpectations([{ file: 'init', text }]);
    expect(expectations.length).toBe(50);
    expect(new Set(expectations.map(({ why }) => why))).toEqual(new Set(['TODO']));
    const report = preflight(
      evidence,
      { ...settings, expectations, files: ['init'], whole: false, sessionPolicies: new Map() },
      'test',
    );
    expect(report.summary).toMatchObject({ holds: 50, broken: 0, unproven: 0 });
  });
});

describe('the example', () => {
  test('gives init expectations of the named Region alone', () => {
    const settings = { evaluatedAt: '2026-11-26T12:00:00Z', strict: false };
    const text = (more: { readonly region?: string }): string =>
      suggestedFile(directoryOf(exampleEvidence({})), { ...settings, ...more }) ?? '';
    expect(text({})).toContain('eu-west-1');
    expect(text({ region: 'eu-west-1' })).toBe(text({}));
    expect(text({ region: 'eu-central-1' })).toBe('');
    expect(() => text({ region: 'us-west-2' })).toThrow('nothing of Region us-west-2 was read');
  });

  test('without its databases gives init nothing to write', () => {
    const of = (region: string): string => `/accounts/111122223333/regions/${region}/rds/DBClusters`;
    const evidence = exampleEvidence({ [of('eu-west-1')]: [] });
    const settings = { evaluatedAt: '2026-11-26T12:00:00Z', strict: false };
    expect(suggestedFile(directoryOf(evidence), settings)).toBeUndefined();
  });

  const files = [`${example}/aurora-kms-check.yaml`, '--evidence', `${example}/evidence.json`];

  test('holds', async () => {
    const { code, out } = await ran(['preflight', ...files, '--output', 'json']);
    const report = v.parse(v.looseObject({ summary: v.looseObject({}) }), JSON.parse(out));
    expect(code).toBe(0);
    expect(report.summary).toEqual({ holds: 4, broken: 0, unproven: 0, questions: 39, exceptions: 1 });
  });

  test('has an explanation of a single expectation', async () => {
    const { code, out } = await ran(['preflight', 'explain', 'only-dr-restores', ...files]);
    expect(code).toBe(0);
    expect(out).toContain('28 combinations');
  });
});

/* Rule 13 of docs/preflight.md. */
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

  test('lists the stale entries', async () => {
    writeFileSync(expectations, fileOf(shares));
    const { code, report } = await reported('--baseline', baseline);
    expect({ code, stale: report.stale?.map(({ id, operation }) => ({ id, operation })) }).toEqual({
      code: 0,
      stale: [{ id: 'e1', operation: 'nothing-matched' }],
    });
  });

  test('is written with a reason and for days to come, or not at all', async () => {
    for (const [reason, until] of [
      [' ', '2027-01-31'],
      ['r', '2026-11-25'],
    ] as const) {
      const file = join(folder, 'not-written.json');
      const flags = ['--write-baseline', file, '--reason', reason, '--until', until];
      expect((await ran(['preflight', expectations, ...evidence, ...flags])).code).toBe(252);
      expect(existsSync(file)).toBe(false);
    }
  });

  test('is not standard input where the expectations are', async () => {
    const { code, error } = await ran(['preflight', '-', ...evidence, '--baseline', '-']);
    expect(code).toBe(252);
    expect(error).toContain('standard input (`-`) is given twice');
  });

  test('has no stale entry for an expectation that the run skips', async () => {
    writeFileSync(expectations, fileOf(shares, typo));
    const { code, out } = await ran(['preflight', 'explain', 'e1', expectations, ...evidence, '--baseline', baseline]);
    expect({ code, stale: v.parse(preflightReportSchema, JSON.parse(out)).stale }).toEqual({ code: 0, stale: [] });
  });

  test('recognizes what is missing by its name', async () => {
    const accepted: unknown = JSON.parse(readFileSync(baseline, 'utf8'));
    expect(accepted).toMatchObject({
      entries: [{ operation: 'share-snapshot' }, { operation: 'nothing-matched', source: 'principal role/nobody' }],
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
    '{"baselineVersion":1,"command":"preflight","reason":"r","until":"2027-02-30","entries":[]}',
    '{"baselineVersion":1,"command":"preflight","reason":"r","until":"2027-01-31","entries":[{}]}',
  ])('is refused where it is malformed: %s', async (text) => {
    const file = join(folder, 'malformed.json');
    writeFileSync(file, text);
    expect((await ran(['preflight', expectations, ...evidence, '--baseline', file])).code).toBe(252);
  });
});
