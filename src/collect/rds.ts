import {
  type DBCluster,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotAttributesCommand,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBClusters,
  RDSClient,
} from '@aws-sdk/client-rds';
import type { Cluster, ClusterSnapshot, Region } from '../evidence/schema.ts';
import { isMalformed, isMissing } from './faults.ts';
import { allPages, type Reader, type Subject } from './reader.ts';
import type { ClientSettings } from './settings.ts';

/** Where the credentials read, for gaps. */
export interface Where {
  readonly account: string;
  readonly region: string;
}

export interface RdsReads {
  readonly clusters: (wanted: string | undefined) => Promise<Cluster[]>;
  readonly snapshots: (wanted: string | undefined) => Promise<ClusterSnapshot[]>;
  readonly attributes: (
    identifier: string,
  ) => Promise<NonNullable<NonNullable<Region['rds']>['DBClusterSnapshotAttributes']>>;
}

/** Reads of RDS. Without them there is no verdict, so a refusal is a failure, but for the attributes. */
export function rdsReads(settings: ClientSettings, where: Where, reader: Reader): RdsReads {
  const client = new RDSClient(settings);
  const subject = (what: string, resource?: string): Subject => ({
    what,
    ...where,
    ...(resource === undefined ? {} : { resource }),
  });
  return {
    clusters: (wanted) =>
      namedOrAll(wanted, (DBClusterIdentifier) =>
        reader.need(subject('rds:DescribeDBClusters', wanted), async () => {
          const pages = paginateDescribeDBClusters(
            { client },
            DBClusterIdentifier === undefined ? {} : { DBClusterIdentifier },
          );
          return (await allPages(pages, (page) => page.DBClusters)).flatMap(asCluster);
        }),
      ),
    snapshots: (wanted) =>
      namedOrAll(wanted, (DBClusterSnapshotIdentifier) =>
        reader.need(subject('rds:DescribeDBClusterSnapshots', wanted), async () => {
          const named = DBClusterSnapshotIdentifier === undefined ? {} : { DBClusterSnapshotIdentifier };
          const pages = paginateDescribeDBClusterSnapshots({ client }, { ...named, IncludeShared: true });
          return (await allPages(pages, (page) => page.DBClusterSnapshots)).flatMap(asSnapshot);
        }),
      ),
    attributes: async (identifier) => {
      const answer = await reader.read(subject('rds:DescribeDBClusterSnapshotAttributes', identifier), () =>
        client.send(new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: identifier })),
      );
      const result = answer?.DBClusterSnapshotAttributesResult;
      if (result === undefined) return [];
      const attributes = (result.DBClusterSnapshotAttributes ?? []).map(
        ({ AttributeName: name, AttributeValues: values }) => ({
          ...(name === undefined ? {} : { AttributeName: name }),
          AttributeValues: values ?? [],
        }),
      );
      return [{ DBClusterSnapshotIdentifier: identifier, DBClusterSnapshotAttributes: attributes }];
    },
  };
}

/** The one that is named; all of them if RDS does not know it, so that the nearest ones can be told. */
async function namedOrAll<T>(
  wanted: string | undefined,
  read: (identifier: string | undefined) => Promise<T[]>,
): Promise<T[]> {
  if (wanted === undefined) return read(undefined);
  try {
    return await read(wanted);
  } catch (error) {
    if (error instanceof Error && (isMissing(error.cause) || isMalformed(error.cause))) return read(undefined);
    throw error;
  }
}

function asCluster(cluster: DBCluster): readonly Cluster[] {
  const { DBClusterIdentifier: id, DBClusterArn: arn } = cluster;
  return id === undefined || arn === undefined
    ? []
    : [{ ...plain(cluster), DBClusterIdentifier: id, DBClusterArn: arn, ...tags(cluster.TagList) }];
}

function asSnapshot(snapshot: DBClusterSnapshot): readonly ClusterSnapshot[] {
  const { DBClusterSnapshotIdentifier: id, DBClusterSnapshotArn: arn } = snapshot;
  if (id === undefined || arn === undefined) return [];
  return [
    { ...plain(snapshot), DBClusterSnapshotIdentifier: id, DBClusterSnapshotArn: arn, ...tags(snapshot.TagList) },
  ];
}

interface Described {
  readonly Status?: string | undefined;
  readonly SnapshotType?: string | undefined;
  readonly Engine?: string | undefined;
  readonly EngineVersion?: string | undefined;
  readonly StorageEncrypted?: boolean | undefined;
  readonly StorageEncryptionType?: string | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly DbClusterResourceId?: string | undefined;
  readonly DBClusterIdentifier?: string | undefined;
}

/** The fields that a check looks at. */
function plain(described: Described) {
  const {
    Status,
    SnapshotType,
    Engine,
    EngineVersion,
    StorageEncrypted,
    StorageEncryptionType,
    KmsKeyId,
    DbClusterResourceId,
    DBClusterIdentifier,
  } = described;
  return {
    ...(DBClusterIdentifier === undefined ? {} : { DBClusterIdentifier }),
    ...(Status === undefined ? {} : { Status }),
    ...(SnapshotType === undefined ? {} : { SnapshotType }),
    ...(Engine === undefined ? {} : { Engine }),
    ...(EngineVersion === undefined ? {} : { EngineVersion }),
    ...(StorageEncrypted === undefined ? {} : { StorageEncrypted }),
    ...(StorageEncryptionType === undefined ? {} : { StorageEncryptionType }),
    ...(KmsKeyId === undefined ? {} : { KmsKeyId }),
    ...(DbClusterResourceId === undefined ? {} : { DbClusterResourceId }),
  };
}

/** RDS leaves the list out where there are no tags. */
function tags(list: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined) {
  return { TagList: (list ?? []).map(({ Key, Value }) => ({ Key: Key ?? '', Value: Value ?? '' })) };
}
