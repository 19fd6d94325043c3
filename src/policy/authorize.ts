import type { PolicyKind, StatementRef } from './document.ts';
import { lacking } from './formula.ts';
import { allowing, denying, type Judged, judge, selected, traced } from './judge.ts';
import { type Layers, type Policies, type PolicyFault, readLayers } from './policies.ts';
import { type Request, type RequestInput, readRequest } from './request.ts';
import type { TracedLayer } from './trace.ts';
import { and, type Fact, not } from './truth.ts';
import { type Said, tryWorlds, type World } from './worlds.ts';

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
    | {
        readonly decision: 'depends';
        /** One world of each side: values of the facts that settle it. */
        readonly witness: { readonly allows: World; readonly denies: World } | 'not enumerated';
      }
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
  const wanting = (): readonly PolicyKind[] => lacking(regime, says, request.caller.type === 'root');
  const allowed = (): Decision => ({
    decision: 'allowed',
    decidedBy: allowing(layers, request, judged),
    dependsOn: [],
    lacking: [],
    trace,
  });
  const denied = (denial: 'explicit' | 'implicit'): Decision => ({
    decision: 'denied',
    denial,
    decidedBy: denial === 'explicit' ? denying(layers, request) : [],
    dependsOn: [],
    lacking: allow === false ? wanting() : [],
    trace,
  });
  if (deny === true) return denied('explicit');
  if (allow === false) return denied('implicit');
  const verdict = and(allow, not(deny));
  if (typeof verdict === 'boolean') return verdict ? allowed() : denied('explicit');
  const tried = tryWorlds(request, (world) => settled(judge(layers, world)), selected(layers, request));
  if (tried !== 'not enumerated' && 'same' in tried) return tried.same === 'allowed' ? allowed() : denied(tried.same);
  return {
    decision: 'depends',
    decidedBy: deny === false ? allowing(layers, request, judged) : denying(layers, request),
    dependsOn: tried === 'not enumerated' ? [...verdict.on] : tried.differ,
    witness: tried === 'not enumerated' ? tried : { allows: tried.allows, denies: tried.denies },
    lacking: [],
    trace,
  };
}

/** Kleene's answer in one word, or the facts that it hangs on. */
function settled({ allow, deny }: Judged): Said {
  if (deny === true) return 'explicit';
  if (allow === false) return 'implicit';
  const verdict = and(allow, not(deny));
  return typeof verdict === 'boolean' ? 'allowed' : verdict.on;
}
