import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { bind } from '../../src/check/bind.ts';
import type { DecidedCall } from '../../src/check/decide.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { judge } from '../../src/check/judgment.ts';
import type { DecidedPrecondition } from '../../src/check/preconditions/preconditions.ts';
import type { Verdict } from '../../src/contract/report.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { preconditionName } from '../../src/explain/precondition-names.ts';
import { verdictText } from '../../src/explain/reasons.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { type CheckQuestion, changed, evaluatedAt, operationOf, questionOf } from '../check-case.ts';
import { cells, matrixEvidence, questionNamed, questions, shapes, withoutKms } from '../matrix-case.ts';

const owner = '/accounts/111122223333';
const rcps = (account: string): string => `/accounts/${account}/organization/path/0/rcps/1`;

const evaluators = new Map(
  Object.entries(shapes).map(([shape, { keyPolicy, rcp }]) => {
    const attached = { name: shape, document: { Version: '2012-10-17', Statement: rcp } };
    const changes = {
      [`${owner}/regions/eu-west-1/kms/keys/0/Policy/Statement`]: keyPolicy,
      ...(rcp === undefined ? {} : { [rcps('111122223333')]: attached, [rcps('444455556666')]: attached }),
    };
    const evidence = v.parse(evidenceSchema, changed(matrixEvidence, changes));
    return [shape, evaluator(directoryOf(evidence), { context: {}, evaluatedAt, strict: false })];
  }),
);

for (const [row, principals] of Object.entries(cells)) {
  const asked = questionNamed(row);
  describe(row, () => {
    test.each(Object.entries(principals))('%s', (name, byShape) => {
      const account = name.startsWith('Partner') ? '444455556666' : '111122223333';
      const question = { ...asked, principal: `arn:aws:iam::${account}:role/${name}` };
      const found = Object.entries(byShape).map(([shape, cell]) => {
        const [result, ...others] = answers(shape, question, asked.then);
        if (result === undefined || others.length > 0) throw new Error('not one result');
        return [`${shape} ${shapes[shape]?.about ?? ''}`, cell, foundFor(cell, result)] as const;
      });
      expect(Object.fromEntries(found.map(([shape, , is]) => [shape, is]))).toEqual(
        Object.fromEntries(found.map(([shape, cell]) => [shape, cell])),
      );
    });
  });
}

describe('no KMS call is made under any key policy', () => {
  test.each(withoutKms)('%s', (name) => {
    const question = { ...questionNamed(name), principal: 'arn:aws:iam::111122223333:role/Dba' };
    const [result, ...others] = answers('K7', question);
    if (result === undefined || others.length > 0) throw new Error('not one result');
    expect({ verdict: result.verdict }, result.because()).toEqual({ verdict: 'succeeds' });
    const actions = result.calls.map(({ row: { action } }) => action);
    expect(actions.filter((action) => action.startsWith('kms:'))).toEqual([]);
  });
});

describe('the matrix', () => {
  test('holds every operation of the catalog', () => {
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

interface Decided {
  readonly verdict: Verdict;
  readonly calls: readonly DecidedCall[];
  readonly preconditions: readonly DecidedPrecondition[];
  readonly because: () => string;
}

/**
 * The answers under a shape. `then`: the API whose answers are wanted; without it, all are. All
 * questions about a shape share one evaluator, so that each policy is parsed once.
 */
function answers(shape: string, asked: CheckQuestion, then?: string): readonly Decided[] {
  const asking = evaluators.get(shape);
  if (asking === undefined) throw new Error(`no evidence for ${shape}`);
  const bound = bind(asking.directory, questionOf(asked));
  return (then === undefined ? bound : bound.filter(({ operation }) => operation.api === then)).map((one) => {
    const evaluated = asking.evaluate(one);
    return { ...evaluated, because: () => judge(evaluated).reasons.map(verdictText).join('\n') };
  });
}

/** The cell if the result agrees with the cell, and otherwise the result. */
function foundFor(cell: string, { verdict: is, calls, preconditions, because }: Decided): string {
  const [verdict = '', decider] = cell.split(/: (.*)/);
  if (is !== verdict) return `${is}: ${because()}`;
  if (decider === undefined) return cell;
  const deciders = /^(caller|forwarded|service|role) /.test(decider)
    ? calls
        .filter(
          ({ decision: { decision } }) =>
            decision === 'denied' || (verdict === 'undetermined' && decision === 'depends'),
        )
        .map(({ row: { kind, action, on } }) => `${kind} ${action} on ${on}`)
    : preconditions
        .filter(({ status }) => status === (verdict === 'fails' ? 'unmet' : 'unknown'))
        .map(({ row: { code } }) => preconditionName(code));
  return deciders.includes(decider) ? cell : `${is}: ${deciders.join(', ')}`;
}
