import { accountOf, isRootArn } from '../base/arn.ts';
import { evaluatedAgain } from '../bulk/bulk.ts';
import type { Change } from '../evidence/change.ts';
import { everySource } from '../evidence/sources.ts';
import { copyArn } from '../fix/copies.ts';
import { type FixStep, namedKey } from '../fix/fix-step.ts';
import { usableKeys } from '../fix/keys.ts';
import type { Backup, Estate } from './estate.ts';
import { keptByCopy } from './findings/foreign-key.ts';
import { restoresBySource } from './restorable.ts';
import { operationOn } from './rights.ts';

/*
 * Finds copies to make under a key of the account that has a backup, so that the backup outlives
 * other keys.
 */

/** A copy to make. */
export type CopyToMake = Extract<Change, { readonly change: 'copy' }>;

export interface OwnCopies {
  readonly copies: readonly CopyToMake[];
  readonly steps: readonly FixStep[];
}

/** The maximum number of principals to check, until one is found that can make a copy. */
const mostAsked = 20;

/**
 * A copy of each of some backups of one account and Region under a key of the account. Undefined: a
 * backup cannot be copied, there is no such key, nobody can make the copies, or RDS would not show
 * their sources.
 */
export function ownCopiesOf(estate: Estate, arns: readonly string[]): OwnCopies | undefined {
  const backups = estate.backups.filter(({ source }) => arns.includes(source.arn));
  const [first] = backups;
  const key = first === undefined ? undefined : ownKey(estate, first);
  if (key === undefined) return undefined;
  const taken = new Set(everySource(estate.evidence).map(({ arn }) => arn));
  const copies: CopyToMake[] = [];
  for (const { source } of backups) {
    const arn = copyArn(source.arn, source.account, taken);
    if (arn === undefined) return undefined;
    taken.add(arn);
    copies.push({ change: 'copy', of: source.arn, arn, key });
  }
  const isKept = keptByCopy({ backups: [...backups, ...backups.map((backup) => copyOf(backup, key))] });
  const isPossible = backups.every((backup) => isKept(backup) && canBeCopied(estate, backup, key));
  if (!isPossible) return undefined;
  const steps = copies.map(
    ({ of, arn: copy }): FixStep => ({ code: 'copy-snapshot-first', of, copy, key: namedKey(key, estate.evidence) }),
  );
  return { copies, steps };
}

/** The key that encrypts most backups, among the usable keys of the account in the Region. */
function ownKey({ evidence, backups }: Estate, { source: { account, region } }: Backup): string | undefined {
  const uses = (key: string): number => backups.filter((one) => one.key === key).length;
  const keys = usableKeys({ evidence }, { account, region }).filter((key) => accountOf(key) === account);
  return keys.toSorted((one, other) => uses(other) - uses(one) || (one < other ? -1 : 1))[0];
}

/** A backup with the fields that RDS shows for its copy. */
function copyOf(backup: Backup, key: string): Backup {
  const { source } = backup;
  if (source.type !== 'cluster-snapshot') return { ...backup, key };
  const entry = { ...source.entry, SourceDBClusterSnapshotArn: source.arn };
  return { ...backup, key, source: { ...source, entry } };
}

/** Whether somebody who can restore a backup can also copy it. A root user comes last. */
function canBeCopied(estate: Estate, { source }: Backup, key: string): boolean {
  const operation = operationOn('copy-snapshot', source.type);
  if (operation === undefined) return false;
  const groups = restoresBySource(estate).get(source.arn)?.groups ?? [];
  const people = groups
    .flatMap(({ standing, classes }) => (standing === 'can' ? classes.map(({ members: [who] }) => who) : []))
    .filter((arn) => accountOf(arn) === source.account)
    .toSorted((one, other) => Number(isRootArn(one)) - Number(isRootArn(other)));
  const target = { operation, source, region: source.region, parameters: { kmsKeyId: key } };
  return people
    .slice(0, mostAsked)
    .some((who) => evaluatedAgain(estate.directory, estate.settings, who, target).verdict === 'succeeds');
}
