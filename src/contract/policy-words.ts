import { parseArn } from '../base/arn.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { PolicyWord } from './report.ts';

/**
 * The names of the kinds of policy in output. For resource policies, `policyWordOf` distinguishes
 * further.
 */
export const policyWords: Readonly<Record<PolicyKind, PolicyWord>> = {
  identity: 'identity policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  resource: 'key policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  endpoint: 'VPC endpoint policy',
};

/**
 * The name of a policy in output. `name`: the name in decisions, which for a resource policy is the
 * ARN of its key or vault.
 */
export function policyWordOf(kind: PolicyKind, name: string | undefined): PolicyWord {
  return kind === 'resource' && parseArn(name ?? '')?.type === 'backup-vault'
    ? 'vault access policy'
    : policyWords[kind];
}
