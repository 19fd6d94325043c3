import type { Case, CaseReport } from '../../src/report/cases.ts';
import type { PageAnswer } from '../../src/report/html/page-content.ts';
import type { AnsweredRow, ReportRow } from '../../src/report/row.ts';

/* Handwritten answers for the tests of pages. */

export const account = '111122223333';
const blank: ReportRow = {
  runId: 'run-1',
  evidenceAt: null,
  account,
  region: 'us-east-1',
  operation: 'restore',
  principal: `arn:aws:iam::${account}:role/one`,
  principalType: 'role',
  principalAccount: account,
  key: `arn:aws:kms:us-east-1:${account}:key/a`,
  keyAccount: account,
  target: `arn:aws:rds:us-east-1:${account}:cluster-snapshot:orders`,
  verdict: 'fails',
  before: null,
  code: null,
  error: null,
  reasonId: null,
  fixId: null,
  findingId: null,
  severity: null,
  count: 1,
};

export const row = (changes: Partial<ReportRow>, why?: string): AnsweredRow => ({
  row: { ...blank, ...changes },
  reason: why === undefined ? undefined : { code: 'x', text: why },
});
export const roleArn = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
export const keyArn = (name: string): string => `arn:aws:kms:us-east-1:${account}:key/${name}`;

export const finding = (says: string, details: readonly string[] = []): Case => ({
  name: says,
  outcome: 'fails',
  code: 'x',
  says,
  details,
  place: undefined,
});

export function answerWith(
  cases: readonly Case[],
  rows: readonly AnsweredRow[],
  notes: readonly string[] = [],
): PageAnswer {
  const report: CaseReport = {
    version: '1',
    evaluatedAt: '2026-01-01T00:00:00Z',
    suite: 'restore',
    answer: 'an answer',
    verdict: 'fails',
    cases,
    notes,
    seconds: undefined,
  };
  return { kind: 'check', report, rows, isComplete: true, evidenceAt: undefined, evidence: [], aliases: new Map() };
}
