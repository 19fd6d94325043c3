import { holds } from './conditions.ts';
import type { Statement, Test } from './document.ts';
import { reaches } from './identities.ts';
import { actionMatches, entryMatches, resourceMatches, restMatches } from './match.ts';
import { matches as globMatches } from './pattern.ts';
import { certain, isAnyText, type Possible } from './possible.ts';
import { anyReach } from './reach.ts';
import { contextOf, type Request } from './request.ts';
import type { PolicyKind, StatementRef } from './statement-ref.ts';
import { and, type Truth } from './truth.ts';

/** Why one statement matched or not, element by element. */
export interface TracedStatement {
  readonly statement: StatementRef;
  readonly matches: Truth;
  readonly elements: readonly TracedElement[];
}

export interface TracedElement {
  readonly element: 'principal' | 'action' | 'resource' | 'condition';
  readonly matches: Truth;
  /** What the policy says. */
  readonly policy: string;
  /** What the request holds against it. */
  readonly request: string;
}

export interface TracedPolicy {
  readonly name: string;
  readonly statements: readonly TracedStatement[];
}

/** One layer of policies: which take part, and what each of their statements says. */
export interface TracedLayer {
  readonly layer: PolicyKind;
  /** Of SCPs and RCPs: 0 is the root of the organization. */
  readonly level?: number;
  /** False: this kind of policy does not take part in the decision. */
  readonly applies: boolean;
  readonly policies: readonly TracedPolicy[];
  /** Policies of the layer that could not be read. */
  readonly unread: readonly string[];
}

export function traceStatement(statement: Statement, request: Request): TracedStatement {
  const action = actionMatches(statement.actions, request.action);
  const elements: TracedElement[] = [];
  let reached: Truth = true;
  if (statement.principals !== 'not applicable') {
    reached = anyReach(reaches(statement, request));
    elements.push({
      element: 'principal',
      matches: reached,
      policy: principalsText(statement),
      request: callerText(request),
    });
  }
  elements.push({
    element: 'action',
    matches: action,
    policy: actionsText(statement, request),
    request: request.input.action,
  });
  elements.push({
    element: 'resource',
    matches: resourceMatches(statement, request),
    policy: resourcesText(statement, request),
    request: request.nameUnknown ? `${request.arn}*` : request.arn,
  });
  for (const test of statement.tests) {
    elements.push({
      element: 'condition',
      matches: holds(test, request),
      policy: testText(test),
      request: possibleText(contextOf(request, test.keyId)),
    });
  }
  return {
    statement: statement.ref,
    matches: action ? and(reached, restMatches(statement, request)) : false,
    elements,
  };
}

function negated(match: 'some' | 'none', text: string): string {
  return match === 'some' ? text : `anything but ${text}`;
}

function principalsText({ principals }: Statement): string {
  if (principals === 'missing' || principals === 'not applicable') return 'no principal';
  const entries = principals.of.map((entry) => {
    switch (entry.is) {
      case 'anyone':
        return '*';
      case 'account':
        return `account ${entry.account}`;
      case 'arn':
        return entry.arn;
      case 'unique id':
        return `${entry.id} (a deleted principal)`;
      case 'service':
        return entry.service;
      case 'unknown':
        return `${entry.text} (not understood)`;
      case 'dead':
        return `${entry.text} (${entry.why})`;
    }
  });
  return negated(principals.match, entries.join(', '));
}

/** The entries that match, or all if none does. */
function actionsText({ actions }: Statement, { action }: Request): string {
  const matching = actions.of.filter((entry) => globMatches(entry.glob, action));
  return negated(actions.match, textOf(matching.length > 0 ? matching : actions.of));
}

function resourcesText(statement: Statement, request: Request): string {
  const { resources } = statement;
  if (resources === 'missing') return 'no resource';
  const matching = resources.of.filter((entry) => entryMatches(entry, statement, request) !== false);
  return negated(resources.match, textOf(matching.length > 0 ? matching : resources.of));
}

function textOf(entries: readonly { readonly text: string }[]): string {
  return entries.map((entry) => entry.text).join(', ');
}

function callerText({ caller }: Request): string {
  switch (caller.type) {
    case 'user':
    case 'federated user':
      return caller.arn;
    case 'role session':
      return caller.role === undefined ? `a session of role ${caller.roleName}` : caller.role;
    case 'root':
      return `the root user of ${caller.account}`;
    case 'service':
      return caller.name;
  }
}

/** A test as it stands in the policy: operator, key and values. */
export function testText(test: Test): string {
  const set = test.over === 'all' ? 'ForAllValues:' : test.over === 'any' ? 'ForAnyValue:' : '';
  return `${set}${test.name}${test.ifExists ? 'IfExists' : ''} ${test.key} = ${test.values.map((value) => value.text).join(' | ')}`;
}

/** What the request holds for a key, in words. */
export function possibleText(possible: Possible): string {
  const values = certain(possible);
  if (values === 'absent') return 'absent';
  if (values !== undefined) return values.join(', ');
  if (isAnyText(possible.values)) {
    const { startsWith, fresh } = possible.values;
    const text = fresh
      ? `a new value${startsWith === '' ? '' : ` ${startsWith}...`}`
      : startsWith === ''
        ? 'not known'
        : `${startsWith}...`;
    return possible.absent && (fresh || startsWith !== '') ? `absent or ${text}` : text;
  }
  return [...(possible.absent ? ['absent'] : []), ...possible.values.map((list) => list.join(', '))].join(' or ');
}
