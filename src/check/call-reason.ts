import type { DecidedBy, Decision } from '../policy/authorize.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type { TracedCondition, TracedElement } from '../policy/trace.ts';
import type { Fact } from '../policy/truth.ts';
import type { DecidedCall } from './decide.ts';
import { type NearMiss, nearMissesOf } from './near-misses.ts';

/** Why a call is allowed, denied or open. */
export type CallReason =
  /**
   * `by`: the statements and grants that allow the call. Empty: the account itself needs no Allow.
   */
  | { readonly code: 'call-allowed'; readonly by: readonly DecidedBy[] }
  | {
      readonly code: 'explicit-deny';
      readonly denies: readonly StatementRef[];
      /** The conditions of the first statement of `denies`. */
      readonly conditions: readonly TracedCondition[];
      /**
       * The first statement of `denies` denies everybody except those whom its conditions exempt.
       */
      readonly isForAll: boolean;
      /**
       * NotPrincipal of the first statement names the caller, and the statement applies all the same, because
       * the caller has a permissions boundary (iam-evaluation 2.16b).
       */
      readonly isByBoundary: boolean;
      /** None of `denies` is certain to match, but one of them always does. */
      readonly isJoint: boolean;
      /** The layers that would not allow the call even without the Denies. */
      readonly lacking: readonly PolicyKind[];
    }
  | { readonly code: 'implicit-deny'; readonly lacking: readonly PolicyKind[] }
  | {
      readonly code: 'call-depends';
      readonly facts: readonly Fact[];
      /** Denies that may match. */
      readonly denies: readonly StatementRef[];
      readonly witness: Witness;
      /**
       * Condition keys of tags whose names differ only in case, so that AWS does not say which
       * value counts.
       */
      readonly clashes: readonly string[];
      /** Whether the aliases of the key count is open, because the key has more than its usual quota. */
      readonly hasManyAliases: boolean;
    };

/** Values of the facts that lead to each answer. */
export type Witness = Extract<Decision, { readonly decision: 'depends' }>['witness'];

/** A call and why it is decided so. Each part is computed once. */
export interface ReasonedCall {
  readonly call: DecidedCall;
  readonly reason: CallReason;
  readonly nearMisses: readonly NearMiss[];
}

export function reasoned(call: DecidedCall): ReasonedCall {
  return { call, reason: reasonOf(call), nearMisses: call.decision.decision === 'denied' ? nearMissesOf(call) : [] };
}

export function reasonOf({ decision, possible }: Pick<DecidedCall, 'decision' | 'possible'>): CallReason {
  const { lacking } = decision;
  switch (decision.decision) {
    case 'allowed':
      return { code: 'call-allowed', by: decision.decidedBy };
    case 'denied': {
      if (decision.denial === 'implicit') return { code: 'implicit-deny', lacking };
      const denies = statementsOf(decision);
      const [first] = denies;
      const traced = first === undefined ? undefined : decision.traceOf(first);
      const elements = traced?.elements ?? [];
      const conditions = elements.filter((element): element is TracedCondition => element.element === 'condition');
      const isByBoundary = elements.some(exemptsInVain);
      return {
        code: 'explicit-deny',
        denies,
        conditions,
        isForAll: elements.every(isForAll),
        isByBoundary,
        isJoint: traced !== undefined && traced.matches !== true,
        lacking,
      };
    }
    case 'depends': {
      const denies = statementsOf(decision).filter(({ effect }) => effect === 'Deny');
      const keys = decision.dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key] : []));
      const clashes = keys.filter((key) => possible(key.toLowerCase())?.clashes === true);
      const hasManyAliases = keys.some((key) => possible(key.toLowerCase())?.isBeyondQuota === true);
      return {
        code: 'call-depends',
        facts: decision.dependsOn,
        denies,
        witness: decision.witness,
        clashes,
        hasManyAliases,
      };
    }
  }
}

function statementsOf({ decidedBy }: Decision): readonly StatementRef[] {
  return decidedBy.filter((by): by is StatementRef => !('grant' in by));
}

/**
 * Whether an element covers every principal. Policies without a Principal element cover every
 * principal that they apply to.
 */
function isForAll(element: TracedElement): boolean {
  if (element.element !== 'principal') return true;
  return element.match === 'some' && element.values.some(({ is }) => is === 'anyone');
}

/** Whether an element is a NotPrincipal that names the caller and matches. */
function exemptsInVain(element: TracedElement): boolean {
  if (element.element !== 'principal' || element.match !== 'none' || element.matches !== true) return false;
  const { held, values } = element;
  if (held.type === 'service') return false;
  const own = held.type === 'role session' ? held.role : held.type === 'root' ? undefined : held.arn;
  return values.some(
    (one) => (one.is === 'arn' && one.arn === own) || (one.is === 'account' && one.account === held.account),
  );
}
