import { isAccountId } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { globOf, matches } from '../base/glob.ts';
import { partitions } from '../base/partition.ts';
import { accountPlaceholder } from '../base/placeholder.ts';

/**
 * Words that have a meaning for AWS and so for verdicts: fixed parts of ARNs, service names,
 * Regions, and names that AWS gives. They are not replaced.
 */
const vocabulary = new Set(
  [
    ...partitions.map(({ name }) => name.replaceAll('-', ' ')),
    'arn us gov iso isob isoe isof eusc de amazonaws com api iam sts kms rds ec2 s3 secretsmanager secret organizations backup export https http',
    'user group role policy root assumed federated instance profile saml oidc provider service linked mfa reserved',
    'cluster snapshot db dbc dbi auto backup subgrp pg og cev es ri proxy endpoint global export task target integration vault plan',
    'redshift serverless namespace glue catalog',
    'key alias mrk grant default true false null id o ou r a p vpc vpce subnet sg restore all manual automated awsbackup shared public',
    'east west north south central northeast northwest southeast southwest eu ap sa ca af me il mx',
    'fullawsaccess rcpfullawsaccess automatic copy final replica available',
    // Engine editions, which also appear in the names of default groups.
    'ee se se1 se2 ex web ae ce cdb custom',
  ]
    .join(' ')
    .split(' '),
);
const engine = /^(aurora|postgres|postgresql|mysql|mariadb|oracle|sqlserver|db2|neptune|docdb)\d*$/;
/** Names of roles and policies that AWS gives. */
const givenByAws = /^(awsserviceroleforr?|awsreservedsso|awsservicerole)/;
const uniqueId = /^(AROA|AIDA|AGPA|ANPA|ANVA|AIPA|ASCA|ASIA|AKIA|APKA)[A-Z0-9]{12,}$/;

/**
 * Digits in groups, as people write phone and card numbers: groups with spaces, parentheses or a
 * plus sign, four groups of four digits, or three groups with hyphens.
 */
const grouped = String.raw`(?<![\p{L}\p{N}:/.-])(?:\+\d[\d ().-]{5,}\d|\(?\d+[ )][\d ().-]{4,}\d|\d{4}(?:-\d{4}){3}|\d{3}-\d{3}-\d{4})(?![\p{L}\p{N}:/-])`;
/**
 * The parts of a text that are replaced separately: a policy variable, a number in groups, or a run
 * of letters and digits.
 */
const parts = new RegExp(String.raw`\$\{[^}]*\}|${grouped}|[\p{L}\p{N}]+`, 'gu');

/**
 * Numbers with up to this many digits stay: they are counts, versions, ports and parts of dates.
 */
const longestThatStays = 5;

/** Replaces names in texts. The same name always gets the same replacement. */
export interface Pseudonyms {
  /** @throws Failure if the text cannot be replaced without changing what it matches */
  readonly of: (text: string) => string;
}

/**
 * Replaces all words in texts. Patterns must match what they matched before. If a pattern's
 * wildcard cuts through a word, each piece of the word is replaced separately. Every replacement of
 * a word is an `x` and five other letters, so pieces that follow each other cannot be confused.
 * @throws Failure that names a text or pattern for which that is impossible
 */
export function pseudonyms(texts: Iterable<string>, patterns: Iterable<string>): Pseudonyms {
  const cuts = cutsOf(patterns);
  const names = namesInOrder();
  const pieces = new Map<string, string>();
  const replaced = (word: string): string => {
    const known = pieces.get(word) ?? piecesOf(word, cuts).map(names).join('');
    pieces.set(word, known);
    return known;
  };
  const of = (text: string): string =>
    text.replaceAll(parts, (part) => (part.startsWith('${') ? inVariable(part, replaced) : replaced(part)));
  const all = new Map([...texts].map((text) => [text, of(text)]));
  refuseAmbiguity(all);
  refuseOtherMatches(patterns, all, of);
  return { of };
}

/**
 * Replaces the name in a policy variable. Only the name of a tag, after the slash, belongs to the
 * user.
 */
function inVariable(variable: string, replaced: (word: string) => string): string {
  const slash = variable.indexOf('/');
  if (slash < 0) return variable;
  return variable.slice(0, slash) + variable.slice(slash).replaceAll(/[\p{L}\p{N}]+/gu, replaced);
}

/**
 * Gives each new piece the next unused replacement. Pieces that differ only in case get
 * replacements that differ only in case.
 */
function namesInOrder(): (piece: string) => string {
  const words = new Map<string, string>();
  const spellings = new Map<string, string[]>();
  const counts = { word: 0, account: 0, id: 0, number: 0 };
  return (piece) => {
    if (stays(piece)) return piece;
    if (isAccountId(piece)) return remembered(words, piece, () => accountPlaceholder(counts.account++));
    if (!/\p{L}/u.test(piece)) return remembered(words, piece, () => otherDigits(piece, ++counts.number));
    if (uniqueId.test(piece))
      return remembered(words, piece, () => `${piece.slice(0, 4)}${String(++counts.id).padStart(17, '0')}`);
    const lower = piece.toLowerCase();
    const word = remembered(words, lower, () => letters(counts.word++));
    const known = spellings.get(lower) ?? [];
    spellings.set(lower, known);
    if (!known.includes(piece)) known.push(piece);
    return inCase(word, known.indexOf(piece));
  };
}

function remembered(map: Map<string, string>, key: string, make: () => string): string {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

function stays(piece: string): boolean {
  const lower = piece.toLowerCase();
  if (/^\d+$/.test(piece)) return piece.length <= longestThatStays;
  return vocabulary.has(lower) || engine.test(lower) || givenByAws.test(lower);
}

/**
 * Replaces a number by another one whose groups have the same lengths. The new number begins with 1
 * and ends with the count.
 */
function otherDigits(text: string, count: number): string {
  const length = text.replaceAll(/\D/g, '').length;
  const digits = `1${String(count).padStart(length - 1, '0')}`;
  let at = 0;
  return text.replaceAll(/\d/g, () => digits.charAt(at++));
}

const alphabet = 'bcdfghjklmnpqrstvwz';

/** `xbbbbb`, `xbbbbc`, ... */
function letters(index: number): string {
  let [rest, text] = [index, ''];
  for (let place = 0; place < 5; place++) {
    text = `${alphabet.charAt(rest % alphabet.length)}${text}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return `x${text}`;
}

/** A spelling of a word by its number: bit N decides whether letter N is upper case. */
function inCase(word: string, spelling: number): string {
  return Array.from(word, (letter, place) => ((spelling >> place) & 1 ? letter.toUpperCase() : letter)).join('');
}

/**
 * A piece of a pattern next to a wildcard. In a name, more letters can come before or after the
 * piece.
 */
interface Cut {
  readonly text: string;
  readonly openBefore: boolean;
  readonly openAfter: boolean;
}

const wildcard = /[*?]/;

function cutsOf(patterns: Iterable<string>): readonly Cut[] {
  const cuts = new Map<string, Cut>();
  for (const pattern of patterns) {
    for (const { 0: part, index } of pattern.matchAll(parts)) {
      const [before, after] = [pattern.charAt(index - 1), pattern.charAt(index + part.length)];
      if (part.startsWith('${')) refuseTouching(pattern, before, after);
      const cut = { text: part.toLowerCase(), openBefore: wildcard.test(before), openAfter: wildcard.test(after) };
      if (cut.openBefore || cut.openAfter) cuts.set(JSON.stringify(cut), cut);
    }
  }
  return [...cuts.values()];
}

/**
 * The value of a variable is not known. If a word touches the variable, nobody knows where the word
 * ends in a name.
 */
function refuseTouching(pattern: string, before: string, after: string): void {
  if (!/[\p{L}\p{N}]/u.test(before + after)) return;
  throw refusal(pattern, 'joins a policy variable and a name');
}

function piecesOf(word: string, cuts: readonly Cut[]): readonly string[] {
  const lower = word.toLowerCase();
  const at = new Set<number>();
  for (const { text, openBefore, openAfter } of cuts) {
    if (openBefore && openAfter) {
      for (let from = lower.indexOf(text); from >= 0; from = lower.indexOf(text, from + 1)) {
        at.add(from);
        at.add(from + text.length);
      }
    } else if (openAfter && lower.startsWith(text)) at.add(text.length);
    else if (openBefore && lower.endsWith(text)) at.add(lower.length - text.length);
  }
  // Words that stay and account IDs are not cut. refuseOtherMatches finds patterns that cut them.
  if (at.size === 0 || stays(word) || isAccountId(word)) return [word];
  const places = [0, ...[...at].toSorted((one, other) => one - other), word.length];
  return places.slice(1).flatMap((end, index) => {
    const piece = word.slice(places[index], end);
    return piece === '' ? [] : [piece];
  });
}

/** Different texts must stay different. */
function refuseAmbiguity(all: ReadonlyMap<string, string>): void {
  const seen = new Map<string, string>();
  for (const [text, other] of all) {
    const twin = seen.get(other);
    if (twin !== undefined) throw refusal(text, `cannot be distinguished from \`${twin}\``);
    seen.set(other, text);
  }
}

/**
 * Refuses patterns that would match other texts than before. A pattern with wildcards only between
 * whole words matches as before. Any other pattern is tested against all texts.
 */
function refuseOtherMatches(
  patterns: Iterable<string>,
  all: ReadonlyMap<string, string>,
  of: (text: string) => string,
): void {
  for (const pattern of patterns) {
    if (!/[\p{L}\p{N}]\*|\*[\p{L}\p{N}]|\?|\d[ ()]|[ (+]\d|\d-\*|\*-\d/u.test(pattern.replaceAll(/\$\{[^}]*\}/g, '')))
      continue;
    const [before, after] = [globOf(pattern), globOf(of(pattern))];
    for (const [text, replaced] of all)
      if (matches(before, text) !== matches(after, replaced)) throw refusal(pattern, `cuts through \`${text}\``);
  }
}

function refusal(text: string, why: string): Failure {
  return new Failure(
    'input',
    `--anonymize: \`${text}\` ${why}: replacing it would change verdicts`,
    'collect without --anonymize, and replace names by hand',
  );
}
