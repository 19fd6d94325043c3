import { accountOf } from '../base/arn.ts';
import { keyStateOf, managerOf, regionAt } from '../evidence/lookup.ts';
import type { State, Step } from './step.ts';

/** A longer list would not help the reader. */
const most = 5;

/**
 * Customer managed keys of an account and Region that could encrypt a resource (rds-kms-operations
 * 5).
 */
export function usableKeys(
  { evidence }: Pick<State, 'evidence'>,
  place: { readonly account: string; readonly region: string },
): readonly string[] {
  return (regionAt(evidence, place)?.kms?.keys ?? []).flatMap((key) => {
    const { Arn, KeySpec, KeyUsage = 'ENCRYPT_DECRYPT' } = key.KeyMetadata;
    const isUsable =
      managerOf(key, undefined) === 'CUSTOMER' &&
      keyStateOf(key) === 'Enabled' &&
      KeySpec?.toUpperCase() === 'SYMMETRIC_DEFAULT' &&
      KeyUsage.toUpperCase() === 'ENCRYPT_DECRYPT';
    return isUsable ? [Arn] : [];
  });
}

/**
 * Steps that name another key for the new resource, if the request can name one. The key of an AWS
 * Backup copy shows the account that the copy goes to, so another key is one of that account.
 */
export function otherKeys(state: State): readonly Step[] {
  const { operation, principal, region, keys } = state.bound;
  if (!operation.parameters.includes('kms-key-id') || operation.targetKey === undefined) return [];
  const target = keys['target key']?.arn;
  const destination = operation.copiesAcrossAccounts === true && target !== undefined ? accountOf(target) : undefined;
  return usableKeys(state, { account: destination ?? principal.account, region })
    .filter((key) => key !== target)
    .slice(0, most)
    .map((key) => ({
      step: 'name key',
      owner: 'caller',
      account: principal.account,
      key,
      isInstead: keys['target key'] !== undefined,
    }));
}
