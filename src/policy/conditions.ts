import { isUserText } from './condition-keys.ts';
import type { Template, Test } from './document.ts';
import type { Match, Matcher } from './matchers.ts';
import { type AnyText, isAnyText } from './possible.ts';
import { contextOf, type EngineRequest, factHolds } from './request.ts';
import { and, contextFact, not, type OpenRule, or, ruleFact, type Truth, unknownBy } from './truth.ts';
import { resolve } from './variables.ts';

/** Whether a condition test holds: over every state in which the request's key may be (iam-evaluation 0.3). */
export function holds(test: Test, request: EngineRequest): Truth {
  const possible = contextOf(request, test.keyId);
  if (test.ref.policy === 'resource' && test.about?.iamOnly === true && request.kind.isKmsKey)
    return unsupportedHere(test, request);
  if (isAnyText(possible.values)) {
    const some = holdsForSome(test, possible.values, request);
    const present = mayBeEmpty(test, possible.values) ? agree(test, some, holdsFor(test, [''], request)) : some;
    return possible.absent ? agree(test, present, holdsAbsent(test, request)) : present;
  }
  const first = possible.values[0];
  if (first === undefined) return holdsAbsent(test, request);
  let truth = holdsFor(test, first, request);
  for (let index = 1; index < possible.values.length; index++) {
    truth = agree(test, truth, holdsFor(test, possible.values[index] ?? [], request));
  }
  return possible.absent ? agree(test, truth, holdsAbsent(test, request)) : truth;
}

function mayBeEmpty({ keyId }: Test, { startsWith, fresh }: AnyText): boolean {
  return startsWith === '' && !fresh && isUserText(keyId);
}

/** The answer of two states of the key: theirs if they agree, else it depends on the key. */
function agree(test: Test, one: Truth, other: Truth): Truth {
  if (one === other) return one;
  const key = unknownBy(contextFact(test.key));
  return and(or(one, key), or(other, key));
}

/** Keys that only IAM policies support: a positive test in a key policy is dead, the rest is not published (iam-evaluation 6.42, 11.4). */
function unsupportedHere(test: Test, request: EngineRequest): Truth {
  const { negated, compares } = test.operator;
  if (!negated && compares !== 'presence' && !test.ifExists && test.over !== 'all') return false;
  return unpublished(test, request, 'iam-evaluation 11.4');
}

/** A rule that AWS does not publish: open, unless a world supposes an answer. */
function unpublished(test: Test, request: EngineRequest, rule: OpenRule): Truth {
  const { ref, name, key, values } = test;
  const at = `${ref.policy} ${ref.name} ${ref.statement} ${name} ${key}`;
  return factHolds(ruleFact(rule, at, name, key, ...values.map((value) => value.text)), request);
}

/** iam-evaluation 3.2, 3.3, 3.15. */
function holdsAbsent(test: Test, request: EngineRequest): Truth {
  const { negated, compares } = test.operator;
  if (compares === 'presence') return nullTest(test, true);
  if (test.over === 'all') return true;
  if (test.over === 'any') return test.ifExists ? unpublished(test, request, 'iam-evaluation 10.4') : false;
  return test.ifExists || negated;
}

/** Several policy values: any (iam-evaluation 3.1, 10.13). */
function nullTest(test: Test, isAbsent: boolean): boolean {
  return test.values.some((value) => value.text.trim().toLowerCase() === String(isAbsent));
}

/** `values`: what the request holds for the key. An empty string counts as no value for Null and for the set operators (iam-evaluation 3.6, 3.17). */
function holdsFor(test: Test, values: readonly string[], request: EngineRequest): Truth {
  const { negated, compares } = test.operator;
  const empty = values.every((value) => value === '');
  if (compares === 'presence') return nullTest(test, empty);
  if (test.over === 'value') {
    if (values.length === 0) return holdsAbsent(test, request);
    if (values.length > 1 || test.about?.many === true) {
      // Only a set operator reads a multivalued key (iam-evaluation 3.13, 10.22).
      return negated ? unpublished(test, request, 'iam-evaluation 10.22') : false;
    }
    return single(test, values[0] ?? '', request);
  }
  if (empty) return test.over === 'all';
  const each = values.map((value) => single(test, value, request));
  return test.over === 'all' ? each.reduce(and, true) : each.reduce(or, false);
}

/** One request value against all policy values: some match, or for a negated operator none. */
function single(test: Test, value: string, request: EngineRequest): Truth {
  const { negated } = test.operator;
  let some: Truth = false;
  for (const policyValue of test.values) {
    const met =
      'matcher' in policyValue
        ? readMatch(test, policyValue.matcher.meets(value), request)
        : templateMeets(test, policyValue.template, request, (matcher) =>
            readMatch(test, matcher.meets(value), request),
          );
    if (met === 'incomparable') return false;
    some = or(some, met);
    if (some === true) break;
  }
  return negated ? not(some) : some;
}

function readMatch(test: Test, match: Match, request: EngineRequest): Truth | 'incomparable' {
  if (typeof match === 'boolean' || match === 'incomparable') return match;
  if (match === 'unreadable') return test.operator.negated ? unpublished(test, request, 'iam-evaluation 3.7') : false;
  return unpublished(test, request, match.rule);
}

/** Fills in the variables of a policy value, then compares. An unresolved variable matches nothing (iam-evaluation 4.6, 10.7). */
function templateMeets<T>(
  test: Test,
  template: Template,
  request: EngineRequest,
  compare: (matcher: Matcher) => T,
): T | Truth {
  const { read } = test.operator;
  const plain = resolve(template, request, false);
  if (plain === 'unresolved') return false;
  if ('because' in plain) return plain;
  const asText = compare(read(plain));
  const wild = resolve(template, request, true);
  const asWildcards = wild === 'unresolved' || 'because' in wild ? asText : compare(read(wild));
  if (asText === asWildcards) return asText;
  return unpublished(test, request, 'iam-evaluation 11.10');
}

/** Some text of which only the beginning is known. Several such values behave like one: the set operators ask all or any of them the same. */
function holdsForSome(test: Test, text: AnyText, request: EngineRequest): Truth {
  const { negated, compares } = test.operator;
  if (compares === 'presence') return nullTest(test, false);
  if (test.over === 'value' && test.about?.many === true)
    return holdsFor(test, [text.startsWith, text.startsWith], request);
  const key = unknownBy(contextFact(test.key));
  let some: Truth = false;
  for (const policyValue of test.values) {
    const compare = (matcher: Matcher): Truth => {
      const extent = matcher.meetsContinuation(text.startsWith, text.fresh);
      return extent === 'all' ? true : extent === 'none' ? false : key;
    };
    const met =
      'matcher' in policyValue
        ? compare(policyValue.matcher)
        : templateMeets(test, policyValue.template, request, compare);
    some = or(some, met);
  }
  return negated ? not(some) : some;
}
