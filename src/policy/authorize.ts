/*
 * src/policy/ the engine: (request, policies) -> decision. It is pure and three-valued: a
 * decision is allowed, denied, or depends on facts that it names. It knows nothing of RDS, evidence
 * files, the clock or the network.
 */

import { isAlwaysAllowed, lacking } from './formula.ts';
import {
  allowing,
  denies,
  denying,
  evaluate,
  type NearlyAllowing,
  nearlyAllowing,
  scopeOf,
  traced,
  tracedOf,
  withGrantsNaming,
} from './layers.ts';
import { type Layers, type Policies, type PolicyWarning, type ReadDocuments, readLayers } from './policies.ts';
import { type EngineRequest, type RequestInput, requestReader } from './request.ts';
import type { PolicyKind, StatementRef } from './statement-ref.ts';
import type { TracedLayer, TracedStatement } from './trace.ts';
import { and, type Fact, factsOf, not } from './truth.ts';
import { enumerateWorlds, type World, type WorldResult } from './worlds.ts';

export type DecidedBy = StatementRef | { readonly grant: string };

export interface Decided {
  /**
   * If denied: the Denies that match, if any. If allowed: the statements and grants that allow. If
   * it depends: the statements and grants that would decide.
   */
  readonly decidedBy: readonly DecidedBy[];
  /** The facts that would settle the decision. */
  readonly dependsOn: readonly Fact[];
  /** If denied: the layers that do not allow, even if a statement denies as well. */
  readonly lacking: readonly PolicyKind[];
  /** Why each statement of each layer matched or not; computed on demand. */
  readonly trace: () => readonly TracedLayer[];
  /** The trace of one statement. */
  readonly traceOf: (statement: StatementRef) => TracedStatement | undefined;
  /**
   * The Allows in layers of these kinds that miss by exactly one element, with that element. This
   * includes Allows for another action of the same service.
   */
  readonly nearlyAllowing: (kinds: ReadonlySet<PolicyKind>) => readonly NearlyAllowing[];
}

export type Decision = Decided &
  (
    | { readonly decision: 'allowed' }
    | { readonly decision: 'denied'; readonly denial: 'explicit' | 'implicit' }
    | {
        readonly decision: 'depends';
        /** One example of each outcome: values of the facts that lead to it. */
        readonly witness: { readonly allows: World; readonly denies: World } | 'not enumerated';
      }
  );

export interface Authorizer {
  /** The parts of the policies that are not understood or have no effect; computed on demand. */
  readonly warnings: () => readonly PolicyWarning[];
  /** The times with which the policies compare the time of a call, in seconds since 1970. */
  readonly times: () => readonly number[];
  /** @throws InvalidRequest */
  readonly authorize: (request: RequestInput) => Decision;
}

/**
 * Decides one request. To decide many requests under the same policies, `compile` the policies
 * once. @throws InvalidPolicies, InvalidRequest
 */
export function authorize(request: RequestInput, policies: Policies): Decision {
  return compile(policies).authorize(request);
}

/**
 * Reads the policies and indexes them once, to decide many requests. If several sets of policies
 * share documents, pass the same `read` each time, and do not change the documents in between.
 * @throws InvalidPolicies
 */
export function compile(policies: Policies, read?: ReadDocuments): Authorizer {
  const { layers, warnings, times } = readLayers(policies, read);
  const readRequest = requestReader(layers.hasBoundary);
  return { warnings, times, authorize: (input) => decide(layers, readRequest(input)) };
}

function decide(layers: Layers, request: EngineRequest): Decision {
  if (isAlwaysAllowed(request)) return new Allowed(layers, request);
  const deny = denies(layers, request);
  if (deny === true) return new Denied(layers, request, 'explicit');
  const { allow } = evaluate(layers, request);
  if (allow === false) return new Denied(layers, request, deny === false ? 'implicit' : 'not explored');
  const verdict = and(allow, not(deny));
  if (verdict === true || verdict === false) return new Allowed(layers, request);
  const near = withGrantsNaming(request, layers);
  const found = enumerateWorlds(request, (world) => evaluateWorld(near, world), scopeOf(near, request));
  if (found !== 'not enumerated' && 'same' in found) {
    return found.same === 'allowed' ? new Allowed(layers, request) : new Denied(layers, request, found.same);
  }
  return {
    decision: 'depends',
    decidedBy: deny === false ? allowing(layers, request) : denying(layers, request),
    dependsOn: found === 'not enumerated' ? [...factsOf(verdict).values()] : found.differ,
    witness: found === 'not enumerated' ? found : { allows: found.allows, denies: found.denies },
    lacking: [],
    trace: () => traced(layers, request),
    traceOf: (statement) => tracedOf(statement, layers, request),
    nearlyAllowing: (kinds) => nearlyAllowing(layers, request, kinds),
  };
}

/**
 * Whether open Denies together deny whatever the unknown facts are, for a request that nothing
 * allows. One Deny alone would match.
 */
function denialByOpenDenies(layers: Layers, request: EngineRequest): 'explicit' | 'implicit' {
  if (denying(layers, request).length < 2) return 'implicit';
  const near = withGrantsNaming(request, layers);
  const inWorld = (world: EngineRequest): WorldResult => {
    const deny = denies(near, world);
    return deny === true ? 'explicit' : deny === false ? 'implicit' : factsOf(deny);
  };
  const found = enumerateWorlds(request, inWorld, scopeOf(near, request));
  return found !== 'not enumerated' && 'same' in found
    ? found.same === 'explicit'
      ? 'explicit'
      : 'implicit'
    : 'implicit';
}

/** The answer of Kleene's logic in one word, or the facts that it depends on. */
function evaluateWorld(layers: Layers, request: EngineRequest): WorldResult {
  const deny = denies(layers, request);
  if (deny === true) return 'explicit';
  const { allow } = evaluate(layers, request);
  if (allow === false) return 'implicit';
  const verdict = and(allow, not(deny));
  return typeof verdict === 'boolean' ? 'allowed' : factsOf(verdict);
}

/**
 * A settled decision. Its details are computed on demand, because most callers need only the
 * answer. This is a class, because creating getters for each decision would cost more than the
 * decision.
 */
class Settled {
  readonly #layers: Layers;
  readonly #request: EngineRequest;
  readonly dependsOn: readonly Fact[] = none;

  constructor(layers: Layers, request: EngineRequest) {
    this.#layers = layers;
    this.#request = request;
  }

  trace(): readonly TracedLayer[] {
    return traced(this.#layers, this.#request);
  }

  traceOf(statement: StatementRef): TracedStatement | undefined {
    return tracedOf(statement, this.#layers, this.#request);
  }

  nearlyAllowing(kinds: ReadonlySet<PolicyKind>): readonly NearlyAllowing[] {
    return nearlyAllowing(this.#layers, this.#request, kinds);
  }

  protected allowing(): readonly DecidedBy[] {
    return allowing(this.#layers, this.#request);
  }

  protected denying(): readonly DecidedBy[] {
    return denying(this.#layers, this.#request);
  }

  protected byOpenDenies(): 'explicit' | 'implicit' {
    return denialByOpenDenies(this.#layers, this.#request);
  }

  /** `always`: also count a layer that does not allow in some worlds only. */
  protected lackingLayers(always: boolean): readonly PolicyKind[] {
    const { allow, regime, results } = evaluate(this.#layers, this.#request);
    if (allow !== false && !always) return [];
    return lacking(regime, results, this.#request.caller.type === 'root', allow !== false);
  }
}

const none: readonly never[] = [];

class Allowed extends Settled {
  readonly decision = 'allowed';
  readonly lacking: readonly PolicyKind[] = none;

  get decidedBy(): readonly DecidedBy[] {
    return this.allowing();
  }

  /** JSON.stringify skips the getters of a class. */
  toJSON(): object {
    const { decision, decidedBy, dependsOn, lacking: layers } = this;
    return { decision, decidedBy, dependsOn, lacking: layers };
  }
}

class Denied extends Settled {
  readonly decision = 'denied';
  #denial: 'explicit' | 'implicit' | 'not explored';
  #lacking: readonly PolicyKind[] | undefined;

  /** `not explored`: nothing allows, and Denies are open. */
  constructor(layers: Layers, request: EngineRequest, denial: 'explicit' | 'implicit' | 'not explored') {
    super(layers, request);
    this.#denial = denial;
  }

  get denial(): 'explicit' | 'implicit' {
    if (this.#denial === 'not explored') this.#denial = this.byOpenDenies();
    return this.#denial;
  }

  get decidedBy(): readonly DecidedBy[] {
    return this.denial === 'explicit' ? this.denying() : none;
  }

  get lacking(): readonly PolicyKind[] {
    return (this.#lacking ??= this.lackingLayers(this.denial === 'implicit'));
  }

  /** JSON.stringify skips the getters of a class. */
  toJSON(): object {
    const { decision, denial, decidedBy, dependsOn, lacking: layers } = this;
    return { decision, denial, decidedBy, dependsOn, lacking: layers };
  }
}
