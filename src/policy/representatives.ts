import ipaddr from 'ipaddr.js';
import { type TextSet, textsThatDiffer } from './automaton.ts';
import { isMultivalued } from './context-keys.ts';
import type { Statement, Template, Test } from './document.ts';
import type { Accepts, Matcher } from './matchers.ts';
import { globOfParts, literal, matches, type Token, tokensOf } from './pattern.ts';
import { absent, certain, isAnyText, type Possible, present } from './possible.ts';
import { contextOf, type Request } from './request.ts';
import { resolve } from './variables.ts';

/** States of a key that stand for all its states: any other is told apart from one of them by no test. */
export interface Representatives {
  readonly states: readonly Possible[];
  /** Another key that is open should be settled first, for the two are compared with each other. */
  readonly waits: boolean;
  /** False: there are more classes than could be listed. */
  readonly complete: boolean;
}

/** More values than this are not tried for one key. */
const mostValues = 64;
/** More classes of single values than this are not combined into sets. */
const mostInSets = 5;

/**
 * The states of a context key, one for each outcome that the tests of the statements can have together.
 * `keyId` is lower case; the request's own knowledge of the key bounds them.
 */
export function statesOf(keyId: string, request: Request, statements: readonly Statement[]): Representatives {
  const possible = contextOf(request, keyId);
  const none = possible.absent ? [absent] : [];
  if (!isAnyText(possible.values)) {
    return {
      states: [...possible.values.map((values): Possible => ({ absent: false, values: [values] })), ...none],
      complete: true,
      waits: false,
    };
  }
  const uses = usesOf(keyId, request, statements);
  const { startsWith, fresh } = possible.values;
  const domains = isArnKey(keyId) ? [pattern('arn:*:*:*:*:*')] : [];
  const single = valuesOf(uses, { keyId, startsWith, fresh, domains });
  if (!isMultivalued(keyId))
    return {
      states: [...single.values.map((value) => present(value)), ...none],
      complete: single.complete,
      waits: uses.open,
    };
  const few = single.values.slice(0, mostInSets);
  const sets = subsets(few).map((values) => present(...values));
  return {
    states: [...sets, ...none],
    complete: single.complete && few.length === single.values.length,
    waits: uses.open,
  };
}

function isArnKey(keyId: string): boolean {
  return keyId.endsWith('arn');
}

function pattern(text: string): TextSet {
  return { tokens: tokensOf(globOfParts([{ text, wildcards: true }])), ignoreCase: false };
}

/** Non-empty ones, the small ones first. */
function subsets(values: readonly string[]): readonly (readonly string[])[] {
  const all = values.reduce<readonly (readonly string[])[]>(
    (sets, value) => [...sets, ...sets.map((set) => [...set, value])],
    [[]],
  );
  return all.filter((set) => set.length > 0).toSorted((one, other) => one.length - other.length);
}

/** What the statements ask of a key. */
interface Uses {
  readonly matchers: readonly Matcher[];
  readonly kinds: ReadonlySet<string>;
  /** Values for which a template that asks for the key meets what it is compared with. */
  readonly fitting: readonly string[];
  readonly complete: boolean;
  /** The key is compared with another one that is open: settle that one first. */
  readonly open: boolean;
}

function usesOf(keyId: string, request: Request, statements: readonly Statement[]): Uses {
  const tests = statements.flatMap((statement) => statement.tests);
  const own = tests.filter((test) => test.keyId === keyId && test.name !== 'Null');
  const matchers = own.flatMap((test) => matchersOf(test, request));
  // A key that is compared with this one through a variable may be any value that its own tests tell apart.
  const partners = new Set(
    tests
      .filter((test) => test.values.some((value) => 'template' in value && asks(value.template, keyId)))
      .map((test) => test.keyId),
  );
  const theirs = tests.filter(
    (test) => partners.has(test.keyId) && test.name !== 'Null' && certain(contextOf(request, test.keyId)) === undefined,
  );
  const templates = templatesAsking(keyId, request, statements, tests);
  const fits = templates.map(({ template, texts }) => fitting(template, keyId, texts, request));
  return {
    matchers: [...matchers, ...theirs.flatMap((test) => matchersOf(test, request))],
    open: own.some((test) => test.values.some((value) => 'template' in value && isOpen(value.template, request))),
    kinds: new Set([...own, ...theirs].map((test) => test.operator.compares)),
    fitting: fits.flatMap((fit) => fit.values),
    complete: fits.every((fit) => fit.complete),
  };
}

function matchersOf(test: Test, request: Request): readonly Matcher[] {
  return test.values.flatMap((value) => {
    if ('matcher' in value) return [value.matcher];
    const parts = resolve(value.template, request, false);
    return parts === 'unresolved' || 'on' in parts ? [] : [test.operator.read(parts)];
  });
}

function asks(template: Template, keyId: string): boolean {
  return template.parts.some((part) => 'variable' in part && part.variable.toLowerCase() === keyId);
}

function isOpen(template: Template, request: Request): boolean {
  const parts = resolve(template, request, false);
  return parts !== 'unresolved' && 'on' in parts;
}

interface Asking {
  readonly template: Template;
  /** What the template is compared with; undefined: not known. */
  readonly texts: readonly string[] | undefined;
}

function templatesAsking(
  keyId: string,
  request: Request,
  statements: readonly Statement[],
  tests: readonly Test[],
): readonly Asking[] {
  const inTests = tests.flatMap((test) =>
    test.values.flatMap((value): readonly Asking[] => {
      if (!('template' in value) || !asks(value.template, keyId)) return [];
      const known = certain(contextOf(request, test.keyId));
      return [{ template: value.template, texts: known === 'absent' ? [] : known }];
    }),
  );
  const inResources = statements.flatMap(({ resources }) =>
    (resources === 'missing' ? [] : resources.of).flatMap(({ pattern: entry }): readonly Asking[] =>
      'parts' in entry && asks(entry, keyId)
        ? [{ template: entry, texts: request.nameUnknown ? undefined : [request.arn] }]
        : [],
    ),
  );
  return [...inTests, ...inResources];
}

/** The pieces of the texts that, put in place of the variable, make the template match. */
function fitting(
  template: Template,
  keyId: string,
  texts: readonly string[] | undefined,
  request: Request,
): { readonly values: readonly string[]; readonly complete: boolean } {
  // Compared with something open: any one value stands for all, until that is settled.
  if (texts === undefined) return { values: [], complete: true };
  const at = template.parts.findIndex((part) => 'variable' in part && part.variable.toLowerCase() === keyId);
  const before = resolve({ parts: template.parts.slice(0, at) }, request, false);
  const after = resolve({ parts: template.parts.slice(at + 1) }, request, false);
  if (before === 'unresolved' || after === 'unresolved' || 'on' in before || 'on' in after)
    return { values: [], complete: false };
  const [head, tail] = [globOfParts(before), globOfParts(after)];
  const values = new Set<string>();
  for (const text of texts) {
    for (let from = 0; from <= text.length; from++) {
      if (!matches(head, text.slice(0, from))) continue;
      for (let to = from + 1; to <= text.length; to++)
        if (matches(tail, text.slice(to))) values.add(text.slice(from, to));
      if (values.size > mostValues) return { values: [...values], complete: false };
    }
  }
  return { values: [...values], complete: true };
}

interface Domain {
  readonly keyId: string;
  readonly startsWith: string;
  readonly fresh: boolean;
  readonly domains: readonly TextSet[];
}

interface Values {
  readonly values: readonly string[];
  readonly complete: boolean;
}

/** One value for each outcome of the matchers. Those that a policy or a person would write come first. */
function valuesOf(uses: Uses, domain: Domain): Values {
  const accepts = uses.matchers.map((matcher) => matcher.accepts());
  const { candidates, complete } = candidatesFor(uses, accepts, domain);
  const byOutcome = new Map<string, string>();
  for (const value of candidates) {
    if (!value.startsWith(domain.startsWith)) continue;
    // Tags alone can be there and empty (iam-evaluation 1.7).
    if (value === '' && !domain.keyId.includes('tag/')) continue;
    if (domain.fresh && accepts.some((one) => isWritten(one, value))) continue;
    const outcome = `${JSON.stringify(uses.matchers.map((matcher) => matcher.meets(value)))} ${uses.fitting.includes(value) ? value : ''}`;
    if (!byOutcome.has(outcome)) byOutcome.set(outcome, value);
  }
  const values = [...byOutcome.values()];
  return { values: values.slice(0, mostValues), complete: complete && uses.complete && values.length <= mostValues };
}

/** A value that a policy names literally, which nothing new can be. */
function isWritten(accepts: Accepts, value: string): boolean {
  return (
    accepts.is === 'pattern' && accepts.tokens.every((token) => token.is === 'char') && textOf(accepts.tokens) === value
  );
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.is === 'char' ? token.char : token.is === 'one' ? 'x' : 'example')).join('');
}

const readableAddresses = ['203.0.113.7', '198.51.100.1', '192.0.2.1', '2001:db8::1'];

function candidatesFor(
  uses: Uses,
  accepts: readonly Accepts[],
  { keyId, startsWith, domains }: Domain,
): { readonly candidates: readonly string[]; readonly complete: boolean } {
  const [kind] = uses.kinds;
  const plain = [...uses.fitting, `${startsWith}${sample(keyId)}`, ...(keyId.includes('tag/') ? [''] : [])];
  const only = (...kinds: readonly string[]): boolean => [...uses.kinds].every((one) => kinds.includes(one));
  switch (kind) {
    case undefined:
      return { candidates: plain, complete: true };
    case 'number':
    case 'date':
      return {
        candidates: [...uses.fitting, ...around(accepts.flatMap((one) => (one.is === 'point' ? [one.at] : [])))],
        complete: only('number', 'date'),
      };
    case 'bool':
      return { candidates: ['true', 'false'], complete: only('bool') };
    case 'ip':
      return { candidates: [...readableAddresses, ...accepts.flatMap(edges)], complete: only('ip') };
    default: {
      const sets = accepts.flatMap((one) =>
        one.is === 'pattern' ? [{ tokens: one.tokens, ignoreCase: one.ignoreCase }] : [],
      );
      const isArn = pattern('arn:*:*:*:*:*');
      const withStart = {
        tokens: [...tokensOf(literal(startsWith)), ...tokensOf(globOfParts([{ text: '?*', wildcards: true }]))],
        ignoreCase: false,
      };
      const walked = textsThatDiffer([...sets, isArn], domains.length > 0 && startsWith === '' ? domains : [withStart]);
      return {
        candidates: [...plain, ...sets.map((set) => textOf(set.tokens)), ...walked.texts],
        complete: walked.complete && only('text', 'arn', 'bytes'),
      };
    }
  }
}

/** A plausible value for a key that nothing but its presence is asked of. */
function sample(keyId: string): string {
  if (keyId.endsWith('ip')) return readableAddresses[0] ?? '';
  return isArnKey(keyId) ? 'arn:aws:iam::999999999999:role/example' : 'example';
}

/** The points, what lies between them, and beyond both ends. */
function around(points: readonly number[]): readonly string[] {
  const sorted = [...new Set(points)].toSorted((one, other) => one - other);
  const between = sorted.slice(1).map((point, index) => ((sorted[index] ?? point) + point) / 2);
  const [first = 0] = sorted;
  return [first - 1, ...sorted, ...between, (sorted.at(-1) ?? 0) + 1].map(String);
}

/** First and last address of a range, and those just outside. */
function edges(accepts: Accepts): readonly string[] {
  if (accepts.is !== 'addresses') return [];
  const [address, bits] = accepts.range;
  const bytes = address.toByteArray();
  const first = bytes.map((byte, index) => byte & mask(bits - index * 8));
  const last = bytes.map((byte, index) => byte | (255 - mask(bits - index * 8)));
  const beyond = [stepped(first, -1), stepped(last, 1)].flatMap((one) => (one === undefined ? [] : [one]));
  return [first, last, ...beyond].map((one) => ipaddr.fromByteArray(one).toString());
}

/** The first `bits` of a byte set. */
function mask(bits: number): number {
  return bits >= 8 ? 255 : bits <= 0 ? 0 : 256 - 2 ** (8 - bits);
}

/** The address before or after; undefined at the end of all addresses. */
function stepped(bytes: readonly number[], by: 1 | -1): number[] | undefined {
  const out = [...bytes];
  for (let index = out.length - 1; index >= 0; index--) {
    const next = (out[index] ?? 0) + by;
    if (next >= 0 && next <= 255) {
      out[index] = next;
      return out;
    }
    out[index] = by === 1 ? 0 : 255;
  }
  return undefined;
}
