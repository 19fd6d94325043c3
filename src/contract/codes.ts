import { preconditionCodes } from './precondition-codes.ts';

/**
 * What a code is about. A `reason` decides a verdict or leaves it open. A `call` says why a call is
 * decided so. A `near-miss` is an Allow that misses by one element. An `error` is what AWS will
 * show. An `assumption` is a fact that a verdict assumes without having read it. A `precondition`
 * is what must be true. An `answer` is why a precondition is met, not met or unknown. A `gap` is a
 * read that failed. A `fact` is what an answer depends on. A `warning` is a note whatever the
 * verdict is.
 *
 * For `diagnose`: an `error-reading` is the meaning of AWS's text, a `cause` is a possible cause of
 * it, an `outcome` says how AWS's answer compares with the check, an `explanation` says why the two
 * may differ, a `note` is about what a record leaves out, and a `missing` says why a check needs
 * more facts.
 *
 * A `lack` is something that evidence does not have, and a `hypothesis` is an assumed difference
 * from the data that was read. A `simulation` is why IAM's policy simulator gives another answer. A
 * `fix` is what somebody should do. An `unchecked` is a part of the question that was not checked.
 *
 * For expectations: a `failing` is why a combination does not hold, a `lack-of-expectation` is what
 * could not be found or read, and an `expectation-note` is a note whatever the outcome is. For
 * plans: a `not-overlaid` is why a change is not taken into account, and a `plan-note` is a note
 * about a change.
 *
 * For `audit`: a `finding` is what the audit finds, an `unread` is a fact that decides a finding
 * and was not read, and a `number-note` is what the numbers do not include.
 *
 * An `impact` is an effect of taking a key out of use, or a reason why the effects are not known.
 */
type Subject =
  | 'reason'
  | 'call'
  | 'near-miss'
  | 'error'
  | 'assumption'
  | 'precondition'
  | 'answer'
  | 'gap'
  | 'fact'
  | 'warning'
  | 'error-reading'
  | 'cause'
  | 'outcome'
  | 'explanation'
  | 'note'
  | 'missing'
  | 'lack'
  | 'hypothesis'
  | 'simulation'
  | 'fix'
  | 'unchecked'
  | 'failing'
  | 'lack-of-expectation'
  | 'expectation-note'
  | 'not-overlaid'
  | 'plan-note'
  | 'finding'
  | 'unread'
  | 'number-note'
  | 'impact';

/**
 * Every stable code, its subject, and its one meaning. A decision is a tagged union `{ code,
 * ...fields }`, declared next to the code that decides. `src/explain/` has the words. Reports,
 * expectations and baselines refer to codes, so a code never changes its meaning.
 */
export const codes = {
  // Findings of an audit.
  'not-read': {
    of: 'finding',
    means: 'Something was not read, so findings may be missing or wrong.',
  },
  'nobody-can-restore': {
    of: 'finding',
    means: 'No principal that was read can restore the backups.',
  },
  exposed: {
    of: 'finding',
    means: 'Snapshots are shared with somebody who is not trusted and can use them.',
  },
  'share-inert': {
    of: 'finding',
    means: 'Snapshots are shared with somebody who cannot use their key.',
  },
  'foreign-key': {
    of: 'finding',
    means: 'Backups are encrypted with the key of another account.',
  },
  'key-locked-out': {
    of: 'finding',
    means: 'Nobody can change the policy of a key.',
  },
  'build-and-burn': {
    of: 'finding',
    means: 'A principal can destroy a database, and its key or all of its backups.',
  },
  'stack-owned-key': {
    of: 'finding',
    means: 'A key and a database that is encrypted with it belong to one CloudFormation stack.',
  },
  'key-open': {
    of: 'finding',
    means: 'Somebody outside the account can use a key, and nothing that is encrypted with it is shared with them.',
  },
  'key-killers': {
    of: 'finding',
    means: 'Principals can take a key out of use.',
  },
  'aws-managed-key': {
    of: 'finding',
    means: 'The backups are encrypted with a key that AWS manages, so they cannot leave the account.',
  },
  'backup-encryption-unread': {
    of: 'unread',
    means: 'The finding depends on how a backup is encrypted, which was not read.',
  },
  'backup-sharing-unread': {
    of: 'unread',
    means: 'The finding depends on the accounts that a backup is shared with, which were not read.',
  },
  'aws-owned-key-unpublished': {
    of: 'unread',
    means:
      'AWS does not publish what other accounts can do with a shared backup that is encrypted with a key that AWS owns.',
  },
  'key-of-thing-unread': {
    of: 'unread',
    means: 'The finding depends on the key of an encrypted resource, which was not read.',
  },
  'database-of-grant-not-found': {
    of: 'unread',
    means: 'RDS holds a grant on the key for a database that was not found.',
  },
  'database-protection-unread': {
    of: 'unread',
    means: 'The finding depends on the deletion protection of a database, which was not read.',
  },
  'vault-access-unread': {
    of: 'unread',
    means: 'The finding depends on the access policy of an AWS Backup vault, which was not read.',
  },
  'vault-lock-unread': {
    of: 'unread',
    means: 'The finding depends on whether an AWS Backup vault is locked, which was not read.',
  },
  'backup-kind-unread': {
    of: 'unread',
    means: 'The finding depends on whether a snapshot is automated, which was not read.',
  },
  'export-request-open': {
    of: 'unread',
    means: 'The finding depends on whether exports succeed, which depends on values that only a request names.',
  },
  'stack-tag-unread': {
    of: 'unread',
    means: 'The finding depends on the tags of a key or database, which were not read.',
  },
  'account-membership-unread': {
    of: 'unread',
    means: 'The finding depends on the organization of an account, which was not read.',
  },
  'estate-list-unread': {
    of: 'unread',
    means: 'The finding depends on RDS or AWS Backup lists, which were not read.',
  },
  'key-description-unread': {
    of: 'unread',
    means: 'The finding depends on the description of a key, which was not read.',
  },
  'key-expiry-unread': {
    of: 'unread',
    means: 'The finding depends on when the imported material of a key expires, which was not read.',
  },
  'key-at-risk': {
    of: 'finding',
    means: 'Databases or backups are encrypted with a key that cannot be used, or soon cannot.',
  },
  'one-way-in': {
    of: 'finding',
    means: 'The backups can be restored in one way only: by one principal, or through one.',
  },
  'snapshot-not-restore': {
    of: 'finding',
    means: 'Principals can take backups that they cannot restore.',
  },
  'same-domain': {
    of: 'finding',
    means: 'No other account that was read has a copy of the backups that is encrypted with a key of that account.',
  },
  'wide-restore': {
    of: 'finding',
    means: 'More principals than expected can restore, copy or export the backups.',
  },
  'one-identity-path': {
    of: 'finding',
    means: 'Everybody who can restore the backups depends on one identity provider.',
  },
  'regions-unread': {
    of: 'unread',
    means: 'An account may have something that decides the finding, and no Region of the account was read.',
  },
  'ways-in-unread': {
    of: 'unread',
    means: 'The finding depends on the trust policy of a role, which was not read.',
  },
  'numbers-assume-no-control-policies': {
    of: 'number-note',
    means: 'The numbers assume that SCPs and RCPs that were not read deny nothing.',
  },
  'numbers-lack-backups': {
    of: 'number-note',
    means: 'The numbers leave out backups in lists that were not read.',
  },
  'numbers-lack-exposures': {
    of: 'number-note',
    means: 'The numbers leave out backups that may or may not be exposed.',
  },
  'numbers-lack-principals': {
    of: 'number-note',
    means: 'The numbers leave out principals that were not read.',
  },

  // Assumptions: facts that were not read.
  'control-policies-unread': {
    of: 'assumption',
    means: 'SCPs or RCPs were not read. They are assumed to deny nothing.',
  },
  'managed-key-policy': {
    of: 'assumption',
    means: 'The policy of an AWS managed key was not read. It is assumed to be the standard policy of such keys.',
  },
  'no-second-key-policy': {
    of: 'assumption',
    means: 'The key is assumed to have no second policy (AWS_RAM) that could allow the call.',
  },
  'second-key-policy-counts': {
    of: 'assumption',
    means: 'The second policy of a key (AWS_RAM) is assumed to allow calls like the first one, also through RDS.',
  },
  'account-is-a-member': {
    of: 'assumption',
    means: 'The account is assumed not to be the management account, to which SCPs and RCPs do not apply.',
  },
  'key-is-customer-managed': {
    of: 'assumption',
    means: 'The key is assumed to be a customer managed key. RCPs do not apply to AWS managed keys.',
  },
  'bucket-policy-unread': {
    of: 'assumption',
    means: 'The policy of the bucket was not read. It is assumed to deny nothing.',
  },
  'vault-policy-is-silent': {
    of: 'assumption',
    means: 'The access policy of the AWS Backup vault was not read. It is assumed to deny nothing.',
  },
  'endpoint-policy-unread': {
    of: 'assumption',
    means: 'The policy of the VPC endpoint was not read. It is assumed to allow the call.',
  },
  'decrypt-not-needed': {
    of: 'assumption',
    means: 'Policies deny the principal kms:Decrypt. AWS pages disagree on whether this action is needed.',
  },
  'start-uses-no-key-permission': {
    of: 'assumption',
    means: 'RDS is assumed to make no KMS call as the principal that starts a database.',
  },
  'reboot-uses-no-key-permission': {
    of: 'assumption',
    means: 'RDS is assumed to make no KMS call as the principal that reboots an instance.',
  },
  'session-has-no-tags': {
    of: 'assumption',
    means: 'AWS does not show the tags of a session. The session is assumed to have no tag that allows the call.',
  },
  'session-adds-nothing': {
    of: 'assumption',
    means: 'A session is assumed to have no session tags and no session policy, unless they are given.',
  },
  'called-via-filled': {
    of: 'assumption',
    means: 'Calls that RDS forwards are assumed to carry aws:CalledVia, as observed for another service.',
  },
  'inferred-key-holds': {
    of: 'assumption',
    means:
      'Calls that RDS forwards are assumed to carry a condition key as inferred. AWS does not say what they carry.',
  },
  'default-groups-have-no-tags': {
    of: 'assumption',
    means: 'The default subnet, parameter and option groups are assumed to have no tags. Tags of groups are not read.',
  },
  'no-tags-to-inherit': {
    of: 'assumption',
    means: 'The instance of the snapshot is gone. It is assumed to have had no tags.',
  },
  'no-tags-to-copy': {
    of: 'assumption',
    means: 'The tags of the snapshot were not read. It is assumed to have none.',
  },
  'tags-are-not-copied': {
    of: 'assumption',
    means: 'It was not read whether the database copies its tags to a snapshot. It is assumed to copy none.',
  },
  'rds-role-exists': {
    of: 'assumption',
    means: 'The account is assumed to have the RDS service-linked role, which RDS creates on first use.',
  },
  // The parts of a question that a run did not check.
  'nothing-of-the-kind': {
    of: 'unchecked',
    means: 'The lists of sources were read and are empty.',
  },
  'list-unread': { of: 'unchecked', means: 'A list of sources was not read.' },
  'principal-list-unread': {
    of: 'unchecked',
    means: 'One of two compared states of the evidence does not have the list of users or roles of an account.',
  },
  'combinations-skipped': {
    of: 'unchecked',
    means: 'Combinations of a source and a Region were skipped: the source is not in that Region.',
  },
  'operation-left-out': {
    of: 'unchecked',
    means: 'An operation of the command does not take a parameter of the request, so its sources were left out.',
  },
  'asked-by-name-only': { of: 'unchecked', means: 'The operation is checked only if a source is named.' },
  'asked-by-another-command': { of: 'unchecked', means: 'Another command checks further kinds of sources.' },
  // The meaning of AWS's texts.
  'copy-needs-key-in-region': { of: 'error-reading', means: 'A copy to another Region needs a key in that Region.' },
  'default-key-cannot-be-shared': {
    of: 'error-reading',
    means: 'A snapshot that is encrypted with the AWS managed key aws/rds cannot be shared.',
  },
  'instance-is-cluster-member': {
    of: 'error-reading',
    means: 'A snapshot is taken of the cluster, not of its instance.',
  },
  'cluster-still-has-instances': {
    of: 'error-reading',
    means: 'The instances of a cluster are deleted before the cluster.',
  },
  'cloudformation-needs-key': {
    of: 'error-reading',
    means: 'CloudFormation encrypts a restore of an unencrypted snapshot only if a key is named.',
  },
  'cloudformation-cannot-decrypt': {
    of: 'error-reading',
    means: 'CloudFormation refuses a restore that would turn encryption off.',
  },
  'service-linked-role-not-created': {
    of: 'error-reading',
    means: 'The RDS service-linked role does not exist and could not be created.',
  },
  'export-key-check-failed': { of: 'error-reading', means: 'The export started, and its key cannot be used.' },
  'export-cannot-write-metadata': {
    of: 'error-reading',
    means: 'The export role cannot write to the bucket with the export key.',
  },
  'export-role-lacks-bucket-access': {
    of: 'error-reading',
    means: 'The export role lacks permissions on the bucket.',
  },
  'export-bucket-not-usable': {
    of: 'error-reading',
    means: 'The export bucket does not exist or is in another Region.',
  },
  'rds-cannot-use-key': { of: 'error-reading', means: 'RDS cannot use the key of a database through its own grant.' },
  'presigned-url-refused': {
    of: 'error-reading',
    means: 'The pre-signed URL of the request is not valid in the Region of the source.',
  },
  'presigned-url-missing': {
    of: 'error-reading',
    means: 'The request lacks the pre-signed URL for an encrypted source in another Region.',
  },
  'option-group-needed': { of: 'error-reading', means: 'The options of a snapshot need an option group.' },
  'reserved-tag-keys': { of: 'error-reading', means: 'The request sends tags that only AWS may set.' },
  'name-cannot-be-shared': {
    of: 'error-reading',
    means: 'A snapshot whose name has an AWS prefix cannot be shared.',
  },
  'replication-needs-key': {
    of: 'error-reading',
    means: 'Backups of an encrypted instance are replicated with a key that the request names.',
  },
  'automated-snapshot-is-fixed': { of: 'error-reading', means: 'An automated snapshot cannot be shared.' },
  'automated-snapshot-is-kept': {
    of: 'error-reading',
    means: 'RDS deletes automated snapshots itself.',
  },
  'insights-key-is-fixed': { of: 'error-reading', means: 'The Performance Insights key never changes.' },
  'key-without-encryption': {
    of: 'error-reading',
    means: 'The request for a DB instance names a key but does not ask for encryption.',
  },
  'insights-key-without-insights': {
    of: 'error-reading',
    means: 'The Performance Insights key is named in a request that turns Performance Insights on.',
  },
  'secret-key-without-management': {
    of: 'error-reading',
    means: 'The key of the secret is named in a request that has RDS manage the password.',
  },
  'cluster-is-in-global-cluster': { of: 'error-reading', means: 'A member of a global database cannot be deleted.' },
  'accounts-in-no-common-organization': {
    of: 'error-reading',
    means: 'AWS Backup copies between accounts of one organization only.',
  },
  'monitoring-role-not-usable': {
    of: 'error-reading',
    means: 'RDS cannot use the role for Enhanced Monitoring: the role is missing, or lacks trust or permissions.',
  },
  'export-role-not-trusted': { of: 'error-reading', means: 'The export role does not trust the service that exports.' },
  'kms-access-not-allowed': {
    of: 'error-reading',
    means: 'A service such as Secrets Manager may not use the key for the principal.',
  },
  'kms-key-not-found': { of: 'error-reading', means: 'KMS knows no such key or alias.' },
  'kms-key-is-disabled': { of: 'error-reading', means: 'KMS says that the key is disabled.' },
  'kms-key-awaits-deletion': { of: 'error-reading', means: 'KMS says that the key is pending deletion.' },
  'kms-key-awaits-material': { of: 'error-reading', means: 'KMS says that the key has no key material.' },
  'kms-key-is-unavailable': {
    of: 'error-reading',
    means: 'KMS says that the key is unavailable: its custom key store is not connected.',
  },
  'kms-key-state-refuses': {
    of: 'error-reading',
    means: 'KMS says that the state of the key does not allow the call.',
  },
  'kms-grants-are-used-up': { of: 'error-reading', means: 'KMS says that the key has too many grants.' },
  'database-lost-key': {
    of: 'error-reading',
    means: 'RDS cannot use the key of the database, and only a restore brings the database back.',
  },
  'database-may-regain-key': {
    of: 'error-reading',
    means: 'RDS cannot use the key of the database, and the database can be started once the key is enabled.',
  },
  'vault-refuses-copy': {
    of: 'error-reading',
    means: 'AWS Backup may not copy into the destination vault.',
  },
  'replica-needs-key': {
    of: 'error-reading',
    means: 'A read replica of an encrypted DB instance in another Region needs a key in that Region.',
  },
  'replica-takes-no-key': {
    of: 'error-reading',
    means: 'A read replica in the Region of its source takes no other key.',
  },
  'member-takes-no-key': {
    of: 'error-reading',
    means: 'A DB instance of a cluster takes no key: the key of the cluster applies.',
  },
  'export-tasks-are-used-up': {
    of: 'error-reading',
    means: 'As many exports as the quota allows are in progress.',
  },
  'vault-is-under-default-key': {
    of: 'error-reading',
    means: 'The destination vault is under the AWS managed key of AWS Backup.',
  },
  'backup-key-not-usable': { of: 'error-reading', means: 'AWS Backup cannot use a key of the job.' },
  'backup-role-not-trusted': { of: 'error-reading', means: 'The role of the job does not trust AWS Backup.' },
  'cross-account-backup-is-off': {
    of: 'error-reading',
    means: 'The organization has not turned on copies of backups to other accounts.',
  },
  'backup-copy-not-supported': { of: 'error-reading', means: 'AWS Backup does not support this copy of this backup.' },
  'export-failed-in-rds': { of: 'error-reading', means: 'The export failed because of an error within RDS.' },
  'key-policy-names-nobody': {
    of: 'error-reading',
    means: 'The key policy names a user or role that does not exist, so KMS refuses the policy.',
  },
  'key-policy-locks-sender-out': {
    of: 'error-reading',
    means: 'The key policy does not let its sender change the policy later, so KMS refuses the policy.',
  },
  'presigned-url-not-needed': {
    of: 'error-reading',
    means: 'A request in the Region of its source takes no PreSignedUrl.',
  },
  'replica-takes-no-password': {
    of: 'error-reading',
    means: 'A cluster that replicates from another Region takes the password of its source.',
  },
  'serverless-manages-no-password': {
    of: 'error-reading',
    means: 'Aurora Serverless v1 cannot keep its master password in Secrets Manager.',
  },
  'source-manages-password': {
    of: 'error-reading',
    means: 'The engine allows no read replica of an instance whose password is in Secrets Manager.',
  },
  'proxy-cannot-read-secret': { of: 'error-reading', means: 'The role of an RDS Proxy may not read its secret.' },
  'ebs-key-not-usable': { of: 'error-reading', means: 'The error is about a key or snapshot of Amazon EBS.' },
  'redshift-takes-no-new-key': { of: 'error-reading', means: 'The error is about a snapshot of Amazon Redshift.' },
  'key-name-unset': {
    of: 'error-reading',
    means: 'The request names a key by the text of a variable that is not set.',
  },
  'authorization-details-kept': {
    of: 'error-reading',
    means: 'AWS keeps what it evaluated under an authorization ID.',
  },
  'kms-event-tells-more': { of: 'error-reading', means: 'The KMS event has the complete denial.' },
  'error-code-is-generic': { of: 'error-reading', means: 'Many errors share the code, and the text is not known.' },
  'error-shows-no-key': {
    of: 'error-reading',
    means: 'The text shows no key: the request may have named none, and RDS may not use a default key.',
  },
  'error-names-key': { of: 'error-reading', means: 'The text shows which key AWS means.' },
  'kms-refusal-unspecified': {
    of: 'error-reading',
    means: 'RDS shows the same error for everything that KMS refuses.',
  },
  'denied-by-unnamed-policy': {
    of: 'error-reading',
    means: 'The text names the denied action, but not the kind of policy that decided.',
  },
  'denied-by-named-policy': {
    of: 'error-reading',
    means: 'The text names the denied action and the kind of policy that decided.',
  },
  'key-policy-named-without-proof': {
    of: 'error-reading',
    means: 'The text names the key policy, but the missing Allow can be one in an identity policy.',
  },
  'one-policy-kind-named': { of: 'error-reading', means: 'The text names one kind of policy, even if several deny.' },
  'denial-is-encoded': {
    of: 'error-reading',
    means: 'The text is encoded. sts:DecodeAuthorizationMessage decodes it.',
  },

  // The possible causes of an error, according to the catalog.
  'calls-denied': { of: 'cause', means: 'Calls of one kind are denied.' },
  'preconditions-unmet': { of: 'cause', means: 'At least one of these preconditions is not met.' },

  // How AWS's answer compares with a check.
  'outcome-as-predicted': { of: 'outcome', means: 'AWS and the check say the same.' },
  'failed-for-another-reason': {
    of: 'outcome',
    means: 'Both say that the operation fails, each for a different reason.',
  },
  'failed-with-another-code': {
    of: 'outcome',
    means: 'The operation failed with a different error code from the one predicted.',
  },
  'outcome-differs': { of: 'outcome', means: 'AWS and the check contradict each other.' },
  'outcome-was-open': { of: 'outcome', means: 'AWS decided what the check leaves open.' },
  'outcome-not-checked': { of: 'outcome', means: 'The check does not cover the AWS error.' },
  'call-decides': { of: 'outcome', means: 'This call decides the part that AWS names.' },
  'precondition-decides': { of: 'outcome', means: 'This precondition decides the part that AWS names.' },

  // Why AWS and a check may differ.
  'key-use-checked': {
    of: 'explanation',
    means: 'The program does not know this API and checked only the use of the key through RDS.',
  },
  'source-has-option-group': {
    of: 'explanation',
    means: 'The text asks for an option group, and the snapshot has one.',
  },
  'text-explains-itself': { of: 'explanation', means: 'The text says what is wrong. No check covers this cause.' },
  'source-was-found': {
    of: 'explanation',
    means: 'AWS did not find the source of the request, and the data that was read has it.',
  },
  'request-key-not-told': {
    of: 'explanation',
    means: 'The record or text does not show whether the request named a key.',
  },
  'aws-names-another-key': { of: 'explanation', means: 'AWS and the evidence name different keys.' },
  'another-code-expected': { of: 'explanation', means: 'The check expects another error code.' },
  'refused-before-start': {
    of: 'explanation',
    means: 'AWS started the operation, but according to the evidence AWS refuses the operation before the start.',
  },
  'another-policy-decides': { of: 'explanation', means: 'AWS and the evidence name different kinds of policy.' },
  'named-policy-not-held': {
    of: 'explanation',
    means: 'AWS names a policy that decided, and no policy of this kind that was read does so.',
  },
  'reported-denial-not-read': {
    of: 'explanation',
    means: 'AWS reports a denial that nothing that was read makes, so a fix was not checked against it.',
  },
  'fails-apart-from-error': {
    of: 'explanation',
    means: 'The check finds a failure that has nothing to do with the error of AWS.',
  },
  'identity-policy-allows': {
    of: 'explanation',
    means: 'AWS says that no identity policy allows the action, but one in the evidence does.',
  },
  'named-key-is-none': { of: 'outcome', means: 'No key has the name in the request.' },
  'named-thing-not-held': {
    of: 'outcome',
    means: 'The evidence does not have the key, principal or source of the incident.',
  },
  'named-policy-does-not-deny': {
    of: 'explanation',
    means: 'AWS names a kind of policy that denies nothing in the evidence.',
  },
  'verdict-rests-on-assumption': { of: 'explanation', means: 'The verdict depends on this assumption.' },
  'fact-not-read': { of: 'explanation', means: 'This fact could not be read.' },
  'another-denial-decides': {
    of: 'explanation',
    means: 'AWS says that a Deny decided, but no Deny was read, or the other way around.',
  },
  'principal-is-another': {
    of: 'explanation',
    means: 'The principal was deleted and created again: its ID is not the ID in the event.',
  },
  'snapshot-is-another': { of: 'explanation', means: 'The snapshot was created after the event.' },
  'evidence-of-another-time': { of: 'explanation', means: 'The evidence was read before or after the event.' },
  'session-facts-not-recorded': { of: 'explanation', means: 'Records show neither session policies nor session tags.' },
  'later-work-can-fail': { of: 'explanation', means: 'AWS accepted the request, but its later work can fail.' },
  'changes-take-effect-late': {
    of: 'explanation',
    means: 'Changes to policies and grants take a few minutes to take effect everywhere.',
  },
  'answer-settles-what-is-open': {
    of: 'explanation',
    means: "AWS's answer settles the question that the check leaves open.",
  },
  'something-else-is-open': {
    of: 'explanation',
    means: 'AWS refused something that the check allows. The check leaves something else open.',
  },
  'action-not-checked': { of: 'explanation', means: 'The check of the API does not include this action.' },
  'infrastructure-not-checked': {
    of: 'explanation',
    means: 'Capacity, networks, parameter groups and failures within AWS are not checked.',
  },

  // A fact that a record has and no check uses, or that a record leaves out.
  'invoked-by-service': { of: 'note', means: 'The request came through another service.' },
  'request-values-hidden': { of: 'note', means: 'The event hides parameters of the request.' },
  'request-parameters-absent': { of: 'note', means: 'The record has no parameters of the request.' },
  'principal-arn-absent': { of: 'note', means: 'The record has no ARN of the principal.' },
  'caller-is-service': { of: 'note', means: 'A service made the call itself.' },
  'caller-account-only': { of: 'note', means: 'The record names only the account of the principal.' },
  'caller-not-in-iam': { of: 'note', means: 'The record names no IAM principal.' },
  'event-subject': { of: 'note', means: 'The event is about this resource.' },
  'vault-key-not-told': { of: 'note', means: 'A copy job does not name the key of the vault.' },
  'export-starter-unknown': { of: 'note', means: 'An export task does not show who started it.' },

  // Why a check of an incident needs more facts.
  'operation-not-told': { of: 'missing', means: 'The operation is not given.' },
  'operation-ambiguous': { of: 'missing', means: 'Several operations make RDS call the action that failed.' },
  'principal-not-told': { of: 'missing', means: 'The principal is not given.' },
  'source-not-told': { of: 'missing', means: 'The source is not given.' },
  'parameter-not-told': { of: 'missing', means: 'A required parameter is not given.' },

  // Why a call is decided so.
  'call-allowed': { of: 'call', means: 'Statements or grants allow the call.' },
  'explicit-deny': { of: 'call', means: 'A Deny statement matches the call.' },
  'implicit-deny': {
    of: 'call',
    means: 'No Deny statement matches the call, but a layer of policies does not allow it.',
  },
  'call-depends': { of: 'call', means: 'Unknown facts decide whether the call is allowed.' },

  // An Allow with one element that does not match.
  'condition-not-met': { of: 'near-miss', means: 'The request has another value for the condition key.' },
  'condition-key-only-in-iam': { of: 'near-miss', means: 'A key policy cannot test the condition key.' },
  'condition-key-absent': { of: 'near-miss', means: 'The request does not have the condition key.' },
  'deleted-principal': { of: 'near-miss', means: 'The Allow names the unique ID of a user or role that was deleted.' },
  namesake: { of: 'near-miss', means: 'The Allow names another principal of the same name.' },
  'other-resource': { of: 'near-miss', means: 'The Allow covers only other resources of the same service.' },
  'other-action': { of: 'near-miss', means: 'The Allow covers only other KMS actions on the resource.' },

  // Why a verdict is what it is.
  'required-call-denied': { of: 'reason', means: 'A required call is denied.' },
  'group-not-named': {
    of: 'reason',
    means: 'The result depends on a group that the request does not name.',
  },
  'call-open': { of: 'reason', means: 'It is not known whether a call is allowed.' },
  'service-use-denied': { of: 'reason', means: 'A Deny may block the use of the key by RDS itself.' },
  'role-permission-disputed': {
    of: 'reason',
    means: 'A permission of the role is denied. AWS pages disagree on whether the role needs it.',
  },
  'inferred-permission-denied': {
    of: 'reason',
    means: 'A permission of the principal is denied. AWS does not document the requirement: it is inferred.',
  },
  'unpublished-call-denied': {
    of: 'reason',
    means: 'A call is denied. AWS does not publish whether RDS makes this call.',
  },
  'inferred-call-denied': { of: 'reason', means: 'A call is denied. AWS does not document the call: it is inferred.' },
  'precondition-unmet': { of: 'reason', means: 'A required precondition is not met.' },
  'inferred-precondition-unmet': {
    of: 'reason',
    means: 'A precondition is not met. AWS does not document the requirement: it is inferred.',
  },
  'precondition-unknown': { of: 'reason', means: 'It is not known whether a precondition is met.' },
  'assumption-needed': { of: 'reason', means: 'The verdict needs an assumption, but --strict allows none.' },
  'forwarded-calls-allowed': {
    of: 'reason',
    means: 'Every call that RDS makes as the principal is allowed.',
  },
  'key-used-by-grant': { of: 'reason', means: 'RDS uses the key only through its own grant.' },
  'job-runs-as-the-role': {
    of: 'reason',
    means: 'The principal may start the job. What the job does, AWS Backup does as the role.',
  },
  'no-key-used': { of: 'reason', means: 'The principal has the RDS permissions, and no KMS permission is needed.' },

  // What AWS shows for an operation that fails.
  'secret-not-made': {
    of: 'error',
    means: 'RDS cannot create the secret of a managed password as the principal.',
  },
  'rds-role-not-made': {
    of: 'error',
    means: 'RDS cannot create its service-linked role as the principal.',
  },
  'caller-refused': { of: 'error', means: 'AWS refuses a call that the principal makes.' },
  'role-refused': { of: 'error', means: 'AWS refuses a call that a role makes for the operation.' },
  'state-refused': { of: 'error', means: 'RDS refuses the operation because a precondition is not met.' },
  'key-not-accessible': { of: 'error', means: 'RDS cannot use the KMS key as the principal.' },

  // A read that failed.
  'read-decides': { of: 'gap', means: 'The verdict is open. The missing read could decide it.' },
  'read-assumed': { of: 'gap', means: 'The verdict assumes the result of the missing read.' },
  'read-without-effect': { of: 'gap', means: 'No verdict depends on the read.' },

  // A fact that an answer depends on.
  'context-key-unknown': { of: 'fact', means: 'The presence or the value of a condition key is not known.' },
  'policy-unread': { of: 'fact', means: 'A policy that exists or may exist was not read.' },
  'grants-unread': { of: 'fact', means: 'The grants of a key were not read.' },
  'grant-constraint-unknown': {
    of: 'fact',
    means: 'It is not known whether the request satisfies the constraints of a grant.',
  },
  'grant-part-unread': { of: 'fact', means: 'The grantee or the operations of a grant were not read.' },
  'grant-issuer-unknown': {
    of: 'fact',
    means: "It is not known whether the principal's own account issued a grant on another account's key.",
  },
  'principal-not-fully-known': {
    of: 'fact',
    means: 'The session name, the path of the role or the federating user of the principal is not known.',
  },
  'resource-name-unknown': { of: 'fact', means: 'The name of a resource that does not exist yet is not known.' },
  'rule-unpublished': {
    of: 'fact',
    means: 'AWS does not publish the rule that decides, or publishes it in two versions.',
  },
  'statement-part-unknown': { of: 'fact', means: 'The program does not understand a part of a statement.' },

  // A note, whatever the verdict is.
  'element-repeated': { of: 'warning', means: 'One element appears twice in a policy.' },
  'element-not-understood': {
    of: 'warning',
    means:
      'The program does not understand an operator, principal or number in a policy, so the effect of the statement is unknown.',
  },
  'policy-too-large': { of: 'warning', means: 'A policy is larger than AWS allows.' },
  'sid-repeated': { of: 'warning', means: 'Two statements of a policy have one Sid.' },
  'sid-invalid': { of: 'warning', means: 'A Sid has characters that IAM does not allow.' },
  'principal-missing': {
    of: 'warning',
    means: 'A statement of a resource policy names no principal and matches nobody.',
  },
  'principal-matches-nobody': { of: 'warning', means: 'A policy names a principal in a form that matches nobody.' },
  'principal-deleted': { of: 'warning', means: 'A policy names a deleted principal.' },
  'action-missing': { of: 'warning', means: 'A statement names no action and has no effect.' },
  'action-not-one': { of: 'warning', means: 'A policy has several actions in one string, which matches none of them.' },
  'resource-missing': { of: 'warning', means: 'A statement names no resource and has no effect.' },
  'resource-no-key-arn': {
    of: 'warning',
    means: 'A policy names a key by ID or alias, but only the ARN of the key matches.',
  },
  'resource-not-the-key': { of: 'warning', means: 'A key policy names a resource other than its key.' },
  'scp-allow-on-resource': {
    of: 'warning',
    means: 'An Allow in an SCP names resources, but AWS documents such an Allow only with "*".',
  },
  'service-unknown': { of: 'warning', means: 'A policy names an action of a service that AWS does not have.' },
  'action-unknown': { of: 'warning', means: 'A policy names an action that the service does not have.' },
  'action-pattern-unmatched': { of: 'warning', means: 'A pattern in a policy matches no action of the service.' },
  'action-fits-no-resource': {
    of: 'warning',
    means: 'A statement lists an action that is not authorized on any of its resources.',
  },
  'resource-fits-no-action': {
    of: 'warning',
    means: 'A statement lists a resource on which none of its actions is authorized.',
  },
  'condition-key-unknown': { of: 'warning', means: 'A policy tests a condition key that AWS does not list.' },
  'operator-unfit': {
    of: 'warning',
    means: 'A policy compares a condition key with an operator for another type.',
  },
  'value-unreadable': {
    of: 'warning',
    means: 'A policy compares a condition key with a value that is not of the type of the operator.',
  },
  'value-counts-as-false': {
    of: 'warning',
    means: 'A policy compares with a word that is neither true nor false: it counts as false.',
  },
  'range-matches-nothing': { of: 'warning', means: 'A policy has an IPv6 range that matches no address.' },
  'via-service-without-region': {
    of: 'warning',
    means: 'A policy compares kms:ViaService with the name of a service without a Region.',
  },
  'session-arn-tested': {
    of: 'warning',
    means: 'A policy compares aws:PrincipalArn with the ARN of a session, but the value is the ARN of the role.',
  },
  'for-all-values-of-one': {
    of: 'warning',
    means: 'An Allow tests a key with one value by ForAllValues, which also matches if the key is absent.',
  },
  'set-operator-missing': {
    of: 'warning',
    means:
      'An Allow tests a key with several values without ForAnyValue or ForAllValues, and does not match if the key is present.',
  },
  'deny-never-applies': {
    of: 'warning',
    means:
      'A Deny tests a key with several values without ForAnyValue or ForAllValues, and never applies to a request that has the key.',
  },
  'key-not-in-key-policies': {
    of: 'warning',
    means: 'A key policy tests a condition key that works in IAM policies only.',
  },
  'key-not-carried': {
    of: 'warning',
    means: 'A statement tests a condition key that requests of one of its actions never have.',
  },
  'values-missing': { of: 'warning', means: 'A condition has no value.' },
  'wildcard-without-like': {
    of: 'warning',
    means: 'A policy compares a wildcard exactly, because the operator takes no patterns.',
  },
  'bool-variable': { of: 'warning', means: 'A policy compares a Boolean with a variable.' },
  'address-without-prefix': { of: 'warning', means: 'A policy has an IPv6 address without a prefix length.' },
  'variable-in-old-version': {
    of: 'warning',
    means: 'A policy has a variable, but its Version does not support variables.',
  },
  ...preconditionCodes,
  // What evidence does not have.
  'iam-not-held': { of: 'lack', means: 'The evidence has no IAM data.' },
  'principals-not-held': { of: 'lack', means: 'The evidence does not have the users or the roles.' },
  'policy-not-held': { of: 'lack', means: 'The evidence does not have a policy of a principal.' },
  'control-policies-not-held': {
    of: 'lack',
    means: 'The evidence does not have the control policies of the organization.',
  },
  'regions-not-held': { of: 'lack', means: 'The evidence has no RDS and KMS data.' },
  'list-not-held': { of: 'lack', means: 'The evidence does not have an RDS list.' },
  'sharing-not-held': { of: 'lack', means: 'The evidence does not show the accounts that snapshots are shared with.' },
  'key-not-held': { of: 'lack', means: 'The evidence does not have a key that is in use.' },
  'part-of-key-not-held': { of: 'lack', means: 'The evidence does not have a part of a key.' },

  // Hypothetical changes.
  'policy-replaced': { of: 'hypothesis', means: 'A policy is assumed to have another text.' },
  'key-state-replaced': { of: 'hypothesis', means: 'A key is assumed to have another state.' },
  'policy-attached': {
    of: 'hypothesis',
    means: 'A managed policy is assumed to be attached.',
  },

  // The age of evidence.
  'evidence-undated': { of: 'warning', means: 'The evidence has no date.' },
  'evidence-date-unreadable': { of: 'warning', means: 'The date of the evidence is not a time.' },
  'verdict-changes-later': {
    of: 'warning',
    means: 'From a later time on, the verdict is another one, because a policy tests the time of a call.',
  },
  'evidence-old': { of: 'warning', means: 'The evidence is older than --max-age.' },
  'expected-nobody': { of: 'warning', means: 'A name or pattern of --expect-only matches no principal.' },
  // Why IAM's policy simulator gives another answer.
  'nothing-simulated': { of: 'simulation', means: 'The program did not ask the simulator.' },
  'simulator-did-not-answer': { of: 'simulation', means: 'The simulator did not answer about a call.' },
  'simulator-assumes-absence': {
    of: 'simulation',
    means: 'The call depends on facts that the simulator assumes to be absent.',
  },
  'simulator-sees-no-such-policies': {
    of: 'simulation',
    means: 'The simulator does not see the kinds of policy that decide.',
  },
  'simulator-names-control-policy': {
    of: 'simulation',
    means: 'The simulator says that a service control policy denies the call.',
  },
  'simulator-names-boundary': {
    of: 'simulation',
    means: 'The simulator says that the permissions boundary does not allow the call.',
  },
  'simulator-was-not-told': { of: 'simulation', means: 'The program did not give the simulator some condition keys.' },
  'simulator-sees-no-key-policy': {
    of: 'simulation',
    means: 'The simulator does not see the key policy and the grants.',
  },
  'simulator-differs-without-reason': {
    of: 'simulation',
    means: 'No known limit of the simulator explains the difference.',
  },
  // What a fix asks somebody to do.
  'allow-in-policy': { of: 'fix', means: 'Allow actions in a policy.' },
  'narrow-deny-of-session-policy': {
    of: 'fix',
    means: 'Open the session with a session policy whose Deny exempts the calls, or without the Deny.',
  },
  'allow-in-session-policy': { of: 'fix', means: 'Allow actions in the session policy.' },
  'exempt-from-deny': { of: 'fix', means: 'Exempt requests from a Deny.' },
  'meet-condition': { of: 'fix', means: 'Open another session, or send the request in another way.' },
  'name-another-key': { of: 'fix', means: 'Name another key in the request.' },
  'name-new-resource': { of: 'fix', means: 'Give the new resource a name that the policies allow.' },
  'copy-snapshot-first': { of: 'fix', means: 'Copy the snapshot under another key and use the copy.' },
  'attach-control-policy': { of: 'fix', means: 'Attach a new service control policy.' },
  'enable-key': { of: 'fix', means: 'Enable a key.' },
  'give-grant': { of: 'fix', means: 'Give a principal a grant on a key.' },
  'share-snapshot': { of: 'fix', means: 'Share a snapshot with an account.' },
  'end-sharing': { of: 'fix', means: 'Stop sharing a snapshot.' },
  'take-account-out': { of: 'fix', means: 'Take an account out of a statement of a key policy.' },
  'remove-statement': { of: 'fix', means: 'Remove a statement from a key policy.' },
  'limit-statement': { of: 'fix', means: 'Limit a statement of a key policy to callers of some accounts.' },
  'revoke-grant': { of: 'fix', means: 'Revoke a grant on a key.' },
  // Why a combination of an expectation does not hold.
  'cannot-do': { of: 'failing', means: 'The principal should be able to run the operation, but the operation fails.' },
  'may-be-unable': {
    of: 'failing',
    means: 'The principal should be able to run the operation, but the result is undetermined.',
  },
  'can-do': {
    of: 'failing',
    means: 'The principal should not be able to run the operation, but the operation succeeds.',
  },
  'not-denied-for-certain': {
    of: 'failing',
    means: 'The principal should not be able to run the operation, but policies do not deny every request and session.',
  },
  vacuous: {
    of: 'failing',
    means: 'Only a state that may change blocks the operation. No policy denies the operation.',
  },
  'stopped-elsewhere': {
    of: 'failing',
    means: 'Policies deny the operation, but not, or not for certain, a call that the expectation names.',
  },
  // What an expectation names and could not be found or read.
  'nothing-matched': { of: 'lack-of-expectation', means: 'A name or pattern matches nothing.' },
  'source-elsewhere': {
    of: 'lack-of-expectation',
    means: 'A source is not in the Region of the operation, and the operation cannot read sources in other Regions.',
  },
  'too-few-matched': {
    of: 'lack-of-expectation',
    means: 'The program found fewer combinations than the expectation asks for.',
  },
  'backup-too-old': { of: 'lack-of-expectation', means: 'The newest backup is older than the expectation allows.' },
  'backup-age-unknown': {
    of: 'lack-of-expectation',
    means: 'It is not known which backup is the newest, or how old the newest is.',
  },
  'key-missing-in-account': {
    of: 'lack-of-expectation',
    means: 'Another account that is checked has no key of the name in the request.',
  },
  'caller-unknown': { of: 'lack-of-expectation', means: 'The evidence does not name the caller.' },
  'account-unread': { of: 'lack-of-expectation', means: 'An account was not read.' },
  'principals-unread': { of: 'lack-of-expectation', means: 'The users or roles of an account were not read.' },
  'plan-principal-unknown': { of: 'lack-of-expectation', means: 'The plan does not say who applies it.' },
  'plan-place-unknown': { of: 'lack-of-expectation', means: 'The plan does not name the account or Region.' },
  'plan-snapshot-unnamed': {
    of: 'lack-of-expectation',
    means: 'The provider refuses to delete a database whose final snapshot has no name.',
  },
  'plan-monitoring-refused': {
    of: 'lack-of-expectation',
    means:
      'RDS does not create a database with an interval of Enhanced Monitoring and without a role for it, or the other way around.',
  },
  'plan-password-refused': {
    of: 'lack-of-expectation',
    means:
      'RDS does not manage the password of a member of a global cluster, or of a replica of a cluster in another Region.',
  },
  'plan-region-unclear': {
    of: 'lack-of-expectation',
    means: 'The provider signs a copy for one Region and sends the request to another Region.',
  },
  'plan-source-gone': {
    of: 'lack-of-expectation',
    means: 'The plan deletes a database or snapshot that evidence from after the plan does not have.',
  },
  'plan-protection-lifted': {
    of: 'lack-of-expectation',
    means:
      'The plan deletes a database that evidence from after the plan shows as protected, and the provider turns the protection off.',
  },
  'plan-source-comes': {
    of: 'lack-of-expectation',
    means: 'A plan takes a final snapshot that one of its requests reads, in no order.',
  },
  'plan-source-goes': {
    of: 'lack-of-expectation',
    means: 'A plan deletes something that one of its requests reads, and nothing puts the request first.',
  },
  'plan-session-policy': {
    of: 'lack-of-expectation',
    means: 'The provider of a plan limits its session with a session policy that was not checked.',
  },
  'plan-secondary-key': {
    of: 'lack-of-expectation',
    means: 'A cluster of a plan joins a global cluster and names no key. AWS does not publish which key it gets.',
  },
  'plan-value-unknown': {
    of: 'lack-of-expectation',
    means: 'A value of a request is known only after the plan is applied.',
  },
  'plan-request-unsure': {
    of: 'lack-of-expectation',
    means:
      'A request of a plan does not succeed, but the provider may not send the request: only the apply shows that.',
  },
  'key-goes-with-snapshot': {
    of: 'lack-of-expectation',
    means: 'The plan deletes a database with a final snapshot, and also the key of that snapshot.',
  },
  'plan-key-policy-refused': {
    of: 'lack-of-expectation',
    means:
      'KMS refuses a key policy of a plan, because the principal that applies the plan could not change the policy again.',
  },
  'plan-key-policy-names-nobody': {
    of: 'lack-of-expectation',
    means: 'KMS refuses a key policy of a plan, because the policy names a user or role that does not exist.',
  },
  'plan-key-policy-unsure': {
    of: 'lack-of-expectation',
    means:
      'KMS may refuse a key policy of a plan: it is not known whether the principal that applies the plan could change the policy again.',
  },
  'plan-read-denied': {
    of: 'lack-of-expectation',
    means:
      'A request of a plan succeeds, but then the apply fails, because the provider is not allowed to read the result.',
  },
  'plan-read-unknown': {
    of: 'lack-of-expectation',
    means: 'A request of a plan succeeds, but it is not known whether the provider is then allowed to read the result.',
  },
  'plan-change-unplaced': {
    of: 'lack-of-expectation',
    means: 'The plan changes a policy or key, but only the apply shows which one.',
  },
  'plan-change-may-allow': {
    of: 'lack-of-expectation',
    means:
      'The known policies do not allow a request. A change may allow the request, but only the apply shows which policy or key changes.',
  },
  'plan-change-may-deny': {
    of: 'lack-of-expectation',
    means: 'The known policies allow a request, and a policy or key changes, but only the apply shows which one.',
  },
  'plan-change-may-make': {
    of: 'lack-of-expectation',
    means: 'No known key has the name in a request, and a key or alias changes, but only the apply shows which one.',
  },
  'plan-change-may-create': {
    of: 'lack-of-expectation',
    means:
      'No known database or snapshot has the name in an expectation, and a plan creates one, but only the apply shows its account, Region or name.',
  },
  'plan-same-name': {
    of: 'lack-of-expectation',
    means: 'Two requests of a plan create something with the same name, and RDS refuses the second one.',
  },
  'plan-order': {
    of: 'lack-of-expectation',
    means: 'A request of a plan fails before or during another change, and nothing puts that change first.',
  },
  'plan-order-after': {
    of: 'lack-of-expectation',
    means: 'A request of a plan fails after another change, and nothing puts that change after the request.',
  },
  'plan-order-gap': {
    of: 'lack-of-expectation',
    means:
      'A request of a plan can succeed only between the deletion of something and its creation, or during an update.',
  },
  'sources-unread': { of: 'lack-of-expectation', means: 'A list of databases or backups was not read.' },
  'keys-unread': {
    of: 'lack-of-expectation',
    means: 'The keys of a Region were not read, or only those that RDS resources use.',
  },
  'resource-id-unread': {
    of: 'lack-of-expectation',
    means: 'The resource ID of a source was not read, and the expectation names a source by its resource ID.',
  },
  'tags-unread': { of: 'lack-of-expectation', means: 'The tags that an expectation selects by were not read.' },
  'name-later': {
    of: 'lack-of-expectation',
    means: 'An expectation may mean a resource whose name, path or alias is known only after a plan is applied.',
  },
  'aliases-unread': {
    of: 'lack-of-expectation',
    means: 'The aliases of a key, by which keys are selected, were not read.',
  },
  'database-unknown': {
    of: 'lack-of-expectation',
    means: 'It is not known which database a snapshot or backup is of.',
  },
  'outside-account-unread': {
    of: 'lack-of-expectation',
    means: 'Another account could be let in, and its users and roles were not read.',
  },
  // Why a change of a plan is not taken into account, and notes on a change.
  'type-not-known': { of: 'not-overlaid', means: 'This release does not know the type of the resource.' },
  'thing-not-known': { of: 'not-overlaid', means: 'Neither the plan nor the evidence shows what the change is about.' },
  'list-missing': { of: 'not-overlaid', means: 'The evidence does not have the list that the change is about.' },
  'thing-unread': { of: 'not-overlaid', means: 'The change is about something that the evidence does not have.' },
  'policy-hidden': { of: 'plan-note', means: 'The text of a policy is known only after the plan is applied.' },
  'policy-taken': {
    of: 'plan-note',
    means: 'The policy of a data source is used as it is, because a plan does not show functions around it.',
  },
  'plan-key-used': {
    of: 'plan-note',
    means: 'A plan uses a key, or may use it, in a way that no list of the evidence shows.',
  },
  'region-taken': {
    of: 'plan-note',
    means:
      'The value of a variable is used as the Region of a provider, because a plan does not show functions around the variable.',
  },
  'policy-refused': { of: 'plan-note', means: 'AWS will refuse the text of a policy.' },
  'exclusive-attachment': {
    of: 'plan-note',
    means: 'The resource detaches a policy from every principal that it does not list.',
  },
  'evidence-differs': {
    of: 'plan-note',
    means: 'The policies of a key or role in the plan and in the evidence differ. The policies in the plan are used.',
  },
  'state-differs': {
    of: 'plan-note',
    means:
      'The policies of a key or role in the evidence and in a state that the plan has not read again differ. What differs is unknown.',
  },
  'key-by-alias': {
    of: 'plan-note',
    means: 'A database names its key by an alias, so the next plan replaces the database.',
  },
  'global-cluster-not-joined': {
    of: 'plan-note',
    means: 'The provider refuses to put an existing cluster into a global cluster, so the apply fails.',
  },
  'replica-source-kept': {
    of: 'plan-note',
    means: 'The provider refuses to give an existing database another source to replicate, so the apply fails.',
  },
  'key-not-sent': {
    of: 'plan-note',
    means: 'The restore of a DB instance names a key that is not sent, so the next plan replaces the database.',
  },
  'role-replaced': { of: 'plan-note', means: 'Policies that name the old role do not match the new one.' },
  'policies-unordered': {
    of: 'plan-note',
    means: 'Several changes decide the same policy in no order, so the result is unknown.',
  },
  'role-remade': {
    of: 'plan-note',
    means:
      'One resource deletes a role or user, and another resource creates a new one of the same name. Policies that name the old one do not match the new one.',
  },
  'applied-by-planner': { of: 'plan-note', means: 'The principal that made the plan is assumed to apply it.' },
  'principal-replaces-roles': {
    of: 'plan-note',
    means: 'The requests of providers that assume other roles are checked for the principal of --principal.',
  },
  'plan-errored': { of: 'plan-note', means: 'Planning ended with an error, so changes are missing.' },
  'plan-partial': { of: 'plan-note', means: 'The plan does not have all changes.' },
  'policy-usual': { of: 'plan-note', means: 'A new key gets the default policy if a local is null, as it seems.' },
  'plan-stale': {
    of: 'plan-note',
    means: 'Terraform refuses to apply the plan after an earlier one of the same stack.',
  },
  'plan-not-evaluated': { of: 'plan-note', means: 'The plan has parts that this program does not evaluate.' },
  // Effects of taking a key out of use.
  'stops-recoverably': { of: 'impact', means: 'The database stops, and can be started again within seven days.' },
  'stops-for-good': {
    of: 'impact',
    means: 'The database becomes inaccessible, and only a restore from a backup is left.',
  },
  'stops-and-recovery-unknown': {
    of: 'impact',
    means: 'The database becomes inaccessible, and it is not known whether it can be started again.',
  },
  'stops-with-its-cluster': { of: 'impact', means: 'The instance stops with its cluster.' },
  'cannot-be-started': { of: 'impact', means: 'The database is stopped, and cannot be started.' },
  'is-stopped-recoverably': {
    of: 'impact',
    means: 'RDS has stopped the database because of its key; the database can be started within seven days.',
  },
  'is-inaccessible-for-good': {
    of: 'impact',
    means: 'The database is inaccessible because of its key, and only a restore from a backup is left.',
  },
  'runs-until-detached': { of: 'impact', means: 'The instance runs until its volume is next detached.' },
  'loses-its-source': {
    of: 'impact',
    means: 'The replica has its own key, but loses the database that it replicates.',
  },
  'cannot-be-restored': { of: 'impact', means: 'The backup cannot be restored or copied.' },
  'replication-stops': { of: 'impact', means: 'Automated backups are no longer replicated to another Region.' },
  'replication-stops-and-cannot-be-restored': {
    of: 'impact',
    means: 'The replicated backup takes no new backups from the other Region, and cannot be restored.',
  },
  'takes-no-copies': { of: 'impact', means: 'The vault takes no more copies that are encrypted with the key.' },
  'export-fails': { of: 'impact', means: 'The export in progress fails.' },
  'files-unreadable': { of: 'impact', means: 'The files of an export cannot be read.' },
  'integration-fails': { of: 'impact', means: 'The zero-ETL integration stops replicating.' },
  'secret-unreadable': { of: 'impact', means: 'The managed master password cannot be read or rotated.' },
  'stream-unreadable': { of: 'impact', means: 'The activity stream can be neither written nor read.' },
  'metrics-unreadable': { of: 'impact', means: 'The data of Performance Insights can be neither written nor read.' },
  'keeps-its-grant': {
    of: 'impact',
    means: 'A running resource keeps its grant: a new key policy does not change grants.',
  },
  'needs-the-new-policy': { of: 'impact', means: 'Each new use of a backup depends on the new key policy.' },
  'policy-takes-operations': { of: 'impact', means: 'Somebody loses RDS operations because the key changes.' },
  'policy-may-take-operations': {
    of: 'impact',
    means: 'Somebody may lose RDS operations because the key changes.',
  },
  'policy-gives-operations': { of: 'impact', means: 'Somebody gains RDS operations because the key changes.' },
  'policy-may-give-operations': {
    of: 'impact',
    means: 'Somebody may gain RDS operations because the key changes.',
  },
  'policy-stops-grants': {
    of: 'impact',
    means: 'The new key policy denies the key to RDS itself, despite its grants.',
  },
  'policy-may-stop-grants': { of: 'impact', means: 'The new key policy may deny the key to RDS itself.' },
  'revokes-grant-of-rds': {
    of: 'impact',
    means: 'A grant of RDS itself is revoked, and a database may lose the key.',
  },
  'policy-admits-outsider': {
    of: 'impact',
    means: 'Another account can use the key because the key changes.',
  },
  'policy-may-admit-outsider': {
    of: 'impact',
    means: 'Another account may be able to use the key because the key changes.',
  },
  'policy-locks-out': { of: 'impact', means: 'Nobody can change the new key policy again.' },
  'policy-can-be-changed': {
    of: 'impact',
    means: 'Somebody can, may be able to, or can be given permission to change the new key policy again.',
  },
  'key-is-managed-by-aws': { of: 'impact', means: 'AWS manages the key: nobody can disable or delete it.' },
  'material-is-not-imported': { of: 'impact', means: 'The key has no imported material that could be deleted.' },
  'state-forbids-action': { of: 'impact', means: 'KMS refuses the action in the state of the key.' },
  'statement-points-elsewhere': {
    of: 'impact',
    means: 'A statement of a key policy names another account or service.',
  },
  'grant-points-elsewhere': { of: 'impact', means: 'A grant on the key is for another account or service.' },
  'grant-of-unknown-database': {
    of: 'impact',
    means: 'RDS holds a grant on the key for a database that was not found among those encrypted with the key.',
  },
  'alias-points-elsewhere': { of: 'impact', means: 'An alias of the key names another account or service.' },
  'tag-points-elsewhere': { of: 'impact', means: 'A tag of the key names another account or service.' },
  'dependents-unread': { of: 'impact', means: 'Lists that show what is encrypted with the key were not read.' },
  'dependent-account-unread': { of: 'impact', means: 'An account that may use the key was not read.' },
  'part-of-key-unread': { of: 'impact', means: 'A part of the key was not read.' },
  'key-of-resource-unknown': { of: 'impact', means: 'RDS does not say with which key a resource is encrypted.' },
  'snapshot-sharing-unread': { of: 'impact', means: 'The accounts that snapshots are shared with were not read.' },
  'key-unusable-already': { of: 'impact', means: 'The key cannot be used in its current state.' },
  'deletion-scheduled': { of: 'impact', means: 'The deletion of the key is scheduled.' },
  'material-expires': { of: 'impact', means: 'The imported key material will expire.' },
  'material-imported': { of: 'impact', means: 'The key material is imported, and can be deleted at once.' },
  'key-in-custom-store': { of: 'impact', means: 'The key is in a custom key store, which can be disconnected.' },
  'key-of-another-account': { of: 'impact', means: 'The key belongs to another account.' },
  'key-has-relatives': { of: 'impact', means: 'The key is a multi-Region key.' },
  'snapshots-shared': {
    of: 'impact',
    means: 'Snapshots that are encrypted with the key are shared with another account.',
  },
  'key-last-used': { of: 'impact', means: 'KMS says when the key was last used.' },
  'key-use-not-seen': { of: 'impact', means: 'KMS has seen no use of the key since KMS began to record uses.' },
  'already-inaccessible': {
    of: 'impact',
    means: 'Databases that are encrypted with the key are already inaccessible.',
  },
  'no-copy-elsewhere': { of: 'impact', means: 'No backup of a database was found under another key.' },
  // A note about an expectation.
  'plan-instance-assumed': {
    of: 'expectation-note',
    means:
      'A plan does not show which instance of a resource gives a value. The answer assumes the instance with the same index or key, and another instance would change it.',
  },
  'why-is-todo': { of: 'expectation-note', means: 'The expectation has no reason yet.' },
  'exception-unused': {
    of: 'expectation-note',
    means: 'An exception is not needed: everything that it covers holds anyway, or it covers nothing.',
  },
  'exception-ends-soon': { of: 'expectation-note', means: 'An exception ends within two weeks.' },
  'exception-ended': { of: 'expectation-note', means: 'An exception has ended and has no effect.' },
  'baseline-ended': { of: 'expectation-note', means: 'The baseline has ended and has no effect.' },
} as const satisfies Readonly<Record<string, { readonly of: Subject; readonly means: string }>>;

export type Code = keyof typeof codes;

/** The codes about one subject. */
export type CodeOf<S extends Subject> = {
  readonly [C in Code]: (typeof codes)[C]['of'] extends S ? C : never;
}[Code];
