import type { AcceptanceNote } from '../audit/acceptance.ts';
import type { Holdout } from '../audit/audit.ts';
import { type EstateUnread, type FindingFields, type Severity, severities } from '../audit/findings/finding.ts';
import type { KeyAtRisk } from '../audit/findings/key-at-risk.ts';
import type { NotRead, NotReadKind } from '../audit/findings/not-read.ts';
import type { OneWayIn } from '../audit/findings/one-way-in.ts';
import type { AnyFinding, FindingKind } from '../audit/findings/table.ts';
import { accountOf, isAccountId, nameOf, shortName } from '../base/arn.ts';
import { distinctNames, namesSeenFrom, someNames } from '../base/names.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { capital, counted, list, numberText, sentence, withoutStop } from '../base/wording.ts';
import type { AuditFix } from '../contract/audit-report.ts';
import { codes } from '../contract/codes.ts';
import type { ReportedText } from '../contract/worded.ts';
import {
  buildAndBurnText,
  exposedText,
  foreignKeyText,
  keyFindingDetails,
  keyKillersText,
  keyLockedOutText,
  keyOpenText,
  shareInertText,
  stackOwnedKeyText,
} from './key-findings.ts';
import { keyPhrase, statementName } from './names.ts';
import { preconditionName } from './precondition-names.ts';
import { baselineNoteText, exceptionNoteText } from './preflight.ts';

/** The text of every finding, by its code, as a sentence without a period. */
type Texts = {
  readonly [Code in FindingKind]: (found: Extract<AnyFinding, { readonly code: Code }>, words: Words) => string;
};

/** What the wording of a finding needs: names of keys, and whether the finding is undecided. */
export interface Words {
  /** The name of a key, by its ARN. */
  readonly keyName: (arn: string) => string;
  readonly isOpen: boolean;
}

const texts: Texts = {
  'not-read': notReadText,
  'nobody-can-restore': ({ key, affected, maybe, asked }, { keyName, isOpen }) =>
    `${isOpen ? 'Possibly none' : 'None'} of ${counted(asked, 'principal')} can restore ${backupWords(isOpen ? maybe.backups : affected.backups)} ${withKey(key, keyName)}`,
  exposed: exposedText,
  'share-inert': shareInertText,
  'foreign-key': foreignKeyText,
  'key-locked-out': keyLockedOutText,
  'build-and-burn': buildAndBurnText,
  'stack-owned-key': stackOwnedKeyText,
  'key-open': keyOpenText,
  'key-killers': keyKillersText,
  'key-at-risk': keyAtRiskText,
  'one-way-in': oneWayText,
  'same-domain': ({ key, affected, maybe }, { keyName, isOpen }) =>
    isOpen
      ? `${capital(backupsWords(maybe.backups))} ${withKey(key, keyName)} may have no copy under a key of another account`
      : `${capital(backupsWords(affected.backups))} ${withKey(key, keyName)} ${affected.backups?.length === 1 ? 'has' : 'have'} no copy under a key of another account that was read`,
  'wide-restore': ({ key, affected, maybe, most }, { keyName, isOpen }) =>
    isOpen
      ? `More than ${counted(most, 'principal')} may be able to restore, copy or export ${backupsWords(maybe.backups)} ${withKey(key, keyName)}`
      : `${counted(affected.principals?.length ?? 0, 'principal')} can restore or copy ${backupsWords(affected.backups)} ${withKey(key, keyName)}. At most ${most} ${most === 1 ? 'is' : 'are'} expected`,
  'snapshot-not-restore': ({ affected, maybe }, { isOpen }) =>
    isOpen
      ? `${counted(maybe.principals?.length ?? 0, 'principal')} may be able to take snapshots and unable to restore any backup of the same databases`
      : `${counted(affected.principals?.length ?? 0, 'principal')} can take snapshots, but cannot restore any backup of the same databases`,
  'one-identity-path': ({ provider, affected, maybe, holders }, { isOpen }) =>
    `${counted(holders.length, 'role')} can restore ${backupsWords(isOpen ? maybe.backups : affected.backups)}, and ${holders.length === 1 ? 'the role' : 'these roles'} can be assumed ${isOpen ? 'possibly only' : 'only'} through identity provider ${shortName(provider)}`,
  'aws-managed-key': ({ key, affected, maybe }, { keyName, isOpen }) => {
    const count = (isOpen ? maybe : affected).backups?.length ?? 0;
    const are = isOpen ? 'may be' : count === 1 ? 'is' : 'are';
    return `${counted(count, 'backup')} ${are} ${withKey(key, keyName)}, which AWS manages: other accounts can neither use nor copy the ${count === 1 ? 'backup' : 'backups'}`;
  },
};

function keyAtRiskText(found: KeyAtRisk & FindingFields, { keyName, isOpen }: Words): string {
  const { key, isGone, state, deletedAt, expiresAt, isPast } = found;
  const { backups = [], databases = [], others = [] } = isOpen ? found.maybe : found.affected;
  const things = [
    ...(databases.length === 0 ? [] : [counted(databases.length, 'database')]),
    ...(backups.length === 0 ? [] : [counted(backups.length, 'backup')]),
    ...(others.length === 0 ? [] : [counted(others.length, 'other resource')]),
  ];
  const affected =
    others.length === 0 && databases.length + backups.length <= fewNames && !isOpen
      ? list([
          ...(databases.length === 0
            ? []
            : [`${databases.length === 1 ? 'database' : 'databases'} ${list(distinctNames(databases, nameOf))}`]),
          ...(backups.length === 0
            ? []
            : [`${backups.length === 1 ? 'backup' : 'backups'} ${list(distinctNames(backups, nameOf))}`]),
        ])
      : list(things);
  const count = databases.length + backups.length + others.length;
  const rest =
    count === 0
      ? 'Nothing encrypted with the key was found'
      : `${capital(affected)} ${count === 1 ? 'is' : 'are'} encrypted with the key`;
  const name = keyPhrase(keyName(key));
  const is = isGone ? `KMS has no ${name}` : keyStateText({ state, deletedAt, expiresAt, isPast }, name);
  return `${is}. ${rest}`;
}

/** What happens to a key, and when. */
function keyStateText(
  { state, deletedAt, expiresAt, isPast }: Pick<KeyAtRisk, 'state' | 'deletedAt' | 'expiresAt' | 'isPast'>,
  key: string,
): string {
  if (deletedAt !== undefined)
    return `KMS ${isPast ? 'was to delete' : 'deletes'} ${key} on ${deletedAt.slice(0, 10)} (state ${state})`;
  const is = [
    ...(state === undefined || state === 'Enabled' ? [] : [`is in state ${state}`]),
    ...(expiresAt === undefined
      ? []
      : [`has material that ${isPast ? 'expired' : 'expires'} on ${expiresAt.slice(0, 10)}`]),
  ];
  const unknown = state === undefined ? 'may be unusable' : 'may have key material that expires';
  return `${capital(key)} ${is.length === 0 ? unknown : list(is)}`;
}

const fewNames = 3;

function oneWayText(
  { account, key, principal, way, ways, holders, affected, maybe }: OneWayIn & FindingFields,
  { keyName, isOpen }: Words,
): string {
  const backups = `${backupsWords(isOpen ? maybe.backups : affected.backups)} ${withKey(key, keyName)}`;
  const only = isOpen ? 'Possibly only' : 'Only';
  const name = namesSeenFrom(account)(principal);
  switch (way) {
    case 'root':
      return `${only} the root user of account ${accountOf(principal)} can restore ${backups}`;
    case 'only': {
      const inWays =
        ways === undefined || parsePrincipalArn(principal)?.type !== 'role'
          ? ''
          : `, which can be assumed in ${counted(ways, 'way')},`;
      return `${only} ${name}${inWays} can restore ${backups}`;
    }
    case 'through':
      return `${counted(holders.length, 'principal')} can restore ${backups}, and ${isOpen ? 'possibly ' : ''}all are reached through ${name}`;
  }
}

/** A finding in one sentence without a period. */
export function auditFindingText(found: AnyFinding, words: Words): string {
  switch (found.code) {
    case 'not-read':
      return texts[found.code](found, words);
    case 'nobody-can-restore':
      return texts[found.code](found, words);
    case 'exposed':
      return texts[found.code](found, words);
    case 'share-inert':
      return texts[found.code](found, words);
    case 'foreign-key':
      return texts[found.code](found, words);
    case 'key-locked-out':
      return texts[found.code](found, words);
    case 'build-and-burn':
      return texts[found.code](found, words);
    case 'stack-owned-key':
      return texts[found.code](found, words);
    case 'key-open':
      return texts[found.code](found, words);
    case 'key-killers':
      return texts[found.code](found, words);
    case 'key-at-risk':
      return texts[found.code](found, words);
    case 'one-way-in':
      return texts[found.code](found, words);
    case 'same-domain':
      return texts[found.code](found, words);
    case 'wide-restore':
      return texts[found.code](found, words);
    case 'snapshot-not-restore':
      return texts[found.code](found, words);
    case 'one-identity-path':
      return texts[found.code](found, words);
    case 'aws-managed-key':
      return texts[found.code](found, words);
  }
}

/** Further notes on a finding, in sentences. */
export function findingDetails(found: AnyFinding): readonly string[] {
  switch (found.code) {
    case 'nobody-can-restore':
      return [
        ...(found.unmet.length === 0
          ? []
          : [
              `${found.unmet.length === 1 ? 'Precondition' : 'Preconditions'} not met: ${list(found.unmet.map(preconditionName))}.`,
            ]),
        ...(found.underAnotherKey
          ? ['AWS does not say whether a restore under another key (--kms-key-id) needs the key of the backup.']
          : []),
      ];
    case 'key-at-risk':
      return found.onlyUnderIt.length === 0
        ? []
        : [`No copy of ${thingWords(found.onlyUnderIt)} under another key was found.`];
    case 'one-way-in':
      return found.besidesRoot
        ? [`The root user of account ${found.account} can also restore, but does not count as a second way in.`]
        : [];
    case 'same-domain':
      return ['A copy in an account that was not read cannot be seen.'];
    case 'wide-restore':
      return [
        ...found.grantedBy
          .slice(0, mostNames)
          .map(({ statement, holders }) => `${counted(holders, 'principal')}: by ${statementName(statement)}.`),
        ...(found.exporting === 0
          ? []
          : [
              `${numberText(found.exporting)} more may be able to export the backups: the role, bucket and key that the request names decide.`,
            ]),
      ];
    case 'snapshot-not-restore':
      return ['This is correct for a role that only takes backups.'];
    case 'not-read':
      return found.gaps.map(
        ({ what, resource, reason }) => `${what}${resource === undefined ? '' : ` on ${resource}`}: ${reason}.`,
      );
    case 'build-and-burn':
    case 'key-killers':
    case 'foreign-key':
    case 'share-inert':
    case 'stack-owned-key':
      return keyFindingDetails(found);
    default:
      return [];
  }
}

/** `backup orders-1`, `3 backups`. */
function backupsWords(arns: readonly string[] = []): string {
  const [first = ''] = arns;
  return arns.length === 1 ? `backup ${nameOf(first)}` : `${numberText(arns.length)} backups`;
}

/** `ledger and ledger-monthly`, `12 databases and backups`. */
function thingWords(arns: readonly string[]): string {
  return arns.length <= fewNames
    ? list(distinctNames(arns, nameOf))
    : `${numberText(arns.length)} databases and backups`;
}

/** A few backups are named, because a reader wants to know which ones. */
function backupWords(arns: readonly string[] = []): string {
  const few = 2;
  if (arns.length > few) return `any of the ${counted(arns.length, 'backup')}`;
  return `backup ${list(distinctNames(arns, nameOf), 'or')}`;
}

function withKey(key: string | undefined, keyName: (arn: string) => string): string {
  return key === undefined ? 'without a known KMS key' : `encrypted with ${keyPhrase(keyName(key))}`;
}

const kindWords: Readonly<Record<NotReadKind, (names: readonly string[]) => string>> = {
  account: (names) => `Account ${list(names)} was not read`,
  regions: () => 'No Region of the account was read',
  principals: (names) =>
    `${names.length === 1 ? 'A list' : 'Lists'} of principals ${wasNot(names)} read: ${list(names)}`,
  'identity-policies': (names) => `Policies that principals have were not read (${list(names)})`,
  'rds-lists': (names) =>
    `${names.length === 1 ? 'A list' : 'Lists'} of RDS ${names.length === 1 ? 'was' : 'were'} not read: ${list(names)}`,
  'share-lists': (names) =>
    `The share ${names.length === 1 ? 'list' : 'lists'} of ${counted(names.length, 'snapshot')} ${wasNot(names)} read`,
  keys: (names) => `${counted(names.length, 'key')} ${wasNot(names)} read: ${someNames(names, mostNames)}`,
  'key-policies': (names) =>
    `The ${names.length === 1 ? 'policy' : 'policies'} of ${counted(names.length, 'key')} ${wasNot(names)} read: ${someNames(names, mostNames)}`,
  grants: (names) => `The grants of ${counted(names.length, 'key')} were not read: ${someNames(names, mostNames)}`,
  'second-key-policies': (names) =>
    `The second ${names.length === 1 ? 'policy' : 'policies'} (AWS_RAM) of ${counted(names.length, 'key')} ${wasNot(names)} read`,
  organization: (names) =>
    names.some(isAccountId)
      ? 'The organization of the account was not read: SCPs and RCPs are assumed to deny nothing'
      : `${capital(list(names))} were not read and are assumed to deny nothing`,
  vaults: (names) => `Lists of AWS Backup were not read: ${list(names)}`,
  'other-reads': (names) => `Other reads failed: ${someNames(names, mostNames)}`,
};

function wasNot({ length }: readonly string[]): string {
  return length === 1 ? 'was not' : 'were not';
}

const mostNames = 3;

function notReadText({ what, names }: NotRead): string {
  return kindWords[what](names);
}

/** A part of the estate that was not read, as a phrase. */
export function estateUnreadText(unread: EstateUnread): string {
  switch (unread.code) {
    case 'key-description-unread':
      return `the description of ${shortName(unread.of)}, which was not read (kms:DescribeKey)`;
    case 'key-expiry-unread':
      return `when the key material of ${shortName(unread.of)} expires, which was not read (ExpirationModel and ValidTo of kms:DescribeKey)`;
    case 'backup-encryption-unread':
      return `the key of backup ${nameOf(unread.of)}, which was not read`;
    case 'backup-kind-unread':
      return `the type of snapshot ${nameOf(unread.of)}, which was not read (SnapshotType)`;
    case 'backup-sharing-unread':
      return `the share list of backup ${nameOf(unread.of)}, which was not read`;
    case 'aws-owned-key-unpublished':
      return `what other accounts can do with backup ${nameOf(unread.of)}, which may be under a key that AWS owns; AWS does not publish that`;
    case 'key-of-thing-unread':
      return `the key of ${shortName(unread.of)}, which was not read`;
    case 'database-of-grant-not-found':
      return `the database of grant ${unread.grant}, which RDS holds on the key and which was not found`;
    case 'vault-access-unread':
      return `the access policy of the vault of recovery point ${nameOf(unread.of)}, which was not read`;
    case 'vault-lock-unread':
      return `whether the vault of recovery point ${nameOf(unread.of)} is locked, which was not read`;
    case 'export-request-open':
      return 'the role, bucket and key that an export names (--iam-role, --s3-bucket, --kms-key-id)';
    case 'database-protection-unread':
      return `the deletion protection of ${shortName(unread.of)}, which was not read`;
    case 'stack-tag-unread':
      return `the tags of ${shortName(unread.of)}, which were not read`;
    case 'regions-unread':
      return `the Regions of account ${unread.account}, none of which was read`;
    case 'account-membership-unread':
      return `the organization of account ${unread.account}, which was not read`;
    case 'ways-in-unread':
      return `the trust policy of ${shortName(unread.of)}, which was not read or is not understood`;
    case 'estate-list-unread':
      return unread.lists.length === 1
        ? `the list ${list(unread.lists)} of account ${unread.account} in ${unread.region}, which was not read`
        : `the lists ${list(unread.lists)} of account ${unread.account} in ${unread.region}, which were not read`;
  }
}

/**
 * What would settle a finding: a name for a fact, and a sentence for everything else. `depends`:
 * the sentence about the facts.
 */
export function decidingTexts(
  open: readonly ReportedText[],
  depends: (facts: readonly string[]) => string,
): readonly string[] {
  const facts = open.filter(({ code }) => namesFact(code)).map(({ text }) => text);
  const others = open.filter(({ code }) => !namesFact(code)).map(({ text }) => sentence(withoutStop(text)));
  return [...(facts.length === 0 ? [] : [depends(facts)]), ...others];
}

function namesFact(code: string): boolean {
  const subject: string | undefined = new Map<string, { readonly of: string }>(Object.entries(codes)).get(code)?.of;
  return subject === 'fact' || subject === 'unread';
}

/** What the numbers do not include, as a sentence. */
export function holdoutText(holdout: Holdout): string {
  const { accounts } = holdout;
  switch (holdout.code) {
    case 'numbers-assume-no-control-policies':
      return `Assumed: no SCP or RCP denies a restore in ${accountsText(accounts)}, whose SCPs and RCPs were not all read.`;
    case 'numbers-lack-backups':
      return `Backups of ${accountsText(accounts)} may be missing: RDS lists were not read.`;
    case 'numbers-lack-exposures':
      return `More backups of ${accountsText(accounts)} may be exposed: see the undecided findings.`;
    case 'numbers-lack-principals':
      return `Principals of ${accountsText(accounts)} may be missing: not all of them were read.`;
  }
}

function accountsText(accounts: readonly string[]): string {
  return accounts.length === 1 ? `account ${accounts.join('')}` : `accounts ${list(accounts)}`;
}

/** The result of an audit, in one sentence without a period. */
export function auditAnswerText(counts: {
  readonly backups: number;
  readonly restorable: number;
  readonly byNobody: number;
  readonly exposed: number;
  /** The severity of each finding that holds. */
  readonly holding: readonly Severity[];
  readonly undecided: number;
  readonly accepted: number;
}): string {
  const { backups, restorable, byNobody, exposed, holding, undecided, accepted } = counts;
  if (backups === 0 && holding.length + undecided + accepted === 0) return 'No backups were found. Nothing was checked';
  const of = `of ${counted(backups, 'backup')}`;
  const problems = [
    ...(byNobody === 0 ? [] : [`nobody can restore ${numberText(byNobody)} ${of}`]),
    ...(exposed === 0 ? [] : [`other accounts can use ${counted(exposed, 'backup')}`]),
  ];
  const able =
    restorable < backups
      ? `somebody can restore ${numberText(restorable)} ${of}`
      : `somebody can restore ${backups === 1 ? 'the only backup' : `all ${counted(backups, 'backup')}`}`;
  const bySeverity = severities
    .map((severity) => ({ severity, count: holding.filter((one) => one === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => (severity === 'note' ? counted(count, 'note') : `${numberText(count)} ${severity}`));
  const findings = [
    ...(holding.length === 0 ? [] : [`${counted(holding.length, 'finding')} (${bySeverity.join(', ')})`]),
    ...(undecided === 0 ? [] : [counted(undecided, 'undecided finding')]),
    ...(accepted === 0 ? [] : [counted(accepted, 'accepted finding')]),
  ];
  const rest = findings.length === 0 ? [] : [`the audit has ${list(findings)}`];
  // What is wrong comes first.
  const sentences =
    problems.length > 0 ? [problems.join(', and '), ...rest] : [...rest, ...(backups === 0 ? [] : [able])];
  return sentences.map(capital).join('. ');
}

/** A note about an exception or the baseline, as a sentence with a period. */
export function acceptanceNoteText(note: AcceptanceNote): string {
  if (note.code === 'baseline-ended') return baselineNoteText(note);
  const { at, reason, until } = note.exception;
  return exceptionNoteText(note, {
    name: `The exception of ${at.file}:${at.line} until ${until} (${reason})`,
    unused: 'no finding matches its conditions',
  });
}

/** A fix in a sentence. */
export function auditFixText({ principal, backup, steps }: AuditFix): string {
  const does = list(steps.flatMap((step) => step.does.map(({ text }) => text)));
  const then =
    principal === null || backup === null ? '' : ` (${shortName(principal)} can then restore ${shortName(backup)})`;
  return `Fix${then}: ${does}.`;
}

/**
 * The commands of a fix. Nothing may follow them, so that a reader can copy them.
 */
export function auditFixCommands(fix: AuditFix): string {
  return `${auditFixCommandsTitle(fix)} ${fix.commands.join('; ')}`;
}

/**
 * What stands before the commands. A command of this program reads AWS unless the reader adds the
 * audit's data source.
 */
export function auditFixCommandsTitle({ commands }: AuditFix): string {
  const isOwn = commands.some((one) => one.startsWith('aurora-kms-check '));
  return `Commands${isOwn ? ' (with the same --evidence or --demo)' : ''}:`;
}

/**
 * What several findings with the same code have in common. `who`: the only principal that all are
 * about.
 */
const groupTexts: Readonly<Record<Exclude<FindingKind, 'not-read'>, (who: string | undefined) => string>> = {
  'nobody-can-restore': () => 'Nobody can restore backups',
  exposed: () => 'Other accounts can use backups',
  'share-inert': () => 'Backups are shared with accounts that cannot use them',
  'foreign-key': () => 'Backups depend on keys of other accounts',
  'key-locked-out': () => 'Nobody can change the policies of keys',
  'build-and-burn': (who = 'Somebody') => `${who} can delete databases, and also their keys or all their backups`,
  'stack-owned-key': () => 'CloudFormation stacks hold databases together with their keys',
  'key-open': () => 'Other accounts can use keys',
  'key-killers': (who = 'Somebody') => `${who} can take keys out of use`,
  'key-at-risk': () => 'Keys cannot be used, or soon cannot',
  'one-way-in': (who = 'one principal') => `Only ${who} can restore backups`,
  'same-domain': () => 'Backups have no copy under a key of another account',
  'aws-managed-key': () => 'Backups are encrypted with keys that AWS manages',
  'wide-restore': () => 'More principals than expected can restore, copy or export backups',
  'snapshot-not-restore': () => 'Principals can take snapshots, and cannot restore any of them',
  'one-identity-path': () => 'Roles that can restore backups depend on one identity provider',
};

/** Undefined: findings with this code are never grouped. */
export function findingGroupText(code: string, who: string | undefined): string | undefined {
  return Object.entries(groupTexts).find(([one]) => one === code)?.[1](who);
}
