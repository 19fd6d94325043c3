import { iamArn } from '../base/arn.ts';
import { partitionOf } from '../base/partition.ts';
import type { Directory } from '../evidence/directory.ts';
import { findOtherPrincipal, type Principal, roleExists } from '../evidence/principals.ts';

/**
 * The service-linked role with which AWS Backup copies into an account (rds-kms-operations-2 3). If
 * its policies were not read, they are assumed to be those that AWS attaches (rds-kms-operations
 * 4.12).
 */
export function backupRole(directory: Directory, account: string, region: string): Principal {
  const arn = iamArn(
    partitionOf(region),
    account,
    'role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup',
  );
  const found = roleExists(directory, arn) === true ? findOtherPrincipal(directory, arn) : undefined;
  if (found?.identity.every((policy) => 'document' in policy) === true) return { ...found, boundary: undefined };
  return {
    arn,
    type: 'role',
    account,
    roleArn: undefined,
    uniqueId: found?.uniqueId,
    tags: found?.tags,
    identity: [{ name: 'AWSBackupServiceLinkedRolePolicyForBackup', document: managedPolicy }],
    boundary: undefined,
  };
}

/** The KMS statements of the managed policy. */
const managedPolicy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'kms:DescribeKey', Resource: '*' },
    {
      Effect: 'Allow',
      Action: 'kms:CreateGrant',
      Resource: '*',
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' }, StringLike: { 'kms:ViaService': 'rds.*' } },
    },
  ],
};
