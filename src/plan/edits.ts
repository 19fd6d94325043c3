import { accountOf, isNamed, nameOf, type Place, placeOf } from '../base/arn.ts';
import type {
  Account,
  Evidence,
  Group,
  InlinePolicy,
  Key,
  ManagedPolicy,
  Region,
  Role,
  User,
} from '../evidence/schema.ts';

/*
 * Evidence with one item edited. Everything else stays the same object. If the evidence does not
 * have the list of the item, the list stays unknown, and the edit returns undefined.
 */

/** Gets undefined if the evidence has no such item; returns undefined to remove the item. */
export type Edit<T> = (one: T | undefined) => T | undefined;

type Iam = NonNullable<Account['iam']>;

/** An IAM list: its place in the evidence, and the common fields of its items. */
export interface PrincipalList<T> {
  /** For messages. */
  readonly noun: string;
  readonly held: (iam: Iam) => readonly T[] | undefined;
  readonly put: (iam: Iam, list: T[]) => Iam;
  readonly arn: (one: T) => string;
}

export interface Owners<T> extends PrincipalList<T> {
  /** The Terraform attribute that names such an owner. */
  readonly attribute: 'role' | 'user' | 'group';
  readonly inline: (one: T) => readonly InlinePolicy[] | undefined;
  readonly withInline: (one: T, policies: InlinePolicy[]) => T;
  /** ARNs. */
  readonly attached: (one: T) => readonly string[] | undefined;
  readonly withAttached: (one: T, arns: readonly string[]) => T;
}

type Tags = NonNullable<Role['Tags']>;

/** A list of users or of roles, which can have a permissions boundary and tags. */
export interface Actors<T> extends Owners<T> {
  /** ARN of the permissions boundary; undefined: none. */
  readonly withBoundary: (one: T, arn: string | undefined) => T;
  /** Undefined: the tags are not known. */
  readonly tags: (one: T) => Tags | undefined;
  readonly withTags: (one: T, tags: Tags | undefined) => T;
}

type Attached = NonNullable<Role['AttachedManagedPolicies']>;
const arnsOf = (list: Attached | undefined): readonly string[] | undefined => list?.map(({ PolicyArn }) => PolicyArn);
const attachedOf = (arns: readonly string[]): Attached => arns.map((PolicyArn) => ({ PolicyArn }));

/** What roles, users and groups have in common. */
type Owner = Pick<Role, 'Arn' | 'AttachedManagedPolicies'>;

/** What roles and users have in common. */
type Actor = Owner & Pick<Role, 'PermissionsBoundary' | 'Tags'>;

function ownerFields<T extends Owner>(): Pick<Owners<T>, 'arn' | 'attached' | 'withAttached'> {
  return {
    arn: ({ Arn }) => Arn,
    attached: ({ AttachedManagedPolicies }) => arnsOf(AttachedManagedPolicies),
    withAttached: (one, arns) => ({ ...one, AttachedManagedPolicies: attachedOf(arns) }),
  };
}

function actorFields<T extends Actor>(): Pick<Actors<T>, 'withBoundary' | 'tags' | 'withTags'> {
  return {
    withBoundary: (one, arn) => ({
      ...one,
      PermissionsBoundary: arn === undefined ? undefined : { PermissionsBoundaryArn: arn },
    }),
    tags: ({ Tags }) => Tags,
    withTags: (one, tags) => ({ ...one, Tags: tags }),
  };
}

export const roles: Actors<Role> = {
  ...ownerFields<Role>(),
  ...actorFields<Role>(),
  noun: 'role',
  attribute: 'role',
  held: ({ RoleDetailList }) => RoleDetailList,
  put: (iam, list) => ({ ...iam, RoleDetailList: list }),
  inline: ({ RolePolicyList }) => RolePolicyList,
  withInline: (one, policies) => ({ ...one, RolePolicyList: policies }),
};

export const users: Actors<User> = {
  ...ownerFields<User>(),
  ...actorFields<User>(),
  noun: 'user',
  attribute: 'user',
  held: ({ UserDetailList }) => UserDetailList,
  put: (iam, list) => ({ ...iam, UserDetailList: list }),
  inline: ({ UserPolicyList }) => UserPolicyList,
  withInline: (one, policies) => ({ ...one, UserPolicyList: policies }),
};

export const groups: Owners<Group> = {
  ...ownerFields<Group>(),
  noun: 'group',
  attribute: 'group',
  held: ({ GroupDetailList }) => GroupDetailList,
  put: (iam, list) => ({ ...iam, GroupDetailList: list }),
  inline: ({ GroupPolicyList }) => GroupPolicyList,
  withInline: (one, policies) => ({ ...one, GroupPolicyList: policies }),
};

export const managedPolicies: PrincipalList<ManagedPolicy> = {
  noun: 'managed policy',
  held: ({ Policies }) => Policies,
  put: (iam, list) => ({ ...iam, Policies: list }),
  arn: ({ Arn }) => Arn,
};

function withAccount(
  evidence: Evidence,
  id: string,
  edit: (account: Account) => Account | undefined,
): Evidence | undefined {
  const account = edit(evidence.accounts[id] ?? {});
  return account === undefined ? undefined : { ...evidence, accounts: { ...evidence.accounts, [id]: account } };
}

/** Edits the data of an account and Region. Undefined: the edit returned undefined. */
export function withRegion(
  evidence: Evidence,
  { account, region }: Place,
  edit: (region: Region) => Region | undefined,
): Evidence | undefined {
  return withAccount(evidence, account, (held) => {
    const after = edit(held.regions?.[region] ?? {});
    return after === undefined ? undefined : { ...held, regions: { ...held.regions, [region]: after } };
  });
}

type Buckets = NonNullable<NonNullable<Account['s3']>['Buckets']>;

/** Edits the buckets of an account. Their list may be incomplete, like the list of keys. */
export function withBuckets(evidence: Evidence, account: string, edit: (held: Buckets) => Buckets): Evidence {
  const after = withAccount(evidence, account, (held) => ({
    ...held,
    s3: { ...held.s3, Buckets: edit(held.s3?.Buckets ?? []) },
  }));
  return after ?? evidence;
}

/** The list after the item that `is` finds was edited, added or removed. */
export function edited<T>(list: readonly T[], is: (one: T) => boolean, edit: Edit<T>): T[] {
  const index = list.findIndex(is);
  const held = list[index];
  const made = edit(held);
  if (held === undefined) return made === undefined ? [...list] : [...list, made];
  return made === undefined ? list.toSpliced(index, 1) : list.with(index, made);
}

/**
 * Edits a key, found by its ARN. A list of keys may be incomplete, so a key can be added even if
 * the evidence has no list.
 */
export function withKey(evidence: Evidence, arn: string, edit: Edit<Key>): Evidence | undefined {
  const place = placeOf(arn);
  if (place === undefined) return undefined;
  return withRegion(evidence, place, (region) => {
    const { keys, ...held } = region.kms ?? {};
    const after = edited(keys ?? [], (one) => one.KeyMetadata.Arn === arn, edit);
    // If no list of keys was read, the Region may have others.
    return { ...region, kms: { ...held, keys: after, ...(keys === undefined ? { onlyUsedKeys: true } : {}) } };
  });
}

/** Edits a role, user, group or managed policy, found by its ARN. */
export function withIam<T>(
  evidence: Evidence,
  list: PrincipalList<T>,
  arn: string,
  edit: Edit<T>,
): Evidence | undefined {
  return withAccount(evidence, accountOf(arn), (account) => {
    const { iam = {} } = account;
    const held = list.held(iam);
    if (held === undefined) return undefined;
    return {
      ...account,
      iam: list.put(
        iam,
        edited(held, (one) => list.arn(one) === arn, edit),
      ),
    };
  });
}

/** The ARNs of a list of an account. Undefined: the evidence does not have the list. */
export function arnsHeld<T>(
  { accounts }: Evidence,
  account: string,
  list: PrincipalList<T>,
): readonly string[] | undefined {
  return list.held(accounts[account]?.iam ?? {})?.map(list.arn);
}

/** The ARN of a role, user or group in the evidence, by a name or ARN. */
export function arnNamed<T>(evidence: Evidence, account: string, list: Owners<T>, name: string): string | undefined {
  const found = list.held(evidence.accounts[account]?.iam ?? {})?.find(isCalled(list, name));
  return found === undefined ? undefined : list.arn(found);
}

function isCalled<T>(list: Owners<T>, name: string): (one: T) => boolean {
  const wanted = `${list.attribute}/${name}`;
  // An ARN is parsed only if it ends in the name, because there are many.
  return (one) => {
    const arn = list.arn(one);
    return arn.endsWith(name) && (arn === name || isNamed(arn, wanted));
  };
}

/**
 * Edits a role, user or group, found by its name or ARN. Undefined: the account lists none of that
 * name.
 */
export function withOwnerNamed<T>(
  evidence: Evidence,
  { account, list, name }: { readonly account: string; readonly list: Owners<T>; readonly name: string },
  edit: (one: T) => T,
): Evidence | undefined {
  return withAccount(evidence, account, (held) => {
    const { iam = {} } = held;
    const all = list.held(iam) ?? [];
    const at = all.findIndex(isCalled(list, name));
    const one = all[at];
    return one === undefined ? undefined : { ...held, iam: list.put(iam, all.with(at, edit(one))) };
  });
}

/** A key of the evidence, found by its ID, ARN or alias in an account and Region. */
export function keyAt({ accounts }: Evidence, { account, region }: Place, name: string): Key | undefined {
  const held = placeOf(name) ?? { account, region };
  const keys = accounts[held.account]?.regions?.[held.region]?.kms?.keys ?? [];
  const id = nameOf(name) === '' ? name : nameOf(name);
  return keys.find(
    ({ KeyMetadata: { Arn, KeyId }, Aliases = [], FoundAs = [] }) =>
      Arn === name ||
      KeyId === id ||
      nameOf(Arn) === id ||
      [...Aliases.map(({ AliasName }) => AliasName), ...FoundAs].some(
        (alias) => name === alias || name.endsWith(`:${alias}`),
      ),
  );
}
