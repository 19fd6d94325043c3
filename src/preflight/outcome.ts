import type { AnyRequestAnswer } from '../check/any-request.ts';
import type { Bound } from '../check/bind.ts';
import type { SourceType } from '../operations/source-flags.ts';
import { type ExceptionNote, exceptionNotes } from './exception-notes.ts';
import { type Exception, type Expectation, noReasonYet } from './expectation.ts';

/* What becomes of expectations, as data; src/explain/ has the words. */

/** A field that leaves out some of what a name or pattern matches. */
export type Narrowing = 'not' | 'tag';

/** Something that an expectation is about and that could not be found, or not be read. */
export type ExpectationLack =
  /**
   * `nearest`: names that there are instead. `without`: the fields that leave out all that the name
   * matches.
   */
  | {
      readonly code: 'nothing-matched';
      readonly what: 'principal' | 'source' | 'key' | 'combination';
      readonly name: string;
      readonly nearest: readonly string[];
      readonly without?: readonly Narrowing[];
    }
  /** `region`: where the operation is asked, and the source is not. */
  | {
      readonly code: 'source-elsewhere';
      readonly of: string;
      readonly operation: string;
      readonly account: string;
      readonly region: string;
    }
  | { readonly code: 'too-few-matched'; readonly found: number; readonly wanted: number }
  /** Times in hours. */
  | { readonly code: 'backup-too-old'; readonly arn: string; readonly hours: number; readonly maxAge: number }
  | { readonly code: 'backup-age-unknown'; readonly name: string }
  | { readonly code: 'caller-unknown' }
  | { readonly code: 'account-unread'; readonly account: string }
  | { readonly code: 'principals-unread'; readonly account: string }
  | {
      readonly code: 'sources-unread';
      readonly account: string;
      readonly region: string;
      readonly types: readonly SourceType[];
    }
  | { readonly code: 'keys-unread'; readonly account: string; readonly region: string }
  /** Nobody said who applies a plan. `hint`: whom the plan names, and the evidence does not have. */
  | {
      readonly code: 'plan-principal-unknown';
      readonly hint?: { readonly arn: string; readonly known: 'provider' | 'planner' };
    }
  /** The plan does not name the account or Region. */
  | { readonly code: 'plan-place-unknown' }
  /** A copy with `destination_region`, of which nobody can tell where it is made. */
  | { readonly code: 'plan-region-unclear' }
  /** `by`: the resource that the same plan deletes, and that a request reads. */
  | { readonly code: 'plan-source-goes'; readonly by: string }
  /** The provider takes on its role with a policy of the session. */
  | { readonly code: 'plan-session-policy' }
  /** `names`: what the plan does not tell of a request, such as `kms_key_id (from local.k)`. */
  | { readonly code: 'plan-value-unknown'; readonly names: readonly string[] }
  | { readonly code: 'plan-snapshot-unnamed' }
  /** The attribute for which AWS may choose the plan's value, and then the request is not sent. */
  | { readonly code: 'plan-request-unsure'; readonly attribute: string }
  /** ARN of the key of a final snapshot, which the same plan schedules for deletion. */
  | { readonly code: 'key-goes-with-snapshot'; readonly key: string }
  /**
   * Actions that the provider needs after a request; `unknown`: whether they are allowed is not
   * known.
   */
  | { readonly code: 'plan-read-denied' | 'plan-read-unknown'; readonly actions: readonly string[] }
  /** Addresses of changes that could be about anything. */
  | { readonly code: 'plan-change-unplaced'; readonly changes: readonly string[] }
  | { readonly code: 'plan-change-may-allow'; readonly changes: readonly string[] }
  /** Addresses that have to be applied first, and that nothing puts first. */
  | { readonly code: 'plan-order'; readonly first: readonly string[] }
  /**
   * Addresses with which the request fails, and that nothing puts after it. `waitFor`: what they have
   * to depend on. Absent: only another apply puts them after it.
   */
  | { readonly code: 'plan-order-after'; readonly after: readonly string[]; readonly waitFor?: string }
  | { readonly code: 'tags-unread' | 'aliases-unread' | 'database-unknown'; readonly of: string }
  /** Undefined: with whom it is shared was not read. */
  | { readonly code: 'outside-account-unread'; readonly of: string; readonly account: string | undefined };

const breaking: ReadonlySet<ExpectationLack['code']> = new Set([
  'nothing-matched',
  'source-elsewhere',
  'too-few-matched',
  'backup-too-old',
  'key-goes-with-snapshot',
  'plan-read-denied',
]);

/** What an expectation comes to by something that is lacking. */
export function outcomeOfLack({ code }: ExpectationLack): 'broken' | 'unproven' {
  return breaking.has(code) ? 'broken' : 'unproven';
}

/** Each once. */
export function distinctLacks(lacks: readonly ExpectationLack[]): readonly ExpectationLack[] {
  return [...new Map(lacks.map((lack) => [JSON.stringify(lack), lack])).values()];
}

export type ExpectationOutcome = 'holds' | 'broken' | 'unproven';

/** Why one combination does not hold. */
export type FailureCode =
  /** Expected, and fails; or is undetermined. */
  | 'cannot-do'
  | 'may-be-unable'
  /** Not expected, and succeeds with the request that the question names. */
  | 'can-do'
  /** No policy denies it for every request and session. */
  | 'not-denied-for-certain'
  /** No policy denies it for certain; what is unmet stands in the way. */
  | 'vacuous'
  /** It is denied, and not by what was expected. */
  | 'stopped-elsewhere';

/** One combination that does not hold. */
export interface Failing {
  readonly code: FailureCode;
  readonly outcome: Exclude<ExpectationOutcome, 'holds'>;
  /** As AWS would be asked by default. */
  readonly bound: Bound;
  /** The answer for every request. Undefined: only the default request was asked. */
  readonly any: AnyRequestAnswer | undefined;
}

/** Combinations that fail alike: they have the same target, and nothing tells their principals apart. */
export interface AlikeFailing {
  /** The first ones, at least one. */
  readonly failing: readonly [Failing, ...Failing[]];
  readonly count: number;
}

/** An exception, and what it is worth. `days`: until it ends; 0: today; less: it has ended. */
export interface ExceptionUse {
  readonly exception: Exception;
  readonly days: number;
  /** Combinations that it takes out, and how many of them would not hold. */
  readonly covered: number;
  readonly needed: number;
}

/** What is worth knowing of an expectation, whatever it comes to. */
export type ExpectationNote = { readonly code: 'why-is-todo' } | ExceptionNote<Exception>;

export function notesOf({
  expectation,
  exceptions,
}: Pick<Judged, 'expectation' | 'exceptions'>): readonly ExpectationNote[] {
  const isTodo = expectation.why === noReasonYet;
  return [...(isTodo ? [{ code: 'why-is-todo' } as const] : []), ...exceptions.flatMap(exceptionNotes)];
}

/** What one expectation came to. */
export interface Judged {
  readonly expectation: Expectation;
  readonly outcome: ExpectationOutcome;
  /** Combinations that were asked. */
  readonly questions: number;
  readonly counts: Readonly<Record<ExpectationOutcome, number>>;
  /** What does not hold and was accepted. */
  readonly baselined: number;
  /** The first ones, broken before unproven; `counts` has all. */
  readonly alike: readonly AlikeFailing[];
  readonly lacks: readonly ExpectationLack[];
  readonly exceptions: readonly ExceptionUse[];
  /** Service-linked roles, which were not asked. */
  readonly serviceLinked: number;
  /** Kinds of backup that the operations do not take. */
  readonly skipped: number;
  /** Principals that are no roles, where the operations run as a role. */
  readonly notRoles: number;
  /** What patterns and `newest-of` came to: ARNs. */
  readonly resolved: { readonly principals: readonly string[]; readonly sources: readonly string[] };
}
