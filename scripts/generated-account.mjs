// The parts of the accounts that the benches generate.

export function numbered(count, make) {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function document(...statements) {
  return { Version: '2012-10-17', Statement: statements };
}

/** IAM returns policies as URL-encoded text, and collect writes them like that. */
export function encoded(...statements) {
  return encodeURIComponent(JSON.stringify(document(...statements)));
}

/** Statements that none of the bench's questions is about. */
export const others = numbered(10, (index) => ({
  Sid: `S${index}`,
  Effect: 'Allow',
  Action: [`s3:Get${index}`, `ec2:Describe${index}`],
  Resource: '*',
}));

/** The rights on RDS that a role needs for a restore. */
export function onRds(region) {
  return [
    { Effect: 'Allow', Action: 'rds:*', Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['kms:DescribeKey', 'kms:CreateGrant'],
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': `rds.${region}.amazonaws.com` } },
    },
  ];
}

/** The statement of a key policy that lets the key's account decide. */
export function delegates(account) {
  return { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' };
}

/** The metadata that KMS returns for an ordinary customer managed key. */
export function keyMetadata(arn) {
  return {
    KeyId: arn.slice(arn.indexOf('/') + 1),
    Arn: arn,
    KeyState: 'Enabled',
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
  };
}

/** A customer managed key with these statements. */
export function keyUnder(arn, ...statements) {
  return { KeyMetadata: keyMetadata(arn), Policy: encoded(...statements), Grants: [], Aliases: [] };
}

/** The fields of an available cluster or cluster snapshot that is encrypted under a key. */
export function encryptedUnder(keyArn) {
  return {
    Status: 'available',
    Engine: 'aurora-postgresql',
    EngineVersion: '16.6',
    StorageEncrypted: true,
    KmsKeyId: keyArn,
    TagList: [],
  };
}

/** The lists of RDS of a Region that has clusters and manual snapshots, none of them shared. */
export function rdsLists(clusters, snapshots) {
  return {
    DBClusters: clusters,
    DBInstances: [],
    DBSnapshots: [],
    DBClusterAutomatedBackups: [],
    DBInstanceAutomatedBackups: [],
    DBClusterSnapshots: snapshots,
    DBClusterSnapshotAttributes: snapshots.map(({ DBClusterSnapshotIdentifier }) => ({
      DBClusterSnapshotIdentifier,
      DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [] }],
    })),
  };
}
