import { iamArn, parseArn, placeOf } from '../base/arn.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import type { Account, Region } from './schema.ts';

/** Whether an account has the RDS service-linked role. */
export type RdsRoleState = 'held' | 'missing' | 'not known';

/** The ARN of the RDS service-linked role in an account. */
export function rdsRoleArn(partition: string, account: string): string {
  return iamArn(partition, account, 'role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS');
}

/**
 * Whether the account has the role, which makes no KMS calls (rds-kms-operations 0.6). RDS creates
 * the role when an account first uses RDS, and the role cannot be deleted before the databases. So
 * an account with resources of RDS has the role, even if a list of roles lacks it. AWS gives every
 * account some service-linked roles, so a list without any is not a complete list of roles.
 */
export function rdsRoleState(account: string, held: Account | undefined): RdsRoleState {
  const roles = held?.iam?.RoleDetailList?.map(({ Arn: arn }) => arn) ?? [];
  const isRdsRole = (arn: string): boolean => arn === rdsRoleArn(parseArn(arn)?.partition ?? '', account);
  const usesRds = Object.values(held?.regions ?? {}).some(({ rds }) => holdsOwn(rds, account));
  if (usesRds || roles.some(isRdsRole)) return 'held';
  return roles.some(isServiceLinkedRole) ? 'missing' : 'not known';
}

/** Whether a Region has databases or backups of the account itself. */
function holdsOwn(rds: Region['rds'], account: string): boolean {
  const isOwn = (arn: string): boolean => placeOf(arn)?.account === account;
  return (
    rds?.DBClusters?.some((one) => isOwn(one.DBClusterArn)) === true ||
    rds?.DBInstances?.some((one) => isOwn(one.DBInstanceArn)) === true ||
    rds?.DBClusterSnapshots?.some((one) => isOwn(one.DBClusterSnapshotArn)) === true ||
    rds?.DBSnapshots?.some((one) => isOwn(one.DBSnapshotArn)) === true ||
    rds?.DBClusterAutomatedBackups?.some((one) => isOwn(one.DBClusterAutomatedBackupsArn)) === true ||
    rds?.DBInstanceAutomatedBackups?.some((one) => isOwn(one.DBInstanceAutomatedBackupsArn)) === true
  );
}
