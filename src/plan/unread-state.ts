import { sameJson } from '../base/json.ts';
import { hiddenPolicy } from '../base/planned-name.ts';
import type {
  Account,
  Cluster,
  ClusterSnapshot,
  Evidence,
  Group,
  InlinePolicy,
  Instance,
  Key,
  ManagedPolicy,
  PolicyDocument,
  Region,
  Role,
  Snapshot,
  User,
} from '../evidence/schema.ts';
import { openPolicy } from './principals.ts';
import { isSamePolicy } from './same-policy.ts';

/*
 * A plan of some resources (`-target`) has the state of all others, which Terraform has not read
 * again. So nobody knows whether the state or the evidence is newer: what differs counts as unknown.
 */

/** The evidence with the state of what was not read again. `state`: the evidence with that state. */
export function withUnreadState(evidence: Evidence, state: Evidence): Evidence {
  if (state === evidence) return evidence;
  const accounts = Object.entries(state.accounts).map(([id, account]) => {
    const held = evidence.accounts[id];
    return [id, held === undefined || held === account ? account : inAccount(held, account)] as const;
  });
  return { ...evidence, accounts: { ...evidence.accounts, ...Object.fromEntries(accounts) } };
}

function inAccount(held: Account, state: Account): Account {
  const regions = Object.entries(state.regions ?? {}).map(([name, region]) => {
    const known = held.regions?.[name];
    return [name, known === undefined || known === region ? region : inRegion(known, region)] as const;
  });
  const { iam: { RoleDetailList, UserDetailList, GroupDetailList, Policies, ...others } = {} } = held;
  const { iam = {} } = state;
  return {
    ...held,
    ...(state.iam === undefined
      ? {}
      : {
          iam: {
            ...others,
            ...field('RoleDetailList', joined(RoleDetailList, iam.RoleDetailList, { nameOf: arnOf, both: roleOf })),
            ...field('UserDetailList', joined(UserDetailList, iam.UserDetailList, { nameOf: arnOf, both: userOf })),
            ...field('GroupDetailList', joined(GroupDetailList, iam.GroupDetailList, { nameOf: arnOf, both: groupOf })),
            ...field('Policies', joined(Policies, iam.Policies, { nameOf: arnOf, both: managedOf })),
          },
        }),
    regions: { ...held.regions, ...Object.fromEntries(regions) },
  };
}

function inRegion(held: Region, state: Region): Region {
  const { kms, rds = {} } = held;
  const known = new Set(kms?.keys?.flatMap(aliasesOf));
  const only = (key: Key): Key => ({ ...key, Aliases: key.Aliases?.filter(({ AliasName: name }) => !known.has(name)) });
  const keys = joined(kms?.keys, state.kms?.keys, {
    nameOf: ({ KeyMetadata: { Arn } }) => Arn,
    both: (one, other) => keyOf(one, only(other)),
    only,
  });
  return {
    ...held,
    ...(keys === undefined ? {} : { kms: { ...state.kms, ...kms, keys } }),
    ...(state.rds === undefined ? {} : { rds: inRds(rds, state.rds) }),
  };
}

type Rds = NonNullable<Region['rds']>;

/** What both have stays as the evidence has it. */
function inRds(held: Rds, state: Rds): Rds {
  const both = <T>(one: T): T => one;
  const list = <T>(one: readonly T[] | undefined, other: readonly T[] | undefined, nameOf: (one: T) => string) =>
    joined(one, other, { nameOf, both });
  return {
    ...state,
    ...held,
    ...field('DBClusters', list(held.DBClusters, state.DBClusters, clusterArn)),
    ...field('DBInstances', list(held.DBInstances, state.DBInstances, instanceArn)),
    ...field('DBSnapshots', list(held.DBSnapshots, state.DBSnapshots, snapshotArn)),
    ...field('DBClusterSnapshots', list(held.DBClusterSnapshots, state.DBClusterSnapshots, clusterSnapshotArn)),
    ...field('DBSnapshotAttributes', list(held.DBSnapshotAttributes, state.DBSnapshotAttributes, snapshotName)),
    ...field(
      'DBClusterSnapshotAttributes',
      list(held.DBClusterSnapshotAttributes, state.DBClusterSnapshotAttributes, clusterSnapshotName),
    ),
  };
}

const clusterArn = ({ DBClusterArn: arn }: Cluster): string => arn;
const instanceArn = ({ DBInstanceArn: arn }: Instance): string => arn;
const snapshotArn = ({ DBSnapshotArn: arn }: Snapshot): string => arn;
const clusterSnapshotArn = ({ DBClusterSnapshotArn: arn }: ClusterSnapshot): string => arn;
const snapshotName = ({ DBSnapshotIdentifier: name }: { readonly DBSnapshotIdentifier: string }): string => name;
const clusterSnapshotName = (one: { readonly DBClusterSnapshotIdentifier: string }): string =>
  one.DBClusterSnapshotIdentifier;

function field<N extends string, T>(name: N, value: T | undefined): { readonly [name in N]?: T } {
  const given: { [name in N]?: T } = {};
  if (value !== undefined) given[name] = value;
  return given;
}

interface Joining<T> {
  readonly nameOf: (one: T) => string;
  /** An item that both lists have. */
  readonly both: (held: T, state: T) => T;
  /** An item that only the state has. Absent: it stays as it is. */
  readonly only?: (state: T) => T;
}

/** The items of both lists. */
function joined<T>(
  held: readonly T[] | undefined,
  state: readonly T[] | undefined,
  { nameOf, both, only = (one) => one }: Joining<T>,
): T[] | undefined {
  if (held === undefined || state === undefined || held === state) return state && [...state];
  const others = new Map(state.map((one) => [nameOf(one), one]));
  const known = new Set(held.map(nameOf));
  return [
    ...held.map((one) => {
      const other = others.get(nameOf(one));
      return other === undefined || other === one ? one : both(one, other);
    }),
    ...state.filter((one) => !known.has(nameOf(one))).map(only),
  ];
}

const arnOf = ({ Arn }: { readonly Arn: string }): string => Arn;

function areSame(one: PolicyDocument | undefined, other: PolicyDocument | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && isSamePolicy(one, other));
}

function roleOf(one: Role, state: Role): Role {
  const { AssumeRolePolicyDocument: trust, RolePolicyList: inline, ...others } = one;
  const { AttachedManagedPolicies: _attached, PermissionsBoundary: _boundary, Tags: _tags, ...held } = others;
  return {
    ...held,
    ...actorFields(one, state),
    ...(trust !== undefined && areSame(trust, state.AssumeRolePolicyDocument)
      ? { AssumeRolePolicyDocument: trust }
      : {}),
    ...field('RolePolicyList', inlineOf(inline, state.RolePolicyList)),
  };
}

function userOf(one: User, state: User): User {
  const { GroupList: groups, UserPolicyList: inline, ...others } = one;
  const { AttachedManagedPolicies: _attached, PermissionsBoundary: _boundary, Tags: _tags, ...held } = others;
  const isSame = sameJson(groups?.toSorted(), state.GroupList?.toSorted());
  return {
    ...held,
    ...actorFields(one, state),
    ...(groups !== undefined && isSame ? { GroupList: groups } : {}),
    ...field('UserPolicyList', inlineOf(inline, state.UserPolicyList)),
  };
}

function groupOf({ AttachedManagedPolicies: attached, GroupPolicyList: inline, ...held }: Group, state: Group): Group {
  return {
    ...held,
    ...field('AttachedManagedPolicies', attachedOf(attached, state.AttachedManagedPolicies)),
    ...field('GroupPolicyList', inlineOf(inline, state.GroupPolicyList)),
  };
}

type Actor = Pick<Role, 'AttachedManagedPolicies' | 'PermissionsBoundary' | 'Tags'>;

/** What roles and users have in common: the boundary, the tags and the attached policies. */
function actorFields(held: Actor, state: Actor): Actor {
  const { PermissionsBoundary: boundary, Tags: tags, AttachedManagedPolicies: attached } = held;
  const isSame = boundary?.PermissionsBoundaryArn === state.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    ...field('PermissionsBoundary', isSame ? boundary : { PermissionsBoundaryArn: hiddenPolicy }),
    ...(tags !== undefined && sameJson(tags, state.Tags) ? { Tags: tags } : {}),
    ...field('AttachedManagedPolicies', attachedOf(attached, state.AttachedManagedPolicies)),
  };
}

/** Inline policies, without the text of those that differ. */
function inlineOf(
  held: readonly InlinePolicy[] | undefined,
  state: readonly InlinePolicy[] | undefined,
): InlinePolicy[] | undefined {
  if (held === undefined || state === undefined) return undefined;
  const [one, other] = [held, state].map((list) => new Map(list.map((it) => [it.PolicyName, it.PolicyDocument])));
  return [...new Set([...held, ...state].map(({ PolicyName: name }) => name))].map((PolicyName) => {
    const [document, its] = [one?.get(PolicyName), other?.get(PolicyName)];
    const isSame = document !== undefined && its !== undefined && isSamePolicy(document, its);
    return isSame ? { PolicyName, PolicyDocument: document } : { PolicyName };
  });
}

type Attached = NonNullable<Actor['AttachedManagedPolicies']>;

/** Attached policies. One that only the state or only the evidence has may be attached. */
function attachedOf(held: Attached | undefined, state: Attached | undefined): Attached | undefined {
  if (held === undefined || state === undefined) return undefined;
  const [one, other] = [held, state].map((list) => new Set(list.map(({ PolicyArn: arn }) => arn)));
  return [
    ...held.map((it) => (other?.has(it.PolicyArn) === true ? it : { PolicyArn: openPolicy(it.PolicyArn) })),
    ...state.flatMap(({ PolicyArn: arn }) => (one?.has(arn) === true ? [] : [{ PolicyArn: openPolicy(arn) }])),
  ];
}

/** A managed policy, without its text if that differs. */
function managedOf(held: ManagedPolicy, state: ManagedPolicy): ManagedPolicy {
  const [one, other] = [held, state].map(({ PolicyVersionList: all }) => all?.find((it) => it.IsDefaultVersion));
  return areSame(one?.Document, other?.Document) ? held : { ...held, PolicyVersionList: [{ IsDefaultVersion: true }] };
}

function keyOf({ Policy: policy, Tags: tags, ...held }: Key, state: Key): Key {
  const { KeyMetadata: metadata, Aliases: aliases } = held;
  const isSame = metadata.KeyState === state.KeyMetadata.KeyState;
  return {
    ...held,
    KeyMetadata: isSame ? metadata : { ...metadata, KeyState: undefined },
    ...(policy !== undefined && areSame(policy, state.Policy) ? { Policy: policy } : {}),
    ...(tags !== undefined && sameJson(tags, state.Tags) ? { Tags: tags } : {}),
    ...(aliases === undefined ? {} : { Aliases: [...aliases, ...(state.Aliases ?? [])] }),
  };
}

function aliasesOf({ Aliases = [], FoundAs = [] }: Key): readonly string[] {
  return [...Aliases.map(({ AliasName }) => AliasName), ...FoundAs];
}
