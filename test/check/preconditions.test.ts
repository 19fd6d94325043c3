import { describe, expect, test } from 'vitest';
import { preconditionName } from '../../src/explain/preconditions.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { ask, operationOf } from '../check-case.ts';
import { preconditions, questionNamed } from '../matrix-case.ts';
import { brokenEvidence, brokenQuestion } from '../precondition-case.ts';
import { textsOf } from '../texts.ts';

for (const [name, all] of Object.entries(preconditions)) {
  describe(name, () => {
    for (const broken of all) {
      const { verdict = 'fails', status = 'unmet', questions } = broken;
      const evidence = brokenEvidence(broken);
      test.each(Object.entries(questions))('%s', (question, code) => {
        const [result] = ask(evidence, brokenQuestion(broken, question)).results;
        const statuses = result?.preconditions.filter((one) => one.name === name).map((one) => one.status);
        expect(statuses, JSON.stringify(result?.preconditions, undefined, 1)).toEqual([status]);
        expect(result?.verdict, textsOf(result?.reasons)).toBe(verdict);
        expect(result?.expectedError?.code ?? null).toBe(code);
      });
    }
  });
}

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
