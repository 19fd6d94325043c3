import type { Source } from '../evidence/sources.ts';
import type { CallRow, Operation } from '../operations/operation.ts';
import { withoutKmsFault } from '../operations/rows.ts';
import type { SourceType } from '../operations/source-flags.ts';
import type { AskedTarget } from './asking.ts';

/* Deletions that an audit checks and that are not in the catalog of operations. */

const ofAutomatedBackups: Readonly<Partial<Record<SourceType, CallRow['action']>>> = {
  'auto-backup': 'rds:DeleteDBInstanceAutomatedBackup',
  'cluster-auto-backup': 'rds:DeleteDBClusterAutomatedBackup',
};

/**
 * The deletion of an automated backup, which can stay when its database is deleted. Empty: the
 * source is not an automated backup.
 */
export function automatedBackupDeletion(source: Source): readonly AskedTarget[] {
  const action = ofAutomatedBackups[source.type];
  return action === undefined
    ? []
    : [{ operation: deletion(action, source, source.arn), source, region: source.region, parameters: {} }];
}

/**
 * The deletion of an AWS Backup recovery point. `of`: the source of the point, or the snapshot that
 * the point is. `vault`: the name of the vault. Undefined: not known.
 */
export function recoveryPointDeletion(of: Source, point: string, vault: string | undefined): AskedTarget {
  const operation = deletion('backup:DeleteRecoveryPoint', of, point);
  const parameters = vault === undefined ? {} : { backupVaultName: vault };
  return { operation, source: of, region: of.region, parameters };
}

function deletion(action: CallRow['action'], { type: on }: Source, named: string): Operation {
  return {
    command: action,
    aliases: [],
    api: action.slice(action.indexOf(':') + 1),
    does: `call ${action}`,
    phrase: `call ${action} on SOURCE`,
    request: {},
    parameters: [],
    calls: [{ kind: 'caller', action, on, named, basis: 'documented', source: 'rds-kms-operations 1.2' }],
    preconditions: [],
    faults: withoutKmsFault,
  };
}
