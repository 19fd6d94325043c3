import { arnWith, parseArn } from '../base/arn.ts';
import { everySource } from '../evidence/sources.ts';
import { usableKeys } from './keys.ts';
import type { State, Step } from './step.ts';

/**
 * Steps that first make a copy under a customer managed key. Other accounts cannot use a snapshot
 * under an AWS managed key, and some operations need a snapshot in the same account. A principal
 * that can use the key makes the copy: under an AWS managed key, only the owner of the snapshot can
 * (rds-kms-operations 4.2, 4.5, 4.6, 5).
 */
export function copySteps(state: State): readonly Step[] {
  const { source, principal, keys, operation } = state.bound;
  // A copy that a user makes is not a recovery point, which AWS Backup needs.
  if (operation.runsAsRole === true) return [];
  if (source?.type !== 'cluster-snapshot' && source?.type !== 'snapshot') return [];
  const byOwner = source.account !== principal.account && keys['storage key']?.manager === 'AWS';
  const account = byOwner ? source.account : principal.account;
  const taken = new Set(everySource(state.evidence).map(({ arn: known }) => known));
  const arn = copyArn(source.arn, account, taken);
  if (arn === undefined) return [];
  const usable = usableKeys(state, { account, region: source.region });
  // A copy of an automated snapshot may keep its key.
  const isOwn = (key: string): boolean => key === keys['storage key']?.arn;
  return [...usable.filter(isOwn), ...usable.filter((key) => !isOwn(key))].slice(0, 2).map((key) => ({
    step: 'copy',
    owner: byOwner ? 'snapshot owner' : 'caller',
    account,
    change: { change: 'copy', of: source.arn, arn, key },
  }));
}

/**
 * The ARN of an account's copy of a snapshot. `taken`: the ARNs of all snapshots. Undefined: the
 * text is not an ARN.
 */
export function copyArn(of: string, account: string, taken: ReadonlySet<string>): string | undefined {
  const original = parseArn(of);
  if (original === undefined) return undefined;
  return freeName(arnWith(original, { account, resource: `${original.type}:${copyName(original.name)}` }), taken);
}

/**
 * At most 63 letters, digits and single hyphens. Names of automated snapshots and of AWS Backup
 * snapshots contain a colon.
 */
function copyName(name: string): string {
  return `${name.replaceAll(':', '-').slice(0, 55).replace(/-+$/, '')}-copy`;
}

function freeName(arn: string, taken: ReadonlySet<string>): string {
  if (!taken.has(arn)) return arn;
  let number = 2;
  while (taken.has(`${arn}-${number}`)) number += 1;
  return `${arn}-${number}`;
}
