import { accountOf, isAwsPolicyArn, isClusterSnapshotArn, nameOf, placeOf } from '../base/arn.ts';
import { directoryOf } from './directory.ts';
import type {
  Account,
  Evidence,
  Group,
  Key,
  KeyGrant,
  ManagedPolicy,
  PolicyDocument,
  Region,
  Role,
  User,
} from './schema.ts';

/** The place of a policy. */
export type PolicyPlace =
  | { readonly in: 'key policy'; readonly key: string }
  /** `owner`: ARN of the user, group or role. */
  | { readonly in: 'inline policy'; readonly owner: string; readonly name: string }
  | { readonly in: 'managed policy'; readonly arn: string }
  /** An SCP or RCP, in every place of the organization where it is attached. */
  | { readonly in: 'scp' | 'rcp'; readonly organization: string; readonly name: string };

/** A change in AWS: a step of a fix, or a hypothesis of the user. */
export type Change =
  /** A policy gets this text. An inline policy that does not exist is created. */
  | { readonly change: 'policy'; readonly place: PolicyPlace; readonly document: PolicyDocument }
  /** A new control policy at one root, organizational unit or account. */
  | {
      readonly change: 'new control policy';
      readonly kind: 'scp' | 'rcp';
      readonly organization: string;
      readonly at: string;
      readonly name: string;
      readonly document: PolicyDocument;
    }
  /** A managed policy is attached to the user, group or role. */
  | { readonly change: 'attachment'; readonly owner: string; readonly policy: string }
  | { readonly change: 'key state'; readonly key: string; readonly state: string }
  | { readonly change: 'grant'; readonly key: string; readonly grant: KeyGrant }
  /** The owner of a snapshot shares it. */
  | { readonly change: 'sharing'; readonly snapshot: string; readonly account: string }
  /** A snapshot is copied under another key. `arn` is the ARN of the copy. */
  | { readonly change: 'copy'; readonly of: string; readonly arn: string; readonly key: string };

/**
 * The evidence after one change. Unchanged parts stay the same objects. A missing list stays
 * missing, because a list that is present counts as complete.
 */
export function withChange(evidence: Evidence, change: Change): Evidence {
  switch (change.change) {
    case 'policy':
      return withPolicy(evidence, change.place, () => change.document);
    case 'new control policy':
      return withLevels(evidence, change.organization, (level) =>
        level.id === change.at
          ? {
              ...level,
              [levelKey[change.kind]]: [
                ...(level[levelKey[change.kind]] ?? []),
                { name: change.name, document: change.document },
              ],
            }
          : level,
      );
    case 'attachment':
      return withAttachment(evidence, change.owner, change.policy);
    case 'key state':
      return withKey(evidence, change.key, (key) => ({
        ...key,
        KeyMetadata: { ...key.KeyMetadata, KeyState: change.state },
      }));
    case 'grant':
      return withKey(evidence, change.key, (key) =>
        key.Grants === undefined ? key : { ...key, Grants: [...key.Grants, change.grant] },
      );
    case 'sharing':
      return withSharing(evidence, change.snapshot, change.account);
    case 'copy':
      return withCopy(evidence, change);
  }
}

/** The text of the policy at a place. Undefined: the evidence does not have the policy. */
export function policyAt(evidence: Evidence, place: PolicyPlace): PolicyDocument | undefined {
  return policiesAt(evidence, place)[0];
}

/**
 * The texts of the policy at a place. A control policy has one for each account and level. They
 * differ if the policy was changed while the accounts were read.
 */
export function policiesAt(evidence: Evidence, place: PolicyPlace): readonly PolicyDocument[] {
  const found: PolicyDocument[] = [];
  withPolicy(evidence, place, (document) => {
    if (document !== undefined) found.push(document);
    return document ?? {};
  });
  return found;
}

/** The inline policies of a user, group or role, as far as the evidence has them. */
export function inlinePolicies(evidence: Evidence, owner: string): Inline {
  const {
    UserDetailList: users = [],
    GroupDetailList: groups = [],
    RoleDetailList: roles = [],
  } = evidence.accounts[accountOf(owner)]?.iam ?? {};
  const isOwner = ({ Arn }: Owner): boolean => Arn === owner;
  return (
    users.find(isOwner)?.UserPolicyList ??
    groups.find(isOwner)?.GroupPolicyList ??
    roles.find(isOwner)?.RolePolicyList ??
    []
  );
}

/** The versions of a managed policy. */
export function policyVersions(evidence: Evidence, arn: string): NonNullable<ManagedPolicy['PolicyVersionList']> {
  const accounts = isAwsPolicyArn(arn) ? Object.values(evidence.accounts) : [evidence.accounts[accountOf(arn)]];
  const policies = accounts.flatMap((account) => account?.iam?.Policies ?? []);
  return policies.find((policy) => policy.Arn === arn)?.PolicyVersionList ?? [];
}

type Edit = (document: PolicyDocument | undefined) => PolicyDocument;

function withPolicy(evidence: Evidence, place: PolicyPlace, edit: Edit): Evidence {
  switch (place.in) {
    case 'key policy':
      return withKey(evidence, place.key, (key) => ({ ...key, Policy: edit(key.Policy) }));
    case 'inline policy':
      return withInline(evidence, place.owner, place.name, edit);
    case 'managed policy':
      return isAwsPolicyArn(place.arn)
        ? { ...evidence, accounts: mapped(evidence.accounts, (account) => withManaged(account, place.arn, edit)) }
        : withAccount(evidence, accountOf(place.arn), (account) => withManaged(account, place.arn, edit));
    case 'scp':
    case 'rcp': {
      const list = levelKey[place.in];
      return withLevels(evidence, place.organization, (level) =>
        level[list]?.some(({ name }) => name === place.name) === true
          ? {
              ...level,
              [list]: level[list].map((policy) =>
                policy.name === place.name ? { ...policy, document: edit(policy.document) } : policy,
              ),
            }
          : level,
      );
    }
  }
}

const levelKey = { scp: 'scps', rcp: 'rcps' } as const;

type Level = NonNullable<NonNullable<Account['organization']>['path']>[number];

function withLevels(evidence: Evidence, id: string, edit: (level: Level) => Level): Evidence {
  return {
    ...evidence,
    accounts: mapped(evidence.accounts, (account) => {
      const { organization } = account;
      if (organization?.path === undefined || organization.id !== id) return account;
      return { ...account, organization: { ...organization, path: organization.path.map(edit) } };
    }),
  };
}

function withManaged(account: Account, arn: string, edit: Edit): Account {
  const policies = account.iam?.Policies;
  if (policies?.some((policy) => policy.Arn === arn) !== true) return account;
  return {
    ...account,
    iam: { ...account.iam, Policies: policies.map((policy) => (policy.Arn === arn ? reissued(policy, edit) : policy)) },
  };
}

/** A managed policy with another default version. */
function reissued(policy: ManagedPolicy, edit: Edit): ManagedPolicy {
  const isDefault = (version: NonNullable<ManagedPolicy['PolicyVersionList']>[number]): boolean =>
    version.IsDefaultVersion === true ||
    (version.VersionId !== undefined && version.VersionId === policy.DefaultVersionId);
  const versions = policy.PolicyVersionList ?? [];
  if (!versions.some(isDefault))
    return { ...policy, PolicyVersionList: [...versions, { IsDefaultVersion: true, Document: edit(undefined) }] };
  return {
    ...policy,
    PolicyVersionList: versions.map((version) =>
      isDefault(version) ? { ...version, Document: edit(version.Document) } : version,
    ),
  };
}

type Owner = User | Group | Role;
type Inline = NonNullable<User['UserPolicyList']>;

function withInline(evidence: Evidence, arn: string, name: string, edit: Edit): Evidence {
  const put = (known: Inline): Inline =>
    known.some((policy) => policy.PolicyName === name)
      ? known.map((policy) =>
          policy.PolicyName === name ? { ...policy, PolicyDocument: edit(policy.PolicyDocument) } : policy,
        )
      : [...known, { PolicyName: name, PolicyDocument: edit(undefined) }];
  return withIam(evidence, arn, {
    user: (user) => (user.UserPolicyList === undefined ? user : { ...user, UserPolicyList: put(user.UserPolicyList) }),
    group: (group) =>
      group.GroupPolicyList === undefined ? group : { ...group, GroupPolicyList: put(group.GroupPolicyList) },
    role: (role) => (role.RolePolicyList === undefined ? role : { ...role, RolePolicyList: put(role.RolePolicyList) }),
  });
}

function withAttachment(evidence: Evidence, arn: string, policy: string): Evidence {
  const attached = ({ AttachedManagedPolicies: policies }: Owner) =>
    policies === undefined ? {} : { AttachedManagedPolicies: [...policies, { PolicyArn: policy }] };
  return withIam(evidence, arn, {
    user: (user) => ({ ...user, ...attached(user) }),
    group: (group) => ({ ...group, ...attached(group) }),
    role: (role) => ({ ...role, ...attached(role) }),
  });
}

interface Edits {
  readonly user: (user: User) => User;
  readonly group: (group: Group) => Group;
  readonly role: (role: Role) => Role;
}

function withIam(evidence: Evidence, arn: string, { user, group, role }: Edits): Evidence {
  return withAccount(evidence, accountOf(arn), (account) => {
    const { UserDetailList: users, GroupDetailList: groups, RoleDetailList: roles } = account.iam ?? {};
    return {
      ...account,
      iam: {
        ...account.iam,
        ...(users === undefined ? {} : { UserDetailList: users.map((one) => (one.Arn === arn ? user(one) : one)) }),
        ...(groups === undefined ? {} : { GroupDetailList: groups.map((one) => (one.Arn === arn ? group(one) : one)) }),
        ...(roles === undefined ? {} : { RoleDetailList: roles.map((one) => (one.Arn === arn ? role(one) : one)) }),
      },
    };
  });
}

function withKey(evidence: Evidence, arn: string, edit: (key: Key) => Key): Evidence {
  return withRegion(evidence, arn, (region) => {
    const keys = region.kms?.keys;
    return keys === undefined
      ? region
      : { ...region, kms: { ...region.kms, keys: keys.map((key) => (key.KeyMetadata.Arn === arn ? edit(key) : key)) } };
  });
}

/**
 * Attributes of a snapshot that were not read stay unread. Then only this change is known about its
 * sharing.
 */
function withSharing(evidence: Evidence, snapshot: string, account: string): Evidence {
  const values = [
    { AttributeName: 'restore', AttributeValues: [...(directoryOf(evidence).sharedWith(snapshot) ?? []), account] },
  ];
  const isThis = (name: string): boolean => name === snapshot || nameOf(snapshot) === name;
  return withRegion(evidence, snapshot, (region) => {
    const { DBClusterSnapshotAttributes: ofClusters = [], DBSnapshotAttributes: ofInstances = [] } = region.rds ?? {};
    const attributes = isClusterSnapshotArn(snapshot)
      ? {
          DBClusterSnapshotAttributes: [
            ...ofClusters.filter((one) => !isThis(one.DBClusterSnapshotIdentifier)),
            { DBClusterSnapshotIdentifier: snapshot, DBClusterSnapshotAttributes: values },
          ],
        }
      : {
          DBSnapshotAttributes: [
            ...ofInstances.filter((one) => !isThis(one.DBSnapshotIdentifier)),
            { DBSnapshotIdentifier: snapshot, DBSnapshotAttributes: values },
          ],
        };
    return { ...region, rds: { ...region.rds, ...attributes } };
  });
}

/** A copy under another key is a manual snapshot of the account that makes the copy. */
function withCopy(evidence: Evidence, { of, arn, key }: Extract<Change, { readonly change: 'copy' }>): Evidence {
  // A shared snapshot may be only in the lists of the accounts that it is shared with.
  const lists = Object.values(evidence.accounts).flatMap(({ regions }) =>
    Object.values(regions ?? {}).map(({ rds = {} }) => rds),
  );
  const made = { SnapshotType: 'manual', Status: 'available', KmsKeyId: key };
  const name = nameOf(arn);
  const ofCluster = lists.flatMap((rds) => rds.DBClusterSnapshots ?? []).find((one) => one.DBClusterSnapshotArn === of);
  const unshared = [{ AttributeName: 'restore', AttributeValues: [] }];
  const ofInstance = lists.flatMap((rds) => rds.DBSnapshots ?? []).find((one) => one.DBSnapshotArn === of);
  return withRegion(evidence, arn, (region) => {
    const { DBClusterSnapshots: clusters = [], DBSnapshots: instances = [] } = region.rds ?? {};
    const { DBClusterSnapshotAttributes: ofClusters = [], DBSnapshotAttributes: ofInstances = [] } = region.rds ?? {};
    return {
      ...region,
      rds: {
        ...region.rds,
        ...(ofCluster === undefined
          ? {}
          : {
              DBClusterSnapshots: [
                ...clusters,
                {
                  ...ofCluster,
                  ...made,
                  StorageEncrypted: true,
                  StorageEncryptionType: 'sse-kms',
                  DBClusterSnapshotIdentifier: name,
                  DBClusterSnapshotArn: arn,
                },
              ],
              DBClusterSnapshotAttributes: [
                ...ofClusters,
                { DBClusterSnapshotIdentifier: arn, DBClusterSnapshotAttributes: unshared },
              ],
            }),
        ...(ofInstance === undefined
          ? {}
          : {
              DBSnapshots: [
                ...instances,
                {
                  ...ofInstance,
                  ...made,
                  Encrypted: true,
                  StorageEncryptionType: 'sse-kms',
                  DBSnapshotIdentifier: name,
                  DBSnapshotArn: arn,
                },
              ],
              DBSnapshotAttributes: [...ofInstances, { DBSnapshotIdentifier: arn, DBSnapshotAttributes: unshared }],
            }),
      },
    };
  });
}

function withRegion(evidence: Evidence, arn: string, edit: (region: Region) => Region): Evidence {
  const place = placeOf(arn);
  return place === undefined
    ? evidence
    : withAccount(evidence, place.account, (account) => {
        const region = account.regions?.[place.region];
        return region === undefined
          ? account
          : { ...account, regions: { ...account.regions, [place.region]: edit(region) } };
      });
}

function withAccount(evidence: Evidence, id: string, edit: (account: Account) => Account): Evidence {
  const account = evidence.accounts[id];
  return account === undefined ? evidence : { ...evidence, accounts: { ...evidence.accounts, [id]: edit(account) } };
}

function mapped<T>(record: Readonly<Record<string, T>>, edit: (item: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, item]) => [name, edit(item)]));
}
