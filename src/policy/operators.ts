import type { PatternPart } from '../base/glob.ts';
import { readDecimal } from './decimal.ts';
import {
  arnLike,
  bool,
  bytes,
  exact,
  exactIgnoringCase,
  ipRange,
  like,
  type Matcher,
  ordered,
  presence,
  readInstant,
} from './matchers.ts';

export interface Operator {
  /** The value type; `presence` is Null, which looks at no value. */
  readonly compares: 'text' | 'number' | 'date' | 'bool' | 'bytes' | 'ip' | 'arn' | 'presence';
  /** The operator holds if no policy value matches. */
  readonly negated: boolean;
  /** Whether AWS replaces policy variables (iam-evaluation 4.3; Bool: 10.5). */
  readonly variables: boolean;
  /** `parts`: the policy value, cut where variables were replaced. */
  readonly read: (parts: readonly PatternPart[]) => Matcher;
}

// biome-ignore format: a table, one operator a line
/** The condition operators (iam-evaluation 3.1), without set prefix and `IfExists`. */
export const operators = {
  StringEquals:              { compares: 'text',     negated: false, variables: true,  read: exact },
  StringNotEquals:           { compares: 'text',     negated: true,  variables: true,  read: exact },
  StringEqualsIgnoreCase:    { compares: 'text',     negated: false, variables: true,  read: exactIgnoringCase },
  StringNotEqualsIgnoreCase: { compares: 'text',     negated: true,  variables: true,  read: exactIgnoringCase },
  StringLike:                { compares: 'text',     negated: false, variables: true,  read: like },
  StringNotLike:             { compares: 'text',     negated: true,  variables: true,  read: like },
  NumericEquals:             { compares: 'number',   negated: false, variables: false, read: ordered(readDecimal, (order) => order === 0) },
  NumericNotEquals:          { compares: 'number',   negated: true,  variables: false, read: ordered(readDecimal, (order) => order === 0) },
  NumericLessThan:           { compares: 'number',   negated: false, variables: false, read: ordered(readDecimal, (order) => order < 0) },
  NumericLessThanEquals:     { compares: 'number',   negated: false, variables: false, read: ordered(readDecimal, (order) => order <= 0) },
  NumericGreaterThan:        { compares: 'number',   negated: false, variables: false, read: ordered(readDecimal, (order) => order > 0) },
  NumericGreaterThanEquals:  { compares: 'number',   negated: false, variables: false, read: ordered(readDecimal, (order) => order >= 0) },
  DateEquals:                { compares: 'date',     negated: false, variables: false, read: ordered(readInstant, (order) => order === 0) },
  DateNotEquals:             { compares: 'date',     negated: true,  variables: false, read: ordered(readInstant, (order) => order === 0) },
  DateLessThan:              { compares: 'date',     negated: false, variables: false, read: ordered(readInstant, (order) => order < 0) },
  DateLessThanEquals:        { compares: 'date',     negated: false, variables: false, read: ordered(readInstant, (order) => order <= 0) },
  DateGreaterThan:           { compares: 'date',     negated: false, variables: false, read: ordered(readInstant, (order) => order > 0) },
  DateGreaterThanEquals:     { compares: 'date',     negated: false, variables: false, read: ordered(readInstant, (order) => order >= 0) },
  Bool:                      { compares: 'bool',     negated: false, variables: true,  read: bool },
  BinaryEquals:              { compares: 'bytes',    negated: false, variables: false, read: bytes },
  IpAddress:                 { compares: 'ip',       negated: false, variables: false, read: ipRange },
  NotIpAddress:              { compares: 'ip',       negated: true,  variables: false, read: ipRange },
  ArnEquals:                 { compares: 'arn',      negated: false, variables: true,  read: arnLike },
  ArnNotEquals:              { compares: 'arn',      negated: true,  variables: true,  read: arnLike },
  ArnLike:                   { compares: 'arn',      negated: false, variables: true,  read: arnLike },
  ArnNotLike:                { compares: 'arn',      negated: true,  variables: true,  read: arnLike },
  Null:                      { compares: 'presence', negated: false, variables: false, read: presence },
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof operators;

const byLowerCase = new Map(Object.keys(operators).map((name) => [name.toLowerCase(), name]));

/** Cuts an operator name of a policy into its parts. Undefined: there is no such operator. */
export function readOperator(
  written: string,
): { readonly name: OperatorName; readonly over: 'value' | 'all' | 'any'; readonly ifExists: boolean } | undefined {
  const colon = written.indexOf(':');
  const prefix = colon < 0 ? '' : written.slice(0, colon).toLowerCase();
  const over =
    prefix === '' ? 'value' : prefix === 'forallvalues' ? 'all' : prefix === 'foranyvalue' ? 'any' : undefined;
  const rest = written.slice(colon + 1);
  const ifExists = /ifexists$/i.test(rest);
  const name = byLowerCase.get((ifExists ? rest.slice(0, -'ifexists'.length) : rest).toLowerCase());
  if (over === undefined || name === undefined || !isOperatorName(name)) return undefined;
  if (name === 'Null' && (ifExists || over !== 'value')) return undefined;
  return { name, over, ifExists };
}

function isOperatorName(name: string): name is OperatorName {
  return Object.hasOwn(operators, name);
}

/** The operator with its set prefix and IfExists, as policies write it. */
export function operatorText({
  over,
  name,
  ifExists,
}: {
  readonly over: 'value' | 'all' | 'any';
  readonly name: OperatorName;
  readonly ifExists: boolean;
}): string {
  const set = over === 'all' ? 'ForAllValues:' : over === 'any' ? 'ForAnyValue:' : '';
  return `${set}${name}${ifExists ? 'IfExists' : ''}`;
}
