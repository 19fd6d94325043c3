import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { type Judgment, judge } from '../check/judgment.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Decision } from '../policy/authorize.ts';
import type { Possible } from '../policy/possible.ts';
import { statementKey } from '../policy/statement-ref.ts';

/*
 * An answer can explain how its policies decided. So it keeps the policies in memory, with all
 * other policies that were read with them. A released answer has the same content without the
 * policies. If a caller needs more, the check runs again.
 *
 * Each closure is made in its own function, because a closure keeps everything that any closure of
 * the same scope uses.
 */

/** An answer and its reasons, without the policies. `again` runs the same check again. */
export function released(
  evaluated: Evaluated,
  again: () => Evaluated,
): { readonly evaluated: Evaluated; readonly judgment: Judgment } {
  const source = letGoLater(evaluated, again);
  const { principal } = evaluated.bound;
  const bound = releasedBound(evaluated.bound, source.ask);
  const calls = evaluated.calls.map((call, index) => {
    const asked = callAsked(callsAsked(source.ask), index);
    return releasedCall(call, asked, call.actor === principal ? bound.principal : undefined);
  });
  const kept: Evaluated = { ...evaluated, bound, calls };
  const judgment = judge(kept);
  source.letGo();
  return { evaluated: kept, judgment };
}

/** The same for single calls. */
export function releasedCalls(
  calls: readonly DecidedCall[],
  again: () => readonly DecidedCall[],
): readonly DecidedCall[] {
  return calls.map((call, index) => releasedCall(call, callAsked(again, index)));
}

/** Answers from memory until the value is released, and then by a new check. */
function letGoLater<T extends object>(value: T, again: () => T): { readonly ask: () => T; readonly letGo: () => void } {
  let held: T | undefined = value;
  return {
    ask: () => held ?? again(),
    letGo() {
      held = undefined;
    },
  };
}

function callsAsked(again: () => Evaluated): () => readonly DecidedCall[] {
  return () => again().calls;
}

function callAsked(again: () => readonly DecidedCall[], index: number): () => DecidedCall {
  return () => {
    const call = again()[index];
    if (call === undefined) throw new Error('the same check gave another answer when it ran again');
    return call;
  };
}

/** `known`: the caller, if the caller was already released. */
function releasedCall(call: DecidedCall, again: () => DecidedCall, known?: Principal): DecidedCall {
  const { decision, actor, possible } = call;
  const keys = decision.dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key.toLowerCase()] : []));
  return {
    ...call,
    actor: known ?? releasedPrincipal(actor, actorAsked(again)),
    decision: releasedDecision(decision, again),
    possible: possibleAsked(new Map(keys.map((key) => [key, possible(key)])), again),
    sides: sidesAsked(again),
  };
}

function actorAsked(again: () => DecidedCall): () => Principal {
  return () => again().actor;
}

function sidesAsked(again: () => DecidedCall): DecidedCall['sides'] {
  return () => again().sides();
}

function possibleAsked(
  known: ReadonlyMap<string, Possible | undefined>,
  again: () => DecidedCall,
): DecidedCall['possible'] {
  return (key) => (known.has(key) ? known.get(key) : again().possible(key));
}

function releasedDecision(decision: Decision, again: () => DecidedCall): Decision {
  const { decidedBy, dependsOn, lacking } = decision;
  const kept = { decidedBy, dependsOn, lacking, ...tracesAsked(again) };
  switch (decision.decision) {
    case 'allowed':
      return { decision: 'allowed', ...kept };
    case 'denied':
      return { decision: 'denied', denial: decision.denial, ...kept };
    case 'depends':
      return { decision: 'depends', witness: decision.witness, ...kept };
  }
}

function tracesAsked(again: () => DecidedCall): Pick<Decision, 'trace' | 'traceOf' | 'nearlyAllowing'> {
  return {
    trace: () => again().decision.trace(),
    traceOf(statement) {
      const { decision } = again();
      const own = statementKey(statement);
      return (
        decision.traceOf(statement) ??
        decision
          .trace()
          .flatMap(({ policies }) => policies.flatMap(({ statements }) => statements))
          .find((one) => statementKey(one.statement) === own)
      );
    },
    nearlyAllowing: (kinds) => again().decision.nearlyAllowing(kinds),
  };
}

function releasedBound(bound: Evaluated['bound'], again: () => Evaluated): Evaluated['bound'] {
  const { principal, role, destination } = bound;
  return {
    ...bound,
    principal: releasedPrincipal(principal, boundAsked(again, 'principal')),
    role: role === undefined ? undefined : releasedPrincipal(role, boundAsked(again, 'role')),
    destination:
      destination === undefined ? undefined : releasedPrincipal(destination, boundAsked(again, 'destination')),
  };
}

function boundAsked(again: () => Evaluated, who: 'principal' | 'role' | 'destination'): () => Principal {
  return () => {
    const { bound } = again();
    return bound[who] ?? bound.principal;
  };
}

/** The policies are looked up again when a caller asks for them. */
function releasedPrincipal(principal: Principal, again: () => Principal): Principal {
  const { arn, type, account, roleArn, uniqueId, tags, session } = principal;
  return {
    ...{ arn, type, account, roleArn, uniqueId, tags },
    get identity() {
      return again().identity;
    },
    get boundary() {
      return again().boundary;
    },
    ...(session === undefined ? {} : { session }),
  };
}
