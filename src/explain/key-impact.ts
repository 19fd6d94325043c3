import type { Dependent } from '../audit/dependents.ts';
import type {
  DependentKind,
  Impact,
  KeyAction,
  KeyUndo,
  LossCode,
  LossRepair,
  LossTime,
} from '../audit/impact-table.ts';
import type { DecidingPart } from '../audit/key-holders.ts';
import type {
  ActionImpact,
  DeletionEnd,
  ImpactUnread,
  KeyImpact,
  KeyNote,
  KeyRefusal,
  KeyVerdict,
} from '../audit/key-impact.ts';
import type { Elsewhere, Pointer } from '../audit/key-pointers.ts';
import {
  type Admitted,
  isCertainLoss,
  type PolicyChange,
  type PolicyEffect,
  revokesGrantOfRds,
} from '../audit/new-policy.ts';
import { accountOf, isRootArn, nameOf, placeOf, shortName } from '../base/arn.ts';
import { distinctNames, namesSeenFrom, someNames } from '../base/names.ts';
import { capital, counted, list, numberText, uncapital } from '../base/wording.ts';
import { keyPhrase, statementLabel } from './names.ts';

/* The words for what happens if a key is taken out of use. */

interface ActionWords {
  /** As a title. */
  readonly title: string;
  /** The action on the key: "Disabling key alias/orders". */
  readonly doing: string;
  readonly api: string;
}

export const actionWords: Readonly<Record<KeyAction, ActionWords>> = {
  disable: { title: 'Disable', doing: 'disabling', api: 'DisableKey' },
  delete: { title: 'Delete', doing: 'deleting', api: 'ScheduleKeyDeletion' },
  'delete-material': {
    title: 'Delete the imported key material',
    doing: 'deleting the imported material of',
    api: 'DeleteImportedKeyMaterial',
  },
  policy: { title: 'Replace the key policy', doing: 'replacing the policy of', api: 'PutKeyPolicy' },
};

const partNouns: Readonly<Record<DecidingPart, string>> = {
  policy: 'policy',
  grants: 'grants',
  tags: 'tags',
  aliases: 'aliases',
};

/** The title of an action, and the KMS call for it, or the first of several calls. */
export function actionTitle({
  action,
  change,
}: Pick<ActionImpact, 'action' | 'change'>): Pick<ActionWords, 'title' | 'api'> {
  const { title, api } = actionWords[action];
  if (change === undefined || isOfPolicyAlone(change)) return { title, api };
  const [first] = change.of;
  const apis: Readonly<Record<DecidingPart, string>> = {
    policy: 'PutKeyPolicy',
    grants: change.revoked.length > 0 ? 'RevokeGrant' : 'CreateGrant',
    tags: 'TagResource',
    aliases: 'UpdateAlias',
  };
  return { title: `Change the ${partsText(change)}`, api: apis[first] };
}

function isOfPolicyAlone({ of }: PolicyChange): boolean {
  return of.length === 1 && of.includes('policy');
}

function partsText({ of }: PolicyChange): string {
  return list(of.map((part) => partNouns[part]));
}

/** Singular nouns. `of`: the name of the database follows the noun. */
const nouns: Readonly<Record<DependentKind, string>> = {
  'cluster-that-can-stop': 'cluster',
  'cluster-that-cannot-stop': 'cluster',
  'multi-az-cluster': 'Multi-AZ DB cluster',
  'cluster-of-unknown-kind': 'cluster',
  'docdb-cluster': 'DocumentDB cluster',
  'neptune-cluster': 'Neptune cluster',
  'instance-with-backups': 'DB instance',
  'instance-without-backups': 'DB instance',
  'instance-that-replicates': 'DB instance',
  'instance-of-unknown-backups': 'DB instance',
  'cluster-member': 'instance of a cluster',
  'stopped-database': 'stopped database',
  'recoverable-database': 'database',
  'inaccessible-database': 'database',
  replica: 'replica',
  snapshot: 'snapshot',
  'automated-backup': 'automated backup',
  'replicated-backup': 'replicated backup',
  'recovery-point': 'recovery point',
  'backup-replication': 'replication of automated backups',
  'air-gapped-vault': 'logically air-gapped vault',
  vault: 'backup vault',
  'running-export': 'export',
  'finished-export': 'finished export',
  integration: 'zero-ETL integration',
  'managed-secret': 'managed master password',
  'activity-stream': 'activity stream',
  'performance-insights': 'Performance Insights of a database',
};

const plurals: ReadonlyMap<DependentKind, string> = new Map<DependentKind, string>([
  ['cluster-member', 'instances of clusters'],
  ['backup-replication', 'replications of automated backups'],
  ['performance-insights', 'Performance Insights of databases'],
]);

/** Up to this many names are shown. */
const mostNames = 3;

/** `cluster orders`, `3 snapshots`. */
export function dependentsText(kind: DependentKind, dependents: readonly Pick<Dependent, 'arn'>[]): string {
  const [first = { arn: '' }] = dependents;
  if (dependents.length === 1)
    return kind === 'performance-insights'
      ? `Performance Insights of ${nameIn(first.arn)}`
      : `${nouns[kind]} ${nameIn(first.arn)}`;
  return `${numberText(dependents.length)} ${plurals.get(kind) ?? `${nouns[kind]}s`}`;
}

/**
 * `cluster orders`, `3 snapshots (a, b and c)`, `12 snapshots`, with the place of each resource
 * that is not in the place of the key. `key`: its ARN.
 */
export function namedDependentsText(kind: DependentKind, dependents: readonly Dependent[], key: string): string {
  const names = distinctNames(
    dependents.map(({ arn }) => arn),
    nameIn,
  );
  const shown = dependents.length > 1 && names.length <= mostNames ? ` (${list(names)})` : '';
  return `${dependentsText(kind, dependents)}${shown}${elsewhereIn(dependents, key)}`;
}

/** Empty: all of them are in the place of the key. */
function elsewhereIn(dependents: readonly Dependent[], key: string): string {
  const home = placeOf(key);
  const places = dependents.flatMap(({ account, region }) => {
    const isOwn = account === home?.account;
    if (isOwn && region === home?.region) return [];
    return [isOwn ? region : region === home?.region ? `account ${account}` : `${region} of account ${account}`];
  });
  if (places.length === 0) return '';
  const where = list([...new Set(places)]);
  return places.length === dependents.length ? ` in ${where}` : `, ${places.length} of them in ${where},`;
}

function nameIn(arn: string): string {
  return nameOf(arn) || arn;
}

const times: Readonly<Record<LossTime, string>> = {
  'when-noticed': ' as soon as RDS notices',
  'two-hours-after': ' two hours after RDS notices',
  'when-detached': '',
  'at-once': '',
  'at-next-use': '',
};

/** What happens to a number of dependent resources, as the end of a sentence. */
export function lossText({ loss, when }: Pick<Impact, 'loss' | 'when'>, count: number): string {
  const one = count === 1;
  const time = times[when];
  const texts: Readonly<Record<LossCode, string>> = {
    'stops-recoverably': `${one ? 'stops' : 'stop'}${time}`,
    'stops-for-good': `${one ? 'stops' : 'stop'}${time} and cannot be started again`,
    'stops-and-recovery-unknown': `${one ? 'stops' : 'stop'}${time}`,
    'stops-with-its-cluster': `${one ? 'stops' : 'stop'} with the cluster`,
    'cannot-be-started': 'cannot be started',
    'is-stopped-recoverably': `${one ? 'is' : 'are'} stopped already, and can come back within 7 days of the stop`,
    'is-inaccessible-for-good': `${one ? 'is' : 'are'} inaccessible already, and cannot be started again`,
    'runs-until-detached': `${one ? 'runs' : 'run'} until RDS next detaches the volume, and then ${one ? 'stops' : 'stop'}`,
    'loses-its-source': `${one ? 'loses its' : 'lose their'} source${time}`,
    'cannot-be-restored': 'cannot be restored or copied',
    'replication-stops': `${one ? 'stops' : 'stop'}${time}`,
    'replication-stops-and-cannot-be-restored': `${one ? 'takes' : 'take'} no new backups and cannot be restored`,
    'takes-no-copies': `${one ? 'takes' : 'take'} no new copies`,
    'export-fails': one ? 'fails' : 'fail',
    'files-unreadable': 'cannot be read from S3',
    'integration-fails': `${one ? 'stops' : 'stop'} replicating`,
    'secret-unreadable': 'cannot be read or rotated',
    'stream-unreadable': 'cannot be written or read',
    'metrics-unreadable': 'cannot be written or read',
    'keeps-its-grant': `${one ? 'keeps its grant' : 'keep their grants'}, which a new policy does not change`,
    'needs-the-new-policy': 'can be used only as the new policy allows',
  };
  return texts[loss];
}

const undos: Readonly<Record<KeyUndo, string>> = {
  'enable-key': 'enable the key',
  'enable-key-and-connect-store': 'enable the key and connect its custom key store again',
  'cancel-deletion': 'cancel the deletion and enable the key',
  'cancel-deletion-and-import-material': 'cancel the deletion, import the same key material again and enable the key',
  'cancel-deletion-and-connect-store': 'cancel the deletion, enable the key and connect its custom key store again',
  'import-same-material': 'import the same key material again',
  'put-policy-again': 'put the old policy back',
};

const repairs: Readonly<Record<LossRepair, (undo: string) => string>> = {
  nothing: (undo) => `Undo: ${undo}.`,
  'start-within-seven-days': (undo) =>
    `Undo within 7 days: ${undo}, then start the database. Later, only a restore from a backup helps.`,
  'restore-a-backup': (undo) => `Undo: ${undo}, then restore a backup. The database itself does not come back.`,
  'with-its-cluster': (undo) => `Undo: ${undo}, then start the cluster, if the cluster can be started.`,
  'start-again': (undo) => `Undo: ${undo}, then start the export again.`,
  unknown: (undo) => `Undo: ${undo}. AWS does not publish what comes back by itself in this case.`,
};

/** How to undo the loss, in sentences. */
export function undoText({ undo, repair }: Pick<Impact, 'undo' | 'repair'>): string {
  return repairs[repair](undos[undo]);
}

/**
 * Final losses. `lost`: the data that nobody can then read, in words; `undo`: how to undo the
 * action.
 */
export function finalText(
  action: KeyAction,
  lost: readonly string[],
  { end, undo }: { readonly end: DeletionEnd; readonly undo: KeyUndo },
): { readonly text: string; readonly undo: string } {
  if (action === 'delete-material')
    return {
      text: `If nobody has a copy of the key material, nobody can read ${list(lost)} again.`,
      undo: 'Undo: import the same key material again. KMS keeps no copy of the material.',
    };
  return { text: endText(end, list(lost)), undo: `Undo until then: ${undos[undo]}.` };
}

function endText({ date, after }: DeletionEnd, lost: string): string {
  const then = date === undefined ? 'After a waiting period of 7 to 30 days' : `After ${dateText(date)}`;
  switch (after) {
    case 'waiting-period':
      return `${then}, nobody can read ${lost} again.`;
    case 'last-replica':
      return `Once all replica keys are deleted and a waiting period of 7 to 30 days is over, nobody can read ${lost} again.`;
    case 'primary-is-left':
      return `${then}, the replica key is gone. It can be created again from its primary key while that key exists, and only then can ${lost} be read again.`;
    case 'relatives-unread':
      return `${then}, nobody can read ${lost} again if no related key is left.`;
  }
}

/** `2026-12-01`. */
function dateText(time: string): string {
  return time.slice(0, 10);
}

/** `key`: the name of the key. */
export function refusalText(refusal: KeyRefusal, key = 'the key'): string {
  switch (refusal.code) {
    case 'key-is-managed-by-aws':
      return `Nobody can disable, delete or change ${key}: AWS manages the key`;
    case 'material-is-not-imported':
      return 'KMS refuses this call, because the key has no imported key material';
    case 'state-forbids-action':
      return `KMS refuses this call while the key is in state ${refusal.state}`;
  }
}

function elsewhereText(to: Elsewhere): string {
  switch (to.is) {
    case 'account':
      return `account ${to.account}`;
    case 'service':
      return to.service === '*' ? 'any AWS service' : `service ${to.service}`;
    case 'principal':
      return `${shortName(to.principal)}, which uses the key itself`;
    case 'encryption context':
      return `a use with the encryption context ${to.name}`;
    case 'anybody':
      return 'anybody';
    case 'unknown':
      return 'somebody whose name is not known';
  }
}

export function pointerText(pointer: Pointer): string {
  switch (pointer.code) {
    case 'statement-points-elsewhere': {
      const which = capital(statementLabel(pointer));
      const policy = pointer.policy === 'default' ? 'the key policy' : 'the second key policy (AWS_RAM)';
      return `${which} of ${policy} names ${elsewhereText(pointer.to)}.`;
    }
    case 'grant-points-elsewhere':
      return `Grant ${pointer.grant} is for ${elsewhereText(pointer.to)}.`;
    case 'grant-of-unknown-database':
      return pointer.database === undefined
        ? `RDS holds grant ${pointer.grant}, which names no database.`
        : `RDS holds grant ${pointer.grant} for database ${pointer.database}, which was not found under the key.`;
    case 'alias-points-elsewhere':
      return `The name ${pointer.alias} may mean ${elsewhereText(pointer.to)}.`;
    case 'tag-points-elsewhere':
      return `Tag ${pointer.tag} may mean ${elsewhereText(pointer.to)}.`;
  }
}

const partWords: Readonly<Record<Extract<ImpactUnread, { readonly code: 'part-of-key-unread' }>['part'], string>> = {
  description: 'The state of the key was not read (kms:DescribeKey).',
  origin: 'Whether the key material is imported was not read (kms:DescribeKey).',
  expiry: 'When the imported key material expires was not read (ExpirationModel and ValidTo of kms:DescribeKey).',
  manager: 'Whether AWS manages the key was not read (kms:DescribeKey). Nobody can take a key of AWS out of use.',
  policy: 'The key policy was not read (kms:GetKeyPolicy).',
  'second policy': 'The second key policy, AWS_RAM, was not read (kms:GetKeyPolicy).',
  grants: 'The grants on the key were not read (kms:ListGrants).',
  aliases: 'The aliases of the key were not read (kms:ListAliases).',
  tags: 'The tags of the key were not read (kms:ListResourceTags).',
};

/** Several parts of a key, and several resources, share a sentence. */
export function impactUnreadText(unread: ImpactUnread): string {
  switch (unread.code) {
    case 'dependents-unread':
      return `Not read in ${unread.place.region} of account ${unread.place.account}: ${list(unread.lists)}. Run collect.`;
    case 'dependent-account-unread':
      return `Account ${unread.account} may use the key and was not read. Run collect there, and add the file with --evidence.`;
    case 'part-of-key-unread':
      return partWords[unread.part];
    case 'key-of-resource-unknown':
      return `Which key ${shortName(unread.open.arn)} uses is not known (${unread.open.field}).`;
    case 'snapshot-sharing-unread':
      return `The share ${unread.snapshots.length === 1 ? 'list' : 'lists'} of ${counted(unread.snapshots.length, 'snapshot')} under the key ${unread.snapshots.length === 1 ? 'was' : 'were'} not read.`;
  }
}

export function keyNoteText(note: KeyNote): string {
  switch (note.code) {
    case 'key-unusable-already':
      return `The key is already in state ${note.state}, so the effects of this state have begun.`;
    case 'deletion-scheduled':
      return deletionText(note);
    case 'material-expires':
      return note.isPast
        ? `The imported key material expired on ${dateText(note.validTo)}.`
        : `The imported key material expires on ${dateText(note.validTo)}. Everything under the key then becomes unusable, even if nobody does anything.`;
    case 'material-imported':
      return 'The key material is imported: it can be deleted at once, without a waiting period, and KMS has no copy. This program cannot see whether you have one.';
    case 'key-in-custom-store':
      return `The key is in a custom key store (${note.origin}). If the store is disconnected or loses the key, the effect is that of disabling the key. Who can do that in AWS CloudHSM or in the external key manager was not checked.`;
    case 'key-of-another-account':
      return `The key belongs to account ${note.account}: only principals of that account can take the key out of use.`;
    case 'key-has-relatives':
      return relativesText(note);
    case 'snapshots-shared':
      return `${counted(note.snapshots, 'snapshot')} under the key ${note.snapshots === 1 ? 'is' : 'are'} shared with ${note.account === 'all' ? 'every AWS account' : `account ${note.account}`}${note.isRead || note.account === 'all' ? '' : ', which was not read'}: databases and copies there may depend on the key.`;
    case 'key-last-used':
      return `Last use that KMS has seen${note.operation === undefined ? '' : `: ${note.operation}`}${note.time === undefined ? '' : ` on ${dateText(note.time)}`}. An idle backup uses no key, so an old date proves nothing.`;
    case 'key-use-not-seen':
      return `KMS has seen no use${note.since === undefined ? '' : ` since ${dateText(note.since)}`}. An idle backup uses no key, so this proves nothing.`;
    case 'already-inaccessible':
      return `Already inaccessible: ${list(distinctNames(note.databases, nameIn))}.`;
    case 'no-copy-elsewhere':
      return note.of === 1
        ? 'No backup of the database was found that can be read without the key.'
        : `No backup that can be read without the key was found for ${note.databases} of ${note.of} databases.`;
  }
}

function deletionText({
  date,
  isPast,
  waitsForReplicas,
}: Extract<KeyNote, { readonly code: 'deletion-scheduled' }>): string {
  if (waitsForReplicas)
    return 'The deletion is scheduled. It waits until all replica keys are deleted, and can be canceled.';
  if (date === undefined) return 'The deletion is scheduled. Its date was not read: run aws kms describe-key.';
  return isPast
    ? `KMS was to delete the key on ${dateText(date)}: find out whether the key still exists.`
    : `The deletion is scheduled for ${dateText(date)}. Until then, it can be canceled.`;
}

function relativesText({ type, others }: Extract<KeyNote, { readonly code: 'key-has-relatives' }>): string {
  const keys = others.length === 0 ? '' : ` Related keys: ${list(others.map((arn) => placeOf(arn)?.region ?? arn))}.`;
  const own = 'Related keys have their own state, policy and grants.';
  switch (type) {
    case 'PRIMARY':
      return `This is a multi-Region primary key. KMS deletes it only after all its replicas. ${own}${keys}`;
    case 'REPLICA':
      return `This is a replica of a multi-Region key. A deleted replica can be created again while its primary key exists. ${own}${keys}`;
    case undefined:
      return `This is a multi-Region key. ${own}${keys}`;
  }
}

/** The name of a key in a sentence. */
export function keyTitle({ arn, key }: Pick<KeyImpact, 'arn' | 'key'>): string {
  const alias = key?.Aliases?.[0]?.AliasName ?? key?.FoundAs?.[0];
  return keyPhrase(alias ?? shortName(arn));
}

/** The result of an action, in one sentence without a period. */
export function actionText({ action, refusal, verdict, groups, change }: ActionImpact): string {
  const count = groups.reduce((sum, { dependents }) => sum + dependents.length, 0);
  if (change !== undefined) return policyVerdictText(change, verdict);
  switch (verdict) {
    case undefined:
      return refusal === undefined ? '' : refusalText(refusal);
    case 'breaks':
      return `Breaks ${counted(count, 'RDS resource')}`;
    case 'cannot tell':
      if (count === 0) return 'Cannot tell whether anything breaks';
      return action === 'policy'
        ? 'Depends on the new policy: add --assume-policy'
        : 'Depends on whether the key material is imported, which was not read';
    case 'no loss found':
      return 'Nobody loses an RDS operation';
    case 'no RDS dependent found':
      return 'No RDS dependent found';
  }
}

function policyVerdictText(change: PolicyChange, verdict: KeyVerdict | undefined): string {
  const { losses, isLockedOut, stopsGrants } = change;
  if (stopsGrants === 'yes') return 'RDS itself loses the key, because the new policy overrides its grants';
  if (isLockedOut) return 'Nobody can change the policy again';
  const lost = losses.filter(isCertainLoss);
  if (lost.length > 0) {
    const who = new Set(lost.map(({ principal }) => principal)).size;
    return `${counted(who, 'principal')} ${who === 1 ? 'loses' : 'lose'} RDS operations`;
  }
  if (stopsGrants === 'maybe') return 'RDS itself may lose the key, because the new policy may override its grants';
  if (revokesGrantOfRds(change)) return 'RDS itself may lose the key, because one of its grants is revoked';
  if (losses.length > 0) return 'Somebody may lose RDS operations';
  return verdict === 'cannot tell'
    ? 'Nobody who was checked loses an RDS operation, but not everything was read'
    : 'Nobody loses an RDS operation';
}

/** An effect of a new policy, in one sentence. */
export function policyEffectText(effect: PolicyEffect): string {
  switch (effect.code) {
    case 'policy-takes-operations':
    case 'policy-may-take-operations':
    case 'policy-gives-operations':
    case 'policy-may-give-operations':
      return differencesText(effect);
    case 'policy-stops-grants':
      return 'The new policy denies the key to RDS itself, which overrides its grants: running databases lose the key, as if the key were disabled.';
    case 'policy-may-stop-grants':
      return 'The new policy may deny the key to RDS itself, which would override its grants: running databases may lose the key, as if the key were disabled.';
    case 'revokes-grant-of-rds':
      return 'A grant of RDS itself is revoked: the database that uses the grant may lose the key, as if the key were disabled.';
    case 'policy-admits-outsider':
    case 'policy-may-admit-outsider':
      return admittedText(effect.admitted);
    case 'policy-locks-out':
      return 'Nobody can change the policy again: only AWS Support can help then. KMS refuses such a policy, unless the request bypasses the check of KMS or its caller keeps that permission.';
    case 'policy-can-be-changed': {
      const { can, may, lacks } = effect.changers;
      if (can.length > 0) return `Can change the policy again: ${namesText(can, accountOf(can[0] ?? ''))}.`;
      if (may.length > 0) return `May be able to change the policy again: ${namesText(may, accountOf(may[0] ?? ''))}.`;
      return lacks.length === 0
        ? 'Nobody can change the policy again until the account gives a user or role the permission in IAM.'
        : 'Whether anybody can change the policy again is not known: not all principals were read.';
    }
  }
}

/** Who outside the account can use the key after the change. */
function admittedText({ outsider, isCertain, isRead }: Admitted): string {
  const can = isCertain ? 'can' : 'may be able to';
  const unread = isRead ? '' : ' This account was not read, so its users and roles were not checked.';
  switch (outsider.is) {
    case 'anybody':
      return `After the change, every AWS account ${can} use the key.`;
    case 'organization':
      return `After the change, every account of ${outsider.path ?? `organization ${outsider.id}`} ${can} use the key.`;
    case 'account':
      return `After the change, account ${outsider.account} ${can} use the key.${unread}`;
  }
}

const verbs = {
  'policy-takes-operations': 'loses',
  'policy-may-take-operations': 'may lose',
  'policy-gives-operations': 'gains',
  'policy-may-give-operations': 'may gain',
} as const;

function differencesText({ code, differences }: Extract<PolicyEffect, { readonly differences: unknown }>): string {
  const [first] = differences;
  const { principal, target } = first;
  const commands = [...new Set(differences.map(({ operation }) => operation.command))];
  const targets = distinctNames(
    differences.map((one) => one.target),
    nameIn,
  );
  const on = targets.length <= mostNames ? list(targets) : counted(targets.length, 'resource');
  const shown =
    commands.length <= mostCommands
      ? list(commands)
      : `${counted(commands.length, 'operation')}, such as ${commands[0]}`;
  return `${capital(namesText([principal], accountOf(target)))} ${verbs[code]} ${shown} on ${on}.`;
}

/** Up to this many operations are named. */
const mostCommands = 6;

/** `role/a, role/b and 3 more`. `home`: the account whose names need no account ID. */
export function namesText(arns: readonly string[], home: string, most = 5): string {
  const named = namesSeenFrom(home);
  return someNames(arns, most, (arn) => (isRootArn(arn) ? `the root user of account ${accountOf(arn)}` : named(arn)));
}

/** The answer about one key, in one sentence without a period. */
export function keyImpactText(impact: KeyImpact): string {
  const title = keyTitle(impact);
  const { verdict, actions, found, unread } = impact;
  const [only, ...rest] = actions;
  if (only?.change !== undefined && rest.length === 0)
    return `With the ${isOfPolicyAlone(only.change) ? 'new policy' : `planned ${partsText(only.change)}`} of ${title}: ${uncapital(actionText(only))}`;
  const count = found.dependents.length;
  switch (verdict) {
    case 'breaks': {
      const breaking = actions.filter((one) => one.verdict === 'breaks').map(({ action }) => actionWords[action].doing);
      const doing = list(breaking, 'or');
      return `${doing.charAt(0).toUpperCase()}${doing.slice(1)} ${title} breaks ${counted(count, 'RDS resource')}`;
    }
    case 'cannot tell':
      return cannotTellText(impact, title);
    case 'no loss found':
      return `Nobody loses an RDS operation under the new policy of ${title}. Grants do not change`;
    case 'no RDS dependent found':
      return `No RDS dependent of ${title} was found${unread.length === 0 ? '' : ' so far'}. Other services were not looked at`;
  }
}

const countedKeys: Readonly<Record<KeyVerdict, (count: number) => string>> = {
  breaks: (count) => `${numberText(count)} ${count === 1 ? 'breaks' : 'break'} RDS resources`,
  'cannot tell': (count) => `${numberText(count)} cannot be judged`,
  'no loss found': (count) => `${numberText(count)} ${count === 1 ? 'takes' : 'take'} no RDS operation from anybody`,
  'no RDS dependent found': (count) =>
    `${numberText(count)} ${count === 1 ? 'has' : 'have'} no RDS dependent that was found`,
};

/** The answer about several keys, in one sentence without a period. */
export function severalKeysText(verdicts: readonly KeyVerdict[]): string {
  const counts = (['breaks', 'cannot tell', 'no loss found', 'no RDS dependent found'] as const).flatMap((verdict) => {
    const count = verdicts.filter((one) => one === verdict).length;
    return count === 0 ? [] : [countedKeys[verdict](count)];
  });
  return `Of ${numberText(verdicts.length)} keys, ${list(counts)}`;
}

function cannotTellText({ actions, found, unread, pointers }: KeyImpact, title: string): string {
  const count = found.dependents.length;
  const refused = actions.every((one) => one.verdict === undefined);
  const [first] = actions;
  if (refused && first?.refusal !== undefined) {
    const on = first.refusal.code === 'key-is-managed-by-aws' ? 'the key' : title;
    const depending =
      count === 0
        ? `No RDS resource that depends on ${on} was found${unread.length === 0 ? '' : ', but not everything was read'}`
        : `${numberText(count)} RDS ${count === 1 ? 'resource depends' : 'resources depend'} on ${on}`;
    return `${refusalText(first.refusal, title)}. ${depending}`;
  }
  const isAboutMaterial = actions.every(({ action }) => action === 'delete-material');
  if (count > 0 && isAboutMaterial)
    return `Cannot tell whether ${title} has imported material: ${counted(count, 'RDS resource')} ${count === 1 ? 'is' : 'are'} under the key`;
  if (count > 0)
    return `What a new policy of ${title} breaks depends on its text: ${counted(count, 'RDS resource')} ${count === 1 ? 'is' : 'are'} under the key`;
  const why = unread.length > 0 ? 'not everything was read' : 'the key may be used elsewhere';
  return `Cannot tell what depends on ${title}: ${why}${unread.length > 0 && pointers.length > 0 ? ', and the key may be used elsewhere' : ''}`;
}

/** Shown if KMS was not called, or refused. No verdict depends on it. */
export const lastUseUnread = 'the last use of the key (kms:GetKeyLastUsage)';

/** Things that this program never looks at. */
export const notLookedAt: readonly string[] = [
  'other AWS services, and applications',
  'accounts that were not read',
  'tenant databases, DocumentDB elastic clusters and Aurora DSQL',
  'CloudTrail',
];
