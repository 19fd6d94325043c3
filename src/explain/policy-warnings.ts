import { list } from '../base/wording.ts';
import { policyWords } from '../contract/policy-words.ts';
import { prefixOf } from '../operations/action-table.ts';
import { source } from '../operations/actions.ts';
import type { PolicyWarning } from '../policy/policies.ts';
import type { Warning } from '../policy/warning.ts';

/** What is worth knowing of a policy and where in it, without full stop. */
export function policyWarningText(warning: PolicyWarning): string {
  const { policy, name, path } = warning;
  return `${policyWords[policy]} ${name}: ${path}: ${warningText(warning)}`;
}

/** Completes the path of what is warned of. */
export function warningText(warning: Warning): string {
  switch (warning.code) {
    case 'policy-fault':
      return warning.says;
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
      return setOperatorText(warning);
  }
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

function setOperatorText({ negated, isDeny }: Extract<Warning, { code: 'set-operator-missing' }>): string {
  const without = 'holds several values; without ForAnyValue or ForAllValues it does not match';
  const where = negated ? `${without} where the request has the key` : without;
  return isDeny ? `${where}, so that the Deny does not apply there` : where;
}

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
