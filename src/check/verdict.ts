import type { Verdict } from '../contract/report.ts';
import type { Basis } from '../operations/operation.ts';
import type { Assumption } from './assumption.ts';
import type { DecidedCall } from './decide.ts';
import { assumptionOf } from './preconditions/answer.ts';
import type { DecidedPrecondition, UnmetPrecondition } from './preconditions/preconditions.ts';

/** A better verdict has a higher rank. */
export const rank: Readonly<Record<Verdict, number>> = { fails: 0, undetermined: 1, succeeds: 2 };

/** Whether a requirement is documented or was observed. Nothing else makes an operation fail. */
export function isEstablished(basis: Basis): boolean {
  return basis === 'documented' || basis === 'observed';
}

/**
 * Combines the calls and preconditions of one operation into one verdict. With `strict`, an
 * assumption leaves the verdict undetermined.
 */
export function verdictOf(
  calls: readonly DecidedCall[],
  preconditions: readonly DecidedPrecondition[],
  strict: boolean,
): Verdict {
  if (calls.some(isDenied) || preconditions.some(isUnmet)) return 'fails';
  const open =
    calls.some(({ decision }) => decision.decision !== 'allowed') ||
    preconditions.some(isOpen) ||
    (strict && assumptionsOf(calls, preconditions).length > 0);
  return open ? 'undetermined' : 'succeeds';
}

/** Denied, and known to be required. */
export function isDenied({ decision, row }: DecidedCall): boolean {
  return decision.decision === 'denied' && isEstablished(row.basis);
}

/** Unmet, and known to be required. */
export function isUnmet(precondition: DecidedPrecondition): precondition is UnmetPrecondition {
  return precondition.status === 'unmet' && isEstablished(precondition.basis);
}

export function isOpen(precondition: DecidedPrecondition): boolean {
  return precondition.status !== 'met' && assumptionOf(precondition) === undefined;
}

export function assumptionsOf(
  calls: readonly DecidedCall[],
  preconditions: readonly DecidedPrecondition[],
): readonly Assumption[] {
  const all = [
    ...calls.flatMap((call) => call.assumptions),
    ...preconditions.flatMap((precondition) => assumptionOf(precondition) ?? []),
  ];
  return [...new Map(all.map((assumption) => [JSON.stringify(assumption), assumption])).values()];
}
