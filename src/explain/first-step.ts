import type { FindingFields } from '../audit/findings/finding.ts';
import type { KeyAtRisk } from '../audit/findings/key-at-risk.ts';
import type { AnyFinding } from '../audit/findings/table.ts';
import { accountOf, nameOf, resourceTypeOf, shortName } from '../base/arn.ts';
import { distinctNames } from '../base/names.ts';
import { counted, list, withoutStop } from '../base/wording.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import { backupsLost, theBackups } from './key-findings.ts';
import { keyPhrase } from './names.ts';

/* What a reader of an audit should do first: one step, why, and until when. */

/** What the wording of the step needs. */
export interface StepWords {
  /** The name of a key, by its ARN. */
  readonly keyName: (arn: string) => string;
  /** What would settle the finding, as a sentence. Undefined: the finding holds. */
  readonly settles: string | undefined;
  /** The text of the finding, in one sentence without a period. */
  readonly says: string;
  /** Whether nobody can change the policy of the key, either. */
  readonly isLocked: boolean;
}

/** The first step for the worst finding, in one or two sentences. */
export function firstStepText(found: AnyFinding, words: StepWords): string {
  if (words.settles !== undefined)
    return `First find out whether this is true: ${withoutStop(words.says)}. ${words.settles}`;
  switch (found.code) {
    case 'key-at-risk':
      return keyStep(found, words);
    case 'exposed':
      return `Stop sharing ${backupsOf(found)} with ${found.with === 'all' ? 'everybody' : `account ${found.with}`}. ${found.with === 'all' ? 'Anybody' : 'The account'} can copy ${theBackups(found)}, and nobody can take a copy back.`;
    case 'nobody-can-restore':
      return nobodyStep(found, words);
    case 'foreign-key':
      return `Copy ${backupsOf(found)} under a key of account ${found.account}. Account ${accountOf(found.key ?? '')} owns the current key: if that account or its key is lost, ${backupsLost(found)}.`;
    case 'share-inert':
      if (found.with === 'all')
        return `Stop sharing ${backupsOf(found)} with everybody. No other account can use ${found.key === undefined ? 'the key' : keyPhrase(words.keyName(found.key))}.`;
      return `Let account ${found.with} use ${found.key === undefined ? 'the key' : keyPhrase(words.keyName(found.key))}, or stop sharing. Today the account cannot use ${backupsOf(found)}.`;
    case 'key-locked-out':
      return `Ask AWS Support for access to ${keyPhrase(words.keyName(found.key))}, unless an SCP or RCP denies the change. Nobody can change the policy of the key.`;
    case 'one-way-in':
      return `Let a second principal restore ${backupsOf(found)}. If ${shortName(found.principal)} is lost, nobody else can.`;
    case 'same-domain':
      return `Copy ${backupsOf(found)} into another account, under a key of that account. All copies that were read depend on one account and its keys.`;
    default:
      return `Start here: ${withoutStop(words.says)}.`;
  }
}

function keyStep(
  { key, isGone, state = '', deletedAt, expiresAt, isPast, isLosing, ...found }: AtRisk,
  { keyName }: StepWords,
): string {
  const name = keyPhrase(keyName(key));
  const things = thingsUnder(found);
  const end = `nobody can ever read ${things.text} again${lastCopy(found, things)}`;
  const date = (deletedAt ?? expiresAt)?.slice(0, 10);
  if (isGone)
    return isLosing
      ? `Find a backup of the same data under another key: KMS has no ${name}, so ${end}.`
      : `Create ${name} again as a replica of its primary key, if that key exists. KMS has no ${name}, and until then nobody can restore ${things.text}.`;
  if (state === 'PendingDeletion' && !isLosing)
    return `Cancel the deletion of ${name}, and enable the key. Until then nobody can restore ${things.text}. A deleted replica can be created again from its primary key.`;
  if (state === 'PendingReplicaDeletion')
    return `Cancel the deletion of ${name}. KMS deletes the key after its replica keys; then ${end}.`;
  if (state === 'PendingDeletion' && date === undefined)
    return `Cancel the deletion of ${name} today: its date was not read. After the deletion ${end}.`;
  if (state === 'PendingDeletion')
    return isPast
      ? `Find out today whether ${name} still exists: KMS was to delete the key on ${date}. If nobody canceled the deletion, ${end}.`
      : `Cancel the deletion of ${name} before ${date}. On that day KMS deletes the key, and ${end}.`;
  if (state === 'PendingImport' || (expiresAt !== undefined && isPast))
    return `Import the key material of ${name} again. Nobody can use ${things.text} without the same material${lastCopy(found, things)}.`;
  if (expiresAt !== undefined)
    return `Import the key material of ${name} again before ${date}. On that day the material expires, and nobody can use ${things.text} without the same material${lastCopy(found, things)}.`;
  const does =
    state === 'Disabled'
      ? `Enable ${name}`
      : state === 'Unavailable'
        ? `Connect the custom key store of ${name} again`
        : `Find out why ${name} is in state ${state}`;
  return `${does}. Until then nobody can restore ${things.text}.`;
}

type AtRisk = FindingFields & KeyAtRisk;

interface Things {
  readonly text: string;
  readonly arns: readonly string[];
}

const few = 3;

/** The backups and databases without a copy elsewhere, or all. */
function thingsUnder({ affected, onlyUnderIt }: Pick<AtRisk, 'affected' | 'onlyUnderIt'>): Things {
  const { backups = [], databases = [], others = [] } = affected;
  const all = [...databases, ...backups, ...others];
  const alone = all.filter((arn) => onlyUnderIt.includes(arn));
  const arns = alone.length > 0 ? alone : all;
  if (arns.length < few) return { arns, text: list(distinctNames(arns, nameIn)) };
  const kinds = [
    { noun: 'database', some: databases },
    { noun: 'backup', some: backups },
    { noun: 'other resource', some: others },
  ];
  const counts = kinds.map(({ noun, some }) => ({ noun, count: some.filter((arn) => arns.includes(arn)).length }));
  return { arns, text: list(counts.flatMap(({ noun, count }) => (count === 0 ? [] : [counted(count, noun)]))) };
}

function lastCopy({ onlyUnderIt }: Pick<AtRisk, 'onlyUnderIt'>, { arns }: Things): string {
  if (onlyUnderIt.length === 0) return ', but copies under another key were found';
  return `. No copy of ${arns.length === 1 ? 'it' : 'them'} under another key was found`;
}

const nouns: ReadonlyMap<string, string> = new Map([
  ['cluster', 'cluster'],
  ['db', 'instance'],
  ['cluster-snapshot', 'snapshot'],
  ['snapshot', 'snapshot'],
]);

/** `cluster ledger`, `snapshot ledger-monthly`. */
function nameIn(arn: string): string {
  const noun = nouns.get(resourceTypeOf(arn));
  return noun === undefined ? shortName(arn) : `${noun} ${nameOf(arn)}`;
}

function nobodyStep(
  found: Extract<AnyFinding, { readonly code: 'nobody-can-restore' }>,
  { keyName, isLocked }: StepWords,
): string {
  const { key, asked, severity, affected, statements } = found;
  const none = `None of ${counted(asked, 'principal')} can`;
  const isOne = affected.backups?.length === 1;
  const gone =
    severity !== 'critical' ? '' : isOne ? 'its database is gone' : 'at least one of their databases is gone';
  const backups = backupsOf(found);
  const controls = [...new Set(statements.flatMap(({ policy, name }) => controlPolicy(policy, name)))];
  if (key !== undefined && isLocked) {
    const end = `${none} restore ${backups}${gone === '' ? '' : `, ${gone}`}, and nobody can change the policy of the key.`;
    return controls.length > 0
      ? `Change ${list(controls)} in the organization. ${end}`
      : `Ask AWS Support for access to ${keyPhrase(keyName(key))}, unless an SCP or RCP is the cause. ${end}`;
  }
  const of = key === undefined ? backups : `${backups}, encrypted with ${keyPhrase(keyName(key))}`;
  return `Let somebody restore ${of}. ${none}${gone === '' ? '' : `, and ${gone}`}.`;
}

/** The name of a control policy, which the account of the key cannot change. */
function controlPolicy(kind: PolicyKind, name: string): readonly string[] {
  if (kind === 'scp') return [`service control policy ${name}`];
  return kind === 'rcp' ? [`resource control policy ${name}`] : [];
}

/** `backup orders-1 and orders-2`, `12 backups`. */
function backupsOf({ affected: { backups = [] } }: FindingFields): string {
  if (backups.length > few) return counted(backups.length, 'backup');
  return `${backups.length === 1 ? 'backup' : 'backups'} ${list(distinctNames(backups, nameOf))}`;
}
