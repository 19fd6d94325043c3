/*
 * src/evidence/readers/ the formats of input. Each format has a file with a reader, and a row in
 * the list of readers.
 */

/** A place in an input, for messages. */
export interface Spot {
  /** The name of the input in messages. */
  readonly from: string;
  /** A JSON path. Empty: the complete input. */
  readonly path: string;
}

/**
 * Reads the content of an input from its JSON.
 * @throws Failure with the JSON path of the malformed part
 */
export type ReadInput<T> = (json: unknown, spot: Spot) => T;

/** One format of input. A new format needs a file with a reader, and a row in a list of readers. */
export interface InputReader<T> {
  readonly recognizes: (json: unknown) => boolean;
  readonly read: ReadInput<T>;
}

/** Reads an input with the first reader that recognizes it, or else with `otherwise`. */
export function readBy<T>(readers: readonly InputReader<T>[], otherwise: ReadInput<T>, json: unknown, spot: Spot): T {
  const reader = readers.find((one) => one.recognizes(json));
  return reader === undefined ? otherwise(json, spot) : reader.read(json, spot);
}
