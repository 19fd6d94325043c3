import { list } from '../base/wording.ts';
import { policyWordOf } from '../contract/policy-words.ts';
import { prefixOf } from '../operations/action-table.ts';
import { source } from '../operations/actions.ts';
import type { ElementWarning } from '../policy/element-warnings.ts';
import type { PolicyWarning } from '../policy/policies.ts';
import { withoutVariables } from '../policy/variables.ts';
import type { Warning } from '../policy/warning.ts';

/** A warning about a policy with its place, as a sentence without a period. */
export function policyWarningText(warning: PolicyWarning): string {
  const { policy, name, path } = warning;
  return `In ${policyWordOf(policy, name)} ${name}, ${path} ${warningText(warning)}`;
}

/** Completes the path of the element that the warning is about. */
export function warningText(warning: Warning): string {
  switch (warning.code) {
    case 'service-unknown':
      return `has \`${warning.action}\`, but AWS has no service \`${warning.service}\` (${asOf})`;
    case 'action-unknown':
      return `has \`${warning.action}\`, which is not an action of ${serviceOf(warning.action)} (${asOf})`;
    case 'action-pattern-unmatched':
      return `has \`${warning.action}\`, which matches no action of ${serviceOf(warning.action)} (${asOf})`;
    case 'action-fits-no-resource':
      return `has \`${warning.action}\`, which AWS authorizes ${neededText(warning.on)}. The statement has no such resource`;
    case 'resource-fits-no-action':
      return `has ${warning.resource}, on which AWS authorizes no action of the statement`;
    case 'condition-key-unknown':
      return 'is not a known condition key. A misspelled key is never in a request';
    case 'operator-unfit':
      return `compares ${warning.key} with ${warning.operator}, but the value of this key is ${typeNames[warning.holds]}`;
    case 'value-unreadable':
      return `compares with \`${warning.value}\`, which is not ${typeNames[warning.type]}: ${consequences[warning.so]}`;
    case 'value-counts-as-false':
      return `compares with \`${warning.value}\`, which is neither true nor false: it counts as false`;
    case 'range-matches-nothing':
      return `has \`${warning.value}\`, an IPv6 range with bits set beyond its prefix: it matches no address`;
    case 'via-service-without-region':
      return `compares with \`${warning.value}\`, but the value of this key includes the Region, such as rds.us-east-1.amazonaws.com`;
    case 'session-arn-tested':
      return `compares with \`${warning.value}\`. For a session, the value of this key is the ARN of the role`;
    case 'for-all-values-of-one':
      return `has one value, and ForAllValues also allows requests without ${warning.key}`;
    case 'set-operator-missing':
    case 'deny-never-applies':
      return setOperatorText(warning);
    case 'key-not-in-key-policies':
      return 'works only in IAM policies, not in a key policy';
    case 'key-not-carried':
      return `is never in a request for ${warning.action}, which the statement lists`;
    case 'values-missing':
      return 'has no values';
    case 'wildcard-without-like':
      return `compares \`${warning.value}\` exactly, including the ${wildcardOf(warning.value)}: for a pattern, use StringLike`;
    case 'bool-variable':
      return 'has a variable. AWS pages disagree on whether Bool takes variables';
    case 'address-without-prefix':
      return `has \`${warning.value}\` without a prefix length: it counts as /128`;
    case 'variable-in-old-version':
      return `has \`${warning.value}\`, which is plain text unless Version is 2012-10-17`;
    default:
      return elementText(warning);
  }
}

function elementText(warning: ElementWarning): string {
  switch (warning.code) {
    case 'element-repeated':
      return 'appears twice. This check uses the last one; AWS may refuse the policy';
    case 'element-not-understood':
      return `${warning.what} is not understood, so the effect of the statement is unknown`;
    case 'policy-too-large':
      return `has ${warning.size} characters; the maximum is ${warning.most}`;
    case 'sid-repeated':
      return `has \`${warning.sid}\`, like an earlier statement: IAM accepts each Sid once in a policy`;
    case 'sid-invalid':
      return `has \`${warning.sid}\`: outside key policies, a Sid may have only letters and digits`;
    case 'principal-missing':
      return 'is missing, so the statement matches nobody';
    case 'principal-matches-nobody':
      return `has ${warning.principal}, which matches nobody: ${warning.why}`;
    case 'principal-deleted':
      return `has ${warning.id}, the ID of a deleted principal. A new principal with the old name has another ID`;
    case 'action-missing':
      return 'is missing, so the statement has no effect';
    case 'action-not-one':
      return `has \`${warning.action}\`, which matches nothing: write a list`;
    case 'resource-missing':
      return 'is missing, so the statement has no effect on a key';
    case 'resource-no-key-arn':
      return `has ${warning.resource}. Actions on keys match only key ARNs, never IDs or aliases: test kms:ResourceAliases instead`;
    case 'resource-not-the-key':
      return `has ${warning.resource}, which is not the key of this policy`;
    case 'scp-allow-on-resource':
      return `has ${warning.resource}, but AWS documents an Allow in an SCP only with "*"`;
  }
}

function wildcardOf(value: string): string {
  return withoutVariables(value).includes('*') ? 'asterisk' : 'question mark';
}

const typeNames = {
  text: 'a string',
  number: 'a number',
  date: 'a date',
  bool: 'true or false',
  bytes: 'Base64',
  ip: 'an IP address',
  arn: 'a complete ARN',
  presence: 'true or false',
} as const;

const consequences = {
  open: 'the effect of the statement is unknown',
  'matches nothing': 'it matches nothing',
  'matches every ARN': 'the Deny then matches every ARN',
} as const;

/** iam-evaluation 14.8. */
function setOperatorText({ code, negated }: SetOperatorWarning): string {
  const without = 'has several values. Without ForAnyValue or ForAllValues the test does not match';
  const where = negated ? `${without} a request that has the key` : without;
  if (code === 'set-operator-missing') return where;
  return negated ? `${where}. The Deny then applies to none of them` : `${where}. The Deny then never applies`;
}

type SetOperatorWarning = Extract<Warning, { code: 'set-operator-missing' | 'deny-never-applies' }>;

/** The list of actions is of one day. AWS adds actions to it. */
const asOf = `as of ${source.date}`;

function serviceOf(action: string): string {
  return prefixOf(action).toLowerCase();
}

/** The most forms to show. */
const most = 3;

function neededText(on: readonly string[]): string {
  if (on.length === 0) return 'only with Resource "*"';
  const more = on.length > most ? [`${on.length - most} other forms`] : [];
  return `only on ${list([...on.slice(0, most), ...more], 'or')}`;
}
