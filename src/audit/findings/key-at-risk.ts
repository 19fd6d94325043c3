import { accountOf, placeOf } from '../../base/arn.ts';
import { keyStateOf, managerOf } from '../../evidence/lookup.ts';
import type { Key } from '../../evidence/schema.ts';
import { dependantsOf, listsUnread } from '../dependants.ts';
import type { Estate } from '../estate.ts';
import { type Affected, type FindingRow, nothing, type OpenFact, securityHub } from './finding.ts';

/** A key that cannot be used, or soon cannot, and things that are under the key. */
export interface KeyAtRisk {
  readonly code: 'key-at-risk';
  readonly key: string;
  /** As KMS spells it. Undefined: not known. */
  readonly state: string | undefined;
  /** ISO time. Undefined: KMS does not say. */
  readonly deletedAt: string | undefined;
  /** ISO time at which the material of the key expires. Undefined: it does not, or not soon. */
  readonly expiresAt: string | undefined;
}

/** States in which a key cannot be used (rds-kms-operations 5). */
const unusable: ReadonlySet<string> = new Set([
  'Disabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
]);

/** Material that expires within so many days is near its end. */
const soon = 30;
const aDay = 24 * 60 * 60 * 1000;

export const keyAtRisk: FindingRow<KeyAtRisk> = {
  code: 'key-at-risk',
  frameworks: [securityHub('KMS.3')],
  find(estate) {
    return estate.keys.flatMap((arn) => {
      const key = estate.directory.key(arn);
      if (managerOf(key, undefined) === 'AWS') return [];
      const state = keyStateOf(key);
      const expiresAt = expiryOf(key, estate.settings.evaluatedAt);
      const isAtRisk = (state !== undefined && unusable.has(state)) || expiresAt !== undefined;
      if (!isAtRisk && state !== undefined) return [];
      const affected = thingsUnder(estate, arn, key);
      const unread = isAtRisk ? listsThatTell(estate) : [];
      const isNothingSeen = affected === undefined;
      if (isNothingSeen && unread.length === 0) return [];
      const isOpen = !isAtRisk || isNothingSeen;
      const facts: readonly OpenFact[] = isAtRisk
        ? unread
        : [{ is: 'unread', unread: { code: 'key-description-unread', of: arn } }];
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
          state,
          deletedAt: timeOf(key?.KeyMetadata.DeletionDate),
          expiresAt,
        },
      ];
    });
  },
};

/** Everything of RDS and AWS Backup that is under a key. Undefined: nothing was found. */
function thingsUnder({ evidence, backups }: Estate, arn: string, key: Key | undefined): Affected | undefined {
  const { dependants } = dependantsOf(evidence, arn, key);
  const points = backups.filter((one) => one.key === arn).map(({ source }) => source.arn);
  const all = [...new Set([...dependants.map((one) => one.arn), ...points])];
  if (all.length === 0) return undefined;
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

/** Lists that were not read: what is in them may be under the key. */
function listsThatTell({ evidence, places }: Estate): readonly OpenFact[] {
  return places.flatMap((place) =>
    listsUnread(evidence, place).map(
      (list): OpenFact => ({ is: 'unread', unread: { code: 'estate-list-unread', ...place, list } }),
    ),
  );
}

function timeOf(instant: string | number | undefined): string | undefined {
  if (instant === undefined) return undefined;
  const time = typeof instant === 'number' ? instant * 1000 : Date.parse(instant);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** When imported material expires, if that is soon or was already. */
function expiryOf(key: Key | undefined, now: string): string | undefined {
  const expires = timeOf(key?.KeyMetadata.ValidTo);
  return expires !== undefined && Date.parse(expires) <= Date.parse(now) + soon * aDay ? expires : undefined;
}
