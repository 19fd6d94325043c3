import { isClusterSnapshotArn, nameOf, placeOf, resourceIn } from '../base/arn.ts';
import { lazily } from '../base/lazily.ts';
import { remembered } from '../base/remembered.ts';
import { keyPolicyOf, type OrganizationPath, organizationOf, ramPolicyName } from './lookup.ts';
import type { PolicyText } from './policy-text.ts';
import { type RdsRoleState, rdsRoleState } from './rds-role.ts';
import type { Account, Evidence, Gap, Group, Key, ManagedPolicy, Region, Role, User } from './schema.ts';
import { type ListOf, listsIn, type SourceType } from './sources.ts';

/**
 * An index of the users, groups, roles, managed policies, keys and shared snapshots of one state
 * of the evidence. A directory is made once for many look-ups and passed along. It indexes a list
 * at the first look-up. The same policy is always the same object, so that whoever reads
 * policies can tell. Where a list holds two entries of one name, the first counts.
 */
export interface Directory {
  readonly evidence: Evidence;
  /** Whom an account lists. Kept, also where the principals themselves are let go again. */
  readonly listed: (account: string) => ListedPeople;
  /** By ARN. */
  readonly users: (account: string) => Filed<User>;
  /** By ARN. */
  readonly roles: (account: string) => Filed<Role>;
  /** By name, without path. */
  readonly rolesByName: (account: string) => Filed<Role>;
  /** By name. */
  readonly groups: (account: string) => Filed<Group>;
  /**
   * The default version of a managed policy by its ARN. AWS managed policies are the same in every
   * account; the account that is asked for comes first.
   */
  readonly managedPolicy: (account: string, arn: string) => PolicyText;
  /** The refused read of a user or role by its ARN. */
  readonly unreadPrincipal: (arn: string) => Gap | undefined;
  /** By its ARN. */
  readonly key: (arn: string) => Key | undefined;
  /** By the ARN of the key. */
  readonly keyPolicy: (arn: string) => PolicyText;
  /** The second policy of a key. null: it has none; undefined: not known. */
  readonly ramPolicy: (arn: string) => PolicyText | null | undefined;
  /** The keys at the place of an alias that are known not to have it; by the ARN of the alias. */
  readonly keysWithout: (aliasArn: string) => ReadonlySet<string>;
  /** What RDS lists in an account and Region. */
  readonly sourcesOf: ListOf;
  readonly organization: (account: string) => OrganizationPath;
  readonly roleOfRds: (account: string) => RdsRoleState;
  /** With whom a snapshot is shared, by its ARN: account ids, or `all`. Undefined: not known. */
  readonly sharedWith: (snapshotArn: string) => readonly string[] | undefined;
}

type Iam = NonNullable<Account['iam']>;

/** The users and roles of an account. */
export interface ListedPeople {
  /** ARNs. */
  readonly people: readonly string[];
  /** The lists that were not read. */
  readonly unread: readonly ('UserDetailList' | 'RoleDetailList')[];
  /** Lists that were not read, with policies that some user or role has. */
  readonly unreadPolicies: readonly ('GroupDetailList' | 'Policies')[];
}

/** The entries of a list. Undefined: the evidence does not hold the list. */
export type Filed<T> = ReadonlyMap<string, T> | undefined;

export function directoryOf(evidence: Evidence): Directory {
  const principals = principalsFiled(evidence);
  const everywhere = remembered(() =>
    filed(
      Object.values(evidence.accounts).flatMap(({ iam }) => iam?.Policies ?? []),
      byArn,
    ),
  );
  const refusals = remembered(() =>
    filed(
      evidence.gaps?.filter(({ what }) => what === 'iam:GetUser' || what === 'iam:GetRole'),
      ({ resource }) => resource,
    ),
  );
  const places = remembered((account) =>
    remembered((region) => regional(evidence.accounts[account]?.regions?.[region])),
  );
  const listOf = listsIn(evidence);
  const sources = remembered((account) =>
    remembered((region) => remembered((type: SourceType) => ({ list: listOf({ account, region }, type) }))),
  );
  const at = (arn: string) => {
    const place = placeOf(arn);
    return place === undefined ? undefined : places(place.account)(place.region);
  };
  const key = remembered((arn) => at(arn)?.keys?.get(arn));
  const elsewhere = remembered((arn) => defaultVersion(arn, everywhere('')?.get(arn)));
  return {
    evidence,
    listed: remembered((account) => listedIn(evidence, account)),
    users: (account) => principals(account)?.users(),
    roles: (account) => principals(account)?.roles(),
    rolesByName: (account) => principals(account)?.rolesByName(),
    groups: (account) => principals(account)?.groups(),
    managedPolicy: (account, arn) => principals(account)?.policy(arn) ?? elsewhere(arn),
    unreadPrincipal: (arn) => refusals('')?.get(arn),
    key,
    keyPolicy: remembered((arn) => keyPolicyOf(evidence, arn, key(arn))),
    ramPolicy: remembered((arn) => {
      const document = key(arn)?.RamPolicy;
      return document === undefined || document === null ? document : { name: ramPolicyName(arn), document };
    }),
    roleOfRds: remembered((account) => rdsRoleState(account, evidence.accounts[account])),
    keysWithout: remembered((aliasArn) => {
      const there = [...(at(aliasArn)?.keys?.values() ?? [])];
      return new Set(there.filter((one) => lacksAlias(one, resourceIn(aliasArn))).map((one) => one.KeyMetadata.Arn));
    }),
    sourcesOf: ({ account, region }, type) => sources(account)(region)(type).list,
    organization: remembered((account) => organizationOf(evidence, account)),
    sharedWith: remembered((arn) => {
      const attributes = isClusterSnapshotArn(arn)
        ? named(at(arn)?.clusterSnapshots, arn)?.DBClusterSnapshotAttributes
        : named(at(arn)?.snapshots, arn)?.DBSnapshotAttributes;
      const sharing = attributes?.find(({ AttributeName: name }) => name === 'restore');
      // An attribute without its values was not read.
      return attributes === undefined || sharing !== undefined ? sharing?.AttributeValues : [];
    }),
  };
}

function listedIn({ accounts }: Evidence, account: string): ListedPeople {
  const {
    UserDetailList: users,
    RoleDetailList: roles,
    GroupDetailList: groups,
    Policies: policies,
  } = accounts[account]?.iam ?? {};
  const everybody = [...(users ?? []), ...(roles ?? [])];
  const isInGroup = ({ GroupList: names }: User): boolean => names !== undefined && names.length > 0;
  return {
    people: everybody.map(({ Arn: arn }) => arn),
    unread: [
      ...(users === undefined ? (['UserDetailList'] as const) : []),
      ...(roles === undefined ? (['RoleDetailList'] as const) : []),
    ],
    unreadPolicies: [
      ...(groups === undefined && users?.some(isInGroup) === true ? (['GroupDetailList'] as const) : []),
      ...(policies === undefined && everybody.some(hasManagedPolicy) ? (['Policies'] as const) : []),
    ],
  };
}

function hasManagedPolicy({ AttachedManagedPolicies: attached, PermissionsBoundary: boundary }: User | Role): boolean {
  return (attached !== undefined && attached.length > 0) || boundary !== undefined;
}

/** The principals and policies of an account, filed. */
interface FiledPrincipals {
  readonly users: () => Filed<User>;
  readonly roles: () => Filed<Role>;
  readonly rolesByName: () => Filed<Role>;
  readonly groups: () => Filed<Group>;
  /** Undefined: the account does not hold the policy. */
  readonly policy: (arn: string) => PolicyText | undefined;
}

/**
 * Files what the evidence holds of an account. Where an account's principals are read anew and let
 * go again, what was filed of them goes with them.
 */
function principalsFiled({ accounts }: Evidence): (account: string) => FiledPrincipals | undefined {
  const known = new WeakMap<Iam, FiledPrincipals>();
  return (account) => {
    const iam = accounts[account]?.iam;
    if (iam === undefined) return undefined;
    const before = known.get(iam);
    if (before !== undefined) return before;
    const policies = lazily(() => filed(iam.Policies, byArn));
    const made: FiledPrincipals = {
      users: lazily(() => filed(iam.UserDetailList, byArn)),
      roles: lazily(() => filed(iam.RoleDetailList, byArn)),
      rolesByName: lazily(() => filed(iam.RoleDetailList, ({ RoleName: name }) => name)),
      groups: lazily(() => filed(iam.GroupDetailList, ({ GroupName: name }) => name)),
      policy: remembered((arn) => {
        const found = policies()?.get(arn);
        return found === undefined ? undefined : defaultVersion(arn, found);
      }),
    };
    known.set(iam, made);
    return made;
  };
}

/** An alias of AWS belongs to a key that AWS manages, and a list of aliases is complete. */
function lacksAlias(
  { KeyMetadata: { KeyManager: manager }, Aliases: aliases, FoundAs: found }: Key,
  alias: string,
): boolean {
  if (found?.includes(alias) === true) return false;
  const isCustomers = alias.startsWith('alias/aws/') && manager?.toUpperCase() === 'CUSTOMER';
  return isCustomers || aliases?.every(({ AliasName: name }) => name !== alias) === true;
}

function defaultVersion(arn: string, policy: ManagedPolicy | undefined): PolicyText {
  const version = policy?.PolicyVersionList?.find(
    (one) =>
      one.IsDefaultVersion === true || (one.VersionId !== undefined && one.VersionId === policy.DefaultVersionId),
  );
  return version?.Document === undefined
    ? { name: arn, unread: 'the default version was not read' }
    : { name: arn, document: version.Document };
}

/**
 * What stands in a Region: keys by ARN, and with whom snapshots are shared by the name that the
 * list has.
 */
function regional(region: Region | undefined) {
  const { rds, kms } = region ?? {};
  return {
    keys: filed(kms?.keys, ({ KeyMetadata: { Arn: arn } }) => arn),
    clusterSnapshots: filed(rds?.DBClusterSnapshotAttributes, (one) => one.DBClusterSnapshotIdentifier),
    snapshots: filed(rds?.DBSnapshotAttributes, (one) => one.DBSnapshotIdentifier),
  };
}

/** Lists of RDS name things by identifier or by ARN. */
function named<T>(items: Filed<T>, arn: string): T | undefined {
  return items?.get(nameOf(arn)) ?? items?.get(arn);
}

function byArn({ Arn: arn }: { readonly Arn: string }): string {
  return arn;
}

function filed<T>(items: readonly T[] | undefined, nameIn: (item: T) => string | undefined): Filed<T> {
  if (items === undefined) return undefined;
  const found = new Map<string, T>();
  for (const item of items) {
    const name = nameIn(item);
    if (name !== undefined && !found.has(name)) found.set(name, item);
  }
  return found;
}
