import { isKmsKey } from './arn.ts';
import type { PolicyKind, Statement, StatementRef } from './document.ts';
import { allows, applies, lacking, type Regime, regimeOf, type Says } from './formula.ts';
import { type Grant, grantCovers, issuedByOwnAccount, mayRetire } from './grants.ts';
import { anyReach, type Reach, reaches } from './identities.ts';
import { restMatches } from './match.ts';
import { type Fault, parse } from './parse.ts';
import { type Request, type RequestInput, readRequest, settle } from './request.ts';
import { indexByAction, type Selected } from './statement-index.ts';
import { type TracedLayer, traceStatement } from './trace.ts';
import { and, type Fact, grantsFact, not, or, policyFact, ruleFact, type Truth, unsettled } from './truth.ts';

export interface NamedPolicy {
  readonly name: string;
  /** An object, JSON text or URL-encoded JSON text. */
  readonly document: unknown;
}

/** A policy, or a layer, that exists or may exist and could not be read. */
export interface Unread {
  readonly name?: string;
  readonly unread: string;
}

/** The policies that bear on a request. A layer that is left out does not exist; of a KMS key only, a missing key policy counts as unread, for each has one. */
export interface Policies {
  readonly identity: readonly (NamedPolicy | Unread)[];
  readonly boundary?: readonly (NamedPolicy | Unread)[];
  readonly session?: readonly (NamedPolicy | Unread)[];
  readonly endpoint?: readonly (NamedPolicy | Unread)[];
  readonly resource?: NamedPolicy | Unread;
  /** One list a level, root first. */
  readonly scps?: readonly (readonly (NamedPolicy | Unread)[])[] | Unread;
  readonly rcps?: readonly (readonly (NamedPolicy | Unread)[])[] | Unread;
  readonly grants?: readonly Grant[] | Unread;
}

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

export interface PolicyFault extends Fault {
  readonly policy: PolicyKind;
  readonly name: string;
}

/** Thrown for policies that AWS would not accept: no decision rests on them. */
export class InvalidPolicies extends Error {
  readonly faults: readonly PolicyFault[];

  constructor(faults: readonly PolicyFault[]) {
    const [first] = faults;
    super(
      first === undefined
        ? 'a policy is invalid'
        : `${first.policy} policy \`${first.name}\`: \`${first.path}\` ${first.says}`,
    );
    this.name = 'InvalidPolicies';
    this.faults = faults;
  }
}

/** Policies of one layer, filed by action. */
interface Layer {
  readonly statements: readonly Statement[];
  readonly select: (action: string) => Selected;
  readonly unread: readonly Fact[];
}

interface Layers {
  readonly identity: Layer;
  readonly boundary: Layer | undefined;
  readonly session: Layer | undefined;
  readonly endpoint: Layer | undefined;
  readonly resource: Layer | undefined;
  readonly scps: readonly Layer[];
  readonly rcps: readonly Layer[];
  readonly grants: readonly Grant[] | Fact;
}

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

function readLayers(policies: Policies): { readonly layers: Layers; readonly warnings: readonly PolicyFault[] } {
  const faults: PolicyFault[] = [];
  const warnings: PolicyFault[] = [];
  const layer = (kind: PolicyKind, given: readonly (NamedPolicy | Unread)[]): Layer => {
    const unread: Fact[] = [];
    const statements: Statement[] = [];
    for (const policy of given) {
      if ('unread' in policy) unread.push(policyFact(kind, policy.name ?? policy.unread));
      else {
        const parsed = parse(kind, policy.name, policy.document);
        const located = (fault: Fault): PolicyFault => ({ ...fault, policy: kind, name: policy.name });
        if ('faults' in parsed) faults.push(...parsed.faults.map(located));
        else {
          statements.push(...parsed.policy.statements);
          warnings.push(...parsed.warnings.map(located));
        }
      }
    }
    return { statements, select: indexByAction(statements), unread };
  };
  const maybe = (kind: PolicyKind, given: readonly (NamedPolicy | Unread)[] | undefined): Layer | undefined =>
    given === undefined ? undefined : layer(kind, given);
  const levels = (kind: 'scp' | 'rcp', given: Policies['scps']): readonly Layer[] => {
    if (given === undefined) return [];
    return 'unread' in given ? [layer(kind, [given])] : given.map((level) => layer(kind, level));
  };
  const grants = policies.grants ?? [];
  const layers: Layers = {
    identity: layer('identity', policies.identity),
    boundary: maybe('boundary', policies.boundary),
    session: maybe('session', policies.session),
    endpoint: maybe('endpoint', policies.endpoint),
    resource: maybe('resource', policies.resource === undefined ? undefined : [policies.resource]),
    scps: levels('scp', policies.scps),
    rcps: levels('rcp', policies.rcps),
    grants: 'unread' in grants ? grantsFact(grants.unread) : grants,
  };
  if (faults.length > 0) throw new InvalidPolicies(faults);
  return { layers, warnings };
}

/** What one layer says, with the statements behind it. */
interface Weighed {
  readonly allow: Truth;
  readonly deny: Truth;
}

const silent: Weighed = { allow: false, deny: false };
const open: Weighed = { allow: true, deny: false };

function weigh(layer: Layer, request: Request): Weighed {
  const { allows: candidates, denies } = layer.select(request.action);
  let allow: Truth = false;
  for (const statement of candidates) {
    if (allow === true) break;
    allow = or(allow, matches(statement, request));
  }
  let deny: Truth = false;
  for (const statement of denies) {
    if (deny === true) break;
    deny = or(deny, matches(statement, request));
  }
  for (const fact of layer.unread) {
    allow = or(allow, unreadSays(fact, 'allows', request));
    deny = or(deny, unreadSays(fact, 'denies', request));
  }
  return { allow, deny };
}

/** An unread policy allows, denies or says nothing. */
function unreadSays(fact: Fact, what: 'allows' | 'denies', request: Request): Truth {
  const supposed = request.supposing.get(fact);
  return supposed === undefined ? unsettled(fact) : supposed === what;
}

function matches(statement: Statement, request: Request): Truth {
  if (statement.principals === 'not applicable') return restMatches(statement, request);
  const reached = anyReach(reaches(statement, request));
  return reached === false ? false : and(reached, restMatches(statement, request));
}

const nobody: Reach = { direct: false, bounded: false, account: false };

/** The Allows of a resource policy, by how they reach the caller. */
function reachOf(layer: Layer | undefined, request: Request): Reach {
  if (layer === undefined) {
    if (!isKmsKey(request.resource.arn)) return nobody;
    const truth = unreadSays(policyFact('resource', request.resource.arn), 'allows', request);
    return { ...nobody, direct: truth };
  }
  let reach = nobody;
  for (const statement of layer.select(request.action).allows) {
    const reached = reaches(statement, request);
    if (anyReach(reached) === false) continue;
    const rest = restMatches(statement, request);
    reach = joined(reach, {
      direct: and(reached.direct, rest),
      bounded: and(reached.bounded, rest),
      account: and(reached.account, rest),
    });
  }
  for (const fact of layer.unread) reach = joined(reach, { ...nobody, direct: unreadSays(fact, 'allows', request) });
  return reach;
}

function joined(one: Reach, other: Reach): Reach {
  return {
    direct: or(one.direct, other.direct),
    bounded: or(one.bounded, other.bounded),
    account: or(one.account, other.account),
  };
}

interface Judged {
  readonly allow: Truth;
  readonly deny: Truth;
  readonly says: Says;
  readonly regime: Regime;
}

function judge(layers: Layers, request: Request): Judged {
  let deny: Truth = false;
  const say = (kind: PolicyKind, layer: Layer | undefined, otherwise: Weighed): Truth => {
    if (!applies(kind, request)) return true;
    const weighed = layer === undefined ? otherwise : weigh(layer, request);
    deny = or(deny, weighed.deny);
    return weighed.allow;
  };
  let scp: Truth = true;
  for (const level of layers.scps) scp = and(scp, say('scp', level, open));
  for (const level of layers.rcps) say('rcp', level, open);
  const resourceApplies = applies('resource', request);
  const keyPolicyUnread: Weighed = isKmsKey(request.resource.arn)
    ? { allow: false, deny: unreadSays(policyFact('resource', request.resource.arn), 'denies', request) }
    : silent;
  say('resource', layers.resource, keyPolicyUnread);
  const { caller } = request;
  const says: Says = {
    scp,
    endpoint: say('endpoint', layers.endpoint, open),
    identity: say('identity', layers.identity, silent),
    boundary: say('boundary', layers.boundary, open),
    // A federated user has only what a session policy lets through (iam-evaluation 5.22).
    session: say('session', layers.session, caller.type === 'federated user' ? silent : open),
    resource: resourceApplies ? reachOf(layers.resource, request) : nobody,
    ...grantsSay(layers.grants, request),
  };
  const regime = regimeOf(request);
  return { allow: allows(regime, says, caller.type === 'root'), deny, says, regime };
}

function grantsSay(
  grants: readonly Grant[] | Fact,
  request: Request,
): { readonly grant: Reach; readonly foreignGrant: Truth } {
  if (!request.action.startsWith('kms:') || !isKmsKey(request.resource.arn))
    return { grant: nobody, foreignGrant: false };
  if ('fact' in grants) {
    const truth = unreadSays(grants, 'allows', request);
    return { grant: { ...nobody, direct: truth }, foreignGrant: truth };
  }
  let grant = nobody;
  let foreignGrant: Truth = false;
  for (const one of grants) {
    if (request.action === 'kms:retiregrant') {
      grant = joined(grant, { ...nobody, direct: mayRetire(one, request) });
      continue;
    }
    const covered = grantCovers(one, request);
    if (covered === nobody) continue;
    grant = joined(grant, covered);
    foreignGrant = or(foreignGrant, and(or(covered.direct, covered.bounded), countsAbroad(one, request)));
  }
  return { grant, foreignGrant };
}

/** Whether a grant on another account's key counts without the caller's own account allowing (iam-evaluation 6.26, 10.25). */
function countsAbroad(grant: Grant, request: Request): Truth {
  const { caller } = request;
  if (issuedByOwnAccount(grant, request) || (caller.type === 'role session' && caller.serviceLinked)) return true;
  return settle(
    ruleFact(
      'iam-evaluation 10.25',
      'a grant by the key owner to a role whose account does not allow',
      grant.GrantId ?? '',
    ),
    request,
  );
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

/** The layers that exist, in the order in which AWS describes its evaluation (iam-evaluation 5.4), Denies most far-reaching first. */
function existing(
  layers: Layers,
): readonly { readonly kind: PolicyKind; readonly layer: Layer; readonly level?: number }[] {
  const one = (kind: PolicyKind, layer: Layer | undefined) => (layer === undefined ? [] : [{ kind, layer }]);
  return [
    ...layers.rcps.map((layer, level) => ({ kind: 'rcp' as const, layer, level })),
    ...layers.scps.map((layer, level) => ({ kind: 'scp' as const, layer, level })),
    ...one('resource', layers.resource),
    ...one('identity', layers.identity),
    ...one('boundary', layers.boundary),
    ...one('session', layers.session),
    ...one('endpoint', layers.endpoint),
  ];
}

function traced(layers: Layers, request: Request): readonly TracedLayer[] {
  return existing(layers).map(({ kind, layer, level }) => ({
    layer: kind,
    ...(level === undefined ? {} : { level }),
    applies: applies(kind, request),
    statements: layer.statements.map((statement) => traceStatement(statement, request)),
    unread: layer.unread.map((fact) => (fact.fact === 'policy' ? fact.of : fact.fact)),
  }));
}

/** The Denies that match, or that may. */
function denying(layers: Layers, request: Request): readonly StatementRef[] {
  const found = existing(layers).flatMap(({ kind, layer }) =>
    !applies(kind, request)
      ? []
      : layer
          .select(request.action)
          .denies.map((statement) => ({ ref: statement.ref, truth: matches(statement, request) })),
  );
  const certain = found.filter(({ truth }) => truth === true);
  return (certain.length > 0 ? certain : found.filter(({ truth }) => truth !== false)).map(({ ref }) => ref);
}

/** The Allows on the way that led to the answer, and the grants. */
function allowing(layers: Layers, request: Request, { says, regime }: Judged): readonly DecidedBy[] {
  const from = (layer: Layer | undefined): readonly StatementRef[] => {
    const candidates = layer?.select(request.action).allows ?? [];
    return candidates.filter((statement) => matches(statement, request) !== false).map(({ ref }) => ref);
  };
  const granted = grantNames(layers.grants, request);
  if (regime === 'retire a grant') return granted;
  const named = or(says.resource.direct, says.resource.bounded) !== false;
  const identityCounts =
    regime === 'cross-account' || (!named && (regime === 'same account' || says.resource.account !== false));
  return [...from(layers.resource), ...(identityCounts ? from(layers.identity) : []), ...granted];
}

function grantNames(grants: Layers['grants'], request: Request): readonly { readonly grant: string }[] {
  if (!request.action.startsWith('kms:') || !('filter' in grants)) return [];
  return grants.filter((grant) => allowedBy(grant, request) !== false).map((grant) => ({ grant: grantName(grant) }));
}

function grantName(grant: Grant): string {
  return grant.GrantId ?? grant.Name ?? grant.GranteePrincipal ?? 'grant';
}

function allowedBy(grant: Grant, request: Request): Truth {
  if (request.action === 'kms:retiregrant') return mayRetire(grant, request);
  const covered = grantCovers(grant, request);
  return or(covered.direct, covered.bounded);
}
