import type { AttachedPolicy } from '@aws-sdk/client-iam';
import { isRoleArn, parsePrincipalArn } from '../base/principal-arn.ts';
import type { Account, Group, InlinePolicy, ManagedPolicy, Role, User } from '../evidence/schema.ts';
import { isMissing } from './faults.ts';
import { picked, tagList } from './fields.ts';
import { NoPrincipal } from './principal-names.ts';
import { allPages, type Reader, type Subject } from './reader.ts';
import type { ReadAction } from './reads.ts';
import {
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupPolicies,
  paginateListGroupsForUser,
  paginateListRolePolicies,
  paginateListUserPolicies,
} from './sdk.ts';
import type { ClientSettings } from './settings.ts';

type Iam = NonNullable<Account['iam']>;

/**
 * All IAM data about one user or role. Undefined: not even its ARN could be read.
 * @throws Failure if IAM says that there is no such principal
 */
export async function readPrincipal(
  principal: { readonly arn: string; readonly account: string },
  settings: ClientSettings,
  reader: Reader,
): Promise<Iam | undefined> {
  const client = new IAMClient(settings);
  const named = parsePrincipalArn(principal.arn);
  const subject = (what: ReadAction, resource: string): Subject => ({ what, account: principal.account, resource });
  const managed = new Map<string, Promise<ManagedPolicy>>();
  const asked: Asked = { client, reader, subject, arn: principal.arn, managed };
  if (named === undefined || named.type === 'root' || named.type === 'federated user') return undefined;
  const found = named.type === 'user' ? await readUser(asked, named.name) : await readRole(asked, named.name);
  if (found === undefined) return undefined;
  const policies = await Promise.all([...managed].toSorted(byArn).map(([, policy]) => policy));
  return { ...found, Policies: policies };
}

function byArn([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** Managed policies by their ARNs, including those of AWS. A refused read is a gap. */
export async function readManagedPolicies(
  arns: readonly string[],
  account: string,
  settings: ClientSettings,
  reader: Reader,
): Promise<readonly ManagedPolicy[]> {
  const client = new IAMClient(settings);
  const subject = (what: ReadAction, resource: string): Subject => ({ what, account, resource });
  return Promise.all([...new Set(arns)].map((arn) => readManaged({ client, reader, subject }, arn)));
}

interface Asked {
  readonly client: IAMClient;
  readonly reader: Reader;
  readonly subject: (what: ReadAction, resource: string) => Subject;
  readonly arn: string;
  /** The managed policies of the principals, by ARN. Each is read once. */
  readonly managed: Map<string, Promise<ManagedPolicy>>;
}

/** @throws Failure if one of the reads says that there is no such principal */
async function orMissing<T>(asked: Asked, reads: Promise<T>): Promise<T> {
  try {
    return await reads;
  } catch (error) {
    if (!(error instanceof Error) || !isMissing(error.cause)) throw error;
    throw new NoPrincipal(asked.arn, error);
  }
}

async function readUser(asked: Asked, UserName: string): Promise<Iam> {
  const { client, reader, subject, arn } = asked;
  const [user, inline, attached, groups] = await orMissing(
    asked,
    Promise.all([
      reader.read(subject('iam:GetUser', arn), () => client.send(new GetUserCommand({ UserName }))),
      reader.read(subject('iam:ListUserPolicies', arn), () =>
        allPages(
          () => paginateListUserPolicies({ client }, { UserName }),
          (page) => page.PolicyNames,
        ),
      ),
      reader.read(subject('iam:ListAttachedUserPolicies', arn), () =>
        allPages(
          () => paginateListAttachedUserPolicies({ client }, { UserName }),
          (page) => page.AttachedPolicies,
        ),
      ),
      reader.read(subject('iam:ListGroupsForUser', arn), () =>
        allPages(
          () => paginateListGroupsForUser({ client }, { UserName }),
          (page) => page.Groups,
        ),
      ),
    ]),
  );
  const described = user?.User;
  const [policies, groupDetails] = await Promise.all([
    inlinePolicies(asked, 'iam:GetUserPolicy', inline, async (PolicyName) => {
      const { PolicyDocument } = await client.send(new GetUserPolicyCommand({ UserName, PolicyName }));
      return PolicyDocument;
    }),
    Promise.all((groups ?? []).map((group) => readGroup(asked, group.GroupName ?? '', group.Arn ?? ''))),
    readManagedBy(asked, { ...attachedTo(attached), ...boundaryOf(described) }),
  ]);
  const detail: User = {
    Arn: described?.Arn ?? arn,
    UserName,
    ...(described === undefined ? {} : picked(described, ['UserId', 'Path'])),
    ...(policies === undefined ? {} : { UserPolicyList: policies }),
    ...(groups === undefined ? {} : { GroupList: groups.map((group) => group.GroupName ?? '') }),
    ...attachedTo(attached),
    ...boundaryOf(described),
    ...(described === undefined ? {} : { Tags: tagList(described.Tags) }),
  };
  return { UserDetailList: [detail], ...(groups === undefined ? {} : { GroupDetailList: groupDetails }) };
}

async function readGroup(asked: Asked, GroupName: string, Arn: string): Promise<Group> {
  const { client, reader, subject } = asked;
  const [inline, attached] = await Promise.all([
    reader.readIfThere(subject('iam:ListGroupPolicies', Arn), () =>
      allPages(
        () => paginateListGroupPolicies({ client }, { GroupName }),
        (page) => page.PolicyNames,
      ),
    ),
    reader.readIfThere(subject('iam:ListAttachedGroupPolicies', Arn), () =>
      allPages(
        () => paginateListAttachedGroupPolicies({ client }, { GroupName }),
        (page) => page.AttachedPolicies,
      ),
    ),
  ]);
  const [policies] = await Promise.all([
    inlinePolicies({ ...asked, arn: Arn }, 'iam:GetGroupPolicy', inline, async (PolicyName) => {
      const { PolicyDocument } = await client.send(new GetGroupPolicyCommand({ GroupName, PolicyName }));
      return PolicyDocument;
    }),
    readManagedBy(asked, attachedTo(attached)),
  ]);
  return { Arn, GroupName, ...(policies === undefined ? {} : { GroupPolicyList: policies }), ...attachedTo(attached) };
}

async function readRole(asked: Asked, RoleName: string): Promise<Iam | undefined> {
  const { client, reader, subject, arn: askedArn } = asked;
  const [role, inline, attached] = await orMissing(
    asked,
    Promise.all([
      reader.read(subject('iam:GetRole', askedArn), () => client.send(new GetRoleCommand({ RoleName }))),
      reader.read(subject('iam:ListRolePolicies', askedArn), () =>
        allPages(
          () => paginateListRolePolicies({ client }, { RoleName }),
          (page) => page.PolicyNames,
        ),
      ),
      reader.read(subject('iam:ListAttachedRolePolicies', askedArn), () =>
        allPages(
          () => paginateListAttachedRolePolicies({ client }, { RoleName }),
          (page) => page.AttachedPolicies,
        ),
      ),
    ]),
  );
  const described = role?.Role;
  // A session ARN does not contain the path of its role.
  const arn = described?.Arn ?? (isRoleArn(askedArn) ? askedArn : undefined);
  if (arn === undefined) return undefined;
  const [policies] = await Promise.all([
    inlinePolicies(asked, 'iam:GetRolePolicy', inline, async (PolicyName) => {
      const { PolicyDocument } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return PolicyDocument;
    }),
    readManagedBy(asked, { ...attachedTo(attached), ...boundaryOf(described) }),
  ]);
  const detail: Role = {
    Arn: arn,
    RoleName,
    ...(described === undefined ? {} : picked(described, ['RoleId', 'Path', 'AssumeRolePolicyDocument'])),
    ...(policies === undefined ? {} : { RolePolicyList: policies }),
    ...attachedTo(attached),
    ...boundaryOf(described),
    ...(described === undefined ? {} : { Tags: tagList(described.Tags) }),
  };
  return { RoleDetailList: [detail] };
}

/**
 * Reads the managed policies of an owner, including its boundary. A policy that several owners have
 * is read only once.
 */
async function readManagedBy(
  asked: Asked,
  owner: Pick<Role, 'AttachedManagedPolicies' | 'PermissionsBoundary'>,
): Promise<void> {
  const boundary = owner.PermissionsBoundary?.PermissionsBoundaryArn;
  const attached = (owner.AttachedManagedPolicies ?? []).map((policy) => policy.PolicyArn);
  const arns = boundary === undefined ? attached : [...attached, boundary];
  await Promise.all(
    arns.map((arn) => {
      const reading = asked.managed.get(arn) ?? readManaged(asked, arn);
      asked.managed.set(arn, reading);
      return reading;
    }),
  );
}

interface Bounded {
  readonly PermissionsBoundary?: { readonly PermissionsBoundaryArn?: string | undefined } | undefined;
}

/** The boundary of a user or role, if it has one. */
export function boundaryOf(described: Bounded | undefined): Pick<Role, 'PermissionsBoundary'> {
  const arn = described?.PermissionsBoundary?.PermissionsBoundaryArn;
  return arn === undefined ? {} : { PermissionsBoundary: { PermissionsBoundaryArn: arn } };
}

/**
 * The managed policies that are attached to a user, group or role. Undefined: they could not be
 * listed.
 */
export function attachedTo(policies: readonly AttachedPolicy[] | undefined): Pick<Role, 'AttachedManagedPolicies'> {
  if (policies === undefined) return {};
  const attached = policies.flatMap(({ PolicyName: name, PolicyArn: arn }) =>
    arn === undefined ? [] : [{ ...(name === undefined ? {} : { PolicyName: name }), PolicyArn: arn }],
  );
  return { AttachedManagedPolicies: attached };
}

/**
 * Undefined: the policies could not be listed. If AWS refuses the text of a policy, its name
 * remains.
 */
async function inlinePolicies(
  { reader, subject, arn }: Asked,
  what: ReadAction,
  names: readonly string[] | undefined,
  call: (name: string) => Promise<string | undefined>,
): Promise<InlinePolicy[] | undefined> {
  if (names === undefined) return undefined;
  return Promise.all(
    names.map(async (name) => {
      const document = await reader.readIfThere(subject(what, `${arn} ${name}`), () => call(name));
      return { PolicyName: name, ...(document === undefined ? {} : { PolicyDocument: document }) };
    }),
  );
}

/** A managed policy with its default version, the only version in force. */
async function readManaged(
  { client, reader, subject }: Pick<Asked, 'client' | 'reader' | 'subject'>,
  PolicyArn: string,
): Promise<ManagedPolicy> {
  const described = (
    await reader.readIfThere(subject('iam:GetPolicy', PolicyArn), () =>
      client.send(new GetPolicyCommand({ PolicyArn })),
    )
  )?.Policy;
  const VersionId = described?.DefaultVersionId;
  if (VersionId === undefined) return { Arn: PolicyArn };
  const version = await reader.readIfThere(subject('iam:GetPolicyVersion', PolicyArn), () =>
    client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })),
  );
  const document = version?.PolicyVersion?.Document;
  const name = described?.PolicyName;
  return {
    Arn: PolicyArn,
    ...(name === undefined ? {} : { PolicyName: name }),
    DefaultVersionId: VersionId,
    ...(document === undefined
      ? {}
      : { PolicyVersionList: [{ VersionId, IsDefaultVersion: true, Document: document }] }),
  };
}
