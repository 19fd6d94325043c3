import { partitionOf } from '../../base/partition.ts';
import { servicePrefix } from '../../base/service.ts';
import { regionAt } from '../../evidence/lookup.ts';
import type { PreconditionCode } from '../../operations/operation.ts';
import { isMember } from '../bind.ts';
import { type Answer, assumed, type Facts, met, type Test, unknown, unmet } from './answer.ts';

/** Preconditions of what is read: its state, its owner, its encryption. */
export const sourceTests = {
  'snapshot-is-available': ({ bound: { source } }) =>
    source?.type === 'cluster-snapshot' || source?.type === 'snapshot'
      ? stateIs(source.status, ['available'])
      : undefined,
  'snapshot-is-shared-with-the-account': shared,
  'snapshot-is-manual': manual,
  'shared-snapshot-is-copied-first': ({ bound: { source, principal, encryption } }) => {
    if (source === undefined || source.account === principal.account) return undefined;
    if (encryption === 'none' || encryption === 'none or sse-rds') return met('it is not encrypted under a KMS key');
    const why =
      'a DB instance cannot be restored from an encrypted snapshot of another account: copy it first (copy-snapshot)';
    return encryption === 'unknown' ? unknown(why) : unmet(why);
  },
  'snapshot-can-be-restored-under-the-key': restorable,
  'snapshot-can-be-copied-under-the-key': copyable,
  'snapshot-can-be-shared': shareable,
  'cluster-is-available': ({ bound: { source } }) => (source?.type === 'cluster' ? running(source.status) : undefined),
  'cluster-is-stopped': ({ bound: { source } }) => stateIs(source?.status, startable),
  'cluster-can-be-stopped': stoppable,
  'cluster-is-shared-with-the-account': ({ bound: { source, principal, region }, evidence }) => {
    if (source === undefined || source.account === principal.account) return undefined;
    const listed = regionAt(evidence, { account: principal.account, region })?.rds?.DBClusters;
    return listed?.some(({ DBClusterArn: arn }) => arn === source.arn) === true
      ? met(`account ${source.account} shares it with ${principal.account}`)
      : unknown(`whether account ${source.account} shares it through RAM is not in the evidence`);
  },
  'cluster-holds-no-instances': ({ bound: { source } }) => {
    if (source?.type !== 'cluster') return undefined;
    const members = source.entry.DBClusterMembers;
    if (members === undefined) return unknown('DBClusterMembers is not in the evidence');
    return members.length === 0
      ? met('it has no instances')
      : unmet(
          `it has ${members.map((one) => one.DBInstanceIdentifier ?? 'an instance').join(', ')}`,
          'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
        );
  },
  'cluster-stands-alone': standsAlone,
  'instance-is-available': ({ bound: { source } }) => (source?.type === 'db' ? running(source.status) : undefined),
  'instance-is-stopped': ({ bound: { source } }) => stateIs(source?.status, startable),
  'instance-is-no-member-of-a-cluster': ({ bound: { source, operation } }) => {
    if (source?.type !== 'db') return undefined;
    return isMember(source)
      ? unmet(
          `it belongs to cluster ${source.entry.DBClusterIdentifier ?? ''}: ask about that`,
          operation.api === 'CreateDBSnapshot'
            ? 'The specified instance is a member of a cluster and a snapshot cannot be created directly. ...'
            : undefined,
        )
      : met('it belongs to no cluster');
  },
  'deletion-protection-is-off': ({ bound: { source } }) => {
    if (source?.type !== 'cluster' && source?.type !== 'db') return undefined;
    const { DeletionProtection: protection } = source.entry;
    if (protection === undefined) return unknown('DeletionProtection is not in the evidence');
    return protection ? unmet('DeletionProtection is true') : met('DeletionProtection is false');
  },
  'source-can-be-restored-to-a-point-in-time': restorableInTime,
  'instance-has-automated-backups': backedUp,
  'source-can-be-restored-under-the-key': ({ bound: { encryption, parameters, keysDiffer } }) => {
    if (parameters.kmsKeyId === undefined) return undefined;
    // rds-kms-operations 4.3: unlike a snapshot, a source without encryption is refused.
    if (encryption === 'none') return unmet('it is not encrypted, and then a key cannot be named');
    if (encryption !== 'sse-kms')
      return unknown('whether something under the AWS owned key can be restored under another key is not published');
    return keysDiffer ? met('an encrypted Aurora cluster can be restored under another key') : undefined;
  },
  'source-can-be-replicated-under-the-key': ({ bound: { source, region, keysDiffer, encryption, parameters } }) => {
    if (source === undefined || parameters.kmsKeyId === undefined) return undefined;
    if (encryption === 'none')
      return unknown('whether a replica of an unencrypted instance can be encrypted is not established');
    if (!keysDiffer || source.region !== region) return undefined;
    return unknown("AWS's guide asks for the source's key within a Region, its API reference allows another");
  },
  'source-is-in-the-callers-account': ({ bound: { source, principal } }) => {
    if (source === undefined) return undefined;
    return source.account === principal.account
      ? met(`it belongs to ${source.account}`)
      : unmet(`it belongs to ${source.account}, the principal to ${principal.account}`);
  },
  'source-is-in-another-region': ({ bound: { source, region } }) =>
    source?.region === region ? unmet(`both are in ${region}`) : met(`from ${source?.region ?? ''} to ${region}`),
  'regions-exchange-snapshots': exchange,
  'source-can-be-exported': ({ bound: { source } }) => {
    const { engine } = source ?? {};
    if (engine === undefined) return assumed('the engine can be exported', 'Engine is not in the evidence');
    return /^(aurora|mysql$|mariadb$|postgres$)/.test(engine)
      ? met(`Engine is ${engine}`)
      : unmet(`Engine is ${engine}: only Aurora, MariaDB, MySQL and PostgreSQL are exported`);
  },
} satisfies Partial<Record<PreconditionCode, Test>>;

/** From the recoverable state a database starts once its key is back (rds-kms-operations 4.11). */
const startable = ['stopped', 'inaccessible-encryption-credentials-recoverable'];

/** Status strings compare without case (rds-kms-operations 8.1). */
function stateIs(state: string | undefined, wanted: readonly string[]): Answer {
  if (state === undefined) return unknown('Status is not in the evidence');
  return wanted.includes(state.toLowerCase()) ? met(`Status is ${state}`) : unmet(`Status is ${state}`);
}

/** rds-kms-operations 4.1, 8.1. */
function running(status: string | undefined): Answer {
  const answer = stateIs(status, ['available']);
  if (answer.status === 'unmet' && status?.toLowerCase().startsWith('inaccessible-encryption-credentials')) {
    return unmet(`Status is ${status}: RDS has lost access to the key and stopped it`);
  }
  return answer;
}

/** An owner's own snapshot needs no sharing; a listed foreign one is shared. */
function shared({ bound: { source, principal, sharedWith } }: Facts): Answer | undefined {
  if (source === undefined || source.account === principal.account) return undefined;
  const { account: owner } = source;
  if (sharedWith !== undefined) {
    const listed = sharedWith.includes(principal.account) || sharedWith.includes('all');
    return listed
      ? met(`account ${owner} shares it with ${principal.account}`)
      : unmet(`account ${owner} does not share it with ${principal.account}`);
  }
  const type = snapshotType(source);
  if (type === 'shared' || type === 'public') return met(`account ${owner} shares it (SnapshotType ${type})`);
  return unknown(`whether account ${owner} shares it with ${principal.account} is not in the evidence`);
}

type Source = NonNullable<Facts['bound']['source']>;

function snapshotType(source: Source): string | undefined {
  return source.type === 'cluster-snapshot' || source.type === 'snapshot'
    ? source.entry.SnapshotType?.toLowerCase()
    : undefined;
}

/** rds-kms-operations 4.6; names tell it too (1.1). */
function manual({ bound: { source } }: Facts): Answer | undefined {
  if (source === undefined) return undefined;
  const service = servicePrefix(source.identifier);
  const named = service === 'rds' ? 'automated' : service;
  const type = snapshotType(source) ?? named;
  if (type === undefined) return unknown('SnapshotType is not in the evidence');
  return type === 'manual'
    ? met('SnapshotType is manual')
    : unmet(`SnapshotType is ${type}: copy it and share the copy`);
}

/** rds-kms-operations 4.2: unencrypted and KMS-encrypted Aurora snapshots can change key; of the AWS owned key nothing is said. */
function restorable({ bound }: Facts): Answer | undefined {
  const { encryption, keys, keysDiffer, sharedWith, source, principal } = bound;
  const foreign = source?.account !== principal.account;
  if (encryption === 'sse-rds' || encryption === 'none or sse-rds') {
    if (foreign && encryption === 'sse-rds')
      return unknown('whether a shared snapshot under the AWS owned key can be restored is not published');
    if (keys['target key'] === undefined) return undefined;
    return unknown('whether a snapshot under the AWS owned key can be restored under another key is not established');
  }
  if (encryption === 'none')
    return keys['target key'] === undefined
      ? undefined
      : met('an unencrypted Aurora snapshot can be restored encrypted');
  // That a shared one need not be copied first is said of cluster snapshots.
  if (foreign && source?.type === 'snapshot')
    return unknown(
      'whether a cluster can be restored from an encrypted DB snapshot of another account is not published',
    );
  return keysDiffer || (foreign && sharedWith !== undefined)
    ? met('an encrypted Aurora snapshot can be restored under another key')
    : undefined;
}

/** rds-kms-operations 4.5, 9: AWS contradicts itself on unencrypted Aurora snapshots. */
function copyable({ bound: { encryption, parameters, source, principal, keysDiffer } }: Facts): Answer | undefined {
  const named = parameters.kmsKeyId !== undefined;
  if (encryption === 'sse-kms')
    return keysDiffer && named ? met('an encrypted snapshot can be copied under another key') : undefined;
  if (encryption === 'none' && source?.type === 'snapshot')
    return named ? met('an unencrypted DB snapshot can be copied encrypted') : undefined;
  if (encryption === 'sse-rds' && source?.account !== principal.account)
    return unknown('whether a shared snapshot under the AWS owned key can be copied is not published');
  if (!named || encryption === 'unknown') return undefined;
  return unknown(
    encryption === 'sse-rds'
      ? 'whether a snapshot under the AWS owned key can be copied under another key is not published'
      : "AWS's API reference and its page on copies say that an unencrypted Aurora snapshot cannot be encrypted by copying, its page on encryption says that it must be",
  );
}

/** rds-kms-operations 4.6. */
function shareable({ bound: { encryption, keys, parameters, source } }: Facts): Answer {
  if (source?.type === 'cluster-snapshot' && isMultiAz(source.engine))
    return unmet(`Engine is ${source.engine ?? ''}: snapshots of Multi-AZ DB clusters cannot be shared`);
  if (source?.type === 'snapshot' && (source.entry.TdeCredentialArn ?? '') !== '')
    return unmet('it is encrypted with TDE (TdeCredentialArn), and such snapshots cannot be shared');
  const publicly = parameters.with?.includes('all') === true;
  switch (encryption) {
    case 'none':
      return met('it is not encrypted');
    case 'sse-kms': {
      if (publicly) return unmet('an encrypted snapshot cannot be shared with all accounts');
      const key = keys['storage key'];
      if (key?.manager === 'AWS')
        return unmet('Sharing snapshots encrypted with the default service key for RDS is currently not supported.');
      return key?.manager === 'CUSTOMER'
        ? met(`${key.alias ?? 'its key'} is a customer managed key`)
        : unknown('who manages its key is not in the evidence');
    }
    case 'unknown':
      return unknown('how it is encrypted is not in the evidence');
    default:
      return unknown('whether a snapshot under the AWS owned key can be shared is not published');
  }
}

/** A DB cluster of RDS that is not Aurora. */
function isMultiAz(engine: string | undefined): boolean {
  return engine === 'mysql' || engine === 'postgres';
}

/** rds-kms-operations 4.10. */
function standsAlone({ bound: { source } }: Facts): Answer | undefined {
  if (source?.type !== 'cluster') return undefined;
  const { ReadReplicaIdentifiers: replicas, GlobalClusterIdentifier: global } = source.entry;
  if (global !== undefined && global !== '')
    return unmet(`it belongs to global cluster ${global}: remove it from that`);
  // The replicas of a Multi-AZ DB cluster are promoted.
  if (isMultiAz(source.engine)) return met('it belongs to no global cluster');
  if (replicas !== undefined && replicas.length > 0) return unmet(`it has replicas: ${replicas.join(', ')}`);
  return replicas === undefined
    ? assumed('the cluster has no replicas', 'ReadReplicaIdentifiers is not in the evidence')
    : met('it has no replicas and belongs to no global cluster');
}

/** rds-kms-operations 4.11. */
function stoppable({ bound: { source } }: Facts): Answer | undefined {
  if (source?.type !== 'cluster') return undefined;
  const { ReadReplicaIdentifiers: replicas, GlobalClusterIdentifier: global } = source.entry;
  if (replicas !== undefined && replicas.length > 0) return unmet('it has replicas in another Region');
  if (global !== undefined && global !== '')
    return unknown(`it belongs to global cluster ${global}: with other members there it cannot be stopped`);
  return replicas === undefined
    ? assumed('the cluster has no replicas in another Region', 'ReadReplicaIdentifiers is not in the evidence')
    : met('it has no replicas in another Region');
}

/** rds-kms-operations 4.3: a stopped source will do, and so will one whose key was lost. */
function restorableInTime({ bound: { source } }: Facts): Answer | undefined {
  if (source === undefined) return undefined;
  if (source.status === undefined) return unknown('Status is not in the evidence');
  const early = ['creating', 'deleting'].includes(source.status.toLowerCase());
  return early ? unmet(`Status is ${source.status}`) : met(`Status is ${source.status}`);
}

/** Aurora always keeps backups. */
function backedUp({ bound: { source } }: Facts): Answer | undefined {
  if (source?.type !== 'db') return undefined;
  const { BackupRetentionPeriod: days } = source.entry;
  if (days === undefined) return unknown('BackupRetentionPeriod is not in the evidence');
  return days > 0
    ? met(`BackupRetentionPeriod is ${days}`)
    : unmet('BackupRetentionPeriod is 0: it has no automated backups');
}

/** rds-kms-operations 4.5. */
function exchange({ bound: { source, region } }: Facts): Answer | undefined {
  if (source === undefined || source.region === region) return undefined;
  const [from, to] = [partitionOf(source.region), partitionOf(region)];
  const way = `from ${source.region} to ${region}`;
  if (from !== to) return unmet(`nothing is copied ${way}: they are in different partitions`);
  return from === 'aws-cn' && source.type === 'cluster-snapshot'
    ? unmet('Aurora snapshots are not copied to or from Regions in China')
    : met(way);
}
