import { directories } from '../evidence/directory.ts';
import { ReadDocuments } from '../policy/policies.ts';

/** What was read of several states of the evidence, which have most documents and lists in common. */
export interface Reading {
  readonly read: ReadDocuments;
  readonly directoryIn: ReturnType<typeof directories>;
}

/** Nothing was read so far. */
export function newReading(): Reading {
  return { read: new ReadDocuments(), directoryIn: directories() };
}
