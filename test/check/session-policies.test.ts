import { expect, test } from 'vitest';
import { bind } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { questionOf } from '../check-case.ts';

/*
 * Expectations may ask about one role in several sessions. The sessions share an evaluator, but
 * have different policies.
 */

const question = questionOf({
  operation: 'restore',
  snapshot: 'ledger-monthly',
  principal: 'arn:aws:iam::111122223333:role/dr-restore',
});
const directory = directoryOf(demoEvidence);

const verdicts = { '*': 'succeeds', 's3:*': 'fails' } as const;

test.each([[['*', 's3:*']], [['s3:*', '*']]] as const)('a session has its own policy: %o', (order) => {
  const shared = evaluator(directory, question);
  const found = order.map((action) => {
    const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
    const [bound] = bind(directory, { ...question, sessionPolicy: { name: 'session', document } });
    if (bound === undefined) throw new Error('nothing is bound');
    return [shared.verdict(bound), shared.evaluate(bound).verdict];
  });
  expect(found).toEqual(order.map((action) => [verdicts[action], verdicts[action]]));
});
