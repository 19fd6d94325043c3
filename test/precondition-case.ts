import * as v from 'valibot';
import { type Evidence, evidenceSchema } from '../src/evidence/schema.ts';
import { type CheckQuestion, changed, isRecord } from './check-case.ts';
import { type Broken, matrixEvidence, questionNamed, shapes } from './matrix-case.ts';

/* Makes evidence and questions from cases that break a precondition. */

const delegating = {
  '/accounts/111122223333/regions/eu-west-1/kms/keys/0/Policy/Statement': shapes['K1']?.keyPolicy,
};

/** The question with this name, with the changes of the case. */
export function brokenQuestion({ change, add, principal }: Broken, name: string): CheckQuestion {
  const asked = { ...questionNamed(name), ...change };
  return {
    ...asked,
    ...(add === undefined ? {} : { parameters: { ...asked.parameters, ...add } }),
    principal: principal ?? 'arn:aws:iam::111122223333:role/Restorer',
  };
}

/** The evidence of the matrix, with the changes of the case. */
export function brokenEvidence({ with: changes, repeat }: Broken): Evidence {
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
