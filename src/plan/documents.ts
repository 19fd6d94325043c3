import { isArn, parseArn } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { laterKey } from '../base/planned-name.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import { expressionAt, holdsTrue, propertyOf } from './configuration.ts';
import type { PlannedPlaces } from './places.ts';
import { nameOfAny, type PlannedChange, type PlannedChanges, type PlannedValue } from './planned-change.ts';

/** A policy of a plan. `hidden`: its text is known only when the plan is applied. */
export type PlannedDocument =
  /** `taken`: the plan has no text, so the text of this data source is used. */
  | { readonly is: 'text'; readonly document: string | Json; readonly taken?: string }
  /** `local`: see Origin. */
  | { readonly is: 'not given'; readonly local?: string }
  /** `because`: the addresses that the text is built from. */
  | { readonly is: 'hidden'; readonly because: readonly string[] };

/** The policy at an attribute of a change. */
export function documentAt(
  planned: PlannedChanges,
  places: PlannedPlaces,
  change: PlannedChange,
  ...path: readonly (string | number)[]
): PlannedDocument {
  const only = planned.valueAt(change, path);
  if (only.is === 'not given') return only;
  if (only.is === 'known')
    return typeof only.value === 'string'
      ? { is: 'text', document: only.value }
      : { is: 'hidden', because: ['an expression'] };
  if (only.is === 'later' && isPolicyDocument(only.of) && textAttributes.has(only.name)) {
    const document = rebuilt(planned, places, only.of);
    return document.is === 'text' ? { ...document, taken: only.of.address } : document;
  }
  const because = [...new Set(planned.valuesAt(change, path).flatMap(namesOf))];
  return { is: 'hidden', because: because.length === 0 ? namesOf(only) : because };
}

/**
 * The attributes of a policy document that have its text. Empty: the plan shows only which instance
 * of the data source is used.
 */
const textAttributes: ReadonlySet<string> = new Set(['json', 'minified_json', '']);

function isPolicyDocument({ type, isData }: PlannedChange): boolean {
  return isData && type === 'aws_iam_policy_document';
}

function namesOf(value: PlannedValue): readonly string[] {
  switch (value.is) {
    case 'later':
      return [nameOfAny(value)];
    case 'undetermined':
      return [value.name];
    default:
      return [];
  }
}

/**
 * A policy that may allow and deny anything. Such a policy is used where a missing policy would
 * count as harmless. `address`: the resource whose text is not known yet.
 */
export function openDocument({ address }: PlannedChange, kind: PolicyKind): PolicyDocument {
  const whom = kind === 'scp' ? {} : { Principal: '*' };
  return {
    Version: '2012-10-17',
    Statement: ['Allow', 'Deny'].map((Effect, index) => ({
      Effect,
      ...whom,
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { [laterKey(address, index)]: 'known after apply' } },
    })),
  };
}

/** Attributes with documents that count before the statements of a data source, and after them. */
const inheritedDocuments = [
  ['source_json', 'source_policy_documents'],
  // Old providers have `source_json` and `override_json`.
  ['override_json', 'override_policy_documents'],
] as const;

/**
 * The policy of a data source that is read only during the apply, built statement by statement from
 * the parts that are known.
 */
function rebuilt(planned: PlannedChanges, places: PlannedPlaces, change: PlannedChange): PlannedDocument {
  const { after, unknown, address } = change;
  const mark = isJson(unknown) ? unknown : {};
  const inherited = inheritedDocuments.map((names) => {
    const all = names.map((name) => documentsAt(planned, places, change, name));
    return all.includes(undefined) ? undefined : all.flatMap((documents) => documents ?? []);
  });
  if (inherited.includes(undefined)) return { is: 'hidden', because: [`${address} (its source documents)`] };
  const given = propertyOf(after, 'statement');
  if (propertyOf(mark, 'statement') === true) return { is: 'hidden', because: [`${address}.statement`] };
  const marks = propertyOf(mark, 'statement');
  // A statement replaces an earlier one with the same Sid.
  const hides = inherited.some((documents) => documents !== undefined && documents.length > 0)
    ? ['effect', 'sid']
    : ['effect'];
  if (isList(marks) && marks.some((one) => hides.some((name) => expressionAt(one, [name]) === true)))
    return { is: 'hidden', because: [`${address}.statement`] };
  const written = planned.expressionAt(change, ['statement']);
  const all = isList(given) ? given : [];
  const own = all.flatMap((statement, index) =>
    isJson(statement)
      ? statementsOf(
          { planned, places, change, index: placeIn(written, all, index, statementFields) },
          statement,
          isList(marks) ? marks[index] : undefined,
          laterKey(address, index),
        )
      : [],
  );
  const [sources = [], overrides = []] = inherited;
  const statements = [...sources, own, ...overrides].reduce(merged, []);
  const version = propertyOf(after, 'version');
  return {
    is: 'text',
    document: { Version: typeof version === 'string' ? version : '2012-10-17', Statement: statements },
  };
}

/** A list of texts, or the one text of an attribute as a list, with its unknown parts. */
function listAt({ after, unknown }: PlannedChange, name: string) {
  const given = propertyOf(after, name);
  const mark = isJson(unknown) ? propertyOf(unknown, name) : undefined;
  if (!name.endsWith('_json')) return { texts: isList(given) ? given : [], mark };
  return { texts: [given ?? null], mark: [mark === true] };
}

/**
 * The statements of each document that another document includes. Undefined: not all of them are
 * known.
 */
function documentsAt(
  planned: PlannedChanges,
  places: PlannedPlaces,
  change: PlannedChange,
  name: string,
): readonly (readonly Json[])[] | undefined {
  const { texts, mark } = listAt(change, name);
  if (mark === true) return undefined;
  const values = planned.valuesAt({ ...change, unknown: { [name]: true } }, [name]);
  const later = values.filter((value) => value.is === 'later');
  // If a condition chooses between documents, the plan does not show which one is used.
  const missing = isList(mark) ? mark.filter((one) => one === true).length : 0;
  if (missing > 0 && (later.length !== missing || values.length > texts.length)) return undefined;
  const found: (readonly Json[])[] = [];
  let next = 0;
  for (const [index, text] of texts.entries()) {
    if (typeof text === 'string') {
      const statements = statementsIn(text);
      if (statements === undefined || planned.outdatedIn(change, [name], text) !== undefined) return undefined;
      found.push(statements);
      continue;
    }
    if (!(isList(mark) && mark[index] === true)) continue;
    const value = later[next];
    next += 1;
    const document =
      value === undefined || !isPolicyDocument(value.of) ? undefined : rebuilt(planned, places, value.of);
    if (document?.is !== 'text' || typeof document.document === 'string') return undefined;
    const { Statement: statements } = document.document;
    found.push(isList(statements) ? statements.filter(isJson) : []);
  }
  return found;
}

/** The statements of a policy. Undefined: the text is not JSON, so nothing shows what it does. */
function statementsIn(text: string): readonly Json[] | undefined {
  if (text === '') return [];
  try {
    const json: unknown = JSON.parse(text);
    const statements = isJson(json) ? propertyOf(json, 'Statement') : undefined;
    return isList(statements) ? statements.filter(isJson) : isJson(statements) ? [statements] : [];
  } catch {
    return undefined;
  }
}

/**
 * Adds the statements of a document that the provider merges in. A statement replaces all earlier
 * statements with the same Sid, in any document.
 */
function merged(statements: readonly Json[], document: readonly Json[]): readonly Json[] {
  const sids = new Set(document.flatMap((one) => sidOf(one) ?? []));
  const isReplaced = (one: Json): boolean => {
    const sid = sidOf(one);
    return sid !== undefined && (sids.has(sid) || (isOpenHalf(one) && sids.has(sid.slice(0, -openSuffix.length))));
  };
  return [...statements.filter((one) => !isReplaced(one)), ...document];
}

function sidOf({ Sid: sid }: Json): string | undefined {
  return typeof sid === 'string' && sid !== '' ? sid : undefined;
}

/**
 * The end of the Sid of the second statement, if a statement is split into one with its known parts
 * and one with its unknown parts.
 */
const openSuffix = 'AfterApply';

function isOpenHalf(statement: Json): boolean {
  const tests = expressionAt(statement, ['Condition', 'StringEquals']);
  return (
    sidOf(statement)?.endsWith(openSuffix) === true &&
    isJson(tests) &&
    Object.keys(tests).some((key) => key.startsWith(laterKey('')))
  );
}

interface At {
  readonly planned: PlannedChanges;
  readonly places: PlannedPlaces;
  readonly change: PlannedChange;
  /** The place of the statement in the configuration. Undefined: not known. */
  readonly index: number | undefined;
  /** The position of a block within the statement. The configuration may have another order. */
  readonly block?: readonly [field: string, blocks: readonly unknown[], index: number];
}

const statementFields = ['sid', 'effect', 'actions', 'not_actions', 'resources', 'not_resources'];
const blockFields = ['type', 'test', 'variable'];

/**
 * The place of a block of the plan in the configuration. The configuration lacks `dynamic` blocks
 * and may order sets differently, so the constants in both decide. Undefined: several blocks are
 * possible.
 */
function placeIn(
  written: unknown,
  blocks: readonly unknown[],
  index: number,
  fields: readonly string[],
): number | undefined {
  const all = isList(written) ? written : [];
  if (fields === statementFields && all.length === blocks.length) return index;
  const fits = (one: unknown, block: unknown): boolean => fields.every((name) => mayBe(one, block, name));
  const found = all.flatMap((one, at) => (fits(one, blocks[index]) ? [at] : []));
  // A `dynamic` block may look like a block of the configuration.
  const [only, ...others] = found;
  const isOwn = others.length === 0 && only !== undefined && blocks.filter((one) => fits(all[only], one)).length === 1;
  return isOwn ? only : undefined;
}

/** Whether an attribute of the configuration can have the value that the plan has. */
function mayBe(written: unknown, block: unknown, name: string): boolean {
  const expression = expressionAt(written, [name]);
  if (expression !== undefined && expressionAt(expression, ['constant_value']) === undefined) return true;
  return sameTexts(expressionAt(expression, ['constant_value']), expressionAt(block, [name]));
}

/** A value that is not set counts as an empty set; the order of a set does not matter. */
function sameTexts(one: unknown, other: unknown): boolean {
  const texts = (given: unknown): ReadonlySet<unknown> =>
    new Set((isList(given) ? given : [given]).filter((text) => text !== undefined && text !== null));
  const [left, right] = [texts(one), texts(other)];
  return left.size === right.size && [...left].every((text) => right.has(text));
}

/** Texts of an element, and whether one of them is not known. */
interface Texts {
  readonly texts: readonly string[];
  readonly isOpen: boolean;
}

/**
 * One or two statements of the policy for a statement of the data source. If an element is not
 * known, the second statement has any value for the element, under a condition on `openKey` that
 * cannot be decided yet.
 */
function statementsOf(at: At, statement: Json, mark: unknown, openKey: string): readonly Json[] {
  const texts = (name: string): Texts => textsAt(at, statement, mark, name);
  const sid = propertyOf(statement, 'sid');
  const effect = propertyOf(statement, 'effect');
  const base = {
    ...(typeof sid === 'string' && sid !== '' ? { Sid: sid } : {}),
    Effect: effect === 'Deny' ? 'Deny' : 'Allow',
  };
  const elements = [
    element('Action', texts('actions')),
    element('NotAction', texts('not_actions')),
    element('Resource', texts('resources')),
    element('NotResource', texts('not_resources')),
    principals(at, statement, mark, 'Principal'),
    principals(at, statement, mark, 'NotPrincipal'),
  ].filter((one) => one !== undefined);
  const conditions = conditionsOf(at, statement, mark);
  const isOpen = elements.some(({ isOpen: open }) => open) || conditions.isOpen;
  const condition = Object.keys(conditions.tests).length === 0 ? {} : { Condition: conditions.tests };
  const isKnown =
    elements.every(({ known, isOpen: open, isNegated }) => known !== undefined && !(open && isNegated)) &&
    !conditions.isOpen;
  const known = isKnown ? [{ ...base, ...joined(elements.map((one) => one.known ?? {})), ...condition }] : [];
  if (!isOpen) return known;
  const open = {
    StringEquals: { ...conditions.tests['StringEquals'], [openKey]: 'known after apply' },
  };
  const wide = {
    ...base,
    ...(isKnown && typeof sid === 'string' && sid !== '' ? { Sid: `${sid}${openSuffix}` } : {}),
    ...joined(elements.map((one) => one.wide)),
    Condition: { ...conditions.tests, ...open },
  };
  return [...known, wide];
}

function joined(parts: readonly Json[]): Json {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}

interface Element {
  /** The known part of the element. Undefined: none. */
  readonly known: Json | undefined;
  /** The widest value that the element can have. */
  readonly wide: Json;
  readonly isOpen: boolean;
  readonly isNegated: boolean;
}

function element(name: string, { texts, isOpen }: Texts): Element | undefined {
  if (texts.length === 0 && !isOpen) return undefined;
  const isNegated = name.startsWith('Not');
  const known = texts.length === 0 ? undefined : { [name]: texts };
  const everything = isNegated ? (known ?? { [name.slice(3)]: '*' }) : { [name]: '*' };
  return { known, wide: isOpen ? everything : { [name]: texts }, isOpen, isNegated };
}

function principals(at: At, statement: Json, mark: unknown, name: 'Principal' | 'NotPrincipal'): Element | undefined {
  const field = name === 'Principal' ? 'principals' : 'not_principals';
  const given = propertyOf(statement, field);
  // Only the apply shows whether there are blocks, and which ones.
  if (expressionAt(mark, [field]) === true)
    return { known: undefined, wide: { Principal: '*' }, isOpen: true, isNegated: false };
  if (!isList(given) || given.length === 0) return undefined;
  const read = given.filter(isJson).map((entry, index) => ({
    type: propertyOf(entry, 'type'),
    ...textsAt({ ...at, block: [field, given, index] }, entry, expressionAt(mark, [field, index]), 'identifiers'),
  }));
  const isOpen = read.some(({ type, isOpen: open }) => open || typeof type !== 'string');
  const isAnyone = read.some(({ type, texts }) => type === '*' && texts.includes('*'));
  const byType = new Map<string, string[]>();
  for (const { type, texts } of read) {
    if (typeof type !== 'string' || type === '*' || texts.length === 0) continue;
    byType.set(type, [...(byType.get(type) ?? []), ...texts]);
  }
  const known = isAnyone ? { [name]: '*' } : byType.size === 0 ? undefined : { [name]: Object.fromEntries(byType) };
  const isNegated = name.startsWith('Not');
  const everything = isNegated ? (known ?? { Principal: '*' }) : { [name]: '*' };
  return { known, wide: isOpen ? everything : (known ?? {}), isOpen, isNegated };
}

function conditionsOf(at: At, statement: Json, mark: unknown) {
  const given = propertyOf(statement, 'condition');
  const found: { readonly test: string; readonly variable: string; readonly texts: readonly string[] }[] = [];
  const left: unknown[][] = [];
  let isOpen = expressionAt(mark, ['condition']) === true;
  const blocks = (isList(given) ? given : []).filter(isJson);
  for (const [index, entry] of blocks.entries()) {
    const [test, variable] = [propertyOf(entry, 'test'), propertyOf(entry, 'variable')];
    const { texts, isOpen: open } = textsAt(
      { ...at, block: ['condition', blocks, index] },
      entry,
      expressionAt(mark, ['condition', index]),
      'values',
    );
    if (typeof test !== 'string' || typeof variable !== 'string' || open) {
      isOpen = true;
      left.push([test, variable]);
      continue;
    }
    found.push({ test, variable, texts });
  }
  // If several blocks have the same test and key, the provider merges their values. A condition is
  // left out if an unknown block may add values to it.
  const isWhole = ({ test, variable }: { readonly test: string; readonly variable: string }): boolean =>
    left.every(
      ([other, key]) => (typeof other === 'string' && other !== test) || (typeof key === 'string' && key !== variable),
    );
  const tests: Record<string, Record<string, readonly string[]>> = {};
  for (const { test, variable, texts } of found.filter(isWhole))
    tests[test] = { ...tests[test], [variable]: [...(tests[test]?.[variable] ?? []), ...texts] };
  return { tests, isOpen };
}

/** The texts of a list in a statement, or in a block of a statement. */
function textsAt({ planned, places, change, index, block }: At, holder: Json, mark: unknown, name: string): Texts {
  const held = propertyOf(holder, name);
  const marked = isJson(mark) ? propertyOf(mark, name) : mark;
  const all = isList(held) ? held : held === null || held === undefined ? [] : [held];
  const given = all.filter((one) => typeof one === 'string').map(unescaped);
  const path = pathIn(planned, change, index, block);
  const isOutdated = (text: string): boolean =>
    planned.outdatedIn(change, path === undefined ? [] : [...path, name], text) !== undefined;
  const texts = given.filter((text) => !isOutdated(text));
  if (texts.length < given.length) return { texts, isOpen: true };
  if (!holdsTrue(marked)) return { texts, isOpen: false };
  if (path === undefined) return { texts, isOpen: true };
  const hiding = { ...change, unknown: true };
  const values = planned.valuesAt(hiding, [...path, name]);
  const later = values.flatMap((value) => (value.is === 'later' ? (places.textOf(value) ?? []) : []));
  // A text that is not an ARN may be only a part of an ARN, such as the name of a role after its
  // account.
  // No action is an ARN: an attribute of a key can only decide which actions the list has.
  const isSure =
    !name.endsWith('actions') &&
    values.every((value) => showsAttribute(value, block?.[0], places)) &&
    later.every((text) => isArn(text) && isValueOf(block, text)) &&
    values.every(({ is }) => is === 'later' || is === 'known');
  // `compact([aws_kms_key.k.arn, ""])` hides how many texts there are: the named text, and perhaps
  // others. If there are several references, a condition may choose one of them.
  if (marked === true)
    return { texts: isSure && planned.valueAt(hiding, [...path, name]).is === 'later' ? later : [], isOpen: true };
  const isWhole = isSure && later.length === all.length - texts.length && values.length <= all.length;
  return isWhole ? { texts: [...texts, ...later], isOpen: false } : { texts, isOpen: true };
}

/**
 * Whether the plan shows which attribute gives a value. `aws_iam_role.r[each.key].unique_id` is
 * printed without the attribute, so the value may be the ARN, or part of another text. Keys are an
 * exception, because policies always name a key by its ARN, and a principal is always an ARN, too. `field`:
 * the block that has the value.
 */
function showsAttribute(value: PlannedValue, field: string | undefined, places: PlannedPlaces): boolean {
  if (value.is !== 'later') return true;
  // All replicas of a multi-Region key have its ID, so the text around the ID decides which one it is.
  const { type } = value.of;
  const isId = type.startsWith('aws_kms_') && (value.name === 'key_id' || value.name === 'id');
  if (isId && places.mayBeMultiRegion(value.of)) return false;
  if (value.name !== '') return true;
  const named = field === 'principals' ? /^aws_(?:iam_(?:role|user)|kms_(?:\w+_)?key)$/ : /^aws_kms_(?:\w+_)?key$/;
  return named.test(type);
}

/**
 * Whether an ARN can be the value of a condition. An account cannot be the ARN of a key, so a
 * function takes the account from the ARN: `split(":", aws_kms_key.k.arn)[4]`.
 */
function isValueOf(block: At['block'], arn: string): boolean {
  if (block?.[0] !== 'condition') return true;
  const [, blocks, index] = block;
  const key = String(expressionAt(blocks[index], ['variable'])).toLowerCase();
  if (key === 'aws:principalarn') return /^(?:iam|sts)$/.test(parseArn(arn)?.service ?? '');
  return !/^aws:(?:principalorgid|requestedregion)$|^kms:viaservice$|account$/.test(key);
}

/** The place of a statement, or of a block in it, in the configuration. Undefined: not known. */
function pathIn(
  planned: PlannedChanges,
  change: PlannedChange,
  index: number | undefined,
  block: At['block'],
): readonly (string | number)[] | undefined {
  if (index === undefined || block === undefined) return index === undefined ? undefined : ['statement', index];
  const [field, blocks, position] = block;
  const at = placeIn(planned.expressionAt(change, ['statement', index, field]), blocks, position, blockFields);
  return at === undefined ? undefined : ['statement', index, field, at];
}

/** In the data source, `&{` means the `${` of a policy variable. */
function unescaped(text: string): string {
  return text.replaceAll('&{', '${');
}
