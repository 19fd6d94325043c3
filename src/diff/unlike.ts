import { accountOf } from '../base/arn.ts';
import { canonicalText, sameJson } from '../base/json.ts';
import { type ComparedPart, comparedParts } from '../bulk/parts.ts';
import { stateText } from '../bulk/principal-class.ts';
import { callsOf } from '../bulk/target-class.ts';
import type { Bound } from '../check/bind.ts';
import { keyOf } from '../check/decide.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { assumptionOf } from '../check/preconditions/answer.ts';
import type { DecidedPrecondition } from '../check/preconditions/preconditions.ts';
import { resourceOf } from '../check/resources.ts';
import { vaultPolicyOf } from '../check/vault.ts';
import { isUnmet } from '../check/verdict.ts';
import { endpointPolicyOf } from '../evidence/lookup.ts';
import type { Evidence, Key } from '../evidence/schema.ts';
import type { Source } from '../evidence/sources.ts';
import {
  type CallRow,
  type KeyRole,
  keyRoles,
  type Operation,
  type PreconditionCode,
} from '../operations/operation.ts';
import { contextOf, type RequestInput, requestReader } from '../policy/request.ts';
import { boundPair, type Pair, type PrincipalState } from './differing.ts';

/* Which questions can have another answer under the other state, for an unchanged principal. */

/** Compares the two states. Each comparison is made once and remembered. */
export interface Comparing {
  /** Whether a principal is the same in both states. */
  readonly isUnchanged: (states: Pair<PrincipalState>) => boolean;
  /**
   * Whether the verdicts are the same without working them out: no fact differs from which calls
   * are decided (see decider: the principal, the source, the keys with policies and grants, the VPC
   * endpoint, the organizations of their accounts), and the preconditions come to the same.
   */
  readonly isAlike: (states: Pair<PrincipalState>, bounds: Pair<Bound>) => boolean;
  /**
   * How the answer may differ for principals that have not changed. Undefined: it cannot. Of the
   * principal, its account alone counts: what is found for one holds for all of the account.
   */
  readonly unlike: (
    operation: Operation,
    states: Pair<PrincipalState>,
    sources: Pair<Source>,
  ) => UnlikeTarget | undefined;
}

/** A source in both states that differs in something. */
export interface UnlikeTarget {
  readonly sources: Pair<Source>;
  /** What some principal of the account asks. */
  readonly bounds: Pair<Bound>;
  /**
   * Whether nothing that policies read differs, so that the answers are the same. `keysRead`: the
   * condition keys that they read, by action, besides those of principals.
   */
  readonly isAlikeFor: (keysRead: (action: string) => ReadonlySet<string>) => boolean;
}

type SuppliedContext = EvaluationSettings['context'];

/**
 * `context`: the condition keys of the session. `without`: a test leaves these parts of the
 * comparison out.
 */
export function comparing(
  before: Evidence,
  after: Evidence,
  context: SuppliedContext,
  without: ReadonlySet<ComparedPart> = new Set(),
): Comparing {
  const isSame = sameness();
  const untagged = untagging();
  const endpoint = endpointIn(context);
  const isSameEndpoint =
    endpoint === undefined || isSame(endpointPolicyOf(before, endpoint), endpointPolicyOf(after, endpoint));
  const unchangedAccounts = new Map<string, boolean>();
  /** Whether all of an account is the same in both states. */
  const stayed = (account: string): boolean => {
    const same = unchangedAccounts.get(account) ?? sameJson(before.accounts[account], after.accounts[account]);
    unchangedAccounts.set(account, same);
    return same;
  };
  const isAlikeForAll = (states: Pair<PrincipalState>, bounds: Pair<Bound>): boolean =>
    isSameEndpoint && areAlike(isSame, states, bounds);
  return {
    isUnchanged: ([{ principal: then }, { principal: now }]) => sameJson(then, now),
    isAlike: (states, bounds) => sameJson(states[0].principal, states[1].principal) && isAlikeForAll(states, bounds),
    unlike(operation, states, sources) {
      const [{ account, kmsKeyId: key = '' }] = sources;
      // Nothing that the answer depends on lies elsewhere.
      const places = [states[0].principal.account, account, accountOf(key)];
      if (isSameEndpoint && places.every(stayed)) return undefined;
      const bounds = boundPair(operation, states, sources);
      if (isAlikeForAll(states, bounds) || isStopped(states, bounds)) return undefined;
      const compared = once(() =>
        isSameEndpoint ? comparedCalls({ isSame, untagged, without }, states, bounds) : undefined,
      );
      return { sources, bounds, isAlikeFor: (keysRead) => compared()?.(keysRead) === true };
    },
  };
}

/** The VPC endpoint through which the session calls (iam-evaluation 5.37). */
function endpointIn(context: SuppliedContext): string | undefined {
  const [, values = []] = Object.entries(context).find(([key]) => key.toLowerCase() === 'aws:sourcevpce') ?? [];
  return values.find((value) => value !== '');
}

/** Preconditions that some types of principals meet and others do not. */
const ofType: ReadonlySet<PreconditionCode> = new Set(['principal-is-a-user-or-role']);

/** Whether the operation fails under both states for everybody, whatever a principal may do. */
function isStopped([then, now]: Pair<PrincipalState>, [before, after]: Pair<Bound>): boolean {
  const stops = (one: DecidedPrecondition): boolean => isUnmet(one) && !ofType.has(one.row.code);
  return then.evaluator().preconditions(before).some(stops) && now.evaluator().preconditions(after).some(stops);
}

/**
 * What isAlike compares besides the principal. Of the principal it reads account and type. Whether
 * the type counts depends on the source, which is compared.
 */
function areAlike(isSame: IsSame, states: Pair<PrincipalState>, bounds: Pair<Bound>): boolean {
  const [before, after] = bounds;
  return (
    isSame(before.source, after.source) &&
    rolesIn(bounds).every((role) => isSame(before.keys[role]?.key, after.keys[role]?.key)) &&
    areAround(isSame, states, bounds)
  );
}

/** What keys are bound to in either state: of all that there are, to one or two. */
function rolesIn([before, after]: Pair<Bound>): readonly KeyRole[] {
  return keyRoles.filter((role) => before.keys[role] !== undefined || after.keys[role] !== undefined);
}

/** Whether what lies around source and keys is the same, and what the preconditions come to. */
function areAround(isSame: IsSame, [then, now]: Pair<PrincipalState>, [before, after]: Pair<Bound>): boolean {
  const [held, heldNow] = [then.directory.evidence.accounts, now.directory.evidence.accounts];
  const isSameOrganization = (id: string): boolean => isSame(held[id]?.organization, heldNow[id]?.organization);
  return (
    before.keysDiffer === after.keysDiffer &&
    before.roleOfRds === after.roleOfRds &&
    before.vault === after.vault &&
    vaultPolicyText(then, before) === vaultPolicyText(now, after) &&
    isSameOrganization(before.principal.account) &&
    isSameOrganization(before.source?.account ?? '') &&
    rolesIn([before, after]).every((role) => {
      const [key, keyNow] = [before.keys[role], after.keys[role]];
      // Keys that are not held are known by their names.
      const isNamedSame = key?.arn === keyNow?.arn && key?.alias === keyNow?.alias && key?.manager === keyNow?.manager;
      return isNamedSame && isSameOrganization(key?.account ?? '');
    }) &&
    standTheSame(then.evaluator().preconditions(before), now.evaluator().preconditions(after))
  );
}

/** What is the same for all comparisons. */
interface Asking {
  readonly isSame: IsSame;
  readonly untagged: ReturnType<typeof untagging>;
  readonly without: ReadonlySet<ComparedPart>;
}

/**
 * Compares the calls on a source of which something differs. Undefined: a call differs in more than
 * condition keys.
 */
function comparedCalls(
  { isSame, untagged, without }: Asking,
  states: Pair<PrincipalState>,
  bounds: Pair<Bound>,
): UnlikeTarget['isAlikeFor'] | undefined {
  const [before, after] = bounds;
  const made = once(() => requestsOf(states, bounds));
  const same: Readonly<Record<(typeof comparedParts)[number], () => boolean>> = {
    calls: () => areSameCalls(isSame, bounds, made),
    keys: () =>
      rolesIn(bounds).every((role) => isSame(untagged(before.keys[role]?.key), untagged(after.keys[role]?.key))),
    surroundings: () => areAround(isSame, states, bounds),
    'condition keys': () => true,
  };
  if (!comparedParts.every((part) => without.has(part) || same[part]())) return undefined;
  if (without.has('condition keys')) return () => true;
  const requests = made().map((one) => ({ ...one, known: new Map<string, boolean>() }));
  return (keysRead) =>
    requests.every(({ row, inputs: [one, other], known }) =>
      [...keysRead(row.action)].every((keyId) => {
        const found = known.get(keyId) ?? (other !== undefined && stateIn(one, keyId) === stateIn(other, keyId));
        known.set(keyId, found);
        return found;
      }),
    );
}

interface CallInBoth {
  readonly row: CallRow;
  readonly inputs: readonly [RequestInput, RequestInput | undefined];
}

function requestsOf([then, now]: Pair<PrincipalState>, [before, after]: Pair<Bound>): readonly CallInBoth[] {
  const rowsNow = callsOf(after);
  return callsOf(before).map((row, at) => {
    const other = rowsNow[at];
    return {
      row,
      inputs: [then.evaluator().request(row, before), other && now.evaluator().request(other, after)],
    };
  });
}

/** Whether the same calls are made by the same actors on the same things. */
function areSameCalls(isSame: IsSame, [before, after]: Pair<Bound>, made: () => readonly CallInBoth[]): boolean {
  const rows = callsOf(before);
  return (
    areSameRows(rows, callsOf(after)) &&
    isSame(before.role, after.role) &&
    isSame(before.destination, after.destination) &&
    rows.every((row) => otherwiseText(row, before) === otherwiseText(row, after)) &&
    made().every(
      ({ inputs: [one, other] }) =>
        other !== undefined && resourceText(one) === resourceText(other) && one.awsManagedKey === other.awsManagedKey,
    )
  );
}

function areSameRows(rows: readonly CallRow[], others: readonly CallRow[]): boolean {
  return rows.length === others.length && rows.every((row, at) => row === others[at] || sameJson(row, others[at]));
}

/**
 * Takes the tags off keys, which condition keys alone read. A key is always given back as the same
 * object, so that `isSame` writes each key out once.
 */
function untagging(): (key: Key | undefined) => Key | undefined {
  const untagged = new Map<Key, Key>();
  return (key) => {
    if (key === undefined) return undefined;
    const known = untagged.get(key) ?? { ...key, Tags: undefined };
    untagged.set(key, known);
    return known;
  };
}

function resourceText({ resource: { arn, account, nameUnknown, isNot } }: RequestInput): string {
  return JSON.stringify([arn, account, nameUnknown, isNot === undefined ? undefined : [...isNot]]);
}

/** What a call may be on besides. */
function otherwiseText(row: CallRow, bound: Bound): string {
  const { otherwise } = keyOf(row, bound) === undefined ? resourceOf(row, bound) : {};
  return JSON.stringify(otherwise);
}

function stateIn(input: RequestInput, keyId: string): string {
  return stateText(contextOf(requestReader(false)(input), keyId));
}
/** Undefined and null are told apart: not known, and none. */
function vaultPolicyText({ directory }: PrincipalState, { vault }: Bound): string {
  return vault === undefined ? '' : JSON.stringify({ policy: vaultPolicyOf(directory.evidence, vault) });
}

/** Whether preconditions come to the same, as far as a verdict depends on them. */
function standTheSame(then: readonly DecidedPrecondition[], now: readonly DecidedPrecondition[]): boolean {
  return (
    then.length === now.length &&
    then.every((one, at) => {
      const other = now[at];
      return (
        one.row.code === other?.row.code &&
        one.status === other.status &&
        (assumptionOf(one) === undefined) === (assumptionOf(other) === undefined)
      );
    })
  );
}

type IsSame = ReturnType<typeof sameness>;

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

type Thing = object | null | undefined;

/**
 * Whether two things say the same, in whichever order. Each thing is written out once.
 */
function sameness(): (one: Thing, other: Thing) => boolean {
  const texts = new WeakMap<object, string>();
  const textOf = (thing: object): string => {
    const text = texts.get(thing) ?? canonicalText(thing) ?? '';
    texts.set(thing, text);
    return text;
  };
  return (one, other) => one === other || (one != null && other != null && textOf(one) === textOf(other));
}
