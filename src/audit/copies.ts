import { rdsArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { regionAt } from '../evidence/lookup.ts';
import type { RecoveryPoint } from '../evidence/schema.ts';
import type { Source } from '../evidence/sources.ts';
import { databaseNameOf } from '../preflight/targets.ts';
import type { Backup, Estate } from './estate.ts';

/* The backups of one database, in all accounts and Regions. */

/**
 * Finds backups of the same database that pass a test. A copy keeps the resource ID of the database
 * (rds-kms-operations 3.1). If one of two backups has no resource ID, the name of the database
 * decides.
 */
export function copiesAmong(
  { backups }: Pick<Estate, 'backups'>,
  isWanted: (backup: Backup) => boolean,
): (backup: Pick<Backup, 'source'>) => readonly Backup[] {
  const wanted = backups.filter(isWanted);
  const byId = filedBy(wanted, ({ source }) => source.resourceId);
  const byName = filedBy(wanted, ({ source }) => nameOfDatabase(source));
  const nameless = filedBy(wanted, ({ source }) =>
    source.resourceId === undefined ? nameOfDatabase(source) : undefined,
  );
  return ({ source }) => {
    const name = nameOfDatabase(source) ?? '';
    if (source.resourceId === undefined) return byName.get(name) ?? [];
    return [...(byId.get(source.resourceId) ?? []), ...(nameless.get(name) ?? [])];
  };
}

/** States of a recovery point from which AWS Backup restores. A point without a state counts. */
const restorable: ReadonlySet<string> = new Set(['COMPLETED', 'AVAILABLE', 'STOPPED']);

/** A recovery point that AWS Backup keeps, and where. */
export interface KeptPoint {
  readonly account: string;
  readonly point: RecoveryPoint;
  /** The point is in a vault that no administrator of its account can empty. */
  readonly isAirGapped: boolean;
}

/** The recovery points that can be restored, by the ARN of their source. */
export function keptPoints({
  evidence,
  places,
}: Pick<Estate, 'evidence' | 'places'>): ReadonlyMap<string, readonly KeptPoint[]> {
  const kept = places.flatMap((place) => {
    const { BackupVaults: vaults = [], RecoveryPoints: points = [] } = regionAt(evidence, place)?.backup ?? {};
    const gapped = new Set(
      vaults.flatMap(({ BackupVaultName: name, VaultType: type }) =>
        type?.toUpperCase() === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' ? [name] : [],
      ),
    );
    return points
      .filter(({ Status: status }) => status === undefined || restorable.has(status.toUpperCase()))
      .map((point): KeptPoint => {
        const { BackupVaultName: vault } = point;
        return { account: place.account, point, isAirGapped: vault !== undefined && gapped.has(vault) };
      });
  });
  return groupBy(kept, ({ point }) => point.ResourceArn ?? '');
}

/** The ARN of the database of a backup, in the account and Region of the backup. */
export function databaseArn({ source }: Pick<Backup, 'source'>): string {
  const name = databaseNameOf(source) ?? '';
  return rdsArn(source, `${source.type.startsWith('cluster') ? 'cluster' : 'db'}:${name}`);
}

function filedBy(
  backups: readonly Backup[],
  nameOf: (backup: Backup) => string | undefined,
): ReadonlyMap<string, readonly Backup[]> {
  const filed = new Map<string, Backup[]>();
  for (const backup of backups) {
    const name = nameOf(backup);
    if (name === undefined) continue;
    const known = filed.get(name);
    if (known === undefined) filed.set(name, [backup]);
    else known.push(backup);
  }
  return filed;
}

/** The name of a database. A cluster and an instance of one name are two databases. */
function nameOfDatabase(source: Source): string | undefined {
  const name = databaseNameOf(source);
  return name === undefined ? undefined : `${source.type.startsWith('cluster') ? 'cluster' : 'db'} ${name}`;
}
