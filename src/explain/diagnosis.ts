import { accountOf, parseArn, shortName } from '../base/arn.ts';
import { ageText, article, capital, list } from '../base/wording.ts';
import type { Reason } from '../check/judgment.ts';
import type { Decisive, Explanation, FixDoubt, IncidentComparison, KeyUse, MissingFlag } from '../diagnose/diagnose.ts';
import type { Cause, ErrorReading, NamedKey } from '../diagnose/error-text.ts';
import type { Finding } from '../diagnose/finding.ts';
import type { Incident } from '../diagnose/incident.ts';
import type { KnownReading } from '../diagnose/known-texts.ts';
import { assumptionText } from './assumptions.ts';
import { callText } from './calls.ts';
import { statementName } from './names.ts';
import { nearMissText } from './near-misses.ts';
import { preconditionName } from './precondition-names.ts';
import { reasonText } from './preconditions.ts';
import { verdictText } from './reasons.ts';

/* The words for the findings of `diagnose`. Sentences have no period at the end. */

/**
 * The answer in one line if the incident was checked. `operation`: the command that was checked.
 */
export function outcomeText(
  { error, call }: Incident,
  operation: string,
  { outcome }: Pick<IncidentComparison, 'outcome'>,
): string {
  const what = call === undefined ? operation : `${call.action} for ${operation}`;
  const code = error?.code;
  const failed = `${what} failed${code === undefined ? '' : ` with ${code}`}`;
  const happened = error === undefined ? `${what} succeeded` : failed;
  switch (outcome.code) {
    case 'outcome-as-predicted':
      if (error === undefined) return `${happened} as predicted`;
      return `${what} failed as predicted${code === undefined ? '' : `: ${code}`}`;
    case 'failed-for-another-reason':
      return `${failed}. The check finds a different reason`;
    case 'failed-with-another-code':
      return `${failed}, but the check expects ${outcome.predicted}`;
    case 'outcome-differs':
      return `${happened}, but the check predicts ${outcome.predicted === 'fails' ? 'a failure' : 'success'}`;
    case 'outcome-was-open':
      return `${happened}. The check cannot decide whether ${what} succeeds`;
    case 'outcome-not-checked':
      return error?.explains === true
        ? `${happened}. The error text says why`
        : `${happened}. The check does not cover this error`;
  }
}

/**
 * The answer in one line if the incident could not be checked. `missing`: the flags that a check
 * needs.
 */
export function uncheckedText({ error, api, call }: Incident, missing: readonly MissingFlag[]): string {
  const what = error?.code ?? api ?? call?.action;
  const head = what === undefined ? '' : `${what}: `;
  if (error?.explains === true && error.outside !== undefined)
    return `${head}the error text says what is wrong. This program does not check ${error.outside}`;
  if (error?.explains === true)
    return `${head}${missing.length === 0 ? 'the error text says what is wrong' : `the error text says what is wrong. To check the rest, add ${list(missing.map(({ flag }) => flag))}`}`;
  return missing.length === 0
    ? `${head}this program does not check ${api ?? error?.outside ?? 'the operation'}`
    : `${what ?? 'the error'} was not checked yet: add ${list(missing.map(({ flag }) => flag))}`;
}

/** The answer in one line if the evidence does not contain what the incident names. */
export function findingAnswer(incident: Incident, operation: string, finding: Finding): string {
  return `${happenedText(incident, operation)}: ${findingText(finding)}`;
}

/** The answer in one line if the evidence does not contain a key, and AWS names another key. */
export function otherKeyAnswer(incident: Incident, operation: string, use: KeyUse): string {
  return `${happenedText(incident, operation)}: ${explanationText(use)}`;
}

function happenedText({ error, api, call }: Incident, operation: string): string {
  const what = operation === '' ? (api ?? call?.action ?? 'the operation') : operation;
  const code = error?.code === undefined ? '' : ` with ${error.code}`;
  return `${what} ${error === undefined ? 'succeeded' : `failed${code}`}`;
}

/** What the incident names and the evidence does not contain. */
export function findingText(finding: Finding): string {
  return finding.code === 'named-key-is-none'
    ? `there is no KMS key ${JSON.stringify(finding.name)}: this is the text of a variable that is not set. Set KmsKeyId to a key, or leave KmsKeyId out`
    : finding.says;
}

/** What the reader can do about a finding. */
export function findingAdvice(finding: Finding, { role }: Incident): readonly string[] {
  if (finding.code === 'named-key-is-none') return [];
  const { is, isCertain } = finding.thing;
  const since = 'If it was deleted after the event, use an evidence file from before the deletion (--evidence)';
  switch (is) {
    case 'key':
      return [
        isCertain
          ? 'the record or text names this key, but no such key or alias was read. Check the name, Region and account in KmsKeyId. `collect` reads unused keys only with --all-keys'
          : 'not all keys there were read, so it is not known whether the key exists. `collect` reads unused keys only with --all-keys',
      ];
    // IAM has no Regions.
    case 'principal':
      return [
        ...(role === undefined ? [] : [`the role of the session is ${role}`]),
        `the record names this principal, which was not read. Check its name and account. ${since}`,
      ];
    case 'source':
    case 'list':
      return [`the record names this source, which was not read. Check its Region and account. ${since}`];
  }
}

/** Why a flag is needed. */
export function missingText({ because }: MissingFlag): string {
  switch (because.code) {
    case 'operation-ambiguous':
      return `one of ${list(because.commands, 'or')}: each needs ${because.action}`;
    case 'operation-not-told':
      return `the operation ${because.is === 'RDS event' ? 'to check' : 'that failed'} (\`aurora-kms-check operations\` lists all)`;
    case 'principal-not-told':
      return `the ${because.is === 'error text' ? 'text' : 'record'} does not name the principal`;
    case 'source-not-told':
      return `the input does not name the source of ${because.api}`;
    case 'parameter-not-told':
      return `${because.api} requires this parameter`;
  }
}

const knownMeanings: Readonly<Record<KnownReading['code'], string>> = {
  'copy-needs-key-in-region': 'a cross-Region copy needs a key in the destination Region: add --kms-key-id',
  'default-key-cannot-be-shared':
    'a snapshot under the AWS managed key aws/rds cannot be shared: copy it under a customer managed key first',
  'instance-is-cluster-member': 'the instance belongs to an Aurora cluster: take a snapshot of the cluster',
  'cluster-still-has-instances': 'the cluster still has instances: delete them first',
  'cloudformation-needs-key':
    'CloudFormation refuses this: to encrypt a restore of an unencrypted snapshot, name a key',
  'cloudformation-cannot-decrypt': 'CloudFormation refuses this: a restore cannot turn encryption off',
  'service-linked-role-not-created':
    'RDS creates its service-linked role when an account first uses RDS. The principal needs iam:CreateServiceLinkedRole for that',
  'export-key-check-failed':
    "the export started, but the export key cannot be used. Either the key is not enabled, or its policy denies export.rds.amazonaws.com or the principal's grant",
  'export-cannot-write-metadata':
    'the export role cannot write to the bucket with the export key. The error code in the text shows whether S3 or KMS refused, or whether the key is disabled',
  'export-role-lacks-bucket-access': 'the export role lacks permissions on the bucket',
  'export-bucket-not-usable': 'the bucket must exist in the Region of the snapshot',
  'rds-cannot-use-key':
    'RDS cannot use the key through its own grant, usually because the key is not enabled. The database stops. Within seven days, enable the key and start the database. Later, enable the key and restore the database to a point in time',
  'presigned-url-refused':
    "the PreSignedUrl of the request is not valid in the source's Region. Set SourceRegion, and the AWS SDK signs the URL with the credentials of the call. No key policy caused this error",
  'presigned-url-missing':
    'the client sent no SourceRegion and no PreSignedUrl for an encrypted source in another Region. Set the source Region (source_region in Terraform), or use a newer SDK or provider. No policy caused this error',
  'option-group-needed':
    'the snapshot has options that need an option group. Create an option group with these options at the destination, and set OptionGroupName',
  'reserved-tag-keys':
    'the request sends tags whose keys begin with aws:. Only AWS can set such tags: remove them from Tags',
  'name-cannot-be-shared':
    'a snapshot whose name begins with rds: or awsbackup: cannot be shared. Copy the snapshot under your own name, and share the copy',
  'replication-needs-key':
    'replicated backups of an encrypted instance need a key in the destination Region: set KmsKeyId',
  'replica-needs-key':
    'a replica of an encrypted DB instance in another Region needs a key in that Region: set KmsKeyId (kms_key_id in Terraform)',
  'replica-takes-no-key':
    'a replica in the Region of its source has the key of the source: leave out KmsKeyId (kms_key_id in Terraform)',
  'member-takes-no-key':
    'a DB instance of a cluster has the key of the cluster: leave out KmsKeyId, and set it for the cluster',
  'export-tasks-are-used-up':
    'as many exports are in progress as the account may have in the Region: wait until one of them ends (describe-export-tasks)',
  'automated-snapshot-is-fixed': 'automated snapshots cannot be shared: copy the snapshot first, and share the copy',
  'automated-snapshot-is-kept':
    'RDS deletes automated snapshots itself, when their retention period is over or when their database is deleted',
  'insights-key-is-fixed':
    'the Performance Insights key never changes. A request that leaves out a customer managed key asks for aws/rds: repeat the key (PerformanceInsightsKMSKeyId) in every modification',
  'key-without-encryption':
    'a request that names a key for the storage must also ask for encryption: set StorageEncrypted to true',
  'insights-key-without-insights':
    'a request that names the Performance Insights key must also turn on Performance Insights: set EnablePerformanceInsights',
  'secret-key-without-management': 'a request that names the key of the secret must also set ManageMasterUserPassword',
  'cluster-is-in-global-cluster':
    'the cluster belongs to a global database: remove the cluster from there first (RemoveFromGlobalCluster)',
  'accounts-in-no-common-organization':
    'AWS Backup copies only between accounts of one organization. Cross-account backup must be turned on in the management account',
  'monitoring-role-not-usable':
    'RDS cannot use the role for Enhanced Monitoring. Check that the role exists, that it trusts monitoring.rds.amazonaws.com, and that AmazonRDSEnhancedMonitoringRole is attached to it',
  'export-role-not-trusted':
    'the export role does not trust export.rds.amazonaws.com. Allow this service sts:AssumeRole in the trust policy, and check that the role exists',
  'kms-access-not-allowed':
    'a service such as Secrets Manager may not use the KMS key for the principal. The principal needs permission to use the key through that service',
  'kms-key-not-found': 'the KMS key or alias does not exist: check its name, Region and account',
  'kms-key-is-disabled': 'the KMS key is disabled: enable it (kms:EnableKey), then try again',
  'kms-key-awaits-deletion':
    'the KMS key is pending deletion: cancel the deletion (kms:CancelKeyDeletion), then enable the key (kms:EnableKey)',
  'kms-key-awaits-material':
    'the KMS key has no key material: import the material again (kms:ImportKeyMaterial). No policy caused this error',
  'kms-key-is-unavailable':
    'the KMS key is unavailable: connect its custom key store again. No policy caused this error',
  'kms-key-state-refuses':
    'the state of the KMS key does not allow the call: see KeyState in `aws kms describe-key`. No policy caused this error',
  'kms-grants-are-used-up':
    'the KMS key has as many grants as it may have: revoke grants that nothing uses, or name another key',
  'database-lost-key':
    'RDS cannot use the KMS key of the database. The state inaccessible-encryption-credentials is final: enable the key, then restore the database from a backup',
  'database-may-regain-key':
    'RDS cannot use the KMS key of the database, which RDS has stopped. Within seven days, enable the key and start the database',
  'vault-refuses-copy':
    'the destination vault usually lacks a policy that allows the source account backup:CopyIntoBackupVault: check its access policy (`aws backup get-backup-vault-access-policy`)',
  'vault-is-under-default-key':
    'the destination vault is under alias/aws/backup, and AWS Backup copies this backup only to a vault under another key: copy to a vault under a customer managed key',
  'backup-key-not-usable':
    'AWS Backup cannot use a KMS key of the job: the key is not enabled, or the role of the job is not allowed to use it',
  'backup-role-not-trusted':
    'the role of the job does not trust backup.amazonaws.com. Allow this service sts:AssumeRole in the trust policy, and check that the role exists',
  'cross-account-backup-is-off':
    'copies to other accounts are not turned on: the management account of the organization turns them on in the settings of AWS Backup',
  'backup-copy-not-supported':
    'AWS Backup does not copy this kind of backup there. If the copy is for another account and another Region, copy it to one of them first, then copy the copy',
  'export-failed-in-rds':
    'RDS names no cause, and says that the error is in RDS. Export again. If the error stays, ask AWS Support',
  'key-policy-names-nobody':
    'the key policy names a user or role that does not exist, so KMS refuses the policy. Check the names, and create service-linked roles such as AWSServiceRoleForBackup first',
  'key-policy-locks-sender-out':
    'KMS refuses a key policy that does not let its sender change the policy later. Allow the sender kms:PutKeyPolicy in the key policy. If the key policy delegates to the account, an identity policy of the sender must allow it',
  'presigned-url-not-needed':
    'the source is in the Region of the request: leave out SourceRegion and PreSignedUrl. No policy caused this error',
  'replica-takes-no-password':
    'a cluster that replicates from another Region takes the password of its source: leave out MasterUserPassword. No policy caused this error',
  'serverless-manages-no-password':
    'Aurora Serverless v1 cannot keep the master password in Secrets Manager: leave out ManageMasterUserPassword. No policy caused this error',
  'source-manages-password':
    'this engine allows no read replica of an instance whose master password is in Secrets Manager: set a password of your own for the source first',
  'proxy-cannot-read-secret':
    'the role of the proxy may not read the secret: allow the role secretsmanager:GetSecretValue on the secret. If the secret is under a customer managed key, also allow kms:Decrypt on that key',
  'ebs-key-not-usable': 'this error is about a key or snapshot of Amazon EBS, not about a database',
  'redshift-takes-no-new-key': 'this error is about a snapshot of Amazon Redshift: leave out KmsKeyId',
};

/** What AWS means with an error text, and what to do about it. */
export function readingText(reading: ErrorReading): string {
  switch (reading.code) {
    case 'key-name-unset':
      return `there is no key ${JSON.stringify(reading.name)}: a variable of the script or template that sends KmsKeyId is not set. Set KmsKeyId to a key, or leave KmsKeyId out`;
    case 'authorization-details-kept':
      return `AWS keeps the details of its decision: call GetRequestAuthorizationDetails with authorization ID ${reading.id}, or open the link in the text`;
    case 'kms-event-tells-more':
      return 'to see the whole denial, run `diagnose` for the KMS event of the same time. In CloudTrail, look for eventSource kms.amazonaws.com, errorCode AccessDenied, invokedBy RDS or AWS Internal';
    case 'error-code-is-generic':
      return `many errors share the code ${reading.error}, and this program does not know this text: read the text for the cause`;
    case 'error-shows-no-key':
      return `AWS shows [${reading.shown}] in place of a key. RDS does so if the request names no key and the principal may not use a default key: aws/rds, or aws/secretsmanager for a managed password. If a script sends KmsKeyId, check that its variable is set`;
    case 'error-names-key':
      return `AWS means ${keyText(reading)}`;
    case 'kms-refusal-unspecified':
      return 'RDS shows this error for everything that KMS refuses. Either the key does not exist in the Region, the key is not enabled, or the principal is not allowed to call kms:DescribeKey or kms:CreateGrant through RDS';
    case 'denied-by-unnamed-policy':
      return `AWS denies ${deniedText(reading)}${reading.denial === undefined ? '' : ' by a Deny'}, but does not say which policy decided`;
    case 'denied-by-named-policy': {
      const { policy, denial, name } = reading;
      const decided =
        denial === 'explicit'
          ? `a Deny in ${article(policy)}${inBrackets(name)} decided`
          : `no ${policy} allows the call`;
      return `AWS denies ${deniedText(reading)}: ${decided}`;
    }
    case 'key-policy-named-without-proof':
      return 'for KMS, the named kind of policy proves nothing: the missing Allow can also be one in an identity policy';
    case 'one-policy-kind-named':
      return 'AWS names only one kind of policy, even if several deny';
    case 'denial-is-encoded':
      return 'the message is encoded. To see which policy decided, run `aws sts decode-authorization-message --encoded-message ...` (needs sts:DecodeAuthorizationMessage)';
    default:
      return `${knownMeanings[reading.code]}${reading.about === undefined ? '' : ` (${shortName(reading.about)})`}`;
  }
}

function inBrackets(name: string | undefined): string {
  return name === undefined ? '' : ` (${name})`;
}

function deniedText({ action, resource }: { readonly action: string; readonly resource?: string }): string {
  return `${action}${resource === undefined ? '' : ` on ${shortName(resource)}`}`;
}

const keys: Readonly<Record<NamedKey['which'], string>> = {
  'source snapshot': 'the key of the snapshot',
  target: 'the key for the new resource',
  specified: 'the key that the request names, or else the key of the source',
};

function keyText({ which, name }: NamedKey): string {
  return `${keys[which]}${name === undefined ? ', but does not name it' : `, ${shortName(name) || '""'}`}`;
}

/** A possible cause of an error. */
export function causeText(cause: Cause): string {
  if (cause.code === 'preconditions-unmet')
    return `${cause.preconditions.length === 1 ? 'a precondition' : 'one of these preconditions'} is not met: ${list(cause.preconditions.map(preconditionName))}`;
  const actions = cause.actions === undefined ? undefined : list(cause.actions, 'or');
  switch (cause.kind) {
    case 'caller':
      return `the principal is not allowed to call ${actions ?? 'the action'}`;
    case 'forwarded':
      return `the principal is not allowed to call ${actions ?? 'KMS'} through RDS`;
    case 'service':
      return "the key policy denies RDS's own use of the key";
    case 'role':
      return `the role is not allowed to call ${actions ?? 'the actions that the service needs'}`;
  }
}

/** A call or precondition that decides, and why. */
export function decisiveText(decisive: Decisive): string {
  if (decisive.code === 'precondition-decides') {
    const { row, reason } = decisive.precondition;
    return `${preconditionName(row.code)}: ${reasonText(reason)}`;
  }
  const { call } = decisive.call;
  const why = `${callText(decisive.call)}${nearMissText([decisive.call])}`;
  return `${call.row.action} on ${shortName(call.resource)}: ${why}`;
}

type Explained<Code extends Explanation['code']> = Extract<Explanation, { readonly code: Code }>;

/** Why every fix is in doubt, without a period. */
export function fixDoubtText({ code }: FixDoubt): string {
  return fixDoubts[code];
}

const fixDoubts: Readonly<Record<FixDoubt['code'], string>> = {
  'reported-denial-not-read':
    'no policy that was read causes the denial that AWS reports, so the fix may not be enough',
};

/** Why AWS and the check may differ, by code. */
const explanations: { readonly [Code in Explanation['code']]: (explanation: Explained<Code>) => string } = {
  'invoked-by-service': ({ service, forwards }) =>
    forwards
      ? `${service} made the request for the principal, so aws:ViaAWSService is true`
      : `${service} made the request. The event does not show whether it acted for the principal or as a role that it had assumed${service.includes('.') ? `. If it acted for the principal, add --context aws:CalledVia=${service}` : ''}`,
  'request-parameters-absent': () => 'the event has no request parameters',
  'request-values-hidden': ({ names }) =>
    `the event hides ${list(names)}, and the check was made without them: add the flags of these parameters`,
  'principal-arn-absent': () => 'the event has no ARN of the principal',
  'caller-is-service': ({ service }) => `the service ${service ?? 'itself'} made the call, not a principal`,
  'caller-account-only': ({ account }) => `the event names only the account of the principal (${account ?? 'unknown'})`,
  'caller-not-in-iam': ({ type }) =>
    `the event names no IAM principal (the type of its userIdentity is ${type ?? 'missing'})`,
  'event-subject': ({ arn }) => `the event is about ${arn}`,
  'export-starter-unknown': () => 'an export task does not show who started it',
  'vault-key-not-told': ({ account, region }) =>
    `the job does not name the key of the vault in ${region} (account ${account}): add --kms-key-id with that key`,
  'request-key-not-told': () =>
    'the record or text does not show whether the request named a key. If it did, add --kms-key-id',
  'aws-names-another-key': ({ named, expected }) =>
    `AWS names key ${named}, but the data that was read shows ${expected ?? 'no KMS key'}`,
  'another-code-expected': ({ expected, reason }) =>
    `from the data that was read, the check expects ${expected}. ${capital(firstText(reason))}`,
  'refused-before-start': ({ actions }) =>
    `AWS started the operation. From the data that was read, AWS denies ${list(actions)} before the start`,
  'another-policy-decides': ({ named, found }) =>
    `AWS says that ${article(named)} decided. In the data that was read, the ${list(found)} ${found.length === 1 ? 'decides' : 'decide'}`,
  'named-policy-not-held': ({ named, denial, action, name }) =>
    `AWS says that ${denial === 'explicit' ? `a Deny in ${article(named)}${inBrackets(name)} decided` : `no ${named} allows ${action}`}, but nothing that was read does so. Read the ${named} first: a change of another policy does not lift this denial`,
  'fails-apart-from-error': () => 'apart from this error, the check finds that the operation fails',
  'another-denial-decides': ({ named, action }) =>
    named === 'explicit'
      ? `AWS says that a Deny decided, but no Deny that was read applies to ${action}. Find that Deny first: an Allow does not lift it`
      : `AWS says that no policy allows ${action}, so no Deny applied to the request. The Deny that was read may be newer, or the request had other names, tags or values of condition keys`,
  'identity-policy-allows': ({ action, statements }) =>
    `AWS says that no identity policy allows ${action}, but ${list(statements.map(statementName))} allows this action. The policy may have changed since. A session policy may limit the session. The request may have had other names, tags or values of condition keys`,
  'named-policy-does-not-deny': ({ named }) =>
    `AWS says that ${article(named)} decided, but none that was read denies the call. The policy may have changed, or was not read`,
  'verdict-rests-on-assumption': ({ assumption }) => `assumed: ${assumptionText(assumption)}`,
  'fact-not-read': ({ gap: { what, resource, reason } }) =>
    `not read: ${what}${resource === undefined ? '' : ` on ${shortName(resource)}`} (${reason})`,
  'principal-is-another': ({ principal, before, now }) =>
    `${shortName(principal)} is not the principal of the event: its ID is ${now}, and the event has ${before}. It was deleted and created again, and may have other policies now`,
  'snapshot-is-another': ({ snapshot, madeAt }) =>
    `snapshot ${snapshot} was created at ${madeAt}, after the event: the event is about an older snapshot of this name`,
  'evidence-of-another-time': ({ hours }) =>
    hours >= 0
      ? `the account was read ${ageText(hours)} after the event: changes in between are part of the check`
      : `the account was read ${ageText(-hours)} before the event: changes in between are not known`,
  'session-facts-not-recorded': () =>
    'records do not show session policies and session tags: if there were any, add --session-policy or --session-tag',
  'later-work-can-fail': ({ reason }) =>
    `AWS accepted the request, but its later work can still fail. ${capital(firstText(reason))}`,
  'changes-take-effect-late': () =>
    'recent changes to policies and grants can take a few minutes to take effect everywhere',
  'answer-settles-what-is-open': ({ outcome }) =>
    `AWS ${outcome === 'succeeded' ? 'accepted' : 'refused'} the request, and this answers the question that the check leaves open`,
  'something-else-is-open': () => 'AWS refused a call that the check allows. The check cannot decide another call',
  'action-not-checked': ({ action, api }) => `the check of ${api} does not include ${action} for this request`,
  'key-use-checked': ({ api, actions, key, use }) => {
    const answer = {
      allowed: 'the calls are allowed',
      denied: 'the calls are denied',
      open: 'the check cannot decide whether these calls are allowed',
    };
    return `for ${api}, RDS also calls ${list([...new Set(actions)])} on ${shortName(key)} as the principal: ${answer[use]}`;
  },
  'source-has-option-group': ({ group }) => `the snapshot has option group ${group}`,
  'source-was-found': ({ source }) =>
    `${shortName(source)} was found in ${parseArn(source)?.region} of account ${accountOf(source)}: it may be newer than the request, or the request went to another Region or account`,
  'text-explains-itself': () => 'the error text says what is wrong. The check does not cover this cause',
  'infrastructure-not-checked': () =>
    'the check does not cover capacity, rate limits, credentials, networks, parameter groups and failures within AWS',
};

/** Why AWS and the check may differ, or what the check could not include. */
export function explanationText<Code extends Explanation['code']>(explanation: Explained<Code>): string {
  return explanations[explanation.code](explanation);
}

function firstText(reason: Reason | undefined): string {
  return reason === undefined ? '' : verdictText(reason);
}
