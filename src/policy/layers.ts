import type { Statement } from './document.ts';
import {
  allows,
  applies,
  deniesReach,
  entersByEndpoint,
  isAlwaysAllowed,
  type LayerResults,
  type Regime,
  regimeOf,
} from './formula.ts';
import { type Grant, grantCovers, grantNameOf, grantsNaming, issuedByOwnAccount, mayRetire } from './grants.ts';
import { reaches, reachUnder } from './identities.ts';
import { restMatches } from './match.ts';
import type { Layer, Layers } from './policies.ts';
import { anyReach, joined, limitedTo, nobody, type Reach } from './reach.ts';
import type { Scope } from './representatives.ts';
import type { EngineRequest } from './request.ts';
import { type PolicyKind, type StatementRef, statementKey } from './statement-ref.ts';
import { onlyMissOf, type TracedElement, type TracedLayer, type TracedStatement, traceStatement } from './trace.ts';
import { and, type Fact, factKey, not, or, policyFact, type Truth, unknownBy } from './truth.ts';

/** An Allow that misses by one element, and that element. */
export interface NearlyAllowing {
  readonly statement: StatementRef;
  readonly element: TracedElement;
}

function allowOf(layer: Layer, request: EngineRequest): Truth {
  let allow: Truth = false;
  for (const statement of layer.select(request.action).allows) {
    allow = or(allow, matches(statement, request));
    if (allow === true) return true;
  }
  for (const fact of layer.unread) allow = or(allow, unreadSays(fact, 'allows', request));
  return allow;
}

function denyOf(layer: Layer, request: EngineRequest): Truth {
  let deny: Truth = false;
  for (const statement of layer.select(request.action).denies) {
    deny = or(deny, matches(statement, request));
    if (deny === true) return true;
  }
  for (const fact of layer.unread) deny = or(deny, unreadSays(fact, 'denies', request));
  return deny;
}

/** Every KMS key has a policy (iam-evaluation 6.1), so a policy that was not given was not read. */
function keyPolicyMissing(request: EngineRequest): Fact {
  return policyFact('resource', request.arn);
}

/** An unread policy allows, denies or says nothing. */
function unreadSays(fact: Fact, what: 'allows' | 'denies', request: EngineRequest): Truth {
  const supposed = request.facts?.get(factKey(fact));
  return supposed === undefined ? unknownBy(fact) : supposed === what;
}

function matches(statement: Statement, request: EngineRequest): Truth {
  if (statement.principals === 'not applicable') return restMatches(statement, request);
  const reached = anyReach(reaches(statement, request));
  return reached === false ? false : and(reached, restMatches(statement, request));
}

/**
 * The Allows of a resource policy, by how they reach the caller. `ceiling`: what the permissions
 * boundary and session policy say.
 */
function reachOf(layer: Layer | undefined, request: EngineRequest, ceiling: Truth): Reach {
  if (layer === undefined) {
    if (!request.kind.isKmsKey) return nobody;
    const truth = unreadSays(keyPolicyMissing(request), 'allows', request);
    return { ...nobody, direct: truth };
  }
  // Across accounts, the caller's permissions boundary and session policy count regardless of the
  // resource policy.
  const isForeign = request.caller.type === 'service' || request.caller.account !== request.input.resource.account;
  let reach = nobody;
  for (const statement of layer.select(request.action).allows) {
    const reached = reaches(statement, request);
    if (anyReach(reached) === false) continue;
    const rest = restMatches(statement, request);
    const silent = isForeign ? reached : reachUnder(ceiling, reached, statement, request);
    reach = joined(reach, limitedTo(silent, rest));
  }
  for (const fact of layer.unread) reach = joined(reach, { ...nobody, direct: unreadSays(fact, 'allows', request) });
  return reach;
}

/** Whether any layer that takes part denies. */
export function denies(layers: Layers, request: EngineRequest): Truth {
  let deny: Truth = false;
  for (const { kind, layer } of layers.all) {
    if (!applies(kind, request)) continue;
    const denied = denyOf(layer, request);
    if (denied === false) continue;
    deny = or(deny, and(deniesReach(kind, request), denied));
    if (deny === true) return true;
  }
  if (layers.resource === undefined && request.kind.isKmsKey && applies('resource', request)) {
    deny = or(deny, unreadSays(keyPolicyMissing(request), 'denies', request));
  }
  return deny;
}

/** Which layers have to allow, and what each layer says. */
export interface Evaluation {
  readonly regime: Regime;
  readonly results: LayerResults;
  readonly allow: Truth;
}

/** Whether the layers allow, leaving Denies aside. */
export function evaluate(layers: Layers, request: EngineRequest): Evaluation {
  const { caller } = request;
  const say = (kind: PolicyKind, layer: Layer | undefined, otherwise: boolean): Truth => {
    if (!applies(kind, request)) return true;
    return layer === undefined ? otherwise : allowOf(layer, request);
  };
  let scp: Truth = true;
  for (const level of layers.scps) scp = and(scp, say('scp', level, true));
  const boundary = say('boundary', layers.boundary, true);
  // A federated user has only permissions that a session policy allows (iam-evaluation 5.22).
  const session = say('session', layers.session, caller.type !== 'federated user');
  const { grant, foreignGrant } = grantsSay(layers.grants, request);
  const results: LayerResults = {
    scp,
    endpoint:
      layers.endpoint === undefined ? true : or(not(entersByEndpoint(request)), say('endpoint', layers.endpoint, true)),
    identity: say('identity', layers.identity, false),
    boundary,
    session,
    resource: applies('resource', request) ? reachOf(layers.resource, request, and(boundary, session)) : nobody,
    grant,
    foreignGrant,
  };
  const regime = regimeOf(request);
  return { regime, results, allow: allows(regime, results, caller.type === 'root') };
}

type GrantResults = Pick<LayerResults, 'grant' | 'foreignGrant'>;

const noGrants: GrantResults = { grant: nobody, foreignGrant: nobody };

function grantsSay(grants: readonly Grant[] | Fact, request: EngineRequest): GrantResults {
  if (!request.kind.isKmsKey || !request.action.startsWith('kms:')) return noGrants;
  if ('fact' in grants) {
    const unread = { ...nobody, direct: unreadSays(grants, 'allows', request) };
    return { grant: unread, foreignGrant: unread };
  }
  if (grants.length === 0) return noGrants;
  let grant = nobody;
  let foreignGrant = nobody;
  for (const one of grantsNaming(request, grants)) {
    if (request.action === 'kms:retiregrant') {
      grant = joined(grant, { ...nobody, direct: mayRetire(one, request) });
      continue;
    }
    const covered = grantCovers(one, request);
    if (covered === nobody) continue;
    grant = joined(grant, covered);
    foreignGrant = joined(foreignGrant, limitedTo(covered, issuedByOwnAccount(one, request)));
  }
  return { grant, foreignGrant };
}

/** The same layers with only the grants that may name the caller. */
export function withGrantsNaming(request: EngineRequest, layers: Layers): Layers {
  if ('fact' in layers.grants || layers.grants.length === 0) return layers;
  return { ...layers, grants: grantsNaming(request, layers.grants) };
}

/**
 * What can distinguish the values of unknown facts: the statements that name the action, and the
 * grants.
 */
export function scopeOf(layers: Layers, request: EngineRequest): Scope {
  const statements = layers.all.flatMap(({ kind, layer }) => {
    if (!applies(kind, request)) return [];
    const named = layer.select(request.action);
    return [...named.allows, ...named.denies];
  });
  return { statements, grants: 'fact' in layers.grants ? [] : layers.grants, walks: layers.walks };
}

/** Why each statement matched or not. */
export function traced(layers: Layers, request: EngineRequest): readonly TracedLayer[] {
  return layers.all.map(({ kind, layer, level }) => ({
    layer: kind,
    ...(level === undefined ? {} : { level }),
    applies: !isAlwaysAllowed(request) && applies(kind, request),
    policies: [...byName(layer.statements)].map(([name, statements]) => ({
      name,
      statements: statements.map((statement) => traceStatement(statement, request)),
    })),
    unread: layer.unread,
  }));
}

/**
 * The Allows in layers of these kinds that miss by exactly one element, with that element. This
 * includes Allows for another action of the same service.
 */
export function nearlyAllowing(
  layers: Layers,
  request: EngineRequest,
  kinds: ReadonlySet<PolicyKind>,
): readonly NearlyAllowing[] {
  if (isAlwaysAllowed(request)) return [];
  const found: NearlyAllowing[] = [];
  for (const { kind, layer } of layers.all) {
    if (!kinds.has(kind) || !applies(kind, request)) continue;
    const named = layer.select(request.action);
    for (const statement of [...named.allows, ...named.ofOtherActions()]) {
      const element = onlyMissOf(statement, request);
      if (element !== undefined) found.push({ statement: statement.ref, element });
    }
  }
  return found;
}

/** Why one statement of these layers matched or not. */
export function tracedOf(ref: StatementRef, layers: Layers, request: EngineRequest): TracedStatement | undefined {
  const found = layers.all.flatMap(({ layer }) => layer.statements).find((statement) => statement.ref === ref);
  return found === undefined ? undefined : traceStatement(found, request);
}

function byName(statements: readonly Statement[]): ReadonlyMap<string, readonly Statement[]> {
  const policies = new Map<string, Statement[]>();
  for (const statement of statements) {
    const { name } = statement.ref;
    const others = policies.get(name);
    if (others === undefined) policies.set(name, [statement]);
    else others.push(statement);
  }
  return policies;
}

/** The Denies that match. If none certainly matches: those that may match. */
export function denying(layers: Layers, request: EngineRequest): readonly StatementRef[] {
  const found = layers.all.flatMap(({ kind, layer }) =>
    !applies(kind, request)
      ? []
      : layer.select(request.action).denies.map((statement) => ({
          ref: statement.ref,
          truth: and(deniesReach(kind, request), matches(statement, request)),
        })),
  );
  const certain = found.filter(({ truth }) => truth === true);
  return once((certain.length > 0 ? certain : found.filter(({ truth }) => truth !== false)).map(({ ref }) => ref));
}

/** The Allows and grants that led to the answer. */
export function allowing(
  layers: Layers,
  request: EngineRequest,
): readonly (StatementRef | { readonly grant: string })[] {
  const { results, regime } = evaluate(layers, request);
  const from = (layer: Layer | undefined, decides?: (one: Statement) => boolean): readonly StatementRef[] => {
    const candidates = (layer?.select(request.action).allows ?? [])
      .filter((statement) => decides?.(statement) ?? true)
      .map((statement) => ({ ref: statement.ref, truth: matches(statement, request) }));
    const certain = candidates.filter(({ truth }) => truth === true);
    return once(
      (certain.length > 0 ? certain : candidates.filter(({ truth }) => truth !== false)).map(({ ref }) => ref),
    );
  };
  const granted = grantNames(layers.grants, request);
  if (regime === 'always allowed') return [];
  if (regime === 'retire a grant') return granted;
  const isNamed = or(results.resource.direct, results.resource.bounded) === true;
  const identityCounts =
    regime === 'cross-account' ||
    regime === 'retire abroad' ||
    (!isNamed && (regime === 'same account' || results.resource.account !== false));
  const owns = identityCounts && applies('identity', request);
  // Where a statement names the principal, one that only delegates to the account decides nothing.
  const names = (statement: Statement): boolean => {
    const { direct, bounded } = reaches(statement, request);
    return !isNamed || identityCounts || or(direct, bounded) !== false;
  };
  const fromResource = applies('resource', request) ? from(layers.resource, names) : [];
  return [...fromResource, ...(owns ? from(layers.identity) : []), ...granted];
}

/**
 * Counts identical statements once, such as those of one policy that several groups have attached.
 */
function once(refs: readonly StatementRef[]): readonly StatementRef[] {
  return refs.length < 2
    ? refs
    : [...new Map(refs.map((ref) => [`${statementKey(ref)} ${ref.sid ?? ''}`, ref])).values()];
}

function grantNames(grants: Layers['grants'], request: EngineRequest): readonly { readonly grant: string }[] {
  if (!request.action.startsWith('kms:') || !('filter' in grants)) return [];
  return grantsNaming(request, grants)
    .filter((grant) => allowedBy(grant, request) !== false)
    .map((grant) => ({ grant: grantNameOf(grant) }));
}

function allowedBy(grant: Grant, request: EngineRequest): Truth {
  if (request.action === 'kms:retiregrant') return mayRetire(grant, request);
  const covered = grantCovers(grant, request);
  return or(covered.direct, covered.bounded);
}
