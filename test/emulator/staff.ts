import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  DescribeKeyCommand,
  KMSClient,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { account, credentials, region } from './founding-case.ts';

export const deputy = `arn:aws:iam::${account}:user/staff/deputy`;
export const assistant = `arn:aws:iam::${account}:role/assistant`;
export const limit = `arn:aws:iam::${account}:policy/limit`;

function allow(action: string): string {
  const statement = { Effect: 'Allow', Action: action, Resource: '*' };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/**
 * A user, its groups and a role, each with two items of everything that can be listed. One managed
 * policy has two versions.
 */
export async function fillStaff(endpoint: string): Promise<void> {
  const iam = new IAMClient({ endpoint, region, credentials });
  const made = async (PolicyName: string): Promise<string> => {
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: allow('ec2:Describe*') }));
    return Policy?.Arn ?? '';
  };
  const attached = [await made('shared'), await made('spare')];
  await made('limit');
  await iam.send(
    new CreatePolicyVersionCommand({ PolicyArn: attached[0], PolicyDocument: allow('rds:*'), SetAsDefault: true }),
  );
  const [UserName, RoleName] = ['deputy', 'assistant'];
  const groups = ['staff', 'watch'];
  await iam.send(new CreateUserCommand({ UserName, Path: '/staff/', Tags: [{ Key: 'team', Value: 'data' }] }));
  const AssumeRolePolicyDocument = allow('sts:AssumeRole');
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, PermissionsBoundary: limit }));
  for (const GroupName of groups) {
    await iam.send(new CreateGroupCommand({ GroupName }));
    await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
  }
  for (const PolicyArn of attached) {
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    for (const GroupName of groups) await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));
  }
  for (const action of ['kms:DescribeKey', 'kms:CreateGrant']) {
    const policy = { PolicyName: action.slice(4), PolicyDocument: allow(action) };
    await iam.send(new PutUserPolicyCommand({ UserName, ...policy }));
    await iam.send(new PutRolePolicyCommand({ RoleName, ...policy }));
    for (const GroupName of groups) await iam.send(new PutGroupPolicyCommand({ GroupName, ...policy }));
  }
}

/** Gives the key of an alias two more aliases, two grants and two tags. */
export async function fillKey(endpoint: string, alias: string): Promise<void> {
  const kms = new KMSClient({ endpoint, region, credentials });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
  const KeyId = KeyMetadata?.KeyId;
  for (const which of ['one', 'two']) {
    await kms.send(new CreateAliasCommand({ AliasName: `alias/another-${which}`, TargetKeyId: KeyId }));
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: which, TagValue: 'yes' }] }));
    const Constraints = { EncryptionContextSubset: { 'aws:rds:dbc-id': `cluster-${which}` } };
    const GranteePrincipal = 'rds.amazonaws.com';
    await kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Decrypt'], Constraints }));
  }
}
