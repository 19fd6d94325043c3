import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type AuditAsked, auditReport } from '../../src/answer/audit.ts';
import { auditReportSchema } from '../../src/contract/audit-report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { merge } from '../../src/evidence/merge.ts';
import { render } from '../../src/report/formats.ts';
import { auditOfAll } from '../audit-case.ts';
import { exampleEvidence } from '../preflight-case.ts';
import { styleOf } from '../style.ts';

const [[account, held] = ['', {}]] = Object.entries(demoEvidence.accounts);
const there = { evidenceVersion: 1, accounts: { [account]: { regions: held.regions ?? {} } } };
/** The demo's Region, and a copy of it under the name of another Region. */
const twoRegions = merge([
  { from: 'demo', evidence: demoEvidence },
  {
    from: 'copy',
    evidence: parseEvidence('copy', JSON.stringify(there).replaceAll('us-east-1', 'eu-west-1')),
  },
]);

function codesFor(more: Partial<AuditAsked>): readonly string[] {
  return auditReport(demoEvidence, { ...auditOfAll, ...more }, 'test').findings.map(({ code }) => code);
}

describe('the report of an audit', () => {
  test('is what its schema promises, and numbers the backups', () => {
    const report = v.parse(auditReportSchema, auditReport(demoEvidence, auditOfAll, 'test'));
    expect(report.numbers).toMatchObject({ backups: 4, restorable: 4, byNobody: 0, exposed: 0 });
    expect(report.verdict).toBe('fails');
    expect(new Set(report.findings.map(({ id }) => id)).size).toBe(report.findings.length);
  });

  test('shows what is about some principals, and what was not read', () => {
    expect(codesFor({ people: ['role/operator'] })).toEqual(['not-read', 'snapshot-not-restore']);
    expect(codesFor({ people: ['role/dr-*'], codes: ['one-way-in'] })).toEqual([]);
  });

  test('fails on findings of the severity or worse', () => {
    expect(auditReport(demoEvidence, { ...auditOfAll, severity: 'critical' }, 'test').verdict).toBe('succeeds');
    expect(auditReport(demoEvidence, { ...auditOfAll, codes: ['same-domain'] }, 'test').verdict).toBe('undetermined');
  });
});

describe('an audit of some Regions', { tags: 'slow' }, () => {
  const report = (regions: readonly string[], evidence = twoRegions): ReturnType<typeof auditReport> =>
    auditReport(evidence, { ...auditOfAll, regions }, 'test');

  test('shows and counts what is there', () => {
    const all = auditReport(twoRegions, auditOfAll, 'test');
    const one = report(['us-east-1']);
    expect(all.numbers).toMatchObject({ regions: 2, backups: 8 });
    expect(one.numbers).toMatchObject({ regions: 1, backups: 4, keys: 2, databases: 3 });
    expect(one.findings.map(({ region }) => region).filter((region) => region !== null)).toContain('us-east-1');
    expect(one.findings.map(({ region }) => region)).not.toContain('eu-west-1');
    expect(one.keys.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-1']);
    expect(report(['us-east-1', 'eu-west-1'])).toEqual(all);
  });

  test('says only there what the numbers leave out', () => {
    const [owner = ''] = Object.keys(twoRegions.accounts);
    const gap = { what: 'rds:DescribeDBSnapshots', account: owner, region: 'eu-central-1', reason: 'AccessDenied' };
    const codes = (regions: readonly string[]): readonly string[] =>
      report(regions, { ...twoRegions, gaps: [gap] }).leavesOut.map(({ code }) => code);
    expect(codes(['eu-central-1'])).toContain('numbers-lack-backups');
    expect(codes(['us-east-1'])).not.toContain('numbers-lack-backups');
  });

  test('is refused for a Region of which nothing was read', () => {
    expect(() => report(['eu-central-1'])).toThrow('nothing of Region eu-central-1 was read');
  });
});

test('a finding about a key that nobody can use now says so if others could use it', () => {
  const place = '/accounts/111122223333/regions/eu-west-1';
  const key = `${place}/kms/keys/0`;
  const uses = {
    Effect: 'Allow',
    Principal: { AWS: ['arn:aws:iam::999999999999:root', 'arn:aws:iam::888888888888:root'] },
    Action: ['kms:DescribeKey', 'kms:CreateGrant'],
    Resource: '*',
  };
  const shared = `${place}/rds/DBClusterSnapshotAttributes/0/DBClusterSnapshotAttributes/0/AttributeValues`;
  const findingsIn = (state: string): readonly string[] =>
    auditReport(
      exampleEvidence({
        [`${key}/KeyMetadata/KeyState`]: state,
        [`${key}/Policy/Statement/1`]: uses,
        [shared]: ['999999999999'],
      }),
      { ...auditOfAll, codes: ['exposed', 'key-open'] },
      'test',
    ).findings.flatMap(({ code, says }) => (code === 'not-read' ? [] : [says]));
  const exposed =
    'Backup orders-2026-11-24, encrypted with key alias/orders, is shared with account 999999999999. The account can use the backup';
  const open = 'Account 888888888888 can use key alias/orders';
  const once = ' as soon as the key, which is in state Disabled, can be used again';
  expect(findingsIn('Enabled')).toEqual([exposed, open]);
  expect(findingsIn('Disabled')).toEqual([`${exposed}${once}`, `${open}${once}`]);
});

test('if it is unknown whether a principal can restore, the report does not say that nobody can', () => {
  const place = '/accounts/111122223333/regions/eu-west-1';
  const table = (change: Readonly<Record<string, unknown>>): string =>
    render('audit', auditReport(exampleEvidence(change), auditOfAll, 'test'), 'text', styleOf({ width: 120 }));
  const last = (text: string): string | undefined => /^ {2}alias\/orders .* {2}(\S.*)$/m.exec(text)?.[1];
  expect(last(table({ [`${place}/kms/keys/0/KeyMetadata/KeyState`]: 'Disabled' }))).toBe('nobody');
  expect(last(table({ [`${place}/kms/keys/0/KeyMetadata/KeyState`]: null }))).toBe('not known');
});
