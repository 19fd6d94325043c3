import { keyStateOf } from '../evidence/lookup.ts';
import type { Key } from '../evidence/schema.ts';

/** States in which nothing can be encrypted or decrypted with a key (rds-kms-operations 5). */
const unusable: ReadonlySet<string> = new Set([
  ...['Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'PendingImport', 'Unavailable', 'Creating'],
]);

/**
 * The state because of which nobody can use a key. Undefined: the key is in another state, or its
 * state was not read.
 */
export function unusableStateOf(key: Key | undefined): string | undefined {
  const state = keyStateOf(key);
  return state !== undefined && unusable.has(state) ? state : undefined;
}
