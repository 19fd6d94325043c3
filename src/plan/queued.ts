import { propertyOf } from './configuration.ts';
import type { OverlayContext } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/* Changes that RDS makes only in the next maintenance window. */

/** Whether an update does not certainly ask RDS to apply its changes at once. */
export function isQueued(change: PlannedChange, { planned }: Pick<OverlayContext, 'planned'>): boolean {
  const value = planned.valueAt(change, ['apply_immediately']);
  return !(value.is === 'known' && value.value === true);
}

/**
 * The value that decides whether RDS applies an update at once or queues it. Undefined: the plan shows
 * which of the two happens.
 */
export function queuedIf(change: PlannedChange, { planned }: Pick<OverlayContext, 'planned'>): string | undefined {
  const value = planned.valueAt(change, ['apply_immediately']);
  return value.is === 'known' || value.is === 'not given' ? undefined : `apply_immediately of ${change.address}`;
}

/**
 * Whether RDS may turn the automated backups of a DB instance on or off only later. A change from one
 * number of days to another is not queued.
 */
export function isRetentionQueued(change: PlannedChange, context: OverlayContext): boolean {
  const { kind, type, before } = change;
  if (kind !== 'update' || type !== 'aws_db_instance' || before === undefined) return false;
  const old = propertyOf(before, 'backup_retention_period');
  const value = context.planned.valueAt(change, ['backup_retention_period']);
  if (value.is === 'not given' || typeof old !== 'number') return false;
  const isSwitched = value.is !== 'known' || old > 0 !== (typeof value.value === 'number' && value.value > 0);
  return isSwitched && isQueued(change, context);
}
