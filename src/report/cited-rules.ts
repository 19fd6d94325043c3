import type { Result } from '../contract/report.ts';
import { wrap } from './style.ts';

/*
 * The rules that something rests on, as text shows them: by title, with the place in the rule book.
 */

/** What text says of a rule (base/rules.ts). */
interface ShownRule {
  readonly title: string;
  readonly path: string;
}

/** Rules, each once and in their order, by the path that distinguishes them. */
export function eachRuleOnce<Rule extends ShownRule>(rules: readonly Rule[]): readonly Rule[] {
  return [...new Map(rules.map((rule) => [rule.path, rule])).values()];
}

/**
 * A rule on two lines: its title, and its path, which is never broken. `mark` stands before the
 * title.
 */
export function ruleLines({ title, path }: ShownRule, mark: string, width: number): readonly string[] {
  return [wrap(`${mark}${title}`, width, '  '), `${' '.repeat(2 + Math.max(2, mark.length))}${path}`];
}

/**
 * The rules that an answer rests on: those of its calls and preconditions, and those that it
 * depends on.
 */
export function rulesOf({ calls, preconditions }: Result): readonly ShownRule[] {
  const open = calls.flatMap(({ dependsOn }) => dependsOn.flatMap(({ source }) => source ?? []));
  return eachRuleOnce([...[...calls, ...preconditions].map(({ source }) => source), ...open]);
}
