import { isRoleArn } from '../../base/principal-arn.ts';
import { roleExists } from '../../evidence/principals.ts';
import type { Possible } from '../../policy/possible.ts';
import { type Answer, assumed, type Facts, met, notKnown, unmet } from './answer.ts';
import { trustOf } from './trust.ts';

/**
 * Whether a service may assume a role. `about`: see Trust. Undefined: the account has no such role.
 */
export function trustAnswer(
  { bound, directory, evaluatedAt }: Facts,
  arn: string,
  service: string,
  about?: Possible,
): Answer | undefined {
  const { principal, region } = bound;
  const exists = roleExists(directory, arn);
  if (exists === false) return undefined;
  if (typeof exists === 'object') return notKnown({ code: 'name-may-come-with-plan', of: exists.later });
  if (!isRoleArn(arn)) return notKnown({ code: 'role-path-unknown' });
  const trust = trustOf(directory, arn, evaluatedAt);
  if (trust === undefined)
    return assumed({ code: 'role-trusts-the-caller-service', role: arn, service }, { code: 'trust-policy-unread' });
  if (trust === 'not understood') return notKnown({ code: 'trust-policy-not-understood' });
  const { decision, unread } = trust(service, { account: principal.account, region }, about);
  if (decision.decision === 'allowed') return met({ code: 'trust-policy-allows', service }, unread[0]);
  if (decision.decision === 'denied') {
    const policies = decision.decidedBy.flatMap((by) => ('grant' in by || by.policy !== 'rcp' ? [] : [by.name]));
    return policies.length > 0
      ? unmet({ code: 'rcp-denies-trust', service, policies })
      : unmet({ code: 'trust-policy-denies', service });
  }
  return notKnown({ code: 'trust-depends-on-conditions', service });
}
