import { groupBy } from '../../base/group.ts';
import { isMember } from '../../check/bind.ts';
import { regionAt } from '../../evidence/lookup.ts';
import { type Source, sourcesHeld } from '../../evidence/sources.ts';
import { allPeople, foldAdministrators } from '../administrators.ts';
import type { EstateAnswer, EstateQuestion } from '../asking.ts';
import { copiesAmong } from '../copies.ts';
import { asBackup, type Backup, type Estate, isBackup, storageKeyOf } from '../estate.ts';
import { type KillerRights, killersOf } from '../killers.ts';
import {
  both,
  either,
  noRights,
  peopleUnread,
  type Right,
  type Rights,
  rightsIn,
  statementsBehind,
  targetsOn,
} from '../rights.ts';
import {
  type FindingFields,
  type FindingRow,
  nist,
  nothing,
  type OpenFact,
  unreadLists,
  wellArchitected,
} from './finding.ts';

/** Somebody can destroy a database and its backups, or the key of both. */
export interface BuildAndBurn {
  readonly code: 'build-and-burn';
  /** ARN. Undefined: it is about the administrators of the account, and all of its keys. */
  readonly key: string | undefined;
  /** AWS Backup keeps points of the databases: whether their vaults are locked was not read. */
  readonly vaultsMayBeLocked: boolean;
}

export const buildAndBurn: FindingRow<BuildAndBurn> = {
  code: 'build-and-burn',
  frameworks: [wellArchitected('REL09-BP02'), nist('AC-5')],
  find(estate) {
    const { isAdministrator } = estate;
    const killers = killersOf(estate);
    const { deleting, modifying, erasing } = burningQuestions(estate);
    const answers: BurningAnswers = {
      deleting: estate.answersBySource(deleting),
      modifying: estate.answersBySource(modifying),
      erasing: estate.answersBySource(erasing),
    };
    const kept = keptByBackup(estate);
    const backupsIn = groupBy(estate.backups, ({ source }) => source.account);
    return [...keyedByAccount(estate)].flatMap(([account, all]) => {
      const burners = burnersOf(estate, { account, all, own: backupsIn.get(account) ?? [], kept }, killers, answers);
      const folded = foldAdministrators({ account, rights: burners, isAdministrator });
      return [
        ...burners.flatMap((one) => othersFor(estate, account, one, { isAdministrator, kept })),
        ...folded.map(
          (found) => ({ ...found, code: 'build-and-burn', key: undefined, vaultsMayBeLocked: false }) as const,
        ),
      ];
    });
  },
};

interface Burners {
  readonly key: string;
  readonly rights: Rights;
  readonly databases: readonly Source[];
}

interface Keyed {
  readonly database: Source;
  readonly key: string;
}

/** The databases of each account that are under a key. */
function keyedByAccount({ databases, evidence }: Estate): ReadonlyMap<string, readonly [Keyed, ...Keyed[]]> {
  return groupBy(
    databases.flatMap((database) => {
      const key = storageKeyOf(evidence, database);
      return key === undefined ? [] : [{ database, key }];
    }),
    ({ database }) => database.account,
  );
}

/** Answers about what it takes to destroy databases and backups, by the ARN of the source. */
type BurningAnswers = Readonly<Record<'deleting' | 'modifying' | 'erasing', ReadonlyMap<string, EstateAnswer>>>;

/** Who of an account can delete its databases, turn off their protection, and delete its snapshots? */
export function burningQuestions(estate: Estate): Readonly<Record<keyof BurningAnswers, EstateQuestion>> {
  const keyed = keyedByAccount(estate);
  const databases = [...keyed.values()].flatMap((all) => all.map(({ database }) => database));
  const members = [...keyed.keys()].flatMap((account) => membersIn(estate, account));
  const guarded = [...databases, ...members].filter((one) => isProtected(one) !== false);
  const snapshots = estate.backups.flatMap(({ source }) =>
    keyed.has(source.account) && (source.type === 'cluster-snapshot' || source.type === 'snapshot') ? [source] : [],
  );
  const clusters = (all: readonly Source[]): readonly Source[] => all.filter(({ type }) => type === 'cluster');
  const instances = (all: readonly Source[]): readonly Source[] => all.filter(({ type }) => type === 'db');
  const skipping = { skipFinalSnapshot: true } as const;
  return {
    deleting: {
      name: 'delete databases',
      targets: [
        ...targetsOn('delete-cluster', clusters(databases), skipping),
        ...targetsOn('delete-instance', [...instances(databases), ...members], skipping),
      ],
      ofOwners: true,
      asksForRights: true,
    },
    modifying: {
      name: 'modify databases',
      targets: [...targetsOn('modify-cluster', clusters(guarded)), ...targetsOn('modify-instance', instances(guarded))],
      ofOwners: true,
      asksForRights: true,
    },
    erasing: {
      name: 'delete snapshots',
      targets: targetsOn('delete-snapshot', snapshots),
      ofOwners: true,
      asksForRights: true,
    },
  };
}

/** The instances of the clusters of an account. */
function membersIn({ evidence, places }: Estate, account: string): readonly Source[] {
  const here = places.filter((place) => place.account === account);
  return here.flatMap((place) => sourcesHeld(evidence, place, ['db']).sources.filter(isMember));
}

/** Whether a database is protected from deletion. Undefined: not read. */
function isProtected(source: Source): boolean | undefined {
  return source.type === 'cluster' || source.type === 'db' ? source.entry.DeletionProtection : false;
}

interface AccountSide {
  readonly account: string;
  readonly all: readonly Keyed[];
  /** The backups in the account. */
  readonly own: readonly Backup[];
  /** ARNs of what AWS Backup keeps recovery points of. */
  readonly kept: ReadonlySet<string>;
}

/** Who can destroy a database under each key, and all of its backups or the key. */
function burnersOf(
  estate: Estate,
  { account, all, own, kept }: AccountSide,
  killers: ReadonlyMap<string, KillerRights>,
  answers: BurningAnswers,
): readonly Burners[] {
  const byKey = groupBy(all, ({ key }) => key);
  const destroying = destroyersOf(membersIn(estate, account), answers);
  const erasing = rightsIn(answers.erasing);
  const snapshotsOf = copiesAmong({ backups: own }, isApart);
  const replicasOf = copiesAmong({ backups: own }, ({ source: { type } }) => type === 'auto-backup');
  /** Automated backups go with the database, unless AWS Backup keeps them or RDS replicates them. */
  const allGoWith = (database: Source): boolean =>
    isBackup(database) &&
    !kept.has(database.arn) &&
    !replicasOf(asBackup(database)).some(({ source }) => source.region !== database.region);
  return [...byKey].map(([key, keyed]): Burners => {
    const rights = keyed.map(({ database }) => {
      const data = destroying(database);
      const snapshots = snapshotsOf(asBackup(database));
      const losing = snapshots.map((backup) => losersOf(backup, erasing(backup.source.arn), killers));
      if (losing.length > 0) return losing.reduce((found, loss) => together(found, loss.rights, loss.open), data);
      if (!allGoWith(database)) return together(data, killers.get(key)?.any ?? noRights);
      const unread = snapshotsUnread(estate, database);
      return unread.length === 0 ? data : together(data, killers.get(key)?.any ?? noRights, unread);
    });
    return { key, rights: anyOf(rights), databases: keyed.map(({ database }) => database) };
  });
}

/** A snapshot that does not go with its database. One of a kind that was not read may be one. */
function isApart({ source }: Backup): boolean {
  return (source.type === 'cluster-snapshot' || source.type === 'snapshot') && kindOf(source) !== 'automated';
}

function kindOf(source: Source): string | undefined {
  return source.type === 'cluster-snapshot' || source.type === 'snapshot'
    ? source.entry.SnapshotType?.toLowerCase()
    : undefined;
}

interface Losers {
  readonly rights: Rights;
  /** The right may not be needed. */
  readonly open: readonly OpenFact[];
}

/** Who can delete a snapshot, or take its key out of use. */
function losersOf({ source, key }: Backup, erasing: Rights, killers: ReadonlyMap<string, KillerRights>): Losers {
  const isUnknownKey = key === undefined && source.encrypted !== false;
  const killing = isUnknownKey
    ? [...killers.values()].map(({ any }) => asOpen(any, unreadOf('backup-encryption-unread', source)))
    : key === undefined
      ? []
      : [killers.get(key)?.any ?? noRights];
  return {
    rights: anyOf([erasing, ...killing]),
    open: kindOf(source) === undefined ? [unreadOf('backup-kind-unread', source)] : [],
  };
}

function asOpen(rights: Rights, fact: OpenFact): Rights {
  return new Map([...rights].map(([arn, right]) => [arn, { ...right, holds: 'maybe', facts: [...right.facts, fact] }]));
}

/** Who has any of some rights. */
function anyOf(all: readonly Rights[]): Rights {
  const people = new Set(all.flatMap((rights) => [...rights.keys()]));
  return new Map(
    [...people].flatMap((arn): readonly (readonly [string, Right])[] => {
      const right = either(all.map((rights) => rights.get(arn)));
      return right === undefined ? [] : [[arn, right]];
    }),
  );
}

function unreadOf(
  code: 'backup-encryption-unread' | 'database-protection-unread' | 'backup-kind-unread',
  { arn: of }: Source,
): OpenFact {
  return { is: 'unread', unread: { code, of } };
}

/** The lists of snapshots that were not read, and may tell of one of a database. */
function snapshotsUnread({ evidence, places }: Estate, { account, type }: Source): readonly OpenFact[] {
  const list = type === 'cluster' ? 'DBClusterSnapshots' : 'DBSnapshots';
  const here = places.filter((place) => place.account === account);
  return here.flatMap((place) =>
    unreadLists(place, regionAt(evidence, place)?.rds?.[list] === undefined ? [list] : []),
  );
}

/** Who can delete databases, with the obstacles: their instances, and deletion protection. */
function destroyersOf(members: readonly Source[], answers: BurningAnswers): (database: Source) => Rights {
  const deleting = rightsIn(answers.deleting);
  const modifying = rightsIn(answers.modifying);
  const alone = (source: Source): Rights => {
    const rights = deleting(source.arn);
    const protection = isProtected(source);
    if (protection === false) return rights;
    const turning = modifying(source.arn);
    return together(rights, turning, protection === undefined ? [unreadOf('database-protection-unread', source)] : []);
  };
  return (database) => {
    if (database.type !== 'cluster') return alone(database);
    const names = (database.entry.DBClusterMembers ?? []).flatMap(({ DBInstanceIdentifier: name }) => name ?? []);
    const own = members.filter(
      ({ type, identifier, region, entry }) =>
        type === 'db' &&
        region === database.region &&
        (names.includes(identifier) || entry.DBClusterIdentifier === database.identifier),
    );
    return own.reduce((rights, member) => together(rights, alone(member)), alone(database));
  };
}

/** `unless`: by these facts the second right may not be needed. */
function together(one: Rights, other: Rights, unless: readonly OpenFact[] = []): Rights {
  return new Map(
    [...one].flatMap(([arn, right]): readonly (readonly [string, Right])[] => {
      const needed = other.get(arn);
      const joined = both(right, needed);
      if (joined?.holds === 'yes') return [[arn, joined]];
      if (unless.length > 0) return [[arn, { ...right, holds: 'maybe', facts: [...right.facts, ...unless] }]];
      return joined === undefined ? [] : [[arn, joined]];
    }),
  );
}

interface Telling {
  readonly isAdministrator: (arn: string) => boolean;
  /** ARNs of what AWS Backup keeps recovery points of. */
  readonly kept: ReadonlySet<string>;
}

function othersFor(
  estate: Estate,
  account: string,
  { key, rights, databases }: Burners,
  { isAdministrator, kept }: Telling,
): readonly (FindingFields & BuildAndBurn)[] {
  const [first] = databases;
  const common = {
    code: 'build-and-burn',
    account,
    region: first?.region,
    subject: key,
    severity: 'high',
    key,
    vaultsMayBeLocked: databases.some(({ arn }) => kept.has(arn)),
  } as const;
  const people = [...rights].filter(([arn]) => !isAdministrator(arn));
  const found = people.map(([arn, right]): FindingFields & BuildAndBurn => {
    const things = allPeople([[arn, right]], [key]);
    const isCertain = right.holds === 'yes';
    return {
      ...common,
      principal: arn,
      affected: isCertain ? things : nothing,
      maybe: isCertain ? nothing : things,
      dependsOn: isCertain ? [] : right.facts,
      statements: statementsBehind([[arn, right]]),
    };
  });
  const unread = peopleUnread(estate, account).map((lack): OpenFact => ({ is: 'lack', lack }));
  if (unread.length === 0) return found;
  return [...found, { ...common, affected: nothing, maybe: { keys: [key] }, dependsOn: unread, statements: [] }];
}

/** ARNs of what AWS Backup keeps recovery points of. */
function keptByBackup({ evidence, places }: Estate): ReadonlySet<string> {
  const points = places.flatMap((place) => regionAt(evidence, place)?.backup?.RecoveryPoints ?? []);
  return new Set(points.flatMap(({ ResourceArn: of }) => of ?? []));
}
