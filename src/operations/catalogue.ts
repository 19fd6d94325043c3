import { createSnapshot } from './create-snapshot.ts';
import type { Operation } from './operation.ts';
import { restore } from './restore.ts';

/** Every operation that can be checked, in the order in which help shows them. */
export const catalogue: readonly Operation[] = [createSnapshot, restore];

/** `name`: a command, one of its other names, or the name of the API. */
export function findOperation(name: string): Operation | undefined {
  return catalogue.find(
    (operation) => operation.command === name || operation.aliases.includes(name) || operation.api === name,
  );
}
