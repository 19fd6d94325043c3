import type { PolicyKind } from '../policy/statement-ref.ts';
import type { PolicyWord } from './report.ts';

/** What output calls the kinds of policy. The only resource policies here are key policies. */
export const policyWords: Readonly<Record<PolicyKind, PolicyWord>> = {
  identity: 'identity policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  resource: 'key policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  endpoint: 'VPC endpoint policy',
};
