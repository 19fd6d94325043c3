import type {
  AccountQuota,
  DBCluster,
  DBClusterAutomatedBackup,
  DBClusterSnapshot,
  DBInstance,
  DBInstanceAutomatedBackup,
  DBProxy,
  DBSnapshot,
  DescribeDBSnapshotsCommandInput,
  GlobalCluster,
  Integration,
  RDSClient,
  RestoreWindow,
} from '@aws-sdk/client-rds';
import type { rdsLists } from '../evidence/lists.ts';
import type {
  Cluster,
  ClusterAutomatedBackup,
  ClusterSnapshot,
  Instance,
  InstanceAutomatedBackup,
  RdsList,
  Region,
  Snapshot,
} from '../evidence/schema.ts';
import type { SourceType } from '../evidence/sources.ts';
import { instants, picked, tagList } from './fields.ts';
import { allPages } from './reader.ts';
import {
  DescribeAccountAttributesCommand,
  paginateDescribeDBClusterAutomatedBackups,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBClusters,
  paginateDescribeDBInstanceAutomatedBackups,
  paginateDescribeDBInstances,
  paginateDescribeDBProxies,
  paginateDescribeDBSnapshots,
  paginateDescribeExportTasks,
  paginateDescribeGlobalClusters,
  paginateDescribeIntegrations,
} from './sdk.ts';

/** How the name of a source is given. */
export interface Named {
  readonly by: 'identifier' | 'arn' | 'resource id';
  readonly value: string;
}

export type Rds = NonNullable<Region['rds']>;

interface SourceList {
  /** The name of the list in the evidence. */
  readonly name: RdsList;
  /** Lists the named source, or all sources. */
  readonly list: (client: RDSClient, named: Named | undefined) => Promise<Rds>;
}

/** How to list the sources of each type, and which of their fields the evidence keeps. */
export const sourceLists: Readonly<Record<SourceType, SourceList>> = {
  cluster: {
    name: 'DBClusters',
    list: async (client, named) => {
      const asked = inputFor(named, 'DBClusterIdentifier', 'db-cluster-resource-id');
      const pages = () => paginateDescribeDBClusters({ client }, { ...asked });
      return { DBClusters: (await allPages(pages, (page) => page.DBClusters)).flatMap(asCluster) };
    },
  },
  db: {
    name: 'DBInstances',
    list: async (client, named) => {
      const asked = inputFor(named, 'DBInstanceIdentifier', 'dbi-resource-id');
      const pages = () => paginateDescribeDBInstances({ client }, { ...asked });
      return { DBInstances: (await allPages(pages, (page) => page.DBInstances)).flatMap(asInstance) };
    },
  },
  'cluster-snapshot': {
    name: 'DBClusterSnapshots',
    list: async (client, named) => {
      const asked = { ...inputFor(named, 'DBClusterSnapshotIdentifier'), ...automated(named), IncludeShared: true };
      const pages = () => paginateDescribeDBClusterSnapshots({ client }, { ...asked });
      const snapshots = await allPages(pages, (page) => page.DBClusterSnapshots);
      return { DBClusterSnapshots: snapshots.flatMap(asClusterSnapshot) };
    },
  },
  snapshot: {
    name: 'DBSnapshots',
    list: async (client, named) => {
      const all = (input: DescribeDBSnapshotsCommandInput) =>
        allPages(
          () => paginateDescribeDBSnapshots({ client }, { ...input }),
          (page) => page.DBSnapshots,
        );
      const byBackup = { SnapshotType: 'awsbackup' };
      const asked = { ...inputFor(named, 'DBSnapshotIdentifier'), IncludeShared: true };
      const lists = await Promise.all(
        named === undefined
          ? [all(asked), all(byBackup)]
          : [all({ ...asked, ...automated(named), ...(named.value.startsWith('awsbackup:') ? byBackup : {}) })],
      );
      const snapshots = new Map(
        lists.flatMap((list) => list.flatMap(asSnapshot)).map((one) => [one.DBSnapshotArn, one]),
      );
      return { DBSnapshots: [...snapshots.values()] };
    },
  },
  'cluster-auto-backup': {
    name: 'DBClusterAutomatedBackups',
    list: async (client, named) => {
      // No caller names an automated backup by its ARN.
      const asked =
        named?.by === 'resource id'
          ? { DbClusterResourceId: named.value }
          : inputFor(noArn(named), 'DBClusterIdentifier');
      const pages = () => paginateDescribeDBClusterAutomatedBackups({ client }, { ...asked });
      const backups = await allPages(pages, (page) => page.DBClusterAutomatedBackups);
      return { DBClusterAutomatedBackups: backups.flatMap(asClusterBackup) };
    },
  },
  'auto-backup': {
    name: 'DBInstanceAutomatedBackups',
    list: async (client, named) => {
      const names = { arn: 'DBInstanceAutomatedBackupsArn', identifier: 'DBInstanceIdentifier' } as const;
      const asked =
        named?.by === 'resource id'
          ? { DbiResourceId: named.value }
          : inputFor(named, names[named?.by === 'arn' ? 'arn' : 'identifier']);
      const pages = () => paginateDescribeDBInstanceAutomatedBackups({ client }, { ...asked });
      const backups = await allPages(pages, (page) => page.DBInstanceAutomatedBackups);
      return { DBInstanceAutomatedBackups: backups.flatMap(asInstanceBackup) };
    },
  },
};

/** Lists that contain neither sources nor parts of items of another list. */
export type OtherList = {
  [Name in RdsList]: 'itemOf' extends keyof (typeof rdsLists)[Name]
    ? never
    : (typeof rdsLists)[Name]['use'] extends { readonly type: SourceType }
      ? never
      : Name;
}[RdsList];

/** How to read each of the other lists. */
export const otherLists: Readonly<Record<OtherList, (client: RDSClient) => Promise<Rds>>> = {
  ExportTasks: async (client) => {
    const pages = () => paginateDescribeExportTasks({ client }, {});
    const tasks = await allPages(pages, (page) => page.ExportTasks);
    return {
      ExportTasks: tasks.map((task) => picked(task, ['ExportTaskIdentifier', 'SourceArn', 'KmsKeyId', 'Status'])),
    };
  },
  GlobalClusters: async (client) => {
    const pages = () => paginateDescribeGlobalClusters({ client }, {});
    return { GlobalClusters: (await allPages(pages, (page) => page.GlobalClusters)).flatMap(asGlobalCluster) };
  },
  Integrations: async (client) => {
    const pages = () => paginateDescribeIntegrations({ client }, {});
    return { Integrations: (await allPages(pages, (page) => page.Integrations)).flatMap(asIntegration) };
  },
  DBProxies: async (client) => {
    const pages = () => paginateDescribeDBProxies({ client }, {});
    return { DBProxies: (await allPages(pages, (page) => page.DBProxies)).flatMap(asProxy) };
  },
  AccountQuotas: async (client) => {
    const { AccountQuotas: quotas } = await client.send(new DescribeAccountAttributesCommand({}));
    return { AccountQuotas: quotas?.flatMap(asQuota) };
  },
};

function asGlobalCluster(cluster: GlobalCluster): NonNullable<Rds['GlobalClusters']> {
  const { GlobalClusterIdentifier, GlobalClusterMembers: members = [] } = cluster;
  if (GlobalClusterIdentifier === undefined) return [];
  const names = ['GlobalClusterArn', 'Status', 'Engine', 'EngineVersion', 'StorageEncrypted'] as const;
  return [
    {
      GlobalClusterIdentifier,
      ...picked(cluster, [...names, 'DeletionProtection']),
      GlobalClusterMembers: members.flatMap(({ DBClusterArn, Readers = [], ...member }) =>
        DBClusterArn === undefined
          ? []
          : [{ DBClusterArn, Readers: Readers.toSorted(), ...picked(member, ['IsWriter']) }],
      ),
    },
  ];
}

function asIntegration(integration: Integration): NonNullable<Rds['Integrations']> {
  const { IntegrationArn } = integration;
  if (IntegrationArn === undefined) return [];
  const names = ['IntegrationName', 'SourceArn', 'TargetArn', 'KMSKeyId', 'Status'] as const;
  return [{ IntegrationArn, ...picked(integration, names) }];
}

function asProxy(proxy: DBProxy): NonNullable<Rds['DBProxies']> {
  const { DBProxyArn, Auth = [] } = proxy;
  if (DBProxyArn === undefined) return [];
  const names = ['DBProxyName', 'Status', 'EngineFamily', 'RoleArn', 'DefaultAuthScheme'] as const;
  const auth = Auth.map((one) => picked(one, ['AuthScheme', 'SecretArn', 'IAMAuth']));
  return [{ DBProxyArn, ...picked(proxy, names), Auth: auth }];
}

function asQuota(quota: AccountQuota): NonNullable<Rds['AccountQuotas']> {
  const { AccountQuotaName: name } = quota;
  return name === undefined ? [] : [{ AccountQuotaName: name, ...picked(quota, ['Used', 'Max']) }];
}

/** The types of sources, in the order in which they are read. */
export const sourceTypes = Object.keys(sourceLists).filter(isSourceType);

export const otherNames = Object.keys(otherLists).filter(isOtherList);

function isSourceType(name: string): name is SourceType {
  return Object.hasOwn(sourceLists, name);
}

function isOtherList(name: string): name is OtherList {
  return Object.hasOwn(otherLists, name);
}

/** Merges several lists into one object. */
export function together(lists: readonly (Rds | undefined)[]): Rds {
  return lists.reduce<Rds>((all, list) => ({ ...all, ...list }), {});
}

/**
 * RDS needs the type to find an automated snapshot by name, and does not list DB snapshots of AWS
 * Backup by default (their API references).
 */
function automated(named: Named | undefined): { readonly SnapshotType?: 'automated' } {
  return named?.value.startsWith('rds:') === true ? { SnapshotType: 'automated' } : {};
}

/**
 * `filter`: the name under which RDS filters by resource ID. Without a filter, RDS reads a resource
 * ID as an identifier.
 */
function inputFor<Name extends string>(
  named: Named | undefined,
  parameter: Name,
  filter?: string,
): { [N in Name]?: string } & { Filters?: { Name: string; Values: string[] }[] } {
  const input: { [N in Name]?: string } = {};
  if (named === undefined) return input;
  if (named.by === 'resource id' && filter !== undefined)
    return { ...input, Filters: [{ Name: filter, Values: [named.value] }] };
  return { ...input, [parameter]: named.value };
}

function noArn(named: Named | undefined): Named | undefined {
  return named?.by === 'arn' ? undefined : named;
}

const stored = ['Status', 'Engine', 'EngineVersion', 'StorageEncryptionType', 'KmsKeyId'] as const;
const monitoring = [
  ...(['PerformanceInsightsEnabled', 'PerformanceInsightsKMSKeyId', 'DatabaseInsightsMode'] as const),
  ...(['ActivityStreamStatus', 'ActivityStreamMode', 'ActivityStreamKmsKeyId'] as const),
];
const clusterNames = [
  ...stored,
  ...monitoring,
  ...(['EngineMode', 'StorageEncrypted', 'DbClusterResourceId', 'DBSubnetGroup', 'DBClusterParameterGroup'] as const),
  ...(['DeletionProtection', 'ReplicationSourceIdentifier', 'ReadReplicaIdentifiers', 'CloneGroupId'] as const),
  ...(['GlobalClusterIdentifier', 'CrossAccountClone', 'BackupRetentionPeriod'] as const),
];
const instanceNames = [
  ...monitoring,
  ...(['DBInstanceStatus', 'DBInstanceClass', 'DBClusterIdentifier', 'DBName', 'DbiResourceId', 'Engine'] as const),
  ...(['EngineVersion', 'MultiAZ', 'MultiTenant', 'AllocatedStorage', 'Iops', 'StorageEncrypted'] as const),
  ...([
    'StorageEncryptionType',
    'KmsKeyId',
    'DeletionProtection',
    'ReadReplicaSourceDBInstanceIdentifier',
    'BackupRetentionPeriod',
  ] as const),
  ...(['ReadReplicaDBInstanceIdentifiers', 'ReadReplicaDBClusterIdentifiers'] as const),
  'ReadReplicaSourceDBClusterIdentifier' as const,
];
const snapshotNames = [...stored, 'SnapshotType'] as const;

function asCluster(cluster: DBCluster): readonly Cluster[] {
  const { DBClusterIdentifier, DBClusterArn, DBClusterMembers: members } = cluster;
  if (DBClusterIdentifier === undefined || DBClusterArn === undefined) return [];
  return [
    {
      DBClusterIdentifier,
      DBClusterArn,
      ...picked(cluster, clusterNames),
      ...instants(cluster, ['ClusterCreateTime', 'LatestRestorableTime']),
      ...secret(cluster),
      DBClusterMembers: (members ?? []).map((member) => picked(member, ['DBInstanceIdentifier'])),
      TagList: tagList(cluster.TagList),
    },
  ];
}

function secret({ MasterUserSecret: held }: DBCluster | DBInstance): Pick<Instance, 'MasterUserSecret'> {
  return held === undefined ? {} : { MasterUserSecret: picked(held, ['SecretArn', 'SecretStatus', 'KmsKeyId']) };
}

function subnetGroup({ DBSubnetGroup: group }: DBInstance): Pick<Instance, 'DBSubnetGroup'> {
  return group === undefined ? {} : { DBSubnetGroup: picked(group, ['DBSubnetGroupName']) };
}

/** RDS leaves the list out if there are no replications. */
function replications({
  DBInstanceAutomatedBackupsReplications: held = [],
}: DBInstance | DBInstanceAutomatedBackup): Pick<Instance, 'DBInstanceAutomatedBackupsReplications'> {
  const arns = held.map((one) => picked(one, ['DBInstanceAutomatedBackupsArn']));
  return { DBInstanceAutomatedBackupsReplications: arns };
}

function asInstance(instance: DBInstance): readonly Instance[] {
  const { DBInstanceIdentifier, DBInstanceArn, TagList } = instance;
  if (DBInstanceIdentifier === undefined || DBInstanceArn === undefined) return [];
  return [
    {
      DBInstanceIdentifier,
      DBInstanceArn,
      ...picked(instance, instanceNames),
      ...instants(instance, ['InstanceCreateTime', 'LatestRestorableTime']),
      ...secret(instance),
      ...replications(instance),
      ...subnetGroup(instance),
      DBParameterGroups: (instance.DBParameterGroups ?? []).map((group) => picked(group, ['DBParameterGroupName'])),
      OptionGroupMemberships: (instance.OptionGroupMemberships ?? []).map((group) =>
        picked(group, ['OptionGroupName']),
      ),
      TagList: tagList(TagList),
    },
  ];
}

function asClusterSnapshot(snapshot: DBClusterSnapshot): readonly ClusterSnapshot[] {
  const { DBClusterSnapshotIdentifier, DBClusterSnapshotArn, TagList } = snapshot;
  if (DBClusterSnapshotIdentifier === undefined || DBClusterSnapshotArn === undefined) return [];
  const names = [...snapshotNames, 'DBClusterIdentifier', 'DbClusterResourceId', 'StorageEncrypted'] as const;
  const kept = picked(snapshot, names);
  const times = instants(snapshot, ['ClusterCreateTime', 'SnapshotCreateTime']);
  return [{ DBClusterSnapshotIdentifier, DBClusterSnapshotArn, ...kept, ...times, TagList: tagList(TagList) }];
}

function asSnapshot(snapshot: DBSnapshot): readonly Snapshot[] {
  const { DBSnapshotIdentifier, DBSnapshotArn, TagList } = snapshot;
  if (DBSnapshotIdentifier === undefined || DBSnapshotArn === undefined) return [];
  const names = [...snapshotNames, 'DBInstanceIdentifier', 'DbiResourceId', 'Encrypted', 'OptionGroupName'] as const;
  const kept = picked(snapshot, names);
  const times = instants(snapshot, ['SnapshotCreateTime', 'OriginalSnapshotCreateTime']);
  return [{ DBSnapshotIdentifier, DBSnapshotArn, ...kept, ...times, TagList: tagList(TagList) }];
}

function asClusterBackup(backup: DBClusterAutomatedBackup): readonly ClusterAutomatedBackup[] {
  const { DBClusterAutomatedBackupsArn: arn, RestoreWindow: window } = backup;
  if (arn === undefined) return [];
  const kept = picked(backup, [...stored, 'DbClusterResourceId', 'DBClusterIdentifier', 'StorageEncrypted']);
  return [
    { DBClusterAutomatedBackupsArn: arn, ...kept, ...instants(backup, ['ClusterCreateTime']), ...windowOf(window) },
  ];
}

function asInstanceBackup(backup: DBInstanceAutomatedBackup): readonly InstanceAutomatedBackup[] {
  const { DBInstanceAutomatedBackupsArn: arn, RestoreWindow: window } = backup;
  if (arn === undefined) return [];
  const names = ['DBInstanceArn', 'DbiResourceId', 'DBInstanceIdentifier', 'Encrypted', 'OptionGroupName'] as const;
  const kept = picked(backup, [...stored, ...names]);
  return [{ DBInstanceAutomatedBackupsArn: arn, ...kept, ...replications(backup), ...windowOf(window) }];
}

function windowOf(window: RestoreWindow | undefined) {
  return window === undefined ? {} : { RestoreWindow: instants(window, ['EarliestTime', 'LatestTime']) };
}
