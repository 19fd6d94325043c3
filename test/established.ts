import { expect } from 'vitest';
import type { Result } from '../src/contract/report.ts';

/* A fact that is only inferred never makes an operation fail. */

/** Whether an operation may fail for a reason with this basis. */
export function isEstablished(basis: string): boolean {
  return basis === 'documented' || basis === 'observed';
}

/**
 * The denied calls and the unmet preconditions whose requirement is established, or with
 * `established` false, those whose requirement is not.
 */
export function brokenRows({ calls, preconditions: held }: Result, established: boolean): readonly string[] {
  return [
    ...calls.flatMap(({ decision, basis, kind, action, on }) =>
      decision === 'denied' && isEstablished(basis) === established ? [`${kind} ${action} on ${on}`] : [],
    ),
    ...held.flatMap(({ status, basis, code }) =>
      status === 'unmet' && isEstablished(basis) === established ? [code] : [],
    ),
  ];
}

/**
 * Expects that a result fails exactly if it has an established reason, and that a result with
 * another denial does not succeed.
 */
export function expectEstablished(result: Result, about: string): void {
  const reasons = brokenRows(result, true);
  expect({ about, fails: result.verdict === 'fails' }).toEqual({ about, fails: reasons.length > 0 });
  if (brokenRows(result, false).length > 0) expect(result.verdict, about).not.toBe('succeeds');
}
