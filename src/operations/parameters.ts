import { isAccountId } from '../base/arn.ts';
import { regionNames } from '../base/partition.ts';
import { isRoleName, parsePrincipalArn } from '../base/principal-arn.ts';

/*
 * The parameters of requests that change an answer. A new parameter needs only a row here: its
 * flag, its line in help, how a recorded request is read, and its type follow from the row.
 */

/** The type of a parameter's value, by its name in the table. */
export interface ParameterKinds {
  readonly text: string;
  /** The flag takes no value. */
  readonly switch: boolean;
  /** The flag may be repeated. */
  readonly list: readonly string[];
  /** Values by name. The flag may be repeated, once for each name. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The groups that a request may name, by their types in ARNs (rds-kms-operations 1.1). */
export type GroupType = 'subgrp' | 'cluster-pg' | 'pg' | 'og';

export interface ParameterRow {
  /** The name of the value in a question. */
  readonly property: string;
  readonly kind: keyof ParameterKinds;
  /** The placeholder of the value in help. Absent: a switch has none. */
  readonly placeholder?: string;
  readonly help: string;
  /** The next step of the error for an invalid value. Absent: every value is valid. */
  readonly complaint?: (text: string) => string | undefined;
  /**
   * The name of the parameter in RDS's API requests. CloudTrail spells the name in another case.
   * Absent: no request has the parameter, or the operation's own `request` names it.
   */
  readonly request?: string;
  /** For a list of structures: the field of a structure that is the value. */
  readonly field?: string;
  /** The type of the resource that the value names, if the operation needs a permission on it. */
  readonly names?: GroupType;
  /** A value that help shows. */
  readonly example?: string;
}

/** By flag, in the order of help. */
export const parameterTable = {
  'kms-key-id': {
    property: 'kmsKeyId',
    kind: 'text',
    placeholder: '<key>',
    help: 'KMS key for the new resource: key ID, key ARN, alias name or alias ARN',
    request: 'KmsKeyId',
    example: 'alias/orders',
  },
  'source-region': {
    property: 'sourceRegion',
    kind: 'text',
    placeholder: '<name>',
    help: 'Region of the source (default: --region)',
    complaint: regionComplaint,
  },
  to: {
    property: 'to',
    kind: 'text',
    placeholder: '<name>',
    help: 'name of the new resource',
    complaint: identifierComplaint,
  },
  tag: {
    property: 'tags',
    kind: 'tags',
    placeholder: '<key=value>',
    help: 'tag for the new resource',
    complaint: tagComplaint,
    request: 'Tags',
  },
  'copy-tags': {
    property: 'copyTags',
    kind: 'switch',
    help: 'copy the tags of the snapshot',
    request: 'CopyTags',
  },
  engine: {
    property: 'engine',
    kind: 'text',
    placeholder: '<name>',
    help: 'engine of the new resource (decides its default groups)',
    complaint: engineComplaint,
    request: 'Engine',
  },
  'engine-version': {
    property: 'engineVersion',
    kind: 'text',
    placeholder: '<version>',
    help: 'version of the engine',
    request: 'EngineVersion',
  },
  'with-instance': {
    property: 'withInstance',
    kind: 'switch',
    help: 'also create a DB instance in the new cluster',
  },
  with: {
    property: 'with',
    kind: 'list',
    placeholder: '<account>',
    help: 'share with this account ID, ARN of a user or role, or all; also checks what they could do with the snapshot',
    complaint: partnerComplaint,
    request: 'ValuesToAdd',
  },
  'values-to-remove': {
    property: 'valuesToRemove',
    kind: 'list',
    placeholder: '<account>',
    help: 'an account ID, or all, to stop sharing the snapshot with',
    complaint: partnerComplaint,
    request: 'ValuesToRemove',
  },
  's3-bucket': {
    property: 's3Bucket',
    kind: 'text',
    placeholder: '<name>',
    help: 'S3 bucket for the export',
    complaint: bucketComplaint,
    request: 'S3BucketName',
    example: 'exports',
  },
  'iam-role': {
    property: 'iamRole',
    kind: 'text',
    placeholder: '<role>',
    help: 'name or ARN of the role that the export or the AWS Backup job uses',
    complaint: roleComplaint,
    request: 'IamRoleArn',
    example: 'exporter',
  },
  'backup-vault-name': {
    property: 'backupVaultName',
    kind: 'text',
    placeholder: '<name>',
    help: 'AWS Backup vault that holds the recovery point, or in which a backup job stores it',
    complaint: vaultComplaint,
    request: 'BackupVaultName',
    example: 'nightly',
  },
  'storage-encrypted': {
    property: 'storageEncrypted',
    kind: 'switch',
    help: "encrypt the new resource (without --kms-key-id: under the account's default key)",
    request: 'StorageEncrypted',
  },
  'manage-master-user-password': {
    property: 'manageMasterUserPassword',
    kind: 'switch',
    help: 'keep the master password in Secrets Manager',
    request: 'ManageMasterUserPassword',
  },
  'publicly-accessible': {
    property: 'publiclyAccessible',
    kind: 'switch',
    help: 'give the DB instance a public address',
    request: 'PubliclyAccessible',
  },
  'copy-option-group': {
    property: 'copyOptionGroup',
    kind: 'switch',
    help: 'copy the option group of the snapshot',
    request: 'CopyOptionGroup',
  },
  'master-user-secret-kms-key-id': {
    property: 'masterUserSecretKmsKeyId',
    kind: 'text',
    placeholder: '<key>',
    help: 'KMS key for the master password secret (default: aws/secretsmanager)',
    request: 'MasterUserSecretKmsKeyId',
  },
  'rotate-master-user-password': {
    property: 'rotateMasterUserPassword',
    kind: 'switch',
    help: 'have Secrets Manager rotate the master password',
    request: 'RotateMasterUserPassword',
  },
  'apply-immediately': {
    property: 'applyImmediately',
    kind: 'switch',
    help: 'make the change at once, not in the maintenance window',
    request: 'ApplyImmediately',
  },
  'enable-performance-insights': {
    property: 'enablePerformanceInsights',
    kind: 'switch',
    help: 'turn on Performance Insights',
    request: 'EnablePerformanceInsights',
  },
  'performance-insights-kms-key-id': {
    property: 'performanceInsightsKmsKeyId',
    kind: 'text',
    placeholder: '<key>',
    help: 'KMS key for Performance Insights (default: aws/rds)',
    request: 'PerformanceInsightsKMSKeyId',
  },
  'database-insights-mode': {
    property: 'databaseInsightsMode',
    kind: 'text',
    placeholder: '<mode>',
    help: 'mode of Database Insights: standard or advanced',
    complaint: (text: string) => (/^(standard|advanced)$/.test(text) ? undefined : 'give standard or advanced'),
    request: 'DatabaseInsightsMode',
  },
  'performance-insights-retention-period': {
    property: 'performanceInsightsRetentionPeriod',
    kind: 'text',
    placeholder: '<days>',
    help: 'how many days Performance Insights keeps its data',
    complaint: (text: string) => (/^[1-9][0-9]{0,3}$/.test(text) ? undefined : 'give a number of days, such as 7'),
    request: 'PerformanceInsightsRetentionPeriod',
  },
  'monitoring-role-arn': {
    property: 'monitoringRoleArn',
    kind: 'text',
    placeholder: '<role>',
    help: 'name or ARN of the role for Enhanced Monitoring',
    complaint: roleComplaint,
    request: 'MonitoringRoleArn',
  },
  'domain-iam-role-name': {
    property: 'domainIamRoleName',
    kind: 'text',
    placeholder: '<role>',
    help: 'name or ARN of the role for the directory',
    complaint: roleComplaint,
    request: 'DomainIAMRoleName',
  },
  'associated-roles': {
    property: 'associatedRoles',
    kind: 'list',
    placeholder: '<role>',
    help: 'name or ARN of a role that the new cluster may assume',
    complaint: roleComplaint,
    request: 'AssociatedRoles',
    field: 'RoleArn',
  },
  'global-cluster-identifier': {
    property: 'globalClusterIdentifier',
    kind: 'text',
    placeholder: '<name>',
    help: 'global cluster that the new cluster joins',
    complaint: identifierComplaint,
    request: 'GlobalClusterIdentifier',
  },
  'skip-final-snapshot': {
    property: 'skipFinalSnapshot',
    kind: 'switch',
    help: 'take no final snapshot',
    request: 'SkipFinalSnapshot',
  },
  'force-failover': {
    property: 'forceFailover',
    kind: 'switch',
    help: 'reboot through a failover to the standby',
    request: 'ForceFailover',
  },
  'db-subnet-group-name': {
    property: 'dbSubnetGroupName',
    kind: 'text',
    placeholder: '<name>',
    help: 'name of the DB subnet group',
    complaint: groupComplaint,
    request: 'DBSubnetGroupName',
    names: 'subgrp',
  },
  'db-cluster-parameter-group-name': {
    property: 'dbClusterParameterGroupName',
    kind: 'text',
    placeholder: '<name>',
    help: 'name of the DB cluster parameter group',
    complaint: groupComplaint,
    request: 'DBClusterParameterGroupName',
    names: 'cluster-pg',
  },
  'db-parameter-group-name': {
    property: 'dbParameterGroupName',
    kind: 'text',
    placeholder: '<name>',
    help: 'name of the DB parameter group',
    complaint: groupComplaint,
    request: 'DBParameterGroupName',
    names: 'pg',
  },
  'option-group-name': {
    property: 'optionGroupName',
    kind: 'text',
    placeholder: '<name>',
    help: 'name of the option group',
    complaint: groupComplaint,
    request: 'OptionGroupName',
    names: 'og',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;

type ParameterTable = typeof parameterTable;

/** A parameter, by its flag. */
export type Parameter = keyof ParameterTable;

/** What a request says besides its source. A parameter that is left out has AWS's default. */
export type OperationParameters = {
  readonly [Flag in Parameter as ParameterTable[Flag]['property']]?: ParameterKinds[ParameterTable[Flag]['kind']];
};

/** What is wrong with a Region name, if anything. */
export function regionComplaint(text: string): string | undefined {
  return regionNames.test(text) ? undefined : 'give the name of a Region, such as us-east-1';
}

function identifierComplaint(text: string): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,254}$/i.test(text))
    return 'give an identifier of letters, digits and hyphens that begins with a letter';
  return text.includes('--') || text.endsWith('-')
    ? 'give an identifier without a hyphen at its end and without two hyphens in a row: RDS refuses those'
    : undefined;
}

function partnerComplaint(text: string): string | undefined {
  return text === 'all' || isAccountId(text) || parsePrincipalArn(text) !== undefined
    ? undefined
    : 'give an account ID of twelve digits, the ARN of a user or role, or all';
}

function roleComplaint(text: string): string | undefined {
  return isRoleName(text) ? undefined : 'give the name or the ARN of a role, such as exporter';
}

function bucketComplaint(text: string): string | undefined {
  return /^[A-Za-z0-9._-]+$/.test(text)
    ? undefined
    : 'give the name of the bucket without s3:// and without a prefix, such as exports';
}

function vaultComplaint(text: string): string | undefined {
  return /^[A-Za-z0-9_-]{2,50}$/.test(text) ? undefined : 'give the name of a vault, such as nightly';
}

/** The engines that the API reference of CreateDBInstance and CreateDBCluster lists, and those of earlier years. */
const engineNames =
  /^(?:aurora(?:-mysql|-postgresql)?|mysql|mariadb|postgres|docdb|neptune|db2-\w+|(?:custom-)?(?:oracle|sqlserver)-[a-z0-9-]+)$/i;

function engineComplaint(text: string): string | undefined {
  return engineNames.test(text)
    ? undefined
    : 'give an engine of RDS, such as aurora-postgresql, aurora-mysql or postgres';
}

/** What the API's data type Tag refuses. RDS itself checks the characters. */
function tagComplaint(text: string): string | undefined {
  const equals = text.indexOf('=');
  const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (equals < 1) return 'give a tag and its value, such as team=dba';
  if (key.length > 128 || value.length > 256)
    return 'give a tag of at most 128 characters for the key and 256 for the value';
  return [key, value].some((part) => /^(aws|rds):/i.test(part))
    ? 'give a tag without aws: or rds: at the beginning of its key or value: RDS refuses those'
    : undefined;
}

/** Names of default groups contain dots and colons: `default.postgres16`, `default:postgres-16`. */
function groupComplaint(text: string): string | undefined {
  return /^(default:)?[a-z0-9][a-z0-9 ._-]{0,254}$/i.test(text) ? undefined : 'give the name of a group, not its ARN';
}
