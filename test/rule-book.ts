import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/* The rule book for tests: docs/rules, with one heading for each rule. */

export interface Rule {
  readonly id: string;
  readonly anchor: string;
  readonly title: string;
  /** The page in docs/rules. */
  readonly page: string;
  /** How well the rule is established. Empty: the rule only groups other rules. */
  readonly strength: readonly string[];
  readonly source: string;
  /** Why nothing depends on the rule. Undefined: something depends on it. */
  readonly background: string | undefined;
  /** The IDs of the rules that this rule points to, if the rule has no other content. */
  readonly pointsTo: readonly string[];
}

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = join(root, 'docs/rules');

export const pages: readonly { readonly name: string; readonly text: string }[] = readdirSync(folder)
  .toSorted()
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

const heading = /^#{1,4} <a id="([^"]+)"><\/a>(.+)\n\n`([^`]+)`(?: · ([^·\n]+) · (.+))?$/gm;

export const rules: readonly Rule[] = pages.flatMap(({ name, text }) =>
  [...text.matchAll(heading)].map((found) => {
    const [all, anchor = '', title = '', id = '', strength = '', source = ''] = found;
    const [body = ''] = text.slice(found.index + all.length).split(/^#/m);
    return {
      id,
      anchor,
      title,
      page: name,
      strength: strength === '' ? [] : strength.split(', '),
      source,
      background: /^Background: ([^]+?)\.$/m.exec(body)?.[1],
      pointsTo: pointsTo(body),
    };
  }),
);

/**
 * The rules that settled this rule. Such a rule contains one sentence with a link: `Settled ... See
 * [14.3](...).`
 */
function pointsTo(body: string): readonly string[] {
  const [, links = ''] = /^Settled\b[^]*\sSee ([^]*)\.$/.exec(body.trim()) ?? [];
  return [...links.matchAll(/#([\w-]+?)-([\w.]+)\)/g)].map(([, family, number]) => `${family} ${number}`);
}

const number = String.raw`(?:\d+(?:[A-Z]|\.\d+[a-z]?)?(?: K\d+)?|T\d+[a-z]?)`;
const numbers = String.raw`${number}(?:-${number})?(?:(?:, | and )${number}(?:-${number})?)*`;
const citation = new RegExp(String.raw`\b(iam-evaluation|rds-kms-operations(?:-2)?) (${numbers})(?![\w])`, 'g');

/**
 * The IDs that a text cites: `rds-kms-operations 4.1, 8.1` cites two, and a range such as
 * `iam-evaluation 6.16-6.20` its ends.
 */
export function citationsIn(text: string): readonly string[] {
  return [...joined(text).matchAll(citation)].flatMap(([, family = '', list = '']) =>
    list.split(/, | and |-/).map((one) => `${family} ${one}`),
  );
}

/** Joins text that a line break and the star of a comment separate. */
export function joined(text: string): string {
  return text.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ');
}
