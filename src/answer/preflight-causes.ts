import { groupBy } from '../base/group.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { callStop, judge, stopsOf } from '../check/judgment.ts';
import { isEstablished } from '../check/verdict.ts';
import type { ReportedCause } from '../contract/preflight-report.ts';
import { withAttributes } from '../explain/plan.ts';
import { callReasonText, decidingStatements, settlingTexts } from '../explain/preflight.ts';
import { verdictText } from '../explain/reasons.ts';
import type { AlikeFailing, Failing } from '../preflight/outcome.ts';

/*
 * Finds why combinations do not hold. Combinations that fail for the same reasons share the
 * explanation.
 */

/** Combinations that fail for the same reasons. */
export interface FailingCause {
  readonly reported: ReportedCause;
  /** The combinations that are shown by name. The reasons are those of the first one. */
  readonly failing: readonly [Failing, ...Failing[]];
}

/**
 * @param evaluate answers with AWS's defaults
 * @param isSent whether a plan makes the request, so that attributes stand for its parameters
 */
export function failingCauses(
  alike: readonly AlikeFailing[],
  evaluate: (bound: Failing['bound']) => Evaluated,
  isSent: boolean,
): readonly FailingCause[] {
  const explained = alike.map((one) => ({ one, why: whyOf(one.failing[0], evaluate, isSent) }));
  const groups = groupBy(explained, ({ one: { failing }, why }) =>
    JSON.stringify([failing[0].outcome, failing[0].code, why.stops]),
  );
  return [...groups.values()].map((same) => {
    const [{ one, why }, ...others] = same;
    const [first, ...more] = one.failing;
    return {
      reported: {
        code: first.code,
        outcome: first.outcome,
        combinations: same.reduce((sum, { one: { count } }) => sum + count, 0),
        ...why.texts(),
      },
      failing: [first, ...more, ...others.flatMap((other) => other.one.failing)],
    };
  });
}

interface Why {
  /** Equal for combinations that fail for the same reasons. */
  readonly stops: unknown;
  readonly texts: () => Pick<ReportedCause, 'reasons' | 'statements' | 'settledBy'>;
}

function whyOf({ code, bound, any }: Failing, evaluate: (bound: Failing['bound']) => Evaluated, isSent: boolean): Why {
  switch (code) {
    case 'can-do':
      return callsWhy(allowingCalls(evaluate(bound)));
    case 'stopped-elsewhere':
      return callsWhy(any?.isDenied === true ? any.requests.flatMap(({ denied, open }) => [...denied, ...open]) : []);
    case 'not-denied-for-certain':
      return callsWhy(any?.isDenied === false ? openCalls(any.calls) : []);
    default: {
      const judgment = judge(evaluate(bound));
      const decisive = judgment.calls
        .filter(({ call }) => call.decision.decision !== 'allowed')
        .map(({ call }) => call);
      return {
        stops: stopsOf(judgment),
        texts: () => {
          const reasons = judgment.reasons.map(verdictText);
          return textsOf(isSent ? reasons.map(withAttributes) : reasons, decisive);
        },
      };
    }
  }
}

function callsWhy(calls: readonly DecidedCall[]): Why {
  return { stops: calls.map(callStop), texts: () => textsOf(calls.map(callReasonText), calls) };
}

function textsOf(reasons: readonly string[], calls: readonly DecidedCall[]): ReturnType<Why['texts']> {
  const settledBy = [...new Set(calls.flatMap(settlingTexts))];
  return {
    reasons: [...new Set(reasons)],
    statements: [...new Set(calls.flatMap(decidingStatements))],
    ...(settledBy.length === 0 ? {} : { settledBy }),
  };
}

/**
 * The first allowed call that is known to be required. A policy that denies it would stop the
 * operation.
 */
export function allowingCalls({ calls }: Evaluated): readonly DecidedCall[] {
  const required = calls.filter(
    ({ row, decision }) => isEstablished(row.basis) && decision.decision === 'allowed' && row.kind !== 'service',
  );
  return required.slice(0, 1);
}

/** The calls that depend on unknown facts. If there are none: the first call. */
function openCalls(calls: readonly DecidedCall[]): readonly DecidedCall[] {
  const open = calls.filter(({ decision }) => decision.decision === 'depends');
  return open.length > 0 ? open : calls.slice(0, 1);
}
