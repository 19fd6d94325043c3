import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ask, evidenceOf, readCases } from '../check-case.ts';
import { preconditions } from '../matrix-case.ts';
import { brokenEvidence, brokenQuestion } from '../precondition-case.ts';

/*
 * What is shown as AWS's words is AWS's: each text of each expected error stands in a table of
 * published texts, and what AWS does not publish is its code alone.
 */

const table = v.parse(
  v.object({ texts: v.array(v.strictObject({ code: v.string(), text: v.string(), source: v.string() })) }),
  JSON.parse(readFileSync(new URL('../cases/published-texts.json', import.meta.url), 'utf8')),
);
const published = table.texts.map(({ code, text }) => {
  const parts = text.split(/<[^>]+>/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return { code, text, pattern: new RegExp(`^${parts.join('.+')}$`) };
});

const folder = new URL('../cases/check/', import.meta.url);
const ofCases = readdirSync(folder).flatMap((name) => {
  const file = readCases(new URL(name, folder));
  return file.cases.flatMap((one) => ask(evidenceOf(file, one), one.question).results);
});
const ofPreconditions = Object.entries(preconditions).map(([name, all]) => ({
  name,
  errors: all.flatMap((broken) =>
    Object.keys(broken.questions).flatMap(
      (question) => ask(brokenEvidence(broken), brokenQuestion(broken, question)).results[0]?.expectedError ?? [],
    ),
  ),
}));

function unpublished(errors: readonly { readonly code: string; readonly message: string | null }[]) {
  return errors.filter(
    ({ code, message }) => message !== null && !published.some((one) => one.code === code && one.pattern.test(message)),
  );
}

describe('an expected error shows words of AWS only', () => {
  test.each(ofPreconditions)('$name', ({ errors }) => {
    expect(unpublished(errors)).toEqual([]);
  });

  test('in every case of a check', () => {
    expect(unpublished(ofCases.flatMap(({ expectedError }) => expectedError ?? []))).toEqual([]);
  });
});

test('every published text is shown somewhere', () => {
  const shown = [
    ...ofCases.map(({ expectedError }) => expectedError),
    ...ofPreconditions.flatMap(({ errors }) => errors),
  ];
  const never = published.filter(
    ({ pattern }) => !shown.some((error) => error?.message != null && pattern.test(error.message)),
  );
  expect(never.map(({ text }) => text)).toEqual([]);
});
