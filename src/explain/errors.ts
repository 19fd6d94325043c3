import { parseArn } from '../base/arn.ts';
import { sessionArn } from '../base/principal-arn.ts';
import { article } from '../base/wording.ts';
import type { Bound } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { ExpectedError } from '../check/expected-error.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import { publishedText } from './preconditions.ts';

/**
 * The text of an error in AWS's words. Undefined: AWS does not publish the text. Readers would take
 * our own words for AWS's.
 */
export function errorText(expected: ExpectedError): string | undefined {
  switch (expected.code) {
    case 'caller-refused':
      // AWS publishes no text for AWS Backup's own refusals.
      return expected.call.call.row.action.startsWith('backup:')
        ? undefined
        : accessDenied(expected.bound, expected.call.call);
    case 'role-refused':
      return undefined;
    case 'state-refused':
      return publishedText(expected.precondition.reason);
    case 'secret-not-made':
      return "The user isn't authorized to create a secret in AWS Secrets Manager. Either grant the user permission to create a secret, or create the secret with a different user that has permission.";
    case 'rds-role-not-made':
      return 'Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait and try again later.';
    case 'key-not-accessible': {
      const { key, which } = expected;
      if (key === undefined || which === undefined) return undefined;
      return `${which} KMS key [${key.arn}] does not exist, is not enabled or you do not have permissions to access it.`;
    }
  }
}

/** rds-kms-operations 1.3. */
function accessDenied({ principal }: Bound, { row, resource, decision }: DecidedCall): string {
  const role = principal.type === 'role' ? parseArn(principal.arn) : undefined;
  const who = role === undefined ? principal.arn : sessionArn(role, '<session>');
  const what = `User: ${who} is not authorized to perform: ${row.action} on resource: ${resource.replace(/\*$/, '<name>')}`;
  const [by] = decision.decidedBy;
  if (by !== undefined && !('grant' in by))
    return `${what} with an explicit deny in ${article(errorWords[by.policy])} policy`;
  const [lacking = 'identity'] = decision.lacking;
  if (lacking === 'boundary') return `${what} because no permissions boundary allows the ${row.action} action`;
  return `${what} because no ${errorWords[lacking]} policy allows the ${row.action} action`;
}

/** AWS's names for the kinds of policy in its error texts. */
const errorWords: Readonly<Record<PolicyKind, string>> = {
  identity: 'identity-based',
  resource: 'resource-based',
  boundary: 'permissions boundary',
  session: 'session',
  scp: 'service control',
  rcp: 'resource control',
  endpoint: 'VPC endpoint',
};
