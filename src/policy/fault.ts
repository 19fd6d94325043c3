/**
 * What is wrong with a policy document, and where. `path` is a JSON path within the document. It is
 * empty for the document itself.
 */
export interface DocumentFault {
  readonly path: string;
  readonly says: string;
  /** What to do, if more can be said than that the policy needs a correction. */
  readonly does?: string;
}
