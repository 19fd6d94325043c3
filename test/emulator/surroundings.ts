import { CreateVpcCommand, CreateVpcEndpointCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  AttachPolicyCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { CreateDBInstanceCommand, CreateDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { credentials, region } from './founding-case.ts';

/** The policy of the SCP at the root, and of the VPC endpoints. */
export const policyText = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'rds:DeleteDBCluster', Resource: '*' }],
});

/** Makes the account the only member of an organization, with one SCP of its own. */
export async function fillOrganization(endpoint: string): Promise<void> {
  const client = new OrganizationsClient({ endpoint, region, credentials });
  await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots: roots } = await client.send(new ListRootsCommand({}));
  const named = {
    Name: 'keep-clusters',
    Description: '',
    Content: policyText,
    Type: 'SERVICE_CONTROL_POLICY',
  } as const;
  const { Policy } = await client.send(new CreatePolicyCommand(named));
  await client.send(
    new AttachPolicyCommand({ PolicyId: Policy?.PolicySummary?.Id ?? '', TargetId: roots?.[0]?.Id ?? '' }),
  );
}

/** A VPC with an endpoint for RDS and one for S3. */
export async function fillEndpoint(endpoint: string): Promise<void> {
  const client = new EC2Client({ endpoint, region, credentials });
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const made = { VpcId: Vpc?.VpcId ?? '', VpcEndpointType: 'Interface', PolicyDocument: policyText } as const;
  for (const service of ['rds', 's3'])
    await client.send(new CreateVpcEndpointCommand({ ...made, ServiceName: `com.amazonaws.${region}.${service}` }));
}

/**
 * Creates an instance with a snapshot, and an instance that is the writer of a cluster of the
 * founding case.
 */
export async function fillInstances(endpoint: string): Promise<void> {
  const rds = new RDSClient({ endpoint, region, credentials });
  const DBInstanceIdentifier = 'wiki';
  const kms = new KMSClient({ endpoint, region, credentials });
  // For an alias, the emulator would return the alias, but AWS returns the key.
  const { KeyMetadata: { Arn: KmsKeyId } = {} } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/orders' }));
  const storage = { Engine: 'postgres', DBInstanceClass: 'db.t4g.micro', AllocatedStorage: 20, StorageEncrypted: true };
  const secret = { MasterUsername: 'root', MasterUserPassword: 'not-a-secret' };
  await rds.send(new CreateDBInstanceCommand({ DBInstanceIdentifier, ...storage, ...secret, KmsKeyId }));
  await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier: 'wiki-1' }));
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders-writer',
      DBClusterIdentifier: 'orders',
      Engine: 'aurora-postgresql',
      DBInstanceClass: 'db.r6g.large',
    }),
  );
}
