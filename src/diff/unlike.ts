import { accountOf } from '../base/arn.ts';
import { canonicalText, sameJson } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import { remembered } from '../base/remembered.ts';
import { type ComparedPart, comparedParts } from '../bulk/parts.ts';
import { stateText } from '../bulk/principal-class.ts';
import { callsOf } from '../bulk/target-class.ts';
import type { Bound } from '../check/bind.ts';
import { keyOf } from '../check/decide.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { assumptionOf } from '../check/preconditions/answer.ts';
import type { DecidedPrecondition } from '../check/preconditions/preconditions.ts';
import { type BoundResource, resourceOf } from '../check/resources.ts';
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
import type { Possible } from '../policy/possible.ts';
import { contextOf, type RequestInput, requestReader } from '../policy/request.ts';
import { boundPair, type Pair, type PrincipalState } from './differing.ts';

/* Finds the questions whose answer can differ between two states for an unchanged principal. */

/** What a comparison of all facts needs of a principal in one state. */
export type ComparedState = Pick<PrincipalState, 'directory' | 'principal' | 'evaluator'>;

/** Compares two states. Each comparison is made once and remembered. */
export interface Comparing {
  /** Whether a principal is the same in both states. */
  readonly isUnchanged: (states: Pair<PrincipalState>) => boolean;
  /**
   * Whether the verdicts must be the same, found without checking. No fact that decides a call
   * differs: the principal, the source, the keys with policies and grants, the VPC endpoint, and
   * the organizations of their accounts. The preconditions have the same results.
   */
  readonly isAlike: (states: Pair<ComparedState>, bounds: Pair<Bound>) => boolean;
  /**
   * What may change the answer for unchanged principals. Undefined: the answer cannot differ. Only
   * the account of the principal matters, so the result holds for all principals of the account.
   */
  readonly unlike: (
    operation: Operation,
    states: Pair<PrincipalState>,
    sources: Pair<Source>,
  ) => UnlikeTarget | undefined;
}

/** A source that differs between the states. */
export interface UnlikeTarget {
  readonly sources: Pair<Source>;
  /** The question of any principal of the account, in both states. */
  readonly bounds: Pair<Bound>;
  /**
   * Whether nothing that policies read differs, so the answers are the same. `keysRead`: the
   * condition keys that policies read for an action, except those of principals.
   */
  readonly isAlikeFor: (keysRead: (action: string) => ReadonlySet<string>) => boolean;
}

type SuppliedContext = EvaluationSettings['context'];

/**
 * `context`: the condition keys of the session. `without`: parts of the comparison that a test
 * leaves out.
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
  /** Whether everything in an account is the same in both states. */
  const stayed = (account: string): boolean => {
    const same = unchangedAccounts.get(account) ?? sameJson(before.accounts[account], after.accounts[account]);
    unchangedAccounts.set(account, same);
    return same;
  };
  const isAlikeForAll = (both: Both): boolean => isSameEndpoint && areAlike(isSame, both);
  return {
    isUnchanged: ([{ principal: then }, { principal: now }]) => sameJson(then, now),
    isAlike: (states, bounds) =>
      sameJson(states[0].principal, states[1].principal) && isAlikeForAll(bothOf(states, bounds)),
    unlike(operation, states, sources) {
      const [{ account, kmsKeyId: key = '' }] = sources;
      // The answer depends only on these accounts.
      const places = [states[0].principal.account, account, accountOf(key)];
      if (isSameEndpoint && places.every(stayed)) return undefined;
      const bounds = boundPair(operation, states, sources);
      const both = bothOf(states, bounds);
      if (isAlikeForAll(both) || isStopped(both)) return undefined;
      const compared = lazily(() => (isSameEndpoint ? comparedCalls({ isSame, untagged, without }, both) : undefined));
      return { sources, bounds, isAlikeFor: (keysRead) => compared()?.(keysRead) === true };
    },
  };
}

/** The VPC endpoint of the calls in the session (iam-evaluation 5.37). */
function endpointIn(context: SuppliedContext): string | undefined {
  const [, values = []] = Object.entries(context).find(([key]) => key.toLowerCase() === 'aws:sourcevpce') ?? [];
  return values.find((value) => value !== '');
}

/** Preconditions that some types of principals meet and others do not. */
const ofType: ReadonlySet<PreconditionCode> = new Set(['principal-is-a-user-or-role']);

/** A question in both states, and the results of its preconditions. */
interface Both {
  readonly states: Pair<ComparedState>;
  readonly bounds: Pair<Bound>;
  readonly preconditions: () => Pair<readonly DecidedPrecondition[]>;
}

function bothOf(states: Pair<ComparedState>, bounds: Pair<Bound>): Both {
  const [then, now] = states;
  const [before, after] = bounds;
  return {
    states,
    bounds,
    preconditions: lazily(() => [then.evaluator().preconditions(before), now.evaluator().preconditions(after)]),
  };
}

/** Whether the operation fails in both states for every principal, whatever policies allow. */
function isStopped({ preconditions }: Both): boolean {
  return preconditions().every((ofOne) => ofOne.some((one) => isUnmet(one) && !ofType.has(one.row.code)));
}

/**
 * Compares everything except the principal. The result depends on the principal's account and type.
 * Whether the type matters depends on the source, which is compared.
 */
function areAlike(isSame: IsSame, both: Both): boolean {
  const { bounds } = both;
  const [before, after] = bounds;
  return (
    isSame(before.source, after.source) &&
    rolesIn(bounds).every((role) => isSame(before.keys[role]?.key, after.keys[role]?.key)) &&
    areAround(isSame, both)
  );
}

/** The roles that keys have in either state. Of all roles, these are one or two. */
function rolesIn([before, after]: Pair<Bound>): readonly KeyRole[] {
  return keyRoles.filter((role) => before.keys[role] !== undefined || after.keys[role] !== undefined);
}

/**
 * Whether everything around the source and the keys is the same, and the preconditions have the
 * same results.
 */
function areAround(isSame: IsSame, { states, bounds, preconditions }: Both): boolean {
  const [[then, now], [before, after]] = [states, bounds];
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
      // A key that the evidence lacks is compared by its names.
      const isNamedSame = key?.arn === keyNow?.arn && key?.alias === keyNow?.alias && key?.manager === keyNow?.manager;
      return isNamedSame && isSameOrganization(key?.account ?? '');
    }) &&
    haveSameResults(...preconditions())
  );
}

/** The settings of all comparisons. */
interface Asking {
  readonly isSame: IsSame;
  readonly untagged: ReturnType<typeof untagging>;
  readonly without: ReadonlySet<ComparedPart>;
}

/**
 * Compares the calls on a source that differs. Undefined: a call differs in more than condition
 * keys.
 */
function comparedCalls({ isSame, untagged, without }: Asking, both: Both): UnlikeTarget['isAlikeFor'] | undefined {
  const { bounds } = both;
  const [before, after] = bounds;
  const rows: Rows = [callsOf(before), callsOf(after)];
  const made = lazily(() => requestsOf(both, rows));
  const same: Readonly<Record<(typeof comparedParts)[number], () => boolean>> = {
    calls: () => areSameCalls(isSame, bounds, rows, made),
    keys: () =>
      rolesIn(bounds).every((role) => isSame(untagged(before.keys[role]?.key), untagged(after.keys[role]?.key))),
    surroundings: () => areAround(isSame, both),
    'condition keys': () => true,
  };
  if (!comparedParts.every((part) => without.has(part) || same[part]())) return undefined;
  if (without.has('condition keys')) return () => true;
  const requests = made().map(({ row, inputs: [one, other] }) => ({
    action: row.action,
    isSameUnder: remembered((keyId) => other !== undefined && isSameState(stateIn(one, keyId), stateIn(other, keyId))),
  }));
  // The set of keys only grows, so a set of the same size is the same set.
  const bySize = new Map<number, boolean>();
  return (keysRead) => {
    const size = requests.reduce((sum, { action }) => sum + keysRead(action).size, 0);
    const known =
      bySize.get(size) ?? requests.every(({ action, isSameUnder }) => [...keysRead(action)].every(isSameUnder));
    bySize.set(size, known);
    return known;
  };
}

interface CallInBoth {
  readonly row: CallRow;
  readonly inputs: readonly [RequestInput, RequestInput | undefined];
}

type Rows = Pair<readonly CallRow[]>;

function requestsOf(
  { states: [then, now], bounds: [before, after] }: Both,
  [rows, rowsNow]: Rows,
): readonly CallInBoth[] {
  return rows.map((row, at) => {
    const other = rowsNow[at];
    return {
      row,
      inputs: [then.evaluator().request(row, before), other && now.evaluator().request(other, after)],
    };
  });
}

/** Whether both states make the same calls, with the same identities, on the same resources. */
function areSameCalls(
  isSame: IsSame,
  [before, after]: Pair<Bound>,
  [rows, rowsNow]: Rows,
  made: () => readonly CallInBoth[],
): boolean {
  return (
    areSameRows(rows, rowsNow) &&
    isSame(before.role, after.role) &&
    isSame(before.destination, after.destination) &&
    rows.every((row) => sameJson(otherwiseOf(row, before), otherwiseOf(row, after))) &&
    made().every(
      ({ inputs: [one, other] }) =>
        other !== undefined && areSameResources(one, other) && one.awsManagedKey === other.awsManagedKey,
    )
  );
}

function areSameRows(rows: readonly CallRow[], others: readonly CallRow[]): boolean {
  return rows.length === others.length && rows.every((row, at) => row === others[at] || sameJson(row, others[at]));
}

/**
 * Removes the tags of keys, which only condition keys read. The same key always gives the same
 * object, so `isSame` writes each key only once.
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

function areSameResources({ resource: one }: RequestInput, { resource: other }: RequestInput): boolean {
  return (
    one.arn === other.arn &&
    one.account === other.account &&
    one.nameUnknown === other.nameUnknown &&
    one.writtenAs === other.writtenAs &&
    one.beginsNot === other.beginsNot &&
    sameJson([...(one.isNot ?? [])], [...(other.isNot ?? [])])
  );
}

/** The other resource that a call may be on. */
function otherwiseOf(row: CallRow, bound: Bound): BoundResource | undefined {
  return keyOf(row, bound) === undefined ? resourceOf(row, bound).otherwise : undefined;
}

function stateIn(input: RequestInput, keyId: string): Possible {
  return contextOf(requestReader(false)(input), keyId);
}

function isSameState(one: Possible, other: Possible): boolean {
  return one === other || stateText(one) === stateText(other);
}

/** The vault policy as a text. Undefined (not known) and null (no policy) must differ. */
function vaultPolicyText({ directory }: ComparedState, { vault }: Bound): string {
  return vault === undefined ? '' : JSON.stringify({ policy: vaultPolicyOf(directory.evidence, vault) });
}

/** Whether the preconditions on which a verdict depends have the same results. */
function haveSameResults(then: readonly DecidedPrecondition[], now: readonly DecidedPrecondition[]): boolean {
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

type Thing = object | null | undefined;

/**
 * Whether two objects have the same content, in any order of properties. Each object is written as
 * text once.
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
