import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type AuditAsked, auditReport } from '../../src/answer/audit.ts';
import { type Acceptances, acceptanceOf, entryOf } from '../../src/audit/acceptance.ts';
import { audit } from '../../src/audit/audit.ts';
import { isAbout, readExceptions } from '../../src/audit/exceptions.ts';
import type { AuditReport } from '../../src/contract/audit-report.ts';
import { baselineSchema } from '../../src/contract/baseline.ts';
import { exceptionsSchema } from '../../src/contract/exceptions.ts';
import { estateEvidence } from '../../src/evidence/demo-estate.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { type BaselineEntry, baselineInUse, readBaseline } from '../../src/preflight/baseline.ts';
import { auditOfAll } from '../audit-case.ts';
import { runInProcess } from '../run-in-process.ts';

const tableSchema = v.strictObject({
  about: v.string(),
  cases: v.array(
    v.strictObject({
      name: v.string(),
      exceptions: v.array(v.string()),
      accepts: v.array(v.string()),
      notes: v.optional(v.array(v.string()), []),
    }),
  ),
  refused: v.array(v.strictObject({ text: v.string(), says: v.string() })),
});
const table = v.parse(
  tableSchema,
  JSON.parse(readFileSync(new URL('../cases/audit/exceptions.json', import.meta.url), 'utf8')),
);

const now = auditOfAll.evaluatedAt;
const directory = directoryOf(estateEvidence);
const { findings } = audit(directory, auditOfAll);

function reported(more: Partial<AuditAsked>): AuditReport {
  return auditReport(estateEvidence, { ...auditOfAll, ...more }, 'test');
}

/**
 * The codes of the accepted findings, and what the report says about exceptions and the baseline.
 */
function acceptedUnder(acceptances: Partial<Acceptances>) {
  const acceptance = acceptanceOf(findings, { exceptions: [], baseline: undefined, now, ...acceptances }, directory);
  const accepted = findings.filter((one) => acceptance.of(one) !== undefined);
  return {
    accepts: accepted.map(({ found }) => found.code),
    open: findings.filter((one) => !accepted.includes(one)).map(({ found }) => found.code),
    notes: acceptance.notes.map(({ code }) => code),
    stale: acceptance.stale,
  };
}

const fileOf = (exceptions: readonly string[]): string =>
  `version: 1\nexceptions:\n${exceptions.map((one) => `  - ${one}\n`).join('')}`;

describe('exceptions', () => {
  test.each(table.cases)('accept findings $name', ({ exceptions, accepts, notes }) => {
    const found = acceptedUnder({ exceptions: readExceptions('x.yaml', fileOf(exceptions)) });
    expect({ accepts: found.accepts.toSorted(), notes: found.notes }).toEqual({ accepts: accepts.toSorted(), notes });
  });

  test.each(table.cases)('are what the schema promises: $name', ({ exceptions }) => {
    expect(v.safeParse(exceptionsSchema, parse(fileOf(exceptions), { schema: 'failsafe' })).issues ?? []).toEqual([]);
  });

  test.each(table.refused)('are refused: $says', ({ text, says }) => {
    expect(() => readExceptions('x.yaml', text)).toThrow(says);
  });

  test('say why a finding is accepted, and leave the numbers alone', { tags: 'slow' }, () => {
    const text = fileOf(['{ code: exposed, reason: the vendor needs it, until: 2027-01-31, ticket: DR-12 }']);
    const exceptions = readExceptions('x.yaml', text);
    const report = reported({ exceptions });
    expect(report.findings).toHaveLength(findings.length);
    expect(report.numbers.exposed).toBe(1);
    expect(report.findings.at(-1)).toMatchObject({
      code: 'exposed',
      state: 'accepted',
      accepted: { by: 'exception', reason: 'the vendor needs it', until: '2027-01-31', ticket: 'DR-12' },
    });
  });

  test('are not called unused because --code hides their findings', { tags: 'slow' }, () => {
    const exceptions = readExceptions('x.yaml', fileOf(['{ code: exposed, reason: r, until: 2027-01-31 }']));
    expect(reported({ exceptions, codes: ['one-way-in'] }).warnings).toEqual([]);
  });

  test('never accept what was not read', () => {
    const ids = findings.filter(({ found }) => found.code === 'not-read').map(({ id }) => id);
    const text = fileOf([`{ id: [${ids.join(', ')}], reason: r, until: 2027-01-31 }`]);
    expect(acceptedUnder({ exceptions: readExceptions('x.yaml', text) })).toMatchObject({
      accepts: [],
      notes: ['exception-unused'],
    });
  });
});

const entries = findings.filter(({ found }) => found.code !== 'not-read').map(entryOf);
const baseline = { baselineVersion: 1, command: 'audit', reason: 'known', until: '2027-01-31', entries } as const;

/** The audit with a baseline whose entry for `code` on alias/archive is changed. */
function withEntry(code: string, change: Partial<BaselineEntry>): ReturnType<typeof acceptedUnder> {
  const changed = entries.map((one) =>
    one.operation === code && one.source.includes('0003aaaa') ? { ...one, ...change } : one,
  );
  return acceptedUnder({ baseline: baselineInUse({ ...baseline, entries: changed }, now) });
}

describe('a baseline', () => {
  test('accepts every finding that was shown, but nothing that was not read', { tags: 'slow' }, () => {
    const recorded: BaselineEntry[] = [];
    const first = reported({ record: (entry) => void recorded.push(entry) });
    expect(first.verdict).toBe('fails');
    expect(recorded).toEqual(entries);
    const report = reported({ baseline: baselineInUse(baseline, now) });
    expect(new Set(report.findings.map(({ code, state }) => (code === 'not-read' ? code : state)))).toEqual(
      new Set(['not-read', 'accepted']),
    );
    expect({ verdict: report.verdict, stale: report.stale }).toEqual({ verdict: 'undetermined', stale: [] });
  });

  test.each<[string, Partial<BaselineEntry>, readonly string[]]>([
    ['nothing changed', {}, []],
    [
      'a backup was added',
      { names: ['arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:archive-2019'] },
      ['nobody-can-restore'],
    ],
    ['a finding without names was accepted', { names: [] }, ['nobody-can-restore']],
    ['the finding was less severe', { severity: 'high' }, ['nobody-can-restore']],
    ['the severity is not known', { severity: 'strange' }, ['nobody-can-restore']],
    ['the finding was undecided', { outcome: 'unproven' }, ['nobody-can-restore']],
  ])('reports what is worse: %s', (_, change, open) => {
    expect(withEntry('nobody-can-restore', change).open.filter((code) => code !== 'not-read')).toEqual(open);
  });

  test('accepts what became less severe, or smaller', () => {
    const [entry] = entries.filter(({ operation }) => operation === 'key-locked-out');
    if (entry === undefined) throw new Error('no finding');
    const more = { severity: 'critical', names: [...(entry.names ?? []), 'another'] };
    expect(withEntry('key-locked-out', more).accepts).toHaveLength(entries.length);
  });

  test('lists entries that no finding meets', () => {
    const { stale, open } = withEntry('key-locked-out', { id: 'gone' });
    expect(stale).toMatchObject([{ id: 'gone', operation: 'key-locked-out' }]);
    expect(open).toContain('key-locked-out');
  });

  test('has no effect after its last day', () => {
    const ended = { ...baseline, until: '2026-11-25' };
    expect(acceptedUnder({ baseline: baselineInUse(ended, now) })).toMatchObject({
      accepts: [],
      notes: ['baseline-ended'],
    });
  });

  test('counts on its last day', () => {
    const ending = { ...baseline, until: now.slice(0, 10) };
    expect(acceptedUnder({ baseline: baselineInUse(ending, now) })).toEqual(
      acceptedUnder({ baseline: baselineInUse(baseline, now) }),
    );
  });

  test('is what its schema promises', () => {
    expect(v.parse(baselineSchema, JSON.parse(JSON.stringify(baseline)))).toEqual(baseline);
    expect(readBaseline('b.json', JSON.stringify(baseline), 'audit')).toEqual(baseline);
  });

  test('of another command is refused', () => {
    expect(() => readBaseline('b.json', JSON.stringify({ ...baseline, command: 'preflight' }), 'audit')).toThrow(
      'is not a baseline of audit',
    );
    expect(() => readBaseline('b.json', JSON.stringify(baseline), 'preflight')).toThrow(
      'is not a baseline of preflight',
    );
  });
});

describe('audit --exceptions, --baseline and --write-baseline', { tags: 'slow' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'acceptance-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'baseline.json');
  const text = join(folder, 'exceptions.yaml');

  test('write and take a baseline, and never overwrite one', async () => {
    const write = ['--write-baseline', file, '--reason', 'known', '--until', '2027-01-31'];
    const written = await runInProcess(['audit', '--demo=estate', ...write]);
    expect({ ...written, stdout: '' }).toEqual({ code: 2, stdout: '', stderr: '' });
    const taken = await runInProcess(['audit', '--demo=estate', '--baseline', file]);
    expect(taken.stdout).toContain('Accepted by the baseline until 2027-01-31: known.');
    expect(taken.code).toBe(2);
    expect((await runInProcess(['audit', '--demo=estate', ...write])).code).toBe(252);
  });

  test('take a file of exceptions, and name a fault in it', async () => {
    writeFileSync(text, fileOf(['{ code: exposed, reason: the vendor needs it, until: 2026-12-01, ticket: DR-12 }']));
    const { stdout } = await runInProcess(['audit', '--demo=estate', '--exceptions', text]);
    expect(stdout).toContain('Accepted by an exception until 2026-12-01: the vendor needs it (DR-12).');
    expect(stdout).toContain('until 2026-12-01 (the vendor needs it) ends in 5 days.');
    writeFileSync(text, fileOf(['{ code: exposed, reason: r }']));
    const { code, stderr } = await runInProcess(['audit', '--demo=estate', '--exceptions', text]);
    expect(code).toBe(252);
    expect(stderr).toContain(`${text}:3:5: the exception has no \`until\``);
  });

  test.each([
    [['--reason', 'r']],
    [['--until', '2027-01-31']],
    [['--write-baseline', file]],
    [['--write-baseline', join(folder, 'a'), '--reason', 'r', '--until', '2026-11-25']],
    [['--write-baseline', join(folder, 'a'), '--reason', 'r', '--until', 'soon']],
    [['--write-baseline', join(folder, 'a'), '--baseline', file]],
    [['--exceptions', join(folder, 'missing.yaml')]],
    [['--exceptions', '-', '--baseline', '-']],
  ])('refuse %s', async (flags) => {
    const { code, stdout } = await runInProcess(['audit', '--demo=estate', ...flags]);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});

test.each([
  ['role/dba', 'arn:aws:iam::111122223333:role/dba', true],
  ['role/*', 'arn:aws:iam::111122223333:role/dba', true],
  ['role/dba', 'arn:aws:iam::444455556666:role/dba', false],
  ['root', 'arn:aws:iam::444455556666:root', false],
  ['"arn:aws:iam::444455556666:role/*"', 'arn:aws:iam::444455556666:role/dba', true],
  ['"444455556666"', '444455556666', true],
])('an exception for %s about %s: %s', (principal, found, expected) => {
  const [exception] = readExceptions('x.yaml', fileOf([`{ principal: ${principal}, reason: r, until: 2027-01-31 }`]));
  if (exception === undefined) throw new Error('no exception was read');
  const finding = { id: '', code: 'wide-restore', account: '111122223333', subjects: [], things: [] };
  expect(isAbout(exception, { ...finding, principals: [found] })).toBe(expected);
});
