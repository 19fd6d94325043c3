import { expect, test } from 'vitest';
import { auditReport } from '../../src/answer/audit.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { auditAnswerText } from '../../src/explain/findings.ts';
import { render } from '../../src/report/formats.ts';
import { countedVerdict } from '../../src/report/words.ts';
import { auditOfAll } from '../audit-case.ts';
import { exampleEvidence, reportOn } from '../preflight-case.ts';
import { styleOf } from '../style.ts';

/* Numbers in text have groups of three digits. */

const many = 12_345;
const counts = { backups: many, restorable: many, byNobody: many, exposed: many, undecided: many };

test('of an audit', () => {
  const report = auditReport(demoEvidence, auditOfAll, 'test');
  const [key] = report.keys;
  if (key === undefined) throw new Error('the demo has keys');
  const holding = Array.from({ length: many }, () => 'high' as const);
  const large = {
    ...report,
    answer: auditAnswerText({ ...counts, holding, accepted: many }),
    numbers: {
      ...counts,
      accounts: many,
      regions: many,
      keys: many,
      databases: many,
      principals: many,
      byRootOnly: many,
      notAvailable: many,
    },
    keys: [{ ...key, backups: many, restorable: many, byNobody: many, undecided: many }],
  };
  const text = render('audit', large, 'text', styleOf({})).replaceAll(/\s+/g, ' ');
  expect(text).toContain('12,345 accounts, 12,345 Regions, 12,345 keys, 12,345 databases, 12,345 principals');
  expect(text).toContain('Nobody can restore 12,345 of 12,345 backups');
  expect(text).not.toContain('12345');
});

test('of expectations', () => {
  const report = reportOn(exampleEvidence(), [{ who: 'role/dr-restore', can: 'restore', snapshot: '*' }], {
    now: '2026-11-26T12:00:00Z',
  });
  const [one] = report.expectations;
  if (one === undefined) throw new Error('one is expected');
  const names = Array.from({ length: many }, (_, index) => `arn:aws:iam::111122223333:role/r${index}`);
  const large = {
    ...one,
    questions: many,
    principals: names,
    sources: names,
    skipped: many,
    notRoles: many,
    serviceLinked: many,
  };
  const summary = { ...report.summary, holds: many, questions: many };
  const text = render(
    'preflight',
    { report: { ...report, summary, expectations: [large] } },
    'text',
    styleOf({ verbose: true }),
  );
  expect(text).toContain('12,345 principals');
  expect(text).toContain('12,345 backups that the operation does not take');
  expect(text).not.toContain('12345');
});

test('of verdicts', () => {
  expect(countedVerdict(many, 'fails')).toBe('12,345 fail');
  expect(countedVerdict(999, 'undetermined')).toBe('999 undetermined');
});
