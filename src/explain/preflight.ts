import { accountOf, isRootArn, parseArn, shortName, withoutPath } from '../base/arn.ts';
import { ageText, counted, list } from '../base/wording.ts';
import { reasoned } from '../check/call-reason.ts';
import type { DecidedCall } from '../check/decide.ts';
import { sourceNouns } from '../evidence/sources.ts';
import type { BaselineNote } from '../preflight/baseline.ts';
import type { Expectation, SourceItem } from '../preflight/expectation.ts';
import type { ExpectationLack, ExpectationNote, Failing } from '../preflight/outcome.ts';
import { answerText } from './answers.ts';
import { callText } from './calls.ts';
import { factText } from './facts.ts';
import { statementName } from './names.ts';

/** What is expected, in one sentence without full stop. */
export function expectationText({ who, isOnly, verb, asked, source }: Expectation): string {
  const people = list(
    who.map(({ said, not }) => `${said.text}${not.length === 0 ? '' : ` (not ${list(not.map(({ text }) => text))})`}`),
    isOnly ? 'and' : verb === 'can' ? 'and' : 'or',
  );
  const operations = list(
    asked.map(({ said }) => said.text),
    verb === 'can' ? 'and' : 'or',
  );
  const on = source === undefined ? '' : ` ${sourceWords[source.field]} ${list(source.items.map(itemText))}`;
  return `${isOnly ? 'only ' : ''}${people} ${verb} ${operations}${on}`;
}

const sourceWords = {
  cluster: 'cluster',
  instance: 'DB instance',
  snapshot: 'snapshot',
  'instance-snapshot': 'DB snapshot',
  'in-cluster': 'in cluster',
  'backups-of': 'backups of',
  key: 'key',
} as const;

function itemText(item: SourceItem): string {
  if (item.is === 'newest') return `newest of ${item.said.text}`;
  return `${item.said.text}${item.not.length === 0 ? '' : ` (not ${list(item.not.map(({ text }) => text))})`}`;
}

/** What one combination comes to, in one sentence without full stop. */
export function failingText({ code, bound, any }: Failing): string {
  const { operation, principal, source, keys } = bound;
  const verdict =
    code === 'can-do' ? 'succeeds' : code === 'cannot-do' || code === 'stopped-elsewhere' ? 'fails' : 'undetermined';
  const key = keys['named key'];
  const text =
    key === undefined
      ? answerText({ operation, principal: principal.arn, source, verdict })
      : answerText({
          operation: { ...operation, phrase: `call ${operation.command} on ${key.alias ?? shortName(key.arn)}` },
          principal: principal.arn,
          source: undefined,
          verdict,
        });
  switch (code) {
    case 'not-denied-for-certain':
      return `${text}, but no policy denies every such request`;
    case 'vacuous':
      return `${text}, but only because of a state: no policy denies it`;
    case 'stopped-elsewhere': {
      const denied = any?.isDenied === true ? any.requests.flatMap((one) => one.denied) : [];
      return `${text}, stopped by ${list([...new Set(denied.map(({ row }) => row.action))])} instead`;
    }
    default:
      return text;
  }
}

/** What a call comes to, as a sentence without full stop. */
export function callReasonText(call: DecidedCall): string {
  if (call.key?.isAnyKey === true && call.decision.decision === 'depends')
    return `${call.row.action}: the request may name any key, and no policy denies that for every key`;
  return `${call.row.action}: ${callText(reasoned(call))}`;
}

/** The statements that decide a call. */
export function decidingStatements({ decision }: DecidedCall): readonly string[] {
  return decision.decidedBy.flatMap((by) => ('grant' in by ? [] : [statementName(by)]));
}

/** What a call that may be allowed depends on. */
export function settlingTexts({ decision, key }: DecidedCall): readonly string[] {
  if (key?.isAnyKey === true) return ['the key that the request names (kms-key-id under flags)'];
  return decision.dependsOn.map(factText);
}

/** What is to be done about a statement that allows what nobody expects. */
export function denyText({ row, actor, decision }: DecidedCall): string {
  const who = isRootArn(actor.arn) ? `account ${accountOf(actor.arn)}` : shortName(actor.arn);
  const [statement] = decision.decidedBy.flatMap((by) => ('grant' in by ? [] : [statementName(by)]));
  const from = statement === undefined ? '' : `, or take ${row.action} out of ${statement}`;
  return isRootArn(actor.arn)
    ? `deny ${row.action} to the root user of ${who} with a service control policy, or name root under only`
    : `deny ${row.action} to ${who}${from}`;
}

/** What could not be found or read, as a sentence with full stop. */
export function lackText(lack: ExpectationLack): string {
  switch (lack.code) {
    case 'nothing-matched':
      return nothingText(lack);
    case 'too-few-matched':
      return `${counted(lack.found, 'combination')} ${lack.found === 1 ? 'was' : 'were'} found, and at-least is ${lack.wanted}.`;
    case 'backup-too-old':
      return `The newest backup, ${nameOf(lack.arn)}, was ${ageText(lack.hours)} old when the evidence was read; max-age is ${ageText(lack.maxAge)}.`;
    case 'backup-age-unknown':
      return `When snapshots of ${lack.name} were taken was not read, or when the evidence was read is not known (collectedAt): run collect.`;
    case 'caller-unknown':
      return 'The evidence does not say who the caller is: name the principal.';
    case 'account-unread':
      return `Nothing of account ${lack.account} was read: collect the account, and give its evidence as well.`;
    case 'principals-unread':
      return `The users and roles of account ${lack.account} were not all read: read them with collect.`;
    case 'sources-unread':
      return `The ${list(lack.types.map((type) => `${sourceNouns[type]}s`))} in ${lack.region} of account ${lack.account} were not read: read them with collect.`;
    case 'keys-unread':
      return `The keys in ${lack.region} of account ${lack.account} were not read: read them with collect --all-keys.`;
    case 'tags-unread':
      return `The tags of ${shortName(lack.of)} were not read.`;
    case 'outside-account-unread':
      return outsideText(lack);
  }
}

function nothingText({ what, name, nearest }: Extract<ExpectationLack, { readonly code: 'nothing-matched' }>): string {
  const near = nearest.length === 0 ? '' : `; the nearest ${nearest.length === 1 ? 'is' : 'are'} ${list(nearest)}`;
  return what === 'combination' ? 'Nothing was found to ask about.' : `No ${what} matches \`${name}\`${near}.`;
}

function outsideText({ of, account }: Extract<ExpectationLack, { readonly code: 'outside-account-unread' }>): string {
  if (account === undefined)
    return `Other accounts may have access to ${shortName(of)}: with whom it is shared was not read.`;
  if (account === 'all') return `Any account may have access to ${shortName(of)}: it lets everybody in.`;
  return `Account ${account} could be let in, and its users and roles were not read: give its evidence as well.`;
}

function nameOf(arn: string): string {
  return parseArn(arn)?.name ?? withoutPath(arn);
}

/** What is worth knowing, as a sentence with full stop. */
export function expectationNoteText(note: ExpectationNote): string {
  if (note.code === 'why-is-todo') return 'The expectation does not say why it is there: replace TODO.';
  const { reason, until } = note.exception;
  const name = `The exception until ${until} (${reason})`;
  switch (note.code) {
    case 'exception-unused':
      return `${name} is unused: everything that it covers holds.`;
    case 'exception-ended':
      return `${name} has ended and has no effect.`;
    case 'exception-ends-soon':
      return `${name} ends ${note.days === 0 ? 'today' : `in ${counted(note.days, 'day')}`}.`;
  }
}

/** What is worth knowing of a baseline, as a sentence with full stop. */
export function baselineNoteText({ reason, until }: BaselineNote): string {
  return `The baseline (${reason}) ended on ${until} and has no effect.`;
}
