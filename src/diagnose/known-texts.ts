import type { CallKind, Citation, PreconditionCode } from '../operations/operation.ts';

/*
 * AWS error texts that have been seen or are documented. These are data: add a row for another
 * text. The meaning of a text is a code. explain/diagnosis.ts has the words.
 */

/** The meaning of a known AWS error text. */
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
    | 'rds-cannot-use-key'
    | 'presigned-url-refused'
    | 'presigned-url-missing'
    | 'option-group-needed'
    | 'reserved-tag-keys'
    | 'name-cannot-be-shared'
    | 'replication-needs-key'
    | 'replica-needs-key'
    | 'replica-takes-no-key'
    | 'member-takes-no-key'
    | 'export-tasks-are-used-up'
    | 'automated-snapshot-is-fixed'
    | 'automated-snapshot-is-kept'
    | 'insights-key-is-fixed'
    | 'key-without-encryption'
    | 'insights-key-without-insights'
    | 'secret-key-without-management'
    | 'cluster-is-in-global-cluster'
    | 'accounts-in-no-common-organization'
    | 'monitoring-role-not-usable'
    | 'export-role-not-trusted'
    | 'kms-access-not-allowed'
    | 'kms-key-not-found'
    | 'kms-key-is-disabled'
    | 'kms-key-awaits-deletion'
    | 'kms-key-awaits-material'
    | 'kms-key-is-unavailable'
    | 'kms-key-state-refuses'
    | 'kms-grants-are-used-up'
    | 'database-lost-key'
    | 'database-may-regain-key'
    | 'vault-refuses-copy'
    | 'vault-is-under-default-key'
    | 'backup-key-not-usable'
    | 'backup-role-not-trusted'
    | 'cross-account-backup-is-off'
    | 'backup-copy-not-supported'
    | 'export-failed-in-rds'
    | 'key-policy-names-nobody'
    | 'key-policy-locks-sender-out'
    | 'presigned-url-not-needed'
    | 'replica-takes-no-password'
    | 'serverless-manages-no-password'
    | 'source-manages-password'
    | 'proxy-cannot-read-secret'
    | 'ebs-key-not-usable'
    | 'redshift-takes-no-new-key';
  /** What the text is about: a resource, options or a key. Absent: the text does not say. */
  readonly about?: string;
}

/**
 * A text that has been seen or is documented. Texts about an inaccessible key and denials are read
 * elsewhere (error-text.ts).
 */
export interface KnownText {
  readonly means: KnownReading['code'];
  /** A group named `about` captures what the text is about. */
  readonly text: RegExp;
  /** The text itself says what is wrong, independent of policies. Absent: false. */
  readonly explains?: true;
  /** The error code of a text that AWS or a program shows without its code. */
  readonly code?: string;
  readonly api?: string;
  /** The service or action that shows the text, if no operation of the catalog does. */
  readonly outside?: string;
  /**
   * `calls` and `preconditions`: what the text can be about, if that is clearer than what the code
   * shows.
   */
  readonly calls?: readonly CallKind[];
  readonly preconditions?: readonly PreconditionCode[];
  readonly source: Citation;
}

const observed = 'rds-kms-operations-2 13.3';

const ofKeyState = {
  explains: true,
  calls: [],
  preconditions: ['key-is-enabled', 'source-key-is-enabled'],
  source: 'rds-kms-operations 5',
} as const;

const ofLostKey = { explains: true, source: 'rds-kms-operations 8.1' } as const;

/** AWS's list of the messages of AWS Backup jobs. */
const jobMessages = 'rds-kms-operations 2.2';

const exportFails = { api: 'StartExportTask', source: 'rds-kms-operations 2.2' } as const;

export const knownTexts: readonly KnownText[] = [
  {
    means: 'copy-needs-key-in-region',
    explains: true,
    text: /Must specify new KMS key for cross region encrypted snapshot copy/i,
    code: 'InvalidParameterValue',
    preconditions: ['key-is-named'],
    source: 'rds-kms-operations 4.5',
  },
  {
    means: 'default-key-cannot-be-shared',
    explains: true,
    text: /Sharing snapshots encrypted with the default service key for RDS is currently not supported/i,
    preconditions: ['snapshot-can-be-shared'],
    source: 'rds-kms-operations 4.6',
  },
  {
    means: 'instance-is-cluster-member',
    explains: true,
    text: /The specified instance is a member of a cluster and a snapshot cannot be created directly/i,
    code: 'InvalidParameterValue',
    api: 'CreateDBSnapshot',
    preconditions: ['instance-is-no-member-of-a-cluster'],
    source: 'rds-kms-operations 4.1',
  },
  {
    means: 'cluster-still-has-instances',
    explains: true,
    text: /Cluster cannot be deleted, it still contains DB instances in non-deleting state/i,
    code: 'InvalidDBClusterStateFault',
    api: 'DeleteDBCluster',
    preconditions: ['cluster-holds-no-instances'],
    source: 'rds-kms-operations 4.10',
  },
  {
    means: 'cloudformation-needs-key',
    explains: true,
    text: /You can't create an encrypted DB cluster from an unencrypted DB snapshot without an AWS KMS key/i,
    source: 'rds-kms-operations 2.2',
  },
  {
    means: 'cloudformation-cannot-decrypt',
    explains: true,
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
    means: 'kms-key-is-disabled',
    ...exportFails,
    ...ofKeyState,
    text: /failed to write the export task's metadata .*?(?<about>arn:[\w-]+:kms:[^\s"'`]+\w).*? Error code: KMS\.DisabledException/i,
  },
  {
    means: 'kms-key-state-refuses',
    ...exportFails,
    ...ofKeyState,
    text: /failed to write the export task's metadata .*?(?<about>arn:[\w-]+:kms:[^\s"'`]+\w).*? Error code: KMS\.KMSInvalidStateException/i,
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
    explains: true,
    ...exportFails,
    text: /The S3 bucket .+ isn't (?:valid|located in the current AWS Region)/i,
    calls: [],
    preconditions: ['bucket-is-in-the-region'],
  },
  {
    means: 'database-may-regain-key',
    ...ofLostKey,
    text: /inaccessible-encryption-credentials-recoverable/i,
  },
  { means: 'database-lost-key', ...ofLostKey, text: /inaccessible-encryption-credentials/i },
  {
    means: 'rds-cannot-use-key',
    text: /RDS-EVENT-0419|unable to access the KMS (?:encryption )?key for/i,
    calls: ['service'],
    preconditions: ['key-is-enabled', 'source-key-is-enabled'],
    source: 'rds-kms-operations 8.1',
  },
  {
    means: 'presigned-url-refused',
    explains: true,
    text: /Pre-?signed ?Url could not be authenticated/i,
    code: 'InvalidParameterValue',
    calls: [],
    source: observed,
  },
  {
    means: 'presigned-url-missing',
    explains: true,
    text: /Source (?:DB )?(?:cluster|instance|snapshot) (?<about>arn:[^\s"']+)? ?is encrypted; pre-?signed ?URL has to be specified/i,
    code: 'InvalidParameterCombination',
    api: 'CreateDBCluster',
    calls: [],
    source: 'rds-kms-operations-2 4',
  },
  {
    means: 'option-group-needed',
    explains: true,
    text: /requires a target option group(?: with the following options: \[?(?<about>[^\].]*))?/i,
    code: 'InvalidParameterValue',
    calls: [],
    source: observed,
  },
  {
    means: 'reserved-tag-keys',
    explains: true,
    text: /Tag keys? (?:cannot|can't|can not|must not) (?:start|begin) with (?:the )?(?:reserved )?(?:prefix )?["'`]?aws:/i,
    code: 'InvalidParameterValue',
    calls: [],
    source: observed,
  },
  {
    means: 'name-cannot-be-shared',
    explains: true,
    text: /(?:The parameter )?(?<about>\w*(?:Snapshot|Identifier)\w*|\S*(?:rds|awsbackup):\S+) is not a valid identifier/i,
    code: 'InvalidParameterValue',
    calls: [],
    preconditions: ['snapshot-is-manual'],
    source: observed,
  },
  {
    means: 'replication-needs-key',
    explains: true,
    text: /Encrypted instances require a valid KMS key ID/i,
    code: 'InvalidParameterValue',
    api: 'StartDBInstanceAutomatedBackupsReplication',
    calls: [],
    preconditions: ['key-is-named'],
    source: observed,
  },
  {
    means: 'replica-needs-key',
    explains: true,
    text: /Cannot create a cross[ -]region unencrypted read replica from encrypted source/i,
    code: 'InvalidParameterCombination',
    api: 'CreateDBInstanceReadReplica',
    calls: [],
    preconditions: ['key-is-named'],
    source: observed,
  },
  {
    means: 'replica-takes-no-key',
    explains: true,
    text: /Your request does not require the KMS key parameter/i,
    code: 'InvalidParameterCombination',
    api: 'CreateDBInstanceReadReplica',
    calls: [],
    preconditions: ['source-can-be-replicated-under-the-key'],
    source: observed,
  },
  {
    means: 'member-takes-no-key',
    explains: true,
    text: /will be a member of a DB Cluster and its storage encryption key should not be set/i,
    code: 'InvalidParameterCombination',
    api: 'CreateDBInstance',
    calls: [],
    source: observed,
  },
  {
    means: 'export-tasks-are-used-up',
    explains: true,
    ...exportFails,
    text: /ExportTaskLimitReached(?:Fault)?\b|reached the limit of \d+ concurrent export tasks/i,
    code: 'ExportTaskLimitReachedFault',
    calls: [],
    preconditions: ['export-tasks-are-below-the-quota'],
  },
  {
    means: 'automated-snapshot-is-fixed',
    explains: true,
    text: /automated snapshots? (?:cannot|can't|can not) be modified/i,
    calls: [],
    preconditions: ['snapshot-is-manual'],
    source: observed,
  },
  {
    means: 'automated-snapshot-is-kept',
    explains: true,
    text: /Only manual snapshots may be deleted/i,
    code: 'InvalidDBClusterSnapshotStateFault',
    api: 'DeleteDBClusterSnapshot',
    calls: [],
    preconditions: ['snapshot-can-be-deleted'],
    source: 'rds-kms-operations-2 14.1',
  },
  {
    means: 'automated-snapshot-is-kept',
    explains: true,
    text: /automated snapshots? (?:cannot|can't|can not) be deleted/i,
    code: 'InvalidDBSnapshotState',
    api: 'DeleteDBSnapshot',
    calls: [],
    preconditions: ['snapshot-can-be-deleted'],
    source: 'rds-kms-operations-2 14.1',
  },
  {
    means: 'insights-key-is-fixed',
    explains: true,
    text: /You can't change your Performance Insights KMS key/i,
    code: 'InvalidParameterCombination',
    calls: [],
    preconditions: ['insights-key-stays'],
    source: 'rds-kms-operations-2 2',
  },
  {
    means: 'key-without-encryption',
    explains: true,
    text: /You must enable StorageEncrypted when you specify KmsKeyId/i,
    code: 'InvalidParameterCombination',
    api: 'CreateDBInstance',
    calls: [],
    preconditions: ['key-comes-with-encryption'],
    source: 'rds-kms-operations 4.8',
  },
  {
    means: 'insights-key-without-insights',
    explains: true,
    text: /Can ?not set PerformanceInsightsKMSKeyId without EnablePerformanceInsights/i,
    calls: [],
    preconditions: ['insights-key-comes-with-insights'],
    source: 'rds-kms-operations-2 2',
  },
  {
    means: 'secret-key-without-management',
    explains: true,
    text: /A ManageMasterUserPassword value is required when MasterUserSecretKmsKeyId is specified/i,
    calls: [],
    preconditions: ['secret-key-comes-with-management'],
    source: 'rds-kms-operations-2 2',
  },
  {
    means: 'cluster-is-in-global-cluster',
    explains: true,
    text: /cluster is a part of a global cluster, please remove it/i,
    code: 'InvalidDBClusterStateFault',
    api: 'DeleteDBCluster',
    calls: [],
    preconditions: ['cluster-stands-alone'],
    source: 'rds-kms-operations-2 4',
  },
  {
    means: 'accounts-in-no-common-organization',
    explains: true,
    text: /Both source and destination account must be a member of the same organization/i,
    calls: [],
    preconditions: ['accounts-are-in-one-organization'],
    source: 'rds-kms-operations-2 3',
  },
  {
    means: 'monitoring-role-not-usable',
    text: /required permissions for:? ENHANCED_MONITORING/i,
    code: 'InvalidParameterValue',
    calls: [],
    preconditions: ['monitoring-role-exists', 'monitoring-role-trusts-the-service'],
    source: 'rds-kms-operations-2 14.5',
  },
  {
    means: 'export-role-not-trusted',
    ...exportFails,
    code: 'IamRoleMissingPermissions',
    text: /export\.rds\.amazonaws\.com.{0,60}?(?:assume|trust)|(?:assume|trust).{0,120}export\.rds\.amazonaws\.com/i,
    calls: [],
    preconditions: ['role-exists', 'role-trusts-the-service'],
  },
  {
    means: 'export-role-not-trusted',
    ...exportFails,
    text: /The RDS export failed .{0,80} because it can['’]t assume the IAM role/i,
    calls: [],
    preconditions: ['role-exists', 'role-trusts-the-service'],
  },
  {
    means: 'export-failed-in-rds',
    ...exportFails,
    text: /An unknown internal error occurred/i,
    calls: [],
  },
  {
    means: 'kms-access-not-allowed',
    text: /Access to KMS is not allowed/i,
    code: 'AccessDenied',
    calls: ['forwarded'],
    source: 'rds-kms-operations-2 13.8',
  },
  {
    means: 'kms-key-not-found',
    explains: true,
    text: /(?:Key|Alias) ["'`]?(?<about>arn:[\w-]+:kms:[^\s"'`]+|alias\/[^\s"'`]+|[0-9a-f]{8}-[0-9a-f-]{27})["'`]? (?:does not exist|is not found)|Invalid keyId ["'`]?(?<other>[^\s"'`]*)/i,
    code: 'NotFoundException',
    calls: [],
    source: 'rds-kms-operations 5',
  },
  {
    means: 'kms-key-is-disabled',
    ...ofKeyState,
    text: /(?<about>arn:[\w-]+:kms:[^\s"'`]+) is disabled/i,
    code: 'DisabledException',
  },
  {
    means: 'kms-key-awaits-deletion',
    ...ofKeyState,
    text: /(?<about>arn:[\w-]+:kms:[^\s"'`]+) is pending (?:replica )?deletion/i,
    code: 'KMSInvalidStateException',
  },
  {
    means: 'kms-key-awaits-material',
    ...ofKeyState,
    text: /(?<about>arn:[\w-]+:kms:[^\s"'`]+) is pending import/i,
    code: 'KMSInvalidStateException',
  },
  {
    means: 'kms-key-is-unavailable',
    ...ofKeyState,
    text: /(?<about>arn:[\w-]+:kms:[^\s"'`]+) is unavailable/i,
    code: 'KMSInvalidStateException',
  },
  { means: 'kms-key-state-refuses', ...ofKeyState, text: /\bKms?InvalidState(?:Exception|Fault)?\b/i },
  {
    means: 'kms-grants-are-used-up',
    explains: true,
    text: /\bLimitExceeded(?:Exception)?\b.*\bgrants?\b/i,
    calls: [],
    preconditions: ['key-takes-another-grant'],
    source: 'rds-kms-operations 5',
  },
  {
    means: 'vault-refuses-copy',
    text: /Access Denied trying to call AWS Backup service/i,
    calls: [],
    source: 'rds-kms-operations-2 3',
  },
  {
    means: 'vault-is-under-default-key',
    explains: true,
    text: /destination Backup vault is encrypted with the default Backup service managed key/i,
    calls: [],
    source: 'rds-kms-operations-2 3',
  },
  {
    means: 'backup-key-not-usable',
    text: /KMS key is either disabled or pending deletion or access to KMS key is denied/i,
    calls: ['forwarded', 'role'],
    preconditions: ['key-is-enabled', 'source-key-is-enabled'],
    source: jobMessages,
  },
  {
    means: 'backup-role-not-trusted',
    explains: true,
    text: /cannot be assumed by AWS Backup/i,
    calls: [],
    preconditions: ['role-exists', 'role-trusts-the-service'],
    source: jobMessages,
  },
  {
    means: 'cross-account-backup-is-off',
    explains: true,
    text: /Cross-account copy feature is not enabled for the current organization/i,
    calls: [],
    preconditions: ['accounts-are-in-one-organization'],
    source: jobMessages,
  },
  {
    means: 'backup-copy-not-supported',
    explains: true,
    text: /Feature is not supported for provided resource type/i,
    calls: [],
    source: jobMessages,
  },
  {
    means: 'key-policy-names-nobody',
    explains: true,
    text: /Policy contains a statement with one or more invalid principals/i,
    code: 'MalformedPolicyDocumentException',
    outside: 'kms:PutKeyPolicy',
    calls: [],
    source: 'rds-kms-operations-2 13.1',
  },
  {
    means: 'key-policy-locks-sender-out',
    explains: true,
    text: /new key policy will not allow you to update the key policy in the future/i,
    code: 'MalformedPolicyDocumentException',
    outside: 'kms:PutKeyPolicy',
    calls: [],
    source: observed,
  },
  {
    means: 'presigned-url-not-needed',
    explains: true,
    text: /Your request does not require the pre-?signed ?Url parameter/i,
    code: 'InvalidParameterCombination',
    calls: [],
    source: observed,
  },
  {
    means: 'replica-takes-no-password',
    explains: true,
    text: /Cannot specify password for cross region replication cluster/i,
    code: 'InvalidParameterCombination',
    api: 'CreateDBCluster',
    calls: [],
    source: observed,
  },
  {
    means: 'serverless-manages-no-password',
    explains: true,
    text: /ManageMasterUserPassword is not valid for engine mode: serverless/i,
    code: 'InvalidParameterValue',
    calls: [],
    source: observed,
  },
  {
    means: 'source-manages-password',
    explains: true,
    text: /Creating read replicas for source instance with engine .{1,40} where ManageMasterUserPassword is enabled is not supported/i,
    code: 'InvalidParameterValue',
    api: 'CreateDBInstanceReadReplica',
    calls: [],
    preconditions: ['source-password-is-not-managed'],
    source: 'rds-kms-operations-2 12.3',
  },
  {
    means: 'proxy-cannot-read-secret',
    explains: true,
    text: /Credentials couldn['’]t be retrieved\. The IAM role ["'`]?(?<about>arn:[^\s"'`]+)["'`]? (?:isn['’]t|is not) authorized to read the AWS Secrets Manager secret/i,
    outside: 'RDS Proxy',
    calls: [],
    source: observed,
  },
  {
    means: 'ebs-key-not-usable',
    text: /EBS default key cannot be shared|Snapshots encrypted with the AWS managed (?:CMK|key) can['’]t be shared|Given key ID is not accessible/i,
    outside: 'Amazon EC2',
    calls: [],
    source: observed,
  },
  {
    means: 'redshift-takes-no-new-key',
    text: /Cannot use a new KmsKeyId when restoring from your own snapshot/i,
    code: 'InvalidParameterValue',
    outside: 'Amazon Redshift',
    calls: [],
    source: observed,
  },
];
