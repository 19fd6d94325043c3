import { lazily } from '../base/lazily.ts';
import { isMade } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import { mayReplicate } from './replicas.ts';
import type { DerivedRequest } from './request-of-change.ts';

/* The changes that are certainly applied after another one. */

/**
 * The changes that are certainly applied after another one, by the identity of the other one. The
 * dependencies of a deleted resource do not say when it is deleted.
 */
export function changesAfter(changes: readonly PlannedChange[]): ReadonlyMap<string, ReadonlySet<PlannedChange>> {
  const found = new Map<string, Set<PlannedChange>>();
  for (const change of changes.filter(({ kind }) => kind !== 'delete'))
    for (const identity of change.dependsOn) found.set(identity, (found.get(identity) ?? new Set()).add(change));
  return found;
}

/**
 * For a request that follows the creation of a database: the replicas that are certainly created after the
 * request. Terraform creates them once all requests of the database are done. Undefined: there are none.
 */
export function replicasAfter(
  changes: readonly PlannedChange[],
): (request: DerivedRequest) => ReadonlySet<PlannedChange> | undefined {
  const all = lazily(() => changesAfter(changes.filter((one) => isMade(one) && mayReplicate(one))));
  return ({ change, makes, isOfOld }) => (makes || isOfOld || !isMade(change) ? undefined : all().get(change.identity));
}
