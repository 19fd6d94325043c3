import { accountOf, isAccountId, type Place } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { regionAt } from '../../evidence/lookup.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { accountsSharing } from '../../evidence/sharing.ts';
import type { Source } from '../../evidence/sources.ts';
import { copiesAmong, databaseArn, type KeptPoint, keptPoints } from '../copies.ts';
import type { Backup, Estate } from '../estate.ts';
import { backupsByKey } from '../restorable.ts';
import {
  dora,
  type FindingRow,
  nothing,
  type OpenFact,
  unreadLists,
  unreadRegions,
  wellArchitected,
} from './finding.ts';

/** Backups without a known copy in another account that is encrypted with a key of that account. */
export interface SameDomain {
  readonly code: 'same-domain';
  /** ARN. Undefined: the backups name no key. */
  readonly key: string | undefined;
}

export const sameDomain: FindingRow<SameDomain> = {
  code: 'same-domain',
  frameworks: [wellArchitected('REL09-BP02'), dora],
  find(estate) {
    const kept = keptPoints(estate);
    const byAccount = groupBy(backupsByKey(estate), ({ account }) => account);
    const copiesOf = copiesAmong(estate, ({ isAvailable }) => isAvailable);
    const shared = copiesAmong(estate, ({ source }) => isSharedUnread(estate, source));
    const copiesUnread = listsUnread(estate);
    return estate.accounts.flatMap((account) => {
      const own = byAccount.get(account) ?? [];
      if (own.length === 0) return [];
      const unread = copiesUnread(account);
      const isAlone = (backup: Backup): boolean =>
        sourceAccount(backup) === account && !copiesOf(backup).some((one) => isOutside(one, account));
      const sharedOf = (backup: Backup): readonly Backup[] =>
        shared(backup).filter(({ source }) => source.account === account);
      return own.flatMap(({ region, key, backups }) => {
        const alone = backups.filter(isAlone).flatMap((backup) => {
          const points = pointsOutside(kept.get(databaseArn(backup)) ?? [], account);
          return points === 'kept'
            ? []
            : [{ backup, facts: [...points, ...unread, ...sharesUnread(estate, sharedOf(backup))] }];
        });
        if (alone.length === 0) return [];
        const named = (some: typeof alone) => ({ backups: some.map(({ backup }) => backup.source.arn) });
        const certain = alone.filter(({ facts }) => facts.length === 0);
        const open = alone.filter(({ facts }) => facts.length > 0);
        return [
          {
            code: 'same-domain',
            account,
            region,
            subject: key ?? `unencrypted ${region}`,
            severity: 'high',
            affected: certain.length === 0 ? nothing : named(certain),
            maybe: open.length === 0 ? nothing : named(open),
            dependsOn: [...new Set(open.flatMap(({ facts }) => facts))],
            statements: [],
            key,
          },
        ] as const;
      });
    });
  },
};

/** Whether a backup is in another account, and encrypted with a key of that account. */
function isOutside({ source, key }: Backup, account: string): boolean {
  return source.account !== account && (key === undefined || accountOf(key) !== account);
}

/**
 * The account from which a backup was copied. A backup that was copied from another account is the
 * copy that the finding looks for.
 */
function sourceAccount({ source }: Backup): string {
  const from =
    source.type === 'cluster-snapshot'
      ? source.entry['SourceDBClusterSnapshotArn']
      : source.type === 'snapshot'
        ? source.entry['SourceDBSnapshotIdentifier']
        : undefined;
  const owner = typeof from === 'string' ? accountOf(from) : '';
  return owner === '' ? source.account : owner;
}

/**
 * Whether AWS Backup keeps a recovery point outside of the account: in a vault of another account
 * and under a key of that account, or in a logically air-gapped vault. Otherwise the unread facts
 * that may hide such a point.
 */
function pointsOutside(points: readonly KeptPoint[], account: string): 'kept' | readonly OpenFact[] {
  const elsewhere = points.filter((one) => one.account !== account);
  const isKept =
    points.some((one) => one.account === account && one.isAirGapped) ||
    elsewhere.some(({ point: { EncryptionKeyArn: key } }) => key !== undefined && accountOf(key) !== account);
  if (isKept) return 'kept';
  return elsewhere.flatMap(({ point: { RecoveryPointArn: of, EncryptionKeyArn: key } }) =>
    key === undefined ? [{ is: 'unread', unread: { code: 'backup-encryption-unread', of } } as const] : [],
  );
}

/**
 * Finds the unread lists that may have copies of an account's backups, and the unread accounts to
 * which the AWS Backup plans of the account copy.
 */
function listsUnread({ evidence, accounts, places }: Estate): (account: string) => readonly OpenFact[] {
  const regions = unreadRegions({ accounts, places });
  const all = places.map((place) => ({
    account: place.account,
    asOwn: unreadAt(evidence, place, true),
    asOther: unreadAt(evidence, place, false),
  }));
  return (account) => [...all.flatMap((one) => (one.account === account ? one.asOwn : one.asOther)), ...regions];
}

function unreadAt(evidence: Evidence, place: Place, isOwn: boolean): readonly OpenFact[] {
  const { rds = {}, backup = {} } = regionAt(evidence, place) ?? {};
  const lists = [
    ...(['BackupVaults', 'RecoveryPoints'] as const).filter((name) => backup[name] === undefined),
    ...(isOwn && backup.BackupPlans === undefined ? ['BackupPlans'] : []),
    ...(['DBClusterSnapshots', 'DBSnapshots'] as const).filter((name) => !isOwn && rds[name] === undefined),
  ];
  const copied = (isOwn ? (backup.BackupPlans ?? []) : []).flatMap(({ Rules: rules = [] }) =>
    rules.flatMap(({ CopyActions: actions = [] }) =>
      actions.flatMap(({ DestinationBackupVaultArn: vault = '' }) => accountOf(vault)),
    ),
  );
  const unknown = [...new Set(copied)].filter((one) => one !== '' && evidence.accounts[one] === undefined);
  return [
    ...unreadLists(place, lists),
    ...unknown.map((one): OpenFact => ({ is: 'lack', lack: { code: 'account-unread', account: one } })),
  ];
}

/** Whether a source is shared with an account that was not read and may have copied it. */
function isSharedUnread({ directory, evidence }: Estate, source: Source): boolean {
  return accountsSharing(directory, source)?.some((account) => isUnread(evidence, account)) === true;
}

/** Accounts that may have copied a backup of the database, each once. */
function sharesUnread({ directory, evidence }: Estate, shared: readonly Backup[]): readonly OpenFact[] {
  const accounts = new Map(
    shared.flatMap(({ source }) => (accountsSharing(directory, source) ?? []).map((one) => [one, source.arn] as const)),
  );
  return [...accounts]
    .filter(([account]) => isUnread(evidence, account))
    .map(([account, of]) => ({ is: 'lack', lack: { code: 'outside-account-unread', of, account } }));
}

function isUnread({ accounts }: Evidence, account: string): boolean {
  return isAccountId(account) && accounts[account] === undefined;
}
