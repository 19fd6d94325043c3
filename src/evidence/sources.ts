import { nameOf, type Place, parseArn, placeOf } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { whatIsThere } from '../base/nearest.ts';
import { isAddress, withAddress } from '../base/planned-name.ts';
import { article } from '../base/wording.ts';
import { allSourceFlags, type SourceType, sourceFlags } from '../operations/source-flags.ts';
import { regionAt, regionsOf } from './lookup.ts';
import { NotHeld } from './not-held.ts';
import type {
  Cluster,
  ClusterAutomatedBackup,
  ClusterSnapshot,
  Evidence,
  Instance,
  InstanceAutomatedBackup,
  Region,
  Snapshot,
} from './schema.ts';

export type { SourceType };

/**
 * The fields that sources of all types have, under common names. Undefined: not in the evidence.
 */
interface Common {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly identifier: string;
  readonly status: string | undefined;
  readonly engine: string | undefined;
  readonly engineVersion: string | undefined;
  readonly encrypted: boolean | undefined;
  readonly encryptionType: string | undefined;
  readonly kmsKeyId: string | undefined;
  /**
   * `cluster-...` or `db-...`, which RDS puts into the encryption context (rds-kms-operations 3.1).
   */
  readonly resourceId: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** The status of the cluster of an instance. */
  readonly clusterStatus?: string | undefined;
  /** An ISO time at which the storage volume already existed. */
  readonly existedAt?: string | undefined;
}

type Typed<Type extends SourceType, Entry> = Common & { readonly type: Type; readonly entry: Entry };

/** A database, snapshot or automated backup in the evidence. `entry` is its description by RDS. */
export type Source =
  | Typed<'cluster', Cluster>
  | Typed<'db', Instance>
  | Typed<'cluster-snapshot', ClusterSnapshot>
  | Typed<'snapshot', Snapshot>
  | Typed<'cluster-auto-backup', ClusterAutomatedBackup>
  | Typed<'auto-backup', InstanceAutomatedBackup>;

export const sourceNouns: Readonly<Record<SourceType, string>> = {
  cluster: 'cluster',
  db: 'DB instance',
  'cluster-snapshot': 'cluster snapshot',
  snapshot: 'DB snapshot',
  'cluster-auto-backup': 'automated cluster backup',
  'auto-backup': 'automated backup',
};

type Rds = NonNullable<Region['rds']>;

/** Undefined: the evidence does not have the list. */
const listed: Readonly<Record<SourceType, (rds: Rds) => readonly Source[] | undefined>> = {
  cluster: ({ DBClusters: clusters }) =>
    clusters?.map((entry) => ({
      type: 'cluster',
      entry,
      ...placed(entry.DBClusterArn),
      identifier: entry.DBClusterIdentifier,
      status: entry.Status,
      encrypted: entry.StorageEncrypted,
      resourceId: entry.DbClusterResourceId,
      existedAt: entry.ClusterCreateTime,
      ...described(entry),
    })),
  db: ({ DBInstances: instances, DBClusters: clusters }) => {
    const statuses = new Map(clusters?.map(({ DBClusterIdentifier: id, Status }) => [id, Status]));
    return instances?.map((entry) => ({
      type: 'db',
      entry,
      ...placed(entry.DBInstanceArn),
      identifier: entry.DBInstanceIdentifier,
      status: entry.DBInstanceStatus,
      clusterStatus: statuses.get(entry.DBClusterIdentifier ?? ''),
      encrypted: entry.StorageEncrypted,
      resourceId: entry.DbiResourceId,
      existedAt: entry.InstanceCreateTime,
      ...described(entry),
    }));
  },
  'cluster-snapshot': ({ DBClusterSnapshots: snapshots }) =>
    snapshots?.map((entry) => ({
      type: 'cluster-snapshot',
      entry,
      ...placed(entry.DBClusterSnapshotArn),
      identifier: entry.DBClusterSnapshotIdentifier,
      status: entry.Status,
      encrypted: entry.StorageEncrypted,
      resourceId: entry.DbClusterResourceId,
      existedAt: entry.ClusterCreateTime ?? entry.SnapshotCreateTime,
      ...described(entry),
    })),
  snapshot: ({ DBSnapshots: snapshots }) =>
    snapshots?.map((entry) => ({
      type: 'snapshot',
      entry,
      ...placed(entry.DBSnapshotArn),
      identifier: entry.DBSnapshotIdentifier,
      status: entry.Status,
      encrypted: entry.Encrypted,
      resourceId: entry.DbiResourceId,
      ...described(entry),
    })),
  'cluster-auto-backup': ({ DBClusterAutomatedBackups: backups, DBClusters: clusters }) =>
    retained(backups, clusters)?.map((entry) => ({
      type: 'cluster-auto-backup',
      entry,
      ...placed(entry.DBClusterAutomatedBackupsArn),
      identifier: entry.DBClusterIdentifier ?? entry.DBClusterAutomatedBackupsArn,
      status: entry.Status,
      encrypted: entry.StorageEncrypted,
      resourceId: entry.DbClusterResourceId,
      existedAt: entry.ClusterCreateTime,
      ...described(entry),
    })),
  'auto-backup': ({ DBInstanceAutomatedBackups: backups, DBInstances: instances }) =>
    retained(backups, instances)?.map((entry) => ({
      type: 'auto-backup',
      entry,
      ...placed(entry.DBInstanceAutomatedBackupsArn),
      identifier: entry.DBInstanceIdentifier ?? entry.DBInstanceAutomatedBackupsArn,
      status: entry.Status,
      encrypted: entry.Encrypted,
      resourceId: entry.DbiResourceId,
      ...described(entry),
    })),
};

interface Identified {
  readonly DbClusterResourceId?: string | undefined;
  readonly DbiResourceId?: string | undefined;
}

/**
 * The automated backups of deleted databases. As long as a database exists, the database itself is
 * the source.
 */
function retained<T extends Identified>(
  backups: readonly T[] | undefined,
  live: readonly Identified[] | undefined,
): readonly T[] | undefined {
  const idOf = (one: Identified): string | undefined => one.DbClusterResourceId ?? one.DbiResourceId;
  const there = new Set(live?.flatMap((one) => idOf(one) ?? []));
  return backups?.filter((backup) => !there.has(idOf(backup) ?? ''));
}

function placed(arn: string): Pick<Common, 'arn' | 'account' | 'region'> {
  const { account, region } = placeOf(arn) ?? { account: '', region: '' };
  return { arn, account, region };
}

interface Described {
  readonly Engine?: string | undefined;
  readonly EngineVersion?: string | undefined;
  readonly StorageEncryptionType?: string | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly TagList?: readonly { readonly Key: string; readonly Value: string }[] | undefined;
}

function described({ Engine, EngineVersion, StorageEncryptionType, KmsKeyId, TagList }: Described) {
  return {
    engine: Engine,
    engineVersion: EngineVersion,
    encryptionType: StorageEncryptionType,
    // Some tools write a field that RDS leaves out as an empty text.
    kmsKeyId: KmsKeyId === '' ? undefined : KmsKeyId,
    tags: TagList === undefined ? undefined : Object.fromEntries(TagList.map(({ Key, Value }) => [Key, Value])),
  };
}

/**
 * All sources of these types in an account and Region, including shared ones.
 * @throws Failure if the evidence does not have the list of the first type
 */
export function sourcesAt(evidence: Evidence, place: Place, types: readonly SourceType[]): readonly Source[] {
  const { sources, unread } = sourcesHeld(evidence, place, types);
  const [first] = types;
  if (first !== undefined && unread.includes(first)) throw listNotHeld(first, evidence, place);
  return sources;
}

/** The sources of some types in the lists of an account and Region. */
interface HeldSources {
  readonly sources: readonly Source[];
  /** Types whose lists the evidence does not have. */
  readonly unread: readonly SourceType[];
}

/** A list of an account and Region. Undefined: the evidence does not have the list. */
export type ListOf = (place: Place, type: SourceType) => readonly Source[] | undefined;

export function listsIn(evidence: Evidence): ListOf {
  return (place, type) => listIn(regionAt(evidence, place)?.rds ?? {}, type);
}

/** A list of one Region. */
export function listIn(rds: Rds, type: SourceType): readonly Source[] | undefined {
  return listed[type](rds);
}

/** All sources of these types in an account and Region, and which lists are missing. */
export function sourcesHeld(evidence: Evidence, place: Place, types: readonly SourceType[]): HeldSources {
  return sourcesIn(listsIn(evidence), place, types);
}

// Array.concat copies long lists much faster than flatMap does.
const noSources: readonly Source[] = [];

/** The same for callers that look up many places. */
export function sourcesIn(listOf: ListOf, place: Place, types: readonly SourceType[]): HeldSources {
  const lists = types.map((type) => ({ type, list: listOf(place, type) }));
  return {
    sources: noSources.concat(...lists.map(({ list }) => list ?? [])),
    unread: lists.flatMap(({ type, list }) => (list === undefined ? [type] : [])),
  };
}

/** All sources of the evidence. A source that several accounts list appears once. */
export function everySource(evidence: Evidence): readonly Source[] {
  const all = Object.values(evidence.accounts)
    .flatMap((account) => Object.values(account.regions ?? {}))
    .flatMap(({ rds = {} }) => Object.values(listed).flatMap((sources) => sources(rds) ?? []));
  return [...new Map(all.map((source) => [source.arn, source])).values()];
}

/** The error for a list that the evidence does not have. */
export function listNotHeld(type: SourceType, evidence: Evidence, place: Place): Failure {
  const regions = regionsOf(evidence, place.account);
  const others = regions.filter((region) => region !== place.region);
  const there =
    regions.length === 0
      ? '; no RDS data of this account was read'
      : others.length === 0
        ? ''
        : `; Regions that were read: ${others.join(', ')}`;
  return new NotHeld(
    { is: 'list', name: type, isCertain: false },
    `the list of ${sourceNouns[type]}s in ${place.region} of account ${place.account} was not read${there}`,
    regions.includes(place.region)
      ? 'read the list with `aurora-kms-check collect`, with other credentials if it was refused'
      : 'check --region and --principal, or read the Region too (`aurora-kms-check collect`)',
  );
}

/** A source to find, and the flag that names it. */
export interface Wanted {
  readonly types: readonly SourceType[];
  /** An identifier, ARN or resource ID. */
  readonly name: string;
  readonly flag: string;
}

/** The resource ID of a snapshot is that of its database, so it does not identify the snapshot. */
function hasOwnId(type: SourceType): boolean {
  return type !== 'cluster-snapshot' && type !== 'snapshot';
}

function isItself({ type, resourceId }: Source, name: string): boolean {
  return resourceId === name && hasOwnId(type);
}

/**
 * The source that a resource ID may mean, because its own resource ID was not read. RDS keeps names
 * in lower case, so capitals distinguish a resource ID (rds-kms-operations-2 13.9).
 */
export function perhapsWithId(all: readonly Source[], name: string): Source | undefined {
  return /^(?:cluster|db)-[A-Z0-9]+$/.test(name)
    ? all.find(({ type, resourceId }) => resourceId === undefined && hasOwnId(type))
    : undefined;
}

/**
 * Whether an answer shows the source by this name: `cluster-snapshot:orders`, the end of the ARN.
 */
function isShownAs({ type, arn }: Pick<Source, 'type' | 'arn'>, name: string): boolean {
  return name.startsWith(`${type}:`) && arn.endsWith(`:${name}`);
}

/**
 * The source with this name in an account and Region, or in the place of its ARN.
 * @throws Failure with the nearest names if there is none
 */
export function findSource(evidence: Evidence, place: Place, { types, name, flag }: Wanted): Source {
  const owner = placeOf(name);
  const all = sourcesNear(listsIn(evidence), place, { types, name });
  const found = sourceNamed(all, name);
  if (found !== undefined) return found;
  const other = otherKind(evidence, place, { types, name, flag });
  if (all.length === 0 && other === undefined) sourcesAt(evidence, owner ?? place, types);
  const said = typeOfArn(name);
  const nouns = types
    .filter((type) =>
      said !== undefined && types.includes(said)
        ? type === said
        : type === types[0] || all.some((one) => one.type === type),
    )
    .map((type) => sourceNouns[type]);
  const perhaps = perhapsWithId(all, name);
  throw new NotHeld(
    { is: 'source', name, isCertain: perhaps === undefined },
    `no ${nouns.join(' or ')} \`${name}\` in ${place.region} of account ${place.account}; ${whatIsThere(
      owner === undefined ? name : nameOf(name),
      all.map((one) => one.identifier),
    )}`,
    other ??
      elsewhere(evidence, place, { types, name, flag }) ??
      (perhaps === undefined
        ? undefined
        : `the resource ID of ${sourceNouns[perhaps.type]} \`${perhaps.identifier}\` was not read: give its identifier`) ??
      (owner === undefined || owner.account === place.account
        ? `check ${flag} and --region`
        : `check the ARN, and whether account ${owner.account} shares the ${nouns[0] ?? ''} with account ${place.account}`),
  );
}

/**
 * What to do about a pattern, a name of another Region, or the ARN of something that RDS does not have.
 */
function elsewhere(evidence: Evidence, place: Place, { types, name, flag }: Wanted): string | undefined {
  const arn = parseArn(name);
  if (arn !== undefined && arn.service !== 'rds')
    return `\`${name}\` is not the ARN of an RDS resource: give an identifier or ARN with ${flag}`;
  if (arn !== undefined) return undefined;
  if (/[*?]/.test(name)) return `${flag} takes names, not patterns: repeat the flag for each name`;
  const region = regionsOf(evidence, place.account).find(
    (one) =>
      one !== place.region &&
      sourceNamed(sourcesIn(listsIn(evidence), { ...place, region: one }, types).sources, name) !== undefined,
  );
  return region === undefined ? undefined : `check ${flag} and --region: \`${name}\` is in ${region}`;
}

/**
 * The flag for a name of another kind of source, according to its ARN or a list of the evidence.
 */
function otherKind(evidence: Evidence, place: Place, { types, name }: Wanted): string | undefined {
  const said = typeOfArn(name);
  const found =
    said === undefined
      ? everyTypeAt(evidence, place).find(
          (one) =>
            !types.includes(one.type) &&
            (one.identifier.toLowerCase() === name.toLowerCase() || isShownAs(one, name.toLowerCase())),
        )
      : { type: said, identifier: name };
  if (found === undefined || types.includes(found.type)) return undefined;
  const taking = allSourceFlags().filter((one) => sourceFlags[one].types.some((type) => type === found.type));
  // Several flags take a DB snapshot. The flag that is made for it takes it for every operation.
  const best = taking.find((one) => sourceFlags[one].types[0] === found.type) ?? taking[0];
  return `\`${found.identifier}\` is ${article(sourceNouns[found.type])}, which needs --${best ?? ''}`;
}

function everyTypeAt(evidence: Evidence, place: Place): readonly Source[] {
  return Object.values(listed).flatMap((sources) => sources(regionAt(evidence, place)?.rds ?? {}) ?? []);
}

/** The type of source in an ARN such as `arn:aws:rds:us-east-1:111122223333:cluster-snapshot:x`. */
export function typeOfArn(name: string): SourceType | undefined {
  const type = placeOf(name) === undefined ? undefined : parseArn(name)?.type;
  return sourceTypes().find((one) => one === type);
}

/**
 * The type and the name in a name that answers show, such as `cluster-snapshot:orders`. Without a
 * type, the name is an identifier, which has no colon after such a word.
 */
export function shownName(name: string): { readonly type: SourceType | undefined; readonly name: string } {
  const type = sourceTypes().find((one) => name.toLowerCase().startsWith(`${one}:`));
  return { type, name: type === undefined ? name : name.slice(type.length + 1) };
}

function sourceTypes(): readonly SourceType[] {
  return allSourceFlags().flatMap((flag): readonly SourceType[] => sourceFlags[flag].types);
}

/**
 * The sources among which a name is searched: in an account and Region, or in the place of its ARN.
 */
export function sourcesNear(
  listOf: ListOf,
  place: Place,
  { types, name }: Pick<Wanted, 'types' | 'name'>,
): readonly Source[] {
  const owner = placeOf(name);
  const isElsewhere = owner !== undefined && (owner.account !== place.account || owner.region !== place.region);
  const places = isElsewhere ? [place, owner] : [place];
  return noSources.concat(...places.flatMap((one) => types.map((type) => listOf(one, type) ?? [])));
}

/** The source with this identifier, ARN or resource ID, or with this name in an answer. */
export function sourceNamed(all: readonly Source[], name: string): Source | undefined {
  const isNamed = (one: Source): boolean =>
    one.arn === name || one.identifier === name || isItself(one, name) || isShownAs(one, name);
  // RDS keeps identifiers in lower case, and accepts them in any case (rds-kms-operations-2 13.9).
  const isAlike = (one: Source): boolean =>
    [one.arn, one.identifier].some((each) => each.toLowerCase() === name.toLowerCase()) ||
    isShownAs({ type: one.type, arn: one.arn.toLowerCase() }, name.toLowerCase());
  const isPlanned = ({ identifier }: Source): boolean => withAddress(identifier).toLowerCase() === name.toLowerCase();
  return all.find(isNamed) ?? all.find(isAlike) ?? (isAddress(name) ? all.find(isPlanned) : undefined);
}

/** All sources with a name, in any Region. `account`: only in this account. */
export function sourcesNamed(
  evidence: Evidence,
  { types, name, account }: Pick<Wanted, 'types' | 'name'> & { readonly account?: string },
): readonly Source[] {
  const lists = Object.entries(evidence.accounts)
    .filter(([one]) => account === undefined || one === account)
    .flatMap(([, { regions }]) => Object.values(regions ?? {}))
    .map(({ rds }) => types.flatMap((type) => listed[type](rds ?? {}) ?? []));
  return lists.flatMap((all) => sourceNamed(all, name) ?? []);
}
