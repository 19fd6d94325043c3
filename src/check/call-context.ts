import { rdsArn } from '../base/arn.ts';
import { servicePrefix, viaService } from '../base/service.ts';
import { type OrganizationPath } from '../evidence/lookup.ts';
import type { Principal } from '../evidence/principals.ts';
import { findAction } from '../operations/action-table.ts';
import type { CallRow } from '../operations/operation.ts';
import { conditionKey, type FilledBy, isMultivalued, isOfSession } from '../policy/condition-keys.ts';
import { absent, byNames, maybe, type Possible, present, presentUnknown, unknown } from '../policy/possible.ts';
import { type Bound, type BoundKey, isOpenTo } from './bind.ts';
import { rdsService } from './call-policies.ts';
import { requestKeys, resourceKeys } from './rds-context.ts';

/*
 * What each kind of call carries (rds-kms-operations 3.1-3.3, iam-evaluation 7). Keys that move
 * together are bound here.
 */

/** Everything from which the condition keys of one call follow. */
export interface CallFacts {
  readonly bound: Bound;
  readonly row: CallRow;
  /**
   * The principal whose identity the call has, unless a service makes the call with its own
   * identity.
   */
  readonly actor: Principal;
  /** The key that the call is made on, for calls to KMS. */
  readonly key: BoundKey | undefined;
  /** The account that owns the resource, also if the resource is a shared snapshot. */
  readonly resourceAccount: string;
  /** Tags of the RDS resource; undefined: not known. */
  readonly resourceTags: Readonly<Record<string, string>> | undefined;
  readonly callerOrganization: OrganizationPath;
  readonly resourceOrganization: OrganizationPath;
  /** By lower-case name, as given with --context. */
  readonly supplied: ReadonlyMap<string, readonly string[]>;
  readonly evaluatedAt: string;
  /**
   * Whether what is only inferred of a call that a service forwards is taken to be so. No certain
   * answer rests on it (iam-evaluation 14.17).
   */
  readonly inferred: Inferred;
}

export type Inferred = 'open' | 'taken';

type Lookup = (keyId: string) => Possible | undefined;

type Making = (facts: CallFacts) => Lookup;

/**
 * The state of each condition key, for keys that the engine does not derive from the caller by
 * itself.
 */
export function callContext(facts: CallFacts): Lookup {
  const { row } = facts;
  const making = row.kind === 'caller' && row.isFree === true ? freely : byKind[row.kind];
  const made: Lookup[] = [];
  return (keyId) => {
    // Each table is built only if the tables before it lack a key, because few keys decide most
    // calls.
    let index = 0;
    for (const make of making) {
      const possible = (made[index] ??= make(facts))(keyId);
      if (possible !== undefined) return possible;
      index += 1;
    }
    return undefined;
  };
}

const inEach = [ofPrincipal, ofResource, always, rest] as const;

const byKind: Readonly<Record<CallRow['kind'], readonly Making[]>> = {
  caller: [supplied, direct, ...inEach],
  forwarded: [forwarded, suppliedAndForwarded, forwardedCreateGrant, onKey, ...inEach],
  service: [service, suppliedToService, onKey, ...inEach],
  role: [byRole, suppliedToService, onKey, ...inEach],
};

const freely: readonly Making[] = [supplied, free, direct, ...inEach];

/** By lower-case names, as the engine asks for them. */
type KeyStates = Readonly<Record<Lowercase<string>, Possible>>;

function table(rows: KeyStates): Lookup {
  return (keyId) => (isIn(rows, keyId) ? rows[keyId] : undefined);
}

function isIn(rows: KeyStates, keyId: string): keyId is Lowercase<string> {
  return Object.hasOwn(rows, keyId);
}

/** Links keys of which a service sends either all or none. */
function together(rows: KeyStates): KeyStates {
  const keys = Object.keys(rows);
  return Object.fromEntries(
    Object.entries(rows).map(([key, possible]) => [
      key,
      { ...possible, together: keys.filter((other) => other !== key) },
    ]),
  );
}

/** Of a key that holds one value, several values are those that it may have. */
function supplied({ supplied: given }: CallFacts): Lookup {
  return (keyId) => {
    const values = given.get(keyId);
    // It follows from the services that the call went through.
    if (values === undefined || keyId === 'aws:viaawsservice') return undefined;
    if (values.every((value) => value === '')) return absent;
    return { absent: false, values: isMultivalued(keyId) ? [values] : values.map((value) => [value]) };
  };
}

/** What the user knows about the caller does not apply to RDS's own calls. */
function suppliedToService(facts: CallFacts): Lookup {
  const lookUp = supplied(facts);
  return (keyId) => (keyId.startsWith('kms:') ? lookUp(keyId) : undefined);
}

function isFilledBy(filledBy: FilledBy, keyId: string): boolean {
  return conditionKey(keyId)?.filledBy === filledBy;
}

const eitherWay: Possible = { absent: false, values: [['true'], ['false']] };

/**
 * Whether another service, such as CloudFormation, makes the principal's call for it. `services`:
 * which ones, in their order; absent: not known.
 */
type Way =
  | { readonly byService: 'never' | 'perhaps' }
  | { readonly byService: 'always'; readonly services?: readonly string[] };

/** A principal that can choose the request can also have a service make it. */
function wayOf({ supplied: given, bound }: CallFacts): Way {
  const named = (key: string): readonly string[] => given.get(key)?.filter((value) => value !== '') ?? [];
  const services = named('aws:calledvia');
  if (services.length > 0) return { byService: 'always', services };
  const via = named('aws:viaawsservice').map((value) => value.toLowerCase());
  const isByOne = via.length > 0 && via.every((value) => value === 'true');
  if (isByOne || named('aws:calledviafirst').length > 0 || named('aws:calledvialast').length > 0)
    return { byService: 'always' };
  if (given.has('aws:calledvia')) return { byService: 'never' };
  if (via.length === 0) return { byService: bound.anyRequest === true ? 'perhaps' : 'never' };
  return { byService: via.includes('true') ? 'perhaps' : 'never' };
}

/** The keys that show whether a service makes a call of the principal, and which. */
const byWay: Readonly<Record<Way['byService'], Lookup>> = {
  never: table({ 'aws:viaawsservice': present('false'), ...calledViaAs(absent, absent, absent) }),
  perhaps: table({ 'aws:viaawsservice': eitherWay, ...calledViaAs(unknown, unknown, unknown) }),
  always: table({ 'aws:viaawsservice': present('true'), ...calledViaAs(unknown, unknown, unknown) }),
};

function sentBy(way: Way): Lookup {
  const services = way.byService === 'always' ? way.services : undefined;
  if (services === undefined) return byWay[way.byService];
  const named = table(calledViaOf(services, present));
  return (keyId) => named(keyId) ?? byWay.always(keyId);
}

/** Keys that only a request through a VPC endpoint carries (iam-evaluation 7.7). */
const endpointKeys = [
  'aws:sourcevpce',
  'aws:sourcevpc',
  'aws:vpcsourceip',
  'aws:sourcevpcarn',
  'aws:vpceaccount',
  'aws:vpceorgid',
  'aws:vpceorgpaths',
] as const;

const byEndpoint = table({ 'aws:sourceip': absent });
const byPublicEndpoint = table(Object.fromEntries(endpointKeys.map((key) => [key, absent])));
const byAnyEndpoint: Lookup = () => undefined;

/**
 * A request has either an address or the keys of a VPC endpoint: one that is given rules out the
 * other.
 */
function network({ supplied: given }: CallFacts): Lookup {
  const isGiven = (key: string): boolean => given.get(key)?.some((value) => value !== '') === true;
  if (endpointKeys.some(isGiven)) return byEndpoint;
  return isGiven('aws:sourceip') ? byPublicEndpoint : byAnyEndpoint;
}

/** The principal's own call. Only the user's flags say from which network it comes. */
function direct(facts: CallFacts): Lookup {
  const { row, bound } = facts;
  const way = network(facts);
  const sent = requestKeys(row, bound);
  const instance = resourceKeys(row, bound);
  const called = wayOf(facts);
  const byService = sentBy(called);
  const passed = passedOn(facts);
  // Whether a service passes this on is not published (iam-evaluation 11.7).
  const issued: Lookup = (keyId) =>
    keyId === 'aws:tokenissuetime' && called.byService !== 'never'
      ? { absent: true, values: issueTimes(facts) }
      : undefined;
  // The Region of the request, even if the request names a resource in another Region.
  const region = table(row.action.startsWith('rds:') ? { 'aws:requestedregion': present(bound.region) } : {});
  return (keyId) =>
    sent(keyId) ??
    instance(keyId) ??
    (called.byService === 'always' ? passed(keyId) : way(keyId)) ??
    (isFilledBy('network', keyId) ? unknown : (byService(keyId) ?? issued(keyId) ?? region(keyId)));
}

/** A call that the principal makes directly, with parameters of its choice. */
function free(facts: CallFacts): Lookup {
  const { key, row } = facts;
  // A principal that can choose the request can also let a service make the call.
  const byService = facts.bound.anyRequest === true ? unknown : absent;
  const rows = table({
    'kms:viaservice': byService,
    'kms:grantisforawsresource': byService === unknown || !concernsGrants(row.action) ? byService : maybe('false'),
    ...(carriesTags(row.action) ? { 'aws:tagkeys': unknown } : {}),
  });
  const ofKey: Lookup = key === undefined ? () => undefined : onKey(facts);
  const own = `${servicePrefix(row.action) ?? ''}:`;
  return (keyId) =>
    rows(keyId) ??
    (keyId === 'kms:requestalias' || (keyId.startsWith('aws:requesttag/') && carriesTags(row.action))
      ? unknown
      : ofKey(keyId)) ??
    (keyId.startsWith(own) && !isFilledBy('caller and resource', keyId) ? unknown : undefined);
}

/** Whether a direct call of these carries false or nothing is not established (iam-evaluation 11.5). */
function concernsGrants(action: string): boolean {
  return ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'].includes(action);
}

/** Whether a request for an action may hold tags. */
function carriesTags(action: string): boolean {
  return findAction(action)?.keys.some((key) => /^aws:(?:tagkeys|requesttag\/)/i.test(key)) === true;
}

/** The services through which a call may reach KMS, as kms:ViaService shows them. */
function viaServiceOf(facts: CallFacts): Possible {
  const { row, key } = facts;
  const through = row.through ?? ['rds'];
  const services = through.filter((each) => each !== 'none');
  if (key === undefined || services.length === 0) return absent;
  return {
    absent: services.length < through.length,
    values: regionsOfCall(facts, key).flatMap((region) => services.map((each) => [viaService(each, region)])),
  };
}

/**
 * The Regions that a call on a key may show. That a copy across Regions reaches the key of its
 * source from the Region of the source is inferred (rds-kms-operations 4.5).
 */
function regionsOfCall({ bound, inferred }: CallFacts, { region }: BoundKey): readonly string[] {
  return inferred === 'taken' || region === bound.region ? [region] : [region, bound.region];
}

/**
 * A customer role that a service has assumed. Whether it calls KMS itself or through another
 * service is not published; aws:ViaAWSService goes with kms:ViaService.
 */
function byRole(facts: CallFacts): Lookup {
  const { bound } = facts;
  const rows = table({
    'kms:viaservice': viaServiceOf(facts),
    'kms:grantisforawsresource': absent,
    'kms:encryptioncontextkeys': unknown,
    // A session carries it (iam-evaluation 7B); whether one that a service opens does is not said.
    'aws:multifactorauthpresent': maybe('false'),
    'aws:multifactorauthage': absent,
    'aws:tokenissuetime': { absent: false, values: issueTimes(facts) },
    's3:resourceaccount': present(bound.principal.account),
  });
  return (keyId) =>
    rows(keyId) ??
    (isFilledBy('network', keyId) || keyId.startsWith('kms:encryptioncontext:') || keyId.startsWith('s3:')
      ? unknown
      : undefined);
}

function calledViaAs(all: Possible, first: Possible, last: Possible): KeyStates {
  return together({ 'aws:calledvia': all, 'aws:calledviafirst': first, 'aws:calledvialast': last });
}

/** `as`: how certain it is that the services fill the keys. */
function calledViaOf(services: readonly string[], as: typeof present | typeof maybe): KeyStates {
  return calledViaAs(as(...services), as(...services.slice(0, 1)), as(...services.slice(-1)));
}

/**
 * The services through which a call of RDS went, RDS being the last. Seen on the calls of SQS,
 * which like RDS is not in AWS's old list of services that fill the keys (iam-evaluation 14.17).
 */
function calledThrough(facts: CallFacts): KeyStates {
  const as = facts.inferred === 'taken' ? present : maybe;
  const way = wayOf(facts);
  const before = way.byService === 'never' ? [] : way.byService === 'always' ? way.services : undefined;
  if (facts.row.through !== undefined) return calledViaAs(unknown, unknown, unknown);
  return before === undefined
    ? calledViaAs(unknown, unknown, as(rdsService))
    : calledViaOf([...before, rdsService], as);
}

/** What of the network of the principal's call a service does not pass on. */
const notForwarded = table({
  // Whether the address of the first call is kept is disputed (iam-evaluation 10.1).
  'aws:sourceip': unknown,
  ...Object.fromEntries(endpointKeys.map((key) => [key, absent])),
});

/** AWS says that the others are not passed on; of these it is inferred (iam-evaluation 7B). */
const perhapsForwarded: ReadonlySet<string> = new Set([
  'aws:sourcevpcarn',
  'aws:vpceaccount',
  'aws:vpceorgid',
  'aws:vpceorgpaths',
]);

/** The keys of the network that a call carries which a service makes for the principal. */
function passedOn(facts: CallFacts): Lookup {
  const own = supplied(facts);
  const way = network(facts);
  return (keyId) =>
    facts.inferred === 'open' && perhapsForwarded.has(keyId)
      ? perhaps(own(keyId) ?? way(keyId) ?? unknown)
      : notForwarded(keyId);
}

function perhaps(possible: Possible): Possible {
  return { ...possible, absent: true };
}

/**
 * Keys of the principal's own call that are given, as a service may pass them on. That it passes on
 * how the session was made, and not the channel of the call, is inferred (iam-evaluation 7B).
 */
function suppliedAndForwarded(facts: CallFacts): Lookup {
  const lookUp = supplied(facts);
  return (keyId) => {
    const given = lookUp(keyId);
    if (given === undefined || (!isMadeByCompute(keyId) && !isFilledBy('other channel', keyId))) return given;
    if (facts.inferred === 'open') return perhaps(given);
    return isFilledBy('other channel', keyId) ? absent : given;
  };
}

/** Of the other keys of a session, AWS says that a service passes them on. */
function isMadeByCompute(keyId: string): boolean {
  return isFilledBy('session', keyId) && !statedAsForwarded.has(keyId);
}

const statedAsForwarded: ReadonlySet<string> = new Set([
  'aws:federatedprovider',
  'aws:sourceidentity',
  'aws:assumedroot',
]);

/** rds-kms-operations 3.1. What the service itself decides cannot be supplied from outside. */
function forwarded(facts: CallFacts): Lookup {
  const { row, key } = facts;
  const sent = requestKeys(row, facts.bound);
  const passed = passedOn(facts);
  // Built on demand: few policies name these keys.
  let made: Lookup | undefined;
  const calledVia: Lookup = (keyId) =>
    keyId.startsWith('aws:calledvia') ? (made ??= table(calledThrough(facts)))(keyId) : undefined;
  const rows = table({
    'aws:viaawsservice': present('true'),
    'kms:viaservice': viaServiceOf(facts),
    'kms:grantisforawsresource': row.action === 'kms:CreateGrant' ? present('true') : absent,
    'aws:multifactorauthpresent': forwardedMfa(facts),
    ...(key === undefined
      ? {}
      : { 'aws:requestedregion': { absent: false, values: regionsOfCall(facts, key).map((region) => [region]) } }),
    // Whether RDS passes this on is not published (iam-evaluation 11.7).
    'aws:tokenissuetime': { absent: true, values: forwardedIssueTimes(facts) },
  });
  return (keyId) => sent(keyId) ?? rows(keyId) ?? calledVia(keyId) ?? passed(keyId);
}

/**
 * A forwarded call carries the attributes of the caller's session. It is made with temporary
 * credentials, so that it says false for long-term keys, which themselves carry no such key
 * (iam-evaluation 7.2, 7.4).
 */
function forwardedMfa({ supplied: given }: CallFacts): Possible {
  const values = given.get('aws:multifactorauthpresent');
  return values === undefined ? eitherWay : present(String(values.some((value) => value.toLowerCase() === 'true')));
}

/** The time of the caller's session, or a later one: RDS may have other credentials by then. */
function forwardedIssueTimes(facts: CallFacts): readonly (readonly string[])[] {
  const times = issueTimes(facts);
  const [given = ''] = facts.supplied.get('aws:tokenissuetime') ?? [];
  if (given === '') return times;
  const first = /^\d+$/.test(given) ? Number(given) : secondsOf(given);
  return [[given], ...times.filter(([time]) => Number(time) >= first)];
}

const everyGrant = table({
  'kms:grantoperations': presentUnknown,
  'kms:granteeprincipal': unknown,
  'kms:granteeserviceprincipal': unknown,
  'kms:retiringprincipal': unknown,
  'kms:retiringserviceprincipal': unknown,
  'kms:grantconstrainttype': { absent: true, values: [['EncryptionContextSubset'], ['EncryptionContextEquals']] },
  'kms:grantconstraintsourcearn': unknown,
});

/** Parameters of the grant that RDS asks for; most are not published (rds-kms-operations 3.1). */
function forwardedCreateGrant({ row, bound }: CallFacts): Lookup {
  if (row.action !== 'kms:CreateGrant') return () => undefined;
  // Whether RDS constrains its grant is inferred.
  const contextOf = encryptionContext(bound, { ...resourceId(row, bound), absent: true }, true);
  return (keyId) => contextOf(keyId) ?? everyGrant(keyId);
}

/**
 * The resource id that RDS's encryption context holds: that of the new resource, which has none
 * yet, or that of the source.
 */
function resourceId(row: CallRow, { operation: { makes }, source }: Bound): Possible {
  if (row.on === 'target key' && makes === 'cluster')
    return { absent: false, values: { startsWith: 'cluster-', fresh: true } };
  if (row.on === 'target key' && makes === 'db') return { absent: false, values: { startsWith: 'db-', fresh: true } };
  // A copy has no resource of its own; and what opens a snapshot of another key may be the old
  // resource or the new one.
  const settled = row.on === 'storage key' && makes !== 'cluster' && makes !== 'db';
  return settled && source?.resourceId !== undefined ? present(source.resourceId) : presentUnknown;
}

/**
 * RDS's context holds the resource id of the cluster or instance, and one of the volume where EBS
 * is involved (iam-evaluation 6.38, rds-kms-operations 3.1, 10).
 */
function encryptionContext({ operation: { makes }, source }: Bound, id: Possible, mayBeMissing: boolean): Lookup {
  const type = makes === 'cluster' || makes === 'db' ? makes : (source?.type ?? 'cluster');
  const [own, other] = type.startsWith('cluster') ? ['dbc-id', 'db-id'] : ['db-id', 'dbc-id'];
  const rows = table({
    [`kms:encryptioncontext:aws:rds:${own}`]: id,
    [`kms:encryptioncontext:aws:rds:${other}`]: absent,
    // At least this one; which others there are is not published.
    'kms:encryptioncontextkeys': { absent: mayBeMissing, values: { startsWith: '', fresh: false } },
  });
  return (keyId) => rows(keyId) ?? (keyId.startsWith('kms:encryptioncontext:') ? unknown : undefined);
}

/**
 * RDS as a service principal, by its grant (rds-kms-operations 3.2). Which keys show the owning
 * account is not published, so both are held possible (6.2).
 */
function service({ bound, row, callerOrganization }: CallFacts): Lookup {
  const owner = maybe(bound.principal.account);
  const contextOf = encryptionContext(bound, resourceId(row, bound), false);
  const redacted: Possible = { absent: true, values: { startsWith: '', fresh: true } };
  const rows = table({
    'kms:viaservice': absent,
    'aws:viaawsservice': present('false'),
    'aws:calledvia': absent,
    'kms:calleraccount': owner,
    'aws:principalaccount': owner,
    'aws:principalorgid': absent,
    'aws:principalorgpaths': absent,
    'kms:encryptionalgorithm': present('SYMMETRIC_DEFAULT'),
  });
  // Built on demand: few policies name these keys.
  let made: Lookup | undefined;
  const sourceOf: Lookup = (keyId) => (made ??= table(sourceKeys(bound, callerOrganization)))(keyId);
  return (keyId) =>
    contextOf(keyId) ??
    rows(keyId) ??
    (keyId.startsWith('aws:source') ? sourceOf(keyId) : undefined) ??
    (isFilledBy('network', keyId) ? redacted : undefined);
}

/**
 * Whether RDS sends these is not published (rds-kms-operations 3.2). If it does, it sends those
 * that apply to the account.
 */
function sourceKeys({ region, principal }: Bound, { id, path }: OrganizationPath): KeyStates {
  const arn = rdsArn({ account: principal.account, region }, '');
  const ofAccount: KeyStates = {
    'aws:sourceaccount': maybe(principal.account),
    'aws:sourcearn': { absent: true, values: { startsWith: arn, fresh: false } },
  };
  if (id === undefined) return { ...together(ofAccount), 'aws:sourceorgid': unknown, 'aws:sourceorgpaths': unknown };
  if (id === null) return { ...together(ofAccount), 'aws:sourceorgid': absent, 'aws:sourceorgpaths': absent };
  const anyPath: Possible = { absent: true, values: { startsWith: `${id}/`, fresh: false } };
  return together({
    ...ofAccount,
    'aws:sourceorgid': maybe(id),
    'aws:sourceorgpaths': path === undefined ? anyPath : maybe(path),
  });
}

/** Properties of the KMS key (iam-evaluation 6.30, 6.43). */
function onKey({ key, row, bound }: CallFacts): Lookup {
  const metadata = key?.key?.KeyMetadata;
  const known = (value: string | undefined): Possible => (value === undefined ? presentUnknown : present(value));
  const aliases = key?.key?.Aliases;
  // An AWS managed key has the one alias by which it is known.
  const aliasOfManaged = key?.manager === 'AWS' && key.alias !== undefined ? present(key.alias) : unknown;
  const rows = table({
    'kms:keyspec': known(metadata?.KeySpec),
    'kms:keyusage': known(metadata?.KeyUsage),
    'kms:keyorigin': known(metadata?.Origin),
    'kms:multiregion': known(metadata?.MultiRegion === undefined ? undefined : String(metadata.MultiRegion)),
    'kms:multiregionkeytype':
      metadata?.MultiRegion === false
        ? absent
        : metadata?.MultiRegionConfiguration?.MultiRegionKeyType === undefined
          ? unknown
          : known(metadata.MultiRegionConfiguration.MultiRegionKeyType),
    'kms:resourcealiases':
      aliases === undefined
        ? aliasOfManaged
        : aliases.length === 0
          ? absent
          : present(...aliases.map((alias) => alias.AliasName)),
    // Whether RDS passes an alias on is not published (iam-evaluation 11.8); CreateGrant does not
    // carry the key.
    'kms:requestalias':
      row.action === 'kms:DescribeKey' && key?.requestAlias !== undefined
        ? maybe(key.requestAlias)
        : isOpenTo('kms-key-id', bound)
          ? unknown
          : absent,
  });
  const tags = key?.key?.Tags;
  return (keyId) =>
    rows(keyId) ??
    tagState(
      keyId,
      ['aws:resourcetag/'],
      tags === undefined ? undefined : Object.fromEntries(tags.map((tag) => [tag.TagKey, tag.TagValue])),
    );
}

/** Keys that are the same in every call with the principal's identity. */
function ofPrincipal(facts: CallFacts): Lookup {
  const { actor, row, callerOrganization } = facts;
  if (row.kind === 'service')
    return (keyId) => (isOfSession(keyId) || keyId.startsWith('aws:principaltag/') ? absent : undefined);
  const { id, path } = callerOrganization;
  const isPermanent = actor.type === 'user' || actor.type === 'root';
  const rows = table({
    'aws:principalorgid': id === undefined ? unknown : id === null ? absent : present(id),
    'aws:principalorgpaths': path !== undefined ? present(path) : id === null ? absent : unknown,
    'aws:multifactorauthpresent': { absent: true, values: [['true'], ['false']] },
    'aws:multifactorauthage': unknown,
    'aws:tokenissuetime': { absent: isPermanent, values: issueTimes(facts) },
    // Only a session of AssumeRoot has it (iam-evaluation 7B).
    ...(actor.type === 'root' ? {} : { 'aws:assumedroot': absent }),
  });
  return (keyId) => {
    if (keyId === 'aws:signinsessionarn') return unknown;
    const known = rows(keyId);
    if (known !== undefined) return known;
    if (isOfSession(keyId)) return actor.type === 'user' ? absent : unknown;
    return tagState(keyId, ['aws:principaltag/'], actor.tags);
  };
}

/** Tags of the resource of the call; a new resource has the tags of the request. */
function ofResource({ row, resourceAccount, resourceTags, resourceOrganization }: CallFacts): Lookup {
  const { id, path } = resourceOrganization;
  const organization = table({
    'aws:resourceaccount': present(resourceAccount),
    'aws:resourceorgid': id === undefined ? unknown : id === null ? absent : present(id),
    'aws:resourceorgpaths': path !== undefined ? present(path) : id === null ? absent : unknown,
  });
  const prefixes = ['aws:resourcetag/', `rds:${row.on.replace('new ', '')}-tag/`];
  return (keyId) =>
    organization(keyId) ?? (row.action.startsWith('kms:') ? undefined : tagState(keyId, prefixes, resourceTags));
}

/**
 * The state of a condition key that holds a tag, such as `aws:ResourceTag/team`. Undefined: the key
 * begins with none of the prefixes. `keyId`: lower case. `tags`: undefined if they are not known.
 */
export function tagState(
  keyId: string,
  prefixes: readonly string[],
  tags: Readonly<Record<string, string>> | undefined,
): Possible | undefined {
  const prefix = prefixes.find((one) => keyId.startsWith(one));
  if (prefix === undefined) return undefined;
  if (tags === undefined) return unknown;
  const name = keyId.slice(prefix.length);
  return byNames(Object.entries(tags).flatMap(([tag, value]) => (tag.toLowerCase() === name ? [[value]] : [])));
}

/** A day from now, so a policy that changes tomorrow does not read as settled. */
const aDay = 24 * 60 * 60;

const everyCall = table({
  'aws:securetransport': present('true'),
  'aws:useragent': presentUnknown,
  'aws:referer': unknown,
  'aws:tagkeys': absent,
});

function always({ evaluatedAt }: CallFacts): Lookup {
  return (keyId) =>
    keyId === 'aws:currenttime' || keyId === 'aws:epochtime' ? timesFrom(evaluatedAt) : everyCall(keyId);
}

function timesFrom(evaluatedAt: string): Possible {
  const now = secondsOf(evaluatedAt);
  return { absent: false, values: [[String(now)], [String(now + aDay)]] };
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

/** In hours. A role's session lasts 12 at most, one of a user or of a federated user 36. */
const longestSession = { ofRole: 12, ofUser: 36 } as const;

/**
 * Times from the first to the last at which credentials that are valid now or soon may have been
 * issued (iam-evaluation 7B). A policy that revokes older sessions does not concern them.
 */
function issueTimes({ actor: { type }, evaluatedAt }: CallFacts): readonly (readonly string[])[] {
  const now = secondsOf(evaluatedAt);
  const hours = type === 'role' || type === 'session' ? longestSession.ofRole : longestSession.ofUser;
  return [now - hours * 60 * 60, now, now + aDay].map((time) => [String(time)]);
}

/**
 * Global keys filled by these are in none of these calls, unless something above says so
 * (iam-evaluation 7B).
 */
const elsewhere: ReadonlySet<FilledBy | undefined> = new Set<FilledBy>([
  'service principal',
  'other channel',
  'request',
]);

/**
 * A key that a service defines for other actions is absent (iam-evaluation 7.7); a global key that
 * is not known here may be anything, and so may one of the service that is called.
 */
function rest({ row, bound }: CallFacts): Lookup {
  const own = `${servicePrefix(row.action)}:`;
  // A principal that can choose the request can also choose the channel through which it reaches
  // AWS.
  const isOpen = bound.anyRequest === true && row.kind !== 'service';
  return (keyId) => {
    const known = conditionKey(keyId);
    if (known?.filledBy === 'caller and resource') return undefined;
    if (isOpen && known?.filledBy === 'other channel') return unknown;
    if (keyId.startsWith('aws:')) return elsewhere.has(known?.filledBy) ? absent : unknown;
    return known === undefined && keyId.startsWith(own) && hasWholeTable.has(own) ? unknown : absent;
  };
}

/** Services whose keys are all in the table. A missing key is new, so its state is unknown. */
const hasWholeTable: ReadonlySet<string> = new Set(['kms:', 'rds:']);
