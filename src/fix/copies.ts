import { arnWith, parseArn } from '../base/arn.ts';
import { everySource } from '../evidence/sources.ts';
import { usableKeys } from './keys.ts';
import type { State, Step } from './step.ts';

/**
 * Makes a copy under a customer key first. Other accounts cannot use a snapshot that is encrypted
 * with the account's default key, and some operations need a snapshot in the same account. A
 * principal that can use the key makes the copy: only the owner of a snapshot under an AWS managed
 * key can (rds-kms-operations 4.2, 4.5, 4.6, 5).
 */
export function copySteps(state: State): readonly Step[] {
  const { source, principal, keys, operation } = state.bound;
  // A copy that a user makes is not a recovery point, and AWS Backup accepts nothing else.
  if (operation.runsAsRole === true) return [];
  if (source?.type !== 'cluster-snapshot' && source?.type !== 'snapshot') return [];
  const byOwner = source.account !== principal.account && keys['storage key']?.manager === 'AWS';
  const account = byOwner ? source.account : principal.account;
  const taken = new Set(everySource(state.evidence).map(({ arn: known }) => known));
  const arn = copyArn(source.arn, account, taken);
  if (arn === undefined) return [];
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

/**
 * The ARN of a copy that an account makes of a snapshot. `taken`: ARNs of all snapshots. Undefined:
 * the text is not an ARN.
 */
export function copyArn(of: string, account: string, taken: ReadonlySet<string>): string | undefined {
  const original = parseArn(of);
  if (original === undefined) return undefined;
  return freeName(arnWith(original, { account, resource: `${original.type}:${copyName(original.name)}` }), taken);
}

/**
 * At most 63 letters, digits and single hyphens; automatic snapshots and those of AWS Backup have
 * names with a colon.
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
