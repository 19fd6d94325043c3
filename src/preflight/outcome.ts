import type { AnyRequestAnswer } from '../check/any-request.ts';
import type { Bound } from '../check/bind.ts';
import type { SourceType } from '../operations/source-flags.ts';
import type { MonitoringPart } from '../plan/request-of-change.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import type { Fact } from '../policy/truth.ts';
import { type ExceptionNote, exceptionNotes } from './exception-notes.ts';
import { type Exception, type Expectation, noReasonYet } from './expectation.ts';

/* The outcomes of expectations, as data. src/explain/ has the words. */

/** A field that leaves out some of what a name or pattern matches. */
export type Narrowing = 'not' | 'tag';

/**
 * A change whose effect a plan does not show. `what`: the missing fact, in words. `isName`: a name
 * or ARN in the configuration would show it.
 */
export interface OpenChange {
  readonly address: string;
  readonly what: string;
  readonly isName: boolean;
}

/** Something in an expectation that could not be found or read. */
export type ExpectationLack =
  /**
   * `nearest`: similar names that exist. `without`: the fields that leave out all that the name
   * matches.
   */
  | {
      readonly code: 'nothing-matched';
      readonly what: 'principal' | 'source' | 'key' | 'combination';
      readonly name: string;
      readonly nearest: readonly string[];
      readonly without?: readonly Narrowing[];
      /** The account that lacks the principal or the key. Absent: no account has it. */
      readonly account?: string;
    }
  /** `region`: the Region of the operation, which is not the Region of the source. */
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
  /** Another account that is checked has no key of the name in the request (rds-kms-operations 4.2). */
  | {
      readonly code: 'key-missing-in-account';
      readonly name: string;
      readonly account: string;
      readonly region: string;
    }
  /**
   * The principal that applies a plan is not known. `hint`: a principal that the plan names and the
   * evidence does not have. `stranger`: the account of the principal that the user names, which
   * cannot send the request to `account`. Absent: the account has no principal of the name.
   */
  | {
      readonly code: 'plan-principal-unknown';
      readonly stranger?: { readonly of?: string; readonly account: string };
      readonly hint?: { readonly arn: string; readonly known: 'provider' | 'planner' };
    }
  /** The plan does not name the account or Region. */
  /** `of each`: each instance of the provider may have its own Region. */
  | { readonly code: 'plan-place-unknown'; readonly missing: 'account' | 'Region' | 'Region of each' }
  /** A copy with `destination_region`: nobody knows in which Region it is created. */
  | { readonly code: 'plan-region-unclear' }
  /** A secondary cluster of a global cluster, whose request names no key. */
  | { readonly code: 'plan-secondary-key' }
  /**
   * `by`: the resource that the same plan deletes, and that a request reads. `replaced`: the plan then
   * creates it again; `of` is the resource of the request, absent if it cannot wait for the new one.
   */
  | {
      readonly code: 'plan-source-goes';
      readonly by: string;
      readonly replaced?: { readonly of?: string };
    }
  /** `by`: the resource that the same plan deletes, with a final snapshot that a request reads. */
  | { readonly code: 'plan-source-comes'; readonly by: string }
  /** `source`: what the request deletes, and what the evidence does not have. */
  | { readonly code: 'plan-source-gone'; readonly source: string }
  /** The provider turns the deletion protection of a database off before it deletes the database. */
  | { readonly code: 'plan-protection-lifted' }
  /** `by`: the resource that takes the same name in the same plan, in no order. */
  | { readonly code: 'plan-same-name'; readonly by: string }
  /** The provider assumes its role with a session policy. */
  | { readonly code: 'plan-session-policy' }
  /**
   * `names`: the values of a request that the plan does not show, such as `kms_key_id (from
   * local.k)`.
   */
  | { readonly code: 'plan-value-unknown'; readonly names: readonly string[] }
  | { readonly code: 'plan-snapshot-unnamed' }
  | { readonly code: 'plan-password-refused' }
  /** RDS refuses a new database with an interval of Enhanced Monitoring and no role, or with a role alone. */
  | { readonly code: 'plan-monitoring-refused'; readonly lacks: MonitoringPart }
  /**
   * `attribute`: decides whether the provider sends the request. The provider does not send the
   * request if AWS chooses the value in the plan.
   */
  | { readonly code: 'plan-request-unsure'; readonly attribute: string }
  /** ARN of the key of a final snapshot, which the same plan schedules for deletion. */
  | { readonly code: 'key-goes-with-snapshot'; readonly key: string }
  /**
   * KMS refuses the key policy that a request sends: its sender could not change the policy again.
   * `account`: that of the key. `principal`: the ARN of the sender; absent: the policy lets nobody
   * change it. `by`: the Denies that stop the sender. Empty: no Allow lets the sender in.
   */
  | {
      readonly code: 'plan-key-policy-refused';
      readonly api: string;
      readonly account: string;
      readonly principal?: string;
      readonly by: readonly StatementRef[];
    }
  /**
   * KMS may refuse the key policy. `dependsOn`: what decides whether the sender could change it
   * again. `by`: the Denies that may stop the sender. `isPlanner`: the sender only made the plan, and could not change the policy.
   */
  | {
      readonly code: 'plan-key-policy-unsure';
      readonly api: string;
      readonly principal: string;
      readonly dependsOn: readonly Fact[];
      readonly by: readonly StatementRef[];
      readonly isPlanner?: true;
    }
  /** KMS refuses the key policy that a request sends, because it names users or roles that do not exist. */
  | { readonly code: 'plan-key-policy-names-nobody'; readonly names: readonly string[] }
  /**
   * Actions that the provider calls after a request. `plan-read-unknown`: it is not known whether
   * the actions are allowed.
   */
  | { readonly code: 'plan-read-denied' | 'plan-read-unknown'; readonly actions: readonly string[] }
  /** Changes that could be about anything. */
  | { readonly code: 'plan-change-unplaced'; readonly changes: readonly OpenChange[] }
  | {
      readonly code:
        | 'plan-change-may-allow'
        | 'plan-change-may-deny'
        | 'plan-change-may-make'
        | 'plan-change-may-create';
      readonly changes: readonly OpenChange[];
    }
  /**
   * `first`: addresses of changes that have to be applied before the request, although nothing in
   * the plan puts them first. `of`: the address of the request. `gone`: those of the addresses that
   * the plan deletes, so no resource can depend on them. `apart`: those that need an apply of their own,
   * because they depend on what would have to wait for them, or because the request deletes something,
   * and a deletion cannot wait.
   */
  | {
      readonly code: 'plan-order';
      readonly of: string;
      readonly first: readonly string[];
      readonly gone: readonly string[];
      readonly apart: readonly string[];
      /** The changes after which the request needs the others. Absent: it needs them in any case. */
      readonly between?: readonly string[];
      /** The updates during which the request can fail. */
      readonly during?: readonly string[];
    }
  /**
   * The request can succeed only while the `remade` resources are deleted, before they are created
   * again, and during the updates of the `updated` ones. `first`: addresses of changes that also have
   * to be applied before the request.
   */
  | {
      readonly code: 'plan-order-gap';
      readonly remade: readonly string[];
      readonly updated: readonly string[];
      readonly first: readonly string[];
    }
  /**
   * `after`: addresses of changes that make the request fail if they are applied first, and that
   * nothing in the plan puts after the request. `waitFor`: the address on which they have to
   * depend. Absent: only a second apply can put them after the request.
   */
  | { readonly code: 'plan-order-after'; readonly after: readonly string[]; readonly waitFor?: string }
  /**
   * `of`: the ARN of something whose name is known only after a plan is applied. `name`: the name or
   * pattern that may mean it.
   */
  | { readonly code: 'name-later'; readonly of: string; readonly name: string }
  /** `of`: the source that the resource ID may mean. */
  | { readonly code: 'resource-id-unread'; readonly of: string; readonly name: string }
  | { readonly code: 'tags-unread' | 'aliases-unread' | 'database-unknown'; readonly of: string }
  /**
   * `account`: an account ID, or `all`. Undefined: it was not read with which accounts `of` is
   * shared.
   */
  | { readonly code: 'outside-account-unread'; readonly of: string; readonly account: string | undefined };

const breaking: ReadonlySet<ExpectationLack['code']> = new Set([
  'nothing-matched',
  'source-elsewhere',
  'too-few-matched',
  'backup-too-old',
  'key-goes-with-snapshot',
  'plan-key-policy-refused',
  'plan-key-policy-names-nobody',
  'plan-read-denied',
]);

/** The outcome of an expectation if something is missing. */
export function outcomeOfLack({ code }: ExpectationLack): 'broken' | 'unproven' {
  return breaking.has(code) ? 'broken' : 'unproven';
}

/** Removes repeated lacks. */
export function distinctLacks(lacks: readonly ExpectationLack[]): readonly ExpectationLack[] {
  return [...new Map(lacks.map((lack) => [JSON.stringify(lack), lack])).values()];
}

export type ExpectationOutcome = 'holds' | 'broken' | 'unproven';

/** Why one combination does not hold. */
export type FailureCode =
  /** The operation should succeed, but fails or is undetermined. */
  | 'cannot-do'
  | 'may-be-unable'
  /** The operation should not succeed, but succeeds with the request in the question. */
  | 'can-do'
  /** No policy denies it for every request and session. */
  | 'not-denied-for-certain'
  /** No policy denies it for certain: only an unmet precondition stops it. */
  | 'vacuous'
  /** It is denied, but not by the expected call. */
  | 'stopped-elsewhere';

/** One combination that does not hold. */
export interface Failing {
  readonly code: FailureCode;
  readonly outcome: Exclude<ExpectationOutcome, 'holds'>;
  /** The answer with AWS's defaults for everything that the request leaves out. */
  readonly bound: Bound;
  /**
   * The answer for every request that the principal could choose. Undefined: only the request with
   * AWS's defaults was checked.
   */
  readonly any: AnyRequestAnswer | undefined;
}

/**
 * Combinations that fail alike: they have the same target, and nothing distinguishes their
 * principals.
 */
export interface AlikeFailing {
  /** The first of the combinations. */
  readonly failing: readonly [Failing, ...Failing[]];
  readonly count: number;
}

/**
 * An exception, and its effect. `days`: until the exception ends. 0: it ends today. Negative: it
 * has ended.
 */
export interface ExceptionUse {
  readonly exception: Exception;
  readonly days: number;
  /**
   * The number of combinations that the exception leaves out. `needed`: how many of them would
   * fail.
   */
  readonly covered: number;
  readonly needed: number;
}

/** A note about an expectation, whatever its outcome is. */
export type ExpectationNote =
  | { readonly code: 'why-is-todo' }
  | ({ readonly code: 'plan-instance-assumed' } & AssumedInstance)
  | ExceptionNote<Exception>;

/**
 * An attribute of a planned resource that is assumed to have the value of one instance of another
 * resource, where another instance would change the outcome. `instance`: its address.
 */
export interface AssumedInstance {
  readonly attribute: string;
  readonly instance: string;
}

/** Notes about the `why`, the assumptions and the exceptions of an expectation. */
export function notesOf({
  expectation,
  exceptions,
  assumedInstances = [],
}: Pick<Judged, 'expectation' | 'exceptions' | 'assumedInstances'>): readonly ExpectationNote[] {
  const isTodo = expectation.why === noReasonYet;
  return [
    ...(isTodo ? [{ code: 'why-is-todo' } as const] : []),
    ...assumedInstances.map((one) => ({ code: 'plan-instance-assumed', ...one }) as const),
    ...exceptions.flatMap(exceptionNotes),
  ];
}

/** The outcome of one expectation. */
export interface Judged {
  readonly expectation: Expectation;
  readonly outcome: ExpectationOutcome;
  /** The number of combinations that were checked. */
  readonly questions: number;
  readonly counts: Readonly<Record<ExpectationOutcome, number>>;
  /** The number of accepted combinations that do not hold. */
  readonly baselined: number;
  /**
   * The first failing combinations, the broken ones before the unproven ones. `counts` has the
   * numbers of all.
   */
  readonly alike: readonly AlikeFailing[];
  readonly lacks: readonly ExpectationLack[];
  readonly exceptions: readonly ExceptionUse[];
  /** Absent: the outcome assumes none. */
  readonly assumedInstances?: readonly AssumedInstance[];
  /** The number of service-linked roles, which were not checked. */
  readonly serviceLinked: number;
  /** The number of backups of kinds that the operations do not take. */
  readonly skipped: number;
  /** The number of principals that are not roles, if the operations run as a role. */
  readonly notRoles: number;
  /** The matches of patterns and `newest-of`: ARNs. */
  readonly resolved: { readonly principals: readonly string[]; readonly sources: readonly string[] };
}

/** The outcome of an expectation of which no combination was checked. */
export function notAsked(
  expectation: Expectation,
  outcome: ExpectationOutcome,
  lacks: readonly ExpectationLack[],
): Judged {
  return {
    expectation,
    outcome,
    questions: 0,
    counts: { holds: 0, broken: 0, unproven: 0 },
    baselined: 0,
    alike: [],
    lacks,
    exceptions: [],
    serviceLinked: 0,
    skipped: 0,
    notRoles: 0,
    resolved: { principals: [], sources: [] },
  };
}

/** Makes broken answers unproven, because the changes in `lack` can reverse the answers. */
export function leftOpen(judged: Judged, lack: ExpectationLack): Judged {
  return {
    ...judged,
    outcome: 'unproven',
    counts: { ...judged.counts, broken: 0, unproven: judged.counts.broken + judged.counts.unproven },
    alike: judged.alike.map(({ failing: [first, ...others], count }) => ({
      failing: [openly(first), ...others.map(openly)],
      count,
    })),
    lacks: [...judged.lacks.filter((one) => outcomeOfLack(one) !== 'broken'), lack],
  };
}

function openly(failing: Failing): Failing {
  const code = failing.code === 'cannot-do' ? 'may-be-unable' : 'not-denied-for-certain';
  return { ...failing, code: failing.outcome === 'broken' ? code : failing.code, outcome: 'unproven' };
}
