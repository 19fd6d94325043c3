// @module-tag slow
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { auditReport } from '../../src/answer/audit.ts';
import { shortName } from '../../src/base/arn.ts';
import { estateEvidence } from '../../src/evidence/demo-estate.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { decidingTexts } from '../../src/explain/findings.ts';
import { auditOfAll } from '../audit-case.ts';
import { readTable } from '../case-table.ts';
import { changed } from '../check-case.ts';
import { pointersOf } from '../check-table.ts';

/* The finding that an audit puts first, and the step that the audit recommends for it. */

const change = v.optional(v.record(v.string(), v.unknown()), {});
const table = v.strictObject({
  about: v.string(),
  cases: v.array(
    v.strictObject({
      name: v.string(),
      with: change,
      first: v.nullable(v.string()),
      deadline: v.optional(v.string()),
      worst: v.array(v.string()),
    }),
  ),
});
const { cases } = v.parse(table, read('first-steps'));
const quiet = v.parse(
  v.looseObject({ places: v.record(v.string(), v.string()), evidence: v.unknown() }),
  read('quiet-estate'),
);

function read(name: string): unknown {
  return readTable(new URL(`../cases/audit/${name}.json`, import.meta.url));
}

test('what would settle a finding: facts follow "depends on", and everything else is a sentence of its own', () => {
  const open = [
    { code: 'account-unread', text: 'Account 555566667777 was not read: run collect.' },
    { code: 'key-description-unread', text: 'the description of key/orders' },
    { code: 'precondition-unknown', text: 'precondition unknown: key is enabled' },
    { code: 'policy-unread', text: 'the key policy' },
  ];
  expect(decidingTexts(open, (facts) => `It depends on ${facts.join(' and ')}.`)).toEqual([
    'It depends on the description of key/orders and the key policy.',
    'Account 555566667777 was not read: run collect.',
    'Precondition unknown: key is enabled.',
  ]);
});

describe('the first step of an audit', () => {
  test('ends with the account and the Region', () => {
    const report = auditReport(estateEvidence, auditOfAll, 'test');
    expect(report.first?.text).toMatch(/ Account 111122223333, eu-west-1\.$/);
  });

  test.each(cases)('$name', ({ with: changes, first, deadline, worst }) => {
    const evidence = parseEvidence(
      'evidence.json',
      JSON.stringify(changed(quiet.evidence, pointersOf(changes, quiet.places))),
    );
    const report = auditReport(evidence, auditOfAll, 'test');
    const held = report.findings.filter(
      ({ state, code, severity }) => state === 'holds' && code !== 'not-read' && severity !== 'note',
    );
    expect({
      // The text ends with the account and the Region, which are not compared.
      first: report.first?.text.replace(/ Account \d{12}, eu-west-1\.$/, '') ?? null,
      deadline: report.first?.deadline ?? undefined,
      worst: held
        .slice(0, worst.length)
        .map(({ severity, code, subject }) => `${severity} ${code} ${shortName(subject)}`),
    }).toEqual({ first, deadline, worst });
    if (worst.length > 0)
      expect(report.findings.find(({ id }) => id === report.first?.finding)?.code).toBe(worst[0]?.split(' ')[1]);
  });
});
