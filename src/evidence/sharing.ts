import type { Directory } from './directory.ts';
import type { Source } from './sources.ts';

/** Whether RDS itself makes the snapshot. Its name shows this where the type was not read. */
export function isAutomatedSnapshot(source: Source): boolean {
  if (source.type !== 'cluster-snapshot' && source.type !== 'snapshot') return false;
  return source.entry.SnapshotType?.toLowerCase() === 'automated' || source.identifier.startsWith('rds:');
}

/**
 * The accounts that a snapshot is shared with. RDS shares no automated snapshot, whatever the
 * evidence says (rds-kms-operations 4.6). Undefined: not read.
 */
export function accountsSharing(directory: Directory, source: Source): readonly string[] | undefined {
  return isAutomatedSnapshot(source) ? [] : directory.sharedWith(source.arn);
}
