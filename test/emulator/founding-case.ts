import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateDBClusterCommand, CreateDBClusterSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { demoEvidence } from '../../src/evidence/demo.ts';

export const region = 'us-east-1';
export const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
/** The account of the emulator. */
export const account = '123456789012';

/**
 * Creates the embedded founding case in the emulator through the AWS SDK: with another account and
 * other key IDs, but the same policies.
 */
export async function fillFoundingCase(endpoint: string, into: string = region): Promise<void> {
  const settings = { endpoint, region: into, credentials };
  const kms = new KMSClient(settings);
  const iam = new IAMClient(settings);
  const rds = new RDSClient(settings);
  const demo = demoEvidence.accounts['111122223333'];
  const inRegion = demo?.regions?.[region];
  // The emulator refuses DescribeKey on any key whose policy has a Deny of kms:* on "*", whatever
  // its conditions. A list with one item means the same and avoids this.
  const notRefused = (policy: string): string => policy.replaceAll('"Resource":"*"', '"Resource":["*"]');
  const keyIds = new Map<string, string>();
  const here = (json: unknown): string => {
    let text = JSON.stringify(json).replaceAll('111122223333', account);
    for (const [demoId, id] of keyIds) text = text.replaceAll(demoId, id);
    return text;
  };
  // IAM is the same in every Region.
  const filled = into !== region;
  for (const user of filled ? [] : (demo?.iam?.UserDetailList ?? [])) {
    await iam.send(new CreateUserCommand({ UserName: user.UserName }));
    const administrator = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'Administrator', PolicyDocument: here(administrator) }),
    );
    await iam.send(new AttachUserPolicyCommand({ UserName: user.UserName, PolicyArn: Policy?.Arn }));
  }
  for (const key of inRegion?.kms?.keys ?? []) {
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Policy: notRefused(here(key.Policy)), BypassPolicyLockoutSafetyCheck: true }),
    );
    keyIds.set(key.KeyMetadata.KeyId ?? '', KeyMetadata?.KeyId ?? '');
    for (const alias of key.Aliases ?? []) {
      await kms.send(new CreateAliasCommand({ AliasName: alias.AliasName, TargetKeyId: KeyMetadata?.KeyId }));
    }
  }
  for (const role of filled ? [] : (demo?.iam?.RoleDetailList ?? [])) {
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }],
    };
    const Path = role.RoleName === 'operator' ? '/' : '/recovery/';
    await iam.send(
      new CreateRoleCommand({ RoleName: role.RoleName, Path, AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    for (const policy of role.RolePolicyList ?? []) {
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: role.RoleName,
          PolicyName: policy.PolicyName,
          PolicyDocument: here(policy.PolicyDocument),
        }),
      );
    }
  }
  for (const cluster of inRegion?.rds?.DBClusters ?? []) {
    const KmsKeyId = here(cluster.KmsKeyId).replaceAll('"', '').replace(region, into);
    const { DBClusterIdentifier, Engine } = cluster;
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier,
        Engine,
        StorageEncrypted: true,
        KmsKeyId,
        MasterUsername: 'root',
        MasterUserPassword: 'not-a-secret',
      }),
    );
  }
  for (const snapshot of inRegion?.rds?.DBClusterSnapshots ?? []) {
    if (snapshot.SnapshotType === 'automated') continue;
    const { DBClusterSnapshotIdentifier, DBClusterIdentifier } = snapshot;
    await rds.send(new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier, DBClusterIdentifier }));
  }
}
