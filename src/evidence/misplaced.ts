import { accountOf, parseArn, placeOf } from '../base/arn.ts';
import { oneLine } from '../base/escape.ts';
import { Failure } from '../base/failure.ts';
import { partitions } from '../base/partition.ts';
import type { Evidence } from './schema.ts';

/*
 * Finds principals and keys in the part of another account or Region. The program looks for each in
 * the account and Region of its ARN, so it would not find them.
 */

/**
 * @throws Failure if a user, role, group or key is not in the account and Region of its ARN, or if
 * the ARN of a resource of RDS is in another partition than its Region
 */
export function refuseMisplaced(from: string, evidence: Evidence): void {
  for (const [account, { iam = {}, regions = {} }] of Object.entries(evidence.accounts)) {
    for (const list of ['UserDetailList', 'RoleDetailList', 'GroupDetailList'] as const) {
      const at = iam[list]?.findIndex(({ Arn: arn }) => !arn.includes(`::${account}:`)) ?? -1;
      const arn = iam[list]?.[at]?.Arn;
      if (arn !== undefined) throw misplaced(from, `accounts.${account}.iam.${list}[${at}]`, arn);
    }
    for (const [region, { kms, rds = {} }] of Object.entries(regions)) {
      refuseOtherPartition(from, `accounts.${account}.regions.${region}.rds`, rds);
      const isElsewhere = (arn: string): boolean => accountOf(arn) !== account || placeOf(arn)?.region !== region;
      const at = kms?.keys?.findIndex((key) => isElsewhere(key.KeyMetadata.Arn)) ?? -1;
      const arn = kms?.keys?.[at]?.KeyMetadata.Arn;
      if (arn !== undefined) throw misplaced(from, `accounts.${account}.regions.${region}.kms.keys[${at}]`, arn);
    }
  }
}

type RdsLists = NonNullable<Evidence['accounts'][string]['regions']>[string]['rds'];

/** No policy of an account matches an ARN in another partition, so every call on it would be denied. */
function refuseOtherPartition(from: string, path: string, rds: NonNullable<RdsLists>): void {
  const lists = {
    DBClusters: rds.DBClusters?.map((one) => one.DBClusterArn),
    DBInstances: rds.DBInstances?.map((one) => one.DBInstanceArn),
    DBClusterSnapshots: rds.DBClusterSnapshots?.map((one) => one.DBClusterSnapshotArn),
    DBSnapshots: rds.DBSnapshots?.map((one) => one.DBSnapshotArn),
  };
  for (const [list, arns = []] of Object.entries(lists)) {
    for (const [at, arn] of arns.entries()) {
      const { region = '', partition: own } = parseArn(arn) ?? {};
      // A Region of an unknown pattern may be in a partition that AWS opened since.
      const partition = partitions.find(({ regions }) => regions.test(region))?.name;
      if (partition === undefined || partition === own) continue;
      throw new Failure(
        'input',
        `${from}: \`${path}.${list}[${at}]\` is ${oneLine(arn)}, but Region ${region} is in partition ${partition}`,
        'correct the ARN',
      );
    }
  }
}

function misplaced(from: string, path: string, arn: string): Failure {
  const { account, region } = placeOf(arn) ?? { account: accountOf(arn) };
  const place = region === undefined ? `accounts.${account}.iam` : `accounts.${account}.regions.${region}.kms.keys`;
  return new Failure(
    'input',
    `${from}: \`${path}\` is ${oneLine(arn)}, which belongs elsewhere`,
    `move it into \`${place}\``,
  );
}
