import { accountOf, placeOf } from '../../base/arn.ts';
import type { Estate } from '../estate.ts';
import { keysAudited, managerOpen } from '../key-uses.ts';
import { peopleUnread, type Rights, rightsOnKeys } from '../rights.ts';
import { couldBeUnlocked } from '../unlocking.ts';
import { type FindingFields, type FindingRow, nothing, type OpenFact, wellArchitected } from './finding.ts';

/** A key whose policy nobody can change, and whose account cannot enable anybody to change it. */
export interface KeyLockedOut {
  readonly code: 'key-locked-out';
  readonly key: string;
}

export const keyLockedOut: FindingRow<KeyLockedOut> = {
  code: 'key-locked-out',
  frameworks: [wellArchitected('SEC03-BP03')],
  find(estate) {
    const keys = keysAudited(estate);
    const rights = rightsOnKeys(estate, 'kms:PutKeyPolicy', keys);
    return keys.flatMap((key) => foundFor(estate, key, rights.get(key)));
  },
};

function foundFor(estate: Estate, key: string, rights: Rights = new Map()): readonly (FindingFields & KeyLockedOut)[] {
  const held = [...rights.values()];
  if (held.some(({ holds }) => holds === 'yes')) return [];
  if (couldBeUnlocked(estate.directory, key, estate.settings, held.length > 0)) return [];
  const account = accountOf(key);
  const open: readonly OpenFact[] = [
    ...held.flatMap(({ facts }) => facts),
    ...managerOpen(estate, key),
    ...peopleUnread(estate, account).map((lack) => ({ is: 'lack', lack }) as const),
  ];
  const isCertain = held.length === 0 && open.length === 0;
  return [
    {
      code: 'key-locked-out',
      account,
      region: placeOf(key)?.region,
      subject: key,
      severity: 'high',
      affected: isCertain ? { keys: [key] } : nothing,
      maybe: isCertain ? nothing : { keys: [key] },
      dependsOn: open,
      statements: [],
      key,
    },
  ];
}
