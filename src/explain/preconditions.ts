import { nameOf, shortName } from '../base/arn.ts';
import { distinctNames } from '../base/names.ts';
import { capital, list } from '../base/wording.ts';
import type {
  AwsOwnedReason,
  PasswordRefusal,
  PreconditionAssumption,
  PreconditionReason,
  Quota,
  UnmetReason,
} from '../check/preconditions/reason.ts';

const passwordRefusals: Readonly<Record<PasswordRefusal, string>> = {
  'global cluster': 'the cluster belongs to a global cluster, whose members have no managed password',
  'replica cluster': 'the cluster is a replica of another cluster, which has no managed password',
  'serverless v1': 'EngineMode is serverless: Aurora Serverless v1 has no managed passwords',
  'restored engine': 'only a restore of RDS for Oracle takes a managed password',
  'multi-tenant':
    'the instance is in the multi-tenant configuration (MultiTenant), in which the passwords of its tenant databases are managed instead',
  'source of replicas': 'the instance has read replicas. With replicas, only SQL Server can have a managed password',
};

const clonesWithoutInstances = {
  'instances going': 'all DB instances of the cluster are being deleted. AWS does not publish whether they still count',
  'mode unread':
    'the cluster has no DB instances, and EngineMode was not read. Only Aurora Serverless v1 can be cloned without them',
  'engine unread':
    'the cluster has no DB instances, and Engine was not read. An Aurora cluster cannot be cloned without them',
  'other engine':
    'the cluster has no DB instances. An Aurora cluster cannot be cloned without them. For this engine, that is not established',
} as const;

const automatedIsKept =
  'the snapshot is automated: RDS deletes it itself, when its retention period is over or when its database is deleted';

type Reasons = { readonly [R in PreconditionReason as R['code']]: R };

/** A sentence, or a function that makes it from the fields of the reason. */
type Words<R> = string | ((reason: R) => string);

/** The fact that was not read comes first, because it may settle the answer. */
function awsOwnedText(text: string): Words<AwsOwnedReason> {
  return ({ isTypeRead }) =>
    isTypeRead
      ? text
      : `StorageEncryptionType was not read: the storage may be under an AWS owned key. ${capital(text)}`;
}

/** Why a precondition is met, not met or unknown, by the code of the reason. */
const reasons: { readonly [C in keyof Reasons]: Words<Reasons[C]> } = {
  // Copies of AWS Backup to another account.
  'accounts-are-in-organization': ({ organization }) => `both accounts are in ${organization}`,
  'accounts-share-no-organization': 'the accounts are not in one organization',
  'organization-unread': ({ account }) => `the organization of account ${account} was not read`,
  'vault-is-held': 'the account has the vault',
  'no-such-vault': ({ vault }) =>
    `there is no vault ${nameOf(vault)} in the Region: check --backup-vault-name and --region`,
  'copy-may-go-to-air-gapped-vault': ({ vaults }) =>
    `${vaultsOf(vaults)} ${vaults.length === 1 ? 'is' : 'are'} logically air-gapped. A copy into such a vault needs further permissions on both keys, which were not checked. AWS Backup copies no backup under aws/rds into it`,
  'vault-is-air-gapped':
    'the vault is logically air-gapped. AWS does not publish whether a backup job takes its name: StartBackupJob has another parameter for such vaults, LogicallyAirGappedBackupVaultArn',
  'vaults-unread': 'the AWS Backup vaults were not read',
  'vault-policy-unread': ({ account }) =>
    `the access policy of the destination vault in account ${account} was not read`,
  'vault-policy-allows-the-copy': ({ vaults }) => `the access policy of ${vaultsOf(vaults)} allows the copy`,
  'vault-policy-allows-no-copy': ({ vaults }) =>
    `no access policy of ${vaultsOf(vaults)} allows backup:CopyIntoBackupVault to the account of the source`,
  'vault-policies-leave-it-open': ({ vaults }) =>
    `whether the access policy of ${vaultsOf(vaults)} allows the copy depends on the vault, on conditions or on the principal that AWS Backup asks for`,
  // The state of the source.
  'status-is-suitable': ({ status }) => `Status is ${status}`,
  'status-is-unsuitable': ({ status }) => `Status is ${status}`,
  'status-unread': 'Status was not read',
  'effect-of-status-unpublished': ({ status }) =>
    `Status is ${status}; AWS does not publish whether the operation works in this status`,
  'change-of-stopped-instance-is-contradicted':
    'Status is stopped. AWS says that a stopped instance cannot be modified, and that its option group and parameter group can be changed',
  'database-lost-its-key': ({ status }) => `Status is ${status}: RDS lost access to the key and stopped the database`,
  'has-no-instances': 'the cluster has no instances',
  'has-an-instance': 'the cluster has a DB instance',
  'clone-needs-an-instance':
    'the cluster has no DB instances. Only a cluster with at least one can be cloned: create one first',
  'clone-without-instances-is-not-established': ({ because }) => clonesWithoutInstances[because],
  'instances-are-being-deleted': 'all instances of the cluster are being deleted',
  'other-instances-are-being-deleted': ({ cluster }) =>
    `all other instances of replica cluster ${cluster} are being deleted. AWS does not publish whether they still count`,
  'has-instances': ({ instances }) => `the cluster has ${instances.map((one) => one ?? 'an instance').join(', ')}`,
  'members-unread': 'DBClusterMembers was not read',
  'belongs-to-no-cluster': 'the instance belongs to no cluster',
  'belongs-to-cluster': askAboutCluster,
  'snapshot-is-the-clusters': askAboutCluster,
  'belongs-to-no-global-cluster': 'the cluster belongs to no global cluster',
  'belongs-to-global-cluster': ({ globalCluster }) =>
    `the cluster belongs to global cluster ${globalCluster}: remove the cluster from there first`,
  'other-members-of-global-cluster-unread': ({ globalCluster }) =>
    `the cluster belongs to global cluster ${globalCluster}. A cluster cannot be stopped if the global cluster has other members`,
  'has-no-replicas-and-no-global-cluster': 'the cluster has no replicas and belongs to no global cluster',
  'has-no-replicas-in-other-regions': 'the cluster has no replicas in another Region',
  'has-replicas': ({ replicas }) => `the cluster has replicas: ${replicas.join(', ')}`,
  'has-replicas-in-other-regions': 'the cluster has replicas in another Region',
  'replicas-unread': 'ReadReplicaIdentifiers was not read',
  'has-a-standby': 'MultiAZ is true',
  'has-no-standby': 'MultiAZ is false: leave out --force-failover',
  'standby-unread': 'MultiAZ was not read',
  'failover-of-cluster-instance-unpublished':
    'the instance belongs to a cluster. AWS does not publish what --force-failover does there',
  'is-a-replica': 'the source replicates another database',
  'is-no-replica': 'the source does not replicate another database',
  'global-cluster-is-left-instead': ({ globalCluster }) =>
    `the cluster belongs to global cluster ${globalCluster}: fail over the global cluster, or remove the cluster from it (RemoveFromGlobalCluster)`,
  'custom-snapshot-stays-in-its-account': ({ engine }) =>
    `Engine is ${engine}: RDS copies snapshots of RDS Custom for SQL Server only within their account`,
  'custom-snapshot-leaves-its-region': ({ engine }) =>
    `Engine is ${engine}: RDS copies snapshots of RDS Custom for SQL Server only to another Region`,
  'custom-copy-not-established': ({ engine }) =>
    `Engine is ${engine}. It is not established whether such snapshots can be copied: AWS's guide describes copies of RDS Custom for SQL Server only`,
  'custom-copy-permissions-not-checked': ({ engine }) =>
    `Engine is ${engine}. RDS Custom needs further permissions for a copy (on Amazon S3 and Amazon EC2), which this program does not check`,
  'custom-start-is-contradicted': ({ engine }) =>
    `Engine is ${engine}. AWS pages disagree on whether such instances can be started: the guide says yes, the API reference says no`,
  'no-final-snapshot-of-rds-custom': ({ engine }) =>
    `Engine is ${engine}: RDS takes no final snapshot of an instance of RDS Custom. Add --skip-final-snapshot`,
  'multi-tenant-unread': 'whether the instance is in the multi-tenant configuration (MultiTenant) was not read',
  'is-of-rds-custom': ({ engine }) => `Engine is ${engine}: RDS Custom does not support this operation`,
  'stands-alone-and-can-be-stopped': 'the instance has no replicas and is not a replica',
  'source-of-replicas-is-not-stopped': ({ replicas }) =>
    `the instance has read replicas: ${replicas.join(', ')}. Delete or promote them first`,
  'replica-is-not-stopped': 'the instance is a read replica: promote or delete it',
  'password-management-comes-with-plan':
    'the plan turns the management of the master password on or off, and only the apply shows when RDS does so',
  'source-of-replica-comes-with-plan':
    'the plan creates a replica, and the source of the replica is known only after the apply',
  'instance-replicas-unread': 'ReadReplicaDBInstanceIdentifiers was not read',
  'sql-server-multi-az-is-not-stopped': ({ engine }) =>
    `Engine is ${engine} and MultiAZ is true. SQL Server cannot be stopped in a Multi-AZ deployment`,
  'stop-is-not-established': ({ kind }) =>
    `it is not established whether a database of this kind can be stopped (${kind})`,
  'cluster-of-engine-not-established': ({ engine }) =>
    `Engine is ${engine}. It is not established whether a DB snapshot of this engine can be restored as a cluster`,
  'multi-az-unread': ({ engine }) =>
    `Engine is ${engine} and MultiAZ was not read. SQL Server cannot be stopped in a Multi-AZ deployment`,
  'is-of-multi-az-cluster': ({ engine }) => `Engine is ${engine}: Multi-AZ DB clusters do not support this operation`,
  'support-of-multi-az-cluster-unpublished': ({ engine }) =>
    `Engine is ${engine}. AWS does not publish whether Multi-AZ DB clusters support this operation`,
  'members-may-be-deleted-too':
    'the cluster has instances, and Engine was not read. The instances of a Multi-AZ DB cluster are deleted with the cluster',
  'last-instance-of-replica-cluster': ({ cluster }) =>
    `the instance is the last one of replica cluster ${cluster}: promote or delete the cluster`,
  'replica-cluster-keeps-an-instance': ({ cluster }) => `cluster ${cluster} has other instances`,
  'engine-has-no-such-status': ({ engine, status }) =>
    `Engine is ${engine} and Status is ${status}. AWS says that such a cluster ends at once if its key is lost: only a restore from a backup brings it back`,
  'password-rules-of-engine-not-established': ({ engine }) =>
    `Engine is ${engine}. The rules of RDS for managed master passwords are not established for it`,
  'cluster-unread': ({ cluster }) => `cluster ${cluster} was not read`,
  'status-allows-no-final-snapshot': ({ status }) =>
    `Status is ${status}. A final snapshot needs an available instance: wait, or add --skip-final-snapshot`,
  'no-final-snapshot-of-a-replica':
    '--to names a final snapshot, but RDS takes no final snapshot of a read replica (FinalDBSnapshotIdentifier can not be specified when deleting a replica instance)',
  'no-final-snapshot-of-a-cluster-instance':
    '--to names a final snapshot, but RDS takes no final snapshot of a cluster instance (FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance)',
  'password-is-managed': ({ engine }) =>
    `RDS manages the master password (MasterUserSecret), and Engine is ${engine}. With a managed password, only SQL Server can have replicas`,
  'password-is-managed-and-engine-unread':
    'RDS manages the master password (MasterUserSecret), and Engine was not read. With a managed password, only SQL Server can have replicas',
  'cluster-password-is-managed':
    'RDS manages the master password (MasterUserSecret). Replicas in another Region are then not supported',
  'deletion-protection-is-false': 'DeletionProtection is false',
  'deletion-protection-is-true': 'DeletionProtection is true',
  'deletion-protection-unread': 'DeletionProtection was not read',
  'keeps-automated-backups': ({ days }) => `BackupRetentionPeriod is ${days}`,
  'keeps-no-automated-backups': 'BackupRetentionPeriod is 0: the instance has no automated backups',
  'replica-needs-automated-backups': 'BackupRetentionPeriod is 0: replicas need automated backups',
  'backup-retention-unread': 'BackupRetentionPeriod was not read',
  'engine-is-exported': ({ engine }) => `Engine is ${engine}`,
  'engine-is-not-exported': ({ engine }) =>
    `Engine is ${engine}: only Aurora, MariaDB, MySQL and PostgreSQL are exported`,
  'engine-mode-is-not-supported': ({ mode, for: what }) =>
    what === 'export'
      ? `EngineMode is ${mode}: only the data of provisioned clusters is exported`
      : `EngineMode is ${mode}: a cluster of Aurora Serverless v1 cannot be cloned into another account`,
  'engine-unread': 'Engine was not read',

  // The owner of the source, and sharing.
  'belongs-to-callers-account': ({ account }) => `the owner is account ${account}`,
  'belongs-to-another-account': ({ account, callerAccount }) =>
    `the owner is account ${account}, but the principal is in account ${callerAccount}`,
  'shared-by-owner': ({ owner, user }) => `account ${owner} shares the source with ${user}`,
  'not-shared-by-owner': ({ owner, user }) => `account ${owner} does not share the source with ${user}`,
  'snapshot-type-is-shared': ({ owner, type }) => `account ${owner} shares the source (SnapshotType is ${type})`,
  'sharing-unread': ({ owner, user }) => `whether account ${owner} shares the source with ${user} was not read`,
  'engine-is-not-cloned-across-accounts': ({ engine }) =>
    `Engine is ${engine}: a cluster of another account cannot be cloned`,
  'cluster-sharing-unread': ({ owner }) => `whether account ${owner} shares the cluster through RAM was not read`,
  'snapshot-type-is-manual': 'SnapshotType is manual',
  'snapshot-is-of-aws-backup': 'AWS Backup made the snapshot',
  'snapshot-is-not-named-by-aws-backup': 'AWS Backup jobs read only recovery points, whose names begin with awsbackup:',
  'snapshot-is-of-rds': ({ snapshot }) =>
    `snapshot ${snapshot} is an automated RDS snapshot. AWS Backup jobs read only recovery points`,
  'vault-has-the-snapshot': 'an AWS Backup vault has the snapshot',
  'no-vault-has-the-snapshot': ({ snapshot }) =>
    `no AWS Backup vault has snapshot ${snapshot}. AWS Backup jobs read only recovery points`,
  'snapshot-type-is-not-manual': ({ type }) => `SnapshotType is ${type}: copy the snapshot and share the copy`,
  'automated-snapshot-is-not-deleted': automatedIsKept,
  'automated-db-snapshot-is-not-deleted': automatedIsKept,
  'recovery-point-is-not-deleted-by-rds':
    'the snapshot is an AWS Backup recovery point: delete the recovery point from its vault',
  'only-manual-snapshots-are-upgraded': ({ type }) => `SnapshotType is ${type}: copy the snapshot and upgrade the copy`,
  'is-shared-with-nobody': 'the snapshot is not shared',
  'shared-snapshot-is-not-upgraded': ({ accounts }) =>
    `the snapshot is shared with ${list(accounts, 'and')}: copy the snapshot and upgrade the copy`,
  'sharing-of-own-snapshot-unread': 'whether the snapshot is shared was not read',
  'engine-is-upgraded': ({ engine }) => `Engine is ${engine}`,
  'engine-is-not-upgraded': ({ engine }) =>
    `Engine is ${engine}. RDS upgrades DB snapshots of MySQL, MariaDB, PostgreSQL and Oracle only`,
  // Changes of a database.
  'has-a-managed-password': 'RDS manages the master password (MasterUserSecret)',
  'has-no-managed-password':
    'RDS does not manage the master password. Only a managed password can be rotated: add --manage-master-user-password first',
  'managed-password-is-not-supported': ({ because }) => passwordRefusals[because],
  'password-is-the-clusters':
    'the instance belongs to a cluster, which has the master password. AWS does not publish what this request does: modify the cluster',
  'joining-a-global-cluster-not-established':
    'the cluster joins a global cluster. AWS does not publish which calls RDS makes on the key of the primary, and the primary is not checked',
  'managed-password-of-replica-unpublished':
    'the instance is a read replica. AWS does not publish whether RDS manages the password of a read replica',
  'managed-password-beside-replicas-unpublished':
    'the cluster has replicas. AWS does not publish whether RDS then manages the password',
  'use-of-present-secret-key-unpublished':
    'RDS manages the password already. AWS does not publish whether RDS checks the key of the secret again',
  'key-of-unencrypted-backups-unpublished':
    'the source is not encrypted, as far as known. AWS does not publish whether its replicated backups take a key',
  'rotation-has-to-be-immediate': 'a cluster rotates its password only at once: add --apply-immediately',
  'secret-key-needs-management':
    '--master-user-secret-kms-key-id is given without --manage-master-user-password (A ManageMasterUserPassword value is required when MasterUserSecretKmsKeyId is specified.)',
  'secret-key-is-the-same': 'the secret already has this key',
  'secret-key-cannot-be-changed': ({ key }) =>
    `the secret of the master password is encrypted with ${key}, and its key cannot be changed`,
  'secret-key-unread': 'the key of the secret was not read',
  'insights-key-needs-insights':
    '--performance-insights-kms-key-id is given without --enable-performance-insights (Can not set PerformanceInsightsKMSKeyId without EnablePerformanceInsights)',
  'insights-key-is-the-same': 'Performance Insights already has this key',
  'insights-key-is-the-default': 'Performance Insights has the default key',
  'insights-key-cannot-be-changed': ({ key }) =>
    `Performance Insights is encrypted with ${key}, and its key cannot be changed`,
  'insights-key-is-left-out': ({ key }) =>
    `Performance Insights is encrypted with ${key}. A request that leaves the key out asks for aws/rds: add --performance-insights-kms-key-id ${key}`,
  'manager-of-insights-key-unread': ({ key }) =>
    `Performance Insights is encrypted with ${key}. Whether this is a customer managed key was not read. If it is, the request has to repeat the key`,
  'insights-unread': 'PerformanceInsightsEnabled was not read',
  'snapshot-type-unread': 'SnapshotType was not read',
  'no-kms-key-encrypts-it': 'the snapshot is not encrypted with a KMS key',
  'must-be-copied-first': copyFirst,
  'may-have-to-be-copied-first': copyFirst,
  'restore-of-shared-neptune-snapshot-is-contradicted':
    'AWS pages disagree on whether Neptune restores an encrypted snapshot of another account: the page on restoring says no, the page on sharing says yes. A copy can be restored (copy-snapshot)',
  'not-encrypted': 'the source is not encrypted',
  'encryption-unread': 'the encryption of the source was not read',
  'snapshot-of-multi-az-cluster': ({ engine }) =>
    `Engine is ${engine}: snapshots of Multi-AZ DB clusters cannot be shared`,
  'encrypted-with-tde': 'the snapshot is encrypted with TDE (TdeCredentialArn): such snapshots cannot be shared',
  'encrypted-snapshots-are-never-public': 'an encrypted snapshot cannot be shared with all accounts',
  'under-the-default-key':
    'AWS shows "Sharing snapshots encrypted with the default service key for RDS is currently not supported"',
  'snapshot-key-is-managed-by-its-account': ({ alias }) =>
    `${alias ?? 'the key of the snapshot'} is a customer managed key`,
  'manager-of-snapshot-key-unread': 'KeyManager of the key was not read',
  'sharing-of-aws-owned-unpublished': awsOwnedText(
    'AWS does not publish whether a snapshot under an AWS owned key can be shared',
  ),

  // Between Regions.
  'both-are-in-one-region': ({ region }) =>
    `both are in ${region}: choose the Region of the new resource with --region, and the Region of the source with --source-region`,
  'regions-differ': ({ from, to }) => `from ${from} to ${to}`,
  'regions-exchange': ({ from, to }) => `from ${from} to ${to}`,
  'backups-are-replicated': ({ from, to }) => `from ${from} to ${to}`,
  'regions-not-listed-for-backups': ({ from, to }) =>
    `AWS's list of Regions does not have a replication of automated backups from ${from} to ${to}`,
  'source-lies-in-another-region': ({ from, to }) =>
    `the source is in ${from}, the operation in ${to}: add --region ${from}`,
  'partitions-differ': ({ from, to }) =>
    `the Regions ${from} and ${to} are in different partitions: no snapshot can be copied between them`,
  'copy-in-china-unpublished': ({ engine }) =>
    `Engine is ${engine}. AWS does not publish whether Regions in China exchange its snapshots`,
  'china-exchanges-no-aurora-snapshots': 'Aurora snapshots are not copied to or from Regions in China',

  // The key under which the source can be restored, copied or replicated.
  'snapshot-restores-under-another-key': 'an encrypted cluster snapshot can be restored under another key',
  'unencrypted-snapshot-restores-encrypted': 'an unencrypted cluster snapshot can be restored encrypted',
  'restore-of-shared-aws-owned-unpublished': awsOwnedText(
    'AWS does not publish whether a shared snapshot under an AWS owned key can be restored',
  ),
  'restore-of-aws-owned-under-a-key-not-established': awsOwnedText(
    'it is not established whether a snapshot under an AWS owned key can be restored under another key',
  ),
  'restore-of-foreign-db-snapshot-unpublished':
    'AWS does not publish whether a cluster can be restored from an encrypted DB snapshot of another account',
  'snapshot-copies-under-another-key': 'an encrypted snapshot can be copied under another key',
  'copy-stays-unencrypted': 'AWS Backup copies an unencrypted cluster snapshot without encryption, so no key is used',
  'unencrypted-snapshot-copies-encrypted': 'an unencrypted DB snapshot can be copied encrypted',
  'copy-of-shared-aws-owned-unpublished': awsOwnedText(
    'AWS does not publish whether a shared snapshot under an AWS owned key can be copied',
  ),
  'clone-of-shared-aws-owned-unpublished': awsOwnedText(
    'AWS does not publish whether a shared cluster under an AWS owned key can be cloned',
  ),
  'export-of-shared-aws-owned-unpublished': awsOwnedText(
    'AWS does not publish whether a shared snapshot under an AWS owned key can be exported',
  ),
  'copy-of-aws-owned-under-a-key-unpublished': awsOwnedText(
    'AWS does not publish whether a snapshot under an AWS owned key can be copied under another key',
  ),
  'encrypting-copy-is-contradicted': ({ engine }) =>
    engine === 'neptune'
      ? 'AWS pages disagree on whether a copy can encrypt an unencrypted Neptune snapshot: the API reference says no, the steps for the console say yes'
      : 'AWS pages disagree on whether a copy can encrypt an unencrypted Aurora snapshot: the API reference says no, the page on encryption says yes',
  'copy-does-not-encrypt': ({ engine }) =>
    `Engine is ${engine}: a copy cannot encrypt an unencrypted snapshot. Leave out --kms-key-id, and name the key in the restore instead`,
  'cluster-restores-under-another-key': 'an encrypted cluster can be restored under another key',
  'unencrypted-source-takes-no-key': 'the source is not encrypted: leave out --kms-key-id',
  'restore-of-aws-owned-source-unpublished': awsOwnedText(
    'AWS does not publish whether a source under an AWS owned key can be restored under another key',
  ),
  'engine-differs-from-source': ({ engine, of }) => `Engine is ${engine}, but the engine of the snapshot is ${of}`,
  'compatibility-of-engine-not-established': ({ engine, of }) =>
    `Engine is ${engine}, but the engine of the snapshot is ${of}. It is not established whether these engines are compatible`,
  'edition-has-no-replicas': ({ engine }) =>
    `Engine is ${engine}. Only the Enterprise Editions of Oracle and SQL Server have read replicas`,
  'instance-profile-not-checked': ({ engine }) =>
    `Engine is ${engine}. RDS Custom needs an instance profile and further permissions, which this program does not check`,
  'replica-of-aws-owned-unpublished': awsOwnedText(
    'AWS does not publish whether a cluster under an AWS owned key can have a replica cluster under another key',
  ),
  'replica-clusters-of-engine-not-established': ({ engine }) =>
    `Engine is ${engine}. AWS documents replica clusters in another Region only for Aurora MySQL`,
  'replica-has-no-replicas': ({ engine }) =>
    `the instance is a read replica, and Engine is ${engine}. RDS makes no replica of such a replica`,
  'replica-of-replica-not-established': ({ engine }) =>
    `the instance is a read replica, and Engine is ${engine}. AWS documents replicas of replicas only for some versions`,
  'replicas-of-engine-not-established': ({ engine }) =>
    `Engine is ${engine}. It is not established which read replicas RDS Custom supports`,
  'encryption-of-multi-az-cluster-not-established':
    'an unencrypted Multi-AZ DB cluster cannot be encrypted. AWS does not say whether its snapshot can be restored encrypted',
  'replica-cannot-encrypt':
    'the source is not encrypted, so a replica cannot be encrypted: leave out --kms-key-id, or restore an encrypted copy of a snapshot',
  'replica-under-another-key-is-contradicted':
    'AWS pages disagree on whether a replica in the same Region can have another key. RDS was seen to answer: Your request does not require the KMS key parameter',

  // Which key the request names.
  'request-names-key': ({ key }) => `--kms-key-id ${key}`,
  'replica-needs-key-of-its-own': (needed) => neededKeyText('a replica in another Region', needed),
  'copy-across-regions-needs-key': (needed) => neededKeyText('a cross-Region copy', needed),
  'replicated-backups-need-key': (needed) => neededKeyText('a replication of automated backups', needed),
  'copy-across-accounts-needs-key': (needed) =>
    neededKeyText(`a copy of a snapshot of account ${needed.elsewhere.name}`, needed),
  'copy-may-need-key-of-its-own': needsKey,
  'no-key-named-for-the-account': 'the request names no key for the other account',
  'key-id-unread': 'the key of the new resource was not read (KmsKeyId)',
  'source-key-id-unread': 'the key of the source was not read (KmsKeyId)',
  'key-is-in-region': ({ region }) => region,
  'key-is-in-another-region': ({ keyRegion, region }) => `the key is in ${keyRegion}, the operation in ${region}`,
  'key-is-named-by-its-replica': ({ replicaRegion, region }) =>
    `the ARN names the replica of the key in ${replicaRegion}. AWS does not publish whether RDS then uses the key in ${region}`,

  // The key itself.
  'key-state-is-usable': ({ state }) => `KeyState is ${state}`,
  'key-state-is-not-usable': ({ state }) => `KeyState is ${state}`,
  'key-does-not-exist': ({ key }) => `KMS has no key ${key}: it was deleted, or never existed`,
  'key-material-has-expired': expiredMaterial,
  'key-material-expires-soon': ({ validTo }) =>
    `the imported key material expires at ${validTo.replace('.000Z', 'Z')} (ValidTo), within the day that this answer covers. KeyState is then PendingImport, and the key cannot be used`,
  'effect-of-expired-key-material-unpublished': (reason) =>
    `${expiredMaterial(reason)}. AWS does not publish how a ${reason.on} behaves then`,
  'key-state-is-unavailable': "KeyState is Unavailable: the principal's calls succeed, but later use of the key fails",
  'key-state-is-not-listed': ({ state }) => `KeyState is ${state}. This program does not know this state`,
  'key-state-unread': 'KeyState was not read',
  'key-unread': ({ key }) => `key ${key} was not read`,
  'aws-managed-key-is-enabled': 'AWS managed keys cannot be disabled',
  'effect-of-lost-key-unpublished': ({ on }) =>
    `KMS does not have the key. AWS does not publish how a ${on} behaves then`,
  'effect-of-key-state-unpublished': ({ state, on }) =>
    `KeyState is ${state}. AWS does not publish how a ${on} behaves then`,
  'key-spec-is-symmetric': specAndUsage,
  'key-spec-is-not-symmetric': (reason) => `${specAndUsage(reason)}: RDS supports only symmetric encryption keys`,
  'key-spec-unread': 'KeySpec was not read',
  'aws-managed-key-is-symmetric': 'AWS managed keys are symmetric',
  'key-is-managed-by-its-account': ({ account }) => `a customer managed key of account ${account}`,
  'aws-managed-key-of-another-account': ({ alias, account }) =>
    `${alias ?? 'the key'} is an AWS managed key, which only account ${account} can use`,
  'manager-of-foreign-key-unread': ({ account }) => `KeyManager of the key in account ${account} was not read`,
  'grants-are-below-the-limit': ({ grants }) => `the key has ${grants} of 50,000 grants`,
  'grants-of-source-key-are-at-the-limit': ({ grants }) =>
    `the key of the source has ${grants} grants, the most that a key can have`,
  'grants-are-above-the-usual-limit': ({ grants }) =>
    `the key has ${grants} grants, so AWS has raised its quota of 50,000. The new quota is not known`,
  'grants-are-at-the-limit': ({ grants }) => `the key has ${grants} grants, the most that a key can have`,
  'default-key-is-held': 'alias/aws/rds exists',
  'default-key-unread': 'alias/aws/rds was not read. An account that never used this key may not have it yet',

  // The account: principal, role, bucket, names and quotas.
  'root-cannot-copy': 'the root user cannot copy an encrypted snapshot of another account',
  'root-stands-for-the-account': 'the request names no principal of the account, only the account (its root user)',
  'role-is-held': 'the role exists',
  'no-such-role': ({ role }) => `the account has no role ${role}`,
  'cluster-is-multi-az': ({ engine }) => `a cluster of engine ${engine} is a Multi-AZ DB cluster`,
  'cluster-is-not-multi-az': ({ engine }) => `a cluster of engine ${engine} is not a Multi-AZ DB cluster`,
  'engine-has-aurora-replicas': ({ engine }) => `Aurora can replicate a DB instance of engine ${engine}`,
  'engine-has-no-aurora-replica': ({ engine }) => `Aurora cannot replicate a DB instance of engine ${engine}`,
  'has-replica-elsewhere': ({ replica }) => `the DB instance has a read replica in another Region: ${replica}`,
  'key-needs-encryption': 'the request names a key but does not ask for encryption: add --storage-encrypted',
  'encryption-comes-with-key': 'the request names a key and asks for encryption',
  'encryption-is-left-out': 'the request names a key and may not ask for encryption: add --storage-encrypted',
  'encryption-is-not-asked-for': 'the DB instance is encrypted: add --storage-encrypted or --kms-key-id',
  'may-have-an-aurora-replica': ({ cluster }) =>
    `cluster ${cluster} replicates the DB instance already, and an instance can have only one Aurora replica`,
  'encrypted-replica-needs-key': 'the DB instance is not encrypted: name the key for the replica with --kms-key-id',
  'need-to-ask-for-encryption-unpublished':
    'AWS does not publish whether the request must ask for encryption: add --storage-encrypted or --kms-key-id',
  'no-such-monitoring-role': ({ role }) => `the account has no role ${role}`,
  'bucket-may-be-gone': ({ bucket }) => `a plan deletes bucket ${bucket}, and only the apply shows whether it is gone`,
  'name-may-come-with-plan': ({ of }) =>
    `the name of ${shortName(of)} is known only after the apply, so it may be this name`,
  'roles-unread': ({ account }) => `the roles of account ${account} were not read`,
  'role-path-unknown': 'the ARN of the session does not show the path of the role',
  'trust-policy-allows': ({ service }) => `the trust policy allows ${service} to assume the role`,
  'rcp-denies-trust': ({ service, policies }) =>
    `resource control policy ${list(policies)} does not allow ${service} to assume the role`,
  'trust-policy-denies-monitoring': ({ service }) => `the trust policy does not allow ${service} to assume the role`,
  'trust-policy-denies': ({ service }) => `the trust policy does not allow ${service} to assume the role`,
  'trust-depends-on-conditions': ({ service }) =>
    `whether the trust policy allows ${service} to assume the role depends on its conditions`,
  'trust-policy-unread': 'the trust policy was not read',
  'trust-policy-not-understood': 'the program does not understand the trust policy',
  'bucket-region-is-the-snapshots': ({ region }) => `the bucket is in ${region}`,
  'bucket-is-in-another-region': ({ bucketRegion, region }) =>
    `the bucket is in ${bucketRegion}, the snapshot in ${region}`,
  'tde-is-not-read': ({ engine }) =>
    `the options of the option group were not read; a snapshot of ${engine} with the option TDE cannot be shared`,
  'target-option-group-may-be-needed': ({ engine }) =>
    `Engine is ${engine}. If the option group of the snapshot has a persistent option such as TDE, a copy to another Region needs --option-group-name (requires a target option group)`,
  'bucket-policy-of-another-account-unread': ({ account }) =>
    `the bucket belongs to account ${account}. Its policy has to allow the export role, which the program does not check`,
  'bucket-region-unread': 'the Region of the bucket was not read',
  'name-is-not-taken': ({ name }) => `the name ${name} is free`,
  'name-is-taken': ({ name }) => `the name ${name} is already taken`,
  'names-unread': 'the existing names were not read',
  'quota-is-not-used-up': quotaUse,
  'quota-is-used-up': quotaUse,
  'too-many-accounts': ({ accounts }) => `the snapshot would be shared with ${accounts} accounts; the maximum is 20`,
  'account-has-a-clone': ({ clone }) => `the account already has a clone of the cluster: ${clone}`,
  'too-many-clones': ({ clones }) => `other accounts have ${clones} clones of the cluster; the maximum is 15`,
};

function vaultsOf(vaults: readonly string[]): string {
  return `vault${vaults.length === 1 ? '' : 's'} ${list(distinctNames(vaults, nameOf))}`;
}

function askAboutCluster({ cluster }: Reasons['belongs-to-cluster']): string {
  return `the instance belongs to cluster ${cluster}: check the cluster (--cluster ${cluster})`;
}

function copyFirst(): string {
  return 'a DB instance cannot be restored from an encrypted snapshot of another account: copy the snapshot first (copy-snapshot)';
}

type NeededKey = Omit<Reasons['replica-needs-key-of-its-own'], 'code'>;

function needsKey({ elsewhere }: Reasons['copy-may-need-key-of-its-own']): string {
  const whose = elsewhere.in === 'account' ? `belongs to account ${elsewhere.name}` : `is in ${elsewhere.name}`;
  return `the source ${whose}, so the copy needs its own key: add --kms-key-id`;
}

function neededKeyText(what: string, { elsewhere, region, account, candidates }: NeededKey): string {
  const where = elsewhere.in === 'account' ? `of account ${account} in ${region}` : `in ${region}`;
  const shown = candidates.slice(0, mostCandidates);
  const rest = candidates.length - shown.length;
  const such =
    shown.length === 0
      ? ''
      : `, such as ${rest > 0 ? `${shown.join(', ')} or one of ${rest} more` : list(shown, 'or')}`;
  return `${what} needs a key ${where}: add --kms-key-id${such}`;
}

/** The most keys that a sentence names. */
const mostCandidates = 3;

function specAndUsage({ spec, usage }: Pick<Reasons['key-spec-is-not-symmetric'], 'spec' | 'usage'>): string {
  return [spec, usage].filter((one) => one !== undefined).join(', ');
}

/** The day is precise enough. */
function expiredMaterial({ validTo }: Pick<Reasons['key-material-has-expired'], 'validTo'>): string {
  return `the imported key material expired on ${validTo.slice(0, 10)} (ValidTo), so KeyState is PendingImport`;
}

const quotas: Readonly<Record<Quota, string>> = {
  copies: 'copies in progress',
  'manual-snapshots': 'manual snapshots',
  clusters: 'clusters',
  instances: 'DB instances',
  exports: 'exports in progress',
};

function quotaUse({ quota, used, max }: Pick<Reasons['quota-is-used-up'], 'quota' | 'used' | 'max'>): string {
  return `the account has ${used} of ${max} ${quotas[quota]}`;
}

/** Why a precondition is met, not met or unknown, as a clause without a period. */
export function reasonText(reason: PreconditionReason): string {
  return textOf(reason.code, reason);
}

function textOf<C extends keyof Reasons>(code: C, reason: Reasons[C]): string {
  const words: Words<Reasons[C]> = reasons[code];
  return typeof words === 'string' ? words : words(reason);
}

/** What is assumed if a precondition is unknown, as a clause without a period. */
export function preconditionAssumptionText(assumption: PreconditionAssumption): string {
  switch (assumption.code) {
    case 'accounts-share-an-organization':
      return `account ${assumption.account} is in the same organization, with cross-account backup switched on`;
    case 'vault-holds-the-snapshot':
      return `an AWS Backup vault holds ${assumption.snapshot} (jobs read only recovery points: awsbackup:...)`;
    case 'vault-is-there':
      return `AWS Backup has the vault ${nameOf(assumption.vault)} (the vaults were not read)`;
    case 'role-is-there':
      return `role ${nameOf(assumption.role)} exists (the roles were not read)`;
    case 'vault-policy-lets-the-copy-in':
      return `the access policy of the destination vault in account ${assumption.account} allows backup:CopyIntoBackupVault (not read)`;
    case 'control-policies-unread': {
      const { kind, of, why } = assumption;
      const unread = [of, why ?? ''].filter((part) => part !== '').join(': ');
      return `no ${kind === 'scp' ? 'SCP' : 'RCP'} blocks this (not read: ${unread})`;
    }
    case 'copied-by-a-user-or-role':
      return 'a user or role makes the copy, not the root user (the request names only the account)';
    case 'engine-is-suitable':
      return 'the engine supports the operation (Engine was not read)';
    case 'engine-can-be-exported':
      return 'the engine can be exported (Engine was not read)';
    case 'cluster-has-no-replicas':
      return 'the cluster has no replicas (ReadReplicaIdentifiers was not read)';
    case 'key-is-used-before-its-material-expires':
      return `the operation uses the key before the imported key material expires at ${assumption.validTo.replace('.000Z', 'Z')} (ValidTo)`;
    case 'clone-needs-no-instance':
      return 'the cluster can be cloned without DB instances (EngineMode was not read)';
    case 'cluster-is-not-empty':
      return 'the cluster has a DB instance (DBClusterMembers was not read)';
    case 'cluster-has-no-replicas-abroad':
      return 'the cluster has no replicas in another Region (ReadReplicaIdentifiers was not read)';
    case 'instance-has-no-replicas':
      return 'the DB instance has no replicas (ReadReplicaDBInstanceIdentifiers was not read)';
    case 'cluster-is-no-multi-az-cluster':
      return 'the cluster is not a Multi-AZ DB cluster (Engine was not read)';
    case 'cluster-is-no-replica':
      return `cluster ${assumption.cluster} is not a replica (the cluster was not read)`;
    case 'default-key-is-there-or-created':
      return 'the account has alias/aws/rds, or RDS creates this key (not read)';
    case 'key-alone-asks-for-encryption':
      return 'the request asks for encryption, because it names a key (--storage-encrypted is left out)';
    case 'account-has-key-of-its-own':
      return `account ${assumption.account} has its own key for the copy (the request names none)`;
    case 'unread-key-is-enabled':
      return `the key is enabled (${reasonText(assumption.because)})`;
    case 'available-database-has-its-key': {
      const noun = assumption.database === 'db' ? 'DB instance' : 'cluster';
      return `the key is enabled, because the ${noun} is available (${reasonText(assumption.because)})`;
    }
    case 'role-trusts-the-caller-service':
      return `the role ${assumption.role} trusts ${assumption.service} (the trust policy was not read)`;
    case 'bucket-is-in-the-snapshots-region':
      return `bucket ${assumption.bucket} is in ${assumption.region} (the Region of the bucket was not read)`;
    case 'new-name-is-free':
      return `the name ${assumption.name} is free (the existing names were not read)`;
  }
}

const monitoringRefusal =
  'IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING';

type Unmet = { readonly [R in UnmetReason as R['code']]: R };

/**
 * The text that AWS shows if a precondition is not met, as far as it is published or was observed
 * (rds-kms-operations 2.2, rds-kms-operations-2 2, 4, 12.3, 12.5, 14.1, 14.5).
 */
const published: { readonly [C in keyof Unmet]?: Words<Unmet[C]> } = {
  'automated-snapshot-is-not-deleted': 'Only manual snapshots may be deleted.',
  'automated-db-snapshot-is-not-deleted': 'automated snapshots cannot be deleted.',
  'has-instances': 'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
  'snapshot-is-the-clusters':
    'The specified instance is a member of a cluster and a snapshot cannot be created directly.',
  'belongs-to-global-cluster': 'This cluster is a part of a global cluster, please remove it from globalcluster first',
  'last-instance-of-replica-cluster':
    'Cannot delete the last instance of the read replica DB cluster. Promote the DB cluster to a standalone DB cluster in order to delete it.',
  'status-allows-no-final-snapshot': ({ instance }) =>
    `Cannot create a snapshot because the database instance ${instance} is not currently in the available state.`,
  'insights-key-cannot-be-changed': "You can't change your Performance Insights KMS key.",
  'insights-key-is-left-out': "You can't change your Performance Insights KMS key.",
  'no-such-monitoring-role': monitoringRefusal,
  'trust-policy-denies-monitoring': monitoringRefusal,
  'replica-needs-automated-backups':
    'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
  'password-is-managed': ({ engine }) =>
    `Creating read replicas for source instance with engine ${engine} where ManageMasterUserPassword is enabled is not supported.`,
  'replica-needs-key-of-its-own': 'Cannot create a cross region unencrypted read replica from encrypted source.',
  'replicated-backups-need-key': 'Encrypted instances require a valid KMS key ID',
  'copy-across-regions-needs-key': 'Must specify new KMS key for cross region encrypted snapshot copy.',
};

/** AWS's text for a precondition that is not met. Undefined: the text is not published. */
export function publishedText(reason: UnmetReason): string | undefined {
  return publishedOf(reason.code, reason);
}

function publishedOf<C extends keyof Unmet>(code: C, reason: Unmet[C]): string | undefined {
  const words = published[code];
  return typeof words === 'function' ? words(reason) : words;
}
