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
  }
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
