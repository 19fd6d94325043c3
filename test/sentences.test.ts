import { describe, expect, test } from 'vitest';
import { childrenOf, isNode, isRecord, type Node, sources, writtenIn } from './source.ts';

/*
 * Decisions are data, and the words come later: code that decides writes no sentence, and no code
 * takes a sentence apart.
 */

function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  const { type, name, property, value } = node;
  if (type === 'MemberExpression') return nameOf(property);
  return String(type === 'Literal' ? value : name);
}

/** A sentence has at least this many words. */
const fewest = 4;

function isSentence(text: string): boolean {
  return text.split(/\s+/).filter((word) => /^[("'`]?[A-Za-z][A-Za-z'-]*[.,:;)"'`]*$/.test(word)).length >= fewest;
}

const refusal = /^(Failure|Invalid[A-Z])/;

/** The name of a type annotation. */
function typeNameOf(annotation: unknown): string {
  const type = isNode(annotation) ? annotation['typeAnnotation'] : undefined;
  return isNode(type) ? nameOf(type['typeName']) : '';
}

/**
 * Code that may use sentences: it refuses a bad question, or says why a policy or list could not be
 * read.
 */
const saysWhy: readonly ((node: Node) => boolean)[] = [
  ({ type, callee }) => type === 'NewExpression' && refusal.test(nameOf(callee)),
  // A fault in a file is reported with its place.
  ({ type, callee }) => type === 'CallExpression' && nameOf(callee) === 'faultAt',
  ({ type, returnType }) => type === 'FunctionDeclaration' && refusal.test(typeNameOf(returnType)),
  ({ type, callee }) => type === 'CallExpression' && isNode(callee) && callee['type'] === 'Super',
  ({ type, key }) => type === 'Property' && nameOf(key) === 'unread',
];

/**
 * Sentences among the values of a program. Types and the keys of tables are skipped, because they
 * are names.
 */
function sentencesIn(node: Node): readonly string[] {
  const { type, key, computed } = node;
  if (String(type).startsWith('TS') && type !== 'TSAsExpression' && type !== 'TSSatisfiesExpression') return [];
  if (saysWhy.some((says) => says(node))) return [];
  const text = writtenIn(node);
  const own = text !== undefined && isSentence(text) ? [text] : [];
  const children = childrenOf(node).filter((child) => computed === true || type !== 'Property' || child !== key);
  return [...own, ...children.flatMap(sentencesIn)];
}

/** Files of these layers that do not decide, or that write a refusal before they throw it. */
const descriptions: Readonly<Record<string, string>> = {
  'check/aws-managed-key.ts': 'the text of a policy of AWS',
  'diagnose/demo-incident.ts': 'an error text of AWS',
  'diagnose/incident-record.ts': 'what is wrong with a file',
  'fix/commands.ts': 'the description of a new policy',
  'fix/fix-files.ts': 'what a script prints',
  'fix/scripts.ts': 'what a script prints and compares with',
  'fix/terraform.ts': 'comments of a configuration',
  'preflight/baseline.ts': 'what is wrong with a file',
  'preflight/yaml.ts': 'what is wrong with a file',
  'policy/disputed.ts': 'a list for readers of what AWS leaves open',
  'policy/parse.ts': 'faults of documents',
  'policy/save-faults.ts': 'faults of documents',
  'policy/principals.ts': 'faults of principals',
};

const deciding = sources.filter(({ file }) => /^(check|diagnose|diff|fix|policy|preflight)\//.test(file));

describe('code that decides', () => {
  test.each(
    deciding
      .filter(({ file }) => !Object.hasOwn(descriptions, file))
      .map(({ file, program }) => [file, program] as const),
  )('%s holds no sentence', (_, program) => {
    expect(sentencesIn(program)).toEqual([]);
  });

  test.each(Object.keys(descriptions))('%s holds descriptions', (name) => {
    const held = deciding.find(({ file }) => file === name);
    expect(held === undefined ? [] : sentencesIn(held.program)).not.toEqual([]);
  });
});

/** Templates that begin with a value, which may be a name. */
function namesFirstIn(node: Node): readonly string[] {
  const { type, quasis, expressions } = node;
  const [first, second] = [quasis, expressions].map((all) =>
    Array.isArray(all) && isNode(all[0]) ? all[0] : undefined,
  );
  const value = first?.['value'];
  const opens = type === 'TemplateLiteral' && isRecord(value) && value['cooked'] === '' && second !== undefined;
  const isName = second?.['type'] === 'Identifier' || second?.['type'] === 'MemberExpression';
  return [...(opens && isName ? [nameOf(second)] : []), ...childrenOf(node).flatMap(namesFirstIn)];
}

/** `what`: words of the program. `key`, `session`: names with their kind, such as alias/orders. */
const keptAsTheyAre = new Set(['what', 'key', 'session']);

test.each(['explain/preconditions.ts', 'explain/assumptions.ts'])('no sentence of %s begins with a name', (name) => {
  const held = sources.find(({ file }) => file === name);
  const opening = held === undefined ? [''] : namesFirstIn(held.program);
  // A sentence begins with a capital letter, but a name keeps its case.
  expect(opening.filter((one) => !keptAsTheyAre.has(one))).toEqual([]);
});

/** The separators and patterns of code that takes a text apart, if they are made for sentences. */
function cutsIn(node: Node): readonly string[] {
  const { type, callee, arguments: given, regex } = node;
  const pattern = type === 'Literal' && isRecord(regex) ? String(regex['pattern']) : undefined;
  const separator =
    type === 'CallExpression' && nameOf(callee) === 'split' && Array.isArray(given) ? nameOf(given[0]) : undefined;
  return [
    ...(pattern !== undefined && /[A-Za-z,;:=|] +\S/.test(pattern) ? [pattern] : []),
    ...(separator !== undefined && /\S/.test(separator) && / /.test(separator) ? [separator] : []),
    ...childrenOf(node).flatMap(cutsIn),
  ];
}

/** Files that read the texts of AWS. */
const readers = new Set(['diagnose/error-frames.ts', 'diagnose/error-text.ts', 'diagnose/known-texts.ts']);

test.each(
  sources
    .filter(
      ({ file }) => /^(answer|check|diagnose|diff|explain|fix|policy|preflight)\//.test(file) && !readers.has(file),
    )
    .map(({ file, program }) => [file, program] as const),
)('%s takes no sentence apart', (_, program) => {
  expect(cutsIn(program)).toEqual([]);
});
