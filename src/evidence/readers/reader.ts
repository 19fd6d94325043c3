/*
 * src/evidence/readers/ the formats of input. A format is a file with a reader and a row in the
 * list of readers.
 */

/** A place in an input, for messages. */
export interface Spot {
  /** What messages call the input. */
  readonly from: string;
  /** A JSON path; empty: the whole input. */
  readonly path: string;
}

/**
 * What an input says, from its JSON.
 * @throws Failure naming the JSON path of whatever is malformed
 */
export type ReadInput<T> = (json: unknown, spot: Spot) => T;

/** One format of input. A format is a file that makes a reader, and a row in a list of readers. */
export interface InputReader<T> {
  readonly recognizes: (json: unknown) => boolean;
  readonly read: ReadInput<T>;
}

/**
 * What the first reader that recognizes the input makes of it; `otherwise` reads what none
 * recognizes.
 */
export function readBy<T>(readers: readonly InputReader<T>[], otherwise: ReadInput<T>, json: unknown, spot: Spot): T {
  const reader = readers.find((one) => one.recognizes(json));
  return reader === undefined ? otherwise(json, spot) : reader.read(json, spot);
}
