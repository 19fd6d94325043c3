import { counted } from '../../base/wording.ts';
import type { CaseOutcome } from '../cases.ts';
import { xmlText } from '../ci-escape.ts';
import { marks, type PageWords } from './page-words.ts';

/* Parts that several sections of a page share. */

/** A section of a page, with a title. */
export function pageSection(id: string, title: string, lines: readonly string[]): readonly string[] {
  return [
    `<section id="${id}" aria-labelledby="${id}-title">`,
    `<h2 id="${id}-title">${xmlText(title)}</h2>`,
    ...lines,
    '</section>',
  ];
}

export function badge(outcome: CaseOutcome, words: PageWords['one']): string {
  const { sign, color } = marks[outcome];
  return `<span class="badge ${color}">${sign} ${words[outcome]}</span>`;
}

/** Says how many items the page leaves out, and where they are. */
export function leftOutLine(count: number, noun: string): readonly string[] {
  if (count === 0) return [];
  return [
    `<p>${counted(count, noun)} ${count === 1 ? 'is' : 'are'} left out of this page. <code>--report jsonl=FILE</code> writes all.</p>`,
  ];
}
