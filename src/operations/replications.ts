import { replicaExample } from './databases.ts';
import type { Operation } from './operation.ts';
import { encrypts, must, opens, required, tagging, tagKeys, takesGrant, usableNamedKey, withKmsFault } from './rows.ts';

/* The operation that also keeps automated backups of a DB instance in another Region. */

const inferred = { basis: 'inferred', source: 'rds-kms-operations-2 6' } as const;

const replicateBackups: Operation = {
  command: 'replicate-backups',
  aliases: [],
  api: 'StartDBInstanceAutomatedBackupsReplication',
  does: 'replicate the automated backups of a DB instance to another Region',
  phrase: 'replicate the automated backups of SOURCE',
  reads: { flag: 'instance', types: ['db'] },
  makes: 'auto-backup',
  targetKey: 'named',
  request: { source: ['SourceDBInstanceArn'] },
  parameters: ['kms-key-id', 'source-region', 'tag'],
  example: replicaExample,
  calls: [
    ...required('rds:StartDBInstanceAutomatedBackupsReplication', ['db', 'new auto-backup'], tagKeys),
    tagging('new auto-backup'),
    ...takesGrant('target key', inferred),
    // As for a copy from another Region, AWS does not publish which calls the source's key gets.
    ...takesGrant('storage key', { basis: 'unknown', source: 'rds-kms-operations-2 6' }, ['keys differ']),
    ...encrypts('target key'),
    opens('storage key', 'rds-kms-operations 3.2', ['keys differ']),
  ],
  preconditions: [
    must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBInstanceNotFound'),
    must('source-is-in-another-region', 'rds-kms-operations-2 6'),
    must('regions-replicate-backups', 'rds-kms-operations-2 6'),
    must('source-is-not-of-rds-custom', 'rds-kms-operations-2 6'),
    must('instance-is-no-member-of-a-cluster', 'rds-kms-operations-2 6'),
    must('instance-is-available', 'rds-kms-operations-2 6', 'InvalidDBInstanceState'),
    must('instance-has-automated-backups', 'rds-kms-operations-2 6'),
    must('key-is-named', 'rds-kms-operations-2 6', 'InvalidParameterValue'),
    must('source-can-be-replicated-under-the-key', 'rds-kms-operations-2 6'),
    ...usableNamedKey,
    { code: 'source-key-is-enabled', ...inferred },
  ],
  faults: withKmsFault,
};

/** In the order in which help shows them. */
export const replications: readonly Operation[] = [replicateBackups];
