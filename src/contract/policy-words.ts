import { parseArn } from '../base/arn.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { PolicyWord } from './report.ts';

/** What output calls the kinds of policy. Of resource policies, `policyWordOf` tells which one. */
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
 * What output calls a policy. `name`: as decisions name it; a resource policy goes by the ARN of
 * its key or vault.
 */
export function policyWordOf(kind: PolicyKind, name: string | undefined): PolicyWord {
  return kind === 'resource' && parseArn(name ?? '')?.type === 'backup-vault'
    ? 'vault access policy'
    : policyWords[kind];
}
