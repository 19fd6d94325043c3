import type { Directory } from '../../evidence/directory.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { PreconditionRow } from '../../operations/operation.ts';
import type { Bound } from '../bind.ts';
import type { MetReason, PreconditionAssumption, UnknownReason, UnmetReason } from './reason.ts';

/** The answer to a precondition, and why. */
export type Answer = MetAnswer | { readonly status: 'unmet'; readonly reason: UnmetReason } | UnknownAnswer;

interface MetAnswer {
  readonly status: 'met';
  readonly reason: MetReason;
  /** What the answer assumes without having read it. */
  readonly assumption?: PreconditionAssumption;
}

interface UnknownAnswer {
  readonly status: 'unknown';
  readonly reason: UnknownReason;
  /** The assumption that settles the verdict, because it is normally true. */
  readonly assumption?: PreconditionAssumption;
}

export interface Facts {
  readonly bound: Bound;
  readonly evidence: Evidence;
  /** The index of the evidence. */
  readonly directory: Directory;
  readonly row: PreconditionRow;
  /** The time of the operation, as ISO text. */
  readonly evaluatedAt: string;
}

/** Undefined: the precondition does not apply. */
export type PreconditionTest = (facts: Facts) => Answer | undefined;

export function met(reason: MetReason, assumption?: PreconditionAssumption): Answer {
  return assumption === undefined ? { status: 'met', reason } : { status: 'met', reason, assumption };
}

export function unmet(reason: UnmetReason): Answer {
  return { status: 'unmet', reason };
}

export function notKnown(reason: UnknownReason): Answer {
  return { status: 'unknown', reason };
}

/** Not known, but normally as the assumption says. */
export function assumed(assumption: PreconditionAssumption, reason: UnknownReason): Answer {
  return { status: 'unknown', reason, assumption };
}

/**
 * The engine was not read. For tests that only rare engines do not pass: other tests are not known
 * without the engine.
 */
export function engineAssumed(): Answer {
  return assumed({ code: 'engine-is-suitable' }, { code: 'engine-unread' });
}

/** The assumption that replaces an answer. Undefined: there is none. */
export function assumptionOf(answer: Answer): PreconditionAssumption | undefined {
  return answer.status === 'unmet' ? undefined : answer.assumption;
}

/** Whether something that `account` owns is in the account of the principal. */
export function ownedByCaller(account: string, { bound: { principal } }: Facts): Answer {
  return account === principal.account
    ? met({ code: 'belongs-to-callers-account', account })
    : unmet({ code: 'belongs-to-another-account', account, callerAccount: principal.account });
}
