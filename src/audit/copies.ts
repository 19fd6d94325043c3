import type { Source } from '../evidence/sources.ts';
import { databaseNameOf } from '../preflight/targets.ts';
import type { Backup, Estate } from './estate.ts';

/* Which backups are of one database, wherever they lie. */

/**
 * Finds backups of the same database that pass a test. A copy keeps the resource id of the database
 * (rds-kms-operations 3.1); where one of two has none, the name of the database tells.
 */
export function copiesAmong(
  { backups }: Pick<Estate, 'backups'>,
  isWanted: (backup: Backup) => boolean,
): (backup: Backup) => readonly Backup[] {
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

/** A cluster and an instance of one name are two databases. */
function nameOfDatabase(source: Source): string | undefined {
  const name = databaseNameOf(source);
  return name === undefined ? undefined : `${source.type.startsWith('cluster') ? 'cluster' : 'db'} ${name}`;
}
