import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/contract/report.ts';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { ask, changed, operationOf } from '../check-case.ts';
import { cells, matrixEvidence, questionNamed, questions, shapes, withoutKms } from '../matrix-case.ts';
import { textsOf } from '../texts.ts';

const owner = '/accounts/111122223333';
const rcps = (account: string): string => `/accounts/${account}/organization/path/0/rcps/1`;

const evidence = Object.fromEntries(
  Object.entries(shapes).map(([shape, { keyPolicy, rcp }]) => {
    const attached = { name: shape, document: { Version: '2012-10-17', Statement: rcp } };
    const changes = {
      [`${owner}/regions/eu-west-1/kms/keys/0/Policy/Statement`]: keyPolicy,
      ...(rcp === undefined ? {} : { [rcps('111122223333')]: attached, [rcps('444455556666')]: attached }),
    };
    return [shape, v.parse(evidenceSchema, changed(matrixEvidence, changes))];
  }),
);

for (const [row, principals] of Object.entries(cells)) {
  const asked = questionNamed(row);
  describe(row, () => {
    for (const [name, byShape] of Object.entries(principals)) {
      const account = name.startsWith('Partner') ? '444455556666' : '111122223333';
      const question = { ...asked, principal: `arn:aws:iam::${account}:role/${name}` };
      for (const [shape, cell] of Object.entries(byShape)) {
        test(`${name}, ${shape} ${shapes[shape]?.about ?? ''}: ${cell}`, () => {
          const held = evidence[shape];
          if (held === undefined) throw new Error(`no evidence for ${shape}`);
          const { results } = ask(held, question);
          const [result, ...others] =
            asked.then === undefined ? results : results.filter(({ api }) => api === asked.then);
          if (result === undefined || others.length > 0) throw new Error('not one result');
          verify(result, cell);
        });
      }
    }
  });
}

describe('no KMS call is made under any key policy', () => {
  test.each(withoutKms)('%s', (name) => {
    const denying = evidence['K7'];
    if (denying === undefined) throw new Error('no evidence for K7');
    const question = { ...questionNamed(name), principal: 'arn:aws:iam::111122223333:role/Dba' };
    const [result, ...others] = ask(denying, question).results;
    if (result === undefined || others.length > 0) throw new Error('not one result');
    expect({ verdict: result.verdict }, textsOf(result.reasons)).toEqual({ verdict: 'succeeds' });
    const actions = result.calls.map(({ action }) => action);
    expect(actions.filter((action) => action.startsWith('kms:'))).toEqual([]);
  });
});

describe('the matrix', () => {
  test('holds every operation of the catalogue', () => {
    const held = new Set(Object.values(questions).map(operationOf));
    expect(catalogue.filter((operation) => !held.has(operation)).map(({ does }) => does)).toEqual([]);
  });

  test('holds a cell for every question and shape, one where no KMS call is made', () => {
    expect([...Object.keys(cells), ...withoutKms].toSorted()).toEqual(Object.keys(questions).toSorted());
    for (const [row, principals] of Object.entries(cells))
      for (const held of Object.values(principals))
        expect(Object.keys(held).toSorted(), row).toEqual(Object.keys(shapes).toSorted());
  });
});

function verify(result: Result, cell: string): void {
  const [verdict = '', decider] = cell.split(/: (.*)/);
  const calls = result.calls.map(({ kind, action, on, decision }) => ({
    call: `${kind} ${action} on ${on}`,
    decision,
  }));
  expect({ verdict: result.verdict }, textsOf(result.reasons)).toEqual({ verdict });
  if (decider === undefined) return;
  if (/^(caller|forwarded|service|role) /.test(decider)) {
    const deciding = calls.filter(
      ({ decision }) => decision === 'denied' || (verdict === 'undetermined' && decision === 'depends'),
    );
    expect(deciding.map(({ call }) => call)).toContain(decider);
  } else {
    const decisive = verdict === 'fails' ? 'unmet' : 'unknown';
    expect(result.preconditions.filter(({ status }) => status === decisive).map(({ name }) => name)).toContain(decider);
  }
}
