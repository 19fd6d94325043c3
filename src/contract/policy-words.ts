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
 * ARN of its key, vault or bucket.
 */
export function policyWordOf(kind: PolicyKind, name: string | undefined): PolicyWord {
  const { service, type } = (kind === 'resource' ? parseArn(name ?? '') : undefined) ?? {};
  if (type === 'backup-vault') return 'vault access policy';
  return service === 's3' ? 'bucket policy' : policyWords[kind];
}

/**
 * The name of a kind of policy that decides on an action, if the policy itself is not named. Only actions
 * of KMS have a key policy.
 */
export function policyWordFor(kind: PolicyKind, action: string): PolicyWord | 'resource policy' {
  return kind === 'resource' && !action.startsWith('kms:') ? 'resource policy' : policyWords[kind];
}
