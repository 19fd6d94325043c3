import { describe, expect, test } from 'vitest';
import { bind } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { rowsOf } from '../../src/check/rows.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { beforeFixes } from '../../src/fix/before.ts';
import { directCalls } from '../../src/fix/direct-calls.ts';
import type { Effort } from '../../src/policy/request.ts';
import { questionOf } from '../check-case.ts';

const operator = 'arn:aws:iam::111122223333:role/operator';
const question = questionOf({
  operation: 'restore',
  principal: operator,
  snapshot: 'orders-before-upgrade',
  region: 'us-east-1',
});
const directory = directoryOf(demoEvidence);
const [bound] = bind(directory, question);
if (bound === undefined) throw new Error('the demo holds its snapshot');

/** The answers to a question that is asked several times, and the effort of each answer. */
function asked<Answer>(effort: Effort, times: number, ask: () => Answer): readonly (readonly [Answer, number])[] {
  return Array.from({ length: times }, () => {
    const { spent } = effort;
    return [ask(), effort.spent - spent] as const;
  });
}

describe('the cached state before fixes has the cost of a new check', () => {
  test('verdicts and decisions', () => {
    const effort: Effort = { spent: 0 };
    const plain = evaluator(directory, question, undefined, effort);
    const [verdict, ...others] = asked(effort, 3, () => plain.verdict(bound));
    expect(others).toEqual([verdict, verdict]);
    let bindings = 0;
    const before = beforeFixes(plain, bound, effort);
    const first = before.question('it', () => {
      bindings += 1;
      return bound;
    });
    expect(asked(effort, 3, first.verdict)).toEqual([verdict, verdict, verdict]);
    for (const row of rowsOf(bound)) {
      const [[decided, cost] = [undefined, 0]] = asked(effort, 1, () => plain.decide(row, bound).decision);
      expect(asked(effort, 2, () => first.decide(row).decision)).toEqual([
        [decided, cost],
        [decided, cost],
      ]);
      expect(cost).toBeGreaterThan(0);
    }
    expect(bindings).toBe(1);
    expect(before.question('it', () => bound)).toBe(first);
  });

  test('calls of principals, each by its own policies', () => {
    const effort: Effort = { spent: 0 };
    const plain = evaluator(directory, question, undefined, effort);
    const calls = directCalls(plain, bound);
    const { calls: remembered } = beforeFixes(plain, bound, effort);
    const answers = ['arn:aws:iam::111122223333:user/administrator', operator].map((arn) => {
      const decide = (of: typeof calls) => () => of.decide(of.find(arn), 'iam:PutRolePolicy', { arn: operator });
      const [alone = ['depends', 0]] = asked(effort, 1, decide(calls));
      expect(asked(effort, 2, decide(remembered))).toEqual([alone, alone]);
      return alone;
    });
    expect(answers).toEqual([
      ['allowed', 1],
      ['denied', 1],
    ]);
  });
});
