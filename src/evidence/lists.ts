import { isJson, isList } from '../base/json.ts';
import type { PreconditionCode } from '../operations/operation.ts';
import type { SourceType } from '../operations/source-flags.ts';
import type { BackupList, IamList, RdsList } from './schema.ts';

/*
 * What the program knows about each list of the evidence in addition to its shape: the identity of
 * its items, whether their order matters, which texts are not names, who reads the list, and with
 * which command. Merging, saving, loading, anonymizing, the inventory, the recipe and the reading
 * policy all follow this table. So a new list needs a row here, its shape in schema.ts and its read
 * in collect/. The table is separate from the Valibot schema, because the program must start
 * without Valibot, and because names and actions of a plain table are typed.
 * test/evidence/lists.test.ts compares the two.
 */

/**
 * The fields of an object, or of each item of a list. They also apply to nested objects without a
 * row.
 */
export interface Fields {
  /** Fields with AWS's own words, times and numbers. The anonymizer replaces all other texts. */
  readonly words?: readonly string[];
  /** Fields that hold a policy document. */
  readonly policies?: readonly string[];
  /** Fields with an answer of AWS, as code and text. The anonymizer keeps the code. */
  readonly answers?: readonly string[];
  /**
   * The property names of the object are names that somebody chose, unless they begin with `aws:`.
   */
  readonly names?: true;
  readonly lists?: Readonly<Record<string, List>>;
  readonly objects?: Readonly<Record<string, Fields>>;
  /** Every property is an object with these fields, as for accounts and Regions. */
  readonly each?: Fields;
  /**
   * Two files must agree about the object. Without this, the object is merged property by property.
   */
  readonly whole?: true;
}

/** A list. `Fields` describes its items. */
export interface List extends Fields {
  /**
   * The field that identifies items, as a path with dots. Without one, full items are compared,
   * such as texts.
   */
  readonly identity?: string;
  /** The identity may also be given as an ARN. */
  readonly orArn?: true;
  /** The order matters. Without this, AWS returns the items in any order. */
  readonly ordered?: true;
  /**
   * Two files may have different parts of an item, which are merged property by property. Without
   * this, two files must agree about an item.
   */
  readonly inParts?: true;
  /** Each file may have only some of the items. They are joined. */
  readonly some?: true;
}

/** How something is read. */
export interface ListRead {
  /** The IAM action that the command needs. */
  readonly action: `${string}:${string}`;
  /** The AWS CLI command that prints it as in the evidence, without --region and --key-id. */
  readonly command: string;
  /** What reads it: live checks as well, or only `collect`. */
  readonly modes: readonly ('check' | 'collect')[];
}

export interface Counted {
  /**
   * The noun with which the inventory counts the items. Lists with the same noun are counted
   * together.
   */
  readonly noun?: string;
}

const texts = {} satisfies List;
const tags = { identity: 'Key' } satisfies List;
const inlinePolicies = { identity: 'PolicyName', policies: ['PolicyDocument'] } satisfies List;
const attachedPolicies = { identity: 'PolicyArn' } satisfies List;
const namedPolicies = { identity: 'name', policies: ['document'] } satisfies List;
const encryptionContext = { names: true } satisfies Fields;

interface IamRow extends List, Counted {
  /** The items can be principals of a request. */
  readonly act?: true;
  /**
   * The part of the output of `iamRead` that the list keeps. IAM leaves out inline policies and
   * tags if there are none.
   */
  readonly query: string;
}

/** `accounts.<id>.iam` */
const iamLists = {
  UserDetailList: {
    identity: 'Arn',
    noun: 'user',
    act: true,
    query: 'UserDetailList[].merge({UserPolicyList: `[]`, Tags: `[]`}, @)',
    words: ['PermissionsBoundaryType'],
    lists: { UserPolicyList: inlinePolicies, GroupList: texts, AttachedManagedPolicies: attachedPolicies, Tags: tags },
  },
  GroupDetailList: {
    identity: 'Arn',
    noun: 'group',
    query: 'GroupDetailList',
    lists: { GroupPolicyList: inlinePolicies, AttachedManagedPolicies: attachedPolicies },
  },
  RoleDetailList: {
    identity: 'Arn',
    noun: 'role',
    act: true,
    query: 'RoleDetailList[].merge({RolePolicyList: `[]`, Tags: `[]`}, @)',
    words: ['PermissionsBoundaryType'],
    policies: ['AssumeRolePolicyDocument'],
    lists: { RolePolicyList: inlinePolicies, AttachedManagedPolicies: attachedPolicies, Tags: tags },
  },
  Policies: {
    identity: 'Arn',
    noun: 'managed policy',
    // Only the default version counts.
    query: 'Policies[].merge(@, {PolicyVersionList: PolicyVersionList[?IsDefaultVersion]})',
    words: ['DefaultVersionId'],
    lists: {
      PolicyVersionList: { identity: 'VersionId', ordered: true, words: ['VersionId'], policies: ['Document'] },
    },
  },
} as const satisfies Readonly<Record<IamList, IamRow>>;

type Rows<Row> = readonly (readonly [name: string, row: Row])[];

export const iamRows: Rows<IamRow> = Object.entries(iamLists);

/** One command reads all IAM lists. */
export const iamRead = {
  action: 'iam:GetAccountAuthorizationDetails',
  command: `aws iam get-account-authorization-details --query '{${iamRows
    .map(([name, { query }]) => `${name}: ${query}`)
    .join(', ')}}'`,
  modes: ['collect'],
} as const satisfies ListRead;

/** The commands that check a full account. */
interface EstateUse {
  readonly commands: readonly ('audit' | 'key-impact')[];
}

/** Names an item of another list on a command line. */
export interface ItemOf {
  readonly list: RdsList;
  readonly flag: string;
  /** The AWS CLI command that prints the names of the items. */
  readonly names: string;
}

export interface RdsRow extends List, ListRead, Counted {
  /** The purpose of the list: sources of a type, preconditions, or commands that are not checks. */
  readonly use: { readonly type: SourceType } | { readonly preconditions: readonly PreconditionCode[] } | EstateUse;
  /** Fields that name a key other than the key of the storage (`KmsKeyId`), as paths with dots. */
  readonly otherKeys?: readonly string[];
  /** A second command that prints more items of the list. */
  readonly more?: string;
  /** The command reads the part of one item of another list. */
  readonly itemOf?: ItemOf;
}

/** Whether no check needs the list, so that only `collect` reads it. */
export function isForNoCheck(use: RdsRow['use']): use is EstateUse {
  return 'commands' in use;
}

const stored = ['Status', 'Engine', 'EngineVersion', 'StorageEncryptionType'] as const;
const masterUserSecret = { MasterUserSecret: { words: ['SecretStatus'] } } satisfies Readonly<Record<string, Fields>>;
const monitoring = ['DatabaseInsightsMode', 'ActivityStreamStatus', 'ActivityStreamMode'] as const;
const otherKeys = ['MasterUserSecret.KmsKeyId', 'PerformanceInsightsKMSKeyId', 'ActivityStreamKmsKeyId'] as const;
const replications = { identity: 'DBInstanceAutomatedBackupsArn' } satisfies List;
const window = ['EarliestTime', 'LatestTime'] as const;
const both = ['check', 'collect'] as const;

/** `accounts.<id>.regions.<Region>.rds` */
export const rdsLists = {
  DBClusters: {
    identity: 'DBClusterArn',
    noun: 'cluster',
    use: { type: 'cluster' },
    action: 'rds:DescribeDBClusters',
    command: 'aws rds describe-db-clusters --query DBClusters',
    modes: both,
    words: [...stored, ...monitoring, 'EngineMode', 'ClusterCreateTime', 'LatestRestorableTime'],
    otherKeys,
    objects: masterUserSecret,
    lists: { DBClusterMembers: { identity: 'DBInstanceIdentifier' }, ReadReplicaIdentifiers: texts, TagList: tags },
  },
  DBClusterSnapshots: {
    identity: 'DBClusterSnapshotArn',
    noun: 'cluster snapshot',
    use: { type: 'cluster-snapshot' },
    action: 'rds:DescribeDBClusterSnapshots',
    command: 'aws rds describe-db-cluster-snapshots --include-shared --query DBClusterSnapshots',
    modes: both,
    words: [...stored, 'SnapshotType', 'ClusterCreateTime', 'SnapshotCreateTime'],
    lists: { TagList: tags },
  },
  DBInstances: {
    identity: 'DBInstanceArn',
    noun: 'DB instance',
    use: { type: 'db' },
    action: 'rds:DescribeDBInstances',
    command: 'aws rds describe-db-instances --query DBInstances',
    modes: both,
    words: [
      ...stored,
      ...monitoring,
      ...(['DBInstanceStatus', 'DBInstanceClass', 'InstanceCreateTime', 'LatestRestorableTime'] as const),
    ],
    otherKeys,
    objects: masterUserSecret,
    lists: {
      ReadReplicaDBInstanceIdentifiers: texts,
      ReadReplicaDBClusterIdentifiers: texts,
      DBInstanceAutomatedBackupsReplications: replications,
      DBParameterGroups: { identity: 'DBParameterGroupName' },
      OptionGroupMemberships: { identity: 'OptionGroupName' },
      TagList: tags,
    },
  },
  DBSnapshots: {
    identity: 'DBSnapshotArn',
    noun: 'DB snapshot',
    use: { type: 'snapshot' },
    action: 'rds:DescribeDBSnapshots',
    command: `aws rds describe-db-snapshots --include-shared --query "DBSnapshots[?SnapshotType!='awsbackup']"`,
    // RDS does not list the DB snapshots of AWS Backup by default.
    more: 'aws rds describe-db-snapshots --snapshot-type awsbackup --query DBSnapshots',
    modes: both,
    words: [...stored, 'SnapshotType', 'SnapshotCreateTime', 'OriginalSnapshotCreateTime'],
    lists: { TagList: tags },
  },
  DBClusterAutomatedBackups: {
    identity: 'DBClusterAutomatedBackupsArn',
    noun: 'automated backup',
    use: { type: 'cluster-auto-backup' },
    action: 'rds:DescribeDBClusterAutomatedBackups',
    command:
      "aws rds describe-db-cluster-automated-backups --query 'DBClusterAutomatedBackups[?DBClusterAutomatedBackupsArn]'",
    modes: both,
    words: [...stored, ...window, 'ClusterCreateTime'],
  },
  DBInstanceAutomatedBackups: {
    identity: 'DBInstanceAutomatedBackupsArn',
    noun: 'automated backup',
    use: { type: 'auto-backup' },
    action: 'rds:DescribeDBInstanceAutomatedBackups',
    command:
      "aws rds describe-db-instance-automated-backups --query 'DBInstanceAutomatedBackups[?DBInstanceAutomatedBackupsArn]'",
    modes: both,
    words: [...stored, ...window],
    lists: { DBInstanceAutomatedBackupsReplications: replications },
  },
  ExportTasks: {
    identity: 'ExportTaskIdentifier',
    use: { preconditions: ['export-tasks-are-below-the-quota'] },
    action: 'rds:DescribeExportTasks',
    command: 'aws rds describe-export-tasks --query ExportTasks',
    modes: ['collect'],
    words: ['Status'],
    otherKeys: ['KmsKeyId'],
  },
  GlobalClusters: {
    identity: 'GlobalClusterIdentifier',
    noun: 'global cluster',
    use: { commands: ['key-impact'] },
    action: 'rds:DescribeGlobalClusters',
    command: 'aws rds describe-global-clusters --query GlobalClusters',
    modes: ['collect'],
    words: ['Status', 'Engine', 'EngineVersion'],
    lists: { GlobalClusterMembers: { identity: 'DBClusterArn', lists: { Readers: texts } } },
  },
  Integrations: {
    identity: 'IntegrationArn',
    noun: 'integration',
    use: { commands: ['key-impact'] },
    action: 'rds:DescribeIntegrations',
    command: 'aws rds describe-integrations --query Integrations',
    modes: ['collect'],
    words: ['Status'],
    otherKeys: ['KMSKeyId'],
  },
  DBProxies: {
    identity: 'DBProxyArn',
    noun: 'RDS proxy',
    use: { commands: ['key-impact'] },
    action: 'rds:DescribeDBProxies',
    command: 'aws rds describe-db-proxies --query DBProxies',
    modes: ['collect'],
    words: ['Status', 'EngineFamily', 'DefaultAuthScheme'],
    lists: { Auth: { identity: 'SecretArn', words: ['AuthScheme', 'IAMAuth'] } },
  },
  AccountQuotas: {
    identity: 'AccountQuotaName',
    use: {
      preconditions: [
        'manual-snapshots-are-below-the-quota',
        'clusters-are-below-the-quota',
        'instances-are-below-the-quota',
      ],
    },
    action: 'rds:DescribeAccountAttributes',
    command: 'aws rds describe-account-attributes --query AccountQuotas',
    modes: both,
    words: ['AccountQuotaName'],
  },
  DBClusterSnapshotAttributes: {
    identity: 'DBClusterSnapshotIdentifier',
    orArn: true,
    use: { preconditions: ['snapshot-is-shared-with-the-account'] },
    itemOf: {
      list: 'DBClusterSnapshots',
      flag: '--db-cluster-snapshot-identifier',
      names:
        "aws rds describe-db-cluster-snapshots --snapshot-type manual --query 'DBClusterSnapshots[].DBClusterSnapshotIdentifier'",
    },
    action: 'rds:DescribeDBClusterSnapshotAttributes',
    command: 'aws rds describe-db-cluster-snapshot-attributes --query DBClusterSnapshotAttributesResult',
    modes: both,
    lists: {
      DBClusterSnapshotAttributes: {
        identity: 'AttributeName',
        words: ['AttributeName'],
        lists: { AttributeValues: texts },
      },
    },
  },
  DBSnapshotAttributes: {
    identity: 'DBSnapshotIdentifier',
    orArn: true,
    use: { preconditions: ['snapshot-is-shared-with-the-account'] },
    itemOf: {
      list: 'DBSnapshots',
      flag: '--db-snapshot-identifier',
      names: "aws rds describe-db-snapshots --snapshot-type manual --query 'DBSnapshots[].DBSnapshotIdentifier'",
    },
    action: 'rds:DescribeDBSnapshotAttributes',
    command: 'aws rds describe-db-snapshot-attributes --query DBSnapshotAttributesResult',
    modes: both,
    lists: {
      DBSnapshotAttributes: {
        identity: 'AttributeName',
        words: ['AttributeName'],
        lists: { AttributeValues: texts },
      },
    },
  },
} as const satisfies Readonly<Record<RdsList, RdsRow>>;

export const rdsRows: Rows<RdsRow> = Object.entries(rdsLists);

export interface BackupRow extends List, ListRead, Counted {
  /**
   * The commands that need the list. Operations of AWS Backup also use some of these lists, and
   * assume what was not read.
   */
  readonly use: EstateUse;
  /** The flag that names the vault: the command prints the contents of one vault. */
  readonly vaultFlag?: string;
}

/** Several conditions may be about the same tag. */
const tagConditions = { ordered: true } satisfies List;

/** `accounts.<id>.regions.<Region>.backup` */
export const backupLists = {
  BackupVaults: {
    identity: 'BackupVaultName',
    noun: 'backup vault',
    use: { commands: ['audit', 'key-impact'] },
    action: 'backup:ListBackupVaults',
    command: 'aws backup list-backup-vaults --query BackupVaultList',
    modes: ['collect'],
    // Reading an access policy needs a permission of its own.
    inParts: true,
    words: ['VaultType'],
    policies: ['Policy'],
  },
  RecoveryPoints: {
    identity: 'RecoveryPointArn',
    noun: 'recovery point',
    use: { commands: ['audit', 'key-impact'] },
    vaultFlag: '--backup-vault-name',
    action: 'backup:ListRecoveryPointsByBackupVault',
    command: 'aws backup list-recovery-points-by-backup-vault --query RecoveryPoints',
    modes: ['collect'],
    words: ['Status', 'ResourceType', 'CreationDate'],
  },
  BackupPlans: {
    identity: 'BackupPlanId',
    noun: 'backup plan',
    use: { commands: ['audit'] },
    action: 'backup:ListBackupPlans',
    command: 'aws backup list-backup-plans --query BackupPlansList',
    modes: ['collect'],
    lists: {
      Rules: {
        identity: 'RuleName',
        words: ['ScheduleExpression'],
        lists: { CopyActions: { identity: 'DestinationBackupVaultArn' } },
      },
      Selections: {
        identity: 'SelectionId',
        lists: { Resources: texts, NotResources: texts, ListOfTags: { ...tagConditions, words: ['ConditionType'] } },
        objects: {
          Conditions: {
            lists: {
              StringEquals: tagConditions,
              StringNotEquals: tagConditions,
              StringLike: tagConditions,
              StringNotLike: tagConditions,
            },
          },
        },
      },
    },
  },
} as const satisfies Readonly<Record<BackupList, BackupRow>>;

export const backupRows: Rows<BackupRow> = Object.entries(backupLists);

/** The types of resources whose recovery points are read, as AWS Backup names them. */
export const recoveryPointTypes = ['RDS', 'Aurora'] as const;

/** Further data of each vault and each plan. */
export const backupParts = {
  Policy: {
    action: 'backup:GetBackupVaultAccessPolicy',
    command: 'aws backup get-backup-vault-access-policy --query Policy',
    modes: ['collect'],
  },
  Rules: {
    action: 'backup:GetBackupPlan',
    command: 'aws backup get-backup-plan --query BackupPlan.Rules',
    modes: ['collect'],
  },
  SelectionIds: {
    action: 'backup:ListBackupSelections',
    command: "aws backup list-backup-selections --query 'BackupSelectionsList[].SelectionId'",
    modes: ['collect'],
  },
  Selections: {
    action: 'backup:GetBackupSelection',
    command: "aws backup get-backup-selection --query 'merge(BackupSelection,{SelectionId:SelectionId})'",
    modes: ['collect'],
  },
} as const satisfies Readonly<Record<string, ListRead>>;

/** All reads of AWS Backup. */
export const backupReads: readonly ListRead[] = [...Object.values(backupLists), ...Object.values(backupParts)];

export interface KeyRow extends ListRead {
  /**
   * The resources of the action in the reading policy: keys, or `*` for an action without a
   * resource.
   */
  readonly on: 'keys' | '*';
  /** The error with which AWS says that there is none. The evidence then has null. */
  readonly noneIs?: string;
}

/** The lists of `accounts.<id>.regions.<Region>.kms.keys[]` */
const keyLists = {
  Grants: {
    action: 'kms:ListGrants',
    command: 'aws kms list-grants --query Grants',
    modes: both,
    on: 'keys',
    identity: 'GrantId',
    words: ['GranteeServicePrincipal', 'Operations'],
    lists: { Operations: texts },
    objects: { EncryptionContextSubset: encryptionContext, EncryptionContextEquals: encryptionContext },
  },
  Aliases: {
    action: 'kms:ListAliases',
    command: 'aws kms list-aliases --query Aliases',
    modes: both,
    on: '*',
    identity: 'AliasName',
  },
  Tags: {
    action: 'kms:ListResourceTags',
    command: 'aws kms list-resource-tags --query Tags',
    modes: both,
    on: 'keys',
    identity: 'TagKey',
  },
} as const satisfies Readonly<Record<string, List & KeyRow>>;

/** The data of each key, apart from its description. */
export const keyParts = {
  Policy: {
    action: 'kms:GetKeyPolicy',
    command: 'aws kms get-key-policy --policy-name default --query Policy',
    modes: both,
    on: 'keys',
  },
  /** The second key policy, which Resource Access Manager manages (iam-evaluation 14.22). */
  RamPolicy: {
    action: 'kms:GetKeyPolicy',
    command: 'aws kms get-key-policy --policy-name AWS_RAM --query Policy',
    modes: both,
    on: 'keys',
    noneIs: 'NotFoundException',
  },
  ...keyLists,
} as const satisfies Readonly<Record<string, KeyRow>>;

export const keyRows: Rows<KeyRow> = Object.entries(keyParts);

const relatedKey = { identity: 'Arn', words: ['Region'] } satisfies List;

const keyMetadata = {
  words: ['KeyState', 'KeyManager', 'KeySpec', 'KeyUsage', 'Origin', 'ExpirationModel', 'ValidTo', 'DeletionDate'],
  objects: {
    MultiRegionConfiguration: {
      words: ['MultiRegionKeyType'],
      lists: { ReplicaKeys: relatedKey },
      objects: { PrimaryKey: relatedKey },
    },
  },
} satisfies Fields;

const lastUsage = {
  words: ['TrackingStartDate', 'KeyCreationDate'],
  objects: { KeyLastUsage: { words: ['Operation', 'Timestamp'] } },
} satisfies Fields;

/** The IAM actions that read the lists. */
export type ListAction =
  | (typeof iamRead)['action']
  | (typeof rdsLists)[RdsList]['action']
  | (typeof backupLists)[BackupList]['action']
  | (typeof backupParts)[keyof typeof backupParts]['action']
  | (typeof keyParts)[keyof typeof keyParts]['action'];

const account: Fields = {
  objects: {
    iam: { lists: iamLists },
    organization: {
      whole: true,
      lists: { path: { ordered: true, words: ['type'], lists: { scps: namedPolicies, rcps: namedPolicies } } },
    },
    s3: { lists: { Buckets: { identity: 'Name', words: ['BucketRegion'], policies: ['Policy'] } } },
    regions: {
      each: {
        objects: {
          rds: { lists: rdsLists },
          backup: { lists: backupLists },
          kms: {
            lists: {
              keys: {
                identity: 'KeyMetadata.Arn',
                // Describing a key, and reading its policy, aliases or grants, each needs a
                // permission of its own.
                inParts: true,
                objects: { KeyMetadata: keyMetadata, LastUsage: lastUsage },
                policies: ['Policy', 'RamPolicy'],
                lists: { ...keyLists, FoundAs: { some: true } },
              },
            },
          },
        },
        lists: { vpcEndpointPolicies: namedPolicies },
      },
    },
  },
};

/** The complete evidence. */
export const evidenceFields: Fields = {
  words: ['$schema', 'evidenceVersion', 'collectedAt'],
  lists: { gaps: { ordered: true, words: ['what', 'region'], answers: ['reason'] } },
  objects: { accounts: { names: true, each: account } },
};

/**
 * The fields of an object that is a property of another. Undefined: the table has no row for it.
 */
export function fieldsWithin(fields: Fields, name: string): Fields | undefined {
  return own(fields.objects, name) ?? fields.each;
}

/** The row of a list. Undefined: the table has none. */
export function listWithin({ lists }: Fields, name: string): List | undefined {
  return own(lists, name);
}

/** Names come from files, so only own properties of the table count. */
function own<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The identity of an item in a list. Undefined: the table or the item has none. */
export function identityIn({ identity }: List, item: unknown): string | undefined {
  return identity === undefined ? undefined : textAt(item, identity);
}

/** A text that identifies an item of a list: its identity, or else all its content. */
export function identityOf(list: List, item: unknown): string {
  return identityIn(list, item) ?? JSON.stringify(item);
}

/**
 * The keys that encrypt the items of a list, according to RDS. `paths`: the fields that name the
 * keys; by default, the key of the storage.
 */
export function keyIdsIn(list: unknown, paths: readonly string[] = ['KmsKeyId']): readonly string[] {
  if (!isList(list)) return [];
  return list.flatMap((item) => paths.flatMap((path) => textAt(item, path) || []));
}

function textAt(item: unknown, path: string): string | undefined {
  let found = item;
  for (const name of path.split('.')) found = isJson(found) ? found[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}
