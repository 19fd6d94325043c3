import { accountOf, placeOf } from '../../base/arn.ts';
import { unusableStateOf } from '../key-states.ts';
import { keysAudited, keyUses, type OutsideKeyUse } from '../key-uses.ts';
import { nameOfOutsider } from '../outside.ts';
import { encryptionOpen, mayNameKey, openOfUses, sharedBackups } from '../sharing.ts';
import { type FindingRow, nothing, type OpenFact, securityHub } from './finding.ts';

/**
 * Somebody outside the account can use a key, and nothing that is encrypted with the key is shared
 * with them.
 */
export interface KeyOpen {
  readonly code: 'key-open';
  readonly key: string;
  /** An account ID, the ID or path of an organization, or `all`. */
  readonly to: string;
  /** The state of the key because of which nobody can use the key for now. */
  readonly keyState: string | undefined;
}

export const keyOpen: FindingRow<KeyOpen> = {
  code: 'key-open',
  frameworks: [securityHub('KMS.5')],
  find(estate) {
    const uses = keyUses(estate);
    const shared = sharedBackups(estate);
    // Snapshots that may be under any key.
    const keyless = shared.filter(({ key, backups }) => key === undefined && backups.some(mayNameKey));
    const shares = new Set(shared.map(({ key, with: other }) => `${key ?? ''} ${other}`));
    return keysAudited(estate).flatMap((key) =>
      uses(key).flatMap(({ outsider, use, isTrusted }) => {
        const to = nameOfOutsider(outsider);
        if (isTrusted === true || shares.has(`${key} ${to}`)) return [];
        const maybeShared = keyless.filter((one) => one.with === to && one.account === accountOf(key));
        const isCertain = use.holds === 'yes' && isTrusted === false && maybeShared.length === 0;
        const things = { keys: [key], accounts: [to] };
        return [
          {
            code: 'key-open',
            account: accountOf(key),
            region: placeOf(key)?.region,
            subject: key,
            principal: to,
            severity: 'medium',
            affected: isCertain ? things : nothing,
            maybe: isCertain ? nothing : things,
            dependsOn: isCertain
              ? []
              : [
                  ...openOf({ outsider, use, isTrusted }),
                  ...maybeShared.flatMap(({ backups }) => backups.map(encryptionOpen)),
                ],
            statements: use.statements,
            key,
            to,
            keyState: unusableStateOf(estate.directory.key(key)),
          } as const,
        ];
      }),
    );
  },
};

function openOf({ outsider, use, isTrusted }: OutsideKeyUse): readonly OpenFact[] {
  const membership: readonly OpenFact[] =
    isTrusted === undefined && outsider.is === 'account'
      ? [{ is: 'unread', unread: { code: 'account-membership-unread', account: outsider.account } }]
      : [];
  return [...membership, ...openOfUses([use])];
}
