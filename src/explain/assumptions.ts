import type { Assumption } from '../check/assumption.ts';
import { preconditionAssumptionText } from './preconditions.ts';

/** What is taken for granted, as a clause without full stop. */
export function assumptionText(assumption: Assumption): string {
  switch (assumption.code) {
    case 'managed-key-policy':
      return `the policy of ${assumption.key} is the one that AWS gives to its managed keys`;
    case 'no-second-key-policy':
      return `${assumption.key} has no second key policy (AWS_RAM), which could allow the call (it was not read)`;
    case 'second-key-policy-counts':
      return `the second key policy (AWS_RAM) of ${assumption.key} allows calls as the first one does (AWS does not say so)`;
    case 'bucket-policy-unread':
      return `no bucket policy of ${assumption.bucket} stands in the way (bucket policies are not read)`;
    case 'endpoint-policy-unread':
      return `the policy of VPC endpoint ${assumption.endpoint} lets the call pass (it was not read)`;
    case 'decrypt-not-needed':
      return "kms:DescribeKey and kms:CreateGrant are enough (so say AWS's pages on RDS keys; others list kms:Decrypt too, which is denied to the principal)";
    case 'start-uses-no-key-right':
      return "RDS makes no call to KMS with the identity of whoever starts the database (AWS's runbook asks for no right on the key; AWS does not say so outright)";
    case 'session-adds-nothing':
      return assumption.policy
        ? `${assumption.session} has no session policy and no session tags (neither can be read; --session-policy and --context tell them)`
        : `${assumption.session} has no session tags (they cannot be read; --context tells them)`;
    case 'no-tags-to-inherit':
      return 'the DB instance of the snapshot had no tags (RDS would give them to the new instance, and the principal may not add tags to it)';
    case 'rds-role-exists':
      return 'the account has the role AWSServiceRoleForRDS (RDS makes the role when the account first uses RDS; the principal may not let RDS make the role, which takes iam:CreateServiceLinkedRole)';
    case 'called-via-filled':
      return `calls that RDS makes with the principal's identity carry aws:CalledVia ${assumption.service} (observed for SQS, inferred for RDS)`;
    default:
      return preconditionAssumptionText(assumption);
  }
}
