import type { Document } from '../evidence/schema.ts';
import { readText } from '../policy/parse.ts';

/* Edits of policy documents. They leave alone what they are not about, so that the difference is the change and nothing else. */

export type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** A policy document as an object, whichever way the evidence holds it. Undefined: it is none. */
export function documentObject(document: Document | undefined): JsonObject | undefined {
  const read = typeof document === 'string' ? readText(document) : { value: document };
  return 'value' in read && isObject(read.value) ? read.value : undefined;
}

/** The statements of a document; AWS takes a single one without a list around it. */
function statementsOf({ Statement: given }: JsonObject): readonly unknown[] {
  return isList(given) ? given : [given];
}

/** The document with more statements; Sids that are taken get a number. Without a document, a new one. */
export function withStatements(document: JsonObject | undefined, more: readonly JsonObject[]): JsonObject {
  const before = document ?? { Version: '2012-10-17', Statement: [] };
  const known = statementsOf(before);
  const taken = new Set(known.map((one) => (isObject(one) ? one['Sid'] : undefined)));
  const named = more.map((statement) => {
    const { Sid: sid } = statement;
    if (typeof sid !== 'string') return statement;
    let free = sid;
    for (let number = 2; taken.has(free); number += 1) free = `${sid}${number}`;
    taken.add(free);
    return { ...statement, Sid: free };
  });
  return { ...before, Statement: [...known, ...named] };
}

/** Which requests a Deny comes to spare: those whose key has the value. */
export type Exemption =
  | { readonly key: 'aws:PrincipalArn' | 'aws:PrincipalAccount' | 'kms:ViaService'; readonly value: string }
  | { readonly key: 'aws:PrincipalIsAWSService'; readonly value: 'true' };

/** The document whose statement of that number spares what the exemption tells. Undefined: there is no such statement. */
export function withExemption(document: JsonObject, number: number, exemption: Exemption): JsonObject | undefined {
  const statements = statementsOf(document);
  const statement = statements[number];
  if (!isObject(statement)) return undefined;
  const edited = statements.map((one, index) => (index === number ? exempting(statement, exemption) : one));
  return { ...document, Statement: isList(document['Statement']) ? edited : edited[0] };
}

const negated = /^(?:String|Arn)Not(?:Equals|EqualsIgnoreCase|Like)(?:IfExists)?$/i;

function exempting(statement: JsonObject, { key, value }: Exemption): JsonObject {
  const given = isObject(statement['Condition']) ? statement['Condition'] : {};
  return { ...statement, Condition: extended(given, key, value) ?? added(given, key, value) };
}

/** A condition that spares some values already comes to spare one more. Undefined: there is none. */
function extended(condition: JsonObject, key: string, value: string): JsonObject | undefined {
  for (const [operator, tests] of Object.entries(condition)) {
    if (!negated.test(operator) || !isObject(tests)) continue;
    const found = Object.keys(tests).find((name) => name.toLowerCase() === key.toLowerCase());
    if (found === undefined) continue;
    const values = tests[found];
    return {
      ...condition,
      [operator]: { ...tests, [found]: [...(isList(values) ? values : [values]), value] },
    };
  }
  return undefined;
}

/** One more condition, which all have to meet: the Deny gets narrower. */
function added(condition: JsonObject, key: Exemption['key'], value: string): JsonObject {
  const [operator, wanted] =
    key === 'aws:PrincipalArn'
      ? ['ArnNotEquals', value]
      : key === 'aws:PrincipalIsAWSService'
        ? ['BoolIfExists', 'false']
        : ['StringNotEquals', value];
  const tests = condition[operator];
  return { ...condition, [operator]: { ...(isObject(tests) ? tests : {}), [key]: wanted } };
}
