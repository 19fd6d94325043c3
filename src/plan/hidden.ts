import { groupBy } from '../base/group.ts';
import { codes } from '../contract/codes.ts';
import { catalogue } from '../operations/catalogue.ts';

/*
 * Hides the secrets of plans in the sentences of an answer, before a format wraps or escapes the
 * sentences.
 */

/** The text in place of a secret, as in the output of Terraform. */
const hidden = '(sensitive value)';

/** Hides secrets in a text. A longer word that contains a secret stays. */
export function hider(secrets: readonly string[]): (text: string) => string {
  const said = wordsOfAnswers();
  const isCommon = (secret: string): boolean =>
    secret.length < shortest || (!/[^\s'A-Za-z-]/.test(secret) && wordsIn(secret).every((word) => said.has(word)));
  // The longest first, because a secret may begin with another one.
  const all = secrets
    .toSorted((one, other) => other.length - one.length)
    .map((secret) => ({ secret, lower: secret.toLowerCase(), isCommon: isCommon(secret) }));
  const foundIn = finder(all);
  return (text) => {
    const found = foundIn(text.toLowerCase());
    if (found.length === 0) return text;
    const patternsOf = (common: boolean, patternOf: (secret: string) => string): RegExp =>
      new RegExp(
        found
          .filter((one) => one.isCommon === common)
          .map(({ secret }) => patternOf(secret))
          .join('|') || '(?!)',
        'giu',
      );
    const asValue = patternsOf(true, (one) => `(?<![\\w:/.-])${escaped(one)}(?![\\w:/-])`);
    return text
      .replaceAll(patternsOf(false, standing), hidden)
      .replaceAll(
        patternsOf(true, (one) => `(?<=${beforeName})${escaped(one)}(?![\\w/-]|\\.\\w)`),
        hidden,
      )
      .replace(values, (tested) => tested.replaceAll(asValue, hidden));
  };
}

/**
 * Finds the secrets in a text, in their order. Few texts have a secret, so the search first looks
 * for the beginnings of secrets.
 */
export function finder<One extends { readonly lower: string }>(all: readonly One[]): (lower: string) => readonly One[] {
  const byStart = groupBy(all, ({ lower }) => lower.slice(0, shortest));
  const lengths = [...new Set([...byStart.keys()].map((start) => start.length))];
  return (text) => {
    const found = new Set<One>();
    for (const length of lengths)
      for (let at = 0; at + length <= text.length; at += 1)
        for (const one of byStart.get(text.slice(at, at + length)) ?? [])
          if (text.startsWith(one.lower, at)) found.add(one);
    return found.size === 0 ? [] : all.filter((one) => found.has(one));
  };
}

/**
 * The minimum length of a secret that is hidden everywhere. If a shorter secret, or a word of our
 * own sentences, were hidden everywhere, every sentence would be unreadable, and everybody would
 * see which word is missing. Such a secret is hidden only as a value.
 */
export const shortest = 4;

function wordsOfAnswers(): ReadonlySet<string> {
  const meanings = Object.entries(codes).flatMap(([code, { means }]) => [code, means]);
  const operations = catalogue.flatMap(({ command, api, does }) => [command, api, does]);
  return new Set([...meanings, ...operations, hidden, others].flatMap(wordsIn));
}

/** Words of reports that no meaning of a code has. */
const others =
  'after again another broken breaks cancel connect documented enable gain hours import lose loss nearly noticed put tell together two unproven';

function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z]+/g) ?? [];
}

/** The text before a name: a quote or slash, or the type in an ARN. */
const beforeName = '["`/]|\\b(?:cluster|cluster-snapshot|db|snapshot|subgrp|cluster-pg|pg|og):';

/**
 * The part of a text with values: from the first test of a condition, or the first value of a
 * condition key, to the end.
 */
const values =
  /(?:\b(?:String|Numeric|Date|Bool|Binary|IpAddress|NotIpAddress|Arn|Null)\w* |[\w-]+:[\w/+=.@-]+ (?:is|=) ).*$/su;

/**
 * The text before a name in an address. Terraform shows every address, so the name of a resource is no
 * secret, and hiding it would show that a secret has the same text.
 */
const beforeInAddress = String.raw`(?<!\b(?:aws_\w+|module|local|var)\.)`;

/** The pattern of a secret as a separate word. */
function standing(secret: string): string {
  // The name of another resource may contain a plain word.
  const beside = /^[a-z]{1,15}$/i.test(secret) ? String.raw`[\w-]` : String.raw`[\p{L}\p{N}]`;
  const isWord = (edge: RegExp): boolean => edge.test(secret);
  const before = isWord(/^[\p{L}\p{N}]/u) ? `(?<!${beside})` : '';
  const after = isWord(/[\p{L}\p{N}]$/u) ? `(?!${beside})` : '';
  return `${before}${beforeInAddress}${escaped(secret)}${after}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
