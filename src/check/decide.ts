import { arnWith, isAliasArn, parseArn } from '../base/arn.ts';
import { startOfPlannedKey } from '../base/planned-name.ts';
import { servicePrefix } from '../base/service.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { type CallRow, isKeyRole } from '../operations/operation.ts';
import type { Parameter } from '../operations/parameters.ts';
import { parameterNaming } from '../operations/request-parameters.ts';
import type { Decision } from '../policy/authorize.ts';
import type { PolicyWarning, ReadDocuments } from '../policy/policies.ts';
import type { Possible } from '../policy/possible.ts';
import type { Effort, RequestInput } from '../policy/request.ts';
import {
  type Assumption,
  assumedBucketPolicy,
  assumedEndpointPolicy,
  assumedKeyPolicy,
  assumedOfKey,
  assumedOfKeyState,
  assumedSession,
  assumedSilent,
  assumedVaultPolicy,
} from './assumption.ts';
import { type Bound, type BoundKey, keyNameOf } from './bind.ts';
import { type CallFacts, callContext, type Inferred } from './call-context.ts';
import { type CallAuthorizer, compileFor, entersRds, servicePrincipalOf } from './call-policies.ts';
import { distinctWarnings } from './policy-warning.ts';
import { type BoundResource, resourceOf } from './resources.ts';
import { anyTagsReader } from './session-tags.ts';

/**
 * What one of two accounts says about a call on the other's key if the other account allows
 * everything.
 */
export interface AccountSide {
  readonly of: 'caller' | 'key owner';
  readonly account: string;
  readonly decision: Decision;
}

/** A row of the catalog with its resource and principal, and the decision. */
export interface DecidedCall {
  readonly row: CallRow;
  readonly resource: string;
  readonly account: string;
  readonly region: string;
  readonly key: BoundKey | undefined;
  /** The principal whose identity the call has, unless a service calls with its own identity. */
  readonly actor: Principal;
  readonly decision: Decision;
  /** The state of each condition key that the engine does not derive from the caller. */
  readonly possible: (keyId: string) => Possible | undefined;
  /** Two sides if the key belongs to another account than the principal. */
  readonly sides: () => readonly AccountSide[];
  /** The parameter that would settle what the decision depends on. Absent: there is none. */
  readonly leavesOut?: Parameter | undefined;
  /** Facts that could not be read and are assumed, because they are normally true. */
  readonly assumptions: readonly Assumption[];
}

export interface Decider {
  /** Warnings about the policies that were evaluated so far. */
  readonly warnings: () => readonly PolicyWarning[];
  /**
   * The times with which the policies that were evaluated so far compare the time of a call, in
   * seconds since 1970.
   */
  readonly times: () => ReadonlySet<number>;
  readonly decide: (row: CallRow, bound: Bound) => DecidedCall;
  /** The request of a call as the engine reads it, without a decision. */
  readonly request: (row: CallRow, bound: Bound) => RequestInput;
  /** Decides the call on a resource that the question does not name. */
  readonly decideOn: (resource: BoundResource, row: CallRow, bound: Bound) => DecidedCall;
}

/**
 * What the question adds: known condition keys by lower-case name, and the time of the operation.
 */
export interface DecisionSettings {
  readonly supplied: ReadonlyMap<string, readonly string[]>;
  readonly evaluatedAt: string;
  /** Whether an assumption leaves a call open. */
  readonly strict: boolean;
  /** Documents that were already read. */
  readonly read: ReadDocuments;
  /** Grows with each decision. */
  readonly effort?: Effort | undefined;
  /** Policies that were already compiled. More are added. */
  readonly compiled: Map<string, CallAuthorizer>;
}

/** A call with its principals and resources. */
type Made = Pick<CallFacts, 'row' | 'bound' | 'actor' | 'key' | 'callerOrganization' | 'resourceOrganization'> & {
  readonly resource: BoundResource;
};

function callOn(resource: BoundResource, row: CallRow, bound: Bound, { organization }: Directory): Made {
  const key = keyOf(row, bound);
  const actor = actorOf(row, bound);
  const callerOrganization = organization(actor.account);
  const resourceOrganization = organization(resource.account);
  return { row, bound, actor, key, resource, callerOrganization, resourceOrganization };
}

function resourceMeant(row: CallRow, bound: Bound, directory: Directory): BoundResource {
  const key = keyOf(row, bound);
  return key === undefined ? resourceOf(row, bound) : keyResource(key, directory);
}

/** A text that is equal for calls to which the same policies apply, under the same names. */
function policiesNameOf({ row, bound: { vault = '', parameters }, actor, key }: Made): string {
  // A fix may change the session policy and leave the evidence as it was.
  const session = actor.session === undefined ? '' : JSON.stringify(actor.session);
  // Unread facts and assumptions have the name of the key, which is not the same in every request.
  const ofKey = key === undefined ? '' : `${key.arn} ${keyNameOf(key)}`;
  return `${row.kind} ${row.onlyDenied === true} ${row.as ?? ''} ${actor.arn} ${session} ${actor.isSupposed === true} ${servicePrefix(row.action) ?? ''} ${ofKey} ${vault} ${parameters.s3Bucket ?? ''}`;
}

function surroundingsOf({
  bound: {
    vault,
    parameters: { s3Bucket: bucket },
  },
  callerOrganization,
  resourceOrganization,
}: Made): Pick<Parameters<typeof compileFor>[3], 'vault' | 'bucket' | 'callerOrganization' | 'resourceOrganization'> {
  return { vault, bucket, callerOrganization, resourceOrganization };
}

/** Decides calls from evidence. Policies are compiled once for each principal and key. */
export function decider(directory: Directory, { read, compiled, ...asked }: DecisionSettings): Decider {
  const { evidence } = directory;
  const anyTags = anyTagsReader(directory);
  const endpointId = endpointIn(asked.supplied);
  const { times, use } = timesOfUsed();
  const authorizerOf = (made: Made): CallAuthorizer => {
    const { row, actor, key } = made;
    const name = policiesNameOf(made);
    const authorizer =
      compiled.get(name) ?? compileFor(row, actor, key, { ...surroundingsOf(made), directory, endpointId, read });
    compiled.set(name, authorizer);
    return use(authorizer);
  };
  const decideOn = (resource: BoundResource, row: CallRow, bound: Bound): DecidedCall => {
    if (asked.effort !== undefined) asked.effort.spent += 1;
    const made = callOn(resource, row, bound, directory);
    const { key, actor } = made;
    const authorizer = authorizerOf(made);
    const settled = settle(authorizer, (inferred) => requestOf(made, asked, inferred, authorizer));
    const reached = withReach(withSecondPolicy(settled, authorizer, key, asked.strict), authorizer, asked.strict);
    const tagged = (): CallRequest => requestOf({ ...made, actor: anyTags(actor) }, asked, 'open', authorizer);
    const { request, decision, assumptions } = withSessionTags(reached, authorizer, made, {
      tagged,
      strict: asked.strict,
    });
    return {
      row,
      resource:
        (key?.isAnyKey === true ? undefined : key?.arn) ?? (resource.nameUnknown ? `${resource.arn}*` : resource.arn),
      account: resource.account,
      region: key?.region ?? bound.region,
      key,
      actor,
      decision,
      possible: request.possible,
      sides: () => sidesOf(authorizer, request, actor.account, resource.account),
      assumptions: [...assumptions, ...assumedAround(made, evidence, asked.supplied)],
    };
  };
  return {
    warnings: () => distinctWarnings([...compiled.values()].flatMap(({ strict }) => strict.warnings())),
    times,
    decideOn,
    request(row, bound) {
      const resource = resourceMeant(row, bound, directory);
      const meant = bound.anyRequest === true ? (resource.otherwise ?? resource) : resource;
      return requestOf(callOn(meant, row, bound, directory), asked, 'open');
    },
    decide(row, bound) {
      const resource = resourceMeant(row, bound, directory);
      if (bound.anyRequest === true) return decideOn(resource.otherwise ?? resource, row, bound);
      return onGroups(resource, row, (each) => decideOn(each, row, bound));
    },
  };
}

/**
 * Decides a call on a group that the question may leave out. `decideOn`: decides the call on a
 * resource.
 */
function onGroups(
  resource: BoundResource,
  row: CallRow,
  decideOn: (resource: BoundResource) => DecidedCall,
): DecidedCall {
  const { otherwise, alternative } = resource;
  const call = decideOn(resource);
  if (otherwise === undefined) return call;
  const leavesOut = parameterNaming(row.on);
  if (call.decision.decision === 'allowed') {
    const isAllowed = alternative === undefined || decideOn(alternative).decision.decision === 'allowed';
    return isAllowed ? call : { ...decideOn(otherwise), leavesOut };
  }
  if (call.decision.decision === 'depends') return dependsOnName(call) ? { ...call, leavesOut } : call;
  // A call that is denied on the group that RDS would use may be allowed on another group.
  const open = decideOn(otherwise);
  return open.decision.decision === 'depends' ? { ...open, leavesOut } : call;
}

/** Collects the times of policies. Each set of policies is read once, however often the times are asked for. */
function timesOfUsed(): Pick<Decider, 'times'> & { readonly use: (authorizer: CallAuthorizer) => CallAuthorizer } {
  const used = new Set<CallAuthorizer>();
  let unread: CallAuthorizer[] = [];
  const known = new Set<number>();
  return {
    use(authorizer) {
      if (!used.has(authorizer)) {
        used.add(authorizer);
        unread.push(authorizer);
      }
      return authorizer;
    },
    times() {
      for (const { strict } of unread) for (const time of strict.times()) known.add(time);
      unread = [];
      return known;
    },
  };
}

function endpointIn(supplied: DecisionSettings['supplied']): string | undefined {
  return supplied.get('aws:sourcevpce')?.find((value) => value !== '');
}

/** Assumptions about the key, the session, the bucket, the vault and the endpoint of a call. */
function assumedAround(
  { row, bound, actor, key, resource }: Made,
  evidence: Evidence,
  supplied: DecisionSettings['supplied'],
): readonly Assumption[] {
  return [
    ...assumedOfKey(row, bound),
    ...assumedSession(row, actor, supplied),
    ...assumedKeyPolicy(key),
    ...assumedBucketPolicy(row, resource, evidence),
    ...assumedVaultPolicy(row, bound, evidence),
    ...(entersRds(row) ? assumedEndpointPolicy(evidence, endpointIn(supplied)) : []),
  ];
}

/** A decision with its request and its assumptions. */
interface Settled extends Pick<DecidedCall, 'decision' | 'assumptions'> {
  readonly request: CallRequest;
}

/**
 * Decides strictly, then with assumptions: unread SCPs and RCPs are silent, and inferred rules
 * about forwarded calls are true. An inferred rule never leads to a denial (iam-evaluation 14.17).
 */
function settle({ strict, assuming }: CallAuthorizer, requestWith: (inferred: Inferred) => CallRequest): Settled {
  const request = requestWith('open');
  const strictly = strict.authorize(request);
  if (strictly.decision !== 'depends') return { request, decision: strictly, assumptions: [] };
  const silent = assumedSilent(strictly);
  const decision = assuming === strict ? strictly : assuming.authorize(request);
  if (decision.decision !== 'depends') return { request, decision, assumptions: silent };
  const taken = requestWith('taken');
  const inferred = assumedOfKeys(decision, request, taken);
  const allowed = inferred.length === 0 ? decision : assuming.authorize(taken);
  return allowed.decision === 'allowed'
    ? { request: taken, decision: allowed, assumptions: [...silent, ...inferred] }
    : { request, decision, assumptions: silent };
}

/** What is assumed about the condition keys that a decision depends on. */
function assumedOfKeys({ dependsOn }: Decision, open: CallRequest, taken: CallRequest): readonly Assumption[] {
  const keys = dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key.toLowerCase()] : []));
  return [...new Set(keys)].flatMap((key) => assumedOfKeyState(key, open.possible(key), taken.possible(key)));
}

/**
 * Adds what a second key policy could change. If it is not known whether there is one, it could
 * allow a call that lacks an Allow of the key policy. If there is one, the call may be allowed only
 * because of it (iam-evaluation 14.22).
 */
function withSecondPolicy(
  settled: Settled,
  { ramPolicy }: CallAuthorizer,
  key: BoundKey | undefined,
  strict: boolean,
): Settled {
  const { decision, request, assumptions } = settled;
  if (ramPolicy === undefined || key === undefined) return settled;
  const isHeld = ramPolicy.is === 'held';
  const mayDiffer = isHeld
    ? decision.decision === 'allowed'
    : decision.decision === 'denied' && decision.denial === 'implicit' && decision.lacking.includes('resource');
  if (!mayDiffer) return settled;
  const otherwise = ramPolicy.otherwise().authorize(request);
  if (otherwise.decision === decision.decision) return settled;
  if (strict && !isHeld) return { ...settled, decision: otherwise };
  const code = isHeld ? 'second-key-policy-counts' : 'no-second-key-policy';
  return { ...settled, assumptions: [...assumptions, { code, key: keyNameOf(key) }] };
}

/** A denial by control policies is certain only if the policies apply to the call. */
function withReach(settled: Settled, { reach }: CallAuthorizer, strict: boolean): Settled {
  const { decision, request, assumptions } = settled;
  if (reach === undefined || decision.decision !== 'denied') return settled;
  const otherwise = reach.otherwise().authorize(request);
  if (otherwise.decision === 'denied') return settled;
  if (strict) return { ...settled, decision: otherwise };
  return { ...settled, assumptions: [...assumptions, ...reach.assuming] };
}

/**
 * Only the principal that started a session knows its tags. A tag may meet a condition that the
 * role does not meet (iam-evaluation 5.20). `tagged`: the request with any tags.
 */
function withSessionTags(
  settled: Settled,
  { assuming }: CallAuthorizer,
  { row, actor }: Made,
  { tagged, strict }: { readonly tagged: () => CallRequest; readonly strict: boolean },
): Settled {
  const { decision, assumptions } = settled;
  if (decision.decision !== 'denied' || row.kind === 'service' || actor.type !== 'session') return settled;
  const request = tagged();
  const otherwise = assuming.authorize(request);
  if (otherwise.decision === 'denied') return settled;
  if (strict) return { ...settled, request, decision: otherwise };
  return { ...settled, assumptions: [...assumptions, { code: 'session-has-no-tags', session: actor.arn }] };
}

function dependsOnName({ decision: { dependsOn } }: DecidedCall): boolean {
  return dependsOn.some(({ fact }) => fact === 'resource name');
}

/** The principal whose identity a call has, unless a service calls with its own identity. */
export function actorOf({ kind, actor }: CallRow, { role, principal, destination }: Bound): Principal {
  if (actor !== undefined) return destination ?? principal;
  return kind === 'role' ? (role ?? principal) : principal;
}

export function keyOf({ on }: CallRow, { keys }: Bound): BoundKey | undefined {
  return isKeyRole(on) ? keys[on] : undefined;
}

function sidesOf(
  { sides }: CallAuthorizer,
  request: RequestInput,
  caller: string,
  owner: string,
): readonly AccountSide[] {
  if (sides === undefined) return [];
  const each = sides();
  return [
    { of: 'caller', account: caller, decision: each.caller.authorize(request) },
    { of: 'key owner', account: owner, decision: each.owner.authorize(request) },
  ];
}

/**
 * If only the alias of a key is known, its ID is unknown. But it is not the ID of a key without
 * that alias.
 */
function keyResource({ arn, account, isAnyKey, key }: BoundKey, directory: Directory): BoundResource {
  if (isAnyKey === true) return { arn, account, nameUnknown: true, tags: undefined };
  const start = startOfPlannedKey(arn);
  if (start !== undefined) {
    // The ID of a multi-Region key begins with mrk- (rds-kms-operations-2 15.7). AWS does not say more
    // about the form of an ID.
    const ofMultiRegion = `${start}mrk-`;
    const planned = { writtenAs: arn, account, nameUnknown: true, tags: undefined };
    const { MultiRegion: isMultiRegion } = key?.KeyMetadata ?? {};
    if (isMultiRegion === true) return { arn: ofMultiRegion, ...planned };
    return { arn: start, ...planned, ...(isMultiRegion === false ? { beginsNot: ofMultiRegion } : {}) };
  }
  const byAlias = isAliasArn(arn) ? parseArn(arn) : undefined;
  if (byAlias === undefined) return { arn, account, nameUnknown: false, tags: undefined };
  return {
    arn: arnWith(byAlias, { resource: 'key/' }),
    account,
    nameUnknown: true,
    isNot: directory.keysWithout(arn),
    tags: undefined,
  };
}

type CallRequest = RequestInput & Pick<DecidedCall, 'possible'>;

function requestOf(
  { row, bound, actor, key, resource, callerOrganization, resourceOrganization }: Made,
  { supplied, evaluatedAt, effort }: Omit<DecisionSettings, 'read' | 'compiled'>,
  inferred: Inferred,
  authorizer?: CallAuthorizer,
): CallRequest {
  const self = actor.type === 'session' ? actor.arn : (actor.roleArn ?? actor.arn);
  const { arn, account, nameUnknown, isNot, beginsNot, writtenAs, tags, tagsAreAssumed = false } = resource;
  const possible = callContext({
    bound,
    row,
    actor,
    key,
    resourceAccount: account,
    resourceTags: tags,
    tagsAreAssumed,
    callerOrganization,
    resourceOrganization,
    supplied,
    evaluatedAt,
    times: authorizer?.strict.times,
    inferred,
  });
  return {
    principal: row.kind === 'service' ? servicePrincipalOf(row) : self,
    action: row.action,
    // A call on a shared snapshot is evaluated in the caller's own account. The owner consents
    // through the list of accounts.
    resource: { arn, account: key === undefined ? actor.account : account, nameUnknown, isNot, beginsNot, writtenAs },
    roleArn: actor.roleArn,
    userId: actor.uniqueId,
    federatingUser: actor.federatedBy,
    awsManagedKey: key?.manager === 'AWS',
    managementAccount: callerOrganization.isManagementAccount,
    resourceInManagementAccount: resourceOrganization.isManagementAccount,
    possible,
    effort,
  };
}
