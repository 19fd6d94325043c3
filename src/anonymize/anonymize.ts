/*
 * src/anonymize/ replaces names in evidence, so that the evidence can be shown to others and still
 * gives the same answers.
 */

import * as v from 'valibot';
import { isAwsPolicyArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { evidenceFields, type Fields, fieldsWithin, listWithin } from '../evidence/lists.ts';
import { type Evidence, evidenceSchema } from '../evidence/schema.ts';
import { hasPlainValues } from '../policy/condition-keys.ts';
import { base64 } from '../policy/matchers.ts';
import { operators, readOperator } from '../policy/operators.ts';
import { readPolicyText } from '../policy/parse.ts';
import { pseudonyms } from './pseudonyms.ts';

/**
 * Whether a condition operator compares names. Others compare numbers, times, addresses and the
 * like.
 */
function comparesNames(operator: string): boolean {
  const name = readOperator(operator)?.name;
  const compares = name === undefined ? 'text' : operators[name].compares;
  return compares === 'text' || compares === 'arn';
}

/** What anonymized evidence still contains, for users who share it. */
export const staysAsItIs: readonly string[] = [
  'words, services and managed policies of AWS',
  'Regions, engines and their versions',
  'dates and times',
  'IP addresses',
  'numbers of up to five digits',
  'values in numeric, date and Boolean conditions',
  'names of unknown fields, but not their values',
];

/** What to do with each text in evidence: collect it, or replace it. */
interface Texts {
  readonly name: (text: string) => string;
  /** For a text in a policy, where `*` and `?` match anything. */
  readonly pattern: (text: string) => string;
}

/**
 * Replaces account IDs, names, IDs and tags everywhere in evidence. The same text always gets the
 * same replacement, so every verdict stays the same. Of AWS's answers to failed reads, only the
 * error code stays.
 * @throws Failure that names a text that cannot be replaced without changing verdicts
 */
export function anonymize(evidence: readonly Evidence[]): readonly Evidence[] {
  const [names, patterns] = [new Set<string>(), new Set<string>()];
  const note = (text: string): string => {
    names.add(text);
    return text;
  };
  const notePattern = (text: string): string => {
    if (!/[*?$]/.test(text)) return note(text);
    patterns.add(text);
    return text;
  };
  for (const one of evidence) walk(evidenceFields, one, { name: note, pattern: notePattern });
  const { of } = pseudonyms(names, patterns);
  return evidence.map((one) => v.parse(evidenceSchema, walk(evidenceFields, one, { name: of, pattern: of })));
}

/** The names of the fields in the schema of evidence. */
const known = new Set(fieldNamesOf(evidenceSchema));

function fieldNamesOf(schema: unknown): readonly string[] {
  if (!isJson(schema)) return [];
  const { entries, wrapped, item, value, options } = schema;
  const own = isJson(entries) ? Object.keys(entries) : [];
  const inner = [
    ...(isJson(entries) ? Object.values(entries) : []),
    ...(isList(options) ? options : []),
    ...[wrapped, item, value],
  ];
  return [...own, ...inner.flatMap(fieldNamesOf)];
}

/** A name that AWS could give to a field. */
const awsField = /^\$?[A-Za-z][A-Za-z0-9]*$/;

/**
 * Whether users chose a property name. An unknown field may be a new field of AWS, so its name
 * stays. Names inside an unknown field may be names of users, so they are replaced.
 */
function isName(name: string, { names, each }: Fields, within: string | undefined): boolean {
  if (names === true) return !name.startsWith('aws:');
  if (each !== undefined || known.has(name)) return false;
  return !awsField.test(name) || (within !== undefined && !known.has(within));
}

/**
 * Walks through every property of an object with these fields. `within`: the field that holds the
 * object, or the list that holds it.
 */
function walk(fields: Fields, object: Json, texts: Texts, within?: string): Json {
  const isAwsPolicy = [object['Arn'], object['PolicyArn']].some(
    (arn) => typeof arn === 'string' && isAwsPolicyArn(arn),
  );
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      isName(name, fields, within) ? texts.name(name) : name,
      isAwsPolicy && name === 'PolicyName' ? value : walkValue(fields, name, value, texts),
    ]),
  );
}

function walkValue(fields: Fields, name: string, value: unknown, texts: Texts): unknown {
  if (fields.words?.includes(name) === true) return value;
  if (fields.policies?.includes(name) === true)
    return typeof value === 'string' ? policyText(value, texts) : policy(value, texts);
  if (isList(value)) {
    const list = listWithin(fields, name) ?? fields;
    return value.map((item) => (isJson(item) ? walk(list, item, texts, name) : walkValue(fields, name, item, texts)));
  }
  if (isJson(value)) return walk(fieldsWithin(fields, name) ?? fields, value, texts, name);
  if (typeof value !== 'string') return value;
  return fields.answers?.includes(name) === true ? codeOf(value) : plainText(value, texts);
}

function plainText(value: string, { name }: Texts): string {
  return isAwsPolicyArn(value) ? value : name(value);
}

/** The error code of an AWS answer, which is its first word. */
function codeOf(answer: string): string {
  return answer.slice(0, Math.max(answer.search(/[:\s]|$/), 0));
}

function policyText(value: string, texts: Texts): string {
  const read = readPolicyText(value);
  if ('value' in read) return JSON.stringify(policy(read.value, texts));
  const next = 'correct the policy, or collect without --anonymize';
  throw new Failure('input', `--anonymize: this policy is not JSON: ${value.trim().slice(0, 60)}`, next);
}

function policy(document: unknown, texts: Texts): unknown {
  if (isList(document)) return document.map((item) => policy(item, texts));
  if (!isJson(document)) return typeof document === 'string' ? texts.pattern(document) : document;
  return Object.fromEntries(
    Object.entries(document).map(([element, value]) => [element, elementOf(element, value, texts)]),
  );
}

function elementOf(element: string, value: unknown, texts: Texts): unknown {
  if (['Version', 'Effect', 'Action', 'NotAction'].includes(element)) return value;
  if (element === 'Sid' || element === 'Id') return typeof value === 'string' ? texts.name(value) : value;
  if (element === 'Condition') return conditions(value, texts);
  if ((element === 'Principal' || element === 'NotPrincipal') && isJson(value))
    return Object.fromEntries(
      Object.entries(value).map(([kind, who]) => [kind, kind === 'Service' ? who : policy(who, texts)]),
    );
  return policy(value, texts);
}

function conditions(value: unknown, texts: Texts): unknown {
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([operator, tests]) => [
      operator,
      isJson(tests) ? testsOf(operator, tests, texts) : tests,
    ]),
  );
}

function testsOf(operator: string, tests: Json, texts: Texts): Json {
  return Object.fromEntries(
    Object.entries(tests).map(([key, values]) => [conditionKey(key, texts), valuesOf(operator, key, values, texts)]),
  );
}

function valuesOf(operator: string, key: string, values: unknown, texts: Texts): unknown {
  if (readOperator(operator)?.name === 'BinaryEquals')
    return isList(values) ? values.map((value: unknown) => binary(value, texts)) : binary(values, texts);
  return comparesNames(operator) && !hasPlainValues(key.toLowerCase()) ? policy(values, texts) : values;
}

/** Other bytes in Base64. Text that is not Base64 must not become Base64. */
function binary(value: unknown, { name }: Texts): unknown {
  if (typeof value !== 'string') return value;
  const other = name(value);
  if (other === value) return value;
  return base64.test(value) ? btoa(other) : `!${other}`;
}

/**
 * Replaces the name at the end of a condition key. `aws:ResourceTag/team` and
 * `kms:EncryptionContext:team` end with a name. `kms:EncryptionContext:aws:rds:dbc-id` does not.
 */
function conditionKey(key: string, { name }: Texts): string {
  const [, prefix, own] = /^([^/]+\/|kms:EncryptionContext:(?!aws:))(.+)$/i.exec(key) ?? [];
  return prefix === undefined || own === undefined ? key : prefix + name(own);
}
