import { list } from '../base/wording.ts';
import type { PreconditionAssumption, PreconditionReason, Quota, UnmetReason } from '../check/preconditions/reason.ts';
import type { PreconditionCode } from '../operations/operation.ts';

/** What has to be the case, by the code of the precondition. */
const names: Readonly<Record<PreconditionCode, string>> = {
  'accounts-are-in-one-organization': 'accounts are in one organization',
  'vault-lets-the-copy-in': 'destination vault lets the copy in',
  'snapshot-is-available': 'snapshot is available',
  'snapshot-is-shared-with-the-account': 'snapshot is shared with the account',
  'snapshot-is-a-recovery-point': 'snapshot is a recovery point',
  'snapshot-is-manual': 'snapshot is manual',
  'shared-snapshot-is-copied-first': 'shared snapshot is copied first',
  'principal-is-a-user-or-role': 'principal is a user or role',
  'snapshot-can-be-restored-under-the-key': 'snapshot can be restored under the key',
  'snapshot-can-be-copied-under-the-key': 'snapshot can be copied under the key',
  'snapshot-can-be-shared': 'snapshot can be shared',
  'cluster-is-available': 'cluster is available',
  'cluster-is-stopped': 'cluster is stopped',
  'cluster-can-be-stopped': 'cluster can be stopped',
  'cluster-is-shared-with-the-account': 'cluster is shared with the account',
  'cluster-holds-no-instances': 'cluster holds no instances',
  'cluster-stands-alone': 'cluster stands alone',
  'cluster-keeps-an-instance': 'cluster keeps an instance',
  'source-is-of-no-multi-az-cluster': 'source is of no Multi-AZ DB cluster',
  'instance-is-available': 'instance is available',
  'instance-is-stopped': 'instance is stopped',
  'instance-is-no-member-of-a-cluster': 'instance is no member of a cluster',
  'instance-can-be-stopped': 'instance can be stopped',
  'source-password-is-not-managed': 'source password is not managed',
  'source-engine-has-replicas': 'source engine has replicas',
  'final-snapshot-can-be-named': 'final snapshot can be named',
  'deletion-protection-is-off': 'deletion protection is off',
  'source-can-be-restored-to-a-point-in-time': 'source can be restored to a point in time',
  'instance-has-automated-backups': 'instance has automated backups',
  'source-can-be-restored-under-the-key': 'source can be restored under the key',
  'source-can-be-replicated-under-the-key': 'source can be replicated under the key',
  'source-can-be-exported': 'source can be exported',
  'source-is-in-the-callers-account': "source is in the caller's account",
  'source-is-in-the-region': 'source is in the Region',
  'source-is-in-another-region': 'source is in another Region',
  'regions-exchange-snapshots': 'Regions exchange snapshots',
  'key-is-named': 'key is named',
  'key-is-in-the-region': 'key is in the Region',
  'key-is-enabled': 'key is enabled',
  'key-is-symmetric': 'key is symmetric',
  'key-can-be-used-by-the-account': 'key can be used by the account',
  'key-takes-another-grant': 'key takes another grant',
  'source-key-is-enabled': 'source key is enabled',
  'source-key-can-be-used-by-the-account': 'source key can be used by the account',
  'secret-key-is-enabled': 'secret key is enabled',
  'default-key-exists': 'default key exists',
  'role-exists': 'role exists',
  'role-trusts-the-service': 'role trusts the service',
  'role-is-in-the-callers-account': "role is in the caller's account",
  'bucket-is-in-the-region': 'bucket is in the Region',
  'name-is-free': 'name is free',
  'copies-in-progress-are-below-the-quota': 'copies in progress are below the quota',
  'manual-snapshots-are-below-the-quota': 'manual snapshots are below the quota',
  'clusters-are-below-the-quota': 'clusters are below the quota',
  'instances-are-below-the-quota': 'instances are below the quota',
  'export-tasks-are-below-the-quota': 'export tasks are below the quota',
  'accounts-are-below-the-quota': 'accounts are below the quota',
  'clones-are-below-the-quota': 'clones are below the quota',
};

/** The words for a precondition, as a statement without full stop: "key is enabled". */
export function preconditionName(code: PreconditionCode): string {
  return names[code];
}

type Reasons = { readonly [R in PreconditionReason as R['code']]: R };

/** A sentence, or how it is made of what the reason holds. */
type Words<R> = string | ((reason: R) => string);

/** Why a precondition is met, is not met or is unknown, by the code of the reason. */
const reasons: { readonly [C in keyof Reasons]: Words<Reasons[C]> } = {
  // Copies of AWS Backup to another account.
  'accounts-are-in-organization': ({ organization }) => `both accounts are in ${organization}`,
  'accounts-share-no-organization': 'the accounts are not in one organization',
  'organization-unread': ({ account }) => `the organization of account ${account} was not read`,
  'vault-policy-unread': ({ account }) => `the access policies of the vaults of account ${account} are not read`,
  // The state of what is read.
  'status-is-suitable': ({ status }) => `Status is ${status}`,
  'status-is-unsuitable': ({ status }) => `Status is ${status}`,
  'status-unread': 'Status was not read',
  'effect-of-storage-optimization-unpublished': ({ status }) =>
    `Status is ${status}; whether the operation works then is not published`,
  'database-lost-its-key': ({ status }) => `Status is ${status}: RDS has lost access to the key and stopped it`,
  'has-no-instances': 'it has no instances',
  'has-instances': ({ instances }) => `it has ${instances.map((one) => one ?? 'an instance').join(', ')}`,
  'members-unread': 'DBClusterMembers was not read',
  'belongs-to-no-cluster': 'it belongs to no cluster',
  'belongs-to-cluster': askAboutCluster,
  'snapshot-is-the-clusters': askAboutCluster,
  'belongs-to-no-global-cluster': 'it belongs to no global cluster',
  'belongs-to-global-cluster': ({ globalCluster }) =>
    `it belongs to global cluster ${globalCluster}: remove it from that`,
  'other-members-of-global-cluster-unread': ({ globalCluster }) =>
    `it belongs to global cluster ${globalCluster}: with other members there it cannot be stopped`,
  'has-no-replicas-and-no-global-cluster': 'it has no replicas and belongs to no global cluster',
  'has-no-replicas-in-other-regions': 'it has no replicas in another Region',
  'has-replicas': ({ replicas }) => `it has replicas: ${replicas.join(', ')}`,
  'has-replicas-in-other-regions': 'it has replicas in another Region',
  'replicas-unread': 'ReadReplicaIdentifiers was not read',
  'stands-alone-and-can-be-stopped': 'it has no replicas and is none',
  'source-of-replicas-is-not-stopped': ({ replicas }) =>
    `it has read replicas: ${replicas.join(', ')}; delete or promote them first`,
  'replica-is-not-stopped': 'it is a read replica: promote or delete it',
  'instance-replicas-unread': 'ReadReplicaDBInstanceIdentifiers was not read',
  'sql-server-multi-az-is-not-stopped': ({ engine }) =>
    `Engine is ${engine} and MultiAZ is true: SQL Server in a Multi-AZ deployment cannot be stopped`,
  'stop-is-not-established': ({ kind }) => `${kind}: whether such a database can be stopped is not established`,
  'cluster-of-engine-not-established': ({ engine }) =>
    `Engine is ${engine}: whether a DB snapshot of that engine can be restored as a cluster is not established`,
  'multi-az-unread': ({ engine }) =>
    `Engine is ${engine} and MultiAZ was not read; in a Multi-AZ deployment SQL Server cannot be stopped`,
  'is-of-multi-az-cluster': ({ engine }) => `Engine is ${engine}: Multi-AZ DB clusters do not support this operation`,
  'support-of-multi-az-cluster-unpublished': ({ engine }) =>
    `Engine is ${engine}; whether Multi-AZ DB clusters support this operation is not published`,
  'members-may-be-deleted-too':
    'it has instances, and Engine was not read; those of a Multi-AZ DB cluster are deleted with the cluster',
  'last-instance-of-replica-cluster': ({ cluster }) =>
    `it is the last instance of ${cluster}, which is a replica: promote or delete that cluster`,
  'replica-cluster-keeps-an-instance': ({ cluster }) => `${cluster} has other instances`,
  'engine-has-no-such-status': ({ engine, status }) =>
    `Engine is ${engine} and Status is ${status}; AWS says that a lost key ends such a cluster at once, and restores from a backup only`,
  'password-rules-of-engine-not-established': ({ engine }) =>
    `RDS manages its master password (MasterUserSecret); what that means for replicas of ${engine} is not established`,
  'cluster-unread': ({ cluster }) => `cluster ${cluster} was not read`,
  'status-allows-no-final-snapshot': ({ status }) =>
    `Status is ${status}: a final snapshot is taken of an available instance only; --skip-final-snapshot goes without one`,
  'no-final-snapshot-of-a-replica':
    '--to names a final snapshot, and RDS takes none of a read replica: FinalDBSnapshotIdentifier can not be specified when deleting a replica instance',
  'no-final-snapshot-of-a-cluster-instance':
    '--to names a final snapshot, and RDS takes none of an instance of a cluster: FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance',
  'password-is-managed': ({ engine }) =>
    `RDS manages its master password (MasterUserSecret), and Engine is ${engine}: replicas can be made only of SQL Server then`,
  'password-is-managed-and-engine-unread':
    'RDS manages its master password (MasterUserSecret), and Engine was not read; replicas can be made only of SQL Server then',
  'cluster-password-is-managed':
    'RDS manages its master password (MasterUserSecret), and then replicas in another Region are not supported',
  'deletion-protection-is-false': 'DeletionProtection is false',
  'deletion-protection-is-true': 'DeletionProtection is true',
  'deletion-protection-unread': 'DeletionProtection was not read',
  'keeps-automated-backups': ({ days }) => `BackupRetentionPeriod is ${days}`,
  'keeps-no-automated-backups': 'BackupRetentionPeriod is 0: it has no automated backups',
  'replica-needs-automated-backups': 'BackupRetentionPeriod is 0: replicas need automated backups',
  'backup-retention-unread': 'BackupRetentionPeriod was not read',
  'engine-is-exported': ({ engine }) => `Engine is ${engine}`,
  'engine-is-not-exported': ({ engine }) =>
    `Engine is ${engine}: only Aurora, MariaDB, MySQL and PostgreSQL are exported`,
  'engine-unread': 'Engine was not read',

  // Whose it is, and with whom it is shared.
  'belongs-to-callers-account': ({ account }) => `it belongs to ${account}`,
  'belongs-to-another-account': ({ account, callerAccount }) =>
    `it belongs to ${account}, the principal to ${callerAccount}`,
  'shared-by-owner': ({ owner, user }) => `account ${owner} shares it with ${user}`,
  'not-shared-by-owner': ({ owner, user }) => `account ${owner} does not share it with ${user}`,
  'snapshot-type-is-shared': ({ owner, type }) => `account ${owner} shares it (SnapshotType ${type})`,
  'sharing-unread': ({ owner, user }) => `whether account ${owner} shares it with ${user} was not read`,
  'cluster-sharing-unread': ({ owner }) => `whether account ${owner} shares it through RAM was not read`,
  'snapshot-type-is-manual': 'SnapshotType is manual',
  'snapshot-is-of-aws-backup': 'AWS Backup made it',
  'snapshot-is-not-named-by-aws-backup':
    'AWS Backup would have named it awsbackup:..., and jobs read recovery points of vaults only',
  'snapshot-is-of-rds': ({ snapshot }) =>
    `${snapshot} is an automated snapshot of RDS, and jobs read recovery points of vaults only`,
  'snapshot-type-is-not-manual': ({ type }) => `SnapshotType is ${type}: copy it and share the copy`,
  'snapshot-type-unread': 'SnapshotType was not read',
  'no-kms-key-encrypts-it': 'it is not encrypted under a KMS key',
  'must-be-copied-first': copyFirst,
  'may-have-to-be-copied-first': copyFirst,
  'not-encrypted': 'it is not encrypted',
  'encryption-unread': 'how it is encrypted was not read',
  'snapshot-of-multi-az-cluster': ({ engine }) =>
    `Engine is ${engine}: snapshots of Multi-AZ DB clusters cannot be shared`,
  'encrypted-with-tde': 'it is encrypted with TDE (TdeCredentialArn), and such snapshots cannot be shared',
  'encrypted-snapshots-are-never-public': 'an encrypted snapshot cannot be shared with all accounts',
  'under-the-default-key':
    'Sharing snapshots encrypted with the default service key for RDS is currently not supported.',
  'snapshot-key-is-managed-by-its-account': ({ alias }) => `${alias ?? 'its key'} is a customer managed key`,
  'manager-of-snapshot-key-unread': 'who manages its key was not read',
  'sharing-of-aws-owned-unpublished': 'whether a snapshot under the AWS owned key can be shared is not published',

  // Between Regions.
  'both-are-in-one-region': ({ region }) => `both are in ${region}`,
  'regions-differ': ({ from, to }) => `from ${from} to ${to}`,
  'regions-exchange': ({ from, to }) => `from ${from} to ${to}`,
  'source-lies-in-another-region': ({ from, to }) =>
    `its ARN lies in ${from}, the operation in ${to}: ask with --region ${from}`,
  'partitions-differ': ({ from, to }) => `nothing is copied from ${from} to ${to}: they are in different partitions`,
  'china-exchanges-no-aurora-snapshots': 'Aurora snapshots are not copied to or from Regions in China',

  // Under which key what is read can be restored, copied or replicated.
  'snapshot-restores-under-another-key': 'an encrypted Aurora snapshot can be restored under another key',
  'unencrypted-snapshot-restores-encrypted': 'an unencrypted Aurora snapshot can be restored encrypted',
  'restore-of-shared-aws-owned-unpublished':
    'whether a shared snapshot under the AWS owned key can be restored is not published',
  'restore-of-aws-owned-under-a-key-not-established':
    'whether a snapshot under the AWS owned key can be restored under another key is not established',
  'restore-of-foreign-db-snapshot-unpublished':
    'whether a cluster can be restored from an encrypted DB snapshot of another account is not published',
  'snapshot-copies-under-another-key': 'an encrypted snapshot can be copied under another key',
  'unencrypted-snapshot-copies-encrypted': 'an unencrypted DB snapshot can be copied encrypted',
  'copy-of-shared-aws-owned-unpublished':
    'whether a shared snapshot under the AWS owned key can be copied is not published',
  'copy-of-aws-owned-under-a-key-unpublished':
    'whether a snapshot under the AWS owned key can be copied under another key is not published',
  'encrypting-copy-is-contradicted':
    "AWS's API reference and its page on copies say that an unencrypted Aurora snapshot cannot be encrypted by copying, its page on encryption says that it must be",
  'cluster-restores-under-another-key': 'an encrypted Aurora cluster can be restored under another key',
  'unencrypted-source-takes-no-key': 'it is not encrypted, and then a key cannot be named',
  'restore-of-aws-owned-source-unpublished':
    'whether something under the AWS owned key can be restored under another key is not published',
  'edition-has-no-replicas': ({ engine }) =>
    `Engine is ${engine}: of Oracle and SQL Server, only the Enterprise Edition has read replicas`,
  'replicas-of-engine-not-established': ({ engine }) =>
    `Engine is ${engine}: which read replicas RDS Custom has is not established`,
  'encryption-of-multi-az-cluster-not-established':
    'AWS says that an unencrypted Multi-AZ DB cluster cannot be encrypted, but not whether its snapshot can be restored encrypted',
  'replica-cannot-encrypt':
    'it is not encrypted, and then neither is a replica: restore an encrypted copy of a snapshot, or leave out --kms-key-id',
  'replica-under-another-key-is-contradicted':
    "AWS's guide asks for the source's key within a Region, its API reference allows another, and RDS was seen to answer: Your request does not require the KMS key parameter",

  // Which key the request names.
  'request-names-key': ({ key }) => `--kms-key-id ${key}`,
  'replica-needs-key-of-its-own': (needed) => neededKeyText('a replica in another Region', needed),
  'copy-across-regions-needs-key': (needed) => neededKeyText('a cross-Region copy', needed),
  'copy-across-accounts-needs-key': (needed) =>
    neededKeyText(`a copy of a snapshot of account ${needed.elsewhere.name}`, needed),
  'copy-may-need-key-of-its-own': needsKey,
  'no-key-named-for-the-account': 'it is asked for here without one',
  'key-id-unread': 'its key was not read (KmsKeyId)',
  'source-key-id-unread': 'the key of what is read was not read (KmsKeyId)',
  'key-is-in-region': ({ region }) => region,
  'key-is-in-another-region': ({ keyRegion, region }) => `the key is in ${keyRegion}, the operation in ${region}`,
  'key-is-named-by-its-replica': ({ replicaRegion, region }) =>
    `it is named by the ARN of its replica in ${replicaRegion}; whether RDS then takes the one in ${region} is not published`,

  // The key itself.
  'key-state-is-usable': ({ state }) => `KeyState is ${state}`,
  'key-state-is-not-usable': ({ state }) => `KeyState is ${state}`,
  'key-material-has-expired': expiredMaterial,
  'effect-of-expired-key-material-unpublished': (reason) =>
    `${expiredMaterial(reason)}; what a ${reason.on} does then is not published`,
  'key-state-is-unavailable': 'KeyState is Unavailable: the calls of the caller pass, the use of the key fails later',
  'key-state-unread': 'KeyState was not read',
  'key-unread': ({ key }) => `key ${key} was not read`,
  'aws-managed-key-is-enabled': 'AWS managed keys cannot be disabled',
  'effect-of-key-state-unpublished': ({ state, on }) => `KeyState is ${state}; what a ${on} does then is not published`,
  'key-spec-is-symmetric': specAndUsage,
  'key-spec-is-not-symmetric': (reason) => `${specAndUsage(reason)}: RDS takes symmetric encryption keys only`,
  'key-spec-unread': 'KeySpec was not read',
  'aws-managed-key-is-symmetric': 'AWS managed keys are symmetric',
  'key-is-managed-by-its-account': ({ account }) => `a customer managed key of account ${account}`,
  'aws-managed-key-of-another-account': ({ alias, account }) =>
    `${alias ?? 'it'} is an AWS managed key, which only account ${account} can use`,
  'manager-of-foreign-key-unread': ({ account }) => `who manages the key of account ${account} was not read`,
  'grants-are-below-the-limit': ({ grants }) => `${grants} of at most 50,000 grants`,
  'grants-are-at-the-limit': ({ grants }) => `${grants} grants, the most that a key can have`,
  'default-key-is-held': 'alias/aws/rds exists',
  'default-key-unread': 'alias/aws/rds was not read; an account that never used it may not have it yet',

  // The account: principal, role, bucket, names and quotas.
  'root-cannot-copy': 'the root user cannot copy an encrypted snapshot of another account',
  'root-stands-for-the-account': 'none is named, so that the root user stands for the account',
  'role-is-held': 'the role is there',
  'no-such-role': ({ role }) => `the account has no role ${role}`,
  'roles-unread': ({ account }) => `the roles of account ${account} were not read`,
  'role-path-unknown': 'the path of the role does not show in its session',
  'trust-policy-allows': ({ service }) => `its trust policy lets ${service} assume it`,
  'rcp-denies-trust': ({ service, policies }) =>
    `resource control policy ${list(policies)} does not let ${service} assume it`,
  'trust-policy-denies': ({ service }) => `its trust policy does not let ${service} assume it`,
  'trust-depends-on-conditions': ({ service }) =>
    `whether its trust policy lets ${service} assume it depends on conditions`,
  'trust-policy-unread': 'its trust policy was not read',
  'trust-policy-not-understood': 'its trust policy is not understood',
  'bucket-region-is-the-snapshots': ({ region }) => `it is in ${region}`,
  'bucket-is-in-another-region': ({ bucketRegion, region }) => `it is in ${bucketRegion}, the snapshot in ${region}`,
  'bucket-region-unread': 'its Region was not read',
  'name-is-not-taken': ({ name }) => `${name} is free`,
  'name-is-taken': ({ name }) => `${name} exists already`,
  'names-unread': 'the names that are taken were not read',
  'quota-is-not-used-up': quotaUse,
  'quota-is-used-up': quotaUse,
  'too-many-accounts': ({ accounts }) => `it would be shared with ${accounts} accounts, of at most 20`,
  'account-has-a-clone': ({ clone }) => `the account has a clone of it already: ${clone}`,
  'too-many-clones': ({ clones }) => `other accounts have ${clones} clones of it, of at most 15`,
};

function askAboutCluster({ cluster }: Reasons['belongs-to-cluster']): string {
  return `it belongs to cluster ${cluster}: ask about that`;
}

function copyFirst(): string {
  return 'a DB instance cannot be restored from an encrypted snapshot of another account: copy it first (copy-snapshot)';
}

type NeededKey = Omit<Reasons['replica-needs-key-of-its-own'], 'code'>;

function needsKey({ elsewhere }: Reasons['copy-may-need-key-of-its-own']): string {
  const whose = elsewhere.in === 'account' ? `belongs to account ${elsewhere.name}` : `is in ${elsewhere.name}`;
  return `what is read ${whose}, so that what is made needs a key of its own: name one with --kms-key-id`;
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

/** How many keys a sentence names. */
const mostCandidates = 3;

function specAndUsage({ spec, usage }: Pick<Reasons['key-spec-is-not-symmetric'], 'spec' | 'usage'>): string {
  return [spec, usage].filter((one) => one !== undefined).join(', ');
}

/** The day tells enough. */
function expiredMaterial({ validTo }: Pick<Reasons['key-material-has-expired'], 'validTo'>): string {
  return `its imported key material expired on ${validTo.slice(0, 10)} (ValidTo), which leaves it in PendingImport`;
}

const quotas: Readonly<Record<Quota, string>> = {
  copies: 'copies in progress',
  'manual-snapshots': 'manual snapshots',
  clusters: 'clusters',
  instances: 'DB instances',
  exports: 'exports in progress',
};

function quotaUse({ quota, used, max }: Pick<Reasons['quota-is-used-up'], 'quota' | 'used' | 'max'>): string {
  return `${used} ${quotas[quota]}, of at most ${max}`;
}

/** Why a precondition is met, is not met or is unknown, as a clause without full stop. */
export function reasonText(reason: PreconditionReason): string {
  return textOf(reason.code, reason);
}

function textOf<C extends keyof Reasons>(code: C, reason: Reasons[C]): string {
  const words: Words<Reasons[C]> = reasons[code];
  return typeof words === 'string' ? words : words(reason);
}

/** What is taken for granted where a precondition is unknown, as a clause without full stop. */
export function preconditionAssumptionText(assumption: PreconditionAssumption): string {
  switch (assumption.code) {
    case 'accounts-share-an-organization':
      return `account ${assumption.account} is in the same organization, with cross-account backup switched on`;
    case 'vault-holds-the-snapshot':
      return `a vault of AWS Backup holds ${assumption.snapshot} (jobs read recovery points only, whose names begin with awsbackup:)`;
    case 'vault-policy-lets-the-copy-in':
      return `the access policy of the destination vault in account ${assumption.account} allows backup:CopyIntoBackupVault (vault policies are not read)`;
    case 'control-policies-unread': {
      const { kind, of, why } = assumption;
      const unread = [of, why ?? ''].filter((part) => part !== '').join(': ');
      return `no ${kind === 'scp' ? 'service' : 'resource'} control policies stand in the way (not read: ${unread})`;
    }
    case 'copied-by-a-user-or-role':
      return 'the copy is made by a user or role (none is named, so that the root user stands for the account)';
    case 'engine-can-be-exported':
      return 'the engine can be exported (Engine was not read)';
    case 'cluster-has-no-replicas':
      return 'the cluster has no replicas (ReadReplicaIdentifiers was not read)';
    case 'cluster-has-no-replicas-abroad':
      return 'the cluster has no replicas in another Region (ReadReplicaIdentifiers was not read)';
    case 'instance-has-no-replicas':
      return 'the DB instance has no replicas (ReadReplicaDBInstanceIdentifiers was not read)';
    case 'cluster-is-no-multi-az-cluster':
      return 'the cluster is no Multi-AZ DB cluster (Engine was not read)';
    case 'cluster-is-no-replica':
      return `cluster ${assumption.cluster} is no replica (that cluster was not read)`;
    case 'default-key-is-there-or-created':
      return 'the account has alias/aws/rds, or RDS creates it (it was not read)';
    case 'account-has-key-of-its-own':
      return `account ${assumption.account} has a key of its own for the copy (it is asked for here without one)`;
    case 'available-database-has-its-key': {
      const noun = assumption.database === 'db' ? 'DB instance' : 'cluster';
      return `the key is enabled, for the ${noun} is available (${reasonText(assumption.because)})`;
    }
    case 'role-trusts-the-caller-service':
      return `${assumption.role} trusts ${assumption.service} (its trust policy was not read)`;
    case 'bucket-is-in-the-snapshots-region':
      return `bucket ${assumption.bucket} is in ${assumption.region} (its Region was not read)`;
    case 'new-name-is-free':
      return `the name ${assumption.name} is free (the names that are taken were not read)`;
  }
}

type Unmet = { readonly [R in UnmetReason as R['code']]: R };

/**
 * What AWS itself shows where a precondition is not met, as far as it is published or was seen
 * (rds-kms-operations 2.2, rds-kms-operations-2 4, 12.3, 12.5).
 */
const published: { readonly [C in keyof Unmet]?: Words<Unmet[C]> } = {
  'has-instances': 'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
  'snapshot-is-the-clusters':
    'The specified instance is a member of a cluster and a snapshot cannot be created directly.',
  'belongs-to-global-cluster': 'This cluster is a part of a global cluster, please remove it from globalcluster first',
  'last-instance-of-replica-cluster':
    'Cannot delete the last instance of the read replica DB cluster. Promote the DB cluster to a standalone DB cluster in order to delete it.',
  'status-allows-no-final-snapshot': ({ instance }) =>
    `Cannot create a snapshot because the database instance ${instance} is not currently in the available state.`,
  'replica-needs-automated-backups':
    'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
  'password-is-managed': ({ engine }) =>
    `Creating read replicas for source instance with engine ${engine} where ManageMasterUserPassword is enabled is not supported.`,
  'replica-needs-key-of-its-own': 'Cannot create a cross region unencrypted read replica from encrypted source.',
  'copy-across-regions-needs-key': 'Must specify new KMS key for cross region encrypted snapshot copy.',
};

/** The words of AWS for a precondition that is not met. Undefined: they are not published. */
export function publishedText(reason: UnmetReason): string | undefined {
  return publishedOf(reason.code, reason);
}

function publishedOf<C extends keyof Unmet>(code: C, reason: Unmet[C]): string | undefined {
  const words = published[code];
  return typeof words === 'function' ? words(reason) : words;
}
