import { arnParts, withoutPath } from '../base/arn.ts';
import { isKeyRole } from '../operations/operation.ts';
import type { Caller } from '../policy/caller.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import type { NearlyAllowing } from '../policy/layers.ts';
import { certain, type Possible } from '../policy/possible.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type {
  TracedAction,
  TracedCondition,
  TracedElement,
  TracedPrincipal,
  TracedResource,
  TracedVariable,
} from '../policy/trace.ts';
import type { DecidedCall } from './decide.ts';

/** An Allow that would apply if one of its elements were different. */
export interface NearMiss {
  readonly statement: StatementRef;
  readonly element: TracedElement;
  readonly miss: Miss;
}

/** The element of an Allow that does not match, and the value that the request has. */
export type Miss =
  | {
      readonly code: 'condition-not-met';
      readonly operator: string;
      readonly key: string;
      readonly values: readonly string[];
      readonly held: Possible;
      readonly variables: readonly TracedVariable[];
    }
  /** `action`: the action whose request does not carry the key. */
  | {
      readonly code: 'condition-key-absent';
      readonly operator: string;
      readonly key: string;
      readonly values: readonly string[];
      readonly action: string;
    }
  /** The test of a key that has no effect in a key policy. */
  | {
      readonly code: 'condition-key-only-in-iam';
      readonly operator: string;
      readonly key: string;
      readonly values: readonly string[];
    }
  /** Unique IDs in the policy, which AWS shows in place of the ARNs of deleted users and roles. */
  | { readonly code: 'deleted-principal'; readonly ids: readonly string[] }
  /** The ARNs of principals with the caller's name. */
  | { readonly code: 'namesake'; readonly arns: readonly string[]; readonly caller: Caller }
  | {
      readonly code: 'other-resource';
      /** `none`: NotResource. */
      readonly match: TracedResource['match'];
      /** `nearby`: the entry is in the account and Region of the resource. */
      readonly entries: readonly { readonly arn: string; readonly nearby: boolean }[];
      readonly isKey: boolean;
    }
  | { readonly code: 'other-action'; readonly actions: readonly string[] };

/** A longer list would hide the likely mistake. */
const most = 2;

/**
 * The Allows that a denied call nearly matches. They are in the layers that do not allow the call,
 * and exactly one of their elements does not match. The likeliest mistake comes first: a condition
 * that is not met, a principal that was deleted or has another ARN, another resource, an action
 * that was left out. Empty: no Allow comes near.
 */
export function nearMissesOf(call: DecidedCall): readonly NearMiss[] {
  const wanted = new Set<PolicyKind>(call.decision.lacking);
  // If the identity policies do not allow, a key policy could have allowed.
  if (call.key !== undefined && wanted.has('identity')) wanted.add('resource');
  return call.decision
    .nearlyAllowing(wanted)
    .flatMap((near) => nearMissOf(near, call) ?? [])
    .toSorted((one, other) => order.indexOf(one.element.element) - order.indexOf(other.element.element))
    .slice(0, most);
}

const order: readonly TracedElement['element'][] = ['condition', 'principal', 'resource', 'action'];

function nearMissOf({ statement, element }: NearlyAllowing, call: DecidedCall): NearMiss | undefined {
  const miss = missOf(element, statement, call);
  return miss === undefined ? undefined : { statement, element, miss };
}

/** Undefined: the element is not a near miss, but something entirely different. */
function missOf(element: TracedElement, { policy }: StatementRef, { row, key }: DecidedCall): Miss | undefined {
  switch (element.element) {
    case 'condition':
      return policy === 'resource' && key !== undefined && isOnlyInIam(element)
        ? onlyInIam(element)
        : conditionMiss(element, row.action);
    case 'principal':
      return principalMiss(element);
    case 'resource':
      return resourceMiss(element, isKeyRole(row.on));
    case 'action':
      return actionMiss(element);
  }
}

function conditionMiss({ operator, key, values, held, variables = [] }: TracedCondition, action: string): Miss {
  return certain(held) === 'absent'
    ? { code: 'condition-key-absent', operator, key, values, action }
    : { code: 'condition-not-met', operator, key, values, held, variables };
}

/** A key policy cannot test some keys, whatever their values are (iam-evaluation 6.41, 6.42). */
function isOnlyInIam({ key }: TracedCondition): boolean {
  return conditionKey(key.toLowerCase())?.iamOnly === true;
}

function onlyInIam({ operator, key, values }: TracedCondition): Miss {
  return { code: 'condition-key-only-in-iam', operator, key, values };
}

function principalMiss({ values, held }: TracedPrincipal): Miss | undefined {
  const ids = values.flatMap((entry) => (entry.is === 'unique id' ? [entry.id] : []));
  if (ids.length > 0) return { code: 'deleted-principal', ids };
  const name = callerName(held);
  const arns = values.flatMap((entry) => (entry.is === 'arn' && withoutPath(entry.arn) === name ? [entry.arn] : []));
  return arns.length === 0 ? undefined : { code: 'namesake', arns, caller: held };
}

/** Undefined: the name is not known, or the caller has no name. */
function callerName(caller: Caller): string | undefined {
  switch (caller.type) {
    case 'user':
    case 'federated user':
      return withoutPath(caller.arn);
    case 'role session':
      return caller.role === undefined ? undefined : caller.roleName;
    case 'root':
    case 'service':
      return undefined;
  }
}

function resourceMiss({ match, values, held }: TracedResource, isKey: boolean): Miss | undefined {
  const wanted = arnParts(held);
  if (!values.some((entry) => arnParts(entry)?.[2] === wanted?.[2])) return undefined;
  const entries = values.map((arn) => ({ arn, nearby: isNearby(arnParts(arn), wanted) }));
  return { code: 'other-resource', match, entries, isKey };
}

/** Whether everything except the resource part is the same. */
function isNearby(parts: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  return (
    parts !== undefined && wanted !== undefined && parts.every((part, index) => index === 5 || part === wanted[index])
  );
}

/**
 * Many statements are for other RDS actions. A statement for the same key that leaves out one
 * action is more likely to be a mistake.
 */
function actionMiss({ match, values, held }: TracedAction): Miss | undefined {
  const actions = values.filter((entry) => entry.toLowerCase().startsWith('kms:'));
  return match === 'none' || !held.startsWith('kms:') || actions.length === 0
    ? undefined
    : { code: 'other-action', actions };
}
