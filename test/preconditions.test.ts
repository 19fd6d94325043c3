import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type Evidence, evidenceSchema } from '../src/evidence/schema.ts';
import { preconditionName } from '../src/explain/preconditions.ts';
import { catalogue } from '../src/operations/catalogue.ts';
import { ask, changed, isRecord, operationOf } from './check-case.ts';
import { type Broken, matrixEvidence, preconditions, questionNamed, shapes } from './matrix-case.ts';

const delegating = {
  '/accounts/111122223333/regions/eu-west-1/kms/keys/0/Policy/Statement': shapes['K1']?.keyPolicy,
};

function evidenceWith({ with: changes, repeat }: Broken): Evidence {
  const json = changed(matrixEvidence, { ...delegating, ...changes });
  const longer = Object.entries(repeat ?? {}).map(([list, { times, of }]): [string, unknown] => {
    const held = heldAt(json, list);
    return [list, [...(Array.isArray(held) ? held : []), ...Array.from({ length: times }, () => of)]];
  });
  return v.parse(evidenceSchema, changed(json, Object.fromEntries(longer)));
}

function heldAt(json: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .reduce((place, part) => (isRecord(place) ? place[part] : undefined), json);
}

for (const [name, all] of Object.entries(preconditions)) {
  describe(name, () => {
    for (const broken of all) {
      const { verdict = 'fails', status = 'unmet', questions, change } = broken;
      const evidence = evidenceWith(broken);
      test.each(Object.entries(questions))('%s', (question, code) => {
        const principal = broken.principal ?? 'arn:aws:iam::111122223333:role/Restorer';
        const [result] = ask(evidence, { ...questionNamed(question), ...change, principal }).results;
        const statuses = result?.preconditions.filter((one) => one.name === name).map((one) => one.status);
        expect(statuses, JSON.stringify(result?.preconditions, undefined, 1)).toEqual([status]);
        expect(result?.verdict, result?.reasons.join('\n')).toBe(verdict);
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
