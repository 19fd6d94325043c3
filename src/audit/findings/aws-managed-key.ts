import { accountOf, resourceIn } from '../../base/arn.ts';
import { managerOf, regionAt } from '../../evidence/lookup.ts';
import { copiesAmong, databaseArn, keptPoints } from '../copies.ts';
import type { Estate } from '../estate.ts';
import { backupsByKey } from '../restorable.ts';
import { mayNameKey } from '../sharing.ts';
import { type FindingRow, nothing, type OpenFact, unreadLists, unreadRegions, wellArchitected } from './finding.ts';

/** Backups that cannot leave the account, because AWS manages their key. */
export interface AwsManagedKey {
  readonly code: 'aws-managed-key';
  readonly key: string;
}

export const awsManagedKey: FindingRow<AwsManagedKey> = {
  code: 'aws-managed-key',
  frameworks: [wellArchitected('REL09-BP02')],
  find(estate) {
    const copiesOf = copiesAmong(estate, ({ isAvailable }) => isAvailable);
    const kept = keptPoints(estate);
    const lists = listsUnread(estate);
    return backupsByKey(estate).flatMap(({ account, region, key, backups }) => {
      if (key === undefined) return [];
      const manager = managerFor(estate, account, key);
      if (manager === 'CUSTOMER') return [];
      const description: readonly OpenFact[] =
        manager === undefined ? [{ is: 'unread', unread: { code: 'key-description-unread', of: key } }] : [];
      const left = backups.flatMap((backup) => {
        const others: readonly Kept[] = [
          ...copiesOf(backup)
            .filter((one) => one.key !== undefined || mayNameKey(one))
            .map((one) => ({ arn: one.source.arn, account: one.source.account, key: one.key })),
          ...(kept.get(databaseArn(backup)) ?? []).map(({ account: holder, point }) => ({
            arn: point.RecoveryPointArn,
            account: holder,
            key: point.EncryptionKeyArn,
          })),
        ];
        const answers = others.filter((one) => one.key !== key).map((one) => copyUnder(estate, one));
        if (answers.includes('customer managed key')) return [];
        const facts: readonly OpenFact[] = [
          ...description,
          ...answers.filter((one) => typeof one !== 'string'),
          ...lists[backup.source.type.startsWith('cluster') ? 'cluster' : 'db'],
        ];
        return [{ arn: backup.source.arn, facts }];
      });
      if (left.length === 0) return [];
      const certain = left.filter(({ facts }) => facts.length === 0).map(({ arn }) => arn);
      const open = left.filter(({ facts }) => facts.length > 0);
      return [
        {
          code: 'aws-managed-key',
          account,
          region,
          subject: key,
          severity: 'medium',
          affected: certain.length === 0 ? nothing : { backups: certain },
          maybe: open.length === 0 ? nothing : { backups: open.map(({ arn }) => arn) },
          dependsOn: eachOnce(open.flatMap(({ facts }) => facts)),
          statements: [],
          key,
        },
      ];
    });
  },
};

/** A backup or recovery point. */
interface Kept {
  readonly arn: string;
  /** The account that has the backup or recovery point. */
  readonly account: string;
  /** ARN. Undefined: not read. */
  readonly key: string | undefined;
}

/** Whether a copy is under a customer managed key, or the fact that decides this. */
function copyUnder(estate: Estate, { arn, account, key }: Kept): 'customer managed key' | 'key of AWS' | OpenFact {
  if (key === undefined) return { is: 'unread', unread: { code: 'backup-encryption-unread', of: arn } };
  const manager = managerFor(estate, account, key);
  if (manager === undefined) return { is: 'unread', unread: { code: 'key-description-unread', of: key } };
  return manager === 'CUSTOMER' ? 'customer managed key' : 'key of AWS';
}

function eachOnce(facts: readonly OpenFact[]): readonly OpenFact[] {
  return [...new Map(facts.map((fact) => [JSON.stringify(fact), fact])).values()];
}

/** The lists of snapshots that were not read and may have a copy. */
function listsUnread({ evidence, accounts, places }: Estate): Readonly<Record<'cluster' | 'db', readonly OpenFact[]>> {
  const regions = unreadRegions({ accounts, places });
  const unread = (list: 'DBClusterSnapshots' | 'DBSnapshots'): readonly OpenFact[] => [
    ...places.flatMap((place) =>
      unreadLists(place, regionAt(evidence, place)?.rds?.[list] === undefined ? [list] : []),
    ),
    ...regions,
  ];
  return { cluster: unread('DBClusterSnapshots'), db: unread('DBSnapshots') };
}

/**
 * The manager of a key. An AWS managed key never encrypts resources of another account. `account`:
 * the account of the backup.
 */
function managerFor({ directory }: Pick<Estate, 'directory'>, account: string, key: string): string | undefined {
  return accountOf(key) === account ? managerOf(directory.key(key), resourceIn(key)) : 'CUSTOMER';
}
