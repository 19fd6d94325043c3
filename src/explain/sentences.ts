/*
 * src/explain/ turns decisions into sentences. Only this folder turns codes into words, and no code
 * parses a sentence.
 */

import { accountOf, shortName } from '../base/arn.ts';
import { oneLine } from '../base/escape.ts';
import { list, sentence } from '../base/wording.ts';
import { reasonOf } from '../check/call-reason.ts';
import type { ReportedFix, Result } from '../contract/report.ts';
import type { Decision } from '../policy/authorize.ts';
import { type RequestInput, stateGiven } from '../policy/request.ts';
import { callText } from './calls.ts';

/* A complete answer as sentences, for callers that draw no report. */

/**
 * The answer of a check: who can or cannot do what, the expected error, why, the assumptions and
 * the fixes. `result`: one of `report.results`. `fixes`: the fixes of the report.
 */
export function resultSentences(result: Result, fixes: readonly ReportedFix[]): readonly string[] {
  const { reasons, assumptions } = result;
  const own = result.fixes.flatMap((id) => fixes.find((fix) => fix.id === id) ?? []);
  return [
    sentence(result.answer),
    ...(result.expectedError === null ? [] : [`Expected error: ${result.expectedError.code}.`]),
    ...reasons.map(({ text }) => sentence(text)),
    ...assumptions.map(({ text }) => `Assumed: ${sentence(text)}`),
    ...own.map(({ steps }, index) => {
      const number = own.length === 1 ? '' : ` ${index + 1}`;
      return `Fix${number}: ${list(steps.map(({ does }) => list(does.map(({ text }) => text))))}.`;
    }),
  ].map(oneLine);
}

/**
 * A decision of the engine in sentences: the answer first, then why. `request`: the request of the
 * decision.
 */
export function decisionSentences(decision: Decision, request: RequestInput): readonly string[] {
  const { action, principal, resource } = request;
  const what = `${action} on ${shortName(resource.arn)}`;
  const who = shortName(principal);
  const call = {
    row: { kind: 'caller', action },
    key: undefined,
    resource: resource.arn,
    actor: { arn: principal, account: accountOf(principal) },
  } as const;
  const because = callText({ call, reason: reasonOf({ decision, possible: (keyId) => stateGiven(request, keyId) }) });
  return [`${what} ${answers[decision.decision]} for ${who}.`, sentence(because)].map(oneLine);
}

const answers: Readonly<Record<Decision['decision'], string>> = {
  allowed: 'is allowed',
  denied: 'is denied',
  depends: 'may be allowed or denied',
};
