import { arnParts, beforeAccount, filledUp } from '../base/arn.ts';
import { globOf } from '../base/glob.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { pathOfName, repeatedNames } from '../base/repeated-names.ts';
import { servicePrefix } from '../base/service.ts';
import { conditionKey } from './condition-keys.ts';
import { readDecimal } from './decimal.ts';
import type {
  ConditionTest,
  Entry,
  Listed,
  Policy,
  PrincipalEntry,
  ResourceEntry,
  Statement,
  TestValue,
} from './document.ts';
import { elements } from './elements.ts';
import type { DocumentFault } from './fault.ts';
import { operators, readOperator } from './operators.ts';
import { arnGlobOf } from './pattern.ts';
import { readAwsPrincipal, readOtherPrincipal } from './principals.ts';
import type { PolicyKind, StatementRef } from './statement-ref.ts';
import { type Fact, statementFact } from './truth.ts';
import { readResourceTemplate, readTemplate } from './variables.ts';
import type { Warning } from './warning.ts';
import { warningsOf } from './warnings.ts';

/**
 * `paths`: the path of each statement in the document. `warnings`: computed on demand, because most
 * callers need only a decision.
 */
export type Parsed =
  | { readonly policy: Policy; readonly paths: readonly string[]; readonly warnings: () => readonly Warning[] }
  | { readonly faults: readonly DocumentFault[] };

/** What is collected while a policy is read. */
interface Reading {
  readonly kind: PolicyKind;
  readonly name: string;
  readonly variables: boolean;
  /** The Sids that several statements have. */
  readonly sharedSids: ReadonlySet<string>;
  readonly faults: DocumentFault[];
  readonly warnings: Warning[];
}

/**
 * Reads a policy document: an object, JSON text, or URL-encoded JSON text (as IAM returns it).
 * Returns all faults at once. A document with a fault yields no policy.
 */
export function parse(kind: PolicyKind, name: string, document: unknown): Parsed {
  const read = readDocument(document);
  if ('fault' in read) return { faults: [read.fault] };
  const json = read.value;
  if (!isJson(json))
    return { faults: [{ path: '', says: 'is not a policy document (a JSON object with Version and Statement)' }] };
  const listed = json['Statement'];
  const given = isList(listed) ? listed : [listed];
  const variables = json['Version'] === '2012-10-17';
  const reading: Reading = { kind, name, variables, sharedSids: sharedSids(given), faults: [], warnings: [] };
  checkTop(json, reading);
  const pathOf = (index: number): string => (isList(listed) ? `Statement[${index}]` : 'Statement');
  const statements = given.flatMap((statement, index) => readStatement(statement, index, pathOf(index), reading));
  if (reading.faults.length > 0) return { faults: reading.faults };
  const policy: Policy = { kind, name, statements };
  const paths = statements.map(({ ref }) => pathOf(ref.statement));
  // An element may not occur twice in a statement (iam-evaluation 1.9). AWS does not publish what
  // each service does with such a statement (iam-evaluation 11.12).
  const repeated = 'text' in read ? repeatedNames(read.text, json) : [];
  const twice = repeated.map((element): Warning => ({ code: 'element-repeated', path: pathOfName(element) }));
  let all: readonly Warning[] | undefined;
  const warnings = (): readonly Warning[] => {
    all ??= [...twice, ...reading.warnings, ...warningsOf(policy, paths, json)];
    return all;
  };
  return { policy, paths, warnings };
}

/** The JSON of a document that is given as text. */
export function readPolicyText(
  text: string,
): { readonly value: unknown; readonly text: string } | { readonly fault: DocumentFault } {
  const given = text.replace(/^\uFEFF/, '').trim();
  try {
    const plain = given.startsWith('%') ? decodeURIComponent(given) : given;
    return { value: JSON.parse(plain), text: plain };
  } catch (error) {
    return { fault: { path: '', says: `is not JSON (${error instanceof Error ? error.message : 'unreadable'})` } };
  }
}

/** The JSON of a policy, which may be given as JSON, as text or as URL-encoded text. */
export function readDocument(document: unknown): ReturnType<typeof readPolicyText> | { readonly value: unknown } {
  return typeof document === 'string' ? readPolicyText(document) : { value: document };
}

function checkTop(json: Json, reading: Reading): void {
  const version = json['Version'];
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    reading.faults.push({ path: 'Version', says: 'is neither 2012-10-17 nor 2008-10-17' });
  }
  if (json['Id'] !== undefined && typeof json['Id'] !== 'string')
    reading.faults.push({ path: 'Id', says: 'is not a string' });
  const inside = json['Statement'] === undefined ? policyInside(json) : undefined;
  if (inside !== undefined) {
    const says = `is the answer of an API, not a policy: the policy is in its \`${inside}\``;
    reading.faults.push({ path: '', says, does: `put the value of \`${inside}\` in its place` });
    return;
  }
  if (json['Statement'] === undefined) reading.faults.push({ path: 'Statement', says: 'is missing' });
  for (const element of Object.keys(json)) {
    if (!['Version', 'Id', 'Statement'].includes(element))
      reading.faults.push({ path: element, says: 'is not an element of a policy' });
  }
}

/** Where the answers of APIs that read policies hold the policy. The longer path comes first. */
const placesInAnswers = ['Policy.Content', 'PolicyVersion.Document', 'Policy', 'PolicyDocument', 'Document', 'Content'];

/** The place of the policy in the answer of an API, such as GetKeyPolicy or GetRolePolicy. */
function policyInside(json: Json): string | undefined {
  return placesInAnswers.find((place) => {
    const held = place.split('.').reduce<unknown>((value, name) => (isJson(value) ? value[name] : undefined), json);
    return typeof held === 'string' || isJson(held);
  });
}

/** The Sids that several statements have. */
export function sharedSids(statements: readonly unknown[]): ReadonlySet<string> {
  const sids = statements.flatMap((one) => (isJson(one) && typeof one['Sid'] === 'string' ? [one['Sid']] : []));
  return new Set(sids.filter((sid, index) => sids.indexOf(sid) !== index));
}

const statementElements = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

function readStatement(json: unknown, index: number, path: string, reading: Reading): readonly Statement[] {
  const fault = (at: string, says: string): void =>
    void reading.faults.push({ path: at === '' ? path : `${path}.${at}`, says });
  if (!isJson(json)) {
    if (json !== undefined) fault('', 'is not a statement (a JSON object)');
    return [];
  }
  for (const element of Object.keys(json))
    if (!statementElements.includes(element)) fault(element, 'is not an element of a statement');
  for (const element of ['Principal', 'Action', 'Resource']) {
    if (json[element] !== undefined && json[`Not${element}`] !== undefined)
      fault(`Not${element}`, `is in one statement with ${element}: a statement can have only one of them`);
  }
  const { Effect: effect, Sid: sid } = json;
  if (effect !== 'Allow' && effect !== 'Deny') {
    fault('Effect', 'is neither "Allow" nor "Deny"');
    return [];
  }
  if (sid !== undefined && typeof sid !== 'string') fault('Sid', 'is not a string');
  const ref: StatementRef = {
    policy: reading.kind,
    name: reading.name,
    statement: index,
    ...(typeof sid === 'string' ? { sid } : {}),
    ...(typeof sid === 'string' && reading.sharedSids.has(sid) ? { sidIsShared: true } : {}),
    effect,
  };
  const unknowns: Fact[] = [];
  const warn = (at: string, what: string): void => {
    reading.warnings.push({ code: 'element-not-understood', path: `${path}.${at}`, what });
  };
  const unknown = (at: string, what: string): void => {
    unknowns.push(statementFact(ref, what));
    warn(at, what);
  };
  const context: StatementReading = { json, ref, path, reading, fault, unknown, warn };
  const principals = readPrincipals(context);
  const actions = readActions(context);
  const resources = readResources(context);
  const tests = readTests(context);
  return [{ ref, principals, actions, resources, tests, unknowns }];
}

interface StatementReading {
  readonly json: Json;
  readonly ref: StatementRef;
  readonly path: string;
  readonly reading: Reading;
  readonly fault: (at: string, says: string) => void;
  /** Whether the statement matches is then open. */
  readonly unknown: (at: string, what: string) => void;
  readonly warn: (at: string, what: string) => void;
}

function readPrincipals({ json, ref, reading, fault, warn }: StatementReading): Statement['principals'] {
  const rules = elements[reading.kind];
  const name = json['NotPrincipal'] === undefined ? 'Principal' : 'NotPrincipal';
  const value = json[name];
  if (rules.principal === 'refused') {
    if (value !== undefined) fault(name, `does not belong in this kind of policy (${reading.kind})`);
    return 'not applicable';
  }
  if (value === undefined) return 'missing';
  if (name === 'NotPrincipal' && (ref.effect === 'Allow' || !rules.notPrincipal))
    fault(name, 'works only with "Effect": "Deny" in resource policies');
  const match = name === 'Principal' ? 'some' : 'none';
  if (value === '*') return { match, of: [{ is: 'anyone', written: '*' }] };
  if (!isJson(value)) {
    fault(name, 'is neither "*" nor an object such as {"AWS": "arn:..."}');
    return 'missing';
  }
  const of: PrincipalEntry[] = [];
  for (const [kind, listed] of Object.entries(value)) {
    for (const text of texts(listed, () => fault(`${name}.${kind}`, 'is not a string or a list of strings'))) {
      const entry = kind === 'AWS' ? readAwsPrincipal(text) : readOtherPrincipal(kind, text);
      const written = kind === 'AWS' ? text : `${kind} ${text}`;
      if (entry === undefined) warn(`${name}.${kind}`, `principal ${written}`);
      of.push(entry ?? { is: 'unknown', text: written, fact: statementFact(ref, `principal ${written}`) });
    }
  }
  return { match, of };
}

/**
 * AWS refuses a wildcard where a text names the service, and does not say what the text would match
 * (iam-evaluation 2.18, 2.24).
 */
function oddOf(
  services: readonly (string | undefined)[],
  [element, text]: readonly [element: string, text: string],
  { ref, warn }: StatementReading,
): Pick<Entry, 'odd'> {
  if (!services.some((service) => service !== undefined && /[*?]/.test(service))) return {};
  const what = `${element} ${text}`;
  warn(element, what);
  return { odd: statementFact(ref, what) };
}

function readActions(context: StatementReading): Listed<Entry> {
  const { json, reading, fault } = context;
  const rules = elements[reading.kind];
  const name = json['NotAction'] === undefined ? 'Action' : 'NotAction';
  if (name === 'NotAction' && !rules.notAction) fault(name, `does not belong in this kind of policy (${reading.kind})`);
  if (json[name] === undefined) {
    if (!rules.mayLackActionOrResource) fault('Action', 'is missing');
    return { match: 'some', of: [] };
  }
  const of = texts(json[name], () => fault(name, 'is not a string or a list of strings')).map((text) => {
    if (text !== '*' && !text.includes(':')) fault(name, `has \`${text}\`, which is neither * nor service:Action`);
    const services = text === '*' ? [] : [servicePrefix(text)];
    return { text, glob: globOf(text.toLowerCase()), ...oddOf(services, [name, text], context) };
  });
  return { match: name === 'Action' ? 'some' : 'none', of };
}

/** The parts of a Resource that decide which service it is of. */
function servicesOf(text: string): readonly (string | undefined)[] {
  const [prefix, , service] = arnParts(filledUp(text)) ?? [];
  if (prefix !== undefined) return [prefix, service];
  // Another text matches ARNs only if it can begin like one.
  const [start = ''] = text.split(/[*?]/, 1);
  return 'arn:'.startsWith(start) ? [text] : [];
}

function readResources(context: StatementReading): Statement['resources'] {
  const { json, reading, fault } = context;
  const rules = elements[reading.kind];
  const name = json['NotResource'] === undefined ? 'Resource' : 'NotResource';
  if (json[name] === undefined) {
    if (!rules.mayLackActionOrResource) fault('Resource', 'is missing');
    return 'missing';
  }
  const of = texts(json[name], () => fault(name, 'is not a string or a list of strings')).map((text): ResourceEntry => {
    const incomplete = text !== '*' && arnParts(text) === undefined;
    if (incomplete && rules.incompleteArn === 'refused') fault(name, `has \`${text}\`, which is not a complete ARN`);
    const full = incomplete && rules.incompleteArn === 'filled up' ? filledUp(text) : text;
    const pattern =
      (reading.variables ? readResourceTemplate(full) : undefined) ?? arnGlobOf([{ text: full, wildcards: true }]);
    return {
      text,
      pattern,
      ...oddOf(text === '*' ? [] : servicesOf(text), [name, text], context),
      oddCase: /[A-Z]/.test(beforeAccount(full).replace(/\$\{[^}]*\}?/g, '')),
    };
  });
  return { match: name === 'Resource' ? 'some' : 'none', of };
}

function readTests({ json, ref, reading, fault, unknown }: StatementReading): readonly ConditionTest[] {
  const condition = json['Condition'];
  if (condition === undefined) return [];
  if (!isJson(condition)) {
    fault('Condition', 'is not an object');
    return [];
  }
  const tests: ConditionTest[] = [];
  for (const [written, keys] of Object.entries(condition)) {
    if (!isJson(keys)) {
      fault(`Condition.${written}`, 'is not an object of condition keys');
      continue;
    }
    const operator = readOperator(written);
    if (operator === undefined) {
      unknown(`Condition.${written}`, `condition operator ${written}`);
      continue;
    }
    for (const [key, listed] of Object.entries(keys)) {
      const values = scalars(listed, () =>
        fault(`Condition.${written}.${key}`, 'is not a string, number, boolean or a list of them'),
      );
      for (const number of rounded(listed))
        unknown(`Condition.${written}.${key}`, `the number ${number}, which the JSON reader may have rounded`);
      const { name, over, ifExists } = operator;
      tests.push({
        name,
        operator: operators[name],
        over,
        ifExists,
        key,
        keyId: key.toLowerCase(),
        about: conditionKey(key.toLowerCase()),
        values: values.map((text): TestValue => {
          const template = reading.variables && operators[name].variables ? readTemplate(text) : undefined;
          return template === undefined
            ? { text, matcher: operators[name].read([{ text, wildcards: true }]) }
            : { text, template };
        }),
        ref,
      });
    }
  }
  return tests;
}

function texts(value: unknown, fault: () => void): readonly string[] {
  const list = isList(value) ? value : [value];
  const found = list.filter((item) => typeof item === 'string');
  if (found.length < list.length) fault();
  return found;
}

function scalars(value: unknown, fault: () => void): readonly string[] {
  const list = isList(value) ? value : [value];
  const found = list.filter(
    (item) => typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean',
  );
  if (found.length < list.length) fault();
  return found.map(String);
}

/**
 * The numbers that may differ from what the policy says, because JavaScript keeps only about 15
 * digits.
 */
function rounded(value: unknown): readonly number[] {
  const list = isList(value) ? value : [value];
  return list
    .filter((item) => typeof item === 'number')
    .filter((number) => (readDecimal(String(number))?.digits.length ?? 0) > mostDigits);
}
const mostDigits = 15;
