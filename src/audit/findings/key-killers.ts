import { accountOf, placeOf } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { allPeople, foldAdministrators } from '../administrators.ts';
import type { Estate } from '../estate.ts';
import { type KillerRights, type KillingAction, killersOf } from '../killers.ts';
import { peopleUnread, statementsBehind } from '../rights.ts';
import { type FindingFields, type FindingRow, nist, type OpenFact, securityHub } from './finding.ts';

/** Who can take a key out of use. */
export interface KeyKillers {
  readonly code: 'key-killers';
  /**
   * ARN. Undefined: the finding is about the administrators of the account, and all of its keys.
   */
  readonly key: string | undefined;
  /** How many principals can take each action. */
  readonly actions: readonly { readonly action: KillingAction; readonly principals: number }[];
}

export const keyKillers: FindingRow<KeyKillers> = {
  code: 'key-killers',
  frameworks: [nist('CP-9(7)'), securityHub('KMS.1')],
  find(estate) {
    const { isAdministrator } = estate;
    const byAccount = groupBy([...killersOf(estate)], ([key]) => accountOf(key));
    return [...byAccount].flatMap(([account, killers]) => {
      const rights = killers.map(([key, { any }]) => ({ key, rights: any }));
      const folded = foldAdministrators({ account, rights, isAdministrator });
      return [
        ...killers.flatMap(([key, one]) => othersFor(estate, key, one, isAdministrator)),
        ...folded.map((found) => ({ ...found, code: 'key-killers', key: undefined, actions: [] }) as const),
      ];
    });
  },
};

function othersFor(
  estate: Estate,
  key: string,
  { any, byAction }: KillerRights,
  isAdministrator: (arn: string) => boolean,
): readonly (FindingFields & KeyKillers)[] {
  const account = accountOf(key);
  const others = [...any].filter(([arn]) => !isAdministrator(arn));
  const certain = others.filter(([, { holds }]) => holds === 'yes');
  const open = others.filter(([, { holds }]) => holds === 'maybe');
  const unread = peopleUnread(estate, account).map((lack): OpenFact => ({ is: 'lack', lack }));
  if (others.length + unread.length === 0) return [];
  const actions = [...byAction].flatMap(([action, rights]) => {
    const principals = certain.filter(([arn]) => rights.get(arn)?.holds === 'yes').length;
    return principals === 0 ? [] : [{ action, principals }];
  });
  return [
    {
      code: 'key-killers',
      account,
      region: placeOf(key)?.region,
      subject: key,
      severity: 'medium',
      affected: certain.length === 0 ? {} : allPeople(certain, [key]),
      maybe: open.length + unread.length === 0 ? {} : allPeople(open, [key]),
      dependsOn: [...open.flatMap(([, { facts }]) => facts), ...unread],
      statements: statementsBehind(certain.length > 0 ? certain : open),
      key,
      actions,
    },
  ];
}
