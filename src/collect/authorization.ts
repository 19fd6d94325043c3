import type { GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, UserDetail } from '@aws-sdk/client-iam';
import type { Account, Group, InlinePolicy, ManagedPolicy, Role, User } from '../evidence/schema.ts';
import { picked, tagList } from './fields.ts';
import { attachedTo, boundaryOf } from './iam.ts';
import { allPages, type Reader } from './reader.ts';
import { IAMClient, paginateGetAccountAuthorizationDetails } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

interface Item {
  readonly user?: User;
  readonly group?: Group;
  readonly role?: Role;
  readonly policy?: ManagedPolicy;
}

/**
 * Every user, group, role and managed policy of the account. Managed policies are read in their
 * default version. Undefined: AWS refused the read. `seen` receives the number of items so far.
 */
export async function readAuthorization(
  account: string,
  settings: ClientSettings,
  reader: Reader,
  seen: (count: number) => void = () => undefined,
): Promise<Account['iam'] | undefined> {
  const client = new IAMClient(settings);
  let count = 0;
  const items = await reader.read({ what: 'iam:GetAccountAuthorizationDetails', account }, () =>
    allPages(
      () => paginateGetAccountAuthorizationDetails({ client, pageSize: 1000 }, {}),
      // Keeps only the needed part of each page in memory: the answers have every version of every
      // policy.
      (page): readonly Item[] => {
        const kept = [
          ...(page.UserDetailList ?? []).flatMap(asUser),
          ...(page.GroupDetailList ?? []).flatMap(asGroup),
          ...(page.RoleDetailList ?? []).flatMap(asRole),
          ...(page.Policies ?? []).flatMap(asPolicy),
        ];
        count += kept.length;
        seen(count);
        return kept;
      },
    ),
  );
  if (items === undefined) return undefined;
  return {
    UserDetailList: items.flatMap(({ user }) => user ?? []),
    GroupDetailList: items.flatMap(({ group }) => group ?? []),
    RoleDetailList: items.flatMap(({ role }) => role ?? []),
    Policies: items.flatMap(({ policy }) => policy ?? []),
  };
}

function asUser(detail: UserDetail): readonly Item[] {
  const { Arn, UserName } = detail;
  if (Arn === undefined || UserName === undefined) return [];
  const user: User = {
    Arn,
    UserName,
    ...picked(detail, ['UserId', 'Path']),
    UserPolicyList: inline(detail.UserPolicyList),
    GroupList: [...(detail.GroupList ?? [])],
    ...attachedTo(detail.AttachedManagedPolicies ?? []),
    ...boundaryOf(detail),
    Tags: tagList(detail.Tags),
  };
  return [{ user }];
}

function asGroup(detail: GroupDetail): readonly Item[] {
  const { Arn, GroupName } = detail;
  if (Arn === undefined || GroupName === undefined) return [];
  const attached = attachedTo(detail.AttachedManagedPolicies ?? []);
  return [{ group: { Arn, GroupName, GroupPolicyList: inline(detail.GroupPolicyList), ...attached } }];
}

function asRole(detail: RoleDetail): readonly Item[] {
  const { Arn, RoleName } = detail;
  if (Arn === undefined || RoleName === undefined) return [];
  const role: Role = {
    Arn,
    RoleName,
    ...picked(detail, ['RoleId', 'Path', 'AssumeRolePolicyDocument']),
    RolePolicyList: inline(detail.RolePolicyList),
    ...attachedTo(detail.AttachedManagedPolicies ?? []),
    ...boundaryOf(detail),
    Tags: tagList(detail.Tags),
  };
  return [{ role }];
}

function asPolicy(detail: ManagedPolicyDetail): readonly Item[] {
  const { Arn, PolicyVersionList: versions } = detail;
  if (Arn === undefined) return [];
  const inForce = (versions ?? []).find(
    ({ IsDefaultVersion: is, VersionId: id }) => is === true || (id !== undefined && id === detail.DefaultVersionId),
  );
  const policy: ManagedPolicy = {
    Arn,
    ...picked(detail, ['PolicyName', 'DefaultVersionId']),
    ...(inForce === undefined
      ? {}
      : { PolicyVersionList: [{ ...picked(inForce, ['VersionId', 'Document']), IsDefaultVersion: true }] }),
  };
  return [{ policy }];
}

function inline(policies: readonly PolicyDetail[] | undefined): InlinePolicy[] {
  return (policies ?? []).map((policy) => ({
    PolicyName: policy.PolicyName ?? '',
    ...picked(policy, ['PolicyDocument']),
  }));
}
