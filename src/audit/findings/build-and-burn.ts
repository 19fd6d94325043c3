import { accountOf } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { isMember, isOfBackup } from '../../check/bind.ts';
import { regionAt } from '../../evidence/lookup.ts';
import type { RecoveryPoint } from '../../evidence/schema.ts';
import { type Source, sourcesHeld } from '../../evidence/sources.ts';
import { foldAdministrators } from '../administrators.ts';
import type { AskedTarget, EstateAnswer, EstateQuestion } from '../asking.ts';
import { copiesAmong, keptPoints } from '../copies.ts';
import { automatedBackupDeletion, recoveryPointDeletion } from '../deletions.ts';
import { asBackup, type Backup, type Estate, isBackup, storageKeyOf } from '../estate.ts';
import { type KillerRights, killersOf } from '../killers.ts';
import {
  both,
  eitherOf,
  noRights,
  peopleUnread,
  type Right,
  type Rights,
  rightsIn,
  statementsBehind,
  targetsOn,
} from '../rights.ts';
import {
  type Affected,
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
  /** The finding is about the administrators of the account, and all of its keys. */
  readonly ofAdministrators: boolean;
  /** ARN. Undefined: the finding is about administrators, or the databases name no key. */
  readonly key: string | undefined;
  /**
   * AWS Backup keeps recovery points of the databases, and it was not read whether their vaults are
   * locked.
   */
  readonly vaultsMayBeLocked: boolean;
}

export const buildAndBurn: FindingRow<BuildAndBurn> = {
  code: 'build-and-burn',
  frameworks: [wellArchitected('REL09-BP02'), nist('AC-5')],
  find(estate) {
    const { isAdministrator } = estate;
    const killers = killersOf(estate);
    const { deleting, modifying, erasing, emptying } = burningQuestions(estate);
    const answers: BurningAnswers = {
      deleting: estate.answersBySource(deleting),
      modifying: estate.answersBySource(modifying),
      erasing: estate.answersBySource(erasing),
      emptying: byNamed(estate.answersTo(emptying)),
    };
    const kept = pointsByDatabase(estate);
    const backupsIn = groupBy(estate.backups, ({ source }) => source.account);
    return [...databasesByAccount(estate)].flatMap(([account, all]) => {
      const burners = burnersOf(estate, { account, all, own: backupsIn.get(account) ?? [], kept }, killers, answers);
      const folded = foldAdministrators({ account, rights: burners, isAdministrator });
      return [
        ...burners.flatMap((one) => othersFor(estate, account, one, { isAdministrator, kept })),
        ...folded.map(
          (found) =>
            ({
              ...found,
              code: 'build-and-burn',
              ofAdministrators: true,
              key: undefined,
              vaultsMayBeLocked: false,
            }) as const,
        ),
      ];
    });
  },
};

interface Burners {
  /** ARN. Undefined: the databases name no key. */
  readonly key: string | undefined;
  readonly rights: Rights;
  readonly databases: readonly Source[];
}

function databasesByAccount({ databases }: Estate): ReadonlyMap<string, readonly [Source, ...Source[]]> {
  return groupBy(databases, ({ account }) => account);
}

/** Who can delete each database and backup, by its ARN. */
type BurningAnswers = Readonly<
  Record<'deleting' | 'modifying' | 'erasing' | 'emptying', ReadonlyMap<string, EstateAnswer>>
>;

/**
 * The questions of who in an account can delete its databases, turn off their protection, delete
 * snapshots and automated backups, and empty the AWS Backup vaults.
 */
export function burningQuestions(estate: Estate): Readonly<Record<keyof BurningAnswers, EstateQuestion>> {
  const { databases, backups } = estate;
  const owners = databasesByAccount(estate);
  const members = [...owners.keys()].flatMap((account) => membersIn(estate, account));
  const guarded = [...databases, ...members].filter((one) => isProtected(one) !== false);
  const own = backups.flatMap(({ source }) => (owners.has(source.account) ? [source] : []));
  const snapshots = own.filter(({ type }) => type === 'cluster-snapshot' || type === 'snapshot');
  const clusters = (all: readonly Source[]): readonly Source[] => all.filter(({ type }) => type === 'cluster');
  const instances = (all: readonly Source[]): readonly Source[] => all.filter(({ type }) => type === 'db');
  const skipping = { skipFinalSnapshot: true } as const;
  const asked = { ofOwners: true, asksForRights: true } as const;
  return {
    deleting: {
      ...asked,
      name: 'delete databases',
      targets: [
        ...targetsOn('delete-cluster', clusters(databases), skipping),
        ...targetsOn('delete-instance', [...instances(databases), ...members], skipping),
      ],
    },
    modifying: {
      ...asked,
      name: 'modify databases',
      targets: [...targetsOn('modify-cluster', clusters(guarded)), ...targetsOn('modify-instance', instances(guarded))],
    },
    erasing: {
      ...asked,
      name: 'delete snapshots and automated backups',
      targets: [...targetsOn('delete-snapshot', snapshots), ...own.flatMap(automatedBackupDeletion)],
    },
    emptying: { ...asked, name: 'delete recovery points', targets: recoveryPointDeletions(estate, snapshots) },
  };
}

/**
 * The deletions of the recovery points of each database, and of the snapshots that are recovery
 * points.
 */
function recoveryPointDeletions(estate: Estate, snapshots: readonly Source[]): readonly AskedTarget[] {
  const points = pointsByDatabase(estate);
  const all = [...keptPoints(estate).values()].flat();
  const vaults = new Map(all.map(({ point }) => [point.RecoveryPointArn, point.BackupVaultName]));
  const known = new Set(snapshots.map(({ arn }) => arn));
  return [
    ...snapshots
      .filter((one) => isOfBackup(one) || vaults.has(one.arn))
      .map((one) => recoveryPointDeletion(one, one.arn, vaults.get(one.arn))),
    ...estate.databases.flatMap((database) =>
      (points.get(database.arn) ?? [])
        .filter(({ RecoveryPointArn: arn }) => !known.has(arn))
        .map(({ RecoveryPointArn: arn, BackupVaultName: vault }) => recoveryPointDeletion(database, arn, vault)),
    ),
  ];
}

/** Answers by the ARN of the resource on which the call is made. */
function byNamed(answers: readonly EstateAnswer[]): ReadonlyMap<string, EstateAnswer> {
  return new Map(
    answers.flatMap((answer) =>
      answer.targets.flatMap(({ operation }) => {
        const named = operation.calls[0]?.named;
        return named === undefined ? [] : [[named, answer] as const];
      }),
    ),
  );
}

/** The recovery points in the account of each database, by the ARN of the database. */
function pointsByDatabase(estate: Estate): ReadonlyMap<string, readonly RecoveryPoint[]> {
  return new Map(
    [...keptPoints(estate)].map(([database, all]) => [
      database,
      all.flatMap(({ account, point }) => (account === accountOf(database) ? [point] : [])),
    ]),
  );
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
  readonly all: readonly Source[];
  /** The backups in the account. */
  readonly own: readonly Backup[];
  /** The recovery points of each database, by its ARN. */
  readonly kept: ReadonlyMap<string, readonly RecoveryPoint[]>;
}

/** Who can destroy a database under each key, and either all of its backups or the key. */
function burnersOf(
  estate: Estate,
  { account, all, own, kept }: AccountSide,
  killers: ReadonlyMap<string, KillerRights>,
  answers: BurningAnswers,
): readonly Burners[] {
  const { evidence } = estate;
  const byKey = groupBy(
    all.map((database) => ({ database, key: storageKeyOf(evidence, database) })),
    ({ key, database }) => key ?? ` ${database.region}`,
  );
  const destroying = destroyersOf(membersIn(estate, account), answers);
  const losers = losersFrom(killers, answers);
  const snapshotsOf = copiesAmong({ backups: own }, isApart);
  const retainedOf = copiesAmong({ backups: own }, ({ source }) => automatedBackupDeletion(source).length > 0);
  /**
   * The backups that stay when a database is deleted. RDS deletes automated backups with the
   * database, except those that are replicated to another Region.
   */
  const staying = (database: Source): readonly Backup[] => [
    ...snapshotsOf(asBackup(database)),
    ...retainedOf(asBackup(database)).filter(({ source }) => source.region !== database.region),
  ];
  return [...byKey.values()].map((keyed): Burners => {
    const [{ key }] = keyed;
    const rights = keyed.map(({ database }) => {
      const data = destroying(database);
      const backups = staying(database);
      const snapshots = new Set(backups.map(({ source }) => source.arn));
      const points = (kept.get(database.arn) ?? []).filter(({ RecoveryPointArn: arn }) => !snapshots.has(arn));
      const losing = [...backups.map(losers.ofBackup), ...points.map(losers.ofPoint)];
      if (losing.length > 0) return losing.reduce((found, loss) => together(found, loss.rights, loss.open), data);
      const killing = losers.ofKey(key, database);
      if (!isBackup(database)) return together(data, killing.rights, killing.open);
      const unread = snapshotsUnread(estate, database);
      return unread.length === 0 ? data : together(data, killing.rights, [...killing.open, ...unread]);
    });
    return { key, rights: anyOf(rights), databases: keyed.map(({ database }) => database) };
  });
}

/**
 * Whether a backup is a snapshot that is not deleted with its database. A snapshot of unknown type
 * may be one.
 */
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
  /** Facts because of which the permission may not be needed. */
  readonly open: readonly OpenFact[];
}

interface LosersFrom {
  /** Who can take a key out of use. Undefined: the encrypted resource names none. */
  readonly ofKey: (key: string | undefined, of: Pick<Source, 'arn' | 'encrypted'>) => Losers;
  /** Who can delete a backup, or take its key out of use. */
  readonly ofBackup: (backup: Backup) => Losers;
  readonly ofPoint: (point: RecoveryPoint) => Losers;
}

function losersFrom(killers: ReadonlyMap<string, KillerRights>, answers: BurningAnswers): LosersFrom {
  const erasing = rightsIn(answers.erasing);
  const emptying = rightsIn(answers.emptying);
  const ofVault = (of: string): Rights =>
    new Map([...emptying(of)].map(([arn, right]) => [arn, { ...right, holds: 'maybe', facts: vaultFacts(of, right) }]));
  const ofKey: LosersFrom['ofKey'] = (key, { arn: of, encrypted }) => {
    if (key !== undefined) return { rights: killers.get(key)?.any ?? noRights, open: [] };
    if (encrypted === false) return { rights: noRights, open: [] };
    const unread = { is: 'unread', unread: { code: 'key-of-thing-unread', of } } as const;
    const own = [...killers].filter(([one]) => accountOf(one) === accountOf(of));
    // If no key of the account is known, it is not known who could do this.
    if (own.length === 0) return { rights: noRights, open: [unread] };
    return { rights: anyOf(own.map(([, { any }]) => asOpen(any, unread))), open: [] };
  };
  return {
    ofKey,
    ofBackup({ source, key }) {
      const isSnapshot = source.type === 'cluster-snapshot' || source.type === 'snapshot';
      const killing = ofKey(key, source);
      return {
        rights: anyOf([erasing(source.arn), ofVault(source.arn), killing.rights]),
        open: [
          ...killing.open,
          ...(isSnapshot && kindOf(source) === undefined ? [unreadOf('backup-kind-unread', source)] : []),
        ],
      };
    },
    ofPoint({ RecoveryPointArn: arn, EncryptionKeyArn: key }) {
      const killing = ofKey(key, { arn, encrypted: undefined });
      return { rights: anyOf([ofVault(arn), killing.rights]), open: killing.open };
    },
  };
}

/**
 * The facts that decide whether a vault can be emptied. A vault can be locked. The access policy of
 * a vault alone may allow a principal that other policies do not allow.
 */
function vaultFacts(of: string, { facts }: Right): readonly OpenFact[] {
  const known = facts.filter(({ is }) => is !== 'reason');
  const codes =
    known.length < facts.length
      ? (['vault-access-unread', 'vault-lock-unread'] as const)
      : (['vault-lock-unread'] as const);
  return [...known, ...codes.map((code): OpenFact => ({ is: 'unread', unread: { code, of } }))];
}

function asOpen(rights: Rights, fact: OpenFact): Rights {
  return new Map([...rights].map(([arn, right]) => [arn, { ...right, holds: 'maybe', facts: [...right.facts, fact] }]));
}

/** Everybody who has at least one of several permissions. */
function anyOf(all: readonly Rights[]): Rights {
  const either = eitherOf();
  const people = new Set(all.flatMap((rights) => [...rights.keys()]));
  return new Map(
    [...people].flatMap((arn): readonly (readonly [string, Right])[] => {
      const right = either(all.map((rights) => rights.get(arn)));
      return right === undefined ? [] : [[arn, right]];
    }),
  );
}

function unreadOf(code: 'database-protection-unread' | 'backup-kind-unread', { arn: of }: Source): OpenFact {
  return { is: 'unread', unread: { code, of } };
}

/** The lists of snapshots that were not read and may have a snapshot of a database. */
function snapshotsUnread({ evidence, places }: Estate, { account, type }: Source): readonly OpenFact[] {
  const list = type === 'cluster' ? 'DBClusterSnapshots' : 'DBSnapshots';
  const here = places.filter((place) => place.account === account);
  return here.flatMap((place) =>
    unreadLists(place, regionAt(evidence, place)?.rds?.[list] === undefined ? [list] : []),
  );
}

/**
 * Finds who can delete a database and remove the obstacles: its instances, and deletion protection.
 */
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

/**
 * Everybody who has both of two permissions. `unless`: facts because of which the second permission
 * may not be needed.
 */
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

interface AccountFacts {
  readonly isAdministrator: (arn: string) => boolean;
  /** The recovery points of each database, by its ARN. */
  readonly kept: ReadonlyMap<string, readonly RecoveryPoint[]>;
}

function othersFor(
  estate: Estate,
  account: string,
  { key, rights, databases }: Burners,
  { isAdministrator, kept }: AccountFacts,
): readonly (FindingFields & BuildAndBurn)[] {
  const region = databases[0]?.region;
  const common = {
    code: 'build-and-burn',
    account,
    region,
    subject: key ?? `unencrypted ${region ?? ''}`,
    severity: 'high',
    ofAdministrators: false,
    key,
    vaultsMayBeLocked: databases.some(({ arn }) => (kept.get(arn) ?? []).length > 0),
  } as const;
  const what: Affected = key === undefined ? { databases: databases.map(({ arn }) => arn) } : { keys: [key] };
  const people = [...rights].filter(([arn]) => !isAdministrator(arn));
  const found = people.map(([arn, right]): FindingFields & BuildAndBurn => {
    const things = { ...what, principals: [arn] };
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
  return [...found, { ...common, affected: nothing, maybe: what, dependsOn: unread, statements: [] }];
}
