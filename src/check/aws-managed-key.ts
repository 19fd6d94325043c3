import { rootArn } from '../base/arn.ts';
import { partitionOf } from '../base/partition.ts';
import { viaService } from '../base/service.ts';
import type { BoundKey } from './bind.ts';

type Named = readonly [service: string, name: string];

const rds: Named = ['rds', 'RDS'];

/** The service of a key and its name in the key policy, by alias. */
const servicesOf: ReadonlyMap<string, Named> = new Map<string, Named>([
  ['alias/aws/backup', ['backup', 'Backup Storage']],
  ['alias/aws/rds', rds],
  ['alias/aws/secretsmanager', ['secretsmanager', 'AWS Secrets Manager']],
]);

/**
 * The policy of the AWS managed keys `aws/rds`, `aws/secretsmanager` and `aws/backup`, as in many
 * published copies (iam-evaluation 6.45). Everybody in the account may use the key through the
 * service, and nobody may use it directly.
 */
export function awsManagedKeyPolicy({ account, region, alias }: BoundKey): Record<string, unknown> {
  const [service, name] = servicesOf.get(alias ?? '') ?? rds;
  return {
    Version: '2012-10-17',
    Id: `auto-${service}-2`,
    Statement: [
      {
        Sid: `Allow access through ${name} for all principals in the account that are authorized to use ${name}`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:CreateGrant',
          'kms:ListGrants',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': viaService(service, region) },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: rootArn(partitionOf(region), account) },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  };
}
