import { describe, expect, test } from 'vitest';
import { assume } from '../../src/answer/assume.ts';
import { auditReport } from '../../src/answer/audit.ts';
import { keyImpactReport } from '../../src/answer/key-impact.ts';
import { readExceptions } from '../../src/audit/exceptions.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { estateEvidence } from '../../src/evidence/demo-estate.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { diff } from '../../src/index.ts';
import { casesOf } from '../../src/report/cases.ts';
import { render } from '../../src/report/formats.ts';
import { auditOfAll } from '../audit-case.ts';
import { styleOf } from '../style.ts';

/* The output in the formats of CI systems: an audit with exceptions, and the loss of a key. */

const exceptions = readExceptions(
  'exceptions.yaml',
  'version: 1\nexceptions:\n  - { code: key-locked-out, reason: a reason, until: 2027-01-31 }\n',
);
const audited = auditReport(estateEvidence, { ...auditOfAll, exceptions }, 'test');
const { evaluatedAt } = auditOfAll;
const key = 'arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';
const asked = { context: {}, strict: false, evaluatedAt, keys: [key], actions: ['disable', 'policy'] } as const;
const impact = keyImpactReport(demoEvidence, asked, 'test');

/** The GitHub workflow commands of one kind: title and first line. */
function annotations(text: string, kind: string): readonly string[] {
  return text
    .split('\n')
    .flatMap(
      (line) => new RegExp(`^::${kind} (?:.*,)?title=(\\S+).*?::(.*?)(?:%0A|$)`).exec(line)?.slice(1).join(': ') ?? [],
    );
}

describe('an audit', () => {
  const github = render('audit', audited, 'github', styleOf());

  test('names nine failures on GitHub and counts the others, for GitHub shows ten', () => {
    const all = annotations(github, 'error');
    expect(all).toHaveLength(10);
    expect(all.filter((one) => /^audit: \d+ more of this kind: see the output of the step$/.test(one))).toEqual([
      all.at(-1),
    ]);
  });

  test('says on GitHub until when a finding is accepted, and why', () => {
    expect(github).toMatch(/^::notice title=key-locked-out .*%0AAccepted until 2027-01-31: a reason\.$/m);
    expect(github.match(/Accepted until/g)).toHaveLength(1);
  });

  test('shows an accepted finding of GitLab as information, whatever its severity', () => {
    const issues: readonly unknown[] = JSON.parse(render('audit', audited, 'gitlab', styleOf()));
    expect(issues).toContainEqual(expect.objectContaining({ check_name: 'key-locked-out', severity: 'info' }));
    expect(issues).toContainEqual(expect.objectContaining({ check_name: 'key-at-risk', severity: 'critical' }));
  });

  test.each([
    ['gitlab', '"check_name": "not-read",\\s+"fingerprint": "\\w+",\\s+"severity": "(\\w+)"', 'major'],
    ['sarif', '"ruleId": "not-read",\\s+"ruleIndex": \\d+,\\s+"level": "(\\w+)"', 'warning'],
  ] as const)('shows data that was not read in %s as what is undetermined', (format, pattern, level) => {
    const found = render('audit', audited, format, styleOf()).matchAll(new RegExp(pattern, 'g'));
    expect(new Set([...found].map(([, one]) => one))).toEqual(new Set([level]));
  });

  test('says what a case is about in a sentence without a period', () => {
    const { cases } = casesOf.audit(audited);
    expect(cases.map(({ says }) => says).filter((says) => says.endsWith('.'))).toEqual([]);
  });
});

test('the loss of a key is a case for each action', () => {
  const github = render('keyImpact', impact, 'github', styleOf());
  expect(annotations(github, 'error')).toEqual([
    expect.stringContaining('disable alias/orders: Breaks 3 RDS resources'),
  ]);
  expect(annotations(github, 'warning')).toEqual([expect.stringContaining('policy alias/orders: Depends on')]);
});

test('a comparison fails only what succeeded before, as its exit code says', () => {
  const inState = (state: string): Evidence =>
    assume(demoEvidence, [{ assume: 'key state', key: 'alias/ledger', state }]).evidence;
  const [healthy, doubtful, broken] = [demoEvidence, inState('Unavailable'), inState('Disabled')];
  const outcomesOf = (before: Evidence, after: Evidence) => {
    const report = diff({ before: { evidence: before }, after: { evidence: after }, operations: ['restore'] });
    const { cases } = casesOf.diff(report, undefined);
    return { verdict: report.verdict, cases: cases.map(({ outcome }) => outcome).slice(0, report.summary.worse) };
  };
  expect(outcomesOf(healthy, broken)).toEqual({ verdict: 'fails', cases: ['fails', 'fails', 'fails'] });
  expect(outcomesOf(doubtful, broken)).toEqual({ verdict: 'succeeds', cases: ['noted', 'noted', 'noted'] });
});

test('a page of an audit shows all findings, and has an empty cell where one is about no operation', () => {
  const page = render('audit', audited, 'html', styleOf());
  expect(page).not.toContain('>undefined<');
  expect(page).not.toMatch(/more findings? (?:is|are) left out/);
});

test('findings that are about one principal have its name as their title', () => {
  const { cases } = casesOf.audit(audited);
  expect(new Set(cases.filter(({ code }) => code === 'build-and-burn').map(({ group }) => group))).toEqual(
    new Set([
      'role/deployer can delete databases, and also their keys or all their backups',
      'Somebody can delete databases, and also their keys or all their backups',
    ]),
  );
});
