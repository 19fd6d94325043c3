import { shortName } from '../base/arn.ts';
import { ageText, article, list } from '../base/wording.ts';
import type { Reason } from '../check/judgement.ts';
import type { Decisive, Explanation, IncidentComparison, MissingFlag } from '../diagnose/diagnose.ts';
import type { Cause, ErrorReading, NamedKey } from '../diagnose/error-text.ts';
import type { Finding } from '../diagnose/finding.ts';
import type { Incident } from '../diagnose/incident.ts';
import type { KnownReading } from '../diagnose/known-texts.ts';
import { assumptionText } from './assumptions.ts';
import { callText } from './calls.ts';
import { statementName } from './names.ts';
import { nearMissText } from './near-misses.ts';
import { preconditionName, reasonText } from './preconditions.ts';
import { verdictText } from './reasons.ts';

/* The words for what `diagnose` finds. Sentences stand without full stop. */

/**
 * The answer in one line, where the incident was checked. `operation`: the command that was
 * checked.
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
      return `${failed}, and the check finds another reason for it`;
    case 'failed-with-another-code':
      return `${failed}, predicted was ${outcome.predicted}`;
    case 'outcome-differs':
      return `${happened}, and by the check it ${outcome.predicted}`;
    case 'outcome-was-open':
      return `${happened}, and the check leaves open whether it does`;
    case 'outcome-not-checked':
      return error?.explains === true
        ? `${happened}, and the text says why`
        : `${happened}, which is about nothing that is checked here`;
  }
}

/**
 * The answer in one line, where the incident could not be checked. `missing`: what a check needs.
 */
export function uncheckedText({ error, api, call }: Incident, missing: readonly MissingFlag[]): string {
  const what = error?.code ?? api ?? call?.action;
  const head = what === undefined ? '' : `${what}: `;
  if (error?.explains === true)
    return `${head}${missing.length === 0 ? 'the text says what is wrong' : `the text says what is wrong; to check the rest, add ${list(missing.map(({ flag }) => flag))}`}`;
  return missing.length === 0
    ? `${head}${api ?? 'the operation'} is none of the operations that are checked`
    : `${head}no check yet, add ${list(missing.map(({ flag }) => flag))}`;
}

/** The answer in one line, where the evidence does not hold what the incident names. */
export function findingAnswer({ error, api, call }: Incident, operation: string, finding: Finding): string {
  const what = operation === '' ? (api ?? call?.action ?? 'the operation') : operation;
  const code = error?.code === undefined ? '' : ` with ${error.code}`;
  return `${what} ${error === undefined ? 'succeeded' : `failed${code}`}: ${findingText(finding)}`;
}

/** What was named and is not there. */
export function findingText(finding: Finding): string {
  return finding.code === 'named-key-is-none'
    ? `there is no KMS key ${JSON.stringify(finding.name)}, which is the text of a variable that is not set; give KmsKeyId a key, or leave it out`
    : finding.says;
}

/** What a finding leaves to the reader. */
export function findingAdvice(finding: Finding): readonly string[] {
  if (finding.code === 'named-key-is-none') return [];
  const { is, isCertain } = finding.thing;
  const since =
    'it may have been deleted since, lie in another Region or account, or not have been read; `collect` writes newer evidence';
  switch (is) {
    case 'key':
      return [
        isCertain
          ? 'AWS names this key, and no such key or alias was read: check the name that the request sends in KmsKeyId, its Region and its account (`collect` without --all-keys reads keys in use only)'
          : 'no list of keys was read there, so that it is not known whether there is such a key',
      ];
    case 'principal':
      return [`the record names this principal, which was not read: ${since}`];
    case 'source':
    case 'list':
      return [`the record names this source, which was not read: ${since}`];
  }
}

/** Why a flag is needed. */
export function missingText({ because }: MissingFlag): string {
  switch (because.code) {
    case 'operation-ambiguous':
      return `of ${list(because.commands)}, all of which make RDS call ${because.action}, the one that failed`;
    case 'operation-not-told':
      return `the operation that ${because.is === 'RDS event' ? 'is to be tried' : 'failed'}; \`aurora-kms-check operations\` lists them`;
    case 'principal-not-told':
      return because.is === 'error text' ? 'the text does not say who asked' : 'the record does not tell the principal';
    case 'source-not-told':
      return `what ${because.api} read is not told`;
    case 'parameter-not-told':
      return `${because.api} requires it`;
  }
}

const knownMeanings: Readonly<Record<KnownReading['code'], string>> = {
  'copy-needs-key-in-region':
    'a copy from another Region needs a key of the Region that it goes to: name one with --kms-key-id',
  'default-key-cannot-be-shared':
    'a snapshot under the AWS managed key aws/rds cannot be shared: copy it under a customer key first',
  'instance-is-cluster-member':
    'the instance belongs to an Aurora cluster, and it is the cluster that a snapshot is taken of',
  'cluster-still-has-instances': 'the instances of the cluster have to be deleted first',
  'cloudformation-needs-key':
    'CloudFormation itself refuses it: an unencrypted snapshot is restored encrypted only where a key is named',
  'cloudformation-cannot-decrypt': 'CloudFormation itself refuses it: a restore cannot turn encryption off',
  'service-linked-role-not-created':
    'the first time RDS is used in an account, its service-linked role is made, and that takes iam:CreateServiceLinkedRole',
  'export-key-check-failed':
    "the export has started, and the export key cannot be used: it is not enabled, or its policy denies the service export.rds.amazonaws.com or the principal's grant",
  'export-cannot-write-metadata':
    'the export role cannot write to the bucket under the export key: the error code in the text tells whether S3 or KMS refused, or the key is not enabled',
  'export-role-lacks-bucket-access': 'the export role is not allowed what the export does with the bucket',
  'export-bucket-not-usable': 'the bucket has to exist, and to be in the Region of the snapshot',
  'rds-cannot-use-key':
    'RDS cannot use the key by its own grant, mostly because the key is not enabled: the database stops, and for seven days enabling the key and starting the database brings it back; after that it is restored to a point in time, for which the key has to be enabled too',
  'presigned-url-refused':
    "the PreSignedUrl of the request is not valid in the source's Region: let the AWS SDK make it from SourceRegion, with the credentials that make the call; no key policy decided this",
  'presigned-url-missing':
    'the client sent neither SourceRegion nor PreSignedUrl for an encrypted source in another Region: set the source Region (source_region in Terraform), or take a newer SDK or provider; no policy decided this',
  'option-group-needed':
    'the snapshot has options that need an option group where the copy or the new database will be: make an option group with these options there, and name it in OptionGroupName',
  'reserved-tag-keys':
    'the request sends tags whose keys begin with aws:, which only AWS may set: leave these tags out of Tags',
  'name-cannot-be-shared':
    'a snapshot whose name begins with rds: or awsbackup: cannot be shared: copy it under a name of your own first, and share the copy',
  'replication-needs-key':
    'automated backups of an encrypted instance are replicated under a key of the destination Region: name one in KmsKeyId',
  'automated-snapshot-is-fixed': 'automated snapshots cannot be shared: copy the snapshot first, and share the copy',
  'cluster-is-in-global-cluster':
    'the cluster belongs to a global database: remove it from there first (RemoveFromGlobalCluster)',
  'accounts-in-no-common-organization':
    'AWS Backup copies between accounts of one organization only, with cross-account backup switched on in its management account',
  'export-role-not-trusted':
    'the export role does not trust export.rds.amazonaws.com: let its trust policy allow that service sts:AssumeRole, and check that the role exists',
  'kms-access-not-allowed':
    'a service that RDS calls for the principal may not use the KMS key: the principal needs the rights on the key through that service',
  'kms-key-not-found': 'there is no such KMS key or alias: check its name, Region and account',
  'kms-key-is-disabled': 'the KMS key is disabled: enable it (kms:EnableKey), then try again',
  'kms-key-awaits-deletion':
    'the KMS key waits for its deletion: cancel that (kms:CancelKeyDeletion), then enable the key (kms:EnableKey)',
};

/** What an error text of AWS says, and what to do with it. */
export function readingText(reading: ErrorReading): string {
  switch (reading.code) {
    case 'key-name-unset':
      return `no key is called ${JSON.stringify(reading.name)}: a variable of the script or template that sends KmsKeyId is not set. Give KmsKeyId a key, or leave the parameter out`;
    case 'authorization-details-kept':
      return `AWS keeps what it evaluated: call GetRequestAuthorizationDetails with the authorization id ${reading.id}, or open the link in the text`;
    case 'kms-event-tells-more':
      return 'CloudTrail holds the whole denial in the event of KMS of the same time (eventSource kms.amazonaws.com, errorCode AccessDenied, invokedBy RDS or AWS Internal): give that event to `diagnose` too';
    case 'error-code-is-generic':
      return `${reading.error} is the code of many errors, and this text is none of those that are known here: only the text tells the cause`;
    case 'error-names-key':
      return `AWS means ${keyText(reading)}`;
    case 'kms-refusal-unspecified':
      return 'RDS shows this error whatever KMS refuses: there is no such key in the Region, it is not enabled, or the principal may not call kms:DescribeKey or kms:CreateGrant on it through RDS';
    case 'denied-by-unnamed-policy':
      return `AWS denies ${deniedText(reading)} and does not say which policy decided`;
    case 'denied-by-named-policy': {
      const { policy, denial, name } = reading;
      const which = name === undefined ? '' : ` (${name})`;
      const decided = denial === 'explicit' ? `a Deny in ${article(policy)}${which} decided` : `no ${policy} allows it`;
      return `AWS denies ${deniedText(reading)}: ${decided}`;
    }
    case 'key-policy-named-without-proof':
      return 'for KMS the named kind is no proof: an identity policy can be what is missing';
    case 'one-policy-kind-named':
      return 'AWS names one kind of policy only, even if several deny';
    case 'denial-is-encoded':
      return 'the message is encoded, and whoever may call sts:DecodeAuthorizationMessage can read it: `aws sts decode-authorization-message --encoded-message ...`; it names the policy that decided';
    default:
      return `${knownMeanings[reading.code]}${reading.about === undefined ? '' : ` (${shortName(reading.about)})`}`;
  }
}

function deniedText({ action, resource }: { readonly action: string; readonly resource?: string }): string {
  return `${action}${resource === undefined ? '' : ` on ${shortName(resource)}`}`;
}

const keys: Readonly<Record<NamedKey['which'], string>> = {
  'source snapshot': 'the key that the snapshot is encrypted with',
  target: 'the key for what is made',
  specified: 'the key that the request names, or else the key of what is read',
};

function keyText({ which, name }: NamedKey): string {
  return `${keys[which]}${name === undefined ? ' and does not say which one that is' : `, ${shortName(name) || '""'}`}`;
}

/** What can be behind an error. */
export function causeText(cause: Cause): string {
  if (cause.code === 'preconditions-unmet')
    return `${cause.preconditions.length === 1 ? 'a precondition' : 'one of these preconditions'} is not met: ${list(cause.preconditions.map(preconditionName))}`;
  const actions = cause.actions === undefined ? undefined : list(cause.actions);
  switch (cause.kind) {
    case 'caller':
      return `the principal is not allowed ${actions ?? 'the action'}`;
    case 'forwarded':
      return `what RDS calls with the principal's identity is denied: ${actions ?? ''}`;
    case 'service':
      return 'the key policy denies what RDS does with the key by its own grant';
    case 'role':
      return `the role is not allowed ${actions ?? 'what the service does with it'}`;
  }
}

/** A call or precondition that decides, and why. */
export function decisiveText(decisive: Decisive): string {
  if (decisive.code === 'precondition-decides') {
    const { row, reason } = decisive.precondition;
    return `${preconditionName(row.code)}: ${reasonText(reason)}`;
  }
  const { call, nearMisses } = decisive.call;
  const why = `${callText(decisive.call)}${nearMissText(nearMisses)}`;
  return `${call.row.action} on ${shortName(call.resource)}: ${why}`;
}

type Explained<Code extends Explanation['code']> = Extract<Explanation, { readonly code: Code }>;

/** Why AWS and the check may not say the same, by its code. */
const explanations: { readonly [Code in Explanation['code']]: (explanation: Explained<Code>) => string } = {
  'invoked-by-service': ({ service }) =>
    `the request came through ${service} and is checked as one of the principal's own: a condition on aws:ViaAWSService or aws:CalledVia could decide otherwise`,
  'request-parameters-absent': () => 'the event holds no parameters of the request',
  'principal-arn-absent': () => 'the event holds no ARN of the principal',
  'caller-is-service': ({ service }) => `the service ${service ?? 'itself'} made the call, not a principal`,
  'caller-account-only': ({ account }) => `of the principal the event tells only the account, ${account ?? 'unnamed'}`,
  'caller-not-in-iam': ({ type }) =>
    `the event tells no principal of IAM (its userIdentity is ${type ?? 'without type'})`,
  'event-subject': ({ arn }) => `the event is about ${arn}`,
  'export-starter-unknown': () => 'an export task does not tell who started it',
  'vault-key-not-told': ({ account, region }) =>
    `the job does not tell the key of the vault in ${region} (account ${account}): add --kms-key-id with that key`,
  'request-key-not-told': () =>
    'whether the request named a key is not told: without --kms-key-id it is taken to have named none',
  'aws-names-another-key': ({ named, expected }) =>
    `AWS names key ${named}, and by what was read it is ${expected ?? 'no customer key'}`,
  'another-code-expected': ({ expected, reason }) =>
    `by what was read AWS would show ${expected} instead: ${firstText(reason)}`,
  'refused-before-start': ({ actions }) =>
    `AWS had started it, and by what was read it refuses ${list(actions)} before that`,
  'another-policy-decides': ({ named, found }) =>
    `AWS names ${article(named)} as what decided, and by what was read it is the ${list(found)}`,
  'identity-policy-allows': ({ action, statements }) =>
    `AWS says that no identity policy allows ${action}, and by what was read ${list(statements.map(statementName))} allows it: that policy may have been changed or attached since, a session policy may have left it out, or the request had other tags, names or other values of condition keys than were checked`,
  'named-policy-does-not-deny': ({ named }) =>
    `AWS names ${article(named)} as what decided, and by what was read none denies it: it may have changed, or not have been read`,
  'verdict-rests-on-assumption': ({ assumption }) => `assumed: ${assumptionText(assumption)}`,
  'fact-not-read': ({ gap: { what, resource, reason } }) =>
    `not read: ${what}${resource === undefined ? '' : ` on ${shortName(resource)}`} (${reason})`,
  'evidence-of-another-time': ({ hours }) =>
    hours >= 0
      ? `the account was read ${ageText(hours)} after the event, and what was changed in between counts as it is now`
      : `the account was read ${ageText(-hours)} before the event, and what was changed in between is not known`,
  'session-facts-not-recorded': () =>
    'the session may have had a session policy or tags (--session-policy, --session-tag), which no record shows',
  'later-work-can-fail': ({ reason }) =>
    `AWS has accepted the request, and what it does later can still fail: ${firstText(reason)}`,
  'changes-take-effect-late': () =>
    'policies and grants that were changed shortly before take up to some minutes until they have effect everywhere',
  'answer-settles-what-is-open': ({ outcome }) =>
    `that AWS ${outcome === 'succeeded' ? 'did' : 'refused'} it settles what is open`,
  'something-else-is-open': () =>
    'what is open is something else than what AWS refused, which by what was read is allowed',
  'action-not-checked': ({ action, api }) =>
    `${action} is not among the calls that are checked for ${api} as it was asked for`,
  'key-use-checked': ({ api, actions, key, use }) => {
    const answer = {
      allowed: 'what was read allows them',
      denied: 'what was read does not allow them',
      open: 'what was read leaves open whether they are allowed',
    };
    return `whatever else ${api} asks for, RDS calls ${list([...new Set(actions)])} on ${shortName(key)} with the principal's identity: ${answer[use]}`;
  },
  'source-has-option-group': ({ group }) => `the snapshot has option group ${group}`,
  'text-explains-itself': () => 'the text says what is wrong, and the check does not look at that',
  'infrastructure-not-checked': () => 'capacity, networks, parameter groups and what fails within AWS are not checked',
};

/** Why AWS and the check may not say the same, or what the check could not take in. */
export function explanationText<Code extends Explanation['code']>(explanation: Explained<Code>): string {
  return explanations[explanation.code](explanation);
}

function firstText(reason: Reason | undefined): string {
  return reason === undefined ? '' : verdictText(reason);
}
