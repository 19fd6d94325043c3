import type { CallKind, Citation, PreconditionCode } from '../operations/operation.ts';

/*
 * Error texts of AWS that have been seen or are documented: data, to be extended by a row. What a
 * text tells is a code, for which explain/diagnosis.ts has the words.
 */

/** What a known text of AWS tells. */
export interface KnownReading {
  readonly code:
    | 'copy-needs-key-in-region'
    | 'default-key-cannot-be-shared'
    | 'instance-is-cluster-member'
    | 'cluster-still-has-instances'
    | 'cloudformation-needs-key'
    | 'cloudformation-cannot-decrypt'
    | 'service-linked-role-not-created'
    | 'export-key-check-failed'
    | 'export-cannot-write-metadata'
    | 'export-role-lacks-bucket-access'
    | 'export-bucket-not-usable'
    | 'rds-cannot-use-key';
}

/** A text that has been seen or is documented, other than those of a key and of a denial. */
export interface KnownText {
  readonly means: KnownReading['code'];
  readonly text: RegExp;
  /** The error code that AWS shows with the text, for where the text stands alone. */
  readonly code?: string;
  readonly api?: string;
  /** Which calls and preconditions the text can be about, where the code does not tell. */
  readonly calls?: readonly CallKind[];
  readonly preconditions?: readonly PreconditionCode[];
  readonly source: Citation;
}

const exportFails = { api: 'StartExportTask', source: 'rds-kms-operations 2.2' } as const;

export const knownTexts: readonly KnownText[] = [
  {
    means: 'copy-needs-key-in-region',
    text: /Must specify new KMS key for cross region encrypted snapshot copy/i,
    code: 'InvalidParameterValue',
    preconditions: ['key-is-named'],
    source: 'rds-kms-operations 4.5',
  },
  {
    means: 'default-key-cannot-be-shared',
    text: /Sharing snapshots encrypted with the default service key for RDS is currently not supported/i,
    preconditions: ['snapshot-can-be-shared'],
    source: 'rds-kms-operations 4.6',
  },
  {
    means: 'instance-is-cluster-member',
    text: /The specified instance is a member of a cluster and a snapshot cannot be created directly/i,
    code: 'InvalidParameterValue',
    api: 'CreateDBSnapshot',
    preconditions: ['instance-is-no-member-of-a-cluster'],
    source: 'rds-kms-operations 4.1',
  },
  {
    means: 'cluster-still-has-instances',
    text: /Cluster cannot be deleted, it still contains DB instances in non-deleting state/i,
    code: 'InvalidDBClusterStateFault',
    api: 'DeleteDBCluster',
    preconditions: ['cluster-holds-no-instances'],
    source: 'rds-kms-operations 4.10',
  },
  {
    means: 'cloudformation-needs-key',
    text: /You can't create an encrypted DB cluster from an unencrypted DB snapshot without an AWS KMS key/i,
    source: 'rds-kms-operations 2.2',
  },
  {
    means: 'cloudformation-cannot-decrypt',
    text: /Encryption must be enabled when restoring a DB cluster snapshot/i,
    source: 'rds-kms-operations 2.2',
  },
  {
    means: 'service-linked-role-not-created',
    text: /Verify that you have permission to create service linked role/i,
    calls: [],
    source: 'rds-kms-operations 1.2',
  },
  {
    means: 'export-key-check-failed',
    ...exportFails,
    text: /KMS key check failed\. Check the credentials on your KMS key/i,
    calls: ['forwarded', 'service', 'role'],
    preconditions: ['key-is-enabled', 'source-key-is-enabled'],
  },
  {
    means: 'export-cannot-write-metadata',
    ...exportFails,
    text: /The RDS export failed to write the export task's metadata to the S3 bucket/i,
    calls: ['role', 'service'],
    preconditions: ['key-is-enabled', 'role-exists', 'role-trusts-the-service', 'bucket-is-in-the-region'],
  },
  {
    means: 'export-role-lacks-bucket-access',
    ...exportFails,
    text: /The IAM role .+ isn't authorized to call .+ on the S3 bucket|S3 credential check failed/i,
    calls: ['role'],
    preconditions: ['role-exists', 'role-trusts-the-service'],
  },
  {
    means: 'export-bucket-not-usable',
    ...exportFails,
    text: /The S3 bucket .+ isn't (?:valid|located in the current AWS Region)/i,
    calls: [],
    preconditions: ['bucket-is-in-the-region'],
  },
  {
    means: 'rds-cannot-use-key',
    text: /RDS-EVENT-0419|unable to access the KMS (?:encryption )?key for/i,
    calls: ['service'],
    preconditions: ['key-is-enabled', 'source-key-is-enabled'],
    source: 'rds-kms-operations 8.1',
  },
];
