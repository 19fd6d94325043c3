import { directories } from '../evidence/directory.ts';
import { ReadDocuments } from '../policy/policies.ts';

/** Documents and lists that were read. Several states of the evidence share most of them. */
export interface Reading {
  readonly read: ReadDocuments;
  readonly directoryIn: ReturnType<typeof directories>;
}

/** A reading that holds no documents yet. */
export function newReading(): Reading {
  return { read: new ReadDocuments(), directoryIn: directories() };
}
