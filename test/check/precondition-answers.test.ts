// @module-tag slow
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bind } from '../../src/check/bind.ts';
import { assumptionOf } from '../../src/check/preconditions/answer.ts';
import { type DecidedPrecondition, decidePreconditions } from '../../src/check/preconditions/preconditions.ts';
import { codes } from '../../src/contract/codes.ts';
import { preconditionCodes } from '../../src/contract/precondition-codes.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { type CheckQuestion, evaluatedAt, evidenceOf, questionOf, readCases } from '../check-case.ts';
import { preconditions } from '../matrix-case.ts';
import { brokenEvidence, brokenQuestion } from '../precondition-case.ts';

/** The codes of answers by status, and those of assumptions. */
type Answers = Readonly<Record<'met' | 'unmet' | 'unknown' | 'assumed', readonly string[]>>;

const folder = new URL('../cases/check/', import.meta.url);
const table: { readonly answers: Readonly<Record<string, Answers>> } = JSON.parse(
  readFileSync(new URL('../cases/matrix/precondition-answers.json', import.meta.url), 'utf8'),
);

function decided(evidence: Evidence, question: CheckQuestion): readonly DecidedPrecondition[] {
  const directory = directoryOf(evidence);
  return bind(directory, questionOf(question)).flatMap((bound) => decidePreconditions(directory, bound, evaluatedAt));
}

const ofChecks = readdirSync(folder).flatMap((name) => {
  const file = readCases(new URL(name, folder));
  return file.cases.flatMap((one) => decided(evidenceOf(file, one), one.question));
});
const ofPreconditions = Object.values(preconditions)
  .flat()
  .flatMap((broken) => {
    const evidence = brokenEvidence(broken);
    return Object.keys(broken.questions).flatMap((name) => decided(evidence, brokenQuestion(broken, name)));
  });
const all = [...ofChecks, ...ofPreconditions];

function answersTo(code: string): Answers {
  const ofCode = all.filter(({ row }) => row.code === code);
  const inOrder = (found: readonly string[]): readonly string[] => [...new Set(found)].toSorted();
  const withStatus = (status: string) =>
    inOrder(ofCode.filter((one) => one.status === status).map(({ reason }) => reason.code));
  return {
    met: withStatus('met'),
    unmet: withStatus('unmet'),
    unknown: withStatus('unknown'),
    assumed: inOrder(ofCode.flatMap((one) => assumptionOf(one)?.code ?? [])),
  };
}

function codesOf(...kinds: readonly string[]): readonly string[] {
  return Object.entries(preconditionCodes).flatMap(([code, { of }]) => (kinds.includes(of) ? [code] : []));
}

test('every precondition is in the table', () => {
  expect(Object.keys(table.answers).toSorted()).toEqual(codesOf('precondition').toSorted());
});

test.each(Object.entries(table.answers))('%s is answered as the table says', (code, answers) => {
  expect(answersTo(code)).toEqual(answers);
});

test('every answer and every assumption is given in a case, and has one status', () => {
  const { answers } = table;
  const statuses = ['met', 'unmet', 'unknown', 'assumed'] as const;
  const given = statuses.map((status) => new Set(Object.values(answers).flatMap((one) => one[status])));
  expect(given.flatMap((found) => [...found]).toSorted()).toEqual(codesOf('answer', 'assumption').toSorted());
});

test('the registry holds the codes of preconditions', () => {
  expect(codes).toMatchObject(preconditionCodes);
});
