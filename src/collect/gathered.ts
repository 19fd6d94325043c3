import { placeOf } from '../base/arn.ts';
import type { Account, Key, Region } from '../evidence/schema.ts';
import { picked } from './fields.ts';
import type { Where } from './rds.ts';
import type { Rds } from './rds-lists.ts';

type Iam = NonNullable<Account['iam']>;

/**
 * Everything that has been read so far, by its place in the evidence. Lists that several reads fill
 * (those of IAM and of clusters) are joined, each item once.
 */
export interface Gathered {
  readonly iam: (account: string, iam: Iam) => void;
  readonly rds: (where: Where, rds: Rds) => void;
  /**
   * Records that the list of keys is known, even if it is empty, or only the list of keys in use.
   */
  readonly keys: (where: Where, listed: 'all' | 'used') => void;
  /** Adds a key at the place in its ARN. */
  readonly key: (key: Key) => void;
  /** Adds other facts about an account. */
  readonly account: (account: string, known: Pick<Account, 'organization'>) => void;
  readonly backup: (where: Where, backup: NonNullable<Region['backup']>) => void;
  readonly endpoints: (where: Where, policies: NonNullable<Region['vpcEndpointPolicies']>) => void;
  readonly accounts: () => Record<string, Account>;
}

export function gather(): Gathered {
  const accounts: Record<string, Account> = {};
  const into = ({ account, region }: Where, part: Region): void => {
    const before = accounts[account];
    const regions = { ...before?.regions, [region]: { ...before?.regions?.[region], ...part } };
    accounts[account] = { ...before, regions };
  };
  const at = ({ account, region }: Where): Region | undefined => accounts[account]?.regions?.[region];
  return {
    iam: (account, iam) => {
      accounts[account] = { ...accounts[account], iam: bothIam(accounts[account]?.iam ?? {}, iam) };
    },
    rds: (where, rds) => {
      const before = at(where)?.rds;
      const clusters = both(before?.DBClusters, rds.DBClusters, (one) => one.DBClusterArn);
      into(where, { rds: { ...before, ...rds, ...(clusters === undefined ? {} : { DBClusters: clusters }) } });
    },
    keys: (where, listed) => {
      const keys = at(where)?.kms?.keys ?? [];
      into(where, { kms: listed === 'all' ? { keys } : { keys, onlyUsedKeys: true } });
    },
    key: (key) => {
      const place = placeOf(key.KeyMetadata.Arn);
      if (place === undefined) return;
      // A single key that was found does not make the list complete.
      const { keys = [], ...before } = at(place)?.kms ?? { onlyUsedKeys: true };
      const others = keys.filter((one) => one.KeyMetadata.Arn !== key.KeyMetadata.Arn);
      into(place, { kms: { keys: [...others, key], ...before } });
    },
    account: (account, known) => {
      accounts[account] = { ...accounts[account], ...known };
    },
    backup: (where, backup) => into(where, { backup }),
    endpoints: (where, policies) => into(where, { vpcEndpointPolicies: policies }),
    accounts: () => mapped(accounts, inOrder),
  };
}

/**
 * Sorts the account, so that the same facts give the same bytes, regardless of which read finished
 * first.
 */
function inOrder(account: Account): Account {
  const { iam, organization, regions, ...rest } = account;
  return {
    ...(iam === undefined ? {} : { iam }),
    ...(organization === undefined ? {} : { organization }),
    ...rest,
    ...(regions === undefined ? {} : { regions: mapped(regions, (region) => region) }),
  };
}

/** Changes each value, in the order of the names. */
function mapped<T>(from: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  const entries = Object.entries(from).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, value]) => [name, change(value)]));
}

function bothIam(before: Iam, more: Iam): Iam {
  const lists = {
    UserDetailList: both(before.UserDetailList, more.UserDetailList, (one) => one.Arn),
    GroupDetailList: both(before.GroupDetailList, more.GroupDetailList, (one) => one.Arn),
    RoleDetailList: both(before.RoleDetailList, more.RoleDetailList, (one) => one.Arn),
    Policies: both(before.Policies, more.Policies, (one) => one.Arn),
  };
  return picked(lists, ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies']);
}

function both<T>(
  before: readonly T[] | undefined,
  more: readonly T[] | undefined,
  idOf: (item: T) => string,
): T[] | undefined {
  if (before === undefined && more === undefined) return undefined;
  const items = new Map([...(before ?? []), ...(more ?? [])].map((item) => [idOf(item), item]));
  return [...items.values()];
}
