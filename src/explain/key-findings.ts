import type { BuildAndBurn } from '../audit/findings/build-and-burn.ts';
import type { Exposed } from '../audit/findings/exposed.ts';
import type { Affected, FindingFields } from '../audit/findings/finding.ts';
import type { ForeignKey } from '../audit/findings/foreign-key.ts';
import type { KeyKillers } from '../audit/findings/key-killers.ts';
import type { KeyOpen } from '../audit/findings/key-open.ts';
import type { ShareInert } from '../audit/findings/share-inert.ts';
import type { StackOwnedKey } from '../audit/findings/stack-owned-key.ts';
import { accountOf, nameOf } from '../base/arn.ts';
import { distinctNames, namesSeenFrom } from '../base/names.ts';
import { counted, list } from '../base/wording.ts';
import { keyPhrase } from './names.ts';

/* The texts of findings about the use, the sharing and the loss of keys, each without a period. */

/** What the wording of a finding needs: names of keys, and whether the finding is undecided. */
interface Telling {
  /** A key as people call it, by its ARN. */
  readonly keyName: (arn: string) => string;
  readonly isOpen: boolean;
}

/** What a finding affects, or may affect. */
function thingsOf({ affected, maybe }: FindingFields, isOpen: boolean): Affected {
  return isOpen ? maybe : affected;
}

function backupsText(arns: readonly string[] = []): string {
  const [first = ''] = arns;
  return arns.length === 1 ? `backup ${nameOf(first)}` : counted(arns.length, 'backup');
}

function isOrAre(arns: readonly string[] = []): string {
  return arns.length === 1 ? 'is' : 'are';
}

/** An account ID, the ID of an organization, or `all`. */
function outsiderText(who: string): string {
  if (who === 'all') return 'anybody';
  return who.startsWith('o-') ? `every account of organization ${who}` : `account ${who}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function exposedText(found: FindingFields & Exposed, { keyName, isOpen }: Telling): string {
  const { backups } = thingsOf(found, isOpen);
  const under = found.key === undefined ? '' : `, encrypted with ${keyPhrase(keyName(found.key))},`;
  if (found.with === undefined) return `${capitalized(backupsText(backups))}${under} may be shared with other accounts`;
  const shared = found.with === 'all' ? 'with everybody' : `with account ${found.with}`;
  const can = isOpen ? 'may be able to use' : 'can use';
  const user = found.with === 'all' ? 'Everybody' : 'The account';
  const these = backups?.length === 1 ? 'backup' : 'backups';
  return `${capitalized(backupsText(backups))}${under} ${isOrAre(backups)} shared ${shared}. ${user} ${can} the ${these}${onceUsable(found.keyState)}`;
}

export function shareInertText(found: FindingFields & ShareInert, { keyName, isOpen }: Telling): string {
  const { backups } = thingsOf(found, isOpen);
  const { key, with: other } = found;
  const shared = other === 'all' ? 'with everybody, but other accounts' : `with account ${other}, which`;
  const whose = `the key of the ${backups?.length === 1 ? 'backup' : 'backups'}`;
  const cannot = isOpen ? 'may be unable to use' : 'cannot use';
  return `${capitalized(backupsText(backups))} ${isOrAre(backups)} shared ${shared} ${cannot} ${key === undefined ? whose : keyPhrase(keyName(key))}`;
}

/** In such a state, nobody can use the key, whatever the policies allow. */
function onceUsable(state: string | undefined): string {
  return state === undefined ? '' : ` as soon as the key, which is in state ${state}, can be used again`;
}

export function keyOpenText({ key, to, keyState }: KeyOpen, { keyName, isOpen }: Telling): string {
  return `${capitalized(outsiderText(to))} ${isOpen ? 'may be able to use' : 'can use'} ${keyPhrase(keyName(key))}${onceUsable(keyState)}`;
}

export function foreignKeyText(found: FindingFields & ForeignKey, { keyName, isOpen }: Telling): string {
  const { backups = [] } = thingsOf(found, isOpen);
  const { key } = found;
  const start = `${capitalized(backupsText(backups))} of account ${found.account}`;
  if (key === undefined) return `${start} may be encrypted with the key of another account`;
  const copied = found.isOfSource ? `, from which ${backups.length === 1 ? 'the backup was' : 'they were'} copied` : '';
  return `${start} ${isOrAre(backups)} encrypted with ${keyPhrase(keyName(key))} of account ${accountOf(key)}${copied}`;
}

export function buildAndBurnText(found: FindingFields & BuildAndBurn, { keyName, isOpen }: Telling): string {
  const { principals = [], keys = [] } = thingsOf(found, isOpen);
  const can = isOpen ? 'may be able to delete' : 'can delete';
  if (found.ofAdministrators)
    return `${counted(principals.length, 'administrator')} ${can} the databases ${keys.length === 0 ? 'without a known KMS key, and also all backups' : `encrypted with ${counted(keys.length, 'key')}, and also the keys or all backups`}`;
  const who =
    principals.length === 0
      ? 'Somebody who was not read'
      : list(distinctNames(principals, namesSeenFrom(found.account)));
  return found.key === undefined
    ? `${who} ${can} a database without a known KMS key, and also all backups of the database`
    : `${who} ${can} a database encrypted with ${keyPhrase(keyName(found.key))}, and also the key or all backups of the database`;
}

export function keyKillersText(found: FindingFields & KeyKillers, { keyName, isOpen }: Telling): string {
  const { principals = [], keys = [] } = thingsOf(found, isOpen);
  const can = isOpen ? 'may be able to take' : 'can take';
  if (found.key === undefined)
    return `${counted(principals.length, 'administrator')} ${can} ${counted(keys.length, 'key')} out of use`;
  const who =
    principals.length === 0
      ? 'Principals that were not read'
      : principals.length === 1
        ? list(distinctNames(principals))
        : counted(principals.length, 'principal');
  return `${who} ${can} ${keyPhrase(keyName(found.key))} out of use`;
}

export function keyLockedOutText({ key }: { readonly key: string }, { keyName, isOpen }: Telling): string {
  return `${isOpen ? 'Possibly nobody' : 'Nobody'} can change the policy of ${keyPhrase(keyName(key))}`;
}

export function stackOwnedKeyText(found: FindingFields & StackOwnedKey, { keyName, isOpen }: Telling): string {
  const { databases = [] } = thingsOf(found, isOpen);
  const belong = isOpen ? 'may belong' : 'belong';
  return `${capitalized(keyPhrase(keyName(found.key)))} and ${counted(databases.length, 'database')} encrypted with the key ${belong} to one CloudFormation stack`;
}

/** The backups of a finding that were named before. */
export function theBackups({ affected, maybe }: FindingFields): string {
  const { backups = [] } = affected;
  return (backups.length === 0 ? maybe.backups : backups)?.length === 1 ? 'the backup' : 'the backups';
}

export function backupsLost(found: FindingFields): string {
  const those = theBackups(found);
  return `${those} ${those.endsWith('s') ? 'are' : 'is'} lost`;
}

export function keyFindingDetails(
  found: FindingFields & (BuildAndBurn | KeyKillers | ForeignKey | ShareInert | StackOwnedKey),
): readonly string[] {
  switch (found.code) {
    case 'build-and-burn':
      return found.vaultsMayBeLocked
        ? ['AWS Backup keeps recovery points of these databases. Whether a vault lock protects them was not read.']
        : [];
    case 'key-killers':
      return [
        ...found.actions.map(({ action, principals }) => `${action}: ${counted(principals, 'principal')}.`),
        'A key is deleted after 7 to 30 days; everything else takes effect at once.',
      ];
    case 'foreign-key':
      return found.isOfSource ? [`If the key or its account is lost, ${backupsLost(found)} too.`] : [];
    case 'share-inert':
      return found.isOurs ? [`The account was read or is trusted, but cannot copy ${theBackups(found)}.`] : [];
    case 'stack-owned-key':
      return [
        'No backup under another key was found. Deleting the stack schedules the deletion of the key, unless the template has DeletionPolicy: Retain. The template was not read.',
      ];
  }
}
