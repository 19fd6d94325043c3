import { accountOf, isKeyArn, isRootArn, type Place, parseArn, placeOf, shortName, withoutPath } from '../base/arn.ts';
import { isPathLater, withAddress } from '../base/planned-name.ts';
import { ageText, counted, list } from '../base/wording.ts';
import { reasoned } from '../check/call-reason.ts';
import type { DecidedCall } from '../check/decide.ts';
import { sourceNouns } from '../evidence/sources.ts';
import type { BaselineNote } from '../preflight/baseline.ts';
import type { Dated, ExceptionNote } from '../preflight/exception-notes.ts';
import type { Expectation, SourceItem } from '../preflight/expectation.ts';
import type { ExpectationLack, ExpectationNote, Failing } from '../preflight/outcome.ts';
import { answerText } from './answers.ts';
import { callText } from './calls.ts';
import { factText } from './facts.ts';
import { statementName } from './names.ts';
import { fixOfOpen, openFactsText } from './plan.ts';
import { keyPolicyText } from './sent-key-policy.ts';
import { waitText } from './waits.ts';

/**
 * The expectation of a planned request, in one sentence without a period. `applier`: undefined if
 * not known.
 */
export function plannedRequestText(expectation: Expectation, applier: string | undefined): string {
  const [operation] = expectation.asked.map(({ said }) => said.text);
  return `${applier === undefined ? 'the principal that applies the plan' : shortName(applier)} must be able to run ${operation ?? 'the request'}${onSource(expectation)}`;
}

/** What is expected, in one sentence without a period. */
export function expectationText(expectation: Expectation): string {
  const { who, isOnly, verb, asked, source } = expectation;
  const people = list(
    who.map(({ said, not }) => `${said.text}${not.length === 0 ? '' : ` (not ${list(not.map(({ text }) => text))})`}`),
  );
  const operations = list(
    asked.map(({ said }) => said.text),
    verb === 'can' ? 'and' : 'or',
  );
  const does = source?.field === 'key' ? 'call' : 'run';
  return `${isOnly ? 'only ' : ''}${people} ${verb} ${does} ${operations}${onSource(expectation)}`;
}

function onSource(expectation: Expectation): string {
  const { source } = expectation;
  return source === undefined
    ? ''
    : ` on ${list(source.items.map((item) => itemText(item, source.field, expectation)))}`;
}

const sourceWords = {
  cluster: 'cluster',
  instance: 'DB instance',
  snapshot: 'snapshot',
  'instance-snapshot': 'DB snapshot',
  'in-cluster': 'cluster',
  'backups-of': 'backups of',
  key: 'key',
} as const;

type Where = Pick<Expectation, 'accounts' | 'regions'>;

function itemText(item: SourceItem, field: keyof typeof sourceWords, where: Where): string {
  const { text } = item.said;
  if (item.is === 'newest')
    return `the newest ${sourceWords[field]} of ${text}${item.region === undefined ? '' : ` in ${item.region}`}`;
  const place = item.is === 'name' && field !== 'key' ? placeOf(text) : undefined;
  const name =
    place === undefined ? withAddress(text) : `${withAddress(parseArn(text)?.name ?? text)}${elsewhere(place, where)}`;
  return `${sourceWords[field]} ${name}${item.not.length === 0 ? '' : ` (not ${list(item.not.map((one) => one.text))})`}`;
}

/** The Region and account of a source, as far as they are not those of the expectation. */
function elsewhere({ account, region }: Place, { accounts, regions }: Where): string {
  const isRegionSaid = regions.some(({ text }) => text === region);
  const isAccountSaid = accounts.some(({ text }) => text === account);
  return `${isRegionSaid ? '' : ` in ${region}`}${isAccountSaid ? '' : ` of account ${account}`}`;
}

/** The result of one combination, in one sentence without a period. */
export function failingText({ code, outcome, bound, any }: Failing): string {
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
          owner: key.account,
          verdict,
        });
  switch (code) {
    case 'not-denied-for-certain':
      return `${text}, but no policy denies every such request`;
    case 'vacuous':
      return `${text}, but only because of a state that can change: no policy denies this operation`;
    case 'stopped-elsewhere': {
      const denied = any?.isDenied === true ? any.requests.flatMap((one) => one.denied) : [];
      const actions = [...new Set(denied.map(({ row }) => row.action))];
      const named = 'the call that `because` names';
      return outcome === 'broken'
        ? `${text}, but policies deny ${list(actions)}, not ${named}`
        : `${text}, but policies certainly deny only ${list(actions)}, and perhaps not ${named}`;
    }
    default:
      return text;
  }
}

/** The result of a call, as a sentence without a period. */
export function callReasonText(call: DecidedCall): string {
  if (call.key?.isAnyKey === true && call.decision.decision === 'depends')
    return `the request may name any key, and no policy denies ${call.row.action} for every key`;
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

/**
 * How to stop what policies allow and no expectation permits. `isOnly`: the expectation could name
 * more principals.
 */
export function denyText({ row, actor, decision }: DecidedCall, isOnly: boolean): string {
  if (isRootArn(actor.arn)) {
    const deny = `deny ${row.action} to the root user of account ${accountOf(actor.arn)} with a service control policy`;
    return isOnly ? `${deny}, or ${nameRootText}` : deny;
  }
  const allowing = [...new Set(decision.decidedBy.flatMap((by) => ('grant' in by ? [] : [statementName(by)])))];
  const now = allowing.length === 0 ? '' : ` (now allowed by ${list(allowing)})`;
  return `deny ${row.action} to ${shortName(actor.arn)}${now}`;
}

/** What else one can do about the root user. */
export const nameRootText = 'add root to only';

/** The same step for principals that the fix does not name. */
export const denyOthersText = 'do the same for every other principal that can run the operation';

/** What was not found or not read, as a sentence with a period. */
export function lackText(lack: ExpectationLack): string {
  switch (lack.code) {
    case 'nothing-matched':
    case 'source-elsewhere':
    case 'too-few-matched':
      return matchText(lack);
    case 'backup-too-old':
    case 'backup-age-unknown':
      return backupText(lack);
    case 'account-unread':
    case 'principals-unread':
    case 'sources-unread':
    case 'keys-unread':
    case 'key-missing-in-account':
      return unreadText(lack);
    case 'name-later':
    case 'resource-id-unread':
    case 'tags-unread':
    case 'aliases-unread':
    case 'database-unknown':
      return ownText(lack);
    case 'plan-principal-unknown':
      return applierUnknownText(lack);
    case 'caller-unknown':
    case 'plan-place-unknown':
    case 'plan-region-unclear':
    case 'plan-secondary-key':
    case 'plan-session-policy':
      return fixedText(lack);
    case 'plan-value-unknown':
      return `The ${lack.names.length === 1 ? 'value' : 'values'} of ${list(lack.names)} ${lack.names.length === 1 ? 'is' : 'are'} known only after the plan is applied.`;
    case 'plan-read-denied':
    case 'plan-read-unknown':
      return readText(lack);
    case 'plan-change-unplaced':
    case 'plan-change-may-allow':
    case 'plan-change-may-deny':
    case 'plan-change-may-make':
    case 'plan-change-may-create':
      return unplacedText(lack);
    case 'plan-key-policy-refused':
    case 'plan-key-policy-names-nobody':
    case 'plan-key-policy-unsure':
      return keyPolicyText(lack);
    case 'key-goes-with-snapshot':
    case 'plan-monitoring-refused':
    case 'plan-password-refused':
    case 'plan-request-unsure':
    case 'plan-protection-lifted':
    case 'plan-snapshot-unnamed':
    case 'plan-same-name':
    case 'plan-source-comes':
    case 'plan-source-goes':
    case 'plan-source-gone':
      return conflictText(lack);
    default:
      return lack.code === 'outside-account-unread' ? outsideText(lack) : orderText(lack);
  }
}

type Unmatched = Extract<
  ExpectationLack,
  { readonly code: 'nothing-matched' | 'source-elsewhere' | 'too-few-matched' }
>;

function matchText(lack: Unmatched): string {
  switch (lack.code) {
    case 'nothing-matched':
      return nothingText(lack);
    case 'source-elsewhere':
      return `${shortName(lack.of)} is in ${parseArn(lack.of)?.region ?? 'another Region'}, but ${lack.operation} is checked in ${lack.region}: set region to the Region of the source.`;
    case 'too-few-matched':
      return `Only ${counted(lack.found, 'combination')} ${lack.found === 1 ? 'was' : 'were'} found; at-least is ${lack.wanted}.`;
  }
}

type OwnFact =
  | Extract<ExpectationLack, { readonly code: 'name-later' | 'resource-id-unread' }>
  | Extract<ExpectationLack, { readonly code: 'tags-unread' | 'aliases-unread' | 'database-unknown' }>;

/** A fact of the thing itself. */
function ownText(lack: OwnFact): string {
  const name = shortName(lack.of);
  switch (lack.code) {
    case 'name-later':
      return `The ${laterNoun(lack.of)} of ${name} is known only after the apply, so \`${lack.name}\` may mean ${name}.`;
    case 'resource-id-unread':
      return `The resource ID of ${name} was not read, so \`${lack.name}\` may mean ${name}.`;
    case 'tags-unread':
      return `The tags of ${name} were not read.`;
    case 'aliases-unread':
      return `The aliases of ${name} were not read (kms:ListAliases).`;
    case 'database-unknown':
      return `It is not known to which database ${name} belongs: its DBClusterIdentifier or DBInstanceIdentifier is missing.`;
  }
}

function laterNoun(arn: string): string {
  return isKeyArn(arn) ? 'alias' : isPathLater(arn) ? 'path' : 'name';
}

type Unread = Extract<
  ExpectationLack,
  {
    readonly code: 'account-unread' | 'principals-unread' | 'sources-unread' | 'keys-unread' | 'key-missing-in-account';
  }
>;

/** A list of an account that was not read, or in which a name is missing. */
function unreadText(lack: Unread): string {
  switch (lack.code) {
    case 'account-unread':
      return `Account ${lack.account} was not read: run collect with credentials of this account, and add the file with --evidence.`;
    case 'principals-unread':
      return `Some users and roles of account ${lack.account} were not read: run collect.`;
    case 'sources-unread':
      return `The ${list(lack.types.map((type) => `${sourceNouns[type]}s`))} in ${lack.region} of account ${lack.account} were not read: run collect.`;
    case 'keys-unread':
      return `Not all keys in ${lack.region} of account ${lack.account} were read: run collect --all-keys.`;
    case 'key-missing-in-account':
      return `Account ${lack.account} has no key \`${lack.name}\` in ${lack.region}, so its principals were not checked: name the key by its ARN to check them.`;
  }
}

/** Sentences about a request without anything to fill in. */
function fixedText(
  lack: Extract<ExpectationLack, { readonly code: 'plan-place-unknown' | keyof typeof fixedTexts }>,
): string {
  return lack.code === 'plan-place-unknown' ? placeTexts[lack.missing] : fixedTexts[lack.code];
}

const placeTexts = {
  account: 'Neither the plan nor the evidence gives the account of the request.',
  Region: 'Neither the plan nor the evidence gives the account and Region: name the Region with --region.',
  'Region of each':
    'The provider has several instances, and the plan does not show their Regions. Set region in the resource (version 6 of the provider).',
} as const;

const fixedTexts = {
  'caller-unknown': 'It is not known who the caller is: replace caller with the name of the principal.',
  'plan-session-policy':
    'The provider assumes a role with a session policy (policy or policy_arns) that was not checked: the plan does not have its text, or the principal is not a role. Name the role with --principal, and write policy as constant text.',
  'plan-region-unclear':
    'With destination_region, the provider signs the copy for one Region and sends the request to another Region. Leave out destination_region, and use a provider for the other Region.',
  'plan-secondary-key':
    'The cluster joins a global cluster, and kms_key_id is not set. AWS does not publish whether an encrypted secondary cluster then gets a key: set kms_key_id to a key in its Region.',
} as const;

const unplacedBeginnings = {
  'plan-change-unplaced': 'This would hold',
  'plan-change-may-allow': 'The known policies do not allow this',
  'plan-change-may-deny': 'The known policies allow this',
  'plan-change-may-make': 'No known key has this name',
  'plan-change-may-create': 'No known database or snapshot has this name',
} as const;

type Unplaced = Extract<ExpectationLack, { readonly code: keyof typeof unplacedBeginnings }>;

function unplacedText({ code, changes }: Unplaced): string {
  return `${unplacedBeginnings[code]}, but neither the plan nor the evidence shows ${openFactsText(changes)}${fixOfOpen(changes)}.`;
}

type Read = Extract<ExpectationLack, { readonly code: 'plan-read-denied' | 'plan-read-unknown' }>;

function readText({ code, actions }: Read): string {
  return code === 'plan-read-denied'
    ? `The request succeeds, but then the provider reads the result, and the principal cannot call ${list(actions)}: the apply fails although the resource exists. Allow ${actions.length === 1 ? 'this action' : 'these actions'}.`
    : `The request succeeds. It is not known whether the provider is then allowed to read the result with ${list(actions)}: if not, the apply fails although the resource exists.`;
}

/** The newest backup of a database, and its age. */
function backupText(
  lack: Extract<ExpectationLack, { readonly code: 'backup-too-old' | 'backup-age-unknown' }>,
): string {
  return lack.code === 'backup-too-old'
    ? `The newest backup, ${nameOf(lack.arn)}, was ${ageText(lack.hours)} old when the account was read; max-age is ${ageText(lack.maxAge)}.`
    : `It is not known which snapshot of ${lack.name} is the newest, or how old it is: a Status, SnapshotType or SnapshotCreateTime, or collectedAt, is missing. Run collect.`;
}

type Conflict = Extract<
  ExpectationLack,
  {
    readonly code:
      | 'key-goes-with-snapshot'
      | 'plan-monitoring-refused'
      | 'plan-password-refused'
      | 'plan-request-unsure'
      | 'plan-protection-lifted'
      | 'plan-snapshot-unnamed'
      | 'plan-same-name'
      | 'plan-source-comes'
      | 'plan-source-goes'
      | 'plan-source-gone';
  }
>;

/** What else the plan does to the source or the new resource of a request, or asks of RDS. */
function conflictText(lack: Conflict): string {
  switch (lack.code) {
    case 'key-goes-with-snapshot':
      return `The final snapshot is encrypted with ${shortName(lack.key)}, which this plan schedules for deletion: nobody can restore the snapshot after the key is deleted.`;
    case 'plan-monitoring-refused':
      return lack.lacks === 'role'
        ? 'The resource sets monitoring_interval and no monitoring_role_arn, which RDS refuses: set both, or neither.'
        : 'The resource sets monitoring_role_arn and no monitoring_interval other than 0, which RDS refuses: set both, or neither.';
    case 'plan-request-unsure':
      return `The request does not succeed. The provider sends the request only if AWS gives the new DB instance a different ${lack.attribute} from the one in the plan.`;
    case 'plan-password-refused':
      return 'RDS does not manage the password of a cluster in a global cluster, or of a replica of a cluster in another Region: remove manage_master_user_password.';
    case 'plan-snapshot-unnamed':
      return 'The state has neither skip_final_snapshot = true nor a final_snapshot_identifier, so the provider refuses to delete: set one of them and apply first.';
    case 'plan-protection-lifted':
      return 'The evidence is newer than the plan and shows deletion protection. The provider turns deletion protection off and deletes the database, because the state has deletion_protection = false and apply_immediately = true. Make a new plan.';
    case 'plan-same-name':
      return `${lack.by} takes the same name, so RDS refuses one of the two requests: give each its own name.`;
    case 'plan-source-comes':
      return `The request reads the final snapshot of ${lack.by}, which the same plan deletes, and no dependency puts the deletion first: restore the snapshot in a later apply.`;
    case 'plan-source-gone':
      return `The evidence is newer than the plan and does not have ${lack.source}. If ${lack.source} is already deleted, the apply continues. Make a new plan.`;
    case 'plan-source-goes':
      return sourceGoesText(lack);
  }
}

function sourceGoesText({ by, replaced }: Extract<Conflict, { readonly code: 'plan-source-goes' }>): string {
  if (replaced === undefined)
    return `The same plan deletes ${by}, from which the request reads, and no dependency puts the request first: delete ${by} in a later apply.`;
  const fromNew = replaced.of === undefined ? '' : ` To read from the new one, add ${waitText(replaced.of, [by])}.`;
  return `The same plan deletes ${by}, from which the request reads, and creates it again. No dependency says whether the request comes first, between the two or last. To read from the old one, replace ${by} in a later apply.${fromNew}`;
}

/** Between the two halves of a replacement, neither the old nor the new resource is there. */
function gapText({ remade, updated, first }: Extract<ExpectationLack, { readonly code: 'plan-order-gap' }>): string {
  const after = first.length === 0 ? '' : ` after ${list(first)}, and only`;
  const during = [
    ...(remade.length === 0
      ? []
      : [`between the deletion and the creation of ${list(remade)}, which the plan replaces`]),
    ...(updated.length === 0 ? [] : [`during the update of ${list(updated)}`]),
  ];
  return `The request can succeed only${after} ${during.join(', and ')}.`;
}

/** A plan has no order. This says which changes would have to come before or after the request. */
function orderText(
  lack: Extract<ExpectationLack, { readonly code: 'plan-order' | 'plan-order-after' | 'plan-order-gap' }>,
): string {
  if (lack.code === 'plan-order-gap') return gapText(lack);
  // If a module waits for another, the plan does not show which of its resources matters.
  const changesOf = (all: readonly string[], shown: string, which: string): string =>
    all.every((one) => shown.includes(one))
      ? `${all.length === 1 ? 'another change' : 'other changes'} of the plan, which ${which}`
      : `${list(all)}, which ${which}`;
  if (lack.code === 'plan-order') {
    const { of, first, gone, apart, between = [], during } = lack;
    const kept = first.filter((one) => !gone.includes(one) && !apart.includes(one));
    const next = list([
      ...(kept.length === 0 ? [] : [`add ${waitText(of, kept)}`]),
      ...(apart.length === 0 ? [] : [`apply ${list(apart)} first, with -target`]),
      ...(gone.length === 0 ? [] : [`delete ${list(gone)} in an earlier apply`]),
    ]);
    const after = between.length === 0 ? '' : ` after ${list(between)}`;
    if (during !== undefined)
      return `If the request comes${after} during the update of ${list(during)}, the request can fail: ${next}.`;
    const request = between.length === 0 ? 'The request' : `If the request comes${after}, the request`;
    return `${request} succeeds only after ${changesOf(first, next, 'no dependency puts first')}: ${next}.`;
  }
  const { after, waitFor } = lack;
  const next =
    waitFor === undefined
      ? `change ${list(after)} in a later apply`
      : `add ${list(after.map((one) => waitText(one, [waitFor], one)))}`;
  return `The request can succeed only before ${changesOf(after, next, 'no dependency puts after the request')}: ${next}.`;
}

function nothingText({
  what,
  name,
  nearest,
  without = [],
  account,
}: Extract<ExpectationLack, { readonly code: 'nothing-matched' }>): string {
  if (without.length > 0)
    return `No ${what} that \`${name}\` matches is left: ${list(without)} leave${without.length === 1 ? 's' : ''} out all of them.`;
  const near = nearest.length === 0 ? '' : `: did you mean ${list(nearest, 'or')}?`;
  if (account !== undefined && what === 'key')
    return `Account ${account} has no key \`${name}\`${near === '' ? '' : ` (${near.slice(2, -1)})`}: name the key by its ARN.`;
  if (account !== undefined)
    return `Account ${account} has no principal \`${name}\`${near === '' ? '' : ` (${near.slice(2, -1)})`}: write another expectation for this account, or name only the accounts that have the principal.`;
  return what === 'combination'
    ? 'Nothing was found to check: read more with collect, or change the names.'
    : `No ${what} matches \`${withAddress(name)}\`${near === '' ? '.' : near}`;
}

function outsideText({ of, account }: Extract<ExpectationLack, { readonly code: 'outside-account-unread' }>): string {
  if (account === undefined)
    return `Other accounts may have access to ${shortName(of)}: the accounts that it is shared with were not read. Run collect.`;
  if (account === 'all')
    return `Any account may have access to ${shortName(of)}: its policy or its sharing allows everybody.`;
  return `Account ${account} may have access, but its users and roles were not read: run collect with credentials of this account, and add the file with --evidence.`;
}

function nameOf(arn: string): string {
  return parseArn(arn)?.name ?? withoutPath(arn);
}

/** A note about an expectation, as a sentence with a period. */
export function expectationNoteText(note: ExpectationNote): string {
  if (note.code === 'why-is-todo') return 'No reason is given yet: replace TODO in why.';
  if (note.code === 'plan-instance-assumed')
    return `A plan shows the references of an index, and not what is computed from them. ${note.attribute} is taken from ${note.instance}, and another instance would change the answer. With --strict, the answer is unproven.`;
  const { reason, until } = note.exception;
  return exceptionNoteText(note, {
    name: `The exception until ${until} (${reason})`,
    unused:
      note.code === 'exception-unused' && note.isIdle
        ? 'it covers nothing that the expectation is about'
        : 'everything that it covers holds without it',
  });
}

/** A note about an exception, as a sentence with a period. `unused`: why it is not needed. */
export function exceptionNoteText(
  note: ExceptionNote<Dated>,
  { name, unused }: { readonly name: string; readonly unused: string },
): string {
  switch (note.code) {
    case 'exception-unused':
      return `${name} is not needed: ${unused}.`;
    case 'exception-ended':
      return `${name} has ended and has no effect.`;
    case 'exception-ends-soon':
      return `${name} ends ${note.days === 0 ? 'today' : `in ${counted(note.days, 'day')}`}.`;
  }
}

/** A note about a baseline, as a sentence with a period. */
export function baselineNoteText({ reason, until }: BaselineNote): string {
  return `The baseline (${reason}) ended on ${until} and has no effect.`;
}

function applierUnknownText({
  hint,
  stranger,
}: Extract<ExpectationLack, { readonly code: 'plan-principal-unknown' }>): string {
  if (stranger !== undefined && stranger.of === undefined)
    return `Account ${stranger.account} has no principal with the name in --principal: to check this request, name a principal of account ${stranger.account} with --principal.`;
  if (stranger !== undefined)
    return `A principal of account ${stranger.of} cannot send requests to account ${stranger.account}: to check this request, name a principal of account ${stranger.account} with --principal.`;
  if (hint === undefined) return 'The plan does not say who applies it: name the principal with --principal.';
  const does = hint.known === 'planner' ? 'which made the plan' : 'which the provider assumes';
  return `The evidence does not have ${shortName(hint.arn)}, ${does}: name who applies the plan with --principal, or run collect.`;
}
