import type { CallRow, Operation, PreconditionRow } from './operation.ts';
import { must, named, notMultiAz, opens, snapshotNotFound, takesGrant, usableNamedKey, withKmsFault } from './rows.ts';
import type { Reads } from './source-flags.ts';

const exportService = 'export.rds.amazonaws.com';

/**
 * This is the only place where AWS names the principal of calls that RDS makes for itself: a Deny
 * in the key policy must exempt it (rds-kms-operations 4.7).
 */
const carveOut: readonly CallRow[] = (['kms:GenerateDataKey', 'kms:Decrypt'] as const).map((action) => ({
  kind: 'service',
  action,
  on: 'target key',
  as: exportService,
  basis: 'documented',
  source: 'rds-kms-operations 4.7',
}));

const onObjects = ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'] as const;
const onBucket = ['s3:ListBucket', 's3:GetBucketLocation'] as const;

/**
 * AWS's pages contradict each other on whether the export role needs permissions on the key
 * (rds-kms-operations 4.7, 9).
 */
const exportRole: readonly CallRow[] = [
  ...onObjects.map(
    (action): CallRow => ({
      kind: 'role',
      action,
      on: 'objects',
      basis: 'documented',
      source: 'rds-kms-operations 4.7',
    }),
  ),
  ...onBucket.map(
    (action): CallRow => ({
      kind: 'role',
      action,
      on: 'bucket',
      basis: 'documented',
      source: 'rds-kms-operations 4.7',
    }),
  ),
  ...(['kms:GenerateDataKey', 'kms:Decrypt'] as const).map(
    (action): CallRow => ({
      kind: 'role',
      action,
      on: 'target key',
      through: ['s3', 'none'],
      basis: 'unknown',
      source: 'rds-kms-operations 4.7',
    }),
  ),
];

const calls: readonly CallRow[] = [
  ...named('rds:StartExportTask', ['cluster-snapshot', 'snapshot', 'cluster'], [], {
    basis: 'documented',
    source: 'rds-kms-operations 4.7',
  }),
  {
    kind: 'caller',
    action: 'iam:PassRole',
    on: 'role',
    // The Service Authorization Reference names the first service, the trust policy of the role the
    // second.
    sends: { 'iam:PassedToService': ['rds.amazonaws.com', exportService] },
    basis: 'documented',
    source: 'rds-kms-operations 4.7',
  },
  ...takesGrant('target key', { basis: 'documented', source: 'rds-kms-operations 4.7' }),
  ...takesGrant('storage key', { basis: 'unknown', source: 'rds-kms-operations 4.7' }, ['keys differ']),
  ...exportRole,
  ...carveOut,
  opens('storage key', 'rds-kms-operations 4.7'),
];

const ofCluster: readonly PreconditionRow[] = [
  must('source-is-in-the-callers-account', 'rds-kms-operations 1.1', 'DBClusterNotFoundFault'),
  must('source-is-in-the-region', 'rds-kms-operations-2 13.10', 'DBClusterNotFoundFault'),
  notMultiAz,
  must('cluster-is-provisioned', 'rds-kms-operations 4.7'),
  must('cluster-is-available', 'rds-kms-operations 2.1', 'InvalidExportSourceState'),
];

const ofSnapshot: readonly PreconditionRow[] = [
  must('snapshot-is-shared-with-the-account', 'rds-kms-operations 2.1', snapshotNotFound),
  must('source-is-in-the-region', 'rds-kms-operations-2 13.10', snapshotNotFound),
  must('snapshot-is-available', 'rds-kms-operations 2.1', 'InvalidExportSourceState'),
];

const preconditions: readonly PreconditionRow[] = [
  must('source-can-be-exported', 'rds-kms-operations 4.7'),
  must('role-exists', 'rds-kms-operations 2.1', 'IamRoleNotFound'),
  must('role-is-in-the-callers-account', 'rds-kms-operations 4.7', 'IamRoleNotFound'),
  must('role-trusts-the-service', 'rds-kms-operations 4.7', 'IamRoleMissingPermissions'),
  must('bucket-is-in-the-region', 'rds-kms-operations 4.7', 'InvalidS3BucketFault'),
  ...usableNamedKey,
  must('source-key-is-enabled', 'rds-kms-operations 4.7', 'KMSKeyNotAccessibleFault'),
  must('source-key-can-be-used-by-the-account', 'rds-kms-operations 5', 'KMSKeyNotAccessibleFault'),
  must('export-tasks-are-below-the-quota', 'rds-kms-operations 4.7', 'ExportTaskLimitReachedFault'),
];

/** How one export differs from another: the source, and its name in the request. */
interface Exported {
  readonly does: string;
  readonly aliases: readonly string[];
  readonly reads: Reads;
  /** A part of the ARN in the request. Absent: the export that is meant if no other one fits. */
  readonly arnHolds?: string;
  /** A sweep leaves out exports without a snapshot. */
  readonly isByNameOnly?: true;
}

function exportOf({ does, aliases, reads, arnHolds, isByNameOnly }: Exported): Operation {
  const [type] = reads.types;
  return {
    command: 'export-snapshot',
    aliases,
    api: 'StartExportTask',
    does,
    phrase: 'export SOURCE to S3',
    reads,
    ...(isByNameOnly === undefined ? {} : { isByNameOnly }),
    assumedBy: exportService,
    targetKey: 'named',
    request: {
      source: ['SourceArn'],
      ...(arnHolds === undefined ? {} : { when: { parameter: 'SourceArn', holds: arnHolds } }),
    },
    parameters: ['s3-bucket', 'iam-role', 'kms-key-id'],
    requires: ['s3-bucket', 'iam-role', 'kms-key-id'],
    calls: calls.filter(
      ({ on }) => on === type || (on !== 'cluster-snapshot' && on !== 'snapshot' && on !== 'cluster'),
    ),
    preconditions: [...(type === 'cluster' ? ofCluster : ofSnapshot), ...preconditions],
    faults: { ...withKmsFault, role: 'IamRoleMissingPermissions', service: 'KMSKeyNotAccessibleFault' },
  };
}

/** In the order in which help shows them. */
export const exports: readonly Operation[] = [
  exportOf({
    does: 'export a cluster snapshot to S3',
    aliases: ['export'],
    reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
  }),
  exportOf({
    does: 'export a DB snapshot to S3',
    aliases: [],
    reads: { flag: 'instance-snapshot', types: ['snapshot'] },
    arnHolds: ':snapshot:',
  }),
  exportOf({
    does: 'export the data of a cluster to S3',
    aliases: [],
    reads: { flag: 'cluster', types: ['cluster'] },
    arnHolds: ':cluster:',
    isByNameOnly: true,
  }),
];
