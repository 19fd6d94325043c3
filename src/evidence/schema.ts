/*
 * src/evidence/ the data that was read from AWS: the schema of evidence, the table of its lists,
 * loading, merging, saving, look-ups, changes, inventory and age, and the embedded example.
 */

import * as v from 'valibot';
import { looseObject, record } from '../base/objects.ts';
import { regionNames } from '../base/partition.ts';

/*
 * The shape of an evidence file, which follows the AWS APIs. Two rules apply everywhere: a missing
 * list is unknown and a list that is present is complete; unknown fields are kept and ignored. The
 * JSON Schema in the package is generated from this schema.
 */

const isoText =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
/** ISO text, or seconds since 1970, as AWS CLI version 1 shows times of KMS. */
const instant = v.union([v.number(), v.pipe(v.string(), v.regex(isoText, 'is not a time'))], 'is not a time');
/**
 * Names and ARNs are checked against the characters that AWS allows in them (the patterns of the
 * API models, or for RDS the documentation of the parameters), not against one form of a name: a
 * key may have the name `key/k1`. So printed commands contain only valid names.
 */
const named = (what: string, pattern: RegExp) => v.pipe(v.string(), v.regex(pattern, `is not ${what}`));
/** AWS returns some empty fields as an empty text, such as the name of a grant without one. */
const optionalOrRequired = (what: string, pattern: RegExp) => ({
  required: named(what, pattern),
  optional: v.optional(named(what, new RegExp(`^$|${pattern.source}`))),
});

const iamName = optionalOrRequired('a name of letters, digits and _+=,.@-', /^[\w+=,.@-]+$/);
const iamPath = optionalOrRequired('a path of IAM', /^[!-~]+$/);
const iamId = optionalOrRequired('an ID of letters and digits', /^\w+$/);
const iamArn = named('an ARN of IAM', /^arn:[a-z-]+:iam::(?:\d{12}|aws):(?:[!-~]*\/)?[\w+=,.@-]+$/);
const callerArn = named(
  'an ARN of IAM or of a session',
  /^arn:[a-z-]+:(?:iam|sts)::\d{12}:(?:[!-~]*[/:])?[\w+=,.@-]+$/,
);
const versionId = optionalOrRequired('a version such as v1', /^[A-Za-z0-9.-]+$/);
/** Names of automated snapshots have a colon. The name of a shared snapshot is its ARN. */
const rdsName = optionalOrRequired('a name of letters, digits, hyphens and colons', /^[A-Za-z0-9:-]+$/);
/**
 * The name of a subnet group may have blanks, and the name of a default option group has a colon.
 */
const rdsGroup = optionalOrRequired('a name of letters, digits, blanks and :._-', /^[A-Za-z0-9:._ -]+$/);
const rdsArn = named('an ARN of RDS', /^arn:[a-z-]+:rds:[a-z0-9-]+:\d{12}:[a-z-]+:[A-Za-z0-9:-]+$/);
const optionalRdsArn = v.optional(rdsArn);
/** The ARN of a global cluster has no Region. */
const globalClusterArn = named('an ARN of a global cluster', /^arn:[a-z-]+:rds::\d{12}:global-cluster:[A-Za-z0-9:-]+$/);
/** The target of an integration, or a recovery point in a vault. */
const anyArn = optionalOrRequired('an ARN', /^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12})?:[\w+=,.@:/-]+$/);
const resourceId = optionalOrRequired('an ID of letters, digits and hyphens', /^[A-Za-z0-9-]+$/);
const keyArn = optionalOrRequired('an ARN of KMS', /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/[\w:/-]+$/);
/** A key ID, key ARN, alias name or alias ARN. */
const keyName = optionalOrRequired('a key ID, alias or ARN of KMS', /^[\w:/-]+$/);
const aliasName = named('an alias such as alias/orders', /^alias\/[\w:/-]+$/);
const grantName = optionalOrRequired('a name of letters, digits and :/_-', /^[\w:/-]+$/);
const secretArn = optionalOrRequired(
  'an ARN of Secrets Manager',
  /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]+$/,
);
const bucketName = named('a name of letters, digits and ._-', /^[A-Za-z0-9._-]+$/);
const organizationId = named('an ID of letters, digits and hyphens', /^[A-Za-z0-9-]+$/);
const accountId = v.pipe(v.string(), v.regex(/^\d{12}$/, 'is not a 12-digit account ID'));
const regionName = v.pipe(v.string(), v.regex(regionNames, 'is not a Region name'));

/**
 * A policy as an object, as JSON text or as URL-encoded JSON text (as IAM returns it).
 * policy/parse.ts reads it.
 */
const policyDocument = v.union([v.string(), looseObject({})], 'is not a policy document (an object or JSON text)');

const namedDocument = looseObject({ name: v.string(), document: policyDocument });
const endpointDocument = looseObject({ name: resourceId.required, document: policyDocument });

const attachedPolicy = looseObject({ PolicyName: iamName.optional, PolicyArn: iamArn });
/** Without PolicyDocument: the policy exists, but its text could not be read. */
const inlinePolicy = looseObject({ PolicyName: iamName.required, PolicyDocument: v.optional(policyDocument) });
const tag = looseObject({ Key: v.string(), Value: v.optional(v.string(), '') });
const boundary = looseObject({ PermissionsBoundaryType: v.optional(v.string()), PermissionsBoundaryArn: iamArn });

const user = looseObject({
  Arn: iamArn,
  UserName: iamName.required,
  UserId: iamId.optional,
  Path: iamPath.optional,
  UserPolicyList: v.optional(v.array(inlinePolicy)),
  GroupList: v.optional(v.array(iamName.required)),
  AttachedManagedPolicies: v.optional(v.array(attachedPolicy)),
  PermissionsBoundary: v.optional(boundary),
  Tags: v.optional(v.array(tag)),
});

const group = looseObject({
  Arn: iamArn,
  GroupName: iamName.required,
  GroupPolicyList: v.optional(v.array(inlinePolicy)),
  AttachedManagedPolicies: v.optional(v.array(attachedPolicy)),
});

const role = looseObject({
  Arn: iamArn,
  RoleName: iamName.required,
  RoleId: iamId.optional,
  Path: iamPath.optional,
  AssumeRolePolicyDocument: v.optional(policyDocument),
  RolePolicyList: v.optional(v.array(inlinePolicy)),
  AttachedManagedPolicies: v.optional(v.array(attachedPolicy)),
  PermissionsBoundary: v.optional(boundary),
  Tags: v.optional(v.array(tag)),
});

const managedPolicy = looseObject({
  Arn: iamArn,
  PolicyName: iamName.optional,
  DefaultVersionId: versionId.optional,
  PolicyVersionList: v.optional(
    v.array(
      looseObject({
        VersionId: versionId.optional,
        IsDefaultVersion: v.optional(v.boolean()),
        Document: v.optional(policyDocument),
      }),
    ),
  ),
});

const organizationLevel = looseObject({
  id: organizationId,
  type: v.optional(v.picklist(['ROOT', 'ORGANIZATIONAL_UNIT', 'ACCOUNT'])),
  scps: v.optional(v.array(namedDocument)),
  rcps: v.optional(v.array(namedDocument)),
});

const organization = looseObject({
  id: organizationId,
  managementAccountId: v.optional(accountId),
  /** From the root to the account itself. */
  path: v.optional(v.array(organizationLevel)),
});

const tagList = v.optional(v.array(tag));
const attributes = v.optional(
  v.array(looseObject({ AttributeName: v.optional(v.string()), AttributeValues: v.optional(v.array(v.string())) })),
);
/**
 * The fields of clusters, instances and automated backups about the times to which they can be
 * restored.
 */
const retention = {
  BackupRetentionPeriod: v.optional(v.number()),
  LatestRestorableTime: v.optional(v.string()),
};
/** The secret of a master password in Secrets Manager. Absent: RDS does not manage the password. */
const masterUserSecret = v.optional(
  looseObject({
    SecretArn: secretArn.optional,
    SecretStatus: v.optional(v.string()),
    KmsKeyId: keyName.optional,
  }),
);
/** The keys that encrypt the data of Performance Insights and of an activity stream. */
const monitoring = {
  PerformanceInsightsEnabled: v.optional(v.boolean()),
  PerformanceInsightsKMSKeyId: keyName.optional,
  DatabaseInsightsMode: v.optional(v.string()),
  ActivityStreamStatus: v.optional(v.string()),
  ActivityStreamMode: v.optional(v.string()),
  ActivityStreamKmsKeyId: keyName.optional,
};
/** The Regions to which the automated backups of a DB instance are replicated. */
const replications = {
  DBInstanceAutomatedBackupsReplications: v.optional(
    v.array(looseObject({ DBInstanceAutomatedBackupsArn: optionalRdsArn })),
  ),
};
const restoreWindow = v.optional(
  looseObject({ EarliestTime: v.optional(v.string()), LatestTime: v.optional(v.string()) }),
);

const cluster = looseObject({
  DBClusterIdentifier: rdsName.required,
  DBClusterArn: rdsArn,
  Status: v.optional(v.string()),
  ClusterCreateTime: v.optional(v.string()),
  Engine: v.optional(v.string()),
  EngineVersion: v.optional(v.string()),
  EngineMode: v.optional(v.string()),
  StorageEncrypted: v.optional(v.boolean()),
  StorageEncryptionType: v.optional(v.string()),
  KmsKeyId: keyName.optional,
  DbClusterResourceId: resourceId.optional,
  DBSubnetGroup: rdsGroup.optional,
  DBClusterParameterGroup: rdsGroup.optional,
  DBClusterMembers: v.optional(v.array(looseObject({ DBInstanceIdentifier: rdsName.optional }))),
  DeletionProtection: v.optional(v.boolean()),
  CopyTagsToSnapshot: v.optional(v.boolean()),
  ReplicationSourceIdentifier: rdsName.optional,
  ReadReplicaIdentifiers: v.optional(v.array(rdsName.required)),
  GlobalClusterIdentifier: rdsName.optional,
  MasterUserSecret: masterUserSecret,
  ...monitoring,
  CloneGroupId: resourceId.optional,
  CrossAccountClone: v.optional(v.boolean()),
  ...retention,
  TagList: tagList,
});

const clusterSnapshot = looseObject({
  DBClusterSnapshotIdentifier: rdsName.required,
  DBClusterSnapshotArn: rdsArn,
  DBClusterIdentifier: rdsName.optional,
  DbClusterResourceId: resourceId.optional,
  SnapshotType: v.optional(v.string()),
  Status: v.optional(v.string()),
  ClusterCreateTime: v.optional(v.string()),
  SnapshotCreateTime: v.optional(v.string()),
  Engine: v.optional(v.string()),
  EngineVersion: v.optional(v.string()),
  StorageEncrypted: v.optional(v.boolean()),
  StorageEncryptionType: v.optional(v.string()),
  KmsKeyId: keyName.optional,
  TagList: tagList,
});

const instance = looseObject({
  DBInstanceIdentifier: rdsName.required,
  DBInstanceArn: rdsArn,
  DBInstanceStatus: v.optional(v.string()),
  DBInstanceClass: v.optional(v.string()),
  DBClusterIdentifier: rdsName.optional,
  DBName: v.optional(v.string()),
  DbiResourceId: resourceId.optional,
  InstanceCreateTime: v.optional(v.string()),
  Engine: v.optional(v.string()),
  EngineVersion: v.optional(v.string()),
  MultiAZ: v.optional(v.boolean()),
  MultiTenant: v.optional(v.boolean()),
  AllocatedStorage: v.optional(v.number()),
  Iops: v.optional(v.number()),
  StorageEncrypted: v.optional(v.boolean()),
  StorageEncryptionType: v.optional(v.string()),
  KmsKeyId: keyName.optional,
  DeletionProtection: v.optional(v.boolean()),
  CopyTagsToSnapshot: v.optional(v.boolean()),
  ReadReplicaSourceDBInstanceIdentifier: rdsName.optional,
  ReadReplicaDBInstanceIdentifiers: v.optional(v.array(rdsName.required)),
  ReadReplicaDBClusterIdentifiers: v.optional(v.array(rdsName.required)),
  ReadReplicaSourceDBClusterIdentifier: rdsName.optional,
  MasterUserSecret: masterUserSecret,
  ...monitoring,
  ...replications,
  DBSubnetGroup: v.optional(looseObject({ DBSubnetGroupName: rdsGroup.optional })),
  DBParameterGroups: v.optional(v.array(looseObject({ DBParameterGroupName: rdsGroup.optional }))),
  OptionGroupMemberships: v.optional(v.array(looseObject({ OptionGroupName: rdsGroup.optional }))),
  ...retention,
  TagList: tagList,
});

const snapshot = looseObject({
  DBSnapshotIdentifier: rdsName.required,
  DBSnapshotArn: rdsArn,
  DBInstanceIdentifier: rdsName.optional,
  DbiResourceId: resourceId.optional,
  SnapshotType: v.optional(v.string()),
  Status: v.optional(v.string()),
  SnapshotCreateTime: v.optional(v.string()),
  /** Only for copies: when the original was taken. */
  OriginalSnapshotCreateTime: v.optional(v.string()),
  Engine: v.optional(v.string()),
  EngineVersion: v.optional(v.string()),
  /** The field that clusters and instances call StorageEncrypted. */
  Encrypted: v.optional(v.boolean()),
  StorageEncryptionType: v.optional(v.string()),
  KmsKeyId: keyName.optional,
  OptionGroupName: rdsGroup.optional,
  TdeCredentialArn: v.optional(v.string()),
  TagList: tagList,
});

const clusterAutomatedBackup = looseObject({
  DBClusterAutomatedBackupsArn: rdsArn,
  DbClusterResourceId: resourceId.optional,
  DBClusterIdentifier: rdsName.optional,
  Status: v.optional(v.string()),
  ClusterCreateTime: v.optional(v.string()),
  Engine: v.optional(v.string()),
  EngineVersion: v.optional(v.string()),
  StorageEncrypted: v.optional(v.boolean()),
  StorageEncryptionType: v.optional(v.string()),
  KmsKeyId: keyName.optional,
  RestoreWindow: restoreWindow,
});

const instanceAutomatedBackup = looseObject({
  DBInstanceAutomatedBackupsArn: rdsArn,
  /**
   * The instance that was backed up. A replicated backup is in another Region than its instance.
   */
  DBInstanceArn: optionalRdsArn,
  ...replications,
  DbiResourceId: resourceId.optional,
  DBInstanceIdentifier: rdsName.optional,
  Status: v.optional(v.string()),
  Engine: v.optional(v.string()),
  EngineVersion: v.optional(v.string()),
  Encrypted: v.optional(v.boolean()),
  StorageEncryptionType: v.optional(v.string()),
  KmsKeyId: keyName.optional,
  OptionGroupName: rdsGroup.optional,
  RestoreWindow: restoreWindow,
});

const clusterSnapshotAttributes = looseObject({
  DBClusterSnapshotIdentifier: rdsName.required,
  DBClusterSnapshotAttributes: attributes,
});

const snapshotAttributes = looseObject({
  DBSnapshotIdentifier: rdsName.required,
  DBSnapshotAttributes: attributes,
});

const exportTask = looseObject({
  ExportTaskIdentifier: v.optional(v.string()),
  SourceArn: v.optional(v.string()),
  KmsKeyId: keyName.optional,
  Status: v.optional(v.string()),
});

const globalCluster = looseObject({
  GlobalClusterIdentifier: rdsName.required,
  GlobalClusterArn: v.optional(globalClusterArn),
  Status: v.optional(v.string()),
  Engine: v.optional(v.string()),
  EngineVersion: v.optional(v.string()),
  StorageEncrypted: v.optional(v.boolean()),
  DeletionProtection: v.optional(v.boolean()),
  GlobalClusterMembers: v.optional(
    v.array(
      looseObject({ DBClusterArn: rdsArn, Readers: v.optional(v.array(rdsArn)), IsWriter: v.optional(v.boolean()) }),
    ),
  ),
});

const integration = looseObject({
  IntegrationArn: rdsArn,
  IntegrationName: rdsName.optional,
  SourceArn: optionalRdsArn,
  TargetArn: anyArn.optional,
  KMSKeyId: keyName.optional,
  Status: v.optional(v.string()),
});

const proxy = looseObject({
  DBProxyArn: rdsArn,
  DBProxyName: rdsName.optional,
  Status: v.optional(v.string()),
  EngineFamily: v.optional(v.string()),
  RoleArn: v.optional(iamArn),
  Auth: v.optional(
    v.array(
      looseObject({
        AuthScheme: v.optional(v.string()),
        SecretArn: secretArn.optional,
        IAMAuth: v.optional(v.string()),
      }),
    ),
  ),
  DefaultAuthScheme: v.optional(v.string()),
});

const accountQuota = looseObject({
  AccountQuotaName: v.string(),
  Used: v.optional(v.number()),
  Max: v.optional(v.number()),
});

const grant = looseObject({
  GrantId: grantName.optional,
  Name: grantName.optional,
  GranteePrincipal: v.optional(v.string()),
  GranteeServicePrincipal: v.optional(v.string()),
  RetiringPrincipal: v.optional(v.string()),
  IssuingAccount: v.optional(v.string()),
  Operations: v.optional(v.array(v.string())),
  Constraints: v.optional(
    looseObject({
      EncryptionContextSubset: v.optional(record(v.string(), v.string())),
      EncryptionContextEquals: v.optional(record(v.string(), v.string())),
      SourceArn: v.optional(v.string()),
    }),
  ),
});

/** One of several multi-Region keys with the same ID and key material. */
const relatedKey = looseObject({ Arn: keyArn.optional, Region: v.optional(v.string()) });

const key = looseObject({
  KeyMetadata: looseObject({
    KeyId: keyName.optional,
    Arn: keyArn.required,
    KeyState: v.optional(v.string()),
    KeyManager: v.optional(v.string()),
    KeySpec: v.optional(v.string()),
    KeyUsage: v.optional(v.string()),
    Origin: v.optional(v.string()),
    MultiRegion: v.optional(v.boolean()),
    /** KEY_MATERIAL_EXPIRES or KEY_MATERIAL_DOES_NOT_EXPIRE, only for imported key material. */
    ExpirationModel: v.optional(v.string()),
    ValidTo: v.optional(instant),
    /** When KMS deletes a key that is pending deletion. */
    DeletionDate: v.optional(instant),
    MultiRegionConfiguration: v.optional(
      looseObject({
        MultiRegionKeyType: v.optional(v.string()),
        PrimaryKey: v.optional(relatedKey),
        ReplicaKeys: v.optional(v.array(relatedKey)),
      }),
    ),
  }),
  Policy: v.optional(policyDocument),
  /** The second key policy, `AWS_RAM` (iam-evaluation 14.22). null: the key has none. */
  RamPolicy: v.optional(v.nullable(policyDocument)),
  Grants: v.optional(v.array(grant)),
  /** From kms:GetKeyLastUsage. Without an Operation: no use since the tracking began. */
  LastUsage: v.optional(
    looseObject({
      KeyLastUsage: v.optional(looseObject({ Operation: v.optional(v.string()), Timestamp: v.optional(instant) })),
      TrackingStartDate: v.optional(instant),
      KeyCreationDate: v.optional(instant),
    }),
  ),
  /** Aliases with which KMS found the key, if the list of its aliases could not be read. */
  FoundAs: v.optional(v.array(aliasName)),
  Aliases: v.optional(
    v.array(
      looseObject({
        AliasName: aliasName,
        AliasArn: keyArn.optional,
        TargetKeyId: keyName.optional,
      }),
    ),
  ),
  Tags: v.optional(v.array(looseObject({ TagKey: v.string(), TagValue: v.optional(v.string(), '') }))),
});

/** lists.ts has further facts about each list. */
const rds = looseObject({
  DBClusters: v.optional(v.array(cluster)),
  DBClusterSnapshots: v.optional(v.array(clusterSnapshot)),
  DBClusterSnapshotAttributes: v.optional(v.array(clusterSnapshotAttributes)),
  DBClusterAutomatedBackups: v.optional(v.array(clusterAutomatedBackup)),
  DBInstances: v.optional(v.array(instance)),
  DBSnapshots: v.optional(v.array(snapshot)),
  DBSnapshotAttributes: v.optional(v.array(snapshotAttributes)),
  DBInstanceAutomatedBackups: v.optional(v.array(instanceAutomatedBackup)),
  ExportTasks: v.optional(v.array(exportTask)),
  GlobalClusters: v.optional(v.array(globalCluster)),
  Integrations: v.optional(v.array(integration)),
  DBProxies: v.optional(v.array(proxy)),
  /** From describe-account-attributes. */
  AccountQuotas: v.optional(v.array(accountQuota)),
});

/**
 * Names that AWS chooses have slashes: the vault `aws/efs/automatic-backup-vault` of EFS, and plans
 * such as `orgs/544033d1-b19c-3f2a-9c20-40bcfa82ca68` of an organization.
 */
const vaultName = optionalOrRequired('a name of letters, digits and /_-', /^[A-Za-z0-9/_-]+$/);
const planName = optionalOrRequired('a name of letters, digits, blanks and /._-', /^[A-Za-z0-9 /._-]+$/);
const backupId = optionalOrRequired('an ID of letters, digits and /_-', /^[A-Za-z0-9/_-]+$/);
const backupArn = optionalOrRequired(
  'an ARN of AWS Backup',
  /^arn:[a-z-]+:backup:[a-z0-9-]+:\d{12}:[a-z-]+:[A-Za-z0-9/_-]+$/,
);

const vault = looseObject({
  BackupVaultName: vaultName.required,
  BackupVaultArn: backupArn.required,
  VaultType: v.optional(v.string()),
  EncryptionKeyArn: keyArn.optional,
  /** null: the vault has no access policy. */
  Policy: v.optional(v.nullable(policyDocument)),
});

/** A recovery point of RDS or Aurora in a vault. */
const recoveryPoint = looseObject({
  /** The ARN of the snapshot. */
  RecoveryPointArn: anyArn.required,
  BackupVaultName: vaultName.optional,
  ResourceArn: anyArn.optional,
  ResourceType: v.optional(v.string()),
  Status: v.optional(v.string()),
  CreationDate: v.optional(instant),
  EncryptionKeyArn: keyArn.optional,
  IamRoleArn: v.optional(iamArn),
});

const tagConditions = v.optional(v.array(looseObject({ ConditionKey: v.string(), ConditionValue: v.string() })));

const backupPlan = looseObject({
  BackupPlanId: backupId.required,
  BackupPlanArn: backupArn.optional,
  BackupPlanName: planName.optional,
  Rules: v.optional(
    v.array(
      looseObject({
        RuleName: planName.optional,
        TargetBackupVaultName: vaultName.optional,
        ScheduleExpression: v.optional(v.string()),
        CopyActions: v.optional(v.array(looseObject({ DestinationBackupVaultArn: backupArn.optional }))),
      }),
    ),
  ),
  /** The resources that the plan backs up, and the role that it uses. */
  Selections: v.optional(
    v.array(
      looseObject({
        SelectionId: backupId.required,
        SelectionName: planName.optional,
        IamRoleArn: v.optional(iamArn),
        Resources: v.optional(v.array(v.string())),
        NotResources: v.optional(v.array(v.string())),
        ListOfTags: v.optional(
          v.array(
            looseObject({
              ConditionType: v.optional(v.string()),
              ConditionKey: v.string(),
              ConditionValue: v.string(),
            }),
          ),
        ),
        Conditions: v.optional(
          looseObject({
            StringEquals: tagConditions,
            StringNotEquals: tagConditions,
            StringLike: tagConditions,
            StringNotLike: tagConditions,
          }),
        ),
      }),
    ),
  ),
});

/** AWS Backup. */
const backup = looseObject({
  BackupVaults: v.optional(v.array(vault)),
  RecoveryPoints: v.optional(v.array(recoveryPoint)),
  BackupPlans: v.optional(v.array(backupPlan)),
});

const region = looseObject({
  rds: v.optional(rds),
  backup: v.optional(backup),
  kms: v.optional(
    looseObject({
      keys: v.optional(v.array(key)),
      /**
       * `collect` sets this without --all-keys: the list has only keys that RDS resources use, and
       * others may exist.
       */
      onlyUsedKeys: v.optional(v.boolean()),
    }),
  ),
  vpcEndpointPolicies: v.optional(v.array(endpointDocument)),
});

const iam = looseObject({
  UserDetailList: v.optional(v.array(user)),
  GroupDetailList: v.optional(v.array(group)),
  RoleDetailList: v.optional(v.array(role)),
  Policies: v.optional(v.array(managedPolicy)),
});

const bucket = looseObject({
  Name: bucketName,
  BucketRegion: v.optional(v.string()),
  /** From s3api get-bucket-policy. null: the bucket has no policy. */
  Policy: v.optional(v.nullable(policyDocument)),
});

const account = looseObject({
  iam: v.optional(iam),
  /** Absent: unknown. null: the account is in no organization. */
  organization: v.optional(v.nullable(organization)),
  /** From s3api list-buckets. */
  s3: v.optional(looseObject({ Buckets: v.optional(v.array(bucket)) })),
  regions: v.optional(record(regionName, region)),
});

const gap = looseObject({
  /** The IAM action of the read that failed, such as `kms:GetKeyPolicy`. */
  what: v.string(),
  account: v.optional(v.string()),
  region: v.optional(v.string()),
  /** The ARN or name of the resource that could not be read. */
  resource: v.optional(v.string()),
  reason: v.string(),
});

export const evidenceSchema = looseObject({
  $schema: v.optional(v.string()),
  evidenceVersion: v.literal(1, 'is not 1: this release reads only version 1 of the evidence format'),
  collectedAt: v.optional(v.string()),
  caller: v.optional(looseObject({ Arn: callerArn, Account: v.optional(accountId) })),
  accounts: record(accountId, account),
  gaps: v.optional(v.array(gap)),
});

export type Evidence = v.InferOutput<typeof evidenceSchema>;
export type Account = v.InferOutput<typeof account>;
export type Region = v.InferOutput<typeof region>;
/** The name of an RDS list. */
export type RdsList = keyof typeof rds.entries;
/** The name of an AWS Backup list. */
export type BackupList = keyof typeof backup.entries;
/** The name of an IAM list. */
export type IamList = keyof typeof iam.entries;
export type User = v.InferOutput<typeof user>;
export type Group = v.InferOutput<typeof group>;
export type Role = v.InferOutput<typeof role>;
export type ManagedPolicy = v.InferOutput<typeof managedPolicy>;
export type InlinePolicy = v.InferOutput<typeof inlinePolicy>;
export type Cluster = v.InferOutput<typeof cluster>;
export type ClusterSnapshot = v.InferOutput<typeof clusterSnapshot>;
export type Instance = v.InferOutput<typeof instance>;
export type Snapshot = v.InferOutput<typeof snapshot>;
export type ClusterAutomatedBackup = v.InferOutput<typeof clusterAutomatedBackup>;
export type InstanceAutomatedBackup = v.InferOutput<typeof instanceAutomatedBackup>;
export type Key = v.InferOutput<typeof key>;
export type RecoveryPoint = v.InferOutput<typeof recoveryPoint>;
export type KeyGrant = v.InferOutput<typeof grant>;
export type Gap = v.InferOutput<typeof gap>;
/** A policy document as in the evidence: an object, JSON text or URL-encoded JSON text. */
export type PolicyDocument = v.InferOutput<typeof policyDocument>;
