import { isAccountId, isArn, parseArn } from '../base/arn.ts';
import { meantBy } from '../base/nearest.ts';
import { list } from '../base/wording.ts';
import { isPrincipalName } from '../evidence/principal-name.ts';
import { regionComplaint } from '../operations/parameters.ts';
import { isDay } from './baseline.ts';
import type { Tag, Who } from './expectation.ts';
import { type Field, faultAt, type Said, type Tree } from './tree.ts';

/*
 * Reads the parts of an expectation from the tree of a file. `what`: the name of the part in
 * messages.
 */

/**
 * The fields of a map, by name.
 * @throws Failure if the tree is not a map, or has an unknown field
 */
export function fieldsOf(tree: Tree, what: string, known: readonly string[]): ReadonlyMap<string, Field> {
  if (tree.is !== 'map')
    throw faultAt(
      tree.at,
      `${what} must have fields, but this is ${nounOf(tree)}`,
      `the fields are ${known.join(', ')}`,
    );
  for (const { key } of tree.fields) {
    if (known.includes(key.text)) continue;
    const meant = meantBy(key.text, known) ?? sameMeaning.get(key.text);
    throw faultAt(
      key.at,
      `${what} has no field \`${key.text}\``,
      meant === undefined || !known.includes(meant)
        ? `the fields are ${known.join(', ')}`
        : `did you mean \`${meant}\`? The fields are ${known.join(', ')}`,
    );
  }
  return new Map(tree.fields.map((field) => [field.key.text, field]));
}

/** Other words for a field of an expectation or an exception, which no spelling shows. */
const sameMeaning: ReadonlyMap<string, string> = new Map([
  ['principal', 'who'],
  ['role', 'who'],
  ['operation', 'can'],
  ['reason', 'why'],
  ['description', 'why'],
  ['name', 'id'],
]);

function nounOf({ is }: Tree): string {
  return is === 'text' ? 'a string' : is === 'list' ? 'a list' : 'fields';
}

/**
 * A text that is not empty.
 * @throws Failure if the tree is not a text, or the text is empty
 */
export function saidIn(tree: Tree, what: string): Said {
  if (tree.is !== 'text')
    throw faultAt(tree.at, `${what} must be a string, but this is ${nounOf(tree)}`, 'write one string');
  if (tree.text.trim() === '') throw faultAt(tree.at, `${what} is empty`, 'write a value, or remove the field');
  return { text: tree.text, at: tree.at };
}

/**
 * One value, or a list of at least one value.
 * @throws Failure if the list is empty
 */
export function several<T>(tree: Tree, what: string, read: (one: Tree) => T): readonly [T, ...T[]] {
  if (tree.is !== 'list') return [read(tree)];
  const [first, ...others] = tree.items.map(read);
  if (first === undefined) throw faultAt(tree.at, `the list of ${what} is empty`, 'add a value, or remove the field');
  return [first, ...others];
}

/** Whether a text has a wildcard. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/** @throws Failure if the text does not have twelve digits */
export function accountIn(tree: Tree): Said {
  const said = saidIn(tree, 'an account');
  if (!isAccountId(said.text)) throw notAnAccount(said);
  return said;
}

function notAnAccount({ text, at }: Said) {
  const digits = /^\d{1,11}$/.test(text);
  return faultAt(
    at,
    digits ? `account \`${text}\` has ${text.length} digits instead of 12` : `\`${text}\` is not an account ID`,
    digits
      ? `if the leading zero is missing, write "${text.padStart(12, '0')}"`
      : 'write 12 digits in quotes, such as "111122223333"',
  );
}

/**
 * Verifies the account of an ARN. A text that is not an ARN passes.
 * @throws Failure if the ARN is not complete, or its account is not an account ID
 */
export function verifyArn(said: Said): void {
  if (!isArn(said.text)) return;
  const account = parseArn(said.text)?.account;
  if (account === undefined)
    throw faultAt(said.at, `\`${said.text}\` is not a complete ARN`, 'an ARN has six parts, separated by colons');
  if (account !== '' && !isPattern(account) && !isAccountId(account))
    throw notAnAccount({ text: account, at: said.at });
}

/**
 * Verifies that an ARN names its place. An expectation is checked in the places that it names, not
 * wherever something matches.
 * @throws Failure if a pattern for ARNs leaves the account or Region open
 */
export function verifyPlaced({ text, at }: Said, parts: readonly ('account' | 'region')[]): void {
  const arn = parseArn(text);
  const open = parts.filter((part) => isPattern(arn?.[part] ?? ''));
  if (open.length === 0) return;
  throw faultAt(
    at,
    `\`${text}\` leaves the ${list(open.map((part) => partNames[part]))} open`,
    'write the pattern of a name instead of an ARN, and list where it is checked with account: and region:',
  );
}

const partNames = { account: 'account', region: 'Region' } as const;

/** A Region. @throws Failure if the text cannot be the name of a Region */
export function regionIn(tree: Tree): Said {
  const said = saidIn(tree, 'a Region');
  const complaint = regionComplaint(said.text);
  if (complaint !== undefined) throw faultAt(said.at, `\`${said.text}\` is not a Region`, complaint);
  return said;
}

/** `true` or `false`. */
export function switchIn(tree: Tree, what: string): boolean {
  const { text, at } = saidIn(tree, what);
  if (text !== 'true' && text !== 'false')
    throw faultAt(at, `\`${text}\` is not a value of ${what}`, 'write true or false');
  return text === 'true';
}

/** Tags as fields, or as `key=value`. */
export function tagsIn(tree: Tree): readonly Tag[] {
  if (tree.is === 'map')
    return tree.fields.map(({ key, value }) => ({
      key: key.text,
      value: value.is === 'text' ? value.text : saidIn(value, 'a tag').text,
    }));
  return several(tree, 'tags', (one) => {
    const { text, at } = saidIn(one, 'a tag');
    const equals = text.indexOf('=');
    if (equals < 1)
      throw faultAt(at, `\`${text}\` is not a tag`, 'write a tag and its value, such as team=dba or { team: dba }');
    return { key: text.slice(0, equals), value: text.slice(equals + 1) };
  });
}

/** @throws Failure if the text is not a valid date, `YYYY-MM-DD` */
export function dayIn(tree: Tree, what: string): string {
  const { text, at } = saidIn(tree, what);
  if (!isDay(text))
    throw faultAt(at, `\`${text}\` is not a date`, 'write a date such as 2027-01-31; the day ends at midnight UTC');
  return text;
}

/**
 * A time in hours. The text has minutes, hours or days: `90m`, `36h`, `7d`.
 * @throws Failure if the text is not such a time
 */
export function hoursIn(tree: Tree, what: string): number {
  const { text, at } = saidIn(tree, what);
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw faultAt(at, `\`${text}\` is not a time`, 'write minutes, hours or days, such as 90m, 36h or 7d');
  return Number(count) * (unit === 'm' ? 1 / 60 : unit === 'd' ? 24 : 1);
}

const whoFields = ['match', 'not', 'tag', 'account'];

/**
 * Reads an entry of `who`.
 * @throws Failure if the entry cannot name a principal
 */
export function whoIn(tree: Tree): Who {
  const none = { not: [], tags: [], account: undefined };
  if (tree.is !== 'map') return { ...namedWho(saidIn(tree, 'who')), ...none };
  const fields = fieldsOf(tree, 'who', whoFields);
  const match = fields.get('match');
  if (match === undefined)
    throw faultAt(tree.at, '`match` is missing', 'add a name or a pattern, such as match: role/app-*');
  const [not, tag, account] = [fields.get('not'), fields.get('tag'), fields.get('account')];
  return {
    ...namedWho(saidIn(match.value, 'who')),
    not: not === undefined ? [] : several(not.value, 'patterns', (one) => namedWho(saidIn(one, 'a pattern')).said),
    tags: tag === undefined ? [] : tagsIn(tag.value),
    account: account === undefined ? undefined : accountIn(account.value),
  };
}

function namedWho(said: Said): Pick<Who, 'said' | 'is'> {
  const { text, at } = said;
  verifyArn(said);
  if (text === 'caller' || text === 'root') return { said, is: text };
  if (isPattern(text)) {
    if (!/^(?:(?:role|user)\/|arn:|\*)/.test(text))
      throw faultAt(at, `\`${text}\` cannot match a user or role`, 'begin with role/ or user/, such as role/app-*');
    return { said, is: 'pattern' };
  }
  if (!isArn(text) && !isPrincipalName(text))
    throw faultAt(
      at,
      `\`${text}\` is not the name of a principal`,
      'write role/NAME, user/NAME, an ARN, a pattern, caller or root',
    );
  return { said, is: 'name' };
}
