import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/contract/report.ts';
import { preconditionName } from '../../src/explain/precondition-names.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { ask, operationOf } from '../check-case.ts';
import { expectEstablished } from '../established.ts';
import { preconditions, questionNamed } from '../matrix-case.ts';
import { brokenEvidence, brokenQuestion } from '../precondition-case.ts';
import { neverShown, unpublished } from '../published-texts.ts';
import { textsOf } from '../texts.ts';

/** The expected errors of all cases. */
const errors: NonNullable<Result['expectedError']>[] = [];

for (const [name, all] of Object.entries(preconditions)) {
  describe(name, () => {
    for (const broken of all) {
      const { verdict = 'fails', status = 'unmet', questions } = broken;
      const evidence = brokenEvidence(broken);
      test.each(Object.entries(questions))('%s', (question, code) => {
        const { results } = ask(evidence, brokenQuestion(broken, question));
        const [result] = results;
        const statuses = result?.preconditions.filter((one) => one.name === name).map((one) => one.status);
        expect(statuses, JSON.stringify(result?.preconditions, undefined, 1)).toEqual([status]);
        expect(result?.verdict, textsOf(result?.reasons)).toBe(verdict);
        const error = result?.expectedError ?? null;
        expect(error?.code ?? null).toBe(code);
        expect(unpublished([error])).toEqual([]);
        errors.push(...(error === null ? [] : [error]));
        const texts = result?.preconditions.map((one) => one.why.text) ?? [];
        expect(texts.filter((text) => text.endsWith('.'))).toEqual([]);
        for (const one of results) expectEstablished(one, `${question}: ${name}`);
      });
    }
  });
}

test('every published text that a broken precondition shows is shown', () => {
  expect(neverShown('preconditions', errors)).toEqual([]);
});

test('every precondition of every operation is broken once', () => {
  const held = new Set(
    Object.entries(preconditions).flatMap(([name, all]) =>
      all.flatMap(({ questions }) =>
        Object.keys(questions).map((question) => `${operationOf(questionNamed(question)).does}: ${name}`),
      ),
    ),
  );
  const missing = catalogue.flatMap(({ does, preconditions: rows }) =>
    rows
      .map(({ code }) => `${does}: ${preconditionName(code)}`)
      .filter((one) => !held.has(one) && !one.endsWith(': key is enabled')),
  );
  expect(missing).toEqual([]);
});
