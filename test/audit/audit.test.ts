import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type AuditAsked, auditReport } from '../../src/answer/audit.ts';
import { auditReportSchema } from '../../src/contract/audit-report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';

const asked: AuditAsked = {
  context: {},
  strict: false,
  evaluatedAt: '2026-11-26T12:00:00Z',
  allowAccounts: [],
  allowOrgs: [],
  severity: 'high',
  codes: [],
  people: [],
};

function codesFor(more: Partial<AuditAsked>): readonly string[] {
  return auditReport(demoEvidence, { ...asked, ...more }, 'test').findings.map(({ code }) => code);
}

describe('the report of an audit', () => {
  test('is what its schema promises, and numbers the backups', () => {
    const report = v.parse(auditReportSchema, auditReport(demoEvidence, asked, 'test'));
    expect(report.numbers).toMatchObject({ backups: 4, restorable: 4, byNobody: 0, exposed: 0 });
    expect(report.verdict).toBe('fails');
    expect(new Set(report.findings.map(({ id }) => id)).size).toBe(report.findings.length);
  });

  test('shows what is about some principals, and what was not read', () => {
    expect(codesFor({ people: ['role/operator'] })).toEqual(['not-read', 'snapshot-not-restore']);
    expect(codesFor({ people: ['role/dr-*'], codes: ['one-way-in'] })).toEqual([]);
  });

  test('fails on findings of the severity or worse', () => {
    expect(auditReport(demoEvidence, { ...asked, severity: 'critical' }, 'test').verdict).toBe('succeeds');
    expect(auditReport(demoEvidence, { ...asked, codes: ['same-domain'] }, 'test').verdict).toBe('undetermined');
  });
});
