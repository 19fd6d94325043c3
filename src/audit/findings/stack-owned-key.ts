import { accountOf, placeOf } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { regionAt } from '../../evidence/lookup.ts';
import type { Source } from '../../evidence/sources.ts';
import { copiesAmong, type KeptPoint, keptPoints } from '../copies.ts';
import { asBackup, type Backup, type Estate, storageKeyOf } from '../estate.ts';
import { mayNameKey } from '../sharing.ts';
import {
  type FindingFields,
  type FindingRow,
  nothing,
  type OpenFact,
  unreadLists,
  unreadRegions,
  wellArchitected,
} from './finding.ts';

/** A key and the databases under it belong to one CloudFormation stack, and are deleted with it. */
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
    const copies = copiesOf(estate, outliving, { database, key, stack: stackOfKey });
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
  readonly backupsOf: (backup: Backup) => readonly Backup[];
  /** Recovery points that AWS Backup keeps, by the ARN of the database. */
  readonly pointsOf: ReadonlyMap<string, readonly KeptPoint[]>;
  /** Lists that may hold a backup of a cluster, or of a DB instance, and that were not read. */
  readonly unread: Readonly<Record<'cluster' | 'db', readonly OpenFact[]>>;
}

function outlivingIn(estate: Estate): Outliving {
  const regions = unreadRegions(estate);
  const unread = (list: 'DBClusterSnapshots' | 'DBSnapshots'): readonly OpenFact[] => [
    ...regions,
    ...estate.places.flatMap((place) => {
      const { rds, backup } = regionAt(estate.evidence, place) ?? {};
      return unreadLists(place, [
        ...(rds?.[list] === undefined ? [list] : []),
        ...(backup?.RecoveryPoints === undefined ? ['RecoveryPoints'] : []),
      ]);
    }),
  ];
  return {
    backupsOf: copiesAmong(estate, ({ isAvailable }) => isAvailable),
    pointsOf: keptPoints(estate),
    unread: { cluster: unread('DBClusterSnapshots'), db: unread('DBSnapshots') },
  };
}

/** A backup or recovery point. */
interface Kept {
  readonly arn: string;
  /** ARN. null: the backup needs no key. Undefined: not read. */
  readonly key: string | null | undefined;
}

/**
 * Whether a backup of a database outlives a key and its stack, or the unread facts that may hide
 * such a backup.
 */
function copiesOf(
  estate: Estate,
  { backupsOf, pointsOf, unread }: Outliving,
  { database, key, stack }: { readonly database: Source; readonly key: string; readonly stack: string | undefined },
): 'held' | readonly OpenFact[] {
  const points = (pointsOf.get(database.arn) ?? []).map(
    ({ point }): Kept => ({ arn: point.RecoveryPointArn, key: point.EncryptionKeyArn }),
  );
  const backups = backupsOf(asBackup(database)).map(
    (backup): Kept => ({ arn: backup.source.arn, key: backup.key ?? (mayNameKey(backup) ? undefined : null) }),
  );
  const answers = [...backups, ...points].map((kept) => outlives(estate, kept, { key, stack }));
  if (answers.includes('outlives')) return 'held';
  const open = answers.filter((one) => typeof one !== 'string');
  return [...open, ...unread[database.type === 'cluster' ? 'cluster' : 'db']];
}

/** Whether a backup remains after a stack is deleted, with its key and perhaps others. */
function outlives(
  { directory }: Pick<Estate, 'directory'>,
  { arn, key: of }: Kept,
  { key, stack }: { readonly key: string; readonly stack: string | undefined },
): 'outlives' | 'goes' | OpenFact {
  if (of === undefined) return { is: 'unread', unread: { code: 'backup-encryption-unread', of: arn } };
  if (of === key) return 'goes';
  // A stack has resources of one account and Region.
  const mayBeInStack = of !== null && accountOf(of) === accountOf(key) && regionOf(of) === regionOf(key);
  if (!mayBeInStack) return 'outlives';
  const tags = directory.key(of)?.Tags;
  if (tags === undefined) return { is: 'unread', unread: { code: 'stack-tag-unread', of } };
  const other = tags.find(({ TagKey: name }) => name === stackTag)?.TagValue;
  if (other === undefined || (stack !== undefined && other !== stack)) return 'outlives';
  return stack === undefined ? { is: 'unread', unread: { code: 'stack-tag-unread', of: key } } : 'goes';
}

function regionOf(key: string): string | undefined {
  return placeOf(key)?.region;
}
