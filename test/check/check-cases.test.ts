import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/contract/report.ts';
import { policyFaults } from '../../src/evidence/policy-faults.ts';
import { anonymous, reportWithoutNames } from '../anonymous.ts';
import { ask, type CheckCase, type CheckFile, decidersOf, evidenceOf, lackingOf, readCases } from '../check-case.ts';
import { neverShown, unpublished } from '../published-texts.ts';

const folders = ['../cases/check/', '../cases/field/'].map((folder) => new URL(folder, import.meta.url));

for (const folder of folders) {
  for (const name of readdirSync(folder).filter((one) => one !== 'kms-calls.json')) {
    const file = readCases(new URL(name, folder));
    describe(`${name}: ${file.about}`, () => {
      for (const given of file.cases) test(given.name, () => verify(file, given));
      test('one case has the same answer without names', () => {
        expect(changedByNames(file, file.cases.slice(0, 1))).toEqual([]);
      });
      test('all other cases have the same answer without names', { tags: 'slow' }, () => {
        expect(changedByNames(file, file.cases.slice(1))).toEqual([]);
      });
    });
  }
}

/** The expected errors of all cases. */
const errors: Result['expectedError'][] = [];

test('every published text that a case shows is shown', () => {
  expect(neverShown('cases', errors)).toEqual([]);
});

/** Facts whose name in the cases differs from the text in the output. */
const inWords: Readonly<Record<string, string>> = { 'resource name': 'the name of the new' };

function verify(file: CheckFile, given: CheckCase): void {
  const evidence = evidenceOf(file, given);
  const report = ask(evidence, given.question);
  const results = report.results;
  const calls = results.flatMap((result) => result.calls);
  const summary = calls.map((call) => `${call.kind} ${call.action} ${call.on}: ${call.decision} - ${call.why.text}`);
  expect({ verdict: report.verdict }, summary.join('\n')).toEqual({ verdict: given.expect.verdict });
  if (given.expect.followUps !== undefined) expect(report.followUps?.verdict).toBe(given.expect.followUps);
  for (const wanted of given.expect.calls ?? []) {
    const found = calls.filter(
      (call) => call.kind === wanted.kind && call.action === wanted.action && call.on === wanted.on,
    );
    const fitting = found.filter(
      (call) =>
        call.decision === wanted.decision &&
        (wanted.denial === undefined || call.denial === wanted.denial) &&
        (wanted.decidedBy ?? []).every((by) => decidersOf(call).includes(by)) &&
        (wanted.lacking ?? []).every((kind) => lackingOf(call).includes(kind)) &&
        (wanted.dependsOn ?? []).every((fact) =>
          call.dependsOn.some(({ text }) => text.includes(inWords[fact] ?? fact)),
        ),
    );
    expect(
      fitting.length,
      `${JSON.stringify(wanted)}\nagainst\n${JSON.stringify(found, undefined, 1)}`,
    ).toBeGreaterThan(0);
  }
  const preconditions = results.flatMap((result) => result.preconditions.map(({ name, status }) => [name, status]));
  expect(Object.fromEntries(preconditions)).toMatchObject(given.expect.preconditions ?? {});
  if (given.expect.expectedError !== undefined) {
    expect(results.map((result) => result.expectedError?.code ?? null)).toContain(given.expect.expectedError);
  }
  const shown = results.map(({ expectedError }) => expectedError);
  expect(unpublished(shown)).toEqual([]);
  errors.push(...shown);
  if (given.expect.errorText !== undefined) {
    const texts = results.map((result) => result.expectedError?.message ?? '');
    expect(texts.join('\n')).toContain(given.expect.errorText);
  }
  const assumptions = results.flatMap((result) => result.assumptions.map(({ text }) => text));
  for (const part of given.expect.assumptions ?? []) {
    expect(
      assumptions.some((assumption) => assumption.includes(part)),
      assumptions.join(),
    ).toBe(true);
  }
  if (given.expect.assumptions?.length === 0) expect(assumptions).toEqual([]);
}

/** The cases whose answer changes when the evidence is anonymized, with both answers. */
function changedByNames(file: CheckFile, cases: readonly CheckCase[]) {
  return cases.flatMap((given) => {
    const evidence = evidenceOf(file, given);
    if (policyFaults(evidence).length > 0) return [];
    const nameless = anonymous(evidence, given.question);
    const [named, without] = [ask(evidence, given.question), ask(nameless.evidence, nameless.question)];
    const [answer, withoutNames] = [reportWithoutNames(named), reportWithoutNames(without)];
    return isDeepStrictEqual(answer, withoutNames) ? [] : [{ name: given.name, answer, withoutNames }];
  });
}
