import { arnParts, isAccountId, kmsArn } from '../base/arn.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Source } from '../evidence/sources.ts';
import type { CallRow, Guard } from '../operations/operation.ts';
import { parameterNaming } from '../operations/request-parameters.ts';
import { readDocument } from '../policy/parse.ts';
import { type Assumption, isOfReach } from './assumption.ts';
import { type Bound, type BoundKey, boundTo, isOpenTo, mustNameKey, type RequestedOperation } from './bind.ts';
import type { DecidedCall, Decider } from './decide.ts';
import { rowsOf } from './rows.ts';
import { anyTagsReader } from './session-tags.ts';
import { isEstablished } from './verdict.ts';

/*
 * Whether policies deny an operation for every request and session that the principal could choose.
 * A parameter or session fact that the question does not name is unknown. A call counts only if
 * every such request makes it.
 */

/** A request that policies deny, under one key of the new resource. */
export interface RefusedRequest {
  readonly bound: Bound;
  /** The denied calls that every such request makes; at least one. */
  readonly denied: readonly DecidedCall[];
  /** The calls that every such request makes, and that policies may deny. */
  readonly open: readonly DecidedCall[];
}

export type AnyRequestAnswer =
  | { readonly isDenied: true; readonly requests: readonly RefusedRequest[] }
  /**
   * A request that policies do not deny for every value of its parameters, with the calls that
   * every such request makes.
   */
  | {
      readonly isDenied: false;
      readonly bound: Bound;
      readonly calls: readonly DecidedCall[];
      /**
       * Denied calls on the key of the source. It is only inferred that a request under another key
       * makes these calls.
       */
      readonly inferred: readonly DecidedCall[];
    };

/** `all`: return every denied call, not only the first one of each request. */
export function decideAnyRequest(
  directory: Directory,
  { decide }: Pick<Decider, 'decide'>,
  {
    asking,
    source,
    all,
  }: { readonly asking: RequestedOperation; readonly source: Source | undefined; readonly all: boolean },
): AnyRequestAnswer {
  const principal = anyTagsReader(directory)(asking.principal);
  const requests: RefusedRequest[] = [];
  // The requests differ only in the target key, so all other calls are decided once.
  const known = new Map<CallRow, DecidedCall>();
  for (const bound of requestsOf(directory, { ...asking, principal, anyRequest: true }, source)) {
    const calls: DecidedCall[] = [];
    for (const row of surelyMade(bound)) {
      const call = known.get(row) ?? decide(row, bound);
      if (row.on !== 'target key') known.set(row, call);
      calls.push(call);
      if (!all && isSurelyDenied(call)) break;
    }
    const denied = calls.filter(isSurelyDenied);
    if (denied.length === 0) {
      const inferred = inferredCalls(bound).map((row) => decide(row, bound));
      return { isDenied: false, bound, calls, inferred: inferred.filter(isSurelyDenied) };
    }
    const open = calls.filter((call) => call.decision.decision !== 'allowed' && !isSurelyDenied(call));
    requests.push({ bound, denied, open });
    // If a call on something other than the key is denied, it is denied under the keys of all other
    // accounts, too.
    if (!all && bound.keys['target key']?.account === elsewhere && denied.some(({ row }) => row.on !== 'target key'))
      break;
  }
  return { isDenied: true, requests };
}

/**
 * Assumptions that make a denial uncertain, because something that was not read could allow the
 * call.
 */
const supporting: ReadonlySet<Assumption['code']> = new Set([
  'no-second-key-policy',
  'bucket-policy-unread',
  'vault-policy-is-silent',
  'managed-key-policy',
]);

function isSurelyDenied({ decision, assumptions }: DecidedCall): boolean {
  if (decision.decision !== 'denied' || assumptions.some(({ code }) => isOfReach(code))) return false;
  return decision.denial === 'explicit' || !assumptions.some(({ code }) => supporting.has(code));
}

/** The calls that are documented or observed, and that every such request makes. */
export function surelyMade(bound: Bound): readonly CallRow[] {
  return rowsOf(bound).filter(
    ({ when = [], unless, basis, each, member }) =>
      isEstablished(basis) &&
      unless === undefined &&
      // A cluster whose instances were not read may have none.
      (each !== 'member' || member !== undefined) &&
      !when.some((guard) => openWhen[guard]?.(bound) === true),
  );
}

/**
 * If a request names another key than the source's, these calls on the source's key are only
 * inferred.
 */
export function inferredCalls(bound: Bound): readonly CallRow[] {
  return rowsOf(bound).filter(
    ({ kind, on, basis }) => kind === 'forwarded' && on === 'storage key' && basis === 'inferred',
  );
}

/** Guards whose answer depends on what the principal chooses. */
const openWhen: Readonly<Partial<Record<Guard, (bound: Bound) => boolean>>> = {
  'final snapshot is taken': (bound) => isOpenTo('skip-final-snapshot', bound),
  'tags are sent': (bound) => isOpenTo('tag', bound),
  'tags are inherited': (bound) => isOpenTo('tag', bound),
  'tags may be inherited': (bound) => isOpenTo('tag', bound),
  'instance is also created': (bound) => isOpenTo('with-instance', bound),
  'password is managed': (bound) => isOpenTo('manage-master-user-password', bound),
  'password is rotated': (bound) => isOpenTo('rotate-master-user-password', bound),
  'insights are turned on': (bound) =>
    isOpenTo('enable-performance-insights', bound) || isOpenTo('database-insights-mode', bound),
  'insights key is left out': (bound) => isOpenTo('performance-insights-kms-key-id', bound),
  'monitoring role is named': (bound) => isOpenTo('monitoring-role-arn', bound),
  'domain role is named': (bound) => isOpenTo('domain-iam-role-name', bound),
  'secret key is a customer managed key': (bound) => isOpenTo('master-user-secret-kms-key-id', bound),
  'snapshot is taken first': (bound) => isOpenTo('to', bound),
  'failover is forced': (bound) => isOpenTo('force-failover', bound),
  'group is named': namesAnyGroup,
  'group is left out': namesAnyGroup,
  'copy stays in the account': (bound) => isOpenTo('kms-key-id', bound),
  'copy goes to another account': (bound) => isOpenTo('kms-key-id', bound),
  'engine has option groups': makesAnyEngine,
  'engine may have option groups': makesAnyEngine,
};

function namesAnyGroup(bound: Bound): boolean {
  const flags = (['subgrp', 'cluster-pg', 'pg', 'og'] as const).flatMap((type) => parameterNaming(type) ?? []);
  return flags.some((flag) => isOpenTo(flag, bound));
}

/**
 * Whether the request can choose the engine. A DB snapshot can be restored to a cluster with
 * another engine.
 */
function makesAnyEngine(bound: Bound): boolean {
  const { operation, source } = bound;
  const isAny = source === undefined || source.type === 'snapshot';
  return isAny && operation.parameters.includes('engine') && isOpenTo('engine', bound);
}

/**
 * The requests that the principal may make, by the key of the new resource. If the request names a
 * key, or the source determines the key, there is one request. Otherwise there is one for any key
 * of the account and one for any key of each other account.
 */
export function* requestsOf(
  directory: Directory,
  asking: RequestedOperation,
  source: Source | undefined,
): Generator<Bound> {
  const bound = boundTo(directory, asking, source);
  const { targetKey } = asking.operation;
  const takesKey = asking.operation.parameters.includes('kms-key-id') && isOpenTo('kms-key-id', bound);
  if (!takesKey || targetKey === undefined || targetKey === 'source') {
    yield bound;
    return;
  }
  // Without a key, RDS refuses the request.
  const needsKey =
    targetKey === 'named' || (source !== undefined && bound.encryption === 'sse-kms' && mustNameKey(asking, source));
  const { account } = asking.principal;
  if (!needsKey) yield bound;
  yield underAnyKey(bound, account);
  yield underAnyKey(bound, elsewhere);
  for (const owner of accountsDistinguished(directory, asking.principal))
    if (owner !== account && owner !== elsewhere) yield underAnyKey(bound, owner);
}

/** Stands for all other accounts that no policy mentions. */
const elsewhere = '000000000000';

/**
 * The accounts that the principal's policies may treat differently: each account ID in a policy,
 * and two examples of each pattern of account IDs.
 */
function accountsDistinguished(
  { organization }: Directory,
  { account, identity, boundary = [], session = [] }: Principal,
) {
  const { scps } = organization(account);
  const levels = scps === undefined || 'unread' in scps ? [] : scps.flat();
  const texts = [...identity, ...boundary, ...session, ...levels].flatMap((policy) =>
    'unread' in policy ? [] : textsOf(policy.document),
  );
  const words = texts
    .flatMap((text) => [text, arnParts(text)?.[4] ?? ''])
    .filter((word) => /^[\d*?]*\d[\d*?]*$/.test(word));
  return new Set(words.flatMap((word) => ['0', '9'].flatMap((digit) => accountLike(word, digit))));
}

function textsOf(document: unknown): readonly string[] {
  const read = readDocument(document);
  // The check refuses a policy that is not JSON.
  if ('fault' in read) return [];
  return [...JSON.stringify(read.value).matchAll(/"([^"\\]*)"/g)].flatMap(([, word]) => word ?? []);
}

/**
 * The pattern with this digit for each wildcard. Empty: no account ID has the length of the
 * pattern.
 */
function accountLike(pattern: string, digit: string): readonly string[] {
  const missing = 12 - pattern.replaceAll('*', '').length;
  const account = pattern
    .replace('*', digit.repeat(Math.max(missing, 0)))
    .replaceAll('*', '')
    .replaceAll('?', digit);
  return isAccountId(account) ? [account] : [];
}

function underAnyKey(bound: Bound, account: string): Bound {
  const { region, keys } = bound;
  const key: BoundKey = {
    arn: kmsArn({ account, region }, 'key/'),
    account,
    region,
    key: undefined,
    alias: undefined,
    manager: undefined,
    requestAlias: undefined,
    isAnyKey: true,
    shows: { region: false, account: false },
  };
  return { ...bound, keys: { ...keys, 'target key': key }, keysDiffer: keys['storage key'] !== undefined };
}
