import { isArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { servicePrefix } from '../base/service.ts';
import type { Parameter } from '../operations/parameters.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import { type Assumption, favorsDenial } from './assumption.ts';
import type { Bound } from './bind.ts';
import { type ReasonedCall, reasoned } from './call-reason.ts';
import type { DecidedCall } from './decide.ts';
import type { Evaluated } from './evaluate.ts';
import { type ExpectedError, expectedErrorOf } from './expected-error.ts';
import type { DecidedPrecondition, UnmetPrecondition } from './preconditions/preconditions.ts';
import { assumptionsOf, isDenied, isOpen, isUnmet } from './verdict.ts';

/** Calls of one kind to one service that are decided for the same reason. */
export interface CallGroup {
  /** Each action once, in the order of the calls. */
  readonly actions: readonly string[];
  readonly calls: readonly [ReasonedCall, ...ReasonedCall[]];
}

/** Why a verdict is what it is. */
export type Reason =
  | {
      readonly code:
        | 'required-call-denied'
        | 'call-open'
        | 'service-use-denied'
        | 'role-permission-disputed'
        | 'inferred-permission-denied'
        | 'unpublished-call-denied'
        | 'inferred-call-denied'
        | 'forwarded-calls-allowed';
      readonly group: CallGroup;
    }
  /** `parameter`: the parameter that the request must name to get an answer. */
  | { readonly code: 'group-not-named'; readonly group: CallGroup; readonly parameter: Parameter }
  | {
      readonly code: 'precondition-unmet' | 'inferred-precondition-unmet';
      readonly precondition: UnmetPrecondition;
    }
  | { readonly code: 'precondition-unknown'; readonly precondition: DecidedPrecondition }
  | { readonly code: 'assumption-needed'; readonly assumption: Assumption }
  | { readonly code: 'job-runs-as-the-role' | 'key-used-by-grant' | 'no-key-used' };

/** A verdict and its reasons as data. src/explain/ has the words. */
export interface Judgment {
  /** In the order of the catalog. */
  readonly calls: readonly ReasonedCall[];
  /** The decisive reason first. */
  readonly reasons: readonly Reason[];
  /**
   * What AWS will show. Undefined: the operation does not fail, or AWS does not publish the error.
   */
  readonly expectedError: ExpectedError | undefined;
  /** What the verdict assumes because it was not read. */
  readonly assumptions: readonly Assumption[];
}

/** Why the verdict is what it is, and which error AWS will show. */
export function judge({ bound, calls: decided, preconditions, strict }: Evaluated): Judgment {
  const calls = decided.map(reasoned);
  const denied = calls.filter(({ call }) => isDenied(call));
  const unmet = preconditions.filter(isUnmet);
  if (denied.length > 0 || unmet.length > 0)
    return {
      calls,
      reasons: [
        // Without the key, nothing is known about the calls on it.
        ...unmet.filter(isKeyMissing).map((precondition): Reason => ({ code: 'precondition-unmet', precondition })),
        ...grouped(denied).map((group): Reason => ({ code: 'required-call-denied', group })),
        ...unmet
          .filter((one) => !isKeyMissing(one))
          .map((precondition): Reason => ({ code: 'precondition-unmet', precondition })),
      ],
      expectedError: expectedErrorOf(bound, denied, unmet),
      assumptions: assumptionsOf(
        denied.map(({ call }) => call),
        [],
      ).filter(favorsDenial),
    };
  const assumptions = assumptionsOf(decided, preconditions);
  const doubts = [
    ...grouped(calls.filter(({ call }) => call.decision.decision !== 'allowed')).map(doubt),
    ...preconditions.filter(isOpen).map(openPrecondition),
    ...(strict ? assumptions.map((assumption): Reason => ({ code: 'assumption-needed', assumption })) : []),
  ];
  const reasons = doubts.length > 0 ? doubts : successReasons(bound, calls);
  return { calls, reasons, expectedError: undefined, assumptions };
}

function isKeyMissing({ row }: UnmetPrecondition): boolean {
  return row.code === 'key-is-named';
}

function grouped(calls: readonly ReasonedCall[]): readonly CallGroup[] {
  const name = ({ call: { row, key }, reason }: ReasonedCall): string =>
    JSON.stringify([row.kind, servicePrefix(row.action), key?.arn, reason]);
  return [...groupBy(calls, name).values()].map(groupOf);
}

function groupOf(calls: readonly [ReasonedCall, ...ReasonedCall[]]): CallGroup {
  return { actions: [...new Set(calls.map(({ call }) => call.row.action))], calls };
}

/** Why calls that are not allowed leave the verdict open. */
function doubt(group: CallGroup): Reason {
  const { row, decision, leavesOut } = group.calls[0].call;
  if (leavesOut !== undefined) return { code: 'group-not-named', group, parameter: leavesOut };
  if (row.kind === 'service') {
    const denies = decision.decidedBy.some((by) => !('grant' in by) && by.effect === 'Deny');
    return { code: denies ? 'service-use-denied' : 'call-open', group };
  }
  if (decision.decision !== 'denied') return { code: 'call-open', group };
  if (row.kind === 'role') return { code: 'role-permission-disputed', group };
  if (row.kind === 'caller') return { code: 'inferred-permission-denied', group };
  return { code: row.basis === 'unknown' ? 'unpublished-call-denied' : 'inferred-call-denied', group };
}

function openPrecondition(precondition: DecidedPrecondition): Reason {
  return precondition.status === 'unmet'
    ? { code: 'inferred-precondition-unmet', precondition }
    : { code: 'precondition-unknown', precondition };
}

/** The forwarded calls to one service on one key are one reason. */
function successReasons({ operation }: Bound, calls: readonly ReasonedCall[]): readonly Reason[] {
  if (operation.runs !== undefined) return [{ code: 'job-runs-as-the-role' }];
  const forwarded = groupBy(
    calls.filter(({ call }) => call.row.kind === 'forwarded'),
    ({ call: { row, key } }) => `${servicePrefix(row.action)} ${key?.arn}`,
  );
  if (forwarded.size > 0)
    return [...forwarded.values()].map((group): Reason => ({ code: 'forwarded-calls-allowed', group: groupOf(group) }));
  return [{ code: calls.some(({ call }) => call.row.kind === 'service') ? 'key-used-by-grant' : 'no-key-used' }];
}

/**
 * What two judgments have in common if the same changes are likely to fix both. Two judgments are
 * alike exactly if the JSON of this value is the same.
 */
export function likeness({ reasons, expectedError, assumptions }: Judgment): unknown {
  return [reasons.map(reasonLikeness), errorLikeness(expectedError), assumptions];
}

function reasonLikeness(reason: Reason): unknown {
  return 'group' in reason ? { code: reason.code, group: groupLikeness(reason.group) } : reason;
}

function groupLikeness({ actions, calls }: CallGroup): unknown {
  const { call, reason } = calls[0];
  const { row, key, resource } = call;
  // Identity policies may allow an action on one resource and not on another. A Deny identifies
  // itself.
  const on = key?.arn ?? (call.decision.lacking.includes('identity') ? resource : undefined);
  const misses = calls.flatMap(({ nearMisses }) => nearMisses.map(({ statement, miss }) => ({ statement, miss })));
  return { actions, kind: row.kind, as: row.as, on, reason, misses };
}

function errorLikeness(expected: ExpectedError | undefined): unknown {
  if (expected === undefined || !('call' in expected)) return expected?.error;
  const { call, reason } = expected.call;
  return { error: expected.error, action: call.row.action, resource: call.resource, reason };
}

/**
 * What stops the operation, independent of the principal and the source. Two judgments fail for the
 * same reasons exactly if the JSON of this value is the same.
 */
export function stopsOf({ reasons }: Judgment): unknown {
  return reasons.map((reason) => {
    if ('group' in reason) {
      const { actions, calls } = reason.group;
      return [reason.code, actions, callStop(calls[0].call)];
    }
    if (!('precondition' in reason)) return reason;
    const { row, reason: because } = reason.precondition;
    return [reason.code, row.code, because];
  });
}

/**
 * The facts that decide a call, for any caller. Statements in a caller's own policies differ from
 * caller to caller, so they are left out.
 */
export function callStop({ row, key, actor, decision }: DecidedCall): unknown {
  const { decidedBy, lacking } = decision;
  const by = decidedBy.map((one) =>
    'grant' in one || one.policy === 'resource' || isArn(one.name) ? one : [one, isShared(one) ? '' : actor.arn],
  );
  const facts = decision.decision === 'depends' ? decision.dependsOn : [];
  // If only the principal's policies lack an Allow, the policy of the key does not matter.
  const isOfKey = lacking.includes('resource') || decidedBy.some((one) => 'grant' in one || one.policy === 'resource');
  return [row.kind, row.as, row.action, isOfKey ? key?.arn : undefined, decision.decision, by, lacking, facts];
}

/**
 * Whether several principals share the policy. Control policies have names; shared policies of
 * principals have ARNs.
 */
function isShared({ policy }: StatementRef): boolean {
  return policy === 'scp' || policy === 'rcp' || policy === 'endpoint';
}
