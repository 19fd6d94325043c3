import type { PolicyKind, StatementRef } from '../policy/document.ts';
import { shortName } from '../wording.ts';
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

/** A statement as it is spoken of: by its Sid, or else by its number. */
export function statementName({ sid, statement, policy, name }: StatementRef): string {
  const which = sid === undefined || sid === '' ? `statement ${statement}` : `statement "${sid}"`;
  const whose = policy === 'resource' ? 'the key policy' : `${policyWords[policy]} ${shortName(name)}`;
  return `${which} of ${whose}`;
}
