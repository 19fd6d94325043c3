import { shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { capital, list, someOf } from '../base/wording.ts';
import type { Miss, NearMiss } from '../check/near-misses.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import { callNoun } from './calls.ts';
import { statementName } from './names.ts';
import { callerText, possibleText, principalText, variableTexts } from './traced.ts';
import { valueText, valueTexts } from './values.ts';

/** A statement may list many resources. */
const mostNames = 4;

/**
 * Completes "statement ... would allow the call, but". `isOne`: the sentence is about one
 * statement.
 */
export function missText(miss: Miss, isOne = true): string {
  const it = isOne ? 'it' : 'each';
  const its = isOne ? 'its' : 'their';
  switch (miss.code) {
    case 'condition-not-met':
      return `${its} ${conditionText(miss)} is not met: ${heldText(miss)}`;
    case 'condition-key-absent':
      return `${its} ${conditionText(miss)} is not met: ${absenceText(miss.key) ?? `${miss.action} does not carry this key`}`;
    case 'condition-key-only-in-iam':
      return `${its} ${conditionText(miss)} is not met: ${miss.key} works only in IAM policies, not in a key policy`;
    case 'deleted-principal': {
      const names = miss.ids.map((id) => principalText({ is: 'unique id', id }));
      return `${it} names ${list(names)}. A new principal with the old name has another ID`;
    }
    case 'namesake':
      return `${it} names ${list(miss.arns)}, not ${callerText(miss.caller)}`;
    case 'other-resource': {
      const all = miss.entries.map(({ arn, nearby }) => (nearby ? shortName(arn) : arn));
      const names = someOf(all, mostNames);
      if (miss.match === 'none') return `${it} covers everything except ${names}`;
      if (miss.isKey) return `${it} covers only ${all.length === 1 ? `${names}, another key` : `other keys: ${names}`}`;
      return `${it} covers only ${names}`;
    }
    case 'other-action':
      return `${it} covers only ${list(miss.actions)}`;
  }
}

/** The value that a call has. Of times, only the first and the last one count. */
function heldText({ key, held, variables }: Extract<Miss, { readonly code: 'condition-not-met' }>): string {
  const values = 'startsWith' in held.values ? [] : held.values;
  const [first, last] = [values[0]?.[0], values.at(-1)?.[0]];
  return /^aws:(?:CurrentTime|EpochTime)$/i.test(key) && first !== undefined && last !== undefined && first !== last
    ? `the answer is for calls between ${valueText(key, first)} and ${valueText(key, last)}`
    : list([`the call has ${possibleText(key, held)}`, ...variableTexts(variables)]);
}

/** For a condition key about a tag or tag names: where the tag is missing. */
function absenceText(keyName: string): string | undefined {
  const key = conditionKey(keyName.toLowerCase());
  if (key?.name === 'aws:TagKeys') return 'the request has no tags';
  if (key?.name.toLowerCase().endsWith('tag/') !== true) return undefined;
  const holder = key.side === 'source' ? 'resource' : key.side;
  return `the ${holder} has no such tag`;
}

type ConditionMiss = Extract<
  Miss,
  { readonly code: 'condition-not-met' | 'condition-key-absent' | 'condition-key-only-in-iam' }
>;

function conditionText({ operator, key, values }: ConditionMiss): string {
  return `condition ${operator} ${key} ${valueTexts(key, values).join(' or ')}`;
}

type NamedMiss = Pick<NearMiss, 'statement' | 'miss'>;

interface MissingCall {
  readonly call: { readonly row: { readonly action: string } };
  readonly nearMisses: readonly NamedMiss[];
}

/**
 * Follows the sentences that explain the calls. Statements that miss for the same reason are named
 * together, with the calls that they would allow.
 */
export function nearMissText(calls: readonly MissingCall[]): string {
  const all = [...new Set(calls.map(({ call }) => call.row.action))];
  const misses = calls.flatMap(({ call, nearMisses }) =>
    nearMisses.map(({ statement, miss }) => ({ statement, miss, action: call.row.action })),
  );
  return [...groupBy(misses, ({ miss }) => missText(miss)).values()].map((alike) => together(alike, all)).join('');
}

type MissOfCall = NamedMiss & { readonly action: string };

function together(alike: readonly [MissOfCall, ...MissOfCall[]], all: readonly string[]): string {
  const names = [...new Set(alike.map(({ statement }) => statementName(statement)))];
  const actions = [...new Set(alike.map(({ action }) => action))];
  const calls = actions.length < all.length ? list(actions) : callNoun(actions);
  return `. ${capital(list(names))} would allow ${calls}, but ${missText(alike[0].miss, names.length === 1)}`;
}
