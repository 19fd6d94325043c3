import type { Principal } from '../evidence/principals.ts';
import type { Operation } from '../operations/operation.ts';
import type { SourceType } from '../operations/source-flags.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import { isSourceType } from './rows.ts';
import { isEstablished } from './verdict.ts';

/**
 * Whether some identity policy of a principal may allow an action on any resource. If no Allow of a
 * principal names an action, it is denied on every resource. The policies are read once.
 */
export function mayAllow(principal: Principal, read: ReadDocuments): (action: string) => boolean {
  const selects = read.selectingAlone('identity', principal.identity);
  const isOpen = principal.type === 'root' || principal.identity.some((policy) => 'unread' in policy);
  return (action) => isOpen || selects.some((select) => select(action.toLowerCase()).allows.length > 0);
}

/**
 * Whether a principal is denied an operation on every source. This is true for most principals,
 * because they may not even call RDS. `types`: the possible types of the source. `may`: see
 * mayAllow.
 */
export function isRuledOut(
  { calls }: Operation,
  types: readonly SourceType[],
  may: (action: string) => boolean,
): boolean {
  return calls.some(
    ({ kind, action, on, when, basis }) =>
      kind === 'caller' &&
      when === undefined &&
      isEstablished(basis) &&
      action.startsWith('rds:') &&
      (!isSourceType(on) || (types.length > 0 && types.every((type) => type === on))) &&
      !may(action),
  );
}
