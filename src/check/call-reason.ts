import type { DecidedBy, Decision } from '../policy/authorize.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type { TracedCondition, TracedElement } from '../policy/trace.ts';
import type { Fact } from '../policy/truth.ts';
import type { DecidedCall } from './decide.ts';
import { type NearMiss, nearMissesOf } from './near-misses.ts';

/** Why a call is decided as it is. */
export type CallReason =
  /** `by`: statements and grants that allow; empty: the account itself needs nothing else. */
  | { readonly code: 'call-allowed'; readonly by: readonly DecidedBy[] }
  | {
      readonly code: 'explicit-deny';
      readonly denies: readonly StatementRef[];
      /** The conditions of the first of `denies`. */
      readonly conditions: readonly TracedCondition[];
      /** The first of `denies` denies everybody, except whom its conditions exempt. */
      readonly isForAll: boolean;
      /** The layers that would not allow the call without the Denies. */
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
       * Keys of tags whose names differ in case only, so that AWS does not say which value counts.
       */
      readonly clashes: readonly string[];
    };

/** Values of the facts that lead to either answer. */
export type Witness = Extract<Decision, { readonly decision: 'depends' }>['witness'];

/** A call with why it was decided so. Each is worked out once. */
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
      const elements = first === undefined ? [] : (decision.traceOf(first)?.elements ?? []);
      const conditions = elements.filter((element): element is TracedCondition => element.element === 'condition');
      return { code: 'explicit-deny', denies, conditions, isForAll: elements.every(isForAll), lacking };
    }
    case 'depends': {
      const denies = statementsOf(decision).filter(({ effect }) => effect === 'Deny');
      const keys = decision.dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key] : []));
      const clashes = keys.filter((key) => possible(key.toLowerCase())?.clashes === true);
      return { code: 'call-depends', facts: decision.dependsOn, denies, witness: decision.witness, clashes };
    }
  }
}

function statementsOf({ decidedBy }: Decision): readonly StatementRef[] {
  return decidedBy.filter((by): by is StatementRef => !('grant' in by));
}

/** The policies of a principal and of an organization name nobody. */
function isForAll(element: TracedElement): boolean {
  if (element.element !== 'principal') return true;
  return element.match === 'some' && element.values.some(({ is }) => is === 'anyone');
}
