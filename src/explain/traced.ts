/*
 * Puts the elements of a traced statement into words: what the policy says and what the request
 * has.
 */
import type { Caller } from '../policy/caller.ts';
import type { PrincipalEntry } from '../policy/document.ts';
import { certain, isAnyText, type Possible } from '../policy/possible.ts';
import type { TracedElement, TracedVariable } from '../policy/trace.ts';
import type { Fact } from '../policy/truth.ts';
import type { Supposed } from '../policy/worlds.ts';
import { valueTexts } from './values.ts';

/** What the policy says in this element. */
export function tracedPolicyText(traced: TracedElement): string {
  switch (traced.element) {
    case 'principal':
      if (traced.match === 'missing') return 'no principal';
      return unlessNegated(traced.match, traced.values.map(principalText));
    case 'action':
      return unlessNegated(traced.match, traced.values);
    case 'resource':
      return traced.match === 'missing' ? 'no resource' : unlessNegated(traced.match, traced.values);
    case 'condition':
      return `${traced.operator} ${traced.key} = ${valueTexts(traced.key, traced.values).join(' | ')}`;
  }
}

/** A condition as in the document. Undefined: the element is not a condition. */
export function tracedDocumentText(traced: TracedElement): string | undefined {
  if (traced.element !== 'condition') return undefined;
  const values = traced.values.map((value) => JSON.stringify(value));
  const held = values.length === 1 ? values.join('') : `[${values.join(', ')}]`;
  return `${JSON.stringify(traced.operator)}: { ${JSON.stringify(traced.key)}: ${held} }`;
}

/** What the request has for this element. */
export function tracedRequestText(traced: TracedElement): string {
  switch (traced.element) {
    case 'principal':
      return callerText(traced.held);
    case 'action':
      return traced.held;
    case 'resource':
      return traced.nameUnknown ? `${traced.held}*` : traced.held;
    case 'condition':
      return possibleText(traced.key, traced.held);
  }
}

/** What a world supposes about a fact. */
export function supposedText(fact: Fact, supposed: Supposed): string {
  return fact.fact === 'context' ? keyStateText(fact.key, supposed) : keyStateText('', supposed);
}

function keyStateText(key: string, values: Supposed): string {
  return values === 'absent' ? 'absent' : valueTexts(key, values).join(', ');
}

function unlessNegated(match: 'some' | 'none', entries: readonly string[]): string {
  return `${match === 'some' ? '' : 'everything except '}${entries.join(', ')}`;
}

/** One entry of a Principal element. */
export function principalText(entry: PrincipalEntry): string {
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
}

/** The caller of the request. */
export function callerText(caller: Caller): string {
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

/** What the policy variables of a condition stand for, such as `aws:username is alice`. */
export function variableTexts(variables: readonly TracedVariable[] = []): readonly string[] {
  return variables.map(({ key, held }) => `${key} is ${possibleText(key, held)}`);
}

/** Every possible state of a condition key. */
export function possibleText(key: string, possible: Possible): string {
  const values = certain(possible);
  if (values !== undefined) return keyStateText(key, values);
  if (isAnyText(possible.values)) {
    const { startsWith, fresh } = possible.values;
    const text = fresh
      ? `a new value${startsWith === '' ? '' : ` ${startsWith}...`}`
      : startsWith === ''
        ? 'not known'
        : `${startsWith}...`;
    return possible.absent && (fresh || startsWith !== '') ? `absent or ${text}` : text;
  }
  return [
    ...(possible.absent ? ['absent'] : []),
    ...possible.values.map((list) => valueTexts(key, list).join(', ')),
  ].join(' or ');
}
