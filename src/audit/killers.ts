import { findKey } from '../evidence/lookup.ts';
import type { Estate } from './estate.ts';
import type { OpenFact } from './findings/finding.ts';
import { keysAudited, managerOpen } from './key-uses.ts';
import { eitherOf, noRights, type Right, type Rights, rightsOnKeys } from './rights.ts';

/* Who can take a key out of use. */

/**
 * The actions that take a key out of use, or let somebody do so. Imported material is deleted at
 * once, a key after 7 to 30 days (rds-kms-operations-2 1).
 */
export const killingActions = [
  'kms:ScheduleKeyDeletion',
  'kms:DisableKey',
  'kms:PutKeyPolicy',
  'kms:DeleteImportedKeyMaterial',
] as const;

export type KillingAction = (typeof killingActions)[number];

/** Who can take an action, for each action and for any of them. */
export interface KillerRights {
  readonly any: Rights;
  readonly byAction: ReadonlyMap<KillingAction, Rights>;
}

/**
 * ARNs of the audited keys that an action may take out of use. Only a key of imported material has
 * material that can be deleted.
 */
export function keysKilledBy(estate: Estate, action: KillingAction): readonly string[] {
  const keys = keysAudited(estate);
  if (action !== 'kms:DeleteImportedKeyMaterial') return keys;
  return keys.filter((key) => [undefined, 'EXTERNAL'].includes(originOf(estate, key)));
}

/** Undefined: not known. */
function originOf({ evidence }: Pick<Estate, 'evidence'>, key: string): string | undefined {
  return findKey(evidence, key)?.KeyMetadata.Origin?.toUpperCase();
}

/** Who can take which of the audited keys out of use, by the ARN of the key. */
export function killersOf(estate: Estate): ReadonlyMap<string, KillerRights> {
  const answers = killingActions.map((action) => {
    const rights = rightsOnKeys(estate, action, keysKilledBy(estate, action));
    return [action, rights] as const;
  });
  const either = eitherOf();
  return new Map(
    keysAudited(estate).map((key) => {
      const byAction = new Map(
        answers.map(([action, rights]) => [action, asWorth(estate, key, action, rights.get(key) ?? noRights)]),
      );
      const people = new Set([...byAction.values()].flatMap((rights) => [...rights.keys()]));
      const any = [...people].flatMap((arn): readonly (readonly [string, Right])[] => {
        const right = either([...byAction.values()].map((rights) => rights.get(arn)));
        return right === undefined ? [] : [[arn, right]];
      });
      return [key, { any: new Map(any), byAction }];
    }),
  );
}

/**
 * The permissions for an action on a key. They are undecided if facts of the key were not read:
 * nobody has permissions on an AWS managed key, and only imported material can be deleted.
 */
function asWorth(estate: Estate, key: string, action: KillingAction, rights: Rights): Rights {
  const isOfUnknownOrigin = action === 'kms:DeleteImportedKeyMaterial' && originOf(estate, key) === undefined;
  const unread: readonly OpenFact[] = isOfUnknownOrigin
    ? [{ is: 'unread', unread: { code: 'key-description-unread', of: key } }]
    : managerOpen(estate, key);
  if (unread.length === 0) return rights;
  return new Map(
    [...rights].map(([arn, right]) => [arn, { ...right, holds: 'maybe', facts: [...right.facts, ...unread] }]),
  );
}
