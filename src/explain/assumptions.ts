import { nameOf } from '../base/arn.ts';
import type { Assumption } from '../check/assumption.ts';
import { preconditionAssumptionText } from './preconditions.ts';

/** What is assumed, as a clause without a period. */
export function assumptionText(assumption: Assumption): string {
  switch (assumption.code) {
    case 'managed-key-policy':
      return `the policy of ${assumption.key} is the one that AWS gives to its managed keys`;
    case 'no-second-key-policy':
      return `${assumption.key} has no second key policy (AWS_RAM) that could allow the call (not read)`;
    case 'second-key-policy-counts':
      return `the second key policy (AWS_RAM) of ${assumption.key} allows calls like the first one (not documented by AWS)`;
    case 'account-is-a-member':
      return `account ${assumption.account} is not the management account, to which SCPs and RCPs do not apply (not read)`;
    case 'key-is-customer-managed':
      return `${assumption.key} is a customer managed key (not read); RCPs do not apply to AWS managed keys`;
    case 'bucket-policy-unread':
      return `no policy of bucket ${assumption.bucket} blocks this (not read)`;
    case 'vault-policy-is-silent':
      return `no access policy of ${assumption.vault === undefined ? 'the vault' : `vault ${nameOf(assumption.vault)}`} denies the call (not read)`;
    case 'endpoint-policy-unread':
      return `the policy of VPC endpoint ${assumption.endpoint} allows the call (not read)`;
    case 'decrypt-not-needed':
      return "kms:DescribeKey and kms:CreateGrant are enough, as AWS's pages on RDS keys say. Other pages also list kms:Decrypt, which is denied to the principal";
    case 'start-uses-no-key-permission':
      return "RDS makes no KMS call as the principal that starts the database. AWS's runbook needs no permission on the key, but AWS does not state this rule";
    case 'reboot-uses-no-key-permission':
      return "RDS makes no KMS call as the principal that reboots the instance. AWS's managed policy for reboots by Fault Injection Service allows nothing on the key, but AWS does not state this rule";
    case 'session-adds-nothing':
      return sessionText(assumption);
    case 'session-has-no-tags':
      return `${assumption.session} has no session tag that allows the call. AWS does not show session tags: add --session-tag if there are any`;
    case 'no-tags-to-inherit':
      return 'the DB instance of the snapshot had no tags. RDS would copy them to the new instance, and the principal may not add tags';
    case 'no-tags-to-copy':
      return 'the snapshot has no tags. RDS would copy them to the new snapshot, and the principal may not add tags';
    case 'tags-are-not-copied':
      return 'the database does not copy its tags to the snapshot (not read). RDS would copy them, and the principal may not add tags';
    case 'rds-role-exists':
      return 'the account has the role AWSServiceRoleForRDS. RDS creates this role on first use, which needs iam:CreateServiceLinkedRole. The principal does not have that permission';
    case 'called-via-filled':
      return `calls that RDS makes as the principal carry aws:CalledVia ${assumption.service} (observed for SQS, inferred for RDS)`;
    case 'default-groups-have-no-tags':
      return 'default subnet, parameter and option groups have no tags (not read)';
    case 'inferred-key-holds':
      return assumption.value === undefined
        ? `calls that RDS makes as the principal do not carry ${assumption.key} (AWS does not say)`
        : `calls that RDS makes as the principal carry ${assumption.key} ${assumption.value} (AWS does not say)`;
    default:
      return preconditionAssumptionText(assumption);
  }
}

function sessionText({
  session,
  policy,
  isTagged,
}: Extract<Assumption, { readonly code: 'session-adds-nothing' }>): string {
  const tags = isTagged ? 'no other session tags' : 'no session tags';
  return policy
    ? `${session} has no session policy and ${tags}. AWS does not show them: add --session-policy or --session-tag if there are any`
    : `${session} has ${tags}. AWS does not show them: add --session-tag if there are any`;
}
