import type { RequestInput } from '../../src/policy/request.ts';

/* A world that is small enough for policies and requests to match often. */

export const accountA = '111122223333';
export const accountB = '444455556666';

export type CallerType = 'user' | 'role session' | 'service-linked role' | 'federated user' | 'root' | 'service';

/** A caller about whom everything is known. */
export interface CallerCase {
  readonly type: CallerType;
  readonly account: string;
  readonly is: Pick<RequestInput, 'principal' | 'roleArn' | 'userId' | 'federatingUser'>;
  /** The principals in a resource policy that reach the caller. */
  readonly presents: readonly string[];
}

function callersOf(account: string): readonly CallerCase[] {
  const iam = `arn:aws:iam::${account}`;
  const sts = `arn:aws:sts::${account}`;
  return [
    {
      type: 'user',
      account,
      is: { principal: `${iam}:user/team/ann`, userId: 'AIDAANN' },
      presents: [`${iam}:root`, `${iam}:user/team/ann`],
    },
    {
      type: 'role session',
      account,
      is: { principal: `${sts}:assumed-role/App/s1`, roleArn: `${iam}:role/team/App`, userId: 'AROAAPP' },
      presents: [account, `${iam}:role/team/App`, `${sts}:assumed-role/App/s1`],
    },
    {
      type: 'service-linked role',
      account,
      is: {
        principal: `${sts}:assumed-role/AWSServiceRoleForRDS/s1`,
        roleArn: `${iam}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS`,
        userId: 'AROASLR',
      },
      presents: [account, `${iam}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS`],
    },
    {
      type: 'federated user',
      account,
      is: { principal: `${sts}:federated-user/Bob`, federatingUser: `${iam}:user/team/ann` },
      presents: [`${iam}:root`, `${iam}:user/team/ann`, `${sts}:federated-user/Bob`],
    },
    { type: 'root', account, is: { principal: `${iam}:root` }, presents: [`${iam}:root`] },
  ];
}

export const callers: readonly CallerCase[] = [
  ...callersOf(accountA),
  ...callersOf(accountB),
  { type: 'service', account: '', is: { principal: 'rds.amazonaws.com' }, presents: ['rds.amazonaws.com'] },
];

/** AWS principals that policies name: identities of callers, and forms that never match. */
export const awsPrincipals: readonly string[] = [
  ...callers.filter((caller) => caller.type !== 'service').flatMap((caller) => caller.presents),
  `arn:aws:iam::${accountA}:role/App`,
  `arn:aws:sts::${accountA}:assumed-role/App/s2`,
  `arn:aws:iam::${accountA}:role/*`,
  `arn:aws:iam::${accountA}:group/admins`,
  'AROAAPP',
  'AIDAANN',
  'AROAGONE',
];

export const keyArn = `arn:aws:kms:us-east-1:${accountA}:key/K`;

/** The actions with their resources. */
export const subjects: readonly { readonly action: string; readonly arn: string }[] = [
  { action: 'kms:CreateGrant', arn: keyArn },
  { action: 'kms:Decrypt', arn: keyArn },
  { action: 'kms:DescribeKey', arn: keyArn },
  { action: 'kms:RetireGrant', arn: keyArn },
  { action: 'kms:PutKeyPolicy', arn: keyArn },
  { action: 'kms:ListAliases', arn: '*' },
  { action: 'rds:RestoreDBClusterFromSnapshot', arn: `arn:aws:rds:us-east-1:${accountA}:cluster-snapshot:red` },
  { action: 'secretsmanager:GetSecretValue', arn: `arn:aws:secretsmanager:us-east-1:${accountA}:secret:red-AbCdEf` },
  { action: 'sts:AssumeRole', arn: `arn:aws:iam::${accountA}:role/team/red` },
];

export type KeyType = 'text' | 'number' | 'date' | 'bool' | 'bytes' | 'ip' | 'arn';

export interface Key {
  readonly name: string;
  readonly type: KeyType;
  readonly many?: true;
  /** Values in requests. */
  readonly values: readonly string[];
}

/** Keys of the request. Each is present or absent at random. */
export const keys: readonly Key[] = [
  { name: 'aws:PrincipalTag/team', type: 'text', values: ['red', 'blue', 'Red'] },
  { name: 'aws:RequestTag/owner', type: 'text', values: ['red', 'ann', 'blue'] },
  { name: 'aws:ResourceTag/env', type: 'text', values: ['red', 'prod'] },
  { name: 'aws:MultiFactorAuthAge', type: 'number', values: ['5', '10', '300.5'] },
  {
    name: 'aws:TokenIssueTime',
    type: 'date',
    values: ['2026-01-01T00:00:00Z', '1767225600', '2026-06-01T12:00:00+02:00', '2027-01-01'],
  },
  { name: 'aws:MultiFactorAuthPresent', type: 'bool', values: ['true', 'false'] },
  { name: 'aws:PrincipalTag/bin', type: 'bytes', values: ['AAEC', 'cmVk'] },
  { name: 'aws:SourceIp', type: 'ip', values: ['10.0.0.1', '203.0.113.7', '2001:db8::1'] },
  {
    name: 'aws:SourceArn',
    type: 'arn',
    values: [`arn:aws:rds:us-east-1:${accountA}:cluster:red`, `arn:aws:rds:us-east-1:${accountB}:db:blue`],
  },
  { name: 'aws:TagKeys', type: 'text', many: true, values: ['red', 'blue', 'team'] },
];

/** Keys of requests to KMS only. */
export const kmsKeys: readonly Key[] = [
  {
    name: 'kms:ViaService',
    type: 'text',
    values: ['rds.us-east-1.amazonaws.com', 'secretsmanager.us-east-1.amazonaws.com'],
  },
  { name: 'kms:EncryptionContext:team', type: 'text', values: ['red', 'blue'] },
  { name: 'kms:GrantIsForAWSResource', type: 'bool', values: ['true', 'false'] },
  { name: 'kms:GrantConstraintType', type: 'text', values: ['EncryptionContextEquals', 'EncryptionContextSubset'] },
  { name: 'kms:GrantOperations', type: 'text', many: true, values: ['Decrypt', 'DescribeKey', 'CreateGrant'] },
];

/** Keys that follow from caller, action and resource. Policies test them. */
export const derivedKeys: readonly Key[] = [
  { name: 'aws:PrincipalArn', type: 'arn', values: callers.flatMap(({ is }) => [is.roleArn ?? is.principal]) },
  { name: 'aws:PrincipalAccount', type: 'text', values: [accountA, accountB] },
  { name: 'aws:PrincipalType', type: 'text', values: ['User', 'AssumedRole', 'Account', 'FederatedUser'] },
  { name: 'aws:userid', type: 'text', values: ['AIDAANN', 'AROAAPP:s1', accountA, `${accountA}:Bob`] },
  { name: 'aws:username', type: 'text', values: ['ann'] },
  { name: 'kms:CallerAccount', type: 'text', values: [accountA, accountB] },
  { name: 'aws:ResourceAccount', type: 'text', values: [accountA, accountB] },
  { name: 'aws:RequestedRegion', type: 'text', values: ['us-east-1', 'eu-west-1'] },
  { name: 'aws:SecureTransport', type: 'bool', values: ['true', 'false'] },
  { name: 'aws:ViaAWSService', type: 'bool', values: ['true', 'false'] },
  { name: 'aws:PrincipalIsAWSService', type: 'bool', values: ['true', 'false'] },
  { name: 'kms:EncryptionContextKeys', type: 'text', many: true, values: ['team', 'red'] },
];

export const allKeys: readonly Key[] = [...keys, ...kmsKeys, ...derivedKeys];

/** What policies compare keys of each type with, in addition to the values in requests. */
export const policyValues: Readonly<Record<KeyType, readonly string[]>> = {
  text: [
    'RED',
    'r*',
    '*',
    '?ed',
    '*e*',
    'r?d*',
    'none',
    '${aws:PrincipalTag/team}',
    "${aws:RequestTag/owner, 'red'}",
    '${aws:username}',
    '${aws:PrincipalTag/none}',
    'r${*}',
  ],
  number: ['5', '+5.0', '10', '11.5', '1000'],
  date: ['2026-01-01', '2026-03-01T00:00:00Z', '1767225600.0', '2026-06-01T10:00:00Z'],
  bool: ['true', 'false', 'TRUE'],
  bytes: ['AAEC', 'AAEC==', 'cmVk'],
  ip: ['10.0.0.0/8', '203.0.113.7', '0.0.0.0/0', '2001:db8::/32', '203.0.113.0/29'],
  arn: [
    `arn:aws:rds:*:${accountA}:*`,
    'arn:aws:iam::*:role/*',
    'arn:*:*:*:*:*red',
    `arn:aws:iam::${accountA}:*/team/*`,
    'arn:aws:rds:us-east-1:444455556666:db:${aws:PrincipalTag/team}',
    'arn:aws:iam::111122223333:user/*',
  ],
};

export const resourcePatterns: readonly string[] = [
  keyArn,
  `arn:aws:kms:*:${accountA}:key/*`,
  `arn:aws:kms:us-east-1:${accountB}:key/*`,
  'arn:aws:kms:us-east-?:*:key/?',
  'arn:aws:rds:*:*:*red',
  'arn:aws:secretsmanager:us-east-1:*:*',
  'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:${aws:PrincipalTag/team}',
  "arn:aws:secretsmanager:us-east-1:111122223333:secret:${aws:RequestTag/owner, 'red'}-*",
  'arn:aws:kms:us-east-1:111122223333:key/${aws:PrincipalTag/none}',
  'arn:aws:iam::111122223333:role/team/*',
  'arn:aws:*:us-east-1:111122223333:*',
];

export const actionPatterns: readonly string[] = [
  'kms:*',
  'kms:D*',
  'kms:Create*',
  'rds:*',
  'rds:Restore?BCluster*',
  'secretsmanager:Get*',
  '*:*',
  'KMS:decrypt',
  'sts:AssumeRole',
  'kms:RetireGrant',
  'k?s:*Key*',
];
