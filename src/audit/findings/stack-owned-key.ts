import { groupBy } from '../../base/group.ts';
import { regionAt } from '../../evidence/lookup.ts';
import type { Source } from '../../evidence/sources.ts';
import { type Backup, databaseOf, type Estate, storageKeyOf } from '../estate.ts';
import { mayNameKey } from '../sharing.ts';
import {
  type FindingFields,
  type FindingRow,
  nothing,
  type OpenFact,
  unreadLists,
  wellArchitected,
} from './finding.ts';

/** A key and the databases under it belong to one stack of CloudFormation, and go with it. */
export interface StackOwnedKey {
  readonly code: 'stack-owned-key';
  readonly key: string;
  /** ARNs of stacks. */
  readonly stacks: readonly string[];
}

export const stackOwnedKey: FindingRow<StackOwnedKey> = {
  code: 'stack-owned-key',
  frameworks: [wellArchitected('REL09-BP02')],
  find: (estate) => {
    const byKey = groupBy(
      estate.databases.filter((one) => storageKeyOf(estate.evidence, one) !== undefined),
      (one) => storageKeyOf(estate.evidence, one) ?? '',
    );
    const outliving = outlivingIn(estate);
    return [...byKey].flatMap(([key, databases]) => foundFor(estate, outliving, key, databases));
  },
};

/** The tag that CloudFormation sets on the resources of a stack. */
const stackTag = 'aws:cloudformation:stack-id';

interface Owned {
  readonly database: Source;
  readonly unread: readonly OpenFact[];
}

function foundFor(
  estate: Estate,
  outliving: Outliving,
  key: string,
  databases: readonly [Source, ...Source[]],
): readonly (FindingFields & StackOwnedKey)[] {
  const tags = estate.directory.key(key)?.Tags;
  const stackOfKey =
    tags === undefined ? undefined : (tags.find(({ TagKey: name }) => name === stackTag)?.TagValue ?? null);
  if (stackOfKey === null) return [];
  const owned = databases.flatMap((database): readonly Owned[] => {
    const stack = database.tags === undefined ? undefined : (database.tags[stackTag] ?? null);
    if (stack === null || (stack !== undefined && stackOfKey !== undefined && stack !== stackOfKey)) return [];
    const copies = copiesOf(outliving, database, key);
    if (copies === 'held') return [];
    const unread: readonly OpenFact[] = [
      ...(stack === undefined
        ? [{ is: 'unread', unread: { code: 'stack-tag-unread', of: database.arn } } as const]
        : []),
      ...(stackOfKey === undefined ? [{ is: 'unread', unread: { code: 'stack-tag-unread', of: key } } as const] : []),
      ...copies,
    ];
    return [{ database, unread }];
  });
  if (owned.length === 0) return [];
  const certain = owned.filter(({ unread }) => unread.length === 0);
  const open = owned.filter(({ unread }) => unread.length > 0);
  const arns = (all: readonly Owned[]) =>
    all.length === 0 ? nothing : { databases: all.map(({ database }) => database.arn) };
  const [{ account, region }] = databases;
  return [
    {
      code: 'stack-owned-key',
      account,
      region,
      subject: key,
      severity: 'high',
      affected: arns(certain),
      maybe: arns(open),
      dependsOn: open.flatMap(({ unread }) => unread),
      statements: [],
      key,
      stacks: stackOfKey === undefined ? [] : [stackOfKey],
    },
  ];
}

/** The facts that decide whether backups of databases outlive a key. */
interface Outliving {
  readonly backupsOf: ReadonlyMap<string, readonly Backup[]>;
  /** Keys of the recovery points of AWS Backup, by the ARN of the database. */
  readonly pointsOf: ReadonlyMap<string, readonly (string | undefined)[]>;
  /** Lists that may hold a backup of a cluster, or of a DB instance, and that were not read. */
  readonly unread: Readonly<Record<'cluster' | 'db', readonly OpenFact[]>>;
}

function outlivingIn({ evidence, places, backups }: Estate): Outliving {
  const points = places.flatMap((place) => regionAt(evidence, place)?.backup?.RecoveryPoints ?? []);
  const unread = (list: 'DBClusterSnapshots' | 'DBSnapshots'): readonly OpenFact[] =>
    places.flatMap((place) => {
      const { rds, backup } = regionAt(evidence, place) ?? {};
      return unreadLists(place, [
        ...(rds?.[list] === undefined ? [list] : []),
        ...(backup?.RecoveryPoints === undefined ? ['RecoveryPoints'] : []),
      ]);
    });
  return {
    backupsOf: groupBy(backups, ({ database }) => database),
    pointsOf: new Map(
      [...groupBy(points, ({ ResourceArn: of }) => of ?? '')].map(([of, all]) => [
        of,
        all.map(({ EncryptionKeyArn: key }) => key),
      ]),
    ),
    unread: { cluster: unread('DBClusterSnapshots'), db: unread('DBSnapshots') },
  };
}

/**
 * Whether a backup of a database outlives a key, or the unread facts that may hide such a backup.
 */
function copiesOf(
  { backupsOf, pointsOf, unread }: Outliving,
  database: Source,
  key: string,
): 'held' | readonly OpenFact[] {
  const own = (backupsOf.get(databaseOf(database)) ?? []).filter(({ isAvailable }) => isAvailable);
  const others = own.filter((backup) => backup.key !== key);
  const isElsewhere =
    others.some((backup) => backup.key !== undefined || !mayNameKey(backup)) ||
    (pointsOf.get(database.arn) ?? []).some((other) => other !== undefined && other !== key);
  if (isElsewhere) return 'held';
  const open = others.map(
    ({ source }): OpenFact => ({ is: 'unread', unread: { code: 'backup-encryption-unread', of: source.arn } }),
  );
  return [...open, ...unread[database.type === 'cluster' ? 'cluster' : 'db']];
}
