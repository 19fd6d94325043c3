import { isWritten } from './candidates.ts';
import { isUserText } from './condition-keys.ts';
import type { ConditionTest, Template, TestValue } from './document.ts';
import { isTrue, type Match, type Matcher } from './matchers.ts';
import { operatorText } from './operators.ts';
import { type AnyText, isAnyText } from './possible.ts';
import { contextOf, type EngineRequest, factHolds } from './request.ts';
import { statementKey } from './statement-ref.ts';
import { and, contextFact, not, type OpenRule, or, ruleFact, statementFact, type Truth, unknownBy } from './truth.ts';
import { type Resolved, readings } from './variables.ts';

/**
 * Whether a condition test holds, over every possible state of the key in the request
 * (iam-evaluation 0.3).
 */
export function testHolds(test: ConditionTest, request: EngineRequest): Truth {
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

function mayBeEmpty({ keyId }: ConditionTest, { startsWith, fresh }: AnyText): boolean {
  return startsWith === '' && !fresh && isUserText(keyId);
}

/**
 * Joins the answers for two states of the key. If the answers differ, the result depends on the
 * key.
 */
function agree(test: ConditionTest, one: Truth, other: Truth): Truth {
  if (one === other) return one;
  const key = unknownBy(contextFact(test.key));
  return and(or(one, key), or(other, key));
}

/**
 * Only IAM policies support some keys. In a key policy, a test of such a key that is not negated
 * never holds. What other tests do is not published (iam-evaluation 6.42, 11.4).
 */
function unsupportedHere(test: ConditionTest, request: EngineRequest): Truth {
  const { negated, compares } = test.operator;
  if (!negated && compares !== 'presence' && !test.ifExists && test.over !== 'all') return false;
  return unpublished(test, request, 'iam-evaluation 11.4');
}

/** The truth of a rule that AWS does not publish: unknown, unless a world supposes an answer. */
function unpublished(test: ConditionTest, request: EngineRequest, rule: OpenRule): Truth {
  const { ref, name, key, values } = test;
  const at = `${statementKey(ref)} ${name} ${key}`;
  return factHolds(ruleFact(rule, at, name, key, ...values.map((value) => value.text)), request);
}

/** iam-evaluation 3.2, 3.3, 3.15. */
function holdsAbsent(test: ConditionTest, request: EngineRequest): Truth {
  const { negated, compares } = test.operator;
  if (compares === 'presence') return nullTest(test, true);
  if (test.over === 'all') return true;
  if (test.over === 'any') return test.ifExists ? unpublished(test, request, 'iam-evaluation 10.4') : false;
  return test.ifExists || negated;
}

/**
 * One of several policy values is enough. A word other than `true` counts as `false`
 * (iam-evaluation 3.1, 14.2).
 */
function nullTest(test: ConditionTest, isAbsent: boolean): boolean {
  return test.values.some((value) => isTrue(value.text) === isAbsent);
}

/**
 * `values`: the values of the key in the request. An empty text is a value. An empty list means
 * that the key is absent (iam-evaluation 14.1).
 */
function holdsFor(test: ConditionTest, values: readonly string[], request: EngineRequest): Truth {
  if (values.length === 0) return holdsAbsent(test, request);
  if (test.operator.compares === 'presence') return nullTest(test, false);
  if (test.over === 'value') {
    // Without a set operator, no operator matches a multivalued key that is present (iam-evaluation
    // 14.8).
    return isSet(test, values) ? false : single(test, values[0] ?? '', request);
  }
  // One value can settle the test although others are unknown (iam-evaluation 0.4).
  const each = values.map((value) => single(test, value, request));
  return test.over === 'all' ? each.reduce(and, true) : each.reduce(or, false);
}

function isSet({ about }: ConditionTest, values: readonly string[]): boolean {
  return values.length > 1 || about?.many === true;
}

/**
 * Compares one request value with all policy values, in their order. The test holds if one of them
 * matches or, for a negated operator, if none does.
 */
function single(test: ConditionTest, value: string, request: EngineRequest): Truth {
  const { negated } = test.operator;
  let some: Truth = false;
  for (const policyValue of test.values) {
    const met = meets(test, policyValue, value, request);
    if (met === 'incomparable') return false;
    // If no earlier value matches, a value that is not an ARN makes a Deny match and an Allow not
    // match (iam-evaluation 14.11).
    if (met === 'no ARN') return or(and(some, !negated), and(not(some), test.ref.effect === 'Deny'));
    some = or(some, met);
    if (some === true) break;
  }
  return negated ? not(some) : some;
}

type Met = Truth | 'incomparable' | 'no ARN';

function meets(test: ConditionTest, policyValue: TestValue, value: string, request: EngineRequest): Met {
  if ('matcher' in policyValue) return readMatch(test, policyValue, policyValue.matcher.meets(value), request);
  return templateMeets(test, policyValue.template, request, (matcher) =>
    readMatch(test, policyValue, matcher.meets(value), request),
  );
}

function readMatch(test: ConditionTest, policyValue: TestValue, match: Match, request: EngineRequest): Met {
  if (typeof match === 'boolean' || match === 'incomparable') return match;
  if (match !== 'unreadable') return unpublished(test, request, match.rule);
  const isArn = test.operator.compares === 'arn';
  const isStored = 'matcher' in policyValue && test.ref.policy !== 'session';
  // AWS does not store a value that it cannot read (iam-evaluation 14.12). So if a stored value is
  // not readable here, AWS reads it in some other way, and the answer is open.
  if (isStored && !(isArn && test.ref.effect === 'Allow'))
    return factHolds(statementFact(test.ref, `${operatorText(test)} ${test.key} \`${policyValue.text}\``), request);
  return isArn ? 'no ARN' : false;
}

/**
 * Replaces the variables of a policy value, then compares. An unresolved variable matches nothing
 * (iam-evaluation 4.6, 10.7).
 */
function templateMeets<T extends Truth | string>(
  test: ConditionTest,
  template: Template,
  request: EngineRequest,
  compare: (matcher: Matcher) => T,
): T | Truth {
  const { parts, wild } = readings(template, request);
  if (parts !== 'unresolved' && 'because' in parts) return parts;
  const meetsParts = (read: Resolved): T | false => (read === 'unresolved' ? false : compare(test.operator.read(read)));
  const met = meetsParts(parts);
  return wild === undefined || sameMet(meetsParts(wild), met)
    ? met
    : unpublished(test, request, 'iam-evaluation 11.10');
}

/** Whether two results are equal. Two unknown results count as equal. */
function sameMet(one: Truth | string, other: Truth | string): boolean {
  return one === other || (typeof one === 'object' && typeof other === 'object');
}

/**
 * Whether a test holds for a text if only its start is known. Several such values count as one
 * value, because a set operator gives the same answer for each of them.
 */
function holdsForSome(test: ConditionTest, text: AnyText, request: EngineRequest): Truth {
  const { negated, compares } = test.operator;
  if (compares === 'presence') return nullTest(test, false);
  if (test.over === 'value' && test.about?.many === true) return false;
  const key = unknownBy(contextFact(test.key));
  let some: Truth = false;
  for (const policyValue of test.values) {
    const compare = (matcher: Matcher): Truth => {
      if (text.standIn !== undefined && isWritten(matcher.accepts(), text.standIn)) return true;
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
