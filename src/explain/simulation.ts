import { shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { SimulationReason } from '../check/simulation.ts';
import { policyWordFor } from '../contract/policy-words.ts';
import type { SimulationAnswer } from '../evidence/simulation.ts';
import { factText } from './facts.ts';

/** Why IAM's policy simulator gives another answer, as a clause without a period. */
export function simulationText(reason: SimulationReason): string {
  switch (reason.code) {
    case 'simulator-assumes-absence':
      return `the result depends on ${list(reason.facts.map(factText))}. The simulator treats values that it is not given as absent`;
    case 'simulator-sees-no-such-policies':
      return `the simulator does not see the ${list(reason.kinds.map((kind) => policyWordFor(kind, reason.action)))}`;
    case 'simulator-names-control-policy':
      return 'the simulator says that a service control policy blocks the call';
    case 'simulator-names-boundary':
      return 'the simulator says that the permissions boundary does not allow the call';
    case 'simulator-was-not-told':
      return `the simulator was not given ${list(reason.keys)}`;
    case 'simulator-sees-no-key-policy':
      return 'the simulator does not see the key policy and the grants';
    case 'simulator-differs-without-reason':
      return 'no known limit of the simulator explains the difference';
  }
}

/** A difference that is shown even if the calls are not. */
export function simulationWarningText(
  { row, resource, decision }: DecidedCall,
  answer: SimulationAnswer,
  reason: SimulationReason,
): string {
  return `the policy simulator answers ${answer.decision} for ${row.action} on ${shortName(resource)}; this check answers ${decision.decision}. Reason: ${simulationText(reason)}`;
}

/** Shown if the simulator was not called. */
export const notSimulatedText =
  'the policy simulator was not asked. The simulator takes only ARNs of users and roles in the account of the credentials';

/** A call to the simulator that failed. */
export function simulationGapText({ what, reason }: { readonly what: string; readonly reason: string }): string {
  return `the policy simulator did not answer (${what}: ${reason})`;
}
