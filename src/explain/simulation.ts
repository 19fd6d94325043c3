import { shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { SimulationReason } from '../check/simulation.ts';
import { policyWords } from '../contract/policy-words.ts';
import type { SimulationAnswer } from '../evidence/simulation.ts';
import { factText } from './facts.ts';

/** Why IAM's policy simulator answers otherwise, as a clause without full stop. */
export function simulationText(reason: SimulationReason): string {
  switch (reason.code) {
    case 'simulator-assumes-absence':
      return `here it depends on ${list(reason.facts.map(factText))}, and the simulator takes to be absent whatever it is not told`;
    case 'simulator-sees-no-such-policies':
      return `it does not see the ${list(reason.kinds.map((kind) => policyWords[kind]))}`;
    case 'simulator-names-control-policy':
      return 'it says that a service control policy stands in the way';
    case 'simulator-names-boundary':
      return 'it says that the permissions boundary does not allow it';
    case 'simulator-was-not-told':
      return `it was not told ${list(reason.keys)}`;
    case 'simulator-sees-no-key-policy':
      return 'it does not see what the key policy and grants allow';
    case 'simulator-differs-without-reason':
      return 'no known limit of the simulator explains it';
  }
}

/** A difference that is worth a look even where the calls are not shown. */
export function simulationWarningText(
  { row, resource, decision }: DecidedCall,
  answer: SimulationAnswer,
  reason: SimulationReason,
): string {
  return `the policy simulator says ${answer.decision} to ${row.action} on ${shortName(resource)}, which is ${decision.decision} here: ${simulationText(reason)}`;
}

/** The simulator was asked about nothing. */
export const notSimulatedText =
  'the policy simulator was not asked: it judges only users and roles, by their ARN, of the account of the credentials';

/** A call of the simulator that failed. */
export function simulationGapText({ what, reason }: { readonly what: string; readonly reason: string }): string {
  return `the policy simulator did not answer: ${what}: ${reason}`;
}
