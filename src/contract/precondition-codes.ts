/**
 * The codes of preconditions: what must be true (`precondition`), why it is met, not met or unknown
 * (`answer`), and what is assumed if it is unknown (`assumption`).
 */
export const preconditionCodes = {
  // What must be true.
  'accounts-are-in-one-organization': {
    of: 'precondition',
    means: 'The accounts between which AWS Backup copies are in one organization.',
  },
  'vault-exists': { of: 'precondition', means: 'The account has the AWS Backup vault in the Region.' },
  'vault-is-held': { of: 'answer', means: 'The account has the vault.' },
  'no-such-vault': { of: 'answer', means: 'The account has no such vault in the Region.' },
  'copy-may-go-to-air-gapped-vault': {
    of: 'answer',
    means: 'A logically air-gapped vault is under the key of the copy. A copy into it needs further permissions.',
  },
  'vault-is-air-gapped': {
    of: 'answer',
    means:
      'The vault is logically air-gapped. AWS does not publish whether a backup job takes its name in place of its ARN.',
  },
  'vaults-unread': { of: 'answer', means: 'The AWS Backup vaults were not read.' },
  'vault-is-there': { of: 'assumption', means: 'The AWS Backup vault is assumed to exist.' },
  'source-is-of-a-multi-az-cluster': {
    of: 'precondition',
    means: 'The cluster, or the cluster of the snapshot, is a Multi-AZ DB cluster.',
  },
  'cluster-is-multi-az': { of: 'answer', means: 'The engine is that of a Multi-AZ DB cluster.' },
  'cluster-is-not-multi-az': { of: 'answer', means: 'The engine is not that of a Multi-AZ DB cluster.' },
  'source-can-have-an-aurora-replica': {
    of: 'precondition',
    means: 'An Aurora cluster can replicate the DB instance.',
  },
  'engine-has-aurora-replicas': { of: 'answer', means: 'Aurora replicates DB instances of the engine.' },
  'engine-has-no-aurora-replica': { of: 'answer', means: 'Aurora does not replicate DB instances of the engine.' },
  'has-replica-elsewhere': { of: 'answer', means: 'The DB instance has a read replica in another Region.' },
  'key-comes-with-encryption': {
    of: 'precondition',
    means: 'A request that names a key for the storage also asks for encryption.',
  },
  'key-needs-encryption': {
    of: 'answer',
    means: 'The request names a key for the storage but does not ask for encryption.',
  },
  'encryption-comes-with-key': { of: 'answer', means: 'The request names a key and asks for encryption.' },
  'encryption-is-left-out': {
    of: 'answer',
    means: 'The request names a key and leaves out whether the storage is encrypted.',
  },
  'key-alone-asks-for-encryption': {
    of: 'assumption',
    means:
      'The request names a key and leaves StorageEncrypted out. It is assumed to ask for encryption, or RDS is assumed to encrypt.',
  },
  'replica-asks-for-encryption': {
    of: 'precondition',
    means: 'The request for a replica of an encrypted DB instance asks for encryption.',
  },
  'encryption-is-not-asked-for': {
    of: 'answer',
    means: 'The source is encrypted, and the request asks for no encryption.',
  },
  'may-have-an-aurora-replica': {
    of: 'answer',
    means: 'A cluster already replicates the DB instance. An instance can have only one Aurora replica.',
  },
  'encrypted-replica-needs-key': {
    of: 'answer',
    means: 'An encrypted replica of an unencrypted DB instance needs a key in the request.',
  },
  'need-to-ask-for-encryption-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether the request has to ask for encryption.',
  },
  'role-is-there': { of: 'assumption', means: 'The role that RDS is to assume is assumed to exist.' },
  'monitoring-role-exists': { of: 'precondition', means: 'The account has the role for Enhanced Monitoring.' },
  'monitoring-role-trusts-the-service': {
    of: 'precondition',
    means: 'The trust policy of the role for Enhanced Monitoring lets the service assume the role.',
  },
  'attached-roles-exist': {
    of: 'precondition',
    means: 'The account has the roles that the request names for the directory or for the cluster.',
  },
  'attached-roles-are-in-the-callers-account': {
    of: 'precondition',
    means: 'The roles that the request attaches belong to the account of the principal.',
  },
  'vault-lets-the-copy-in': {
    of: 'precondition',
    means: 'The access policy of the destination vault allows the account of the source.',
  },
  'vault-is-not-air-gapped': {
    of: 'precondition',
    means: 'No logically air-gapped vault is under the key of the copy.',
  },
  'snapshot-is-available': { of: 'precondition', means: 'The snapshot is in status available.' },
  'snapshot-is-shared-with-the-account': {
    of: 'precondition',
    means: 'The owner of the snapshot shares it with the account of the principal.',
  },
  'snapshot-is-a-recovery-point': {
    of: 'precondition',
    means: 'The snapshot is an AWS Backup recovery point: jobs read nothing else.',
  },
  'snapshot-is-manual': {
    of: 'precondition',
    means: 'The snapshot is manual: only manual snapshots can be shared.',
  },
  'shared-snapshot-is-copied-first': {
    of: 'precondition',
    means: 'An encrypted DB snapshot from another account is copied before it is restored.',
  },
  'principal-is-a-user-or-role': {
    of: 'precondition',
    means: 'The principal that copies a snapshot from another account is not the root user.',
  },
  'snapshot-can-be-restored-under-the-key': {
    of: 'precondition',
    means: 'A snapshot with this encryption can be restored under the key.',
  },
  'snapshot-can-be-copied-under-the-key': {
    of: 'precondition',
    means: 'A snapshot with this encryption can be copied under the key.',
  },
  'snapshot-can-be-shared': { of: 'precondition', means: 'A snapshot with this encryption can be shared.' },
  'snapshot-can-be-deleted': {
    of: 'precondition',
    means: 'The snapshot is neither an automated snapshot nor an AWS Backup recovery point.',
  },
  'snapshot-is-not-shared': { of: 'precondition', means: 'The snapshot is neither shared nor public.' },
  'snapshot-engine-can-be-upgraded': { of: 'precondition', means: 'RDS upgrades DB snapshots of the engine.' },
  'source-can-be-modified': { of: 'precondition', means: 'The database is in a status that allows a change.' },
  'password-can-be-managed': {
    of: 'precondition',
    means: 'RDS can keep the master password of such a database in Secrets Manager.',
  },
  'source-password-is-managed': {
    of: 'precondition',
    means: 'Secrets Manager keeps the master password: only such a password can be rotated.',
  },
  'rotation-is-immediate': {
    of: 'precondition',
    means: 'The request applies a rotation of the master password immediately, which a cluster requires.',
  },
  'secret-key-comes-with-management': {
    of: 'precondition',
    means: 'A request that names the key of the secret also turns on the management of the password.',
  },
  'secret-key-stays': { of: 'precondition', means: 'The key of an existing secret is not changed.' },
  'insights-key-comes-with-insights': {
    of: 'precondition',
    means: 'A request that names the Performance Insights key also turns on Performance Insights.',
  },
  'global-cluster-takes-the-cluster': {
    of: 'precondition',
    means: 'The global cluster that the request names takes the new cluster.',
  },
  'target-option-group-is-named': {
    of: 'precondition',
    means: 'The request names the option group that a copy in another Region may need.',
  },
  'instance-profile-is-suitable': {
    of: 'precondition',
    means: 'The instance profile that an instance of RDS Custom needs is suitable.',
  },
  'insights-key-is-enabled': { of: 'precondition', means: 'The Performance Insights key can be used.' },
  'insights-key-stays': {
    of: 'precondition',
    means:
      'The request does not change the Performance Insights key, and does not leave it out if it is a customer managed key.',
  },
  'cluster-is-available': { of: 'precondition', means: 'The cluster is in status available.' },
  'cluster-is-stopped': {
    of: 'precondition',
    means: 'The cluster is stopped, or waits for its key in a state that allows a start.',
  },
  'status-allows-a-deletion': {
    of: 'precondition',
    means: 'The database is in a status in which AWS does not say, or suggest, that a deletion fails.',
  },
  'cluster-can-be-stopped': {
    of: 'precondition',
    means: 'Neither replicas nor a global cluster keep the cluster from stopping.',
  },
  'cluster-is-shared-with-the-account': {
    of: 'precondition',
    means: 'The owner of the cluster shares it with the account of the principal through RAM.',
  },
  'cluster-holds-no-instances': {
    of: 'precondition',
    means: 'The instances of the cluster are deleted before the cluster is.',
  },
  'cluster-is-provisioned': { of: 'precondition', means: 'The cluster is not of Aurora Serverless v1.' },
  'cluster-has-an-instance': { of: 'precondition', means: 'The cluster has at least one DB instance.' },
  'cluster-stands-alone': {
    of: 'precondition',
    means: 'The cluster has no replicas and belongs to no global cluster.',
  },
  'cluster-keeps-an-instance': {
    of: 'precondition',
    means: 'The DB instance is not the last instance of a replica cluster.',
  },
  'source-is-of-no-multi-az-cluster': {
    of: 'precondition',
    means: 'The source is not part of a Multi-AZ DB cluster.',
  },
  'instance-is-available': { of: 'precondition', means: 'The DB instance is in status available.' },
  'instance-is-stopped': {
    of: 'precondition',
    means: 'The DB instance is stopped, or waits for its key in a state that allows a start.',
  },
  'instance-is-no-member-of-a-cluster': { of: 'precondition', means: 'The DB instance belongs to no cluster.' },
  'instance-can-be-stopped': {
    of: 'precondition',
    means: 'Neither replicas nor the deployment keep the DB instance from stopping.',
  },
  'instance-can-fail-over': {
    of: 'precondition',
    means: 'The instance has a standby: the request asks for a reboot through a failover.',
  },
  'source-is-a-replica': { of: 'precondition', means: 'The cluster or instance replicates another database.' },
  'source-is-not-of-rds-custom': { of: 'precondition', means: 'The source is not an RDS Custom database.' },
  'source-password-is-not-managed': {
    of: 'precondition',
    means: 'RDS does not manage the master password of the source, unless the engine is SQL Server.',
  },
  'source-engine-has-replicas': {
    of: 'precondition',
    means: 'The engine and edition of the DB instance support read replicas.',
  },
  'engine-fits-the-source': {
    of: 'precondition',
    means: 'The engine of the new database is compatible with the engine of the snapshot.',
  },
  'final-snapshot-can-be-named': {
    of: 'precondition',
    means: 'The request names a final snapshot only if RDS takes a final snapshot of the instance.',
  },
  'deletion-protection-is-off': { of: 'precondition', means: 'Deletion protection of the database is off.' },
  'source-can-be-restored-to-a-point-in-time': {
    of: 'precondition',
    means: 'The database is in a status in which it can be restored to a point in time.',
  },
  'instance-has-automated-backups': { of: 'precondition', means: 'The DB instance keeps automated backups.' },
  'source-can-be-restored-under-the-key': {
    of: 'precondition',
    means: 'A database with this encryption can be restored to a point in time under the key.',
  },
  'source-can-be-replicated-under-the-key': {
    of: 'precondition',
    means: 'A DB instance with this encryption can have a replica under the key.',
  },
  'source-can-be-exported': { of: 'precondition', means: 'The data of the engine can be exported.' },
  'source-is-in-the-callers-account': {
    of: 'precondition',
    means: 'The source belongs to the account of the principal.',
  },
  'source-is-in-the-region': { of: 'precondition', means: 'The source is in the Region of the operation.' },
  'source-is-in-another-region': {
    of: 'precondition',
    means: 'The source is not in the Region of the new resource.',
  },
  'regions-exchange-snapshots': {
    of: 'precondition',
    means: 'Snapshots can be copied between the two Regions.',
  },
  'regions-replicate-backups': {
    of: 'precondition',
    means: 'Automated backups can be replicated from the one Region to the other.',
  },
  'key-is-named': { of: 'precondition', means: 'The request names a key if RDS cannot choose one.' },
  'key-is-in-the-region': { of: 'precondition', means: 'The key is in the Region of the operation.' },
  'key-is-enabled': {
    of: 'precondition',
    means: 'The key of the new resource (or, without one, the key of the source) is enabled.',
  },
  'key-is-symmetric': { of: 'precondition', means: 'The key is a symmetric encryption key.' },
  'key-can-be-used-by-the-account': {
    of: 'precondition',
    means: 'The key is not an AWS managed key of another account.',
  },
  'key-takes-another-grant': { of: 'precondition', means: 'The key can have another grant.' },
  'source-key-is-enabled': {
    of: 'precondition',
    means: 'The key of the source is enabled if the new resource has another key.',
  },
  'source-key-can-be-used-by-the-account': {
    of: 'precondition',
    means: 'The key of the source is not an AWS managed key of another account.',
  },
  'secret-key-is-enabled': { of: 'precondition', means: "The key of the master password's secret can be used." },
  'default-key-exists': {
    of: 'precondition',
    means: 'The account has the AWS managed key that RDS encrypts with by default.',
  },
  'role-exists': { of: 'precondition', means: 'The account has the role in the request.' },
  'role-trusts-the-service': { of: 'precondition', means: 'The trust policy of the role lets the service assume it.' },
  'role-is-in-the-callers-account': { of: 'precondition', means: 'The role belongs to the account of the principal.' },
  'bucket-is-in-the-region': { of: 'precondition', means: 'The bucket is in the Region of the snapshot.' },
  'name-is-free': { of: 'precondition', means: 'No other resource has the name of the new resource.' },
  'copies-in-progress-are-below-the-quota': {
    of: 'precondition',
    means: 'The account is below its quota of copies in progress.',
  },
  'manual-snapshots-are-below-the-quota': {
    of: 'precondition',
    means: 'The account is below its quota of manual snapshots.',
  },
  'clusters-are-below-the-quota': { of: 'precondition', means: 'The account is below its quota of DB clusters.' },
  'instances-are-below-the-quota': { of: 'precondition', means: 'The account is below its quota of DB instances.' },
  'export-tasks-are-below-the-quota': {
    of: 'precondition',
    means: 'The account is below its quota of exports in progress.',
  },
  'accounts-are-below-the-quota': {
    of: 'precondition',
    means: 'The snapshot can be shared with this many accounts.',
  },
  'clones-are-below-the-quota': {
    of: 'precondition',
    means: 'The cluster can have another clone in another account.',
  },
  // Why it is met.
  'accounts-are-in-organization': { of: 'answer', means: 'Both accounts are in the organization.' },
  'accounts-share-no-organization': {
    of: 'answer',
    means: 'The accounts are not in one organization.',
  },
  'organization-unread': { of: 'answer', means: 'The organization of an account was not read.' },
  'vault-policy-allows-the-copy': { of: 'answer', means: 'The access policy of the vault allows the copy.' },
  'vault-policy-allows-no-copy': { of: 'answer', means: 'No access policy of the vault allows the copy.' },
  'vault-policies-leave-it-open': {
    of: 'answer',
    means: 'Whether the access policy of the vault allows the copy depends on facts that are not known.',
  },
  'vault-policy-unread': { of: 'answer', means: 'The access policy of the vault was not read.' },
  'status-is-suitable': { of: 'answer', means: 'The operation works in this status.' },
  'shared-by-owner': {
    of: 'answer',
    means: 'The owner shares the source with the account of the principal.',
  },
  'snapshot-type-is-shared': { of: 'answer', means: 'The type of the snapshot shows that its owner shares it.' },
  'engine-is-exported': { of: 'answer', means: 'Exports support the engine.' },
  'keeps-automated-backups': { of: 'answer', means: 'The DB instance keeps backups for at least one day.' },
  'belongs-to-callers-account': { of: 'answer', means: 'The resource belongs to the account of the principal.' },
  'regions-differ': { of: 'answer', means: 'The source and the new resource are in different Regions.' },
  'backups-are-replicated': {
    of: 'answer',
    means: 'AWS lists the two Regions for the replication of automated backups.',
  },
  'regions-not-listed-for-backups': {
    of: 'answer',
    means: 'AWS does not list the two Regions for the replication of automated backups.',
  },
  'regions-exchange': { of: 'answer', means: 'The two Regions can exchange the snapshot.' },
  'request-names-key': { of: 'answer', means: 'The request names a key.' },
  'key-is-in-region': { of: 'answer', means: 'The Region of the key is the Region of the operation.' },
  'key-state-is-usable': { of: 'answer', means: 'The state of the key allows its use.' },
  'key-spec-is-symmetric': { of: 'answer', means: 'KeySpec and KeyUsage are those of a symmetric encryption key.' },
  'key-is-managed-by-its-account': { of: 'answer', means: 'The key is a customer managed key of another account.' },
  'snapshot-key-is-managed-by-its-account': {
    of: 'answer',
    means: 'The key of the snapshot is a customer managed key.',
  },
  'grants-are-below-the-limit': { of: 'answer', means: 'The key has fewer grants than a key can have.' },
  'trust-policy-allows': { of: 'answer', means: 'The trust policy of the role allows the service.' },
  'bucket-region-is-the-snapshots': { of: 'answer', means: 'The bucket and the snapshot are in one Region.' },
  'name-is-not-taken': { of: 'answer', means: 'The list of names does not contain the new name.' },
  'quota-is-not-used-up': { of: 'answer', means: 'The quota is not used up.' },
  'snapshot-is-of-aws-backup': {
    of: 'answer',
    means: 'The type or the name of the snapshot shows that AWS Backup made it.',
  },
  'snapshot-is-of-rds': { of: 'answer', means: 'RDS made the snapshot for its own automated backups.' },
  'vault-has-the-snapshot': { of: 'answer', means: 'The recovery points that were read include the snapshot.' },
  'no-vault-has-the-snapshot': {
    of: 'answer',
    means: 'The recovery points that were read do not include the snapshot.',
  },
  'snapshot-is-not-named-by-aws-backup': {
    of: 'answer',
    means: 'Neither the type nor the name of the snapshot shows that AWS Backup made it.',
  },
  'snapshot-type-is-manual': { of: 'answer', means: 'The type of the snapshot is manual.' },
  'no-kms-key-encrypts-it': {
    of: 'answer',
    means: 'No KMS key encrypts the snapshot, so no copy is needed first.',
  },
  'not-encrypted': { of: 'answer', means: 'The source is not encrypted.' },
  'has-no-instances': { of: 'answer', means: 'The cluster has no instances.' },
  'has-an-instance': { of: 'answer', means: 'The cluster has a DB instance.' },
  'clone-needs-an-instance': { of: 'answer', means: 'The cluster has no DB instances, so it cannot be cloned.' },
  'clone-without-instances-is-not-established': {
    of: 'answer',
    means: 'The cluster has no DB instances. It is not known whether a cluster of this kind can then be cloned.',
  },
  'belongs-to-no-cluster': { of: 'answer', means: 'The instance is not a member of a cluster.' },
  'belongs-to-no-global-cluster': { of: 'answer', means: 'The Multi-AZ DB cluster belongs to no global cluster.' },
  'has-no-replicas-and-no-global-cluster': {
    of: 'answer',
    means: 'The cluster has neither replicas nor a global cluster.',
  },
  'has-no-replicas-in-other-regions': { of: 'answer', means: 'The cluster has no replicas in other Regions.' },
  'stands-alone-and-can-be-stopped': {
    of: 'answer',
    means: 'The DB instance has no replicas, is not a replica, and its deployment can be stopped.',
  },
  'replica-cluster-keeps-an-instance': { of: 'answer', means: 'The replica cluster has other instances.' },
  'deletion-protection-is-false': { of: 'answer', means: 'The evidence shows that deletion protection is off.' },
  'unencrypted-snapshot-restores-encrypted': {
    of: 'answer',
    means: 'AWS documents that an unencrypted Aurora snapshot can be restored encrypted.',
  },
  'snapshot-restores-under-another-key': {
    of: 'answer',
    means: 'AWS documents that an encrypted Aurora snapshot can be restored under another key.',
  },
  'snapshot-copies-under-another-key': {
    of: 'answer',
    means: 'AWS documents that an encrypted snapshot can be copied under another key.',
  },
  'copy-stays-unencrypted': {
    of: 'answer',
    means: 'AWS Backup copies an unencrypted backup of a cluster without encryption.',
  },
  'unencrypted-snapshot-copies-encrypted': {
    of: 'answer',
    means: 'AWS documents that an unencrypted DB snapshot can be copied encrypted.',
  },
  'cluster-restores-under-another-key': {
    of: 'answer',
    means: 'AWS documents that an encrypted cluster can be restored to a point in time under another key.',
  },
  'aws-managed-key-is-enabled': { of: 'answer', means: 'The key is an AWS managed key, which nobody can disable.' },
  'aws-managed-key-is-symmetric': {
    of: 'answer',
    means: 'The key is an AWS managed key: such keys are symmetric encryption keys.',
  },
  'default-key-is-held': { of: 'answer', means: 'The evidence has the default key of RDS.' },
  'role-is-held': { of: 'answer', means: 'The evidence has the role.' },
  'has-a-standby': { of: 'answer', means: 'The instance is a Multi-AZ deployment.' },
  'is-a-replica': { of: 'answer', means: 'The entry of the source names the database that it replicates.' },
  'is-shared-with-nobody': { of: 'answer', means: 'The snapshot is shared with no account.' },
  'engine-is-upgraded': { of: 'answer', means: 'RDS lists the engine among those whose DB snapshots it upgrades.' },
  'has-a-managed-password': { of: 'answer', means: 'Secrets Manager keeps the master password.' },
  'secret-key-is-the-same': { of: 'answer', means: 'The request names the key that the secret has.' },
  'insights-key-is-the-same': { of: 'answer', means: 'The request names the key that Performance Insights has.' },
  'insights-key-is-the-default': { of: 'answer', means: 'Performance Insights has the default key of RDS.' },
  // Why it is not met.
  'status-is-unsuitable': { of: 'answer', means: 'AWS refuses the operation in this status.' },
  'database-lost-its-key': {
    of: 'answer',
    means: 'RDS has lost access to the key of the database and stopped the database.',
  },
  'not-shared-by-owner': {
    of: 'answer',
    means: 'The owner does not share the snapshot with the account of the principal.',
  },
  'snapshot-type-is-not-manual': { of: 'answer', means: 'The snapshot is of a type that cannot be shared.' },
  'automated-snapshot-is-not-deleted': {
    of: 'answer',
    means: 'The cluster snapshot is automated: RDS deletes such snapshots itself.',
  },
  'automated-db-snapshot-is-not-deleted': {
    of: 'answer',
    means: 'The DB snapshot is automated: RDS deletes such snapshots itself.',
  },
  'recovery-point-is-not-deleted-by-rds': {
    of: 'answer',
    means: 'The snapshot is a recovery point: AWS Backup deletes it.',
  },
  'has-no-standby': { of: 'answer', means: 'The instance is not a Multi-AZ deployment.' },
  'is-no-replica': { of: 'answer', means: 'The cluster or instance does not replicate another database.' },
  'global-cluster-is-left-instead': {
    of: 'answer',
    means: 'The cluster belongs to a global cluster: fail over or remove the cluster there.',
  },
  'custom-snapshot-can-be-copied': {
    of: 'precondition',
    means: 'A snapshot of RDS Custom for SQL Server is copied to another Region of its account.',
  },
  'custom-snapshot-stays-in-its-account': {
    of: 'answer',
    means: 'The snapshot is of RDS Custom for SQL Server and belongs to another account.',
  },
  'custom-snapshot-leaves-its-region': {
    of: 'answer',
    means: 'The snapshot is of RDS Custom for SQL Server, and the copy stays in the Region.',
  },
  'is-of-rds-custom': {
    of: 'answer',
    means: 'The engine is an RDS Custom engine, which does not support the operation.',
  },
  'only-manual-snapshots-are-upgraded': {
    of: 'answer',
    means: 'The snapshot is of a type that cannot be upgraded.',
  },
  'shared-snapshot-is-not-upgraded': {
    of: 'answer',
    means: 'The snapshot is shared: shared snapshots cannot be upgraded.',
  },
  'engine-is-not-upgraded': { of: 'answer', means: 'RDS does not upgrade DB snapshots of the engine.' },
  'managed-password-is-not-supported': {
    of: 'answer',
    means: 'AWS lists such a database among those that have no managed password.',
  },
  'has-no-managed-password': { of: 'answer', means: 'Secrets Manager does not keep the master password.' },
  'rotation-has-to-be-immediate': {
    of: 'answer',
    means: 'The request rotates the password of a cluster but does not apply the rotation immediately.',
  },
  'secret-key-needs-management': {
    of: 'answer',
    means: 'The request names the key of the secret but does not turn on the management of the password.',
  },
  'secret-key-cannot-be-changed': { of: 'answer', means: 'The secret has another key, which never changes.' },
  'insights-key-needs-insights': {
    of: 'answer',
    means: 'The request names the Performance Insights key but does not turn Performance Insights on.',
  },
  'insights-key-cannot-be-changed': {
    of: 'answer',
    means: 'Performance Insights has another key, which never changes.',
  },
  'insights-key-is-left-out': {
    of: 'answer',
    means: 'Performance Insights has a customer managed key, and the request does not repeat it.',
  },
  'snapshot-of-multi-az-cluster': {
    of: 'answer',
    means: 'The snapshot is of a Multi-AZ DB cluster, and such snapshots cannot be shared.',
  },
  'engine-is-not-exported': { of: 'answer', means: 'Exports do not support the engine.' },
  'engine-mode-is-not-supported': {
    of: 'answer',
    means: 'The operation does not support the engine mode of the cluster.',
  },
  'instances-are-being-deleted': { of: 'answer', means: 'All instances of the cluster are being deleted.' },
  'other-instances-are-being-deleted': {
    of: 'answer',
    means: 'All other instances of the replica cluster are being deleted.',
  },
  'has-instances': { of: 'answer', means: 'The cluster still has instances.' },
  'belongs-to-cluster': {
    of: 'answer',
    means: 'The instance is in a cluster: the operation works on the cluster instead.',
  },
  'snapshot-is-the-clusters': {
    of: 'answer',
    means: 'The instance is in a cluster: take a snapshot of the cluster instead.',
  },
  'belongs-to-global-cluster': {
    of: 'answer',
    means: 'The cluster belongs to a global cluster and must be removed from it first.',
  },
  'has-replicas': { of: 'answer', means: 'The cluster has replicas.' },
  'source-of-replicas-is-not-stopped': { of: 'answer', means: 'The DB instance has read replicas.' },
  'replica-is-not-stopped': { of: 'answer', means: 'The DB instance is a read replica.' },
  'sql-server-multi-az-is-not-stopped': {
    of: 'answer',
    means: 'The DB instance runs SQL Server in a Multi-AZ deployment.',
  },
  'is-of-multi-az-cluster': {
    of: 'answer',
    means: 'The source is part of a Multi-AZ DB cluster, which the operation does not support.',
  },
  'password-is-managed': { of: 'answer', means: 'RDS manages the master password of the DB instance.' },
  'cluster-password-is-managed': { of: 'answer', means: 'RDS manages the master password of the cluster.' },
  'last-instance-of-replica-cluster': {
    of: 'answer',
    means: 'The DB instance is the last instance of a replica cluster.',
  },
  'status-allows-no-final-snapshot': {
    of: 'answer',
    means: 'The DB instance is not available, so no final snapshot can be taken.',
  },
  'replica-needs-automated-backups': {
    of: 'answer',
    means: 'The DB instance keeps no backups, but replicas need them.',
  },
  'engine-differs-from-source': {
    of: 'answer',
    means: 'The request names an engine that cannot open the data of the snapshot.',
  },
  'replica-has-no-replicas': { of: 'answer', means: 'RDS makes no replica of a replica of this engine.' },
  'replica-of-replica-not-established': {
    of: 'answer',
    means: 'AWS documents that a read replica can have a replica only for some versions of PostgreSQL.',
  },
  'edition-has-no-replicas': {
    of: 'answer',
    means: "The edition of the DB instance's engine does not support read replicas.",
  },
  'replica-cannot-encrypt': {
    of: 'answer',
    means: 'The request names a key, but a replica of an unencrypted DB instance cannot be encrypted.',
  },
  'no-final-snapshot-of-a-replica': {
    of: 'answer',
    means: 'The request names a final snapshot, but RDS takes no final snapshot of a read replica.',
  },
  'no-final-snapshot-of-a-cluster-instance': {
    of: 'answer',
    means: 'The request names a final snapshot, but RDS takes no final snapshot of an instance in a cluster.',
  },
  'belongs-to-another-account': { of: 'answer', means: 'The resource and the principal belong to different accounts.' },
  'both-are-in-one-region': { of: 'answer', means: 'The source and the new resource are in one Region.' },
  'source-lies-in-another-region': {
    of: 'answer',
    means: 'The source is not in the Region of the operation.',
  },
  'partitions-differ': { of: 'answer', means: 'The two Regions are in different partitions.' },
  'replica-needs-key-of-its-own': {
    of: 'answer',
    means: 'The request names no key, but a replica in another Region needs one.',
  },
  'replicated-backups-need-key': {
    of: 'answer',
    means: 'Backups of an encrypted instance need a key of the Region to which they are replicated.',
  },
  'copy-across-regions-needs-key': {
    of: 'answer',
    means: 'The request names no key, but a copy to another Region needs one.',
  },
  'copy-across-accounts-needs-key': {
    of: 'answer',
    means: "The request names no key, but a copy of another account's snapshot needs one.",
  },
  'key-is-in-another-region': { of: 'answer', means: 'The key is not in the Region of the operation.' },
  'key-state-is-not-usable': { of: 'answer', means: 'The state of the key does not allow its use.' },
  'key-does-not-exist': { of: 'answer', means: 'KMS has no such key: it was deleted, or never existed.' },
  'key-material-expires-soon': {
    of: 'answer',
    means: 'The imported material of the key expires within the day that the answer covers.',
  },
  'key-material-has-expired': {
    of: 'answer',
    means: 'The imported material of the key has expired, so the key cannot be used.',
  },
  'key-spec-is-not-symmetric': {
    of: 'answer',
    means: 'KeySpec or KeyUsage is not that of a symmetric encryption key.',
  },
  'aws-managed-key-of-another-account': {
    of: 'answer',
    means: 'The key is an AWS managed key, which only its own account can use.',
  },
  'grants-are-at-the-limit': { of: 'answer', means: 'The key has the maximum number of grants.' },
  'grants-are-above-the-usual-limit': {
    of: 'answer',
    means: 'The key has more grants than the usual quota allows, so AWS has raised the quota.',
  },
  'no-such-role': { of: 'answer', means: 'The account does not have the role.' },
  'rcp-denies-trust': { of: 'answer', means: 'An RCP does not allow the service to assume the role.' },
  'no-such-monitoring-role': { of: 'answer', means: 'The account does not have the role for Enhanced Monitoring.' },
  'trust-policy-denies-monitoring': {
    of: 'answer',
    means: 'The trust policy of the role does not allow Enhanced Monitoring.',
  },
  'trust-policy-denies': { of: 'answer', means: 'The trust policy of the role does not allow the service.' },
  'bucket-is-in-another-region': { of: 'answer', means: 'The bucket is not in the Region of the snapshot.' },
  'name-is-taken': { of: 'answer', means: 'Another resource already has the name.' },
  'quota-is-used-up': { of: 'answer', means: 'The quota is used up.' },
  'too-many-accounts': {
    of: 'answer',
    means: 'The snapshot would be shared with more accounts than the maximum.',
  },
  'account-has-a-clone': { of: 'answer', means: 'The account of the principal already has a clone of the cluster.' },
  'too-many-clones': { of: 'answer', means: 'Other accounts have the maximum number of clones of the cluster.' },
  'must-be-copied-first': {
    of: 'answer',
    means: 'The DB snapshot is encrypted and belongs to another account, so it must be copied before it is restored.',
  },
  'root-cannot-copy': { of: 'answer', means: 'The root user cannot copy an encrypted snapshot from another account.' },
  'encrypted-with-tde': {
    of: 'answer',
    means: 'The snapshot is encrypted with TDE, and such snapshots cannot be shared.',
  },
  'encrypted-snapshots-are-never-public': {
    of: 'answer',
    means: 'The snapshot is encrypted, and the request shares it with all accounts.',
  },
  'under-the-default-key': {
    of: 'answer',
    means: 'The snapshot is encrypted with the AWS managed key aws/rds, and such snapshots cannot be shared.',
  },
  'has-replicas-in-other-regions': { of: 'answer', means: 'The cluster has replicas in other Regions.' },
  'deletion-protection-is-true': { of: 'answer', means: 'The evidence shows that deletion protection is on.' },
  'keeps-no-automated-backups': { of: 'answer', means: 'The DB instance keeps no backups.' },
  'unencrypted-source-takes-no-key': {
    of: 'answer',
    means: 'The request names a key, but the source is not encrypted.',
  },
  'no-final-snapshot-of-rds-custom': {
    of: 'answer',
    means: 'An instance of RDS Custom cannot be deleted with a final snapshot.',
  },
  'engine-is-not-cloned-across-accounts': {
    of: 'answer',
    means: 'The cluster belongs to another account, and its engine is not cloned across accounts.',
  },
  'copy-does-not-encrypt': {
    of: 'answer',
    means: 'The request names a key, but a copy of a snapshot of this engine does not encrypt it.',
  },
  'china-exchanges-no-aurora-snapshots': { of: 'answer', means: 'Regions in China do not exchange Aurora snapshots.' },
  // Why it is unknown.
  'status-unread': { of: 'answer', means: 'The evidence does not have the status.' },
  'sharing-of-own-snapshot-unread': {
    of: 'answer',
    means: "The accounts that the principal's own account shares the snapshot with were not read.",
  },
  'password-is-the-clusters': {
    of: 'answer',
    means: "The instance belongs to a cluster, and the master password is the cluster's.",
  },
  'joining-a-global-cluster-not-established': {
    of: 'answer',
    means: 'The cluster joins a global cluster, and what RDS asks of the key of the primary is not published.',
  },
  'managed-password-of-replica-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether RDS manages the password of a read replica.',
  },
  'managed-password-beside-replicas-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether RDS manages the password of a cluster that has replicas.',
  },
  'secret-key-unread': { of: 'answer', means: 'The key of the secret was not read.' },
  'use-of-present-secret-key-unpublished': {
    of: 'answer',
    means: 'RDS manages the password already, and AWS does not publish whether RDS checks the key again.',
  },
  'key-of-unencrypted-backups-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether replicated backups of an unencrypted instance take a key.',
  },
  'insights-unread': { of: 'answer', means: 'The evidence does not show whether Performance Insights is on.' },
  'manager-of-insights-key-unread': {
    of: 'answer',
    means: 'The evidence does not show whether the Performance Insights key is a customer managed key.',
  },
  'standby-unread': { of: 'answer', means: 'MultiAZ of the instance was not read.' },
  'failover-of-cluster-instance-unpublished': {
    of: 'answer',
    means: 'AWS does not publish what a forced failover of a cluster instance does.',
  },
  'change-of-stopped-instance-is-contradicted': {
    of: 'answer',
    means: 'AWS contradicts itself about a change of the groups of a stopped DB instance.',
  },
  'effect-of-status-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether the operation works in this status.',
  },
  'key-unread': { of: 'answer', means: 'The evidence does not have the key.' },
  'key-state-unread': { of: 'answer', means: 'The evidence does not have the state of the key.' },
  'key-state-is-not-listed': {
    of: 'answer',
    means: 'The documentation of KMS that this program follows does not list the state of the key.',
  },
  'key-state-is-unavailable': {
    of: 'answer',
    means: 'The key is unavailable: calls on the key succeed, but using the key fails later.',
  },
  'sharing-unread': {
    of: 'answer',
    means: 'The evidence does not show the accounts that the snapshot is shared with.',
  },
  'cluster-sharing-unread': {
    of: 'answer',
    means: 'The evidence does not show whether the cluster is shared through RAM.',
  },
  'other-members-of-global-cluster-unread': {
    of: 'answer',
    means: 'The evidence does not show whether the global cluster has other members.',
  },
  'copy-may-need-key-of-its-own': {
    of: 'answer',
    means: 'The request names no key, and needs a key if a KMS key encrypts the source.',
  },
  'key-is-named-by-its-replica': { of: 'answer', means: 'The request names the replica of the key in another Region.' },
  'effect-of-key-state-unpublished': {
    of: 'answer',
    means: 'AWS does not publish the result of the operation while the key is in this state.',
  },
  'effect-of-lost-key-unpublished': {
    of: 'answer',
    means: 'AWS does not publish the result of the operation if KMS does not have the key.',
  },
  'effect-of-expired-key-material-unpublished': {
    of: 'answer',
    means: 'AWS does not publish the result of the operation after the key material expired.',
  },
  'manager-of-foreign-key-unread': {
    of: 'answer',
    means: 'The evidence does not show who manages the key of another account.',
  },
  'grants-of-source-key-are-at-the-limit': {
    of: 'answer',
    means:
      'The key of the source has the maximum number of grants, and AWS does not publish whether RDS needs another one.',
  },
  'bucket-may-be-gone': {
    of: 'answer',
    means: 'A plan deletes the bucket, and only the apply shows whether the bucket is gone.',
  },
  'name-may-come-with-plan': {
    of: 'answer',
    means: 'A role or vault of the plan, whose name is known only after the apply, may have the name.',
  },
  'roles-unread': { of: 'answer', means: 'The evidence does not have the roles of the account.' },
  'trust-depends-on-conditions': {
    of: 'answer',
    means: 'Unknown conditions decide whether the trust policy allows the service.',
  },
  'snapshot-type-unread': { of: 'answer', means: 'The evidence does not have the type of the snapshot.' },
  'may-have-to-be-copied-first': {
    of: 'answer',
    means: 'The DB snapshot belongs to another account, and the evidence does not show whether it is encrypted.',
  },
  'restore-of-shared-neptune-snapshot-is-contradicted': {
    of: 'answer',
    means: 'AWS pages disagree on whether Neptune restores an encrypted snapshot of another account.',
  },
  'root-stands-for-the-account': {
    of: 'answer',
    means: 'The request names only the other account, not a principal in it.',
  },
  'encryption-unread': { of: 'answer', means: 'The evidence does not show how the source is encrypted.' },
  'manager-of-snapshot-key-unread': {
    of: 'answer',
    means: 'The evidence does not show who manages the key of the snapshot.',
  },
  'engine-unread': { of: 'answer', means: 'The evidence does not have the engine.' },
  'members-unread': { of: 'answer', means: 'The evidence does not have the members of the cluster.' },
  'members-may-be-deleted-too': {
    of: 'answer',
    means: 'The cluster has instances, and the evidence does not show whether they are deleted with the cluster.',
  },
  'password-management-comes-with-plan': {
    of: 'answer',
    means: 'Whether RDS manages the master password is known only after the plan is applied.',
  },
  'source-of-replica-comes-with-plan': {
    of: 'answer',
    means: 'A plan makes a replica, and only the apply shows of which DB instance.',
  },
  'instance-replicas-unread': { of: 'answer', means: 'The evidence does not have the replicas of the DB instance.' },
  'stop-is-not-established': {
    of: 'answer',
    means: 'It is not established whether such a database can be stopped.',
  },
  'compatibility-of-engine-not-established': {
    of: 'answer',
    means:
      'The request names an engine that is not the engine of the snapshot. It is not established whether they are compatible.',
  },
  'cluster-of-engine-not-established': {
    of: 'answer',
    means: 'It is not established whether a DB snapshot of the engine can become a cluster.',
  },
  'multi-az-unread': {
    of: 'answer',
    means: 'The evidence does not show whether the DB instance is in a Multi-AZ deployment.',
  },
  'support-of-multi-az-cluster-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether the operation supports Multi-AZ DB clusters.',
  },
  'password-is-managed-and-engine-unread': {
    of: 'answer',
    means: 'RDS manages the master password. What that means depends on the engine, which the evidence does not have.',
  },
  'engine-has-no-such-status': {
    of: 'answer',
    means: 'AWS says that databases of this engine do not wait for their key to come back.',
  },
  'password-rules-of-engine-not-established': {
    of: 'answer',
    means: 'The rules for managed passwords of DocumentDB and Neptune are not established.',
  },
  'cluster-unread': { of: 'answer', means: 'The evidence does not have the cluster of the DB instance.' },
  'replicas-unread': { of: 'answer', means: 'The evidence does not have the replicas of the cluster.' },
  'deletion-protection-unread': {
    of: 'answer',
    means: 'The evidence does not show whether deletion protection is on.',
  },
  'backup-retention-unread': { of: 'answer', means: 'The evidence does not show how long backups are kept.' },
  'restore-of-shared-aws-owned-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a shared snapshot under an AWS owned key can be restored.',
  },
  'restore-of-aws-owned-under-a-key-not-established': {
    of: 'answer',
    means: 'It is not established whether a snapshot under an AWS owned key can be restored under another key.',
  },
  'restore-of-foreign-db-snapshot-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a cluster can be restored from an encrypted DB snapshot of another account.',
  },
  'copy-of-shared-aws-owned-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a shared snapshot under an AWS owned key can be copied.',
  },
  'clone-of-shared-aws-owned-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a shared cluster under an AWS owned key can be cloned.',
  },
  'export-of-shared-aws-owned-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a shared snapshot under an AWS owned key can be exported.',
  },
  'copy-of-aws-owned-under-a-key-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a snapshot under an AWS owned key can be copied under another key.',
  },
  'encrypting-copy-is-contradicted': {
    of: 'answer',
    means: 'AWS pages disagree on whether a copy encrypts an unencrypted snapshot of Aurora or Neptune.',
  },
  'custom-copy-not-established': {
    of: 'answer',
    means: 'It is not established whether snapshots of RDS Custom for Oracle can be copied.',
  },
  'custom-copy-permissions-not-checked': {
    of: 'answer',
    means: 'A copy of a snapshot of RDS Custom needs further permissions, which are not checked.',
  },
  'custom-start-is-contradicted': {
    of: 'answer',
    means: 'AWS pages disagree on whether instances of RDS Custom for SQL Server can be started.',
  },
  'multi-tenant-unread': {
    of: 'answer',
    means: 'The evidence does not show whether the instance has several tenant databases.',
  },
  'copy-in-china-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether Regions in China exchange snapshots of the engine.',
  },
  'sharing-of-aws-owned-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a snapshot under an AWS owned key can be shared.',
  },
  'restore-of-aws-owned-source-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a database under an AWS owned key can be restored under another key.',
  },
  'instance-profile-not-checked': {
    of: 'answer',
    means: 'An instance of RDS Custom needs an instance profile, which is not checked.',
  },
  'replica-of-aws-owned-unpublished': {
    of: 'answer',
    means: 'AWS does not publish whether a cluster under an AWS owned key can be replicated under another key.',
  },
  'replica-clusters-of-engine-not-established': {
    of: 'answer',
    means: 'AWS documents replica clusters in another Region only for Aurora MySQL.',
  },
  'replicas-of-engine-not-established': {
    of: 'answer',
    means: 'It is not established which read replicas RDS Custom supports.',
  },
  'encryption-of-multi-az-cluster-not-established': {
    of: 'answer',
    means:
      'The snapshot is an unencrypted snapshot of a Multi-AZ DB cluster. AWS does not say whether it can be restored encrypted.',
  },
  'replica-under-another-key-is-contradicted': {
    of: 'answer',
    means: 'AWS pages disagree on whether a replica in the same Region can have another key.',
  },
  'no-key-named-for-the-account': { of: 'answer', means: 'The request names no key for the other account.' },
  'key-id-unread': { of: 'answer', means: 'The evidence does not have the key of the new resource.' },
  'source-key-id-unread': { of: 'answer', means: 'The evidence does not have the key of the source.' },
  'key-spec-unread': { of: 'answer', means: 'The evidence does not have the spec of the key.' },
  'default-key-unread': { of: 'answer', means: 'The evidence does not have the default key of RDS.' },
  'role-path-unknown': {
    of: 'answer',
    means: 'The principal is a role session, whose ARN does not show the path of the role.',
  },
  'trust-policy-unread': { of: 'answer', means: 'The evidence does not have the trust policy of the role.' },
  'trust-policy-not-understood': {
    of: 'answer',
    means: 'The program does not understand the trust policy of the role.',
  },
  'tde-is-not-read': {
    of: 'answer',
    means: 'A snapshot with the option TDE cannot be shared, and the options of its option group were not read.',
  },
  'target-option-group-may-be-needed': {
    of: 'answer',
    means: 'A persistent option of the snapshot, such as TDE, would need an option group in the other Region.',
  },
  'bucket-policy-of-another-account-unread': {
    of: 'answer',
    means: 'The bucket belongs to another account, and its policy has to allow the role of the export.',
  },
  'bucket-region-unread': { of: 'answer', means: 'The evidence does not have the Region of the bucket.' },
  'names-unread': { of: 'answer', means: 'The evidence does not have the list of existing names.' },
  // What is assumed if it is unknown.
  'accounts-share-an-organization': {
    of: 'assumption',
    means: 'The account that AWS Backup copies to is assumed to be in the organization of the source.',
  },
  'vault-holds-the-snapshot': { of: 'assumption', means: 'An AWS Backup vault is assumed to hold the snapshot.' },
  'vault-policy-lets-the-copy-in': {
    of: 'assumption',
    means:
      'The access policy of the destination vault is assumed to allow the account of the source to copy into the vault.',
  },
  'copied-by-a-user-or-role': {
    of: 'assumption',
    means: 'A user or role of the other account is assumed to copy the snapshot, not its root user.',
  },
  'engine-is-suitable': {
    of: 'assumption',
    means: 'The engine was not read and is assumed to be one that supports the operation.',
  },
  'engine-can-be-exported': {
    of: 'assumption',
    means: 'The engine was not read and is assumed to be one that exports support.',
  },
  'cluster-has-no-replicas': {
    of: 'assumption',
    means: 'The replicas of the cluster were not read. The cluster is assumed to have none.',
  },
  'key-is-used-before-its-material-expires': {
    of: 'assumption',
    means:
      'The imported material of the key expires within the day that the answer covers. The operation is assumed to use the key before that time.',
  },
  'clone-needs-no-instance': {
    of: 'assumption',
    means:
      'EngineMode of a cluster without DB instances was not read. The cluster is assumed to be one that can be cloned.',
  },
  'cluster-is-not-empty': {
    of: 'assumption',
    means: 'The instances of the cluster were not read. The cluster is assumed to have one.',
  },
  'cluster-has-no-replicas-abroad': {
    of: 'assumption',
    means: 'The replicas of the cluster were not read. The cluster is assumed to have none in other Regions.',
  },
  'instance-has-no-replicas': {
    of: 'assumption',
    means: 'The replicas of the DB instance were not read. The instance is assumed to have none.',
  },
  'cluster-is-no-multi-az-cluster': {
    of: 'assumption',
    means: 'The engine was not read. The cluster is assumed not to be a Multi-AZ DB cluster.',
  },
  'cluster-is-no-replica': {
    of: 'assumption',
    means: 'The cluster of the DB instance was not read. The cluster is assumed not to be a replica.',
  },
  'default-key-is-there-or-created': {
    of: 'assumption',
    means: 'The default key of RDS was not read. The key is assumed to exist, or RDS creates it on demand.',
  },
  'account-has-key-of-its-own': {
    of: 'assumption',
    means: 'The other account is assumed to have its own key for the copy.',
  },
  'unread-key-is-enabled': {
    of: 'assumption',
    means: 'The state of the key was not read. The key is taken to be enabled.',
  },
  'available-database-has-its-key': {
    of: 'assumption',
    means: 'The state of the key was not read. An available database shows that RDS can use the key.',
  },
  'role-trusts-the-caller-service': {
    of: 'assumption',
    means: 'The trust policy of the role was not read. The policy is assumed to allow the service.',
  },
  'bucket-is-in-the-snapshots-region': {
    of: 'assumption',
    means: 'The Region of the bucket was not read and is assumed to be that of the snapshot.',
  },
  'new-name-is-free': {
    of: 'assumption',
    means: 'The existing names were not read. The new name is assumed to be free.',
  },
} as const;
