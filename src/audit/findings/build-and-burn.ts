import { accountOf } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { isMember } from '../../check/bind.ts';
import { type Source, sourcesHeld } from '../../evidence/sources.ts';
import { allPeople, foldAdministrators } from '../administrators.ts';
import { type Backup, type Estate, storageKeyOf } from '../estate.ts';
import { type KillerRights, killersOf } from '../killers.ts';
import {
  administrators,
  both,
  either,
  noRights,
  peopleUnread,
  type Right,
  type Rights,
  rightsTo,
  targetsOn,
} from '../rights.ts';
import { type FindingFields, type FindingRow, nist, nothing, type OpenFact, wellArchitected } from './finding.ts';

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
    const isAdministrator = administrators(estate);
    const byAccount = groupBy(
      estate.databases.flatMap((database) => {
        const key = storageKeyOf(estate.evidence, database);
        return key === undefined ? [] : [{ database, key }];
      }),
      ({ database }) => database.account,
    );
    const killers = killersOf(estate);
    return [...byAccount].flatMap(([account, all]) => {
      const burners = burnersOf(estate, account, all, killers);
      const folded = foldAdministrators(estate, { account, rights: burners, isAdministrator });
      return [
        ...burners.flatMap((one) => othersFor(estate, account, one, isAdministrator)),
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

/** Who can destroy a database under each key, and all of its backups or the key. */
function burnersOf(
  estate: Estate,
  account: string,
  all: readonly Keyed[],
  killers: ReadonlyMap<string, KillerRights>,
): readonly Burners[] {
  const byKey = groupBy(all, ({ key }) => key);
  const databases = all.map(({ database }) => database);
  const destroying = destroyersOf(estate, account, databases);
  const erasing = erasersOf(estate, account);
  const own = estate.backups.filter(({ source }) => source.account === account);
  return [...byKey].map(([key, keyed]): Burners => {
    const rights = keyed.map(({ database }) => {
      const backups = own.filter((backup) => isApart(backup, database));
      return burning(
        destroying(database),
        backups.map(({ source }) => erasing.get(source.arn) ?? noRights),
        accountOf(key) === account ? killers.get(key) : undefined,
      );
    });
    const people = new Set(rights.flatMap((one) => [...one.keys()]));
    const any = [...people].flatMap((arn): readonly (readonly [string, Right])[] => {
      const right = either(rights.map((one) => one.get(arn)));
      return right === undefined ? [] : [[arn, right]];
    });
    return { key, rights: new Map(any), databases: keyed.map(({ database }) => database) };
  });
}

/** A snapshot of the database in its own account, which does not go with it. */
function isApart({ source }: Backup, database: Source): boolean {
  if (source.region !== database.region) return false;
  if (source.type !== 'cluster-snapshot' && source.type !== 'snapshot') return false;
  if (source.entry.SnapshotType?.toLowerCase() === 'automated') return false;
  const of = source.type === 'cluster-snapshot' ? source.entry.DBClusterIdentifier : source.entry.DBInstanceIdentifier;
  const isOfType = (source.type === 'cluster-snapshot') === (database.type === 'cluster');
  return (
    isOfType &&
    (of === database.identifier || (source.resourceId !== undefined && source.resourceId === database.resourceId))
  );
}

function burning(destroying: Rights, erasing: readonly Rights[], killers: KillerRights | undefined): Rights {
  return new Map(
    [...destroying].flatMap(([arn, data]): readonly (readonly [string, Right])[] => {
      const [first, ...others] = erasing;
      const allBackups =
        first === undefined ? undefined : others.reduce((right, one) => both(right, one.get(arn)), first.get(arn));
      const right = both(data, either([killers?.any.get(arn), allBackups]));
      return right === undefined ? [] : [[arn, right]];
    }),
  );
}

/** Who can delete databases, with the obstacles: their instances, and deletion protection. */
function destroyersOf(estate: Estate, account: string, databases: readonly Source[]): (database: Source) => Rights {
  const { evidence, places } = estate;
  const here = places.filter((place) => place.account === account);
  const members = here.flatMap((place) => sourcesHeld(evidence, place, ['db']).sources.filter(isMember));
  const skipping = { skipFinalSnapshot: true } as const;
  const deleting = rightsTo(
    estate,
    account,
    new Map([
      ...targetsOn(
        'delete-cluster',
        databases.filter(({ type }) => type === 'cluster'),
        skipping,
      ),
      ...targetsOn('delete-instance', [...databases.filter(({ type }) => type === 'db'), ...members], skipping),
    ]),
  );
  const isProtected = (source: Source): boolean | undefined =>
    source.type === 'cluster' || source.type === 'db' ? source.entry.DeletionProtection : false;
  const guarded = [...databases, ...members].filter((one) => isProtected(one) !== false);
  const modifying = rightsTo(
    estate,
    account,
    new Map([
      ...targetsOn(
        'modify-cluster',
        guarded.filter(({ type }) => type === 'cluster'),
      ),
      ...targetsOn(
        'modify-instance',
        guarded.filter(({ type }) => type === 'db'),
      ),
    ]),
  );
  const alone = (source: Source): Rights => {
    const rights = deleting.get(source.arn) ?? noRights;
    const protection = isProtected(source);
    if (protection === false) return rights;
    const turning = modifying.get(source.arn) ?? noRights;
    return together(rights, turning, protection === undefined ? unreadProtection(source.arn) : undefined);
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

function unreadProtection(of: string): OpenFact {
  return { is: 'unread', unread: { code: 'database-protection-unread', of } };
}

/** `unless`: the second right may not be needed. */
function together(one: Rights, other: Rights, unless?: OpenFact): Rights {
  return new Map(
    [...one].flatMap(([arn, right]): readonly (readonly [string, Right])[] => {
      const needed = other.get(arn);
      const joined = both(right, needed);
      if (joined?.holds === 'yes') return [[arn, joined]];
      if (unless !== undefined) return [[arn, { ...right, holds: 'maybe', facts: [...right.facts, unless] }]];
      return joined === undefined ? [] : [[arn, joined]];
    }),
  );
}

/** Who can delete which snapshots. */
function erasersOf(estate: Estate, account: string): ReadonlyMap<string, Rights> {
  const snapshots = estate.backups
    .map(({ source }) => source)
    .filter((one) => one.account === account && (one.type === 'cluster-snapshot' || one.type === 'snapshot'));
  return rightsTo(estate, account, targetsOn('delete-snapshot', snapshots));
}

function othersFor(
  estate: Estate,
  account: string,
  { key, rights, databases }: Burners,
  isAdministrator: (arn: string) => boolean,
): readonly (FindingFields & BuildAndBurn)[] {
  const [first] = databases;
  const common = {
    code: 'build-and-burn',
    account,
    region: first?.region,
    subject: key,
    severity: 'high',
    key,
    vaultsMayBeLocked: isKeptByBackup(estate, databases),
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
      statements: right.statements,
    };
  });
  const unread = peopleUnread(estate, account).map((lack): OpenFact => ({ is: 'lack', lack }));
  if (unread.length === 0) return found;
  return [...found, { ...common, affected: nothing, maybe: { keys: [key] }, dependsOn: unread, statements: [] }];
}

function isKeptByBackup({ evidence, places }: Estate, databases: readonly Source[]): boolean {
  const arns = new Set(databases.map(({ arn }) => arn));
  return places.some(({ account, region }) =>
    evidence.accounts[account]?.regions?.[region]?.backup?.RecoveryPoints?.some(({ ResourceArn: of }) =>
      arns.has(of ?? ''),
    ),
  );
}
