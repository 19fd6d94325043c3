import { accountOf, placeOf } from '../base/arn.ts';
import type { Directory } from '../evidence/directory.ts';
import { aliasOf, managerOf } from '../evidence/lookup.ts';
import { type Estate, storageKeyOf } from './estate.ts';
import type { OpenFact } from './findings/finding.ts';
import type { Outside, Outsider, OutsideUse } from './outside.ts';
import { isTrusted } from './sharing.ts';

/* Which keys an audit is about, and who outside their accounts can use them. */

/** Somebody outside who can use a key, or may. */
export interface OutsideKeyUse {
  readonly outsider: Outsider;
  readonly use: OutsideUse;
  /** Undefined: whether they are trusted depends on an organization that was not read. */
  readonly isTrusted: boolean | undefined;
}

/**
 * ARNs of the customer managed keys on which a database or a backup depends, in the accounts that were
 * read. If an RDS list was not read, every key of the Region may be such a key.
 */
export function keysAudited({ evidence, directory, keys, backups, databases }: Estate): readonly string[] {
  const used = new Set([
    ...backups.flatMap(({ key }) => key ?? []),
    ...databases.flatMap((database) => storageKeyOf(evidence, database) ?? []),
  ]);
  return keys.filter((arn) => {
    const account = accountOf(arn);
    const place = evidence.accounts[account]?.regions?.[placeOf(arn)?.region ?? ''];
    if (evidence.accounts[account] === undefined || managerAt(directory, arn) === 'AWS') return false;
    const { DBClusters, DBInstances, DBClusterSnapshots, DBSnapshots } = place?.rds ?? {};
    return used.has(arn) || [DBClusters, DBInstances, DBClusterSnapshots, DBSnapshots].includes(undefined);
  });
}

/** Who manages a key, by its ARN. Undefined: not known. */
function managerAt({ key }: Estate['directory'], arn: string): string | undefined {
  return managerOf(key(arn), aliasOf(key(arn)));
}

/**
 * The manager of a key as an open fact, if it was not read: nobody takes an AWS managed key out of
 * use or changes its policy.
 */
export function managerOpen({ directory }: Pick<Estate, 'directory'>, key: string): readonly OpenFact[] {
  const isRead = directory.key(key) === undefined || managerAt(directory, key) !== undefined;
  return isRead ? [] : [{ is: 'unread', unread: { code: 'key-description-unread', of: key } }];
}

/**
 * Finds who can use a key, or may. An outsider is left out if another one includes it and has at
 * least the same use.
 */
export function keyUses(estate: Estate): (key: string) => readonly OutsideKeyUse[] {
  const known = new Map<string, readonly OutsideKeyUse[]>();
  return (key) => {
    const found = known.get(key) ?? usesOf(estate, key);
    known.set(key, found);
    return found;
  };
}

export const ranks = { yes: 2, maybe: 1, no: 0 } as const;

/** Finds the same for one key, without remembering the answer. */
export function usesOf(
  estate: Pick<Estate, 'directory' | 'outside' | 'settings'>,
  key: string,
): readonly OutsideKeyUse[] {
  return outsideUses(estate.directory, estate.outside(), key).map(({ outsider, use }) => ({
    outsider,
    use,
    isTrusted: trusts(estate, outsider),
  }));
}

/** Finds who can use a key, or may, whether they are trusted or not. */
export function outsideUses(
  directory: Directory,
  outside: Outside,
  key: string,
): readonly Pick<OutsideKeyUse, 'outsider' | 'use'>[] {
  const found: Pick<OutsideKeyUse, 'outsider' | 'use'>[] = [];
  for (const outsider of outside.outsiders(key)) {
    const use = outside.keyUse(key, outsider);
    const isKnown = found.some(
      (one) => covers(directory, one.outsider, outsider) && ranks[one.use.holds] >= ranks[use.holds],
    );
    if (use.holds !== 'no' && !isKnown) found.push({ outsider, use });
  }
  return found;
}

/** Whether one outsider includes another. */
function covers(directory: Directory, all: Outsider, one: Outsider): boolean {
  if (all.is === 'anybody') return true;
  if (all.is === 'account') return false;
  const { id, path } =
    one.is === 'account' ? directory.organization(one.account) : one.is === 'organization' ? one : {};
  return all.path === undefined ? id === all.id : path?.startsWith(all.path) === true;
}

function trusts(estate: Pick<Estate, 'directory' | 'settings'>, outsider: Outsider): boolean | undefined {
  switch (outsider.is) {
    case 'anybody':
      return false;
    case 'organization':
      return estate.settings.allowOrgs.includes(outsider.id);
    case 'account':
      return isTrusted(estate, outsider.account);
  }
}
