import { rdsArn, withoutPath } from '../base/arn.ts';
import { beginningOfAlias, beginningOfLater } from '../base/planned-name.ts';
import { servicePrefix, viaService } from '../base/service.ts';
import { type OrganizationPath } from '../evidence/lookup.ts';
import type { Principal } from '../evidence/principals.ts';
import { carriesKey } from '../operations/action-table.ts';
import type { CallRow } from '../operations/operation.ts';
import { conditionKey, type FilledBy, isMultivalued, isOfSession } from '../policy/condition-keys.ts';
import { absent, byNames, maybe, type Possible, present, presentUnknown, unknown } from '../policy/possible.ts';
import { type Bound, type BoundKey, isOpenTo } from './bind.ts';
import { rdsService } from './call-policies.ts';
import { requestKeys, resourceKeys } from './rds-context.ts';

/*
 * The condition keys that each kind of call carries (rds-kms-operations 3.1-3.3, iam-evaluation 7).
 * Keys that change together are linked here.
 */

/** Everything that determines the condition keys of one call. */
export interface CallFacts {
  readonly bound: Bound;
  readonly row: CallRow;
  /** The principal whose identity the call has, unless a service calls with its own identity. */
  readonly actor: Principal;
  /** The key of the call, for calls to KMS. */
  readonly key: BoundKey | undefined;
  /** The account that owns the resource, even if the resource is a shared snapshot. */
  readonly resourceAccount: string;
  /** The tags of the RDS resource. Undefined: not known. */
  readonly resourceTags: Readonly<Record<string, string>> | undefined;
  /** Whether these tags are assumed. */
  readonly tagsAreAssumed: boolean;
  readonly callerOrganization: OrganizationPath;
  readonly resourceOrganization: OrganizationPath;
  /** By lower-case name, as given with --context. */
  readonly supplied: ReadonlyMap<string, readonly string[]>;
  readonly evaluatedAt: string;
  /** The times with which policies compare the time of the call, in seconds since 1970. Absent: none. */
  readonly times?: (() => Iterable<number>) | undefined;
  /**
   * Whether inferred rules about forwarded calls, and assumed tags, are taken to be true. No certain
   * answer depends on such a rule (iam-evaluation 14.17).
   */
  readonly inferred: Inferred;
}

export type Inferred = 'open' | 'taken';

type Lookup = (keyId: string) => Possible | undefined;

type Making = (facts: CallFacts) => Lookup;

/** The state of each condition key that the engine does not derive from the caller itself. */
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

/** By lower-case names, as the engine uses them. */
type KeyStates = Readonly<Record<Lowercase<string>, Possible>>;

function table(rows: KeyStates): Lookup {
  return (keyId) => (isIn(rows, keyId) ? rows[keyId] : undefined);
}

function isIn(rows: KeyStates, keyId: string): keyId is Lowercase<string> {
  return Object.hasOwn(rows, keyId);
}

/** Links keys that a service sends either all or not at all. */
function together(rows: KeyStates): KeyStates {
  const keys = Object.keys(rows);
  return Object.fromEntries(
    Object.entries(rows).map(([key, possible]) => [
      key,
      { ...possible, together: keys.filter((other) => other !== key) },
    ]),
  );
}

/** Several values that are given for a single-valued key are its possible values. */
function supplied({ supplied: given }: CallFacts): Lookup {
  return (keyId) => {
    const values = given.get(keyId);
    // The value follows from the services that the call went through.
    if (values === undefined || keyId === 'aws:viaawsservice') return undefined;
    if (values.every((value) => value === '')) return absent;
    return { absent: false, values: isMultivalued(keyId) ? [values] : values.map((value) => [value]) };
  };
}

/** What the user states about the caller does not apply to RDS's own calls. */
function suppliedToService(facts: CallFacts): Lookup {
  const lookUp = supplied(facts);
  return (keyId) => (keyId.startsWith('kms:') ? lookUp(keyId) : undefined);
}

function isFilledBy(filledBy: FilledBy, keyId: string): boolean {
  return conditionKey(keyId)?.filledBy === filledBy;
}

const eitherWay: Possible = { absent: false, values: [['true'], ['false']] };

/**
 * Whether another service, such as CloudFormation, makes the principal's call on its behalf.
 * `services`: which services, in order; absent: not known.
 */
type Way =
  | { readonly byService: 'never' | 'perhaps' }
  | { readonly byService: 'always'; readonly services?: readonly string[] };

/**
 * Whether the call comes through a service. A principal that can choose the request can also have a
 * service make it.
 */
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

/** The keys that show whether a service makes a call of the principal, and which service. */
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
 * A request has either an IP address or the keys of a VPC endpoint. If one is given, the other is
 * absent.
 */
function network({ supplied: given }: CallFacts): Lookup {
  const isGiven = (key: string): boolean => given.get(key)?.some((value) => value !== '') === true;
  if (endpointKeys.some(isGiven)) return byEndpoint;
  return isGiven('aws:sourceip') ? byPublicEndpoint : byAnyEndpoint;
}

/** The principal's own call. Only the user's flags say which network it comes from. */
function direct(facts: CallFacts): Lookup {
  const { row, bound } = facts;
  const way = network(facts);
  const sent = requestKeys(row, bound);
  const instance = resourceKeys(row, bound);
  const called = wayOf(facts);
  const byService = sentBy(called);
  const passed = passedOn(facts);
  // AWS does not publish whether a service passes this key on (iam-evaluation 11.7).
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
  // A principal that can choose the request can also have a service make the call.
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

/**
 * For these actions, it is not known whether a direct call carries false or no value
 * (iam-evaluation 11.5).
 */
function concernsGrants(action: string): boolean {
  return ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'].includes(action);
}

/** Whether a request for an action may carry tags. */
function carriesTags(action: string): boolean {
  return carriesKey(action, 'aws:tagkeys');
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
 * The Regions that may appear in kms:ViaService of a call on a key. It is inferred that a
 * cross-Region copy calls the key of its source from the Region of the source (rds-kms-operations
 * 4.5).
 */
function regionsOfCall({ bound, inferred }: CallFacts, { region }: BoundKey): readonly string[] {
  return inferred === 'taken' || region === bound.region ? [region] : [region, bound.region];
}

/**
 * A call with a customer role that a service has assumed. AWS does not publish whether such a
 * service calls KMS itself or through another service. aws:ViaAWSService follows from
 * kms:ViaService.
 */
function byRole(facts: CallFacts): Lookup {
  const { bound } = facts;
  const rows = table({
    'kms:viaservice': viaServiceOf(facts),
    'kms:grantisforawsresource': absent,
    'kms:encryptioncontextkeys': unknown,
    // Sessions carry this key (iam-evaluation 7B). AWS does not say whether a session that a
    // service starts does.
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

/** `as`: whether the services certainly set the keys. */
function calledViaOf(services: readonly string[], as: typeof present | typeof maybe): KeyStates {
  return calledViaAs(as(...services), as(...services.slice(0, 1)), as(...services.slice(-1)));
}

/**
 * The services that a call of RDS went through. RDS is the last. This was observed on calls of SQS.
 * Neither SQS nor RDS is in AWS's old list of services that set the keys (iam-evaluation 14.17).
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

/** The network keys of the principal's call that a service does not pass on. */
const notForwarded = table({
  // It is disputed whether the address of the first call is kept (iam-evaluation 10.1).
  'aws:sourceip': unknown,
  ...Object.fromEntries(endpointKeys.map((key) => [key, absent])),
});

/**
 * It is inferred that these keys are not passed on. AWS documents it for the other network keys
 * (iam-evaluation 7B).
 */
const perhapsForwarded: ReadonlySet<string> = new Set([
  'aws:sourcevpcarn',
  'aws:vpceaccount',
  'aws:vpceorgid',
  'aws:vpceorgpaths',
]);

/** The network keys of a call that a service makes for the principal. */
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
 * The given keys of the principal's own call that a service passes on. It is inferred that the
 * service passes on how the session was made, but not the channel of the call (iam-evaluation 7B).
 */
function suppliedAndForwarded(facts: CallFacts): Lookup {
  const lookUp = supplied(facts);
  return (keyId) => {
    const given = lookUp(keyId);
    if (given === undefined || (!isUndocumentedSessionKey(keyId) && !isFilledBy('other channel', keyId))) return given;
    if (facts.inferred === 'open') return perhaps(given);
    return isFilledBy('other channel', keyId) ? absent : given;
  };
}

/**
 * Whether a key describes how the session was made, and AWS does not document that services pass it
 * on.
 */
function isUndocumentedSessionKey(keyId: string): boolean {
  return isFilledBy('session', keyId) && !statedAsForwarded.has(keyId);
}

const statedAsForwarded: ReadonlySet<string> = new Set([
  'aws:federatedprovider',
  'aws:sourceidentity',
  'aws:assumedroot',
]);

/**
 * A call that a service forwards (rds-kms-operations 3.1). The user cannot set keys that the
 * service itself decides.
 */
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
    // AWS does not publish whether RDS passes this key on (iam-evaluation 11.7).
    'aws:tokenissuetime': { absent: true, values: forwardedIssueTimes(facts) },
  });
  return (keyId) => sent(keyId) ?? rows(keyId) ?? calledVia(keyId) ?? passed(keyId);
}

/**
 * A forwarded call carries the attributes of the caller's session. Long-term keys carry no such
 * condition key. But the forwarded call uses temporary credentials, so for long-term keys it
 * carries false (iam-evaluation 7.2, 7.4).
 */
function forwardedMfa({ supplied: given }: CallFacts): Possible {
  const values = given.get('aws:multifactorauthpresent');
  return values === undefined ? eitherWay : present(String(values.some((value) => value.toLowerCase() === 'true')));
}

/**
 * The issue time of the caller's session, or a later time, because RDS may have newer credentials.
 */
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

/**
 * The parameters of the grant that RDS creates. Most of them are not published (rds-kms-operations
 * 3.1).
 */
function forwardedCreateGrant({ row, bound }: CallFacts): Lookup {
  if (row.action !== 'kms:CreateGrant') return () => undefined;
  // It is only inferred that RDS constrains its grant.
  const contextOf =
    row.on === 'target key' || row.on === 'storage key'
      ? encryptionContext(bound, { ...resourceId(row, bound), absent: true }, true)
      : otherContext;
  return (keyId) => contextOf(keyId) ?? everyGrant(keyId);
}

/**
 * The resource ID in the encryption context of RDS: the ID of the new resource, which is not known
 * yet, or the ID of the source.
 */
function resourceId(row: CallRow, { operation: { makes }, source }: Bound): Possible {
  if (row.on === 'target key' && makes === 'cluster')
    return { absent: false, values: { startsWith: 'cluster-', fresh: true } };
  if (row.on === 'target key' && makes === 'db') return { absent: false, values: { startsWith: 'db-', fresh: true } };
  // A copy has no resource ID of its own. For a snapshot under another key, the ID may be that of
  // the old or of the new resource.
  const settled = row.on === 'storage key' && makes !== 'cluster' && makes !== 'db';
  return settled && source?.resourceId !== undefined ? present(source.resourceId) : presentUnknown;
}

/**
 * The encryption context of RDS has the resource ID of the cluster or instance. If EBS takes part,
 * the context also has an ID of the volume (iam-evaluation 6.38, rds-kms-operations 3.1, 10).
 */
function encryptionContext({ operation: { makes }, source }: Bound, id: Possible, mayBeMissing: boolean): Lookup {
  const type = makes === 'cluster' || makes === 'db' ? makes : (source?.type ?? 'cluster');
  const [own, other] = type.startsWith('cluster') ? ['dbc-id', 'db-id'] : ['db-id', 'dbc-id'];
  const rows = table({
    [`kms:encryptioncontext:aws:rds:${own}`]: id,
    [`kms:encryptioncontext:aws:rds:${other}`]: absent,
    // The context has at least this key. AWS does not publish which others there are.
    'kms:encryptioncontextkeys': { absent: mayBeMissing, values: { startsWith: '', fresh: false } },
  });
  return (keyId) => rows(keyId) ?? (keyId.startsWith('kms:encryptioncontext:') ? unknown : undefined);
}

/** The context under the key of a secret or of Performance Insights is not that of the storage. */
const otherContext: Lookup = (keyId) =>
  keyId === 'kms:encryptioncontextkeys' || keyId.startsWith('kms:encryptioncontext:') ? unknown : undefined;

/**
 * The state of a key of the network in a call of a service principal: AWS conceals the network
 * (iam-evaluation 7.5).
 */
export const ofServiceNetwork: Possible = { absent: true, values: { startsWith: '', fresh: true } };

/**
 * A call of RDS as a service principal, with its grant (rds-kms-operations 3.2). AWS does not
 * publish which keys show the owning account, so both may be present (6.2).
 */
function service({ bound, row, callerOrganization }: CallFacts): Lookup {
  const owner = maybe(bound.principal.account);
  const contextOf = encryptionContext(bound, resourceId(row, bound), false);
  const rows = table({
    'kms:viaservice': absent,
    'aws:viaawsservice': present('false'),
    'aws:calledvia': absent,
    'aws:calledviafirst': absent,
    'aws:calledvialast': absent,
    'kms:calleraccount': owner,
    'aws:principalaccount': owner,
    'aws:principalorgid': absent,
    'aws:principalorgpaths': absent,
  });
  // Built on demand: few policies name these keys.
  let made: Lookup | undefined;
  const sourceOf: Lookup = (keyId) => (made ??= table(sourceKeys(bound, callerOrganization)))(keyId);
  return (keyId) =>
    contextOf(keyId) ??
    rows(keyId) ??
    (keyId.startsWith('aws:source') ? sourceOf(keyId) : undefined) ??
    (isFilledBy('network', keyId) ? ofServiceNetwork : undefined);
}

/**
 * AWS does not publish whether RDS sends these keys (rds-kms-operations 3.2). If it does, it sends
 * those of the account.
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
  // An AWS managed key has only the alias by which it is known.
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
        : aliases.length > usualAliases
          ? { ...unknown, isBeyondQuota: true }
          : aliasesOf(aliases.map((one) => one.AliasName)),
    // AWS does not publish whether RDS passes an alias on (iam-evaluation 11.8). CreateGrant does
    // not carry the key.
    'kms:requestalias':
      carriesKey(row.action, 'kms:requestalias') && key?.requestAlias !== undefined
        ? { ...aliasesOf([key.requestAlias]), absent: true }
        : isOpenTo('kms-key-id', bound)
          ? unknown
          : absent,
    // A request that leaves the algorithm out carries the default (iam-evaluation 6.39).
    'kms:encryptionalgorithm': carriesKey(row.action, 'kms:encryptionalgorithm')
      ? present('SYMMETRIC_DEFAULT')
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

/** The quota of aliases of a key, unless AWS has raised it (iam-evaluation 8). */
const usualAliases = 50;

/**
 * The names of a key's aliases. A plan may have only the beginning of a name. Beside another alias,
 * such a name leaves all of them open, because one text cannot stand for both.
 */
function aliasesOf(names: readonly string[]): Possible {
  const [first] = names;
  if (first === undefined) return absent;
  const startsWith = names.flatMap((name) => beginningOfAlias(name) ?? [])[0];
  if (startsWith === undefined) return present(...names);
  return names.length === 1 ? { absent: false, values: { startsWith, fresh: false } } : unknown;
}

/** Keys with the same value in every call with the principal's identity. */
function ofPrincipal(facts: CallFacts): Lookup {
  const { actor, row, callerOrganization } = facts;
  if (row.kind === 'service') return (keyId) => (isOfCredentials(keyId) ? absent : undefined);
  const { id, path } = callerOrganization;
  const isPermanent = actor.type === 'user' || actor.type === 'root';
  const rows = table({
    'aws:principalorgid': id === undefined ? unknown : id === null ? absent : present(id),
    'aws:principalorgpaths': path !== undefined ? present(path) : id === null ? absent : unknown,
    'aws:multifactorauthpresent': { absent: true, values: [['true'], ['false']] },
    'aws:multifactorauthage': unknown,
    'aws:tokenissuetime': { absent: isPermanent, values: issueTimes(facts) },
    // Only a session of AssumeRoot carries this key (iam-evaluation 7B).
    ...(actor.type === 'root' ? {} : { 'aws:assumedroot': absent }),
  });
  return (keyId) => {
    if (keyId === 'aws:signinsessionarn') return unknown;
    const known = rows(keyId);
    if (known !== undefined) return known;
    if (isOfSession(keyId)) return actor.type === 'user' ? absent : unknown;
    return factOfPrincipal(keyId, actor);
  };
}

/**
 * Whether a key describes the credentials of a user, role or root user. A service principal has none
 * (iam-evaluation 7B).
 */
function isOfCredentials(keyId: string): boolean {
  return isOfSession(keyId) || keyId.startsWith('aws:principaltag/') || ofTemporaryCredentials.has(keyId);
}

const ofTemporaryCredentials: ReadonlySet<string> = new Set([
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:tokenissuetime',
]);

/**
 * The state of a condition key that only the principal decides: a tag, or a name that a plan shows
 * only in part. Undefined: another key, or the whole name is known. `keyId`: lower case.
 */
export function factOfPrincipal(
  keyId: string,
  { arn, roleArn, type, tags }: Pick<Principal, 'arn' | 'roleArn' | 'type' | 'tags'>,
): Possible | undefined {
  if (keyId === 'aws:principalarn' || (keyId === 'aws:username' && type === 'user')) {
    const startsWith = beginningOfLater(roleArn ?? arn);
    if (startsWith === undefined) return undefined;
    // A policy that refers to the principal has its placeholder. No policy can have its name yet.
    return keyId === 'aws:username'
      ? { absent: false, values: { startsWith: '', fresh: true, standIn: withoutPath(arn) } }
      : { absent: false, values: { startsWith, fresh: true, standIn: roleArn ?? arn } };
  }
  return tagState(keyId, ['aws:principaltag/'], tags);
}

/** The tags of the call's resource. A new resource has the tags of the request. */
function ofResource(facts: CallFacts): Lookup {
  const { row, resourceAccount, resourceOrganization } = facts;
  const resourceTags = facts.tagsAreAssumed && facts.inferred === 'open' ? undefined : facts.resourceTags;
  const { id, path } = resourceOrganization;
  const organization = table({
    'aws:resourceaccount': present(resourceAccount),
    'aws:resourceorgid': id === undefined ? unknown : id === null ? absent : present(id),
    'aws:resourceorgpaths': path !== undefined ? present(path) : id === null ? absent : unknown,
  });
  const prefixes = ['aws:resourcetag/', `rds:${row.on.replace('new ', '')}-tag/`];
  // AWS Backup may send further tags by itself.
  const mayHaveMore = facts.bound.operation.runsAsRole === true && row.on.startsWith('new ');
  return (keyId) => {
    const known = organization(keyId);
    if (known !== undefined || row.action.startsWith('kms:')) return known;
    const state = tagState(keyId, prefixes, resourceTags);
    return mayHaveMore && state === absent ? unknown : state;
  };
}

/**
 * The state of a condition key for a tag, such as `aws:ResourceTag/team`. Undefined: the key begins
 * with none of the prefixes. `keyId`: lower case. `tags`: undefined if they are not known.
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

/** In seconds. An answer covers the calls of one day, and stays open if a policy gives another one on that day. */
const aDay = 24 * 60 * 60;

/** Keys that every call carries, except its time. */
export const everyCall: Lookup = table({
  'aws:securetransport': present('true'),
  'aws:useragent': presentUnknown,
  'aws:referer': unknown,
});

function always({ evaluatedAt, times }: CallFacts): Lookup {
  return (keyId) =>
    keyId === 'aws:currenttime' || keyId === 'aws:epochtime' ? timesFrom(evaluatedAt, times) : everyCall(keyId);
}

/**
 * The values of aws:CurrentTime and aws:EpochTime in calls of one day. `evaluatedAt`: when the day
 * begins, as ISO text. `compared`: the times with which policies compare the time of a call, in seconds
 * since 1970. Between two of these, and before and after them, every call gets the same answer.
 */
export function timesFrom(evaluatedAt: string, compared: () => Iterable<number> = () => []): Possible {
  const now = secondsOf(evaluatedAt);
  const around = [...compared()].flatMap((time) => [Math.ceil(time) - 1, time, Math.floor(time) + 1]);
  const within = around.filter((time) => time > now && time < now + aDay).toSorted((one, other) => one - other);
  return { absent: false, values: [...new Set([now, ...within, now + aDay])].map((time) => [String(time)]) };
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

/**
 * In hours. A session of a role lasts at most 12 hours, a session of a user or federated user 36.
 */
const longestSession = { ofRole: 12, ofUser: 36 } as const;

/**
 * The earliest, the present and the latest time at which credentials that are valid now or soon may
 * have been issued (iam-evaluation 7B). A policy that revokes older sessions does not affect them.
 */
function issueTimes({ actor: { type }, evaluatedAt }: CallFacts): readonly (readonly string[])[] {
  const now = secondsOf(evaluatedAt);
  const hours = type === 'role' || type === 'session' ? longestSession.ofRole : longestSession.ofUser;
  return [now - hours * 60 * 60, now, now + aDay].map((time) => [String(time)]);
}

/**
 * Global keys that these set are absent from these calls, unless a rule above says otherwise
 * (iam-evaluation 7B).
 */
const elsewhere: ReadonlySet<FilledBy | undefined> = new Set<FilledBy>([
  'service principal',
  'other channel',
  'request',
]);

/**
 * All other keys. A key that a service defines for other actions is absent (iam-evaluation 7.7). A
 * global key that is not in the table may have any value, and so may an unlisted key of the called
 * service. What another service than RDS receives with a call is not published, so a key that the
 * action carries is unknown.
 */
function rest({ row, bound }: CallFacts): Lookup {
  const own = `${servicePrefix(row.action)}:`;
  const isSaid = (keyId: string): boolean =>
    own === 'rds:' || keyId.startsWith(attestation) || !carriesKey(row.action, keyId);
  // A principal that can choose the request can also choose its channel into AWS.
  const isOpen = bound.anyRequest === true && row.kind !== 'service';
  return (keyId) => {
    const known = conditionKey(keyId);
    if (known?.filledBy === 'caller and resource') return undefined;
    if (isOpen && known?.filledBy === 'other channel') return unknown;
    if (keyId.startsWith('aws:')) return elsewhere.has(known?.filledBy) && isSaid(keyId) ? absent : unknown;
    if (known === undefined && hasWholeTable.has(own)) return keyId.startsWith(own) ? unknown : absent;
    return isSaid(keyId) ? absent : unknown;
  };
}

/** Only a Nitro enclave sends an attestation, and no service calls KMS from one. */
const attestation = 'kms:recipientattestation:';

/**
 * Services for which the table has every key. A key that is missing there is new, so its state is
 * unknown.
 */
const hasWholeTable: ReadonlySet<string> = new Set(['kms:', 'rds:']);
