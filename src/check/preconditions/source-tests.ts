import { type Place, placeOf } from '../../base/arn.ts';
import { partitionOf } from '../../base/partition.ts';
import { isLaterName } from '../../base/planned-name.ts';
import { servicePrefix } from '../../base/service.ts';
import { regionAt } from '../../evidence/lookup.ts';
import type { Cluster, Evidence } from '../../evidence/schema.ts';
import { isAutomatedSnapshot } from '../../evidence/sharing.ts';
import { areBackupsReplicated } from '../../operations/backup-regions.ts';
import type { PreconditionCode } from '../../operations/operation.ts';
import {
  clusterReplication,
  isMember,
  isMultiAzCluster,
  isOfBackup,
  isOtherService,
  isReplica,
  mayBeManaged,
  mayBeReplica,
  replicasOf,
  replicasOfCluster,
  snapshotTypeOf,
} from '../bind.ts';
import { backupAt } from '../vault.ts';
import {
  type Answer,
  assumed,
  engineAssumed,
  type Facts,
  met,
  notKnown,
  ownedByCaller,
  type PreconditionTest,
  unmet,
} from './answer.ts';
import type { AwsOwnedReason } from './reason.ts';

/** Preconditions of the source: its state, its owner, its encryption. */
export const sourceTests = {
  'snapshot-is-available': ({ bound: { source } }) =>
    source?.type === 'cluster-snapshot' || source?.type === 'snapshot'
      ? stateIs(source.status, ['available'])
      : undefined,
  'snapshot-is-shared-with-the-account': shared,
  'snapshot-is-a-recovery-point': recoveryPoint,
  'snapshot-is-manual': manual,
  'shared-snapshot-is-copied-first': ({ bound: { source, principal, encryption, operation } }) => {
    if (source === undefined || source.account === principal.account) return undefined;
    const makesCluster = operation.makes === 'cluster';
    // Aurora and DocumentDB restore a shared cluster snapshot whether or not it is encrypted.
    if (makesCluster && source.engine !== 'neptune') return undefined;
    if (encryption === 'none' || encryption === 'none or sse-rds') return met({ code: 'no-kms-key-encrypts-it' });
    if (makesCluster) return notKnown({ code: 'restore-of-shared-neptune-snapshot-is-contradicted' });
    // For a shared snapshot of a Multi-AZ DB cluster, AWS says how to name its ARN, but not whether
    // encryption prevents the restore.
    return encryption === 'unknown' || source.type === 'cluster-snapshot'
      ? notKnown({ code: 'may-have-to-be-copied-first' })
      : unmet({ code: 'must-be-copied-first' });
  },
  'snapshot-can-be-restored-under-the-key': restorable,
  'snapshot-can-be-copied-under-the-key': copyable,
  'snapshot-can-be-shared': shareable,
  'snapshot-can-be-deleted': deletable,
  'snapshot-is-not-shared': ({ bound: { source, sharedWith } }) => {
    if (source === undefined) return undefined;
    if (sharedWith === undefined) return notKnown({ code: 'sharing-of-own-snapshot-unread' });
    return sharedWith.length === 0
      ? met({ code: 'is-shared-with-nobody' })
      : unmet({ code: 'shared-snapshot-is-not-upgraded', accounts: sharedWith });
  },
  'snapshot-engine-can-be-upgraded': ({ bound: { source } }) => {
    if (source === undefined) return undefined;
    const { engine } = source;
    if (engine === undefined) return notKnown({ code: 'engine-unread' });
    return /^(mysql|mariadb|postgres|oracle-.*)$/.test(engine)
      ? met({ code: 'engine-is-upgraded', engine })
      : unmet({ code: 'engine-is-not-upgraded', engine });
  },
  'cluster-is-available': ({ bound: { source } }) => (source?.type === 'cluster' ? running(source.status) : undefined),
  'cluster-is-stopped': ({ bound: { source } }) =>
    isOtherService(source) && source?.status?.toLowerCase() === recoverable
      ? notKnown({ code: 'engine-has-no-such-status', engine: source.engine ?? '', status: source.status })
      : stateIs(source?.status, startable),
  'cluster-can-be-stopped': stoppable,
  'cluster-is-shared-with-the-account': ({ bound: { source, principal, region }, evidence }) => {
    if (source === undefined || source.account === principal.account) return undefined;
    // The guides of DocumentDB and Neptune exclude it (rds-kms-operations-2 11).
    if (isOtherService(source)) return unmet({ code: 'engine-is-not-cloned-across-accounts', engine: source.engine });
    const listed = regionAt(evidence, { account: principal.account, region })?.rds?.DBClusters;
    return listed?.some(({ DBClusterArn: arn }) => arn === source.arn) === true
      ? met({ code: 'shared-by-owner', owner: source.account, user: principal.account })
      : notKnown({ code: 'cluster-sharing-unread', owner: source.account });
  },
  'cluster-holds-no-instances': ({ bound: { source }, evidence }) => {
    // A Multi-AZ DB cluster is deleted with its instances (rds-kms-operations-2 12.6).
    if (source?.type !== 'cluster' || isMultiAzCluster(source)) return undefined;
    const members = source.entry.DBClusterMembers;
    if (members === undefined) return notKnown({ code: 'members-unread' });
    if (members.length === 0) return met({ code: 'has-no-instances' });
    // RDS waits for no instance that is being deleted.
    const staying = stayingOf(members, source, evidence);
    if (staying.length === 0) return met({ code: 'instances-are-being-deleted' });
    return source.engine === undefined
      ? notKnown({ code: 'members-may-be-deleted-too' })
      : unmet({ code: 'has-instances', instances: staying.map((one) => one.DBInstanceIdentifier) });
  },
  'cluster-has-an-instance': hasAnInstance,
  'cluster-is-provisioned': provisioned,
  'cluster-stands-alone': standsAlone,
  'cluster-keeps-an-instance': keepsAnInstance,
  'source-is-of-no-multi-az-cluster': ({ bound: { source }, evidence, row }) => {
    if (source === undefined) return undefined;
    if (source.type === 'db' && !isMember(source)) return undefined;
    const engine = clusterOf(source, evidence)?.Engine ?? source.engine;
    if (engine === undefined) return noMultiAzAssumed();
    if (engine !== 'mysql' && engine !== 'postgres') return undefined;
    return row.basis === 'documented'
      ? unmet({ code: 'is-of-multi-az-cluster', engine })
      : notKnown({ code: 'support-of-multi-az-cluster-unpublished', engine });
  },
  'source-is-of-a-multi-az-cluster': ({ bound: { source } }) => {
    if (source?.type !== 'cluster' && source?.type !== 'cluster-snapshot') return undefined;
    const { engine } = source;
    if (engine === undefined) return notKnown({ code: 'engine-unread' });
    return isMultiAzCluster(source)
      ? met({ code: 'cluster-is-multi-az', engine })
      : unmet({ code: 'cluster-is-not-multi-az', engine });
  },
  'source-can-have-an-aurora-replica': ({ bound: { source } }) => {
    if (source?.type !== 'db') return undefined;
    const { engine } = source;
    if (engine === undefined) return notKnown({ code: 'engine-unread' });
    if (!/^(mysql|postgres)$/.test(engine)) return unmet({ code: 'engine-has-no-aurora-replica', engine });
    const other = otherRegionReplica(source);
    if (other !== undefined) return unmet({ code: 'has-replica-elsewhere', replica: other });
    // The list also names Multi-AZ DB clusters.
    const [cluster] = source.entry.ReadReplicaDBClusterIdentifiers ?? [];
    if (cluster === undefined) return met({ code: 'engine-has-aurora-replicas', engine });
    return notKnown(isLaterName(cluster) ? sourceLater : { code: 'may-have-an-aurora-replica', cluster });
  },
  'replica-asks-for-encryption': ({ bound: { source, encryption, parameters } }) => {
    if (source === undefined || parameters.kmsKeyId !== undefined) return undefined;
    if (encryption === 'none')
      return parameters.storageEncrypted === true ? unmet({ code: 'encrypted-replica-needs-key' }) : undefined;
    if (parameters.storageEncrypted === true) return undefined;
    if (encryption !== 'sse-kms') return notKnown({ code: 'need-to-ask-for-encryption-unpublished' });
    return source.engine === 'postgres'
      ? unmet({ code: 'encryption-is-not-asked-for' })
      : notKnown({ code: 'need-to-ask-for-encryption-unpublished' });
  },
  'instance-is-available': ({ bound: { source, operation } }) => {
    if (source?.type !== 'db') return undefined;
    if (operation.api === 'DeleteDBInstance') return readyForFinalSnapshot(source);
    const { status = '' } = source;
    // AWS says that an operation works in such a state only for CreateDBSnapshot
    // (rds-kms-operations-2 12.2).
    return operation.api === 'CreateDBSnapshot' && status.toLowerCase() === 'storage-optimization'
      ? statusAnswer(status, true)
      : running(source.status);
  },
  'instance-can-be-stopped': stoppableInstance,
  'instance-can-fail-over': ({ bound: { source } }) => {
    if (source?.type !== 'db') return undefined;
    if (isMember(source)) return notKnown({ code: 'failover-of-cluster-instance-unpublished' });
    const { MultiAZ: multiAz } = source.entry;
    if (multiAz === undefined) return notKnown({ code: 'standby-unread' });
    return multiAz ? met({ code: 'has-a-standby' }) : unmet({ code: 'has-no-standby' });
  },
  'source-is-a-replica': ({ bound: { source } }) => {
    if (source?.type === 'db') {
      if (isReplica(source)) return met({ code: 'is-a-replica' });
      return mayBeReplica(source) ? notKnown(sourceLater) : unmet({ code: 'is-no-replica' });
    }
    if (source?.type !== 'cluster') return undefined;
    const { GlobalClusterIdentifier: global } = source.entry;
    const replication = clusterReplication(source.entry);
    if (replication === 'replica') return met({ code: 'is-a-replica' });
    if (replication === 'may be') return notKnown(sourceLater);
    return global !== undefined && global !== ''
      ? unmet({ code: 'global-cluster-is-left-instead', globalCluster: global })
      : unmet({ code: 'is-no-replica' });
  },
  'instance-profile-is-suitable': ({ bound: { source, parameters } }) => {
    const engine = source?.engine ?? parameters.engine?.toLowerCase();
    if (engine === undefined) return source === undefined ? undefined : engineAssumed();
    return engine.startsWith('custom-') ? notKnown({ code: 'instance-profile-not-checked', engine }) : undefined;
  },
  'global-cluster-takes-the-cluster': ({ bound: { parameters } }) =>
    parameters.globalClusterIdentifier === undefined
      ? undefined
      : notKnown({ code: 'joining-a-global-cluster-not-established' }),
  'target-option-group-is-named': ({ bound: { source, region, parameters } }) => {
    if (source?.type !== 'snapshot' || source.region === region || parameters.optionGroupName !== undefined)
      return undefined;
    if (!mayHaveLastingOptions(source)) return undefined;
    const { engine } = source;
    return engine === undefined ? engineAssumed() : notKnown({ code: 'target-option-group-may-be-needed', engine });
  },
  // The guide describes copies of RDS Custom for SQL Server alone, and the API reference excludes
  // copies of RDS Custom.
  'custom-snapshot-can-be-copied': ({ bound: { source, region, principal } }) => {
    if (source?.type !== 'snapshot') return undefined;
    const { engine } = source;
    if (engine === undefined) return engineAssumed();
    if (!engine.startsWith('custom-')) return undefined;
    if (!engine.startsWith('custom-sqlserver-')) return notKnown({ code: 'custom-copy-not-established', engine });
    if (source.account !== principal.account) return unmet({ code: 'custom-snapshot-stays-in-its-account', engine });
    return source.region === region
      ? unmet({ code: 'custom-snapshot-leaves-its-region', engine })
      : notKnown({ code: 'custom-copy-permissions-not-checked', engine });
  },
  'source-is-not-of-rds-custom': ({ bound: { source, operation } }) => {
    if (source === undefined) return undefined;
    const { engine } = source;
    if (engine === undefined) return engineAssumed();
    if (operation.api === 'StartDBInstance' && engine.startsWith('custom-sqlserver-'))
      return notKnown({ code: 'custom-start-is-contradicted', engine });
    return engine.startsWith('custom-') ? unmet({ code: 'is-of-rds-custom', engine }) : undefined;
  },
  'source-password-is-not-managed': ({ bound: { source } }) => {
    if (source?.type !== 'cluster' && source?.type !== 'db') return undefined;
    // RDS shows the secret only for databases that have one.
    const { MasterUserSecret: secret } = source.entry;
    if (secret === undefined) return undefined;
    if (mayBeManaged(secret)) return notKnown({ code: 'password-management-comes-with-plan' });
    const { engine } = source;
    if (engine === undefined) return notKnown({ code: 'password-is-managed-and-engine-unread' });
    if (isOtherService(source)) return notKnown({ code: 'password-rules-of-engine-not-established', engine });
    if (source.type === 'cluster') return unmet({ code: 'cluster-password-is-managed' });
    return engine.startsWith('sqlserver-') ? undefined : unmet({ code: 'password-is-managed', engine: engine });
  },
  // According to AWS's pages on replicas of Oracle and of SQL Server, only the Enterprise Edition
  // has replicas.
  'source-engine-has-replicas': ({ bound: { source } }) => {
    if (source?.type !== 'cluster' && source?.type !== 'db') return undefined;
    const { engine } = source;
    if (engine === undefined) return engineAssumed();
    // AWS's page on replica clusters in another Region is about Aurora MySQL.
    if (source.type === 'cluster')
      return /^aurora(?:-mysql)?$/.test(engine)
        ? undefined
        : notKnown({ code: 'replica-clusters-of-engine-not-established', engine });
    if (engine.startsWith('custom-')) return notKnown({ code: 'replicas-of-engine-not-established', engine });
    if (/^(oracle|sqlserver)-(?!ee)/.test(engine)) return unmet({ code: 'edition-has-no-replicas', engine });
    return replicaOfReplica(source, engine);
  },
  'engine-fits-the-source': ({ bound: { source, parameters } }) => {
    const { engine } = parameters;
    if (source === undefined || engine === undefined) return undefined;
    const { engine: of } = source;
    if (of === undefined) return engineAssumed();
    const [own, named] = [of.toLowerCase(), engine.toLowerCase()];
    if (own === named) return undefined;
    const [family, asked] = [own, named].map(familyOf);
    if (family === undefined || asked === undefined)
      return notKnown({ code: 'compatibility-of-engine-not-established', engine, of });
    return family === asked ? undefined : unmet({ code: 'engine-differs-from-source', engine, of });
  },
  'final-snapshot-can-be-named': ({ bound: { source, parameters } }) => {
    if (source?.type !== 'db' || parameters.skipFinalSnapshot === true) return undefined;
    if (source.engine?.startsWith('custom-') === true)
      return unmet({ code: 'no-final-snapshot-of-rds-custom', engine: source.engine });
    if (parameters.to === undefined) return undefined;
    if (isMember(source)) return unmet({ code: 'no-final-snapshot-of-a-cluster-instance' });
    if (isReplica(source)) return unmet({ code: 'no-final-snapshot-of-a-replica' });
    return mayBeReplica(source) ? notKnown(sourceLater) : undefined;
  },
  'instance-is-stopped': ({ bound: { source } }) => stateIs(source?.status, startable),
  'instance-is-no-member-of-a-cluster': ({ bound: { source, operation } }) => {
    if (source?.type !== 'db') return undefined;
    if (!isMember(source)) return met({ code: 'belongs-to-no-cluster' });
    const code = operation.api === 'CreateDBSnapshot' ? 'snapshot-is-the-clusters' : 'belongs-to-cluster';
    return unmet({ code, cluster: source.entry.DBClusterIdentifier ?? '' });
  },
  // AWS contradicts itself about a stopped cluster without instances, and says that no instance is
  // removed from a stopped cluster. While a database has lost its key, calls may fail
  // (rds-kms-operations 4.1).
  'status-allows-a-deletion': ({ bound: { source } }) => {
    if (source?.type !== 'cluster' && source?.type !== 'db') return undefined;
    const { status } = source;
    if (status === undefined) return undefined;
    const isStopped = [status, source.clusterStatus].some((one) => one?.toLowerCase() === 'stopped');
    const isOpen = inProgress.test(status) || (isStopped && (source.type === 'cluster' || isMember(source)));
    return isOpen || lostItsKey(status) ? notKnown({ code: 'effect-of-status-unpublished', status }) : undefined;
  },
  'deletion-protection-is-off': ({ bound: { source } }) => {
    if (source?.type !== 'cluster' && source?.type !== 'db') return undefined;
    const { DeletionProtection: protection } = source.entry;
    if (protection === undefined) return notKnown({ code: 'deletion-protection-unread' });
    return protection ? unmet({ code: 'deletion-protection-is-true' }) : met({ code: 'deletion-protection-is-false' });
  },
  'source-can-be-restored-to-a-point-in-time': restorableInTime,
  'instance-has-automated-backups': backedUp,
  'source-can-be-restored-under-the-key': ({ bound: { encryption, parameters, keysDiffer, source, principal } }) => {
    if (mayBeAwsOwned(encryption) && source?.account !== principal.account)
      return awsOwned('clone-of-shared-aws-owned-unpublished', encryption);
    if (parameters.kmsKeyId === undefined) return undefined;
    // Unlike a snapshot, a source without encryption is refused (rds-kms-operations 4.3).
    if (encryption === 'none') return unmet({ code: 'unencrypted-source-takes-no-key' });
    if (encryption !== 'sse-kms') return awsOwned('restore-of-aws-owned-source-unpublished', encryption);
    return keysDiffer ? met({ code: 'cluster-restores-under-another-key' }) : undefined;
  },
  'source-can-be-replicated-under-the-key': ({ bound }) => {
    const { source, region, keysDiffer, encryption, parameters, operation } = bound;
    if (source === undefined || parameters.kmsKeyId === undefined) return undefined;
    if (operation.makes === 'auto-backup')
      return encryption === 'sse-kms' ? undefined : notKnown({ code: 'key-of-unencrypted-backups-unpublished' });
    if (source.type === 'cluster' && operation.makes === 'cluster')
      return mayBeAwsOwned(encryption) ? awsOwned('replica-of-aws-owned-unpublished', encryption) : undefined;
    // rds-kms-operations-2 12.3.
    if (encryption === 'none') return unmet({ code: 'replica-cannot-encrypt' });
    if (!keysDiffer || source.region !== region) return undefined;
    return notKnown({ code: 'replica-under-another-key-is-contradicted' });
  },
  'source-is-in-the-callers-account': (facts) => {
    const { source } = facts.bound;
    return source === undefined ? undefined : ownedByCaller(source.account, facts);
  },
  // A list has only sources of its Region, unless somebody assembled it incorrectly.
  'source-is-in-the-region': ({ bound: { source, region } }) =>
    source === undefined || source.region === region
      ? undefined
      : unmet({ code: 'source-lies-in-another-region', from: source.region, to: region }),
  'source-is-in-another-region': ({ bound: { source, region } }) =>
    source?.region === region
      ? unmet({ code: 'both-are-in-one-region', region })
      : met({ code: 'regions-differ', from: source?.region ?? '', to: region }),
  'regions-exchange-snapshots': exchange,
  'regions-replicate-backups': ({ bound: { source, region } }) => {
    if (source === undefined || source.region === region) return undefined;
    const way = { from: source.region, to: region };
    return areBackupsReplicated(source.region, region)
      ? met({ code: 'backups-are-replicated', ...way })
      : notKnown({ code: 'regions-not-listed-for-backups', ...way });
  },
  'source-can-be-exported': ({ bound: { source, encryption, principal } }) => {
    const { engine } = source ?? {};
    const isExported = engine === undefined ? undefined : /^(aurora|mysql$|mariadb$|postgres$)/.test(engine);
    if (engine !== undefined && isExported === false) return unmet({ code: 'engine-is-not-exported', engine });
    if (mayBeAwsOwned(encryption) && source?.account !== principal.account)
      return awsOwned('export-of-shared-aws-owned-unpublished', encryption);
    return engine === undefined
      ? assumed({ code: 'engine-can-be-exported' }, { code: 'engine-unread' })
      : met({ code: 'engine-is-exported', engine });
  },
} satisfies Partial<Record<PreconditionCode, PreconditionTest>>;

/** A database in the recoverable state starts when its key is back (rds-kms-operations 4.11). */
const recoverable = 'inaccessible-encryption-credentials-recoverable';
const startable = ['stopped', recoverable];

/** Compares status strings without regard to case (rds-kms-operations 8.1). */
function stateIs(state: string | undefined, wanted: readonly string[]): Answer {
  if (state === undefined) return notKnown({ code: 'status-unread' });
  return statusAnswer(state, wanted.includes(state.toLowerCase()));
}

function statusAnswer(status: string, isSuitable: boolean): Answer {
  return isSuitable ? met({ code: 'status-is-suitable', status }) : unmet({ code: 'status-is-unsuitable', status });
}

/**
 * Whether RDS works on the storage of an instance or cluster that stays available meanwhile, for hours or
 * days (rds-kms-operations-2 12.2).
 */
function isWorkedOn(status: string): boolean {
  return ['storage-optimization', 'storage-initialization'].includes(status.toLowerCase());
}

/** Statuses such as `deleting`, `backing-up` and `maintenance`. */
const inProgress = /ing(?:-|$)|^(?:delete-precheck|maintenance|storage-config-upgrade|update-iam-db-auth)$/i;

/** rds-kms-operations 4.1, 8.1. */
function running(status: string | undefined): Answer {
  if (status !== undefined && isWorkedOn(status)) return notKnown({ code: 'effect-of-status-unpublished', status });
  const answer = stateIs(status, ['available']);
  return answer.status === 'unmet' && status !== undefined && lostItsKey(status)
    ? unmet({ code: 'database-lost-its-key', status })
    : answer;
}

function lostItsKey(status: string): boolean {
  return status.toLowerCase().startsWith('inaccessible-encryption-credentials');
}

/** An owner's own snapshot needs no sharing. A foreign snapshot in the list is shared. */
function shared({ bound: { source, principal, sharedWith } }: Facts): Answer | undefined {
  if (source === undefined || source.account === principal.account) return undefined;
  const { account: owner } = source;
  if (sharedWith !== undefined) {
    const listed = sharedWith.includes(principal.account) || sharedWith.includes('all');
    return listed
      ? met({ code: 'shared-by-owner', owner, user: principal.account })
      : unmet({ code: 'not-shared-by-owner', owner, user: principal.account });
  }
  const type = snapshotTypeOf(source);
  if (type === 'shared' || type === 'public') return met({ code: 'snapshot-type-is-shared', owner, type });
  return notKnown({ code: 'sharing-unread', owner, user: principal.account });
}

type Source = NonNullable<Facts['bound']['source']>;

/**
 * If the recovery points of the Region were read, the list shows which snapshots are recovery
 * points (rds-kms-operations-2 3).
 */
function recoveryPoint({ bound: { source }, evidence }: Facts): Answer | undefined {
  if (source?.type !== 'cluster-snapshot' && source?.type !== 'snapshot') return undefined;
  const { identifier: snapshot } = source;
  if (isOfBackup(source)) return met({ code: 'snapshot-is-of-aws-backup' });
  if (isAutomatedSnapshot(source)) return unmet({ code: 'snapshot-is-of-rds', snapshot });
  const points = backupAt(evidence, source).RecoveryPoints;
  if (points?.some((point) => point.RecoveryPointArn === source.arn)) return met({ code: 'vault-has-the-snapshot' });
  if (points !== undefined) return unmet({ code: 'no-vault-has-the-snapshot', snapshot });
  return assumed({ code: 'vault-holds-the-snapshot', snapshot }, { code: 'snapshot-is-not-named-by-aws-backup' });
}

/** rds-kms-operations-2 14.1. */
function deletable({ bound: { source } }: Facts): Answer | undefined {
  if (source?.type !== 'cluster-snapshot' && source?.type !== 'snapshot') return undefined;
  if (isOfBackup(source)) return unmet({ code: 'recovery-point-is-not-deleted-by-rds' });
  if (isAutomatedSnapshot(source))
    return unmet({
      code: source.type === 'snapshot' ? 'automated-db-snapshot-is-not-deleted' : 'automated-snapshot-is-not-deleted',
    });
  return snapshotTypeOf(source) === undefined
    ? notKnown({ code: 'snapshot-type-unread' })
    : met({ code: 'snapshot-type-is-manual' });
}

/** rds-kms-operations 4.6. The name of a snapshot also shows this (1.1). */
function manual({ bound: { source, operation } }: Facts): Answer | undefined {
  if (source === undefined) return undefined;
  const service = servicePrefix(source.identifier);
  const named = service === 'rds' ? 'automated' : service;
  const type = snapshotTypeOf(source) ?? named;
  if (type === undefined) return notKnown({ code: 'snapshot-type-unread' });
  return type === 'manual'
    ? met({ code: 'snapshot-type-is-manual' })
    : unmet({
        code:
          operation.api === 'ModifyDBSnapshot' ? 'only-manual-snapshots-are-upgraded' : 'snapshot-type-is-not-manual',
        type,
      });
}

/** Whether the storage is, or may be, under the AWS owned key. How it is shared is not published (rds-kms-operations 4.6). */
function mayBeAwsOwned(encryption: Facts['bound']['encryption']): boolean {
  return encryption === 'sse-rds' || encryption === 'none or sse-rds';
}

/** AWS does not say what can be done with storage that is, or may be, under the AWS owned key. */
function awsOwned(code: AwsOwnedReason['code'], encryption: Facts['bound']['encryption']): Answer {
  return notKnown({ code, isTypeRead: encryption === 'sse-rds' });
}

/**
 * Unencrypted and KMS-encrypted Aurora snapshots can change their key (rds-kms-operations 4.2). AWS
 * says nothing about the AWS owned key.
 */
function restorable({ bound }: Facts): Answer | undefined {
  const { encryption, keys, keysDiffer, sharedWith, source, principal } = bound;
  const foreign = source?.account !== principal.account;
  const { engine } = source ?? {};
  if (source?.type === 'snapshot') {
    // Only Aurora, RDS for MySQL and RDS for PostgreSQL have clusters.
    if (engine === undefined) return notKnown({ code: 'engine-unread' });
    if (!/^(mysql|postgres)$/.test(engine)) return notKnown({ code: 'cluster-of-engine-not-established', engine });
  }
  if (mayBeAwsOwned(encryption)) {
    if (foreign) return awsOwned('restore-of-shared-aws-owned-unpublished', encryption);
    if (keys['target key'] === undefined) return undefined;
    return awsOwned('restore-of-aws-owned-under-a-key-not-established', encryption);
  }
  if (encryption === 'none') {
    if (keys['target key'] === undefined) return undefined;
    // AWS lists "Encrypting an unencrypted Multi-AZ DB cluster" as not supported
    // (rds-kms-operations-2 13.5).
    if (source !== undefined && engine === undefined) return noMultiAzAssumed();
    return source !== undefined && isMultiAzCluster(source)
      ? notKnown({ code: 'encryption-of-multi-az-cluster-not-established' })
      : met({ code: 'unencrypted-snapshot-restores-encrypted' });
  }
  // AWS says only of cluster snapshots that a shared snapshot need not be copied first.
  if (foreign && source?.type === 'snapshot') return notKnown({ code: 'restore-of-foreign-db-snapshot-unpublished' });
  return keysDiffer || (foreign && sharedWith !== undefined)
    ? met({ code: 'snapshot-restores-under-another-key' })
    : undefined;
}

function noMultiAzAssumed(): Answer {
  return assumed({ code: 'cluster-is-no-multi-az-cluster' }, { code: 'engine-unread' });
}

/**
 * AWS contradicts itself about unencrypted snapshots of Aurora and Neptune, but not of DocumentDB
 * (rds-kms-operations 4.5, 9; rds-kms-operations-2 11).
 */
function copyable({ bound }: Facts): Answer | undefined {
  const { encryption, parameters, source, principal, keysDiffer, operation } = bound;
  const named = parameters.kmsKeyId !== undefined;
  if (encryption === 'sse-kms')
    return keysDiffer && named ? met({ code: 'snapshot-copies-under-another-key' }) : undefined;
  if (encryption === 'none' && source?.type === 'snapshot')
    return named ? met({ code: 'unencrypted-snapshot-copies-encrypted' }) : undefined;
  if (mayBeAwsOwned(encryption) && source?.account !== principal.account)
    return awsOwned('copy-of-shared-aws-owned-unpublished', encryption);
  if (!named || encryption === 'unknown') return undefined;
  if (operation.copiesAcrossAccounts === true)
    return encryption === 'none'
      ? met({ code: 'copy-stays-unencrypted' })
      : awsOwned('copy-of-aws-owned-under-a-key-unpublished', encryption);
  if (encryption === 'sse-rds') return awsOwned('copy-of-aws-owned-under-a-key-unpublished', encryption);
  if (source?.engine === 'docdb') return unmet({ code: 'copy-does-not-encrypt', engine: source.engine });
  return notKnown({ code: 'encrypting-copy-is-contradicted', engine: source?.engine });
}

/** rds-kms-operations 4.6. */
function shareable(facts: Facts): Answer {
  const { source } = facts.bound;
  if (source?.type === 'cluster-snapshot' && isMultiAzCluster(source))
    return unmet({ code: 'snapshot-of-multi-az-cluster', engine: source.engine ?? '' });
  if (source?.type === 'snapshot' && (source.entry.TdeCredentialArn ?? '') !== '')
    return unmet({ code: 'encrypted-with-tde' });
  const answer = shareableByKey(facts);
  return answer.status === 'met' && source !== undefined ? (optionsOpen(source) ?? answer) : answer;
}

/** What the engine of a snapshot leaves open, or its options, which the evidence does not have. */
function optionsOpen(source: Source): Answer | undefined {
  const { type, engine } = source;
  if (type === 'cluster-snapshot') return engine === undefined ? noMultiAzAssumed() : undefined;
  if (!mayHaveLastingOptions(source)) return undefined;
  return engine === undefined ? engineAssumed() : notKnown({ code: 'tde-is-not-read', engine });
}

/**
 * Whether the option group of a DB snapshot may have options, such as TDE, that cannot be removed
 * from an instance. Only these engines have such options, and no default group has any.
 */
function mayHaveLastingOptions(source: Source): boolean {
  if (source.type !== 'snapshot') return false;
  if (source.engine !== undefined && !/^(?:oracle|sqlserver)-/.test(source.engine)) return false;
  return source.entry.OptionGroupName?.startsWith('default:') !== true;
}

function shareableByKey({ bound: { encryption, keys, parameters } }: Facts): Answer {
  const publicly = parameters.with?.includes('all') === true;
  switch (encryption) {
    case 'none':
      return met({ code: 'not-encrypted' });
    case 'sse-kms': {
      if (publicly) return unmet({ code: 'encrypted-snapshots-are-never-public' });
      const key = keys['storage key'];
      if (key?.manager === 'AWS') return unmet({ code: 'under-the-default-key' });
      return key?.manager === 'CUSTOMER'
        ? met({ code: 'snapshot-key-is-managed-by-its-account', alias: key.alias })
        : notKnown({ code: 'manager-of-snapshot-key-unread' });
    }
    case 'unknown':
      return notKnown({ code: 'encryption-unread' });
    default:
      return awsOwned('sharing-of-aws-owned-unpublished', encryption);
  }
}

/** rds-kms-operations 4.10. */
function standsAlone({ bound: { source } }: Facts): Answer | undefined {
  if (source?.type !== 'cluster') return undefined;
  const { ReadReplicaIdentifiers: listed, GlobalClusterIdentifier: global } = source.entry;
  if (global !== undefined && global !== '') return unmet({ code: 'belongs-to-global-cluster', globalCluster: global });
  // RDS promotes the replicas of a Multi-AZ DB cluster, so they do not prevent its deletion.
  if (isMultiAzCluster(source)) return met({ code: 'belongs-to-no-global-cluster' });
  const { replicas, mayCome } = replicasOfCluster(source.entry);
  if (replicas.length > 0 && source.engine === undefined) return notKnown({ code: 'engine-unread' });
  if (replicas.length > 0) return unmet({ code: 'has-replicas', replicas });
  if (mayCome) return notKnown(sourceLater);
  return listed === undefined
    ? assumed({ code: 'cluster-has-no-replicas' }, { code: 'replicas-unread' })
    : met({ code: 'has-no-replicas-and-no-global-cluster' });
}

/** rds-kms-operations 4.11. */
function stoppable({ bound: { source } }: Facts): Answer | undefined {
  if (source?.type !== 'cluster') return undefined;
  const { ReadReplicaIdentifiers: listed, GlobalClusterIdentifier: global, EngineMode: mode } = source.entry;
  const { ReplicationSourceIdentifier: of = '' } = source.entry;
  const { replicas, mayCome } = replicasOfCluster(source.entry);
  if (replicas.length > 0) return unmet({ code: 'has-replicas-in-other-regions' });
  if (global !== undefined && global !== '')
    return notKnown({ code: 'other-members-of-global-cluster-unread', globalCluster: global });
  if (mode !== undefined && mode !== '' && mode.toLowerCase() !== 'provisioned')
    return notKnown({ code: 'stop-is-not-established', kind: `EngineMode ${mode}` });
  const replication = clusterReplication(source.entry);
  // AWS says of DB instances alone that a replica is not stopped.
  if (replication === 'replica')
    return notKnown({ code: 'stop-is-not-established', kind: `ReplicationSourceIdentifier ${of}` });
  if (mayCome || replication === 'may be') return notKnown(sourceLater);
  return listed === undefined
    ? assumed({ code: 'cluster-has-no-replicas-abroad' }, { code: 'replicas-unread' })
    : met({ code: 'has-no-replicas-in-other-regions' });
}

const sourceLater = { code: 'source-of-replica-comes-with-plan' } as const;

/** rds-kms-operations-2 12.4. */
function stoppableInstance({ bound: { source } }: Facts): Answer | undefined {
  if (source?.type !== 'db' || isMember(source)) return undefined;
  if (isReplica(source)) return unmet({ code: 'replica-is-not-stopped' });
  const { ReadReplicaDBInstanceIdentifiers: instances } = source.entry;
  const { replicas, mayCome } = replicasOf(source);
  if (replicas.length > 0) return unmet({ code: 'source-of-replicas-is-not-stopped', replicas });
  const stop = stoppableEngine(source);
  if (stop !== undefined) return stop;
  if (mayCome || mayBeReplica(source)) return notKnown(sourceLater);
  if (source.engine === undefined) return engineAssumed();
  return instances === undefined
    ? assumed({ code: 'instance-has-no-replicas' }, { code: 'instance-replicas-unread' })
    : met({ code: 'stands-alone-and-can-be-stopped' });
}

function stoppableEngine({
  engine,
  entry: { MultiAZ: multiAz },
}: Source & { readonly type: 'db' }): Answer | undefined {
  if (engine === undefined) return multiAz === true ? notKnown({ code: 'engine-unread' }) : undefined;
  if (engine.startsWith('sqlserver-')) {
    if (multiAz === undefined) return notKnown({ code: 'multi-az-unread', engine });
    if (multiAz) return unmet({ code: 'sql-server-multi-az-is-not-stopped', engine });
  }
  // AWS's guide to RDS Custom for Oracle and the API reference agree, but not the guide to RDS
  // Custom for SQL Server.
  if (engine.startsWith('custom-oracle-')) return unmet({ code: 'is-of-rds-custom', engine });
  return engine.startsWith('custom-')
    ? notKnown({ code: 'stop-is-not-established', kind: `Engine ${engine}` })
    : undefined;
}

/**
 * The cluster of an instance. Undefined: the evidence does not contain the cluster, or there is
 * none.
 */
function clusterOf(source: Source, evidence: Evidence): Cluster | undefined {
  const id = source.type === 'db' ? source.entry.DBClusterIdentifier : undefined;
  return id === undefined
    ? undefined
    : regionAt(evidence, source)?.rds?.DBClusters?.find(({ DBClusterIdentifier: one }) => one === id);
}

type Members = NonNullable<Cluster['DBClusterMembers']>;

/** The members of a cluster that are not being deleted, as far as the evidence shows. */
function stayingOf(members: Members, place: Place, evidence: Evidence): Members {
  const deleted = regionAt(evidence, place)?.rds?.DBInstances?.filter(
    ({ DBInstanceStatus: status }) => status?.toLowerCase() === 'deleting',
  );
  return members.filter(
    ({ DBInstanceIdentifier: id }) => deleted?.some((one) => one.DBInstanceIdentifier === id) !== true,
  );
}

/**
 * Only a provisioned cluster is exported, and one of Aurora Serverless v1 is not cloned into another
 * account (rds-kms-operations 4.4, 4.7).
 */
function provisioned({ bound: { source, operation } }: Facts): Answer | undefined {
  const mode = source?.type === 'cluster' ? source.entry.EngineMode : undefined;
  if (mode === undefined || mode === '' || mode.toLowerCase() === 'provisioned') return undefined;
  if (operation.api === 'StartExportTask') return unmet({ code: 'engine-mode-is-not-supported', mode, for: 'export' });
  return mode.toLowerCase() === 'serverless'
    ? unmet({ code: 'engine-mode-is-not-supported', mode, for: 'clone' })
    : undefined;
}

/** Aurora Serverless v1 lists no instances, and is cloned without them (rds-kms-operations 4.4). */
function hasAnInstance({ bound: { source }, evidence }: Facts): Answer | undefined {
  if (source?.type !== 'cluster' || isMultiAzCluster(source)) return undefined;
  const { DBClusterMembers: members, EngineMode: mode } = source.entry;
  if (mode?.toLowerCase() === 'serverless') return undefined;
  if (members === undefined) return assumed({ code: 'cluster-is-not-empty' }, { code: 'members-unread' });
  if (stayingOf(members, source, evidence).length > 0) return met({ code: 'has-an-instance' });
  const code = 'clone-without-instances-is-not-established';
  if (members.length > 0) return notKnown({ code, because: 'instances going' });
  if (mode === undefined) return assumed({ code: 'clone-needs-no-instance' }, { code, because: 'mode unread' });
  if (source.engine?.toLowerCase().startsWith('aurora') === true) return unmet({ code: 'clone-needs-an-instance' });
  return notKnown({ code, because: source.engine === undefined ? 'engine unread' : 'other engine' });
}

/** rds-kms-operations-2 12.5. */
function keepsAnInstance({ bound: { source }, evidence }: Facts): Answer | undefined {
  const id = source?.type === 'db' ? source.entry.DBClusterIdentifier : undefined;
  if (source === undefined || id === undefined) return undefined;
  const { identifier: instance } = source;
  const cluster = clusterOf(source, evidence);
  if (cluster === undefined)
    return assumed({ code: 'cluster-is-no-replica', cluster: id }, { code: 'cluster-unread', cluster: id });
  const { DBClusterMembers: members } = cluster;
  const replication = clusterReplication(cluster);
  if (replication === 'none') return undefined;
  if (members === undefined) return notKnown({ code: 'members-unread' });
  const others = members.filter(({ DBInstanceIdentifier: one }) => one !== instance);
  if (stayingOf(others, source, evidence).length > 0)
    return met({ code: 'replica-cluster-keeps-an-instance', cluster: id });
  if (others.length > 0) return notKnown({ code: 'other-instances-are-being-deleted', cluster: id });
  return replication === 'may be'
    ? notKnown(sourceLater)
    : unmet({ code: 'last-instance-of-replica-cluster', cluster: id });
}

/** RDS takes a final snapshot only of an available instance (rds-kms-operations-2 12.5). */
function readyForFinalSnapshot({ identifier, status }: Source): Answer {
  if (status === undefined) return notKnown({ code: 'status-unread' });
  if (isWorkedOn(status)) return notKnown({ code: 'effect-of-status-unpublished', status });
  return status.toLowerCase() === 'available'
    ? met({ code: 'status-is-suitable', status })
    : unmet({ code: 'status-allows-no-final-snapshot', instance: identifier, status });
}

/** A stopped source works, and so does a source that has lost its key (rds-kms-operations 4.3). */
function restorableInTime({ bound: { source } }: Facts): Answer | undefined {
  if (source === undefined) return undefined;
  const { status } = source;
  if (status === undefined) return notKnown({ code: 'status-unread' });
  return status.toLowerCase() === 'deleting'
    ? notKnown({ code: 'effect-of-status-unpublished', status })
    : statusAnswer(status, status.toLowerCase() !== 'creating');
}

/** Aurora always keeps backups. */
function backedUp({ bound: { source, operation } }: Facts): Answer | undefined {
  if (source?.type !== 'db' && source?.type !== 'cluster') return undefined;
  const { BackupRetentionPeriod: days } = source.entry;
  if (days === undefined) return notKnown({ code: 'backup-retention-unread' });
  if (days > 0) return met({ code: 'keeps-automated-backups', days });
  const replicates = operation.api === 'CreateDBInstanceReadReplica';
  return unmet({ code: replicates ? 'replica-needs-automated-backups' : 'keeps-no-automated-backups' });
}

/** Replicas of MySQL and MariaDB, and those of PostgreSQL since 14.1, have replicas (rds-kms-operations-2 12.3). */
function replicaOfReplica(source: Source, engine: string): Answer | undefined {
  if (!isReplica(source) && !mayBeReplica(source)) return undefined;
  const hasNone = /^(?:oracle|sqlserver|db2)-/.test(engine);
  const isOpen = engine === 'postgres' && !/^(?:14\.[1-9]|1[5-9]|[2-9]\d)/.test(source.engineVersion ?? '');
  if (!hasNone && !isOpen) return undefined;
  if (!isReplica(source)) return notKnown(sourceLater);
  return hasNone
    ? unmet({ code: 'replica-has-no-replicas', engine })
    : notKnown({ code: 'replica-of-replica-not-established', engine });
}

/** A read replica in another Region, which the list names by its ARN. */
function otherRegionReplica(source: Source & { readonly type: 'db' }): string | undefined {
  return source.entry.ReadReplicaDBInstanceIdentifiers?.find((one) => {
    const region = placeOf(one)?.region;
    return region !== undefined && region !== source.region;
  });
}

/** rds-kms-operations 4.5. */
function exchange({ bound: { source, region } }: Facts): Answer | undefined {
  if (source === undefined || source.region === region) return undefined;
  const [from, to] = [partitionOf(source.region), partitionOf(region)];
  const way = { from: source.region, to: region };
  if (from !== to) return unmet({ code: 'partitions-differ', ...way });
  const { engine } = source;
  // According to Neptune's guide, the two Regions in China exchange its snapshots. DocumentDB's guide
  // does not name them (rds-kms-operations-2 11).
  if (from !== 'aws-cn' || source.type !== 'cluster-snapshot' || engine === 'neptune')
    return met({ code: 'regions-exchange', ...way });
  if (engine === undefined) return notKnown({ code: 'engine-unread' });
  return isOtherService(source)
    ? notKnown({ code: 'copy-in-china-unpublished', engine })
    : unmet({ code: 'china-exchanges-no-aurora-snapshots' });
}

/** Engines that can open each other's data. Undefined: not one of the engines that are known here. */
function familyOf(engine: string): RegExp | undefined {
  return families.find((one) => one.test(engine));
}

const families = [
  /^(?:mysql|mariadb|aurora|aurora-mysql)$/,
  /^(?:postgres|aurora-postgresql)$/,
  /^oracle-/,
  /^sqlserver-/,
  /^db2-/,
  /^docdb$/,
  /^neptune$/,
];
