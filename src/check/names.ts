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

/** A statement within its policy: by its Sid, or else by its number. */
export function statementLabel({ sid, statement }: StatementRef): string {
  return sid === undefined || sid === '' ? `statement ${statement}` : `statement "${sid}"`;
}

/** A statement as it is spoken of, with the policy that it stands in. */
export function statementName(ref: StatementRef): string {
  const { policy, name } = ref;
  const which = statementLabel(ref);
  const whose = policy === 'resource' ? 'the key policy' : `${policyWords[policy]} ${shortName(name)}`;
  return `${which} of ${whose}`;
}
