import { isAccountId, parseArn } from '../base/arn.ts';
import { isPrincipalId, parsePrincipalArn } from '../base/principal-arn.ts';
import type { PrincipalEntry } from './document.ts';

const deadGroup = 'a group cannot be a principal';
const deadSession = 'a session ARN has the name of the role without its path, and one session name';
const deadWildcard = 'a principal cannot hold a wildcard';

/**
 * Reads one value under `AWS` of a Principal element (iam-evaluation 2.4-2.9, 2.13). Undefined: a
 * form that the engine does not understand.
 */
export function readAwsPrincipal(text: string): PrincipalEntry | undefined {
  if (text === '*') return { is: 'anyone', written: 'AWS *' };
  if (isAccountId(text)) return { is: 'account', account: text };
  if (isPrincipalId(text)) return { is: 'unique id', id: text };
  if (/[*?]/.test(text)) return { is: 'dead', text, why: deadWildcard };
  const principal = parsePrincipalArn(text);
  if (principal !== undefined)
    return principal.type === 'root'
      ? { is: 'account', account: principal.account, partition: principal.arn.partition }
      : { is: 'arn', arn: text };
  const arn = parseArn(text);
  if (arn === undefined || !isAccountId(arn.account)) return undefined;
  if (arn.service === 'iam' && arn.type === 'group') return { is: 'dead', text, why: deadGroup };
  if (arn.service === 'sts' && arn.type === 'assumed-role') return { is: 'dead', text, why: deadSession };
  return undefined;
}

/**
 * Reads one value under `Service`, `Federated` or `CanonicalUser`. Undefined: another kind
 * (iam-evaluation 2.6, 2.11-2.13).
 */
export function readOtherPrincipal(kind: string, text: string): PrincipalEntry | undefined {
  switch (kind) {
    case 'Service':
      return text === '*'
        ? { is: 'dead', text, why: 'a service principal cannot be a wildcard' }
        : { is: 'service', service: text };
    case 'Federated':
      return { is: 'dead', text, why: 'a federated principal works only in role trust policies' };
    case 'CanonicalUser':
      return { is: 'dead', text, why: 'a canonical user works only in S3' };
    default:
      return undefined;
  }
}
