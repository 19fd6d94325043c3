import type { PatternPart } from '../base/glob.ts';
import type { Caller } from './caller.ts';
import { isUserText } from './condition-keys.ts';
import { arnReaches } from './identities.ts';
import { arnLike, exact as exactly, type Matcher, oneOf } from './matchers.ts';
import { certain, isAnyText } from './possible.ts';
import { limitedTo, nobody, type Reach } from './reach.ts';
import { contextOf, type EngineRequest, factHolds } from './request.ts';
import {
  and,
  contextFact,
  grantConstraintFact,
  grantIssuerFact,
  grantPartFact,
  not,
  or,
  ruleFact,
  type Truth,
  unknownBy,
} from './truth.ts';

/**
 * A grant as kms:ListGrants shows it. Every grant has a grantee and operations, so a grant without
 * them was not fully read.
 */
export interface Grant {
  readonly GrantId?: string | undefined;
  readonly Name?: string | undefined;
  readonly GranteePrincipal?: string | undefined;
  readonly GranteeServicePrincipal?: string | undefined;
  readonly RetiringPrincipal?: string | undefined;
  readonly IssuingAccount?: string | undefined;
  readonly Operations?: readonly string[] | undefined;
  readonly Constraints?: GrantConstraints | undefined;
}

export interface GrantConstraints {
  readonly EncryptionContextSubset?: Readonly<Record<string, string>> | undefined;
  readonly EncryptionContextEquals?: Readonly<Record<string, string>> | undefined;
  readonly SourceArn?: string | undefined;
}

/**
 * Whether a grant allows the request, and how. A grantee counts like the same kind of principal in
 * a resource policy (iam-evaluation 6.16-6.20, 13.1).
 */
export function grantCovers(grant: Grant, request: EngineRequest): Reach {
  const grantee = granteeReaches(grant, request);
  if (grantee === nobody) return nobody;
  const operation = request.action.slice('kms:'.length);
  const { Operations: operations } = grant;
  if (operations?.every((name) => name.toLowerCase() !== operation) === true) return nobody;
  const constrained = and(
    constraintsHold(grant, operation, request),
    operation === 'creategrant' ? operationsCovered(grant, request) : true,
  );
  return limitedTo(grantee, and(operations === undefined ? partUnread(grant, request) : true, constrained));
}

function partUnread(grant: Grant, request: EngineRequest): Truth {
  return factHolds(grantPartFact(grantNameOf(grant)), request);
}

function granteeReaches(grant: Grant, request: EngineRequest): Reach {
  const { caller } = request;
  const grantee = granteeOf(grant);
  if (grantee === undefined) return { ...nobody, direct: partUnread(grant, request) };
  if (caller.type === 'service') return grantee === caller.name ? { ...nobody, direct: true } : nobody;
  if (isAccount(grantee, caller)) {
    // It is not known whether an account as grantee also needs an identity policy (iam-evaluation
    // 11.3).
    return {
      ...nobody,
      direct: factHolds(ruleFact('iam-evaluation 11.3', grantNameOf(grant)), request),
    };
  }
  return arnReaches(grantee, caller);
}

/** The principal of a grant. Undefined: it was not read. */
export function granteeOf({
  GranteePrincipal: principal,
  GranteeServicePrincipal: service,
}: Grant): string | undefined {
  return principal ?? service;
}

type InAccount = Exclude<Caller, { type: 'service' }>;

/** Whether a principal is the caller's account: its ID or its root ARN. */
function isAccount(principal: string | undefined, { account, iam }: InAccount): boolean {
  if (principal === account) return true;
  return principal?.length === iam.length + 'root'.length && principal.startsWith(iam) && principal.endsWith('root');
}

/**
 * The grants that name the caller, or may: as grantee, or as a principal that may retire the grant.
 * A grant whose grantee was not read may name anybody.
 * A key may have 50,000 grants, so this first pass only compares texts. Only the grants that are
 * left are evaluated.
 */
export function grantsNaming({ caller, action }: EngineRequest, grants: readonly Grant[]): readonly Grant[] {
  const retires = action === 'kms:retiregrant';
  const named = namesOf(caller);
  const found: Grant[] = [];
  for (const grant of grants) {
    const { RetiringPrincipal: retiring } = grant;
    const grantee = granteeOf(grant);
    if (
      grantee === undefined ||
      named(grantee) ||
      (retires && (named(retiring ?? '') || mayHaveIssued(grant, named, caller)))
    )
      found.push(grant);
  }
  return found;
}

/**
 * If the issuing account was not read, it may be any account. Only the root user counts as the
 * account.
 */
function mayHaveIssued({ IssuingAccount: issuer }: Grant, named: (text: string) => boolean, caller: Caller): boolean {
  return issuer === undefined ? caller.type === 'root' : named(issuer);
}

/**
 * Whether a text names the caller, or may name the caller where something about the caller is
 * unknown.
 */
function namesOf(caller: Caller): (text: string) => boolean {
  if (caller.type === 'service') return (text) => text === caller.name;
  const { account, iam } = caller;
  const root = `${iam}root`;
  if (caller.type === 'root') return (text) => text === account || text === root;
  if (caller.type === 'user') return (text) => text === caller.arn || text === account || text === root;
  if (caller.type === 'federated user')
    return (text) => text === caller.arn || text === account || text.startsWith(iam);
  const { role, roleName, sessions } = caller;
  if (role !== undefined)
    return (text) => text === role || text === account || text === root || text.startsWith(sessions);
  const last = roleName.charCodeAt(roleName.length - 1);
  return (text) =>
    text === account ||
    text === root ||
    text.startsWith(sessions) ||
    (text.charCodeAt(text.length - 1) === last && text.endsWith(roleName));
}

/** iam-evaluation 6.20. The encryption context does not matter for DescribeKey and RetireGrant. */
function constraintsHold(grant: Grant, operation: string, request: EngineRequest): Truth {
  const {
    EncryptionContextEquals: equals,
    EncryptionContextSubset: subset,
    SourceArn: source,
  } = grant.Constraints ?? {};
  const fromSource = source === undefined ? true : keyMeets('aws:SourceArn', arnLike(literally(source, true)), request);
  if (fromSource === false || operation === 'describekey' || operation === 'retiregrant') return fromSource;
  const wanted = Object.entries(equals ?? subset ?? {});
  let holds: Truth = fromSource;
  for (const [name, value] of wanted) holds = and(holds, pairHolds(name, value, grant, request));
  if (equals === undefined || holds === false) return holds;
  holds = and(holds, holdsNoOtherPair(new Set(wanted.map(([name]) => name)), grant, request));
  return operation === 'creategrant' ? and(holds, childIsExact(request)) : holds;
}

function literally(text: string, wildcards = false): readonly PatternPart[] {
  return [{ text, wildcards }];
}

/**
 * Whether the request has the key with a value that the constraint accepts. The state of the key
 * may be unknown.
 */
function keyMeets(key: string, matcher: Matcher, request: EngineRequest): Truth {
  const keyId = key.toLowerCase();
  const { absent, values } = contextOf(request, keyId);
  const open = unknownBy(contextFact(key));
  const each: Truth[] = absent ? [false] : [];
  if (isAnyText(values)) {
    const extent = matcher.meetsContinuation(values.startsWith, values.fresh);
    each.push(extent === 'some' ? open : extent === 'all');
    if (isUserText(keyId) && values.startsWith === '' && !values.fresh) each.push(matcher.meets('') === true);
  } else each.push(...values.map(([value = '']) => matcher.meets(value) === true));
  const [first = false] = each;
  return each.every((one) => one === first) ? first : open;
}

const pairPrefix = 'kms:EncryptionContext:';

/** The name of the pair that a condition key tests. Undefined: the key tests no pair. */
function pairName(key: string): string | undefined {
  return key.toLowerCase().startsWith(pairPrefix.toLowerCase()) ? key.slice(pairPrefix.length) : undefined;
}

/**
 * Whether one pair of a constraint holds. Grants compare names with case, condition keys without
 * (iam-evaluation 1.6, 6.20).
 */
function pairHolds(name: string, value: string, grant: Grant, request: EngineRequest): Truth {
  const key = `${pairPrefix}${name}`;
  const { input, states } = request;
  const given = Object.entries(input.context ?? {}).filter(
    ([other]) => pairName(other)?.toLowerCase() === name.toLowerCase(),
  );
  const exact = given.find(([other]) => pairName(other) === name)?.[1];
  const names = certain(contextOf(request, 'kms:encryptioncontextkeys'));
  if (given.length > 0) return exact === value;
  if (names !== undefined && names !== 'absent' && !names.includes(name)) return false;
  const holds = keyMeets(key, exactly(literally(value)), request);
  const keyId = key.toLowerCase();
  const stated = states?.has(keyId) === true || input.possible?.(keyId) !== undefined;
  // If the names of the pairs are unknown, the request may have a pair about which nothing is
  // known.
  return holds === false && !stated && names === undefined ? openConstraint(grant, request) : holds;
}

/** Whether the request's encryption context has no other pairs than these. */
function holdsNoOtherPair(wanted: ReadonlySet<string>, grant: Grant, request: EngineRequest): Truth {
  const { input, states } = request;
  const keys = contextOf(request, 'kms:encryptioncontextkeys');
  if (!isAnyText(keys.values) && keys.values.length > 0) {
    const each = [
      ...keys.values.map((names) => names.every((name) => wanted.has(name))),
      ...(keys.absent ? [true] : []),
    ];
    const [first = true] = each;
    return each.every((one) => one === first) ? first : unknownBy(contextFact('kms:EncryptionContextKeys'));
  }
  const ids = new Set([...wanted].map((name) => name.toLowerCase()));
  const others = [...Object.keys(input.context ?? {}), ...(input.unknownKeys ?? []), ...(states?.keys() ?? [])].filter(
    (key) => {
      const name = pairName(key);
      return name !== undefined && !ids.has(name.toLowerCase());
    },
  );
  let none: Truth = true;
  for (const key of others) none = and(none, not(isThere(key, request)));
  return isAnyText(keys.values) ? and(none, openConstraint(grant, request)) : none;
}

function isThere(key: string, request: EngineRequest): Truth {
  const { absent, values } = contextOf(request, key.toLowerCase());
  if (!absent) return true;
  return !isAnyText(values) && values.length === 0 ? false : unknownBy(contextFact(key));
}

function openConstraint(grant: Grant, request: EngineRequest): Truth {
  return factHolds(grantConstraintFact(grantNameOf(grant)), request);
}

/**
 * A grant with an `Equals` constraint can only be passed on in a grant that is as strict
 * (iam-evaluation 6.21, 13.2).
 */
function childIsExact(request: EngineRequest): Truth {
  const key = 'kms:GrantConstraintType';
  if (certain(contextOf(request, key.toLowerCase())) === 'absent') return true;
  return or(keyMeets(key, exactly(literally('EncryptionContextEquals')), request), not(isThere(key, request)));
}

/**
 * A grantee of a grant that allows CreateGrant can pass on only operations of that grant
 * (iam-evaluation 6.21).
 */
function operationsCovered(grant: Grant, request: EngineRequest): Truth {
  if (grant.Operations === undefined) return partUnread(grant, request);
  if (holdsEveryOperation(grant, request)) return true;
  const asked = certain(contextOf(request, 'kms:grantoperations'));
  if (asked === 'absent') return openConstraint(grant, request);
  if (asked === undefined) return unknownBy(contextFact('kms:GrantOperations'));
  return asked.every((operation) => grant.Operations?.includes(operation) === true);
}

/**
 * The operations that a grant may allow on a symmetric encryption key, and those for other types of
 * keys.
 */
const operationsOf = {
  symmetric: [
    'CreateGrant',
    'Decrypt',
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
    'RetireGrant',
  ],
  others: ['DeriveSharedSecret', 'GenerateMac', 'GetPublicKey', 'Sign', 'Verify', 'VerifyMac'],
} as const;

/**
 * Whether a grant already has every operation that a request could name. Operations must suit the
 * type of the key (iam-evaluation 6.19).
 */
function holdsEveryOperation({ Operations: held = [] }: Grant, request: EngineRequest): boolean {
  const { symmetric, others } = operationsOf;
  const isSymmetric = certain(contextOf(request, 'kms:keyspec'))?.[0] === 'SYMMETRIC_DEFAULT';
  return [...symmetric, ...(isSymmetric ? [] : others)].every((operation) => held.includes(operation));
}

/**
 * What grants compare a condition key with: tests of its value, and values that they name. `keyId`:
 * lower case.
 */
export function testsOfGrants(
  keyId: string,
  grants: readonly Grant[],
): { readonly matchers: readonly Matcher[]; readonly named: readonly string[] } {
  const limits = grants.map(({ Constraints }) => Constraints ?? {});
  if (keyId === 'aws:sourcearn') {
    const sources = limits.flatMap(({ SourceArn }) => SourceArn ?? []);
    return { matchers: sources.map((source) => arnLike(literally(source, true))), named: [] };
  }
  if (keyId === 'kms:grantoperations') {
    const passing = grants.map(({ Operations }) => Operations ?? []).filter((names) => names.includes('CreateGrant'));
    return { matchers: passing.map((names) => oneOf(names)), named: [...new Set(passing.flat())] };
  }
  if (keyId === 'kms:grantconstrainttype') {
    const type = 'EncryptionContextEquals';
    return limits.some((limit) => limit[type] !== undefined)
      ? { matchers: [exactly(literally(type))], named: [type] }
      : { matchers: [], named: [] };
  }
  const pair = pairName(keyId);
  const values = limits
    .flatMap((limit) => Object.entries(limit.EncryptionContextEquals ?? limit.EncryptionContextSubset ?? {}))
    .flatMap(([name, value]) => (name.toLowerCase() === pair ? [value] : []));
  return { matchers: values.map((value) => exactly(literally(value))), named: values };
}

/**
 * Whether the caller may retire the grant: the retiring principal, the grantee of a grant with
 * RetireGrant, or the issuing account (iam-evaluation 6.24).
 */
export function mayRetire(grant: Grant, request: EngineRequest): Truth {
  const { caller } = request;
  if (caller.type === 'service') return grant.RetiringPrincipal === caller.name;
  const retiring = grant.RetiringPrincipal === undefined ? nobody : arnReaches(grant.RetiringPrincipal, caller);
  const grantee = grantCovers(grant, request);
  const issued = caller.type === 'root' && issuedByOwnAccount(grant, request);
  return or(or(retiring.direct, retiring.bounded), or(or(grantee.direct, grantee.bounded), issued));
}

/**
 * Whether the caller's own account issued the grant, which matters across accounts (iam-evaluation
 * 14.15).
 */
export function issuedByOwnAccount(grant: Grant, request: EngineRequest): Truth {
  if (request.caller.type === 'service') return false;
  if (grant.IssuingAccount === undefined) return factHolds(grantIssuerFact(grantNameOf(grant)), request);
  return isAccount(grant.IssuingAccount, request.caller);
}

/** The name of a grant in texts: its ID, or else another property. */
export function grantNameOf(grant: Grant): string {
  return grant.GrantId ?? grant.Name ?? grant.GranteePrincipal ?? 'grant';
}
