import { nameOf, placeOf } from '../base/arn.ts';
import { keyIdsIn, rdsRows } from '../evidence/lists.ts';
import { type SourceType, shownName, typeOfArn } from '../evidence/sources.ts';
import { type RdsReads, rdsReads, type Where } from './rds.ts';
import { type Named, type Rds, sourceLists, sourceTypes, together } from './rds-lists.ts';
import type { LiveReading, ToRead } from './reading.ts';

type Wanted = Pick<ToRead, 'types' | 'target' | 'sharing'>;

/**
 * Reads the sources that a question names, and their further data. `readKeys` receives the keys
 * that encrypt them, as soon as they are known.
 */
export async function readSources(
  { types, target, sharing }: Wanted,
  where: Where,
  { settings, account, reader, gathered }: LiveReading,
  readKeys: (keyIds: readonly string[]) => Promise<void>,
): Promise<void> {
  const rds = rdsReads(settings, where, reader);
  const found =
    types.length === 0
      ? {}
      : target === undefined
        ? await everyOne(rds, types)
        : await theOne(rds, likely(types, target), howNamed(target, account), () =>
            ofOtherKinds(rdsReads(settings, where, reader.apart(true)), types, target),
          );
  const withClusters = async (): Promise<Rds | undefined> => {
    const clusters = await clustersOf(rds, found, target === undefined);
    await readKeys(keysOf(clusters));
    return clusters;
  };
  const [clusters, attributes] = await Promise.all([
    withClusters(),
    sharing ? attributesOf(rds, found, account) : {},
    readKeys(keysOf(found)),
  ]);
  gathered.rds(where, { ...found, ...attributes });
  if (clusters !== undefined) gathered.rds(where, clusters);
}

/**
 * All sources of every type. Every verdict needs the first type. The account may not use the
 * others.
 */
async function everyOne(rds: RdsReads, [first, ...others]: readonly SourceType[]): Promise<Rds> {
  const lists = await Promise.all([
    first === undefined ? {} : rds.needAll(first),
    ...others.map((type) => rds.all(type)),
  ]);
  return together(lists);
}

/**
 * The named target. The types are read one after another, only as needed: if the first list has the
 * name, no permission is needed to read the next list. If no list has it, all lists are read, so
 * that the error can show the nearest names and resources of another kind with this name.
 */
async function theOne(
  rds: RdsReads,
  types: readonly SourceType[],
  named: Named,
  others: () => Promise<Rds>,
): Promise<Rds> {
  const missed: SourceType[] = [];
  for (const type of types) {
    const found = await rds.named(type, named, type === types[0]);
    if (found !== undefined) return together([...missed.map(nothing), found]);
    missed.push(type);
  }
  const [alike, all] = await Promise.all([others(), everyOne(rds, types)]);
  return together([alike, all]);
}

/** Databases and snapshots of other types with this name. Nothing depends on a refused read. */
async function ofOtherKinds(rds: RdsReads, types: readonly SourceType[], target: string): Promise<Rds> {
  if (placeOf(target) !== undefined) return {};
  const { name: value } = shownName(target);
  const others = sourceTypes.filter((type) => !types.includes(type) && !type.endsWith('auto-backup'));
  return together(await Promise.all(others.map((type) => rds.named(type, { by: 'identifier', value }, false))));
}

/** The type in an ARN or a shown name, if it is one of these types. Otherwise all types. */
function likely(types: readonly SourceType[], target: string): readonly SourceType[] {
  const said = typeOfArn(target) ?? shownName(target).type;
  return types.some((type) => type === said) ? types.filter((type) => type === said) : types;
}

/** An empty list, for a name that was not found. */
function nothing(type: SourceType): Rds {
  return { [sourceLists[type].name]: [] };
}

/**
 * Shared resources are read by ARN. The account's own resources are read by identifier, except
 * automated backups.
 */
function howNamed(target: string, account: string): Named {
  const owner = placeOf(target)?.account;
  const isBackup = typeOfArn(target)?.endsWith('auto-backup') === true;
  if (owner === account && !isBackup) return { by: 'identifier', value: nameOf(target) };
  if (owner !== undefined) return { by: 'arn', value: target };
  const { name: value } = shownName(target);
  return { by: /^(cluster|db)-[A-Z0-9]{20,}$/.test(value) ? 'resource id' : 'identifier', value };
}

/**
 * The clusters of instances. An instance in a cluster uses the cluster's storage, and so its key.
 */
async function clustersOf(rds: RdsReads, { DBInstances, DBClusters }: Rds, all: boolean): Promise<Rds | undefined> {
  const known = new Set(DBClusters?.map((one) => one.DBClusterIdentifier));
  const wanted = new Set((DBInstances ?? []).flatMap((one) => one.DBClusterIdentifier ?? []));
  const missing = [...wanted].filter((identifier) => !known.has(identifier));
  if (missing.length === 0) return undefined;
  if (all) return rds.all('cluster');
  const found = await Promise.all(missing.map((value) => rds.named('cluster', { by: 'identifier', value }, false)));
  return { DBClusters: found.flatMap((one) => one?.DBClusters ?? []) };
}

/**
 * The accounts that the account's own manual snapshots are shared with. Only the owner may read
 * this, and only manual snapshots can be shared.
 */
export async function attributesOf(
  rds: RdsReads,
  { DBClusterSnapshots, DBSnapshots }: Rds,
  account: string,
): Promise<Rds> {
  const shareable = (type: string | undefined, arn: string): boolean =>
    type === 'manual' && placeOf(arn)?.account === account;
  const ofClusters = (DBClusterSnapshots ?? []).filter((one) => shareable(one.SnapshotType, one.DBClusterSnapshotArn));
  const ofInstances = (DBSnapshots ?? []).filter((one) => shareable(one.SnapshotType, one.DBSnapshotArn));
  const [clusterSnapshots, snapshots] = await Promise.all([
    Promise.all(ofClusters.map((one) => rds.clusterSnapshotAttributes(one.DBClusterSnapshotIdentifier))),
    Promise.all(ofInstances.map((one) => rds.snapshotAttributes(one.DBSnapshotIdentifier))),
  ]);
  return {
    ...(ofClusters.length === 0 ? {} : { DBClusterSnapshotAttributes: clusterSnapshots.flat() }),
    ...(ofInstances.length === 0 ? {} : { DBSnapshotAttributes: snapshots.flat() }),
  };
}

/** The keys that encrypt resources of RDS, each once. */
export function keysOf(...parts: readonly (Rds | undefined)[]): readonly string[] {
  const keys = parts.flatMap((rds) => sourceTypes.flatMap((type) => keyIdsIn(rds?.[sourceLists[type].name])));
  return [...new Set(keys)];
}

/** The keys that resources of RDS name for other purposes, each once. */
export function otherKeysOf(rds: Rds): readonly string[] {
  return [...new Set(rdsRows.flatMap(([name, { otherKeys = [] }]) => keyIdsIn(rds[name], otherKeys)))];
}
