import type { Bound } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluator } from '../check/evaluate.ts';
import type { Verdict } from '../contract/report.ts';
import type { CallRow } from '../operations/operation.ts';
import type { Effort } from '../policy/request.ts';
import { type Remember, remembering } from './budget.ts';
import { type DirectCalls, directCalls } from './direct-calls.ts';
import { type People, peopleIn } from './people.ts';

/**
 * The state before any fix of one failure. All fixes check questions in this state, mostly the same
 * ones.
 */
export interface Before {
  readonly evaluator: Evaluator;
  /** `name`: the name of the question. Equal questions have equal names. */
  readonly question: (name: string, bind: () => Bound) => QuestionBefore;
  readonly calls: DirectCalls;
  readonly people: People;
}

/** A question in the state before any fix. */
export interface QuestionBefore {
  readonly verdict: () => Verdict;
  readonly decide: (row: CallRow) => DecidedCall;
}

/** `asked`: the question that fails. `effort`: the effort of the evaluator. */
export function beforeFixes(evaluator: Evaluator, asked: Bound, effort: Effort): Before {
  const known = new Map<string, QuestionBefore>();
  return {
    evaluator,
    calls: rememberedCalls(directCalls(evaluator, asked), effort),
    people: peopleIn(evaluator),
    question(name, bind) {
      const held = known.get(name);
      if (held !== undefined) return held;
      const made = questionBefore(evaluator, bind, effort);
      known.set(name, made);
      return made;
    },
  };
}

function questionBefore(evaluator: Evaluator, bind: () => Bound, effort: Effort): QuestionBefore {
  const decisions: Remember<CallRow, DecidedCall> = remembering(effort);
  const verdicts: Remember<'verdict', Verdict> = remembering(effort);
  let bound: Bound | undefined;
  const decide = (row: CallRow): DecidedCall => {
    bound ??= bind();
    const on = bound;
    return decisions(row, () => evaluator.decide(row, on));
  };
  return {
    decide,
    verdict: () =>
      verdicts('verdict', () => {
        bound ??= bind();
        return evaluator.verdict(bound, decide);
      }),
  };
}

/** Invented principals are separate objects, even if their ARNs are equal. */
function rememberedCalls({ find, decide }: DirectCalls, effort: Effort): DirectCalls {
  const known = new WeakMap<object, Remember<string, ReturnType<DirectCalls['decide']>>>();
  return {
    find,
    decide(principal, action, on) {
      const { key, arn, isBeginning } = on;
      const held = known.get(principal) ?? remembering(effort);
      known.set(principal, held);
      return held(JSON.stringify([action, key, arn, isBeginning]), () => decide(principal, action, on));
    },
  };
}
