import { list } from '../base/wording.ts';
import { policyWords } from '../contract/policy-words.ts';
import { prefixOf } from '../operations/action-table.ts';
import { source } from '../operations/actions.ts';
import type { ElementWarning } from '../policy/element-warnings.ts';
import type { PolicyWarning } from '../policy/policies.ts';
import { withoutVariables } from '../policy/variables.ts';
import type { Warning } from '../policy/warning.ts';

/** What is worth knowing of a policy and where in it, without full stop. */
export function policyWarningText(warning: PolicyWarning): string {
  const { policy, name, path } = warning;
  return `${policyWords[policy]} ${name}: ${path}: ${warningText(warning)}`;
}

/** Completes the path of what is warned of. */
export function warningText(warning: Warning): string {
  switch (warning.code) {
    case 'service-unknown':
      return `holds \`${warning.action}\`, and AWS has no service \`${warning.service}\` (${asOf})`;
    case 'action-unknown':
      return `holds \`${warning.action}\`, which is no action of ${serviceOf(warning.action)} (${asOf})`;
    case 'action-pattern-unmatched':
      return `holds \`${warning.action}\`, which matches no action of ${serviceOf(warning.action)} (${asOf})`;
    case 'action-fits-no-resource':
      return `holds \`${warning.action}\`, which AWS authorizes ${neededText(warning.on)}, and the statement does not name that`;
    case 'resource-fits-no-action':
      return `holds ${warning.resource}, on which AWS authorizes no action of the statement`;
    case 'condition-key-unknown':
      return 'is not a condition key known here; misspelt, it is never in a request';
    case 'operator-unfit':
      return `compares ${warning.key} by ${warning.operator}, and the key holds ${typeNames[warning.holds]}`;
    case 'value-unreadable':
      return `compares with \`${warning.value}\`, which is not read as ${typeNames[warning.type]}; ${consequences[warning.so]}`;
    case 'value-counts-as-false':
      return `compares with \`${warning.value}\`, which is neither true nor false and counts as false`;
    case 'range-matches-nothing':
      return `holds \`${warning.value}\`, an IPv6 range with bits beyond its prefix, which matches no address`;
    case 'via-service-without-region':
      return `compares with \`${warning.value}\`; the key holds the Region too, such as rds.us-east-1.amazonaws.com`;
    case 'session-arn-tested':
      return `compares with \`${warning.value}\`; of a session the key holds the ARN of the role`;
    case 'for-all-values-of-one':
      return `holds one value, and ForAllValues also allows requests without ${warning.key}`;
    case 'set-operator-missing':
    case 'deny-never-applies':
      return setOperatorText(warning);
    case 'key-not-in-key-policies':
      return 'works in IAM policies only, not in a key policy';
    case 'key-not-carried':
      return `is not carried by ${warning.action}, which the statement lists`;
    case 'values-missing':
      return 'has no values';
    case 'wildcard-without-like':
      return `compares \`${warning.value}\` letter by letter, the ${wildcardOf(warning.value)} too; patterns need StringLike`;
    case 'bool-variable':
      return 'holds a variable, which AWS documents for Bool in one place and denies in another';
    case 'address-without-prefix':
      return `holds \`${warning.value}\` without a prefix length, which is read as /128`;
    case 'variable-in-old-version':
      return `holds \`${warning.value}\`, which is plain text unless Version is 2012-10-17`;
    default:
      return elementText(warning);
  }
}

function elementText(warning: ElementWarning): string {
  switch (warning.code) {
    case 'element-repeated':
      return 'stands twice; the last one counts here, and AWS may refuse it';
    case 'element-not-understood':
      return `${warning.what} is not understood; what the statement does is left open`;
    case 'policy-too-large':
      return `has ${warning.size} characters; AWS takes ${warning.most}`;
    case 'sid-repeated':
      return `holds \`${warning.sid}\`, which an earlier statement has; IAM takes each Sid once in a policy`;
    case 'sid-invalid':
      return `holds \`${warning.sid}\`; outside of key policies a Sid has letters and digits only`;
    case 'principal-missing':
      return 'is missing, so the statement matches nobody';
    case 'principal-matches-nobody':
      return `holds ${warning.principal}, which matches nobody: ${warning.why}`;
    case 'principal-deleted':
      return `holds ${warning.id}, the id of a principal that was deleted; a new one of the same name has another`;
    case 'action-missing':
      return 'is missing, so the statement has no effect';
    case 'action-not-one':
      return `holds \`${warning.action}\`, which matches nothing: write a list`;
    case 'resource-missing':
      return 'is missing, so the statement has no effect on a key';
    case 'resource-no-key-arn':
      return `holds ${warning.resource}; actions on keys match key ARNs only, never ids or aliases (test kms:ResourceAliases instead)`;
    case 'resource-not-the-key':
      return `holds ${warning.resource}, which is not the key that the policy belongs to`;
    case 'scp-allow-on-resource':
      return `holds ${warning.resource}; AWS documents an Allow of an SCP with "*" only`;
  }
}

function wildcardOf(value: string): string {
  return withoutVariables(value).includes('*') ? 'star' : 'question mark';
}

const typeNames = {
  text: 'a text',
  number: 'a number',
  date: 'a date',
  bool: 'true or false',
  bytes: 'base 64',
  ip: 'an address',
  arn: 'a whole ARN',
  presence: 'true or false',
} as const;

const consequences = {
  open: 'what the statement does is left open',
  'matches nothing': 'it matches nothing',
  'matches every ARN': 'the Deny then matches every ARN',
} as const;

/** iam-evaluation 14.8. */
function setOperatorText({ code, negated }: SetOperatorWarning): string {
  const without = 'holds several values; without ForAnyValue or ForAllValues the test does not match';
  const where = negated ? `${without} a request that has the key` : without;
  if (code === 'set-operator-missing') return where;
  return negated ? `${where}, so the Deny applies to none of them` : `${where}, so the Deny never applies`;
}

type SetOperatorWarning = Extract<Warning, { code: 'set-operator-missing' | 'deny-never-applies' }>;

/** The list of actions is of one day; AWS adds to them. */
const asOf = `as of ${source.date}`;

function serviceOf(action: string): string {
  return prefixOf(action).toLowerCase();
}

/** So many forms are shown. */
const most = 3;

function neededText(on: readonly string[]): string {
  if (on.length === 0) return 'with Resource "*" only';
  const more = on.length > most ? [`${on.length - most} other forms`] : [];
  return `on ${list([...on.slice(0, most), ...more], 'or')} only`;
}
