import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { ask, changed } from '../check-case.ts';
import { keyStates, matrixEvidence, questionNamed, questions, shapes } from '../matrix-case.ts';
import { textsOf } from '../texts.ts';

const key = '/accounts/111122223333/regions/eu-west-1/kms/keys/0';

for (const { about, questions: names, verdicts, expectedError } of keyStates) {
  describe(about, () => {
    test.each(Object.entries(verdicts))('%s: %s', (state, verdict) => {
      const changes = {
        [`${key}/Policy/Statement`]: shapes['K1']?.keyPolicy,
        [`${key}/KeyMetadata/KeyState`]: state,
      };
      const evidence = v.parse(evidenceSchema, changed(matrixEvidence, changes));
      const found = names.map((name) => {
        const report = ask(evidence, { ...questionNamed(name), principal: 'arn:aws:iam::111122223333:role/Restorer' });
        const [result] = report.results;
        if (report.verdict !== verdict) return [name, `${report.verdict}: ${textsOf(result?.reasons)}`];
        return [name, verdict === 'fails' ? result?.expectedError?.code : verdict];
      });
      const expected = verdict === 'fails' ? expectedError : verdict;
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(names.map((name) => [name, expected])));
    });
  });
}

test('every operation of the matrix within one account is in a group', () => {
  const cross = (name: string): boolean => name.includes('shared');
  const grouped = keyStates.flatMap((group) => group.questions).toSorted();
  expect(grouped).toEqual(
    Object.keys(questions)
      .filter((name) => !cross(name))
      .toSorted(),
  );
});
