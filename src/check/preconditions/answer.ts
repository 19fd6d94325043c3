import type { Evidence } from '../../evidence/schema.ts';
import type { PreconditionRow } from '../../operations/operation.ts';
import type { Bound } from '../bind.ts';

/** What a precondition came to. */
export interface Answer {
  readonly status: 'met' | 'unmet' | 'unknown';
  readonly why: string;
  /** The words of AWS, where they are published (rds-kms-operations 2.2). */
  readonly says?: string;
  /** What is taken for granted instead of leaving the verdict open, because it is normally so. */
  readonly assumed?: string;
}

export interface Facts {
  readonly bound: Bound;
  readonly evidence: Evidence;
  readonly row: PreconditionRow;
}

/** Undefined: the question does not arise. */
export type Test = (facts: Facts) => Answer | undefined;

export const met = (why: string): Answer => ({ status: 'met', why });
export const unmet = (why: string, says?: string): Answer => ({
  status: 'unmet',
  why,
  ...(says === undefined ? {} : { says }),
});
export const unknown = (why: string): Answer => ({ status: 'unknown', why });

/** Not known, and normally so. `why`: what is taken for granted. */
export const assumed = (what: string, why: string): Answer => ({ status: 'unknown', why, assumed: `${what} (${why})` });
