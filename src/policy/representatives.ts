import { globOfParts, literal, matches } from '../base/glob.ts';
import type { Walks } from './automaton.ts';
import { candidatesFor, type Domain, isWritten } from './candidates.ts';
import { isMultivalued, isUserText } from './condition-keys.ts';
import type { ConditionTest, Statement, Template } from './document.ts';
import { type Grant, testsOfGrants } from './grants.ts';
import type { Accepts, Matcher } from './matchers.ts';
import type { Operator } from './operators.ts';
import { tokensOf } from './pattern.ts';
import { absent, certain, isAnyText, type Possible, present } from './possible.ts';
import { contextOf, type EngineRequest, sameInstant } from './request.ts';
import { resolve } from './variables.ts';

/** What can distinguish the values of facts. */
export interface Scope {
  /** The statements that name the action, of all layers that take part. */
  readonly statements: readonly Statement[];
  readonly grants: readonly Grant[];
  readonly walks: Walks;
}

/**
 * States of a key that represent all its states: for every other state, one of these gives the same
 * result in every test.
 */
export interface Representatives {
  readonly states: readonly Possible[];
  /** A policy compares this key with another unknown key, which needs a value first. */
  readonly waits: boolean;
  /** False: there are more classes than could be listed. */
  readonly complete: boolean;
}

/** At most this many values are tried for one key. */
const mostValues = 64;
/** At most this many comparisons are made for one key: about 20 ms. */
const mostComparisons = 200_000;
/** A longer text is not searched for values of a variable. */
const longestCut = 2_048;
/** At most this many values are combined into sets. */
const mostInSets = 5;

/**
 * The states of a context key: one for each combination of results that the tests of the statements
 * can have. `keyId` is lower case. What the request says about the key limits the states.
 */
export function statesOf(keyId: string, request: EngineRequest, scope: Scope): Representatives {
  const possible = contextOf(request, keyId);
  const none = possible.absent ? [absent] : [];
  if (!isAnyText(possible.values)) {
    return {
      states: [...possible.values.map((values): Possible => ({ absent: false, values: [values] })), ...none],
      complete: true,
      waits: false,
    };
  }
  const uses = usesOf(keyId, request, scope);
  const { startsWith, fresh, standIn } = possible.values;
  const single = valuesOf(uses, { keyId, startsWith, fresh, standIn }, scope.walks);
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

/** All non-empty subsets, small ones first. */
function subsets(values: readonly string[]): readonly (readonly string[])[] {
  const all = values.reduce<readonly (readonly string[])[]>(
    (sets, value) => [...sets, ...sets.map((set) => [...set, value])],
    [[]],
  );
  return all.filter((set) => set.length > 0).toSorted((one, other) => one.length - other.length);
}

/** What statements and grants compare a key with. */
interface Uses {
  readonly matchers: readonly Matcher[];
  readonly kinds: ReadonlySet<Operator['compares']>;
  /** Values that grants name. */
  readonly named: readonly string[];
  /** Values with which a text with the key as a variable matches what it is compared with. */
  readonly fitting: readonly string[];
  readonly complete: boolean;
  /** A test compares the key with another unknown key, which needs a value first. */
  readonly open: boolean;
}

function usesOf(keyId: string, request: EngineRequest, { statements, grants }: Scope): Uses {
  const tests = statements.flatMap((statement) => statement.tests);
  const twin = sameInstant(keyId);
  const own = tests.filter((test) => (test.keyId === keyId || test.keyId === twin) && test.name !== 'Null');
  const matchers = own.flatMap((test) => matchersOf(test, request));
  // If a variable compares another key with this one, the values that the other key's tests
  // distinguish matter here, too.
  const partners = new Set(
    tests
      .filter((test) => test.values.some((value) => 'template' in value && hasVariable(value.template, keyId)))
      .map((test) => test.keyId),
  );
  const theirs = tests.filter(
    (test) => partners.has(test.keyId) && test.name !== 'Null' && certain(contextOf(request, test.keyId)) === undefined,
  );
  const templates = templatesWith(keyId, request, statements, tests);
  const fits = templates.map(({ template, texts }) => fitting(template, keyId, texts, request));
  const ofGrants = testsOfGrants(keyId, grants);
  return {
    matchers: [...matchers, ...theirs.flatMap((test) => matchersOf(test, request)), ...ofGrants.matchers],
    named: ofGrants.named,
    open: own.some((test) =>
      test.values.some((value) => 'template' in value && isOpen(value.template, keyId, request)),
    ),
    kinds: new Set([
      ...[...own, ...theirs].map((test) => test.operator.compares),
      ...(ofGrants.matchers.length > 0 ? (['text'] as const) : []),
    ]),
    fitting: fits.flatMap((fit) => fit.values),
    complete: fits.every((fit) => fit.complete),
  };
}

function matchersOf(test: ConditionTest, request: EngineRequest): readonly Matcher[] {
  return test.values.flatMap((value) => {
    if ('matcher' in value) return [value.matcher];
    const parts = resolve(value.template, request);
    return parts === 'unresolved' || 'because' in parts ? [] : [test.operator.read(parts)];
  });
}

function hasVariable(template: Template, keyId: string): boolean {
  return template.parts.some((part) => 'variable' in part && part.variable.toLowerCase() === keyId);
}

/** Whether the template has a variable with an unknown key other than `keyId`. */
function isOpen({ parts: all }: Template, keyId: string, request: EngineRequest): boolean {
  const others = all.filter((part) => !('variable' in part) || part.variable.toLowerCase() !== keyId);
  const parts = resolve({ parts: others }, request);
  return parts !== 'unresolved' && 'because' in parts;
}

/**
 * The values of a key with which policies match that use the key as a variable. `complete`: the key
 * is compared only with known texts.
 */
export function valuesForVariables(
  keyId: string,
  request: EngineRequest,
  statements: readonly Statement[],
): { readonly values: readonly string[]; readonly complete: boolean } {
  const tests = statements.flatMap((statement) => statement.tests);
  const templates = templatesWith(keyId, request, statements, tests);
  const fits = templates.map(({ template, texts }) => fitting(template, keyId, texts, request));
  return {
    values: fits.flatMap((fit) => fit.values),
    complete: fits.every((fit) => fit.complete) && templates.every(({ texts }) => texts !== undefined),
  };
}

interface Wanting {
  readonly template: Template;
  /** What the template is compared with. Undefined: not known. */
  readonly texts: readonly string[] | undefined;
}

function templatesWith(
  keyId: string,
  request: EngineRequest,
  statements: readonly Statement[],
  tests: readonly ConditionTest[],
): readonly Wanting[] {
  const inTests = tests.flatMap((test) =>
    test.values.flatMap((value): readonly Wanting[] => {
      if (!('template' in value) || !hasVariable(value.template, keyId)) return [];
      const known = certain(contextOf(request, test.keyId));
      return [{ template: value.template, texts: known === 'absent' ? [] : known }];
    }),
  );
  const inResources = statements.flatMap(({ resources }) =>
    (resources === 'missing' ? [] : resources.of).flatMap(({ pattern: entry }): readonly Wanting[] =>
      'parts' in entry && hasVariable(entry, keyId)
        ? [{ template: entry, texts: request.nameUnknown ? undefined : [request.arn] }]
        : [],
    ),
  );
  return [...inTests, ...inResources];
}

/** The pieces of the texts with which the template matches if they replace the variable. */
function fitting(
  template: Template,
  keyId: string,
  texts: readonly string[] | undefined,
  request: EngineRequest,
): { readonly values: readonly string[]; readonly complete: boolean } {
  // The template is compared with an unknown text. Any one value represents all, until that text is
  // known.
  if (texts === undefined) return { values: [], complete: true };
  const at = template.parts.findIndex((part) => 'variable' in part && part.variable.toLowerCase() === keyId);
  const before = resolve({ parts: template.parts.slice(0, at) }, request);
  const after = resolve({ parts: template.parts.slice(at + 1) }, request);
  if (before === 'unresolved' || after === 'unresolved' || 'because' in before || 'because' in after)
    return { values: [], complete: false };
  if (texts.some((text) => text.length > longestCut)) return { values: [], complete: false };
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

interface Values {
  readonly values: readonly string[];
  readonly complete: boolean;
}

/** Whether the pattern accepts more than one text. */
function isWide(accepts: Accepts | undefined): boolean {
  return accepts?.is === 'pattern' && (accepts.ignoreCase || accepts.tokens.some((token) => token.is !== 'char'));
}

/**
 * One value for each combination of results of the matchers. Values that a policy or a person would
 * write come first.
 */
function valuesOf(uses: Uses, domain: Domain, walks: Walks): Values {
  const { matchers, kinds } = uses;
  const accepts = matchers.map((matcher) => matcher.accepts());
  // Next to a text that fits a variable, try another text that matches the same wide patterns but
  // does not fit the variable.
  const beside = uses.fitting
    .filter((value) => matchers.some((matcher, index) => isWide(accepts[index]) && matcher.meets(value) === true))
    .map((value): Accepts => ({ is: 'pattern', tokens: tokensOf(literal(value)), ignoreCase: false }));
  const { candidates, complete } = candidatesFor(
    { accepts: [...accepts, ...beside], named: [...uses.fitting, ...uses.named], kinds },
    domain,
    walks,
  );
  const byOutcome = new Map<string, string>();
  const affordable = candidates.slice(0, Math.max(2, Math.floor(mostComparisons / Math.max(1, matchers.length))));
  for (const value of affordable) {
    if (!value.startsWith(domain.startsWith)) continue;
    if (value === '' && !isUserText(domain.keyId)) continue;
    if (domain.fresh && accepts.some((one) => isWritten(one, value))) continue;
    // If the key is used as a variable, an empty value counts as no value (iam-evaluation 4.6).
    const outcome = `${JSON.stringify(matchers.map((matcher) => matcher.meets(value)))} ${value === ''} ${uses.fitting.includes(value) ? value : ''}`;
    if (!byOutcome.has(outcome)) byOutcome.set(outcome, value);
  }
  const values = [...byOutcome.values()];
  const all = affordable.length === candidates.length && values.length <= mostValues;
  const { standIn } = domain;
  if (standIn !== undefined && accepts.some((one) => isWritten(one, standIn))) {
    // No other text can represent one to which policies refer, unless no pattern distinguishes them.
    const wide = matchers.filter((_, index) => isWide(accepts[index]));
    const outcomeOf = (value: string): string => JSON.stringify(wide.map((matcher) => matcher.meets(value)));
    const isSame = values.every((value) => outcomeOf(value) === outcomeOf(standIn));
    return { values: [standIn], complete: complete && uses.complete && all && isSame };
  }
  return { values: values.slice(0, mostValues), complete: complete && uses.complete && all };
}
