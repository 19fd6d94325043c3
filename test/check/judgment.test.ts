// @module-tag slow
import { expect, test } from 'vitest';
import { reportedGaps } from '../../src/answer/gaps.ts';
import { bind } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { decisiveGaps } from '../../src/check/gaps.ts';
import { type Judgment, judge } from '../../src/check/judgment.ts';
import { type Code, codes } from '../../src/contract/codes.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { type CheckCase, evidenceOf, questionOf, readCases } from '../check-case.ts';

const files = [
  'near-misses/elements.json',
  'check/founding-case.json',
  'check/operations.json',
  'check/requests.json',
  'check/judgments.json',
  'check/groups.json',
].map((name) => readCases(new URL(`../cases/${name}`, import.meta.url)));

function codesOf(file: (typeof files)[number], given: CheckCase): readonly string[] {
  const evidence = evidenceOf(file, given);
  const question = questionOf(given.question);
  const directory = directoryOf(evidence);
  const { evaluate } = evaluator(directory, question);
  return bind(directory, question).flatMap((bound) => {
    const evaluated = evaluate(bound);
    const gaps = evidence.gaps ?? [];
    const decisive = new Map(decisiveGaps(gaps, evaluated).map(({ gap, code }) => [gap, code]));
    return [...judgedCodes(judge(evaluated)), ...reportedGaps(gaps, decisive).map(({ code }) => code)];
  });
}

function judgedCodes({ calls, reasons, expectedError }: Judgment): readonly Code[] {
  return [
    ...calls.flatMap(({ reason, nearMisses }) => [reason.code, ...nearMisses.map(({ miss }) => miss.code)]),
    ...reasons.map(({ code }) => code),
    ...(expectedError === undefined ? [] : [expectedError.code]),
  ];
}

test('every code of a judgment is produced by a case', () => {
  const produced = new Set(files.flatMap((file) => file.cases.flatMap((given) => codesOf(file, given))));
  const subjects: readonly string[] = ['call', 'near-miss', 'reason', 'error', 'gap'];
  const wanted = Object.entries(codes).flatMap(([code, { of }]) => (subjects.includes(of) ? [code] : []));
  expect(wanted.length).toBeGreaterThan(25);
  expect(wanted.filter((code) => ![...produced].some((one) => one === code))).toEqual([]);
});
