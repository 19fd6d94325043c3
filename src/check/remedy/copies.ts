import { usableKeys } from './keys.ts';
import type { State, Step } from './step.ts';

/**
 * A copy under a customer key first: of a snapshot under the account's default key, which serves no other account, or of one that has to be the account's
 * own. Whoever can use the key makes it: of a foreign snapshot under an AWS managed key, the owner only (rds-kms-operations 4.2, 4.5, 4.6, 5).
 */
export function copySteps(state: State): readonly Step[] {
  const { source, principal, keys } = state.bound;
  if (source?.type !== 'cluster-snapshot' && source?.type !== 'snapshot') return [];
  const byOwner = source.account !== principal.account && keys['storage key']?.manager === 'AWS';
  const account = byOwner ? source.account : principal.account;
  const arn = source.arn
    .split(':')
    .slice(0, 6)
    .with(4, account)
    .concat(`${source.identifier.replace(/^.*:cluster-snapshot:|^.*:snapshot:/, '').replaceAll(':', '-')}-copy`)
    .join(':');
  const usable = usableKeys(state, { account, region: source.region });
  // An automatic snapshot may keep its key.
  const isOwn = (key: string): boolean => key === keys['storage key']?.arn;
  return [...usable.filter(isOwn), ...usable.filter((key) => !isOwn(key))].slice(0, 2).map((key) => ({
    step: 'copy',
    owner: byOwner ? 'snapshot owner' : 'caller',
    account,
    change: { change: 'copy', of: source.arn, arn, key },
  }));
}
