import { groupBy } from '../base/group.ts';
import { encryptionOf } from '../check/bind.ts';
import { isAutomatedSnapshot } from '../evidence/sharing.ts';
import type { Fact } from '../policy/truth.ts';
import type { Backup, Estate } from './estate.ts';
import type { OpenFact } from './findings/finding.ts';
import type { Outsider, OutsideUse } from './outside.ts';

/* The accounts that snapshots are shared with, and those that the owner trusts. */

/** Snapshots under one key that are shared with one account, or with everybody. */
export interface SharedBackups {
  readonly account: string;
  readonly region: string;
  /** ARN. Undefined: the snapshots name no key. */
  readonly key: string | undefined;
  /** An account ID, or `all`. */
  readonly with: string;
  readonly backups: readonly [Backup, ...Backup[]];
}

/** RDS shares only manual snapshots (rds-kms-operations 4.6). */
function mayBeShared({ source }: Backup): boolean {
  const isSnapshot = source.type === 'cluster-snapshot' || source.type === 'snapshot';
  return isSnapshot && !isAutomatedSnapshot(source);
}

/** Snapshots that are shared, grouped by key and by the account with which they are shared. */
export function sharedBackups({ backups, directory }: Pick<Estate, 'backups' | 'directory'>): readonly SharedBackups[] {
  const shares = backups
    .filter(mayBeShared)
    .flatMap((backup) => (directory.sharedWith(backup.source.arn) ?? []).map((one) => ({ backup, with: one })))
    .filter((share) => share.with !== share.backup.source.account);
  const groups = groupBy(shares, ({ backup: { source, key }, with: other }) =>
    [source.account, source.region, key ?? source.arn, other].join(' '),
  );
  return [...groups.values()].map((all): SharedBackups => {
    const [first, ...others] = all;
    const { source, key } = first.backup;
    const together: SharedBackups['backups'] = [first.backup, ...others.map(({ backup }) => backup)];
    return { account: source.account, region: source.region, key, with: first.with, backups: together };
  });
}

/** Snapshots whose share list was not read. */
export function backupsOfUnreadSharing({
  backups,
  directory,
}: Pick<Estate, 'backups' | 'directory'>): readonly Backup[] {
  return backups.filter((backup) => mayBeShared(backup) && directory.sharedWith(backup.source.arn) === undefined);
}

/**
 * Whether an account is allowed: by its ID, or by its organization. Undefined: the organization
 * decides, and it was not read.
 */
export function isTrusted(
  { directory, settings }: Pick<Estate, 'directory' | 'settings'>,
  account: string,
): boolean | undefined {
  const { allowAccounts, allowOrgs } = settings;
  if (allowAccounts.includes(account)) return true;
  if (allowOrgs.length === 0) return false;
  const { id } = directory.organization(account);
  return id === undefined ? undefined : id !== null && allowOrgs.includes(id);
}

/** The facts on which an undecided finding depends, each once. */
export function openFacts(facts: readonly Fact[]): readonly OpenFact[] {
  const all = facts.map((fact): [string, OpenFact] => [JSON.stringify(fact), { is: 'fact', fact }]);
  return [...new Map(all).values()];
}

/**
 * The facts and reasons that leave uses undecided. The encryption of the snapshot is not among
 * them.
 */
export function openOfUses(uses: readonly OutsideUse[]): readonly OpenFact[] {
  const reasons = new Set(uses.flatMap((use) => use.reasons));
  return [
    ...openFacts(uses.flatMap(({ facts }) => facts)),
    ...[...reasons].map((reason): OpenFact => ({ is: 'reason', reason })),
  ];
}

/** The snapshots of one share, and whether the other account can use each of them. */
export interface ShareAnswer {
  readonly shared: SharedBackups;
  readonly answers: readonly { readonly backup: Backup; readonly use: OutsideUse }[];
}

/** Decides for each share whether the other account can use the shared snapshots. */
export function shareAnswers(estate: Pick<Estate, 'backups' | 'directory' | 'outside'>): readonly ShareAnswer[] {
  const outside = estate.outside();
  return sharedBackups(estate).map((shared): ShareAnswer => {
    const { with: other } = shared;
    const outsider: Outsider = other === 'all' ? { is: 'anybody' } : { is: 'account', account: other };
    const known = new Map<string, OutsideUse>();
    const answers = shared.backups.map((backup) => {
      const { source } = backup;
      // RDS shares only unencrypted snapshots with everybody, and how snapshots under a key that
      // AWS owns are shared is not published (rds-kms-operations 4.6).
      const isPublic = other === 'all' && encryptionOf(source) !== 'sse-kms' && encryptionOf(source) !== 'sse-rds';
      // The calls on a key depend on no other fact of the snapshot.
      const likeness = [
        source.type,
        source.resourceId,
        source.kmsKeyId,
        source.encrypted,
        source.encryptionType,
      ].join();
      const use = isPublic ? publicUse : (known.get(likeness) ?? outside.snapshotUse(source, outsider));
      known.set(likeness, use);
      return { backup, use };
    });
    return { shared, answers };
  });
}

const publicUse: OutsideUse = { holds: 'yes', facts: [], reasons: [], statements: [] };

/** Whether a backup may be encrypted with a key although it names none. */
export function mayNameKey({ source }: Backup): boolean {
  const encryption = encryptionOf(source);
  return encryption === 'sse-kms' || encryption === 'unknown';
}

/**
 * The fact that decides whether others can use a shared backup that names no key. A backup that is
 * marked as encrypted is not under a key that AWS owns (rds-kms-operations 10), so its key was not
 * read.
 */
export function encryptionOpen(backup: Backup): OpenFact {
  const code = mayNameKey(backup) ? 'backup-encryption-unread' : 'aws-owned-key-unpublished';
  return { is: 'unread', unread: { code, of: backup.source.arn } };
}
