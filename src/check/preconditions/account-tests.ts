import { accountOf, isArn, placeOf } from '../../base/arn.ts';
import { isLaterName, mayGetArn } from '../../base/planned-name.ts';
import { findBucket, organizationOf, regionAt } from '../../evidence/lookup.ts';
import { roleExists } from '../../evidence/principals.ts';
import type { Region } from '../../evidence/schema.ts';
import type { NewType, PreconditionCode } from '../../operations/operation.ts';
import { roleArn } from '../bind.ts';
import { backupAt } from '../vault.ts';
import {
  type Answer,
  assumed,
  type Facts,
  met,
  notKnown,
  ownedByCaller,
  type PreconditionTest,
  unmet,
} from './answer.ts';
import type { Quota } from './reason.ts';
import { trustAnswer } from './trust-answer.ts';
import { vaultTakesCopy } from './vault-policy.ts';

function isAirGapped({ VaultType: type }: { readonly VaultType?: string | undefined }): boolean {
  return type?.toUpperCase() === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT';
}

/**
 * Preconditions of the account, as far as the evidence shows them: roles, buckets, names and
 * quotas.
 */
export const accountTests = {
  'principal-is-a-user-or-role': ({ bound: { principal, encryption, ownKeyAssumed } }) => {
    if (principal.type !== 'root' || encryption === 'none' || encryption === 'none or sse-rds') return undefined;
    if (ownKeyAssumed) return assumed({ code: 'copied-by-a-user-or-role' }, { code: 'root-stands-for-the-account' });
    return unmet({ code: 'root-cannot-copy' });
  },
  'accounts-are-in-one-organization': ({ bound: { principal, destination }, evidence }) => {
    if (destination === undefined) return undefined;
    const pair = [principal.account, destination.account].map((account) => ({
      account,
      id: organizationOf(evidence, account).id,
    }));
    if (pair.some(({ id }) => id === null)) return unmet({ code: 'accounts-share-no-organization' });
    const unread = pair.find(({ id }) => id === undefined);
    if (unread !== undefined)
      return assumed(
        { code: 'accounts-share-an-organization', account: destination.account },
        { code: 'organization-unread', account: unread.account },
      );
    const ids = new Set(pair.map(({ id }) => id));
    return ids.size === 1
      ? met({ code: 'accounts-are-in-organization', organization: pair[0]?.id ?? '' })
      : unmet({ code: 'accounts-share-no-organization' });
  },
  'vault-lets-the-copy-in': vaultTakesCopy,
  // The request of a copy names the key of the vault, not the vault (rds-kms-operations-2 7).
  'vault-is-not-air-gapped': ({ bound: { keys }, evidence }) => {
    const key = keys['target key'];
    const held = key === undefined ? undefined : backupAt(evidence, key).BackupVaults;
    const vaults = held?.filter((one) => isAirGapped(one) && one.EncryptionKeyArn === key?.arn) ?? [];
    return vaults.length === 0
      ? undefined
      : notKnown({ code: 'copy-may-go-to-air-gapped-vault', vaults: vaults.map((one) => one.BackupVaultArn) });
  },
  'vault-exists': ({ bound: { vault, principal, region, operation }, evidence }) => {
    if (vault === undefined) return undefined;
    const held = backupAt(evidence, { account: principal.account, region }).BackupVaults;
    if (held === undefined) return assumed({ code: 'vault-is-there', vault }, { code: 'vaults-unread' });
    const found = held.find((one) => one.BackupVaultArn === vault);
    // rds-kms-operations-2 7: another parameter of a backup job names such a vault.
    if (operation.api === 'StartBackupJob' && found !== undefined && isAirGapped(found))
      return notKnown({ code: 'vault-is-air-gapped' });
    if (found !== undefined) return met({ code: 'vault-is-held' });
    const later = held.find((one) => mayGetArn(one.BackupVaultArn, vault));
    return later === undefined
      ? unmet({ code: 'no-such-vault', vault })
      : notKnown({ code: 'name-may-come-with-plan', of: later.BackupVaultArn });
  },
  'role-exists': (facts) => {
    const arn = roleAsked(facts);
    if (arn === undefined) return undefined;
    const exists = roleExists(facts.directory, arn);
    if (exists === undefined) return notKnown({ code: 'roles-unread', account: accountOf(arn) });
    if (typeof exists === 'object') return notKnown({ code: 'name-may-come-with-plan', of: exists.later });
    return exists ? met({ code: 'role-is-held' }) : unmet({ code: 'no-such-role', role: arn });
  },
  'role-is-in-the-callers-account': (facts) => {
    const arn = roleAsked(facts);
    if (arn === undefined) return undefined;
    return ownedByCaller(accountOf(arn), facts);
  },
  'role-trusts-the-service': trusted,
  'bucket-is-in-the-region': ({ bound: { parameters, region, principal }, evidence }) => {
    const { s3Bucket } = parameters;
    if (s3Bucket === undefined) return undefined;
    const { account: of, bucket: held } = findBucket(evidence, s3Bucket) ?? {};
    const at = held?.BucketRegion;
    if (at !== undefined && isLaterName(at)) return notKnown({ code: 'bucket-may-be-gone', bucket: s3Bucket });
    if (at !== undefined && at !== region)
      return unmet({ code: 'bucket-is-in-another-region', bucketRegion: at, region });
    // The policy of a bucket in another account has to allow the role (iam-evaluation 5.10).
    if (of !== undefined && of !== principal.account)
      return notKnown({ code: 'bucket-policy-of-another-account-unread', account: of });
    return at === region
      ? met({ code: 'bucket-region-is-the-snapshots', region })
      : assumed(
          { code: 'bucket-is-in-the-snapshots-region', bucket: s3Bucket, region },
          { code: 'bucket-region-unread' },
        );
  },
  'name-is-free': ({ bound: { parameters, operation, principal, region }, evidence }) => {
    const { to } = parameters;
    if (to === undefined || operation.makes === undefined) return undefined;
    const taken = namesOf[operation.makes](regionAt(evidence, { account: principal.account, region })?.rds ?? {});
    if (taken?.some((name) => name.toLowerCase() === to.toLowerCase()) === true)
      return unmet({ code: 'name-is-taken', name: to });
    return taken === undefined
      ? assumed({ code: 'new-name-is-free', name: to }, { code: 'names-unread' })
      : met({ code: 'name-is-not-taken', name: to });
  },
  'copies-in-progress-are-below-the-quota': (facts) => {
    const ofCluster = facts.bound.operation.makes === 'cluster-snapshot';
    const { DBClusterSnapshots, DBSnapshots } = rdsOf(facts);
    const copying = (ofCluster ? DBClusterSnapshots : DBSnapshots)?.filter(
      ({ Status: status }) => status?.toLowerCase() === 'copying',
    );
    // rds-kms-operations 10.
    return copying === undefined ? undefined : quotaOf('copies', copying.length, ofCluster ? 5 : 20);
  },
  'manual-snapshots-are-below-the-quota': (facts) => {
    const ofCluster = facts.bound.operation.makes === 'cluster-snapshot';
    return accountQuota('manual-snapshots', ofCluster ? 'ManualClusterSnapshots' : 'ManualSnapshots', facts);
  },
  'clusters-are-below-the-quota': (facts) => accountQuota('clusters', 'DBClusters', facts),
  'instances-are-below-the-quota': (facts) => accountQuota('instances', 'DBInstances', facts),
  'export-tasks-are-below-the-quota': (facts) => {
    const running = rdsOf(facts).ExportTasks?.filter(({ Status: status }) =>
      /^(starting|in_progress)$/i.test(status ?? ''),
    );
    return running === undefined ? undefined : quotaOf('exports', running.length, 5);
  },
  'accounts-are-below-the-quota': ({ bound: { parameters, sharedWith } }) => {
    const removed = parameters.valuesToRemove ?? [];
    const accounts = new Set([
      ...(sharedWith ?? []).filter((one) => !removed.includes(one)),
      ...(parameters.with ?? []).map((one) => (isArn(one) ? accountOf(one) : one)),
    ]);
    return accounts.size > 20 ? unmet({ code: 'too-many-accounts', accounts: accounts.size }) : undefined;
  },
  'clones-are-below-the-quota': (facts) => {
    const { source, principal } = facts.bound;
    if (source?.type !== 'cluster' || source.account === principal.account) return undefined;
    const group = source.entry.CloneGroupId;
    if (group === undefined) return undefined;
    const regions = Object.values(facts.evidence.accounts).flatMap((account) => Object.values(account.regions ?? {}));
    const clones = new Set(
      regions
        .flatMap(({ rds }) => rds?.DBClusters ?? [])
        .flatMap((one) => {
          const foreign = one.CloneGroupId === group && placeOf(one.DBClusterArn)?.account !== source.account;
          return foreign ? [one.DBClusterArn] : [];
        }),
    );
    const own = [...clones].find((arn) => placeOf(arn)?.account === principal.account);
    if (own !== undefined) return unmet({ code: 'account-has-a-clone', clone: own });
    return clones.size < 15 ? undefined : unmet({ code: 'too-many-clones', clones: clones.size });
  },
} satisfies Partial<Record<PreconditionCode, PreconditionTest>>;

type Rds = NonNullable<Region['rds']>;

function rdsOf({ bound: { principal, region }, evidence }: Facts): Rds {
  return regionAt(evidence, { account: principal.account, region })?.rds ?? {};
}

const namesOf: Readonly<Record<NewType, (rds: Rds) => readonly string[] | undefined>> = {
  cluster: (rds) => rds.DBClusters?.map((one) => one.DBClusterIdentifier),
  db: (rds) => rds.DBInstances?.map((one) => one.DBInstanceIdentifier),
  'cluster-snapshot': (rds) => rds.DBClusterSnapshots?.map((one) => one.DBClusterSnapshotIdentifier),
  snapshot: (rds) => rds.DBSnapshots?.map((one) => one.DBSnapshotIdentifier),
  'auto-backup': () => undefined,
};

/** `name`: RDS's name of the quota. */
function accountQuota(quota: Quota, name: string, facts: Facts): Answer | undefined {
  const held = rdsOf(facts).AccountQuotas?.find(({ AccountQuotaName: one }) => one === name);
  return held?.Used === undefined || held.Max === undefined ? undefined : quotaOf(quota, held.Used, held.Max);
}

function quotaOf(quota: Quota, used: number, max: number): Answer {
  return used < max
    ? met({ code: 'quota-is-not-used-up', quota, used, max })
    : unmet({ code: 'quota-is-used-up', quota, used, max });
}

/** The role that is passed. */
function roleAsked({ bound: { parameters, principal, region } }: Facts): string | undefined {
  return parameters.iamRole === undefined ? undefined : roleArn(parameters.iamRole, principal.account, region);
}

function trusted(facts: Facts): Answer | undefined {
  const { operation, principal } = facts.bound;
  const arn = operation.runsAsRole === true ? (principal.roleArn ?? principal.arn) : roleAsked(facts);
  const service = operation.assumedBy;
  return arn === undefined || service === undefined ? undefined : trustAnswer(facts, arn, service);
}
