import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { evidenceSchema } from '../src/evidence/schema.ts';
import { ask, type CheckQuestion, changed } from './check-case.ts';

interface Group {
  readonly about: string;
  readonly questions: readonly string[];
  readonly verdicts: Readonly<Record<string, string>>;
  /** Of those that fail. */
  readonly expectedError?: string;
}

interface Fixture {
  readonly evidence: unknown;
  readonly shapes: Readonly<Record<string, { readonly keyPolicy: unknown }>>;
  readonly questions: Readonly<Record<string, Omit<CheckQuestion, 'principal'>>>;
}

function read(name: string): string {
  return readFileSync(new URL(`./cases/matrix/${name}`, import.meta.url), 'utf8');
}

const fixture: Fixture = JSON.parse(read('fixture.json'));
const { groups }: { readonly groups: readonly Group[] } = JSON.parse(read('key-states.json'));
const key = '/accounts/111122223333/regions/eu-west-1/kms/keys/0';

for (const { about, questions, verdicts, expectedError } of groups) {
  describe(about, () => {
    for (const [state, verdict] of Object.entries(verdicts)) {
      const changes = {
        [`${key}/Policy/Statement`]: fixture.shapes['K1']?.keyPolicy,
        [`${key}/KeyMetadata/KeyState`]: state,
      };
      const evidence = v.parse(evidenceSchema, changed(fixture.evidence, changes));
      test.each(questions)(`${state}: %s ${verdict}`, (name) => {
        const question = fixture.questions[name];
        if (question === undefined) throw new Error(`no question ${name}`);
        const report = ask(evidence, { ...question, principal: 'arn:aws:iam::111122223333:role/Restorer' });
        const [result] = report.results;
        expect({ verdict: report.verdict }, result?.reasons.join('\n')).toEqual({ verdict });
        if (verdict === 'fails') expect(result?.expectedError?.code).toBe(expectedError);
      });
    }
  });
}

test('every operation of the matrix within one account is in a group', () => {
  const cross = (name: string): boolean => name.includes('shared');
  const grouped = groups.flatMap(({ questions }) => questions).toSorted();
  expect(grouped).toEqual(
    Object.keys(fixture.questions)
      .filter((name) => !cross(name))
      .toSorted(),
  );
});
