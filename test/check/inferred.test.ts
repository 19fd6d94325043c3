import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { bind } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { verdictOf } from '../../src/check/verdict.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { type Evidence, evidenceSchema } from '../../src/evidence/schema.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { ask, type CheckQuestion, changed, operationOf, questionOf } from '../check-case.ts';
import { brokenRows, expectEstablished, isEstablished } from '../established.ts';
import { cells, matrixEvidence, questionNamed, questions, shapes } from '../matrix-case.ts';

/*
 * A fact that is only inferred never makes an operation fail. This test covers every call of the
 * operations of the matrix; test/check/preconditions.test.ts covers their preconditions.
 */

const keyPolicy = '/accounts/111122223333/regions/eu-west-1/kms/keys/0/Policy/Statement';
/** The roles of the matrix by their numbers in the lists. Each has one inline policy. */
const roles = [
  ...[0, 1, 2, 3].map((role) => `/accounts/111122223333/iam/RoleDetailList/${role}`),
  ...[0, 1, 2].map((role) => `/accounts/444455556666/iam/RoleDetailList/${role}`),
];

/** The question with this name, for the first principal of its row of the matrix. */
function questionFor(name: string): CheckQuestion {
  const [role = 'Dba'] = Object.keys(cells[name] ?? {});
  const account = role.startsWith('Partner') ? '444455556666' : '111122223333';
  return { ...questionNamed(name), principal: `arn:aws:iam::${account}:role/${role}` };
}

/**
 * The evidence of the matrix. If `denied` is given, the roles have a Deny of one action on one
 * resource.
 */
function evidenceDenying(denied?: { readonly action: string; readonly resource: string }): Evidence {
  const statement = { Effect: 'Deny', Action: denied?.action, Resource: denied?.resource };
  const policy = { PolicyName: 'deny', PolicyDocument: { Version: '2012-10-17', Statement: [statement] } };
  const denials = roles.map((role): [string, unknown] => [`${role}/RolePolicyList/1`, policy]);
  const changes = Object.fromEntries(denied === undefined ? [] : denials);
  return v.parse(evidenceSchema, changed(matrixEvidence, { [keyPolicy]: shapes['K1']?.keyPolicy, ...changes }));
}

const untouched = evidenceDenying();
const deniedAlone = new Set<string>();

describe('a denied call', { tags: 'slow' }, () => {
  for (const name of Object.keys(questions)) {
    const question = questionFor(name);
    test(name, () => {
      const calls = ask(untouched, question).results.flatMap((result) => result.calls);
      const different = new Map(calls.map(({ action, resource }) => [`${action} ${resource}`, { action, resource }]));
      for (const [about, denied] of different)
        for (const result of ask(evidenceDenying(denied), question).results) {
          expectEstablished(result, `${name}: ${about}`);
          if (brokenRows(result, true).length > 0) continue;
          for (const row of brokenRows(result, false)) deniedAlone.add(`${operationOf(question).does}: ${row}`);
        }
    });
  }
});

test('some denials were only of inferred calls', { tags: 'slow' }, () => {
  expect(deniedAlone.size).toBeGreaterThan(30);
});

describe('a row of the catalog that is not established', () => {
  const question = questionOf(questionFor('restore'));
  const evidence = v.parse(evidenceSchema, changed(matrixEvidence, { [keyPolicy]: shapes['K7']?.keyPolicy }));
  const directory = directoryOf(evidence);
  const [bound] = bind(directory, question);
  if (bound === undefined) throw new Error('nothing is bound');
  const { calls } = evaluator(directory, question).evaluate(bound);
  const denied = calls.find(({ decision }) => decision.decision === 'denied');
  if (denied === undefined) throw new Error('nothing is denied');

  const reason = { code: 'accounts-share-no-organization' } as const;

  test.each(catalogue.map((operation) => [operation.does, operation] as const))('%s', (_, operation) => {
    for (const row of operation.calls)
      expect([row.action, verdictOf([{ ...denied, row }], [], false) === 'fails']).toEqual([
        row.action,
        isEstablished(row.basis),
      ]);
    for (const row of operation.preconditions)
      expect([
        row.code,
        verdictOf([], [{ row, basis: row.basis, status: 'unmet', reason }], false) === 'fails',
      ]).toEqual([row.code, isEstablished(row.basis)]);
  });
});
