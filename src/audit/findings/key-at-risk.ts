import { accountOf, placeOf, resourceIn } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { keyStateOf, managerOf } from '../../evidence/lookup.ts';
import type { Key } from '../../evidence/schema.ts';
import { copiesAmong, databaseArn, keptPoints } from '../copies.ts';
import { dependentsOf, listsUnread } from '../dependents.ts';
import { type Estate, storageKeyOf } from '../estate.ts';
import { pointersOf } from '../key-pointers.ts';
import { unusableStateOf } from '../key-states.ts';
import { type Affected, type FindingRow, nothing, type OpenFact, securityHub, unreadLists } from './finding.ts';

/** A key that cannot be used, or soon cannot, and the resources that are encrypted with it. */
export interface KeyAtRisk {
  readonly code: 'key-at-risk';
  readonly key: string;
  /** KMS has no such key. */
  readonly isGone: boolean;
  /** The state as KMS spells it. Undefined: not known, or `isGone`. */
  readonly state: string | undefined;
  /** ISO time. Undefined: KMS does not show it. */
  readonly deletedAt: string | undefined;
  /**
   * The ISO time at which the material of the key expires. Undefined: it does not expire, or not
   * soon.
   */
  readonly expiresAt: string | undefined;
  /** Whether the deletion or the expiry was due before the time of the audit. */
  readonly isPast: boolean;
  /** The key or its material is lost: enabling the key does not bring it back. */
  readonly isLosing: boolean;
  /**
   * ARNs of databases and backups under the key without a copy under a key that stays. Empty if
   * `isLosing` is false.
   */
  readonly onlyUnderIt: readonly string[];
}

/** States of a key that is being deleted, or whose material is gone (rds-kms-operations 5). */
const losing: ReadonlySet<string> = new Set(['PendingDeletion', 'PendingImport', 'PendingReplicaDeletion']);

/** Key material that expires within this many days is near its end. */
const soon = 30;
const aDay = 24 * 60 * 60 * 1000;

export const keyAtRisk: FindingRow<KeyAtRisk> = {
  code: 'key-at-risk',
  frameworks: [securityHub('KMS.3')],
  find(estate) {
    const onlyUnder = onlyUnderKeys(estate);
    return estate.keys.flatMap((arn) => {
      const key = estate.directory.key(arn);
      if (managerOf(key, undefined) === 'AWS') return [];
      const state = keyStateOf(key);
      const expiresAt = expiryOf(key, estate.settings.evaluatedAt);
      // A key that is being created is not going away.
      const isUnusable = unusableStateOf(key) !== undefined && state !== 'Creating';
      const isGone = estate.directory.isGone(arn);
      const isAtRisk = isUnusable || expiresAt !== undefined || isGone;
      const lacking = isGone ? [] : descriptionOpen(arn, key);
      if (!isAtRisk && lacking.length === 0) return [];
      const { affected, open } = thingsUnder(estate, arn, key);
      const unread = isAtRisk ? [...open, ...dependentListsUnread(estate)] : [];
      const isNothingSeen = affected === undefined;
      if (isNothingSeen && unread.length === 0) return [];
      const isOpen = !isAtRisk || isNothingSeen;
      const facts = isAtRisk ? unread : lacking;
      const deletedAt = timeOf(key?.KeyMetadata.DeletionDate);
      const isLosing = isAtRisk && isGoing(estate, arn);
      return [
        {
          code: 'key-at-risk',
          account: accountOf(arn),
          region: placeOf(arn)?.region,
          subject: arn,
          severity: 'critical',
          affected: isOpen ? nothing : affected,
          maybe: isOpen ? (affected ?? { keys: [arn] }) : nothing,
          dependsOn: isOpen ? facts : [],
          statements: [],
          key: arn,
          isGone,
          state,
          deletedAt,
          expiresAt,
          isPast: [deletedAt, expiresAt].some(
            (time) => time !== undefined && isPast(time, estate.settings.evaluatedAt),
          ),
          isLosing,
          onlyUnderIt: isLosing ? onlyUnder(arn) : [],
        },
      ];
    });
  },
};

interface ThingsUnder {
  /** Undefined: nothing was found. */
  readonly affected: Affected | undefined;
  /** Why something may still be encrypted with the key. */
  readonly open: readonly OpenFact[];
}

/** Everything in RDS and AWS Backup that is under a key. */
function thingsUnder({ directory, evidence, backups }: Estate, arn: string, key: Key | undefined): ThingsUnder {
  const { dependents, open } = dependentsOf(evidence, arn, key);
  const points = backups.filter((one) => one.key === arn).map(({ source }) => source.arn);
  const all = [...new Set([...dependents.map((one) => one.arn), ...points])];
  const databases = new Set(dependents.flatMap(({ database }) => database ?? []));
  const grants = pointersOf(directory, arn, databases).flatMap((pointer) =>
    pointer.code === 'grant-of-unknown-database' ? [pointer] : [],
  );
  return {
    affected: all.length === 0 ? undefined : byKind(all),
    open: [
      ...open.map((one): OpenFact => ({ is: 'unread', unread: { code: 'key-of-thing-unread', of: one.arn } })),
      ...grants.map(
        ({ grant }): OpenFact => ({ is: 'unread', unread: { code: 'database-of-grant-not-found', of: arn, grant } }),
      ),
    ],
  };
}

function byKind(all: readonly string[]): Affected {
  const isBackup = (one: string): boolean =>
    /:(?:cluster-)?snapshot:|:(?:cluster-)?auto-backup:|:recovery-point:/.test(one);
  const isDatabase = (one: string): boolean => /:(?:cluster|db):/.test(one);
  const kept = all.filter(isBackup);
  const databases = all.filter((one) => isDatabase(one));
  const others = all.filter((one) => !isBackup(one) && !isDatabase(one));
  return {
    ...(kept.length === 0 ? {} : { backups: kept }),
    ...(databases.length === 0 ? {} : { databases }),
    ...(others.length === 0 ? {} : { others }),
  };
}

/**
 * Whether a key or its material is lost, or soon is. A replica can be created again while its
 * primary key exists. A multi-Region key that KMS does not have may be such a replica.
 */
function isGoing({ directory, settings }: Pick<Estate, 'directory' | 'settings'>, arn: string): boolean {
  if (directory.isGone(arn)) return !isMultiRegion(arn);
  const key = directory.key(arn);
  const { MultiRegionKeyType: type, PrimaryKey: primary } = key?.KeyMetadata.MultiRegionConfiguration ?? {};
  const now = settings.evaluatedAt;
  if (type?.toUpperCase() === 'REPLICA' && primary?.Arn !== undefined) {
    const of = directory.key(primary.Arn);
    const state = keyStateOf(of);
    if (state !== undefined && !losing.has(state) && expiryOf(of, now) === undefined) return false;
  }
  return losing.has(keyStateOf(key) ?? '') || expiryOf(key, now) !== undefined;
}

/** Whether the key is a multi-Region key, by its ARN. */
export function isMultiRegion(arn: string): boolean {
  return resourceIn(arn).startsWith('key/mrk-');
}

/**
 * Finds resources under a lost key without a copy under a key that stays: no such backup of the
 * same database, and no such AWS Backup recovery point, was read.
 */
function onlyUnderKeys(estate: Estate): (key: string) => readonly string[] {
  const { evidence, backups, databases } = estate;
  const goes = (key: string): boolean => isGoing(estate, key);
  let found: ReadonlyMap<string, readonly string[]> | undefined;
  return (key) => (found ??= onlyByKey()).get(key) ?? [];

  function onlyByKey(): ReadonlyMap<string, readonly string[]> {
    const going = new Set(estate.keys.filter(goes));
    const copiesOf = copiesAmong(estate, (one) => one.isAvailable && (one.key === undefined || !going.has(one.key)));
    const points = keptPoints(estate);
    const known = new Set(backups.map(({ source }) => source.arn));
    const others = databases.flatMap((source) =>
      known.has(source.arn) ? [] : [{ source, key: storageKeyOf(evidence, source) }],
    );
    const alone = [...backups, ...others].flatMap(({ source, key }) => {
      if (key === undefined || !going.has(key)) return [];
      const kept = (points.get(databaseArn({ source })) ?? []).some(
        ({ point: { EncryptionKeyArn: of } }) => of !== undefined && !going.has(of),
      );
      return kept || copiesOf({ source }).length > 0 ? [] : [{ key, arn: source.arn }];
    });
    return new Map([...groupBy(alone, (one) => one.key)].map(([key, all]) => [key, all.map(({ arn }) => arn)]));
  }
}

/** The lists that were not read and may have resources under the key. */
function dependentListsUnread({ evidence, places }: Estate): readonly OpenFact[] {
  return places.flatMap((place) => unreadLists(place, listsUnread(evidence, place)));
}

function timeOf(instant: string | number | undefined): string | undefined {
  if (instant === undefined) return undefined;
  const time = typeof instant === 'number' ? instant * 1000 : Date.parse(instant);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function isPast(time: string, now: string): boolean {
  return Date.parse(time) <= Date.parse(now);
}

/**
 * Facts of a key that were not read and may show that the key is at risk. Material that was
 * imported may expire (rds-kms-operations-2 15.2).
 */
function descriptionOpen(of: string, key: Key | undefined): readonly OpenFact[] {
  if (keyStateOf(key) === undefined) return [{ is: 'unread', unread: { code: 'key-description-unread', of } }];
  const { Origin: origin, ExpirationModel: model, ValidTo: validTo } = key?.KeyMetadata ?? {};
  const isRead = timeOf(validTo) !== undefined || model?.toUpperCase() === 'KEY_MATERIAL_DOES_NOT_EXPIRE';
  return origin?.toUpperCase() !== 'EXTERNAL' || isRead
    ? []
    : [{ is: 'unread', unread: { code: 'key-expiry-unread', of } }];
}

/**
 * The time at which imported material expires. Undefined: the material does not expire soon, and
 * has not expired.
 */
function expiryOf(key: Key | undefined, now: string): string | undefined {
  const expires = timeOf(key?.KeyMetadata.ValidTo);
  return expires !== undefined && Date.parse(expires) <= Date.parse(now) + soon * aDay ? expires : undefined;
}
