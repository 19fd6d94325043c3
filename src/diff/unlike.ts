import { accountOf } from '../base/arn.ts';
import { canonicalText, sameJson } from '../base/json.ts';
import type { Bound } from '../check/bind.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { assumptionOf } from '../check/preconditions/answer.ts';
import type { DecidedPrecondition } from '../check/preconditions/preconditions.ts';
import { isUnmet } from '../check/verdict.ts';
import { endpointPolicyOf } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { Source } from '../evidence/sources.ts';
import { keyRoles, type Operation } from '../operations/operation.ts';
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
   * Whether the answer may differ for a principal that has not changed. Of the principal, its
   * account and type alone count.
   */
  readonly mayDiffer: (operation: Operation, states: Pair<PrincipalState>, sources: Pair<Source>) => boolean;
}

type SuppliedContext = EvaluationSettings['context'];

/** `context`: of the session that is asked about. */
export function comparing(before: Evidence, after: Evidence, context: SuppliedContext): Comparing {
  const isSame = sameness();
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
    mayDiffer(operation, states, sources) {
      const [{ account, kmsKeyId: key = '' }] = sources;
      // Nothing that the answer depends on lies elsewhere.
      const places = [states[0].principal.account, account, accountOf(key)];
      if (isSameEndpoint && places.every(stayed)) return false;
      const bounds = boundPair(operation, states, sources);
      return !isAlikeForAll(states, bounds) && !isStopped(states, bounds);
    },
  };
}

/** The VPC endpoint through which the session calls (iam-evaluation 5.37). */
function endpointIn(context: SuppliedContext): string | undefined {
  const [, values = []] = Object.entries(context).find(([key]) => key.toLowerCase() === 'aws:sourcevpce') ?? [];
  return values.find((value) => value !== '');
}

/** Whether the operation fails under both states, whatever a principal may do. */
function isStopped([then, now]: Pair<PrincipalState>, [before, after]: Pair<Bound>): boolean {
  return then.evaluator().preconditions(before).some(isUnmet) && now.evaluator().preconditions(after).some(isUnmet);
}

/**
 * What isAlike compares besides the principal. Of the principal it reads account and type alone.
 */
function areAlike(
  isSame: ReturnType<typeof sameness>,
  [then, now]: Pair<PrincipalState>,
  [before, after]: Pair<Bound>,
): boolean {
  const keys = [...Object.entries(before.keys), ...Object.entries(after.keys)];
  const accounts = [before.principal.account, before.source?.account ?? '', ...keys.map(([, { account }]) => account)];
  const [held, heldNow] = [then.directory.evidence.accounts, now.directory.evidence.accounts];
  return (
    isSame(before.source, after.source) &&
    before.keysDiffer === after.keysDiffer &&
    before.roleOfRds === after.roleOfRds &&
    keyRoles.every((role) => isSame(before.keys[role]?.key, after.keys[role]?.key)) &&
    keyNames(before) === keyNames(after) &&
    accounts.every((id) => isSame(held[id]?.organization, heldNow[id]?.organization)) &&
    standing(then.evaluator().preconditions(before)) === standing(now.evaluator().preconditions(after))
  );
}

/** Keys that are not held are known by their names. */
function keyNames({ keys }: Bound): string {
  return JSON.stringify(keyRoles.map((role) => [keys[role]?.arn, keys[role]?.alias, keys[role]?.manager]));
}

/** What the preconditions come to, as far as a verdict depends on them. */
function standing(preconditions: readonly DecidedPrecondition[]): string {
  return preconditions.map((one) => `${one.row.code} ${one.status} ${assumptionOf(one) !== undefined}`).join();
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
