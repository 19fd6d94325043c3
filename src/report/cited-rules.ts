import type { Result } from '../contract/report.ts';
import { wrap } from './style.ts';

/*
 * The rules behind an answer, as text shows them: the title, with the path in the rule book.
 */

/** What text shows of a rule (base/rules.ts). */
interface ShownRule {
  readonly title: string;
  readonly path: string;
}

/** Each rule once, in order. The path identifies a rule. */
export function eachRuleOnce<Rule extends ShownRule>(rules: readonly Rule[]): readonly Rule[] {
  return [...new Map(rules.map((rule) => [rule.path, rule])).values()];
}

/**
 * A rule on two lines: its title, and its path, which is never wrapped. `mark` precedes the title.
 */
export function ruleLines({ title, path }: ShownRule, mark: string, width: number): readonly string[] {
  return [wrap(`${mark}${title}`, width, '  '), `${' '.repeat(2 + Math.max(2, mark.length))}${path}`];
}

/**
 * The rules behind an answer: those of its calls and preconditions, and those that it depends on.
 */
export function rulesOf({ calls, preconditions }: Result): readonly ShownRule[] {
  const open = calls.flatMap(({ dependsOn }) => dependsOn.flatMap(({ source }) => source ?? []));
  return eachRuleOnce([...[...calls, ...preconditions].map(({ source }) => source), ...open]);
}
