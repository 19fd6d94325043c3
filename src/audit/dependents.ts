import { isArn, kmsArn, nameOf, type Place, parseArn, placeOf, rdsArn, resourceIn } from '../base/arn.ts';
import { isLaterName } from '../base/planned-name.ts';
import { regionAt } from '../evidence/lookup.ts';
import type { Cluster, Evidence, Instance, Key, Region } from '../evidence/schema.ts';
import type { DependentKind } from './impact-table.ts';

/*
 * Resources of RDS, Aurora, Neptune, DocumentDB and AWS Backup that are under a key, or depend on
 * such a resource.
 */

/** Something that the loss of a key affects. */
export interface Dependent {
  readonly kind: DependentKind;
  /** The ARN. An export has no ARN, so this is its identifier. */
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  /** The engine as the service spells it. Undefined: not known, or the resource has none. */
  readonly engine: string | undefined;
  readonly status: string | undefined;
  /** The field that names the key, or the resource under the key. */
  readonly field: string;
  /** The resource ID of the database. Undefined: not known, or the resource has none. */
  readonly database: string | undefined;
}

/** A resource that may depend on a key, because some fact about it is unknown. */
export interface OpenDependent {
  readonly arn: string;
  readonly field: string;
}

export interface DependentsFound {
  /** Each dependent once. */
  readonly dependents: readonly Dependent[];
  /** Resources that are encrypted, but whose key is not known. */
  readonly open: readonly OpenDependent[];
}

type Rds = NonNullable<Region['rds']>;
type Backup = NonNullable<Region['backup']>;

/** Whether a text names the key: its ARN, its ID, an alias or the ARN of an alias. */
type Names = (text: string | undefined, place: Place) => boolean;

/** A place and the facts about the key there. */
interface Looking {
  readonly evidence: Evidence;
  readonly place: Place;
  readonly isKey: (text: string | undefined) => boolean;
}

/**
 * Finds everything in the evidence that is under a key or depends on such a resource, in every
 * account. `arn`: the ARN of the key.
 */
export function dependentsOf(evidence: Evidence, arn: string, key: Key | undefined): DependentsFound {
  const names = namesOf(arn, key);
  const found = Object.entries(evidence.accounts).flatMap(([account, { regions = {} }]) =>
    Object.entries(regions).map(([region, { rds = {}, backup = {} }]): DependentsFound => {
      const place = { account, region };
      const looking = { evidence, place, isKey: (text: string | undefined) => names(text, place) };
      const isNear = region === placeOf(arn)?.region;
      return {
        dependents: [
          ...databasesIn(rds, looking),
          ...backupsIn(rds, looking),
          ...besidesIn(rds, looking),
          ...vaultsIn(backup, looking),
        ],
        open: isNear ? [...openIn(rds), ...openExports(rds, looking), ...openVaults(backup, rds)] : [],
      };
    }),
  );
  const own = once(found.flatMap(({ dependents }) => dependents));
  return { dependents: once([...own, ...replicasOf(evidence, own)]), open: found.flatMap(({ open }) => open) };
}

/**
 * Removes repetitions: an AWS Backup recovery point may be an RDS snapshot, and an instance repeats
 * what its cluster shows.
 */
function once(dependents: readonly Dependent[]): readonly Dependent[] {
  const seen = new Map<string, Dependent>();
  for (const one of dependents) {
    const name = `${one.kind} ${one.arn}`;
    if (!seen.has(name)) seen.set(name, one);
  }
  return [...seen.values()];
}

function namesOf(arn: string, key: Key | undefined): Names {
  const own = placeOf(arn);
  const aliases = new Set([...(key?.Aliases ?? []).map(({ AliasName: name }) => name), ...(key?.FoundAs ?? [])]);
  return (text, place) => {
    if (text === undefined || text === '') return false;
    if (text === arn) return true;
    const at = isArn(text) ? placeOf(text) : place;
    if (own === undefined || at?.account !== own.account || at.region !== own.region) return false;
    const name = resourceIn(text);
    return name.startsWith('alias/') ? aliases.has(name) : kmsArn(own, `key/${name.replace(/^key\//, '')}`) === arn;
  };
}

function databasesIn(rds: Rds, { evidence, place, isKey }: Looking): readonly Dependent[] {
  const clusters = (rds.DBClusters ?? []).filter(({ KmsKeyId }) => isKey(KmsKeyId));
  const instances = (rds.DBInstances ?? []).filter(({ KmsKeyId }) => isKey(KmsKeyId));
  return [
    ...clusters.map((one) => ({
      ...placedAt(one.DBClusterArn, place),
      kind: kindIn(one.Status, clusterKind(one, evidence)),
      engine: one.Engine,
      status: one.Status,
      field: 'KmsKeyId',
      database: one.DbClusterResourceId,
    })),
    ...instances.map((one) => ({
      ...placedAt(one.DBInstanceArn, place),
      kind: kindIn(one.DBInstanceStatus, instanceKind(one)),
      engine: one.Engine,
      status: one.DBInstanceStatus,
      field: 'KmsKeyId',
      database: one.DbiResourceId,
    })),
    ...instances.flatMap(replicationsOf),
  ];
}

/**
 * The places to which the automated backups of an instance are replicated, even if the instance was
 * deleted.
 */
function replicationsOf({
  DBInstanceAutomatedBackupsReplications: replications = [],
  Engine: engine,
  DbiResourceId: database,
}: Pick<Instance, 'DBInstanceAutomatedBackupsReplications' | 'Engine' | 'DbiResourceId'>): readonly Dependent[] {
  return replications.flatMap(({ DBInstanceAutomatedBackupsArn: arn }) =>
    arn === undefined ? [] : [replication(arn, engine, database)],
  );
}

function replication(arn: string, engine: string | undefined, database: string | undefined): Dependent {
  return {
    ...placedAt(arn, { account: '', region: '' }),
    kind: 'backup-replication',
    engine,
    status: undefined,
    field: 'DBInstanceAutomatedBackupsReplications',
    database,
  };
}

function placedAt(arn: string, place: Place): Pick<Dependent, 'arn' | 'account' | 'region'> {
  return { arn, ...(placeOf(arn) ?? place) };
}

/**
 * The kind of a database, considering its state: a database that does not run cannot stop. An
 * instance of a cluster fares as its cluster does.
 */
function kindIn(status: string | undefined, kind: DependentKind): DependentKind {
  if (kind === 'cluster-member') return kind;
  switch (status?.toLowerCase()) {
    case 'stopped':
      return 'stopped-database';
    case 'inaccessible-encryption-credentials-recoverable':
      return 'recoverable-database';
    case 'inaccessible-encryption-credentials':
      return 'inaccessible-database';
    default:
      return kind;
  }
}

/**
 * The kind of a cluster, which decides whether the cluster comes back after its key was lost
 * (rds-kms-operations 8.1, rds-kms-operations-2 1).
 */
export function clusterKind(cluster: Cluster, evidence: Evidence): DependentKind {
  const engine = cluster.Engine?.toLowerCase() ?? '';
  if (engine === 'neptune') return 'neptune-cluster';
  if (engine === 'docdb') return 'docdb-cluster';
  if (engine === 'mysql' || engine === 'postgres') return 'multi-az-cluster';
  if (!engine.startsWith('aurora')) return 'cluster-of-unknown-kind';
  const replicates = replicatesAbroad(cluster, evidence);
  if (replicates === true) return 'cluster-that-cannot-stop';
  const mode = cluster.EngineMode?.toLowerCase() ?? 'provisioned';
  // Which clusters of other modes can be stopped is not established.
  return replicates === undefined || (mode !== 'provisioned' && mode !== '')
    ? 'cluster-of-unknown-kind'
    : 'cluster-that-can-stop';
}

/**
 * Whether an Aurora cluster has replicas in another Region, is one, or is in a global database of
 * several members (rds-kms-operations 4.11). Undefined: not known.
 */
function replicatesAbroad(
  {
    DBClusterArn: arn,
    ReadReplicaIdentifiers: replicas = [],
    ReplicationSourceIdentifier: source = '',
    GlobalClusterIdentifier: globalCluster = '',
  }: Cluster,
  evidence: Evidence,
): boolean | undefined {
  const { region } = placeOf(arn) ?? {};
  const others = [...replicas, source];
  if (others.some((one) => placeOf(one) !== undefined && placeOf(one)?.region !== region)) return true;
  // Only the apply shows which cluster a new replica is of.
  if (others.some(isLaterName)) return undefined;
  const members = globalMembers(evidence, arn);
  if (members !== undefined) return members.length > 1;
  return globalCluster === '' ? false : undefined;
}

/**
 * The ARNs of the clusters in the global database of a cluster. Undefined: the cluster is in no
 * global database that was read.
 */
function globalMembers({ accounts }: Evidence, arn: string): readonly string[] | undefined {
  return Object.values(accounts)
    .flatMap(({ regions = {} }) => Object.values(regions))
    .flatMap(({ rds }) => rds?.GlobalClusters ?? [])
    .map(({ GlobalClusterMembers: members = [] }) => [
      ...new Set(members.flatMap(({ DBClusterArn: writer, Readers: readers = [] }) => [writer, ...readers])),
    ])
    .find((members) => members.includes(arn));
}

/**
 * The kind of an instance, which decides whether the instance comes back after its key was lost
 * (rds-kms-operations 8.1, rds-kms-operations-2 12.4).
 */
export function instanceKind(instance: Instance): DependentKind {
  const {
    DBClusterIdentifier: cluster = '',
    ReadReplicaSourceDBInstanceIdentifier: source = '',
    ReadReplicaSourceDBClusterIdentifier: sourceCluster = '',
    ReadReplicaDBInstanceIdentifiers: replicas = [],
    ReadReplicaDBClusterIdentifiers: replicaClusters = [],
    BackupRetentionPeriod: retention,
    Engine: engine,
    MultiAZ: multiAz,
  } = instance;
  if (cluster !== '') return 'cluster-member';
  const others = [source, sourceCluster, ...replicas, ...replicaClusters].filter((one) => one !== '');
  if (others.some((one) => !isLaterName(one))) return 'instance-that-replicates';
  // Only the apply shows which instance a new replica is of.
  if (others.length > 0) return 'instance-of-unknown-backups';
  if (retention === undefined) return 'instance-of-unknown-backups';
  if (retention === 0) return 'instance-without-backups';
  if (engine === undefined) return 'instance-of-unknown-backups';
  const isSqlServer = engine.toLowerCase().startsWith('sqlserver');
  // Which instances of RDS Custom can be stopped is not established.
  const isCustom = engine.toLowerCase().startsWith('custom-');
  return isCustom || (isSqlServer && multiAz !== false) ? 'instance-of-unknown-backups' : 'instance-with-backups';
}

function backupsIn(rds: Rds, { place, isKey }: Looking): readonly Dependent[] {
  const field = 'KmsKeyId';
  const clusterSnapshots = (rds.DBClusterSnapshots ?? []).filter(({ KmsKeyId }) => isKey(KmsKeyId));
  const snapshots = (rds.DBSnapshots ?? []).filter(({ KmsKeyId }) => isKey(KmsKeyId));
  const ofClusters = (rds.DBClusterAutomatedBackups ?? []).filter(({ KmsKeyId }) => isKey(KmsKeyId));
  const ofInstances = (rds.DBInstanceAutomatedBackups ?? []).filter(({ KmsKeyId }) => isKey(KmsKeyId));
  return [
    ...clusterSnapshots.map((one) => ({
      ...placedAt(one.DBClusterSnapshotArn, place),
      ...stated('snapshot', one),
      field,
      database: one.DbClusterResourceId,
    })),
    ...snapshots.map((one) => ({
      ...placedAt(one.DBSnapshotArn, place),
      ...stated('snapshot', one),
      field,
      database: one.DbiResourceId,
    })),
    ...ofClusters.map((one) => ({
      ...placedAt(one.DBClusterAutomatedBackupsArn, place),
      ...stated('automated-backup', one),
      field,
      database: one.DbClusterResourceId,
    })),
    ...ofInstances.map((one) => ({
      ...placedAt(one.DBInstanceAutomatedBackupsArn, place),
      ...stated(isReplicated(one) ? 'replicated-backup' : 'automated-backup', one),
      field,
      database: one.DbiResourceId,
    })),
    ...ofInstances.flatMap(replicationsOf),
  ];
}

function isReplicated(backup: { readonly DBInstanceArn?: string | undefined; DBInstanceAutomatedBackupsArn: string }) {
  const source = placeOf(backup.DBInstanceArn ?? '');
  return source !== undefined && source.region !== placeOf(backup.DBInstanceAutomatedBackupsArn)?.region;
}

function stated(
  kind: DependentKind,
  { Engine: engine, Status: status }: { readonly Engine?: string | undefined; readonly Status?: string | undefined },
): Pick<Dependent, 'kind' | 'engine' | 'status'> {
  return { kind, engine, status };
}

interface Monitored {
  readonly arn: string;
  readonly entry: Pick<
    Cluster,
    | 'Engine'
    | 'MasterUserSecret'
    | 'PerformanceInsightsEnabled'
    | 'PerformanceInsightsKMSKeyId'
    | 'ActivityStreamStatus'
    | 'ActivityStreamKmsKeyId'
  >;
  readonly database: string | undefined;
}

function monitoredIn(rds: Rds): readonly Monitored[] {
  return [
    ...(rds.DBClusters ?? []).map((entry) => ({
      arn: entry.DBClusterArn,
      entry,
      database: entry.DbClusterResourceId,
    })),
    ...(rds.DBInstances ?? []).map((entry) => ({ arn: entry.DBInstanceArn, entry, database: entry.DbiResourceId })),
  ];
}

/** Features and jobs with a key of their own, besides the key of the storage. */
function besidesIn(rds: Rds, { place, isKey }: Looking): readonly Dependent[] {
  return [
    ...monitoredIn(rds).flatMap((one) => monitoringOf(one, place, isKey)),
    ...(rds.ExportTasks ?? []).flatMap((task): readonly Dependent[] => {
      const { ExportTaskIdentifier: id = '', SourceArn: source = '', KmsKeyId: named, Status: status } = task;
      const isUnder = isKey(named);
      const kind = exportKind(status);
      // An export restores its source, which takes the key of the source (rds-kms-operations 4.7).
      const reads = kind !== 'finished-export' && sourceKeys(rds, source).some(isKey);
      return kind === undefined || !(isUnder || reads)
        ? []
        : [
            {
              ...place,
              arn: id,
              kind,
              engine: undefined,
              status,
              field: isUnder ? 'KmsKeyId' : 'SourceArn',
              database: undefined,
            },
          ];
    }),
    ...(rds.Integrations ?? []).flatMap(({ IntegrationArn: arn, KMSKeyId: named, Status: status }): Dependent[] =>
      isKey(named)
        ? [
            {
              ...placedAt(arn, place),
              kind: 'integration',
              engine: undefined,
              status,
              field: 'KMSKeyId',
              database: undefined,
            },
          ]
        : [],
    ),
  ];
}

function sourceKeys(rds: Rds, arn: string): readonly (string | undefined)[] {
  return [
    ...(rds.DBClusterSnapshots ?? []).filter(({ DBClusterSnapshotArn: one }) => one === arn),
    ...(rds.DBSnapshots ?? []).filter(({ DBSnapshotArn: one }) => one === arn),
    ...(rds.DBClusters ?? []).filter(({ DBClusterArn: one }) => one === arn),
  ].map(({ KmsKeyId: named }) => named);
}

/** The kind of an export. Undefined: the export left nothing. */
function exportKind(status: string | undefined): DependentKind | undefined {
  switch (status?.toLowerCase()) {
    case 'complete':
      return 'finished-export';
    case 'failed':
    case 'canceled':
      return undefined;
    default:
      return 'running-export';
  }
}

function monitoringOf(
  { arn, entry, database }: Monitored,
  place: Place,
  isKey: Looking['isKey'],
): readonly Dependent[] {
  const { MasterUserSecret: secret } = entry;
  const of = { ...placedAt(arn, place), engine: entry.Engine, database };
  const streams = entry.ActivityStreamStatus?.toLowerCase() !== 'stopped';
  return [
    ...(entry.PerformanceInsightsEnabled !== false && isKey(entry.PerformanceInsightsKMSKeyId)
      ? [
          {
            ...of,
            kind: 'performance-insights',
            status: undefined,
            field: 'PerformanceInsightsKMSKeyId',
          } as const,
        ]
      : []),
    ...(streams && isKey(entry.ActivityStreamKmsKeyId)
      ? [
          {
            ...of,
            kind: 'activity-stream',
            status: entry.ActivityStreamStatus,
            field: 'ActivityStreamKmsKeyId',
          } as const,
        ]
      : []),
    ...(isKey(secret?.KmsKeyId)
      ? [
          {
            ...of,
            arn: secret?.SecretArn ?? arn,
            kind: 'managed-secret',
            status: secret?.SecretStatus,
            field: 'MasterUserSecret.KmsKeyId',
          } as const,
        ]
      : []),
  ];
}

function vaultsIn({ BackupVaults: vaults = [], RecoveryPoints: points = [] }: Backup, { place, isKey }: Looking) {
  const field = 'EncryptionKeyArn';
  return [
    ...vaults
      .filter(({ EncryptionKeyArn: named }) => isKey(named))
      .map(
        ({ BackupVaultArn: arn, VaultType: type }): Dependent => ({
          ...place,
          arn,
          kind: type === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' ? 'air-gapped-vault' : 'vault',
          engine: undefined,
          status: undefined,
          field,
          database: undefined,
        }),
      ),
    ...points
      .filter(({ EncryptionKeyArn: named }) => isKey(named))
      .map(
        ({ RecoveryPointArn: arn, Status: status }): Dependent => ({
          ...place,
          arn,
          // In an ordinary vault the recovery point is the snapshot (rds-kms-operations 4.12).
          kind: parseArn(arn)?.service === 'rds' ? 'snapshot' : 'recovery-point',
          engine: undefined,
          status,
          field,
          database: undefined,
        }),
      ),
  ];
}

/**
 * Replicas of databases that are under the key, in other Regions or under other keys, and backups
 * that are replicated.
 */
function replicasOf(evidence: Evidence, known: readonly Dependent[]): readonly Dependent[] {
  const under = new Set(known.filter(({ field }) => field === 'KmsKeyId').map(({ arn }) => arn));
  const all = Object.entries(evidence.accounts).flatMap(([account, { regions = {} }]) =>
    Object.entries(regions).flatMap(([region, { rds = {} }]): readonly Dependent[] => {
      const place = { account, region };
      return [
        ...replicaPairs(rds, place)
          .filter(({ of, arn }) => under.has(of) && !under.has(arn))
          .map(({ arn, field }) => ({
            ...placedAt(arn, place),
            kind: 'replica' as const,
            engine: undefined,
            status: undefined,
            field,
            database: undefined,
          })),
        ...(rds.DBInstanceAutomatedBackups ?? [])
          .filter((one) => under.has(one.DBInstanceArn ?? '') && isReplicated(one))
          .map((one) => replication(one.DBInstanceAutomatedBackupsArn, one.Engine, one.DbiResourceId)),
      ];
    }),
  );
  return [...new Map(all.map((one) => [`${one.kind} ${one.arn}`, one])).values()];
}

interface ReplicaPair {
  /** ARNs. */
  readonly of: string;
  readonly arn: string;
  readonly field: string;
}

function replicaPairs(rds: Rds, place: Place): readonly ReplicaPair[] {
  const named = (name: string, type: 'cluster' | 'db'): string =>
    isArn(name) ? name : rdsArn(place, `${type}:${name}`);
  return [
    ...(rds.DBClusters ?? []).flatMap((one): readonly ReplicaPair[] => [
      ...(one.ReadReplicaIdentifiers ?? []).filter(isShown).map((name) => ({
        of: one.DBClusterArn,
        arn: named(name, 'cluster'),
        field: 'ReadReplicaIdentifiers',
      })),
      ...pairTo(shown(one.ReplicationSourceIdentifier), (name) => named(name, 'cluster'), {
        arn: one.DBClusterArn,
        field: 'ReplicationSourceIdentifier',
      }),
    ]),
    ...(rds.DBInstances ?? []).flatMap((one): readonly ReplicaPair[] => [
      ...(one.ReadReplicaDBInstanceIdentifiers ?? []).filter(isShown).map((name) => ({
        of: one.DBInstanceArn,
        arn: named(name, 'db'),
        field: 'ReadReplicaDBInstanceIdentifiers',
      })),
      ...(one.ReadReplicaDBClusterIdentifiers ?? []).filter(isShown).map((name) => ({
        of: one.DBInstanceArn,
        arn: named(name, 'cluster'),
        field: 'ReadReplicaDBClusterIdentifiers',
      })),
      ...pairTo(shown(one.ReadReplicaSourceDBInstanceIdentifier), (name) => named(name, 'db'), {
        arn: one.DBInstanceArn,
        field: 'ReadReplicaSourceDBInstanceIdentifier',
      }),
      ...pairTo(one.ReadReplicaSourceDBClusterIdentifier, (name) => named(name, 'cluster'), {
        arn: one.DBInstanceArn,
        field: 'ReadReplicaSourceDBClusterIdentifier',
      }),
    ]),
    ...(rds.GlobalClusters ?? []).flatMap(({ GlobalClusterMembers: members = [] }) => {
      const writer = members.find(({ IsWriter: writes }) => writes === true)?.DBClusterArn;
      const others = members.flatMap(({ DBClusterArn: arn, Readers: readers = [] }) => [arn, ...readers]);
      return writer === undefined
        ? []
        : [...new Set(others)]
            .filter((arn) => arn !== writer)
            .map((arn) => ({ of: writer, arn, field: 'GlobalClusterMembers' }));
    }),
  ];
}

/** Whether a name is known before a plan is applied. */
function isShown(name: string): boolean {
  return !isLaterName(name);
}

/** The name, if it is known before a plan is applied. */
function shown(name: string | undefined): string | undefined {
  return name === undefined || isLaterName(name) ? undefined : name;
}

function pairTo(
  source: string | undefined,
  named: (name: string) => string,
  replica: Pick<ReplicaPair, 'arn' | 'field'>,
): readonly ReplicaPair[] {
  return source === undefined || source === '' ? [] : [{ ...replica, of: named(source) }];
}

/**
 * Resources that are encrypted, but RDS did not show the key. `sse-rds` means a key that AWS owns.
 */
function openIn(rds: Rds): readonly OpenDependent[] {
  const stored = [
    ...(rds.DBClusters ?? []).map((one) => ({ arn: one.DBClusterArn, isOn: one.StorageEncrypted, one })),
    ...(rds.DBInstances ?? []).map((one) => ({ arn: one.DBInstanceArn, isOn: one.StorageEncrypted, one })),
    ...(rds.DBClusterSnapshots ?? []).map((one) => ({
      arn: one.DBClusterSnapshotArn,
      isOn: one.StorageEncrypted,
      one,
    })),
    ...(rds.DBSnapshots ?? []).map((one) => ({ arn: one.DBSnapshotArn, isOn: one.Encrypted, one })),
    ...(rds.DBClusterAutomatedBackups ?? []).map((one) => ({
      arn: one.DBClusterAutomatedBackupsArn,
      isOn: one.StorageEncrypted,
      one,
    })),
    ...(rds.DBInstanceAutomatedBackups ?? []).map((one) => ({
      arn: one.DBInstanceAutomatedBackupsArn,
      isOn: one.Encrypted,
      one,
    })),
  ];
  return [
    ...stored
      .filter(({ isOn, one }) => isOn !== false && isEmpty(one.KmsKeyId) && !isOwnedByAws(one.StorageEncryptionType))
      .map(({ arn }) => ({ arn, field: 'KmsKeyId' })),
    ...monitoredIn(rds).flatMap(({ arn, entry }) => [
      ...(entry.PerformanceInsightsEnabled === true && isEmpty(entry.PerformanceInsightsKMSKeyId)
        ? [{ arn, field: 'PerformanceInsightsKMSKeyId' }]
        : []),
      ...(/^start/i.test(entry.ActivityStreamStatus ?? '') && isEmpty(entry.ActivityStreamKmsKeyId)
        ? [{ arn, field: 'ActivityStreamKmsKeyId' }]
        : []),
      ...(entry.MasterUserSecret !== undefined && isEmpty(entry.MasterUserSecret.KmsKeyId)
        ? [{ arn, field: 'MasterUserSecret.KmsKeyId' }]
        : []),
    ]),
    ...proxySecrets(rds),
  ];
}

/** Exports with files or sources whose key is not known. */
function openExports(rds: Rds, { isKey }: Looking): readonly OpenDependent[] {
  return (rds.ExportTasks ?? []).flatMap((task): readonly OpenDependent[] => {
    const { ExportTaskIdentifier: id = '', SourceArn: source = '', KmsKeyId: named, Status: status } = task;
    const kind = exportKind(status);
    if (kind === undefined) return [];
    if (isEmpty(named)) return [{ arn: id, field: 'KmsKeyId' }];
    const isOpen = kind === 'running-export' && !isKey(named) && sourceKeys(rds, source).length === 0;
    return isOpen ? [{ arn: id, field: 'SourceArn' }] : [];
  });
}

/** A recovery point that is a snapshot has the key that RDS shows for the snapshot. */
function openVaults({ BackupVaults: vaults = [], RecoveryPoints: points = [] }: Backup, rds: Rds) {
  const field = 'EncryptionKeyArn';
  return [
    ...vaults
      .filter(({ EncryptionKeyArn: named }) => isEmpty(named))
      .map(({ BackupVaultArn: arn }): OpenDependent => ({ arn, field })),
    ...points
      .filter(
        ({ EncryptionKeyArn: named, RecoveryPointArn: arn }) => isEmpty(named) && sourceKeys(rds, arn).length === 0,
      )
      .map(({ RecoveryPointArn: arn }): OpenDependent => ({ arn, field })),
  ];
}

/** Secrets of proxies whose keys RDS does not show. */
function proxySecrets(rds: Rds): readonly OpenDependent[] {
  const managed = new Set(monitoredIn(rds).flatMap(({ entry }) => entry.MasterUserSecret?.SecretArn ?? []));
  return (rds.DBProxies ?? []).flatMap(({ DBProxyArn: arn, Auth: auth = [] }) =>
    auth
      .filter(({ SecretArn: secret = '' }) => secret !== '' && !managed.has(secret))
      .map(({ SecretArn: secret = '' }) => ({ arn, field: `Auth.SecretArn ${nameOf(secret)}` })),
  );
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}

function isOwnedByAws(type: string | undefined): boolean {
  return type?.toLowerCase() === 'sse-rds' || type?.toLowerCase() === 'none';
}

/** The lists that show which resources are encrypted with a key. */
const listsOfRds = [
  'DBClusters',
  'DBClusterSnapshots',
  'DBClusterAutomatedBackups',
  'DBInstances',
  'DBSnapshots',
  'DBInstanceAutomatedBackups',
  'ExportTasks',
  'GlobalClusters',
  'Integrations',
  'DBProxies',
] as const;
const listsOfBackup = ['BackupVaults', 'RecoveryPoints'] as const;

export type DependentList = (typeof listsOfRds)[number] | (typeof listsOfBackup)[number];

/** The lists of dependents that the evidence does not have for an account and Region. */
export function listsUnread(evidence: Evidence, place: Place): readonly DependentList[] {
  const { rds, backup } = regionAt(evidence, place) ?? {};
  return [
    ...listsOfRds.filter((name) => rds?.[name] === undefined),
    ...listsOfBackup.filter((name) => backup?.[name] === undefined),
  ];
}
