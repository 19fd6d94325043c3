import { matches as globMatches } from '../base/glob.ts';
import type { Caller } from './caller.ts';
import { testHolds } from './conditions.ts';
import type { ConditionTest, Listed, PrincipalEntry, Statement } from './document.ts';
import { reaches } from './identities.ts';
import { actionHolds, actionMatches, entryMatches, resourceMatches, restMatches } from './match.ts';
import { operatorText } from './operators.ts';
import type { Possible } from './possible.ts';
import { anyReach } from './reach.ts';
import { contextOf, type EngineRequest } from './request.ts';
import type { PolicyKind, StatementRef } from './statement-ref.ts';
import { and, type Fact, type Truth } from './truth.ts';

/** Why one statement matched or not, element by element. */
export interface TracedStatement {
  readonly statement: StatementRef;
  readonly matches: Truth;
  readonly elements: readonly TracedElement[];
}

/**
 * One element of a statement as data. `values` are the entries of the policy, and `held` is what
 * the request has. `explain/traced.ts` turns both into words.
 */
export type TracedElement = TracedPrincipal | TracedAction | TracedResource | TracedCondition;

export interface TracedPrincipal {
  readonly element: 'principal';
  readonly matches: Truth;
  /** 'none' = NotPrincipal; 'missing': the statement has no principal and matches nobody. */
  readonly match: 'some' | 'none' | 'missing';
  readonly values: readonly PrincipalEntry[];
  readonly held: Caller;
}

export interface TracedAction {
  readonly element: 'action';
  readonly matches: Truth;
  /** 'none' = NotAction. */
  readonly match: 'some' | 'none';
  /** The entries that match as written, or all if none does. */
  readonly values: readonly string[];
  /** The action as the request spells it. */
  readonly held: string;
}

export interface TracedResource {
  readonly element: 'resource';
  readonly matches: Truth;
  /** 'none' = NotResource; 'missing': the statement has no resource. */
  readonly match: 'some' | 'none' | 'missing';
  /** The entries that match or may match as written, or all if none does. */
  readonly values: readonly string[];
  /** The ARN of the resource, or `*`. */
  readonly held: string;
  /** `held` is only the beginning of the ARN: the resource does not exist yet. */
  readonly nameUnknown: boolean;
}

export interface TracedCondition {
  readonly element: 'condition';
  readonly matches: Truth;
  /** With set prefix and IfExists, such as `ForAllValues:StringEqualsIfExists`. */
  readonly operator: string;
  /** The condition key as the policy writes it. */
  readonly key: string;
  readonly values: readonly string[];
  /** Every state in which the key may be in the request. */
  readonly held: Possible;
  /** What the policy variables of the values stand for. Absent: the values have none. */
  readonly variables?: readonly TracedVariable[];
}

/** The condition key of a policy variable, as the policy writes it, and its states in the request. */
export interface TracedVariable {
  readonly key: string;
  readonly held: Possible;
}

export interface TracedPolicy {
  readonly name: string;
  readonly statements: readonly TracedStatement[];
}

/** One layer of policies: whether it takes part, and what each of its statements says. */
export interface TracedLayer {
  readonly layer: PolicyKind;
  /** SCPs and RCPs only: 0 is the root of the organization. */
  readonly level?: number;
  /** False: this kind of policy does not take part in the decision. */
  readonly applies: boolean;
  readonly policies: readonly TracedPolicy[];
  /** Policies of the layer that could not be read. */
  readonly unread: readonly Fact[];
}

/**
 * Why one statement matches the request or not, element by element, in the order of the policy
 * language.
 */
export function traceStatement(statement: Statement, request: EngineRequest): TracedStatement {
  const action = actionMatches(statement.actions, request.action);
  const reached = anyReach(reaches(statement, request));
  return {
    statement: statement.ref,
    matches: action ? and(reached, restMatches(statement, request)) : false,
    elements: [
      ...(statement.principals === 'not applicable' ? [] : [tracePrincipal(statement.principals, reached, request)]),
      traceAction(statement, action ? actionHolds(statement, request) : false, request),
      traceResource(statement, resourceMatches(statement, request), request),
      ...statement.tests.map((test) => traceTest(test, request)),
    ],
  };
}

/**
 * The only element of a statement that does not match. Undefined: every element matches, or several
 * may not.
 */
export function onlyMissOf(statement: Statement, request: EngineRequest): TracedElement | undefined {
  const action = actionMatches(statement.actions, request.action);
  const reached = anyReach(reaches(statement, request));
  if (action && actionHolds(statement, request) !== true) return undefined;
  if (reached !== true && (reached !== false || !action)) return undefined;
  const resource = resourceMatches(statement, request);
  if (resource !== true && (resource !== false || !action || !reached)) return undefined;
  let failing: ConditionTest | undefined;
  for (const test of statement.tests) {
    const holds = testHolds(test, request);
    if (holds === true) continue;
    if (holds !== false || !action || !reached || !resource || failing !== undefined) return undefined;
    failing = test;
  }
  if (failing !== undefined) return traceTest(failing, request);
  if (!action) return traceAction(statement, action, request);
  if (!resource) return traceResource(statement, resource, request);
  return reached || statement.principals === 'not applicable'
    ? undefined
    : tracePrincipal(statement.principals, reached, request);
}

function tracePrincipal(
  principals: Listed<PrincipalEntry> | 'missing',
  matches: Truth,
  { caller }: EngineRequest,
): TracedPrincipal {
  return { element: 'principal', matches, ...listed(principals), held: caller };
}

function traceAction({ actions }: Statement, matches: Truth, { action, input }: EngineRequest): TracedAction {
  const values = textsOf(actions.of, (entry) => globMatches(entry.glob, action));
  return { element: 'action', matches, match: actions.match, values, held: input.action };
}

function traceResource(statement: Statement, matches: Truth, request: EngineRequest): TracedResource {
  const { resources } = statement;
  const entries =
    resources === 'missing'
      ? ({ match: 'missing', values: [] } as const)
      : {
          match: resources.match,
          values: textsOf(resources.of, (entry) => entryMatches(entry, statement, request) !== false),
        };
  return { element: 'resource', matches, ...entries, held: request.arn, nameUnknown: request.nameUnknown };
}

function listed(principals: Listed<PrincipalEntry> | 'missing'): Pick<TracedPrincipal, 'match' | 'values'> {
  return principals === 'missing'
    ? { match: 'missing', values: [] }
    : { match: principals.match, values: principals.of };
}

/** The entries that match as written, or all if none does. */
function textsOf<T extends { readonly text: string }>(
  entries: readonly T[],
  matches: (entry: T) => boolean,
): readonly string[] {
  const matching = entries.filter(matches);
  return (matching.length > 0 ? matching : entries).map((entry) => entry.text);
}

function traceTest(test: ConditionTest, request: EngineRequest): TracedCondition {
  const named = test.values.flatMap((value) => ('template' in value ? value.template.parts : []));
  const variables = [...new Set(named.flatMap((part) => ('variable' in part ? [part.variable] : [])))];
  return {
    element: 'condition',
    matches: testHolds(test, request),
    operator: operatorText(test),
    key: test.key,
    values: test.values.map((value) => value.text),
    held: contextOf(request, test.keyId),
    ...(variables.length === 0
      ? {}
      : { variables: variables.map((key) => ({ key, held: contextOf(request, key.toLowerCase()) })) }),
  };
}
