import { isJson, isList, type Json } from '../base/json.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import { readDocument } from '../policy/parse.ts';

/*
 * Edits of policy documents. They change nothing else, so that a comparison shows only the change.
 */

/**
 * A policy document as an object, whatever its form in the evidence. Undefined: it is not a policy.
 */
export function documentObject(document: PolicyDocument | undefined): Json | undefined {
  const read = readDocument(document);
  return 'value' in read && isJson(read.value) ? read.value : undefined;
}

/** The statements of a document. AWS also accepts a single statement without a list. */
export function statementsOf({ Statement: given }: Json): readonly unknown[] {
  return isList(given) ? given : [given];
}

/**
 * The document with more statements. Sids that are already used get a number. Without a document: a
 * new one.
 */
export function withStatements(document: Json | undefined, more: readonly Json[]): Json {
  const before = document ?? { Version: '2012-10-17', Statement: [] };
  const known = statementsOf(before);
  const taken = new Set(known.map((one) => (isJson(one) ? one['Sid'] : undefined)));
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

/** The requests that a Deny exempts: those whose condition key has the value. */
export type Exemption =
  | {
      readonly key: 'aws:PrincipalArn' | 'aws:PrincipalAccount' | 'kms:ViaService' | 'aws:RequestedRegion';
      readonly value: string;
    }
  | { readonly key: 'aws:PrincipalIsAWSService'; readonly value: 'true' };

/**
 * The document with a statement that exempts some requests. Undefined: there is no statement with
 * this number.
 */
export function withExemption(document: Json, number: number, exemption: Exemption): Json | undefined {
  const statements = statementsOf(document);
  const statement = statements[number];
  if (!isJson(statement)) return undefined;
  const edited = statements.map((one, index) => (index === number ? exempting(statement, exemption) : one));
  return { ...document, Statement: isList(document['Statement']) ? edited : edited[0] };
}

/** The document without a statement. Undefined: it has no other one, and no policy is empty. */
export function withoutStatement(document: Json, number: number): Json | undefined {
  const statements = statementsOf(document);
  return statements.length < 2
    ? undefined
    : { ...document, Statement: statements.filter((_, index) => index !== number) };
}

/**
 * How the statement with this number compares the key: it `exempts` some values, applies to
 * `certain` values, or neither.
 */
export function comparisonOf(document: Json, number: number, key: string): 'exempts' | 'certain' | undefined {
  const statement = statementsOf(document)[number];
  const condition = isJson(statement) && isJson(statement['Condition']) ? statement['Condition'] : {};
  if (extended(condition, key, '') !== undefined) return 'exempts';
  const isCompared = Object.entries(condition).some(
    ([operator, tests]) =>
      /^(?:String|Arn)(?!Not)/i.test(operator) &&
      isJson(tests) &&
      Object.keys(tests).some((name) => name.toLowerCase() === key.toLowerCase()),
  );
  return isCompared ? 'certain' : undefined;
}

const keysOfOrigin = ['aws:principalorgid', 'aws:principalorgpaths', 'aws:principalaccount', 'kms:calleraccount'];

/** Whether the statement with this number exempts principals by their organization or account. */
export function exemptsByOrigin(document: Json, number: number): boolean {
  const statement = statementsOf(document)[number];
  const condition = isJson(statement) && isJson(statement['Condition']) ? statement['Condition'] : {};
  return Object.entries(condition).some(
    ([operator, tests]) =>
      negated.test(operator.replace(/^For(?:Any|All)Values?:/i, '')) &&
      isJson(tests) &&
      Object.keys(tests).some((name) => keysOfOrigin.includes(name.toLowerCase())),
  );
}

export const negated = /^(?:String|Arn)Not(?:Equals|EqualsIgnoreCase|Like)(?:IfExists)?$/i;

function exempting(statement: Json, { key, value }: Exemption): Json {
  const given = isJson(statement['Condition']) ? statement['Condition'] : {};
  return { ...statement, Condition: extended(given, key, value) ?? added(given, key, value) };
}

/**
 * A condition that already exempts some values, with one more value. Undefined: there is no such
 * condition.
 */
function extended(condition: Json, key: string, value: string): Json | undefined {
  for (const [operator, tests] of Object.entries(condition)) {
    if (!negated.test(operator) || !isJson(tests)) continue;
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

/** An additional condition, so that the Deny becomes narrower. */
function added(condition: Json, key: Exemption['key'], value: string): Json {
  const [operator, wanted] =
    key === 'aws:PrincipalArn'
      ? ['ArnNotEquals', value]
      : key === 'aws:PrincipalIsAWSService'
        ? ['BoolIfExists', 'false']
        : ['StringNotEquals', value];
  const tests = condition[operator];
  return { ...condition, [operator]: { ...(isJson(tests) ? tests : {}), [key]: wanted } };
}
