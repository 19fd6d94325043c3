import { citedRule } from '../base/rules.ts';
import type { Code } from '../contract/codes.ts';
import type { ReportedText } from '../contract/worded.ts';
import { factText } from '../explain/facts.ts';
import type { Fact } from '../policy/truth.ts';

/** A decision with its code and its text. */
export function inWords<Decision extends { readonly code: Code }>(
  decision: Decision,
  textOf: (decision: Decision) => string,
): ReportedText {
  return { code: decision.code, text: textOf(decision) };
}

/** Decisions with their codes and texts, each text once. */
export function allInWords<Decision extends { readonly code: Code }>(
  decisions: readonly Decision[],
  textOf: (decision: Decision) => string,
): ReportedText[] {
  const texts = decisions.map((decision) => inWords(decision, textOf));
  return [...new Map(texts.map((one) => [one.text, one])).values()];
}

type FactCode =
  | 'context-key-unknown'
  | 'policy-unread'
  | 'grants-unread'
  | 'grant-constraint-unknown'
  | 'grant-part-unread'
  | 'grant-issuer-unknown'
  | 'principal-not-fully-known'
  | 'resource-name-unknown'
  | 'rule-unpublished'
  | 'statement-part-unknown';

const factCodes: Readonly<Record<Fact['fact'], FactCode>> = {
  context: 'context-key-unknown',
  policy: 'policy-unread',
  grants: 'grants-unread',
  'grant constraint': 'grant-constraint-unknown',
  'grant part': 'grant-part-unread',
  'grant issuer': 'grant-issuer-unknown',
  principal: 'principal-not-fully-known',
  'resource name': 'resource-name-unknown',
  rule: 'rule-unpublished',
  statement: 'statement-part-unknown',
};

/** A fact that an answer depends on. */
export function factInWords(fact: Fact, textOf: (fact: Fact) => string = factText): ReportedText {
  const source = fact.fact === 'rule' ? { source: citedRule(fact.rule) } : {};
  return { code: factCodes[fact.fact], text: textOf(fact), ...source };
}
