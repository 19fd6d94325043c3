import { describe, expect, test } from 'vitest';
import {
  assume,
  catalogue,
  check,
  type DiffReport,
  demoEvidence,
  demoPrincipal,
  diff,
  type Hypothesis,
  type Remedy,
} from '../src/index.ts';

const evaluatedAt = '2026-11-02T09:00:00Z';

describe('the face of the library', () => {
  test('a check names its remedies', () => {
    const operation = catalogue.find(({ command }) => command === 'restore');
    if (operation === undefined) throw new Error('there is no restore');
    const question = { operation, principal: demoPrincipal, target: 'ledger-monthly', parameters: {}, mend: true };
    const report = check(demoEvidence, { ...question, context: {}, evaluatedAt, strict: false, explain: false }, '1');
    const remedies: readonly Remedy[] = report.results.flatMap((result) => result.remedies);
    expect(remedies.length).toBeGreaterThan(0);
  });

  test('a change is tried, and compared with what was', () => {
    const hypothesis: Hypothesis = { assume: 'key state', key: 'alias/ledger', state: 'Disabled' };
    const { evidence, assumed } = assume(demoEvidence, [hypothesis]);
    const states = { before: { evidence: demoEvidence, name: 'now' }, after: { evidence, name: 'then' }, assumed };
    const comparison = diff({ ...states, context: {}, evaluatedAt, strict: false }, '1');
    let step = comparison.next();
    while (step.done !== true) step = comparison.next();
    const report: DiffReport = step.value;
    expect(report.verdict).toBe('fails');
  });
});
