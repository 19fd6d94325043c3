import { accountOf, isArn } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import type { Backup, Estate } from '../estate.ts';
import { isTrusted, mayNameKey } from '../sharing.ts';
import { dora, type FindingFields, type FindingRow, nothing, type OpenFact } from './finding.ts';

/** Backups that depend on the key of another account. */
export interface ForeignKey {
  readonly code: 'foreign-key';
  /** ARN. Undefined: the backups are encrypted, but their key was not read. */
  readonly key: string | undefined;
  /**
   * The backups were copied from the account of the key, so their purpose is to survive its loss.
   */
  readonly isOfSource: boolean;
}

export const foreignKey: FindingRow<ForeignKey> = {
  code: 'foreign-key',
  frameworks: [dora],
  find: (estate) => {
    const isKept = keptByCopy(estate);
    const left = estate.backups.filter((backup) => !isKept(backup));
    const groups = groupBy(left, ({ source, key }) => [source.account, source.region, key ?? source.arn].join(' '));
    return [...groups.values()].flatMap((backups) => foundFor(estate, backups));
  },
};

function foundFor(estate: Estate, backups: readonly [Backup, ...Backup[]]): readonly (FindingFields & ForeignKey)[] {
  const [{ source, key }] = backups;
  const owner = key === undefined ? undefined : accountOf(key);
  const trusted = owner === undefined ? false : isTrusted(estate, owner);
  const isUnknown = key === undefined && mayNameKey(backups[0]);
  if (!isUnknown && (owner === undefined || owner === source.account || trusted === true)) return [];
  const isCertain = owner !== undefined && trusted === false;
  const isOfSource = owner !== undefined && backups.some((backup) => isCopyFrom(estate, backup, owner));
  const things = { backups: backups.map((backup) => backup.source.arn) };
  const unread: OpenFact =
    owner === undefined
      ? { is: 'unread', unread: { code: 'backup-encryption-unread', of: source.arn } }
      : { is: 'unread', unread: { code: 'account-membership-unread', account: owner } };
  return [
    {
      code: 'foreign-key',
      account: source.account,
      region: source.region,
      subject: key ?? source.arn,
      severity: isOfSource ? 'critical' : 'high',
      affected: isCertain ? things : nothing,
      maybe: isCertain ? nothing : things,
      dependsOn: isCertain ? [] : [unread],
      statements: [],
      key,
      isOfSource,
    },
  ];
}

/**
 * Whether the account of a snapshot has a copy of the snapshot under a key of its own. Such a copy
 * outlives the other key. RDS names the source of a copied DB snapshot only if the source is in
 * another account or Region. Otherwise the creation time identifies the copy: a copy keeps the time
 * of the first snapshot.
 */
export function keptByCopy({ backups }: Pick<Estate, 'backups'>): (backup: Backup) => boolean {
  const own = backups.filter(
    ({ source, key, isAvailable }) => isAvailable && key !== undefined && accountOf(key) === source.account,
  );
  const copied = new Set(
    own.flatMap(({ source }) => {
      const { SourceDBClusterSnapshotArn: ofCluster, SourceDBSnapshotIdentifier: ofInstance } = originOf(source.entry);
      return [ofCluster, ofInstance, ...madeAt(source)].map((of) => `${source.account} ${String(of)}`);
    }),
  );
  return ({ source }) => [source.arn, ...madeAt(source)].some((of) => copied.has(`${source.account} ${of}`));
}

/**
 * The database of a DB snapshot, and the time at which its first copy was made. Empty: not known.
 */
function madeAt(source: Backup['source']): readonly string[] {
  if (source.type !== 'snapshot' || source.resourceId === undefined) return [];
  const { OriginalSnapshotCreateTime: time } = source.entry;
  return time === undefined ? [] : [`${source.resourceId} ${time}`];
}

/** Whether a backup is a copy of another account's backup, by its own fields or by its database. */
function isCopyFrom({ databases }: Pick<Estate, 'databases'>, { source }: Backup, account: string): boolean {
  const { SourceDBClusterSnapshotArn: ofCluster, SourceDBSnapshotIdentifier: ofInstance } = originOf(source.entry);
  if ([ofCluster, ofInstance].some((one) => typeof one === 'string' && isArn(one) && accountOf(one) === account))
    return true;
  return (
    source.resourceId !== undefined &&
    databases.some((one) => one.resourceId === source.resourceId && one.account === account)
  );
}

/** RDS names the source of a copy in fields, which the evidence keeps as they are. */
function originOf(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return entry;
}
