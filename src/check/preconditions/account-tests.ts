import { accountOf, isArn, placeOf } from '../../base/arn.ts';
import { isRoleArn } from '../../base/principal-arn.ts';
import { regionAt } from '../../evidence/lookup.ts';
import { roleExists } from '../../evidence/principals.ts';
import type { Region } from '../../evidence/schema.ts';
import type { NewType, PreconditionCode } from '../../operations/operation.ts';
import { roleArn } from '../bind.ts';
import { type Answer, assumed, type Facts, met, type Test, unknown, unmet } from './answer.ts';
import { trustsService } from './trust.ts';

/** Preconditions of the account: roles, buckets, names and quotas, as far as the evidence shows them. */
export const accountTests = {
  'principal-is-a-user-or-role': ({ bound: { principal, encryption, ownKeyAssumed } }) => {
    if (principal.type !== 'root' || encryption === 'none' || encryption === 'none or sse-rds') return undefined;
    if (ownKeyAssumed)
      return assumed(
        'the copy is made by a user or role',
        'none is named, so that the root user stands for the account',
      );
    return unmet('the root user cannot copy an encrypted snapshot of another account');
  },
  'role-exists': (facts) => {
    const arn = roleAsked(facts);
    if (arn === undefined) return undefined;
    const exists = roleExists(facts.evidence, arn);
    if (exists === undefined) return unknown(`the evidence does not hold the roles of ${accountOf(arn)}`);
    return exists ? met('it is in the evidence') : unmet(`the account has no role ${arn}`);
  },
  'role-is-in-the-callers-account': (facts) => {
    const arn = roleAsked(facts);
    if (arn === undefined) return undefined;
    const account = accountOf(arn);
    return account === facts.bound.principal.account
      ? met(`it belongs to ${account}`)
      : unmet(`it belongs to ${account}, the principal to ${facts.bound.principal.account}`);
  },
  'role-trusts-the-service': trusted,
  'bucket-is-in-the-region': ({ bound: { parameters, region }, evidence }) => {
    const { s3Bucket } = parameters;
    if (s3Bucket === undefined) return undefined;
    const buckets = Object.values(evidence.accounts).flatMap((account) => account.s3?.Buckets ?? []);
    const at = buckets.find(({ Name: name }) => name === s3Bucket)?.BucketRegion;
    if (at === undefined) return assumed(`bucket ${s3Bucket} is in ${region}`, 'its Region is not in the evidence');
    return at === region ? met(`it is in ${at}`) : unmet(`it is in ${at}, the snapshot in ${region}`);
  },
  'name-is-free': ({ bound: { parameters, operation, principal, region }, evidence }) => {
    const { to } = parameters;
    if (to === undefined || operation.makes === undefined) return undefined;
    const taken = namesOf[operation.makes](regionAt(evidence, { account: principal.account, region })?.rds ?? {});
    if (taken?.some((name) => name.toLowerCase() === to.toLowerCase()) === true) return unmet(`${to} exists already`);
    return taken === undefined ? assumed(`the name ${to} is free`, 'the evidence holds no list') : met(`${to} is free`);
  },
  'copies-in-progress-are-below-the-quota': (facts) => {
    const ofCluster = facts.bound.operation.makes === 'cluster-snapshot';
    const { DBClusterSnapshots, DBSnapshots } = rdsOf(facts);
    const copying = (ofCluster ? DBClusterSnapshots : DBSnapshots)?.filter(
      ({ Status: status }) => status?.toLowerCase() === 'copying',
    );
    // rds-kms-operations 10.
    return copying === undefined ? undefined : below(copying.length, ofCluster ? 5 : 20, 'copies in progress');
  },
  'manual-snapshots-are-below-the-quota': (facts) => {
    const name = facts.bound.operation.makes === 'cluster-snapshot' ? 'ManualClusterSnapshots' : 'ManualSnapshots';
    const quota = rdsOf(facts).AccountQuotas?.find(({ AccountQuotaName: one }) => one === name);
    if (quota?.Used === undefined || quota.Max === undefined) return undefined;
    return below(quota.Used, quota.Max, 'manual snapshots');
  },
  'export-tasks-are-below-the-quota': (facts) => {
    const running = rdsOf(facts).ExportTasks?.filter(({ Status: status }) =>
      /^(starting|in_progress)$/i.test(status ?? ''),
    );
    return running === undefined ? undefined : below(running.length, 5, 'exports in progress');
  },
  'accounts-are-below-the-quota': ({ bound: { parameters, sharedWith } }) => {
    const accounts = new Set([
      ...(sharedWith ?? []),
      ...(parameters.with ?? []).map((one) => (isArn(one) ? accountOf(one) : one)),
    ]);
    return accounts.size > 20 ? unmet(`it would be shared with ${accounts.size} accounts, of at most 20`) : undefined;
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
    if (own !== undefined) return unmet(`the account has a clone of it already: ${own}`);
    return clones.size < 15 ? undefined : unmet(`other accounts have ${clones.size} clones of it, of at most 15`);
  },
} satisfies Partial<Record<PreconditionCode, Test>>;

type Rds = NonNullable<Region['rds']>;

function rdsOf({ bound: { principal, region }, evidence }: Facts): Rds {
  return regionAt(evidence, { account: principal.account, region })?.rds ?? {};
}

const namesOf: Readonly<Record<NewType, (rds: Rds) => readonly string[] | undefined>> = {
  cluster: (rds) => rds.DBClusters?.map((one) => one.DBClusterIdentifier),
  db: (rds) => rds.DBInstances?.map((one) => one.DBInstanceIdentifier),
  'cluster-snapshot': (rds) => rds.DBClusterSnapshots?.map((one) => one.DBClusterSnapshotIdentifier),
  snapshot: (rds) => rds.DBSnapshots?.map((one) => one.DBSnapshotIdentifier),
};

function below(count: number, most: number, what: string): Answer {
  const says = `${count} ${what}, of at most ${most}`;
  return count < most ? met(says) : unmet(says);
}

/** The role that is passed. */
function roleAsked({ bound: { parameters, principal, region } }: Facts): string | undefined {
  return parameters.iamRole === undefined ? undefined : roleArn(parameters.iamRole, principal.account, region);
}

function trusted(facts: Facts): Answer | undefined {
  const { bound, evidence } = facts;
  const { operation, principal, region } = bound;
  const arn = operation.runsAsRole === true ? (principal.roleArn ?? principal.arn) : roleAsked(facts);
  const service = operation.assumedBy;
  if (arn === undefined || service === undefined || roleExists(evidence, arn) === false) return undefined;
  if (!isRoleArn(arn)) return unknown('the path of the role does not show in its session');
  const trust = trustsService(evidence, arn, service, { account: principal.account, region });
  const says = `${arn} trusts ${service}`;
  if (trust === undefined) return assumed(says, 'its trust policy is not in the evidence');
  if (trust === 'not understood') return unknown('its trust policy is not understood');
  if (trust.decision === 'allowed') return met(`its trust policy lets ${service} assume it`);
  if (trust.decision === 'denied') return unmet(`its trust policy does not let ${service} assume it`);
  return unknown(`whether its trust policy lets ${service} assume it hangs on conditions`);
}
