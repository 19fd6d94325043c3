import type { PolicyKind, StatementRef } from './document.ts';
import { lacking } from './formula.ts';
import { allowing, denying, judge, traced } from './judge.ts';
import { type Layers, type Policies, type PolicyFault, readLayers } from './policies.ts';
import { type Request, type RequestInput, readRequest } from './request.ts';
import type { TracedLayer } from './trace.ts';
import { and, type Fact, not } from './truth.ts';

export type DecidedBy = StatementRef | { readonly grant: string };

export interface Decided {
  /** Denied: the Denies that match, or nothing. Allowed: the statements and grants that allow. Depends: those that would decide. */
  readonly decidedBy: readonly DecidedBy[];
  /** What would settle it. */
  readonly dependsOn: readonly Fact[];
  /** Of a denial: the layers that do not allow, whether or not something denies besides. */
  readonly lacking: readonly PolicyKind[];
  /** What each statement of each layer had to say; worked out when asked. */
  readonly trace: () => readonly TracedLayer[];
}

export type Decision = Decided &
  (
    | { readonly decision: 'allowed' }
    | { readonly decision: 'denied'; readonly denial: 'explicit' | 'implicit' }
    | { readonly decision: 'depends' }
  );

export interface Authorizer {
  /** What in the policies is not understood. */
  readonly warnings: readonly PolicyFault[];
  /** @throws InvalidRequest */
  readonly authorize: (request: RequestInput) => Decision;
}

/** Decides one request; to decide many under the same policies, `compile` them once. @throws InvalidPolicies, InvalidRequest */
export function authorize(request: RequestInput, policies: Policies): Decision {
  return compile(policies).authorize(request);
}

/** Reads and files the policies once, to decide many requests. @throws InvalidPolicies */
export function compile(policies: Policies): Authorizer {
  const { layers, warnings } = readLayers(policies);
  return { warnings, authorize: (input) => decide(layers, readRequest(input, layers.boundary !== undefined)) };
}

function decide(layers: Layers, request: Request): Decision {
  const trace = (): readonly TracedLayer[] => traced(layers, request);
  const judged = judge(layers, request);
  const { allow, deny, says, regime } = judged;
  const root = request.caller.type === 'root';
  if (deny === true) {
    return {
      decision: 'denied',
      denial: 'explicit',
      decidedBy: denying(layers, request),
      dependsOn: [],
      lacking: allow === false ? lacking(regime, says, root) : [],
      trace,
    };
  }
  if (allow === false)
    return {
      decision: 'denied',
      denial: 'implicit',
      decidedBy: [],
      dependsOn: [],
      lacking: lacking(regime, says, root),
      trace,
    };
  if (allow === true && deny === false)
    return { decision: 'allowed', decidedBy: allowing(layers, request, judged), dependsOn: [], lacking: [], trace };
  const verdict = and(allow, not(deny));
  const on = typeof verdict === 'boolean' ? [] : [...verdict.on];
  return {
    decision: 'depends',
    decidedBy: deny === false ? allowing(layers, request, judged) : denying(layers, request),
    dependsOn: on,
    lacking: [],
    trace,
  };
}
