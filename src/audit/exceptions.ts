import { accountOf, isArn } from '../base/arn.ts';
import { nearestFirst } from '../base/nearest.ts';
import { type Pattern, patternOf } from '../preflight/pattern.ts';
import { type At, type Field, faultAt, type Tree } from '../preflight/tree.ts';
import { accountIn, dayIn, fieldsOf, saidIn, several } from '../preflight/values.ts';
import { parseTree } from '../preflight/yaml.ts';
import { type FindingKind, findingRows } from './findings/table.ts';
import { personTest } from './who-can.ts';

/* Exceptions: findings that somebody accepts, with a reason and a last day. */

/** Accepts the findings that meet every condition. An empty list is no condition. */
export interface FindingException {
  readonly at: At;
  readonly ids: readonly string[];
  readonly codes: readonly FindingKind[];
  readonly accounts: readonly string[];
  /** Names, ARNs or aliases. */
  readonly subjects: readonly Pattern[];
  /** ARNs, or account IDs, IDs of organizations and `all`. */
  readonly principals: readonly ((name: string, account: string) => boolean)[];
  readonly reason: string;
  readonly ticket: string | undefined;
  /** The last day, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
}

const known = ['id', 'code', 'account', 'subject', 'principal', 'reason', 'until', 'ticket'] as const;

/**
 * The exceptions of a file, in order. `file`: the name of the file in messages.
 * @throws Failure with file, line and column of the first fault
 */
export function readExceptions(file: string, text: string): readonly FindingException[] {
  const tree = parseTree(file, text);
  const next = 'write `version: 1` and a list of `exceptions`; see docs/audit.md';
  if (tree === undefined) throw faultAt({ file, line: 1, column: 1 }, 'the file is empty', next);
  const fields = fieldsOf(tree, 'a file of exceptions', ['$schema', 'version', 'exceptions']);
  const version = fields.get('version');
  if (version === undefined) throw faultAt(tree.at, 'the file has no `version`', next);
  const said = saidIn(version.value, 'version');
  if (said.text !== '1') throw faultAt(said.at, `version \`${said.text}\` is not known`, 'write `version: 1`');
  const all = fields.get('exceptions');
  if (all === undefined) throw faultAt(tree.at, 'the file has no `exceptions`', next);
  return several(all.value, 'exceptions', exceptionIn);
}

function exceptionIn(tree: Tree): FindingException {
  const fields = fieldsOf(tree, 'an exception', known);
  const all = <T>(name: (typeof known)[number], read: (one: Tree) => T): readonly T[] => {
    const field = fields.get(name);
    return field === undefined ? [] : several(field.value, name, read);
  };
  const ticket = fields.get('ticket');
  const texts = (name: (typeof known)[number]): readonly string[] => all(name, (one) => saidIn(one, name).text);
  if (!['id', 'code', 'subject', 'principal'].some((name) => fields.has(name)))
    throw faultAt(
      tree.at,
      'the exception would accept every finding',
      'name the findings with `code`, `subject`, `principal` or `id`',
    );
  return {
    at: tree.at,
    ids: texts('id'),
    codes: all('code', codeIn),
    accounts: all('account', (one) => accountIn(one).text),
    subjects: texts('subject').map((text) => patternOf(text)),
    principals: texts('principal').map(nameTest),
    reason: saidIn(required(fields, 'reason', tree.at).value, 'reason').text,
    until: dayIn(required(fields, 'until', tree.at).value, 'until'),
    ticket: ticket === undefined ? undefined : saidIn(ticket.value, 'ticket').text,
  };
}

/**
 * The code of a finding. `not-read` is refused: unread data may hide any finding, so nobody can
 * know what an exception for it would accept.
 */
function codeIn(tree: Tree): FindingKind {
  const { text, at } = saidIn(tree, 'code');
  const codes = findingRows.map(({ code }) => code);
  const found = codes.find((one) => one === text);
  if (found === 'not-read')
    throw faultAt(
      at,
      '`not-read` cannot be accepted: what was not read may hide any finding',
      'read more, or let undecided answers exit 0 with --fail-on fails',
    );
  if (found !== undefined) return found;
  throw faultAt(at, `no finding has the code \`${text}\``, `did you mean \`${nearestFirst(text, codes)[0] ?? ''}\`?`);
}

function required(fields: ReadonlyMap<string, Field>, name: string, at: At): Field {
  const field = fields.get(name);
  if (field === undefined) throw faultAt(at, `the exception has no \`${name}\``, `add \`${name}\``);
  return field;
}

/** A name or pattern without an account means principals of the account of the finding. */
function nameTest(text: string): FindingException['principals'][number] {
  const isPerson = personTest(text);
  return (name, account) =>
    name === text || ((isArn(text) || !isArn(name) || accountOf(name) === account) && isPerson(name));
}

/** The facts about a finding that exceptions match. */
export interface Acceptable {
  readonly id: string;
  readonly code: string;
  readonly account: string;
  /** ARN, name and aliases of what the finding is about. */
  readonly subjects: readonly string[];
  /** ARN and name of each backup, database and key that the finding affects or may affect. */
  readonly things: readonly (readonly string[])[];
  /** ARNs, or account IDs, IDs of organizations and `all`. */
  readonly principals: readonly string[];
}

/**
 * Whether an exception is about a finding, whether or not the exception has ended. An exception
 * that names a subject is about the findings on the subject, and about those that affect nothing
 * but named things. If an exception names principals, every principal of the finding has to be one
 * of them.
 */
export function isAbout(exception: FindingException, finding: Acceptable): boolean {
  const { ids, codes, accounts, subjects, principals } = exception;
  return (
    meets(ids, (one) => one === finding.id) &&
    meets(codes, (one) => one === finding.code) &&
    meets(accounts, (one) => one === finding.account) &&
    (meets(subjects, (is) => finding.subjects.some(is)) || areAll(finding.things, subjects)) &&
    (principals.length === 0 ||
      (finding.principals.length > 0 &&
        finding.principals.every((name) => principals.some((is) => is(name, finding.account)))))
  );
}

/** Whether there are things, and each has a name that some pattern matches. */
function areAll(things: readonly (readonly string[])[], patterns: readonly Pattern[]): boolean {
  return things.length > 0 && things.every((names) => patterns.some((is) => names.some(is)));
}

function meets<T>(conditions: readonly T[], is: (one: T) => boolean): boolean {
  return conditions.length === 0 || conditions.some(is);
}
