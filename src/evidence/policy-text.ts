import type { Evidence, Gap, PolicyDocument } from './schema.ts';

/** A policy: its text, or why the text could not be read. */
export type PolicyText =
  | { readonly name: string; readonly document: PolicyDocument }
  | ({ readonly name: string; readonly exists?: true } & Unheld);

/** Why something is not in the evidence, in words, with the failed read that shows it. */
export interface Unheld {
  readonly unread: string;
  readonly gap?: Gap;
}

/** Why something is not in the evidence: the gap that shows it, if there is one. */
export function refused(evidence: Evidence, account: string, ...reads: readonly string[]): Unheld {
  const gap = evidence.gaps?.find(
    (one) => reads.includes(one.what) && (one.account === undefined || one.account === account),
  );
  return gap === undefined ? { unread: 'not read' } : unheld(gap);
}

export function unheld(gap: Gap): Unheld {
  return { unread: `${gap.what}: ${gap.reason}`, gap };
}
