import { groupBy } from '../../base/group.ts';
import type { Source } from '../../evidence/sources.ts';
import { type Estate, storageKeyOf } from '../estate.ts';
import { type FindingFields, type FindingRow, nothing, type OpenFact, wellArchitected } from './finding.ts';

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
    return [...byKey].flatMap(([key, databases]) => foundFor(estate, key, databases));
  },
};

/** By the tag that CloudFormation sets on what it makes. Undefined: the tags were not read. */
const stackTag = 'aws:cloudformation:stack-id';

interface Owned {
  readonly database: Source;
  readonly unread: readonly OpenFact[];
}

function foundFor(
  estate: Estate,
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
    const copies = copiesOf(estate, database, key);
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

/** Whether a backup of a database outlives a key, or what was not read and may hold one. */
function copiesOf(
  { evidence, places, backups }: Estate,
  { arn, resourceId, type, identifier }: Source,
  key: string,
): 'held' | readonly OpenFact[] {
  const own = backups.filter(
    ({ source, database }) =>
      source.arn === arn ||
      (resourceId !== undefined && database === resourceId) ||
      (resourceId === undefined && source.type.startsWith(type) && source.identifier === identifier),
  );
  const points = places.flatMap(
    ({ account, region }) => evidence.accounts[account]?.regions?.[region]?.backup?.RecoveryPoints ?? [],
  );
  const isElsewhere =
    own.some((backup) => backup.isAvailable && backup.key !== undefined && backup.key !== key) ||
    points.some(({ ResourceArn: of, EncryptionKeyArn: other }) => of === arn && other !== undefined && other !== key);
  if (isElsewhere) return 'held';
  const list = type === 'cluster' ? 'DBClusterSnapshots' : 'DBSnapshots';
  return places.flatMap(({ account, region }): readonly OpenFact[] =>
    evidence.accounts[account]?.regions?.[region]?.rds?.[list] === undefined
      ? [{ is: 'unread', unread: { code: 'estate-list-unread', account, region, list } }]
      : [],
  );
}
