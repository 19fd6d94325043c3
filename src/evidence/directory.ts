import { isClusterSnapshotArn, nameOf, placeOf, resourceIn } from '../base/arn.ts';
import { lazily } from '../base/lazily.ts';
import { knownAfterApply, laterVersion } from '../base/planned-name.ts';
import { remembered, rememberedOf } from '../base/remembered.ts';
import { goneKeys, keyPolicyOf, type OrganizationPath, organizationOf, ramPolicyName, regionAt } from './lookup.ts';
import type { PolicyText } from './policy-text.ts';
import { type RdsRoleState, rdsRoleState } from './rds-role.ts';
import type { Account, Evidence, Gap, Group, Key, ManagedPolicy, Region, Role, User } from './schema.ts';
import { type ListOf, listIn, type SourceType } from './sources.ts';

/**
 * An index of the users, groups, roles, managed policies, keys and shared snapshots in one state of
 * the evidence. A directory is made once for many look-ups and passed along. It indexes a list at
 * the first look-up. The same policy is always the same object, so that callers can recognize it.
 * If a list has two entries with the same name, the first counts.
 */
export interface Directory {
  readonly evidence: Evidence;
  /**
   * The users and roles that an account lists. The answer is kept even if the principals themselves
   * are released.
   */
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
   * account, but the given account takes precedence.
   */
  readonly managedPolicy: (account: string, arn: string) => PolicyText;
  /** The refused read of a user or role, by ARN. */
  readonly unreadPrincipal: (arn: string) => Gap | undefined;
  /** By its ARN. */
  readonly key: (arn: string) => Key | undefined;
  /** Whether KMS has no such key, by its ARN. The evidence does not have the key then. */
  readonly isGone: (arn: string) => boolean;
  /** By the ARN of the key. */
  readonly keyPolicy: (arn: string) => PolicyText;
  /** The second policy of a key. null: the key has none. Undefined: not known. */
  readonly ramPolicy: (arn: string) => PolicyText | null | undefined;
  /**
   * The keys of an alias's account and Region that certainly lack the alias, by the ARN of the
   * alias.
   */
  readonly keysWithout: (aliasArn: string) => ReadonlySet<string>;
  /** The lists of RDS in an account and Region. */
  readonly sourcesOf: ListOf;
  readonly organization: (account: string) => OrganizationPath;
  readonly roleOfRds: (account: string) => RdsRoleState;
  /**
   * The accounts that a snapshot is shared with, by the snapshot's ARN: account IDs, or `all`.
   * Undefined: not known.
   */
  readonly sharedWith: (snapshotArn: string) => readonly string[] | undefined;
}

type Iam = NonNullable<Account['iam']>;

/** The users and roles of an account. */
export interface ListedPeople {
  /** ARNs. */
  readonly people: readonly string[];
  /** The lists that were not read. */
  readonly unread: readonly ('UserDetailList' | 'RoleDetailList')[];
  /** Lists that were not read and have policies of some user or role. */
  readonly unreadPolicies: readonly ('GroupDetailList' | 'Policies')[];
}

/** The entries of a list. Undefined: the evidence does not have the list. */
export type Filed<T> = ReadonlyMap<string, T> | undefined;

export function directoryOf(evidence: Evidence): Directory {
  return directoryIn(evidence, filing());
}

/**
 * Makes directories of states of the evidence that share most lists. A shared list is indexed once.
 */
export function directories(): (evidence: Evidence) => Directory {
  const files = filing();
  return rememberedOf((evidence: Evidence) => directoryIn(evidence, files));
}

function directoryIn(evidence: Evidence, files: Files): Directory {
  const principals = principalsFiled(evidence, files);
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
    remembered((region) => regional(evidence.accounts[account]?.regions?.[region], files)),
  );
  const at = (arn: string) => {
    const place = placeOf(arn);
    return place === undefined ? undefined : places(place.account)(place.region);
  };
  const key = remembered((arn) => at(arn)?.keys?.get(arn));
  const gone = remembered(() => goneKeys(evidence));
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
    isGone: (arn) => gone('').has(arn) && key(arn) === undefined,
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
    sourcesOf(place, type) {
      const rds = regionAt(evidence, place)?.rds;
      return rds === undefined ? undefined : files.sources(rds)(type).list;
    },
    organization: remembered((account) => organizationOf(evidence, account)),
    sharedWith: remembered((arn) => {
      const attributes = isClusterSnapshotArn(arn)
        ? named(at(arn)?.clusterSnapshots, arn)?.DBClusterSnapshotAttributes
        : named(at(arn)?.snapshots, arn)?.DBSnapshotAttributes;
      const sharing = attributes?.find(({ AttributeName: name }) => name === 'restore');
      // An attribute without values was not read.
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

/** An index of the principals and policies of an account. */
interface FiledPrincipals {
  readonly users: () => Filed<User>;
  readonly roles: () => Filed<Role>;
  readonly rolesByName: () => Filed<Role>;
  readonly groups: () => Filed<Group>;
  /** Undefined: the evidence of the account does not have the policy. */
  readonly policy: (arn: string) => PolicyText | undefined;
}

/**
 * Indexes the evidence about an account. If an account's principals are read and released again,
 * their index is released, too.
 */
function principalsFiled(
  { accounts }: Evidence,
  { users, roles, rolesByName, groups, policies }: Files,
): (account: string) => FiledPrincipals | undefined {
  const of = rememberedOf(
    (iam: Iam): FiledPrincipals => ({
      users: lazily(() => users(iam.UserDetailList)),
      roles: lazily(() => roles(iam.RoleDetailList)),
      rolesByName: lazily(() => rolesByName(iam.RoleDetailList)),
      groups: lazily(() => groups(iam.GroupDetailList)),
      policy: remembered((arn) => {
        const found = policies(iam.Policies)?.get(arn);
        return found === undefined ? undefined : defaultVersion(arn, found);
      }),
    }),
  );
  return (account) => {
    const iam = accounts[account]?.iam;
    return iam === undefined ? undefined : of(iam);
  };
}

/** Indexes of lists by the names of their entries. Each list is indexed once. */
type Files = ReturnType<typeof filing>;

type Rds = NonNullable<Region['rds']>;
type Of<List extends 'DBClusterSnapshotAttributes' | 'DBSnapshotAttributes'> = NonNullable<Rds[List]>[number];

function filing() {
  return {
    users: filedBy<User>(byArn),
    roles: filedBy<Role>(byArn),
    rolesByName: filedBy<Role>(({ RoleName: name }) => name),
    groups: filedBy<Group>(({ GroupName: name }) => name),
    policies: filedBy<ManagedPolicy>(byArn),
    keys: filedBy<Key>(({ KeyMetadata: { Arn: arn } }) => arn),
    clusterSnapshots: filedBy<Of<'DBClusterSnapshotAttributes'>>((one) => one.DBClusterSnapshotIdentifier),
    snapshots: filedBy<Of<'DBSnapshotAttributes'>>((one) => one.DBSnapshotIdentifier),
    sources: rememberedOf((rds: Rds) => remembered((type: SourceType) => ({ list: listIn(rds, type) }))),
  };
}

/**
 * Whether a key certainly lacks an alias. An alias of AWS belongs to a key that AWS manages, and a
 * list of aliases is complete.
 */
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
    ? { name: arn, unread: version?.VersionId === laterVersion ? knownAfterApply : 'the default version was not read' }
    : { name: arn, document: version.Document };
}

/** An index of a Region: keys by ARN, and sharing by the name in the list of snapshots. */
function regional(region: Region | undefined, { keys, clusterSnapshots, snapshots }: Files) {
  const { rds, kms } = region ?? {};
  return {
    keys: keys(kms?.keys),
    clusterSnapshots: clusterSnapshots(rds?.DBClusterSnapshotAttributes),
    snapshots: snapshots(rds?.DBSnapshotAttributes),
  };
}

/** Lists of RDS name things by identifier or by ARN. */
function named<T>(items: Filed<T>, arn: string): T | undefined {
  return items?.get(nameOf(arn)) ?? items?.get(arn);
}

function byArn({ Arn: arn }: { readonly Arn: string }): string {
  return arn;
}

/** The same list is indexed once. */
function filedBy<T>(nameIn: (item: T) => string | undefined): (items: readonly T[] | undefined) => Filed<T> {
  const file = rememberedOf((items: readonly T[]) => filed(items, nameIn));
  return (items) => (items === undefined ? undefined : file(items));
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
